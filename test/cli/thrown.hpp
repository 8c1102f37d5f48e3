#pragma once

#include "cli/output/cli_error.hpp"
#include "support/text.hpp"

#include <string>

namespace cli_test {

/// The text of the usage error that the call throws; empty where it throws none.
template <class Call> std::string usage_fault(Call call)
{
    try {
        call();
    } catch (const doks::cli::cli_error& why) {
        return why.status() == doks::cli::exit_status::usage ? why.what() : "";
    }
    return {};
}

using doks::test::holds;

}
