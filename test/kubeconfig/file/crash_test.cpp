#include "kubeconfig/file/files.hpp"
#include "kubeconfig/ptrace_runner.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <functional>

// Each system call of each change, one at a time, as in test/kubeconfig. Afterwards the file has to be the old one
// or the new one, byte for byte.

using doks::kubeconfig_file;

namespace {

enum result : int
{
    done,
    refused,
    astray
};

/// Something a process does to the file, and what the file may be afterwards.
struct scenario
{
    std::string name;
    std::function<void(kubeconfig_file&)> act;
    std::string before; ///< empty: there is no file
    std::string after;
};

/// The file's bytes once the action was done.
std::string after(std::string_view before, const std::function<void(kubeconfig_file&)>& act)
{
    const scratch root{in_memory()};
    if (!before.empty()) write(root / "config", before);
    kubeconfig_file file(root / "config");
    act(file);
    return content(root / "config");
}

const std::vector<scenario>& scenarios()
{
    static const std::vector<scenario> all = [] {
        const auto put = [](kubeconfig_file& file) {
            const doks::kubeconfig both[] = {config_number(2), config_number(3)};
            file.merge(both, undisturbed());
        };
        const auto first = [](kubeconfig_file& file) { file.merge(config_number(1), undisturbed()); };
        const auto renew = [](kubeconfig_file& file) {
            file.merge(config_number(1, "another-and-longer"), undisturbed());
        };
        const auto take = [](kubeconfig_file& file) { file.remove(name_of(1)); };
        const auto held = after("# mine\nkind: Config\nx: 1", first);
        return std::vector<scenario>{{"a first merge", first, {}, after({}, first)},
            {"a merge", put, held, after(held, put)}, {"a renewal", renew, held, after(held, renew)},
            {"a removal", take, held, after(held, take)}};
    }();
    return all;
}

/// A file in a scenario's first state, in a directory of its own.
struct stage
{
    explicit stage(const scenario& of)
        : file(root / "config")
    {
        if (!of.before.empty()) write(root / "config", of.before);
        if (!of.before.empty()) ::chmod((root / "config").c_str(), 0600);
    }

    int act(const scenario& of)
    {
        try {
            of.act(file);
            return done;
        } catch (const doks::failure& why) {
            return why == doks::errc::unusable_kubeconfig_file && !why.detail().empty() ? refused : astray;
        }
    }

    /// The old file or the new one, private; the new one alone if all was done.
    bool is_whole(const scenario& of, bool all_done) const
    {
        const auto text = content(root / "config");
        if (text.empty()) return of.before.empty() && !all_done && !std::filesystem::exists(root / "config");
        return mode_of(root / "config") == 0600 && (text == of.after || (!all_done && text == of.before));
    }

    const scratch root{in_memory()};
    kubeconfig_file file;
};

}

// The lock has to be removed by hand then, as after a crash of kubectl, and the message says how.
TEST_CASE(
    "a process killed at any system call of a write leaves the old file or the new one; a lock left behind is named")
{
    std::size_t points = 0;
    std::size_t torn = 0;
    std::size_t locks = 0;
    for (const auto& each : scenarios()) {
        for (std::size_t number = 0;; ++number) {
            stage set(each);
            const auto seen = killed_at(number, [&] { return set.act(each); });
            const bool survived = seen.status != -1;
            if (survived) CHECK(seen.status == done);
            const bool whole = set.is_whole(each, survived);
            CHECK_MESSAGE(whole, each.name, ": killed at call ", number);
            torn += whole ? 0 : 1;
            if (std::filesystem::exists(set.root / "config.lock")) {
                ++locks;
                set.file.wait_for_lock(std::chrono::milliseconds(0));
                const auto why = failure_of([&] { each.act(set.file); });
                CHECK(why == doks::errc::kubeconfig_locked);
                CHECK(why.detail().find("has been there since ") != std::string::npos);
                std::filesystem::remove(set.root / "config.lock");
            }
            CHECK(set.act(each) == done);
            CHECK(set.is_whole(each, true));
            set.file.merge(config_number(9), undisturbed());
            CHECK_MESSAGE(names_in(set.root / "") == std::vector<std::string>{"config"}, each.name, " at ", number);
            if (survived) break;
            ++points;
        }
    }
    CHECK(torn == 0);
    MESSAGE(points << " crash points, torn = " << torn << ", locks left behind = " << locks);
}

// Each system call fails once with each error.
TEST_CASE("a full, broken or read-only disk at any system call of a write is an error, and the file is a whole one")
{
    std::size_t points = 0;
    std::size_t refusals = 0;
    for (const auto& each : scenarios()) {
        std::size_t number = 0;
        for (bool more = true; more; ++number) {
            for (const int error : {ENOSPC, EIO, EROFS}) {
                stage set(each);
                const auto seen = failing_at(number, error, [&] { return set.act(each); });
                more = seen.calls > number;
                if (!more) break;
                CHECK_MESSAGE(
                    (seen.status == done || seen.status == refused), each.name, ": call ", number, ": ", seen.status);
                CHECK_MESSAGE(set.is_whole(each, seen.status == done), each.name, ": call ", number, ", error ", error);
                CHECK_FALSE(std::filesystem::exists(set.root / "config.lock"));
                CHECK(set.act(each) == done);
                CHECK(set.is_whole(each, true));
                ++points;
                refusals += seen.status == done ? 0 : 1;
            }
        }
    }
    MESSAGE(points << " injected errors, " << refusals << " of them refused the work");
}
