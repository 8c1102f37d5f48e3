#!/bin/sh
# The main job with nothing to set up: a thousand kubeconfigs over TLS, and the real kubectl using one.
#   sh cmake/demo.sh
# Environment: KUBECTL (default kubectl), DOKS_BUILD_DIR (default build/ in the repository).
set -eu
. "$(dirname "$0")/setup.sh"

install_missing kubectl
configure "$build"
build "$build" doks_cli
doks=$build/lib/cli/doks

say '1,000 kubeconfigs, fetched in bulk from a simulator in the same process'
"$doks" demo --clusters 1000

# A simulator in a process of its own, until kubectl is done with it.
umask 077
scratch=$(mktemp -d)
simulator=
clean_up() {
    [ -z "$simulator" ] || { kill "$simulator" && wait "$simulator"; } 2>/dev/null || :
    rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

say 'one of them, used by kubectl'
"$doks" sim --clusters 3 >"$scratch/ready" 2>"$scratch/sim.log" &
simulator=$!
tries=0
until [ -s "$scratch/ready" ]; do
    kill -0 "$simulator" 2>/dev/null && [ "$tries" -lt 150 ] || {
        cat "$scratch/sim.log" >&2
        die 'the simulator did not become ready'
    }
    tries=$((tries + 1))
    sleep 0.1
done
ready() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" "$scratch/ready"; }

# The token goes through the environment: the arguments of a process are there for everybody to read.
api() { DIGITALOCEAN_TOKEN=$(ready token) DIGITALOCEAN_API_URL=$(ready url) "$doks" --ca-file "$(ready ca_file)" "$@"; }
api clusters | tee "$scratch/clusters"
id=$(grep -Eo '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' "$scratch/clusters" | head -n 1)
api kubeconfig show "$id" --expiry 15m >"$scratch/kubeconfig"

have "${KUBECTL:-kubectl}" || die 'no kubectl here, and no package of it: install one or name it with KUBECTL'
HOME=$scratch "${KUBECTL:-kubectl}" version --client 2>/dev/null | head -n 1
HOME=$scratch "${KUBECTL:-kubectl}" --kubeconfig "$scratch/kubeconfig" --request-timeout 30s get namespaces
say 'done'
