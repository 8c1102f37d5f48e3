#pragma once

#include "cli/child.hpp"
#include "support/sim_faults.hpp"

#include <doks/sim/simulator.hpp>

#include <boost/json/object.hpp>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cli_test {

/// A simulator without rate limits.
doks::sim::options unlimited(std::size_t clusters = 3);

/// A simulated account, and its files on disk.
class account
{
public:
    explicit account(doks::sim::options how = unlimited());

    /// The launch of a command against this account, its token in the environment.
    launch command(std::vector<std::string> arguments) const;
    finished run(std::vector<std::string> arguments) const { return cli_test::run(command(std::move(arguments))); }
    /// `kubeconfig fetch --all` into `out()`, with more arguments.
    launch fetch(std::vector<std::string> more = {}) const;

    /// Tells doctl of these contexts and the tokens that they have; the one named `default` is its `access-token`.
    void write_contexts(const std::map<std::string, std::string>& tokens) const;
    /// Has the simulator accept a token for each context and tells doctl of it.
    void add_contexts(const std::vector<std::string>& names);

    /// The token of a user whose role gives no rights inside a cluster.
    std::string add_visitor();

    std::filesystem::path path(const std::string& name) const { return place_.path() / name; }
    std::filesystem::path out() const { return path("out"); }
    std::string write(const std::string& name, const std::string& text) const;

    doks::sim::simulator api;

private:
    doks::test::scratch_folder place_;
};

using doks::test::answer_with;

/// The lines of a report that are about this context.
std::string lines_of_context(const std::string& out, const std::string& context);

/// The lines of a report by id; fails the test where an id stands twice.
std::map<std::string, boost::json::object> report_of(const std::string& out);
/// How many were not started, by the report.
std::size_t left_over(const std::string& out);
std::size_t count_outcomes(const std::map<std::string, boost::json::object>& report, const std::string& outcome);

/// The ids of the kubeconfigs in a directory; fails the test unless each has mode 0600 and names its own cluster.
std::vector<std::string> stored_ids(const std::filesystem::path& directory);
/// Files that are neither a kubeconfig nor part of the index: what a write that broke off would leave.
std::vector<std::string> stray_files(const std::filesystem::path& directory);
/// The bearer token in a stored kubeconfig.
std::string minted_token(const std::filesystem::path& file);

}
