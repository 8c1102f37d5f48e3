#include "kubeconfig/read/base64.hpp"
#include "kubeconfig/read/certificate.hpp"
#include "kubeconfig/read/rfc3339.hpp"
#include "kubeconfig/read/text_precheck.hpp"
#include "kubeconfig/samples.hpp"

#include <doctest/doctest.h>

#include <openssl/err.h>

// The small parsers by themselves: base64, certificates, dates, characters. They decide about secrets and
// expiries, so that their edges are tested apart from everything else.

using namespace std::chrono_literals;
using doks::kube::decode_base64;

namespace {

std::string decoded(std::string_view text)
{
    const auto bytes = decode_base64(text);
    return bytes ? std::string(bytes->begin(), bytes->end()) : "refused";
}

}

// All remainders of three, in which padding differs.
TEST_CASE("base64 of every length decodes")
{
    std::string text;
    for (int size = 0; size < 300; ++size) {
        CHECK(decoded(sample::base64(text)) == text);
        text += static_cast<char>(size * 7);
    }
}

// Two texts that decode to the same bytes would compare as different credentials.
TEST_CASE("base64 that is not strict is refused, but for line ends")
{
    for (std::string_view bad : {"A", "AB", "ABC", "A===", "AB=", "AB==C", "AB==AB==", "AB=C", "A B=", "AB-_",
             "====", "=", "QUI==", "QUJD=", "QR==", "QUJ=", "QUJD\tQUJD", "QUJ\xFF"})
        CHECK_MESSAGE(decoded(bad) == "refused", bad);
    CHECK(decoded("QU\r\nJD\n") == "ABC");
    CHECK(decoded("").empty());
}

TEST_CASE("a certificate's end is read exactly, and a text that is no certificate has none")
{
    using namespace std::chrono;
    CHECK(doks::kube::not_after(sample::long_lived().certificate) == sample::long_lived().not_after);
    const auto far = sys_days(year(2055) / 1 / 2) + 3h;
    CHECK(doks::kube::not_after(sample::expiring_at(far).certificate) == far);
    CHECK_FALSE(doks::kube::not_after(""));
    CHECK_FALSE(doks::kube::not_after(sample::long_lived().key));
    CHECK_FALSE(doks::kube::not_after("-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----\n"));
    CHECK_FALSE(
        doks::kube::not_after("-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: "
                              "AES-128-CBC,00000000000000000000000000000000\n\nQUJD\n-----END CERTIFICATE-----\n"));
    CHECK(::ERR_peek_error() == 0);
}

// The index is read by scripts, too.
TEST_CASE("dates go out and come in as RFC 3339")
{
    using doks::kube::parse_rfc3339;
    const std::chrono::system_clock::time_point when =
        std::chrono::sys_days(std::chrono::year(2026) / 11 / 23) + 83704s;
    CHECK(doks::kube::format_rfc3339(when) == "2026-11-23T23:15:04Z");
    CHECK(doks::kube::format_rfc3339(when + 999ms) == "2026-11-23T23:15:04Z");
    CHECK(parse_rfc3339("2026-11-23T23:15:04Z") == when);
    CHECK(parse_rfc3339("2026-11-23T23:15:04.000000001Z") == when + 1ns);
    CHECK(parse_rfc3339("2026-11-23T23:15:04.5z") == when + 500ms);
    CHECK(parse_rfc3339("2026-11-24T01:15:04+02:00") == when);
    CHECK(parse_rfc3339("2026-11-23T17:45:04-05:30") == when);
    for (std::string_view bad :
        {"", "2026", "2026-11-23", "2026-11-23T23:15:04", "2026-13-23T23:15:04Z", "2026-02-30T23:15:04Z",
            "2026-11-23T24:15:04Z", "2026-11-23T23:60:04Z", "2026-11-23T23:15:61Z", "2026-11-23T23:15:04.Z",
            "2026-11-23T23:15:04.1234567890Z", "2026-11-23T23:15:04ZZ", "+026-11-23T23:15:04Z", "9999-11-23T23:15:04Z"})
        CHECK_MESSAGE(!parse_rfc3339(bad), bad);
}

// Characters that turn the direction of writing make a name look like another one.
TEST_CASE("text that may be shown has no control characters and does not turn")
{
    using doks::kube::is_printable;
    CHECK(is_printable(""));
    CHECK(is_printable("do-nyc1-grün-日本-😀"));
    for (std::string_view bad :
        {"a\n", "\x1b[0m", "\x7f", "\xC2\x9b", "\xE2\x80\xAE", "\xE2\x81\xA7", "\xE2\x80\xA8", "\xff", "\xC3"})
        CHECK_FALSE(is_printable(bad));
}

// The check looks at 32 bytes at once; each position in such a block has to count.
TEST_CASE("the screen sees a bad byte at every place of a word")
{
    for (std::size_t size = 1; size < 40; ++size)
        for (std::size_t at = 0; at < size; ++at)
            for (char bad : {'\x00', '\x01', '\x1f', '\x7f', '\x80', '\xff', '\xc0'}) {
                std::string text(size + 2, 'a');
                CHECK_FALSE(doks::kube::why_not_text(text));
                text[at + 2] = bad;
                CHECK(doks::kube::why_not_text(text));
            }
}
