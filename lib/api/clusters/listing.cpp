#include "api/clusters/listing.hpp"

#include "api/clusters/cluster_pages.hpp"
#include "api/decode/bodies.hpp"
#include "api/decode/decoding.hpp"
#include "api/requests.hpp"
#include "async/random.hpp"

#include <algorithm>
#include <utility>

namespace doks::api {

namespace {

/// Twice as long before each further round, less up to half at random: clients that met the same change do not come back
/// together.
core::duration pause_before(unsigned round)
{
    constexpr core::duration first = std::chrono::milliseconds(250);
    const auto whole = first * (1 << (round - 2));
    return whole - std::chrono::duration_cast<core::duration>(whole * (async::random_unit() / 2));
}

/// A complete response, and its request.
struct page_response
{
    net::request_spec request;
    net::call_response reply;

    failure unusable(boost::system::error_code why, std::string detail) const
    {
        return api::unusable(request, reply.info, *reply.secrets, why, std::move(detail));
    }
};

/// A page may be long, and its texts are searched for secrets: that takes time which the call's timer does not see.
failure too_late(const page_response& page)
{
    auto record = page.unusable(errc::timed_out, "a page was still being read").record();
    record.phase = core::to_string(core::phase::response);
    record.why = stop_reason::deadline;
    record.layer = "timeout";
    return failure(std::move(record));
}

failure incomplete(const page_response& page, const cluster_pages& pages)
{
    auto record = page.unusable(errc::incomplete_listing, pages.disagreement()).record();
    record.remedy = "try again once no cluster is being created or deleted";
    return failure(std::move(record));
}

result<cluster_page> read_page(const operation& self, const page_response& page, core::instant deadline)
{
    const auto& body = page.reply.response.body;
    auto read = read_cluster_page({body.data(), body.size()});
    if (read.error) return page.unusable(read.error, std::move(read.detail));
    for (cluster& each : read.value.clusters) {
        if (self.now() >= deadline) return too_late(page);
        auto clean = without_secrets(std::move(each), *page.reply.secrets);
        if (!clean)
            return page.unusable(
                errc::unexpected_response, "the id of a listed cluster repeats a secret of this client");
        each = std::move(*clean);
    }
    return std::move(read.value);
}

/// False if a page has one cluster already.
bool use_smaller_pages(const client_state& client, unsigned& page_size)
{
    if (page_size == 1) return false;
    page_size = (std::max)(page_size / 4, 1U);
    *client.page_size = page_size;
    return true;
}

awaitable<result<std::vector<cluster>>> list_pages(operation& self, call_options options, cluster_pages& pages)
{
    unsigned page_size = *self.client().page_size;
    for (;;) {
        page_response page{page_request(self.client().clusters, page_size, pages.page()), {}};
        auto got = co_await self.send(page.request, options);
        if (!got && got.error() == errc::body_too_large && use_smaller_pages(self.client(), page_size)) {
            pages.restart();
            continue;
        }
        if (!got) co_return got.error();
        page.reply = std::move(*got);
        auto read = read_page(self, page, options.deadline);
        if (!read) co_return read.error();
        switch (pages.add(std::move(*read))) {
        case cluster_pages::verdict::next_page:
            continue;
        case cluster_pages::verdict::complete:
            co_return pages.take();
        case cluster_pages::verdict::give_up:
            co_return incomplete(page, pages);
        case cluster_pages::verdict::again:
            break;
        }
        const auto next = core::later(self.now(), pause_before(pages.round()));
        if (next >= options.deadline) co_return incomplete(page, pages);
        co_await self.pause_until(next);
        if (const auto cancelled = self.cancelled()) co_return *cancelled;
    }
}

/// Adds to the failure of a page why the list was requested again.
failure explained(const failure& why, const cluster_pages& pages)
{
    if (pages.disagreement().empty() || why == errc::incomplete_listing) return why;
    auto record = why.record();
    record.detail += (record.detail.empty() ? "" : "; ") + ("the clusters were listed again: " + pages.disagreement());
    return failure(std::move(record));
}

}

awaitable<result<std::vector<cluster>>> list_clusters(operation& self, call_options options)
{
    options.deadline = (std::min)(options.deadline, core::later(self.now(), total_timeout(self.client(), options)));
    cluster_pages pages;
    auto found = co_await list_pages(self, options, pages);
    if (!found) co_return explained(found.error(), pages);
    co_return std::move(found);
}

}
