#!/usr/bin/env bash
# Measures imports of a hundred thousand and of a million persons with the release build: seconds, the merge, memory at most.
. "$(dirname "$0")/lib.sh"

need_rust
need_c
cargo test "${locked[@]}" --release --test suite -- --ignored --nocapture --test-threads=1 importing
