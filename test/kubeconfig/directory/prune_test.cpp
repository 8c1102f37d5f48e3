#include "kubeconfig/directory/index.hpp"
#include "kubeconfig/scratch.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

// Removing files. These are the only operations that can destroy a credential which cannot be fetched again during
// an outage, so most of the tests are about what has to stay.

using namespace std::chrono_literals;
using doks::kubeconfig_directory;
using names = std::vector<std::string>;

namespace {

/// The clusters of these numbers.
std::vector<doks::cluster> listed(std::initializer_list<unsigned> numbers)
{
    std::vector<doks::cluster> all;
    for (const unsigned number : numbers) {
        all.emplace_back();
        all.back().id = uuid(number);
    }
    return all;
}

boost::asio::awaitable<void> prune_into(kubeconfig_directory directory, std::vector<doks::cluster> clusters,
    std::optional<std::string> label, doks::prune_limit limit, doks::prune_result& into)
{
    into = co_await directory.prune(std::move(clusters), std::move(label), limit);
}

doks::prune_result prune(const kubeconfig_directory& directory, std::vector<doks::cluster> clusters,
    std::optional<std::string> label = std::nullopt, doks::prune_limit limit = doks::prune_limit::all)
{
    doks::prune_result done;
    run(prune_into(directory, std::move(clusters), std::move(label), limit, done));
    return done;
}

boost::asio::awaitable<void> erase_into(kubeconfig_directory directory, std::string id, bool& into)
{
    into = co_await directory.erase(std::move(id));
}

bool erase(const kubeconfig_directory& directory, const std::string& id)
{
    bool erased = false;
    run(erase_into(directory, id, erased));
    return erased;
}

boost::asio::awaitable<void> erase_expired_into(kubeconfig_directory directory, std::string id, bool& into)
{
    into = co_await directory.erase_expired(std::move(id));
}

bool erase_expired(const kubeconfig_directory& directory, const std::string& id)
{
    bool erased = false;
    run(erase_expired_into(directory, id, erased));
    return erased;
}

boost::asio::awaitable<void> contents_into(
    kubeconfig_directory directory, std::optional<std::string> label, doks::directory_contents& into)
{
    into = co_await directory.contents(std::move(label));
}

std::string yaml(unsigned number) { return uuid(number) + ".yaml"; }

}

// The record has to go as well, or a file that another program puts there later would be looked up in it.
TEST_CASE("a prune removes the files of unlisted clusters, from the index too")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    for (unsigned number : {1u, 2u, 3u}) run(directory.put(token_item(uuid(number), 1h)));
    const auto done = prune(directory, listed({2, 7}));
    CHECK(done.removed == names{uuid(1), uuid(3)});
    CHECK(done.left.empty());
    CHECK(names_in(root / "out") == names{".lock", yaml(2), "index.jsonl"});
    CHECK_FALSE(directory.get(uuid(1)));
    CHECK(directory.fresh_for(1min)(uuid(2)));
    const auto index = doks::kube::index::read(content(root / "out/index.jsonl"));
    CHECK(index.ids() == names{uuid(2)});
    CHECK(prune(directory, listed({2})).removed.empty());
    CHECK(prune(directory, {}).removed == names{uuid(2)});
}

// The directory may be a user's own folder of kubeconfigs.
TEST_CASE("a prune leaves files that are not doks' own, and names those that look like it")
{
    const scratch root;
    const auto out = root / "out";
    kubeconfig_directory directory(out);
    for (unsigned number : {1u, 2u, 3u}) run(directory.put(token_item(uuid(number), 1h)));
    write(out / yaml(1), "changed");
    write(out / "mine.yaml", "foreign");
    write(out / "notes.txt", "not looked at");
    std::filesystem::copy_file(out / yaml(2), out / yaml(4));
    std::filesystem::create_directory(out / yaml(5));
    std::filesystem::create_symlink(out / yaml(2), out / yaml(6));
    ::mkfifo((out / yaml(7)).c_str(), 0600);
    write(out / ".hidden.yaml", "foreign");
    write(out / yaml(8), std::string(3 << 20, 'x'));
    const auto before = names_in(out);
    const auto done = prune(directory, listed({2}));
    CHECK(done.removed == names{uuid(3)});
    CHECK(done.left == names{".hidden.yaml", yaml(1), yaml(4), yaml(5), yaml(6), yaml(7), yaml(8), "mine.yaml"});
    CHECK(names_in(out).size() == before.size() - 1);
    CHECK(content(out / yaml(1)) == "changed");
    CHECK(prune(directory, listed({1, 2})).left.size() == 7);
}

// Several accounts may write into one directory, each with its label.
TEST_CASE("a prune under a label removes nothing of another one's")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    for (const auto& [number, label] : {std::pair(1u, "red"), std::pair(2u, "blue"), std::pair(3u, "red")}) {
        auto item = token_item(uuid(number), 1h);
        item.label = label;
        run(directory.put(item));
    }
    CHECK(prune(directory, listed({3}), "red").removed == names{uuid(1)});
    CHECK(prune(directory, listed({}), "green").removed.empty());
    CHECK(prune(directory, listed({3})).removed == names{uuid(2)});
}

// A user may delete files by hand.
TEST_CASE("a prune takes records out of the index whose files are gone")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    for (unsigned number : {1u, 2u}) run(directory.put(token_item(uuid(number), 1h)));
    std::filesystem::remove(root / "out" / yaml(1));
    CHECK(prune(directory, listed({2})).removed.empty());
    CHECK(doks::kube::index::read(content(root / "out/index.jsonl")).ids() == names{uuid(2)});
}

// The second call tells the caller that there was nothing any more.
TEST_CASE("an erase removes one, once")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    for (unsigned number : {1u, 2u}) run(directory.put(token_item(uuid(number), 1h)));
    CHECK(erase(directory, uuid(1)));
    CHECK_FALSE(erase(directory, uuid(1)));
    CHECK_FALSE(erase(directory, uuid(3)));
    CHECK(directory.fresh_for(1min)(uuid(2)));
    write(root / "out" / yaml(2), "changed");
    CHECK_FALSE(erase(directory, uuid(2)));
    CHECK(content(root / "out" / yaml(2)) == "changed");
    const auto why = failure_of([&] { erase(directory, "../" + uuid(2)); });
    CHECK(why == doks::errc::invalid_argument);
    CHECK(why.detail() == "its id cannot be the name of a file");
}

TEST_CASE("only a file of doks whose credential has expired is erased as expired")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    const auto two_hours_ago = std::chrono::system_clock::now() - 2h;
    for (unsigned number : {1u, 2u})
        run(directory.put(item_of(uuid(number), sample::with_token(uuid(number)), 1h, two_hours_ago)));
    run(directory.put(token_item(uuid(3), 1h)));
    run(directory.put(item_of(uuid(4), sample::with_exec(uuid(4)), 1h, two_hours_ago)));
    write(root / "out" / yaml(2), "changed");
    CHECK(erase_expired(directory, uuid(1)));
    CHECK_FALSE(directory.get(uuid(1)));
    for (unsigned number : {1u, 2u, 3u, 4u, 5u}) CHECK_FALSE(erase_expired(directory, uuid(number)));
    CHECK(content(root / "out" / yaml(2)) == "changed");
    CHECK(directory.get(uuid(3)));
    CHECK(directory.get(uuid(4)));
    CHECK(failure_of([&] { erase_expired(directory, "../x"); }) == doks::errc::invalid_argument);
}

TEST_CASE("the contents of a directory are its entries by label, with their expiry, and foreign names")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    run(directory.put(token_item(uuid(1), 1h)));
    auto other = token_item(uuid(2), 1h);
    other.label = "team-b";
    run(directory.put(other));
    write(root / "out" / yaml(3), "a user's");
    doks::directory_contents all, own;
    run(contents_into(directory, std::nullopt, all));
    run(contents_into(directory, "team-b", own));
    REQUIRE(all.entries.size() == 2);
    CHECK(all.foreign == names{yaml(3)});
    REQUIRE(own.entries.size() == 1);
    CHECK(own.entries.front().id == uuid(2));
    REQUIRE(own.entries.front().expires_at);
    CHECK(*own.entries.front().expires_at > std::chrono::system_clock::now() + 59min);
    CHECK(own.foreign == names{yaml(3)});
}

TEST_CASE("what was erased can be put again")
{
    const scratch root;
    kubeconfig_directory directory(root / "out");
    run(directory.put(token_item(uuid(1), 1h)));
    CHECK(erase(directory, uuid(1)));
    doks::cluster about;
    about.id = uuid(1);
    about.name = "green";
    run(directory.put(*token_item(uuid(1), 2h).outcome, about, "team-b"));
    CHECK(directory.fresh_for(90min)(uuid(1)));
    const auto record = *doks::kube::index::read(content(root / "out/index.jsonl")).find(uuid(1));
    CHECK(record.name == "green");
    CHECK(record.label == "team-b");
    CHECK(record.expiry == 2h);
}

// doks 0.1 reads the same index: it must neither refuse the line nor believe that a file is there.
TEST_CASE("to a reader that knows no removals the line of one is a record of no file")
{
    const auto line = doks::kube::removal_line(uuid(1), std::chrono::system_clock::now());
    const auto record = doks::kube::from_line(line);
    REQUIRE(record.has_value());
    CHECK(record->id == uuid(1));
    CHECK(record->digest.size() < 64);
    // As an earlier version writes it when it compacts.
    CHECK(doks::kube::index::read(doks::kube::to_line(*record)).ids().empty());
}

// An empty list, or that of another account, is the likeliest mistake, and it would remove everything.
TEST_CASE("a prune removes at most half of the files that it looks at, and else none, unless it may remove all")
{
    const scratch root;
    const auto out = root / "out";
    kubeconfig_directory directory(out);
    for (unsigned number : {1u, 2u, 3u, 4u, 5u}) {
        auto item = token_item(uuid(number), 1h);
        item.label = number == 5 ? "other" : "own";
        run(directory.put(item));
    }
    write(out / "mine.yaml", "foreign");
    const auto half = doks::prune_limit::half;
    for (const auto& clusters : {listed({}), listed({1}), listed({1, 7, 8, 9})}) {
        const auto why = failure_of([&] { prune(directory, clusters, "own", half); });
        CHECK(why == doks::errc::invalid_argument);
        CHECK(why.detail().ends_with(" of 4 files would be removed, more than half"));
        CHECK(names_in(out).size() == 8);
    }
    CHECK(prune(directory, listed({1, 2}), "own", half).removed == names{uuid(3), uuid(4)});
    CHECK(prune(directory, listed({}), "other", doks::prune_limit::all).removed == names{uuid(5)});
}
