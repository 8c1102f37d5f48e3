#include "async/event_queue.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/io_context.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

// The event queue behind a stream, with one reader on an io_context: order, cancellation, destruction.

namespace doks::test {

namespace {

/// An event of the stream.
struct word
{
    std::string id;
    int value = 0;
};

/// A reader that keeps what it hears, until the stream ends or a wait is cancelled.
struct reader
{
    explicit reader(std::shared_ptr<async::event_queue<word>> from)
        : words(std::move(from))
    {}

    void read(boost::asio::io_context& on)
    {
        words.next(boost::asio::bind_cancellation_slot(stop.slot(),
            boost::asio::bind_executor(on.get_executor(), [this](std::exception_ptr error, std::optional<word> got) {
                ++completions;
                aborted += error != nullptr;
                ended = !error && !got;
                if (got) heard.push_back(got->id + std::to_string(got->value));
            })));
    }

    stream<word> words;
    boost::asio::cancellation_signal stop;
    std::vector<std::string> heard;
    int completions = 0;
    int aborted = 0;
    bool ended = false;
};

}

TEST_CASE("of each id a stream keeps the newest word, in the order in which they came")
{
    boost::asio::io_context context;
    const auto box = std::make_shared<async::event_queue<word>>();
    box->push({"a", 1});
    box->push({"b", 1});
    box->push({"a", 2});
    box->close();
    reader who(box);
    for (int i = 0; i < 3; ++i) {
        who.read(context);
        context.run();
        context.restart();
    }
    CHECK(who.heard == std::vector<std::string>{"b1", "a2"});
    CHECK(who.ended);
    CHECK(who.completions == 3);
}

TEST_CASE("a reader that waits keeps its context at work, and hears what comes later")
{
    boost::asio::io_context context;
    const auto box = std::make_shared<async::event_queue<word>>();
    reader who(box);
    who.read(context);
    CHECK(context.poll() == 0);
    CHECK_FALSE(context.stopped());
    box->push({"a", 7});
    context.run();
    CHECK(who.heard == std::vector<std::string>{"a7"});
}

TEST_CASE("a cancelled wait ends once, and the word that comes later is for the next one")
{
    boost::asio::io_context context;
    const auto box = std::make_shared<async::event_queue<word>>();
    reader who(box);
    who.read(context);
    who.stop.emit(boost::asio::cancellation_type::terminal);
    who.stop.emit(boost::asio::cancellation_type::terminal);
    context.run();
    CHECK(who.completions == 1);
    CHECK(who.aborted == 1);
    box->push({"a", 1});
    context.restart();
    who.read(context);
    context.run();
    CHECK(who.heard == std::vector<std::string>{"a1"});
}

TEST_CASE("a handler that waits is destroyed uncalled with its context, and events are kept for the next reader")
{
    const auto box = std::make_shared<async::event_queue<word>>();
    auto context = std::make_unique<boost::asio::io_context>();
    reader who(box);
    who.read(*context);
    context.reset();
    box->push({"a", 1});
    CHECK(who.completions == 0);

    boost::asio::io_context another;
    who.read(another);
    another.run();
    CHECK(who.heard == std::vector<std::string>{"a1"});
}

}
