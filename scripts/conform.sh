#!/usr/bin/env bash
# Builds the binary and serves the provider of examples/conform for an outside conformance run, in the foreground. What is there already
# stays as it is: a second start changes nothing. examples/conform/README.md lists the variables.
. "$(dirname "$0")/lib.sh"

host=${CONFORM_HOST:-localhost}
port=${CONFORM_PORT:-9443}
listen=${CONFORM_LISTEN:-127.0.0.1}
management=${CONFORM_MANAGEMENT:-127.0.0.1:9081}
data=${CONFORM_DATA:-var/conform}
suite=${CONFORM_SUITE:-https://localhost.emobix.co.uk:8443}
alias=${CONFORM_ALIAS:-poterne}
poterne=${CONFORM_BINARY:-target/debug/poterne}
here=examples/conform

if [ -z "${CONFORM_BINARY:-}" ]; then
    need_rust
    need_c
    cargo build "${locked[@]}" --bin poterne
fi
mkdir -p "$data/secrets"
chmod 700 "$data"
data=$(cd "$data" && pwd)

# self_made: an authority of this folder alone, and a certificate for the host name that it signed.
self_made() {
    local tls=$data/tls
    certificate=$tls/server.pem key=$tls/server.key authority=$tls/ca.pem
    if [ -e "$certificate" ] && openssl x509 -in "$certificate" -noout -checkend 86400 >/dev/null &&
        openssl x509 -in "$certificate" -noout -checkhost "$host" | grep -q 'does match'; then
        return
    fi
    has openssl || need_packages openssl
    rm -rf "$tls"
    mkdir -p "$tls"
    local names="subjectAltName = DNS:$host"
    [ "$host" != localhost ] || names+=", IP:127.0.0.1, IP:::1"
    (
        umask 077
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 -subj "/CN=Conformance run" \
            -addext "basicConstraints = critical, CA:TRUE" -addext "keyUsage = critical, keyCertSign" \
            -keyout "$tls/ca.key" -out "$authority"
        openssl req -newkey rsa:2048 -nodes -subj "/CN=$host" -keyout "$key" -out "$tls/server.csr"
        printf '%s\nbasicConstraints = critical, CA:FALSE\nkeyUsage = critical, digitalSignature, keyEncipherment\nextendedKeyUsage = serverAuth\n' \
            "$names" >"$tls/server.ext"
        openssl x509 -req -in "$tls/server.csr" -CA "$authority" -CAkey "$tls/ca.key" -CAcreateserial -days 397 \
            -extfile "$tls/server.ext" -out "$certificate"
    ) 2>"$data/openssl.log" || die "openssl could not make a certificate: $(tail -n 3 "$data/openssl.log")"
    say "A certificate for $host was made; $authority signed it."
}

if [ -n "${CONFORM_CERTIFICATE:-}" ]; then
    certificate=$CONFORM_CERTIFICATE authority=
    key=${CONFORM_KEY:?CONFORM_CERTIFICATE needs CONFORM_KEY, the private key in PEM}
else
    self_made
fi

# Whom the provider believes beside the authorities of this machine, and where it may go beside the open network.
trust=$data/trust.pem
cat ${authority:+"$authority"} ${CONFORM_TRUST:+"$CONFORM_TRUST"} </dev/null >"$trust"
suite_host=${suite#*://}
suite_host=${suite_host%%/*}
case $suite_host in *:*) ;; *) suite_host+=:443 ;; esac
allow='"127.0.0.0/8", "::1/128", "'$suite_host'"'
for more in ${CONFORM_ALLOW:-}; do allow+=', "'$more'"'; done

# filled FILE: the example with the values of this run.
filled() {
    sed $([ -s "$trust" ] || say '-e /^trust_anchors/d') -e "s|@ALLOW@|$allow|g" -e "s|@TRUST@|$trust|g" \
        -e "s|@HOST@|$host|g" -e "s|@PORT@|$port|g" -e "s|@LISTEN@|$listen|g" -e "s|@MANAGEMENT@|$management|g" \
        -e "s|@CERTIFICATE@|$certificate|g" -e "s|@KEY@|$key|g" -e "s|@DATA@|$data|g" \
        -e "s|@SUITE@|$suite|g" -e "s|@ALIAS@|$alias|g" "$here/$1"
}

# secret FILE: a copy that its owner alone may read, as the commands ask for.
secret() {
    install -m 600 "$here/$1" "$data/secrets/$1"
    say "$data/secrets/$1"
}

[ -e "$data/master.key" ] || "$poterne" init --dir "$data" --public-url "https://$host:$port" >/dev/null
filled poterne.toml >"$data/poterne.toml"
filled realm.toml >"$data/realm.toml"
export POTERNE_CONFIG=$data/poterne.toml

"$poterne" migrate
"$poterne" realm apply "$data/realm.toml" --yes
"$poterne" account create --realm op --population persons --email alice@op.example --claims "$here/alice.json" \
    --password-file "$(secret alice.password)" --if-missing
for client in client-1 client-2 client-post; do
    "$poterne" client rotate-secret --realm op "$client" --grace 0 --secret-file "$(secret "$client.secret")"
done
say "The issuer is https://$host:$port; the operator's tools are at http://$management."
exec "$poterne" serve
