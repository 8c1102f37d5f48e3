#include "kubeconfig/samples.hpp"
#include "support/secrets/residue.hpp"

#include <doks/kubeconfig.hpp>

#include <doctest/doctest.h>

// Secrets in the process's memory after use. Core dumps and swap keep what the allocator hands on unwiped.

// Sanitizers keep hundreds of megabytes of their own, in which the search would take a minute.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace {

using doks::test::count_in_memory;
using doks::test::hidden;

doks::secret_bytes config_with(const hidden& token, char quote)
{
    const auto text = sample::around("    token: ");
    doks::secret_bytes bytes(text.begin(), text.end());
    bytes.push_back(quote);
    token.append_to(bytes);
    bytes.push_back(quote);
    return bytes;
}

}

// The whole process is searched, since the allocator may have moved the bytes anywhere.
TEST_CASE("no copy of a token is left in memory once its kubeconfig is gone")
{
    const hidden token("canary-5f1c9a7e-not-a-token");
    for (char quote : {' ', '"', '\''}) {
        {
            const doks::kubeconfig config(config_with(token, quote), {});
            CHECK(token.count_in(config.current().token.reveal()) == 1);
            CHECK(count_in_memory(token) >= 2);
        }
        CHECK(count_in_memory(token) == 0);
    }
}

#endif
