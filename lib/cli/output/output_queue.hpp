#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace doks::cli {

/** Writes to a file descriptor on a thread of its own, so that a reader that stops reading holds up nothing else.

    Texts are written whole and in order; those for two descriptors of one file (a terminal) in one order. What is
    not written yet is kept in memory that is wiped. The thread is never joined: it may be stuck for ever. Where no thread can
    be started, the caller's writes.
    Errors: the first write that fails ends the writing.
    Threads: any.
*/
class output_queue
{
public:
    explicit output_queue(int file);

    /// False where other texts wait to be written, and more than `room` bytes would: the text is dropped.
    bool put(std::string_view text, std::size_t room);
    bool is_empty() const;
    /// Waits until all is written or a write has failed. With `patience`: as long as something is written within it, five
    /// times at most; false if that was not enough.
    bool flush(std::optional<std::chrono::milliseconds> patience) const;
    /// Of the first write that failed, or 0. A pipe that its reader has closed is EPIPE.
    int error() const;

private:
    class state;

    static std::shared_ptr<state> state_of(int file);

    int file_;
    std::shared_ptr<state> state_;
};

}
