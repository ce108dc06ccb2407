#!/usr/bin/env bash
# Independent judges: client libraries of others (openid-client on Node, Authlib on Python) drive the provider of examples/conform over TLS.
# They come from their registries, pinned. `make test` has built the binary and runs this.
. "$(dirname "$0")/lib.sh"

scripts/test-deps.sh judges
[ ! -x target/tools/node/bin/node ] || PATH=$PWD/target/tools/node/bin:$PATH
python=$PWD/target/tools/judges/bin/python

free_port() { "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

data=$(mktemp -d /tmp/poterne-interop.XXXXXX)
provider=
finish() {
    [ -z "$provider" ] || { kill "$provider" 2>/dev/null && wait "$provider" 2>/dev/null; } || true
    rm -rf "$data"
}
trap finish EXIT
trap 'exit 130' INT TERM

export CONFORM_BINARY=${CONFORM_BINARY:-target/debug/poterne}
export CONFORM_DATA=$data CONFORM_PORT CONFORM_MANAGEMENT CONFORM_SUITE CONFORM_ISSUER
CONFORM_PORT=$(free_port)
CONFORM_MANAGEMENT=127.0.0.1:$(free_port)
CONFORM_SUITE=https://127.0.0.1:$(free_port)
CONFORM_ISSUER=https://localhost:$CONFORM_PORT
scripts/conform.sh >"$data/log" 2>&1 &
provider=$!
for ((tries = 0; ; tries++)); do
    "$CONFORM_BINARY" healthcheck --config "$data/poterne.toml" >/dev/null 2>&1 && break
    if [ $tries = 300 ] || ! kill -0 "$provider" 2>/dev/null; then
        die "the provider of examples/conform did not start: $(tail -n 20 "$data/log")"
    fi
    sleep 0.1
done

export NODE_EXTRA_CA_CERTS=$data/tls/ca.pem REQUESTS_CA_BUNDLE=$data/tls/ca.pem
status=0
node --test --test-concurrency=1 --test-reporter=spec --test-reporter-destination=stdout \
    --test-reporter=tap --test-reporter-destination="${INTEROP_TAP:-$data/tap}" tests/interop/*.test.mjs || status=$?
"$python" -B tests/interop/test_authlib.py -v 2>&1 || status=$?
exit "$status"
