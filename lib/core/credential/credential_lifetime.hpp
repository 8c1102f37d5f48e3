#pragma once

#include "core/outcome.hpp"

#include <algorithm>

namespace doks::core {

/** One credential's time, by the boot clock: until when it serves, and when it is to be renewed.

    Shape: a plain value. It is renewed within the first half of a margin before its expiry, at a moment that `unit`, in
    [0, 1), chooses, so that credentials which were obtained together are not renewed together. Failures are followed
    by pauses that double; where a credential may come at any moment, by no more than a twentieth of a life.
*/
class credential_lifetime
{
public:
    /// Why there is no new credential, as far as it decides how soon to ask again.
    enum class error_class
    {
        passing,   ///< the network, the API, the quota
        not_ready, ///< the cluster is still being provisioned
        denied,    ///< another API token is needed
        missing,   ///< the API answers 404, which may pass
        gone       ///< there is no such cluster any more
    };

    /// `margin`: before the expiry; 0 is a fifth of the life, and half of the life is the most.
    void renewed(instant since, instant expires, duration margin, double unit) noexcept;
    /// `not_before`: the server's word, where it gave one.
    void failed(instant now, error_class what, instant not_before, double unit) noexcept;
    /// It is worth asking at once, however long the pause: there is news of the cluster, or of what was in the way.
    void hasten(instant now) noexcept { renew_at_ = (std::min)(renew_at_, now); }
    /// The cluster does not take it any more; it is to be renewed at once, unless that is failing as it is.
    void refused(instant now) noexcept;

    bool is_valid(instant now) const noexcept { return now < expires_; }
    instant expires() const noexcept { return expires_; }
    /// From its request to its expiry; zero where there is nothing yet, or it does not expire.
    duration length() const noexcept { return length_; }
    /// When the next renewal is due; at once where there is nothing yet.
    instant renew_at() const noexcept { return renew_at_; }
    /// Since when renewing has failed, so many times in a row; 0: it has not.
    unsigned failures() const noexcept { return failures_; }

private:
    instant expires_{};
    instant renew_at_{};
    duration length_{};
    unsigned failures_ = 0;
};

}
