#pragma once

#include <doks/cluster.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doks::api {

/// One page of the cluster list.
struct cluster_page
{
    std::vector<cluster> clusters;
    std::optional<std::size_t> total;
    /// Number of the page that the API names next; only the number is taken from its link, never a host.
    std::optional<std::size_t> next;
};

/** The outcome of reading the API's JSON. A missing field is empty; JSON of another shape is an error.

    `error` is `errc::unexpected_response`; `detail` says what is wrong.
*/
template <class T> struct parsed
{
    T value;
    boost::system::error_code error;
    std::string detail;
};
parsed<cluster_page> read_cluster_page(std::string_view body);
parsed<cluster> read_cluster(std::string_view body);
parsed<credentials> read_credentials(std::string_view body);
parsed<cluster_user> read_cluster_user(std::string_view body);

/// The content of an error body; empty if it is not the API's JSON, for it may be the page of a gateway.
struct error_body
{
    std::string id;
    std::string message;
    std::string request_id;
};
error_body read_error(std::string_view body);

/// At most `most` characters; control characters and everything outside ASCII become `?`.
std::string printable(std::string_view text, std::size_t most = 200);

}
