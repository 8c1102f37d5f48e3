#pragma once

#include <doks/failure.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace doks::cli {

/// How the program ends, as its caller sees it.
enum class exit_status
{
    done = 0,
    failed = 1,
    usage = 2
};

/** Why the program ends without its result: `<what failed>: <why> — <remedy>`. */
class cli_error : public std::runtime_error
{
public:
    cli_error(exit_status status, std::string_view subject, std::string_view reason, std::string_view remedy);

    exit_status status() const noexcept { return status_; }
    /// What failed and why, without the remedy.
    const std::string& reason() const noexcept { return reason_; }
    const std::string& remedy() const noexcept { return remedy_; }

private:
    exit_status status_;
    std::string reason_;
    std::string remedy_;
};

/// An error in the command line, the environment or a file that the user wrote.
cli_error usage_error(std::string_view subject, std::string_view reason, std::string_view remedy);

/// `usage` if the call or the configuration was refused before anything was sent; else `failed`, also for ambiguous and taken
/// names.
exit_status status_of(const failure& why);

}
