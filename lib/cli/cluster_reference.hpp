#pragma once

#include "cli/problem.hpp"

#include <string>
#include <string_view>

namespace doks::cli {

/// 8-4-4-4-12 hexadecimal digits, as DigitalOcean's cluster ids are.
bool is_uuid(std::string_view text);

/** Why the text cannot be one segment of a path, which an id and a name have to be; empty where it can. */
std::string_view fault_of_segment(std::string_view text);

/// Throws `problem` (usage) unless the text can be a cluster's id or name.
void require_reference(std::string_view text);

/// What is said where `client::find_cluster` found no cluster of this name, or several.
problem named_wrongly(std::string_view name, const failure& why);

}
