#include "keeper/walk_oracle.hpp"

#include <cstdlib>

// Random histories of what a keeper and its directory go through, in virtual time: listings, 404s, an API that is away or
// refuses the token, files and directories that others spoil, a disk that is full, restarts and sleep.

namespace doks::test {

namespace {

class history : public walk_oracle
{
public:
    using walk_oracle::walk_oracle;

    void walk()
    {
        INFO("what happened: ", story);
        run(mended_within);
        check();
        for (auto left = 6 + random.below(8); left != 0; --left) {
            step();
            ++sum.steps;
            run(random.chance(0.3) ? core::duration(1s) : part_of_life());
            if (random.chance(0.5)) run(mended_within);
            check();
        }
        heal();
        check();
        for (const auto& id : wanted) CHECK_MESSAGE(keeper().held(id).has_value(), id);
    }

private:
    void step()
    {
        switch (random.below(6)) {
        case 0:
            return step_of_listing();
        case 1:
            return step_of_api();
        case 2:
        case 3:
            return step_of_files();
        case 4:
            return step_of_disk();
        default:
            return step_of_keeper();
        }
    }

    /// Complete, of a part, or of clusters that come back.
    void step_of_listing()
    {
        std::vector<std::string> ids;
        for (const auto& id : known)
            if (!api.deleted.contains(id) && !random.chance(0.25)) ids.push_back(id);
        list(ids);
        if (random.chance(0.5)) run(1s + part_of_life() / 4);
        if (random.chance(0.7)) list(known);
    }

    void step_of_api()
    {
        const auto kind = random.below(4);
        tell("API " + std::to_string(kind));
        switch (kind) {
        case 0:
            api.missing_until[any()] = now() + 1s + (random.chance(0.8) ? part_of_life() : 4 * part_of_life());
            break;
        case 1:
            api.is_away = !api.is_away;
            break;
        case 2:
            api.api_token = random.chance(0.5) ? walk_api::token::refused : walk_api::token::of_another_team;
            break;
        default:
            api.api_token = walk_api::token::good;
        }
    }

    void step_of_files()
    {
        disturb_disk();
        ++sum.restored;
        std::error_code none;
        const auto kind = random.below(5);
        tell("files " + std::to_string(kind));
        switch (kind) {
        case 0:
            for (const auto& id : known) std::filesystem::remove(files.file(id), none);
            break;
        case 1:
            files.overwrite(any(), random.chance(0.5) ? "" : "apiVersion: v1\nkind: Config\n");
            break;
        case 2:
            std::filesystem::remove(files.path() / "index.jsonl", none);
            break;
        case 3:
            if (std::filesystem::is_directory(files.path(), none))
                std::ofstream(files.path() / "index.jsonl") << "{\"id\":\n";
            break;
        default:
            std::filesystem::remove(files.file(any()), none);
        }
    }

    void step_of_disk()
    {
        disturb_disk();
        was_disk_spoilt = true;
        const auto kind = random.below(4);
        tell("directory " + std::to_string(kind));
        switch (kind) {
        case 0:
            files.remove_everything();
            break;
        case 1:
            files.remove_everything();
            std::filesystem::create_directory(files.path());
            std::filesystem::permissions(files.path(), std::filesystem::perms::owner_all);
            break;
        case 2: {
            const full_disk full;
            spoil();
            break;
        }
        default:
            files.remove_everything();
            std::ofstream(files.path()) << "a file where the directory was\n";
            spoil();
            std::filesystem::remove(files.path());
        }
        disturb_disk();
    }

    /// While nothing can be stored nothing is minted, once that was found out.
    void spoil()
    {
        run(mended_within);
        const auto before = api.mints;
        for (int i = 0; i < 3; ++i) {
            run(part_of_life());
            check_served();
        }
        CHECK(api.mints == before);
        if (random.chance(0.3)) list(known);
    }

    void step_of_keeper()
    {
        const auto kind = random.below(4);
        tell("keeper " + std::to_string(kind));
        switch (kind) {
        case 0:
            return restart();
        case 1: {
            const auto& id = any();
            if (const auto refused = keeper().held(id)) api.of(*refused).expires = now();
            keeper().invalidate(id);
            served.erase(id);
            break;
        }
        case 2: {
            const auto& id = any();
            asked one(here, keeper(), id);
            run(1s);
            if (api.finds(id)) CHECK(one.completions == 1);
            while (one.completions == 0) { // the directory's thread may be the one that it waits for
                here.world.time->advance();
                settle(here.world, &*directory);
            }
            break;
        }
        default:
            sleep(part_of_life() / 2);
            run(61s);
        }
    }

    void sleep(core::duration how_long)
    {
        here.world.time->sleep(how_long);
        here.world.time->step_wall(how_long);
    }

    /// The next keeper finds on disk what this one held.
    void restart()
    {
        run(mended_within);
        const bool all_well = api.is_well() && quiet_for >= mended_within;
        std::size_t held = 0;
        for (const auto& id : wanted) {
            const auto config = keeper().held(id);
            held += config && api.of(*config).expires - now() > core::duration(api.expiry) / 5;
        }
        const auto failing = keeper().stats().failing;
        heard.reset();
        kept_by.reset();
        settle(here.world, &*directory);
        const auto before = api.mints;
        open();
        list({wanted.begin(), wanted.end()});
        run(1ms);
        ++sum.restarts;
        // What was due, not held, or waited for another attempt, is minted.
        if (all_well) CHECK(api.mints - before <= wanted.size() - held + failing + 1);
    }

    /// Everything is well again, and a listing says so.
    void heal()
    {
        api.is_away = false;
        api.api_token = walk_api::token::good;
        api.missing_until.clear();
        list(known);
        run(11min); // the longest pause after a refusal
    }
};

}

TEST_CASE("random histories: a credential that is kept, held and valid is on disk, and reports and counts are true")
{
    const auto histories = core_test::steps(200, 10'000);
    const char* const only = std::getenv("DOKS_SEED");
    tally all;
    std::optional<keeper_world> here;
    for (std::uint64_t seed = 1; seed <= histories; ++seed) {
        if (only != nullptr && seed != std::strtoull(only, nullptr, 10)) continue;
        if (!here || seed % 100 == 0) here.emplace();
        CAPTURE(seed);
        history(*here, seed, all).walk();
        here->world.network->forget_requests();
    }
    MESSAGE(all.histories, " histories, ", all.steps, " steps, ", all.looks, " looks; ", all.restored,
        " times files spoilt, ", all.not_stored, " not stored, ", all.gone, " gone, ", all.restarts, " restarts, ",
        all.mints, " minted");
    if (only == nullptr) CHECK(all.gone + all.not_stored + all.restarts > histories / 100);
}

}
