#include "kubeconfig/read/rendering.hpp"

#include "core/secret_text.hpp"
#include "kubeconfig/read/access_reader.hpp"
#include "kubeconfig/read/base64.hpp"
#include "kubeconfig/read/text_precheck.hpp"
#include "yaml/scalar.hpp"

#include <doks/render.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

namespace doks::kube {

namespace {

using core::view;

/// Writes the lines; into memory that is wiped.
class writer
{
public:
    writer& line(std::initializer_list<std::string_view> parts)
    {
        for (const auto part : parts) put(part);
        text_.push_back('\n');
        return *this;
    }
    writer& scalar(std::string_view key, std::string_view value)
    {
        put(key);
        yaml::put_text(text_, value);
        text_.push_back('\n');
        return *this;
    }
    writer& base64(std::string_view key, std::string_view value)
    {
        const auto encoded = encode_base64(value);
        return line({key, view(encoded)});
    }
    secret_bytes take() { return std::move(text_); }

private:
    void put(std::string_view part) { text_.insert(text_.end(), part.begin(), part.end()); }

    secret_bytes text_;
};

/// A byte order mark and the two noncharacters of the first plane: kubectl takes no text that holds one.
bool is_showable(std::string_view name)
{
    constexpr std::array<std::string_view, 3> refused{"\xEF\xBB\xBF", "\xEF\xBF\xBE", "\xEF\xBF\xBF"};
    const auto holds = [&](std::string_view each) { return name.find(each) != name.npos; };
    return !name.empty() && is_printable(name) && std::none_of(refused.begin(), refused.end(), holds);
}

/// The API's own rule, so that a rendered kubeconfig renews the entry of a fetched one.
std::string context_name(const cluster& of)
{
    std::string name = "do-";
    if (is_showable(of.region)) name.append(of.region).append("-");
    return name.append(is_showable(of.name) ? of.name : of.id);
}

/// One context, cluster and user, up to what the user's credential is.
writer begin_text(const std::string& name, std::string_view server, std::string_view certificate_authority)
{
    const auto user = name + "-admin";
    writer to;
    to.line({"apiVersion: v1"}).line({"clusters:"}).line({"- cluster:"});
    if (!certificate_authority.empty()) to.base64("    certificate-authority-data: ", certificate_authority);
    to.scalar("    server: ", server).scalar("  name: ", name);
    to.line({"contexts:"}).line({"- context:"});
    to.scalar("    cluster: ", name).scalar("    user: ", user).scalar("  name: ", name);
    to.scalar("current-context: ", name).line({"kind: Config"}).line({"preferences: {}"});
    to.line({"users:"}).scalar("- name: ", user).line({"  user:"});
    return to;
}

secret_bytes text_of(const credentials& from, const cluster& of)
{
    auto to = begin_text(context_name(of), from.server, from.certificate_authority);
    if (!from.client_certificate.empty()) to.base64("    client-certificate-data: ", from.client_certificate);
    if (!from.client_key.empty()) to.base64("    client-key-data: ", from.client_key.reveal());
    if (!from.token.empty()) to.scalar("    token: ", from.token.reveal());
    return to.take();
}

secret_bytes text_of(const cluster_access& of, const exec_entry& plugin)
{
    auto to = begin_text(of.context, of.server, of.certificate_authority);
    to.line({"    exec:"}).scalar("      apiVersion: ", plugin.api_version);
    to.line({plugin.arguments.empty() ? "      args: null" : "      args:"});
    for (const auto& each : plugin.arguments) to.scalar("      - ", each);
    to.scalar("      command: ", plugin.command);
    to.line({plugin.environment.empty() ? "      env: null" : "      env:"});
    for (const auto& [name, value] : plugin.environment)
        to.scalar("      - name: ", name).scalar("        value: ", value);
    to.line({"      interactiveMode: Never"}).line({"      provideClusterInfo: false"});
    return to.take();
}

bool is_sendable(char c) { return c > ' ' && c < '\x7f'; }

/// What would be read back as something else, or not at all.
const char* why_not_rendered(const credentials& from, const cluster& of)
{
    if (!is_showable(of.name) && !is_showable(of.id)) return "the cluster has neither a name nor an id";
    if (!is_printable(from.server)) return "the server's URL holds control characters";
    const auto token = from.token.reveal();
    if (!std::all_of(token.begin(), token.end(), is_sendable)) return "the token holds characters that cannot be sent";
    if (token.empty() && from.client_certificate.empty()) return "there is neither a token nor a client certificate";
    return nullptr;
}

/// Control characters would be escaped and come back as they are, but no program is called by such words.
const char* why_not_rendered(const exec_entry& plugin)
{
    if (plugin.api_version.empty()) return "the plugin has no apiVersion";
    if (plugin.command.empty()) return "the plugin names no program";
    if (!is_printable(plugin.command)) return "the plugin's program holds control characters";
    if (!std::all_of(plugin.arguments.begin(), plugin.arguments.end(), is_printable))
        return "one of the plugin's arguments holds control characters";
    const auto printable_pair = [](const auto& each) { return is_printable(each.first) && is_printable(each.second); };
    if (!std::all_of(plugin.environment.begin(), plugin.environment.end(), printable_pair))
        return "the plugin's environment holds control characters";
    return nullptr;
}

/// What is handed out can be read.
boost::system::result<secret_bytes, parse_error> read_back(secret_bytes text)
{
    if (auto found = parse_kubeconfig(view(text)); !found) return found.error();
    return text;
}

}

boost::system::result<secret_bytes, parse_error> render_text(const credentials& from, const cluster& of)
{
    if (const char* fault = why_not_rendered(from, of)) return parse_error{fault};
    return read_back(text_of(from, of));
}

boost::system::result<secret_bytes, parse_error> render_text(const cluster_access& of, const exec_entry& plugin)
{
    if (const char* fault = why_not_rendered(plugin)) return parse_error{fault};
    return read_back(text_of(of, plugin));
}

}

namespace doks {

namespace {

kubeconfig rendered(boost::system::result<secret_bytes, kube::parse_error> text, kubeconfig_metadata source)
{
    if (text) return kubeconfig(std::move(*text), std::move(source));
    failure_record record;
    record.code = errc::not_a_kubeconfig;
    record.operation = "rendering a kubeconfig";
    record.info = std::move(source.info);
    record.detail = std::move(text.error().reason);
    throw failure(std::move(record));
}

}

kubeconfig render(const credentials& from, const cluster& of)
{
    kubeconfig_metadata source;
    source.cluster_id = of.id;
    source.expires_at = from.expires_at;
    source.expires_exactly = true;
    source.info = from.info;
    return rendered(kube::render_text(from, of), std::move(source));
}

kubeconfig render(const kubeconfig& of, const exec_entry& plugin)
{
    kubeconfig_metadata source;
    source.cluster_id = of.cluster_id();
    source.info = of.info();
    return rendered(kube::render_text(of.current(), plugin), std::move(source));
}

}
