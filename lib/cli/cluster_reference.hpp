#pragma once

#include <doks/cluster.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace doks::cli {

/// 8-4-4-4-12 hexadecimal digits, as DigitalOcean's cluster ids are.
bool is_uuid(std::string_view text);

/** Why the text cannot be one segment of a path, which an id and a name have to be; empty where it can. */
std::string_view fault_of_segment(std::string_view text);

/// Throws `problem` (usage) unless the text can be a cluster's id or name.
void require_reference(std::string_view text);

/** The id of the one cluster with this name.

    Errors: `problem` (failed) where there is none, or where there are several: it lists their ids.
*/
std::string id_by_name(const std::vector<cluster>& clusters, std::string_view name);

}
