#pragma once

#include "cli/options/options.hpp"
#include "cli/output/console.hpp"
#include "cli/output/report.hpp"

#include <doks/kubeconfig_file.hpp>

#include <vector>

namespace doks::cli {

// What `doks kubeconfig save` tells of its work.

/// Where each that was fetched came to stand; `told` outlives the rows.
void note_entries(std::vector<saved_row>& rows, const merge_result& merged);

/// Which files were written, and what in them deserves a word.
void explain(const std::vector<saved_row>& rows, const merge_result& merged, console& log);

/// Why a cluster is not there that is no failure in a bulk, but was asked for by name.
void explain_missing(const std::vector<saved_row>& rows, console& log);

/// Of clusters that were named each has to be saved, of all clusters those that can be.
bool are_well(const std::vector<saved_row>& rows, bool named);

void print(const std::vector<saved_row>& rows, output_form as);

}
