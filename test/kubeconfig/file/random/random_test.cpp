#include "kubeconfig/file/documents.hpp"
#include "kubeconfig/file/random/random_document.hpp"
#include "support/long_form.hpp"
#include "support/text.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

// Merges and removals in random documents: properties that hold for each of them.

namespace {

using doks::test::lines_of;

std::string uuid_of(unsigned number)
{
    const auto digits = std::to_string(100000 + number);
    return digits + "00-2222-4333-8444-555555" + digits;
}

std::string config_of(unsigned number, std::string_view token = "abc-def")
{
    return texts::config("do-ams3-n" + std::to_string(number), uuid_of(number), token);
}

/// One of the words by which a merged one can be taken out.
std::string reference_to(unsigned number, random_document& document)
{
    switch (document.below(4)) {
    case 0:
        return uuid_of(number);
    case 1:
        return "https://" + uuid_of(number) + ".k8s.ondigitalocean.com/";
    case 2:
        return "n" + std::to_string(number);
    default:
        return "do-ams3-n" + std::to_string(number);
    }
}

/// The line by which a list begins tells whether it is empty, so it may change.
bool may_change(std::string_view line)
{
    for (std::string_view key : {"clusters:", "contexts:", "users:", "current-context:"})
        if (line.starts_with(key)) return true;
    return false;
}

/// All lines of the one that must not change stand in the other, in order.
bool keeps_lines(std::string_view part, std::string_view whole)
{
    const auto all = lines_of(whole);
    auto at = all.begin();
    for (const auto line : lines_of(part)) {
        if (may_change(line)) continue;
        at = std::find(at, all.end(), line);
        if (at == all.end()) return false;
        ++at;
    }
    return true;
}

using doks::kube::entry_list;

bool holds_same(const doks::kube::kubeconfig_document& a, const doks::kube::kubeconfig_document& b, entry_list list)
{
    for (std::size_t number = 0; number < a.size(list); ++number) {
        const auto other = b.find(list, a.name(list, number));
        if (!other || !same_meaning(*a.body(list, number), *b.body(list, *other)->origin)) return false;
    }
    return a.size(list) == b.size(list);
}

/// Both texts have the same entries in any order.
bool same_entries(std::string_view a, std::string_view b)
{
    const auto one = texts::read(a);
    const auto other = texts::read(b);
    return std::all_of(doks::kube::all_lists.begin(), doks::kube::all_lists.end(),
        [&](entry_list list) { return holds_same(one, other, list); });
}

/// One round; how many merges and removals it took.
unsigned merge_and_remove(random_document& document)
{
    const auto text = document.text();
    CAPTURE(text);
    if (const auto why = texts::refusal_of(text); !why.empty()) {
        CHECK(why.find("belongs to a block of text and does not end") != why.npos);
        return 0;
    }
    std::vector<unsigned> numbers;
    for (unsigned number = 0; number < 6; ++number)
        if (document.chance(2)) numbers.push_back(number);
    std::vector<std::string> configs;
    for (const auto number : numbers) configs.push_back(config_of(number));
    const auto with = texts::merged(text, configs);
    CHECK((document.in_json() || keeps_lines(text, with)));
    CHECK(texts::merged(with, configs) == with);

    std::vector<std::string> reversed(configs.rbegin(), configs.rend());
    CHECK(same_entries(texts::merged(text, reversed), with));

    std::vector<std::string> renewed;
    for (const auto number : numbers) renewed.push_back(config_of(number, "new-token"));
    const auto newer = texts::merged(with, renewed);
    CHECK(texts::merged(newer, configs) == with);
    auto less = newer;
    std::vector<unsigned> order(numbers.rbegin(), numbers.rend());
    if (document.chance(2))
        std::rotate(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(order.size() / 2), order.end());
    for (const auto number : order) less = texts::removed(less, {reference_to(number, document)});
    CHECK(less == text);
    std::vector<std::string> all;
    for (const auto number : numbers) all.push_back(reference_to(number, document));
    CHECK(texts::removed(with, all) == text);

    if (!document.contexts().empty()) {
        const auto& gone = document.contexts()[document.below(static_cast<unsigned>(document.contexts().size()))];
        CHECK((document.in_json() || keeps_lines(texts::removed(text, {gone}), text)));
    }
    return static_cast<unsigned>(5 * configs.size() + 2 * order.size());
}

}

// The properties hold for any document, so the generator is the test.
TEST_CASE(
    "random documents: merges are idempotent and commute, removals give back the very bytes, no other line changes")
{
    const unsigned wanted = doks::test::is_long() ? 100000 : 3000;
    unsigned done = 0;
    for (unsigned seed = 0; done < wanted; ++seed) {
        CAPTURE(seed);
        random_document document(seed);
        done += merge_and_remove(document);
    }
    MESSAGE(done << " merges and removals");
}
