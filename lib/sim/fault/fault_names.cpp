#include "sim/parse.hpp"

#include <doks/sim/fault.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace doks::sim {

namespace {

constexpr std::array<std::pair<fault_kind, std::string_view>, 17> names{{
    {fault_kind::none, "none"},
    {fault_kind::refuse, "refuse"},
    {fault_kind::stall_handshake, "stall-handshake"},
    {fault_kind::reset_before, "reset-before"},
    {fault_kind::reset_at, "reset-at"},
    {fault_kind::reset_after, "reset-after"},
    {fault_kind::truncate, "truncate"},
    {fault_kind::close_after, "close-after"},
    {fault_kind::stall_first_byte, "stall-first-byte"},
    {fault_kind::stall_body, "stall-body"},
    {fault_kind::drip, "drip"},
    {fault_kind::status, "status"},
    {fault_kind::status_html, "html"},
    {fault_kind::garbage, "garbage"},
    {fault_kind::extra_bytes, "extra-bytes"},
    {fault_kind::extra_late, "extra-late"},
    {fault_kind::wrong_cluster, "wrong-cluster"},
}};

std::string valid_kinds()
{
    std::string list;
    for (const std::string& name : fault_kinds()) list += (list.empty() ? "" : ", ") + name;
    return list;
}

[[noreturn]] void refuse_item(std::string_view item, std::string_view why)
{
    throw std::invalid_argument(
        "fault '" + std::string(item) + "' " + std::string(why) +
        "; write KIND=RATE with a rate of 0..1 or 0%..100%, and one of these kinds: " + valid_kinds());
}

double parse_rate(std::string_view item, std::string_view text)
{
    bool percent = text.ends_with('%');
    if (percent) text.remove_suffix(1);
    double value = -1;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc{} || end != text.data() + text.size()) refuse_item(item, "has no rate that can be read");
    if (percent) value /= 100;
    if (!(value >= 0 && value <= 1)) refuse_item(item, "has a rate outside 0..1");
    return value;
}

bool parse_number(std::string_view text, unsigned least, unsigned most, unsigned& number)
{
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size() && number >= least && number <= most;
}

/** `503`, `503@2`, `html-502` and `html-200`. */
bool parse_status(std::string_view kind, fault& fault)
{
    constexpr std::string_view html = "html-";
    fault.kind = fault_kind::status;
    if (kind.starts_with(html)) {
        fault.kind = fault_kind::status_html;
        kind.remove_prefix(html.size());
    }
    std::size_t at = kind.find('@');
    unsigned seconds = 0;
    if (at != kind.npos) {
        if (!parse_number(kind.substr(at + 1), 0, 86400, seconds)) return false;
        fault.retry_after = static_cast<int>(seconds);
    }
    unsigned least = fault.kind == fault_kind::status_html ? 200 : 400;
    return parse_number(kind.substr(0, at), least, 599, fault.status);
}

fault parse_kind(std::string_view item, std::string_view kind)
{
    std::string name(kind);
    std::replace(name.begin(), name.end(), '_', '-');
    fault result;
    if (parse_status(name, result)) return result;
    result = {};
    auto found = std::find_if(names.begin(), names.end(), [&](auto& each) { return each.second == name; });
    if (found == names.end() || found->first == fault_kind::none) refuse_item(item, "is of no known kind");
    result.kind = found->first;
    if (result.kind == fault_kind::status_html) result.status = 502;
    return result;
}

fault of_kind(fault_kind kind, unsigned status = 503)
{
    fault result;
    result.kind = kind;
    result.status = status;
    return result;
}

}

std::string_view name_of(fault_kind kind)
{
    for (const auto& [each, name] : names)
        if (each == kind) return name;
    return "unknown";
}

std::vector<std::string> fault_kinds()
{
    std::vector<std::string> list;
    for (const auto& [kind, name] : names) {
        if (kind == fault_kind::none || kind == fault_kind::status || kind == fault_kind::status_html) continue;
        list.emplace_back(name);
    }
    for (const char* more : {"400..599", "400..599@SECONDS", "html-200..html-599", "mixed"}) list.emplace_back(more);
    return list;
}

std::vector<fault> mixed_faults(double rate)
{
    std::vector<fault> mix;
    for (fault_kind kind : {fault_kind::reset_before, fault_kind::reset_at, fault_kind::reset_after,
             fault_kind::truncate, fault_kind::close_after, fault_kind::extra_bytes, fault_kind::status})
        mix.push_back(of_kind(kind));
    mix.push_back(of_kind(fault_kind::status_html, 502));
    mix.push_back(of_kind(fault_kind::status));
    mix.back().retry_after = 1;
    for (fault& each : mix) each.rate = rate / static_cast<double>(mix.size());
    mix.push_back(of_kind(fault_kind::refuse));
    mix.back().rate = rate;
    return mix;
}

std::vector<fault> parse_faults(std::string_view text)
{
    std::vector<fault> faults;
    if (text.empty()) return faults;
    for (std::string_view item : split_at(text, ',')) {
        std::size_t equals = item.find('=');
        if (equals == item.npos) refuse_item(item, "has no '='");
        double rate = parse_rate(item, item.substr(equals + 1));
        if (item.substr(0, equals) == "mixed") {
            for (fault& each : mixed_faults(rate)) faults.push_back(std::move(each));
            continue;
        }
        faults.push_back(parse_kind(item, item.substr(0, equals)));
        faults.back().rate = rate;
    }
    return faults;
}

}
