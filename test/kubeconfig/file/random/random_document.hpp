#pragma once

#include "support/text.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

// Kubeconfigs of random form and content, the same for the same number, so that a failure can be run again.

/// Writes kubeconfigs in all the forms in which people and programs have them.
class random_document
{
public:
    explicit random_document(unsigned seed)
        : rng_(seed)
    {}

    std::string text()
    {
        contexts_.clear();
        in_json_ = chance(6);
        if (in_json_) return json();
        dash_ = chance(2) ? "" : "  ";
        std::vector<std::string> parts{"apiVersion: v1\n", "kind: Config\n", "preferences: {}\n",
            "x-unknown:\n  - a: [1, 2] # x\n  - |\n    text\n\n    # more\n"};
        const unsigned count = below(4);
        for (std::string_view list : {"clusters", "contexts", "users"}) parts.push_back(block_list(list, count));
        if (chance(2)) parts.push_back("current-context: e0\n");
        std::shuffle(parts.begin(), parts.end(), rng_);
        std::string all = chance(4) ? "---\n" : "";
        for (const auto& part : parts) all += noise("") + part;
        all += noise("");
        if (chance(4) && all.ends_with('\n') && all.find_last_not_of('\n') + 2 == all.size()) all.pop_back();
        return chance(4) ? doks::test::with_crlf(all) : all;
    }

    /// Of the contexts that the last text holds.
    const std::vector<std::string>& contexts() const { return contexts_; }
    bool in_json() const { return in_json_; }
    unsigned below(unsigned bound) { return std::uniform_int_distribution<unsigned>(0, bound - 1)(rng_); }
    bool chance(unsigned one_in) { return below(one_in) == 0; }

private:
    /// Nothing, blank lines or comments.
    std::string noise(const std::string& indent)
    {
        switch (below(8)) {
        case 0:
            return "\n";
        case 1:
            return indent + "# a comment: with [marks] and 'quotes\n";
        case 2:
            return "   \n" + indent + "# two\n\n";
        default:
            return {};
        }
    }

    std::string scalar(const std::string& text)
    {
        switch (below(4)) {
        case 0:
            return '"' + text + '"';
        case 1:
            return '\'' + text + '\'';
        default:
            return text;
        }
    }

    std::string tail() { return chance(5) ? "  # tail\n" : "\n"; }

    std::string body(std::string_view list, unsigned number, const std::string& indent)
    {
        const auto digits = std::to_string(number);
        std::vector<std::string> lines;
        if (list == "clusters") lines = {"server: " + scalar("https://h" + digits + ".example.com"), "extra: {a: b}"};
        if (list == "contexts") lines = {"cluster: " + scalar("e" + digits), "user: " + scalar("e" + digits)};
        if (list == "users")
            lines = {"token: " + scalar("t" + digits), "note: |\n" + indent + "  several\n" + indent + "  # lines"};
        std::shuffle(lines.begin(), lines.end(), rng_);
        std::string all;
        for (const auto& line : lines)
            all += noise(indent) + indent + line + (line.find('\n') == line.npos ? tail() : "\n");
        return all;
    }

    std::string entry(std::string_view list, unsigned number)
    {
        const std::string key(list.substr(0, list.size() - 1));
        const auto name = "e" + std::to_string(number);
        const std::string inner = dash_ + "  ";
        if (chance(6) && list == "contexts")
            return dash_ + "- {name: " + name + ", context: {cluster: " + name + ", user: \"" + name + "\"}}" + tail();
        if (chance(2))
            return dash_ + "- name: " + scalar(name) + tail() + inner + key + ":" + tail() +
                   body(list, number, inner + "  ");
        return dash_ + "- " + key + ":" + tail() + body(list, number, inner + "  ") + inner + "name: " + scalar(name) +
               tail();
    }

    std::string block_list(std::string_view list, unsigned count)
    {
        const std::string key(list);
        if (count == 0) {
            constexpr std::string_view empty[] = {": []", ": null", ":", ": ~", ": [ ]", ": null  "};
            const auto number = below(7);
            return number == 6 ? std::string() : key + std::string(empty[number]) + tail();
        }
        std::string all = key + ":" + tail();
        for (unsigned number = 0; number < count; ++number) {
            if (list == "contexts") contexts_.push_back("e" + std::to_string(number));
            all += noise(dash_) + entry(list, number);
        }
        return all;
    }

    std::string json()
    {
        const std::string gap = chance(2) ? "" : chance(2) ? " " : "\n    ";
        const unsigned count = below(4);
        std::string all = "{" + gap + "\"kind\":\"Config\"";
        for (const std::string list : {"clusters", "contexts", "users"}) {
            const auto key = list.substr(0, list.size() - 1);
            all += "," + gap + '"' + list + "\":[";
            for (unsigned number = 0; number < count; ++number) {
                const auto name = "e" + std::to_string(number);
                if (list == "contexts") contexts_.push_back(name);
                const std::string inner = key == "cluster" ? R"({"server":"https://x)" + name + R"("})"
                                          : key == "context"
                                              ? R"({"cluster":")" + name + R"(","user":")" + name + R"("})"
                                              : R"({"token":"t\u0041","n":[1,2]})";
                all += (number == 0 ? "" : ",") + gap + R"({"name":")" + name + R"(",")" + key + "\":" + inner + '}';
            }
            all += (count == 0 ? "" : gap) + ']';
        }
        return all + gap + '}' + (chance(2) ? "\n" : "");
    }

    std::mt19937 rng_;
    std::string dash_;
    std::vector<std::string> contexts_;
    bool in_json_ = false;
};
