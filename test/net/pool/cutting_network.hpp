#pragma once

#include "net/dial/dialer.hpp"

#include <cstddef>
#include <limits>
#include <memory>

namespace doks::test {

/// How a cut connection goes on.
enum class cut
{
    fin,   ///< the bytes end, and nothing says that they are all
    reset, ///< the connection breaks
    silent ///< nothing more comes
};

/** A network that cuts what another one carries at an exact byte of the wire, in either direction.

    Shape: the cut is made in the connection dialled last, from its present byte on.
*/
class cutting_network final : public net::dialer
{
public:
    explicit cutting_network(std::shared_ptr<net::dialer> below)
        : below_(std::move(below))
        , last_(std::make_shared<scissors>())
    {}

    /// The client receives so many bytes more.
    void after_received(std::size_t bytes, cut how)
    {
        last_->receives = bytes;
        last_->how = how;
    }
    /// So many bytes more of the client are carried; then the connection breaks.
    void after_sent(std::size_t bytes) { last_->sends = bytes; }
    /// The same for the connection that is dialled next, from its first byte on.
    void after_sent_next(std::size_t bytes) { next_sends_ = bytes; }

    /// What the connection dialled last has carried.
    std::size_t received() const noexcept { return last_->received; }
    std::size_t sent() const noexcept { return last_->sent; }

    std::shared_ptr<net::dialling> dial(
        const net::endpoint& where, async::executor on, std::shared_ptr<net::dial_listener> who) override;

private:
    static constexpr std::size_t whole = (std::numeric_limits<std::size_t>::max)();
    struct scissors
    {
        std::size_t receives = whole;
        std::size_t sends = whole;
        cut how = cut::fin;
        std::size_t received = 0;
        std::size_t sent = 0;
    };
    class cut_wire;
    class cut_dial;

    std::shared_ptr<net::dialer> below_;
    std::shared_ptr<scissors> last_;
    std::size_t next_sends_ = whole;
};

}
