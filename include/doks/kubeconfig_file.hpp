#pragma once

#include <doks/kubeconfig.hpp>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace doks {

/// What becomes of a kubeconfig whose name for a context, cluster or user is taken, by another server or by the user.
enum class name_collision
{
    rename, ///< it gets the first of `<name>-<8 digits of the cluster's UUID>`, then `-2`, `-3` ..., that is free
    refuse, ///< `name_taken`, and nothing is written
    replace ///< the other one is taken out if doks may remove it, as after a cluster was made anew; else as `rename`
};

/// What becomes of current-context.
enum class current_context
{
    keep,
    set_to_first ///< the context of the first kubeconfig that is merged
};

struct merge_options
{
    /// The context's name in place of the one it comes with; for one kubeconfig at a time.
    std::string alias{};
    name_collision on_collision = name_collision::rename;
    current_context current = current_context::keep;
    /** How long after a write the file is looked at once more, for what another writer took out of it meanwhile; 0: not.

        kubectl reads a kubeconfig before it locks it, and then deletes what it did not know.
    */
    std::chrono::milliseconds look_again{100};
    /// How often what was taken out is put in again.
    unsigned repairs = 3;
};

enum class merge_change
{
    unchanged, ///< it was there, with these credentials
    added,     ///< a context was added
    updated    ///< a context that was there was renewed
};

std::string_view to_string(merge_change change) noexcept;

/// What became of one kubeconfig, by the names that its parts have now.
struct merged_kubeconfig
{
    merge_change change = merge_change::unchanged;
    bool renamed = false;  ///< one of the names was taken
    bool replaced = false; ///< another cluster's context of that name was taken out
    std::string context;
    std::string cluster;
    std::string user;
    std::string server;
};

/// What became of all of them, in their order.
struct merging
{
    std::vector<merged_kubeconfig> entries;
    std::vector<std::filesystem::path> written; ///< files that were changed; none where nothing had to be
    unsigned repaired = 0;                      ///< how often another writer took something out that was put in again
    std::vector<std::string> lost;              ///< contexts that another writer took out after the last repair
    bool unsure = false;                        ///< the files were written, but could not be looked at once more
    std::vector<std::string> exposure;          ///< what others can do with the files that were written, for a person
};

/// What was taken out, by context; a cluster that no context named by its own name.
struct removal
{
    std::vector<std::string> removed;
    std::vector<std::string> unknown;       ///< what was asked for and is not there
    std::vector<std::string> kept_contexts; ///< of a cluster that was asked for, with a credential of the user's own
    std::vector<std::string> kept_users;    ///< of contexts that were taken out: credentials of the user's own
    std::vector<std::filesystem::path> written;
    bool current_context_cleared = false;
};

/// A context, and what it refers to.
struct kubeconfig_entry
{
    std::string context;
    std::string cluster;
    std::string user;
    std::string name_space;
    std::string server;                  ///< empty where the cluster is not there
    std::string cluster_id;              ///< the UUID that the server's URL names, or empty
    std::optional<credential_kind> kind; ///< nothing where the user is not there, or has another kind of credential
    bool is_current = false;
    std::filesystem::path file;
};

/** The kubeconfig that kubectl uses: one file, or the list of files in `KUBECONFIG`.

    Shape: a handle to paths; nothing is held open or locked between calls. Of several files the first one that holds a
    name counts. A change of an entry goes to the file that holds it; what is new goes to the first file of the list
    that exists, or else to the last one, as kubectl's does. An entry belongs to a cluster by its server's URL: scheme
    and host in lower case, the port where it is the scheme's own too, the path without a last slash.

    What the user put in is never changed and no credential of theirs taken out. A credential is the API's or doks's if
    it is a DigitalOcean token for a DOKS cluster, or has kubectl run `doks credential <id>`; under the API's names
    (`do-<region>-<name>-admin`, also where it was renamed) also if it is an embedded certificate, a token that no
    cluster issues, doctl's plugin for the same cluster, or nothing. Everything else is the user's: service accounts,
    other plugins, files, passwords, auth providers, and what contexts of several servers share.

    A write takes `<file>.lock`, as kubectl does, for each file of the list that exists or is to be made, in the order of
    their names; reads what is there under it; writes a new file beside, syncs it, and puts it in the place of the old
    one. Owner, group, mode and access list stay; a new file has mode 0600. Only those of its bytes are changed that have to
    be: comments, order, quotes and unknown fields stay. A symbolic link stays, and what it points to is replaced; other
    hard links keep the old bytes. A file that is a mount of its own, which nothing can take the place of, is written in
    place. Directories that are missing are made with mode 0700. After a crash at any moment the
    file is the old one or the new one; the lock may be left, and has to be removed by hand.
    Errors: `failure`, and no file is changed: `unusable_kubeconfig_file` for a file or directory that cannot be used (no
    regular file, another owner, a full disk), `kubeconfig_locked` with the time since when the lock is there,
    `not_a_kubeconfig` for content (which names the file, never a value), `name_taken`, `ambiguous_name`,
    `invalid_argument`. Where a change goes to several files, a full disk may stop it between two of them.
    Threads: any. All of it blocks: on the disk, on the lock, and `merge_options::look_again` long after a write.
    Source: client-go's tools/clientcmd, `ModifyConfig` and `GetDefaultFilename`.
*/
class kubeconfig_file
{
public:
    /// One file, whatever the environment says.
    explicit kubeconfig_file(std::filesystem::path path);
    /// The files of a list, the first of which counts most. Throws `failure` with `invalid_argument` for an empty list.
    explicit kubeconfig_file(std::vector<std::filesystem::path> paths);

    /** The files that kubectl would use.

        Shape: `list` is the value of `KUBECONFIG`: paths with `:` between them, empty ones passed over, each counted
        once. Where it names none it is `<home>/.kube/config`.
        Errors: throws `failure` with `unusable_kubeconfig_file` where neither is known.
    */
    static kubeconfig_file usual(std::string_view list, const std::filesystem::path& home);
    /// The same by the environment's `KUBECONFIG` and `HOME`.
    static kubeconfig_file of_environment();

    const std::vector<std::filesystem::path>& paths() const noexcept { return paths_; }
    /// Where new entries go.
    std::filesystem::path target() const;

    /// How long a lock is waited for. The default is 10 s; 0 does not wait.
    kubeconfig_file& wait_for_lock(std::chrono::milliseconds patience);

    /** Puts kubeconfigs in, all in one write.

        Shape: of each its current context, with the cluster and user of that; unknown fields come along. None at all is a
        trial: locks are taken, files are read, and nothing is written. Where there is a context of the server whose
        credential is not the user's own, it is renewed in place: certificate authority and credential change, anything
        else stays, and so do the names; the certificate authority stays, too, where the cluster's entry has settings of
        the user's (a proxy, another server name, verification off). Else a context, a user and a cluster are added
        beside what is there. With an alias a context of that name is added, with the same user. The same again changes
        nothing, and writes nothing.
        Errors: as the class; `not_a_kubeconfig` where one has no current context that `kubeconfig::current` reads.
        Cost: some 5 ms for a hundred, and two waits for the disk.
    */
    merging merge(std::span<const kubeconfig> configs, const merge_options& options = {});
    merging merge(const kubeconfig& config, const merge_options& options = {});

    /** Takes contexts out, with the clusters and users that nothing else refers to then, unless the user put those in.

        Shape: each of `which` is the name of a context, a server's URL, a cluster's UUID, or the name that a cluster
        has at DigitalOcean, as in `do-<region>-<name>`. By its name, URL and UUID all contexts of the cluster are taken
        out but those whose credential is the user's own. Of a list's files the first that holds a context is changed.
        A current-context that was taken out is cleared. After a merge that added entries, this gives back the bytes of before, if current-context was kept and
        the file held a value; but for a list that a document in brackets lacked, and a null on a line of its own.
        Errors: as the class; `ambiguous_name` where a word fits several clusters, contexts of that name in several
        files, or one context by its own name and others by their cluster's; the detail lists them with server and file.
    */
    removal remove(std::span<const std::string> which);
    removal remove(const std::string& which);

    /** All contexts, in order.

        Errors: as the class. A file that is not there holds none.
        Cost: no lock is taken, so a file that kubectl is just writing may be found empty or cut short.
    */
    std::vector<kubeconfig_entry> entries() const;
    std::string current() const;

private:
    std::vector<std::filesystem::path> paths_;
    std::chrono::milliseconds patience_{10'000};
};

/// What a careful user wants to know of a kubeconfig before it is used.
enum class finding_kind
{
    runs_program,         ///< an exec entry: a program mints the credential
    auth_provider,        ///< a plugin of kubectl's old kind, which may run programs too
    refers_to_file,       ///< a certificate, key or token that is read from a path
    verification_off,     ///< insecure-skip-tls-verify
    other_server_name,    ///< tls-server-name: a certificate of another name is taken
    not_encrypted,        ///< a server that is not reached by https
    proxied,              ///< proxy-url
    impersonates,         ///< as, as-uid, as-groups, as-user-extra
    password,             ///< username and password
    foreign_server,       ///< a server outside `.k8s.ondigitalocean.com`
    unprintable_name,     ///< a name with control characters, or such as turn the direction of writing
    duplicate_name,       ///< kubectl uses one of the entries, and which one is not said
    dangling_reference,   ///< a context that names a cluster or user that is not there
    dangling_current,     ///< a current-context that is not there
    not_a_kubeconfig_file ///< it cannot be read at all; `detail` says why
};

std::string_view to_string(finding_kind kind) noexcept;

/// `where` is the path of the field, `users[0].user.exec`; `detail` a printable text, never a secret.
struct finding
{
    finding_kind kind;
    std::string where;
    std::string detail;
};

/** What is remarkable about a kubeconfig.

    Shape: in the document's order; empty for one as DigitalOcean's API gives it. Nothing that it names is opened or run.
    Cost: a parse.
*/
std::vector<finding> findings(std::string_view bytes);

}
