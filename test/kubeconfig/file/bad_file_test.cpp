#include "kubeconfig/file/files.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

// Files, links, directories and mounts that a write meets on real machines. In each case either kubectl's
// behaviour is matched, or the file stays as it was and the error says why.

using doks::errc;
using doks::kubeconfig_file;

namespace {

doks::failure merging_into(const std::filesystem::path& path)
{
    return failure_of([&] { kubeconfig_file(path).merge(config_number(1), undisturbed()); });
}

}

// People keep ~/.kube/config in a repository of dotfiles.
TEST_CASE("a symbolic link stays, and what it leads to is replaced")
{
    const scratch root;
    std::filesystem::create_directories(root / "real");
    write(root / "real/config", "kind: Config # here\n");
    ::chmod((root / "real/config").c_str(), 0644);
    std::filesystem::create_symlink("real/config", root / "one");
    std::filesystem::create_symlink(root / "one", root / "two");
    kubeconfig_file(root / "two").merge(config_number(1), undisturbed());
    CHECK(std::filesystem::is_symlink(root / "two"));
    CHECK(std::filesystem::is_symlink(root / "one"));
    CHECK(content(root / "real/config").starts_with("kind: Config # here\n"));
    CHECK(mode_of(root / "real/config") == 0644);
    CHECK(names_in(root / "real") == std::vector<std::string>{"config"});
    CHECK(names_in(root / "") == std::vector<std::string>{"one", "real", "two"});
}

// kubectl locks the name that it was given, whatever that leads to.
TEST_CASE("through a link both names are locked, so that users of either are kept out")
{
    const scratch root;
    write(root / "real", "kind: Config\n");
    std::filesystem::create_symlink("real", root / "link");
    kubeconfig_file file(root / "link");
    file.wait_for_lock(std::chrono::milliseconds(0));
    for (const auto* lock : {"real.lock", "link.lock"}) {
        write(root / lock, "");
        CHECK(failure_of([&] { file.merge(config_number(1), undisturbed()); }) == errc::kubeconfig_locked);
        std::filesystem::remove(root / lock);
    }
    CHECK(file.merge(config_number(1), undisturbed()).written.size() == 1);
}

// kubectl makes the file that a dangling link names.
TEST_CASE("a link that leads nowhere leads to a file that is made, one that leads in a circle to an error")
{
    const scratch root;
    std::filesystem::create_symlink("made/config", root / "link");
    kubeconfig_file(root / "link").merge(config_number(1), undisturbed());
    CHECK(mode_of(root / "made/config") == 0600);
    std::filesystem::create_symlink("b", root / "a");
    std::filesystem::create_symlink("a", root / "b");
    CHECK(merging_into(root / "a") == errc::unusable_kubeconfig_file);
}

// Replacing is the price of never leaving half a file.
TEST_CASE("a hard link keeps the old bytes")
{
    const scratch root;
    write(root / "config", "kind: Config\n");
    std::filesystem::create_hard_link(root / "config", root / "other");
    kubeconfig_file(root / "config").merge(config_number(1), undisturbed());
    CHECK(content(root / "other") == "kind: Config\n");
    CHECK(content(root / "config") != "kind: Config\n");
}

// Opening a FIFO would block until someone writes to it.
TEST_CASE("a path that is no regular file is refused at once and left as it was")
{
    const scratch root;
    ::mkfifo((root / "fifo").c_str(), 0600);
    std::filesystem::create_directory(root / "directory");
    for (const std::filesystem::path& path : {root / "fifo", root / "directory", std::filesystem::path("/dev/null")}) {
        const auto why = merging_into(path);
        CHECK(why == errc::unusable_kubeconfig_file);
        CHECK(why.detail().find(path.string() + " is no regular file") != std::string::npos);
        CHECK(failure_of([&] { kubeconfig_file(path).remove("x"); }) == errc::unusable_kubeconfig_file);
        CHECK(failure_of([&] { kubeconfig_file(path).entries(); }) == errc::unusable_kubeconfig_file);
    }
    CHECK(names_in(root / "") == std::vector<std::string>{"directory", "fifo"});
    CHECK_FALSE(std::filesystem::exists("/dev/null.lock"));
    CHECK(merging_into("") == errc::unusable_kubeconfig_file);
    CHECK(merging_into(root / "directory/") == errc::unusable_kubeconfig_file);
    CHECK(merging_into(root / "fifo/config") == errc::unusable_kubeconfig_file);
}

// Refusing it would break setups that kubectl works with; the user is warned instead.
TEST_CASE("a directory that others may write to is taken, as kubectl takes it, and named; the file in it is private")
{
    const scratch root;
    std::filesystem::create_directory(root / "open");
    kubeconfig_file file(root / "open/config");
    ::chmod((root / "open").c_str(), 0775);
    const auto outcome = file.merge(config_number(1), undisturbed());
    CHECK(mode_of(root / "open/config") == 0600);
    REQUIRE(outcome.exposure.size() == 1);
    CHECK(outcome.exposure.front().find((root / "open").string() + " is writable for others") == 0);
    ::chmod((root / "open").c_str(), 01777);
    CHECK(file.merge(config_number(2), undisturbed()).exposure.empty());
    CHECK(mode_of(root / "open/config") == 0600);
}

// The error has to come before the lock is left behind.
TEST_CASE("a file or a directory that cannot be written to is an error, and the file is as it was")
{
    if (::geteuid() == 0) {
        MESSAGE("root may write everywhere");
        return;
    }
    const scratch root;
    std::filesystem::create_directory(root / "closed");
    write(root / "closed/config", "kind: Config\n");
    ::chmod((root / "closed").c_str(), 0500);
    CHECK(merging_into(root / "closed/config") == errc::unusable_kubeconfig_file);
    CHECK(kubeconfig_file(root / "closed/config").entries().empty());
    ::chmod((root / "closed").c_str(), 0700);
    ::chmod((root / "closed/config").c_str(), 0000);
    CHECK(merging_into(root / "closed/config") == errc::unusable_kubeconfig_file);
}

// A group may share the file on purpose.
TEST_CASE("owner, group and mode of a file stay")
{
    const scratch root;
    write(root / "config", "kind: Config\n");
    const bool is_root = ::geteuid() == 0;
    const uid_t owner = is_root ? 12345 : ::geteuid();
    const gid_t group = is_root ? 12346 : ::getegid();
    if (is_root) {
        // Where others can put another file there, root would give them the credentials.
        ::chmod((root / "").c_str(), 0777);
        REQUIRE(::chown((root / "config").c_str(), owner, group) == 0);
        CHECK(merging_into(root / "config") == errc::unusable_kubeconfig_file);
        ::chmod((root / "").c_str(), 0700);
        CHECK(merging_into(root / "config") == errc::unusable_kubeconfig_file);
    }
    REQUIRE(::chown((root / "").c_str(), owner, group) == 0);
    REQUIRE(::chown((root / "config").c_str(), owner, group) == 0);
    for (const mode_t mode : {0600u, 0640u, 0660u, 0400u}) {
        REQUIRE(::chmod((root / "config").c_str(), mode) == 0);
        CHECK_FALSE(merging_into(root / "config").code());
        struct stat about
        {};
        REQUIRE(::stat((root / "config").c_str(), &about) == 0);
        CHECK(about.st_uid == owner);
        CHECK(about.st_gid == group);
        CHECK((about.st_mode & 07777) == mode);
        write(root / "config", "kind: Config\n");
    }
}

// The kernel's rule of fs.protected_symlinks, which it cannot apply to a link that leads nowhere yet.
TEST_CASE("a link of another user's in a directory like /tmp is not followed, as the kernel does not")
{
    if (::geteuid() != 0) {
        MESSAGE("only root can make a link of another user's");
        return;
    }
    const scratch root;
    std::filesystem::create_directory(root / "shared");
    ::chmod((root / "shared").c_str(), 01777);
    std::filesystem::create_symlink(root / "victim", root / "shared/config");
    CHECK_FALSE(merging_into(root / "shared/config").code());
    std::filesystem::remove(root / "victim");
    REQUIRE(::lchown((root / "shared/config").c_str(), 12345, 12345) == 0);
    CHECK(merging_into(root / "shared/config") == errc::unusable_kubeconfig_file);
    CHECK_FALSE(std::filesystem::exists(root / "victim"));
}

// rename() onto a mount point fails; containers mount single files.
TEST_CASE("a file that is a mount of its own is written in place, and refused before anything else if it is read-only")
{
    const bool may_mount = ::geteuid() == 0 && ::unshare(CLONE_NEWNS) == 0;
    if (!may_mount || ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        MESSAGE("skipped: only root can mount, and not in a root that is no mount");
        return;
    }
    const scratch root;
    write(root / "host", "kind: Config\n# mine\n");
    write(root / "config", "");
    REQUIRE(::mount((root / "host").c_str(), (root / "config").c_str(), nullptr, MS_BIND, nullptr) == 0);
    kubeconfig_file file(root / "config");
    file.merge(config_number(1), undisturbed());
    CHECK(content(root / "host").find(name_of(1)) != std::string::npos);
    CHECK(file.remove(uuid(1)).removed.size() == 1);
    CHECK(content(root / "host") == "kind: Config\n# mine\n");
    CHECK(::mount(nullptr, (root / "config").c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0);
    const auto why = failure_of([&] { file.check_writable(); });
    CHECK(why == errc::unusable_kubeconfig_file);
    CHECK(why.detail().find("Read-only file system") != std::string::npos);
    ::umount((root / "config").c_str());
}

// The bytes stay as they are in each case.
TEST_CASE("a file that is too large, or no kubeconfig, is refused and stays")
{
    const scratch root;
    write(root / "config", "");
    REQUIRE(::truncate((root / "config").c_str(), 50 << 20) == 0);
    CHECK(merging_into(root / "config").detail().find("is larger than 16 MiB") != std::string::npos);
    CHECK(std::filesystem::file_size(root / "config") == 50u << 20);
    for (std::string_view text :
        {"a: [", "a: !!str c\n", "kind: Pod\n", "a: 1\n---\na: 2\n", "\xff\xfe\x41", "users: {}\n", "<html>"}) {
        write(root / "config", text);
        const auto why = merging_into(root / "config");
        CHECK_MESSAGE(why == errc::not_a_kubeconfig, text);
        CHECK(why.detail().starts_with((root / "config").string() + ": "));
        CHECK(content(root / "config") == text);
    }
    CHECK(names_in(root / "") == std::vector<std::string>{"config"});
}
