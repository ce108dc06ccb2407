#!/usr/bin/env bash
# Measures the release build (docs/BENCHMARKS.md). BENCH_SECONDS, BENCH_RUNS and BENCH_ONLY=name,name take a quick look.
# bench.sh profile NAME: where the processor's time goes while one figure is measured.
. "$(dirname "$0")/lib.sh"

need_rust
need_c
has taskset || need_packages util-linux

if [ "${1:-}" != profile ]; then
    cargo bench "${locked[@]}" --bench figures
    exit
fi

has perf || die "perf is missing: install the package linux-perf (Debian) or linux-tools-generic (Ubuntu)"
data=$PWD/target/bench/perf.data
mkdir -p target/bench
BENCH_ONLY=$2 BENCH_RUNS=${BENCH_RUNS:-1} BENCH_UNDER="perf record --quiet -F 1999 -o $data" cargo bench "${locked[@]}" --bench figures
perf report -i "$data" --percent-limit 0.5 --stdio 2>/dev/null | grep -v '^$'
