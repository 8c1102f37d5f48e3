#pragma once

namespace doks::cli {

// What --help and the man pages say beyond the names of commands and options.

inline constexpr auto about =
    "Fetches kubeconfigs of DigitalOcean Kubernetes clusters: one of them, or all of them at once.";

inline constexpr auto footnote = R"(
The API token comes from --token-file or --context, else the context that DIGITALOCEAN_CONTEXT names, else
DIGITALOCEAN_TOKEN, else DIGITALOCEAN_ACCESS_TOKEN, else doctl's configuration; never from the command line. As in doctl
the variables of the token go before DIGITALOCEAN_CONTEXT=default, and names of contexts are compared in lower case.
doctl's configuration is the file that DIGITALOCEAN_CONFIG names, else doctl/config.yaml in XDG_CONFIG_HOME or ~/.config.
Several contexts are worked on at once, each with its own quota.
Durations D read 90s, 15m, 1h, 7d (500ms where it matters).
Standard output holds results only, everything else goes to standard error.

Exit status: 0 all done; 1 something failed, an unreadable --ca-file or --out included; 2 invalid command line, URL or
token source.)";

inline constexpr auto fetch_footnote = R"(
Writes DIR/<cluster-id>.yaml with mode 0600 and an index, and reports each id on standard output as one JSON line:
{"id","outcome","attempts","status","error","request_id"}. The outcome is fetched, fresh, not_ready (still being
provisioned), gone (the cluster no longer exists) or failed; attempts counts every time the request was sent. The first
SIGINT or SIGTERM lets requests in flight end within 2 s and reports the rest in one line, not_started; a second one
ends the program at once.

With several contexts each has its files in DIR/<context>/, and its lines have a "context". In a context's name every
character but lower-case letters, digits, '-', '_' and '.', and a '-' or '.' at its beginning, is written as '%' and two
hexadecimal digits there; a name longer than 200 bytes is written as %sha256-... A context that cannot be listed is
named, and the others are fetched.

--prune removes, and reports as pruned, the files of clusters that a complete listing lacks and for which the API returns
404, both twice and 5 s apart. If the listing lacks more than half of DIR's clusters (it is empty, another account's, or
many were deleted), nothing is fetched or removed, and the exit status is 1, unless --prune=all is given. Nothing is
removed if the listing failed or a signal stopped the fetch, and files that doks did not write are left alone. Without
--prune, too, --all fetches nothing if the listing has none of DIR's clusters: another account needs another DIR;
--prune=all goes on.

Options for every command: doks --help)";

inline constexpr auto watch_footnote = R"(
Renews each credential in DIR ahead of its expiry; a credential there that is still good is not minted again. With --all
the clusters are listed every few minutes; SIGHUP lists them, or reads the file of ids, at once. Each change is one JSON
line on standard output: {"id","outcome","valid_until","error"}. The outcome is renewed, failing (the old credential
stays, and renewals are retried), gone (the cluster no longer exists: its file is removed) or not_stored (the credential
is in memory, but the directory did not take it). A file that is deleted or changed is written again within 10 s, and so
is a directory that is removed or replaced; while the directory takes no files, nothing is minted.

A cluster that a listing lacks is gone once two listings, 30 s apart or more, lack it and the API returns 404 for its
id. If a listing lacks more than half of the clusters, they stay kept. A cluster that leaves --ids, --region or --tag, or
was left in DIR by an earlier run, is reported as deselected: it is not renewed any more, and its file is removed, and
reported as expired, once its credential has expired.

SIGINT or SIGTERM lets requests in flight end within 5 s. The exit status is 0 if every credential is valid and in DIR
then, else 1, also if the watch was stopped before that was known. Started by systemd with Type=notify or notify-reload
it says when it is ready, and sends signs of life if WatchdogSec= asks for them. Ready means that the API takes the token
and that credentials are in DIR: the watch waits for an API that cannot be reached; a token that is refused, or a
directory that takes no files, ends it with status 1 after 12 s.

Options for every command: doks --help)";

inline constexpr auto save_footnote = R"(
Without --kubeconfig it is the file that kubectl would use, by KUBECONFIG, else ~/.kube/config. It is written under
kubectl's own lock; mode and owner (0600 if it is new), comments, order and other entries stay. For a cluster that is in
it already, by its server's address, the credential is renewed under the names that it has there, if doks, doctl or the
API wrote that credential. One of your own (a service account, another plugin, a password, a file) is never changed:
another context is added beside it. All of them are one write. The outcome of each is a line on standard output: added,
updated, unchanged, or why not: not_ready, gone or failed.

With --exec the entry holds no credential: kubectl runs 'doks credential' for it, which keeps one fresh. That needs the
API token where kubectl runs; the context, doctl's configuration if it is not the one in ~/.config, --token-file,
--api-url, --ca-file, --proxy, --timeout and --attempts become part of the entry. The server's certificate comes with a
credential, so one that lives for 5 minutes is minted for each cluster.

doks waits for the lock for --timeout, at most 10 s. A signal ends the wait; a write under way is completed.

A cluster that several contexts list is saved by the first of them.

An entry that would have kubectl run another program, read a file or trust an unverified server is not saved; the API
returns none of that.

Options for every command: doks --help)";

inline constexpr auto remove_footnote = R"(
Takes contexts out of kubectl's file, with their clusters and users unless other contexts use them. ENTRY is a context's
name, a cluster's id (a UUID), or the name that a cluster has at DigitalOcean. The API is not asked, and no token is
needed. By a cluster's id or name all of its contexts go, except those whose credential is your own; a user or cluster
that you put in stays even if its context is named. An ENTRY that fits several is an error that lists them, and nothing
is removed. The names of the contexts that were taken out are printed, one a line.

Options for every command: doks --help)";

inline constexpr auto credential_footnote = R"(
Made to be run by kubectl, from a kubeconfig's users[].user.exec. It prints one ExecCredential of the apiVersion that
KUBERNETES_EXEC_INFO asks for, v1beta1 without it, and nothing else on standard output. kubectl is told to ask again a
fifth of the expiry ahead of it.

A cached credential is returned without any request, to the API token that it was minted by: after a rotation of the
token a new one is minted, and without a token there is none. It is renewed a fifth of its expiry ahead; of several
processes one mints, and the others wait for it, 30 s at most, or return the one that is still valid, as all do while the
API is away. After the API refused a token (401 or 403) the credential is not renewed any more: it is returned until it
expires, which standard error says each time. The cache is DIR, else $XDG_CACHE_HOME/doks/credentials, else
~/.cache/doks/credentials. It keeps APIs, contexts, token files, tokens and expiries apart; of a token it holds a salted
fingerprint.

kubectl does not tell a plugin that the cluster refused its credential, as after a revocation. --forget, and 'doks
kubeconfig save --exec' of the cluster, remove it from the cache, so that kubectl's next call mints another one;
--no-cache mints one at once and removes the others. --forget needs no token.

Options for every command: doks --help)";

inline constexpr auto completion_footnote = R"(
  bash: source <(doks completion bash) in ~/.bashrc
  zsh:  doks completion zsh > _doks in a directory of $fpath
  fish: doks completion fish > ~/.config/fish/completions/doks.fish)";

inline constexpr auto man_footnote = R"(
Without a COMMAND it prints the page of doks itself: doks man kubeconfig fetch | man -l -)";

inline constexpr auto short_footnote = "\nOptions for every command: doks --help";

}
