#include "kubeconfig/directory/index.hpp"
#include "kubeconfig/directory/kubeconfig_store.hpp"
#include "kubeconfig/processes.hpp"
#include "kubeconfig/scratch.hpp"

#include <doctest/doctest.h>

#include <thread>

#include <signal.h>

// Several processes over one directory, as with two instances of `watch`, or a fetch beside it. Readers open files
// all the time and must never see a torn one.

using namespace std::chrono_literals;
using doks::kube::kubeconfig_store;

namespace {

constexpr unsigned kept = 12;    ///< ids below are always listed, and put again and again
constexpr unsigned passing = 24; ///< those from there on up to this come and go

std::string text_of(unsigned number, unsigned turn)
{
    return sample::with_token(uuid(number), "token-of-turn-" + std::string(turn % 7, 'x') + std::to_string(turn));
}

/// The file is one of those that a process wrote for this number.
bool is_whole(std::string_view text, unsigned number)
{
    const auto first = sample::with_token(uuid(number), "token-of-turn-");
    const auto head = first.find("token-of-turn-");
    return text.starts_with(first.substr(0, head)) && text.ends_with('\n') &&
           text.find("server: https://" + uuid(number)) != std::string_view::npos;
}

doks::kube::put_job job(unsigned number, unsigned turn)
{
    const auto item = item_of(uuid(number), text_of(number, turn), 1h);
    return {*item.outcome, item.cluster.id, item.cluster.name, item.cluster.region, item.label};
}

bool put_all(const std::filesystem::path& out, unsigned turns)
{
    const kubeconfig_store store(out);
    for (unsigned turn = 0; turn < turns; ++turn) {
        const doks::kube::put_job jobs[] = {job(turn % kept, turn), job(kept + turn % (passing - kept), turn)};
        for (const auto& outcome : store.put(jobs))
            if (outcome) throw store.failure_of(*outcome);
    }
    return true;
}

std::vector<doks::cluster> listing()
{
    std::vector<doks::cluster> all(kept);
    for (unsigned number = 0; number < kept; ++number) all[number].id = uuid(number);
    return all;
}

bool prune_all(const std::filesystem::path& out, unsigned turns)
{
    const kubeconfig_store store(out);
    for (unsigned turn = 0; turn < turns; ++turn) {
        const auto one = store.erase(uuid(kept + turn % (passing - kept)));
        if (!one) throw store.failure_of(one.error());
        const auto done = store.prune(listing());
        if (!done) throw store.failure_of(done.error());
        if (!done->left.empty()) return false;
    }
    return true;
}

/// Reads until it is ended; ends itself if anything is torn.
bool read_all(const std::filesystem::path& out)
{
    const kubeconfig_store store(out);
    for (;;) {
        for (unsigned number = 0; number < passing; ++number) {
            const auto found = store.find(uuid(number));
            if (found && !is_whole(found->config.bytes(), number)) return false;
            const auto fresh = store.find_fresh(uuid(number), 1min);
            if (fresh && !is_whole(fresh->config.bytes(), number)) return false;
        }
        if (!store.damaged_index_lines().empty()) return false;
    }
}

bool ended_by(pid_t child, int signal)
{
    ::kill(child, signal);
    int status = 0;
    return ::waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == signal;
}

}

// Readers take no lock, so every version of a file that they can see has to be a whole one.
TEST_CASE("processes put, prune and erase at once beside readers, and nothing is torn or lost")
{
    constexpr unsigned turns = 600;
    const scratch root{in_memory()};
    const auto out = root / "out";
    {
        const kubeconfig_store made(out);
    }
    const pid_t readers[] = {forked([&] { return read_all(out); }), forked([&] { return read_all(out); })};
    const pid_t writers[] = {forked([&] { return put_all(out, turns); }), forked([&] { return put_all(out, turns); }),
        forked([&] { return prune_all(out, turns); })};
    for (const pid_t each : writers) CHECK(succeeded(each));
    for (const pid_t each : readers) CHECK(ended_by(each, SIGKILL));
    const kubeconfig_store store(out);
    CHECK(store.damaged_index_lines().empty());
    for (unsigned number = 0; number < kept; ++number) CHECK(store.find_fresh(uuid(number), 1min));
    const auto last = store.prune(listing());
    REQUIRE(last.has_value());
    CHECK(last->left.empty());
    CHECK(names_in(out).size() == kept + 2);
    CHECK(doks::kube::index::read(content(out / "index.jsonl")).ids().size() == kept);
}

// The rewrite replaces the inode: an append to the old one would be lost.
TEST_CASE("a put after another process rewrote the index is in the new index")
{
    const scratch root{in_memory()};
    const kubeconfig_store one(root / "out");
    const kubeconfig_store other(root / "out");
    for (unsigned turn = 0; turn < 200; ++turn) {
        const doks::kube::put_job first[] = {job(1, turn)};
        const doks::kube::put_job second[] = {job(2, turn)};
        REQUIRE_FALSE(one.put(first).front());
        REQUIRE_FALSE(other.put(second).front());
        for (const auto* reader : {&one, &other})
            for (unsigned number : {1u, 2u}) {
                const auto found = reader->find_fresh(uuid(number), 1min);
                REQUIRE(found);
                CHECK(found->config.bytes() == text_of(number, turn));
                REQUIRE(found->record);
                CHECK(found->record->expiry == 1h);
                CHECK(found->record->expires_at == found->config.expires_at());
            }
    }
    const auto text = content(root / "out/index.jsonl");
    CHECK(std::count(text.begin(), text.end(), '\n') < 70);
}
