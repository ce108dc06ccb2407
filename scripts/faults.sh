#!/usr/bin/env bash
# The long fault tests: a hundred ends under load, a gateway that stalls for thirty seconds. Some minutes.
. "$(dirname "$0")/lib.sh"

need_rust
need_c
for name in kills::a_hundred_ends gateways::a_gateway_that_stalls_for_thirty; do
    cargo test "${locked[@]}" --features postgres --test suite -- --ignored --nocapture "$name"
done
