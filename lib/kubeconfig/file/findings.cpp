#include <doks/audit.hpp>

#include "kubeconfig/file/kubeconfig_document.hpp"
#include "kubeconfig/read/access_reader.hpp"
#include "kubeconfig/read/screen.hpp"
#include "kubeconfig/read/server_key.hpp"
#include "yaml/encoding.hpp"

#include <set>
#include <utility>

namespace doks {

using kube::entry_list;

namespace {

using key_finding = std::pair<std::string_view, finding_kind>;

constexpr key_finding of_clusters[] = {{"certificate-authority", finding_kind::refers_to_file},
    {"proxy-url", finding_kind::proxied}, {"tls-server-name", finding_kind::other_server_name}};
constexpr key_finding of_users[] = {{"exec", finding_kind::runs_program},
    {"auth-provider", finding_kind::auth_provider}, {"tokenFile", finding_kind::refers_to_file},
    {"client-certificate", finding_kind::refers_to_file}, {"client-key", finding_kind::refers_to_file},
    {"username", finding_kind::password}, {"password", finding_kind::password}, {"as", finding_kind::impersonates},
    {"as-uid", finding_kind::impersonates}, {"as-groups", finding_kind::impersonates},
    {"as-user-extra", finding_kind::impersonates}};

const yaml::node* entries_of(const yaml::node& root, entry_list list)
{
    const auto* found = root.find(key_of(list));
    return found == nullptr || found->is != yaml::node::kind::sequence ? nullptr : found->children;
}

class inspection
{
public:
    explicit inspection(const yaml::node& root)
        : root_(root)
    {}

    std::vector<finding> take() &&
    {
        for (const auto list : kube::all_lists) collect_names(list);
        for (const auto* child = root_.children; child != nullptr; child = child->next)
            for (const auto list : kube::all_lists)
                if (child->key == key_of(list)) look_at(list);
        const auto current = root_.text_at("current-context");
        if (!current.empty() && !is_named(entry_list::contexts, current))
            found_.push_back({finding_kind::dangling_current, "current-context", kube::shown_text(current)});
        if (!kube::is_printable(current)) found_.push_back({finding_kind::unprintable_name, "current-context", {}});
        return std::move(found_);
    }

private:
    bool is_named(entry_list list, std::string_view name) const
    {
        return names_[static_cast<std::size_t>(list)].contains(name);
    }
    void collect_names(entry_list list)
    {
        for (const auto* entry = entries_of(root_, list); entry != nullptr; entry = entry->next)
            names_[static_cast<std::size_t>(list)].insert(entry->text_at("name"));
    }

    void look_at(entry_list list)
    {
        std::set<std::string_view> seen;
        std::size_t number = 0;
        for (const auto* entry = entries_of(root_, list); entry != nullptr; entry = entry->next, ++number) {
            const auto path = std::string(key_of(list)) + '[' + std::to_string(number) + ']';
            const auto name = entry->text_at("name");
            if (!kube::is_printable(name)) found_.push_back({finding_kind::unprintable_name, path + ".name", {}});
            if (!seen.insert(name).second)
                found_.push_back({finding_kind::duplicate_name, path + ".name", kube::shown_text(name)});
            const auto* body = entry->find(body_key_of(list));
            const auto below = path + '.' + std::string(body_key_of(list));
            if (body == nullptr || body->is != yaml::node::kind::mapping) continue;
            if (list == entry_list::clusters) look_at_cluster(*body, below);
            if (list == entry_list::contexts) look_at_context(*body, below);
            if (list == entry_list::users) look_at_keys(*body, below, of_users);
        }
    }

    template <std::size_t Size>
    void look_at_keys(const yaml::node& body, const std::string& path, const key_finding (&keys)[Size])
    {
        for (const auto* child = body.children; child != nullptr; child = child->next)
            for (const auto& [key, kind] : keys)
                if (child->key == key && !child->is_null() && (child->children != nullptr || !child->text.empty()))
                    found_.push_back({kind, path + '.' + std::string(key), detail_of(kind, *child)});
    }

    static std::string detail_of(finding_kind kind, const yaml::node& value)
    {
        if (kind == finding_kind::runs_program) return kube::shown_text(value.text_at("command"));
        if (kind == finding_kind::auth_provider) return kube::shown_text(value.text_at("name"));
        if (kind == finding_kind::proxied) return kube::shown_url(value.text);
        if (kind == finding_kind::password) return {};
        return kube::shown_text(value.text);
    }

    void look_at_cluster(const yaml::node& body, const std::string& path)
    {
        const auto server = body.text_at("server");
        const auto where = path + ".server";
        if (!server.starts_with("https://"))
            found_.push_back({finding_kind::not_encrypted, where, kube::shown_url(server)});
        if (!kube::is_digitalocean(server))
            found_.push_back({finding_kind::foreign_server, where, kube::shown_url(server)});
        look_at_keys(body, path, of_clusters);
        const auto* off = body.find("insecure-skip-tls-verify");
        if (off != nullptr && !off->is_null() && off->text != "false")
            found_.push_back({finding_kind::verification_off, path + ".insecure-skip-tls-verify", {}});
    }

    void look_at_context(const yaml::node& body, const std::string& path)
    {
        for (const auto list : {entry_list::clusters, entry_list::users}) {
            const auto name = body.text_at(body_key_of(list));
            if (!is_named(list, name))
                found_.push_back({finding_kind::dangling_reference, path + '.' + std::string(body_key_of(list)),
                    kube::shown_text(name)});
        }
    }

    const yaml::node& root_;
    std::array<std::set<std::string_view>, 3> names_;
    std::vector<finding> found_;
};

}

std::string_view to_string(finding_kind kind) noexcept
{
    constexpr std::string_view texts[] = {"runs a program", "has an auth provider", "refers to a file",
        "switches verification off", "takes a certificate of another name", "is not encrypted", "goes through a proxy",
        "impersonates", "has a password", "is outside DigitalOcean", "has an unprintable name", "has a name twice",
        "refers to what is not there", "has a current context that is not there", "is no kubeconfig"};
    return texts[static_cast<std::size_t>(kind)];
}

std::vector<finding> findings(std::string_view bytes)
{
    const auto text = yaml::to_utf8({bytes.begin(), bytes.end()});
    if (!text) return {{finding_kind::not_a_kubeconfig_file, {}, text.error().reason}};
    const auto document = yaml::document::parse(
        {text->data(), text->size()}, {.bytes = kube::largest_kubeconfig_file, .values = kube::most_values_of_file});
    if (!document) return {{finding_kind::not_a_kubeconfig_file, {}, document.error().reason}};
    const auto& root = document->root();
    if (root.is != yaml::node::kind::mapping)
        return {{finding_kind::not_a_kubeconfig_file, {}, "its top level is not a mapping"}};
    if (const auto kind = root.text_at("kind"); !kind.empty() && kind != "Config")
        return {{finding_kind::not_a_kubeconfig_file, "kind", "is not `Config`"}};
    return inspection(root).take();
}

std::vector<finding> findings(const kubeconfig& config)
{
    if (const auto parsed = kube::kubeconfig_access::parse_and_keep(config))
        return inspection(parsed->document.root()).take();
    return findings(config.bytes());
}

}
