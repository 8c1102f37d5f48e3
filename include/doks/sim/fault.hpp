#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace doks::sim {

/** A fault of a connection or a request.

    "Processed" means that the API worked on the request: the limits counted it, and a kubeconfig minted a credential.
    The faults of a connection (refuse, stall_handshake) are drawn once for each accepted connection, all others once
    for each request to the API; the Kubernetes API has none.
*/
enum class fault_kind
{
    none,             ///< Passes unharmed; in a script, to leave some requests alone before the next fault.
    refuse,           ///< The connection is reset as soon as it is accepted, before TLS.
    stall_handshake,  ///< The connection is accepted and gets no response.
    reset_before,     ///< Reset instead of a response. Not processed.
    reset_at,         ///< Processed, then reset after `offset` bytes of the response.
    reset_after,      ///< Processed, responded in full, then reset.
    truncate,         ///< Processed, then FIN without close_notify after `offset` bytes of the response.
    close_after,      ///< Processed, responded in full, then closed without having said so.
    stall_first_byte, ///< Nothing comes back. Not processed.
    stall_body,       ///< Processed, then nothing comes after `offset` bytes of the response.
    drip,             ///< Processed, then one byte of the response each `delay`.
    status,           ///< A JSON error of the API with `status` and `retry_after`. Counted, nothing minted.
    status_html,      ///< A page of the CDN in front, with `status` (200 too). Not processed, no rate headers.
    garbage,          ///< `body`, or bytes that are no HTTP, instead of a response, then closed. Not processed.
    extra_bytes,      ///< Processed, responded, and `body` (a whole strange response if unset) glued on behind.
    extra_late,       ///< As extra_bytes, but `delay` after the response.
    wrong_cluster,    ///< A kubeconfig of another cluster than the one asked for. Processed, minted for the other one.
};

/** One kind of fault, and how often it strikes. */
struct fault
{
    fault_kind kind = fault_kind::none;
    double rate = 0; ///< Share of requests or connections, 0 to 1; without meaning in a script.
    /// Byte of the response, header included, at which the fault strikes; anywhere within it if unset.
    std::optional<std::size_t> offset{};
    unsigned status = 503;             ///< For status and status_html.
    std::optional<int> retry_after{};  ///< Seconds; no Retry-After header if unset.
    std::optional<std::string> body{}; ///< Instead of the default one of status, status_html, garbage and extra_*.
    std::string content_type{};        ///< Instead of the default one of status and status_html.
    std::chrono::nanoseconds delay{2'000'000}; ///< For drip and extra_late.
};

/** Reads `KIND=RATE,KIND=RATE`.

    KIND is a name from fault_kinds(); a status 400..599 (`503`), with Retry-After as `503@2`; or `html-502`.
    RATE is 0..1 or a percentage (`5%`). `mixed` shares its rate among the wire faults that a client must survive.
    @throws std::invalid_argument that quotes the item and lists what is valid.
*/
std::vector<fault> parse_faults(std::string_view text);

/** The names that parse_faults() takes, `mixed` included; for help texts. */
std::vector<std::string> fault_kinds();

/** The name of a kind as parse_faults() reads it and the journal writes it, such as `reset-before`. */
std::string_view name_of(fault_kind kind);

/** The wire faults of `mixed`, sharing the rate equally; refused connections at the same rate come on top.

    They are resets, truncations, unannounced closes, extra bytes, HTML 502, and 503 with and without Retry-After. What
    no client can survive (garbage, a strange response in the place of the right one) or what measures nothing but a
    client's timeouts (stalls) is left out.
*/
std::vector<fault> mixed_faults(double rate);

}
