#include "sim/delivery.hpp"

#include <algorithm>
#include <utility>

namespace doks::sim {

namespace {

std::string strange_response()
{
    static constexpr char body[] = "apiVersion: v1\nkind: Config\ncurrent-context: do-nyc1-stray\n"
                                   "clusters:\n- cluster:\n"
                                   "    server: https://00000000-0000-4000-8000-000000000000.k8s.ondigitalocean.com\n"
                                   "  name: do-nyc1-stray\n";
    return "HTTP/1.1 200 OK\r\ncontent-type: application/yaml\r\ncontent-length: " + std::to_string(sizeof(body) - 1) +
           "\r\nconnection: keep-alive\r\n\r\n" + body;
}

std::string not_http() { return std::string("\x00\xff\x13\x37 nothing that speaks HTTP\n\n", 30); }

std::size_t place(const ordeal& met, std::size_t size)
{
    auto random = static_cast<std::size_t>(met.fraction * static_cast<double>(size));
    return std::min(met.fault.offset.value_or(random), size);
}

delivery cut_off(std::string response, const ordeal& met, ending after)
{
    response.resize(place(met, response.size()));
    return {.bytes = std::move(response), .after = after};
}

std::string body_or(const ordeal& met, std::string fallback) { return met.fault.body.value_or(std::move(fallback)); }

}

bool is_intercepted(fault_kind kind)
{
    return kind == fault_kind::reset_before || kind == fault_kind::stall_first_byte ||
           kind == fault_kind::status_html || kind == fault_kind::garbage;
}

delivery deliver(std::string response, const ordeal& met)
{
    switch (met.fault.kind) {
    case fault_kind::reset_before:
        return {.after = ending::reset};
    case fault_kind::stall_first_byte:
        return {.after = ending::hold};
    case fault_kind::garbage:
        return {.bytes = body_or(met, not_http()), .after = ending::close};
    case fault_kind::reset_at:
        return cut_off(std::move(response), met, ending::reset);
    case fault_kind::truncate:
        return cut_off(std::move(response), met, ending::cut);
    case fault_kind::stall_body:
        return cut_off(std::move(response), met, ending::hold);
    case fault_kind::reset_after:
        return {.bytes = std::move(response), .after = ending::reset};
    case fault_kind::close_after:
        return {.bytes = std::move(response), .after = ending::close};
    case fault_kind::drip:
        return {.bytes = std::move(response), .pace = met.fault.delay};
    case fault_kind::extra_bytes:
        return {.bytes = std::move(response), .stray = body_or(met, strange_response())};
    case fault_kind::extra_late:
        return {
            .bytes = std::move(response), .stray = body_or(met, strange_response()), .stray_after = met.fault.delay};
    default:
        return {.bytes = std::move(response)};
    }
}

}
