#include <doks/failure.hpp>

#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

namespace doks {

namespace {

using boost::system::error_category;
using boost::system::error_code;

constexpr std::pair<errc, const char*> causes[] = {
    {errc::invalid_argument, "invalid argument"},
    {errc::no_token, "no usable API token"},
    {errc::draining, "the client is being drained"},
    {errc::stopped, "stopped before its turn"},
    {errc::token_refused, "the API token was refused before its turn"},
    {errc::timed_out, "timed out"},
    {errc::quota_exhausted, "the rate limit leaves no slot in time"},
    {errc::host_not_found, "host name not found"},
    {errc::lookup_unavailable, "host name lookup gave no response"},
    {errc::closed_before_response, "connection closed before the response"},
    {errc::truncated, "connection closed mid-response"},
    {errc::malformed_response, "response is not well-formed HTTP"},
    {errc::header_too_large, "response's header is too large"},
    {errc::body_too_large, "response's body is too large"},
    {errc::content_encoded, "response is compressed although that was not asked for"},
    {errc::redirected, "response is a redirect"},
    {errc::not_a_kubeconfig, "not a kubeconfig"},
    {errc::wrong_cluster, "kubeconfig of another cluster"},
    {errc::unexpected_response, "response is not what the API documents"},
    {errc::incomplete_listing, "the cluster list is incomplete"},
    {errc::not_ready, "the cluster has no kubeconfig yet"},
    {errc::certificate_rejected, "server certificate rejected"},
    {errc::handshake_failed, "TLS handshake failed"},
    {errc::unusable_trust_store, "no certificates to verify the server with"},
    {errc::unusable_directory, "kubeconfig directory cannot be used"},
    {errc::unclassified, "an exception without an error code"},
    {errc::proxy_refused, "proxy refused to connect"},
    {errc::proxy_unavailable, "proxy cannot connect"},
    {errc::no_such_cluster, "no such cluster"},
    {errc::ambiguous_name, "ambiguous name"},
    {errc::cluster_in_error, "the cluster is in the state error"},
    {errc::cluster_deleted, "the cluster is deleted"},
    {errc::unusable_kubeconfig_file, "kubeconfig file cannot be used"},
    {errc::kubeconfig_locked, "kubeconfig file is locked"},
    {errc::name_taken, "the name is taken"},
};

struct cause_category final : error_category
{
    const char* name() const noexcept override { return "doks"; }
    std::string message(int value) const override
    {
        for (const auto& [cause, text] : causes)
            if (static_cast<int>(cause) == value) return text;
        return "unknown error";
    }
};

struct status_category final : error_category
{
    const char* name() const noexcept override { return "http"; }
    std::string message(int value) const override { return "HTTP status " + std::to_string(value); }
};

bool is_transient(errc cause)
{
    switch (cause) {
    case errc::timed_out:
    case errc::lookup_unavailable:
    case errc::proxy_unavailable:
    case errc::closed_before_response:
    case errc::truncated:
        return true;
    default:
        return false;
    }
}

bool holds(condition wanted, errc cause)
{
    switch (wanted) {
    case condition::transient:
        return is_transient(cause);
    case condition::throttled:
        return cause == errc::quota_exhausted;
    case condition::denied:
        return cause == errc::token_refused;
    case condition::not_found:
        return cause == errc::no_such_cluster || cause == errc::cluster_deleted;
    case condition::timeout:
        return cause == errc::timed_out || cause == errc::kubeconfig_locked;
    case condition::unreachable:
        return cause == errc::host_not_found || cause == errc::lookup_unavailable || cause == errc::proxy_refused ||
               cause == errc::proxy_unavailable;
    case condition::tls:
        return cause == errc::certificate_rejected || cause == errc::handshake_failed ||
               cause == errc::unusable_trust_store;
    case condition::cancelled:
        return cause == errc::draining || cause == errc::stopped;
    case condition::invalid:
        return cause == errc::invalid_argument || cause == errc::no_token || cause == errc::ambiguous_name ||
               cause == errc::name_taken;
    case condition::none:
        break;
    }
    return false;
}

bool holds_for_status(condition wanted, int status)
{
    switch (wanted) {
    case condition::transient:
        return status == 408 || status == 425 || status == 500 || (status >= 502 && status <= 504) ||
               (status >= 520 && status <= 526) || status == 530;
    case condition::throttled:
        return status == 429;
    case condition::denied:
        return status == 401 || status == 403;
    case condition::not_found:
        return status == 404 || status == 410;
    case condition::timeout:
        return status == 408 || status == 504 || status == 522 || status == 524;
    case condition::invalid:
        return status == 400 || status == 422;
    default:
        return false;
    }
}

bool holds_for_system(condition wanted, int value)
{
    const bool unreachable = value == ECONNREFUSED || value == ENETUNREACH || value == EHOSTUNREACH ||
                             value == ENETDOWN || value == EADDRNOTAVAIL || value == EAFNOSUPPORT;
    const bool broken = value == ECONNRESET || value == ECONNABORTED || value == EPIPE || value == ENOTCONN;
    const bool short_of_resources = value == EMFILE || value == ENFILE || value == ENOBUFS || value == ENOMEM;
    switch (wanted) {
    case condition::transient:
        return unreachable || broken || short_of_resources || value == ETIMEDOUT;
    case condition::timeout:
        return value == ETIMEDOUT;
    case condition::unreachable:
        return unreachable || value == ETIMEDOUT;
    case condition::cancelled:
        return value == ECANCELED;
    default:
        return false;
    }
}

/// The conditions and their names, the most specific one first.
constexpr std::pair<condition, std::string_view> conditions[] = {
    {condition::cancelled, "cancelled"},
    {condition::invalid, "invalid"},
    {condition::denied, "denied"},
    {condition::not_found, "not_found"},
    {condition::throttled, "throttled"},
    {condition::tls, "tls"},
    {condition::timeout, "timeout"},
    {condition::unreachable, "unreachable"},
    {condition::transient, "transient"},
};

bool meets(const error_code& code, condition wanted) noexcept
{
    if (code.category() == doks_category()) return holds(wanted, static_cast<errc>(code.value()));
    if (code.category() == http_category()) return holds_for_status(wanted, code.value());
    if (code.category() == boost::system::system_category() || code.category() == boost::system::generic_category())
        return holds_for_system(wanted, code.value());
    return false;
}

struct class_category final : error_category
{
    const char* name() const noexcept override { return "doks.condition"; }
    std::string message(int value) const override { return std::string(to_string(static_cast<condition>(value))); }
    bool equivalent(const error_code& code, int value) const noexcept override
    {
        const auto wanted = static_cast<condition>(value);
        return wanted == condition::none ? condition_of(code) == wanted : meets(code, wanted);
    }
};

}

std::string_view to_string(condition value) noexcept
{
    if (value == condition::none) return "none";
    for (const auto& [known, name] : conditions)
        if (known == value) return name;
    return "unknown condition";
}

condition condition_of(const error_code& code) noexcept
{
    for (const auto& entry : conditions)
        if (meets(code, entry.first)) return entry.first;
    return condition::none;
}

const error_category& doks_category() noexcept
{
    static const cause_category instance;
    return instance;
}

const error_category& http_category() noexcept
{
    static const status_category instance;
    return instance;
}

const error_category& condition_category() noexcept
{
    static const class_category instance;
    return instance;
}

error_code make_error_code(errc cause) noexcept { return {static_cast<int>(cause), doks_category()}; }

boost::system::error_condition make_error_condition(condition value) noexcept
{
    return {static_cast<int>(value), condition_category()};
}

error_code http_error(unsigned status) noexcept { return {static_cast<int>(status), http_category()}; }

}
