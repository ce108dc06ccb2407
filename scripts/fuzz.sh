#!/usr/bin/env bash
# Feeds every parser of foreign input with changed and invented input: a minute each, or FUZZ_SECONDS. FUZZ names parsers, else all.
# What is found is kept in target/fuzz-found; the seed it grew from belongs into idp/src/fuzzing, as a regression test.
. "$(dirname "$0")/lib.sh"

need_rust
need_c
has g++ || need_packages g++
has rustup || die "rustup is missing: libFuzzer needs a nightly compiler (https://rustup.rs)"
rustup toolchain list | grep -q '^nightly' || rustup toolchain install nightly --profile minimal
cargo fuzz --version >/dev/null 2>&1 || cargo install cargo-fuzz --locked

step "Build"
# No sanitizer: there is no unsafe code of ours, and without one the same minute feeds several times as much.
(cd tests/fuzz && cargo +nightly fuzz build --fuzz-dir . --sanitizer none --target-dir ../../target/fuzz parsers)
parsers=$(find target/fuzz -path '*/release/parsers' -type f | head -n 1)
[ -n "$parsers" ] || die "the fuzzer was not built"

corpus=target/fuzz-corpus
found=target/fuzz-found
mkdir -p "$corpus" "$found"
POTERNE_PARSER=seeds POTERNE_SEEDS=$corpus "$parsers" || die "the seeds could not be written"
cp examples/lindenhof.toml examples/saentima.toml "$corpus/realm_document/"

failed=0
for name in ${FUZZ:-$(POTERNE_PARSER=list "$parsers")}; do
    log=$(mktemp)
    if POTERNE_PARSER=$name "$parsers" "$corpus/$name" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=5 -rss_limit_mb=1024 \
        -max_len=16384 -artifact_prefix="$found/$name-" -print_final_stats=1 >"$log" 2>&1; then
        say "$(printf '%-22s %10s inputs, nothing found' "$name" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")")"
    else
        failed=$((failed + 1))
        say "$name: FOUND something:"
        grep -E 'panicked|ERROR|Test unit written' -A 2 "$log" | head -n 20
    fi
    rm -f "$log"
done
[ "$failed" = 0 ] || die "$failed parsers do not hold: see $found"
