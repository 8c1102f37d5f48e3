#include "api/listing.hpp"

#include "api/bodies.hpp"
#include "api/decoding.hpp"
#include "api/requests.hpp"

#include <algorithm>
#include <utility>

namespace doks::api {

class listing::page_call final : public net::call
{
public:
    page_call(std::shared_ptr<listing> of, net::call_plan plan)
        : call(of->transport_, of->account_, std::move(plan))
        , of_(std::move(of))
    {}

private:
    void conclude(result<net::reply> outcome) override
    {
        const auto of = std::move(of_);
        if (outcome)
            of->add(plan(), std::move(*outcome));
        else
            of->finish(outcome.error());
    }
    void forsake() override
    {
        const auto of = std::move(of_);
        of->forsake();
    }
    void describe(failure_record& record, const net::answer& said) const override { explain(record, said); }

    std::shared_ptr<listing> of_;
};

namespace {

/// A cluster that was created or deleted between two pages may stand in both.
void drop_repeated(std::vector<cluster>& all)
{
    std::vector<cluster> once;
    for (auto& each : all) {
        const auto same = [&](const cluster& other) { return other.id == each.id; };
        if (std::none_of(once.begin(), once.end(), same)) once.push_back(std::move(each));
    }
    all = std::move(once);
}

}

listing::listing(std::shared_ptr<net::transport> through, std::shared_ptr<net::account> with, page_plan plan)
    : transport_(std::move(through))
    , account_(std::move(with))
    , plan_(std::move(plan))
{}

void listing::fetch(std::size_t page)
{
    page_ = page;
    auto next = std::make_shared<page_call>(shared_from_this(), plan_(page));
    current_ = next;
    next->start();
}

void listing::cancel()
{
    if (const auto running = current_.lock()) running->cancel(asio::error::operation_aborted);
}

void listing::add(const net::call_plan& asked, net::reply got)
{
    constexpr std::size_t most_pages = 10'000;
    auto page = read_cluster_page({got.answer.body.data(), got.answer.body.size()});
    const auto fail = [&](errc cause, std::string detail) {
        finish(unusable(asked, got.info, *got.secrets, cause, std::move(detail)));
    };
    if (page.error) return fail(errc::unexpected_answer, std::move(page.detail));
    for (auto& each : page.value.clusters) {
        auto clean = without_secrets(std::move(each), *got.secrets);
        if (!clean) return fail(errc::unexpected_answer, "the id of a listed cluster repeats a secret of this client");
        found_.push_back(std::move(*clean));
    }
    const auto next = page.value.next;
    if (next && (*next != page_ + 1 || *next > most_pages))
        return fail(errc::incomplete_listing,
            "page " + std::to_string(page_) + " names page " + std::to_string(*next) + " as the next one");
    if (next) return fetch(*next);
    const std::size_t seen = found_.size();
    drop_repeated(found_);
    if (page.value.total && (seen < *page.value.total || found_.size() < *page.value.total))
        return fail(errc::incomplete_listing, "its pages hold " + std::to_string(found_.size()) +
                                                  " clusters, the API counts " + std::to_string(*page.value.total));
    finish(std::move(found_));
}

}
