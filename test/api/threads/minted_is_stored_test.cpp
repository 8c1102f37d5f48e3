#include "keeper/stored_world.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>

// A credential that was minted is stored, whenever its caller cancels.

namespace doks::test {

namespace {

/// A caller that cancels some steps of the context after the API has minted.
class impatient_caller
{
public:
    impatient_caller()
    {
        keeper_.try_kubeconfig(cluster_number(1), {},
            boost::asio::bind_cancellation_slot(signal_.slot(), [this](const result<kubeconfig>& got) {
                ++completions_;
                is_good_ = got.has_value();
                if (!got) CHECK(got.error() == condition::cancelled);
            }));
    }

    /// False if the call had completed before.
    bool cancel_after(unsigned steps)
    {
        while (in_.here.all_minted == 0 && step()) {
        }
        REQUIRE(in_.here.all_minted == 1);
        for (; steps != 0 && completions_ == 0; --steps) step();
        if (completions_ != 0) return false;
        signal_.emit(boost::asio::cancellation_type::terminal);
        return true;
    }
    void check_stored()
    {
        in_.run(1min);
        CHECK(completions_ == 1);
        CHECK(in_.here.all_minted == 1);
        CHECK(keeper_.stats().minted == 1);
        CHECK(in_.file(1).find("token-1") != std::string::npos);
    }
    bool is_good() const noexcept { return is_good_; }

private:
    /// Runs one handler, after the directory's thread and the clock where there is none.
    bool step()
    {
        auto& world = in_.here.world;
        world.context.restart();
        if (world.context.poll_one() != 0) return true;
        std::promise<void> done;
        kube::directory_access::worker(in_.directory)->run([&] { done.set_value(); });
        done.get_future().wait();
        world.context.restart();
        return world.context.poll_one() != 0 || world.time->advance();
    }

    stored_world in_;
    keeper keeper_ = in_.make();
    boost::asio::cancellation_signal signal_;
    unsigned completions_ = 0;
    bool is_good_ = false;
};

}

TEST_CASE("a credential that was minted is stored, at whichever step after it the caller cancels")
{
    unsigned steps = 0, cancelled = 0;
    for (bool in_time = true; in_time; ++steps) {
        CAPTURE(steps);
        impatient_caller caller;
        in_time = caller.cancel_after(steps);
        caller.check_stored();
        cancelled += !caller.is_good();
    }
    CHECK(cancelled > 0);
    MESSAGE(steps << " steps behind the mint, " << cancelled << " callers cancelled in time: stored each time");
}

}
