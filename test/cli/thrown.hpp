#pragma once

#include "cli/problem.hpp"

#include <string>

namespace cli_test {

/// The text of the usage problem that the call throws; empty where it throws none.
template <class Call> std::string usage_fault(Call call)
{
    try {
        call();
    } catch (const doks::cli::problem& why) {
        return why.status() == doks::cli::exit_status::usage ? why.what() : "";
    }
    return {};
}

inline bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}
