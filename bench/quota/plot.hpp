#pragma once

#include "quota/report.hpp"

#include <iosfwd>
#include <vector>

namespace quota {

/// Makespan on an idle token against the number of ids, beside the best possible; refusals of the other scenarios below.
void draw(std::ostream& to, const std::vector<row>& rows);

}
