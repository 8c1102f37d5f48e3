#pragma once

#include "core/outcome.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace doks::core {

/// Digits only, no sign, no white space; nothing on overflow.
std::optional<std::uint64_t> parse_count(std::string_view text) noexcept;

/** The three forms of RFC 9110 §5.6.7: IMF-fixdate, RFC 850, asctime. `now` decides RFC 850's century.

    Between 1970 and 2200; what lies outside is moved to the nearer end.
*/
std::optional<wall_time> parse_http_date(std::string_view text, wall_time now) noexcept;

/** Seconds to wait, from either form of Retry-After.

    A date counts from `now`, the server's own Date where it sent one; a date in the past is zero. Anything that is
    not exactly one of the forms is nothing, and so is a count of more seconds than can be added to a clock's time.
    @see RFC 9110 §10.2.3.
*/
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, wall_time now) noexcept;

/** Collects what one response's header fields say of time and quota.

    Fields may come in any order; a field given twice is as good as malformed, and left out.
*/
class hint_collector
{
public:
    void field(std::string_view name, std::string_view value);
    /// `now` is the local wall clock, used where the response has no Date.
    response_hints finish(wall_time now) const;

private:
    struct slot
    {
        std::optional<std::string_view> value() const;
        void put(std::string_view given);

        char text[64];
        std::size_t size = 0;
        unsigned count = 0;
    };
    slot limit_, remaining_, reset_, retry_after_, date_;
};

/// Header names are compared without regard to case.
bool same_name(std::string_view a, std::string_view b) noexcept;
/// Of ASCII letters.
std::string lower_case(std::string_view text);

}
