#pragma once

#include "core/credential/absence.hpp"
#include "core/credential/credential_lifetime.hpp"

#include <doks/failure.hpp>

namespace doks::core {

/** When one credential is renewed, what the failures to renew it mean, and whether its cluster is gone.

    A plain value; every time is of the boot clock, every `unit` is a random number in [0, 1).
*/
class renewal_schedule
{
public:
    /// What a failure tells that the one before did not.
    enum class news
    {
        none,    ///< renewing fails as before
        failing, ///< it has begun to fail, or it fails for another class of causes
        gone     ///< the cluster does not exist any more, and the credential has ended with it
    };

    /// `margin`: before the expiry; 0 is a fifth of the lifetime, and half of it is the most.
    void renewed(instant since, instant expires, duration margin, double unit) noexcept;
    news failed(instant now, const failure& error, double unit);
    /// The cluster does not accept the credential any more.
    void refused(instant now) noexcept { lifetime_.refused(now); }
    /// A listing names the cluster: earlier 404s count no more, and if there were any it is worth asking at once.
    void seen(instant now) noexcept;
    /// What was in the way has passed: it is worth asking at once, however long the pause.
    void hasten(instant now) noexcept { lifetime_.hasten(now); }

    bool is_valid(instant now) const noexcept { return lifetime_.is_valid(now); }
    instant expires() const noexcept { return lifetime_.expires(); }
    instant renew_at() const noexcept { return lifetime_.renew_at(); }
    bool is_failing() const noexcept { return lifetime_.failures() != 0; }
    bool is_gone() const noexcept { return absence_.is_gone(); }
    /// The last failure, if renewing fails.
    const failure& error() const noexcept { return error_; }

private:
    credential_lifetime lifetime_;
    absence absence_;
    credential_lifetime::error_class class_ = credential_lifetime::error_class::passing;
    failure error_;
};

}
