#include <doks/secret.hpp>

#include "core/heap_watch.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <new>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>

// Secrets are searched for in the memory that they gave back, by heap_watch.

namespace {

using core_test::heap_watch;
using doks::secret;

const std::string token = std::string(heap_watch::canary) + std::string(200, 'x') + std::string(heap_watch::canary);

/// The change gives memory back, and nothing of the secret is in it.
template <class Change> void check_wiped(Change change)
{
    const heap_watch watch;
    change();
    CHECK(watch.released() > 0);
    CHECK(watch.leaked() == 0);
}

}

TEST_CASE("the watch itself sees what an ordinary string leaves behind")
{
    const heap_watch watch;
    {
        const std::string careless = token + "!";
    }
    CHECK(watch.leaked() > 0);
}

TEST_CASE("wiping overwrites every byte, and nothing beside")
{
    char bytes[32];
    std::memset(bytes, 'x', sizeof bytes);
    doks::wipe(bytes + 8, 16);
    doks::wipe(bytes, 0);
    doks::wipe(nullptr, 0);
    for (int i = 0; i < 32; ++i) CHECK(bytes[i] == (i >= 8 && i < 24 ? '\0' : 'x'));
}

TEST_CASE("a secret that goes leaves nothing behind")
{
    check_wiped([] { const secret gone(token); });
}

TEST_CASE("a secret that is assigned to gives its old bytes back wiped, at once")
{
    secret kept(token), source("new");
    check_wiped([&] { kept = source; });
    CHECK(kept.reveal() == "new");
    secret other(token);
    check_wiped([&] { other = secret("newer"); });
    CHECK(other.reveal() == "newer");
}

TEST_CASE("bytes that grow leave no copy behind")
{
    check_wiped([] {
        doks::secret_bytes bytes;
        for (int i = 0; i < 50; ++i) bytes.insert(bytes.end(), token.begin(), token.end());
        bytes.resize(3);
        bytes.shrink_to_fit();
    });
}

TEST_CASE("an allocation beyond all memory is refused, not wrapped around")
{
    doks::wiping_allocator<long> allocator;
    volatile std::size_t too_many = SIZE_MAX / 4;
    CHECK_THROWS_AS((void)allocator.allocate(too_many), std::bad_array_new_length);
}

TEST_CASE("a secret prints its length and nothing else")
{
    std::ostringstream out;
    out << secret(token) << ' ' << secret();
    CHECK(out.str() == "[redacted:" + std::to_string(token.size()) + "] [redacted:0]");
}

TEST_CASE("secrets are equal where every byte is")
{
    CHECK(secret(token) == secret(token));
    CHECK(secret() == secret(""));
    CHECK(secret("a") != secret("b"));
    CHECK(secret("a") != secret("aa"));
    CHECK(secret(std::string_view("a\0b", 3)) != secret(std::string_view("a\0c", 3)));
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string other = token;
        other[i] = static_cast<char>(other[i] ^ 1);
        REQUIRE(secret(other) != secret(token));
    }
}

TEST_CASE("a secret that was moved from is empty, and moving cannot fail")
{
    secret first(token);
    secret second = std::move(first);
    CHECK(first.empty()); // NOLINT(bugprone-use-after-move): the test's subject
    CHECK(second.reveal() == token);
    first = std::move(second);
    CHECK(second.empty()); // NOLINT(bugprone-use-after-move)
    CHECK(first.size() == token.size());
    auto& same = first;
    first = same;
    CHECK(first.reveal() == token);
    CHECK(std::is_nothrow_move_constructible_v<secret>);
    CHECK(std::is_nothrow_move_assignable_v<secret>);
}

TEST_CASE("a secret does not turn into text by accident")
{
    CHECK_FALSE(std::is_convertible_v<secret, std::string>);
    CHECK_FALSE(std::is_convertible_v<secret, std::string_view>);
    CHECK_FALSE(std::is_convertible_v<std::string, secret>);
    CHECK_FALSE(std::is_convertible_v<std::string_view, secret>);
}
