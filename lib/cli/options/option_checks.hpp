#pragma once

#include "cli/options/options.hpp"

namespace doks::cli {

// Options that contradict each other, or that would have no effect. Errors: `cli_error` (usage).

/// Names each context once.
void require_consistent(global_options& global);
void require_consistent(const clusters_command& command, const global_options& global);
void require_consistent(const show_command& command, const global_options& global);
void require_consistent(const fetch_command& command, const global_options& global);
void require_consistent(const watch_command& command, const global_options& global);
void require_consistent(const save_command& command, const global_options& global);
void require_consistent(const remove_command& command, const global_options& global);
void require_consistent(const credential_command& command, const global_options& global);
void require_consistent(const completion_command& command, const global_options& global);
void require_consistent(const man_command& command, const global_options& global);

}
