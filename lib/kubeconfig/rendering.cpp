#include "kubeconfig/rendering.hpp"

#include "kubeconfig/access_reader.hpp"
#include "kubeconfig/base64.hpp"
#include "kubeconfig/screen.hpp"
#include "kubeconfig/yaml_scalar.hpp"

#include <doks/render.hpp>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string>

namespace doks::kube {

namespace {

std::string_view view(const secret_bytes& bytes) { return {bytes.data(), bytes.size()}; }

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
        put_text(text_, value);
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

std::string context_name(const cluster& of)
{
    std::string name = "do-";
    if (is_showable(of.region)) name.append(of.region).append("-");
    return name.append(is_showable(of.name) ? of.name : of.id);
}

secret_bytes text_of(const credentials& from, const cluster& of)
{
    const auto name = context_name(of);
    const auto user = name + "-admin";
    writer to;
    to.line({"apiVersion: v1"}).line({"clusters:"}).line({"- cluster:"});
    if (!from.certificate_authority.empty()) to.base64("    certificate-authority-data: ", from.certificate_authority);
    to.scalar("    server: ", from.server).scalar("  name: ", name);
    to.line({"contexts:"}).line({"- context:"});
    to.scalar("    cluster: ", name).scalar("    user: ", user).scalar("  name: ", name);
    to.scalar("current-context: ", name).line({"kind: Config"}).line({"preferences: {}"});
    to.line({"users:"}).scalar("- name: ", user).line({"  user:"});
    if (!from.client_certificate.empty()) to.base64("    client-certificate-data: ", from.client_certificate);
    if (!from.client_key.empty()) to.base64("    client-key-data: ", from.client_key.reveal());
    if (!from.token.empty()) to.scalar("    token: ", from.token.reveal());
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

}

boost::system::result<secret_bytes, refusal> render_text(const credentials& from, const cluster& of)
{
    if (const char* fault = why_not_rendered(from, of)) return refusal{fault};
    auto text = text_of(from, of);
    if (auto found = read_access(view(text)); !found) return std::move(found.error());
    return text;
}

}

namespace doks {

kubeconfig render(const credentials& from, const cluster& of)
{
    auto text = kube::render_text(from, of);
    provenance source;
    source.cluster_id = of.id;
    source.expires_at = from.expires_at;
    source.expires_exactly = true;
    source.info = from.info;
    if (text) return kubeconfig(std::move(*text), std::move(source));
    failure_record record;
    record.code = errc::not_a_kubeconfig;
    record.operation = "rendering a kubeconfig";
    record.info = std::move(source.info);
    record.detail = std::move(text.error().reason);
    throw failure(std::move(record));
}

}
