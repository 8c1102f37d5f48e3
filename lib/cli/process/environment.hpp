#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace doks::cli {

/// Looks up a variable; an empty variable counts as none. The view is valid until the variable changes.
using environment = std::function<std::optional<std::string_view>(const std::string& name)>;

/// The environment of this process.
environment process_environment();

}
