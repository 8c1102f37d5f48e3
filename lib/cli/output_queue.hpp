#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

namespace doks::cli {

/** Writes to a file descriptor on a thread of its own, so that a reader that stops reading holds up nothing else.

    Shape: texts are written whole and in order; those for two descriptors of one file (a terminal) in one order. What is
    not written yet is kept in memory that is wiped. The thread is never joined: it may be stuck for ever.
    Errors: the first write that fails ends the writing.
    Threads: any.
*/
class output_queue
{
public:
    explicit output_queue(int file);

    /// False where more than `room` bytes would wait to be written: the text is dropped.
    bool put(std::string_view text, std::size_t room);
    bool is_empty() const;
    /// Waits until all is written or a write has failed; false if that takes longer.
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
