#include "cli/plugin/token_fingerprint.hpp"

#include "cli/output/text.hpp"
#include "cli/tokens/secret_input.hpp"
#include "support/scratch.hpp"

#include <doks/failure.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <fstream>
#include <future>
#include <set>
#include <string>
#include <vector>

// Fingerprints of tokens, and the salt on disk behind them.

using namespace doks::cli;
namespace fs = std::filesystem;

namespace {

const doks::secret token{"dop_v1_0123456789"};

/// As a program alone gets it.
std::string fingerprint(const fs::path& cache, const doks::secret& of = token)
{
    boost::asio::io_context context;
    auto done = boost::asio::co_spawn(context, token_fingerprint(cache, of), boost::asio::use_future);
    context.run();
    return done.get();
}

}

TEST_CASE("a fingerprint tells tokens apart, is the same next time, and is of no use in another cache")
{
    doks::test::scratch_folder place;
    const auto first = fingerprint(place.path() / "a");
    CHECK(first.size() == 32);
    CHECK(fingerprint(place.path() / "a") == first);
    CHECK(fingerprint(place.path() / "a", doks::secret("dop_v1_0123456788")) != first);
    CHECK(fingerprint(place.path() / "b") != first);
    CHECK_FALSE(sha256(token.reveal()).starts_with(first));
    const auto salt = place.path() / "a" / ".salt";
    struct stat about
    {};
    REQUIRE(::stat(salt.c_str(), &about) == 0);
    CHECK((about.st_mode & 07777) == 0600);
    CHECK(about.st_size == 32);
    CHECK(doks::test::content(salt).find("dop") == std::string::npos);
}

TEST_CASE("a salt that is short, long, empty, a link or a pipe is replaced once")
{
    doks::test::scratch_folder place;
    const auto salt = place.path() / ".salt";
    std::set<std::string> seen{fingerprint(place.path())};
    const auto check = [&](const char* what) {
        CAPTURE(what);
        const auto next = fingerprint(place.path());
        CHECK(seen.insert(next).second);
        CHECK(fingerprint(place.path()) == next);
        CHECK(fs::is_regular_file(fs::symlink_status(salt)));
        CHECK(fs::file_size(salt) == 32);
    };
    for (const std::size_t size : {0, 1, 31, 33, 5000}) {
        std::ofstream(salt, std::ios::binary | std::ios::trunc) << std::string(size, 'x');
        check("size");
    }
    const auto other = place.path() / "other";
    std::ofstream(other) << std::string(32, 'x');
    fs::remove(salt);
    fs::create_symlink(other, salt);
    check("link");
    CHECK(doks::test::content(other) == std::string(32, 'x'));
    fs::remove(salt);
    REQUIRE(::mkfifo(salt.c_str(), 0600) == 0);
    check("pipe");
    fs::remove(salt);
    fs::create_directory(salt);
    CHECK_THROWS_AS(fingerprint(place.path()), doks::failure);
}

TEST_CASE("64 threads that find no salt make one")
{
    doks::test::scratch_folder place;
    std::vector<std::future<std::string>> all;
    for (int count = 0; count < 64; ++count)
        all.push_back(std::async(std::launch::async, [&] { return fingerprint(place.path()); }));
    std::set<std::string> seen;
    for (auto& each : all) seen.insert(each.get());
    CHECK(seen.size() == 1);
}
