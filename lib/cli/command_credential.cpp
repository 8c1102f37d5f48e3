#include "cli/accounts.hpp"
#include "cli/commands.hpp"
#include "cli/credential_cache.hpp"
#include "cli/duration.hpp"
#include "cli/exec_credential.hpp"
#include "cli/token_fingerprint.hpp"
#include "cli/token_lookup.hpp"
#include "kubeconfig/read/rfc3339.hpp"

#include <doks/absence.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <filesystem>
#include <memory>
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
    return std::chrono::nanoseconds(expiry.count() == 0 ? default_expiry : expiry) / 5;
}

/// A gateway's refusal says nothing about the token.
bool is_refusal_of_api(const failure& why) { return why == condition::denied && !why.api_id().empty(); }

/// The API token that a cached credential has to belong to. It outlives the client that asks for it.
class token_in_use
{
public:
    token_in_use(const global_options& global, surroundings& around)
        : global_(global)
        , around_(around)
        , value_(token_now(global_, around_.variables, around_.standard_input, around_.pipe))
    {}

    const secret& value() const noexcept { return value_; }

    /// As it was looked up, and after a 401 the one that may have taken its place.
    static token_source source(std::shared_ptr<token_in_use> own)
    {
        return token_coroutine([own = std::move(own)] { return next(own); });
    }

private:
    static asio::awaitable<secret> next(std::shared_ptr<token_in_use> own)
    {
        if (own->is_asked_for_)
            own->value_ =
                token_now(own->global_, own->around_.variables, own->around_.standard_input, own->around_.pipe);
        own->is_asked_for_ = true;
        co_return own->value_;
    }

    const global_options& global_;
    surroundings& around_;
    secret value_;
    bool is_asked_for_ = false;
};

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
            find_token();
            auto minted = co_await mint(0ns);
            if (of_api) co_await forget_everywhere(*of_api, what_.id); // only now, for there is another one
            co_return minted;
        }
        find_token();
        open(of_api);
        if (!cache_) co_return co_await mint(0ns);
        if (auto fresh = cache_->find(what_.id, margin_)) co_return std::move(*fresh);
        if (auto last = renewed_no_more()) co_return std::move(*last);
        co_return co_await renew();
    }

private:
    std::chrono::nanoseconds at_most(std::chrono::nanoseconds bound) const
    {
        return std::min(bound, global_.timeout.value_or(bound));
    }
    /// A credential at hand has to be valid afterwards.
    std::chrono::nanoseconds patience_beside(const kubeconfig& valid) const
    {
        const auto until = valid.expires_at();
        if (!until) return at_most(patience_with_api);
        const std::chrono::nanoseconds left = *until - std::chrono::system_clock::now() - 1s;
        return at_most(std::clamp<std::chrono::nanoseconds>(left, 1s, patience_with_api));
    }
    void note(const std::string& text) { around_.log.line("doks: " + text); }

    /// A credential is only for the token that it was minted by, so that a cached one needs the token, too.
    void find_token() { token_ = std::make_shared<token_in_use>(global_, around_); }

    /// A cache that was named has to work; without the user's own one everything works, and mints more.
    void open(const std::optional<std::filesystem::path>& of_api)
    {
        of_api_ = of_api;
        token_of_cache_ = token_->value();
        cache_.reset();
        if (!of_api) return note("no cache, so each call mints a credential: neither HOME nor XDG_CACHE_HOME is set");
        try {
            cache_.emplace(*of_api / place_in_cache(what_, global_, token_fingerprint(*of_api, token_->value())));
        } catch (const failure& why) {
            if (what_.cache) throw;
            note("no cache, so each call mints a credential: " + why.message());
        }
    }

    /// Another token has taken the place of the one that the open cache belongs to.
    bool is_rotated() const { return !(token_->value() == token_of_cache_); }

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
        bool denied = false;
        const auto within = valid ? patience_beside(*valid) : 0ns;
        try {
            auto minted = co_await mint(within);
            co_return co_await stored(std::move(minted));
        } catch (const failure& refused) {
            trouble = std::current_exception();
            why = refused.message();
            gone = is_absent(refused);
            denied = is_refusal_of_api(refused);
        } catch (const problem& nothing_to_ask_with) {
            trouble = std::current_exception();
            why = nothing_to_ask_with.what();
        }
        // What the old token minted is not for the one that took its place, nor is that one's refusal about the old one.
        if (is_rotated()) open(of_api_);
        if (!cache_) std::rethrow_exception(trouble);
        // A 404 may pass, and takes nothing away that is valid.
        auto still_valid = cache_->find(what_.id, 0ns);
        if (!still_valid && gone) co_await cache_->erase_expired(what_.id);
        if (!still_valid) std::rethrow_exception(trouble);
        if (denied)
            end_renewing(*still_valid, why);
        else
            note("the cached credential is given, for it cannot be renewed: " + why);
        co_return std::move(*still_valid);
    }

    /// The API is not asked again with a token that it refused until the credential has expired.
    void end_renewing(const kubeconfig& valid, const std::string& why)
    {
        cache_->mark_refused(what_.id);
        note_refusal(valid, ": " + why);
    }

    /// A credential that is valid, but whose token the API has refused.
    std::optional<kubeconfig> renewed_no_more()
    {
        auto valid = cache_->is_refused(what_.id) ? cache_->find(what_.id, 0ns) : std::nullopt;
        if (valid) note_refusal(*valid, {});
        return valid;
    }

    void note_refusal(const kubeconfig& valid, const std::string& why)
    {
        const auto until = valid.expires_at();
        note(
            "the API refused the API token, so the cached credential is renewed no more; it is given until it expires" +
            (until ? " at " + kube::format_rfc3339(*until) : std::string()) + why +
            " (another API token gets another one)");
    }

    /// `within` of 0 is the default.
    asio::awaitable<kubeconfig> mint(std::chrono::nanoseconds within)
    {
        auto config = configuration_of(global_, around_.variables);
        config.token = token_in_use::source(token_);
        const auto from = make_account(std::move(config), global_, around_);
        const client api = from.each.front();
        call_options options;
        options.expiry = what_.expiry;
        options.timeout = within;
        auto minted = co_await api.kubeconfig(what_.id, options);
        minted.current();
        co_return minted;
    }

    asio::awaitable<kubeconfig> stored(kubeconfig minted)
    {
        if (is_rotated()) open(of_api_);
        if (!cache_) co_return minted;
        const auto label = global_.contexts.none() ? std::string() : global_.contexts.names.front();
        const auto fault = co_await cache_->put(minted, what_.id, label);
        if (fault) note("the credential is not cached: " + fault->message());
        co_await remove_expired(*of_api_);
        co_return minted;
    }

    const credential_command& what_;
    const global_options& global_;
    surroundings& around_;
    const std::chrono::nanoseconds margin_;
    std::shared_ptr<token_in_use> token_;
    std::optional<std::filesystem::path> of_api_;
    secret token_of_cache_;
    std::optional<credential_cache> cache_;
};

asio::awaitable<exit_status> forget(const credential_command& what, const global_options& global, surroundings& around)
{
    const auto of_api = cache_of_api(what, api_address(global, around.variables), around.variables);
    forgotten_credentials count;
    if (of_api) count = co_await forget_everywhere(*of_api, what.id);
    std::string told = "doks: forgot " + std::to_string(count.erased) + " cached credential";
    if (count.erased != 1) told += 's';
    if (count.kept != 0) told += "; " + std::to_string(count.kept) + " could not be erased from " + of_api->string();
    around.log.line(told);
    co_return count.kept == 0 ? exit_status::done : exit_status::failed;
}

}

asio::awaitable<exit_status> run(credential_command what, const global_options& global, surroundings& around)
{
    if (what.forgets) co_return co_await forget(what, global, around);
    const auto version = exec_api_version(around.variables("KUBERNETES_EXEC_INFO"));
    credential_errand errand(what, global, around);
    const auto config = co_await errand.run();
    const auto again = ask_again_at(config, margin_of(what.expiry), std::chrono::system_clock::now());
    const auto text = exec_credential(config, version, again);
    print_result({text.data(), text.size()});
    co_return exit_status::done;
}

}
