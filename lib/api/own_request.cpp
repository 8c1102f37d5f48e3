#include "api/own_request.hpp"

#include "api/policed_call.hpp"
#include "api/requests.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace doks::api {

namespace {

class plain_call final : public net::call
{
public:
    plain_call(
        const client_state& from, net::call_plan plan, own_request::outcome_sink then, std::function<void()> forsaken)
        : call(from.transport, from.account, std::move(plan))
        , then_(std::move(then))
        , forsaken_(std::move(forsaken))
    {}

private:
    void conclude(result<net::reply> outcome) override
    {
        const auto then = std::exchange(then_, nullptr);
        const auto dropped = std::exchange(forsaken_, nullptr);
        then(std::move(outcome));
    }
    void forsake() override
    {
        const auto dropped = std::exchange(then_, nullptr);
        if (const auto forsaken = std::exchange(forsaken_, nullptr)) forsaken();
    }
    void describe(failure_record& record, const net::answer& said) const override { explain(record, said); }

    own_request::outcome_sink then_;
    std::function<void()> forsaken_;
};

}

own_request own_request::make(
    std::shared_ptr<const client_state> from, net::call_plan plan, outcome_sink then, std::function<void()> forsaken)
{
    if (!from->own_policy) {
        const auto made = std::make_shared<plain_call>(*from, std::move(plan), std::move(then), std::move(forsaken));
        return {made, [made] { made->start(); }};
    }
    auto done = [from, then = std::move(then)](result<net::reply> outcome) {
        boost::asio::post(
            from->transport->strand(), [then, outcome = std::move(outcome)]() mutable { then(std::move(outcome)); });
    };
    const auto made = std::make_shared<policed_call>(from, std::move(plan), std::move(done));
    return {made, [made] { made->start(); }};
}

}
