#pragma once

#include "core/rng.hpp"
#include "keeper/stored_world.hpp"

#include <doctest/doctest.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <signal.h>
#include <sys/resource.h>

namespace doks::test {

/// Writes of this process beyond a few bytes fail while it lives, as on a disk that is full.
class full_disk
{
public:
    full_disk()
    {
        ::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &before_);
        rlimit small = before_;
        small.rlim_cur = 64;
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    full_disk(const full_disk&) = delete;
    ~full_disk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

private:
    rlimit before_{};
};

/// The API of a history: which clusters there are, which of them it does not find for a while, and what it minted.
class walk_api
{
public:
    enum class token
    {
        good,
        refused,
        of_another_team
    };
    struct minted_one
    {
        std::string id;
        core::instant expires{};
    };

    explicit walk_api(keeper_world& in)
        : here(in)
    {}

    std::optional<scripted_answer> meet(const std::string& id, const seen_request& seen)
    {
        if (api_token == token::refused) return failing_with(401);
        const auto now = here.world.time->boot_now();
        const bool is_missing = missing_until.contains(id) && now < missing_until.at(id);
        if (api_token == token::of_another_team || is_missing || deleted.contains(id)) {
            if (seen.target().find("/kubeconfig") != std::string::npos) not_found[id].push_back(now);
            return failing_with(404);
        }
        if (is_away) return failing_with(503);
        if (seen.target().find("/kubeconfig") == std::string::npos)
            return scripted_answer{http_answer(200, R"({"kubernetes_cluster":{"id":")" + id + "\"}}")};
        not_found.erase(id);
        ++mints;
        const auto bearer = "t" + std::to_string(++last_bearer);
        minted[bearer] = {id, here.world.time->boot_now() + expiry};
        return scripted_answer{http_answer(200, kubeconfig_text(id, bearer))};
    }
    minted_one& of(const kubeconfig& config) { return minted[std::string(config.current().token.reveal())]; }
    bool is_well() const { return api_token == token::good && !is_away; }
    bool finds(const std::string& id) const
    {
        const auto at = missing_until.find(id);
        return is_well() && !deleted.contains(id) &&
               (at == missing_until.end() || at->second <= here.world.time->boot_now());
    }

    keeper_world& here;
    std::chrono::seconds expiry{60};
    token api_token = token::good;
    bool is_away = false;
    std::set<std::string> deleted;
    std::map<std::string, core::instant> missing_until;
    std::map<std::string, std::vector<core::instant>> not_found; ///< 404s since the last evidence
    std::map<std::string, minted_one> minted;
    std::size_t mints = 0;
    std::size_t last_bearer = 0;
};

/// A directory that histories spoil, and the bytes of its files.
class walk_directory
{
public:
    std::filesystem::path path() const { return folder / "kept"; }
    std::filesystem::path file(const std::string& id) const { return path() / (id + ".yaml"); }
    std::string text(const std::string& id) const
    {
        std::ifstream in(file(id), std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        return text.str();
    }
    void overwrite(const std::string& id, const std::string& with) const
    {
        std::error_code none;
        if (std::filesystem::is_directory(path(), none)) std::ofstream(file(id), std::ios::binary) << with;
    }
    void remove_everything() const
    {
        std::error_code none;
        std::filesystem::remove_all(path(), none);
    }

private:
    /// In memory where that is possible: thousands of directories wait for the disk often.
    struct memory
    {
        memory()
        {
            if (std::filesystem::is_directory("/dev/shm")) ::setenv("TMPDIR", "/dev/shm", 0);
        }
    };
    const memory preferred_;

public:
    scratch_folder folder;
};

}
