#include "kubeconfig/file/hostile/hostile_documents.hpp"

#include "kubeconfig/samples.hpp"
#include "support/text.hpp"

#include <string_view>

// See hostile_documents.hpp.

using kind = doks::audit_kind;
using doks::test::repeated, doks::test::with_crlf;

namespace {

std::string user_with(std::string_view lines) { return sample::around("    token: x\n" + std::string(lines)); }
std::string cluster_with(std::string_view line)
{
    return sample::changed(sample::with_token(), "    server:", "    " + std::string(line) + "\n    server:");
}
std::string with_server(std::string_view server)
{
    return sample::changed(
        sample::with_token(), "https://" + std::string(sample::id) + ".k8s.ondigitalocean.com", server);
}
std::string with_name(std::string_view name)
{
    return sample::changed(
        sample::with_token(), "name: do-nyc1-blue\ncurrent", "name: " + std::string(name) + "\ncurrent");
}
std::string with_more(std::string_view line) { return sample::with_token() + std::string(line) + '\n'; }

/// ASCII in units of two or four bytes.
std::string widened(std::size_t unit, bool least_first, std::string_view mark)
{
    std::string text(mark);
    for (const char c : sample::with_token()) {
        std::string wide(unit, '\0');
        wide[least_first ? 0 : unit - 1] = c;
        text += wide;
    }
    return text;
}

std::string entries(std::string_view one, std::size_t times)
{
    return "kind: Config\nclusters:\n" + repeated(one, times);
}

void add_what_kubectl_obeys(std::vector<hostile_document>& to)
{
    to.push_back(
        {"exec", sample::changed(sample::with_exec(), "command: doctl", "command: /bin/sh"), kind::runs_program});
    to.push_back({"auth-provider", user_with("    auth-provider: {name: gcp, config: {cmd-path: /bin/sh}}\n"),
        kind::auth_provider});
    for (const std::string key : {"tokenFile", "client-certificate", "client-key"})
        to.push_back({key, user_with("    " + key + ": /etc/passwd\n"), kind::refers_to_file});
    to.push_back({"certificate-authority", cluster_with("certificate-authority: ../ca.pem"), kind::refers_to_file});
    to.push_back({"a device", cluster_with("certificate-authority: /dev/zero"), kind::refers_to_file});
    to.push_back({"insecure", cluster_with("insecure-skip-tls-verify: true"), kind::verification_off});
    to.push_back({"proxy-url", cluster_with("proxy-url: socks5://evil:1080"), kind::proxied});
    to.push_back({"tls-server-name", cluster_with("tls-server-name: evil"), kind::other_server_name});
    to.push_back({"foreign server", with_server("https://evil.example.com"), kind::foreign_server});
    to.push_back({"dressed up", with_server("https://x.k8s.ondigitalocean.com@evil.com"), kind::foreign_server});
    to.push_back({"cleartext", with_server("http://x.k8s.ondigitalocean.com"), kind::not_encrypted});
    to.push_back({"impersonation", user_with("    as: root\n"), kind::impersonates});
    to.push_back({"password", user_with("    username: a\n    password: b\n"), kind::password});
    to.push_back({"ANSI name", with_name("\"\\e[2J\\e[31m\""), kind::unprintable_name});
    to.push_back({"turned name", with_name("\"\\u202egpj.exe\""), kind::unprintable_name});
    to.push_back({"a path as the name", with_name("../../etc/passwd"), kind::dangling_current});
    to.push_back({"the same name twice",
        sample::changed(sample::with_token(), "users:\n", "users:\n- name: do-nyc1-blue-admin\n"),
        kind::duplicate_name});
}

/// Each line repeats the one before it eight times.
std::string laughs()
{
    std::string text = "a: &a [x,x,x,x,x,x,x,x]\n";
    for (char line = 'b'; line <= 'i'; ++line) {
        text += std::string(1, line) + ": &" + line + " [";
        for (int i = 0; i < 8; ++i) text += std::string(i == 0 ? "*" : ",*") + static_cast<char>(line - 1);
        text += "]\n";
    }
    return text;
}

void add_what_yaml_allows(std::vector<hostile_document>& to)
{
    to.push_back({"the same key twice", with_more("kind: Config")});
    to.push_back({"the same key twice, quoted", with_more("\"\\x6bind\": Config")});
    to.push_back({"a cycle", "&a [*a]\n"});
    to.push_back({"a cycle of keys", "&a {*a : *a}\n"});
    to.push_back({"laughs", laughs()});
    to.push_back({"an anchor", with_more("x: &a b"), std::nullopt});
    to.push_back({"an alias", with_more("x: *a")});
    to.push_back({"a merge key", with_more("x: {<<: {a: b}}")});
    to.push_back({"a tag", with_more("x: !!python/object/apply:os.system ['id']")});
    to.push_back({"a tag of its own", with_more("x: !<tag:evil> y")});
    to.push_back({"binary", with_more("x: !!binary aGk=")});
    to.push_back({"a key that is a list", with_more("? [a, b]\n: c")});
    to.push_back({"an empty key", with_more(": x")});
    to.push_back({"a key behind a mark", sample::around("    {?exec: {command: a}}\n"), kind::runs_program});
    to.push_back({"several documents", sample::with_token() + "---\n" + sample::with_token()});
    to.push_back({"a directive", "%YAML 1.1\n---\n" + sample::with_token(), std::nullopt});
    to.push_back({"% 0x81", "%\x81"});
    for (const std::string mark : {"|", ">", "|-"}) {
        to.push_back({"exec within a text " + mark, user_with("    x: " + mark + "\n    exec: {command: /bin/sh}\n"),
            kind::runs_program});
        to.push_back({"exec within a list " + mark, user_with("    x:\n    - " + mark + "\n    exec: {command: a}\n"),
            kind::runs_program});
    }
    to.push_back({"exec below a text |1", user_with("    x: |1\n    exec: {command: /bin/sh}\n"), kind::runs_program});
    to.push_back({"another kind", "apiVersion: v1\nkind: Secret\ndata: {}\n"});
    to.push_back({"a list", "- kind: Config\n"});
    to.push_back({"HTML", "<!DOCTYPE html><html><body>Sign in</body></html>\n"});
    to.push_back({"nothing but an error", "a: [\n"});
}

void add_bytes(std::vector<hostile_document>& to)
{
    to.push_back({"NUL", with_more(std::string("x: a\0b", 6))});
    to.push_back({"NUL at the end", sample::with_token() + '\0'});
    to.push_back({"ESC", with_more("x: \x1b[2J")});
    to.push_back({"C1", with_more("x: \xC2\x9Bm")});
    to.push_back({"byte order mark", "\xEF\xBB\xBF" + sample::with_token(), std::nullopt});
    to.push_back({"byte order mark in a key", with_more("\xEF\xBB\xBF\"x\": y")});
    to.push_back({"UTF-16 LE", widened(2, true, "\xFF\xFE"), std::nullopt});
    to.push_back({"UTF-16 BE", widened(2, false, "\xFE\xFF"), std::nullopt});
    to.push_back({"UTF-16 without a mark", widened(2, true, "")});
    to.push_back({"UTF-32", widened(4, false, std::string_view("\0\0\xFE\xFF", 4))});
    to.push_back({"no UTF-8", with_more("x: \xFF")});
    to.push_back({"overlong", with_more("x: \xC0\xAE\xC0\xAE/")});
    to.push_back({"surrogate", with_more("x: \xED\xA0\x80")});
    to.push_back({"cut off", with_more("x: \xE2\x82")});
    to.push_back({"CRLF", with_crlf(sample::with_token()), std::nullopt});
    to.push_back({"tabs", with_more("\tx: y")});
}

void add_depth(std::vector<hostile_document>& to)
{
    constexpr std::size_t depth = 100'000;
    for (std::string_view piece : {"[", "{", "{a: ", "[{", "- ", "? ", "[[],", "[\n", "{a:\n", "[\"", "['"})
        to.push_back({"depth " + std::string(piece), repeated(piece, depth)});
    to.push_back({"depth [] closed", repeated("[", depth) + repeated("]", depth)});
    to.push_back({"depth below a key", with_more("x: " + repeated("[", depth))});
    std::string steps;
    for (std::size_t column = 0; column < 300; ++column) steps += std::string(column, ' ') + "a:\n";
    to.push_back({"depth of lines", steps});
}

}

std::vector<hostile_document> hostile_documents()
{
    std::vector<hostile_document> all;
    add_what_kubectl_obeys(all);
    add_what_yaml_allows(all);
    add_bytes(all);
    add_depth(all);
    return all;
}

std::vector<hostile_document> huge_documents(std::size_t mega)
{
    std::vector<hostile_document> all;
    all.push_back({"a scalar", with_more("x: " + std::string(64 * mega, 'x'))});
    all.push_back({"a key", with_more(std::string(64 * mega, 'x') + ": y")});
    all.push_back({"quotes", with_more("x: \"" + std::string(64 * mega, 'x') + '"')});
    all.push_back({"brackets", repeated("[", 12 * mega)});
    all.push_back({"commas", "[" + repeated("a,", 6 * mega)});
    all.push_back({"dashes", repeated("-\n", 6 * mega)});
    all.push_back({"keys", repeated("? a\n", 3 * mega)});
    all.push_back({"a scalar", with_more("x: " + std::string(15 * mega, 'x')), std::nullopt});
    all.push_back({"a literal", with_more("x: |\n" + repeated("  xyz\n", 5 * mega / 2)), std::nullopt});
    all.push_back({"comments", with_more(repeated("# x\n", 15 * mega / 4)), std::nullopt});
    all.push_back({"blank lines", with_more(repeated("\n", 15 * mega)), std::nullopt});
    all.push_back({"escapes", with_more("x: \"" + repeated("\\x41", 3 * mega) + '"'), std::nullopt});
    all.push_back({"doubled quotes", with_more("x: '" + repeated("''", 6 * mega) + '\''), std::nullopt});
    all.push_back({"12 texts of escapes",
        with_more("x:\n" + repeated("- \"" + repeated("\\x41", mega / 4) + "\"\n", 12)), std::nullopt});
    all.push_back(
        {"12 texts of lines", with_more("x:\n" + repeated("- |\n" + repeated("  xyz\n", mega / 6), 12)), std::nullopt});
    all.push_back({"130,000 values on a line", with_more("x: [" + repeated("a,", 130'000) + "a]"), std::nullopt});
    all.push_back({"40,000 clusters", entries("- name: \"\\e\"\n", 40'000), kind::duplicate_name});
    return all;
}
