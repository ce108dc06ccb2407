#!/usr/bin/env bash
# Takes the README's picture of the wizard (docs/wizard.png) from a demo of its own.
. "$(dirname "$0")/lib.sh"

need_rust
need_c
scripts/test-deps.sh
[ ! -x target/tools/node/bin/node ] || PATH=$PWD/target/tools/node/bin:$PATH

cargo build "${locked[@]}" --bin poterne
node tests/browser/picture.mjs
