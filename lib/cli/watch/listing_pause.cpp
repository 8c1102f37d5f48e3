#include "cli/watch/listing_pause.hpp"

#include <algorithm>
#include <cstdint>
#include <random>

namespace doks::cli {

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::nanoseconds listing_interval = 5min;
constexpr std::chrono::nanoseconds first_pause = 5s;
constexpr unsigned most_doublings = 6; ///< beyond the interval

std::chrono::nanoseconds jittered(std::chrono::nanoseconds of)
{
    static std::minstd_rand random{std::random_device{}()};
    return of * 3 / 4 +
           std::chrono::nanoseconds(std::uniform_int_distribution<std::int64_t>(0, of.count() / 4)(random));
}

}

std::chrono::nanoseconds pause_between_listings() { return jittered(listing_interval); }

std::chrono::nanoseconds pause_after_failure(unsigned failures, const failure& why)
{
    const unsigned doublings = std::min(std::max(failures, 1U) - 1, most_doublings);
    const auto pause = jittered(std::min(first_pause * (1 << doublings), listing_interval));
    return std::max<std::chrono::nanoseconds>(pause, why.retry_after());
}

}
