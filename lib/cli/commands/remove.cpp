#include "cli/commands/commands.hpp"
#include "cli/kubectl/kubeconfig_editor.hpp"
#include "cli/output/text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string>
#include <utility>

namespace doks::cli {

namespace {

std::string line_of(const std::string& context, output_form form)
{
    if (form == output_form::text) return printable(context) + '\n';
    return boost::json::serialize(boost::json::object{{"entry", context}, {"outcome", "removed"}}) + '\n';
}

/// Of a list's files another one may say now which context is current.
void explain_current(const std::string& current, console& log)
{
    if (current.empty())
        log.line("doks: current-context was one of them: 'kubectl config use-context NAME' chooses another one");
    else
        log.line("doks: current-context was one of them, and is " + in_quotes(current) + " now, by another file");
}

void explain(const remove_result& outcome, const kubeconfig_file& file, console& log)
{
    for (const std::string& each : outcome.unknown)
        log.line("doks: " + in_quotes(each) + ": no such context, cluster or id in " + names_of(file.paths()));
    for (const std::string& each : outcome.kept_contexts)
        log.line("doks: the context " + in_quotes(each) + " stays, for its credential is not one that doks saved");
    for (const std::string& each : outcome.kept_users)
        log.line("doks: the user " + in_quotes(each) + " stays, for its credential is not one that doks saved");
    if (!outcome.written.empty())
        log.line("doks: " + names_of(outcome.written) + ": " + std::to_string(outcome.removed.size()) + " removed");
    if (outcome.current_context_cleared) explain_current(file.current(), log);
}

}

boost::asio::awaitable<exit_status> run(remove_command command, const global_options& global, command_context& context)
{
    kubeconfig_editor edit(command.kubeconfig, global, context);
    const auto outcome = co_await edit.remove(std::move(command.entries));
    explain(outcome, edit.file(), context.log);
    std::string removed;
    for (const std::string& each : outcome.removed) removed += line_of(each, global.output);
    print_result(removed);
    co_return outcome.unknown.empty() && !outcome.removed.empty() ? exit_status::done : exit_status::failed;
}

}
