#include "cli/fetch/changing_account.hpp"
#include "cli/fetch/prune.hpp"
#include "cli/watch/listing_review.hpp"
#include "support/long_form.hpp"
#include "support/scratch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

// Random histories of an account that changes between any two requests: no file of a cluster that lives is removed.

using namespace doks::cli;
using namespace std::chrono_literals;
using doks::test::virtual_world;
namespace asio = boost::asio;

namespace cli_test {

namespace {

std::set<std::string> ids_of(const std::vector<doks::cluster>& clusters)
{
    std::set<std::string> ids;
    for (const auto& each : clusters) ids.insert(each.id);
    return ids;
}

/// A console whose lines are dropped.
struct nowhere
{
    nowhere()
        : file(::open("/dev/null", O_WRONLY | O_CLOEXEC))
        , log(file)
    {}
    nowhere(const nowhere&) = delete;
    nowhere& operator=(const nowhere&) = delete;
    ~nowhere() { ::close(file); }
    int file;
    console log;
};

/// What happened over all histories.
struct tally
{
    std::size_t listings = 0, complete = 0, refused = 0, removed = 0, live_removed = 0, stored = 0;
};

/// One account over many fetches, and the directory that they share.
class history
{
public:
    history(std::uint64_t seed, tally& all)
        : account(seed)
        , world([this](const auto& request) { return account.answer(request); })
        , all_(all)
    {
        auto how = world.config();
        how.rate_limit.clear();
        accounts_.clients.push_back(world.client(how));
    }

    template <class Work> void run(Work work)
    {
        bool over = false;
        std::exception_ptr error;
        asio::co_spawn(world.context, std::move(work), [&](std::exception_ptr thrown) {
            error = thrown;
            over = true;
        });
        while (!over) world.run([&] { return over; });
        if (error) std::rethrow_exception(error);
    }

    const doks::client& client() const { return accounts_.clients.front(); }
    changing_account account;
    virtual_world world;

    /// As `fetch --all --prune` does it, but for the kubeconfigs, which are made here.
    asio::awaitable<void> fetch()
    {
        std::vector<listing> listed;
        try {
            auto clusters = co_await client().clusters();
            listed.push_back({client(), std::move(clusters)});
        } catch (const doks::failure& why) {
            CHECK(why == doks::errc::incomplete_listing);
            co_return;
        }
        ++all_.complete;
        auto plans = co_await plan_prunes(listed, places_, removal_limit::half);
        if (plans.front().judgement.verdict == listing_verdict::none_listed) {
            ++all_.refused;
            co_return;
        }
        for (const auto& each : listed.front().clusters) co_await put(each);
        std::function<void(const std::string&)> report = [this](const std::string& line) { on_removed(line); };
        prune_options how;
        how.gap = 0s;
        co_await prune(std::move(plans), places_, accounts_, how, std::move(report), nowhere_.log);
    }

    void count()
    {
        all_.listings += account.listings;
        run(count_files());
    }

    /// As a watch goes on: every listing is followed by a pause of seconds or minutes.
    asio::awaitable<void> watch(std::size_t listings)
    {
        listing_review review(30s);
        std::set<std::string> kept;
        for (; listings > 0; --listings) {
            co_await look(review, kept);
            now_ += listings % 3 == 0 ? 1s : 5min;
        }
    }

private:
    asio::awaitable<void> look(listing_review& review, std::set<std::string>& kept)
    {
        std::set<std::string> present;
        try {
            auto clusters = co_await client().clusters();
            present = ids_of(clusters);
        } catch (const doks::failure& why) {
            CHECK(why == doks::errc::incomplete_listing);
            co_return;
        }
        ++all_.complete;
        auto next = review.listed(kept, present, now_);
        if (!next.takes_new) ++all_.refused;
        std::function<void(const std::string&)> log = [](const std::string&) {};
        const auto answers = co_await find_absent(client(), std::move(next.ask), std::move(log));
        std::set<std::string> absent;
        for (const auto& [id, why] : answers.absent) absent.insert(id);
        for (const auto& id : review.confirm_gone(absent, now_)) {
            on_removed(id);
            kept.erase(id);
        }
        if (next.takes_new) kept.insert(present.begin(), present.end());
    }

    asio::awaitable<void> put(doks::cluster about)
    {
        auto directory = places_.at("");
        if (directory.get(about.id)) co_return;
        doks::kubeconfig config(std::string_view(doks::test::kubeconfig_text(about.id)));
        co_await directory.put(std::move(config), std::move(about));
        ++all_.stored;
    }

    asio::awaitable<void> count_files()
    {
        const auto files = co_await places_.at("").contents("");
        CHECK(files.foreign.empty());
    }

    void on_removed(const std::string& line)
    {
        ++all_.removed;
        const auto alive = account.alive();
        const bool is_live =
            std::any_of(alive.begin(), alive.end(), [&](const auto& id) { return line.find(id) != std::string::npos; });
        if (is_live) ++all_.live_removed;
    }

    tally& all_;
    absence_log::time_point now_{};
    nowhere nowhere_;
    doks::test::scratch_folder scratch_;
    account_set accounts_;
    directories places_{{"", doks::kubeconfig_directory(scratch_.path() / "out")}};
};

}

TEST_CASE("no fetch --prune removes the file of a live cluster, however the account changes meanwhile")
{
    tally all;
    const std::size_t histories = doks::test::is_long() ? 1000 : 20;
    for (std::size_t seed = 1; seed <= histories; ++seed) {
        history one(seed, all);
        one.account.changes = seed % 3 == 0 ? 30 : 150;
        for (int run = 0; run < 10; ++run) one.run(one.fetch());
        one.count();
    }
    MESSAGE(all.listings << " listings, " << all.complete << " complete, " << all.refused
                         << " of another account or empty, " << all.stored << " files stored, " << all.removed
                         << " removed, " << all.live_removed << " of them of live clusters");
    CHECK(all.live_removed == 0);
    CHECK(all.removed > histories);
    CHECK(all.complete > histories * 5);
}

TEST_CASE("no watch removes the file of a live cluster, however the account changes between and within its listings")
{
    tally all;
    const std::size_t histories = doks::test::is_long() ? 200 : 10;
    for (std::size_t seed = 1; seed <= histories; ++seed) {
        history one(seed, all);
        one.account.changes = seed % 3 == 0 ? 30 : 150;
        one.run(one.watch(50));
        one.count();
    }
    MESSAGE(all.listings << " listings, " << all.complete << " complete, " << all.refused
                         << " of another account or empty, " << all.removed << " removed, " << all.live_removed
                         << " of them of live clusters");
    CHECK(all.live_removed == 0);
    CHECK(all.removed > histories);
}

}
