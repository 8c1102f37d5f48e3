#pragma once

#include "core/outcome.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

namespace doks::core {

/// When requests were answered, oldest first: one log for windows of any length.
class stamp_log
{
public:
    /// So many are kept from now on; never fewer than before.
    void keep(std::size_t count) { longest_ = (std::max)(longest_, count); }

    void add(instant now)
    {
        if (longest_ != 0) {
            while (stamps_.size() >= longest_) stamps_.pop_front();
            stamps_.push_back(stamps_.empty() ? now : (std::max)(now, stamps_.back()));
        }
        ++total_; // last: out of memory it was not added
    }
    /// Added so far, whether they are kept or not.
    std::uint64_t total() const noexcept { return total_; }

    std::size_t since(instant when) const
    {
        return static_cast<std::size_t>(stamps_.end() - std::upper_bound(stamps_.begin(), stamps_.end(), when));
    }
    /// The `nth` from the end, counted from 1.
    std::optional<instant> newest(std::size_t nth) const
    {
        if (stamps_.size() < nth) return std::nullopt;
        return stamps_[stamps_.size() - nth];
    }
    /// When so many of those in the last `per` will have left it; now where there are fewer.
    instant when_gone(duration per, std::size_t count, instant now) const
    {
        const std::size_t in_window = since(now - per);
        return count > in_window ? now : *newest(in_window - count + 1) + per;
    }

private:
    std::deque<instant> stamps_;
    std::size_t longest_ = 0;
    std::uint64_t total_ = 0;
};

}
