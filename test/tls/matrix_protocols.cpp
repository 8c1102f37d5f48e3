#include "tls/matrix.hpp"

#include <tuple>
#include <utility>

// The cells of the TLS matrix that are about versions, ciphers and key exchanges.

namespace doks::test {

namespace {

using verdict = matrix_cell::verdict;

matrix_cell speaking(std::string name, verdict expected, std::string reason, int oldest, int newest,
    std::string ciphers = {}, key_kind key = key_kind::ec256)
{
    matrix_cell made;
    made.name = std::move(name);
    made.expected = expected;
    made.reason = std::move(reason);
    auto leaf = server_order({dns("api.test")});
    leaf.key = key;
    made.server.chain = usual_chain(leaf);
    made.server.oldest = oldest;
    made.server.newest = newest;
    if (!ciphers.empty()) made.server.ciphers = ciphers + ":@SECLEVEL=0";
    return made;
}

matrix_cell with_tls_1_2(std::string name, verdict expected, std::string ciphers, key_kind key = key_kind::rsa2048)
{
    const std::string reason = expected == verdict::refuse ? "alert from the server: handshake failure" : "";
    return speaking(std::move(name), expected, reason, TLS1_2_VERSION, TLS1_2_VERSION, std::move(ciphers), key);
}

matrix_cell picking(std::string name, unsigned version, unsigned suite, std::string reason)
{
    auto made = speaking(std::move(name), verdict::refuse, std::move(reason), TLS1_2_VERSION, TLS1_2_VERSION);
    made.server.instead = server_hello(version, suite);
    return made;
}

void add_versions(std::vector<matrix_cell>& all)
{
    const std::string old = "alert from the server: protocol version";
    all.push_back(speaking("TLS 1.0", verdict::refuse, old, TLS1_VERSION, TLS1_VERSION));
    all.push_back(speaking("TLS 1.1", verdict::refuse, old, TLS1_1_VERSION, TLS1_1_VERSION));
    all.push_back(speaking("TLS 1.0 and 1.1", verdict::refuse, old, TLS1_VERSION, TLS1_1_VERSION));
    all.push_back(speaking("TLS 1.2", verdict::accept, "", TLS1_2_VERSION, TLS1_2_VERSION));
    all.push_back(speaking("TLS 1.3", verdict::accept, "", TLS1_3_VERSION, TLS1_3_VERSION));
    all.push_back(speaking("TLS 1.0 to 1.3", verdict::accept, "", TLS1_VERSION, TLS1_3_VERSION));
    for (const auto& [name, version] : {std::pair("SSL 3.0 picked", 0x0300u), std::pair("TLS 1.0 picked", 0x0301u),
             std::pair("TLS 1.1 picked", 0x0302u), std::pair("DTLS 1.2 picked", 0xfefdu)})
        all.push_back(picking(name, version, 0xc02b, version < 0x0400 ? "unsupported protocol" : ""));
}

void add_ciphers(std::vector<matrix_cell>& all)
{
    all.push_back(with_tls_1_2("null", verdict::refuse, "eNULL", key_kind::rsa2048));
    all.push_back(with_tls_1_2("anonymous", verdict::refuse, "aNULL"));
    all.push_back(with_tls_1_2("CBC", verdict::refuse, "ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES256-SHA384"));
    all.push_back(with_tls_1_2("CCM", verdict::refuse, "ECDHE-ECDSA-AES128-CCM8", key_kind::ec256));
    all.push_back(with_tls_1_2(
        "mozilla old, without the newer ones", verdict::refuse, "AES128-SHA:AES256-SHA:DHE-RSA-AES128-SHA"));
    all.push_back(with_tls_1_2("mozilla intermediate, RSA", verdict::accept,
        "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES128-GCM-"
        "SHA256"));
    all.push_back(with_tls_1_2("mozilla intermediate, ECDSA", verdict::accept,
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305", key_kind::ec256));
    auto modern = speaking("mozilla modern", verdict::accept, "", TLS1_3_VERSION, TLS1_3_VERSION);
    modern.server.groups = "X25519:P-256:P-384";
    all.push_back(modern);
    auto ccm = speaking("TLS 1.3 with CCM_8 only", verdict::refuse, "alert from the server: handshake failure",
        TLS1_3_VERSION, TLS1_3_VERSION);
    ccm.server.suites = "TLS_AES_128_CCM_8_SHA256";
    all.push_back(ccm);
    all.push_back(picking("RC4 picked", 0x0303, 0x0005, "cipher returned"));
    all.push_back(picking("RC4-MD5 picked", 0x0303, 0x0004, "cipher returned"));
    all.push_back(picking("3DES picked", 0x0303, 0xc012, "cipher returned"));
    all.push_back(picking("export RC4 picked", 0x0303, 0x0003, "cipher returned"));
    all.push_back(picking("null picked", 0x0303, 0xc010, "wrong cipher returned"));
    all.push_back(picking("TLS 1.3's suite picked in TLS 1.2", 0x0303, 0x1301, "wrong cipher returned"));
}

void add_key_exchanges(std::vector<matrix_cell>& all)
{
    all.push_back(with_tls_1_2("static RSA", verdict::refuse, "AES128-GCM-SHA256:AES256-GCM-SHA384"));
    all.push_back(with_tls_1_2("DHE only", verdict::refuse, "DHE-RSA-AES128-GCM-SHA256:DHE-RSA-CHACHA20-POLY1305"));
    for (const char* name : {"dh480", "dh512", "dh1024", "dh2048", "dh-composite", "dh-small-subgroup"})
        all.push_back(picking(std::string(name) + " (DHE picked)", 0x0303, 0x009e, "wrong cipher returned"));
    for (const auto& [name, version] :
        {std::pair("P-521 only, TLS 1.2", TLS1_2_VERSION), std::pair("P-521 only, TLS 1.3", TLS1_3_VERSION)}) {
        auto made = speaking(name, verdict::refuse, "alert from the server: handshake failure", version, version);
        made.server.groups = "P-521";
        all.push_back(made);
    }
    auto finite = speaking("ffdhe2048 only, TLS 1.3", verdict::refuse, "alert from the server: handshake failure",
        TLS1_3_VERSION, TLS1_3_VERSION);
    finite.server.groups = "ffdhe2048";
    all.push_back(finite);
    for (const auto& [name, version, reason] :
        {std::tuple("client certificate missing, TLS 1.2", TLS1_2_VERSION, "alert from the server: handshake failure"),
            std::tuple("client certificate missing, TLS 1.3", TLS1_3_VERSION,
                "alert from the server: certificate required")}) {
        auto made = speaking(name, verdict::refuse, reason, version, version);
        made.server.wants_certificate = true;
        made.late = version == TLS1_3_VERSION;
        all.push_back(made);
    }
}

}

std::string server_hello(unsigned version, unsigned suite)
{
    const auto two = [](unsigned value) {
        return std::string{static_cast<char>(value >> 8), static_cast<char>(value & 0xff)};
    };
    const std::string body =
        two(version) + std::string(32, 'r') + std::string(1, '\0') + two(suite) + std::string(1, '\0');
    const std::string message = std::string("\x02\0", 2) + two(static_cast<unsigned>(body.size())) + body;
    return "\x16" + two(version) + two(static_cast<unsigned>(message.size())) + message;
}

std::vector<matrix_cell> protocol_cells()
{
    std::vector<matrix_cell> all;
    add_versions(all);
    add_ciphers(all);
    add_key_exchanges(all);
    return all;
}

}
