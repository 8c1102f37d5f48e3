// A hand-written loop over Beast at its leanest: the concrete executor, no timeouts.

#include "peers/beast_line.hpp"

int main(int argc, char** argv)
{
    using socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;
    return peers::run_beast<socket>(argc, argv, "beast");
}
