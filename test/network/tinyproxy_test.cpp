#include "network/fault_loop.hpp"
#include "network/servers/relay.hpp"
#include "support/scratch.hpp"
#include "support/text.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <stdexcept>

// A client through the real tinyproxy, and a relay that records what the proxy was told.

using namespace std::chrono_literals;
using namespace doks;
using namespace doks::test;

namespace {

std::string lower(std::string text)
{
    std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

/// Tinyproxy on loopback, with a relay in front of it that listens to what it is told.
struct listened_proxy
{
    explicit listened_proxy(const std::string& credentials)
    {
        write_file(folder / "conf", "Port " + std::to_string(port) +
                                        "\nListen 127.0.0.1\nTimeout 600\nMaxClients 500\nAllow 127.0.0.1\nLogFile \"" +
                                        (folder / "log") + "\"\nLogLevel Info\n" +
                                        (credentials.empty() ? "" : "BasicAuth " + credentials + "\n"));
        server.emplace(std::vector<std::string>{program("tinyproxy"), "-d", "-c", folder / "conf"}, folder / "out");
        if (!wait_for_listener(port, *server)) throw std::runtime_error("tinyproxy: " + content(folder / "out"));
        ear.emplace(port);
    }

    client_config config(const nginx& api, const std::string& credentials) const
    {
        auto made = api.config();
        made.proxy.url = "http://" + credentials + "127.0.0.1:" + std::to_string(ear->port());
        return made;
    }

    temporary_folder folder;
    std::uint16_t port = free_port();
    std::optional<process> server;
    std::optional<relay> ear;
};

bool there_are_servers()
{
    if (nginx::is_installed() && !program("tinyproxy").empty()) return true;
    MESSAGE("skipped: there is no nginx here, or no tinyproxy");
    return false;
}

/// What the proxy was told in the clear: that nothing of it is the API's own.
void check_what_was_heard(const std::string& heard, std::uint64_t connections, bool with_credentials)
{
    const auto clear = lower(heard);
    const auto own = count_of(clear, "\r\nauthorization");
    MESSAGE(heard.size(), " bytes heard: ", count_of(heard, "CONNECT 127.0.0.1:"), " CONNECTs, ",
        count_of(heard, "a-token-of-the-test"), " tokens, ", own, " Authorization headers, ",
        count_of(clear, "\r\nproxy-authorization: basic "), " Proxy-Authorization");
    CHECK(count_of(heard, "CONNECT 127.0.0.1:") >= connections);
    CHECK(count_of(heard, "a-token-of-the-test") == 0);
    CHECK(own == 0);
    CHECK(count_of(clear, "authorization: bearer") == 0);
    CHECK((count_of(clear, "proxy-authorization") != 0) == with_credentials);
}

}

TEST_CASE("through a proxy nothing is felt either, and the proxy never hears the token")
{
    if (!there_are_servers()) return;
    for (const bool with_credentials : {false, true}) {
        CAPTURE(with_credentials);
        nginx api(fickle());
        listened_proxy proxy(with_credentials ? "user s3same" : "");
        boost::asio::io_context context;
        const client client(context.get_executor(), proxy.config(api, with_credentials ? "user:s3same@" : ""));
        load calls(client, 64);
        if (with_credentials)
            calls.run(context, sized(1'000, 10'000));
        else
            run_fault_loop(calls, context, api, sized(10'000, 100'000));
        const auto seen = client.connections();
        MESSAGE(calls.text(), "; ", seen.opened, " connections opened, ", seen.failed, " could not be");
        check_that_nothing_was_felt(calls);
        check_what_was_heard(proxy.ear->heard(), seen.opened, with_credentials);
    }
}

TEST_CASE("wrong credentials for the proxy end a call at once, and the failure says so")
{
    if (!there_are_servers()) return;
    nginx api(fickle());
    listened_proxy proxy("user s3same");
    // Tinyproxy's own: 401 where there are some, but wrong ones.
    for (const auto& [credentials, status] : {std::pair("", "407"), std::pair("user:guessed@", "401")}) {
        CAPTURE(credentials);
        boost::asio::io_context context;
        const client client(context.get_executor(), proxy.config(api, credentials));
        std::optional<failure> why;
        client.try_kubeconfig(numbered_id(1), {}, [&](result<kubeconfig> got) { why = got.error(); });
        context.run();
        REQUIRE(why);
        CHECK(*why == errc::proxy_refused);
        CHECK(why->why_stopped() == stop_reason::permanent);
        CHECK(why->attempts() == 1);
        CHECK(why->detail() == "proxy 127.0.0.1:" + std::to_string(proxy.ear->port()) + " refused CONNECT: " + status);
        CHECK(count_of(why->message(), "guessed") == 0);
    }
}
