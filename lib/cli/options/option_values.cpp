#include "cli/options/option_values.hpp"

#include "cli/clusters/cluster_reference.hpp"
#include "cli/options/duration.hpp"
#include "cli/output/cli_error.hpp"
#include "cli/output/text.hpp"
#include "cli/tokens/doctl_config.hpp"

#include <doks/cluster_index.hpp>

#include <charconv>
#include <optional>
#include <string>

namespace doks::cli {

namespace {

constexpr std::size_t most_requests = 1'000'000;

std::optional<std::size_t> whole_number(std::string_view text)
{
    std::size_t value = 0;
    auto end = text.data() + text.size();
    auto parsed = std::from_chars(text.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
    return value;
}

rate_window parse_window(std::string_view text, std::string_view option)
{
    auto slash = text.find('/');
    auto count = whole_number(text.substr(0, slash));
    if (slash == std::string_view::npos || !count)
        throw usage_error(std::string(option) + " " + in_quotes(text), "a limit is a number, a slash and a duration",
            "write for example 250/1m,5000/1h, or off");
    if (*count == 0 || *count > most_requests)
        throw usage_error(std::string(option) + " " + in_quotes(text), "a limit is 1 to 1000000 requests",
            "write for example 250/1m, or off for no limit");
    return {*count, parse_positive_duration(text.substr(slash + 1), option)};
}

}

std::size_t parse_count(std::string_view text, std::string_view option, std::size_t least, std::size_t most)
{
    auto value = whole_number(text);
    if (value && *value >= least && *value <= most) return *value;
    throw usage_error(std::string(option) + " " + in_quotes(text), "it is not a whole number in range",
        "give one from " + std::to_string(least) + " to " + std::to_string(most));
}

std::vector<rate_window> parse_rate_windows(std::string_view text, std::string_view option)
{
    std::vector<rate_window> windows;
    if (text == "off") return windows;
    for (;;) {
        auto comma = text.find(',');
        windows.push_back(parse_window(text.substr(0, comma), option));
        if (comma == std::string_view::npos) return windows;
        text.remove_prefix(comma + 1);
    }
}

void require_value(std::string_view text, std::string_view option)
{
    if (text.empty()) throw usage_error(std::string(option) + " ''", "it is empty", "leave it out, or give a value");
}

std::string read_text(std::string_view text, std::string_view) { return std::string(text); }

std::string read_context(std::string_view name)
{
    if (name.empty()) throw usage_error("--context ''", "it is empty", "'doctl auth list' shows the names");
    return doctl_name(name);
}

std::string read_proxy(std::string_view text, std::string_view option)
{
    if (text.find('@') != std::string_view::npos)
        throw usage_error(option, "every user can see a password on the command line", "put the URL into HTTPS_PROXY");
    return std::string(text);
}

std::string read_reference(std::string_view text, std::string_view)
{
    require_reference(text);
    return std::string(text);
}

std::string read_id(std::string_view text, std::string_view)
{
    if (!is_cluster_id(text))
        throw usage_error("cluster " + in_quotes(text), "it is no id, and a name would have to be looked up",
            "give the id (a UUID) that 'doks clusters' shows");
    return canonical_cluster_id(std::string(text));
}

std::string read_alias(std::string_view text, std::string_view option)
{
    if (text.empty() || !is_printable(text))
        throw usage_error(std::string(option) + " " + in_quotes(text), "it is empty or holds control characters",
            "choose a name that can be typed");
    return std::string(text);
}

std::filesystem::path read_directory(std::string_view text, std::string_view)
{
    if (text.empty()) throw usage_error("--out ''", "it is empty", "name a directory, for example --out kubeconfigs");
    return text;
}

std::filesystem::path read_kubectl_file(std::string_view text, std::string_view)
{
    if (text.empty())
        throw usage_error("--kubeconfig ''", "it is empty", "name a file, or leave it out for kubectl's own");
    return text;
}

std::filesystem::path read_cache(std::string_view text, std::string_view)
{
    if (text.empty()) throw usage_error("--cache ''", "it is empty", "name a directory");
    return text;
}

prune_mode read_prune(std::string_view text)
{
    if (text == "true") return prune_mode::half;
    if (text == "all") return prune_mode::all;
    throw usage_error("--prune=" + std::string(text), "invalid value", "give --prune or --prune=all");
}

}
