#pragma once

#include <cstddef>
#include <random>
#include <string>
#include <vector>

namespace cli_test {

/// Names that are no plain file name, or that a command line, YAML or a path could take for something else.
inline std::vector<std::string> odd_names()
{
    return {"me@example.test", "my team", "acme/prod", ".", "..", "../up", "/", "/etc", ".hidden", "-x", "--help", "-",
        "--", "index", "index.jsonl", "default.yaml", "{}", "[]", "[a,b]", "%%", "%2e", "a,b", "a=b", "\"", "'quoted'",
        "null", "true", "1e3", "~", "a: b", "# none", "&x", "*x", "!x", "$home", "`id`", "\\", " ", " spaces ", "a.b.c",
        "\xc3\xa9t\xc3\xa9", "\xe4\xb8\x96\xe7\x95\x8c", "\xf0\x9f\x90\xb3", std::string(250, 'a'),
        std::string(250, '%'), "token-", "com1", "a%b"};
}

/// One that no person wrote: up to 40 characters, most of them printable ASCII, in lower case.
inline std::string random_name(std::mt19937_64& random)
{
    static const std::vector<std::string> beyond{"\xc3\xa9", "\xe4\xb8\x96", "\xf0\x9f\x90\xb3"};
    std::string name;
    for (std::size_t left = 1 + random() % 40; left != 0; --left) {
        const auto c = static_cast<char>(' ' + random() % 95);
        if (random() % 10 == 0)
            name += beyond[random() % beyond.size()];
        else
            name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return name;
}

}
