#include "support/scratch.hpp"
#include "tls/caller.hpp"
#include "tls/matrix.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

// A machine's openssl.cnf that lowers what TLS allows. It is read once a process, so a child runs the cells.

namespace doks::test {

namespace {

const char* const in_child = "DOKS_TEST_LOWERED";

/// An openssl.cnf, and the setting that it lowers.
struct lowering
{
    const char *about, *lines;
};

constexpr lowering lowerings[] = {
    {"security level", "CipherString = ALL:eNULL:aNULL:@SECLEVEL=0\n"},
    {"versions", "MinProtocol = TLSv1\nMaxProtocol = TLSv1.1\nCipherString = DEFAULT:@SECLEVEL=0\n"},
    {"no TLS 1.3", "Protocol = -TLSv1.3,-TLSv1.2\n"},
    {"renegotiation", "Options = UnsafeLegacyRenegotiation,UnsafeLegacyServerConnect,LegacyServerConnect\n"},
    {"weaker options", "Options = Bugs,Compression,-ExtendedMasterSecret,-EncryptThenMac,-SessionTicket\n"},
    {"hashes", "SignatureAlgorithms = RSA+SHA1:ECDSA+SHA1\nCipherString = ALL:@SECLEVEL=0\n"},
    {"groups", "Groups = secp192k1:sect163k1\nCiphersuites = TLS_AES_128_CCM_8_SHA256\n"},
    {"no verification", "VerifyMode = Request\n"},
};

std::string configuration(const char* lines)
{
    return std::string("openssl_conf = init\n[init]\nssl_conf = ssl\n[ssl]\nsystem_default = here\n[here]\n") + lines;
}

/// This program once more, with only the cells to run; how it ended.
int run_lowered(const std::string& configuration_file, const char* about)
{
    const auto self = std::filesystem::read_symlink("/proc/self/exe").string();
    const ::pid_t child = ::fork();
    if (child == 0) {
        ::setenv("OPENSSL_CONF", configuration_file.c_str(), 1);
        ::setenv(in_child, about, 1);
        ::execl(self.c_str(), self.c_str(), "--test-case=cells under a lowered openssl.cnf", "--no-version=true",
            "--minimal=true", nullptr);
        ::_exit(127);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

std::vector<matrix_cell> cells_under_a_lowered_configuration()
{
    auto all = protocol_cells();
    for (auto& each : strength_cells()) all.push_back(std::move(each));
    return all;
}

/// The server's end must not be limited by the file: it lowers the client's settings.
void free_server(SSL_CTX* context)
{
    SSL_CTX_clear_options(context, SSL_OP_NO_TLSv1_3 | SSL_OP_NO_TLSv1_2 | SSL_OP_NO_EXTENDED_MASTER_SECRET |
                                       SSL_OP_NO_TICKET | SSL_OP_NO_ENCRYPT_THEN_MAC);
    SSL_CTX_set1_sigalgs_list(
        context, "RSA+SHA1:ECDSA+SHA256:ECDSA+SHA384:ed25519:RSA-PSS+SHA256:RSA+SHA256:RSA+SHA512");
}

}

TEST_CASE("cells under a lowered openssl.cnf")
{
    if (!std::getenv(in_child)) return;
    for (auto& cell : cells_under_a_lowered_configuration()) {
        CAPTURE(cell.name);
        cell.server.prepare = &free_server;
        if (cell.server.groups.empty()) cell.server.groups = "X25519:P-256:P-384";
        if (cell.server.suites.empty()) cell.server.suites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384";
        tls_server server(cell.server);
        caller one(trusting(usual_root().pem(), server.url(), cell.verified));
        const auto got = one.call();
        one.close();
        server.close_all();
        CHECK(got.has_value() == (cell.expected != matrix_cell::verdict::refuse));
        for (const auto& each : server.seen()) {
            if (!got) CHECK(each.plain.empty());
            if (got && each.version == "TLSv1.2") CHECK(each.extended_master_secret);
        }
    }
}

TEST_CASE("no openssl.cnf makes the client accept what it refuses, or refuse what it accepts")
{
    if (std::getenv(in_child)) return;
    const scratch_folder folder;
    const auto count = cells_under_a_lowered_configuration().size();
    unsigned differ = 0;
    for (const auto& [about, lines] : lowerings) {
        CAPTURE(std::string(about));
        const auto file = folder / "openssl.cnf";
        replace_file(file, configuration(lines));
        const bool same = run_lowered(file.string(), about) == 0;
        CHECK(same);
        differ += same ? 0 : 1;
    }
    MESSAGE(std::size(lowerings) << " lowered configurations, " << count << " cells each, " << differ
                                 << " of the configurations changed a verdict");
}

}
