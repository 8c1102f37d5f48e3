#include "core/outcome.hpp"

#include <doks/absence.hpp>
#include <doks/failure.hpp>

#include <utility>

namespace doks {

namespace {

std::string seconds_text(std::chrono::steady_clock::duration span)
{
    const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(span).count() / 100;
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + " s";
}

std::string reason_text(const failure_record& record)
{
    const auto sends = record.info.sends();
    const auto attempts = std::to_string(sends) + (sends == 1 ? " attempt" : " attempts");
    const auto spent = attempts + " in " + seconds_text(record.info.elapsed);
    switch (record.why) {
    case stop_reason::permanent:
        return record.http_status != 0 ? "a retry would not help" : "";
    case stop_reason::exhausted:
        return "gave up after " + spent;
    case stop_reason::budget:
        return "no retry: too many calls of this client fail (" + spent + ")";
    case stop_reason::deadline:
        return "the deadline leaves no time for more (" + spent + ")";
    case stop_reason::not_replayable:
        return "not safe to send again";
    case stop_reason::cancelled:
        return "";
    }
    return "";
}

void append(std::string& text, std::string_view separator, std::string_view part)
{
    if (part.empty()) return;
    if (!text.empty()) text += separator;
    text += part;
}

std::string compose(const failure_record& record)
{
    std::string text = record.operation;
    append(text, ": ", record.code.message());
    append(text, ": ", record.detail);
    append(text, ": ", record.api_message);
    if (!record.phase.empty() && record.http_status == 0) append(text, ", ", "in phase " + std::string(record.phase));
    append(text, "; ", reason_text(record));
    if (record.last_cause && record.last_cause != record.code)
        append(text, "; ", "previous attempt: " + record.last_cause.message());
    if (record.retry_after) append(text, "; ", "retry after " + seconds_text(*record.retry_after));
    if (!record.info.request_id.empty()) append(text, "; ", "request id " + record.info.request_id);
    append(text, " - ", record.remedy);
    return text;
}

const std::shared_ptr<const failure_record>& empty_record()
{
    static const std::shared_ptr<const failure_record> instance = std::make_shared<failure_record>();
    return instance;
}

const std::shared_ptr<const std::string>& empty_text()
{
    static const std::shared_ptr<const std::string> instance = std::make_shared<std::string>("no failure");
    return instance;
}

}

std::string_view to_string(stop_reason reason) noexcept
{
    switch (reason) {
    case stop_reason::permanent:
        return "permanent";
    case stop_reason::exhausted:
        return "exhausted";
    case stop_reason::budget:
        return "budget";
    case stop_reason::deadline:
        return "deadline";
    case stop_reason::not_replayable:
        return "not_replayable";
    case stop_reason::cancelled:
        return "cancelled";
    }
    return "";
}

failure::failure()
    : system_error(boost::system::error_code())
    , record_(empty_record())
    , text_(empty_text())
{}

failure::failure(failure_record record)
    : system_error(record.code)
    , record_(std::make_shared<failure_record>(std::move(record)))
    , text_(std::make_shared<std::string>(compose(*record_)))
{}

failure::failure(boost::system::error_code cause, std::string operation, std::string detail, std::string remedy,
    std::string_view phase)
    : failure([&] {
        failure_record record;
        record.code = cause;
        record.operation = std::move(operation);
        record.phase = phase;
        record.detail = std::move(detail);
        record.remedy = std::move(remedy);
        return record;
    }())
{}

const char* failure::what() const noexcept { return text_->c_str(); }

std::chrono::seconds failure::retry_after() const noexcept
{
    return std::chrono::ceil<std::chrono::seconds>(record_->retry_after.value_or(std::chrono::seconds(0)));
}

bool is_absent(const failure& error) noexcept { return error == condition::not_found && !error.api_id().empty(); }

failure impl::failure_of(const std::exception_ptr& thrown)
{
    failure_record record;
    try {
        std::rethrow_exception(thrown);
    } catch (const failure& error) {
        return error;
    } catch (const boost::system::system_error& error) {
        record.code = error.code();
    } catch (const std::exception& error) {
        record.code = errc::unclassified;
        record.detail = error.what();
    }
    return failure(std::move(record));
}

void throw_exception_from_error(const failure& error, const boost::source_location&) { throw error; }

}

std::string_view doks::core::to_string(phase where) noexcept
{
    switch (where) {
    case phase::token:
        return "token";
    case phase::quota:
        return "quota";
    case phase::pool:
        return "pool";
    case phase::resolve:
        return "resolve";
    case phase::connect:
        return "connect";
    case phase::proxy:
        return "proxy";
    case phase::tls:
        return "tls";
    case phase::write:
        return "write";
    case phase::first_byte:
        return "first byte";
    case phase::body:
        return "body";
    case phase::response:
        return "response";
    case phase::backoff:
        return "backoff";
    }
    return "";
}
