#include "cli/token_fingerprint.hpp"

#include "cli/scratch_directory.hpp"
#include "cli/secret_input.hpp"
#include "kubeconfig/directory/stored_file.hpp"

#include <doks/failure.hpp>

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <fstream>
#include <future>
#include <set>
#include <string>
#include <vector>

using namespace doks::cli;
namespace fs = std::filesystem;

namespace {

const doks::secret token{"dop_v1_0123456789"};

std::string bytes_of(const fs::path& file)
{
    std::ifstream input(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(input), {}};
}

}

TEST_CASE("a fingerprint tells tokens apart, is the same next time, and is of no use in another cache")
{
    scratch_directory place;
    const auto first = token_fingerprint(place.path() / "a", token);
    CHECK(first.size() == 32);
    CHECK(token_fingerprint(place.path() / "a", token) == first);
    CHECK(token_fingerprint(place.path() / "a", doks::secret("dop_v1_0123456788")) != first);
    CHECK(token_fingerprint(place.path() / "b", token) != first);
    CHECK_FALSE(doks::kube::sha256(token.reveal()).starts_with(first));
    const auto salt = place.path() / "a" / ".salt";
    struct stat about
    {};
    REQUIRE(::stat(salt.c_str(), &about) == 0);
    CHECK((about.st_mode & 07777) == 0600);
    CHECK(about.st_size == 32);
    CHECK(bytes_of(salt).find("dop") == std::string::npos);
}

TEST_CASE("a salt that is short, long, empty, a link or a pipe is replaced once")
{
    scratch_directory place;
    const auto salt = place.path() / ".salt";
    std::set<std::string> seen{token_fingerprint(place.path(), token)};
    const auto check = [&](const char* what) {
        CAPTURE(what);
        const auto next = token_fingerprint(place.path(), token);
        CHECK(seen.insert(next).second);
        CHECK(token_fingerprint(place.path(), token) == next);
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
    CHECK(bytes_of(other) == std::string(32, 'x'));
    fs::remove(salt);
    REQUIRE(::mkfifo(salt.c_str(), 0600) == 0);
    check("pipe");
    fs::remove(salt);
    fs::create_directory(salt);
    CHECK_THROWS_AS(token_fingerprint(place.path(), token), doks::failure);
}

TEST_CASE("64 threads that find no salt make one")
{
    scratch_directory place;
    std::vector<std::future<std::string>> all;
    for (int count = 0; count < 64; ++count)
        all.push_back(std::async(std::launch::async, [&] { return token_fingerprint(place.path(), token); }));
    std::set<std::string> seen;
    for (auto& each : all) seen.insert(each.get());
    CHECK(seen.size() == 1);
}
