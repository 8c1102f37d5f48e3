#include "cli/process/environment.hpp"

#include <cstdlib>

namespace doks::cli {

environment process_environment()
{
    return [](const std::string& name) -> std::optional<std::string_view> {
        const char* value = std::getenv(name.c_str());
        if (!value || !*value) return std::nullopt;
        return value;
    };
}

}
