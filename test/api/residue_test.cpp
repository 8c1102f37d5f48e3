#include "support/secrets/residue.hpp"

#include <doks/client.hpp>
#include <doks/sim/simulator.hpp>

#include <sys/wait.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <optional>

// Sanitizers keep memory of their own, in which the search would take a minute.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

namespace asio = boost::asio;
using doks::test::count_in_memory;
using doks::test::hidden;

namespace {

/// The token as a header carries it; the text that is handed out is wiped with its last copy.
doks::secret revealed(const hidden& token)
{
    doks::secret_bytes bytes;
    token.append_to(bytes);
    return doks::secret(std::string_view(bytes.data(), bytes.size()));
}

/// A simulator in a process of its own, for its memory is full of secrets.
class other_process
{
public:
    explicit other_process(const hidden& token)
    {
        int ends[2];
        REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
        id_ = ::fork();
        if (id_ == 0) serve(token, ends[1]);
        ::close(ends[1]);
        FILE* said = ::fdopen(ends[0], "r");
        char line[512];
        while (said && std::fgets(line, sizeof line, said)) {
            std::string text(line);
            text.pop_back();
            (url.empty() ? url : ca_file.empty() ? ca_file : cluster) = text;
            if (!cluster.empty()) break;
        }
        if (said) std::fclose(said);
    }
    other_process(const other_process&) = delete;
    other_process& operator=(const other_process&) = delete;
    ~other_process()
    {
        ::kill(id_, SIGTERM);
        ::waitpid(id_, nullptr, 0);
        std::remove(ca_file.c_str());
    }

    std::string url, ca_file, cluster;

private:
    [[noreturn]] static void serve(const hidden& token, int told)
    {
        ::signal(SIGTERM, SIG_DFL);
        ::alarm(60);
        doks::sim::options how;
        doks::sim::token_spec owner;
        const auto value = revealed(token);
        owner.value = value.reveal();
        how.tokens = {owner};
        how.limit.enabled = false;
        const doks::sim::simulator api(how);
        ::dprintf(told, "%s\n%s\n%s\n", api.url().c_str(), api.ca_file().c_str(), api.cluster_ids().front().c_str());
        for (;;) ::pause();
    }

    pid_t id_ = -1;
};

}

TEST_CASE("no copy of a token, the API's or a cluster's, is left in memory once client and kubeconfigs are gone")
{
    const hidden token("dop_v1_c0ffee5f1c9a7e5f1c9a7ec0ffee");
    const other_process api(token);
    REQUIRE_FALSE(api.cluster.empty());
    std::optional<hidden> minted;
    std::size_t of_api = 0;
    std::size_t of_cluster = 0;
    {
        asio::io_context context;
        doks::client_config config;
        config.api_url = api.url;
        config.tls.ca_file = api.ca_file;
        config.token = doks::token(revealed(token));
        const doks::client client(context.get_executor(), config);
        for (int i = 0; i < 100; ++i) {
            auto got = asio::co_spawn(context, client.kubeconfig(api.cluster), asio::use_future);
            context.restart();
            context.run();
            const auto kept = got.get();
            minted.emplace(kept.current().token.reveal());
            if (i == 99) of_cluster = count_in_memory(*minted);
        }
        of_api = count_in_memory(token);
    }
    CHECK(of_api > 0);
    CHECK(of_cluster > 0);
    const auto api_left = count_in_memory(token);
    const auto cluster_left = count_in_memory(*minted);
    CHECK(api_left == 0);
    CHECK(cluster_left == 0);
    MESSAGE("the API's token: " << of_api << " copies while in use, " << api_left
                                << " afterwards; a cluster's: " << of_cluster << " and " << cluster_left);
}

#endif
