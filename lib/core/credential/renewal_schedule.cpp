#include "core/credential/renewal_schedule.hpp"

#include <doks/absence.hpp>

#include <utility>

namespace doks::core {

namespace {

using error_class = credential_lifetime::error_class;

error_class class_of(const failure& error, const absence& absence)
{
    if (error == errc::not_ready) return error_class::not_ready;
    if (error == condition::not_found) return absence.is_gone() ? error_class::gone : error_class::missing;
    if (error == condition::denied || error == errc::no_token) return error_class::denied;
    return error_class::passing;
}

}

void renewal_schedule::renewed(instant since, instant expires, duration margin, double unit) noexcept
{
    lifetime_.renewed(since, expires, margin, unit);
    absence_.seen();
    error_ = failure();
}

renewal_schedule::news renewal_schedule::failed(instant now, const failure& error, double unit)
{
    const bool failed_before = is_failing();
    const bool was_gone = is_gone();
    if (is_absent(error)) absence_.not_found(now, lifetime_.length(), lifetime_.expires());
    if (error == errc::not_ready) absence_.seen();
    const auto class_before = std::exchange(class_, class_of(error, absence_));
    if (is_gone() && !was_gone) lifetime_.refused(now);
    const auto wait = error.record().retry_after;
    lifetime_.failed(now, class_, wait ? now + *wait : instant(), unit);
    error_ = error;
    if (failed_before && class_ == class_before) return news::none;
    return class_ == error_class::gone ? news::gone : news::failing;
}

void renewal_schedule::seen(instant now) noexcept
{
    if (!absence_.is_suspected()) return;
    absence_.seen();
    lifetime_.hasten(now);
}

}
