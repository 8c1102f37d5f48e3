#pragma once

// Kubeconfigs in the forms in which DigitalOcean's API writes them.

#include <chrono>
#include <string>
#include <string_view>

namespace sample {

inline constexpr std::string_view id = "0f1e2d3c-4b5a-4697-8877-665544332211";
inline constexpr std::string_view other_id = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
inline constexpr std::string_view token = "dop_v1_not-a-real-token.0123456789";

/// A self-signed certificate and its key in PEM.
struct identity
{
    std::string certificate;
    std::string key;
    std::chrono::system_clock::time_point not_after;
};

/// Made once; it expires in 2031.
const identity& long_lived();
identity expiring_at(std::chrono::system_clock::time_point when);

std::string base64(std::string_view bytes);

/// A kubeconfig in the API's own form around the lines of its user, each indented by four spaces.
std::string around(std::string_view user, std::string_view cluster_id = id);

std::string with_token(std::string_view cluster_id = id, std::string_view bearer = token);
std::string with_certificate(const identity& who = long_lived(), std::string_view cluster_id = id);
std::string with_exec(std::string_view cluster_id = id);
std::string as_json();

/// `text` with the first occurrence of `from` replaced.
std::string changed(std::string text, std::string_view from, std::string_view to);

}
