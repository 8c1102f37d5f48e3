#include "support/secrets/echo_api.hpp"

#include "support/secrets/encoders.hpp"

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <random>
#include <system_error>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

// An API that echoes each request in its response; see echo_api.hpp.

namespace doks::test {

namespace {

constexpr unsigned statuses[] = {
    301, 302, 307, 400, 401, 403, 404, 404, 408, 409, 410, 418, 421, 422, 429, 500, 502, 503, 504, 520, 524};

/// The value of the credentials' field, whichever of the two it is.
std::string credentials_in(std::string_view request)
{
    const auto at = request.find("uthorization: ");
    if (at == std::string_view::npos) return "none";
    const auto value = request.substr(at + 14);
    return std::string(value.substr(0, value.find("\r\n")));
}

/// A text in quotes, with the escapes of JSON.
std::string json_text(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

/// What one response says.
class echo
{
public:
    echo(std::mt19937_64& random, std::string_view request)
        : random_(random)
        , credentials_(credentials_in(request))
        , target_(request.substr(0, request.find(" HTTP/")))
    {
        target_.erase(0, target_.find(' ') + 1);
    }

    std::string whole()
    {
        const unsigned status = below(random_, 2) ? 200 : statuses[below(random_, std::size(statuses))];
        return head(status, says()) + framed(status == 200 ? result() : error());
    }

    std::string honest()
    {
        const std::string id = echo_api::cluster_id;
        const auto listed = R"({"id":")" + id + R"(","name":"one","region":"nyc1","status":{"state":"running"}})";
        const auto is = [this](std::string_view part) { return target_.find(part) != std::string::npos; };
        const auto body = is("/kubeconfig")  ? kubeconfig(id, "one")
                          : is("/clusters/") ? R"({"kubernetes_cluster":)" + listed + "}"
                                             : R"({"kubernetes_clusters":[)" + listed + R"(],"meta":{"total":1}})";
        return head(200, "OK") + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }

private:
    /// The credentials, or a part of them, in some form among other words, or by themselves.
    std::string says()
    {
        const auto space = credentials_.find(' ') + 1;
        std::string said = below(random_, 2) ? credentials_ : credentials_.substr(space);
        if (below(random_, 4) == 0) said = "Authorization: " + credentials_;
        if (below(random_, 4) == 0) {
            const auto from = below(random_, said.size());
            said = said.substr(from, 12 + below(random_, 60));
        }
        for (auto layers = below(random_, 3); layers != 0; --layers) {
            const auto encode = encoders()[below(random_, encoders().size() - 1)];
            said = encode(random_text(random_, "abc", below(random_, 4)) + said);
        }
        if (below(random_, 3) == 0) return said;
        said = random_noise(random_, below(random_, 3)) + said + ' ' + random_noise(random_, below(random_, 3));
        return below(random_, 4) ? said : random_text(random_, "abcdefgh ", below(random_, 220)) + said;
    }

    std::string token() const { return credentials_.substr(credentials_.find(' ') + 1); }
    /// Fit for a name or an id.
    std::string names() { return below(random_, 3) ? says() : token(); }

    std::string head(unsigned status, const std::string& reason)
    {
        std::string text = "HTTP/1.1 " + std::to_string(status) + ' ' + reason + "\r\nConnection: close\r\n";
        for (const char* name : {"X-Request-Id", "Location", "Server", "Via", "Set-Cookie", "WWW-Authenticate",
                 "RateLimit-Remaining", "Retry-After", "Content-Type", "Date"})
            if (below(random_, 3) != 0) text.append(name).append(": ").append(says()).append("\r\n");
        return text;
    }

    std::string framed(const std::string& body)
    {
        const auto kind = below(random_, 6);
        if (kind == 0) return "\r\n" + body; // ends with the connection
        if (kind < 3) {
            std::string chunks = "Transfer-Encoding: chunked\r\n\r\n";
            for (std::size_t at = 0; at < body.size();) {
                const auto piece = body.substr(at, 1 + below(random_, 40));
                chunks += each_as("%x", std::string(1, static_cast<char>(piece.size()))) + "\r\n" + piece + "\r\n";
                at += piece.size();
            }
            return kind == 1 ? chunks + "0\r\n\r\n" : chunks + "0\r\nX-Request-Id: " + says() + "\r\n\r\n";
        }
        const auto cut = kind == 3 ? below(random_, body.size() + 1) : body.size();
        return "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body.substr(0, cut);
    }

    std::string error()
    {
        switch (below(random_, 4)) {
        case 0:
            return "<html><head><title>" + says() + "</title></head><body>" + says() + "</body></html>";
        case 1:
            return says();
        default:
            return R"({"id":)" + json_text(says()) + R"(,"message":)" + json_text(says()) + R"(,"request_id":)" +
                   json_text(says()) + "}";
        }
    }

    std::string cluster(const std::string& id)
    {
        return R"({"id":)" + json_text(id) + R"(,"name":)" + json_text(names()) + R"(,"region":)" + json_text(names()) +
               R"(,"version":)" + json_text(says()) + R"(,"endpoint":)" + json_text("https://" + says()) +
               R"(,"status":{"state":)" + json_text(below(random_, 2) ? "error" : says()) + R"(,"message":)" +
               json_text(says()) + R"(},"tags":[)" + json_text(says()) + R"(],"created_at":)" + json_text(says()) + "}";
    }

    static std::string kubeconfig(
        const std::string& id, const std::string& name, const std::string& issued = "0123456789abcdef")
    {
        return "apiVersion: v1\nkind: Config\nclusters:\n- name: " + name + "\n  cluster:\n    server: https://" + id +
               ".k8s.ondigitalocean.com\n    certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==\n"
               "contexts:\n- name: " +
               name + "\n  context:\n    cluster: " + name + "\n    user: u\ncurrent-context: " + name +
               "\nusers:\n- name: u\n  user:\n    token: " + issued + "\n";
    }

    /// One with the whole token somewhere.
    std::string kubeconfig()
    {
        const auto encode = encoders()[below(random_, 4)]; // base64 and percent encoding
        const auto said = below(random_, 2) ? token() : encode("Bearer " + token());
        const std::string id = echo_api::cluster_id;
        switch (below(random_, 4)) {
        case 0:
            return kubeconfig(id, said);
        case 1:
            return kubeconfig(id, "one", said);
        case 2:
            return kubeconfig(id, "one") + "# x-echo: " + said + '\n';
        default:
            return kubeconfig(names(), token());
        }
    }

    /// A 200: what was asked for, with an echo in it, or something else.
    std::string result()
    {
        const std::string id = below(random_, 4) ? echo_api::cluster_id : names();
        if (below(random_, 4) == 0) return error();
        if (target_.find("/kubeconfig") != std::string::npos)
            return below(random_, 4) ? kubeconfig() : "apiVersion: v1\nkind: " + names() + "\nclusters: []\n";
        if (target_.find("/user") != std::string::npos)
            return R"({"kubernetes_cluster_user":{"username":)" + json_text(says()) + R"(,"groups":[)" +
                   json_text(says()) + "]}}";
        if (target_.find("/credentials") != std::string::npos)
            return R"({"server":)" + json_text("https://" + names() + ".k8s.ondigitalocean.com") +
                   R"(,"token":"0123456789abcdef","expires_at":)" +
                   json_text(below(random_, 2) ? "2099-01-01T00:00:00Z" : says()) + "}";
        if (target_.find("/clusters/") != std::string::npos) return R"({"kubernetes_cluster":)" + cluster(id) + "}";
        return R"({"kubernetes_clusters":[)" + cluster(id) + ',' + cluster("b0b3e29c-3e4d-4f2a-8a5f-0c9d1d0f6a11") +
               R"(],"meta":{"total":)" + (below(random_, 4) ? "2" : "3") + R"(},"links":{"pages":{}}})";
    }

    std::mt19937_64& random_;
    std::string credentials_;
    std::string target_;
};

void send_all(int connection, std::string_view bytes)
{
    while (!bytes.empty()) {
        const auto sent = ::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

}

echo_api::echo_api(std::uint64_t seed)
    : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
    , seed_(seed)
{
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&at), size) != 0 || ::listen(listener_, SOMAXCONN) != 0)
        throw std::system_error(errno, std::generic_category(), "echo_api");
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    thread_ = std::thread([this] { serve(); });
}

echo_api::~echo_api()
{
    stopped_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
}

std::string echo_api::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

/// One request a connection; one that sends none is closed after a moment.
void echo_api::serve()
{
    while (!stopped_) {
        const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) continue;
        const timeval patience{0, 50'000};
        ::setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        std::string request;
        char piece[4096];
        while (request.find("\r\n\r\n") == std::string::npos) {
            const auto got = ::recv(connection, piece, sizeof piece, 0);
            if (got <= 0) break;
            request.append(piece, static_cast<std::size_t>(got));
        }
        if (request.find("\r\n\r\n") != std::string::npos) answer(connection, request);
        ::close(connection);
    }
}

void echo_api::answer(int connection, std::string_view request)
{
    std::mt19937_64 random(seed_ + ++answered_);
    echo one(random, request);
    const std::string_view honest = honest_about.load();
    const auto target = request.substr(0, request.find(" HTTP/"));
    const bool as_it_is = !honest.empty() && (honest == "*" || target.find(honest) != std::string_view::npos);
    send_all(connection, as_it_is ? one.honest() : one.whole());
}

}
