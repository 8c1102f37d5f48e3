#include "network/servers/nginx.hpp"

#include "support/scratch.hpp"
#include "support/virtual_world.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <unistd.h>

#include <openssl/pem.h>

// Configures, starts and reloads an nginx of the test's own.

namespace doks::test {

namespace {

/// Certificate and key of a context as files.
void write_pems(SSL_CTX* from, const std::string& certificate, const std::string& key)
{
    FILE* out = std::fopen(certificate.c_str(), "w");
    PEM_write_X509(out, SSL_CTX_get0_certificate(from));
    std::fclose(out);
    out = std::fopen(key.c_str(), "w");
    PEM_write_PrivateKey(out, SSL_CTX_get0_privatekey(from), nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
}

/// A filter that rewrites does not know the length before the end.
constexpr const char* chunking = "sub_filter_types application/yaml; sub_filter minted minted-by-nginx;";

}

nginx::nginx(const habits& how)
{
    write_pems(authority_.context(), folder_ / "certificate.pem", folder_ / "key.pem");
    write_configuration(how);
    server_ = std::make_unique<process>(std::vector<std::string>{program("nginx"), "-p", folder_ / "", "-c",
                                            folder_ / "nginx.conf", "-e", folder_ / "log"},
        folder_ / "log");
    if (!wait_for_listener(port_, *server_)) throw std::runtime_error("nginx: " + content(folder_ / "log"));
}

void nginx::write_configuration(const habits& how) const
{
    std::string text = ::geteuid() == 0 ? "user root;\n" : "";
    text += "daemon off;\nworker_processes 1;\npid " + (folder_ / "pid") + ";\nerror_log " + (folder_ / "log") +
            " notice;\nevents { worker_connections 4096; }\nhttp {\n  access_log off;\n";
    for (const char* each : {"client_body", "proxy", "fastcgi", "uwsgi", "scgi"})
        text += std::string("  ") + each + "_temp_path " + (folder_ / each) + ";\n";
    text += "  server {\n    listen 127.0.0.1:" + std::to_string(port_) + " ssl backlog=4096;\n    ssl_certificate " +
            (folder_ / "certificate.pem") + ";\n    ssl_certificate_key " + (folder_ / "key.pem") +
            ";\n    keepalive_timeout " + how.idle_limit + ";\n    keepalive_requests " + std::to_string(how.requests) +
            ";\n    location ~ \"^/v2/kubernetes/clusters/([0-9a-f-]+)/kubeconfig$\" {\n      default_type "
            "application/yaml;\n" +
            (how.chunked ? chunking : "") + "      return 200 \"" + kubeconfig_text("$1") + "\";\n    }\n  }\n}\n";
    write_file(folder_ / "nginx.conf", text);
}

client_config nginx::config() const
{
    client_config made;
    made.api_url = "https://127.0.0.1:" + std::to_string(port_);
    made.tls.ca_file = authority_.ca_file();
    made.token = token("a-token-of-the-test");
    made.rate_limit.clear();
    return made;
}

/// One after the other: signals that wait become one.
void nginx::reload()
{
    reloads();
    server_->send(SIGHUP);
    ++asked_;
}

std::size_t nginx::reloads() const
{
    std::size_t count = 0;
    for (const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);;) {
        const std::string log = content(folder_ / "log");
        const std::string_view mark = ", reconfiguring";
        count = 0;
        for (auto at = log.find(mark); at != std::string::npos; at = log.find(mark, at + 1)) ++count;
        if (count >= asked_ || std::chrono::steady_clock::now() > give_up) return count;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

std::string nginx::answer() const
{
    namespace asio = boost::asio;
    asio::io_context context;
    asio::ssl::context tls(asio::ssl::context::tls_client);
    asio::ssl::stream<asio::ip::tcp::socket> line(context, tls);
    line.next_layer().connect({asio::ip::address_v4::loopback(), port_});
    line.handshake(asio::ssl::stream_base::client);
    const std::string request = "GET /v2/kubernetes/clusters/11111111-2222-4333-8444-555555555555/kubeconfig "
                                "HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    asio::write(line, asio::buffer(request));
    std::string got;
    boost::system::error_code end;
    asio::read(line, asio::dynamic_buffer(got), end);
    return got;
}

}
