#include "api/memory/allocation_sweep.hpp"
#include "api/memory/scripts.hpp"

// Each allocation of a call fails once: the call ends once, or `run()` throws, and the client is as good as before.

namespace doks::test {

TEST_CASE("whichever allocation fails in a kubeconfig on a new connection, the call or run() ends and the client works")
{
    fail_each_allocation("kubeconfig, cold",
        {&own_kubeconfig, [](const client& with, call_end& end) { with.kubeconfig(an_id, {}, end.handler()); }});
}

TEST_CASE(
    "whichever allocation fails in a kubeconfig on a used connection, the call or run() ends and the client works")
{
    fail_each_allocation("kubeconfig, warm",
        {&own_kubeconfig, [](const client& with, call_end& end) { with.kubeconfig(an_id, {}, end.handler()); }, true});
}

TEST_CASE("whichever allocation fails in a try_kubeconfig, the call or run() ends and the client works")
{
    fail_each_allocation("try_kubeconfig",
        {&own_kubeconfig, [](const client& with, call_end& end) { with.try_kubeconfig(an_id, {}, end.handler()); }});
}

TEST_CASE("whichever allocation fails in a listing of two pages, the call or run() ends and the client works")
{
    fail_each_allocation("clusters, two pages",
        {&two_pages, [](const client& with, call_end& end) { with.clusters({}, end.handler()); }, true});
}

TEST_CASE("whichever allocation fails in find_cluster, the call or run() ends and the client works")
{
    fail_each_allocation("find_cluster",
        {&two_pages, [](const client& with, call_end& end) { with.try_find_cluster("second", {}, end.handler()); },
            true});
}

}
