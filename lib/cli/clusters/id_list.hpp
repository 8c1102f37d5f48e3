#pragma once

#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace doks::cli {

/** Reads the ids and names of clusters, one a line; blank lines and what follows a `#` are left out.

    Errors: `cli_error` (usage) that names `where`, the line by its number, and what is wrong with it.
*/
std::vector<std::string> read_ids(std::istream& input, std::string_view where);

/// The same from a file, or from `standard_input` if `file` is `-`.
std::vector<std::string> read_ids_of(const std::string& file, std::istream& standard_input);

}
