#include "kubeconfig/directory/index.hpp"
#include "kubeconfig/directory/kubeconfig_store.hpp"
#include "kubeconfig/processes.hpp"
#include "kubeconfig/scratch.hpp"

#include <doctest/doctest.h>

#include <future>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

// Directories that cannot be used, or no longer. Each refusal has to name the path and a remedy, since the reader
// of a daemon's log has nothing else, and has to leave everything as it was. What only root can set up is skipped
// for others.

using namespace std::chrono_literals;
using doks::kubeconfig_directory;
using names = std::vector<std::string>;

namespace {

doks::failure putting(kubeconfig_directory& directory, unsigned number)
{
    return failure_of([&] { run(directory.put(token_item(uuid(number), 1h))); });
}

/// Runs it as an ordinary user, even where root runs the test.
template <class Work> bool without_root(Work work)
{
    constexpr uid_t unprivileged = 65534;
    return succeeded(forked([&] {
        if (::geteuid() == 0 && ::setresuid(unprivileged, unprivileged, unprivileged) != 0) return false;
        return work();
    }));
}

}

// The store holds the directory open, so that without a look at the path it would go on to write into one that no
// reader finds any more.
TEST_CASE("a directory that was moved away, replaced or removed takes no more, and says so")
{
    const scratch root;
    const auto out = root / "out";
    kubeconfig_directory directory(out);
    run(directory.put(token_item(uuid(1), 1h)));
    const auto expected = out.string() + " was moved away, removed or replaced while it was in use";
    const auto refused = [&] {
        const auto why = putting(directory, 2);
        CHECK(why == doks::errc::unusable_directory);
        CHECK(why.detail() == expected);
        CHECK(why.record().remedy == "put it back, or open it again");
        CHECK(failure_of([&] {
            run([](auto to) -> boost::asio::awaitable<void> { co_await to.prune({}); }(directory));
        }).detail() == expected);
    };
    const auto before = names_in(out);
    std::filesystem::rename(out, root / "away");
    refused();
    CHECK(names_in(root / "away") == before);
    std::filesystem::create_directory(out);
    refused();
    CHECK(names_in(out).empty());
    std::filesystem::remove(out);
    std::filesystem::rename(root / "away", out);
    run(directory.put(token_item(uuid(2), 1h)));
    std::filesystem::remove_all(out);
    refused();
}

// rename() fails with EISDIR only after the kubeconfig was minted and written; the user has to hear which path to
// remove.
TEST_CASE("a directory in a file's place is named, and so is what to do about it")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    std::filesystem::create_directory(root / "out" / (uuid(1) + ".yaml"));
    const auto why = putting(directory, 1);
    CHECK(why == doks::errc::unusable_directory);
    CHECK(why.detail().find(uuid(1) + ".yaml: Is a directory") != std::string::npos);
    CHECK(why.record().remedy == "remove the directory that has the file's name");
}

// A daemon changes to `/` after it has opened its files. The path is compared from the root on, or every put would
// find the directory moved.
TEST_CASE("a relative path stays what it was when the working directory changes")
{
    const scratch root;
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(root / "");
    kubeconfig_directory directory("out");
    std::filesystem::current_path(before);
    run(directory.put(token_item(uuid(1), 1h)));
    CHECK(std::filesystem::exists(root / "out" / (uuid(1) + ".yaml")));
}

// Two versions of doks may share a directory during an upgrade. The older one must not rewrite what it cannot
// read.
TEST_CASE("an index that a newer version wrote meanwhile stops puts and freshness, and stays")
{
    const scratch root;
    const auto index = root / "out/index.jsonl";
    kubeconfig_directory directory(root / "out");
    run(directory.put(token_item(uuid(1), 1h)));
    const auto newer = content(index) + "{\"v\":2,\"id\":\"x\"}\n";
    write(index, newer);
    const auto before = names_in(root / "out");
    const auto why = putting(directory, 2);
    CHECK(why == doks::errc::unusable_directory);
    CHECK(why.detail() == index.string() + " was written by a newer version of doks");
    CHECK(why.record().remedy == "use that version, or another directory");
    CHECK_FALSE(directory.fresh_for(1min)(uuid(1)));
    CHECK(directory.get(uuid(1)));
    CHECK(content(index) == newer);
    CHECK(names_in(root / "out") == before);
}

// A line that cannot be read costs the freshness of one file; refusing the whole directory would stop every
// renewal.
TEST_CASE("a damaged index is named, and the rest works")
{
    const scratch root;
    const auto index = root / "out/index.jsonl";
    kubeconfig_directory directory(root / "out");
    for (unsigned number : {1u, 2u}) run(directory.put(token_item(uuid(number), 1h)));
    auto text = content(index);
    text[text.find("\"v\"")] = '\0';
    write(index, text);
    CHECK_FALSE(directory.fresh_for(1min)(uuid(1)));
    CHECK(directory.fresh_for(1min)(uuid(2)));
    CHECK(directory.damaged_index_lines() == std::vector<std::size_t>{1});
    run(directory.put(token_item(uuid(3), 1h)));
    run(directory.put(token_item(uuid(1), 1h)));
    for (unsigned number : {1u, 2u, 3u}) CHECK(directory.fresh_for(1min)(uuid(number)));
}

// A machine whose clock was set back would believe every stored expiry, and hand out credentials that have
// expired.
TEST_CASE("what was written in the future tells of a wrong clock, and is not fresh")
{
    const scratch root;
    const auto index = root / "out/index.jsonl";
    kubeconfig_directory directory(root / "out");
    run(directory.put(token_item(uuid(1), 24h)));
    auto record = *doks::kube::index::read(content(index)).find(uuid(1));
    const auto written = [&](std::chrono::system_clock::duration later) {
        record.written_at = std::chrono::system_clock::now() + later;
        write(index, doks::kube::to_line(record));
        return directory.fresh_for(1h)(uuid(1)).has_value();
    };
    CHECK(written(0s));
    CHECK(written(4min));
    CHECK_FALSE(written(6min));
    CHECK_FALSE(written(24h * 400));
    CHECK(directory.get(uuid(1)));
}

TEST_CASE("something else in place of the lock or the index is refused by name")
{
    const scratch root;
    const auto make = [&](const std::string& folder) { return std::filesystem::create_directory(root / folder); };
    for (const std::string name : {".lock", "index.jsonl"}) {
        const std::string suffix = name.substr(1);
        make("fifo-" + suffix);
        ::mkfifo((root / ("fifo-" + suffix) / name).c_str(), 0600);
        const auto fifo = opening(root / ("fifo-" + suffix));
        CHECK(fifo == doks::errc::unusable_directory);
        CHECK(fifo.detail() == (root / ("fifo-" + suffix) / name).string() + " is no regular file");
        CHECK(fifo.record().remedy == "remove it");
        make("link-" + suffix);
        std::filesystem::create_symlink(root / "elsewhere", root / ("link-" + suffix) / name);
        const auto link = opening(root / ("link-" + suffix));
        CHECK(link.detail().starts_with((root / ("link-" + suffix) / name).string()));
        CHECK(link.record().remedy == "remove the symbolic link");
        make("folder-" + suffix);
        std::filesystem::create_directory(root / ("folder-" + suffix) / name);
        CHECK(opening(root / ("folder-" + suffix)).detail().starts_with((root / ("folder-" + suffix) / name).string()));
    }
    CHECK_FALSE(std::filesystem::exists(root / "elsewhere"));
}

// flock() belongs to the inode. A process that waits on a removed lock file holds a lock that no later process
// sees.
TEST_CASE("a lock file that was removed locks no process in or out")
{
    const scratch root;
    const auto lock = root / "out/.lock";
    kubeconfig_directory directory(root / "out");
    const int held = ::open(lock.c_str(), O_RDWR | O_CLOEXEC);
    REQUIRE(::flock(held, LOCK_EX) == 0);
    auto put = std::async(std::launch::async, [&] { return putting(directory, 1); });
    CHECK(put.wait_for(50ms) == std::future_status::timeout);
    std::filesystem::remove(lock);
    CHECK_FALSE(put.get().code());
    ::close(held);
    CHECK(mode_of(lock) == 0600);
}

// A file system is remounted read-only after an I/O error. The stored files must stay readable then.
TEST_CASE("a directory that became read-only refuses a put and keeps what it has")
{
    const scratch root;
    ::chmod((root / "").c_str(), 0777);
    CHECK(without_root([&] {
        kubeconfig_directory directory(root / "nobodys");
        run(directory.put(token_item(uuid(1), 1h)));
        ::chmod((root / "nobodys").c_str(), 0500);
        const auto why = putting(directory, 1);
        const bool kept = directory.fresh_for(1min)(uuid(1)).has_value();
        ::chmod((root / "nobodys").c_str(), 0700);
        const bool again = !putting(directory, 1).code();
        return why == doks::errc::unusable_directory && kept && again &&
               why.detail().find("Permission denied") != std::string::npos &&
               why.record().remedy == "choose a directory that you may write to";
    }));
}

// Another tool may have written the file before. The new one must not inherit a mode with which others read the
// token.
TEST_CASE("a file of another user and of mode 0644 is replaced by one of our own of mode 0600")
{
    if (::geteuid() != 0) {
        MESSAGE("skipped: only root can give a file away");
        return;
    }
    const scratch root;
    const auto file = root / "out" / (uuid(1) + ".yaml");
    kubeconfig_directory directory(root / "out");
    write(file, "theirs");
    REQUIRE(::chown(file.c_str(), 65534, 65534) == 0);
    ::chmod(file.c_str(), 0644);
    run(directory.put(token_item(uuid(1), 1h)));
    struct stat about
    {};
    REQUIRE(::stat(file.c_str(), &about) == 0);
    CHECK(about.st_uid == 0);
    CHECK(mode_of(file) == 0600);
    CHECK(directory.fresh_for(1min)(uuid(1)));
}
