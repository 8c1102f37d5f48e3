#pragma once

#include "quota/world.hpp"

#include <iosfwd>
#include <span>
#include <string>
#include <vector>

// Rows of the simulation, and how they are judged and printed.

namespace quota {

struct row
{
    scenario of;
    figures seen;
    duration best{};

    double ratio() const;
    double refused_percent() const;
};

/// What was to hold and did not; empty if all did.
std::string broken(const row& one);

void print_header(std::ostream& to);
/// Of one scenario's seeds the one with the most refusals.
const row& worst_of(std::span<const row> seeds);
/// The worst, and how many seeds broke a bound.
void print_worst(std::ostream& to, std::span<const row> seeds);
void print_json(std::ostream& to, const std::vector<row>& rows);

double seconds(duration of);
/// As people say it: 19:02 or 9:19:05.
std::string clock_text(duration of);

}
