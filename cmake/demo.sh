#!/bin/sh
# The main job with nothing to set up: a thousand kubeconfigs over TLS, and the real kubectl using one.
#   sh cmake/demo.sh
# Environment: KUBECTL (default kubectl), DOKS_BUILD_DIR (default build/ in the repository).
set -eu
. "$(dirname "$0")/setup.sh"

install_missing kubectl
configure "$build"
build "$build" doks_cli doks_sim_program
doks=$build/lib/cli/doks
sim=$build/lib/sim/program/doks-sim
limits=250/500ms,5000/30s # DigitalOcean's are 250/1m,5000/1h

umask 077
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

say "1,000 kubeconfigs, fetched in bulk from a simulator; limits scaled down to $limits"
"$sim" --clusters 1000 --rate-limit "$limits" -- \
    "$doks" kubeconfig fetch --all --out "$scratch/kubeconfigs" --rate-limit "$limits" >"$scratch/report"
say "$(grep -c '"outcome":"fetched"' "$scratch/report") fetched"

say 'one of them, used by kubectl'
have "${KUBECTL:-kubectl}" || die 'no kubectl here, and no package of it: install one or name it with KUBECTL'
export KUBECTL="${KUBECTL:-kubectl}" KUBECONFIG="$scratch/kubeconfig" HOME="$scratch"
"$sim" -- sh -euc '
    "$1" clusters
    "$1" kubeconfig show cluster-1 --expiry 15m >"$KUBECONFIG"
    "$KUBECTL" version --client 2>/dev/null | head -n 1
    "$KUBECTL" --request-timeout 30s get namespaces' sh "$doks"
say 'done'
