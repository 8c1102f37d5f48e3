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
    calls. Of several files the first one that holds a name counts. A change of an entry goes to the file that holds it;
    what is new goes to the first file of the list that exists, or else to the last one, as kubectl's does. An entry
    belongs to a cluster by its server's URL: scheme and host in lower case, the port where it is the scheme's own too,
    the path without a last slash.

    What the user put in is never changed and no credential of theirs taken out. A credential is the API's or doks's if
    it is a DigitalOcean token for a DOKS cluster, or has kubectl run `doks credential <id>`; under the API's names
    (`do-<region>-<name>-admin`, also where it was renamed) also if it is an embedded certificate, a token that no
    cluster issues, doctl's plugin for the same cluster, or nothing. Everything else is the user's: service accounts,
    other plugins, files, passwords, auth providers, and what contexts of several servers share.

    A write takes `<file>.lock`, as kubectl does, for each file of the list that exists or is to be made, in the order of
    their names; reads what is there under it; writes a new file beside, syncs it, and puts it in the place of the old
    one. Owner, group, mode and access list stay; a new file has mode 0600. Only those of its bytes are changed that have
    to be: comments, order, quotes and unknown fields stay. A symbolic link stays, and what it points to is replaced;
    other hard links keep the old bytes. A file that is a mount of its own, which nothing can take the place of, is
    written in place. Directories that are missing are made with mode 0700. After a crash at any moment the file is the
    old one or the new one; the lock may be left, and has to be removed by hand.

    @throws failure and no file is changed: `unusable_kubeconfig_file` for a file or directory that cannot be used (no
    regular file, another owner, a full disk), `kubeconfig_locked` with the time since when the lock is there,
    `not_a_kubeconfig` for content (which names the file, never a value), `name_taken`, `ambiguous_name`,
    `invalid_argument`. Where a change goes to several files, a full disk may stop it between two of them.

    @par Threads

    Any. The calls without `async_` block: on the disk, on the lock, and for `merge_options::verify_after`
    after a write.

    @par Asynchronous calls
    `async_merge` and its kin do the same on the handle's own thread, one after the other, and never block the caller's.
    They take any completion token; the handler's executor has work meanwhile, and the handler runs on it. The `try_`
    forms complete with a `result` where the others complete with an exception.

    @par Cancellation
    A call that has not begun, or that waits for a lock, ends with `operation_aborted`, and nothing was changed. A write
    that has begun is finished. After it a cancellation ends the wait for `merge_options::verify_after`: the outcome comes
    early, with `unverified` set. If the handler's execution context is destroyed first, the handler is destroyed uncalled:
    work that has not begun is not done, and the destruction waits for a write that has.

    @see client-go's tools/clientcmd, `ModifyConfig` and `GetDefaultFilename`
*/
class kubeconfig_file
{
public:
    /// One file, whatever the environment says.
    explicit kubeconfig_file(std::filesystem::path path);
    /// The files of a list, the first of which counts most. Throws `failure` with `invalid_argument` for an empty list.
    explicit kubeconfig_file(std::vector<std::filesystem::path> paths);

    /** The files that kubectl would use.

        `list` is the value of `KUBECONFIG`: paths with `:` between them, empty ones passed over, each counted once. Where
        it names none it is `<home>/.kube/config`.
        @throws failure with `unusable_kubeconfig_file` where neither is known
    */
    static kubeconfig_file from_list(std::string_view list, const std::filesystem::path& home);
    /// The same by the environment's `KUBECONFIG` and `HOME`.
    static kubeconfig_file from_environment();

    const std::vector<std::filesystem::path>& paths() const noexcept { return paths_; }
    /// Where new entries go.
    std::filesystem::path target() const;

    /// How long a call waits for a lock. The default is 10 s; 0 does not wait.
    kubeconfig_file& wait_for_lock(std::chrono::milliseconds patience);

    /** Finds out whether a merge would get as far as its write: takes the locks, reads the files, and changes nothing.

        @return where new entries go
        @par Cost
        The parsed files are kept until the next merge or removal, which does not parse them again unless they
        have changed; or until the last copy of this handle is gone
    */
    std::filesystem::path check_writable() const;

    /** Merges kubeconfigs into the file, all in one write.

        Of each its current context, with the cluster and user of that; unknown fields come along. Where there is a
        context of the server whose credential is not the user's own, it is renewed in place: certificate authority and
        credential change, anything else stays, and so do the names; the certificate authority stays, too, where the
        cluster's entry has settings of the user's (a proxy, another server name, verification off). Else a context, a
        user and a cluster are added beside what is there. With an alias a context of that name is added, with the same
        user. The same again changes nothing, and writes nothing.
        @throws failure as the class; `not_a_kubeconfig` where one has no current context that `kubeconfig::current` reads
        @par Cost
        Some 5 ms for a hundred, and two waits for the disk
    */
    merge_result merge(std::span<const kubeconfig> configs, const merge_options& options = {});
    merge_result merge(const kubeconfig& config, const merge_options& options = {});

    /** Takes contexts out, with the clusters and users that nothing else refers to then, unless the user put those in.

        Each of `names` is the name of a context, a server's URL, a cluster's UUID, or the name that a cluster has at
        DigitalOcean, as in `do-<region>-<name>`. By its name, URL and UUID all contexts of the cluster are taken out but
        those whose credential is the user's own. Of a list's files the first that holds a context is changed. A
        current-context that was taken out is cleared. After a merge that added entries, this gives back the bytes of
        before, if current-context was kept and the file held a value; but for a list that a document in brackets lacked,
        and a null on a line of its own.
        @throws failure as the class; `ambiguous_name` where a word fits several clusters, contexts of that name in
        several files, or one context by its own name and others by their cluster's; the detail lists them with server
        and file
    */
    remove_result remove(std::span<const std::string> names);
    remove_result remove(const std::string& name);

    /** All contexts, in order. A file that is not there holds none.

        @par Cost

        No lock is taken, so a file that kubectl is just writing may be found empty or cut short
    */
    std::vector<kubeconfig_entry> entries() const;
    std::string current() const;

    // @par Completion `void(std::exception_ptr, T)` with what the call of the same name returns; `void(result<T>)` for
    // the `try_` form. The class says where they run and how they are cancelled.

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

private:
    struct shared;
    /// A handler and where it runs.
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
    void post(completion<T> to, std::string_view operation,
        std::function<boost::system::result<T, kube::file_error>(const kube::file_scope&)> work) const;
    void start_check(completion<std::filesystem::path> to) const;
    void start_merge(completion<merge_result> to, std::vector<kubeconfig> configs, merge_options options) const;
    void start_remove(completion<remove_result> to, std::vector<std::string> names) const;
    void start_entries(completion<std::vector<kubeconfig_entry>> to) const;

    std::vector<std::filesystem::path> paths_;
    std::chrono::milliseconds patience_{10'000};
    std::shared_ptr<shared> shared_;
};

}

#include <doks/impl/kubeconfig_file.hpp>
