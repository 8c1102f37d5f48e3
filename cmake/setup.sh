# What demo.sh, test.sh and .ci/run share. Sourced, not run.

top=$(cd "$(dirname "$0")/.." && pwd)
build=${DOKS_BUILD_DIR:-$top/build}
cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)

say() { printf 'doks: %s\n' "$*" >&2; }
die() {
    say "$*"
    exit 1
}

# quietly LOG COMMAND...: the output goes to the log, and to stderr only if the command fails
quietly() {
    log=$1
    shift
    "$@" >"$log" 2>&1 || {
        status=$?
        tail -n 40 "$log" >&2
        say "failed: $* (all of its output: $log)"
        exit "$status"
    }
}

have() { command -v "$1" >/dev/null 2>&1; }
installed() { dpkg-query -W -f='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }

# The first Boost with what doks needs is 1.81; Debian and Ubuntu name the version in the package.
boost_package='libboost-json1\.(8[1-9]|9[0-9]|[1-9][0-9]{2})-dev'
boost_installed() {
    dpkg-query -W -f='${db:Status-Status} ${Package}\n' 'libboost-json1.*-dev' 2>/dev/null |
        grep -Eqx "installed $boost_package"
}
boost_to_install() {
    json=$(apt-cache pkgnames libboost-json1. | grep -Ex "$boost_package" | sort -V | head -n 1)
    [ -n "$json" ] || die 'this system has no package of Boost 1.81 or newer with Boost.JSON'
    echo "$json" "$json" | sed 's/-json//'
}

# missing WHAT...: the packages that are not here; WHAT adds `kubectl`, `servers`, `clients` and `lint` to what a build needs
missing() {
    have "${CXX:-g++}" || echo g++
    have cmake || echo cmake
    have ninja || echo ninja-build
    have ccache || echo ccache
    have pkg-config || echo pkg-config
    for package in ca-certificates libssl-dev libyaml-dev libcli11-dev doctest-dev; do
        installed "$package" || echo "$package"
    done
    boost_installed || echo boost
    for what in "$@"; do
        case $what in
        # Debian's package conflicts with other vendors' kubectl, so only where there is none.
        kubectl) have "${KUBECTL:-kubectl}" || echo kubernetes-client ;;
        servers)
            [ -x /usr/sbin/nginx ] || have nginx || echo nginx-light
            have tinyproxy || echo tinyproxy-bin
            ;;
        clients)
            [ -n "${DOKS_PYTHON:-}" ] || installed python3-kubernetes || echo python3-kubernetes
            have node || echo nodejs
            have npm || echo npm
            ;;
        lint)
            for tool in clang-format clang-tidy; do have "$tool" || echo "$tool"; done
            have clang++ || echo clang # for the programs that link what GCC built
            ;;
        esac
    done
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif have sudo; then
        sudo "$@"
    else
        die "neither root nor sudo; have these packages installed: $packages"
    fi
}

# install_missing WHAT...: nothing but a look where nothing is missing
install_missing() {
    have dpkg-query && have apt-get || {
        say 'neither Debian nor Ubuntu: going on with what is installed'
        return 0
    }
    packages=$(missing "$@" | tr '\n' ' ')
    [ -n "$packages" ] || return 0
    log=$(mktemp)
    quietly "$log" as_root apt-get -q -o DPkg::Lock::Timeout=300 update
    case " $packages" in *' boost '*) packages=$(echo "$packages" | sed 's/boost //')$(boost_to_install) ;; esac
    say "installing $packages"
    quietly "$log" as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
        install --no-install-recommends $packages
    rm -f "$log"
}

# install_node_client FOLDER: what the folder's lock file names, unless it is there. Where npm fails, as without a network,
# this fails and leaves none of it.
install_node_client() {
    cmp -s "$1/package-lock.json" "$1/node_modules/installed.json" && return 0
    say 'installing @kubernetes/client-node'
    if (cd "$1" && timeout 300 npm ci --ignore-scripts --no-audit --no-fund) >"$1/npm.log" 2>&1; then
        cp "$1/package-lock.json" "$1/node_modules/installed.json"
    else
        tail -n 20 "$1/npm.log" >&2
        rm -rf "$1/node_modules"
        return 1
    fi
}

# configure FOLDER [CMAKE OPTION...]. Warnings are errors for the compiler that doks is developed with, Debian 12's; what a
# newer one warns of must not stop a build. Line numbers are all that a trace needs; -g takes a third of a build's time.
configure() {
    mkdir -p "$1"
    case $("${CXX:-g++}" -dumpversion) in 12*) strict=ON ;; *) strict=OFF ;; esac
    quietly "$1/configure.log" cmake -S "$top" -B "$@" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo \
        "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O2 -g1 -DNDEBUG" -DDOKS_WERROR=$strict
}

# build FOLDER [TARGET...]; everything if no target is named
build() {
    folder=$1
    shift
    cmake --build "$folder" -j "$cores" ${1:+--target "$@"} >&2
}
