#include "cli/accounts.hpp"
#include "cli/commands.hpp"
#include "cli/credential_cache.hpp"
#include "cli/duration.hpp"
#include "cli/exec_credential.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace doks::cli {

namespace asio = boost::asio;

namespace {

using namespace std::chrono_literals;

/// So long another process may take to mint what this one would; then it is taken for stuck.
constexpr std::chrono::nanoseconds patience_with_others = 30s;
/// So long the API may take while a valid credential is at hand.
constexpr std::chrono::nanoseconds patience_with_api = 5s;

/// How long before its expiry a credential is renewed, as in `keeper_options`; 0 stands for the API's 7 days.
std::chrono::nanoseconds margin_of(std::chrono::seconds expiry)
{
    return std::chrono::nanoseconds(expiry.count() == 0 ? std::chrono::seconds(7 * 24h) : expiry) / 5;
}

/// One credential on its way: out of the cache, or minted into it. It is outlived by what it is made of.
class credential_errand
{
public:
    credential_errand(const credential_command& what, const global_options& global, surroundings& around)
        : what_(what)
        , global_(global)
        , around_(around)
        , margin_(margin_of(what.expiry))
    {}

    asio::awaitable<kubeconfig> run()
    {
        const auto api = api_address(global_, around_.variables);
        const auto of_api = cache_of_api(what_, api, around_.variables);
        if (what_.cached == cache_mode::off) {
            if (of_api) co_await forget_everywhere(*of_api, what_.id);
            co_return co_await mint(0ns);
        }
        open(of_api);
        if (!cache_) co_return co_await mint(0ns);
        if (auto fresh = cache_->find(what_.id, margin_)) co_return std::move(*fresh);
        co_return co_await renew();
    }

private:
    std::chrono::nanoseconds at_most(std::chrono::nanoseconds bound) const
    {
        return std::min(bound, global_.timeout.value_or(bound));
    }
    void note(const std::string& text) { around_.log.line("doks: " + text); }

    /// A cache that was named has to work; without the user's own one everything works, and mints more.
    void open(const std::optional<std::filesystem::path>& of_api)
    {
        if (!of_api) return note("no cache, so each call mints a credential: neither HOME nor XDG_CACHE_HOME is set");
        try {
            cache_.emplace(*of_api / place_in_cache(what_, global_));
        } catch (const failure& why) {
            if (what_.cache) throw;
            note("no cache, so each call mints a credential: " + why.message());
        }
    }

    /// One process mints it while the others wait, or make do with what is still valid.
    asio::awaitable<kubeconfig> renew()
    {
        auto valid = cache_->find(what_.id, 0ns);
        const auto patience = at_most(patience_with_others);
        const auto turn = co_await cache_->take_turn(what_.id, valid ? 0ns : patience);
        if (auto fresh = cache_->find(what_.id, margin_)) co_return std::move(*fresh);
        if (!turn && valid) co_return std::move(*valid);
        if (!turn)
            note("another process has been getting this credential for " + duration_argument(patience) +
                 ": going on without it");
        std::exception_ptr trouble;
        std::string why;
        bool gone = false;
        try {
            auto minted = co_await mint(valid ? at_most(patience_with_api) : 0ns);
            co_return co_await stored(std::move(minted));
        } catch (const failure& refused) {
            trouble = std::current_exception();
            why = refused.message();
            gone = refused == condition::not_found;
        } catch (const problem& nothing_to_ask_with) {
            trouble = std::current_exception();
            why = nothing_to_ask_with.what();
        }
        if (gone) co_await cache_->erase(what_.id);
        auto still_valid = cache_->find(what_.id, 0ns);
        if (!still_valid) std::rethrow_exception(trouble);
        note("the cached credential is given, for it cannot be renewed: " + why);
        co_return std::move(*still_valid);
    }

    /// The API token is looked up here and no sooner. `within` of 0 is the default.
    asio::awaitable<kubeconfig> mint(std::chrono::nanoseconds within)
    {
        auto from = make_accounts(global_, around_);
        const client api = from.each.front();
        call_options options;
        options.expiry = what_.expiry;
        options.within = within;
        auto config = co_await api.kubeconfig(what_.id, options);
        config.current();
        co_return config;
    }

    asio::awaitable<kubeconfig> stored(kubeconfig minted)
    {
        const auto label = global_.contexts.none() ? std::string() : global_.contexts.names.front();
        const auto fault = co_await cache_->put(minted, what_.id, label);
        if (fault) note("the credential is not cached: " + fault->message());
        co_return minted;
    }

    const credential_command& what_;
    const global_options& global_;
    surroundings& around_;
    const std::chrono::nanoseconds margin_;
    std::optional<credential_cache> cache_;
};

}

asio::awaitable<exit_status> run(credential_command what, const global_options& global, surroundings& around)
{
    const auto version = exec_api_version(around.variables("KUBERNETES_EXEC_INFO"));
    credential_errand errand(what, global, around);
    const auto config = co_await errand.run();
    const auto again = ask_again_at(config, margin_of(what.expiry), std::chrono::system_clock::now());
    const auto text = exec_credential(config, version, again);
    print_result({text.data(), text.size()});
    co_return exit_status::done;
}

}
