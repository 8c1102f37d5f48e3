#include "peers/peer.hpp"

#include <openssl/x509v3.h>

#include <sys/resource.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <stdexcept>

// Options, meter and report that the programs of all clients share.

namespace peers {

namespace {

[[noreturn]] void misused(const std::string& why)
{
    std::fprintf(stderr,
        "%s\nusage: --server HOST:PORT --ca FILE --path PATH [--token TOKEN] [--connections N] [--requests N] "
        "[--length BYTES]\n",
        why.c_str());
    std::exit(2);
}

std::size_t number(const std::string& text)
{
    char* end = nullptr;
    const auto value = std::strtoull(text.c_str(), &end, 10);
    if (text.empty() || *end != '\0' || value == 0) misused("'" + text + "' is no number of things");
    return value;
}

}

std::string order::cluster_id() const
{
    constexpr std::string_view before = "/clusters/";
    constexpr std::size_t uuid_size = 36;
    const auto at = path.find(before);
    return at == std::string::npos ? std::string() : path.substr(at + before.size(), uuid_size);
}

order read_order(int argc, char** argv)
{
    std::map<std::string, std::string> given;
    for (int i = 1; i < argc; i += 2) {
        if (i + 1 == argc) misused(std::string(argv[i]) + " takes a value");
        given[argv[i]] = argv[i + 1];
    }
    order what;
    for (const auto& [name, value] : given) {
        if (name == "--server") {
            const auto colon = value.rfind(':');
            if (colon == std::string::npos) misused("--server takes HOST:PORT");
            what.host = value.substr(0, colon);
            what.port = static_cast<std::uint16_t>(number(value.substr(colon + 1)));
        } else if (name == "--ca")
            what.ca_file = value;
        else if (name == "--path")
            what.path = value;
        else if (name == "--token")
            what.token = value;
        else if (name == "--connections")
            what.connections = number(value);
        else if (name == "--requests")
            what.requests = number(value);
        else if (name == "--length")
            what.length = number(value);
        else
            misused("there is no option " + name);
    }
    if (what.port == 0 || what.ca_file.empty() || what.path.empty()) misused("--server, --ca and --path are needed");
    return what;
}

std::string request_text(const order& what)
{
    return "GET " + what.path + " HTTP/1.1\r\nHost: " + what.address() +
           "\r\nUser-Agent: bench\r\nAccept-Encoding: identity\r\nAuthorization: Bearer " + what.token + "\r\n\r\n";
}

std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> make_tls(const order& what)
{
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    SSL_CTX_set_min_proto_version(tls.get(), TLS1_2_VERSION);
    SSL_CTX_set_verify(tls.get(), SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_read_ahead(tls.get(), 1);
    if (SSL_CTX_load_verify_file(tls.get(), what.ca_file.c_str()) != 1) throw std::runtime_error("no such CA file");
    return tls;
}

std::unique_ptr<SSL, decltype(&SSL_free)> make_connection(SSL_CTX* from, const order& what)
{
    std::unique_ptr<SSL, decltype(&SSL_free)> ssl(SSL_new(from), &SSL_free);
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl.get()), what.host.c_str());
    SSL_set_connect_state(ssl.get());
    return ssl;
}

meter::meter(const order& what)
    : what_(what)
    , made_at_(std::chrono::steady_clock::now())
{
    latencies_.reserve(what.requests);
}

meter::usage meter::used_so_far()
{
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return {seconds(used.ru_utime), seconds(used.ru_stime)};
}

void meter::begin()
{
    left_ = what_.requests;
    measuring_ = true;
    began_ = used_so_far();
    began_at_ = std::chrono::steady_clock::now();
}

void meter::answered(instant asked, unsigned status, std::size_t length)
{
    if (status != 200 || length != what_.length)
        throw std::runtime_error("status " + std::to_string(status) + ", " + std::to_string(length) + " bytes");
    const auto now = std::chrono::steady_clock::now();
    if (first_us_ == 0) first_us_ = std::chrono::duration<double, std::micro>(now - made_at_).count();
    if (measuring_) latencies_.push_back(static_cast<std::uint32_t>((now - asked).count()));
}

void meter::report(std::string_view client)
{
    const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_at_).count();
    const auto used = used_so_far();
    if (latencies_.size() != what_.requests) throw std::runtime_error("not every request was answered");
    std::sort(latencies_.begin(), latencies_.end());
    const auto count = static_cast<double>(what_.requests);
    const auto at = [&](double quantile) { return latencies_[static_cast<std::size_t>(quantile * (count - 1))] / 1e3; };
    std::printf("{\"client\":\"%.*s\",\"connections\":%zu,\"requests\":%zu,\"user_us\":%.3f,\"sys_us\":%.3f,"
                "\"requests_per_second\":%.0f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"first_us\":%.0f}\n",
        static_cast<int>(client.size()), client.data(), what_.connections, what_.requests,
        (used.user - began_.user) * 1e6 / count, (used.system - began_.system) * 1e6 / count, count / took, at(0.5),
        at(0.99), first_us_);
}

}
