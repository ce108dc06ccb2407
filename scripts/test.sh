#!/usr/bin/env bash
# Everything, on both databases and in a real browser. The last line is the sum: N passed, N failed.
. "$(dirname "$0")/lib.sh"

need_rust
need_c
scripts/test-deps.sh
# The Node that test-deps.sh may have put beside an old one.
[ ! -x target/tools/node/bin/node ] || PATH=$PWD/target/tools/node/bin:$PATH

temporary=$(mktemp -d /tmp/poterne-test.XXXXXX)
postgres=$temporary/pg
# The server's user must pass through.
chmod 711 "$temporary"
finish() {
    scripts/postgres.sh stop "$postgres" || say "note: PostgreSQL in $postgres could not be stopped"
    rm -rf "$temporary"
}
trap finish EXIT
trap 'exit 130' INT TERM

TEST_POSTGRES=$(scripts/postgres.sh start "$postgres")
export TEST_POSTGRES

passed=0
failed=0

# sum LOG LINES NUMBERS: adds the numbers of those matches.
sum() {
    { grep -E "$2" "$1" | grep -oE "$3" | grep -oE '[0-9]+' || true; } | awk '{n += $1} END {print n + 0}'
}

# count STATUS PASSED FAILED: a run that ended badly without naming a failure counts as one.
count() {
    local f=$3
    if [ "$1" != 0 ] && [ "$f" = 0 ]; then f=1; fi
    passed=$((passed + $2))
    failed=$((failed + f))
}

step "Rust tests, on SQLite and PostgreSQL"
status=0
cargo test "${locked[@]}" --workspace --features postgres --no-fail-fast 2>&1 | tee "$temporary/rust.log" || status=$?
log=$temporary/rust.log
count "$status" "$(sum "$log" '^test result: ' '[0-9]+ passed')" "$(sum "$log" '^test result: ' '[0-9]+ failed')"

step "Journeys in Chromium"
status=0
# `cargo test` has built target/debug/poterne.
node --test --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="$temporary/browser.tap" tests/browser/*.test.mjs || status=$?
log=$temporary/browser.tap
count "$status" "$(sum "$log" '^# pass ' '[0-9]+')" "$(sum "$log" '^# (fail|cancelled) ' '[0-9]+')"

step "Judges from outside: openid-client and Authlib"
status=0
INTEROP_TAP=$temporary/interop.tap scripts/interop.sh 2>&1 | tee "$temporary/interop.log" || status=$?
log=$temporary/interop.log
python_ran=$(sum "$log" '^Ran [0-9]+ tests? in ' '^Ran [0-9]+')
python_failed=$(sum "$log" '^FAILED \(' '(failures|errors)=[0-9]+')
touch "$temporary/interop.tap"
log=$temporary/interop.tap
count "$status" "$(($(sum "$log" '^# pass ' '[0-9]+') + python_ran - python_failed))" \
    "$(($(sum "$log" '^# (fail|cancelled) ' '[0-9]+') + python_failed))"

step "Sum"
grep -hE '^test .* FAILED$|^(FAIL|ERROR): test_|^    ?not ok |^not ok ' "$temporary"/*.log "$temporary"/*.tap || true
say "$passed passed, $failed failed"
[ "$failed" = 0 ]
