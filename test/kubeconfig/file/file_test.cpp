#include "kubeconfig/file/files.hpp"
#include "kubeconfig/posix/lock_file.hpp"

#include <doctest/doctest.h>

#include <thread>

// The file as a whole: modes, locks, what another writer does between a write and the look after it.

using namespace std::chrono_literals;
using doks::kubeconfig_file;
using doks::merge_change;

// As `kubectl config set-cluster` does, but private under any umask.
TEST_CASE("a missing file and its directory are made, private whatever the umask is")
{
    const scratch root;
    const auto umask = ::umask(0);
    kubeconfig_file file(root / "home/.kube/config");
    const auto outcome = file.merge(config_number(1), undisturbed());
    ::umask(umask);
    CHECK(outcome.written == file.paths());
    CHECK(outcome.entries.front().change == merge_change::added);
    CHECK(outcome.entries.front().context == name_of(1));
    CHECK(outcome.entries.front().user == name_of(1) + "-admin");
    CHECK(mode_of(root / "home/.kube/config") == 0600);
    CHECK(mode_of(root / "home/.kube") == 0700);
    CHECK(names_in(root / "home/.kube") == std::vector<std::string>{"config"});
    CHECK(doks::kubeconfig(sample::changed(content(root / "home/.kube/config"), "current-context: \"\"",
                               "current-context: " + name_of(1)))
              .current()
              .token.reveal() == "abc-def");
}

// Watchers of the file, and backups, react to every write.
TEST_CASE("a merge that changes nothing writes nothing")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    const doks::kubeconfig both[] = {config_number(1), config_number(2)};
    CHECK(file.merge(both, undisturbed()).written.size() == 1);
    const auto before = std::filesystem::last_write_time(root / "config");
    const auto again = file.merge(both, undisturbed());
    CHECK(again.written.empty());
    for (const auto& entry : again.entries) CHECK(entry.change == merge_change::unchanged);
    CHECK(std::filesystem::last_write_time(root / "config") == before);
    const doks::kubeconfig renewed[] = {config_number(1, "newer"), config_number(2)};
    const auto third = file.merge(renewed, undisturbed());
    CHECK(third.entries[0].change == merge_change::updated);
    CHECK(third.entries[1].change == merge_change::unchanged);
}

// The promise of the README, on a file with every unusual form.
TEST_CASE("what there is of other programs stays byte for byte, and comes back after a removal")
{
    const scratch root;
    const std::string mine = "# mine\r\nkind: Config\r\nusers: []\r\nclusters: null\r\nx: {y: 'z'} # kept";
    write(root / "config", mine);
    ::chmod((root / "config").c_str(), 0644);
    kubeconfig_file file(root / "config");
    const auto exposure = file.merge(config_number(1), undisturbed()).exposure;
    CHECK(mode_of(root / "config") == 0644);
    REQUIRE(exposure.size() == 1);
    CHECK(exposure.front().find("is readable for others") != std::string::npos);
    CHECK(content(root / "config").starts_with("# mine\r\nkind: Config\r\nusers: # was []\r\n"));
    const auto gone = file.remove(uuid(1));
    CHECK(gone.removed == std::vector<std::string>{name_of(1)});
    CHECK(gone.unknown.empty());
    CHECK(content(root / "config") == mine);
}

// Scripts rely on it: a merge must not redirect the next kubectl.
TEST_CASE("current-context changes only when that is asked for, and is cleared with its context")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    file.merge(config_number(1), undisturbed());
    CHECK(file.current().empty());
    auto options = undisturbed();
    options.current = doks::current_context::set_to_first;
    const doks::kubeconfig both[] = {config_number(2), config_number(3)};
    file.merge(both, options);
    CHECK(file.current() == name_of(2));
    CHECK(file.merge(both, options).written.empty());
    CHECK_FALSE(file.remove(name_of(1)).current_context_cleared);
    CHECK(file.current() == name_of(2));
    CHECK(file.remove(name_of(2)).current_context_cleared);
    CHECK(file.current().empty());
    CHECK(contexts_in(file) == std::vector<std::string>{name_of(3)});
}

// `doks kubeconfig remove` shows them to the user.
TEST_CASE("entries say what a context refers to")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    write(root / "config", "current-context: a\ncontexts:\n- name: a\n  context: {cluster: c, user: u, namespace: n}\n"
                           "- name: b\n  context: {cluster: none, user: none}\nclusters:\n- name: c\n  cluster:\n"
                           "    server: https://" +
                               std::string(sample::id) +
                               ".k8s.ondigitalocean.com\nusers:\n- name: u\n"
                               "  user:\n    exec: {command: doctl}\n");
    const auto all = file.entries();
    REQUIRE(all.size() == 2);
    CHECK(all[0].context == "a");
    CHECK(all[0].name_space == "n");
    CHECK(all[0].cluster_id == sample::id);
    CHECK(all[0].kind == doks::credential_kind::exec);
    CHECK(all[0].is_current);
    CHECK(all[0].file == root / "config");
    CHECK_FALSE(all[1].kind);
    CHECK(all[1].server.empty());
    CHECK_FALSE(all[1].is_current);
    CHECK(kubeconfig_file(root / "absent").entries().empty());
    CHECK(kubeconfig_file(root / "absent/config").remove("x").unknown == std::vector<std::string>{"x"});
    CHECK_FALSE(std::filesystem::exists(root / "absent"));
}

// A lock that was left behind looks like one that is held; the time helps to tell them apart.
TEST_CASE("a lock is waited for until it goes, and its time is named if it does not")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    file.merge(config_number(1), undisturbed());
    const auto before = content(root / "config");
    write(root / "config.lock", "");
    const auto since = std::chrono::sys_days(2026y / 5 / 4) + 3h + 2min + 1s;
    std::filesystem::last_write_time(root / "config.lock", std::chrono::file_clock::from_sys(since));
    file.wait_for_lock(30ms);
    const auto why = failure_of([&] { file.merge(config_number(2), undisturbed()); });
    CHECK(why == doks::errc::kubeconfig_locked);
    CHECK(why == doks::condition::timeout);
    CHECK(why.detail().find("config.lock has been there since 2026-05-04T03:02:01Z: ") != std::string::npos);
    const std::chrono::sys_seconds far = std::chrono::sys_days(2261y / 5 / 4);
    std::filesystem::last_write_time(root / "config.lock", std::chrono::file_clock::from_sys(far));
    CHECK(
        failure_of([&] { file.remove(name_of(1)); }).detail().find("since 2261-05-04T00:00:00Z") != std::string::npos);
    CHECK(why.record().remedy.find("rm '") != std::string::npos);
    CHECK(failure_of([&] { file.remove(name_of(1)); }) == doks::errc::kubeconfig_locked);
    CHECK(content(root / "config") == before);
    CHECK(std::filesystem::exists(root / "config.lock"));
    CHECK(file.entries().size() == 1);

    file.wait_for_lock(10s);
    std::thread other([&] {
        std::this_thread::sleep_for(50ms);
        std::filesystem::remove(root / "config.lock");
    });
    CHECK(file.merge(config_number(2), undisturbed()).written.size() == 1);
    other.join();
    CHECK(names_in(root / "") == std::vector<std::string>{"config"});
}

// kubectl reads before it locks, and deletes what it had not seen. The number of repairs is bounded, or two such
// programs would fight for ever.
TEST_CASE("what another writer takes out after a merge is put in again, a bounded number of times, and reported")
{
    const scratch root;
    kubeconfig_file file(root / "config");
    file.merge(config_number(1), undisturbed());
    const auto without = content(root / "config");
    doks::merge_options options;
    options.verify_after = 150ms;
    options.repairs = 2;
    const auto spoiled = [&](int times) {
        std::thread other([&, times] {
            for (int turn = 0; turn < times; ++turn) {
                const auto name = name_of(2);
                for (int tries = 0; tries < 200 && content(root / "config").find(name) == std::string::npos; ++tries)
                    std::this_thread::sleep_for(1ms);
                const auto lock = doks::kube::lock_file::take(root / "config", std::chrono::steady_clock::now() + 5s);
                write(root / "config", without);
            }
        });
        const auto outcome = file.merge(config_number(2), options);
        other.join();
        return outcome;
    };
    const auto once = spoiled(1);
    CHECK(once.repaired == 1);
    CHECK(once.lost.empty());
    CHECK(contexts_in(file).size() == 2);
    file.remove(name_of(2));
    const auto always = spoiled(3);
    CHECK(always.repaired == 2);
    CHECK(always.lost == std::vector<std::string>{name_of(2)});
    CHECK_FALSE(always.unverified);
}
