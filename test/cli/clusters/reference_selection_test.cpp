#include "cli/clusters/reference_selection.hpp"

#include <doctest/doctest.h>

// References that are looked up in one listing after the other: values in, selections out.

using doks::cluster;
using doks::cli::reference_selection;

namespace {

/// A cluster of a listing.
cluster named(std::string id, std::string name)
{
    cluster made;
    made.id = std::move(id);
    made.name = std::move(name);
    return made;
}

const std::string prod = "bd5f5959-5e1e-4205-a714-a914373942af", other = "cd5f5959-5e1e-4205-a714-a914373942af",
                  capitals = "BD5F5959-5E1E-4205-A714-A914373942AF";
using ids = std::set<std::string>;

}

TEST_CASE("names are looked up in the listing, and ids are not")
{
    reference_selection file;
    file.replace({"prod", capitals, other});
    CHECK(file.has_names());
    CHECK(file.ids() == ids{prod, other});
    CHECK(file.select({named(prod, "prod"), named("id-3", "stage")}).ids == ids{prod, other});
    file.replace({"stage"});
    CHECK(file.select({named(prod, "prod"), named("id-3", "stage")}).ids == ids{"id-3"});
    CHECK(file.unresolved().empty());
}

TEST_CASE("a name keeps its meaning while the listing lacks it or has several, and that is said once")
{
    reference_selection file;
    file.replace({"prod"});
    CHECK(file.select({named(prod, "prod")}).complaints.empty());
    for (const auto& listed : {std::vector<cluster>(), std::vector{named(prod, "prod"), named(other, "prod")}}) {
        const auto first = file.select(listed);
        CHECK(first.ids == ids{prod});
        REQUIRE(first.complaints.size() == 1);
        CHECK(first.complaints.front().find("stays kept") != std::string::npos);
        CHECK(file.select(listed).complaints.empty());
        CHECK(file.unresolved().size() == 1);
    }
    CHECK(file.select({named(other, "prod")}).ids == ids{other});
    CHECK(file.unresolved().empty());
    file.replace({other});
    CHECK_FALSE(file.has_names());
    CHECK(file.select({}).ids == ids{other});
}

TEST_CASE("a name that no cluster ever had selects nothing, and is named")
{
    reference_selection file;
    file.replace({"missing"});
    const auto selected = file.select({named(prod, "prod")});
    CHECK(selected.ids.empty());
    REQUIRE(selected.complaints.size() == 1);
    CHECK(selected.complaints.front().find("cluster 'missing'") != std::string::npos);
    CHECK(file.unresolved().size() == 1);
}
