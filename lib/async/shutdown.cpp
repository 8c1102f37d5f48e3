#include "async/shutdown.hpp"

namespace doks::async {

namespace {

class shutdown_service final : public asio::execution_context::service
{
public:
    using key_type = shutdown_service;
    inline static asio::execution_context::id id;

    explicit shutdown_service(asio::execution_context& of)
        : service(of)
    {}

    const std::shared_ptr<async::shutdown>& operations() const noexcept { return operations_; }

private:
    void shutdown() override { operations_->discard_all(); }

    const std::shared_ptr<async::shutdown> operations_ = std::make_shared<async::shutdown>();
};

}

std::shared_ptr<shutdown> shutdown::of(asio::execution_context& context)
{
    return asio::use_service<shutdown_service>(context).operations();
}

void shutdown::add(discardable& one)
{
    const std::lock_guard lock(mutex_);
    if (!ended_) listed_.push_back(one);
}

void shutdown::remove(discardable& one) noexcept
{
    take(one, [] {});
}

/// One at a time: destroying one may take others off the list.
void shutdown::discard_all()
{
    for (;;) {
        std::shared_ptr<void> discarded;
        const std::lock_guard lock(mutex_);
        ended_ = true;
        if (listed_.empty()) return;
        discardable& first = listed_.front();
        listed_.pop_front();
        discarded = first.discard();
    }
}

}
