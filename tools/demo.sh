#!/usr/bin/env bash
# demo.sh - the main job from nothing: ten simulated ministries over HTTPS, a registry by SP-DCI, a register in Excel
# and a survey of households into the registry, double dipping out.
# DEMO_PERSONS (20000), DEMO_SEED (1) and DEMO_DEFECTS (0.003, share of damaged records) may be set.
. "$(dirname "$0")/lib.sh"
persons=${DEMO_PERSONS:-20000} seed=${DEMO_SEED:-1} defects=${DEMO_DEFECTS:-0.003}
[[ $persons =~ ^[0-9]+$ ]] && [ "$persons" -ge 100 ] && [ "$persons" -le 30000000 ] ||
    die "DEMO_PERSONS is a number from 100 to 30000000"
started=$SECONDS

step() {
    printf '%s %s\n' "$(printf '[%3ds]' $((SECONDS - started)))" "$*"
}

stack() {
    "$root/tools/stack.sh" "$@" 8>&-
}

step "Packages and build"
"$root/tools/build.sh"
build=$(readlink -f "$root/build")
only_one demo
trap 'stack remove demo >/dev/null 2>&1' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
step "Private PostgreSQL $pgversion under build/demo"
stack server-start demo
step "Migrations and reference data"
stack migrate demo
step "A rule that refuses: who draws an old age allowance draws no other one"
stack psql demo -q -v ON_ERROR_STOP=1 -f "$root/test/sim/rule.sql"
step "Ten simulated ministries: $persons persons, seed $seed"
stack sim-start demo --persons "$persons" --seed "$seed" --defects "$defects"
step "Three lists beside them: a registry that speaks SP-DCI, a register in Excel, a survey of households"
stack lists demo --persons "$persons" --seed "$seed"
step "The key agent takes the key file over; the daemon seals through it"
stack keyd-start demo
step "Pull over mutual TLS and from a folder, seal, load, audit"
pulled=0
stack run demo "$build/bin/ekok" run --all || pulled=$?
[ $pulled -eq 0 ] || [ $pulled -eq 3 ] || die "ekok run ended with $pulled"
step "Sweep of the whole registry"
stack run demo "$build/bin/ekok" sweep
step "Ask births, SIMs, wallets, voters and seven lists: 250 enrolments each"
stack psql demo -q -v ON_ERROR_STOP=1 -c "SELECT registry.announce_payment('OAA', current_date + 7)" >/dev/null
stack run demo "$build/bin/ekok" verify --most 250
echo
stack run demo "$build/bin/ekok" report
step "Evaluation against the simulator's truth (the product never reads it)"
as_user "$build/bin/ekok-sim" truth --persons "$persons" --seed "$seed" --defects "$defects" --out "$build/demo/sim/truth.tsv"
"$root/test/sim/evaluate.sh" demo "$build/demo/sim/truth.tsv"
echo
step "Before a payment list: who of the old age allowance may be paid, and why"
stack psql demo -q -v ON_ERROR_STOP=1 -c "SELECT verdict, coalesce(system, '-') AS system, why, count(*) AS enrolments
    FROM registry.payment_check('OAA') GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC"
echo
step "Is the household poor enough, as its survey tells: enrolments of programmes with a cut-off"
stack psql demo -q -v ON_ERROR_STOP=1 -c "SELECT programme, verdict, why, count(*) AS enrolments FROM report.pmt GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
echo
step "The trace, sealed into a signed tree; verified by what two witnesses remember"
audit=$build/demo/audit
as_user mkdir -p "$audit/one" "$audit/two"
as_user "$build/bin/ekok" keys init-audit demo.registry/audit "$audit/key" >/dev/null
database="host=$(socket_dir demo) dbname=registry"
as_user "$build/bin/ekok-sealer" --once --database "$database user=sealer" --key "$audit/key" \
    --witness "$audit/one" --witness "$audit/two"
as_user "$build/bin/ekok" verify-audit --database "$database user=auditor" --keys "$audit/key.pub" \
    --witness "$audit/one" --witness "$audit/two"
echo
step "A stricter limit: proposed, previewed, activated, met, rolled back"
stack psql demo -q -v ON_ERROR_STOP=1 -f "$root/test/sim/refusal.sql"
echo
step "Done; the demo's server and ministries are gone."
echo "Next: make sandbox starts an empty registry, make psql opens it."
