#!/usr/bin/env bash
# check_isolation.sh [SPEC ...] - sessions against each other: the specs of test/isolation on a private server, by PostgreSQL's
# own isolation tester, against the expected course of events.
. "$(dirname "$0")/lib.sh"
stack=$root/tools/stack.sh
tester=/usr/lib/postgresql/$pgversion/lib/pgxs/src/test/isolation
out=$build/check-isolation/out
trap '"$stack" remove check-isolation' EXIT
"$stack" migrated-start check-isolation
export PGHOST PGUSER=postgres PGDATABASE=registry
PGHOST=$(socket_dir check-isolation)
{
    echo 'CREATE SCHEMA spec;'
    sed 's/pg_temp\./spec./g' "$root"/test/pgtap/helper/{page,rule}.psql
    cat "$root/test/isolation/helper.sql"
} | psql -qX -v ON_ERROR_STOP=1 >/dev/null

specs=("$@")
[ $# -gt 0 ] || mapfile -t specs < <(cd "$root/test/isolation/specs" && printf '%s\n' *.spec | sed 's/\.spec$//')
mkdir -p "$out"
# As the caller: the tester writes only its results, and connects as the owner through the socket.
"$tester/pg_isolation_regress" --use-existing --host="$PGHOST" --user=postgres --dbname=registry --bindir="$pgbin" \
    --inputdir="$root/test/isolation" --outputdir="$out" "${specs[@]}" 8>&- || {
    cat "$out/regression.diffs"
    die "check_isolation.sh: a spec took another course"
}
