#include "cli/report.hpp"

#include "cli/text.hpp"
#include "kubeconfig/read/rfc3339.hpp"

#include <doks/absence.hpp>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/locale/utf.hpp>

#include <algorithm>
#include <utility>

namespace doks::cli {

namespace {

namespace json = boost::json;
namespace utf = boost::locale::utf;
using table_row = std::vector<std::string>;

json::value text_or_null(const std::string& text)
{
    if (text.empty()) return nullptr;
    return json::string(text);
}

const call_info& info_of(const bulk_item& item)
{
    return item.outcome ? item.outcome->info() : item.outcome.error().info();
}

json::value status_of_answer(const bulk_item& item)
{
    if (item.fresh) return nullptr;
    unsigned status = item.outcome ? 200 : item.outcome.error().http_status();
    if (status == 0) return nullptr;
    return status;
}

void add_context(json::object& line, const std::string& context)
{
    if (!context.empty()) line["context"] = context;
}

/// In UTF-8 whatever the line has from a path, and without characters that a terminal obeys.
std::string json_line(const json::object& line)
{
    constexpr std::string_view replacement = "\xEF\xBF\xBD";
    const auto text = json::serialize(line);
    std::string shown;
    for (auto at = text.begin(); at != text.end();) {
        const auto begin = at;
        const auto point = utf::utf_traits<char>::decode(at, text.end());
        if (!utf::is_valid_codepoint(point)) {
            shown += replacement;
            at = begin + 1; // what breaks a sequence off is no part of it
        } else if (point >= 0x7F && point < 0xA0) {
            shown.append("\\u00").append(1, "789"[(point >> 4) - 7]).append(1, "0123456789abcdef"[point & 0xF]);
        } else {
            shown.append(begin, at);
        }
    }
    return shown + '\n';
}

std::string_view saved_outcome(const saved_row& row)
{
    if (row.entry) return to_string(row.entry->change);
    return to_string(outcome_of(*row.item));
}

table_row row_of(const cluster& listed)
{
    table_row row{listed.id, listed.name, listed.region, listed.version, listed.state};
    for (std::string& cell : row) cell = cell.empty() ? "-" : printable(cell);
    return row;
}

std::string aligned(const std::vector<table_row>& rows)
{
    std::vector<std::size_t> widths(rows.front().size());
    for (const table_row& row : rows)
        for (std::size_t at = 0; at < row.size(); ++at) widths[at] = std::max(widths[at], columns(row[at]));
    std::string text;
    for (const table_row& row : rows) {
        for (std::size_t at = 0; at + 1 < row.size(); ++at)
            text.append(row[at]).append(widths[at] - columns(row[at]) + 2, ' ');
        text.append(row.back()).append(1, '\n');
    }
    return text;
}

/// A first column names the context where any row has one.
std::string table_of(std::vector<table_row> cells, const std::vector<std::string>& contexts)
{
    const auto is_empty = [](const std::string& context) { return context.empty(); };
    if (std::all_of(contexts.begin(), contexts.end(), is_empty)) return aligned(cells);
    cells.front().insert(cells.front().begin(), "CONTEXT");
    for (std::size_t at = 0; at < contexts.size(); ++at)
        cells[at + 1].insert(cells[at + 1].begin(), printable(contexts[at]));
    return aligned(cells);
}

}

std::string_view to_string(outcome what) noexcept
{
    switch (what) {
    case outcome::fetched:
        return "fetched";
    case outcome::fresh:
        return "fresh";
    case outcome::not_ready:
        return "not_ready";
    case outcome::gone:
        return "gone";
    case outcome::failed:
        break;
    }
    return "failed";
}

outcome outcome_of(const bulk_item& item)
{
    if (item.outcome) return item.fresh ? outcome::fresh : outcome::fetched;
    if (item.outcome.error() == errc::not_ready) return outcome::not_ready;
    if (is_absent(item.outcome.error())) return outcome::gone;
    return outcome::failed;
}

std::string report_line(const bulk_item& item, const std::string& context)
{
    const call_info& info = info_of(item);
    json::object line;
    line["id"] = item.cluster.id;
    line["outcome"] = to_string(outcome_of(item));
    line["attempts"] = item.fresh ? 0 : info.sends();
    line["status"] = status_of_answer(item);
    line["error"] = item.outcome ? json::value(nullptr) : json::value(json::string(item.outcome.error().message()));
    line["request_id"] = item.fresh ? json::value(nullptr) : text_or_null(info.request_id);
    add_context(line, context);
    return json_line(line);
}

std::string change_line(const renewal_event& change, const std::string& context)
{
    const bool unstored = change.what == renewal_status::not_stored;
    const bool renewed = change.what == renewal_status::renewed;
    json::object line{{"id", change.id}, {"outcome", unstored ? "not_stored" : to_string(change.what)}};
    line["valid_until"] = change.valid_until ? json::value(kube::format_rfc3339(*change.valid_until)) : nullptr;
    line["error"] = renewed ? json::value(nullptr) : json::value(json::string(change.error.message()));
    if (!context.empty()) line["context"] = context;
    return json_line(line);
}

std::string leftover_line(const std::string& id, std::string_view outcome,
    const std::optional<std::chrono::system_clock::time_point>& valid_until, const std::string& context)
{
    json::object line{{"id", id}, {"outcome", json::string_view(outcome.data(), outcome.size())}};
    line["valid_until"] = valid_until ? json::value(json::string(kube::format_rfc3339(*valid_until))) : nullptr;
    line["error"] = nullptr;
    add_context(line, context);
    return json_line(line);
}

std::string reason_for(const failure& why)
{
    auto text = why.code().message();
    if (!why.detail().empty()) text += ": " + why.detail();
    return text;
}

std::string not_started_line(const not_started& rest, const std::string& context)
{
    json::object line{{"id", nullptr}, {"outcome", "not_started"}, {"attempts", 0}, {"status", nullptr},
        {"error", reason_for(rest.why)}, {"request_id", nullptr}, {"count", rest.count}};
    add_context(line, context);
    return json_line(line);
}

std::string pruned_line(const std::string& id, const std::string& context)
{
    json::object line{{"id", id}, {"outcome", "pruned"}, {"attempts", 0}, {"status", nullptr}, {"error", nullptr},
        {"request_id", nullptr}};
    add_context(line, context);
    return json_line(line);
}

std::string saved_line(const saved_row& row)
{
    const bulk_item& item = *row.item;
    json::object line{{"id", item.cluster.id}, {"outcome", saved_outcome(row)}};
    line["entry"] = text_or_null(row.entry ? row.entry->context : std::string());
    line["renamed"] = row.entry && row.entry->renamed;
    line["error"] = item.outcome ? json::value(nullptr) : json::value(json::string(item.outcome.error().message()));
    line["request_id"] = text_or_null(info_of(item).request_id);
    add_context(line, row.context);
    return json_line(line);
}

std::string saved_table(const std::vector<saved_row>& rows)
{
    if (rows.empty()) return {};
    std::vector<table_row> cells{{"OUTCOME", "ENTRY", "ID"}};
    std::vector<std::string> contexts;
    for (const saved_row& each : rows) {
        auto entry = each.entry ? printable(each.entry->context) : "-";
        cells.push_back({std::string(saved_outcome(each)), std::move(entry), each.item->cluster.id});
        contexts.push_back(each.context);
    }
    return table_of(std::move(cells), contexts);
}

std::string cluster_line(const cluster& listed, const std::string& context)
{
    json::object line{{"id", listed.id}, {"name", listed.name}, {"region", listed.region}, {"version", listed.version},
        {"state", listed.state}, {"state_message", listed.state_message}, {"endpoint", listed.endpoint},
        {"tags", json::array(listed.tags.begin(), listed.tags.end())}, {"ha", listed.highly_available},
        {"sso", listed.single_sign_on}, {"created_at", listed.created_at}, {"updated_at", listed.updated_at}};
    add_context(line, context);
    return json_line(line);
}

std::string cluster_table(const std::vector<cluster_row>& rows)
{
    if (rows.empty()) return {};
    std::vector<table_row> cells{{"ID", "NAME", "REGION", "VERSION", "STATE"}};
    std::vector<std::string> contexts;
    for (const cluster_row& each : rows) {
        cells.push_back(row_of(*each.listed));
        contexts.push_back(each.context);
    }
    return table_of(std::move(cells), contexts);
}

}
