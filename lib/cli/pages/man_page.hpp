#pragma once

#include "cli/pages/syntax_tree.hpp"

#include <string>

namespace doks::cli {

/// `doks-kubeconfig-fetch.1`
std::string man_page_file(const command_syntax& command);

/** The command's page for man, in roff's man macros.

    @see man-pages(7), groff_man(7).
*/
std::string man_page(const command_syntax& command, const command_syntax& top);

}
