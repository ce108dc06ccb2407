# Shared by the scripts: sourced, not run. Plain bash of Debian 12 and Ubuntu 22.04 or later.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

# as_root COMMAND…: runs it as root, or says why that is not possible and returns 1.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif has sudo && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
        sudo "$@"
    else
        return 1
    fi
}

# need_packages PACKAGE…: installs them, or stops with the line to type.
need_packages() {
    has apt-get || die "please install what these Debian packages hold, then try again: $*"
    say "installing: $*"
    if ! as_root true; then
        die "this needs root. Please run, then try again:  sudo apt-get install --no-install-recommends $*"
    fi
    as_root apt-get -qq update || say "note: apt-get update failed; trying with the lists that are there"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends "$@" >/dev/null ||
        die "apt-get could not install: $*"
}

# version_at_least HAVE WANT
version_at_least() {
    [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# need_rust: cargo and a rustc that is new enough.
need_rust() {
    local wanted have
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
    # A fresh rustup is on the PATH of the next login only.
    has cargo || [ ! -x "$HOME/.cargo/bin/cargo" ] || PATH="$HOME/.cargo/bin:$PATH"
    has cargo || die "Rust is missing: install Rust $wanted or later from https://rustup.rs (distributions ship older ones), then try again"
    have=$(rustc --version | cut -d ' ' -f 2)
    version_at_least "$have" "$wanted" || die "Rust $wanted or later is needed, this is $have: run  rustup update stable"
}

# need_c: a compiler for the C parts (SQLite, AWS-LC).
need_c() {
    local missing=()
    has cc || missing+=(gcc libc6-dev)
    has make || missing+=(make)
    [ ${#missing[@]} = 0 ] || need_packages "${missing[@]}"
}

# In continuous integration the lock file is law.
locked=()
[ -z "${CI:-}" ] || locked=(--locked)
