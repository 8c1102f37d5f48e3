#pragma once

#include "keeper/walk_world.hpp"

namespace doks::test {

/// Within this time a fault on disk is mended, the requests that may be needed included.
inline constexpr auto mended_within = 12s;

/// What all histories together went through, so that a walk which tries nothing does not pass.
struct tally
{
    std::size_t histories = 0, steps = 0, looks = 0, restored = 0, mints = 0, gone = 0, not_stored = 0, restarts = 0;
};

/** A keeper over a directory, and what must be true of them whatever happens.

    The keeper is known by its public interface and its files only. A credential that is kept, held and valid is on disk, too; a
    credential serves until it expires, whatever the API answers meanwhile; reports and counts are true.
*/
class walk_oracle
{
public:
    walk_oracle(keeper_world& in, std::uint64_t seed, tally& all)
        : here(in)
        , random(seed)
        , sum(all)
        , api(in)
    {
        constexpr std::chrono::seconds expiries[] = {40s, 2min, 6min};
        api.expiry = expiries[random.below(3)];
        const auto ids = numbered(2 + random.below(4));
        known.assign(ids.begin(), ids.end());
        here.meets = [this](const std::string& id, const seen_request& seen) { return api.meet(id, seen); };
        open();
        list(known);
    }
    ~walk_oracle()
    {
        heard.reset();
        kept_by.reset();
        settle(here.world, &*directory);
        here.meets = nullptr;
        sum.mints += api.mints;
        ++sum.histories;
    }

    walk_oracle(const walk_oracle&) = delete;

protected:
    const doks::keeper& keeper() const { return *kept_by; }
    core::instant now() const { return here.world.time->boot_now(); }
    const std::string& any() { return known[random.below(known.size())]; }
    core::duration part_of_life()
    {
        return core::duration(api.expiry) * static_cast<core::duration::rep>(1 + random.below(40)) / 100;
    }

    void open()
    {
        if (!directory) directory.emplace(files.path());
        keeper_options how;
        how.expiry = api.expiry;
        how.store = *directory;
        kept_by.emplace(here.make(std::move(how)));
        heard.emplace(here, *kept_by);
        read = 0;
    }
    void list(const std::vector<std::string>& ids)
    {
        tell("listed " + std::to_string(ids.size()) + " of " + std::to_string(known.size()));
        wanted = {ids.begin(), ids.end()};
        keeper().keep(ids);
        std::erase_if(last, [&](const auto& each) { return !wanted.contains(each.first); });
        std::erase_if(served, [&](const auto& each) { return !wanted.contains(each.first); });
        for (const auto& id : ids) api.not_found.erase(id); // that is evidence
        settle(here.world, &*directory);
    }
    void run(core::duration how_long)
    {
        run_with(here.world, &*directory, how_long);
        quiet_for += how_long;
        hear();
    }
    void disturb_disk() { quiet_for = 0s; }

    /// Every report is true when it comes.
    void hear()
    {
        for (; read < heard->heard.size(); ++read) {
            const auto& change = heard->heard[read];
            tell(std::string(to_string(change.status)) + ' ' + change.id.substr(33));
            last[change.id] = change.status;
            sum.not_stored += change.status == renewal_status::not_stored;
            if (change.status == renewal_status::not_stored) CHECK_MESSAGE(was_disk_spoilt, change.error.message());
            if (change.status != renewal_status::gone) continue;
            ++sum.gone;
            CHECK(api.not_found[change.id].size() >= 3);
            // No credential here lives for half an hour, so gone takes none away that is valid.
            const auto valid = served.find(change.id);
            if (valid != served.end()) CHECK(valid->second <= now() + 1s);
            served.erase(change.id);
        }
    }

    void tell(const std::string& what)
    {
        story += '\n' + std::to_string(std::chrono::duration<double>(now() - began).count()) + "  " + what;
    }

    /// What was held serves until it expires.
    void check_served()
    {
        for (const auto& id : wanted) {
            const auto held = keeper().held(id);
            ++sum.looks;
            if (!held) {
                const auto before = served.find(id);
                if (before != served.end()) CHECK_MESSAGE(before->second <= now() + 1s, "a valid credential of ", id);
                continue;
            }
            const auto& minted = api.of(*held);
            CHECK(minted.id == id);
            CHECK(minted.expires > now());
            served[id] = minted.expires;
        }
    }

    void check()
    {
        check_served();
        if (quiet_for < mended_within) return;
        std::size_t valid = 0;
        const auto counts = keeper().stats();
        for (const auto& id : wanted) {
            const auto held = keeper().held(id);
            valid += held.has_value();
            if (held) CHECK_MESSAGE(files.text(id) == held->bytes(), "the file of ", id);
            if (!last.contains(id)) continue;
            // An attempt may go on beyond the expiry of the old one; it is told how that ended.
            if (last.at(id) == renewal_status::renewed && counts.in_flight == 0)
                CHECK_MESSAGE(held, "said to be renewed: ", id);
            if (last.at(id) == renewal_status::gone) CHECK_FALSE(holds_valid_token(id));
            if (last.at(id) == renewal_status::not_stored) CHECK_FALSE(held);
        }
        CHECK(counts.kept == wanted.size());
        CHECK(counts.valid == valid);
        CHECK(counts.unstored == 0);
    }

    /// Of one that others wrote, or made doks forget, nothing but that is asked.
    bool holds_valid_token(const std::string& id)
    {
        const auto text = files.text(id);
        const auto key = text.find("token: ");
        if (key == std::string::npos) return false;
        return api.minted[text.substr(key + 7, text.find('\n', key) - key - 7)].expires > now();
    }

    keeper_world& here;
    core_test::rng random;
    tally& sum;
    walk_api api;
    walk_directory files;
    std::optional<kubeconfig_directory> directory;
    std::optional<doks::keeper> kept_by;
    std::optional<news> heard;
    std::size_t read = 0;
    std::vector<std::string> known;
    std::set<std::string> wanted;
    std::map<std::string, renewal_status> last;
    std::map<std::string, core::instant> served; ///< until when what was held last serves
    core::duration quiet_for{};
    bool was_disk_spoilt = false;
    const core::instant began = here.world.time->boot_now();
    std::string story;
};

}
