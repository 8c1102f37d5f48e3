#include "cli/account.hpp"

#include <doctest/doctest.h>

#include <sys/mount.h>

#include <utility>

// Bad input to the program, in processes of its own: words, files, tokens and responses that it must refuse by name.

using namespace cli_test;
using doks::sim::fault;
using doks::sim::fault_kind;

namespace {

/// One error on standard error in one or two lines, nothing on standard output.
void check_refused(const finished& done, int status, const std::vector<std::string>& parts)
{
    CAPTURE(done.err);
    CHECK(done.status == status);
    CHECK(done.out.empty());
    CHECK(done.err.starts_with("doks: "));
    CHECK(count_of(done.err, "\n") <= 2);
    for (const std::string& part : parts) {
        CAPTURE(part);
        CHECK(count_of(done.err, part) >= 1);
    }
}

/// A file system of 64 KiB at the path, as long as it lives.
struct small_file_system
{
    std::filesystem::path place;
    bool mounted;

    explicit small_file_system(std::filesystem::path at)
        : place(std::move(at))
    {
        std::filesystem::create_directory(place);
        mounted = ::mount("none", place.c_str(), "tmpfs", 0, "size=65536,mode=0700") == 0;
    }
    small_file_system(const small_file_system&) = delete;
    small_file_system& operator=(const small_file_system&) = delete;
    ~small_file_system()
    {
        if (mounted) ::umount2(place.c_str(), MNT_DETACH);
    }
};

/// What `show` says when the API answers with this.
void check_answer_refused(const fault& answer, const std::vector<std::string>& parts)
{
    account team;
    team.api.script(answer, {}, 100);
    check_refused(team.run({"kubeconfig", "show", team.api.cluster_ids().front(), "--timeout", "5s"}), 1, parts);
}

}

TEST_CASE("no token anywhere")
{
    account team;
    auto how = team.command({"clusters"});
    how.environment.erase("DIGITALOCEAN_TOKEN");
    check_refused(run(how), 2, {"there is none in --token-file, DIGITALOCEAN_TOKEN"});
}

TEST_CASE("a token with a line break in it")
{
    account team;
    auto how = team.command({"clusters"});
    how.environment["DIGITALOCEAN_TOKEN"] = "dop_v1_a\r\nX-Injected: yes";
    auto done = run(how);
    check_refused(done, 2, {"DIGITALOCEAN_TOKEN", "line break"});
    CHECK(count_of(done.err, "dop_v1_a") == 0);
    CHECK(team.api.counts().requests == 0);
}

TEST_CASE("an id with a slash, a dot segment, a space or nothing in it")
{
    account team;
    check_refused(team.run({"kubeconfig", "show", "a/b"}), 2, {"'a/b'", "slash"});
    check_refused(team.run({"kubeconfig", "show", "../../account"}), 2, {"dot"});
    check_refused(team.run({"kubeconfig", "show", "a b"}), 2, {"white space"});
    check_refused(team.run({"kubeconfig", "show", ""}), 2, {"empty"});
    CHECK(team.api.counts().requests == 0);
}

TEST_CASE("a broken line in --ids")
{
    account team;
    auto list = team.write("ids", "# head\n" + team.api.cluster_ids().front() + "\n../x\n");
    check_refused(team.run({"kubeconfig", "fetch", "--ids", list, "--out", team.out()}), 2, {"line 3", "dot"});
    check_refused(team.run({"kubeconfig", "fetch", "--ids", "/nonexistent", "--out", team.out()}), 2, {"No such file"});
    CHECK(team.api.counts().requests == 0);
    CHECK_FALSE(std::filesystem::exists(team.out()));
}

TEST_CASE("a broken expiry, rate limit or option")
{
    account team;
    auto id = team.api.cluster_ids().front();
    for (const char* expiry : {"-1h", "1.5s", "500ms", "soon"})
        check_refused(
            team.run({"kubeconfig", "show", id, "--expiry", expiry}), 2, {"--expiry '" + std::string(expiry) + "'"});
    check_refused(
        team.run({"kubeconfig", "show", id, "--expiry", "1h", "--type", "sso"}), 2, {"--expiry with --type sso"});
    check_refused(team.run({"clusters", "--rate-limit", "250"}), 2, {"--rate-limit '250'", "250/1m,5000/1h"});
    check_refused(team.run({"clusters", "--frobnicate"}), 2, {"--frobnicate", "--help"});
    check_refused(team.run({}), 2, {"subcommand", "--help"});
    CHECK(team.api.counts().requests == 0);
}

TEST_CASE("an http URL that is no loopback literal")
{
    for (const char* url : {"http://api.digitalocean.com", "http://localhost.evil.example",
             "http://127.0.0.1.evil.example", "ftp://127.0.0.1", "api.digitalocean.com"}) {
        CAPTURE(url);
        launch how;
        how.arguments = {"clusters", "--api-url", url};
        how.environment = {{"DIGITALOCEAN_TOKEN", "dop_v1_0123"}};
        check_refused(run(how), 2, {"--api-url", "https://"});
    }
}

TEST_CASE("an unreadable or empty CA file, and an empty trust store")
{
    account team;
    auto with_ca = [&](const std::string& file) {
        launch how;
        how.arguments = {"clusters", "--api-url", team.api.url(), "--ca-file", file};
        how.environment = {{"DIGITALOCEAN_TOKEN", team.api.token()}};
        return run(how);
    };
    check_refused(with_ca("/nonexistent/ca.pem"), 1, {"/nonexistent/ca.pem"});
    check_refused(with_ca(team.write("ca.pem", "")), 1, {"ca.pem"});
    check_refused(with_ca(team.write("ca.pem", "no certificate\n")), 1, {"ca.pem"});
    launch how;
    how.arguments = {"clusters", "--api-url", team.api.url()};
    how.environment = {
        {"DIGITALOCEAN_TOKEN", team.api.token()}, {"SSL_CERT_FILE", "/dev/null"}, {"SSL_CERT_DIR", "/nonexistent"}};
    check_refused(run(how), 1, {"/dev/null", "SSL_CERT_FILE"});
    CHECK(team.api.counts().requests == 0);
}

TEST_CASE("an --out that is a file or cannot be made")
{
    account team;
    auto fetch_into = [&](const std::string& place) {
        return team.run({"kubeconfig", "fetch", "--all", "--out", place, "--progress", "never"});
    };
    check_refused(fetch_into(team.write("file", "x")), 1, {team.path("file")});
    check_refused(fetch_into(team.path("file/below")), 1, {team.path("file")});
    check_refused(fetch_into("/proc/doks"), 1, {"/proc/doks"});
    CHECK(team.api.counts().minted == 0);
}

TEST_CASE("a full --out stops the bulk and mints no more")
{
    account team(unlimited(400));
    small_file_system disk(team.out());
    if (!disk.mounted) {
        MESSAGE("not run: it needs the right to mount a small file system");
        return;
    }
    auto done = run(team.fetch({"--connections", "4"}));
    auto report = report_of(done.out);
    auto stored = stored_ids(team.out());
    auto strays = stray_files(team.out());
    CHECK(done.status == 1);
    CHECK(report.size() + left_over(done.out) == 400);
    // A file whose index record found no room any more is on disk and still reported as failed: never the other way round.
    CHECK(count_outcomes(report, "fetched") <= stored.size());
    CHECK(stored.size() < 100);
    CHECK(strays.empty());
    CHECK(count_of(done.err, "No space left on device") >= 1);
    CHECK(team.api.counts().minted < stored.size() + 20);
}

TEST_CASE("a response that is no kubeconfig")
{
    check_answer_refused(answer_with(std::string(10 << 20, 'x'), 200, "application/yaml"), {"too large"});
    check_answer_refused(
        answer_with("<!DOCTYPE html><html><body>Sign in</body></html>", 200, "text/html"), {"not a kubeconfig"});
    check_answer_refused(answer_with("kind: List\nitems: []\n", 200, "application/yaml"), {"not a kubeconfig"});
    check_answer_refused(answer_with("just: text\n", 200, "application/yaml"), {"not a kubeconfig"});
    fault nothing;
    nothing.kind = fault_kind::garbage;
    nothing.body = "HTTP/1.1 200 OK\r\nContent-Type: application/yaml\r\nContent-Length: 0\r\n\r\n";
    check_answer_refused(nothing, {"not a kubeconfig"});
}

TEST_CASE("a 403 names the scope that is missing, a 401 the token, a 404 the cluster")
{
    auto how = unlimited();
    doks::sim::token_spec narrow;
    narrow.scopes = {"kubernetes:read"};
    how.tokens = {narrow};
    account team(how);
    auto id = team.api.cluster_ids().front();
    check_refused(team.run({"kubeconfig", "show", id}), 1, {"403", "kubernetes:access_cluster"});
    auto with_other_token = team.command({"clusters"});
    with_other_token.environment["DIGITALOCEAN_TOKEN"] = "dop_v1_unknown";
    check_refused(run(with_other_token), 1, {"401", "token"});
    check_refused(team.run({"kubeconfig", "show", "00000000-0000-0000-0000-000000000000"}), 1, {"404"});
}

TEST_CASE("an API that cannot be reached or trusted")
{
    account team;
    auto how = team.command({"clusters"});
    how.arguments = {
        "clusters", "--api-url", "https://127.0.0.1:1", "--ca-file", team.api.ca_file(), "--timeout", "2s"};
    check_refused(run(how), 1, {"127.0.0.1"});
    account other;
    how.arguments = {"clusters", "--api-url", team.api.url(), "--ca-file", other.api.ca_file()};
    check_refused(run(how), 1, {"certificate"});
    CHECK(team.api.counts().requests == 0);
}
