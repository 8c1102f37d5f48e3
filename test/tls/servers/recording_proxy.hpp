#pragma once

#include <chrono>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace doks::test {

/// How a proxy meets CONNECT.
struct proxy_script
{
    std::string answer = "HTTP/1.1 200 Connection established\r\n\r\n";
    bool tunnels = true;                  ///< else it ends behind its response
    bool silent = false;                  ///< it keeps the connection and says nothing more
    std::chrono::milliseconds between{0}; ///< two bytes of the response; zero: all at once
};

/** An HTTP proxy on 127.0.0.1 that records every byte of its clients. */
class recording_proxy
{
public:
    explicit recording_proxy(proxy_script how = {});
    ~recording_proxy();
    recording_proxy(const recording_proxy&) = delete;
    recording_proxy& operator=(const recording_proxy&) = delete;

    std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }
    void become(proxy_script how);
    /// What each connection sent, up to and with the empty line, and behind it.
    struct seen
    {
        std::string head, rest;
    };
    std::vector<seen> connections() const;
    /// Ends every connection; the record is empty then.
    void forget();

private:
    struct served
    {
        int socket = -1;
        int onward = -1;
        proxy_script how;
        seen record;
        std::thread worker;
    };
    void accept_all();
    void serve(served& one);
    bool answer(served& one);
    void relay(served& one);

    int listener_;
    std::uint16_t port_ = 0;
    mutable std::mutex guard_;
    proxy_script how_;
    std::list<served> served_;
    std::thread acceptor_;
};

}
