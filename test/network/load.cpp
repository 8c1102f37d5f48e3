#include "network/load.hpp"

#include <algorithm>
#include <stdexcept>

// Begins a new call whenever one ends, and counts outcomes, attempts and resends.

namespace doks::test {

void load::begin(std::size_t count)
{
    left_ += count;
    for (std::size_t i = (std::min)(count, at_a_time_); i != 0; --i) next();
}

void load::run(boost::asio::io_context& on, std::size_t count)
{
    begin(count);
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(20);
    on.restart();
    while (!done() && std::chrono::steady_clock::now() < give_up) {
        on.run_one_for(std::chrono::seconds(1));
        if (on.stopped()) on.restart();
    }
    if (!done()) throw std::logic_error("calls are lost: " + text());
}

void load::next()
{
    if (left_ == 0) return;
    --left_;
    const std::size_t number = completions_.size();
    completions_.push_back(0);
    client_.try_kubeconfig(numbered_id(number), {}, [this, number](result<kubeconfig> got) { settle(number, got); });
}

void load::settle(std::size_t number, const result<kubeconfig>& got)
{
    ++completions_[number];
    ++ended;
    if (got) {
        count(got->info());
        if (got->cluster_id() != numbered_id(number)) ++cross_wired;
        if (got->bytes().find(numbered_id(number)) == std::string_view::npos) ++cross_wired;
    } else {
        count(got.error().info());
        ++failed;
        ++why[got.error().message()];
    }
    next();
}

void load::count(const call_info& info)
{
    paid += info.attempts > 1 ? info.attempts - 1 : 0;
    resends += info.resends;
    most_resends = (std::max)(most_resends, std::size_t(info.resends));
}

std::size_t load::miscounted() const
{
    return static_cast<std::size_t>(
        std::count_if(completions_.begin(), completions_.end(), [](unsigned each) { return each != 1; }));
}

std::string load::text() const
{
    std::string said = std::to_string(ended) + " requests: " + std::to_string(failed) + " failed, " +
                       std::to_string(paid) + " attempts paid, " + std::to_string(resends) + " resends";
    for (const auto& [what, times] : why) said += "; " + std::to_string(times) + " x " + what;
    return said;
}

}
