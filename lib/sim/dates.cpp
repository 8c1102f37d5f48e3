#include "sim/dates.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace doks::sim {

namespace {

std::string formatted(instant at, const char* form)
{
    std::time_t whole = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
    std::tm fields{};
    gmtime_r(&whole, &fields);
    std::array<char, 48> text;
    return {text.data(), std::strftime(text.data(), text.size(), form, &fields)};
}

}

std::string rfc3339(instant at)
{
    auto fraction = at - std::chrono::floor<std::chrono::seconds>(at);
    std::array<char, 16> text;
    int size = std::snprintf(text.data(), text.size(), ".%09lldZ", static_cast<long long>(fraction.count()));
    return formatted(at, "%Y-%m-%dT%H:%M:%S").append(text.data(), static_cast<std::size_t>(size));
}

std::string rfc3339_seconds(instant at) { return formatted(at, "%Y-%m-%dT%H:%M:%SZ"); }

std::string http_date(instant at) { return formatted(at, "%a, %d %b %Y %H:%M:%S GMT"); }

}
