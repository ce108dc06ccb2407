#!/usr/bin/env bash
# Licences, sources, duplicates and, where their database is reachable, advisories (deny.toml).
. "$(dirname "$0")/lib.sh"

need_rust
has cargo-deny || die "cargo-deny is missing: run  cargo install --locked cargo-deny  then try again"
cargo deny --workspace --all-features check bans licenses sources
if cargo deny fetch db >/dev/null 2>&1; then
    cargo deny --workspace --all-features check --disable-fetch advisories
else
    say "note: the advisory database cannot be reached; advisories were not checked"
fi
