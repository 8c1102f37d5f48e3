#include "kubeconfig/directory/directory_access.hpp"
#include "kubeconfig/scratch.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>

// The thread of a directory: order, lifetimes, and what it hands to callers. Its users are keepers, the watch and
// coroutines, which may all go away at any time.

using namespace std::chrono_literals;
using doks::kubeconfig_directory;
using doks::kube::directory_access;

namespace {

doks::kube::put_job job(unsigned number)
{
    return {*token_item(uuid(number), 15min).outcome, uuid(number), "blue", "nyc1", "team-a"};
}

}

// An erase that was given after a put must not run before it.
TEST_CASE("what a worker is given is done in order, on one thread that is not the caller's")
{
    const scratch root;
    const kubeconfig_directory directory(root / "out");
    const auto worker = directory_access::worker(directory);
    const auto store = directory_access::store(directory);
    std::string order;
    std::vector<std::thread::id> threads;
    std::promise<void> last;
    const auto note = [&](char what) {
        order += what;
        threads.push_back(std::this_thread::get_id());
    };
    worker->put(job(1), [&](const auto& fault) { note(!fault && store->get(uuid(1)) ? 'a' : '?'); });
    worker->run([&] { note('b'); });
    worker->put(job(2), [&](const auto& fault) { note(!fault && store->get(uuid(2)) ? 'c' : '?'); });
    auto wrong = job(3);
    wrong.id = "../3";
    worker->put(std::move(wrong), [&](const auto& fault) {
        note(fault && fault->code == make_error_code(doks::errc::invalid_argument) ? 'd' : '?');
    });
    worker->run([&] {
        note('e');
        last.set_value();
    });
    last.get_future().wait();
    CHECK(order == "abcde");
    for (const auto& each : threads) {
        CHECK(each == threads.front());
        CHECK(each != std::this_thread::get_id());
    }
}

// A keeper decides by the record, so it must not get one for bytes that were changed.
TEST_CASE("a stored kubeconfig comes with what the index knows of it, and without a record it is not doks'")
{
    const scratch root;
    const kubeconfig_directory directory(root / "out");
    const auto store = directory_access::store(directory);
    const auto before = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const doks::kube::put_job jobs[] = {job(1)};
    REQUIRE_FALSE(store->put(jobs).front());
    const auto found = store->find_fresh(uuid(1), 10min);
    REQUIRE(found);
    REQUIRE(found->record);
    CHECK(found->record->written_at >= before);
    CHECK(found->record->written_at <= std::chrono::system_clock::now());
    CHECK(found->record->expiry == 15min);
    CHECK(found->record->expires_at == found->config.expires_at());
    CHECK(found->record->label == "team-a");
    write(root / "out" / (uuid(1) + ".yaml"), sample::with_token(uuid(1), "another"));
    CHECK_FALSE(store->find_fresh(uuid(1), 0s));
    REQUIRE(store->find(uuid(1)));
    CHECK_FALSE(store->find(uuid(1))->record);
}

// The last handle may be owned by the very work that runs, and a thread cannot join itself.
TEST_CASE("a worker does what it was given before it is destroyed, also on its own thread")
{
    const scratch root;
    std::atomic<unsigned> called = 0;
    {
        const kubeconfig_directory directory(root / "out");
        for (unsigned number = 0; number < 5; ++number)
            directory_access::worker(directory)->put(job(number), [&](const auto& fault) { called += fault ? 0 : 1; });
    }
    CHECK(called == 5);
    std::promise<void> gone;
    {
        auto own = std::make_shared<kubeconfig_directory>(root / "out");
        auto* const worker = directory_access::worker(*own).get();
        std::promise<void> handed_over;
        worker->run([own = std::move(own), held = handed_over.get_future().share(), &gone]() mutable {
            held.wait();
            own.reset();
            gone.set_value();
        });
        handed_over.set_value();
        gone.get_future().wait();
    }
    CHECK(names_in(root / "out").size() == 7);
}

// The outcome has no reader any more, but the credential was minted and has to be on disk.
TEST_CASE("a context that is destroyed takes a waiting put along, which is written all the same")
{
    const scratch root;
    const auto witness = std::make_shared<int>();
    {
        boost::asio::io_context context;
        kubeconfig_directory directory(root / "out");
        const auto release = std::make_shared<std::promise<void>>();
        directory_access::worker(directory)->run([held = release->get_future().share()] { held.wait(); });
        const auto put = [](kubeconfig_directory into, std::shared_ptr<int>) -> boost::asio::awaitable<void> {
            co_await into.put(token_item(uuid(1), 15min));
        };
        co_spawn(context, put(directory, witness), [](const std::exception_ptr&) {});
        context.poll();
        CHECK(witness.use_count() == 2);
        std::thread([release] {
            std::this_thread::sleep_for(10ms);
            release->set_value();
        }).detach();
    }
    CHECK(witness.use_count() == 1);
    CHECK(std::filesystem::exists(root / "out" / (uuid(1) + ".yaml")));
}
