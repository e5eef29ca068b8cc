#!/usr/bin/env bash
# bench.sh [PART ...] - figures beside a peer in the same run, as ratios; all parts by default; medians of BENCH_ROUNDS (3)
# rounds.
#   ingest       the main job, BENCH_PERSONS (60000): new rows, and the same again unchanged; CPU of each class of programs,
#                that of the fake ministries apart. Peer: the same records by `curl | jq | psql \copy` into a bare
#                table, without validation, seal, token, evidence, index or audit - the least that anyone would do.
#   schedule     BENCH_SOURCES (200) sources due in the same minute, over three minutes, then with one system in ten hanging:
#                how late each run was opened, and the daemon's memory. No peer: the goal is a second.
#   audit        the trace of changed rows, BENCH_SECONDS (5) for each figure. Peers: no trace, a row trigger in PL/pgSQL.
#   seal         sealing and verifying the trace, BENCH_ENTRIES (1000000). Peer: the same lines copied out into sha256sum.
#   keys         sealing and tokenising a value by the key agent, BENCH_VALUES (1000000). Peer: keys at hand in the same process.
#   identifiers  the identifier types, BENCH_ROWS (1000000). Peers: bigint, text and contrib isn's ean13.
#   likeness     the open benchmark of women's names (test/bench/names/README.md), and development sets in the same
#                form where BENCH_NAME_SETS names their folder. Peers: pg_trgm, fuzzystrmatch, both behind ICU.
#   names        search of names by their sound, BENCH_NAMES (1000000). Peer: contrib pg_trgm on the same column.
#   sweep        the double-dipping index, BENCH_KEYS (20000000; about 85 bytes of shared memory and 200 of disk each, so
#                BENCH_KEYS=80000000 wants 7 GB and 16 GB). Peers: grouping and hashing in SQL, a look-up by hand.
#   person       one newcomer looked for among BENCH_PERSON (817000 persons: a million enrolments) by registry.find_person. Peer: the
#                look-up of numbers alone.
#   dedupe       ekok.dedupe over the simulated people's records in one thread and two, BENCH_DEDUPE (817000 persons: a million
#                records), and over lists of mistakes and of variations. Peer: plain SQL with blocking joins, pg_trgm and added weights in the
#                same database; Splink is not packaged by Debian.
#   rls          reading within a scope, BENCH_ROWS (1000000). Peer: the same query, its conditions written by hand.
#   rules        enrolling under a rule, BENCH_SECONDS (5) each; BENCH_ATTEMPTS (200000) racing attempts. Peers: no rule, and
#                a trigger in PL/pgSQL. BENCH_ROUNDS=0: the race alone.
#   verify       planning whom to ask of another system, BENCH_VERIFY (1000000 enrolments). Peer: reading every enrolment.
#   rotate       rotation of the data key beside 1,000 writes a second, BENCH_ROTATE (60000 persons). Peer: the writes alone.
. "$(dirname "$0")/lib.sh"
all='ingest schedule audit seal keys identifiers likeness names sweep person dedupe rules rls verify rotate'
for part in "$@"; do
    case " $all " in *" $part "*) ;; *) die "bench.sh: no part $part; there are: $all" ;; esac
done
"$root/tools/setup.sh" build bench
"$root/tools/build.sh"
rounds=${BENCH_ROUNDS:-3}
for part in ${*:-$all}; do
    case "$part" in
    ingest) arguments=("${BENCH_PERSONS:-60000}" "$rounds") ;;
    schedule) arguments=("${BENCH_SOURCES:-200}" "$rounds") ;;
    audit) arguments=("${BENCH_SECONDS:-5}" "$rounds") ;;
    seal) arguments=("${BENCH_ENTRIES:-1000000}" "$rounds") ;;
    keys) arguments=("${BENCH_VALUES:-1000000}" "$rounds") ;;
    identifiers) arguments=("${BENCH_ROWS:-1000000}" "$rounds") ;;
    likeness) arguments=(--stack ${BENCH_NAME_SETS:+--dev "$BENCH_NAME_SETS"}) ;;
    names) arguments=("${BENCH_NAMES:-1000000}" "$rounds") ;;
    sweep) arguments=("${BENCH_KEYS:-20000000}" "$rounds") ;;
    person) arguments=("${BENCH_PERSON:-817000}" "$rounds") ;;
    dedupe) arguments=("${BENCH_DEDUPE:-817000}" "$rounds") ;;
    verify) arguments=("${BENCH_VERIFY:-1000000}" "$rounds") ;;
    rotate) arguments=("${BENCH_ROTATE:-60000}" "$rounds") ;;
    rls) arguments=("${BENCH_ROWS:-1000000}" "$rounds") ;;
    rules) arguments=("${BENCH_SECONDS:-5}" "$rounds" "${BENCH_ATTEMPTS:-200000}") ;;
    esac
    case "$part" in
    likeness) perl "$root/test/bench/names/run.pl" "${arguments[@]}" ;;
    *) perl "$root/test/bench/$part.pl" "${arguments[@]}" ;;
    esac
done
