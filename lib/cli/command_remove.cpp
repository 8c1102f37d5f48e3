#include "cli/commands.hpp"
#include "cli/kubectl_file.hpp"
#include "cli/text.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <string>

namespace doks::cli {

namespace {

std::string line_of(const std::string& context, output_form form)
{
    if (form == output_form::text) return printable(context) + '\n';
    return boost::json::serialize(boost::json::object{{"entry", context}, {"outcome", "removed"}}) + '\n';
}

void explain(const removal& told, console& log)
{
    for (const std::string& each : told.unknown)
        log.line("doks: " + in_quotes(each) + ": the kubeconfig has no such context, cluster or id");
    if (told.current_context_cleared)
        log.line("doks: current-context was one of them: 'kubectl config use-context NAME' chooses another one");
}

}

boost::asio::awaitable<exit_status> run(remove_command what, const global_options& global, surroundings& around)
{
    auto file = kubectl_file(what.kubeconfig, global, around.variables);
    const auto told = file.remove(what.entries);
    std::string removed;
    for (const std::string& each : told.removed) removed += line_of(each, global.output);
    print_result(removed);
    explain(told, around.log);
    co_return told.unknown.empty() ? exit_status::done : exit_status::failed;
}

}
