#!/bin/sh
# The comparison with other clients, from nothing: installs missing packages, builds, runs, writes results and plots.
#   sh bench/run.sh [--quick] [--json FILE] [--plots DIR]
#     --quick  few requests, to see that everything still runs; under a minute once built
# Go and Node are used where they are installed. Environment: DOKS_BUILD_DIR (default build/ in the repository).
set -eu
. "$(dirname "$0")/../cmake/setup.sh"

install_missing
missing() {
    have nginx || [ -x /usr/sbin/nginx ] || echo nginx-light
    have gnuplot || echo gnuplot-nox
    for tool in strace valgrind openssl python3; do have "$tool" || echo "$tool"; done
    installed libcurl4-openssl-dev || echo libcurl4-openssl-dev
    ! have go || [ -d /usr/share/gocode/src/github.com/digitalocean/godo ] || echo golang-github-digitalocean-godo-dev
}
export RUNLEVEL=1 # a package's own nginx stays off
install_missing

configure "$build"
targets=$(ninja -C "$build" -t targets all | sed -n 's/^\(bench_peer_[a-z_]*\): phony$/\1/p')
# shellcheck disable=SC2086
build "$build" $targets bench_call_cost bench_deadline_overshoot
python3 "$top/bench/run.py" --build "$build" "$@" &
runner=$!
trap 'kill "$runner" 2>/dev/null; wait "$runner"' INT TERM HUP
wait "$runner"
