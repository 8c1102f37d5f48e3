#pragma once

#include <doks/abi.hpp>
#include <doks/kubeconfig.hpp>
#include <doks/merge.hpp>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace doks {

namespace kube {
struct file_error;
struct file_scope;
}

/** The kubeconfig that kubectl uses: one file, or the list of files in `KUBECONFIG`.

    A handle to paths: no file is held open or locked between calls, and copies share one thread for the asynchronous
    calls. If several files hold a name, the first one counts. A change of an entry goes to the file that holds it; a new
    entry goes to the first file of the list that exists, else to the last one, as kubectl's does. An entry belongs to a
    cluster by its server's URL: scheme and host in lower case, the port also if it is the scheme's own, the path without a
    last slash.

    The user's entries are never changed, and no credential of the user is removed. A credential is the API's or doks's if
    it is a DigitalOcean token for a DOKS cluster, or has kubectl run `doks credential <id>`; under the API's names
    (`do-<region>-<name>-admin`, even if it was renamed) also if it is an embedded certificate, a token that no
    cluster issues, doctl's plugin for the same cluster, or nothing. Everything else is the user's: service accounts,
    other plugins, files, passwords, auth providers, and entries that contexts of several servers share.

    A write takes `<file>.lock`, as kubectl does, for each file of the list that exists or will be created, in the order of
    their names; reads the file under it; writes a new file beside it, syncs that, and replaces the old one with it. Owner,
    group, mode and access list stay; a new file has mode 0600. No byte is changed without need: comments, order, quotes and
    unknown fields stay. A symbolic link stays, and its target is replaced; other hard links keep the old bytes. A file that
    is a mount point cannot be replaced and is written in place. Missing directories are created with mode 0700. After a
    crash at any moment the file is the old one or the new one; the lock may be left, and has to be removed by hand.

    @throws failure, and no file is changed: `unusable_kubeconfig_file` for a file or directory that cannot be used (no
    regular file, another owner, a full disk), `kubeconfig_locked` with the time since when the lock is there,
    `not_a_kubeconfig` for content (it names the file, never a value), `name_taken`, `ambiguous_name`,
    `invalid_argument`. If a change goes to several files, a full disk may stop it between two of them.
    @par Thread safety
    Any thread. The calls without `async_` block: on the disk, on the lock, and for `merge_options::verify_after`
    after a write.
    @par Executor
    The asynchronous calls work on the handle's own thread, one after the other, and never block the caller's. A handler
    runs on its associated executor, else on the system executor; that executor has work meanwhile.
    @par Cancellation
    terminal, partial and total alike: a call that has not begun, or that waits for a lock, ends with `operation_aborted`
    and changes nothing. A write that has begun is finished. After it a cancellation ends the wait for
    `merge_options::verify_after`: the call completes early, with `unverified` set. If the handler's execution context is
    destroyed first, the handler is destroyed uncalled: work that has not begun is not done, and the destruction waits for
    a write that has begun.

    @see client-go's tools/clientcmd, `ModifyConfig` and `GetDefaultFilename`
*/
class kubeconfig_file
{
public:
    /// One file; the environment does not matter.
    explicit kubeconfig_file(std::filesystem::path path);
    /// The files of a list; an earlier one takes precedence. Throws `failure` with `invalid_argument` for an empty list.
    explicit kubeconfig_file(std::vector<std::filesystem::path> paths);

    /** The files that kubectl would use.

        `list` is the value of `KUBECONFIG`: paths with `:` between them; empty ones and repetitions are ignored. If it names
        none, the file is `<home>/.kube/config`.
        @throws failure with `unusable_kubeconfig_file` if both are empty
    */
    static kubeconfig_file from_list(std::string_view list, const std::filesystem::path& home);
    /// The same with the environment's `KUBECONFIG` and `HOME`.
    static kubeconfig_file from_environment();

    const std::vector<std::filesystem::path>& paths() const noexcept { return paths_; }
    /// The file that new entries go to.
    std::filesystem::path target() const;

    /// How long a call waits for a lock. The default is 10 s; 0 does not wait.
    kubeconfig_file& wait_for_lock(std::chrono::milliseconds timeout);

    /** Checks that a merge would get as far as its write: takes the locks, reads the files, and changes nothing.

        @return the file that new entries go to
        @par Cost
        The parsed files are kept until the next merge or remove, which parses them again only if they have changed; or
        until the last copy of this handle is gone.
    */
    std::filesystem::path check_writable() const;

    /** Merges kubeconfigs into the file, all in one write.

        It merges the current context of each, with its cluster and user; unknown fields come along. If the file has a
        context of the same server whose credential is not the user's own, that one is renewed in place: certificate authority
        and credential change, everything else stays, the names included. The certificate authority stays, too, if the
        cluster's entry has settings of the user (a proxy, another server name, verification off). Otherwise a context, a
        user and a cluster are added. An alias adds a context of that name with the same user. Merging the same again writes
        nothing.
        @throws failure as the class does; `not_a_kubeconfig` if `kubeconfig::current` cannot read one of them
        @par Cost
        Some 5 ms for a hundred, and two waits for the disk.
    */
    merge_result merge(std::span<const kubeconfig> configs, const merge_options& options = {});
    merge_result merge(const kubeconfig& config, const merge_options& options = {});

    /** Removes contexts, with the clusters and users that nothing else refers to then, unless they are the user's own.

        Each of `names` is the name of a context, a server's URL, a cluster's UUID, or the cluster's name at DigitalOcean, as
        in `do-<region>-<name>`. The latter three remove all contexts of the cluster except those whose credential is the
        user's own. If several files hold a context, the first of them is changed. If current-context is removed, it is
        cleared. After a merge that added entries, a remove restores the bytes of before, if current-context was kept and the
        file held a value; except for a list that a document in brackets lacked, and a null on a line of its own.
        @throws failure as the class does; `ambiguous_name` if a name fits several clusters, contexts of that name in
        several files, or one context by its own name and others by their cluster's; the detail lists them with server
        and file
    */
    remove_result remove(std::span<const std::string> names);
    remove_result remove(const std::string& name);

    /// All contexts, in order; none if the file does not exist. It takes no lock, so it may find a file that kubectl is
    /// writing empty or incomplete.
    std::vector<kubeconfig_entry> entries() const;
    /// The current context's name; empty if there is none.
    std::string current() const;

    /** @name Asynchronous calls
        Each does the same as the call without `async_`.
        @par Completion
        `void(std::exception_ptr, T)` with the result of that call, `void(result<T>)` for the `try_` form
        @par Executor, cancellation, thread safety
        As for the class.
        @{
    */
    template <class Token = boost::asio::use_awaitable_t<>> auto async_check_writable(Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>> auto try_async_check_writable(Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>>
    auto async_merge(std::vector<kubeconfig> configs, merge_options options = {}, Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_async_merge(std::vector<kubeconfig> configs, merge_options options = {}, Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>>
    auto async_remove(std::vector<std::string> names, Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>>
    auto try_async_remove(std::vector<std::string> names, Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>> auto async_entries(Token&& token = {}) const;
    template <class Token = boost::asio::use_awaitable_t<>> auto try_async_entries(Token&& token = {}) const;
    /// @}

private:
    struct shared;
    /// A handler and its executor.
    template <class T> struct completion
    {
        boost::asio::any_completion_handler<void(std::exception_ptr, T)> handler;
        boost::asio::any_io_executor executor;
    };
    template <class T, class... Arguments>
    using start_of = void (kubeconfig_file::*)(completion<T>, Arguments...) const;

    template <class T, class Token, class... Arguments>
    auto throwing(Token& token, start_of<T, Arguments...> start, Arguments... arguments) const;
    template <class T, class Token, class... Arguments>
    auto trying(Token& token, start_of<T, Arguments...> start, Arguments... arguments) const;

    kube::file_scope scope() const;
    template <class T>
    void post(completion<T> handler, std::string_view operation,
        std::function<boost::system::result<T, kube::file_error>(const kube::file_scope&)> work) const;
    void start_check(completion<std::filesystem::path> handler) const;
    void start_merge(completion<merge_result> handler, std::vector<kubeconfig> configs, merge_options options) const;
    void start_remove(completion<remove_result> handler, std::vector<std::string> names) const;
    void start_entries(completion<std::vector<kubeconfig_entry>> handler) const;

    std::vector<std::filesystem::path> paths_;
    std::chrono::milliseconds lock_timeout_{10'000};
    std::shared_ptr<shared> shared_;
};

}

#include <doks/impl/kubeconfig_file.hpp>
