#pragma once

#include "core/outcome.hpp"

#include <cstddef>
#include <deque>
#include <optional>

namespace doks::core {

/** What others use of the same token, as far as the responses' `ratelimit-remaining` betrays it.

    A response tells how much of the longest window was used when the server saw its request. How much of that was ours is
    known up to what was under way then, so each response bounds the others' part from both sides. The estimate moves
    into those bounds and no further: answers may come in any order, and an idle token's estimate stays at zero. What
    tells of the first others, or of more than the shortest window allows, may be wrong, and counts once another response
    says so.

    What appears is stamped when it is seen, the latest that it can have happened; nothing reports the minute. What the first
    answer finds has no date: it is taken to leave the window evenly.
*/
class external_usage
{
public:
    /// `longest` is the window that `remaining` speaks of, `shortest` the one that nothing speaks of, and its limit.
    external_usage(duration longest, duration shortest, std::size_t limit)
        : longest_(longest)
        , shortest_(shortest)
        , limit_(limit)
    {}

    /// What one response says the others used.
    struct bounds
    {
        std::size_t least = 0;
        std::size_t most = 0;
    };

    void observe(const bounds& said, instant now);

    /// In the longest window, as of now.
    std::size_t used(instant now) const;
    /// What appeared in a window of the shortest length, ending at the last response: what is to be expected of one that
    /// ends now, unless they are new.
    std::size_t recent() const;

    /// The last responses do not agree with the estimate, or there were none that could.
    bool is_in_doubt() const noexcept { return agreeing_ < answers_that_convince; }
    /// There are others, and the last response is too old to tell how much of the shortest window they use by now.
    bool is_stale(instant now) const { return now - seen_ > shortest_ / 10 && used(now) != 0; }
    /// There are others, and less than a shortest window has been watched: what they did before may be anywhere in it.
    bool is_new(instant now) const { return since_ && now - *since_ < shortest_ && used(now) != 0; }

private:
    /// Requests that appeared between two times close to one another; all count as of the later one.
    struct run
    {
        instant first;
        instant last;
        std::size_t count;
    };

    static constexpr unsigned answers_that_convince = 2;

    std::size_t undated(instant now) const;
    void add(std::size_t count, instant now);
    void drop(std::size_t count, instant now);
    void drop_oldest(std::size_t count);
    void forget(instant now);

    duration longest_;
    duration shortest_;
    std::size_t limit_;
    std::deque<run> runs_;
    std::size_t dated_ = 0;
    std::optional<instant> since_;
    std::size_t found_ = 0; ///< at the first response
    bounds last_;
    unsigned agreeing_ = 0; ///< of the last responses: those whose bounds hold the estimate as it was
    instant seen_{};
};

}
