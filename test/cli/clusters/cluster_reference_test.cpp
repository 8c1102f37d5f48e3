#include "cli/clusters/cluster_reference.hpp"
#include "cli/clusters/id_list.hpp"
#include "cli/thrown.hpp"

#include <doks/cluster_index.hpp>

#include <doctest/doctest.h>

#include <sstream>

// Words by which a user names clusters, and files of them: texts in, references or faults out.

using namespace doks::cli;
using cli_test::holds;
using cli_test::usage_fault;

namespace {

std::vector<std::string> ids_in(const std::string& text)
{
    std::istringstream input(text);
    return read_ids(input, "ids.txt");
}

}

TEST_CASE("a reference that cannot be one segment of a path is refused, with its fault")
{
    const std::pair<const char*, const char*> faults[] = {{"", "empty"}, {".", "dot segment"}, {"..", "dot segment"},
        {"a/b", "slash"}, {"../../account", "dot"}, {"a b", "white space"}, {"a\nb", "white space"},
        {"a?x=1", "something else"}, {"a%2fb", "something else"}, {"a\\b", "something else"},
        {"caf\xc3\xa9", "something else"}};
    for (const auto& each : faults) {
        const char* const text = each.first; // clang 14 captures no structured binding
        CAPTURE(text);
        auto said = usage_fault([text] { require_reference(text); });
        CHECK(holds(said, each.second));
        CHECK(holds(said, "doks clusters"));
    }
    CHECK(usage_fault([] { require_reference(std::string(201, 'a')); }).find("longer") != std::string::npos);
    require_reference("prod-1");
    require_reference("bd5f5959-5e1e-4205-a714-a914373942af");
}

TEST_CASE("a name that no cluster has, or several have, is an error that says what to do")
{
    std::vector<doks::cluster> listed(3);
    for (std::size_t at = 0; at < listed.size(); ++at) {
        listed[at].id = "id-" + std::to_string(at + 1);
        listed[at].name = at == 0 ? "prod" : "test";
    }
    const doks::cluster_index index(listed);
    const auto none = named_wrongly(index.find_by_name("stage").error());
    CHECK(none.status() == exit_status::failed);
    CHECK(std::string(none.what()) == "cluster 'stage': none of the 3 clusters that this token sees has this "
                                      "name — 'doks clusters' lists them");
    const auto several = named_wrongly(index.find_by_name("test").error());
    CHECK(several.status() == exit_status::failed);
    CHECK(std::string(several.what()) ==
          "cluster 'test': 2 clusters have this name: id-2, id-3 — give the id of one of them");
}

TEST_CASE("an id list takes blank lines and comments")
{
    CHECK(ids_in("").empty());
    CHECK(ids_in("# all\n\n  id-1  \r\nid-2 # prod\n\t\nid-3") == std::vector<std::string>{"id-1", "id-2", "id-3"});
}

TEST_CASE("a broken line of an id list is named by its number and never quoted")
{
    auto said = usage_fault([] { ids_in("# head\nid-1\n\nsome/secret\n"); });
    CHECK(holds(said, "'ids.txt', line 4"));
    CHECK(holds(said, "slash"));
    CHECK_FALSE(holds(said, "secret"));
    CHECK(holds(usage_fault([] { ids_in("id 1\n"); }), "line 1"));
    CHECK(holds(usage_fault([] { ids_in("id-1\n..\n"); }), "line 2"));
}

TEST_CASE("an id list that cannot be read is named")
{
    std::istringstream nothing;
    CHECK(holds(usage_fault([&] { read_ids_of("/nonexistent/ids.txt", nothing); }), "No such file"));
    CHECK(holds(usage_fault([&] { read_ids_of("/", nothing); }), "--ids '/'"));
    std::istringstream input("id-1\n");
    CHECK(read_ids_of("-", input) == std::vector<std::string>{"id-1"});
}
