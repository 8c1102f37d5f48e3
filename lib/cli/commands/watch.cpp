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

/// Calls `reload` at each SIGHUP; nothing once it is destroyed.
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
    static void wait(const std::shared_ptr<asio::signal_set>& on, const std::weak_ptr<std::function<void()>>& what)
    {
        on->async_wait([on, what](boost::system::error_code error, int) {
            const auto still = what.lock();
            if (error || !still) return;
            (*still)();
            wait(on, what);
        });
    }

    std::shared_ptr<asio::signal_set> signals_;
    std::shared_ptr<std::function<void()>> reload_;
};

}

asio::awaitable<exit_status> run(watch_command what, const global_options& global, command_context& around)
{
    std::vector<std::string> ids;
    if (what.ids_file) ids = read_ids_of(*what.ids_file, around.standard_input);
    auto from = make_accounts(global, around);
    auto places = open_directories(from, what.out);
    sd_notifier manager(around.variables, around.log);
    const auto all =
        std::make_shared<watch_service>(around.executor, std::move(what), std::move(from), places, manager, around.log);
    const reload_signal again(around.executor, [all] { all->reload(); });
    const stop_signals signals(around.executor, [all, &around] {
        around.log.line("doks: stopping: what is under way may end within 5 s; another signal ends it at once");
        all->stop();
    });
    co_return co_await all->run(std::move(ids));
}

}
