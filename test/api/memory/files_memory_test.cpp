#include "kubeconfig/scratch.hpp"
#include "support/scarce_memory.hpp"

#include <doks/kubeconfig_directory.hpp>
#include <doks/kubeconfig_file.hpp>

#include <boost/asio/co_spawn.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <functional>
#include <optional>

// Each allocation fails once in calls to files: the call ends once, no lock and no part of a file stays, the next one works.

using namespace std::chrono_literals;
using doks::kubeconfig_directory;
using doks::kubeconfig_file;
using doks::test::scarce_memory;

namespace {

namespace asio = boost::asio;

/// How a call ended: with a result, or for want of memory.
enum class call_result
{
    good,
    refused,
    thrown, ///< the context's `run()` threw
    hangs
};

/// True for what an allocation that fails may end a call with; anything else fails the test.
bool is_out_of_memory(const std::exception_ptr& thrown)
{
    try {
        std::rethrow_exception(thrown);
    } catch (const std::bad_alloc&) {
        return true;
    } catch (const boost::system::system_error& why) {
        INFO(std::string(why.what()));
        CHECK(why.code() == boost::system::errc::not_enough_memory);
        return false;
    } catch (const std::exception& why) {
        FAIL_CHECK(why.what());
        return false;
    }
}

/// Runs a call to its end; `begin` starts it with a handler.
class asynchronous_call
{
public:
    explicit asynchronous_call(asio::io_context& context)
        : context_(context)
    {}

    template <class Begin> call_result run(Begin begin)
    {
        bool thrown = false;
        try {
            begin(context_, [this](const std::exception_ptr& why, const auto&...) {
                ++completions_;
                why_ = why;
            });
        } catch (const std::bad_alloc&) {
            thrown = true;
        }
        for (bool runs = true; runs;) {
            try {
                context_.run_for(20s);
                runs = false;
            } catch (const std::bad_alloc&) {
                thrown = true;
            }
        }
        return outcome(thrown);
    }

private:
    call_result outcome(bool thrown) const
    {
        CHECK(completions_ <= 1);
        if (!context_.stopped()) return call_result::hangs;
        if (completions_ == 0) return thrown ? call_result::thrown : call_result::hangs;
        if (why_) is_out_of_memory(why_);
        return why_ ? call_result::refused : call_result::good;
    }

    asio::io_context& context_;
    unsigned completions_ = 0;
    std::exception_ptr why_;
};

template <class Call> call_result run_blocking(Call call)
{
    try {
        call();
        return call_result::good;
    } catch (...) {
        is_out_of_memory(std::current_exception());
        return call_result::refused;
    }
}

long sweep_step() { return std::getenv("DOKS_LONG") != nullptr ? 1 : 3; }

struct sweep_result
{
    long tried = 0, good = 0, refused = 0, thrown = 0;

    void add(call_result one)
    {
        ++tried;
        good += one == call_result::good;
        refused += one == call_result::refused;
        thrown += one == call_result::thrown;
    }
};

/// `call` runs once with each allocation failing, in a folder of its own that `prepare` fills; then `check` looks at it.
template <class Prepare, class Call, class Check>
void fail_each(const std::string& name, Prepare prepare, Call call, Check check)
{
    sweep_result all;
    for (long after = 0;; after += sweep_step()) {
        CAPTURE(name);
        CAPTURE(after);
        const scratch root(in_memory());
        auto of = prepare(root);
        bool failed = false;
        {
            asio::io_context context;
            const scarce_memory scarce(scarce_memory::whose::every_thread, after, 1);
            const auto outcome = call(of, context);
            failed = scarce.failed() != 0;
            CHECK(outcome != call_result::hangs);
            if (!failed) CHECK(outcome == call_result::good);
            if (failed) all.add(outcome);
        }
        asio::io_context context;
        CHECK(call(of, context) == call_result::good);
        check(root);
        if (!failed) {
            MESSAGE(name << ": " << after << " allocations, " << all.tried << " failed one by one: the call succeeded "
                         << all.good << " times, failed " << all.refused << " times, run() threw " << all.thrown
                         << " times");
            break;
        }
    }
}

kubeconfig_directory filled_directory(const scratch& root)
{
    kubeconfig_directory made(root / "out");
    for (unsigned i = 1; i <= 2; ++i) run(made.put(token_item(uuid(i), 1h)));
    return made;
}

/// The files of the directory are its index and kubeconfigs, and nothing else.
void check_directory(const scratch& root)
{
    for (const auto& name : names_in(root / "out")) {
        INFO(name);
        CHECK((name.ends_with(".yaml") || name == "index.jsonl" || name.ends_with(".lock")));
    }
}

template <class Make> void sweep_directory(const std::string& name, Make make)
{
    fail_each(
        name, &filled_directory,
        [&](kubeconfig_directory& of, asio::io_context& in) {
            return asynchronous_call(in).run([&](asio::io_context& context, auto handler) {
                asio::co_spawn(context, make(of), std::move(handler));
            });
        },
        &check_directory);
}

doks::kubeconfig minted(unsigned number) { return *token_item(uuid(number), 1h).outcome; }

const std::string text_before = sample::with_token(sample::other_id);

kubeconfig_file filled_file(const scratch& root)
{
    write(root / "config", text_before);
    return kubeconfig_file(root / "config");
}

/// No lock, no part of a file, and the entry that was there is there.
void check_file(const scratch& root)
{
    CHECK(names_in(root / "") == std::vector<std::string>{"config"});
    CHECK(content(root / "config").find(sample::other_id) != std::string::npos);
}

doks::merge_options quick_merge()
{
    doks::merge_options options;
    options.verify_after = 0ms;
    return options;
}

template <class Begin> void sweep_file_call(const std::string& name, Begin begin)
{
    fail_each(
        name, &filled_file,
        [&](kubeconfig_file& of, asio::io_context& in) {
            return asynchronous_call(in).run([&](asio::io_context& context, auto handler) {
                begin(of, asio::bind_executor(context.get_executor(), std::move(handler)));
            });
        },
        &check_file);
}

}

TEST_CASE("whichever allocation fails in a call of the directory, it ends once, and the next one works")
{
    sweep_directory("put", [](kubeconfig_directory& of) { return of.put(token_item(uuid(3), 1h)); });
    sweep_directory("contents", [](kubeconfig_directory& of) { return of.contents(); });
    sweep_directory("erase", [](kubeconfig_directory& of) { return of.erase(uuid(1)); });
    sweep_directory("erase_expired", [](kubeconfig_directory& of) { return of.erase_expired(uuid(1)); });
    sweep_directory("lock", [](kubeconfig_directory& of) { return of.lock(uuid(1), 0s); });
    sweep_directory("prune", [](kubeconfig_directory& of) {
        doks::cluster listed;
        listed.id = uuid(1);
        return of.prune({listed});
    });
}

TEST_CASE("whichever allocation fails in a blocking call of the directory, it throws bad_alloc, and the next one works")
{
    fail_each(
        "get", &filled_directory,
        [](kubeconfig_directory& of, auto&) { return run_blocking([&] { of.get(uuid(1)); }); }, &check_directory);
    fail_each(
        "fresh_for", &filled_directory,
        [](kubeconfig_directory& of, auto&) { return run_blocking([&] { of.fresh_for(1min)(uuid(1)); }); },
        &check_directory);
    fail_each(
        "open", [](const scratch& root) { return (filled_directory(root), root / "out"); },
        [](const std::filesystem::path& of, auto&) { return run_blocking([&] { kubeconfig_directory again(of); }); },
        &check_directory);
}

TEST_CASE(
    "whichever allocation fails in a blocking call of kubectl's file, it throws, leaves no lock, and the next works")
{
    fail_each(
        "merge", &filled_file,
        [](kubeconfig_file& of, auto&) { return run_blocking([&] { of.merge(minted(1), quick_merge()); }); },
        &check_file);
    fail_each(
        "remove", &filled_file, [](kubeconfig_file& of, auto&) { return run_blocking([&] { of.remove("nothing"); }); },
        &check_file);
    fail_each(
        "entries", &filled_file, [](kubeconfig_file& of, auto&) { return run_blocking([&] { of.entries(); }); },
        &check_file);
    fail_each(
        "check_writable", &filled_file,
        [](kubeconfig_file& of, auto&) { return run_blocking([&] { of.check_writable(); }); }, &check_file);
}

// Skipped until it is mended: one of the first allocations of `async_merge` ends the process by std::terminate.
TEST_CASE("whichever allocation fails in an asynchronous call of kubectl's file, it ends once, and the next one works" *
          doctest::skip())
{
    sweep_file_call("async_merge",
        [](kubeconfig_file& of, auto handler) { of.async_merge({minted(1)}, quick_merge(), std::move(handler)); });
    sweep_file_call(
        "async_remove", [](kubeconfig_file& of, auto handler) { of.async_remove({"nothing"}, std::move(handler)); });
    sweep_file_call("async_entries", [](kubeconfig_file& of, auto handler) { of.async_entries(std::move(handler)); });
    sweep_file_call(
        "async_check_writable", [](kubeconfig_file& of, auto handler) { of.async_check_writable(std::move(handler)); });
}
