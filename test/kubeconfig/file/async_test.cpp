#include "kubeconfig/file/files.hpp"
#include "kubeconfig/posix/lock_file.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_future.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <list>
#include <optional>
#include <thread>

// The asynchronous calls: who runs where, what a cancellation does at each moment, and who owns what when handles
// and contexts go. What the calls do to the file is tested with the blocking ones, for both run the same code.

using namespace std::chrono_literals;
using doks::kubeconfig_file;
using doks::kube::lock_file;

namespace asio = boost::asio;

namespace {

using outcome = doks::result<doks::merge_result>;

lock_file locked(const std::filesystem::path& file)
{
    auto lock = lock_file::take(file, std::chrono::steady_clock::now() + 5s);
    if (!lock) throw std::runtime_error(lock.error().detail);
    return std::move(*lock);
}

/// A merge whose outcome is awaited on a context, and that can be cancelled.
struct merge_call
{
    void start(const kubeconfig_file& file, asio::io_context& on, unsigned number, doks::merge_options options)
    {
        auto handler = [this](outcome got) {
            done.emplace(std::move(got));
            ++times;
        };
        file.try_async_merge({config_number(number)}, std::move(options),
            asio::bind_cancellation_slot(signal.slot(), asio::bind_executor(on.get_executor(), handler)));
    }

    bool was_cancelled() const
    {
        return times == 1 && !*done && done->error().code() == asio::error::operation_aborted;
    }

    asio::cancellation_signal signal;
    std::optional<outcome> done;
    int times = 0;
};

template <class Predicate> bool becomes(Predicate is_so)
{
    for (int tries = 0; tries < 5000 && !is_so(); ++tries) std::this_thread::sleep_for(1ms);
    return is_so();
}

}

// Futures stand for every token here: they need neither a coroutine nor a cancellation slot.
TEST_CASE("the asynchronous calls do what the blocking ones do, with any token")
{
    const scratch root;
    const kubeconfig_file file(root / "config");
    CHECK(file.async_check_writable(asio::use_future).get() == root / "config");
    CHECK_FALSE(std::filesystem::exists(root / "config"));
    const auto merged = file.async_merge({config_number(1), config_number(2)}, undisturbed(), asio::use_future).get();
    CHECK(merged.entries.size() == 2);
    CHECK(merged.written == std::vector{root / "config"});
    CHECK(file.async_entries(asio::use_future).get().size() == 2);
    CHECK(file.try_async_remove({name_of(1)}, asio::use_future).get()->removed == std::vector{name_of(1)});
    CHECK(contexts_in(file) == std::vector{name_of(2)});

    write(root / "config", "kind: Pod\n");
    CHECK(failure_of([&] { file.async_entries(asio::use_future).get(); }) == doks::errc::not_a_kubeconfig);
    const auto refused = file.try_async_check_writable(asio::use_future).get();
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error() == doks::errc::not_a_kubeconfig);
    CHECK(refused.error().detail().starts_with((root / "config").string() + ": "));
}

// The timer shares the context's only thread with the merge; if the merge blocked it, the timer could not release
// the lock.
TEST_CASE("a coroutine goes on where it was, and its thread does other work while a lock is waited for")
{
    const scratch root;
    const kubeconfig_file file(root / "config");
    asio::io_context context;
    std::optional<lock_file> lock(locked(root / "config"));
    std::optional<doks::merge_result> merged;
    std::thread::id continued_on;
    const auto merge = [&]() -> asio::awaitable<void> {
        std::vector<doks::kubeconfig> configs{config_number(1)};
        merged = co_await file.async_merge(std::move(configs), undisturbed());
        continued_on = std::this_thread::get_id();
    };
    int ticks = 0;
    const auto tick = [&]() -> asio::awaitable<void> {
        asio::steady_timer timer(context);
        for (; ticks < 20; ++ticks) {
            timer.expires_after(1ms);
            co_await timer.async_wait(asio::use_awaitable);
        }
        CHECK_FALSE(merged);
        lock.reset();
    };
    asio::co_spawn(context, merge(), [](const std::exception_ptr& thrown) { CHECK_FALSE(thrown); });
    asio::co_spawn(context, tick(), [](const std::exception_ptr& thrown) { CHECK_FALSE(thrown); });
    context.run(); // it has work as long as the merge waits
    CHECK(ticks == 20);
    REQUIRE(merged);
    CHECK(merged->entries.size() == 1);
    CHECK(continued_on == std::this_thread::get_id());
}

// The second call has not reached the disk's thread, so it need not wait until the first one gives up.
TEST_CASE("a call that waits for a lock is cancelled soon, and one that has not begun at once")
{
    const scratch root;
    const kubeconfig_file file(root / "config");
    asio::io_context context;
    const auto lock = locked(root / "config");
    merge_call first, second;
    first.start(file, context, 1, undisturbed());
    second.start(file, context, 2, undisturbed());
    context.run_for(20ms);
    second.signal.emit(asio::cancellation_type::terminal);
    context.run_for(20ms);
    CHECK(second.was_cancelled());
    CHECK(first.times == 0);
    first.signal.emit(asio::cancellation_type::terminal);
    const auto before = std::chrono::steady_clock::now();
    context.run();
    CHECK(first.was_cancelled());
    CHECK(first.done->error() == doks::condition::cancelled);
    CHECK(std::chrono::steady_clock::now() - before < 5s);
    CHECK_FALSE(std::filesystem::exists(root / "config"));
}

// A file that was replaced stays replaced: reporting a cancellation would make the caller believe that nothing happened.
TEST_CASE("a cancellation after the write ends the second look, and the outcome says so")
{
    const scratch root;
    const kubeconfig_file file(root / "config");
    asio::io_context context;
    auto options = undisturbed();
    options.verify_after = 1h;
    merge_call call;
    call.start(file, context, 1, options);
    REQUIRE(becomes([&] { return content(root / "config").find(name_of(1)) != std::string::npos; }));
    call.signal.emit(asio::cancellation_type::terminal);
    context.run();
    REQUIRE(call.times == 1);
    REQUIRE(call.done->has_value());
    CHECK((*call.done)->unverified);
    CHECK((*call.done)->entries.size() == 1);
    CHECK(contexts_in(file) == std::vector{name_of(1)});
}

// The handlers own handles of the file here, so that their end joins the thread that works for them.
TEST_CASE("a context that is destroyed takes its handlers along uncalled, and what has not begun is not done")
{
    const scratch root;
    const auto witness = std::make_shared<int>();
    std::atomic<int> called = 0;
    std::optional<lock_file> lock(locked(root / "config"));
    {
        asio::io_context context;
        const kubeconfig_file file(root / "config");
        for (unsigned number = 1; number <= 3; ++number)
            file.try_async_merge({config_number(number)}, undisturbed(),
                asio::bind_executor(context.get_executor(), [witness, file, &called](const outcome&) { ++called; }));
        context.poll();
        CHECK(witness.use_count() == 4);
    }
    CHECK(witness.use_count() == 1);
    CHECK(called == 0);
    lock.reset();
    CHECK_FALSE(std::filesystem::exists(root / "config"));
    CHECK(kubeconfig_file(root / "config").merge(config_number(1), undisturbed()).entries.size() == 1);
}

// `kubeconfig_file::from_environment().async_merge(...)` is a natural line to write.
TEST_CASE("a handle may go while its call is under way")
{
    const scratch root;
    asio::io_context context;
    std::optional<lock_file> lock(locked(root / "config"));
    merge_call call;
    call.start(kubeconfig_file(root / "config"), context, 1, undisturbed());
    context.run_for(10ms);
    CHECK(call.times == 0);
    lock.reset();
    context.run();
    REQUIRE(call.times == 1);
    CHECK(call.done->has_value());
}

// Cancellations race with the start, the lock and the end of the work.
TEST_CASE("of a thousand calls that are cancelled at some moment each hears once, and each is done or not")
{
    const scratch root(in_memory());
    const kubeconfig_file file(root / "config");
    asio::thread_pool pool(4);
    constexpr unsigned count = 1000;
    using strand_type = asio::strand<asio::thread_pool::executor_type>;
    struct call
    {
        explicit call(strand_type on)
            : strand(std::move(on))
        {}

        asio::cancellation_signal signal;
        strand_type strand;
        std::atomic<int> times = 0;
        std::atomic<bool> is_done = false;
    };
    std::list<call> calls;
    for (unsigned number = 0; number < count; ++number) {
        auto& each = calls.emplace_back(asio::make_strand(pool.get_executor()));
        asio::post(each.strand, [&, number] {
            auto handler = [&each](const doks::result<doks::remove_result>& got) {
                ++each.times;
                each.is_done = got.has_value();
            };
            file.try_async_remove({name_of(number)},
                asio::bind_cancellation_slot(each.signal.slot(), asio::bind_executor(each.strand, handler)));
        });
        if (number % 3 != 0) asio::post(each.strand, [&each] { each.signal.emit(asio::cancellation_type::terminal); });
    }
    pool.join();
    std::size_t done = 0;
    for (const auto& each : calls) {
        CHECK(each.times == 1);
        done += each.is_done ? 1 : 0;
    }
    CHECK(done >= count / 3);
}

// The check keeps what it has parsed. The bytes decide whether that is still true, not sizes or times.
TEST_CASE("what changes between a check and the merge after it is seen, however alike it is")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    file.merge(config_number(1), undisturbed());
    const auto before = content(root / "config");
    auto changed = before;
    changed.replace(changed.find("abc-def"), 7, "fed-cba");
    CHECK(file.check_writable() == root / "config");
    write(root / "config", changed);
    file.merge(config_number(2), undisturbed());
    CHECK(content(root / "config").find("fed-cba") != std::string::npos);
    CHECK(content(root / "config").find("abc-def") != std::string::npos); // the second one's
    CHECK(file.check_writable() == root / "config");
    CHECK(file.remove(name_of(2)).removed.size() == 1);
    CHECK(content(root / "config") == changed);
}

// `save` mints credentials only after this check.
TEST_CASE("a check refuses what a merge would refuse, and leaves no lock")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    file.wait_for_lock(0ms);
    {
        const auto lock = locked(root / "config");
        CHECK(failure_of([&] { file.check_writable(); }) == doks::errc::kubeconfig_locked);
    }
    for (const auto* text : {"a: [", "kind: Pod\n", "users: {}\n"}) {
        write(root / "config", text);
        CHECK(failure_of([&] { file.check_writable(); }) == doks::errc::not_a_kubeconfig);
    }
    CHECK(names_in(root / "") == std::vector<std::string>{"config"});
}
