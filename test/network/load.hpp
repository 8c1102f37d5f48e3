#pragma once

#include "support/long_form.hpp"
#include "support/text.hpp"

#include <doks/client.hpp>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace doks::test {

/// How much is done: the long form where DOKS_LONG is set, less than usual under a sanitizer.
inline std::size_t sized(std::size_t usual, std::size_t long_form)
{
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
    constexpr std::size_t slowness = 5;
#else
    constexpr std::size_t slowness = 1;
#endif
    return (is_long() ? long_form : usual) / slowness;
}

/** Calls of one client, so many at a time, until a number of them have their outcome.

    Shape: what became of them is counted, and each call's completions. It must outlive its calls.
*/
class load
{
public:
    load(client through, std::size_t at_a_time)
        : client_(std::move(through))
        , at_a_time_(at_a_time)
    {}
    load(const load&) = delete;
    load& operator=(const load&) = delete;

    /// So many more calls, run on this thread until they are over.
    void run(boost::asio::io_context& on, std::size_t count);
    /// Begins so many more; they are carried out by the thread that runs the context.
    void begin(std::size_t count);
    bool done() const noexcept { return ended == completions_.size(); }
    /// Calls that did not complete exactly once.
    std::size_t miscounted() const;
    /// For a message: how it went, and what failed how often.
    std::string text() const;

    std::size_t ended = 0;
    std::size_t failed = 0;
    std::size_t cross_wired = 0;
    std::size_t paid = 0; ///< attempts beyond the first of each call
    std::size_t resends = 0;
    std::size_t most_resends = 0; ///< of one call
    std::map<std::string, std::size_t> why;

private:
    void next();
    void settle(std::size_t number, const result<kubeconfig>& got);
    void count(const call_info& info);

    client client_;
    std::size_t at_a_time_;
    std::size_t left_ = 0;
    std::vector<unsigned> completions_;
};

}
