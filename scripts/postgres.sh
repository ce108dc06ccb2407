#!/usr/bin/env bash
# A throw-away PostgreSQL for tests: in the given folder, on a unix socket only, without durability.
#   scripts/postgres.sh start DIR    prints its URL
#   scripts/postgres.sh stop DIR     stops it and removes what start made in DIR
caller=$PWD
. "$(dirname "$0")/lib.sh"

usage() { die "usage: scripts/postgres.sh start|stop DIR"; }
[ $# = 2 ] || usage
case $2 in
    /*) dir=$2 ;;
    *) dir=$caller/$2 ;;
esac

# initdb refuses root: as root the server belongs to the user that the Debian package made.
as_server() {
    if [ "$(id -u)" = 0 ]; then
        runuser -u postgres -- "$@"
    else
        "$@"
    fi
}

bin() {
    local newest
    newest=$(find /usr/lib/postgresql -mindepth 3 -maxdepth 3 -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
    [ "$newest" ] || die "no PostgreSQL server below /usr/lib/postgresql: run scripts/test-deps.sh"
    dirname "$newest"
}

start() {
    local pg log=$dir/log
    pg=$(bin)
    # A socket's path holds 107 bytes.
    [ $((${#dir} + 15)) -lt 107 ] || die "the folder's name is too long for a socket: $dir"
    [ ! -e "$dir/data" ] || die "there is a database in $dir already"
    mkdir -p "$dir"
    [ "$(id -u)" != 0 ] || chown postgres "$dir"
    chmod 700 "$dir"
    cd /
    # Whoever may enter the folder may connect: that is its owner, and root.
    as_server "$pg/initdb" --pgdata="$dir/data" --username=poterne --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
        --no-sync >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; die "initdb failed"; }
    cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$dir'
max_connections = 200
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum_naptime = 10s
CONF
    as_server "$pg/pg_ctl" --pgdata="$dir/data" --log="$log" --wait --timeout=60 --silent start >/dev/null 2>&1 </dev/null ||
        { cat "$log" >&2 || true; die "PostgreSQL did not start"; }
    "$pg/createdb" --host="$dir" --username=poterne poterne
    say "postgres:///poterne?host=$dir&user=poterne"
}

stop() {
    [ -d "$dir/data" ] || return 0
    local pg
    pg=$(bin)
    cd /
    # pg_ctl finds the server by the process id in its folder.
    if [ -e "$dir/data/postmaster.pid" ]; then
        as_server "$pg/pg_ctl" --pgdata="$dir/data" --mode=immediate --wait --silent stop >/dev/null
    fi
    rm -rf "$dir/data" "$dir/log" "$dir/initdb.log"
}

case $1 in
    start) start ;;
    stop) stop ;;
    *) usage ;;
esac
