#include "net/call.hpp"

#include <algorithm>
#include <utility>

// What a call has to say when it ends.

namespace doks::net {

using boost::system::error_code;

void call::deliver()
{
    auto about = info();
    reply whole{std::move(last_answer_), std::move(about), requested_at_};
    finish(std::move(whole));
}

call_info call::info() const
{
    return {last_answer_.request_id, used_.attempts, free_sends_, transport_->timers().now() - started_, rate_limit_};
}

failure_record call::blank_record() const
{
    failure_record record;
    record.operation = plan_.operation;
    record.info = info();
    return record;
}

void call::fail(error_code cause, core::phase at, stop_reason why)
{
    auto record = blank_record();
    record.code = cause;
    record.phase = core::to_string(at);
    record.why = why;
    record.http_status = last_.cause == cause ? last_.status : 0;
    record.detail = last_detail_;
    if (const auto hint = last_.hints.retry_after; hint && record.http_status != 0) {
        record.retry_after = *hint;
        record.retry_at = transport_->timers().time().wall_now() + *hint;
    }
    describe(record, last_answer_);
    finish(failure(std::move(record)));
}

void call::fail_for_quota(core::instant free_at)
{
    auto record = blank_record();
    const auto wait = (std::max)(core::duration(0), free_at - transport_->timers().now());
    record.code = errc::quota_exhausted;
    record.phase = core::to_string(core::phase::quota);
    record.why = stop_reason::deadline;
    record.retry_after = wait;
    record.retry_at = transport_->timers().time().wall_now() + wait;
    if (last_.status == 429) record.detail = "the API refused the last request with 429";
    record.remedy = "give the call a longer deadline, or fewer calls to this token";
    finish(failure(std::move(record)));
}

}
