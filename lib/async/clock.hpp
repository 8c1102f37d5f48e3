#pragma once

#include "async/executor.hpp"
#include "core/outcome.hpp"

#include <functional>
#include <memory>

namespace doks::async {

/// One waitable timer. It is set and cleared on its executor, and calls back there.
class alarm
{
public:
    virtual ~alarm() = default;

    /// Calls `ring` at `at` or soon after; an earlier setting is forgotten.
    virtual void set(core::instant at) = 0;
    /// Forgets the setting; no callback comes any more that was not yet on its way.
    virtual void clear() = 0;
};

/** The door to time: the only way by which this module learns what time it is.

    Threads: any.
*/
class clock
{
public:
    virtual ~clock() = default;

    /// For deadlines and waits.
    virtual core::instant steady_now() const = 0;
    /// As `steady_now`, but runs on while the machine sleeps: for the age of connections.
    virtual core::instant boot_now() const = 0;
    /// For dates that leave the process.
    virtual core::wall_time wall_now() const = 0;

    virtual std::unique_ptr<alarm> make_alarm(executor on, std::function<void()> ring) = 0;
};

/// The machine's own clocks.
std::shared_ptr<clock> system_clock();

}
