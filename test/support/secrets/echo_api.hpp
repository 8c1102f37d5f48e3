#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

namespace doks::test {

/** An intermediary in the API's place, over plain HTTP on loopback, that puts the credentials of a request into everything it
    says: the reason phrase, header fields, JSON, HTML, names in lists, other clusters' kubeconfigs; in encodings, at random
    positions, cut off, chunked, truncated.

    Shape: what it answers follows from the seed and the order of requests. A CONNECT is answered like any other request.
*/
class echo_api
{
public:
    explicit echo_api(std::uint64_t seed);
    ~echo_api();
    echo_api(const echo_api&) = delete;
    echo_api& operator=(const echo_api&) = delete;

    /// `http://127.0.0.1:PORT`
    std::string url() const;
    std::uint16_t port() const noexcept { return port_; }
    std::size_t answered() const noexcept { return answered_; }

    /// Requests whose path ends with this are answered without an echo, but for their X-Request-Id; empty: none.
    std::atomic<const char*> honest_about{""};

    static constexpr const char* cluster_id = "5b7ad5c5-f5a4-4ae2-a1d4-d9ff1f1f5a10";

private:
    void serve();
    void answer(int connection, std::string_view request);

    int listener_ = -1;
    std::uint16_t port_ = 0;
    std::uint64_t seed_;
    std::atomic<bool> stopped_{false};
    std::atomic<std::size_t> answered_{0};
    std::thread thread_;
};

}
