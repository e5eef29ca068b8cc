#!/usr/bin/env bash
# migrate.sh - brings a registry's database up to this version: migrations, then functions, views, grants and reference data.
# For a new database and for an old one alike; may be repeated. By a superuser, on the database of PGDATABASE (`registry`), PGHOST,
# PGUSER; refuses to create the database itself, and touches nothing of the server's settings.
. "$(dirname "$0")/lib.sh"
plain_psql
export PGDATABASE=${PGDATABASE:-registry}
"$root/tools/sqitch.sh" deploy
cd "$root"
psql -qX -v ON_ERROR_STOP=1 -f sql/apply.sql -f sql/reference/load.sql
echo "$PGDATABASE: migrations, functions and reference data are those of this version"
