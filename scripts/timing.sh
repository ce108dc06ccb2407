#!/usr/bin/env bash
# Measures whether known, unknown, locked and half-enrolled people get their answers in the same time. Fails where they do not.
# TIMING_SAMPLES=200 takes a quick look.
. "$(dirname "$0")/lib.sh"

need_rust
need_c
cargo test "${locked[@]}" --test suite -- --ignored --nocapture --test-threads=1 attacks::timing
