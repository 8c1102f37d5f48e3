#include "net/call/classify_exception.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>

#include <algorithm>
#include <string_view>
#include <system_error>

namespace doks::net {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// Maps codes of Asio, Beast and the standard library to those of doks, for policies test conditions.
error_code known(const error_code& cause)
{
    if (cause == asio::error::eof) return errc::truncated;
    if (cause == asio::ssl::error::stream_truncated) return errc::truncated;
    if (cause == asio::error::host_not_found_try_again) return errc::lookup_unavailable;
    if (cause == asio::error::host_not_found) return errc::host_not_found;
    const std::string_view category = cause.category().name();
    if (category == "boost.beast" && cause.value() == 1) return errc::timed_out; // beast::error::timeout
    return cause;
}

}

core::outcome classify(const error_code& cause, const failure* origin)
{
    core::outcome outcome;
    outcome.cause = known(cause);
    if (origin == nullptr) return outcome;
    outcome.replayable = origin->why_stopped() != stop_reason::not_replayable;
    if (origin->record().retry_after)
        outcome.hints.retry_after = (std::max)(origin->retry_after(), std::chrono::seconds(0));
    return outcome;
}

core::outcome classify(const std::exception_ptr& thrown)
{
    try {
        std::rethrow_exception(thrown);
    } catch (const failure& error) {
        return classify(error.code(), &error);
    } catch (const boost::system::system_error& error) {
        return classify(error.code(), nullptr);
    } catch (const std::system_error& error) {
        const auto& cause = error.code();
        const bool of_system =
            cause.category() == std::system_category() || cause.category() == std::generic_category();
        return classify(
            of_system ? error_code(cause.value(), boost::system::system_category()) : error_code(cause), nullptr);
    } catch (...) {
        return classify(errc::unclassified, nullptr);
    }
}

}
