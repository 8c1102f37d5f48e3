#include "kubeconfig/context_end.hpp"

#include "kubeconfig/change_feed.hpp"

#include <boost/asio/execution_context.hpp>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace doks::kube {

namespace {

namespace asio = boost::asio;

class listeners_of_context final : public asio::execution_context::service
{
public:
    using key_type = listeners_of_context;
    inline static asio::execution_context::id id;

    explicit listeners_of_context(asio::execution_context& of)
        : service(of)
    {}

    void add(const std::shared_ptr<change_listener>& one)
    {
        const std::lock_guard guard(mutex_);
        const auto is_it = [&](const auto& each) { return !each.owner_before(one) && !one.owner_before(each); };
        if (std::any_of(known_.begin(), known_.end(), is_it)) return;
        std::erase_if(known_, [](const auto& each) { return each.expired(); });
        known_.push_back(one);
    }

private:
    void shutdown() override
    {
        for (const auto& each : std::exchange(known_, {}))
            if (const auto alive = each.lock()) alive->abandon();
    }

    std::mutex mutex_;
    std::vector<std::weak_ptr<change_listener>> known_;
};

}

void abandon_at_end(const asio::any_io_executor& on, const std::shared_ptr<change_listener>& who)
{
    auto& context = asio::query(on, asio::execution::context);
    asio::use_service<listeners_of_context>(context).add(who);
}

}
