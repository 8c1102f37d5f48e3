#pragma once

#include <doks/observer.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace doks::cli {

/** What `--trace` shows of an event, one string a line; nothing of it is secret.

    `*` connections, `>` requests, `<` responses, `!` retries and failures, `=` outcomes. `[3]` is the connection,
    `#7` the call.
*/
std::vector<std::string> trace_lines(const event& observed, std::chrono::steady_clock::time_point now);

}
