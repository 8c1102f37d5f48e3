#include "cli/account.hpp"

#include "cli/output/trace.hpp"
#include "support/long_form.hpp"

#include <doks/bulk.hpp>
#include <doks/client.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

// Every fault that the simulator knows, thousands of calls, and whatever is said of them: no secret is in it.

using namespace cli_test;
using namespace std::chrono_literals;

namespace {

/// 64 hexadecimal digits, as the simulator mints tokens and as the API's own end.
using secrets = std::unordered_set<std::string>;

/// What was said, and what may never be said.
struct ear
{
    std::string heard;
    secrets minted;
    std::size_t outcomes = 0;
};

bool is_digit(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

/// Each run of digits is looked up: of a longer one only the beginning would be known.
std::size_t hits(const std::string& text, const secrets& known)
{
    std::size_t found = 0;
    for (auto at = text.begin(); at != text.end();) {
        const auto end = std::find_if_not(at, text.end(), is_digit);
        found += known.contains(std::string(at, end));
        at = std::find_if(end, text.end(), is_digit);
    }
    return found;
}

/// An account of its own that something is wrong with.
class fault_run
{
public:
    fault_run(boost::asio::io_context& context, const std::string& fault, ear& to)
        : api_(under(fault))
        , client_(context.get_executor(), config(to))
        , ear_(to)
    {
        ear_.minted.insert(api_.token().substr(api_.token().rfind('_') + 1));
    }

    boost::asio::awaitable<void> run(std::size_t rounds)
    {
        for (; rounds != 0; --rounds) {
            auto all = client_.kubeconfigs(api_.cluster_ids(), impatient());
            while (auto item = co_await all.next()) hear(*item);
        }
        for (const auto& each : api_.journal())
            ear_.heard += each.path + each.token + each.fault + each.request_id + '\n';
    }

private:
    static doks::sim::options under(const std::string& fault)
    {
        auto how = unlimited(40);
        how.faults = doks::sim::parse_faults(fault + "=50%");
        return how;
    }

    static doks::bulk_options impatient()
    {
        doks::bulk_options options;
        options.attempts = 2;
        options.timeout = 300ms;
        return options;
    }

    doks::client_config config(ear& to) const
    {
        doks::client_config config;
        config.api_url = api_.url();
        config.token = doks::token(api_.token());
        config.tls.ca_file = api_.ca_file();
        config.rate_limit = {};
        config.observer = [&to](const doks::event& what) {
            for (const auto& line : doks::cli::trace_lines(what, std::chrono::steady_clock::now()))
                to.heard += line + '\n';
        };
        return config;
    }

    void hear(const doks::bulk_item& item)
    {
        ++ear_.outcomes;
        if (item.outcome) {
            ear_.minted.emplace(item.outcome->current().token.reveal());
            return;
        }
        const doks::failure& why = item.outcome.error();
        ear_.heard += why.message() + '\n' + why.what() + '\n' + why.code().message() + '\n' + why.detail() + '\n' +
                      why.record().api_message + '\n' + why.record().remedy + '\n';
    }

    doks::sim::simulator api_;
    doks::client client_;
    ear& ear_;
};

}

TEST_CASE("no secret is in an error, a trace or the simulator's journal, whatever goes wrong")
{
    const bool is_long = doks::test::is_long();
    const std::size_t rounds = is_long ? 11 : 2;
    ear all;
    auto faults = doks::sim::fault_kinds();
    std::erase_if(faults, [](const std::string& kind) { return kind.find("..") != std::string::npos; });
    faults.insert(faults.end(), {"401", "403", "404", "422", "500", "503", "html-502"});
    if (is_long) faults.insert(faults.end(), {"429@1", "503@1"});
    boost::asio::io_context context;
    std::vector<std::unique_ptr<fault_run>> runs;
    for (const auto& fault : faults) {
        runs.push_back(std::make_unique<fault_run>(context, fault, all));
        boost::asio::co_spawn(context, runs.back()->run(rounds), boost::asio::detached);
    }
    context.run_for(200s);
    runs.clear();
    CHECK(all.outcomes == faults.size() * rounds * 40);
    CHECK(all.minted.size() > faults.size());
    CHECK(hits(*all.minted.begin() + " " + all.heard, all.minted) == 1);
    MESSAGE(faults.size() << " faults, " << all.outcomes << " calls, " << all.minted.size() << " secrets looked for in "
                          << all.heard.size() / 1024 << " KiB: hits 0");
}
