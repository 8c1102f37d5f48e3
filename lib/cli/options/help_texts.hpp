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

Exit status: 0 all done; 1 something failed, an unreadable --ca-file or --out included; 2 the command line, an address
or the place of the token is at fault.)";

inline constexpr auto fetch_footnote = R"(
Writes DIR/<cluster-id>.yaml with mode 0600 and an index, and reports each id on standard output as one JSON line:
{"id","outcome","attempts","status","error","request_id"}. The outcome is fetched, fresh, not_ready (still being
provisioned), gone (no such cluster any more) or failed; attempts counts every time the request was sent. The first
SIGINT or SIGTERM lets what is in flight end within 2 s and reports the rest in one line, not_started; a second one ends at once.

Of several contexts each has its files in DIR/<context>/, and its lines have a "context". What is no lower-case letter,
digit, '-', '_' or '.' in a context's name, and a '-' or '.' that it begins with, is written as '%' and two hexadecimal
digits there; what would be longer than 200 bytes as %sha256-... One that cannot be listed is
named, and the others are fetched.

--prune removes, and reports as pruned, the files of clusters that a complete listing lacks and for which the API answers
404, both twice and 5 s apart. Where the listing lacks more than half of DIR's clusters (it is empty, another account's, or
much was deleted) nothing is fetched or removed, and the exit status is 1, unless it is --prune=all. It removes nothing where
the listing failed or a signal stopped the fetch, and leaves alone what doks did not write. Without --prune, too, nothing is
fetched with --all where the listing has none of DIR's clusters: another account needs another DIR; --prune=all goes on.

Options for every command: doks --help)";

inline constexpr auto watch_footnote = R"(
Each credential is renewed in DIR ahead of its expiry; one that is still good there is not minted again. With --all the
clusters are listed anew every few minutes; SIGHUP lists them, or reads the file of ids, at once. Each change is one JSON
line on standard output: {"id","outcome","valid_until","error"}. The outcome is renewed, failing (the old one stays, and
renewing goes on being tried), gone (no such cluster any more: its file is removed) or not_stored (it is held, but the
directory did not take it). A file that is deleted or changed is written again within 10 s, and so is a directory that is
removed or replaced; while the directory takes no files, nothing is minted.

A cluster that a listing lacks counts as gone once two listings, 30 s apart or more, lack it and the API answers 404 for its
id. Where a listing lacks more than half of them they go on being kept. What leaves --ids, --region or --tag, or was left in
DIR by an earlier run, is reported as deselected: it is not renewed any more, and its file is removed once its credential
has expired, which is reported as expired.

SIGINT or SIGTERM lets what is under way end within 5 s. The exit status is 0 if every credential is valid and in DIR
then, else 1, also where it was stopped before that was known. Started by systemd with Type=notify or notify-reload it tells when it is ready, and sends signs of life where
WatchdogSec= asks for them. Ready means that the API takes the token and that credentials are in DIR: an API that cannot be
reached is waited for; a token that is refused, or a directory that takes no files, ends it with status 1 after 12 s.

Options for every command: doks --help)";

inline constexpr auto save_footnote = R"(
Without --kubeconfig it is the file that kubectl would use, by KUBECONFIG, else ~/.kube/config. It is written under
kubectl's own lock; mode and owner (0600 if it is new), comments, order and other entries stay. A cluster that is in it already,
by its server's address, has its credential renewed under the names that it has there, if doks, doctl or the API wrote
that credential. One of your own (a service account, another plugin, a password, a file) is never changed: another
context is added beside it. All of them are one write. What became of each is a line on standard output: added, updated,
unchanged, or why not: not_ready, gone or failed.

With --exec the entry holds no credential: kubectl runs 'doks credential' for it, which keeps one fresh. That needs the
API token where kubectl runs; the context, doctl's configuration if it is not the one in ~/.config, --token-file,
--api-url, --ca-file, --proxy, --timeout and --attempts go along. The server's certificate comes with a credential, so that one is minted for each cluster, which lives for 5 minutes.

The lock is waited for as long as --timeout says, 10 s at most. A signal ends the waiting; what is being written is
written whole.

A cluster that several contexts list is saved by the first of them.

What would have kubectl run a program, read a file or trust anybody is not saved; the API gives none of that.

Options for every command: doks --help)";

inline constexpr auto remove_footnote = R"(
Takes contexts out of kubectl's file, with their clusters and users unless other contexts use them. ENTRY is a context's
name, a cluster's id (a UUID), or the name that a cluster has at DigitalOcean. The API is not asked, and no token is
needed. By a cluster's id or name all of its contexts go, except those whose credential is your own; a user or cluster
that you put in stays even where its context is named. An ENTRY that fits several is an error that lists them, and
nothing is removed. The names of those that were taken out are printed, one a line.

Options for every command: doks --help)";

inline constexpr auto credential_footnote = R"(
Made to be run by kubectl, from a kubeconfig's users[].user.exec. It prints one ExecCredential of the apiVersion that
KUBERNETES_EXEC_INFO asks for, v1beta1 without it, and nothing else on standard output. kubectl is told to ask again a
fifth of the expiry ahead of it.

A cached credential is given without any request, to the API token that it was minted by: a token that rotates has one
minted anew, and without a token there is none. It is renewed a fifth of its expiry ahead; of several processes one mints,
and the others wait for it, 30 s at most, or give the one that is still valid, as all do while the API is away. A token
that the API refuses (401 or 403) renews it no more: it is given until it expires, which standard error says each time.
The cache is DIR, else $XDG_CACHE_HOME/doks/credentials, else ~/.cache/doks/credentials. It tells APIs, contexts, token
files, tokens and expiries apart; of a token it holds a salted fingerprint.

A plugin is not told when the cluster refuses a credential, as after a revocation. --forget, and 'doks kubeconfig save
--exec' of the cluster, have the cache forget it, so that kubectl's next call mints another one; --no-cache mints one at
once and forgets the others. --forget needs no token.

Options for every command: doks --help)";

inline constexpr auto completion_footnote = R"(
  bash: source <(doks completion bash) in ~/.bashrc
  zsh:  doks completion zsh > _doks in a directory of $fpath
  fish: doks completion fish > ~/.config/fish/completions/doks.fish)";

inline constexpr auto man_footnote = R"(
Without a COMMAND the page is of doks itself: doks man kubeconfig fetch | man -l -)";

inline constexpr auto short_footnote = "\nOptions for every command: doks --help";

}
