#include "cli/plugin/exec_credential.hpp"

#include "cli/options/duration.hpp"
#include "cli/output/cli_error.hpp"
#include "cli/output/text.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <array>

namespace doks::cli {

namespace json = boost::json;

namespace {

constexpr std::string_view group = "client.authentication.k8s.io/";
constexpr std::array<std::string_view, 2> versions{
    "client.authentication.k8s.io/v1beta1", "client.authentication.k8s.io/v1"};
constexpr std::string_view variable = "KUBERNETES_EXEC_INFO";

/// Some clients write null where they have nothing to say.
bool says_nothing(const json::object& from, std::string_view key)
{
    const auto* found = from.if_contains(key);
    return !found || found->is_null();
}

/// Empty where it is no text.
std::string text_at(const json::object& from, std::string_view key)
{
    const auto* found = from.if_contains(key);
    const auto* text = found ? found->if_string() : nullptr;
    return text ? std::string(*text) : std::string();
}

void append(secret_bytes& to, std::string_view text) { to.insert(to.end(), text.begin(), text.end()); }

/// Not through a library's own buffers, which are not wiped.
void append_quoted(secret_bytes& to, std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    to.push_back('"');
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            to.push_back('\\');
            to.push_back(c);
        } else if (c == '\n') {
            append(to, "\\n");
        } else if (byte < 0x20) {
            append(to, "\\u00");
            to.push_back(digits[byte >> 4]);
            to.push_back(digits[byte & 15]);
        } else {
            to.push_back(c);
        }
    }
    to.push_back('"');
}

void append_field(secret_bytes& to, std::string_view name, std::string_view value)
{
    if (to.back() != '{') to.push_back(',');
    append_quoted(to, name);
    to.push_back(':');
    append_quoted(to, value);
}

}

std::string exec_api_version(std::optional<std::string_view> exec_info)
{
    if (!exec_info) return std::string(versions.front());
    boost::system::error_code broken;
    const auto parsed = json::parse(json::string_view(exec_info->data(), exec_info->size()), broken);
    if (!broken && parsed.is_null()) return std::string(versions.front());
    const auto* info = broken ? nullptr : parsed.if_object();
    if (!info || (!says_nothing(*info, "kind") && text_at(*info, "kind") != "ExecCredential"))
        throw usage_error(variable, "it is not the JSON object of kind ExecCredential that kubectl sets",
            "unset it where doks is not run by kubectl");
    if (says_nothing(*info, "apiVersion")) return std::string(versions.front());
    auto wanted = text_at(*info, "apiVersion");
    for (const auto known : versions)
        if (wanted == known) return wanted;
    throw usage_error(std::string(variable) + ", apiVersion " + in_quotes(wanted), "doks does not speak this version",
        "set apiVersion of the kubeconfig's exec entry to " + std::string(group) + "v1beta1 or " + std::string(group) +
            "v1");
}

std::optional<std::chrono::system_clock::time_point> ask_again_at(
    const kubeconfig& config, std::chrono::nanoseconds margin, std::chrono::system_clock::time_point now)
{
    using length = std::chrono::system_clock::duration;
    const auto expires = config.expires_at();
    if (!expires) return std::nullopt;
    const auto early = *expires - std::chrono::duration_cast<length>(margin);
    return early > now ? early : now + (*expires - now) / 2;
}

secret_bytes exec_credential(const kubeconfig& config, std::string_view api_version,
    std::optional<std::chrono::system_clock::time_point> ask_again)
{
    const cluster_access& held = config.current();
    const bool certificate = !held.client_certificate.empty() && !held.client_key.empty();
    if (held.token.empty() && !certificate)
        throw cli_error(exit_status::failed, "cluster " + in_quotes(config.cluster_id()),
            "its kubeconfig holds neither a token nor a certificate with its key",
            "'doks kubeconfig show ID' shows what it holds");
    secret_bytes text;
    text.push_back('{');
    append_field(text, "kind", "ExecCredential");
    append_field(text, "apiVersion", api_version);
    append(text, ",\"spec\":{},\"status\":{");
    if (ask_again) append_field(text, "expirationTimestamp", utc_text(*ask_again));
    if (!held.token.empty()) append_field(text, "token", held.token.reveal());
    if (certificate) {
        append_field(text, "clientCertificateData", held.client_certificate);
        append_field(text, "clientKeyData", held.client_key.reveal());
    }
    append(text, "}}\n");
    return text;
}

}
