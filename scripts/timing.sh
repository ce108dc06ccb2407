#!/usr/bin/env bash
# Measures whether known, unknown, locked and half-enrolled people get their answers in the same time. Fails where they do not.
. "$(dirname "$0")/lib.sh"

need_rust
need_c
cargo test "${locked[@]}" --test suite -- --ignored --nocapture attacks::timing
