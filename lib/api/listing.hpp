#pragma once

#include "api/cluster_pages.hpp"
#include "api/errand.hpp"

#include <doks/cluster.hpp>

#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace doks::api {

/** Every page of the cluster list, one after the other, within one deadline.

    `cluster_pages` decides whether they make a complete list; if not, they are requested again after a short pause. A page
    that fails fails the whole, but for one that is too large (250 nodes make a cluster 50 KB): from then on this client
    requests a quarter as many clusters on a page.
*/
class listing : public errand
{
protected:
    listing(const std::shared_ptr<const client_state>& from, const call_options& options);

    virtual void complete(std::vector<cluster> found) = 0;
    /// Adds to the failure of a page why the list was requested again.
    failure explained(const failure& why) const;

private:
    void begin() override { request_page(); }
    void resume() override { request_page(); }

    void request_page();
    void on_page(const net::call_plan& plan, result<net::reply> got);
    bool request_smaller_pages();
    void list_again(const net::call_plan& plan, const call_info& info, const net::known_secrets& secrets);
    failure too_late(const net::call_plan& plan, const call_info& info, const net::known_secrets& secrets) const;
    failure incomplete(const net::call_plan& plan, const call_info& info, const net::known_secrets& secrets) const;

    call_options options_;
    unsigned page_size_;
    cluster_pages pages_;
};

/// A listing whose handler gets what `Choose` makes of the clusters: a `result<T>`, made on the handler's executor.
template <class T, class Choose> class listing_for final : public listing
{
public:
    using completion = net::completion<void(result<T>)>;
    using handler = typename completion::handler;

    static void start(
        const std::shared_ptr<const client_state>& from, const call_options& options, Choose choose, handler who)
    {
        auto made = std::make_shared<listing_for>(from, options, std::move(choose), std::move(who));
        made->done_.on_cancel([weak = std::weak_ptr<listing_for>(made)] {
            const auto alive = weak.lock();
            if (!alive) return;
            asio::post(alive->client().transport->strand(), [alive] { alive->cancel(asio::error::operation_aborted); });
        });
        errand::start(made);
    }

    listing_for(
        const std::shared_ptr<const client_state>& from, const call_options& options, Choose choose, handler who)
        : listing(from, options)
        , choose_(std::move(choose))
        , done_(std::move(who), from->transport->home())
    {}

private:
    void complete(std::vector<cluster> found) override
    {
        std::move(done_).finish([choose = std::move(choose_), found = std::move(found)]() mutable {
            return std::tuple<result<T>>(choose(std::move(found)));
        });
    }
    void fail(failure why) override
    {
        std::move(done_).finish([why = explained(why)] { return std::tuple<result<T>>(why); });
    }

    Choose choose_;
    completion done_;
};

}
