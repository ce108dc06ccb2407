#!/usr/bin/env bash
# What must hold before code goes in: format, lints, documents, the rules of the house, packages.
. "$(dirname "$0")/lib.sh"

need_rust
need_c
scripts/test-deps.sh build
for part in fmt clippy; do
    cargo "$part" --version >/dev/null 2>&1 || die "cargo $part is missing: run  rustup component add rustfmt clippy"
done

step "Scripts"
for script in scripts/*.sh .ci/run; do
    bash -n "$script"
done
# The lock file must work anywhere: no address of a private registry in it.
if grep '"resolved"' tests/browser/package-lock.json | grep -v '"https://registry.npmjs.org/'; then
    die "tests/browser/package-lock.json names another registry: strip the resolved lines"
fi
say "ok"

step "Format"
cargo fmt --all --check
say "ok"

# The same features as in `make test`, so that what is built here is built once.
step "Rules of the house"
cargo test "${locked[@]}" --quiet --workspace --features postgres --test suite house::

step "Lints, with both databases"
cargo clippy "${locked[@]}" --workspace --all-targets --features postgres -- -D warnings

step "Lints, SQLite alone"
cargo clippy "${locked[@]}" --workspace -- -D warnings

step "Documents"
RUSTDOCFLAGS="-D warnings" cargo doc "${locked[@]}" --workspace --no-deps --features postgres

step "Packages"
scripts/package.sh

say
say "check: all in order"
