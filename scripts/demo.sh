#!/usr/bin/env bash
# Builds the binary and starts the demo. Needs Rust and a C compiler; no PostgreSQL, no Node.
#   scripts/demo.sh [--reset] [options of `poterne demo`]; folders are taken from the top of the project
. "$(dirname "$0")/lib.sh"

reset=
if [ "${1:-}" = --reset ]; then
    reset=yes
    shift
fi

need_rust
need_c

say "Building poterne (some minutes the first time, seconds afterwards) …"
cargo build "${locked[@]}" --bin poterne

if [ "$reset" ]; then
    rm -rf var/demo
    say "The demo starts afresh."
fi
exec target/debug/poterne demo "$@"
