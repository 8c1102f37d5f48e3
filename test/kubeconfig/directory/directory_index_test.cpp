#include "kubeconfig/directory/index.hpp"
#include "kubeconfig/processes.hpp"
#include "kubeconfig/scratch.hpp"

#include <doctest/doctest.h>

#include <thread>

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

// The index of a kubeconfig directory on disk: freshness, damage, compaction.

using namespace std::chrono_literals;
using doks::kubeconfig_directory;

namespace {

void append(const std::filesystem::path& file, std::string_view text)
{
    std::ofstream(file, std::ios::binary | std::ios::app) << text;
}

std::size_t lines_of(const std::filesystem::path& file)
{
    const auto text = content(file);
    return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}

TEST_CASE("a stored kubeconfig is fresh as long as its expiry leaves the margin")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    run(directory.put(token_item(uuid(1), 1h)));
    run(directory.put(token_item(uuid(2))));
    run(directory.put(item_of(uuid(3), sample::with_token(uuid(3)), 1h, std::chrono::system_clock::now() - 2h)));
    run(directory.put(item_of(uuid(4), sample::with_token(uuid(4)), 1h, {})));
    CHECK(directory.fresh_for(30min)(uuid(1)));
    CHECK_FALSE(directory.fresh_for(61min)(uuid(1)));
    CHECK(directory.fresh_for(160h)(uuid(2)));
    CHECK_FALSE(directory.fresh_for(169h)(uuid(2)));
    CHECK_FALSE(directory.fresh_for(0s)(uuid(3)));
    CHECK_FALSE(directory.fresh_for(0s)(uuid(4)));
    CHECK_FALSE(directory.fresh_for(0s)(uuid(5)));
    CHECK_FALSE(directory.fresh_for(0s)("../" + uuid(1)));
    CHECK_FALSE(directory.fresh_for(std::chrono::steady_clock::duration::max())(uuid(1)));
}

// A certificate states its own end. An exec entry holds no credential whose end could be known.
TEST_CASE("a certificate is fresh by its own end, and an exec entry never")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    const auto ends = std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now() + 2h);
    run(directory.put(item_of(uuid(1), sample::with_certificate(sample::expiring_at(ends), uuid(1)), 15min)));
    run(directory.put(item_of(uuid(2), sample::with_exec(uuid(2)))));
    const auto fresh = directory.fresh_for(90min)(uuid(1));
    REQUIRE(fresh);
    CHECK(fresh->expires_at() == ends);
    CHECK(fresh->expiry_ignored());
    CHECK_FALSE(directory.fresh_for(121min)(uuid(1)));
    CHECK_FALSE(directory.fresh_for(0s)(uuid(2)));
    CHECK(directory.get(uuid(2)));
}

// The record binds itself to the bytes by their digest, so that a crash between the two writes cannot vouch for
// the wrong file.
TEST_CASE("a file that is not the one of its record is not fresh")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    for (unsigned number : {1u, 2u, 3u}) run(directory.put(token_item(uuid(number), 1h)));
    const auto fresh = directory.fresh_for(1min);
    append(root / "out" / (uuid(1) + ".yaml"), "# changed\n");
    std::filesystem::remove(root / "out" / (uuid(2) + ".yaml"));
    std::filesystem::copy_file(root / "out" / (uuid(3) + ".yaml"), root / "out" / (uuid(4) + ".yaml"));
    CHECK_FALSE(fresh(uuid(1)));
    CHECK_FALSE(fresh(uuid(2)));
    CHECK(fresh(uuid(3)));
    CHECK_FALSE(fresh(uuid(4)));
    REQUIRE(directory.get(uuid(1)));
    CHECK_FALSE(directory.get(uuid(1))->expires_at());
}

// `bulk_options::fresh` keeps the function for the length of a bulk, longer than the handle may live.
TEST_CASE("freshness outlives its directory and sees what others put")
{
    const scratch root;
    doks::freshness fresh;
    {
        kubeconfig_directory directory(root / "out");
        fresh = directory.fresh_for(1min);
    }
    CHECK_FALSE(fresh(uuid(1)));
    kubeconfig_directory other(root / "out");
    run(other.put(token_item(uuid(1), 1h)));
    CHECK(fresh(uuid(1)));
}

// A crash in the middle of an append leaves half a line; appending to it directly would lose the next record, too.
TEST_CASE("a torn last line is nothing to speak of, and the next put stands on a line of its own")
{
    const scratch root;
    const auto index = root / "out/index.jsonl";
    {
        run(kubeconfig_directory(root / "out").put(token_item(uuid(1), 1h)));
    }
    const auto whole = content(index);
    for (std::size_t cut : {std::size_t(1), whole.size() / 2, whole.size() - 1}) {
        write(index, whole + whole.substr(0, cut));
        kubeconfig_directory directory(root / "out");
        CHECK(directory.damaged_index_lines().empty());
        run(directory.put(token_item(uuid(2), 1h)));
        CHECK(directory.fresh_for(1min)(uuid(1)));
        CHECK(directory.fresh_for(1min)(uuid(2)));
    }
}

// Numbers, and no content: an operator can open the file at the line.
TEST_CASE("damaged lines are named and skipped")
{
    const scratch root;
    {
        run(kubeconfig_directory(root / "out").put(token_item(uuid(1), 1h)));
    }
    const auto line = content(root / "out/index.jsonl");
    write(root / "out/index.jsonl", "{\"v\":1\n" + line + "[]\n\xff\n{\"v\":1,\"id\":7}\n");
    kubeconfig_directory directory(root / "out");
    CHECK(directory.damaged_index_lines() == std::vector<std::size_t>{1, 3, 4, 5});
    CHECK(directory.fresh_for(1min)(uuid(1)));
}

// It stays as it is, byte for byte, since the newer version goes on to use it.
TEST_CASE("an index of a newer version is left alone")
{
    const scratch root;
    {
        kubeconfig_directory directory(root / "out");
    }
    write(root / "out/index.jsonl", "{\"v\":2,\"id\":\"x\"}\n");
    const auto why = failure_of([&] { kubeconfig_directory{root / "out"}; });
    CHECK(why == doks::errc::unusable_directory);
    CHECK(why.detail().find("newer version") != std::string::npos);
    CHECK(content(root / "out/index.jsonl") == "{\"v\":2,\"id\":\"x\"}\n");
}

// The index only grows until it is compacted; compaction is worth it once more than half of the lines are old.
TEST_CASE("the last record of an id counts, and puts and opening compact an index that has grown")
{
    const scratch root;
    const auto index = root / "out/index.jsonl";
    {
        kubeconfig_directory directory(root / "out");
        for (int round = 0; round < 40; ++round)
            for (unsigned number : {1u, 2u})
                run(directory.put(token_item(uuid(number), std::chrono::hours(round + 1))));
    }
    CHECK(lines_of(index) < 70);
    const auto last = content(index);
    for (int copies = 0; copies < 10; ++copies) append(index, last);
    kubeconfig_directory directory(root / "out");
    CHECK(lines_of(index) == 2);
    CHECK(mode_of(index) == 0600);
    CHECK(directory.fresh_for(39h)(uuid(1)));
    CHECK(directory.fresh_for(39h)(uuid(2)));
    CHECK(names_in(root / "out").size() == 4);
}

// Every field that a later process needs after a restart.
TEST_CASE("an index record reads back as it was written")
{
    const auto when =
        std::chrono::system_clock::time_point(std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 5s);
    doks::kube::index_record record{
        "id", "na\"me\n", "nyc1", "lab\xC3\xA9l", "token", when, true, 90s, "r", when, "00ff"};
    const auto line = doks::kube::to_line(record);
    CHECK(std::count(line.begin(), line.end(), '\n') == 1);
    const auto read = doks::kube::from_line(line);
    REQUIRE(read.has_value());
    CHECK(read->name == record.name);
    CHECK(read->label == record.label);
    CHECK(read->expires_at == when);
    CHECK(read->expires_exactly);
    CHECK(read->expiry == 90s);
    CHECK(read->written_at == when);
}

// The lock orders the appends; without it lines of two writers would mix.
TEST_CASE("two processes put at once, into the same names and into others, and nothing is lost")
{
    const scratch root;
    const auto out = root / "out";
    const auto putting = [&](unsigned first) {
        return [&out, first] {
            kubeconfig_directory directory(out);
            for (unsigned number = first; number < first + 60; ++number) {
                run(directory.put(token_item(uuid(number), 1h)));
                if (number % 20 == 0) kubeconfig_directory(out).get(uuid(number));
            }
            return true;
        };
    };
    const pid_t one = forked(putting(0));
    const pid_t two = forked(putting(40));
    CHECK(succeeded(one));
    CHECK(succeeded(two));
    kubeconfig_directory directory(out);
    CHECK(directory.damaged_index_lines().empty());
    for (unsigned number = 0; number < 100; ++number) CHECK(directory.fresh_for(1min)(uuid(number)));
    CHECK(names_in(out).size() == 102);
}

// A staged file is recognised by the lock that its writer holds, since a process id may be that of another
// container.
TEST_CASE("what a killed writer left is removed, what a living one stages is not")
{
    const scratch root;
    const auto out = root / "out";
    {
        kubeconfig_directory directory(out);
    }
    const pid_t gone = forked([] { return true; });
    CHECK(succeeded(gone));
    const std::string digits = "-0123456789abcdef";
    const auto left = out / ("." + uuid(1) + ".yaml." + std::to_string(gone) + digits);
    const auto aged = out / ("." + uuid(2) + ".yaml." + std::to_string(::getpid()) + digits);
    const auto young = out / ("." + uuid(3) + ".yaml." + std::to_string(::getpid()) + digits);
    const auto held = out / ("." + uuid(4) + ".yaml." + std::to_string(gone) + digits);
    const auto index = out / (".index.jsonl." + std::to_string(gone) + digits);
    const std::vector<std::filesystem::path> foreign{out / (".notes." + std::to_string(gone) + digits),
        out / ".x.yaml.1-2", out / "keep.txt", out / ("x.yaml." + std::to_string(gone) + digits)};
    for (const auto& file : {left, aged, young, held, index}) write(file, "half");
    for (const auto& file : foreign) write(file, "theirs");
    std::filesystem::last_write_time(aged, std::filesystem::file_time_type::clock::now() - 2min);
    const int staging = ::open(held.c_str(), O_RDONLY | O_CLOEXEC);
    REQUIRE(::flock(staging, LOCK_EX) == 0);
    kubeconfig_directory directory(out);
    ::close(staging);
    for (const auto& file : {left, aged, index}) CHECK_FALSE(std::filesystem::exists(file));
    for (const auto& file : {young, held}) CHECK(std::filesystem::exists(file));
    for (const auto& file : foreign) CHECK(content(file) == "theirs");
}

// SIGKILL at random moments of a loop of puts, in addition to the walk over all system calls in crash_test.
TEST_CASE("a writer killed at any moment leaves whole files only, and the next one cleans up")
{
    const scratch root;
    const auto out = root / "out";
    for (unsigned round = 0; round < 12; ++round) {
        const pid_t child = forked([&out] {
            kubeconfig_directory directory(out);
            for (unsigned number = 0;; ++number) run(directory.put(token_item(uuid(number % 5), 1h)));
            return true;
        });
        const auto enough = 4 * (round + 1);
        while (lines_of(out / "index.jsonl") < enough) std::this_thread::yield();
        ::kill(child, SIGKILL);
        int status = 0;
        ::waitpid(child, &status, 0);
        for (unsigned number = 0; number < 5; ++number) {
            const auto file = out / (uuid(number) + ".yaml");
            if (std::filesystem::exists(file)) CHECK(content(file) == sample::with_token(uuid(number)));
        }
        if (round == 11) kubeconfig_directory{out};
    }
    for (const auto& name : names_in(out)) CHECK((name.ends_with(".yaml") || name == ".lock" || name == "index.jsonl"));
}

// Root may use any directory. Everyone else must not put secrets where another user could read or replace them.
TEST_CASE("a user other than root may use only directories of its own that are writable")
{
    if (::geteuid() != 0) return;
    const scratch root;
    ::chmod((root / "").c_str(), 0755);
    std::filesystem::create_directory(root / "roots");
    std::filesystem::create_directory(root / "own");
    ::chmod((root / "roots").c_str(), 0755);
    ::chmod((root / "own").c_str(), 0500);
    constexpr uid_t unprivileged = 65534;
    REQUIRE(::chown((root / "own").c_str(), unprivileged, unprivileged) == 0);
    const auto detail_as_nobody = [](std::filesystem::path path, std::string_view expected) {
        return forked([path, expected] {
            if (::setresuid(unprivileged, unprivileged, unprivileged) != 0) return false;
            const auto why = failure_of([&] { kubeconfig_directory{path}; });
            return why == doks::errc::unusable_directory && why.detail().find(expected) != std::string::npos;
        });
    };
    CHECK(succeeded(detail_as_nobody(root / "roots", "belongs to another user")));
    CHECK(succeeded(detail_as_nobody(root / "own", "Permission denied")));
    CHECK(succeeded(detail_as_nobody(root / "roots/new", "Permission denied")));
    kubeconfig_directory directory(root / "own");
    run(directory.put(token_item(uuid(1))));
    CHECK(directory.get(uuid(1)));
}
