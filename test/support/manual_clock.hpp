#pragma once

#include "async/clock.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

namespace doks::test {

/** A clock that moves when the test says so; for one thread.

    Everything that is due at a time runs in the order in which it was asked for.
*/
class manual_clock final : public async::clock, public std::enable_shared_from_this<manual_clock>
{
public:
    core::instant steady_now() const override { return now_ += tick_; }
    core::instant boot_now() const override { return now_ + asleep_; }
    core::wall_time wall_now() const override
    {
        return wall_ + std::chrono::duration_cast<core::wall_time::duration>(now_.time_since_epoch());
    }
    std::unique_ptr<async::alarm> make_alarm(async::executor on, std::function<void()> ring) override;

    /// Runs `what` when the clock gets there.
    std::uint64_t at(core::instant when, std::function<void()> what);
    void forget(std::uint64_t number);

    /// Moves to the next thing that is due and runs it; false if nothing is.
    bool advance();
    /// Forgets everything: what waits may hold what holds the clock.
    void stop();
    /// The machine sleeps: boot time goes on, steady time does not.
    void sleep(core::duration how_long) { asleep_ += how_long; }
    /// From now on the clock moves by so much whenever it is read: work takes time.
    void tick(core::duration each) { tick_ = each; }
    void step_wall(core::duration by) { wall_ += std::chrono::duration_cast<core::wall_time::duration>(by); }

private:
    mutable core::instant now_{std::chrono::hours(1000)};
    core::duration tick_{};
    core::duration asleep_{};
    core::wall_time wall_{std::chrono::seconds(1'700'000'000)};
    std::uint64_t last_ = 0;
    std::map<std::pair<core::instant, std::uint64_t>, std::function<void()>> due_;
    std::map<std::uint64_t, core::instant> index_;
};

}
