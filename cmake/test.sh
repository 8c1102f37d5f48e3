#!/bin/sh
# Builds everything and runs every test; the last line is ctest's summary.
#   sh cmake/test.sh [--room NAME] [--sanitize=address|thread] [--long]
#     --room NAME       only the tests of one room: core, net, network, tls, kubeconfig, api, keeper, sim, cli, include,
#                       readme, package
#     --sanitize=WHICH  address (with undefined behaviour) or thread, in a build directory of its own
#     --long            the long forms of the soaks (DOKS_LONG=1 for the tests)
# Environment: KUBECTL (default kubectl), DOKS_BUILD_DIR (default build/ in the repository).
set -eu
. "$(dirname "$0")/setup.sh"

usage() {
    sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2
    exit 2
}
room= sanitize=
while [ $# -gt 0 ]; do
    case $1 in
    --room) [ $# -ge 2 ] && room=$2 && shift || usage ;;
    --room=?*) room=${1#*=} ;;
    --sanitize=address | --sanitize=thread) sanitize=${1#*=} ;;
    --long) export DOKS_LONG=1 ;;
    *) usage ;;
    esac
    shift
done

install_missing kubectl servers
[ -z "$sanitize" ] || build=$build-$sanitize
configure "$build" -DDOKS_SANITIZE="$sanitize"
if [ -n "$room" ]; then
    targets=$(ninja -C "$build" -t targets all | sed -n "s/^\(test_$room\(_[a-z_]*\)\{0,1\}\): phony\$/\1/p")
    [ -n "$targets" ] || die "there is no room '$room'"
    # shellcheck disable=SC2086
    build "$build" $targets
else
    build "$build"
fi

log=$build/ctest.log
status=0
{
    ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$cores" \
        ${room:+-R "^$room([._-]|\$)"} 2>&1 || echo "$?" >"$log.status"
} | tee "$log"
[ ! -f "$log.status" ] || { status=$(cat "$log.status") && rm "$log.status"; }
grep 'tests passed' "$log" | tail -n 1
exit "$status"
