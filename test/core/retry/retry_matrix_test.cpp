#include "core/http/response_headers.hpp"
#include "core/retry/retry.hpp"

#include "core/retry/outcomes.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>

// The full table of retry decisions: each status, with each form of Retry-After, against a second writing of the
// rules.

using namespace std::chrono_literals;
using namespace core_test;
using namespace doks::core;
using doks::stop_reason;

namespace {

constexpr wall_time wall = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24);

/// A form of Retry-After, and the wait that it asks for.
struct retry_after_form
{
    const char* text;              ///< none where null
    std::optional<double> seconds; ///< what it means
};

constexpr retry_after_form forms[] = {{nullptr, {}}, {"7", 7.0}, {"Tue, 24 Nov 2026 00:00:07 GMT", 7.0},
    {"Tuesday, 24-Nov-26 00:00:07 GMT", 7.0}, {"soon", {}}, {"-7", {}}, {"18446744073709551616", {}}, {"0", 0.0},
    {"Mon, 23 Nov 2026 00:00:00 GMT", 0.0}, {"3600", 3600.0}, {"4000", 4000.0}, {"1000000000", 1e9}};

const std::set<unsigned> passing{408, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 530};

response_hints hints_of(const retry_after_form& form)
{
    hint_collector collector;
    collector.field("Date", "Tue, 24 Nov 2026 00:00:00 GMT");
    if (form.text) collector.field("Retry-After", form.text);
    return collector.finish(wall + 48h);
}

/// The table of causes, written down once more in seconds.
struct expectation
{
    verdict what;
    stop_reason why = stop_reason::permanent;
    double delay = 0;
};

/// The rules of the table, written a second time.
expectation expected(unsigned status, const retry_after_form& form, unsigned attempts, double unit)
{
    const bool too_far = form.seconds && *form.seconds > 3600;
    if (status >= 200 && status <= 299) return {verdict::deliver};
    if (status == 401) return {verdict::renew_token};
    if (status == 429)
        return too_far ? expectation{verdict::stop, stop_reason::deadline} : expectation{verdict::wait_for_quota};
    if (status != 421 && !passing.contains(status)) return {verdict::stop, stop_reason::permanent};
    if (attempts >= 5) return {verdict::stop, stop_reason::exhausted};
    if (too_far) return {verdict::stop, stop_reason::deadline};
    const double jitter = unit * std::min(20.0, (status >= 500 ? 1.0 : 0.1) * std::pow(2, attempts - 1));
    const bool hinted = form.seconds && *form.seconds > 0;
    return {verdict::retry, {}, hinted ? *form.seconds + std::min(jitter, *form.seconds / 20) : jitter};
}

/// One cell: the decision and the exact delay.
void check_cell(unsigned status, const retry_after_form& form, unsigned attempts, double unit)
{
    outcome ended = answered(status);
    ended.hints = hints_of(form);
    retry_budget budget;
    const auto next = decide(ended, {attempts}, {}, budget, instant(1h), never, unit);
    const auto wanted = expected(status, form, attempts, unit);
    const bool right = next.verdict == wanted.what && (next.verdict != verdict::stop || next.why == wanted.why) &&
                       std::abs(std::chrono::duration<double>(next.delay).count() - wanted.delay) < 1e-6 &&
                       next.fresh == (status == 421 && next.verdict == verdict::retry);
    const bool paid =
        budget.tokens() == retry_budget::capacity - (next.verdict == verdict::retry ? retry_budget::retry_cost : 0);
    if (right && paid) return;
    CAPTURE(status);
    CAPTURE(std::string(form.text ? form.text : "none"));
    CAPTURE(attempts);
    CAPTURE(next.delay.count());
    CHECK(right);
    CHECK(paid);
}

}

TEST_CASE("every status, with every form of Retry-After, leads to the table's verdict and its exact delay")
{
    std::size_t cells = 0;
    for (unsigned status = 100; status <= 599; ++status)
        for (const auto& form : forms)
            for (unsigned attempts : {1U, 2U, 4U, 5U})
                for (double unit : {0.0, 0.5, 0.999999}) {
                    check_cell(status, form, attempts, unit);
                    ++cells;
                }
    CHECK(cells == 500 * 12 * 4 * 3);
    MESSAGE(cells << " cells");
}
