// What it costs to look at a kubeconfig, and to merge many of them into kubectl's file.
//
//   bench_kubeconfig_cost [--check] [rounds]
//
// Ratios, since machines are shared: the things compared run in turn, round after round, and the best of each counts, for
// what disturbs a round only adds. libyaml's own load of the same bytes is the yardstick of the first. `--check` fails
// where a target is missed.

#include <doks/kubeconfig_file.hpp>

#include <yaml.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using doks::kubeconfig;
using doks::kubeconfig_file;
using milliseconds = std::chrono::duration<double, std::milli>;

std::string uuid_of(unsigned number)
{
    const auto digits = std::to_string(number);
    return "00000000-0000-4000-8000-" + std::string(12 - digits.size(), '0') + digits;
}

/// A certificate as base64, with the text in it that makes it one.
std::string certificate_data()
{
    constexpr std::string_view opening = "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSU";
    constexpr std::size_t size = 1476;
    constexpr std::string_view more = "NLd0RRWUpLb1pJaHZjTkFRRUxCUUF3TXpFVk1CTUdBMVVFQ2hNTVJHbG5hWFJoYkU5alpXRnU";
    std::string data(opening);
    while (data.size() < size) data += more[data.size() % more.size()];
    return data;
}

/// 2 KB, in the form and of the size that the API gives.
std::string config_of(unsigned number)
{
    const auto id = uuid_of(number);
    const auto name = "do-ams3-cluster-" + std::to_string(number);
    return "apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    certificate-authority-data: " +
           certificate_data() + "\n    server: https://" + id + ".k8s.ondigitalocean.com\n  name: " + name +
           "\ncontexts:\n- context:\n    cluster: " + name + "\n    user: " + name + "-admin\n  name: " + name +
           "\ncurrent-context: " + name + "\npreferences: {}\nusers:\n- name: " + name +
           "-admin\n  user:\n    token: dop_v1_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n";
}

template <class Work> milliseconds time_of(Work work)
{
    const auto began = std::chrono::steady_clock::now();
    work();
    return std::chrono::steady_clock::now() - began;
}

void require(bool holds, const char* what)
{
    if (!holds) throw std::runtime_error(what);
}

void load_bare(const std::string& text)
{
    yaml_parser_t parser;
    yaml_document_t document;
    require(yaml_parser_initialize(&parser) != 0, "out of memory");
    yaml_parser_set_input_string(&parser, reinterpret_cast<const unsigned char*>(text.data()), text.size());
    require(yaml_parser_load(&parser, &document) != 0, "libyaml refuses it");
    yaml_document_delete(&document);
    yaml_parser_delete(&parser);
}

void load_view(const std::string& text)
{
    const kubeconfig config{std::string_view(text)};
    require(!config.current().server.empty(), "the view has no server");
}

/// A directory that is removed with what was written into it.
class workplace
{
public:
    workplace()
    {
        auto pattern = (std::filesystem::temp_directory_path() / "doks-bench-XXXXXX").string();
        require(::mkdtemp(pattern.data()) != nullptr, "no temporary directory");
        root_ = pattern;
    }
    workplace(const workplace&) = delete;
    workplace& operator=(const workplace&) = delete;
    ~workplace()
    {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }

    std::filesystem::path file() const { return root_ / "config"; }

private:
    std::filesystem::path root_;
};

void merge(const std::filesystem::path& into, std::span<const kubeconfig> configs)
{
    doks::merge_options options;
    options.verify_after = std::chrono::milliseconds(0);
    const auto outcome = kubeconfig_file(into).merge(configs, options);
    require(outcome.entries.size() == configs.size() && outcome.written.size() == 1, "not all was merged");
}

/// The best of the rounds.
struct costs
{
    milliseconds bare{1e9}, view{1e9}, hundred{1e9}, thousand{1e9}, one_more{1e9};
};

void take_best(milliseconds& best, milliseconds took) { best = std::min(best, took); }

void load_rounds(costs& best, unsigned rounds)
{
    constexpr unsigned times = 500;
    const auto text = config_of(1);
    const auto repeated = [&](auto work) {
        return time_of([&] {
            for (unsigned i = 0; i < times; ++i) work(text);
        }) / times;
    };
    for (unsigned round = 0; round < rounds; ++round) {
        take_best(best.bare, repeated(load_bare));
        take_best(best.view, repeated(load_view));
    }
}

void merge_rounds(costs& best, unsigned rounds)
{
    std::vector<kubeconfig> configs;
    for (unsigned number = 0; number <= 1000; ++number) configs.emplace_back(std::string_view(config_of(number)));
    const std::span<const kubeconfig> all(configs);
    for (unsigned round = 0; round < rounds; ++round) {
        const workplace few, many;
        take_best(best.hundred, time_of([&] { merge(few.file(), all.first(100)); }));
        take_best(best.thousand, time_of([&] { merge(many.file(), all.first(1000)); }));
        take_best(best.one_more, time_of([&] { merge(many.file(), all.last(1)); }));
    }
}

bool reached(const char* what, double value, double target)
{
    const bool is_reached = value <= target;
    std::printf("| %-52s | %6.2f | %6.1f | %s |\n", what, value, target, is_reached ? "yes" : "NO ");
    return is_reached;
}

int run(unsigned rounds, bool checks)
{
    costs best;
    load_rounds(best, 4 * rounds);
    merge_rounds(best, rounds);
    std::printf("a kubeconfig of %zu bytes: libyaml's load %.1f us, the view %.1f us\n", config_of(1).size(),
        1e3 * best.bare.count(), 1e3 * best.view.count());
    std::printf("merging 100: %.1f ms, 1,000: %.1f ms, one into 1,000: %.1f ms\n\n", best.hundred.count(),
        best.thousand.count(), best.one_more.count());
    std::printf("| %-52s |  ratio | target | reached |\n|---|---|---|---|\n", "question");
    const bool loads = reached("loading the view, divided by libyaml's load", best.view / best.bare, 1.1);
    const bool merges = reached("merging 1,000, divided by merge_result 100", best.thousand / best.hundred, 12);
    return !checks || (loads && merges) ? 0 : 1;
}

}

int main(int argc, char** argv)
{
    unsigned rounds = 10;
    bool checks = false;
    for (int i = 1; i < argc; ++i) {
        if (std::string_view(argv[i]) == "--check")
            checks = true;
        else
            rounds = static_cast<unsigned>(std::strtoul(argv[i], nullptr, 10));
    }
    try {
        return run(std::max(rounds, 1u), checks);
    } catch (const std::exception& why) {
        std::fprintf(stderr, "bench_kubeconfig_cost: %s\n", why.what());
        return 1;
    }
}
