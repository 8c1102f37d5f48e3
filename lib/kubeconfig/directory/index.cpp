#include "kubeconfig/directory/index.hpp"

#include "kubeconfig/read/rfc3339.hpp"

#include <boost/json.hpp>

#include <cstdint>
#include <utility>

namespace doks::kube {

namespace {

namespace json = boost::json;

constexpr std::int64_t version = 1;

/** In place of a digest, in the line that says that an id's file is gone.

    To doks before it knew such lines this is a record like any other, and one that matches no file: it takes the place
    of the id's earlier record there too, without a version that would make the whole index unreadable.
*/
constexpr std::string_view removed = "removed";

/// Nothing of its type where there is none, or one of another type.
template <class T> T value_of(const json::object& from, std::string_view key)
{
    const json::value* const value = from.if_contains(key);
    if (value == nullptr || value->is_double()) return {};
    const auto read = json::try_value_to<T>(*value);
    return read ? *read : T();
}

constexpr auto text_of = value_of<std::string>;
constexpr auto number_of = value_of<std::int64_t>;

}

std::string to_line(const index_record& record)
{
    json::value expires_at;
    if (record.expires_at) expires_at = format_rfc3339(*record.expires_at);
    const json::object line{{"v", version}, {"id", record.id}, {"name", record.name}, {"region", record.region},
        {"label", record.label}, {"kind", record.kind}, {"expires_at", expires_at}, {"exact", record.expires_exactly},
        {"expiry", std::int64_t(record.expiry.count())}, {"request_id", record.request_id},
        {"written_at", format_rfc3339(record.written_at)}, {"sha256", record.digest}};
    return json::serialize(line) + '\n';
}

std::string removal_line(std::string_view id, std::chrono::system_clock::time_point when)
{
    const json::object line{{"v", version}, {"id", id}, {"written_at", format_rfc3339(when)}, {"sha256", removed}};
    return json::serialize(line) + '\n';
}

boost::system::result<index_record, line_fault> from_line(std::string_view line)
{
    boost::system::error_code error;
    const json::value parsed = json::parse(line, error);
    const json::object* from = parsed.if_object();
    if (error || from == nullptr || number_of(*from, "v") < 1) return line_fault::damaged;
    if (number_of(*from, "v") > version) return line_fault::newer_version;
    index_record record;
    record.id = text_of(*from, "id");
    record.name = text_of(*from, "name");
    record.region = text_of(*from, "region");
    record.label = text_of(*from, "label");
    record.kind = text_of(*from, "kind");
    record.expires_at = parse_rfc3339(text_of(*from, "expires_at"));
    record.expires_exactly = value_of<bool>(*from, "exact");
    record.expiry = std::chrono::seconds(number_of(*from, "expiry"));
    record.request_id = text_of(*from, "request_id");
    record.written_at = parse_rfc3339(text_of(*from, "written_at")).value_or(std::chrono::system_clock::time_point());
    record.digest = text_of(*from, "sha256");
    if (record.id.empty() || record.digest.empty()) return line_fault::damaged;
    return record;
}

index index::read(std::string_view text)
{
    index made;
    made.add(text);
    return made;
}

void index::add(std::string_view text)
{
    while (!text.empty()) {
        const auto end = text.find('\n');
        take(text.substr(0, end), end != std::string_view::npos);
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
}

/// A line of a newer version is no damage: the file as a whole is left alone then.
void index::take(std::string_view line, bool whole)
{
    ++lines_;
    auto record = from_line(line);
    if (record && record->digest == removed) {
        records_.erase(record->id);
    } else if (record) {
        std::string id = record->id;
        records_.insert_or_assign(std::move(id), std::move(*record));
    } else if (record.error() == line_fault::newer_version) {
        newer_ = true;
    } else if (whole) {
        damaged_.push_back(lines_);
    }
}

const index_record* index::find(std::string_view id) const
{
    const auto at = records_.find(id);
    return at == records_.end() ? nullptr : &at->second;
}

std::vector<std::string> index::ids() const
{
    std::vector<std::string> found;
    found.reserve(records_.size());
    for (const auto& entry : records_) found.push_back(entry.first);
    return found;
}

bool index::worth_compacting() const noexcept
{
    constexpr std::size_t worth_it = 64;
    return lines_ > worth_it && lines_ > 2 * records_.size();
}

std::string index::compacted() const
{
    std::string text;
    for (const auto& entry : records_) text += to_line(entry.second);
    return text;
}

}
