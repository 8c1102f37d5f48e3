#include "sim/fault/delivery.hpp"

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

std::size_t place(const fault_decision& decision, std::size_t size)
{
    auto random = static_cast<std::size_t>(decision.fraction * static_cast<double>(size));
    return std::min(decision.fault.offset.value_or(random), size);
}

delivery cut_off(std::string bytes, const fault_decision& decision, ending after)
{
    bytes.resize(place(decision, bytes.size()));
    return {.bytes = std::move(bytes), .after = after};
}

std::string body_or(const fault_decision& decision, std::string fallback)
{
    return decision.fault.body.value_or(std::move(fallback));
}

}

bool is_intercepted(fault_kind kind)
{
    return kind == fault_kind::reset_before || kind == fault_kind::stall_first_byte ||
           kind == fault_kind::status_html || kind == fault_kind::garbage;
}

delivery deliver(std::string bytes, const fault_decision& decision)
{
    switch (decision.fault.kind) {
    case fault_kind::reset_before:
        return {.after = ending::reset};
    case fault_kind::stall_first_byte:
        return {.after = ending::hold};
    case fault_kind::garbage:
        return {.bytes = body_or(decision, not_http()), .after = ending::close};
    case fault_kind::reset_at:
        return cut_off(std::move(bytes), decision, ending::reset);
    case fault_kind::truncate:
        return cut_off(std::move(bytes), decision, ending::cut);
    case fault_kind::stall_body:
        return cut_off(std::move(bytes), decision, ending::hold);
    case fault_kind::reset_after:
        return {.bytes = std::move(bytes), .after = ending::reset};
    case fault_kind::close_after:
        return {.bytes = std::move(bytes), .after = ending::close};
    case fault_kind::drip:
        return {.bytes = std::move(bytes), .pace = decision.fault.delay};
    case fault_kind::extra_bytes:
        return {.bytes = std::move(bytes), .stray = body_or(decision, strange_response())};
    case fault_kind::extra_late:
        return {.bytes = std::move(bytes),
            .stray = body_or(decision, strange_response()),
            .stray_after = decision.fault.delay};
    default:
        return {.bytes = std::move(bytes)};
    }
}

}
