#include "keeper/disk_time.hpp"
#include "keeper/keeper_world.hpp"
#include "support/scratch.hpp"

#include <cmath>
#include <cstdlib>
#include <random>
#include <unordered_map>

// Credentials kept for a month of virtual time, real OpenSSL included: the API fails, is away, has its token rotated, and
// the process is started anew.

namespace doks::test {

namespace {

constexpr std::chrono::minutes expiry = 1h;
constexpr auto margin = expiry / 5;

/// The API's own memory of what it minted; every response is minted or fails before anything is.
struct month
{
    explicit month(std::size_t how_many)
        : clusters(how_many)
        , ids(numbered(how_many))
    {
        here.config.rate_limit = digitalocean_limits();
        here.config.token =
            token_coroutine([this]() -> boost::asio::awaitable<secret> { co_return secret(api_token()); });
        here.meets = [this](const std::string& id, const seen_request& seen) { return meet(id, seen); };
    }

    core::duration now() const { return here.world.time->steady_now() - began; }
    std::string api_token() const { return "day-" + std::to_string(now() / 24h); }
    bool is_away() const
    {
        const auto in_month = now() % (30 * 24h);
        return (in_month > 100h && in_month < 100h + 30min) || (in_month > 400h && in_month < 400h + 30min);
    }

    std::optional<scripted_answer> meet(const std::string& id, const seen_request& seen)
    {
        if (is_away()) return failing_with(503);
        if (seen.head.find("Bearer " + api_token() + "\r\n") == std::string::npos) {
            ++refused;
            return failing_with(401);
        }
        if (unit(random) < 0.2) return failing_with(500);
        const auto bearer = "t" + std::to_string(++minted);
        ++minted_for[id];
        expires[bearer] = here.world.time->boot_now() + expiry;
        return scripted_answer{http_answer(200, kubeconfig_text(id, bearer)), core::duration(20ms)};
    }

    /// Every cluster's credential as a user gets it: none, or one that the API takes.
    void look(const keeper& of)
    {
        for (const auto& id : ids) {
            const auto held = of.held(id);
            ++looks;
            if (!held) {
                ++missing;
                continue;
            }
            const auto known = expires.find(std::string(held->current().token.reveal()));
            expired += known == expires.end() || known->second <= here.world.time->boot_now();
        }
    }
    void forget()
    {
        std::erase_if(expires, [&](const auto& each) { return each.second < here.world.time->boot_now() - 2h; });
        here.world.network->forget_requests();
    }
    std::size_t most_minted() const
    {
        std::size_t most = 0;
        for (const auto& [id, count] : minted_for) most = (std::max)(most, count);
        return most;
    }

    const std::size_t clusters;
    keeper_world here;
    const core::instant began = here.world.time->steady_now();
    std::vector<std::string> ids;
    std::mt19937 random{1};
    std::uniform_real_distribution<double> unit{0, 1};
    std::unordered_map<std::string, core::instant> expires;
    std::unordered_map<std::string, std::size_t> minted_for;
    std::size_t minted = 0, refused = 0, looks = 0, missing = 0, expired = 0;
};

void keep_for(month& in, core::duration how_long, std::chrono::hours between_restarts)
{
    const scratch_folder folder;
    const kubeconfig_directory directory(folder / "kept");
    const bool restarts = between_restarts != std::chrono::hours(0);
    const auto* const store = restarts ? &directory : nullptr;
    const auto make = [&] {
        keeper_options how;
        how.expiry = expiry;
        if (restarts) how.store = directory;
        auto made = in.here.make(std::move(how));
        made.keep(in.ids);
        return made;
    };
    std::optional<keeper> held = make();
    run_with(in.here.world, store, 15min);
    std::size_t restarted = 0, minted_by_restarts = 0;
    for (auto minute = 0min; minute < how_long; minute += 1min) {
        run_with(in.here.world, store, 1min);
        in.look(*held);
        if (minute % 60min == 0min) in.forget();
        if (!restarts || minute == 0min || minute % between_restarts != 0min) continue;
        held.reset();
        const auto before = in.minted;
        run_with(in.here.world, store, 1s);
        held = make();
        run_with(in.here.world, store, 1s);
        ++restarted;
        minted_by_restarts += in.minted - before;
    }
    const double allowed = 1.02 * std::ceil(std::chrono::duration<double>(how_long + 15min) /
                                            std::chrono::duration<double>(expiry - margin));
    MESSAGE(in.clusters, " clusters, ", how_long / 1h, " h: ", in.minted, " minted, at most ", in.most_minted(),
        " for one of ", allowed, " allowed; ", in.looks, " looks: ", in.expired, " expired, ", in.missing, " missing; ",
        in.refused, " refusals by rotation; ", restarted, " restarts with ", minted_by_restarts, " minted");
    CHECK(in.expired == 0);
    CHECK(minted_by_restarts <= restarted * in.clusters / 100); // what was due in those seconds
    CHECK(static_cast<double>(in.most_minted()) <= allowed);
    CHECK(static_cast<double>(in.missing) <= 0.001 * static_cast<double>(in.looks));
}

bool long_form() { return std::getenv("DOKS_LONG") != nullptr; }

}

TEST_CASE("a month with 200 clusters: none expired is given, and no more is minted than must be")
{
    month here(200);
    keep_for(here, long_form() ? 30 * 24h : 120h, std::chrono::hours(0));
}

TEST_CASE("1,000 clusters on one token")
{
    month here(1000);
    keep_for(here, long_form() ? 30 * 24h : 12h, std::chrono::hours(0));
}

TEST_CASE("with a directory a restart mints nothing that is still fresh")
{
    month here(50);
    keep_for(here, long_form() ? 7 * 24h : 24h, 5h);
}

}
