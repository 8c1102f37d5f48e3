#include "cli/commands.hpp"
#include "cli/stop_signals.hpp"

#include <doks/sim/simulator.hpp>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

namespace doks::cli {

namespace asio = boost::asio;

namespace {

std::unique_ptr<sim::simulator> started(sim::options how)
{
    try {
        return std::make_unique<sim::simulator>(std::move(how));
    } catch (const std::invalid_argument& fault) {
        throw usage_problem("doks sim", fault.what(), "'doks sim --help' tells what it takes");
    } catch (const std::system_error& fault) {
        throw problem(
            exit_status::failed, "doks sim", fault.what(), "name a free --port and a --journal that can be written");
    }
}

std::string ready_line(const sim::simulator& api)
{
    boost::json::object line{{"url", api.url()}, {"ca_file", api.ca_file()}, {"token", api.token()}};
    return boost::json::serialize(line) + '\n';
}

}

asio::awaitable<exit_status> run(sim_command what, const global_options&, surroundings& around)
{
    auto clusters = what.how.clusters;
    asio::steady_timer until_stopped(around.executor, asio::steady_timer::time_point::max());
    stop_signals signals(around.executor, [&until_stopped] { until_stopped.cancel(); });
    auto api = started(std::move(what.how));
    print_result(ready_line(*api));
    around.log.line(
        "doks: simulating " + std::to_string(clusters) + " clusters at " + api->url() + " until SIGINT or SIGTERM");
    boost::system::error_code cancelled;
    co_await until_stopped.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    co_return exit_status::done;
}

}
