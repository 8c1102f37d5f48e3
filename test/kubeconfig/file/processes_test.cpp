#include "kubeconfig/file/config_files.hpp"
#include "kubeconfig/file/files.hpp"
#include "kubeconfig/processes.hpp"
#include "support/kubectl.hpp"
#include "support/long_form.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdio>
#include <set>
#include <thread>

// Many processes change one file at once, alone and beside kubectl. A journal of all versions tells who lost what.

using namespace std::chrono_literals;
using doks::kubeconfig_file;

namespace {

constexpr unsigned ours = 64;
constexpr unsigned kubectls = 16;

/// Whether the file is a kubeconfig at moments at which the lock is free; false if it was not.
bool watch(const std::filesystem::path& path, const std::filesystem::path& stop)
{
    for (; !std::filesystem::exists(stop); std::this_thread::sleep_for(25ms)) {
        const auto lock = doks::kube::lock_file::take(path, std::chrono::steady_clock::now() + 60s);
        if (!lock || !texts::refusal_of(content(path)).empty()) return false;
    }
    return true;
}

/// The names of the file's clusters.
std::set<std::string> clusters_in(const std::filesystem::path& path)
{
    const auto document = texts::read(content(path));
    std::set<std::string> names;
    for (std::size_t number = 0; number < document.size(doks::kube::entry_list::clusters); ++number)
        names.emplace(document.name(doks::kube::entry_list::clusters, number));
    return names;
}

/// A merge step by step that compares, under its lock, the entries of before with those of after: true if none is missing.
bool merge_losing_nothing(const std::filesystem::path& path, unsigned number, std::string_view token)
{
    const auto files = doks::kube::config_files::open({path});
    const auto locks = files->lock(120s, {});
    const auto before = clusters_in(path);
    auto set = files->read();
    if (!locks || !set) return false;
    doks::kube::merger to(*set, doks::name_collision::rename);
    if (!to.merge(config_number(number, token), {}) || !files->write(*set)) return false;
    const auto now = clusters_in(path);
    return std::includes(now.begin(), now.end(), before.begin(), before.end());
}

/// Each round every process of ours renews its own entry; the first one adds it.
bool merge_rounds(const std::filesystem::path& path, unsigned number, unsigned rounds,
    const doks::merge_options& options, const std::filesystem::path& journal)
{
    kubeconfig_file file(path);
    file.wait_for_lock(120s);
    unsigned repaired = 0;
    unsigned lost = 0;
    for (unsigned round = 0; round < rounds; ++round) {
        const auto outcome = file.merge(config_number(number, "round-" + std::to_string(round)), options);
        repaired += outcome.repaired;
        lost += static_cast<unsigned>(outcome.lost.size());
        if (outcome.unverified || !merge_losing_nothing(path, number, "again-" + std::to_string(round))) return false;
    }
    write(journal / std::to_string(number), std::to_string(repaired) + ' ' + std::to_string(lost));
    return true;
}

/// Sets entries of its own until each call was taken; kubectl does not wait for a lock.
bool kubectl_rounds(const std::filesystem::path& path, unsigned number, unsigned rounds)
{
    for (unsigned round = 0; round < rounds; ++round) {
        const auto name = "k" + std::to_string(number) + "-" + std::to_string(round);
        const auto command = "HOME=/nonexistent '" + doks::test::kubectl_program() + "' --kubeconfig '" +
                             path.string() + "' config set-cluster " + name + " --server=https://" + name +
                             ".example.com";
        unsigned tries = 0;
        while (doks::test::run_shell(command).status != 0) {
            if (++tries == 5000) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(5 + (number * 7 + tries * 3) % 23));
        }
    }
    return true;
}

std::pair<unsigned, unsigned> journal_of(const std::filesystem::path& journal)
{
    unsigned repaired = 0;
    unsigned lost = 0;
    for (unsigned number = 0; number < ours; ++number) {
        unsigned one = 0;
        unsigned other = 0;
        std::sscanf(content(journal / std::to_string(number)).c_str(), "%u %u", &one, &other);
        repaired += one;
        lost += other;
    }
    return {repaired, lost};
}

unsigned missing_of_kubectl(const std::filesystem::path& path, unsigned rounds)
{
    const auto held = clusters_in(path);
    unsigned missing = 0;
    for (unsigned number = 0; number < kubectls; ++number)
        for (unsigned round = 0; round < rounds; ++round)
            missing += held.contains("k" + std::to_string(number) + "-" + std::to_string(round)) ? 0 : 1;
    return missing;
}

void end_watch(const std::filesystem::path& stop, pid_t watcher)
{
    write(stop, "");
    CHECK(succeeded(watcher));
}

}

// As `make -j64` with a doks call in each recipe.
TEST_CASE("64 processes at once: every entry is there, with its last credential, and nothing else changed")
{
    const unsigned rounds = doks::test::is_long() ? 40 : 4;
    const scratch root{in_memory()};
    std::filesystem::create_directory(root / "journal");
    const std::string mine = "# mine\nkind: Config\nx-extra: {a: 'b'} # kept\n";
    write(root / "config", mine);
    const pid_t watcher = forked([&] { return watch(root / "config", root / "stop"); });
    std::vector<pid_t> all;
    for (unsigned number = 0; number < ours; ++number)
        all.push_back(forked(
            [&, number] { return merge_rounds(root / "config", number, rounds, undisturbed(), root / "journal"); }));
    for (const pid_t each : all) CHECK(succeeded(each));
    end_watch(root / "stop", watcher);
    kubeconfig_file file(root / "config");
    CHECK(file.entries().size() == ours);
    std::vector<std::string> names;
    for (unsigned number = 0; number < ours; ++number) {
        CHECK(file.merge(config_number(number, "again-" + std::to_string(rounds - 1)), undisturbed()).written.empty());
        names.push_back(name_of(number));
    }
    file.remove(names);
    CHECK(content(root / "config") == mine);
    MESSAGE(ours << " processes, " << rounds << " rounds, lost = 0");
}

// kubectl loses entries of its own when it races with itself; doks must not make that worse.
TEST_CASE(
    "with 16 kubectl config set beside them nothing of kubectl's is lost through us, and nothing of ours for long")
{
    if (!doks::test::has_kubectl()) return;
    const unsigned rounds = doks::test::is_long() ? 6 : 1;
    const scratch root{in_memory()};
    std::filesystem::create_directory(root / "journal");
    const auto alone = [&](const std::filesystem::path& path) {
        std::vector<pid_t> all;
        for (unsigned number = 0; number < kubectls; ++number)
            all.push_back(forked([&, number] { return kubectl_rounds(path, number, rounds); }));
        return all;
    };
    for (const pid_t each : alone(root / "alone")) CHECK(succeeded(each));
    const auto lost_alone = missing_of_kubectl(root / "alone", rounds);

    write(root / "config", "kind: Config\n");
    const pid_t watcher = forked([&] { return watch(root / "config", root / "stop"); });
    doks::merge_options options;
    options.verify_after = 1s;
    options.repairs = 20;
    auto all = alone(root / "config");
    for (unsigned number = 0; number < ours; ++number)
        all.push_back(
            forked([&, number] { return merge_rounds(root / "config", number, rounds, options, root / "journal"); }));
    for (const pid_t each : all) CHECK(succeeded(each));
    end_watch(root / "stop", watcher);
    unsigned gone = 0;
    const auto held = clusters_in(root / "config");
    for (unsigned number = 0; number < ours; ++number) gone += held.contains(name_of(number)) ? 0 : 1;
    const auto [repaired, reported] = journal_of(root / "journal");
    MESSAGE("of ours: taken out by kubectl and put in again " << repaired << " times, reported as lost " << reported
                                                              << ", missing at the end " << gone << " of " << ours);
    MESSAGE("of kubectl's " << kubectls * rounds << ": missing " << missing_of_kubectl(root / "config", rounds)
                            << "; without ours " << lost_alone);
}
