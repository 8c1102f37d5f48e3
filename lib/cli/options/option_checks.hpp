#pragma once

#include "cli/options/command_line_syntax.hpp"
#include "cli/options/options.hpp"

namespace doks::cli {

// What `doks kubeconfig ...` is told, read. Errors: `cli_error` (usage).

show_command read_show(const raw_options& raw, const context_choice& contexts);
directory_target read_target(const raw_options& raw, const context_choice& contexts);
fetch_command read_fetch(const raw_options& raw, const context_choice& contexts);
save_command read_save(const raw_options& raw, const context_choice& contexts);
remove_command read_remove(const raw_options& raw);

}
