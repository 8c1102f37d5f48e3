#pragma once

#include "async/executor.hpp"
#include "async/shutdown.hpp"

#include <boost/asio/post.hpp>

#include <memory>
#include <optional>
#include <utility>

namespace doks::async {

/** A strand for threads that are not its context's: it keeps neither the context nor its owner alive.

    Threads: any. What is posted must not own the owner either, for it is dropped unrun once the strand is closed.
*/
class weak_strand final : private discardable
{
public:
    explicit weak_strand(const executor& strand);
    ~weak_strand() { context_->remove(*this); }
    weak_strand(const weak_strand&) = delete;
    weak_strand& operator=(const weak_strand&) = delete;

    /// Runs `work` on the strand; false where it is closed or its context is being destroyed.
    template <class Work> bool post(Work work)
    {
        return context_->if_listed(*this, [&] { asio::post(*strand_, std::move(work)); });
    }
    /// The owner is gone.
    void close() noexcept;

private:
    std::shared_ptr<void> discard() override { return std::make_shared<std::optional<executor>>(std::move(strand_)); }

    std::optional<executor> strand_;
    const std::shared_ptr<shutdown> context_;
};

}
