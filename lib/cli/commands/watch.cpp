#include "cli/clusters/id_list.hpp"
#include "cli/commands/commands.hpp"
#include "cli/process/stop_signals.hpp"
#include "cli/watch/watch_service.hpp"

#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <functional>
#include <utility>
#include <vector>

namespace doks::cli {

namespace asio = boost::asio;

namespace {

/// Calls `reload` at each SIGHUP until it is destroyed.
class reload_signal
{
public:
    reload_signal(const asio::any_io_executor& executor, std::function<void()> reload)
        : signals_(std::make_shared<asio::signal_set>(executor, SIGHUP))
        , reload_(std::make_shared<std::function<void()>>(std::move(reload)))
    {
        wait(signals_, reload_);
    }
    reload_signal(const reload_signal&) = delete;
    reload_signal& operator=(const reload_signal&) = delete;
    ~reload_signal() { signals_->cancel(); }

private:
    static void wait(const std::shared_ptr<asio::signal_set>& on, const std::weak_ptr<std::function<void()>>& handler)
    {
        on->async_wait([on, handler](boost::system::error_code error, int) {
            const auto still = handler.lock();
            if (error || !still) return;
            (*still)();
            wait(on, handler);
        });
    }

    std::shared_ptr<asio::signal_set> signals_;
    std::shared_ptr<std::function<void()>> reload_;
};

}

asio::awaitable<exit_status> run(watch_command command, const global_options& global, command_context& context)
{
    std::vector<std::string> ids;
    if (command.ids_file) ids = read_ids_of(*command.ids_file, context.standard_input);
    auto accounts = make_accounts(global, context);
    auto places = open_directories(accounts, command.out);
    sd_notifier manager(context.variables, context.log);
    const auto all = std::make_shared<watch_service>(
        context.executor, std::move(command), std::move(accounts), places, manager, context.log);
    const reload_signal again(context.executor, [all] { all->reload(); });
    const stop_signals signals(context.executor, [all, &context] {
        context.log.line("doks: stopping: requests under way may end within 5 s; another signal ends doks at once");
        all->stop();
    });
    co_return co_await all->run(std::move(ids));
}

}
