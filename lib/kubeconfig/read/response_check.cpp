#include "kubeconfig/read/response_check.hpp"

#include "kubeconfig/read/ascii.hpp"
#include "kubeconfig/read/server_key.hpp"
#include "kubeconfig/read/text_precheck.hpp"
#include "yaml/document.hpp"

#include <algorithm>
#include <initializer_list>

namespace doks::kube {

namespace {

constexpr std::string_view blank = " \t\r\n";

std::string_view trimmed_end(std::string_view line)
{
    const auto last = line.find_last_not_of(blank);
    return last == std::string_view::npos ? std::string_view() : line.substr(0, last + 1);
}

/// The top-level lines of the form that the API writes.
struct usual_form
{
    bool kind = false;
    bool clusters = false;
    bool users = false;

    void see(std::string_view line)
    {
        if (line.empty() || std::string_view("kcu").find(line.front()) == std::string_view::npos) return;
        line = trimmed_end(line);
        kind = kind || line == "kind: Config";
        clusters = clusters || line == "clusters:";
        users = users || line == "users:";
    }
    bool complete() const { return kind && clusters && users; }
};

/// Spares the parse: nearly every response has this form.
bool has_usual_form(std::string_view text)
{
    usual_form seen;
    while (!text.empty() && !seen.complete()) {
        const auto end = text.find('\n');
        seen.see(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    }
    return seen.complete();
}

/// Gateways and captive portals answer with a page.
bool is_html(std::string_view text)
{
    for (std::string_view opening : {"<!doctype html", "<html", "<head", "<body"})
        if (is_same(text.substr(0, opening.size()), opening)) return true;
    return false;
}

/// Shown only where it reads like the name of a kind.
std::string about_kind(std::string_view form, std::string_view kind)
{
    const bool is_name = !kind.empty() && kind.size() <= 40 && std::all_of(kind.begin(), kind.end(), &is_letter);
    std::string reason(form);
    return is_name ? reason.append(", but `kind` is `").append(kind).append("`")
                   : reason + ", but `kind` is not `Config`";
}

std::optional<std::string> why_not_by_parsing(std::string_view bytes, std::string_view form)
{
    const auto document = yaml::document::parse(bytes);
    if (!document) return document.error().reason;
    const yaml::node& root = document->root();
    if (root.is == yaml::node::kind::scalar) return "text without structure";
    if (root.is != yaml::node::kind::mapping) return std::string(form) + ", but not a mapping";
    const yaml::node* kind = root.find("kind");
    if (kind == nullptr) return std::string(form) + ", but without `kind`";
    if (kind->text != "Config") return about_kind(form, kind->text);
    for (std::string_view list : {"clusters", "users"}) {
        const yaml::node* entries = root.find(list);
        if (entries == nullptr || entries->is != yaml::node::kind::sequence || entries->children == nullptr)
            return std::string(form).append(", but without `").append(list).append("`");
    }
    return std::nullopt;
}

/// What the colon is followed by, without blanks and quotes.
std::string_view url_after(std::string_view after)
{
    const auto begin = after.find_first_not_of(" \t\r\n\"'");
    if (begin == std::string_view::npos) return {};
    constexpr std::size_t longest_url = 1024;
    after = after.substr(begin, longest_url);
    return after.substr(0, after.find_first_of(" \t\r\n\"',}"));
}

bool continues_a_word(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; }

/// True if the colon ends the key `server`: quoted, as in JSON, or with a blank behind the colon.
bool ends_server(std::string_view text, std::size_t colon)
{
    constexpr std::string_view key = "server";
    auto before = text.substr(0, colon);
    if (before.empty() || (before.back() != key.back() && continues_a_word(before.back()))) return false;
    const auto last = before.find_last_not_of(blank);
    before = before.substr(0, last == std::string_view::npos ? 0 : last + 1);
    const bool quoted = before.ends_with('"') || before.ends_with('\'');
    if (quoted) before.remove_suffix(1);
    const bool ends_there = colon + 1 == text.size() || blank.find(text[colon + 1]) != std::string_view::npos;
    if (!before.ends_with(key) || (!quoted && !ends_there)) return false;
    return before.size() == key.size() || !continues_a_word(before[before.size() - key.size() - 1]);
}

}

std::optional<std::string> why_not_kubeconfig(std::string_view bytes)
{
    if (auto fault = why_not_text(bytes)) return fault;
    if (has_usual_form(bytes)) return std::nullopt;
    const auto begin = bytes.find_first_not_of(blank);
    if (begin == std::string_view::npos) return "empty body";
    if (is_html(bytes.substr(begin))) return "an HTML page";
    if (bytes[begin] == '<') return "XML, or an HTML page";
    return why_not_by_parsing(bytes, bytes[begin] == '{' || bytes[begin] == '[' ? "JSON" : "YAML");
}

/// By the colons, for base64 has none.
std::optional<std::string> names_other_cluster(std::string_view bytes, std::string_view cluster_id)
{
    for (auto at = bytes.find(':'); at != std::string_view::npos; at = bytes.find(':', at + 1)) {
        if (!ends_server(bytes, at)) continue;
        const auto named = cluster_of(url_after(bytes.substr(at + 1)));
        if (is_uuid(named.uuid) && !is_same(named.uuid, cluster_id)) return std::string(named.where);
    }
    return std::nullopt;
}

}
