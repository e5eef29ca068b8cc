#!/usr/bin/env bash
# sqitch.sh COMMAND ... - sqitch on the database named by PGHOST, PGUSER and PGDATABASE, without any personal settings.
. "$(dirname "$0")/lib.sh"
plain_psql
export SQITCH_USER_CONFIG=/dev/null SQITCH_SYSTEM_CONFIG=/dev/null
export SQITCH_FULLNAME='Ekok' SQITCH_EMAIL='ekok@example.org'
cd "$root/migrations"
exec sqitch "$@" "db:pg:${PGDATABASE:-registry}"
