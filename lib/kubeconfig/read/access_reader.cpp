#include "kubeconfig/read/access_reader.hpp"

#include "core/secret_text.hpp"
#include "kubeconfig/read/base64.hpp"
#include "kubeconfig/read/certificate.hpp"
#include "kubeconfig/read/field_reader.hpp"

#include <algorithm>

namespace doks::kube {

namespace {

using core::view;

/// The bytes may come from the network: they must not choose a path that this process reads.
void refuse_files(const field_reader& parent, std::initializer_list<std::string_view> keys)
{
    for (auto key : keys)
        if (const auto file = parent[key]; !file.text().empty())
            file.refuse("refers to a file, which doks does not open");
}

/// To ignore one of these would connect elsewhere, or as someone else, than kubectl would.
void refuse_settings(const field_reader& parent, std::initializer_list<std::string_view> keys)
{
    for (auto key : keys)
        if (const auto setting = parent[key]; setting.present()) setting.refuse("is not supported by doks");
}

/// The entry of a list of named entries; refuses a name that is missing or that two entries have.
field_reader named(const field_reader& list, const field_reader& name)
{
    const std::string wanted = name.required_name();
    std::optional<field_reader> found;
    for (auto& entry : list.items()) {
        if (entry["name"].text() != wanted) continue;
        if (found) entry["name"].refuse("is that of two entries");
        found = std::move(entry);
    }
    if (!found) name.refuse("names no entry of `" + list.path() + '`');
    return *found;
}

/// The label is checked so that a key in the place of a certificate is not sent to a server.
secret_bytes decoded_pem(const field_reader& data, std::string_view label)
{
    if (data.text().empty()) return {};
    auto pem = decode_base64(data.text());
    if (!pem) data.refuse("is not base64");
    if (view(*pem).find(label) == std::string_view::npos) data.refuse("is not a PEM text of the kind it should be");
    return std::move(*pem);
}

std::string server_of(const field_reader& server)
{
    constexpr std::string_view scheme = "https://";
    std::string url = server.required_name();
    const bool usable = url.starts_with(scheme) && url.size() > scheme.size() && url.find(' ') == std::string::npos;
    if (!usable) server.refuse("is not an https:// URL");
    return url;
}

void read_cluster(const field_reader& cluster, cluster_access& to)
{
    refuse_files(cluster, {"certificate-authority"});
    refuse_settings(cluster, {"proxy-url", "tls-server-name"});
    const auto verification = cluster["insecure-skip-tls-verify"];
    if (verification.present() && verification.text() != "false") verification.refuse("switches verification off");
    to.server = server_of(cluster["server"]);
    to.certificate_authority = view(decoded_pem(cluster["certificate-authority-data"], "-----BEGIN CERTIFICATE-----"));
}

/// A token goes into a header: printable ASCII, no spaces.
secret token_of(const field_reader& token)
{
    const auto text = token.text();
    const bool sendable = std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
    if (!sendable) token.refuse("holds characters that cannot be sent");
    return secret(text);
}

exec_entry exec_of(const field_reader& exec)
{
    exec_entry entry;
    entry.api_version = exec["apiVersion"].required_name();
    entry.command = exec["command"].required_name();
    for (const auto& argument : exec["args"].items()) entry.arguments.push_back(argument.name());
    for (const auto& variable : exec["env"].items())
        entry.environment.emplace_back(variable["name"].required_name(), variable["value"].name());
    return entry;
}

/// Both parts or neither: a certificate without its key cannot authenticate.
void read_certificate(const field_reader& user, reading& to)
{
    const auto certificate = user["client-certificate-data"];
    const auto key = user["client-key-data"];
    if (certificate.text().empty() && key.text().empty()) return;
    if (certificate.text().empty()) certificate.refuse("is missing");
    if (key.text().empty()) key.refuse("is missing");
    to.current.client_certificate = view(decoded_pem(certificate, "-----BEGIN CERTIFICATE-----"));
    to.current.client_key = secret(view(decoded_pem(key, "PRIVATE KEY-----")));
    to.certificate_expires = not_after(to.current.client_certificate);
    if (!to.certificate_expires) certificate.refuse("is not a certificate");
}

void read_user(const field_reader& user, reading& to)
{
    if (!user.present()) user.refuse("is missing");
    refuse_files(user, {"client-certificate", "client-key", "tokenFile"});
    refuse_settings(user, {"auth-provider", "username", "password", "as", "as-uid", "as-groups", "as-user-extra"});
    to.current.token = token_of(user["token"]);
    read_certificate(user, to);
    if (const auto exec = user["exec"]; exec.present()) to.current.exec = exec_of(exec);
    if (!to.current.token.empty())
        to.kind = credential_kind::token;
    else if (!to.current.client_key.empty())
        to.kind = credential_kind::certificate;
    else if (to.current.exec)
        to.kind = credential_kind::exec;
    else
        user.refuse("holds no credential");
}

/// In the order in which kubectl resolves the names, so that the first thing that is wrong is named.
reading read_document(const yaml::document& document, current_entries& entries)
{
    reading found;
    if (document.root().is_null()) throw parse_error{"it is empty"};
    if (document.root().is != yaml::node::kind::mapping) throw parse_error{"its top level is not a mapping"};
    const field_reader root(&document.root(), "");
    const auto kind = root["kind"];
    if (kind.text() != "Config") kind.refuse("is not `Config`");
    const auto current = root["current-context"];
    found.current.context = current.required_name();
    const auto context = named(root["contexts"], current)["context"];
    if (!context.present()) context.refuse("is missing");
    const auto cluster = named(root["clusters"], context["cluster"])["cluster"];
    read_cluster(cluster, found.current);
    const auto user = named(root["users"], context["user"])["user"];
    read_user(user, found);
    entries = {context.node(), cluster.node(), user.node()};
    return found;
}

}

boost::system::result<parsed_kubeconfig, parse_error> parse_kubeconfig(std::string_view bytes)
{
    auto document = yaml::document::parse(bytes);
    if (!document) return document.error();
    parsed_kubeconfig parsed{std::move(*document)};
    try {
        parsed.read = read_document(parsed.document, parsed.entries);
    } catch (const parse_error& error) {
        return error;
    }
    return parsed;
}

}
