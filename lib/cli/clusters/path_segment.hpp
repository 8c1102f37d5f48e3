#pragma once

#include <string>
#include <string_view>

namespace doks::cli {

/** The name of a file or directory for any text, a context's name or an address.

    Lower-case letters, digits, `-`, `_` and `.` stay, so `work` is `work`. Every other byte is written as `%` and
    two hexadecimal digits: `127.0.0.1:8443` is `127.0.0.1%3a8443`; so are a `.` or `-` at the beginning, and the `.` of
    `.yaml` and `.jsonl` at the end, the names of files in a directory of kubeconfigs. Different texts have different
    names, also where the file system ignores case. No name is empty, hidden, `.` or `..`, or taken for an option. What
    would be longer than 200 bytes is the text's SHA-256 behind `%sha256-`, which no other name begins with.
*/
std::string path_segment(std::string_view text);

}
