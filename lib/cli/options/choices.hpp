#pragma once

#include "cli/options/options.hpp"
#include "cli/output/cli_error.hpp"
#include "cli/output/text.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace doks::cli {

// The words that an option takes: what reads the command line, its help, the completion and the man pages go by these.

template <class Value> struct choice
{
    std::string_view name;
    Value value;
};

inline constexpr std::array progress_choices{choice<progress_mode>{"auto", progress_mode::automatic},
    choice<progress_mode>{"always", progress_mode::always}, choice<progress_mode>{"never", progress_mode::never}};
inline constexpr std::array output_choices{
    choice<output_form>{"text", output_form::text}, choice<output_form>{"json", output_form::json}};
inline constexpr std::array type_choices{
    choice<credential_type>{"token", credential_type::token}, choice<credential_type>{"sso", credential_type::sso}};
inline constexpr std::array collision_choices{choice<name_collision>{"rename", name_collision::rename},
    choice<name_collision>{"refuse", name_collision::refuse},
    choice<name_collision>{"replace", name_collision::replace}};
inline constexpr std::array shell_choices{
    choice<shell>{"bash", shell::bash}, choice<shell>{"zsh", shell::zsh}, choice<shell>{"fish", shell::fish}};

/// `auto|always|never`
template <class Value, std::size_t Count>
std::string names_of(const std::array<choice<Value>, Count>& choices, std::string_view between)
{
    std::string names;
    for (const auto& each : choices) names.append(names.empty() ? "" : between).append(each.name);
    return names;
}

/// Errors: `cli_error` (usage) where the text is none of them.
template <class Value, std::size_t Count>
Value one_of(std::string_view text, std::string_view option, const std::array<choice<Value>, Count>& choices)
{
    for (const auto& each : choices)
        if (each.name == text) return each.value;
    throw usage_error(
        std::string(option) + " " + in_quotes(text), "invalid value", "choose one of " + names_of(choices, ", "));
}

}
