#pragma once

#include "support/certificates/test_authority.hpp"

#include <doks/client_config.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace doks::test {

/** A server of one thread with real sockets and OpenSSL, whose connections end as the test says.

    Shape: it answers the kubeconfig that is asked for. Its sockets are close-on-exec.
*/
class tls_server
{
public:
    enum class ending
    {
        goodbye, ///< close_notify, then FIN
        finish,  ///< FIN alone
        reset    ///< RST
    };

    /// `resets_after`: each connection is reset behind so many responses; 0: never.
    explicit tls_server(unsigned resets_after = 0);
    tls_server(const tls_server&) = delete;
    tls_server& operator=(const tls_server&) = delete;
    ~tls_server();

    /// What a client needs to reach it: without a rate limit of its own.
    client_config config() const;
    const std::string& ca_file() const noexcept { return authority_.ca_file(); }
    std::string url() const { return "https://127.0.0.1:" + std::to_string(port_); }

    /// Ends every connection that is open; has happened when it returns.
    void end_all(ending how);
    /// On every connection: another TLS 1.3 ticket and a KeyUpdate, that asks for one in return every other time.
    void fidget();

    std::size_t accepted() const noexcept { return accepted_; }
    std::size_t requests() const noexcept { return requests_; }
    std::size_t resets() const noexcept { return resets_; }

private:
    struct peer;

    void command(std::function<void()> what);
    void serve();
    void obey();
    void accept_all();
    void work(int fd);
    void answer(peer& with);
    void end(int fd, ending how);

    test_authority authority_{"127.0.0.1"};
    unsigned resets_after_;
    std::uint16_t port_ = 0;
    int listener_ = -1;
    int wake_ = -1;
    int poll_ = -1;
    std::atomic<bool> stopping_ = false;
    std::atomic<std::size_t> accepted_ = 0;
    std::atomic<std::size_t> requests_ = 0;
    std::atomic<std::size_t> resets_ = 0;
    bool asks_back_ = false;
    std::map<int, std::unique_ptr<peer>> peers_;
    std::mutex guard_;
    std::vector<std::function<void()>> commands_;
    std::thread thread_;
};

}
