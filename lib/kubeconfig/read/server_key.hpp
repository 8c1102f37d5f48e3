#pragma once

#include <string>
#include <string_view>

namespace doks::kube {

/** What tells one API server from another: its URL with everything in it that makes no difference left out.

    Scheme and host in lower case, the host without a last dot, the port also where it is the scheme's own, the
    path without a last slash. What is no URL is its own key.
*/
std::string server_key(std::string_view url);

/// The UUID of a cluster, and where a server's URL names it.
struct named_cluster
{
    std::string_view uuid;
    std::string_view where;
};

/// The host `<uuid>.k8s.ondigitalocean.com`, or the path `/clusters/<uuid>`; what stands there need not be a UUID.
named_cluster cluster_of(std::string_view url);

/// 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view text) noexcept;

/// A cluster's id as the API writes it: of a UUID the case means nothing.
std::string canonical_id(std::string id);

/// The UUID that a server's URL names, in lower case, or nothing.
std::string cluster_id_of(std::string_view url);

/// The name that an entry of this server gets where its own is taken: `<name>-<8 digits of the server's UUID>`, if it has one.
std::string with_digits(std::string_view name, std::string_view server);

/// The name that it had before, where it got such a one.
std::string_view without_digits(std::string_view name, std::string_view server);

/// Its host ends in `.k8s.ondigitalocean.com`.
bool is_digitalocean(std::string_view url);

bool is_url(std::string_view text) noexcept;

/// Without what must not reach a terminal, and not long.
std::string shown_text(std::string_view text);

/// A URL for a person: without the name and password that it may hold, and without a query.
std::string shown_url(std::string_view url);

}
