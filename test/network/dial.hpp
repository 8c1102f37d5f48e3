#pragma once

#include "net/dial/dialer.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace doks::test {

/// How an attempt to connect ended, and when.
struct dialled_line
{
    std::unique_ptr<net::wire> line;
    boost::system::error_code failed;
    std::chrono::steady_clock::time_point end;
};

/// Connects as the library does, and runs the context until it has ended.
inline dialled_line dial(boost::asio::io_context& context, const std::string& host, std::uint16_t port)
{
    struct listener final : net::dial_listener
    {
        void dial_enters(core::phase) override {}
        void dial_ended(ended how) override
        {
            result = {std::move(how.wire), how.failed, std::chrono::steady_clock::now()};
        }
        dialled_line result;
    };
    const auto who = std::make_shared<listener>();
    const async::inner_executor on{boost::asio::any_io_executor(context.get_executor())};
    const auto attempt = net::tcp_dialer(async::system_clock())->dial({host, port}, async::executor(on), who);
    context.restart();
    context.run();
    return std::move(who->result);
}

}
