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
    cli_error(exit_status status, std::string_view what_failed, std::string_view why, std::string_view remedy);

    exit_status status() const noexcept { return status_; }
    /// What failed and why, without the remedy.
    const std::string& reason() const noexcept { return reason_; }
    const std::string& remedy() const noexcept { return remedy_; }

private:
    exit_status status_;
    std::string reason_;
    std::string remedy_;
};

/// The command line, the environment or a file that the user wrote is at fault.
cli_error usage_error(std::string_view what_failed, std::string_view why, std::string_view remedy);

/// `usage` where the call or the configuration is at fault before anything was sent, `failed` for everything else, what
/// other entries and clusters are named included.
exit_status status_of(const failure& why);

}
