#include "cli/problem.hpp"

#include "cli/text.hpp"

namespace doks::cli {

namespace {

std::string joined(std::string_view what_failed, std::string_view why, std::string_view remedy)
{
    std::string text(what_failed);
    text.append(": ").append(why).append(" — ").append(remedy);
    return printable(text);
}

}

problem::problem(exit_status status, std::string_view what_failed, std::string_view why, std::string_view remedy)
    : std::runtime_error(joined(what_failed, why, remedy))
    , status_(status)
{}

problem usage_problem(std::string_view what_failed, std::string_view why, std::string_view remedy)
{
    return {exit_status::usage, what_failed, why, remedy};
}

exit_status status_of(const failure& why)
{
    const bool was_sent = why.http_status() != 0;
    const bool is_of_names = why == errc::name_taken || why == errc::ambiguous_name;
    return why == condition::invalid && !was_sent && !is_of_names ? exit_status::usage : exit_status::failed;
}

}
