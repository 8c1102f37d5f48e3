#include "api/config/proxy_choice.hpp"

#include "api/config/settings.hpp"
#include "api/requests.hpp"
#include "core/http/response_headers.hpp"
#include "core/no_proxy.hpp"
#include "core/secret_text.hpp"
#include "kubeconfig/read/base64.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

namespace doks::api {

namespace {

constexpr std::string_view basic_scheme = "Basic ";

[[noreturn]] void refuse_proxy(const char* from, const char* fault)
{
    throw invalid_call(from, fault, "give a URL such as http://user:password@proxy.example:3128, or none");
}

int digit_of(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// Percent-decodes user info into memory that is wiped.
secret_bytes unescaped(std::string_view text, const char* from)
{
    secret_bytes plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        if (c == '%') {
            const int high = i + 2 < text.size() ? digit_of(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? digit_of(text[i + 2]) : -1;
            if (high < 0 || low < 0) refuse_proxy(from, "its user info has a '%' that escapes nothing");
            c = static_cast<char>(high * 16 + low);
            i += 2;
        }
        plain.push_back(c);
    }
    return plain;
}

using core::view;

/** Sets the proxy's credentials. The user's name is no secret: it may be a word that is part of clusters' names.

    @see RFC 7617
*/
void set_user(chosen_proxy& to, std::string_view user_info, const char* from)
{
    const auto colon = (std::min)(user_info.find(':'), user_info.size());
    auto credentials = unescaped(user_info.substr(0, colon), from);
    credentials.push_back(':');
    const auto password = unescaped(user_info.substr((std::min)(colon + 1, user_info.size())), from);
    core::append(credentials, view(password));
    const auto value = kube::encode_base64(view(credentials));
    to.through.authorization.assign(basic_scheme.begin(), basic_scheme.end());
    core::append(to.through.authorization, view(value));
    if (!password.empty()) to.secrets = {secret(view(password)), secret(view(value))};
}

chosen_proxy parse_proxy(std::string_view url, const char* from)
{
    constexpr std::string_view plain = "http://";
    if (url.size() >= plain.size() && core::same_name(url.substr(0, plain.size()), plain))
        url.remove_prefix(plain.size());
    else if (url.find("://") != std::string_view::npos)
        refuse_proxy(from, "it is not an http:// proxy; TLS to the proxy and SOCKS are not offered");
    if (!url.empty() && url.back() == '/') url.remove_suffix(1);
    chosen_proxy made;
    const auto at = url.rfind('@');
    if (at != std::string_view::npos) set_user(made, url.substr(0, at), from);
    made.through.where.port = 80;
    const auto authority = url.substr(at == std::string_view::npos ? 0 : at + 1);
    if (const char* const fault = read_authority(authority, "-_", made.through.where)) refuse_proxy(from, fault);
    return made;
}

/// The first of two variables that is set and not empty.
std::string_view first_of(const variables& environment, const char* one, const char* other)
{
    for (const char* const name : {one, other})
        if (const char* const value = environment(name); value && *value) return value;
    return {};
}

}

std::optional<chosen_proxy> proxy_of(const proxy_settings& how, const net::origin& api, const variables& environment)
{
    if (!how.url.empty()) {
        auto made = parse_proxy(how.url, "proxy.url");
        return api.secure ? std::optional(std::move(made)) : std::nullopt;
    }
    if (!how.from_environment || !api.secure) return std::nullopt;
    const auto url = first_of(environment, "https_proxy", "HTTPS_PROXY");
    const auto direct = first_of(environment, "no_proxy", "NO_PROXY");
    if (url.empty() || core::bypasses_proxy(direct, api.where.host, api.where.port)) return std::nullopt;
    return parse_proxy(url, "HTTPS_PROXY");
}

const char* process_variable(const char* name) { return ::secure_getenv(name); }

}
