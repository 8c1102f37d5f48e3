#include "cli/fetch/prune.hpp"

#include "cli/output/report.hpp"
#include "cli/output/text.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace doks::cli {

namespace asio = boost::asio;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t names_shown = 10;

std::set<std::string> ids_of(const std::vector<cluster>& clusters)
{
    std::set<std::string> ids;
    for (const cluster& each : clusters) ids.insert(each.id);
    return ids;
}

void name_foreign(console& log, const std::filesystem::path& path, const std::vector<std::string>& names)
{
    for (std::size_t at = 0; at < names.size() && at < names_shown; ++at)
        log.line("doks: " + in_quotes(path.native()) + ": left " + in_quotes(names[at]) + ": doks did not write it");
    if (names.size() > names_shown)
        log.line("doks: " + in_quotes(path.native()) + ": left " + std::to_string(names.size() - names_shown) +
                 " more that doks did not write");
}

/// The looks at one directory, and the removals that they allow.
class directory_prune
{
public:
    directory_prune(prune_job job, kubeconfig_directory directory, prune_options options, console& log)
        : job_(std::move(job))
        , directory_(std::move(directory))
        , options_(options)
        , log_(log)
        , absences_(options.gap)
    {}

    asio::awaitable<void> look() { return ask(std::move(job_.judgement)); }
    bool has_candidates() const noexcept { return !absent_.empty(); }

    /// Lists the clusters again, and asks for those that the first look found absent.
    asio::awaitable<void> look_again()
    {
        const auto listed = co_await list();
        if (!listed) {
            absent_.clear();
            co_return;
        }
        auto judgement = judge(job_.files, *listed, options_.limit);
        std::erase_if(judgement.missing, [this](const std::string& id) { return !absent_.contains(id); });
        co_await ask(std::move(judgement));
    }

    /// Those that both looks found absent.
    asio::awaitable<void> remove(std::function<void(const std::string&)> removed)
    {
        for (const std::string& id : absent_) {
            const auto erased = co_await erase(id);
            if (!erased) co_return;
            if (*erased)
                removed(id);
            else
                job_.foreign.push_back(id + ".yaml");
        }
    }

    void name_what_is_left() const { name_foreign(log_, directory_.path(), job_.foreign); }
    bool has_failed() const noexcept { return failed_; }
    const std::string& label() const noexcept { return job_.of.label(); }

private:
    asio::awaitable<void> ask(listing_judgement judgement)
    {
        absent_.clear();
        if (const auto why = explain(judgement, job_.files.size()); !why.empty()) {
            fail(why + "; if they are gone, --prune=all removes their files");
            co_return;
        }
        std::function<void(const std::string&)> log = [this](const std::string& text) { say(text); };
        auto result = co_await find_absent(job_.of, std::move(judgement.missing), std::move(log));
        if (!result.is_complete) failed_ = true;
        std::set<std::string> ids;
        for (const auto& [id, why] : result.absent) ids.insert(id);
        const auto confirmed = absences_.confirm(ids, steady_clock::now());
        absent_ = has_looked_ ? confirmed : ids;
        has_looked_ = true;
    }

    asio::awaitable<std::optional<std::set<std::string>>> list()
    {
        try {
            auto clusters = co_await job_.of.clusters();
            co_return ids_of(clusters);
        } catch (const failure& why) {
            fail("nothing is removed, for the clusters cannot be listed again: " + why.message());
        }
        co_return std::nullopt;
    }

    asio::awaitable<std::optional<bool>> erase(std::string id)
    {
        try {
            const bool erased = co_await directory_.erase(id);
            co_return erased;
        } catch (const failure& why) {
            fail(why.message());
        }
        co_return std::nullopt;
    }

    void say(const std::string& text)
    {
        log_.line("doks: --prune: " + in_quotes(directory_.path().native()) + ": " + text);
    }
    void fail(const std::string& text)
    {
        say(text);
        failed_ = true;
    }

    prune_job job_;
    kubeconfig_directory directory_;
    const prune_options options_;
    console& log_;
    absence_log absences_;
    std::set<std::string> absent_; ///< as of the last look
    bool has_looked_ = false;
    bool failed_ = false;
};

asio::awaitable<void> pause(std::chrono::steady_clock::duration time)
{
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    boost::system::error_code cancelled;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
}

}

asio::awaitable<std::vector<prune_job>> plan_prunes(
    std::vector<listing> listed, directories places, removal_limit limit)
{
    std::vector<prune_job> jobs;
    for (listing& each : listed) {
        auto contents = co_await places.at(each.of.label()).contents(each.of.label());
        auto files = ids_of(contents);
        auto ids = ids_of(each.clusters);
        auto judgement = judge(files, ids, limit);
        std::erase_if(contents.foreign, [&](const std::string& name) {
            return ids.contains(name.substr(0, name.size() - std::string_view(".yaml").size()));
        });
        jobs.push_back({each.of, std::move(files), std::move(ids), std::move(judgement), std::move(contents.foreign)});
    }
    co_return jobs;
}

asio::awaitable<prune_outcome> prune(std::vector<prune_job> jobs, directories places, account_set accounts,
    prune_options options, std::function<void(const std::string&)> report, console& log)
{
    std::vector<std::unique_ptr<directory_prune>> all;
    for (prune_job& job : jobs) {
        auto directory = places.at(job.of.label());
        all.push_back(std::make_unique<directory_prune>(std::move(job), std::move(directory), options, log));
    }
    bool is_pause_needed = false;
    for (const auto& each : all) {
        co_await each->look();
        is_pause_needed = is_pause_needed || each->has_candidates();
    }
    if (is_pause_needed) co_await pause(options.gap);
    auto outcome = prune_outcome::done;
    for (const auto& each : all) {
        if (each->has_candidates()) {
            co_await each->look_again();
            std::function<void(const std::string&)> removed = [&](const std::string& id) {
                report(pruned_line(id, accounts.context_shown(each->label())));
            };
            co_await each->remove(std::move(removed));
        }
        each->name_what_is_left();
        if (each->has_failed()) outcome = prune_outcome::failed;
    }
    co_return outcome;
}

}
