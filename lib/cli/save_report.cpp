#include "cli/save_report.hpp"

#include "cli/text.hpp"
#include "kubeconfig/read/server_key.hpp"

#include <algorithm>
#include <string>

namespace doks::cli {

namespace {

std::string counted(const merge_result& told, merge_change change)
{
    const auto count = std::count_if(
        told.entries.begin(), told.entries.end(), [&](const merged_kubeconfig& each) { return each.change == change; });
    return std::to_string(count) + " " + std::string(to_string(change));
}

/// Right where another API was asked, and a warning otherwise.
void explain_servers(const merge_result& told, console& log)
{
    const auto is_foreign = [](const merged_kubeconfig& each) { return !kube::is_digitalocean(each.server); };
    const auto count = std::count_if(told.entries.begin(), told.entries.end(), is_foreign);
    if (count == 0) return;
    const auto first = std::find_if(told.entries.begin(), told.entries.end(), is_foreign);
    log.line("doks: " + std::to_string(count) + " not at DigitalOcean's domain for clusters; the first is " +
             in_quotes(first->server));
}

}

void note_entries(std::vector<saved_row>& rows, const merge_result& told)
{
    auto entry = told.entries.begin();
    for (saved_row& each : rows)
        if (each.item->outcome) each.entry = &*entry++;
}

void explain(const merge_result& told, console& log)
{
    if (told.entries.empty()) return;
    explain_servers(told, log);
    const auto renamed = std::count_if(
        told.entries.begin(), told.entries.end(), [](const merged_kubeconfig& each) { return each.renamed; });
    if (renamed != 0) log.line("doks: " + std::to_string(renamed) + " got another name, for another entry has theirs");
    const auto replaced = std::count_if(
        told.entries.begin(), told.entries.end(), [](const merged_kubeconfig& each) { return each.replaced; });
    if (replaced != 0) log.line("doks: " + std::to_string(replaced) + " took the place of another cluster's entries");
    for (const std::string& each : told.lost)
        log.line("doks: " + in_quotes(each) +
                 ": another program took it out again, as kubectl does with what it did not "
                 "know when it began: save it once more");
    for (const std::string& each : told.exposure) log.line("doks: " + each);
    if (told.unverified) log.line("doks: written, but what other programs did to it meanwhile could not be looked at");
    const auto files = names_of(told.written);
    log.line("doks: " + (files.empty() ? std::string("nothing to write") : files) + ": " +
             counted(told, merge_change::added) + ", " + counted(told, merge_change::updated) + ", " +
             counted(told, merge_change::unchanged));
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
