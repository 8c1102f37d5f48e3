#pragma once

#include <doks/abi.hpp>
#include <doks/sim/fault.hpp>
#include <doks/sim/journal.hpp>
#include <doks/sim/options.hpp>
#include <doks/sim/rate_limit.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace doks::sim {

/** DigitalOcean's Kubernetes API on a loopback port, with a Kubernetes API behind each kubeconfig that it hands out.

    Serves from construction to destruction, on a thread of its own; destruction closes every connection at once.
    Shares no code with the SDK that it tests.

    @throws std::system_error, from the constructor, for a port or a file
    @throws std::invalid_argument, from the constructor; the message names the option
    @par Thread safety
    Any thread may call any member.
*/
class simulator
{
public:
    explicit simulator(options options = {});
    ~simulator();

    simulator(const simulator&) = delete;
    simulator& operator=(const simulator&) = delete;

    /** `https://127.0.0.1:PORT`; the certificate is good for 127.0.0.1, ::1 and localhost. */
    std::string url() const;

    /** Origin of the Kubernetes API, `https://127.0.0.1:PORT`; a cluster is at `/clusters/<id>` below it. */
    std::string kube_url() const;

    /** The CA of the API's certificate, as PEM; the Kubernetes API has another one, which the kubeconfigs carry. */
    std::string ca_pem() const;

    /** A temporary file with ca_pem(), removed by the destructor. */
    std::string ca_file() const;

    /** The secret of the first account's first token. */
    std::string token() const;

    /** The secret of the token with this label, of any account. @throws std::out_of_range */
    std::string token(std::string_view label) const;

    /** Accepts one more token of the account, or replaces the one with the same label; returns its secret.

        The first account has no name.

        @throws std::out_of_range for an unknown account
        @throws std::invalid_argument for a label that another account has
    */
    std::string add_token(token_spec spec, std::string_view account = {});

    /** Refuses the token from now on with 401. Takes the secret; unknown ones are ignored. */
    void revoke_token(std::string_view value);

    /** The account's clusters in the order in which the API lists them. @throws std::out_of_range */
    std::vector<std::string> cluster_ids(std::string_view account = {}) const;

    /** @throws std::out_of_range */
    cluster_spec cluster(std::string_view id) const;

    /** Changes the account's cluster with this id, or adds one; returns its id. What was minted before stays valid.

        @throws std::out_of_range for an unknown account
        @throws std::invalid_argument for an id that another account has
    */
    std::string set_cluster(cluster_spec spec, std::string_view account = {});

    /** Deletes it: 404 from now on, and its credentials are refused. Unknown ids are ignored. */
    void remove_cluster(std::string_view id);

    /** Has the cluster refuse every credential minted so far, though none has expired. */
    void revoke_credentials(std::string_view cluster_id);

    /** The cluster that a bearer token was minted for; empty if it was not minted here or is not good any more. */
    std::string cluster_of(std::string_view bearer_token) const;

    /** The next `times` requests whose path begins with `path_prefix` have this fault, before any fault by rate.

        Scripted faults strike in order. refuse and stall_handshake strike the next accepted connections and take no
        prefix.
    */
    void script(fault fault, std::string path_prefix = {}, std::size_t times = 1);

    /** Replaces the faults by rate; scripted ones stay. */
    void set_faults(std::vector<fault> faults);

    /** Replaces the limits and forgets what was counted. */
    void set_rate_limit(rate_limit limit);

    void set_latency(latency value);

    /** Totals since the start. */
    journal_counts counts() const;

    /** The last 200,000 requests, oldest first; the journal file has all of them. */
    std::vector<journal_entry> journal() const;

    /** Waits until so many requests were received since the start; false if the time is up before. */
    bool wait_for_requests(std::size_t count, std::chrono::nanoseconds at_most) const;

    /** Closes idle connections of the API's port now, as a restarting server does; busy ones after their response. */
    void close_idle_connections();

private:
    class implementation;
    std::unique_ptr<implementation> implementation_;
};

}
