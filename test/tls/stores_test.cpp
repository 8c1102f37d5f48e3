#include "support/long_form.hpp"
#include "support/scratch.hpp"
#include "support/trust_environment.hpp"
#include "tls/caller.hpp"
#include "tls/matrix.hpp"

#include <openssl/x509.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include <stdlib.h>
#include <unistd.h>

// Trust stores: where roots come from, and what an error says of a store that cannot be used.

namespace doks::test {

namespace {

const char* const garbage = "-----BEGIN CERTIFICATE-----\nnot base64 at all!\n-----END CERTIFICATE-----\n";

/// Why no client is made with these settings.
std::optional<failure> refusal_of(const tls_settings& how)
{
    boost::asio::io_context context;
    client_config config;
    config.tls = how;
    try {
        const client made(context.get_executor(), config);
        return std::nullopt;
    } catch (const failure& why) {
        return why;
    }
}

/// The settings are refused, with this text in the reason.
bool is_refused_naming(const tls_settings& how, const std::string& what)
{
    const auto why = refusal_of(how);
    if (!why) return false;
    CHECK(*why == errc::unusable_trust_store);
    CHECK(*why == condition::tls);
    INFO(why->message());
    CHECK(why->message().find(what) != std::string::npos);
    return true;
}

/// As `openssl rehash` does it.
void link_by_hash(const std::filesystem::path& folder, const certified& root)
{
    char name[16];
    std::snprintf(name, sizeof name, "%08lx.0", X509_subject_name_hash(root.certificate.get()));
    replace_file(folder / "root.pem", root.pem());
    std::filesystem::create_symlink("root.pem", folder / name);
}

std::optional<result<kubeconfig>> call_with(const tls_server& server, const tls_settings& how)
{
    auto config = trusting("", server.url());
    config.tls = how;
    config.tls.server_name = "api.test";
    caller one(config);
    return one.call();
}

/// A file that cannot be used as a trust store.
struct store
{
    const char* about;
    std::function<void(const std::filesystem::path&)> prepare;
};

std::vector<store> unusable_files()
{
    std::vector<store> all = {
        {"missing", [](const auto&) {}},
        {"empty", [](const auto& path) { replace_file(path, ""); }},
        {"text", [](const auto& path) { replace_file(path, "hello\n"); }},
        {"garbage", [](const auto& path) { replace_file(path, garbage); }},
        {"garbage behind a certificate", [](const auto& path) { replace_file(path, usual_root().pem() + garbage); }},
        {"a certificate cut short", [](const auto& path) { replace_file(path, usual_root().pem().substr(0, 300)); }},
        {"directory", [](const auto& path) { std::filesystem::create_directory(path); }},
        {"link that leads nowhere", [](const auto& path) { std::filesystem::create_symlink("nowhere", path); }},
    };
    if (::geteuid() == 0)
        MESSAGE("run by root, who may read everything: the file without permissions is left out");
    else
        all.push_back({"unreadable", [](const auto& path) {
                           replace_file(path, usual_root().pem());
                           std::filesystem::permissions(path, std::filesystem::perms::none);
                       }});
    return all;
}

}

TEST_CASE("a CA file that cannot be used is refused when the client is made, with its path")
{
    scratch_folder folder;
    unsigned cells = 0;
    for (const auto& each : unusable_files()) {
        CAPTURE(std::string(each.about));
        const auto path = folder / std::to_string(cells++);
        each.prepare(path);
        tls_settings how;
        how.ca_file = path.string();
        CHECK(is_refused_naming(how, path.string()));
        const trust_environment set(path.string(), (folder / "no-directory").string());
        CHECK(is_refused_naming({}, path.string()));
        how = {};
        how.ca_pem = usual_root().pem();
        CHECK_FALSE(refusal_of(how));
    }
    MESSAGE(cells << " unusable files, as ca_file and as SSL_CERT_FILE: each refused with its path");
}

TEST_CASE("an SSL_CERT_FILE that cannot be used is refused even where the system has roots of its own")
{
    scratch_folder folder;
    std::filesystem::create_directory(folder / "roots");
    link_by_hash(folder / "roots", usual_root());
    const auto bogus = (folder / "bogus.pem").string();
    const trust_environment set(bogus, (folder / "roots").string());
    CHECK(is_refused_naming({}, bogus));
    CHECK(is_refused_naming({}, "SSL_CERT_FILE"));
}

TEST_CASE("a directory of roots is used by the hash of their names, alone or in a list")
{
    scratch_folder folder;
    for (const char* name : {"roots", "plain", "empty"}) std::filesystem::create_directory(folder / name);
    link_by_hash(folder / "roots", usual_root());
    replace_file(folder / "plain" / "root.pem", usual_root().pem());
    const tls_server server({usual_chain()});
    tls_settings how;
    how.ca_directory = (folder / "roots").string();
    CHECK(call_with(server, how)->has_value());
    for (const char* name : {"plain", "empty", "missing", "roots/root.pem"}) {
        CAPTURE(std::string(name));
        how.ca_directory = (folder / name).string();
        CHECK(is_refused_naming(how, how.ca_directory));
    }
    const auto list = (folder / "empty").string() + ":" + (folder / "roots").string();
    {
        const trust_environment set("", list);
        CHECK_FALSE(refusal_of({}));
        CHECK(call_with(server, {})->has_value());
    }
    how = {};
    how.trust_environment = false;
    const trust_environment set("", list);
    const auto got = call_with(server, how);
    CHECK(got->has_error());
}

TEST_CASE("with the environment not trusted SSL_CERT_FILE is not looked at")
{
    scratch_folder folder;
    replace_file(folder / "roots.pem", usual_root().pem());
    const tls_server server({usual_chain()});
    tls_settings how;
    {
        const trust_environment set((folder / "roots.pem").string(), (folder / "nowhere").string());
        CHECK(call_with(server, how)->has_value());
        how.trust_environment = false;
        const auto got = call_with(server, how);
        REQUIRE(got->has_error());
        CHECK(got->error() == errc::certificate_rejected);
    }
    const trust_environment set((folder / "bogus.pem").string(), (folder / "nowhere").string());
    CHECK_FALSE(refusal_of(how));
}

TEST_CASE("roots in memory are PEM from end to end")
{
    const auto pem = usual_root().pem();
    for (const auto& text : {std::string("\n"), std::string("hello"), std::string(garbage), pem + garbage,
             pem + pem.substr(0, pem.size() / 2), garbage + pem}) {
        tls_settings how;
        how.ca_pem = text;
        CHECK(is_refused_naming(how, "in memory"));
    }
    for (const auto& text : {pem, pem + pem, "a comment\n" + pem + "\nanother\n", pem.substr(0, pem.size() - 1)}) {
        tls_settings how;
        how.ca_pem = text;
        CHECK_FALSE(refusal_of(how));
    }
}

TEST_CASE("thousands of roots are no more than a moment's work")
{
    const int count = is_long() ? 10'000 : 2'000;
    scratch_folder folder;
    std::string bundle;
    auto root = issue(authority_order("root"));
    for (int i = 0; i < count; ++i) {
        X509_NAME* const name = X509_NAME_new();
        const auto text = "root " + std::to_string(i);
        X509_NAME_add_entry_by_txt(
            name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
        X509_set_subject_name(root.certificate.get(), name);
        X509_NAME_free(name);
        X509_sign(root.certificate.get(), root.key.get(), EVP_sha256());
        bundle += root.pem();
    }
    replace_file(folder / "bundle.pem", bundle + usual_root().pem());
    tls_settings how;
    how.ca_file = (folder / "bundle.pem").string();
    const auto begin = std::chrono::steady_clock::now();
    CHECK_FALSE(refusal_of(how));
    const std::chrono::duration<double> loading = std::chrono::steady_clock::now() - begin;
    const tls_server server({usual_chain()});
    CHECK(call_with(server, how)->has_value());
    CHECK(loading < 10s);
    MESSAGE((count + 1) << " roots from a file of " << bundle.size() / 1024 << " KiB: a client is made in "
                        << loading.count() << " s");
}

}
