#include "kubeconfig/file/kubeconfig_document.hpp"

#include "kubeconfig/read/field_reader.hpp"
#include "kubeconfig/read/text_precheck.hpp"
#include "yaml/edit.hpp"

#include <utility>

namespace doks::kube {

namespace {

constexpr yaml::limits limits{.bytes = largest_kubeconfig_file, .values = most_values_of_file};

/// As kubectl writes one that holds nothing.
constexpr std::string_view fresh =
    "apiVersion: v1\nclusters: null\ncontexts: null\ncurrent-context: \"\"\nkind: Config\n"
    "preferences: {}\nusers: null\n";

std::size_t place(entry_list list) noexcept { return static_cast<std::size_t>(list); }

void append(secret_bytes& to, std::string_view text) { to.insert(to.end(), text.begin(), text.end()); }

/// kubectl refuses these, too; an edit would otherwise turn another object into a broken kubeconfig.
void refuse_other_kinds(const field_reader& root)
{
    const auto kind = root["kind"];
    if (!kind.text().empty() && kind.text() != "Config") kind.refuse("is not `Config`");
    const auto version = root["apiVersion"];
    if (!version.text().empty() && version.text() != "v1" && version.text() != "/v1") version.refuse("is not `v1`");
    root["current-context"].text();
}

}

std::string_view key_of(entry_list list) noexcept
{
    constexpr std::array<std::string_view, 3> keys{"clusters", "contexts", "users"};
    return keys[place(list)];
}

std::string_view body_key_of(entry_list list) noexcept
{
    const auto key = key_of(list);
    return key.substr(0, key.size() - 1);
}

std::string_view text_of(const yaml::draft* mapping, std::string_view key) noexcept
{
    const auto* found = mapping == nullptr ? nullptr : mapping->find(key);
    return found == nullptr || found->is_null() ? std::string_view() : found->text;
}

boost::system::result<kubeconfig_document, parse_error> kubeconfig_document::read(secret_bytes bytes)
{
    kubeconfig_document made;
    made.stored_as_ = yaml::encoding_of({bytes.data(), bytes.size()});
    auto text = yaml::to_utf8(std::move(bytes));
    if (!text) return text.error();
    const std::string_view given(text->data(), text->size());
    const bool adds = !given.empty() && !given.ends_with('\n');
    const bool has_crlf = given.find("\r\n") < given.find('\n'); // as its first line, and what is put in
    const std::string_view line_end = has_crlf && !given.ends_with('\r') ? "\r\n" : "\n";
    if (adds) append(*text, made.added_line_end_ = line_end);
    made.text_ = std::move(*text);
    if (auto fault = made.parse()) return *fault;
    return made;
}

/// An empty text, and `null`, which kubectl takes for an empty kubeconfig, become one in kubectl's form.
std::optional<parse_error> kubeconfig_document::parse()
{
    if (text_.empty()) append(text_, fresh);
    auto parsed = yaml::document::parse(view(), limits);
    if (!parsed) return parsed.error();
    if (const auto& root = parsed->root(); root.is_null()) {
        if (root.begin != yaml::node::nowhere)
            text_.erase(text_.begin() + static_cast<std::ptrdiff_t>(root.begin),
                text_.begin() + static_cast<std::ptrdiff_t>(root.end));
        append(text_, fresh);
        added_line_end_ = {};
        parsed = yaml::document::parse(view(), limits);
        if (!parsed) return parsed.error();
    }
    document_.emplace(std::move(*parsed));
    const auto& root = document_->root();
    if (root.is != yaml::node::kind::mapping) return parse_error{"its top level is not a mapping"};
    if (auto fault = why_no_line_can_follow()) return fault;
    draft_ = yaml::draft_of(root);
    try {
        refuse_other_kinds(field_reader(&root, ""));
        for (const auto list : all_lists)
            if (auto fault = read_names(list)) return fault;
    } catch (const parse_error& fault) {
        return fault;
    }
    return std::nullopt;
}

/// The line end that was added is not part of a block scalar, which would say something else with it.
std::optional<parse_error> kubeconfig_document::why_no_line_can_follow() const
{
    if (added_line_end_.empty()) return std::nullopt;
    const auto& last = document_->root().last();
    const bool is_block = last.is == yaml::node::kind::scalar && last.end == text_.size();
    if (!is_block || !last.text.ends_with('\n')) return std::nullopt;
    return parse_error{"its last line belongs to a block of text and does not end: end the line"};
}

/// Of two entries of one name kubectl uses one, and which one is not defined: an edit could change the wrong one.
std::optional<parse_error> kubeconfig_document::read_names(entry_list list)
{
    const field_reader root(&document_->root(), "");
    std::size_t number = 0;
    for (const auto& entry : root[key_of(list)].items()) {
        const auto body = entry[body_key_of(list)];
        body["name"]; // refuses what is neither a mapping nor nothing
        if (!names_[place(list)].emplace(entry["name"].text(), number++).second)
            entry["name"].refuse("is that of two entries: rename one of them");
    }
    return std::nullopt;
}

const yaml::draft* kubeconfig_document::entries(entry_list list) const noexcept { return draft_.find(key_of(list)); }

std::size_t kubeconfig_document::size(entry_list list) const noexcept
{
    const auto* all = entries(list);
    return all == nullptr ? 0 : all->children.size();
}

bool kubeconfig_document::holds(entry_list list, std::size_t number) const noexcept
{
    return number < size(list) && !entries(list)->children[number].erased;
}

std::string_view kubeconfig_document::name(entry_list list, std::size_t number) const noexcept
{
    return text_of(&entries(list)->children[number], "name");
}

std::optional<std::size_t> kubeconfig_document::find(entry_list list, std::string_view name) const
{
    const auto found = names_[place(list)].find(name);
    return found == names_[place(list)].end() ? std::nullopt : std::optional(found->second);
}

const yaml::draft* kubeconfig_document::body(entry_list list, std::size_t number) const noexcept
{
    const auto* body = entries(list)->children[number].find(body_key_of(list));
    return body == nullptr || body->is != yaml::node::kind::mapping ? nullptr : body;
}

yaml::draft& kubeconfig_document::changed_body(entry_list list, std::size_t number)
{
    changed_ = true;
    auto& entry = draft_.find(key_of(list))->children[number];
    auto* body = entry.find(body_key_of(list));
    if (body == nullptr) body = &entry.children.emplace_back(yaml::draft{.key = body_key_of(list)});
    body->is = yaml::node::kind::mapping;
    return *body;
}

std::size_t kubeconfig_document::add(entry_list list, std::string_view name, yaml::draft body)
{
    changed_ = true;
    for (const auto each : all_lists)
        if (draft_.find(key_of(each)) == nullptr)
            draft_.children.push_back({.is = yaml::node::kind::sequence, .key = key_of(each)});
    auto* all = draft_.find(key_of(list));
    all->is = yaml::node::kind::sequence;
    auto& entry = all->children.emplace_back();
    entry.is = yaml::node::kind::mapping;
    body.key = body_key_of(list);
    entry.children.push_back(std::move(body));
    entry.children.push_back(yaml::text_draft("name", name));
    // kubectl's order: by the alphabet
    if (list == entry_list::users) std::swap(entry.children.front(), entry.children.back());
    const std::size_t number = all->children.size() - 1;
    names_[place(list)][name] = number;
    return number;
}

/// The number stays in use, for others hold numbers of later entries.
void kubeconfig_document::erase(entry_list list, std::size_t number)
{
    changed_ = true;
    auto& entry = draft_.find(key_of(list))->children[number];
    names_[place(list)].erase(text_of(&entry, "name"));
    entry.erased = true;
}

std::string_view kubeconfig_document::current_context() const noexcept { return text_of(&draft_, "current-context"); }

void kubeconfig_document::set_current_context(std::string_view name)
{
    if (current_context() == name) return;
    changed_ = true;
    auto* current = draft_.find("current-context");
    if (current == nullptr) current = &draft_.children.emplace_back(yaml::draft{.key = "current-context"});
    current->text = name;
    current->plain = false;
}

/// Bytes and not stamps: a file system may give two writes within a few milliseconds the same time.
bool kubeconfig_document::is_same_as(std::string_view bytes) const noexcept
{
    if (changed_ || stored_as_ != yaml::encoding::utf8) return false;
    const auto original = view().substr(0, view().size() - added_line_end_.size());
    return bytes == original || (bytes.empty() && view() == fresh);
}

boost::system::result<secret_bytes, parse_error> kubeconfig_document::text() const
{
    auto result = yaml::edited(view(), *document_, draft_, limits);
    if (result && std::string_view(result->data(), result->size()).ends_with(added_line_end_))
        result->resize(result->size() - added_line_end_.size());
    if (!result) return result;
    return yaml::from_utf8(std::move(*result), stored_as_);
}

}
