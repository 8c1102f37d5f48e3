#include "api/listing.hpp"

#include "api/bodies.hpp"
#include "api/decoding.hpp"
#include "api/requests.hpp"
#include "net/random.hpp"

#include <algorithm>
#include <utility>

namespace doks::api {

namespace {

/// Twice as long before each further round, and up to half of it less: clients that met the same change do not return
/// together.
core::duration pause_before(unsigned round)
{
    constexpr core::duration first = std::chrono::milliseconds(250);
    const auto whole = first * (1 << (round - 2));
    return whole - std::chrono::duration_cast<core::duration>(whole * (net::random_unit() / 2));
}

}

listing::listing(const std::shared_ptr<const client_state>& from, const call_options& options)
    : errand(from)
    , options_(options)
    , page_size_(*from->page_size)
{
    const auto within = from->bounded(net::call_plan(), options).around.within;
    options_.by = (std::min)(options_.by, core::later(now(), within));
}

void listing::request_page()
{
    auto plan = client().bounded(page_request(client().clusters, page_size_, pages_.page()), options_);
    ask(plan, [this, plan](result<net::reply> got) { on_page(plan, std::move(got)); });
}

void listing::on_page(const net::call_plan& plan, result<net::reply> got)
{
    if (!got && got.error() == errc::body_too_large && request_smaller_pages()) return;
    if (!got) return fail(got.error());
    auto page = read_cluster_page({got->answer.body.data(), got->answer.body.size()});
    const net::known_secrets& secrets = *got->secrets;
    if (page.error) return fail(unusable(plan, got->info, secrets, page.error, std::move(page.detail)));
    for (cluster& each : page.value.clusters) {
        if (now() >= options_.by) return fail(too_late(plan, got->info, secrets));
        auto clean = without_secrets(std::move(each), secrets);
        if (!clean)
            return fail(unusable(plan, got->info, secrets, errc::unexpected_answer,
                "the id of a listed cluster repeats a secret of this client"));
        each = std::move(*clean);
    }
    switch (pages_.add(std::move(page.value))) {
    case cluster_pages::verdict::next_page:
        return request_page();
    case cluster_pages::verdict::complete:
        return complete(pages_.take());
    case cluster_pages::verdict::again:
        return list_again(plan, got->info, secrets);
    case cluster_pages::verdict::give_up:
        return fail(incomplete(plan, got->info, secrets));
    }
}

/// False where a page has one cluster already.
bool listing::request_smaller_pages()
{
    if (page_size_ == 1) return false;
    page_size_ = (std::max)(page_size_ / 4, 1u);
    *client().page_size = page_size_;
    pages_.restart();
    request_page();
    return true;
}

void listing::list_again(const net::call_plan& plan, const call_info& info, const net::known_secrets& secrets)
{
    const auto next = core::later(now(), pause_before(pages_.round()));
    if (next >= options_.by) return fail(incomplete(plan, info, secrets));
    pause_until(next);
}

/// A page may be as long as its server likes, and what it says is looked at for secrets.
failure listing::too_late(const net::call_plan& plan, const call_info& info, const net::known_secrets& secrets) const
{
    auto record = unusable(plan, info, secrets, errc::timed_out, "a page was still being read").record();
    record.phase = core::to_string(core::phase::answer);
    record.why = stop_reason::deadline;
    record.layer = "deadline";
    return failure(std::move(record));
}

failure listing::incomplete(const net::call_plan& plan, const call_info& info, const net::known_secrets& secrets) const
{
    auto record = unusable(plan, info, secrets, errc::incomplete_listing, pages_.disagreement()).record();
    record.remedy = "try again once no cluster is being created or deleted";
    return failure(std::move(record));
}

failure listing::explained(const failure& why) const
{
    if (pages_.disagreement().empty() || why == errc::incomplete_listing) return why;
    auto record = why.record();
    record.detail += (record.detail.empty() ? "" : "; ") + ("the clusters were listed again: " + pages_.disagreement());
    return failure(std::move(record));
}

}
