#pragma once

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace doks::core {

/** Orders addresses so that the two families take turns, beginning with that of the first; else they stay in order.

    @see RFC 8305 §4.
*/
template <class Address, class IsSixth> void alternate(std::vector<Address>& addresses, IsSixth is_sixth)
{
    if (addresses.empty()) return;
    const bool first = is_sixth(addresses.front());
    std::vector<Address> others;
    std::vector<Address> same;
    for (auto& each : addresses) (is_sixth(each) == first ? same : others).push_back(std::move(each));
    addresses.clear();
    for (std::size_t i = 0; i < (std::max)(same.size(), others.size()); ++i) {
        if (i < same.size()) addresses.push_back(std::move(same[i]));
        if (i < others.size()) addresses.push_back(std::move(others[i]));
    }
}

}
