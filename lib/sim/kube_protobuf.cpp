#include "sim/kube_protobuf.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace doks::sim {

namespace json = boost::json;

namespace {

struct field;
using schema = std::span<const field>;

/** A field of a message that is kept: a string, a map of strings, or a message with fields of its own. */
struct field
{
    enum class form
    {
        text,
        text_map,
        message
    };

    std::uint64_t number;
    std::string_view name;
    form kind = form::text;
    schema inner{};
};

constexpr std::array<field, 4> metadata_fields{{
    {1, "name"},
    {3, "namespace"},
    {11, "labels", field::form::text_map},
    {12, "annotations", field::form::text_map},
}};
constexpr std::array<field, 2> config_map_fields{{
    {1, "metadata", field::form::message, metadata_fields},
    {2, "data", field::form::text_map},
}};
constexpr std::array<field, 1> namespace_fields{{{1, "metadata", field::form::message, metadata_fields}}};
constexpr std::array<field, 5> attribute_fields{{
    {1, "namespace"},
    {2, "verb"},
    {3, "group"},
    {5, "resource"},
    {7, "name"},
}};
constexpr std::array<field, 1> access_spec_fields{{{1, "resourceAttributes", field::form::message, attribute_fields}}};
constexpr std::array<field, 1> access_review_fields{{{2, "spec", field::form::message, access_spec_fields}}};
constexpr std::array<field, 2> type_fields{{{1, "apiVersion"}, {2, "kind"}}};
constexpr std::array<field, 2> envelope_fields{{{1, "type", field::form::message, type_fields}, {2, "raw"}}};

schema schema_of(std::string_view kind)
{
    if (kind == "ConfigMap") return config_map_fields;
    if (kind == "Namespace") return namespace_fields;
    if (kind == "SelfSubjectAccessReview") return access_review_fields;
    return {};
}

/** Reads fields one after the other; everything in a Kubernetes message that matters here is length-delimited. */
class reader
{
public:
    explicit reader(std::string_view bytes)
        : left_(bytes)
    {}

    bool at_end() const { return left_.empty(); }

    /** The next field's number and bytes, empty for numeric ones; nullopt if the message is broken. */
    std::optional<std::pair<std::uint64_t, std::string_view>> next()
    {
        auto tag = varint();
        if (!tag) return std::nullopt;
        std::uint64_t number = *tag >> 3;
        switch (*tag & 7) {
        case 0:
            return varint() ? std::optional(std::pair(number, std::string_view{})) : std::nullopt;
        case 1:
            return take(number, 8);
        case 2:
            break;
        case 5:
            return take(number, 4);
        default:
            return std::nullopt;
        }
        auto length = varint();
        return length ? take(number, *length) : std::nullopt;
    }

private:
    std::optional<std::pair<std::uint64_t, std::string_view>> take(std::uint64_t number, std::uint64_t length)
    {
        if (length > left_.size()) return std::nullopt;
        auto bytes = left_.substr(0, length);
        left_.remove_prefix(length);
        return std::pair(number, bytes);
    }

    std::optional<std::uint64_t> varint()
    {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64 && !left_.empty(); shift += 7) {
            auto byte = static_cast<unsigned char>(left_.front());
            left_.remove_prefix(1);
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return value;
        }
        return std::nullopt;
    }

    std::string_view left_;
};

constexpr std::array<field, 2> entry_fields{{{1, "key"}, {2, "value"}}};

std::optional<json::object> decode(std::string_view bytes, schema fields);

bool keep(json::object& into, const field& what, std::string_view bytes)
{
    if (what.kind == field::form::text) {
        if (!bytes.empty()) into[what.name] = bytes;
        return true;
    }
    auto inner = decode(bytes, what.kind == field::form::message ? what.inner : schema(entry_fields));
    if (!inner) return false;
    if (what.kind == field::form::message) {
        into[what.name] = std::move(*inner);
        return true;
    }
    json::value& map = into[what.name];
    if (!map.is_object()) map.emplace_object();
    const json::value* value = inner->if_contains("value");
    if (const json::value* key = inner->if_contains("key"))
        map.as_object()[key->as_string()] = value ? *value : json::value("");
    return true;
}

std::optional<json::object> decode(std::string_view bytes, schema fields)
{
    json::object result;
    reader from(bytes);
    while (!from.at_end()) {
        auto next = from.next();
        if (!next) return std::nullopt;
        auto known =
            std::find_if(fields.begin(), fields.end(), [&](const field& each) { return each.number == next->first; });
        if (known != fields.end() && !keep(result, *known, next->second)) return std::nullopt;
    }
    return result;
}

std::optional<json::object> parse_protobuf(std::string_view body)
{
    constexpr std::string_view magic("k8s\0", 4);
    if (!body.starts_with(magic)) return std::nullopt;
    auto envelope = decode(body.substr(magic.size()), envelope_fields);
    const json::value* type = envelope ? envelope->if_contains("type") : nullptr;
    const json::value* kind = type ? type->as_object().if_contains("kind") : nullptr;
    const json::value* raw = envelope ? envelope->if_contains("raw") : nullptr;
    if (!kind || !raw) return std::nullopt;
    schema fields = schema_of(kind->as_string());
    auto object = fields.empty() ? std::nullopt : decode(raw->as_string(), fields);
    if (!object) return std::nullopt;
    object->insert(type->as_object().begin(), type->as_object().end());
    return object;
}

std::optional<json::object> parse_json(std::string_view body)
{
    boost::system::error_code error;
    json::value parsed = json::parse(body, error);
    if (error || !parsed.is_object()) return std::nullopt;
    return std::move(parsed.as_object());
}

}

std::optional<json::object> parse_kube_object(std::string_view body, std::string_view content_type)
{
    return content_type.starts_with("application/vnd.kubernetes.protobuf") ? parse_protobuf(body) : parse_json(body);
}

}
