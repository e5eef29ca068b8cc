#!/usr/bin/env bash
# migrate.sh - brings a registry's database up to this version: migrations, then functions, views, grants and reference data.
# For a new database and for an old one alike; may be repeated, also after a crash. By a superuser, on the database of PGDATABASE
# (`registry`), PGHOST, PGUSER; refuses to create the database itself, and touches nothing of the server's settings.
. "$(dirname "$0")/lib.sh"
plain_psql
export PGDATABASE=${PGDATABASE:-registry}
cd "$root"
sqitch=$root/tools/sqitch.sh

apply() {
    psql -qX -v ON_ERROR_STOP=1 "$@"
}

# A change is one transaction, that it was made is written down by sqitch in another: a crash between the two leaves a change that
# stands and is not known, and the next deployment finds what it wants to make. Such a one is known by its own verification.
note_unknown_change() {
    local change
    change=$("$sqitch" status | sed -n '/^Undeployed change/,$s/^ *\* //p' | head -n 1 | cut -d' ' -f1)
    [[ $change =~ ^[a-z_]+$ ]] && apply -f "migrations/verify/$change.sql" >/dev/null || return 1
    echo "$change stands already, by a deployment that was cut off: it is only written down now"
    "$sqitch" deploy --log-only --to-change "$change"
}

said=$(mktemp)
trap 'rm -f "$said"' EXIT
if ! "$sqitch" deploy 2>&1 | tee "$said"; then
    grep -q 'already exists' "$said" && note_unknown_change ||
        die "migrate.sh: the last change above failed and left nothing; those before it stand. Mend what it complains of, then again"
    "$sqitch" deploy
fi
apply -f sql/apply.sql -f sql/reference/load.sql
echo "$PGDATABASE: migrations, functions and reference data are those of this version"
