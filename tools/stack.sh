#!/usr/bin/env bash
# stack.sh COMMAND NAME [...] - a private PostgreSQL with its simulated ministries, under build/NAME.
#
#   server-start NAME [SETTING=VALUE ...]   new empty cluster; what an earlier run left under NAME is removed first
#   migrated-start NAME [SETTING=VALUE ...] server-start and migrate, by copy of a cluster that is kept in build/migrated and made
#                                           anew when a migration, a function, reference data or the extension changed
#   server-restart NAME                     starts an existing cluster again (after a kill)
#   server-kill NAME                        kill -9 of the whole server
#   migrate NAME                            database `registry`: migrations, functions, reference data, roles etld, sealer, auditor, drill
#   sim-start NAME ARGUMENT ...             simulated ministries with `ekok-sim serve` arguments; writes ekok.ini, keys,
#                                           sources/*.json, and puts these in force
#   lists NAME ARGUMENT ...                 three lists beside the ministries, in force: a registry by SP-DCI, a register in
#                                           Excel, surveyed households in CSV; with the ARGUMENTs of `ekok-sim records`
#   keyd-start NAME [USER]                  the key agent, as USER where root calls: takes the key file over; daemon and server
#                                           ask it from then on
#   keyd-kill NAME                          kill -9 of the agent
#   define NAME                             puts sources/*.json in force again
#   sim-stop NAME
#   psql NAME ...                           psql as the owner
#   run NAME COMMAND ...                    a command as the unprivileged user, with EKOK_CONFIG set
#   stop NAME                               stops all, keeps the files
#   remove NAME                             stops all, removes the files
# Never touches a process or a cluster outside build/NAME.
. "$(dirname "$0")/lib.sh"
plain_psql

command=$1 name=$2
shift 2
[[ $name =~ ^[a-z0-9_-]+$ ]] || die "stack.sh: a stack's name is made of a-z, 0-9, - and _"
dir=$(stack_dir "$name")
data=$dir/data
agent=$dir-keyd # a folder of its own: the key agent's user may not enter the server's
socket=$(socket_dir "$name")
server_bin=$build/pg/lib/postgresql/$pgversion/bin
export PGHOST=$socket PGPORT=5432 PGUSER=postgres PGDATABASE=registry PGTZ=UTC
unset PGPASSWORD PGSERVICE PGOPTIONS PGSSLMODE PGAPPNAME || true

# our_process PIDFILE PATH: prints the pid in the first line of the file if that process runs the program PATH.
our_process() {
    local pid
    pid=$(head -n 1 "$1" 2>/dev/null) || return 1
    [[ $pid =~ ^[0-9]+$ ]] || return 1
    [ "$(readlink "/proc/$pid/exe" 2>/dev/null | sed 's/ (deleted)$//')" = "$(readlink -f "$2")" ] || return 1
    echo "$pid"
}

wait_gone() {
    local pid=$1 tries=0
    while kill -0 "$pid" 2>/dev/null && [ "$(ps -o stat= -p "$pid" | cut -c1)" != Z ]; do
        sleep 0.05
        tries=$((tries + 1))
        [ $tries -lt "${2:-200}" ] || return 1
    done
}

stop_process() { # PIDFILE PROGRAM SIGNAL
    local pid
    pid=$(our_process "$1" "$2") || return 0
    kill "-$3" "$pid" 2>/dev/null || true
    wait_gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
    wait_gone "$pid" || die "stack.sh: process $pid of $name does not end"
}

server_up() {
    as_user "$server_bin/pg_ctl" -D "$data" -l "$dir/server.log" -w -t 60 start >"$dir/pg_ctl.log" 2>&1 ||
        { tail -n 20 "$dir/server.log" "$dir/pg_ctl.log" >&2; die "stack.sh: the server of $name does not start"; }
}

server_kill() {
    local pid children
    pid=$(our_process "$data/postmaster.pid" "$server_bin/postgres") || return 0
    children=$(pgrep -P "$pid" || true)
    # shellcheck disable=SC2086
    kill -KILL "$pid" $children 2>/dev/null || true
    wait_gone "$pid" || die "stack.sh: server $pid of $name does not end"
    for child in $children; do
        wait_gone "$child" || true
    done
    # Where process 1 does not collect the dead, their number would look alive to the next server.
    rm -f "$data/postmaster.pid" "$socket/.s.PGSQL.5432.lock"
}

# Daemons of this stack that a test left behind, by their program and a configuration in our folder.
stop_daemons() {
    local pid
    for pid in $(pgrep -f "^$build/bin/ekok-(etld|sealer|keyd) .*$dir(-keyd)?/" || true); do
        kill -KILL "$pid" 2>/dev/null || true
    done
}

stop_all() {
    stop_daemons
    stop_process "$dir/sim/pid" "$build/bin/ekok-sim" TERM
    stop_process "$data/postmaster.pid" "$server_bin/postgres" INT
}

write_access() {
    local caller
    caller=$(id -un)
    printf 'local all all peer map=ekok\n' >"$dir/pg_hba.conf"
    for role in postgres etld sealer auditor drill; do
        printf 'ekok %s %s\n' "$run_user" "$role"
        [ "$caller" = "$run_user" ] || printf 'ekok %s %s\n' "$caller" "$role"
    done >"$dir/pg_ident.conf"
}

write_settings() {
    cat <<EOF
listen_addresses = ''
port = 5432
unix_socket_directories = '$socket'
unix_socket_permissions = 0700
hba_file = '$dir/pg_hba.conf'
ident_file = '$dir/pg_ident.conf'
max_connections = 60
shared_buffers = 256MB
max_wal_size = 2GB
log_min_error_statement = panic
log_parameter_max_length_on_error = 0
log_parameter_max_length = 0
timezone = 'UTC'
EOF
    for setting in "$@"; do
        printf "%s = '%s'\n" "${setting%%=*}" "${setting#*=}"
    done
}

new_folder() {
    stop_all
    rm -rf "$dir" "$agent" "$socket"
    ensure_build
    mkdir -p "$dir" "$socket"
    chmod 0700 "$socket"
    [ "$(id -u)" -ne 0 ] || chown "$run_user:" "$dir" "$socket"
}

server_start() {
    new_folder
    as_user "$server_bin/initdb" -D "$data" -U postgres -A peer -E UTF8 --locale=C.UTF-8 --lc-collate=C --no-instructions \
        >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; die "stack.sh: initdb of $name failed"; }
    cp -p "$data/postgresql.conf" "$dir/initdb.conf"
    write_access
    write_settings "$@" >>"$data/postgresql.conf"
    server_up
}

# What a migrated cluster depends on, as one line.
migrated_from() {
    (cd "$root" && find migrations sql tools/stack.sh tools/migrate.sh tools/sqitch.sh docs/examples/services.sql -type f -print0 | sort -z | xargs -0 cat
        find "$build/pg" -name 'ekok*' -type f -print0 | sort -z | xargs -0 cat) | sha256sum
}

# build/migrated: made by the first who needs it, while others wait.
make_migrated() {
    local kept=$build/migrated making=migrated-making
    mkdir -p "$kept"
    exec 7>"$build/.migrated.lock"
    flock 7
    if [ "$(cat "$kept/from" 2>/dev/null)" != "$(migrated_from)" ]; then
        rm -rf "$kept/data" "$kept/from"
        # shellcheck disable=SC2015
        "$0" server-start $making fsync=off 7>&- && "$0" migrate $making 7>&- && "$0" stop $making 7>&- ||
            die "stack.sh: no migrated cluster to copy"
        mv "$(stack_dir $making)/data" "$kept/data"
        mv "$(stack_dir $making)/initdb.conf" "$kept/data/postgresql.conf"
        "$0" remove $making
        migrated_from >"$kept/from"
    fi
    exec 7>&-
}

migrated_start() {
    new_folder
    make_migrated
    cp -a --reflink=auto "$build/migrated/data" "$data"
    write_access
    write_settings "$@" >>"$data/postgresql.conf"
    server_up
}

migrate() {
    createdb -T template0 registry
    "$root/tools/migrate.sh" >"$dir/migrate.log" 2>&1 || { tail -n 40 "$dir/migrate.log" >&2; die "migration failed"; }
    psql -qX -v ON_ERROR_STOP=1 -f "$root/docs/examples/services.sql"
}

write_config() { # the daemon's configuration for this stack
    cat <<EOF
[database]
conninfo = host=$socket port=5432 dbname=registry user=etld

[keys]
file = $dir/etld.keys

[tls]
ca = $dir/certs/ca.pem
certificate = $dir/certs/client.pem
key = $dir/certs/client.key

[secrets]
directory = $dir/secrets

[run]
workers = 10
interval = 3600
EOF
}

write_sources() {
    local source port
    rm -rf "$dir/sources"
    mkdir "$dir/sources"
    while read -r source port; do
        sed "s/@PORT@/$port/g" "$root/test/sim/sources/$source.json.in" >"$dir/sources/$source.json"
    done <"$dir/sim/ports"
}

lists() {
    local list
    mkdir -p "$dir/inbox/ffp" "$dir/inbox/nhd" "$dir/secrets"
    sed "s|@PORT@|$(cat "$dir/sim/spdci-port")|g; s|@DIR@|$dir|g" "$root/test/sim/lists/vwb.json.in" >"$dir/sources/vwb.json"
    for list in ffp nhd; do
        sed "s|@DIR@|$dir|g" "$root/test/sim/lists/$list.json.in" >"$dir/sources/$list.json"
    done
    install -m 0600 "$dir/certs/jws.key" "$dir/secrets/vwb-key"
    [ "$(id -u)" -ne 0 ] || chown -R "$run_user:" "$dir/inbox" "$dir/secrets" "$dir/sim"
    as_user "$build/bin/ekok-sim" records "$@" --out "$dir/sim/records.tsv"
    as_user "$build/bin/ekok-sim" truth "$@" --out "$dir/sim/lists.tsv"
    # By the caller: the unprivileged user may not read the checkout's scripts.
    "$root/test/sim/workbook.pl" "$dir/inbox/ffp/register.xlsx" <"$dir/sim/records.tsv"
    "$root/test/sim/nhd.pl" "$dir/sim/records.tsv" "$dir/sim/lists.tsv" >"$dir/inbox/nhd/extract.csv"
    [ "$(id -u)" -ne 0 ] || chown "$run_user:" "$dir/inbox/ffp/register.xlsx" "$dir/inbox/nhd/extract.csv"
    rm -f "$dir/sim/records.tsv" "$dir/sim/lists.tsv"
    define
}

define() { # puts the definitions of the simulated ministries in force
    EKOK_CONFIG=$dir/ekok.ini as_user "$build/bin/ekok" source add "$dir"/sources/*.json >"$dir/define.log" 2>&1 ||
        { cat "$dir/define.log" >&2; die "the definitions are refused"; }
}

# One caller: in a stack, server, daemon and operator are one user. EKOK_KEYD_CALLER: his quotas, else wide ones;
# EKOK_KEYD_MORE: further callers; EKOK_KEYD_MAY: what he may.
write_agent() {
    cat <<END
[agent]
socket = $agent/socket
keys = $agent/keys
trace = $agent/trace

[caller stack]
user = $run_user
may = ${EKOK_KEYD_MAY:-seal, find, open, status, code, enrol}
names_users = yes
seats = 32
${EKOK_KEYD_CALLER:-per_hour = 100000
per_day = 100000
all_per_hour = 100000
all_per_day = 100000
burst = 100000}
${EKOK_KEYD_MORE:-}
END
}

keyd_start() {
    local user=${1:-$run_user} tries=0
    if [ ! -e "$agent" ]; then
        mkdir -m 0755 "$agent"
        [ -e "$dir/etld.keys" ] || as_user "$build/bin/ekok" keys init "$dir/etld.keys" >"$dir/keys.log" || die "no key file"
        mv "$dir/etld.keys" "$agent/keys"
    fi
    write_agent >"$agent/ini"
    chmod 0644 "$agent/ini"
    if [ "$(id -u)" -eq 0 ]; then
        chown -R "$user:" "$agent"
        (cd / && exec runuser -u "$user" -- "$build/bin/ekok-keyd" --config "$agent/ini") >>"$agent/log" 2>&1 </dev/null &
    else
        "$build/bin/ekok-keyd" --config "$agent/ini" >>"$agent/log" 2>&1 </dev/null &
    fi
    disown
    until as_user "$build/bin/ekok" agent status --agent "$agent/socket" >"$dir/keyd.status" 2>&1; do
        sleep 0.1
        tries=$((tries + 1))
        [ $tries -lt 600 ] || { tail -n 5 "$agent/log" "$dir/keyd.status" >&2; die "the key agent does not start"; }
    done
    [ ! -e "$dir/ekok.ini" ] || sed -i "s|^file = .*etld.keys\$|agent = $agent/socket|" "$dir/ekok.ini"
    psql -qX -v ON_ERROR_STOP=1 -d registry -c "LOAD 'ekok'" -c "ALTER SYSTEM SET ekok.agent_socket = '$agent/socket'" -c 'SELECT pg_reload_conf()' >/dev/null
}

keyd_kill() {
    local pid
    for pid in $(pgrep -f "^$build/bin/ekok-keyd --config $agent/" || true); do
        kill -KILL "$pid" 2>/dev/null || true
        wait_gone "$pid" || true
    done
}

credential() { # NAME LINE ...: as the simulated registers know it
    local file=$dir/credentials/$1
    shift
    printf '%s\n' "$@" >"$file"
    chmod 0600 "$file"
    [ "$(id -u)" -ne 0 ] || chown "$run_user:" "$file"
}

write_systems() {
    local port name
    port=$(cat "$dir/sim/register-port")
    rm -rf "$dir/verify"
    mkdir -p "$dir/verify" "$dir/credentials"
    for name in bdris btrc bkash nagad rocket ec; do
        sed "s|@PORT@|$port|g; s|@DIR@|$dir|g" "$root/test/sim/systems/$name.ini.in" >"$dir/verify/$name.ini"
    done
    for name in employees pensioners tin mpo savings land agriculture; do
        sed "s|@PORT@|$port|g; s|@DIR@|$dir|g; s|@NAME@|$name|g" "$root/test/sim/systems/list.ini.in" >"$dir/verify/$name.ini"
    done
    credential bdris 'api_key sim-key'
    credential btrc 'jwt sim-jwt'
    credential bkash 'username sim-user' 'password sim-password' 'app_key sim-app-key' 'app_secret sim-app-secret'
    credential nagad 'merchant sim-merchant'
    credential ec 'username sim-user' 'password sim-password'
    credential lists 'api_key sim-key'
}

sim_start() {
    local tries=0
    stop_process "$dir/sim/pid" "$build/bin/ekok-sim" TERM
    rm -rf "$dir/sim"
    mkdir -p "$dir/sim" "$dir/certs"
    "$root/test/sim/make_certs.sh" "$dir/certs" >"$dir/certs.log" 2>&1 || { cat "$dir/certs.log" >&2; die "no certificates"; }
    [ "$(id -u)" -ne 0 ] || chown -R "$run_user:" "$dir/sim" "$dir/certs"
    as_user "$build/bin/ekok-sim" serve --certs "$dir/certs" --state "$dir/sim" \
        --fault-file "$dir/sim/faults" --auth-file "$dir/sim/auth" --epoch-file "$dir/sim/epoch" "$@" >"$dir/sim.log" 2>&1 </dev/null &
    disown
    while [ ! -e "$dir/sim/ports" ]; do
        sleep 0.1
        tries=$((tries + 1))
        [ $tries -lt 1200 ] || { cat "$dir/sim.log" >&2; die "the simulated ministries do not start"; }
    done
    write_sources
    write_systems
    write_config >"$dir/ekok.ini"
    if [ ! -e "$dir/etld.keys" ]; then
        as_user "$build/bin/ekok" keys init "$dir/etld.keys" >"$dir/keys.log" || die "no key file"
    fi
    define
}

case "$command" in
server-start) server_start "$@" ;;
migrated-start) migrated_start "$@" ;;
server-restart) server_up ;;
server-kill) server_kill ;;
migrate) migrate ;;
sim-start) sim_start "$@" ;;
lists) lists "$@" ;;
keyd-start) keyd_start "$@" ;;
keyd-kill) keyd_kill ;;
define) define ;;
sim-stop) stop_process "$dir/sim/pid" "$build/bin/ekok-sim" TERM ;;
psql) exec psql -X "$@" ;;
run)
    program=$1
    shift
    [[ $program != */* ]] || program=$(readlink -f "$program")
    EKOK_CONFIG=$dir/ekok.ini as_user "$program" "$@"
    ;;
stop) stop_all ;;
remove)
    stop_all
    rm -rf "$dir" "$agent" "$socket"
    ;;
*) die "stack.sh: unknown command $command" ;;
esac
