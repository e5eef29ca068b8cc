#!/usr/bin/env bash
# check_sql.sh - deploys, verifies, reverts every migration, deploys again over what a crash leaves, applies what is
# repeatable twice, then runs the pgTAP tests.
. "$(dirname "$0")/lib.sh"
plain_psql
stack=$root/tools/stack.sh
trap '"$stack" remove check-sql' EXIT
"$stack" server-start check-sql
"$stack" migrate check-sql
export PGHOST PGUSER=postgres PGDATABASE=registry
PGHOST=$(socket_dir check-sql)

quiet() {
    "$@" >"$build/check-sql/step.log" 2>&1 || { tail -n 40 "$build/check-sql/step.log" >&2; die "failed: $*"; }
}
quiet "$root/tools/sqitch.sh" verify
quiet psql -qXc 'DROP ROLE etld, sealer, auditor, drill'
quiet "$root/tools/sqitch.sh" revert -y
left=$(psql -qXAtc "SELECT string_agg(nspname, ' ') FROM pg_namespace
    WHERE nspname IN ('registry', 'etl', 'audit', 'keyring', 'access', 'report', 'ekok')")
[ -z "$left" ] || die "sqitch revert leaves behind: $left"
dropdb registry

# As a crash leaves it between a change and the note that it was made.
createdb -T template0 registry
quiet "$root/tools/sqitch.sh" deploy --to-change household_source
quiet psql -qX -v ON_ERROR_STOP=1 -f "$root/migrations/deploy/signing_keys.sql"
quiet "$root/tools/migrate.sh"
grep -q '^signing_keys stands already' "$build/check-sql/step.log" || die "a change that stood already was not found so"
quiet "$root/tools/sqitch.sh" verify
quiet "$root/tools/migrate.sh"
psql -qX -v ON_ERROR_STOP=1 -f "$root/docs/examples/services.sql"
echo "migrations: deployed, verified, reverted, deployed again over a crash; functions and reference data applied twice"
psql -qXc 'CREATE EXTENSION pgtap'
pg_prove -d registry "$root"/test/pgtap/*.sql
