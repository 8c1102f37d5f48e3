#include "sim/kube/access_review.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <cstdint>
#include <initializer_list>

namespace doks::sim {

namespace json = boost::json;

namespace {

/** Takes a number from the front. */
std::optional<std::uint64_t> take_varint(std::string_view& bytes)
{
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
        auto byte = static_cast<unsigned char>(bytes.front());
        bytes.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
    }
    return std::nullopt;
}

/** Takes a field's bytes from the front; those of a number are empty. */
std::optional<std::string_view> take_field(std::string_view& bytes, std::uint64_t wire_type)
{
    enum : std::uint64_t
    {
        number = 0,
        eight_bytes = 1,
        length_delimited = 2,
        four_bytes = 5
    };
    std::optional<std::uint64_t> length;
    if (wire_type == eight_bytes) length = 8;
    if (wire_type == four_bytes) length = 4;
    if (wire_type == length_delimited) length = take_varint(bytes);
    if (wire_type == number && take_varint(bytes)) length = 0;
    if (!length || *length > bytes.size()) return std::nullopt;
    auto field = bytes.substr(0, *length);
    bytes.remove_prefix(*length);
    return field;
}

/** The bytes of a message's field, empty if the field is missing; nullopt if the message is broken. */
std::optional<std::string_view> find_field(std::optional<std::string_view> message, std::uint64_t number)
{
    if (!message) return std::nullopt;
    std::string_view found;
    while (!message->empty()) {
        auto tag = take_varint(*message);
        auto field = tag ? take_field(*message, *tag & 7) : std::nullopt;
        if (!field) return std::nullopt;
        if (*tag >> 3 == number) found = *field;
    }
    return found;
}

std::optional<kube_action> parse_protobuf(std::string_view body)
{
    constexpr std::string_view magic("k8s\0", 4);
    if (!body.starts_with(magic)) return std::nullopt;
    auto review = find_field(body.substr(magic.size()), 2);
    auto asked = find_field(find_field(review, 2), 1); // spec.resourceAttributes
    if (!asked || asked->empty()) return std::nullopt;
    auto text = [&](std::uint64_t number) { return std::string(find_field(asked, number).value_or("")); };
    return kube_action{text(2), text(3), text(5), text(1), text(7)};
}

std::optional<kube_action> parse_json(std::string_view body)
{
    boost::system::error_code error;
    json::value parsed = json::parse(body, error);
    const json::value* asked = error ? nullptr : &parsed;
    for (const char* name : {"spec", "resourceAttributes"}) {
        const json::object* parent = asked ? asked->if_object() : nullptr;
        asked = parent ? parent->if_contains(name) : nullptr;
    }
    if (!asked || !asked->is_object()) return std::nullopt;
    auto text = [&](std::string_view name) {
        const json::value* value = asked->as_object().if_contains(name);
        return value && value->is_string() ? std::string(value->as_string()) : std::string();
    };
    return kube_action{text("verb"), text("group"), text("resource"), text("namespace"), text("name")};
}

}

std::optional<kube_action> parse_access_review(std::string_view body, std::string_view content_type)
{
    return content_type.starts_with("application/vnd.kubernetes.protobuf") ? parse_protobuf(body) : parse_json(body);
}

}
