#include "net/call/call.hpp"

#include <algorithm>
#include <utility>

// What a call has to say when it ends.

namespace doks::net {

using boost::system::error_code;

void call::deliver()
{
    auto about = info(std::move(last_response_.request_id));
    call_response whole{
        std::move(last_response_), std::move(about), requested_at_, requested_boot_, transport_->secrets()};
    finish(std::move(whole));
}

call_info call::info(std::string request_id) const
{
    return {std::move(request_id), retry_.attempts(), retry_.resends(), transport_->timers().now() - retry_.started(),
        rate_limit_};
}

failure_record call::blank_record() const
{
    failure_record record;
    record.operation = spec_.operation();
    record.info = info(last_response_.request_id);
    return record;
}

void call::fail(error_code cause, core::phase at, stop_reason why)
{
    auto record = blank_record();
    record.code = cause;
    record.phase = core::to_string(at);
    record.why = why;
    record.layer = core::layer_that_stops(why, cause, spec_.policy);
    if (last_.cause != cause) record.last_cause = last_.cause;
    record.http_status = last_.cause == cause ? last_.status : 0;
    if (last_.cause == cause) record.detail = last_detail_;
    record.remedy = remedy_;
    if (const auto hint = last_.hints.retry_after; hint && record.http_status != 0) {
        record.retry_after = *hint;
        record.retry_at = transport_->timers().time().wall_now() + *hint;
    }
    describe(record, last_response_);
    transport_->secrets()->redact(record);
    finish(failure(std::move(record)));
}

void call::fail_for_quota(core::instant free_at)
{
    auto record = token_->gate().why_closed(free_at);
    record.operation = spec_.operation();
    record.info = info(last_response_.request_id);
    record.last_cause = last_.cause;
    finish(failure(std::move(record)));
}

}
