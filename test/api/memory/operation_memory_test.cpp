#include "api/memory/allocation_sweep.hpp"
#include "api/memory/scripts.hpp"

#include <memory>
#include <utility>

// Each allocation fails once in what takes several requests: exact expiry, waiting, a bulk, a drain.

namespace doks::test {

namespace {

/// Reads a bulk to its end.
class bulk_reader
{
public:
    static void start(const client& with, call_end& end)
    {
        std::vector<std::string> ids;
        for (const char last : {'1', '2', '3', '4'}) ids.push_back(an_id.substr(0, 35) + last);
        read(std::make_shared<bulk_reader>(with.kubeconfigs(std::move(ids), {.in_flight = 2}), end));
    }

    bulk_reader(bulk from, call_end& end)
        : from_(std::move(from))
        , end_(end)
    {}

private:
    static void read(std::shared_ptr<bulk_reader> self)
    {
        auto& from = self->from_;
        from.next([self = std::move(self)](const std::exception_ptr&, const std::optional<bulk_item>& item) {
            if (!item) return self->end_.complete(self->items_ == 4 ? self->why_ : make_error_code(errc::stopped));
            ++self->items_;
            if (!item->outcome) self->why_ = item->outcome.error().code();
            read(self);
        });
    }

    bulk from_;
    call_end& end_;
    unsigned items_ = 0;
    boost::system::error_code why_;
};

/// Answers after the drain's bound.
scripted_answer late(const seen_request& seen)
{
    auto answer = own_kubeconfig(seen);
    answer.delay = 3s;
    return answer;
}

}

TEST_CASE("whichever allocation fails in wait_ready, the call or run() ends and the client works")
{
    fail_each_allocation("wait_ready",
        {young_cluster(), [](const client& with, call_end& end) { with.wait_ready(an_id, {}, end.handler()); }, true});
}

TEST_CASE("whichever allocation fails in an exact kubeconfig, the call or run() ends and the client works")
{
    fail_each_allocation("exact kubeconfig",
        {young_cluster(),
            [](const client& with, call_end& end) {
                with.kubeconfig(an_id, {.expiry = 1h, .expiry_is = expiry_precision::exact}, end.handler());
            },
            true});
}

TEST_CASE("whichever allocation fails in a bulk, the bulk or run() ends and the client works")
{
    fail_each_allocation("bulk of four", {&own_kubeconfig, &bulk_reader::start, true});
}

TEST_CASE("whichever allocation fails in a drain with a call under way, the drain or run() ends" *
          doctest::skip()) // until a crash that some runs have is explained
{
    fail_each_allocation("drain", {&late, [](const client& with, call_end& end) {
                                       with.try_kubeconfig(an_id, {}, [](const result<kubeconfig>&) {});
                                       with.drain(1s, end.handler());
                                   }});
}

}
