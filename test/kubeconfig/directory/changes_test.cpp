#include "kubeconfig/directory/directory_access.hpp"
#include "kubeconfig/processes.hpp"
#include "kubeconfig/scratch.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/post.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <map>
#include <thread>

// The stream of a directory's changes, which the kernel's inotify feeds. The tests wait for the next word on an id
// and not for a number of words, since one change may be reported twice.

using namespace std::chrono_literals;
using doks::kubeconfig_directory;

namespace {

namespace asio = boost::asio;

/// Waits for one change after the other, and not for ever.
class reader
{
public:
    explicit reader(kubeconfig_directory from)
        : changes_(from.changes())
    {}

    std::optional<doks::directory_change> next()
    {
        std::optional<doks::directory_change> got;
        bool completed = false;
        auto take = [&](std::exception_ptr error, std::optional<doks::directory_change> change) {
            completed = true;
            if (error) std::rethrow_exception(error);
            got = std::move(change);
        };
        context_.restart();
        changes_.next(asio::bind_executor(context_, take));
        context_.run_for(20s);
        if (!completed) throw std::runtime_error("no change came");
        return got;
    }

    /// The change of this id, whatever is told of others before; the same change may come again.
    template <class Wanted> doks::directory_change next_of(const std::string& id, Wanted wanted)
    {
        for (;;) {
            auto change = next();
            if (!change) throw std::runtime_error("the stream ended");
            if (change->id == id && wanted(*change)) return std::move(*change);
        }
    }

private:
    asio::io_context context_;
    doks::stream<doks::directory_change> changes_;
};

bool is_there(const doks::directory_change& change) { return change.config && !change.error.code(); }
bool is_unusable(const doks::directory_change& change) { return !change.config && change.error.code(); }
bool is_gone(const doks::directory_change& change) { return !change.config && !change.error.code(); }

/// The inotify descriptors of this process.
std::size_t open_watches()
{
    std::size_t count = 0;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code closed;
        if (std::filesystem::read_symlink(each.path(), closed).string().find("inotify") != std::string::npos) ++count;
    }
    return count;
}

/// Until the directory's thread has done what it was given before.
void settle(const kubeconfig_directory& directory)
{
    std::promise<void> done;
    doks::kube::directory_access::worker(directory)->run([&] { done.set_value(); });
    done.get_future().wait();
}

asio::awaitable<void> erase(kubeconfig_directory from, std::string id) { co_await from.erase(std::move(id)); }

}

// A reader that starts late must not have to list the directory itself, for between its list and the watch it
// would miss changes.
TEST_CASE("changes begin with the files that are there, unusable ones included")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    for (unsigned number : {1u, 2u}) run(directory.put(token_item(uuid(number), 1h)));
    write(root / "out/foreign.yaml", sample::with_token());
    write(root / "out/notes.txt", "");
    reader changes(directory);
    std::map<std::string, doks::directory_change> told;
    for (int i = 0; i < 3; ++i) {
        auto change = changes.next();
        REQUIRE(change);
        told[change->id] = *change;
    }
    for (unsigned number : {1u, 2u}) {
        REQUIRE(told[uuid(number)].config);
        CHECK(told[uuid(number)].config->bytes() == sample::with_token(uuid(number)));
        CHECK(told[uuid(number)].config->expiry() == 1h);
    }
    CHECK_FALSE(told["foreign"].config);
    CHECK(told["foreign"].error == doks::errc::unusable_directory);
    CHECK(told["foreign"].error.detail() == (root / "out/foreign.yaml").string() + " is not as doks wrote it");
}

// The watch goes by what the kernel reports, so a change of any process counts, with the record that the index has
// of it.
TEST_CASE("another process's puts and erases are reported, with their records")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    reader changes(directory);
    CHECK(succeeded(forked([&] {
        const doks::kube::put_job jobs[] = {{*token_item(uuid(1), 2h).outcome, uuid(1), "blue", "nyc1", "team-a"}};
        return !doks::kube::kubeconfig_store(root / "out").put(jobs).front();
    })));
    const auto put = changes.next_of(uuid(1), is_there);
    CHECK(put.config->expiry() == 2h);
    CHECK(put.config->expires_at());
    CHECK(succeeded(forked([&] { return doks::kube::kubeconfig_store(root / "out").erase(uuid(1)).has_value(); })));
    changes.next_of(uuid(1), is_gone);
}

// An editor leaves a file that the index does not know byte for byte. It must never be handed out as a credential
// of doks'.
TEST_CASE("a file that another program changes is reported as an error, and a put over it as a change")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    run(directory.put(token_item(uuid(1), 1h)));
    reader changes(directory);
    changes.next_of(uuid(1), is_there);
    write(root / "out" / (uuid(1) + ".yaml"), "kind: Config\n");
    CHECK(changes.next_of(uuid(1), is_unusable).error.detail().find(uuid(1) + ".yaml is not as doks wrote it") !=
          std::string::npos);
    std::filesystem::create_symlink(root / "elsewhere", root / "out" / (uuid(2) + ".yaml"));
    CHECK(changes.next_of(uuid(2), is_unusable).error.record().remedy == "remove the symbolic link");
    run(directory.put(token_item(uuid(1), 1h)));
    const auto last = changes.next_of(uuid(1), is_there);
    CHECK(last.config->bytes() == sample::with_token(uuid(1)));
}

// inotify drops events on overflow and says only that it did; the ids that are known have to be looked at one by
// one then.
TEST_CASE("when the kernel cannot keep up, everything is looked at again")
{
    std::size_t queued = 0;
    std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> queued;
    if (queued == 0 || queued > 100'000) {
        MESSAGE("skipped: the kernel queues " << queued << " events");
        return;
    }
    const scratch root{in_memory()};
    kubeconfig_directory directory(root / "out");
    for (unsigned number : {1u, 2u}) run(directory.put(token_item(uuid(number), 1h)));
    reader changes(directory);
    for (unsigned number : {1u, 2u}) changes.next_of(uuid(number), is_there);
    std::promise<void> release;
    doks::kube::directory_access::worker(directory)->run([held = release.get_future().share()] { held.wait(); });
    write(root / "out/a.txt", "");
    for (std::size_t i = 0; i <= queued / 4; ++i) {
        std::filesystem::rename(root / "out/a.txt", root / "out/b.txt");
        std::filesystem::rename(root / "out/b.txt", root / "out/a.txt");
    }
    kubeconfig_directory other(root / "out");
    run(other.put(token_item(uuid(3), 1h)));
    run(erase(other, uuid(1)));
    release.set_value();
    changes.next_of(uuid(1), is_gone);
    changes.next_of(uuid(3), is_there);
}

// A stream is read in a loop with a timeout around each wait; ending the stream on a timeout would lose the
// subscription.
TEST_CASE("a wait that is cancelled gives up that wait only, and without a wait run() returns")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    auto changes = directory.changes();
    asio::io_context context;
    asio::cancellation_signal stop;
    std::exception_ptr ended;
    const auto end = [&](std::exception_ptr error, std::optional<doks::directory_change>) { ended = error; };
    changes.next(asio::bind_cancellation_slot(stop.slot(), asio::bind_executor(context, end)));
    asio::post(context, [&] { stop.emit(asio::cancellation_type::terminal); });
    context.run();
    REQUIRE(ended);
    CHECK_THROWS_AS(std::rethrow_exception(ended), boost::system::system_error);
    run(directory.put(token_item(uuid(1), 1h)));
    std::optional<doks::directory_change> got;
    const auto take = [&](std::exception_ptr, std::optional<doks::directory_change> change) { got = change; };
    context.restart();
    changes.next(asio::bind_executor(context, take));
    context.run();
    REQUIRE(got);
    CHECK(got->config);
}

// The stream owns the directory's thread, and the watch must go with the last stream, or its descriptor leaks.
TEST_CASE("a stream outlives its directory's handle, and the last stream going ends the watch")
{
    const scratch root;
    kubeconfig_directory other(root / "out");
    const auto before = open_watches();
    {
        reader changes{kubeconfig_directory(root / "out")};
        run(other.put(token_item(uuid(1), 1h)));
        changes.next_of(uuid(1), is_there);
        CHECK(open_watches() == before + 1);
    }
    CHECK(open_watches() == before);
    {
        reader changes(other);
        changes.next_of(uuid(1), is_there);
    }
    run(other.put(token_item(uuid(2), 1h)));
    settle(other);
    CHECK(open_watches() == before);
}

// The waiting coroutine owns the stream, which owns the listener, which owns the coroutine: a cycle that only the
// context's end breaks.
TEST_CASE("a context that is destroyed takes the coroutine with it that waits for changes")
{
    const scratch root;
    kubeconfig_directory other(root / "out");
    bool waiting = false;
    {
        asio::io_context context;
        const auto follow = [](kubeconfig_directory from, bool& reached) -> asio::awaitable<void> {
            auto changes = from.changes();
            reached = true;
            while (auto change = co_await changes.next()) {
            }
        };
        asio::co_spawn(context, follow(kubeconfig_directory(root / "out"), waiting), [](std::exception_ptr) {});
        context.poll();
    }
    CHECK(waiting);
    run(other.put(token_item(uuid(1), 1h)));
}

// The directory's thread may be posting to a context at the moment of its destruction; this is the race under the
// thread sanitizer.
TEST_CASE("contexts are destroyed while others put, and nothing is told to one that is gone")
{
    const scratch root{in_memory()};
    const auto out = root / "out";
    const doks::kube::kubeconfig_store store(out);
    std::atomic<bool> enough = false;
    std::thread putting([&] {
        const doks::kube::put_job jobs[] = {{*token_item(uuid(1), 1h).outcome, uuid(1), "blue", "nyc1", "team-a"}};
        while (!enough) store.put(jobs);
    });
    kubeconfig_directory directory(out);
    for (unsigned turn = 0; turn < 200; ++turn) {
        asio::io_context context;
        const auto follow = [](kubeconfig_directory from) -> asio::awaitable<void> {
            auto changes = from.changes();
            while (auto change = co_await changes.next()) {
            }
        };
        asio::co_spawn(context, follow(directory), [](std::exception_ptr) {});
        context.run_for(std::chrono::microseconds(100 * (turn % 10)));
    }
    enough = true;
    putting.join();
}

// The kernel reports the move once and then nothing more; a stream that did not end would wait for ever.
TEST_CASE("a directory that is moved away ends the stream with an error that says so")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    reader changes(directory);
    run(directory.put(token_item(uuid(1), 1h)));
    changes.next_of(uuid(1), is_there);
    std::filesystem::rename(root / "out", root / "away");
    const auto last = changes.next_of("", is_unusable);
    CHECK(last.error == doks::errc::unusable_directory);
    CHECK(last.error.detail().find("was moved away") != std::string::npos);
    CHECK_FALSE(changes.next());
    const auto why = reader(directory).next();
    REQUIRE(why);
    CHECK(why->error == doks::errc::unusable_directory);
}
