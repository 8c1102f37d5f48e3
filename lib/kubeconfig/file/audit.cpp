#include <doks/audit.hpp>

#include "kubeconfig/file/kubeconfig_document.hpp"
#include "kubeconfig/read/access_reader.hpp"
#include "kubeconfig/read/server_key.hpp"
#include "kubeconfig/read/text_precheck.hpp"
#include "yaml/encoding.hpp"

#include <set>
#include <utility>

namespace doks {

using kube::entry_list;

namespace {

using audited_key = std::pair<std::string_view, audit_kind>;

constexpr audited_key of_clusters[] = {{"certificate-authority", audit_kind::refers_to_file},
    {"proxy-url", audit_kind::proxied}, {"tls-server-name", audit_kind::other_server_name}};
constexpr audited_key of_users[] = {{"exec", audit_kind::runs_program}, {"auth-provider", audit_kind::auth_provider},
    {"tokenFile", audit_kind::refers_to_file}, {"client-certificate", audit_kind::refers_to_file},
    {"client-key", audit_kind::refers_to_file}, {"username", audit_kind::password}, {"password", audit_kind::password},
    {"as", audit_kind::impersonates}, {"as-uid", audit_kind::impersonates}, {"as-groups", audit_kind::impersonates},
    {"as-user-extra", audit_kind::impersonates}};

const yaml::node* entries_of(const yaml::node& root, entry_list list)
{
    const auto* found = root.find(key_of(list));
    return found == nullptr || found->is != yaml::node::kind::sequence ? nullptr : found->children;
}

/// Goes through a document and collects what it finds.
class inspection
{
public:
    explicit inspection(const yaml::node& root)
        : root_(root)
    {}

    std::vector<audit_finding> take() &&
    {
        for (const auto list : kube::all_lists) collect_names(list);
        for (const auto* child = root_.children; child != nullptr; child = child->next)
            for (const auto list : kube::all_lists)
                if (child->key == key_of(list)) look_at(list);
        const auto current = root_.text_at("current-context");
        if (!current.empty() && !is_named(entry_list::contexts, current))
            found_.push_back({audit_kind::dangling_current, "current-context", kube::shown_text(current)});
        if (!kube::is_printable(current)) found_.push_back({audit_kind::unprintable_name, "current-context", {}});
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
            if (!kube::is_printable(name)) found_.push_back({audit_kind::unprintable_name, path + ".name", {}});
            if (!seen.insert(name).second)
                found_.push_back({audit_kind::duplicate_name, path + ".name", kube::shown_text(name)});
            const auto* body = entry->find(body_key_of(list));
            const auto below = path + '.' + std::string(body_key_of(list));
            if (body == nullptr || body->is != yaml::node::kind::mapping) continue;
            if (list == entry_list::clusters) look_at_cluster(*body, below);
            if (list == entry_list::contexts) look_at_context(*body, below);
            if (list == entry_list::users) look_at_keys(*body, below, of_users);
        }
    }

    template <std::size_t Size>
    void look_at_keys(const yaml::node& body, const std::string& path, const audited_key (&keys)[Size])
    {
        for (const auto* child = body.children; child != nullptr; child = child->next)
            for (const auto& [key, kind] : keys)
                if (child->key == key && !child->is_null() && (child->children != nullptr || !child->text.empty()))
                    found_.push_back({kind, path + '.' + std::string(key), detail_of(kind, *child)});
    }

    /// Never a secret: of a password not even its length.
    static std::string detail_of(audit_kind kind, const yaml::node& value)
    {
        if (kind == audit_kind::runs_program) return kube::shown_text(value.text_at("command"));
        if (kind == audit_kind::auth_provider) return kube::shown_text(value.text_at("name"));
        if (kind == audit_kind::proxied) return kube::shown_url(value.text);
        if (kind == audit_kind::password) return {};
        return kube::shown_text(value.text);
    }

    void look_at_cluster(const yaml::node& body, const std::string& path)
    {
        const auto server = body.text_at("server");
        const auto where = path + ".server";
        if (!server.starts_with("https://"))
            found_.push_back({audit_kind::not_encrypted, where, kube::shown_url(server)});
        if (!kube::is_digitalocean(server))
            found_.push_back({audit_kind::foreign_server, where, kube::shown_url(server)});
        look_at_keys(body, path, of_clusters);
        const auto* off = body.find("insecure-skip-tls-verify");
        if (off != nullptr && !off->is_null() && off->text != "false")
            found_.push_back({audit_kind::verification_off, path + ".insecure-skip-tls-verify", {}});
    }

    void look_at_context(const yaml::node& body, const std::string& path)
    {
        for (const auto list : {entry_list::clusters, entry_list::users}) {
            const auto name = body.text_at(body_key_of(list));
            if (!is_named(list, name))
                found_.push_back({audit_kind::dangling_reference, path + '.' + std::string(body_key_of(list)),
                    kube::shown_text(name)});
        }
    }

    const yaml::node& root_;
    std::array<std::set<std::string_view>, 3> names_;
    std::vector<audit_finding> found_;
};

}

std::string_view to_string(audit_kind kind) noexcept
{
    constexpr std::string_view texts[] = {"runs a program", "has an auth provider", "refers to a file",
        "switches verification off", "takes a certificate of another name", "is not encrypted", "goes through a proxy",
        "impersonates", "has a password", "is outside DigitalOcean", "has an unprintable name", "has a name twice",
        "refers to what is not there", "has a current context that is not there", "is no kubeconfig"};
    return texts[static_cast<std::size_t>(kind)];
}

std::vector<audit_finding> audit(std::string_view bytes)
{
    const auto text = yaml::to_utf8({bytes.begin(), bytes.end()});
    if (!text) return {{audit_kind::not_a_kubeconfig_file, {}, text.error().reason}};
    const auto document = yaml::document::parse(
        {text->data(), text->size()}, {.bytes = kube::largest_kubeconfig_file, .values = kube::most_values_of_file});
    if (!document) return {{audit_kind::not_a_kubeconfig_file, {}, document.error().reason}};
    const auto& root = document->root();
    if (root.is != yaml::node::kind::mapping)
        return {{audit_kind::not_a_kubeconfig_file, {}, "its top level is not a mapping"}};
    if (const auto kind = root.text_at("kind"); !kind.empty() && kind != "Config")
        return {{audit_kind::not_a_kubeconfig_file, "kind", "is not `Config`"}};
    return inspection(root).take();
}

std::vector<audit_finding> audit(const kubeconfig& config)
{
    if (const auto parsed = kube::kubeconfig_access::parse_and_keep(config))
        return inspection(parsed->document.root()).take();
    return audit(config.bytes());
}

}
