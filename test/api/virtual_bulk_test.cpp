#include "support/virtual_world.hpp"

#include <doctest/doctest.h>

#include <functional>
#include <optional>
#include <vector>

using namespace std::chrono_literals;

namespace doks::test {

TEST_CASE("a bulk's items have their deadline while they are sent, and none while a 429 keeps the gate shut")
{
    unsigned seen_so_far = 0;
    virtual_world world([&](const seen_request& seen) {
        const bool refused = ++seen_so_far > 3 && seen_so_far <= 6; // as many as are under way by then
        if (refused) return scripted_answer{http_answer(429, "{}", "Retry-After: 1800\r\n")};
        return scripted_answer{http_answer(200, kubeconfig_text(id_in(seen.target())))};
    });
    const auto client = world.client(world.config());
    std::vector<std::string> ids;
    for (int i = 0; i < 20; ++i) ids.push_back("11111111-2222-4333-8444-5555555555" + std::to_string(10 + i));
    auto all = client.kubeconfigs(ids, {.in_flight = 4, .within = 5s});
    std::size_t good = 0;
    bool over = false;
    const auto began = world.time->steady_now();
    std::function<void()> read = [&] {
        all.next([&](std::exception_ptr, std::optional<bulk_item> item) {
            if (!item) return void(over = true);
            good += item->outcome.has_value();
            read();
        });
    };
    read();
    world.run([&] { return over; });
    CHECK(good == 20);
    CHECK(world.time->steady_now() - began >= 30min);
    CHECK(world.time->steady_now() - began <= 35min);
}

}
