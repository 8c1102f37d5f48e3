#include "kubeconfig/scratch.hpp"

#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <doctest/doctest.h>

#include <future>
#include <memory>
#include <thread>
#include <utility>

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

// Putting and getting kubeconfigs, with the rights of the files. The modes are what keeps other users of a machine
// from the tokens, so they are tested under every umask.

using namespace std::chrono_literals;
using doks::kubeconfig_directory;

namespace {

/// The process's umask for the life of this object.
struct umask_of
{
    explicit umask_of(mode_t mask)
        : old(::umask(mask))
    {}
    ~umask_of() { ::umask(old); }
    mode_t old;
};

boost::asio::awaitable<void> pruned_to(std::vector<doks::cluster> listed, kubeconfig_directory from)
{
    co_await from.prune(std::move(listed), std::nullopt, doks::prune_limit::all);
}

boost::asio::awaitable<void> erased(std::string id, kubeconfig_directory from) { co_await from.erase(std::move(id)); }

boost::asio::awaitable<void> lock_into(
    kubeconfig_directory in, std::string name, std::chrono::nanoseconds patience, std::shared_ptr<void>& into)
{
    into = co_await in.lock(std::move(name), patience);
}

std::shared_ptr<void> locked(
    const kubeconfig_directory& in, const std::string& name, std::chrono::nanoseconds patience = 0s)
{
    std::shared_ptr<void> lock;
    run(lock_into(in, name, patience, lock));
    return lock;
}

}

// The mode is set after the creation, since a umask of 0777 would leave a file that its own writer cannot open.
TEST_CASE("files and folders are private under any umask")
{
    for (mode_t mask : {0, 022, 0277}) {
        const scratch root;
        const umask_of masked(mask);
        kubeconfig_directory directory(root / "a/b");
        run(directory.put(token_item(uuid(1))));
        CHECK(mode_of(root / "a") == 0700);
        CHECK(mode_of(root / "a/b") == 0700);
        for (const auto& name : names_in(root / "a/b"))
            if (name != ".lock" || mask != 0277) CHECK(mode_of(root / "a/b" / name) == 0600);
    }
}

// UUIDs are compared without regard to case, but names of files are not.
TEST_CASE("an id in capitals is the same file, for a prune too")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    const std::string id = "abcdef01-2222-4333-8444-555555555501", capitals = "ABCDEF01-2222-4333-8444-555555555501";
    auto item = token_item(id);
    item.cluster.id = capitals;
    run(directory.put(item));
    CHECK(names_in(root / "out") == std::vector<std::string>{".lock", id + ".yaml", "index.jsonl"});
    CHECK(directory.get(capitals));
    CHECK(directory.get(id));
    CHECK(directory.fresh_for(0s)(capitals));
    run(pruned_to({item.cluster}, directory));
    CHECK(directory.get(id));
    run(erased(capitals, directory));
    CHECK_FALSE(directory.get(id));
}

// The file is what a user would have downloaded. Any rewriting could change what kubectl reads.
TEST_CASE("a put leaves the bytes as received, one index line, and nothing else")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    run(directory.put(token_item(uuid(1), 15min)));
    CHECK(names_in(root / "out") == std::vector<std::string>{".lock", uuid(1) + ".yaml", "index.jsonl"});
    CHECK(content(root / "out" / (uuid(1) + ".yaml")) == sample::with_token(uuid(1)));
    const auto line = content(root / "out/index.jsonl");
    CHECK(line.find(R"("kind":"token")") != std::string::npos);
    CHECK(line.find(R"("label":"team-a")") != std::string::npos);
    CHECK(line.find(R"("expiry":900)") != std::string::npos);
    CHECK(line.find(sample::token) == std::string::npos);
}

// The index keeps the metadata that the bytes alone do not state: the requested expiry and the request's id.
TEST_CASE("what was put is got back with what was known of it")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    CHECK_FALSE(directory.get(uuid(1)));
    CHECK_FALSE(directory.get("../out/" + uuid(1)));
    run(directory.put(token_item(uuid(1), 15min)));
    const auto here = directory.get(uuid(1));
    const auto again = kubeconfig_directory(root / "out").get(uuid(1));
    for (const auto& config : {here, again}) {
        REQUIRE(config);
        CHECK(config->bytes() == sample::with_token(uuid(1)));
        CHECK(config->cluster_id() == uuid(1));
        CHECK(config->expiry() == 15min);
        CHECK(config->info().request_id == "request-00000000");
        CHECK(*config->expires_at() <= std::chrono::system_clock::now() + 15min);
        CHECK(*config->expires_at() >= std::chrono::system_clock::now() + 14min);
        CHECK_FALSE(config->expires_exactly());
    }
}

// Following a link that another user placed would write the token to a path of theirs.
TEST_CASE("an existing file of a laxer mode and a symbolic link are replaced, never followed")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    const auto lax = root / "out" / (uuid(1) + ".yaml");
    write(lax, "old");
    ::chmod(lax.c_str(), 0644);
    write(root / "elsewhere", "untouched");
    const auto link = root / "out" / (uuid(2) + ".yaml");
    std::filesystem::create_symlink(root / "elsewhere", link);
    const auto fifo = root / "out" / (uuid(3) + ".yaml");
    ::mkfifo(fifo.c_str(), 0666);
    CHECK_FALSE(directory.get(uuid(2)));
    CHECK_FALSE(directory.get(uuid(3)));
    for (unsigned number : {1u, 2u, 3u}) run(directory.put(token_item(uuid(number))));
    for (const auto& file : {lax, link, fifo}) {
        CHECK(std::filesystem::is_regular_file(std::filesystem::symlink_status(file)));
        CHECK(mode_of(file) == 0600);
    }
    CHECK(content(root / "elsewhere") == "untouched");
}

// Each refusal names the path and what to do: these messages are all that an operator of a daemon sees.
TEST_CASE("a path that cannot serve is refused by name and with a remedy")
{
    const scratch root;
    write(root / "file", "");
    CHECK(opening(root / "file").detail() == (root / "file").string() + " is a file");
    CHECK(opening(root / "file/below") == doks::errc::unusable_directory);
    CHECK(opening("") == doks::errc::unusable_directory);
    std::filesystem::create_directory(root / "open");
    ::chmod((root / "open").c_str(), 0770);
    const auto open = opening(root / "open");
    CHECK(open.detail() == (root / "open").string() + " is writable for others");
    CHECK(open.record().remedy == "run: chmod go-w " + (root / "open").string());
    const auto kernel = opening("/proc/self/fdinfo");
    CHECK(kernel == doks::errc::unusable_directory);
    CHECK(kernel.detail().find("/proc/self/fdinfo") != std::string::npos);
}

// Neither must be followed or removed by doks, since neither is doks' own.
TEST_CASE("a directory in place of a file, a link in place of the index")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    std::filesystem::create_directory(root / "out" / (uuid(1) + ".yaml"));
    const auto why = failure_of([&] { run(directory.put(token_item(uuid(1)))); });
    CHECK(why == doks::errc::unusable_directory);
    CHECK(why.detail().find(uuid(1) + ".yaml") != std::string::npos);
    CHECK(names_in(root / "out") == std::vector<std::string>{".lock", uuid(1) + ".yaml"});
    write(root / "elsewhere", "");
    std::filesystem::create_symlink(root / "elsewhere", root / "out/index.jsonl");
    CHECK(opening(root / "out") == doks::errc::unusable_directory);
    CHECK(failure_of([&] { run(directory.put(token_item(uuid(2)))); }) == doks::errc::unusable_directory);
    CHECK(content(root / "elsewhere").empty());
}

// A limit on the size of files fails the write as a full disk does, and needs no mount.
TEST_CASE("a full disk fails the put, says so, and leaves the old file")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    run(directory.put(token_item(uuid(1))));
    const auto before = names_in(root / "out");
    rlimit old{};
    ::getrlimit(RLIMIT_FSIZE, &old);
    const rlimit tiny{256, old.rlim_max};
    auto* const handler = ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &tiny);
    const auto why = failure_of(
        [&] { run(directory.put(item_of(uuid(1), sample::with_certificate(sample::long_lived(), uuid(1))))); });
    ::setrlimit(RLIMIT_FSIZE, &old);
    ::signal(SIGXFSZ, handler);
    CHECK(why == doks::errc::unusable_directory);
    CHECK(why.detail().find(uuid(1)) != std::string::npos);
    CHECK(why.record().remedy == "raise the limit of file sizes (ulimit -f)"); // which stands in for a full disk
    CHECK(content(root / "out" / (uuid(1) + ".yaml")) == sample::with_token(uuid(1)));
    CHECK(names_in(root / "out") == before);
    run(directory.put(token_item(uuid(1))));
}

// The item's own failure is more useful than a general one of the directory, and no file may appear for it.
TEST_CASE("an item that cannot be stored fails with its own cause and writes nothing")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    const auto putting = [&](const doks::bulk_item& item) { return failure_of([&] { run(directory.put(item)); }); };
    doks::bulk_item failed;
    failed.cluster.id = uuid(1);
    doks::failure_record cause;
    cause.code = doks::errc::timed_out;
    failed.outcome = doks::failure(cause);
    CHECK(putting(failed) == doks::errc::timed_out);
    CHECK(putting(item_of(uuid(1), "kind: Config\n")) == doks::errc::not_a_kubeconfig);
    CHECK(putting(item_of(uuid(1), sample::with_token(uuid(2)))) == doks::errc::wrong_cluster);
    for (std::string_view id : {"", ".", "..", "../x", "a/b", ".hidden", "a b", "a\nb", "ü"})
        CHECK(putting(item_of(std::string(id), sample::with_token())) == doks::errc::invalid_argument);
    CHECK(putting(item_of(std::string("a\0b", 3), sample::with_token())) == doks::errc::invalid_argument);
    CHECK(putting(item_of(std::string(201, 'a'), sample::with_token())) == doks::errc::invalid_argument);
    CHECK(names_in(root / "out") == std::vector<std::string>{".lock"});
}

// It came from this directory; writing it again would cost two waits for the disk for each cluster of every run.
TEST_CASE("an item that was fresh is not written again")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    auto item = token_item(uuid(1));
    item.fresh = true;
    run(directory.put(item));
    CHECK(names_in(root / "out") == std::vector<std::string>{".lock"});
}

// Puts of several threads share one disk thread; each must come back on its own executor.
TEST_CASE("a put completes on its caller's executor, from many threads at once")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    boost::asio::thread_pool pool(4);
    std::vector<std::future<void>> done;
    for (unsigned number = 0; number < 200; ++number)
        done.push_back(boost::asio::co_spawn(pool, directory.put(token_item(uuid(number))), boost::asio::use_future));
    for (auto& each : done) each.get();
    const auto fresh = directory.fresh_for(1h);
    for (unsigned number = 0; number < 200; ++number) CHECK(fresh(uuid(number)));
    CHECK(names_in(root / "out").size() == 202);
}

// A program that ends right after its last put must not lose it.
TEST_CASE("puts under way when the handle goes are written all the same")
{
    const scratch root;
    boost::asio::io_context context;
    std::size_t completed = 0;
    {
        kubeconfig_directory directory(root / "out");
        for (unsigned number = 0; number < 20; ++number)
            boost::asio::co_spawn(context, directory.put(token_item(uuid(number))), [&](std::exception_ptr error) {
                CHECK_FALSE(error);
                ++completed;
            });
    }
    context.run();
    CHECK(completed == 20);
    CHECK(names_in(root / "out").size() == 22);
}

TEST_CASE("a name in a directory is locked for one holder at a time, and puts do not wait for it")
{
    const scratch root;
    kubeconfig_directory directory(root / "out"), again(root / "out");
    auto lock = locked(directory, uuid(1));
    REQUIRE(lock);
    CHECK_FALSE(locked(directory, uuid(1)));
    CHECK_FALSE(locked(again, uuid(1), 20ms));
    CHECK(locked(again, uuid(2)));
    run(again.put(token_item(uuid(1))));
    std::thread holder([lock = std::exchange(lock, nullptr)]() mutable {
        std::this_thread::sleep_for(50ms);
        lock.reset();
    });
    CHECK(locked(again, uuid(1), 30s));
    holder.join();
    CHECK(failure_of([&] { locked(directory, "a/b"); }) == doks::errc::invalid_argument);
    std::filesystem::remove_all(root / "out");
    CHECK(failure_of([&] { locked(directory, uuid(1)); }) == doks::errc::unusable_directory);
}
