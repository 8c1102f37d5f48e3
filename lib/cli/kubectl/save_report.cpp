#include "cli/kubectl/save_report.hpp"

#include "cli/output/text.hpp"

#include <doks/audit.hpp>

#include <algorithm>
#include <string>

namespace doks::cli {

namespace {

std::string counted(const merge_result& merged, merge_change change)
{
    const auto count = std::count_if(merged.entries.begin(), merged.entries.end(),
        [&](const merged_kubeconfig& each) { return each.change == change; });
    return std::to_string(count) + " " + std::string(to_string(change));
}

bool is_elsewhere(const kubeconfig& config)
{
    const auto found = audit(config);
    return std::any_of(
        found.begin(), found.end(), [](const audit_finding& each) { return each.kind == audit_kind::foreign_server; });
}

/// Right where another API was asked, and a warning otherwise.
void explain_servers(const std::vector<saved_row>& rows, console& log)
{
    std::size_t count = 0;
    std::string first;
    for (const saved_row& each : rows) {
        if (!each.item->outcome || !is_elsewhere(*each.item->outcome)) continue;
        if (count++ == 0) first = each.entry->server;
    }
    if (count == 0) return;
    log.line("doks: " + std::to_string(count) + " not at DigitalOcean's domain for clusters; the first is " +
             in_quotes(first));
}

}

void note_entries(std::vector<saved_row>& rows, const merge_result& merged)
{
    auto entry = merged.entries.begin();
    for (saved_row& each : rows)
        if (each.item->outcome) each.entry = &*entry++;
}

void explain(const std::vector<saved_row>& rows, const merge_result& merged, console& log)
{
    if (merged.entries.empty()) return;
    explain_servers(rows, log);
    const auto renamed = std::count_if(
        merged.entries.begin(), merged.entries.end(), [](const merged_kubeconfig& each) { return each.renamed; });
    if (renamed != 0) log.line("doks: " + std::to_string(renamed) + " got another name, for another entry has theirs");
    const auto replaced = std::count_if(
        merged.entries.begin(), merged.entries.end(), [](const merged_kubeconfig& each) { return each.replaced; });
    if (replaced != 0) log.line("doks: " + std::to_string(replaced) + " took the place of another cluster's entries");
    for (const std::string& each : merged.lost)
        log.line("doks: " + in_quotes(each) +
                 ": another program took it out again, as kubectl does with what it did not "
                 "know when it began: save it once more");
    for (const std::string& each : merged.exposure) log.line("doks: " + each);
    if (merged.unverified)
        log.line("doks: written, but what other programs did to it meanwhile could not be looked at");
    const auto files = names_of(merged.written);
    log.line("doks: " + (files.empty() ? std::string("nothing to write") : files) + ": " +
             counted(merged, merge_change::added) + ", " + counted(merged, merge_change::updated) + ", " +
             counted(merged, merge_change::unchanged));
}

void explain_missing(const std::vector<saved_row>& rows, console& log)
{
    for (const saved_row& each : rows)
        if (!each.item->outcome && outcome_of(*each.item) != outcome::failed)
            log.line("doks: " + each.item->cluster.id + ": " + each.item->outcome.error().message());
}

bool are_well(const std::vector<saved_row>& rows, bool named)
{
    return std::all_of(rows.begin(), rows.end(),
        [&](const saved_row& each) { return each.entry || (!named && outcome_of(*each.item) != outcome::failed); });
}

void print(const std::vector<saved_row>& rows, output_form as)
{
    if (as == output_form::text) return print_result(saved_table(rows));
    std::string lines;
    for (const saved_row& each : rows) lines += saved_line(each);
    print_result(lines);
}

}
