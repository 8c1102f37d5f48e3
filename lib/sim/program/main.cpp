#include "sim/program/command.hpp"
#include "sim/program/program_options.hpp"
#include "sim/program/signal_queue.hpp"

#include <doks/sim/simulator.hpp>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <iostream>
#include <system_error>
#include <utility>

namespace doks::sim::program {

namespace {

/** Keeps the simulator's sockets from becoming a standard stream that was closed. */
void occupy_standard_streams()
{
    for (int opened = ::open("/dev/null", O_RDWR); opened >= 0; opened = ::open("/dev/null", O_RDWR)) {
        if (opened <= STDERR_FILENO) continue;
        ::close(opened);
        return;
    }
}

/** For the simulator alone: a command that was started before keeps the usual settings. */
void prepare_to_serve()
{
    std::signal(SIGPIPE, SIG_IGN); // a reader of the ready line that goes away is an error of one write
    std::signal(SIGXFSZ, SIG_IGN); // so is a journal that has reached the limit of this process
    rlimit open_files{};
    if (::getrlimit(RLIMIT_NOFILE, &open_files) != 0) return;
    open_files.rlim_cur = open_files.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &open_files);
}

void print(const std::string& text)
{
    std::cout << text << std::flush;
    if (!std::cout) throw std::runtime_error("standard output cannot be written");
}

std::string ready_line(const simulator& api)
{
    boost::json::object line{{"url", api.url()}, {"ca_file", api.ca_file()}, {"token", api.token()}};
    return boost::json::serialize(line) + '\n';
}

int serve(const simulator& api, const signal_queue& signals)
{
    prepare_to_serve();
    print(ready_line(api));
    std::cerr << "doks-sim: simulating " << api.cluster_ids().size() << " clusters at " << api.url()
              << " until SIGINT or SIGTERM\n";
    while (signals.wait().si_signo == SIGCHLD) {
    }
    return 0;
}

/** The environment in which a command's DigitalOcean is the simulator. */
environment command_environment(const simulator& api)
{
    environment variables = process_environment();
    variables["DIGITALOCEAN_API_URL"] = api.url();
    variables["DIGITALOCEAN_TOKEN"] = api.token();
    variables["SSL_CERT_FILE"] = api.ca_file();
    variables.erase("DIGITALOCEAN_CONTEXT"); // doks prefers its token to DIGITALOCEAN_TOKEN
    std::string direct = variables[variables.contains("no_proxy") ? "no_proxy" : "NO_PROXY"];
    direct += direct.empty() ? "127.0.0.1" : ",127.0.0.1";
    variables["no_proxy"] = variables["NO_PROXY"] = direct;
    return variables;
}

int run_command(std::vector<std::string> arguments, const simulator& api, const signal_queue& signals)
{
    command running(std::move(arguments), command_environment(api), signals);
    prepare_to_serve();
    return running.wait(signals);
}

int run(std::vector<std::string> arguments)
{
    program_options parsed = parse_program_options(std::move(arguments));
    if (parsed.help) {
        print(*parsed.help);
        return 0;
    }
    signal_queue signals;
    simulator api(std::move(parsed.simulator));
    return parsed.command.empty() ? serve(api, signals) : run_command(std::move(parsed.command), api, signals);
}

int explain(const std::exception& error, int status, const char* remedy)
{
    std::cerr << "doks-sim: " << error.what() << remedy << '\n';
    return status;
}

}

}

int main(int count, char** values)
{
    using namespace doks::sim::program;
    constexpr auto see_help = "; 'doks-sim --help' shows the options";
    occupy_standard_streams();
    try {
        return run(std::vector<std::string>(values + 1, values + count));
    } catch (const command_error& error) {
        return explain(error, error.status(), "");
    } catch (const usage_error& error) {
        return explain(error, 2, see_help);
    } catch (const std::invalid_argument& error) {
        return explain(error, 2, see_help);
    } catch (const std::system_error& error) {
        return explain(error, 1, "; name a free --port and a --journal that can be written");
    } catch (const std::exception& error) {
        return explain(error, 1, "");
    }
}
