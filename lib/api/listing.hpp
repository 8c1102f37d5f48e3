#pragma once

#include "net/call.hpp"
#include "net/completion.hpp"

#include <doks/cluster.hpp>

#include <boost/asio/post.hpp>

#include <functional>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

namespace doks::api {

namespace asio = boost::asio;

/** Every page of the cluster list, one after the other.

    The pages must add up to the total that the API states; a page that fails fails the whole.
*/
class listing : public std::enable_shared_from_this<listing>
{
public:
    /// The request for a page, the deadline of the whole listing included.
    using page_plan = std::function<net::call_plan(std::size_t page)>;

    virtual ~listing() = default;

protected:
    listing(std::shared_ptr<net::transport> through, std::shared_ptr<net::account> with, page_plan plan);

    net::transport& through() noexcept { return *transport_; }
    void fetch(std::size_t page);
    void cancel();
    virtual void finish(result<std::vector<cluster>> outcome) = 0;
    /// The context is being destroyed: lets go of the handler uncalled.
    virtual void forsake() = 0;

private:
    class page_call;

    void add(const net::call_plan& asked, net::reply got);

    std::shared_ptr<net::transport> transport_;
    std::shared_ptr<net::account> account_;
    page_plan plan_;
    std::weak_ptr<page_call> current_;
    std::vector<cluster> found_;
    std::size_t page_ = 0;
};

/// A listing whose handler gets what `Choose` makes of the clusters: a `result<T>`, made on the handler's executor.
template <class T, class Choose> class listing_for final : public listing
{
public:
    using completion = net::completion<void(result<T>)>;
    using handler = typename completion::handler;

    static void start(std::shared_ptr<net::transport> through, std::shared_ptr<net::account> with, page_plan plan,
        Choose choose, handler who)
    {
        auto made = std::make_shared<listing_for>(
            std::move(through), std::move(with), std::move(plan), std::move(choose), std::move(who));
        made->done_.on_cancel([weak = std::weak_ptr<listing>(made)] {
            const auto alive = std::static_pointer_cast<listing_for>(weak.lock());
            if (alive) asio::post(alive->through().strand(), [alive] { alive->cancel(); });
        });
        asio::post(made->through().strand(), [made] { made->fetch(1); });
    }

    listing_for(std::shared_ptr<net::transport> through, std::shared_ptr<net::account> with, page_plan plan,
        Choose choose, handler who)
        : listing(std::move(through), std::move(with), std::move(plan))
        , choose_(std::move(choose))
        , done_(std::move(who), this->through().home())
    {}

private:
    void finish(result<std::vector<cluster>> outcome) override
    {
        std::move(done_).finish([choose = std::move(choose_), outcome = std::move(outcome)]() mutable {
            if (!outcome) return std::tuple<result<T>>(outcome.error());
            return std::tuple<result<T>>(choose(std::move(*outcome)));
        });
    }
    void forsake() override { const auto dropped = std::move(done_); }

    Choose choose_;
    completion done_;
};

}
