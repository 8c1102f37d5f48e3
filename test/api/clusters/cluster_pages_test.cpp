#include "api/clusters/cluster_pages.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <vector>

// The pure decision whether pages make a complete list.

namespace doks::api {

namespace {

using verdict = cluster_pages::verdict;

/// A page as the API gives it.
cluster_page page_of(
    std::initializer_list<const char*> ids, std::optional<std::size_t> total, std::optional<std::size_t> next = {})
{
    cluster_page page;
    for (const char* id : ids) {
        page.clusters.emplace_back();
        page.clusters.back().id = id;
    }
    page.total = total;
    page.next = next;
    return page;
}

std::string ids_in(cluster_pages& pages)
{
    std::string all;
    for (const auto& each : pages.take()) all += each.id;
    return all;
}

}

TEST_CASE("pages that state the same total and add up to it are complete, in the API's order")
{
    cluster_pages pages;
    CHECK(pages.add(page_of({"d", "c"}, 3, 2)) == verdict::next_page);
    CHECK(pages.page() == 2);
    CHECK(pages.add(page_of({"b"}, 3)) == verdict::complete);
    CHECK(ids_in(pages) == "dcb");
    CHECK(pages.disagreement().empty());
}

TEST_CASE("a cluster that is deleted between two pages makes the list be taken again")
{
    cluster_pages pages;
    CHECK(pages.add(page_of({"d", "c"}, 4, 2)) == verdict::next_page);
    CHECK(pages.add(page_of({"a"}, 3)) == verdict::again);
    CHECK(pages.disagreement() == "page 2 counts 3 clusters, a page before it 4");
    CHECK(pages.page() == 1);
    CHECK(pages.add(page_of({"c", "b"}, 3, 2)) == verdict::next_page);
    CHECK(pages.add(page_of({"a"}, 3)) == verdict::complete);
    CHECK(ids_in(pages) == "cba");
}

TEST_CASE("a cluster that is created between two pages does not fail the list for good")
{
    cluster_pages pages;
    CHECK(pages.add(page_of({"c", "b"}, 3, 2)) == verdict::next_page);
    CHECK(pages.add(page_of({"b", "a"}, 4)) == verdict::again);
    CHECK(pages.add(page_of({"d", "c"}, 4, 2)) == verdict::next_page);
    CHECK(pages.add(page_of({"b", "a"}, 4)) == verdict::complete);
    CHECK(ids_in(pages) == "dcba");
}

TEST_CASE("a deletion and a creation at once keep the total, but the ids do not add up")
{
    cluster_pages pages;
    CHECK(pages.add(page_of({"d", "c"}, 4, 2)) == verdict::next_page);
    CHECK(pages.add(page_of({"c", "b"}, 4)) == verdict::again);
    CHECK(pages.disagreement() == "its pages hold 3 clusters, the API counts 4");
}

TEST_CASE("a list with more clusters than its total is not complete either")
{
    cluster_pages pages;
    CHECK(pages.add(page_of({"b", "a"}, 1)) == verdict::again);
}

TEST_CASE("a list that never agrees is given up after five rounds, and says why")
{
    cluster_pages pages;
    for (unsigned round = 1; round < cluster_pages::max_rounds; ++round) {
        CHECK(pages.round() == round);
        CHECK(pages.add(page_of({"a"}, 2)) == verdict::again);
    }
    CHECK(pages.add(page_of({"a"}, 2)) == verdict::give_up);
    CHECK(pages.disagreement() == "its pages hold 1 clusters, the API counts 2");
}

TEST_CASE("a page number that repeats or skips, and a page that adds nothing, are not followed")
{
    cluster_pages repeats;
    CHECK(repeats.add(page_of({"a"}, 5, 1)) == verdict::again);
    CHECK(repeats.disagreement() == "page 1 names page 1 as the next one");

    cluster_pages skips;
    CHECK(skips.add(page_of({"a"}, 5, 3)) == verdict::again);

    cluster_pages ignores_page;
    CHECK(ignores_page.add(page_of({"b", "a"}, 5, 2)) == verdict::next_page);
    CHECK(ignores_page.add(page_of({"b", "a"}, 5, 3)) == verdict::again);
    CHECK(ignores_page.disagreement() ==
          "page 2 names page 3 as the next one, and holds no cluster that the pages before it do not hold");
}

TEST_CASE("an empty page beyond the last is no fault, and an API that gives all in each page is read")
{
    cluster_pages beyond;
    CHECK(beyond.add(page_of({"b", "a"}, 2, 2)) == verdict::next_page);
    CHECK(beyond.add(page_of({}, 2)) == verdict::complete);

    cluster_pages twice;
    CHECK(twice.add(page_of({"b", "a"}, 2, 2)) == verdict::next_page);
    CHECK(twice.add(page_of({"b", "a"}, 2)) == verdict::complete);
    CHECK(ids_in(twice) == "ba");

    cluster_pages none;
    CHECK(none.add(page_of({}, 0)) == verdict::complete);
}

TEST_CASE("one page without a total is complete; of several, two rounds in a row have to hold the same clusters")
{
    cluster_pages one;
    CHECK(one.add(page_of({"b", "a"}, {})) == verdict::complete);

    cluster_pages several;
    CHECK(several.add(page_of({"d", "c"}, {}, 2)) == verdict::next_page);
    CHECK(several.add(page_of({"a"}, {})) == verdict::again);
    CHECK(several.add(page_of({"c", "b"}, {}, 2)) == verdict::next_page);
    CHECK(several.add(page_of({"a"}, {})) == verdict::again);
    CHECK(several.add(page_of({"c", "b"}, {}, 2)) == verdict::next_page);
    CHECK(several.add(page_of({"a"}, {})) == verdict::complete);
    CHECK(ids_in(several) == "cba");
}

TEST_CASE("totals that only some pages state have to agree as well, and confirm nothing alone")
{
    cluster_pages pages;
    CHECK(pages.add(page_of({"b", "a"}, {}, 2)) == verdict::next_page);
    CHECK(pages.add(page_of({"c"}, 3)) == verdict::again);
    CHECK(pages.add(page_of({"b", "a"}, {}, 2)) == verdict::next_page);
    CHECK(pages.add(page_of({"c"}, 4)) == verdict::again);
    CHECK(pages.add(page_of({"b", "a"}, 3, 2)) == verdict::next_page);
    CHECK(pages.add(page_of({"c"}, {})) == verdict::again);
    CHECK(pages.add(page_of({"b", "a"}, 3, 2)) == verdict::next_page);
    CHECK(pages.add(page_of({"c"}, {})) == verdict::complete);
}

}
