#include "cli/clusters/path_segment.hpp"

#include "cli/clusters/odd_names.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <random>
#include <string>

// Names of contexts as segments of a path, by cases and by random texts.

using doks::cli::path_segment;

namespace {

bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

/// What every file system takes as one name, and no shell or program for something else.
void check_valid(const std::string& segment)
{
    CAPTURE(segment);
    CHECK_FALSE(segment.empty());
    CHECK(segment.size() <= 200);
    CHECK(segment.front() != '.');
    CHECK(segment.front() != '-');
    CHECK_FALSE(segment.ends_with(".yaml"));
    CHECK_FALSE(segment.ends_with(".jsonl"));
    CHECK(std::all_of(segment.begin(), segment.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_' || c == '%';
    }));
    CHECK(std::none_of(segment.begin(), segment.end(), is_upper));
}

/// Written from the description; of a text that is not replaced by its digest.
std::string decoded(const std::string& segment)
{
    std::string text;
    for (std::size_t at = 0; at < segment.size(); ++at) {
        if (segment[at] != '%') {
            text += segment[at];
            continue;
        }
        text += static_cast<char>(std::stoi(segment.substr(at + 1, 2), nullptr, 16));
        at += 2;
    }
    return text;
}

std::string random_bytes(std::mt19937_64& random)
{
    static const std::string likely = "..--%%//aAbB_~ 2eyaml.jsonl";
    std::string text;
    for (auto left = 1 + random() % (random() % 50 == 0 ? 400 : 12); left != 0; --left)
        text += random() % 2 == 0 ? likely[random() % likely.size()] : static_cast<char>(random() % 256);
    return text;
}

}

TEST_CASE("a plain name is its own path segment")
{
    for (const char* name : {"work", "default", "index", "team-1", "my_team", "a.b", "0", "a-"})
        CHECK(path_segment(name) == name);
    CHECK(path_segment("127.0.0.1:8443") == "127.0.0.1%3a8443");
    CHECK(path_segment("Work") == "%57ork");
    CHECK(path_segment("..") == "%2e.");
    CHECK(path_segment("-x") == "%2dx");
    CHECK(path_segment("index.jsonl") == "index%2ejsonl");
    CHECK(path_segment(std::string(201, 'a')).starts_with("%sha256-"));
}

TEST_CASE("of 300,000 random texts each has a valid path segment of its own")
{
    std::mt19937_64 random(12);
    std::map<std::string, std::string> texts;
    std::size_t count = 0, replaced = 0;
    const auto add = [&](const std::string& text) {
        const auto segment = path_segment(text);
        check_valid(segment);
        const auto [known, is_new] = texts.emplace(segment, text);
        CHECK(known->second == text);
        if (segment.starts_with("%sha256-"))
            ++replaced;
        else
            CHECK(decoded(segment) == text);
        count += is_new ? 1 : 0;
    };
    for (const auto& name : cli_test::odd_names()) add(name);
    for (int round = 0; round < 300'000; ++round) add(random_bytes(random));
    MESSAGE(count, " different texts, ", replaced, " times a digest in the text's place");
    CHECK(replaced > 100);
}
