#pragma once

#include "fuzz/choices.hpp"

#include <string>
#include <string_view>

namespace doks::test {

/// What became of a document.
struct round_trip_counts
{
    unsigned accepted = 0; ///< as YAML
    unsigned compared = 0; ///< libyaml accepted it too
    unsigned edited = 0;   ///< an entry was put in
    unsigned restored = 0; ///< and taken out again
};

/** A kubeconfig of any author, read, audited, merged into and taken apart in memory.

    Shape: bytes without any rule, or a kubeconfig of any form with a few changes. Nothing crashes; libyaml reads the same
    from an accepted document; a document that was merged into is still a kubeconfig, has all its other lines, and merging once more
    changes nothing; a removal gives back the bytes of before.
*/
class config_round_trip
{
public:
    explicit config_round_trip(choices& from)
        : from_(from)
    {}

    /// What went wrong; empty if nothing did.
    std::string run();

    /// A kubeconfig of any form with a few changes.
    std::string changed_text();

    const std::string& text() const noexcept { return text_; }
    const round_trip_counts& counts() const noexcept { return counts_; }

private:
    std::string raw_text();
    std::string compare();
    std::string edit();
    std::string take_out_first();

    choices& from_;
    std::string text_;
    round_trip_counts counts_;
};

}
