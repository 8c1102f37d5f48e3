#pragma once

#include "sim/account/account_state.hpp"
#include "sim/http/http.hpp"

#include <boost/json/object.hpp>

#include <string>
#include <string_view>

namespace doks::sim {

/** A cluster as the API describes it to this token; without the scope tag:read its tags are missing. */
boost::json::object cluster_body(const cluster_record& cluster, const token_spec& reader, std::string_view server);

/** An error of the API: `{id, message, request_id}`. An empty message is the usual one for the status. */
http_response error_response(unsigned status, std::string_view request_id, std::string message = {});

/** A page of the CDN in front of the API. */
http_response html_response(unsigned status);

/** Full access, or this scope among others. */
bool has_scope(const token_spec& token, std::string_view scope);

/** Page number and size; an unreadable or too small value is the default, a too large one the maximum. */
struct page_parameters
{
    std::size_t number = 1;
    std::size_t size = 20;
};
page_parameters parse_page(const http_request& request);

/** `{"pages": {...}}` with first, prev, next and last where they differ from this page; `{}` for a single page. */
boost::json::object page_links(page_parameters page, std::size_t total, std::string_view url);

}
