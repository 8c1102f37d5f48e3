#include "kubeconfig/directory/directory_access.hpp"
#include "kubeconfig/directory/directory_check.hpp"
#include "kubeconfig/scratch.hpp"

#include <doctest/doctest.h>

#include <fstream>

// What a keeper asks the directory every few seconds: is everything still there that was put. The cost counts, so
// the tests also look at which files were read.

using namespace std::chrono_literals;
using doks::kubeconfig_directory;
namespace kube = doks::kube;

namespace {

/// A directory with two files, and who checks that they are there.
struct checked_directory
{
    checked_directory()
    {
        for (const unsigned number : {1U, 2U}) {
            const auto item = token_item(uuid(number), 1h);
            run(directory.put(item));
            expected.push_back({item.cluster.id, *item.outcome});
        }
        CHECK(lost(false) == 0);
    }
    std::filesystem::path file(std::size_t which) const { return root / "out" / (expected[which].id + ".yaml"); }
    std::size_t lost(bool by_writing = false)
    {
        last = check.run(expected, by_writing);
        return last.lost.size();
    }

    const scratch root;
    kubeconfig_directory directory{root / "out"};
    std::vector<kube::expected_file> expected;
    kube::directory_check check{kube::directory_access::store(directory)};
    kube::check_outcome last;
};

}

// A keeper looks every ten seconds at up to thousands of files, so it must not read those whose stamp is the same.
TEST_CASE("a file that is missing, changed, or changed in place at the same size is found, others are not read again")
{
    checked_directory at;
    std::filesystem::remove(at.file(0));
    CHECK(at.lost() == 1);
    CHECK_FALSE(at.last.lost.front().found);
    {
        std::fstream text(at.file(1), std::ios::in | std::ios::out | std::ios::binary);
        text.put('#');
    }
    REQUIRE(at.lost() == 2);
    REQUIRE(at.last.lost.back().found);
    CHECK_FALSE(at.last.lost.back().found->record);
}

// A file without its record is not fresh after a restart, so that it would be minted again: the keeper writes both
// again.
TEST_CASE("without the index, or their lines in it, files count as lost")
{
    checked_directory at;
    std::filesystem::remove(at.root / "out" / "index.jsonl");
    CHECK(at.lost() == 2);
    run(at.directory.put(token_item(uuid(3), 1h)));
    CHECK(at.lost() == 2);
}

// An operator who deletes the directory expects the running keeper to bring it back, not to be restarted.
TEST_CASE("a directory that was removed or replaced is opened again, and takes files then")
{
    checked_directory at;
    std::filesystem::remove_all(at.root / "out");
    CHECK(at.lost() == 2);
    CHECK(at.last.directory.opened_again);
    CHECK_FALSE(at.last.directory.error);
    for (const unsigned number : {1U, 2U}) run(at.directory.put(token_item(uuid(number), 1h)));
    at.lost();
    CHECK_FALSE(at.last.directory.opened_again);
    CHECK(std::filesystem::exists(at.file(0)));
    std::filesystem::rename(at.root / "out", at.root / "away");
    std::filesystem::create_directory(at.root / "out");
    std::filesystem::permissions(at.root / "out", std::filesystem::perms::owner_all);
    CHECK(at.lost() == 2);
    CHECK(at.last.directory.opened_again);
}

// The error has to be reported while it lasts and to end when the path is usable again.
TEST_CASE("what cannot be opened again is said, and heals; a directory in the place of a file is found")
{
    checked_directory at;
    std::filesystem::rename(at.root / "out", at.root / "away");
    std::ofstream(at.root / "out") << "a file\n";
    CHECK(at.lost(true) == 2);
    REQUIRE(at.last.directory.error);
    CHECK(at.last.directory.unreachable);
    CHECK(at.last.directory.error->detail.find("is a file") != std::string::npos);
    std::filesystem::remove(at.root / "out");
    std::filesystem::rename(at.root / "away", at.root / "out");
    CHECK(at.lost(true) == 0);
    CHECK_FALSE(at.last.directory.error);
    const auto store = kube::directory_access::store(at.directory);
    CHECK_FALSE(store->why_not_replaceable(at.expected[0].id));
    std::filesystem::remove(at.file(0));
    std::filesystem::create_directory(at.file(0));
    CHECK(store->why_not_replaceable(at.expected[0].id));
}
