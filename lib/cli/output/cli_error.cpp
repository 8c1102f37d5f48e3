#include "cli/output/cli_error.hpp"

#include "cli/output/text.hpp"

namespace doks::cli {

namespace {

std::string reason_of(std::string_view subject, std::string_view reason)
{
    return printable(std::string(subject).append(": ").append(reason));
}

}

cli_error::cli_error(exit_status status, std::string_view subject, std::string_view reason, std::string_view remedy)
    : std::runtime_error(reason_of(subject, reason).append(" — ").append(printable(remedy)))
    , status_(status)
    , reason_(reason_of(subject, reason))
    , remedy_(printable(remedy))
{}

cli_error usage_error(std::string_view subject, std::string_view reason, std::string_view remedy)
{
    return {exit_status::usage, subject, reason, remedy};
}

exit_status status_of(const failure& why)
{
    const bool was_sent = why.http_status() != 0;
    const bool is_of_names = why == errc::name_taken || why == errc::ambiguous_name;
    return why == condition::invalid && !was_sent && !is_of_names ? exit_status::usage : exit_status::failed;
}

}
