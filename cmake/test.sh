#!/bin/sh
# Builds everything and runs every test; the last line is ctest's summary.
#   sh cmake/test.sh [--module NAME] [--sanitize=address|thread] [--long] [--clients]
#     --module NAME       only the tests of one module: core, net, network, tls, kubeconfig, api, keeper, sim, cli, include,
#                       readme, package
#     --sanitize=WHICH  address (with undefined behaviour) or thread, in a build directory of its own
#     --long            the long forms of the soaks (DOKS_LONG=1 for the tests)
#     --clients         installs Kubernetes clients in other languages, without which their tests are skipped: Debian's
#                       python3-kubernetes, Node and npm, and @kubernetes/client-node from npm's registry into the build
#                       directory; where the registry cannot be had that one's tests are skipped all the same
# Environment: KUBECTL (default kubectl), DOKS_PYTHON (default /usr/bin/python3, which sees Debian's packages),
# DOKS_BUILD_DIR (default build/ in the repository).
set -eu
. "$(dirname "$0")/setup.sh"

usage() {
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
module= sanitize= clients= skipped=
while [ $# -gt 0 ]; do
    case $1 in
    --module) [ $# -ge 2 ] && module=$2 && shift || usage ;;
    --module=?*) module=${1#*=} ;;
    --sanitize=address | --sanitize=thread) sanitize=${1#*=} ;;
    --long) export DOKS_LONG=1 ;;
    --clients) clients=clients ;;
    *) usage ;;
    esac
    shift
done

install_missing kubectl servers $clients
[ -z "$sanitize" ] || build=$build-$sanitize
configure "$build" -DDOKS_SANITIZE="$sanitize"
if [ -n "$clients" ]; then
    # What is required fails where it is missing, instead of being skipped.
    export DOKS_REQUIRED_CLIENTS=python3-kubernetes
    if install_node_client "$build/test/cli/clients"; then
        DOKS_REQUIRED_CLIENTS="$DOKS_REQUIRED_CLIENTS client-node"
    else
        skipped='WARNING: @kubernetes/client-node could not be installed; its tests are SKIPPED'
        say "$skipped"
    fi
fi
if [ -n "$module" ]; then
    targets=$(ninja -C "$build" -t targets all | sed -n "s/^\(test_$module\(_[a-z_]*\)\{0,1\}\): phony\$/\1/p")
    [ -n "$targets" ] || die "there is no module '$module'"
    # shellcheck disable=SC2086
    build "$build" $targets
else
    build "$build"
fi

log=$build/ctest.log
status=0
{
    ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$cores" \
        ${module:+-R "^$module([._-]|\$)"} 2>&1 || echo "$?" >"$log.status"
} | tee "$log"
[ ! -f "$log.status" ] || { status=$(cat "$log.status") && rm "$log.status"; }
[ -z "$skipped" ] || say "$skipped"
grep 'tests passed' "$log" | tail -n 1
exit "$status"
