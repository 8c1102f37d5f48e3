#include <doks/cluster_index.hpp>

#include <doctest/doctest.h>

// The index of a listing, by id and by name: values in, values out.

using namespace doks;

namespace {

cluster make(std::string id, std::string name)
{
    cluster made;
    made.id = std::move(id);
    made.name = std::move(name);
    return made;
}

const std::string prod = "bd5f5959-5e1e-4205-a714-a914373942af", in_capitals = "BD5F5959-5E1E-4205-A714-A914373942AF";

}

TEST_CASE("a cluster's id is told from a name, and has one canonical form")
{
    CHECK(is_cluster_id(prod));
    CHECK(is_cluster_id(in_capitals));
    for (const char* text : {"", "prod", "bd5f5959-5e1e-4205-a714-a914373942a", "bd5f5959-5e1e-4205-a714-a914373942afa",
             "bd5f5959x5e1e-4205-a714-a914373942af", "gd5f5959-5e1e-4205-a714-a914373942af"})
        CHECK_FALSE(is_cluster_id(text));
    CHECK(canonical_cluster_id(in_capitals) == prod);
    CHECK(canonical_cluster_id("Prod") == "Prod");
}

TEST_CASE("clusters of a listing are found by id and by name")
{
    const std::vector<cluster> listed{make(prod, "prod"), make("id-2", "test"), make("id-3", "test")};
    const cluster_index index(listed);
    CHECK(index.find_by_id(prod) == &listed.front());
    CHECK(index.find_by_id(in_capitals) == &listed.front());
    CHECK(index.find_by_id("id-4") == nullptr);
    CHECK(index.find_by_name("prod")->id == prod);
    CHECK(index.find_by_name("Prod").error() == errc::no_such_cluster);
    CHECK(index.find_by_name("test").error() == errc::ambiguous_name);
    CHECK(index.find_by_name("test").error().detail().find("id-2, id-3") != std::string::npos);
    const auto why = index.find_by_name("dop_v1_0123456789abcdef").error();
    CHECK(why.record().operation.find("dop_v1") == std::string::npos);
}
