#include "cli/prune.hpp"

#include "cli/report.hpp"
#include "cli/text.hpp"

#include <optional>
#include <string>
#include <utility>

namespace doks::cli {

namespace asio = boost::asio;

namespace {

constexpr std::size_t names_shown = 10;

asio::awaitable<result<pruning>> try_prune(
    kubeconfig_directory& directory, std::vector<cluster> listed, std::string label)
{
    try {
        auto done = co_await directory.prune(std::move(listed), std::move(label));
        co_return done;
    } catch (const failure& why) {
        co_return why;
    }
}

void name_left(console& log, const std::filesystem::path& where, const std::vector<std::string>& left)
{
    for (std::size_t at = 0; at < left.size() && at < names_shown; ++at)
        log.line("doks: " + in_quotes(where.native()) + ": left " + in_quotes(left[at]) + ": doks did not write it");
    if (left.size() > names_shown)
        log.line("doks: " + in_quotes(where.native()) + ": left " + std::to_string(left.size() - names_shown) +
                 " more that doks did not write");
}

}

asio::awaitable<prune_outcome> prune(std::vector<listing> listed, directories places, accounts from, console& log)
{
    auto outcome = prune_outcome::done;
    for (listing& each : listed) {
        kubeconfig_directory& directory = places.at(each.of.label());
        auto pruned = co_await try_prune(directory, std::move(each.clusters), each.of.label());
        if (!pruned) {
            log.line("doks: --prune: " + pruned.error().message());
            outcome = prune_outcome::failed;
            continue;
        }
        auto context = from.context_shown(each.of.label());
        for (const std::string& id : pruned->removed) print_result(pruned_line(id, context));
        name_left(log, directory.path(), pruned->left);
    }
    co_return outcome;
}

}
