#include "kubeconfig/file/documents.hpp"
#include "kubeconfig/file/hostile/hostile_documents.hpp"
#include "kubeconfig/file/hostile/seccomp_sandbox.hpp"

#include "kubeconfig/read/text_precheck.hpp"
#include "support/long_form.hpp"

#include <doks/audit.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <optional>

#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

// Kubeconfigs that attack the machine which reads them. They are read where the kernel kills the process for any
// system call that reading does not need, and under limits of time and memory.

// H7: whatever a kubeconfig says, it is refused or flagged, soon, and nothing is opened or run for it.

namespace {

/// Bits that describe a document, above those of the kinds of findings.
enum verdict : std::uint32_t
{
    unprintable = 1u << 29,
    silent = 1u << 30, ///< refused without a reason
    merged = 1u << 31
};

std::uint32_t bit_of(doks::audit_kind kind) { return 1u << static_cast<unsigned>(kind); }

std::uint32_t look_at(std::string_view reason)
{
    return (reason.empty() ? silent : 0u) | (doks::kube::is_printable(reason) ? 0u : unprintable);
}

/// One that is looked at in all ways; its copies are made before, for their bytes do not count.
class victim
{
public:
    explicit victim(std::string_view text)
        : text_(text)
        , config_(text)
        , bytes_(text.begin(), text.end())
    {}

    std::uint32_t suffer() { return found() | read() | merged_from() | merged_into(); }

private:
    std::uint32_t found() const
    {
        std::uint32_t bits = 0;
        for (const auto& each : doks::audit(text_)) {
            bits |= bit_of(each.kind);
            if (!doks::kube::is_printable(each.where) || !doks::kube::is_printable(each.detail)) bits |= unprintable;
        }
        return bits;
    }
    std::uint32_t read() const
    {
        try {
            config_.current();
            return 0;
        } catch (const doks::failure& why) {
            return look_at(why.detail());
        }
    }
    std::uint32_t merged_from() const
    {
        auto set = texts::set_of({});
        doks::kube::merger to(set, doks::name_collision::rename);
        const auto outcome = to.merge(config_, {});
        if (!outcome) return look_at(outcome.error().detail);
        const auto text = set.file(0).text();
        return text ? 0 : look_at(text.error().reason);
    }
    std::uint32_t merged_into()
    {
        auto read = doks::kube::kubeconfig_document::read(std::move(bytes_));
        if (!read) return look_at(read.error().reason);
        std::vector<doks::kube::kubeconfig_document> files;
        files.push_back(std::move(*read));
        doks::kube::kubeconfig_set set(std::move(files), 0);
        doks::kube::merger to(set, doks::name_collision::rename);
        const auto good = sample::with_token(sample::other_id);
        if (!to.merge(doks::kubeconfig(good), {})) return silent;
        const auto text = set.file(0).text();
        return text ? merged : look_at(text.error().reason);
    }

    std::string_view text_;
    doks::kubeconfig config_;
    doks::secret_bytes bytes_;
};

/// What all uses of the document do in the sandbox.
sandbox_result suffered(const std::string& text)
{
    std::optional<victim> one;
    return run_in_sandbox(
        [&] {
            victim(sample::with_token()).suffer();
            victim(sample::with_exec()).suffer();
            one.emplace(text);
        },
        [&] { return one->suffer(); });
}

/// The most time and memory that a document may take.
struct bounds
{
    double milliseconds;
    std::size_t grown;
};

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr bool is_measured = false; // it would be the sanitizer that is
#else
constexpr bool is_measured = true;
#endif

bool is_within(const sandbox_result& seen, const bounds& most)
{
    return !is_measured || (seen.milliseconds <= most.milliseconds && seen.grown <= most.grown);
}

/// The least of what disturbs: once more, if it took too long.
sandbox_result suffered_within(const std::string& text, const bounds& most)
{
    auto seen = suffered(text);
    for (int more = 2; more > 0 && !is_within(seen, most); --more) seen = suffered(text);
    return seen;
}

/// The worst that was seen.
bounds check_all(const std::vector<hostile_document>& all, const bounds& most)
{
    bounds worst{};
    for (const auto& each : all) {
        CAPTURE(each.name);
        const auto seen = suffered_within(each.text, most);
        CHECK(seen.ended);
        CHECK(seen.signal == 0);
        CHECK((seen.result & (unprintable | silent)) == 0);
        constexpr std::uint32_t no_finding = merged;
        if (each.flagged)
            CHECK((seen.result & bit_of(*each.flagged)) != 0);
        else
            CHECK(seen.result == no_finding);
        if (each.flagged == doks::audit_kind::not_a_kubeconfig_file) CHECK((seen.result & merged) == 0);
        CHECK(is_within(seen, most));
        worst = {std::max(worst.milliseconds, seen.milliseconds), std::max(worst.grown, seen.grown)};
    }
    return worst;
}

/// What kills a process that does this.
int signal_of(const std::function<void()>& deed)
{
    return run_in_sandbox([] {},
        [&] {
            deed();
            return 0u;
        })
        .signal;
}

}

// The test of the test: the sandbox has to notice.
TEST_CASE("a process that opens a file, makes a socket or runs a program while it reads documents is killed")
{
    CHECK(signal_of([] { ::getpid(); }) == 0);
    CHECK(signal_of([] { ::open("/dev/null", O_RDONLY | O_CLOEXEC); }) == SIGSYS);
    CHECK(signal_of([] { ::socket(AF_INET, SOCK_STREAM, 0); }) == SIGSYS);
    CHECK(signal_of([] { ::execl("/bin/true", "true", nullptr); }) == SIGSYS);
    CHECK(signal_of([] { ::fork(); }) == SIGSYS);
    CHECK(signal_of([] { ::unlink("/nonexistent"); }) == SIGSYS);
}

// seccomp kills the process at the first system call that is not needed, which no mock could promise.
TEST_CASE("a hostile document is refused or flagged at once and within 4 MB, and nothing is opened or run for it")
{
    // The time is a bound for a hang, ten times the figure that is claimed.
    const auto all = hostile_documents();
    const auto worst = check_all(all, {100, 4 << 20});
    MESSAGE(all.size() << " documents: opened 0, run 0; at most " << worst.milliseconds << " ms and "
                       << worst.grown / 1024 << " KiB");
}

// The bound of 16 MiB has to hold for time and memory, too.
TEST_CASE("a huge document costs no more than the bounds of a file allow")
{
    // What 16 MiB, 131,072 values and a text of 1 MiB come to.
    const auto all = huge_documents(doks::test::is_long() ? 1'000'000 : 300'000);
    const auto worst = check_all(all, {10'000, 48 << 20});
    MESSAGE(all.size() << " documents: opened 0, run 0; at most " << worst.milliseconds << " ms and "
                       << worst.grown / 1024 << " KiB beyond their own bytes");
}

// The cheap scan before the parse counts brackets everywhere, so its bound has to be generous.
TEST_CASE("brackets within a text are no depth, unless there are thousands")
{
    const auto with = [](std::size_t brackets) {
        return texts::refusal_of(sample::with_token() + "x: \"" + std::string(brackets, '[') + "\"\n");
    };
    CHECK(with(1000) == "");
    CHECK(with(2000) == "it is nested more than 256 levels deep");
}
