#include "cli/account.hpp"

#include <doks/kubeconfig.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <doctest/doctest.h>

#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <sstream>

// Launches of the program for an account, and readers of its reports and directories.

namespace cli_test {

namespace fs = std::filesystem;

account::account(doks::sim::options how)
    : api(std::move(how))
{}

doks::sim::options unlimited(std::size_t clusters)
{
    doks::sim::options how;
    how.clusters = clusters;
    how.limit.enabled = false;
    return how;
}

launch account::command(std::vector<std::string> arguments) const
{
    launch how;
    how.arguments = std::move(arguments);
    how.arguments.insert(how.arguments.end(), {"--api-url", api.url(), "--ca-file", api.ca_file()});
    auto limits = std::find(how.arguments.begin(), how.arguments.end(), "--rate-limit");
    if (limits == how.arguments.end()) how.arguments.insert(how.arguments.end(), {"--rate-limit", "off"});
    how.environment = {{"DIGITALOCEAN_TOKEN", api.token()}, {"HOME", place_.path()}};
    return how;
}

launch account::fetch(std::vector<std::string> more) const
{
    std::vector<std::string> arguments{"kubeconfig", "fetch", "--all", "--out", out()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return command(std::move(arguments));
}

std::string account::write(const std::string& name, const std::string& text) const
{
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
}

void account::write_contexts(const std::map<std::string, std::string>& tokens) const
{
    std::string named, standard;
    for (const auto& [name, token] : tokens) {
        if (name == "default")
            standard = "access-token: " + token + "\n";
        else
            named += "  " + boost::json::serialize(boost::json::string(name)) + ": " + token + "\n";
    }
    fs::create_directories(path(".config/doctl"));
    write(".config/doctl/config.yaml", standard + "context: default\nauth-contexts:\n" + named);
}

void account::add_contexts(const std::vector<std::string>& names)
{
    std::map<std::string, std::string> tokens;
    for (const std::string& name : names) {
        doks::sim::token_spec spec;
        spec.label = name;
        tokens[name] = api.add_token(std::move(spec));
    }
    write_contexts(tokens);
}

std::string account::add_visitor()
{
    doks::sim::token_spec visitor;
    visitor.label = "visitor";
    visitor.role = doks::sim::role::custom;
    return api.add_token(std::move(visitor));
}

std::string lines_of_context(const std::string& out, const std::string& context)
{
    std::string lines;
    std::istringstream input(out);
    for (std::string line; std::getline(input, line);)
        if (line.find("\"context\":\"" + context + "\"") != std::string::npos) lines += line + '\n';
    return lines;
}

/// The lines of JSON by their ids.
std::map<std::string, boost::json::object> report_of(const std::string& out)
{
    std::map<std::string, boost::json::object> report;
    std::istringstream input(out);
    for (std::string line; std::getline(input, line);) {
        auto parsed = boost::json::parse(line).as_object();
        if (parsed["outcome"] == "not_started") continue;
        std::string id(parsed["id"].as_string());
        CHECK_MESSAGE(report.emplace(id, std::move(parsed)).second, id << " stands twice in the report");
    }
    return report;
}

std::size_t left_over(const std::string& out)
{
    std::size_t count = 0;
    std::istringstream input(out);
    for (std::string line; std::getline(input, line);) {
        const auto parsed = boost::json::parse(line).as_object();
        if (parsed.at("outcome") == "not_started") count += parsed.at("count").to_number<std::size_t>();
    }
    return count;
}

std::size_t count_outcomes(const std::map<std::string, boost::json::object>& report, const std::string& outcome)
{
    auto has_it = [&](const auto& entry) { return entry.second.at("outcome").as_string() == outcome; };
    return static_cast<std::size_t>(std::count_if(report.begin(), report.end(), has_it));
}

std::vector<std::string> stored_ids(const fs::path& directory)
{
    std::vector<std::string> ids;
    for (const fs::directory_entry& each : fs::directory_iterator(directory)) {
        if (each.path().extension() != ".yaml" || each.path().filename().native().starts_with(".")) continue;
        struct stat status
        {};
        REQUIRE(::stat(each.path().c_str(), &status) == 0);
        CHECK((status.st_mode & 07777) == 0600);
        auto id = each.path().stem().native();
        doks::kubeconfig stored(std::string_view(content(each.path())));
        CHECK(stored.current().server.find(id) != std::string::npos);
        ids.push_back(id);
    }
    return ids;
}

std::vector<std::string> stray_files(const fs::path& directory)
{
    std::vector<std::string> names;
    for (const fs::directory_entry& each : fs::directory_iterator(directory)) {
        auto name = each.path().filename().native();
        bool is_kubeconfig = each.path().extension() == ".yaml" && !name.starts_with(".");
        bool is_index = name.find("index") != std::string::npos || name.find("lock") != std::string::npos;
        if (!is_kubeconfig && !is_index) names.push_back(name);
    }
    return names;
}

std::string minted_token(const fs::path& file)
{
    doks::kubeconfig stored(std::string_view(content(file)));
    return std::string(stored.current().token.reveal());
}

}
