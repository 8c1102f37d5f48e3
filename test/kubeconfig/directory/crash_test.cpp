#include "kubeconfig/directory/kubeconfig_store.hpp"
#include "kubeconfig/ptrace_runner.hpp"
#include "kubeconfig/scratch.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <fstream>
#include <functional>

// Each system call of each operation, one at a time: the process is killed there, or the call fails.
// ptrace_runner.hpp stops the child; a fresh process then has to find a directory that works.

using namespace std::chrono_literals;
using doks::kube::kubeconfig_store;

namespace {

std::string old_text(unsigned number) { return sample::with_token(uuid(number), "the-old-token"); }
std::string new_text(unsigned number) { return sample::with_token(uuid(number), "the-new-and-longer-token"); }

doks::kube::put_job job(unsigned number, const std::string& text)
{
    const auto item = item_of(uuid(number), text, 1h);
    return {*item.outcome, item.cluster.id, item.cluster.name, item.cluster.region, item.label};
}

enum result : int
{
    done,
    refused,
    astray
};

/// Done, or a failure that names the directory; everything else is astray.
template <class Outcome> result judged(const Outcome& fault)
{
    if (!fault) return done;
    return fault->code == make_error_code(doks::errc::unusable_directory) && !fault->detail.empty() ? refused : astray;
}

int put(const kubeconfig_store& store, const std::vector<doks::kube::put_job>& jobs)
{
    int worst = done;
    for (const auto& outcome : store.put(jobs)) worst = std::max<int>(worst, judged(outcome));
    return worst;
}

int judged_removal(const doks::kube::file_result<doks::prune_result>& outcome)
{
    return outcome ? done : judged(std::optional(outcome.error()));
}

void grow_index(const std::filesystem::path& out)
{
    const auto text = content(out / "index.jsonl");
    for (int copies = 0; copies < 40; ++copies) std::ofstream(out / "index.jsonl", std::ios::app) << text;
}

/** Something a process does to a directory with the old files 1, 2 and 3.

    `may`: for the ids 1 to 4 what their files may be afterwards: (o)ld, (n)ew, (a)bsent. Where it is old alone the id
    is not part of it, and stays fresh. The last letter is what it is once all was done.
*/
struct scenario
{
    std::string name;
    std::function<int(const kubeconfig_store&)> act;
    std::vector<std::string> may;
    bool grown = false;
};

const std::vector<scenario>& scenarios()
{
    static const std::vector<scenario> all{
        {"a first put", [](const auto& store) { return put(store, {job(4, new_text(4))}); }, {"o", "o", "o", "an"}},
        {"a put that replaces", [](const auto& store) { return put(store, {job(1, new_text(1))}); },
            {"on", "o", "o", "a"}},
        {"several puts",
            [](const auto& store) {
                return put(store, {job(1, new_text(1)), job(2, new_text(2)), job(4, new_text(4))});
            },
            {"on", "on", "o", "an"}},
        {"a put that compacts", [](const auto& store) { return put(store, {job(1, new_text(1))}); },
            {"on", "o", "o", "a"}, true},
        {"a prune",
            [](const auto& store) {
                doks::cluster kept;
                kept.id = uuid(2);
                return judged_removal(store.prune({kept}));
            },
            {"oa", "o", "oa", "a"}},
        {"an erase", [](const auto& store) { return judged_removal(store.erase(uuid(1))); }, {"oa", "o", "o", "a"}},
        {"opening an index that has grown",
            [](const auto& store) {
                try {
                    kubeconfig_store again(store.path());
                    return int(done);
                } catch (const doks::failure& why) {
                    return int(why == doks::errc::unusable_directory && !why.detail().empty() ? refused : astray);
                }
            },
            {"o", "o", "o", "a"}, true}};
    return all;
}

/// A directory of the kind that a scenario begins with; the store is opened here, so that its calls are not counted.
struct stage
{
    explicit stage(const scenario& of)
        : out(root / "out")
        , store(std::make_unique<kubeconfig_store>(out))
    {
        put(*store, {job(1, old_text(1)), job(2, old_text(2)), job(3, old_text(3))});
        if (of.grown) grow_index(out);
    }

    const scratch root{in_memory()};
    const std::filesystem::path out;
    const std::unique_ptr<kubeconfig_store> store;
};

/// Whether the id's file is old, new or absent; `?` if it is torn or not private.
char letter_of(const std::filesystem::path& out, unsigned number)
{
    const auto file = out / (uuid(number) + ".yaml");
    if (!std::filesystem::exists(file)) return 'a';
    if (mode_of(file) != 0600) return '?';
    const auto text = content(file);
    return text == old_text(number) ? 'o' : text == new_text(number) ? 'n' : '?';
}

/// No temporary file is left.
bool only_finished_files(const std::filesystem::path& out)
{
    const auto names = names_in(out);
    return std::all_of(names.begin(), names.end(), [](const std::string& name) {
        return name == ".lock" || name == "index.jsonl" || (name.front() != '.' && name.ends_with(".yaml"));
    });
}

/// How many files are not what they may be.
std::size_t check_files(const scenario& of, const std::filesystem::path& out, bool all_done)
{
    std::size_t torn = 0;
    for (unsigned number = 1; number <= 4; ++number) {
        const auto& may = of.may[number - 1];
        const char found = letter_of(out, number);
        const bool good = all_done ? found == may.back() : may.find(found) != std::string::npos;
        CHECK_MESSAGE(good, of.name, ": file ", number, " is '", found, "'");
        torn += good ? 0 : 1;
    }
    return torn;
}

/// A process that opens the directory afterwards trusts only whole files, and can do everything again.
void check_what_is_known(const scenario& of, const std::filesystem::path& out, bool all_done)
{
    const kubeconfig_store next(out);
    CHECK(only_finished_files(out));
    CHECK(next.damaged_index_lines().empty());
    for (unsigned number = 1; number <= 4; ++number) {
        const auto fresh = next.find_fresh(uuid(number), 30min);
        const auto& may = of.may[number - 1];
        if (may == "o" || (all_done && may.back() == 'n')) CHECK_MESSAGE(fresh, of.name, ": ", number, " is lost");
        if (fresh) CHECK(fresh->config.bytes() == content(out / (uuid(number) + ".yaml")));
    }
    CHECK(of.act(next) == done);
    check_files(of, out, true);
    CHECK(put(next, {job(1, new_text(1)), job(4, new_text(4))}) == done);
    CHECK(next.find_fresh(uuid(1), 30min));
    CHECK(next.find_fresh(uuid(4), 30min));
}

}

// The child runs under ptrace and is killed at its n-th system call, for every n: no order of writes can be
// overlooked.
TEST_CASE("a process killed at any system call of its work leaves old files or new ones, and doing it again works")
{
    std::size_t points = 0;
    std::size_t torn = 0;
    for (const auto& each : scenarios()) {
        for (std::size_t number = 0;; ++number) {
            const stage set(each);
            const auto seen = killed_at(number, [&] { return each.act(*set.store); });
            const bool survived = seen.status != -1;
            if (survived) CHECK(seen.status == done);
            torn += check_files(each, set.out, survived);
            check_what_is_known(each, set.out, survived);
            if (survived) break;
            ++points;
        }
    }
    CHECK(torn == 0);
    CHECK(points > 100);
    MESSAGE(points << " crash points, torn = " << torn);
}

// The same walk with an error in place of each system call. An error may leave a whole file without a record,
// never half a file.
TEST_CASE("a full, broken or read-only disk at any system call is a failure that says so, and doing it again works")
{
    std::size_t points = 0;
    std::size_t refusals = 0;
    for (const auto& each : scenarios()) {
        std::size_t number = 0;
        for (bool more = true; more; ++number) {
            for (const int error : {ENOSPC, EIO, EROFS}) {
                const stage set(each);
                const auto seen = failing_at(number, error, [&] { return each.act(*set.store); });
                more = seen.calls > number;
                if (!more) break;
                const bool all_done = seen.status == done;
                CHECK_MESSAGE(
                    (all_done || seen.status == refused), each.name, ": call ", number, " gave ", seen.status);
                check_files(each, set.out, all_done);
                CHECK_MESSAGE(only_finished_files(set.out), each.name, ": call ", number, ", error ", error);
                check_what_is_known(each, set.out, all_done);
                ++points;
                refusals += all_done ? 0 : 1;
            }
        }
    }
    MESSAGE(points << " injected errors, " << refusals << " of them refused the work");
}
