#include "cli/clusters/accounts.hpp"
#include "cli/commands/commands.hpp"
#include "cli/options/duration.hpp"
#include "cli/plugin/credential_cache.hpp"
#include "cli/plugin/exec_credential.hpp"
#include "cli/plugin/token_fingerprint.hpp"
#include "cli/tokens/token_lookup.hpp"

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

/// How long another process may take to mint the credential; then it is taken for stuck.
constexpr std::chrono::nanoseconds patience_with_others = 30s;
/// How long the API may take while a valid credential is at hand.
constexpr std::chrono::nanoseconds patience_with_api = 5s;

/// How long before its expiry a credential is renewed, as in `keeper_options`; 0 is the API's default, 7 days.
std::chrono::nanoseconds margin_of(std::chrono::seconds expiry)
{
    return std::chrono::nanoseconds(expiry.count() == 0 ? std::chrono::seconds(7 * 24h) : expiry) / 5;
}

/// A gateway's refusal says nothing about the token.
bool is_refusal_of_api(const failure& why) { return why == condition::denied && !why.api_id().empty(); }

/// The API token that a cached credential has to belong to. It outlives the client that asks for it.
class token_in_use
{
public:
    token_in_use(const global_options& global, command_context& context)
        : global_(global)
        , context_(context)
        , value_(token_now(global_, context_.variables, context_.standard_input, context_.pipe))
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
                token_now(own->global_, own->context_.variables, own->context_.standard_input, own->context_.pipe);
        own->is_asked_for_ = true;
        co_return own->value_;
    }

    const global_options& global_;
    command_context& context_;
    secret value_;
    bool is_asked_for_ = false;
};

/// Gets one credential, from the cache or from the API. Its arguments outlive it.
class credential_request
{
public:
    credential_request(const credential_command& command, const global_options& global, command_context& context)
        : command_(command)
        , global_(global)
        , context_(context)
        , margin_(margin_of(command.expiry))
    {}

    asio::awaitable<kubeconfig> run()
    {
        const auto api = api_address(global_, context_.variables);
        const auto api_cache = cache_of_api(command_, api, context_.variables);
        if (command_.cached == cache_mode::off) {
            find_token();
            auto minted = co_await mint(0ns);
            if (api_cache) co_await forget_everywhere(*api_cache, command_.id); // only now, for there is another one
            co_return minted;
        }
        find_token();
        co_await open(api_cache);
        if (!cache_) co_return co_await mint(0ns);
        if (auto fresh = cache_->find(command_.id, margin_)) co_return std::move(*fresh);
        if (auto last = find_unrenewable()) co_return std::move(*last);
        co_return co_await renew();
    }

    /// After the credential was given, for it may have to wait for other processes.
    asio::awaitable<void> tidy_up()
    {
        if (has_stored_) co_await remove_expired(*api_cache_);
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
    void note(const std::string& text) { context_.log.line("doks: " + text); }

    /// A credential is only for the token that it was minted by, so that a cached one needs the token, too.
    void find_token() { token_ = std::make_shared<token_in_use>(global_, context_); }

    /// A cache that was named has to work; without the user's own one everything works, and mints more.
    asio::awaitable<void> open(std::optional<std::filesystem::path> api_cache)
    {
        api_cache_ = api_cache;
        token_of_cache_ = token_->value();
        cache_.reset();
        if (!api_cache) {
            note("no cache, so each call mints a credential: neither HOME nor XDG_CACHE_HOME is set");
            co_return;
        }
        try {
            const auto fingerprint = co_await token_fingerprint(*api_cache, token_->value());
            cache_.emplace(*api_cache / place_in_cache(command_, global_, fingerprint));
        } catch (const failure& why) {
            if (command_.cache) throw;
            note("no cache, so each call mints a credential: " + why.message());
        }
    }

    /// Another token has taken the place of the one that the open cache belongs to.
    bool is_rotated() const { return !(token_->value() == token_of_cache_); }

    /// One process mints it while the others wait, or make do with what is still valid.
    asio::awaitable<kubeconfig> renew()
    {
        auto valid = cache_->find(command_.id, 0ns);
        const auto patience = at_most(patience_with_others);
        const auto turn = co_await cache_->take_turn(command_.id, valid ? 0ns : patience);
        if (auto fresh = cache_->find(command_.id, margin_)) co_return std::move(*fresh);
        if (!turn && valid) co_return std::move(*valid);
        if (!turn)
            note("another process has been minting this credential for " + duration_argument(patience) +
                 ": going on without it");
        std::exception_ptr error;
        std::string why;
        bool gone = false;
        bool denied = false;
        const auto timeout = valid ? patience_beside(*valid) : 0ns;
        try {
            auto minted = co_await mint(timeout);
            co_return co_await stored(std::move(minted));
        } catch (const failure& refused) {
            error = std::current_exception();
            why = refused.message();
            gone = is_absent(refused);
            denied = is_refusal_of_api(refused);
        } catch (const cli_error& nothing_to_ask_with) {
            error = std::current_exception();
            why = nothing_to_ask_with.what();
        }
        // What the old token minted is not for the one that took its place, nor is that one's refusal about the old one.
        if (is_rotated()) co_await open(api_cache_);
        if (!cache_) std::rethrow_exception(error);
        // A 404 may pass, and takes nothing away that is valid.
        auto still_valid = cache_->find(command_.id, 0ns);
        if (!still_valid && gone) co_await cache_->erase_expired(command_.id);
        if (!still_valid) std::rethrow_exception(error);
        if (denied)
            end_renewing(*still_valid, why);
        else
            note("using the cached credential, for it cannot be renewed: " + why);
        co_return std::move(*still_valid);
    }

    /// The API is not asked again with a token that it refused until the credential has expired.
    void end_renewing(const kubeconfig& valid, const std::string& why)
    {
        cache_->mark_refused(command_.id);
        note_refusal(valid, ": " + why);
    }

    /// A credential that is valid, but whose token the API has refused.
    std::optional<kubeconfig> find_unrenewable()
    {
        auto valid = cache_->is_refused(command_.id) ? cache_->find(command_.id, 0ns) : std::nullopt;
        if (valid) note_refusal(*valid, {});
        return valid;
    }

    void note_refusal(const kubeconfig& valid, const std::string& why)
    {
        const auto until = valid.expires_at();
        note("the API refused the API token, so the cached credential is not renewed any more; it is used until it "
             "expires" +
             (until ? " at " + utc_text(*until) : std::string()) + why + " (another API token gets another one)");
    }

    /// A `timeout` of 0 is the default.
    asio::awaitable<kubeconfig> mint(std::chrono::nanoseconds timeout)
    {
        auto config = configuration_of(global_, context_.variables);
        config.token = token_in_use::source(token_);
        const auto accounts = make_account(std::move(config), global_, context_);
        const client api = accounts.clients.front();
        call_options options;
        options.expiry = command_.expiry;
        options.timeout = timeout;
        auto minted = co_await api.kubeconfig(command_.id, options);
        minted.current();
        co_return minted;
    }

    asio::awaitable<kubeconfig> stored(kubeconfig minted)
    {
        if (is_rotated()) co_await open(api_cache_);
        if (!cache_) co_return minted;
        const auto label = global_.contexts.none() ? std::string() : global_.contexts.names.front();
        const auto fault = co_await cache_->put(minted, command_.id, label);
        if (fault) note("the credential is not cached: " + fault->message());
        has_stored_ = true;
        co_return minted;
    }

    const credential_command& command_;
    const global_options& global_;
    command_context& context_;
    const std::chrono::nanoseconds margin_;
    std::shared_ptr<token_in_use> token_;
    std::optional<std::filesystem::path> api_cache_;
    secret token_of_cache_;
    std::optional<credential_cache> cache_;
    bool has_stored_ = false;
};

asio::awaitable<exit_status> forget(
    const credential_command& command, const global_options& global, command_context& context)
{
    const auto api_cache = cache_of_api(command, api_address(global, context.variables), context.variables);
    const auto refuse = [](const std::string& reason) {
        throw cli_error(exit_status::failed, "forgetting cached credentials", reason,
            "name the cache with --cache, and run as the user to whom it belongs");
    };
    if (command.cache && !std::filesystem::exists(*command.cache)) refuse(command.cache->string() + " does not exist");
    if (const auto reason = api_cache ? why_not_listed(*api_cache) : std::nullopt) refuse(*reason);
    forgotten_credentials count;
    if (api_cache) count = co_await forget_everywhere(*api_cache, command.id);
    std::string text = "doks: forgot " + std::to_string(count.erased) + " cached credential";
    if (count.erased != 1) text += 's';
    if (count.kept != 0) text += "; " + std::to_string(count.kept) + " could not be erased from " + api_cache->string();
    context.log.line(text);
    co_return count.kept == 0 ? exit_status::done : exit_status::failed;
}

}

asio::awaitable<exit_status> run(credential_command command, const global_options& global, command_context& context)
{
    if (command.forgets) co_return co_await forget(command, global, context);
    const auto version = exec_api_version(context.variables("KUBERNETES_EXEC_INFO"));
    credential_request request(command, global, context);
    const auto config = co_await request.run();
    const auto ask_again = ask_again_at(config, margin_of(command.expiry), std::chrono::system_clock::now());
    const auto text = exec_credential(config, version, ask_again);
    print_result({text.data(), text.size()});
    co_await request.tidy_up();
    co_return exit_status::done;
}

}
