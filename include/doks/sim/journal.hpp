#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace doks::sim {

/** One request as the API received it. Holds no secret: a token is named by its label. */
struct journal_entry
{
    std::chrono::system_clock::time_point at{}; ///< When it was processed: its arrival, the one-way latency included.
    std::uint64_t connection = 0;               ///< Counts from 1 in order of acceptance.
    std::string method{};
    std::string path{};    ///< With its query, cut to 300 bytes.
    std::string cluster{}; ///< The id in the path, if there is one.
    std::string token{};   ///< Label; empty if none was sent or it is not known.
    unsigned status = 0;   ///< Of the response, sent or not; 0 if it was not processed.
    std::string fault{};   ///< Name of its fault; empty if none.
    bool counted = false;  ///< Used a slot of the token's quota.
    bool minted = false;   ///< A credential was minted, whether or not the response got through.
    std::string request_id{};
};

/** Totals since the start. */
struct journal_counts
{
    std::size_t connections = 0;      ///< Accepted by the API's port, refused ones included.
    std::size_t open_connections = 0; ///< Of the API's port, now.
    std::size_t requests = 0;         ///< To the API, those with a fault included.
    std::size_t kubeconfig_requests = 0;
    std::size_t minted = 0;
    std::size_t throttled = 0;     ///< 429 responses of the limits; scripted ones are faults.
    std::size_t max_in_flight = 0; ///< Requests on the API's side at once: from their last byte to the response's.
    std::map<std::string, std::size_t> kubeconfig_requests_by_cluster{};
    std::map<std::string, std::size_t> minted_by_cluster{};
    std::map<std::string, std::size_t> faults{}; ///< By name_of(fault_kind).
};

}
