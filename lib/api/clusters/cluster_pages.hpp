#pragma once

#include "api/decode/bodies.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace doks::api {

/** Decides whether the pages of a cluster list make a complete one.

    A cluster that is created or deleted between two pages moves the others: one of them is then on both pages, or on none.
    So a round of pages is complete only if every page states the same total and the distinct ids add up to it. A single page
    that states no total is complete, for nothing can change within it; several pages without totals are complete once two
    rounds in a row hold the same ids. Any other round is taken again from page 1, at most `max_rounds` in all.

    A round in which one cluster was deleted and another created, and whose ids add up all the same, cannot be recognised.
    So a cluster that a complete list lacks may still exist: ask for it by its id.
*/
class cluster_pages
{
public:
    static constexpr unsigned max_rounds = 5;
    static constexpr std::size_t max_pages = 10'000;

    enum class verdict
    {
        next_page, ///< request `page()`
        complete,  ///< `take()` has every cluster
        again,     ///< the round does not agree: request page 1 after a pause
        give_up    ///< neither did the last round; `disagreement()` says why
    };

    /// The page that `page()` named.
    verdict add(cluster_page got);

    /// The pages have another size from now on: request page 1. It is no other round.
    void restart();

    std::size_t page() const noexcept { return page_; }
    unsigned round() const noexcept { return round_; }
    /// Why the last round that ended was not complete; empty if every one was.
    const std::string& disagreement() const noexcept { return disagreement_; }
    /// In the API's order, each cluster once.
    std::vector<cluster> take() { return std::move(found_); }

private:
    std::string why_not_followed(const cluster_page& got, std::size_t added) const;
    verdict end_round();
    verdict disagree(std::string why);
    bool confirms_last_round();

    std::vector<cluster> found_;
    std::unordered_set<std::string> ids_;
    std::unordered_set<std::string> unconfirmed_; ///< the ids of the last round, if its pages stated no total
    std::optional<std::size_t> total_;
    bool every_page_states_it_ = true;
    std::size_t page_ = 1;
    unsigned round_ = 1;
    std::string disagreement_;
};

}
