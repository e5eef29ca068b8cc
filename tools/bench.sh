#!/usr/bin/env bash
# bench.sh [ingest|identifiers|rules ...] - figures beside a peer in the same run, as ratios; all of them by default; medians of
# BENCH_ROUNDS (3) rounds.
#   ingest       the main job, BENCH_PERSONS (60000). Peer: the same records by `curl | jq | psql \copy` into a bare
#                table, without validation, seal, token, evidence, index or audit - the least that anyone would do.
#   identifiers  the identifier types, BENCH_ROWS (1000000). Peers: bigint, text and contrib isn's ean13.
#   rules        enrolling under a rule, BENCH_SECONDS (10) each; BENCH_ATTEMPTS (200000) racing attempts. Peers: no rule, and
#                a trigger in PL/pgSQL.
. "$(dirname "$0")/lib.sh"
for part in "$@"; do
    case "$part" in ingest | identifiers | rules) ;; *) die "bench.sh: there is ingest, identifiers and rules, no $part" ;; esac
done
"$root/tools/setup.sh" build bench
"$root/tools/build.sh"
for part in ${*:-ingest identifiers rules}; do
    case "$part" in
    ingest) perl "$root/test/bench/ingest.pl" "${BENCH_PERSONS:-60000}" "${BENCH_ROUNDS:-3}" ;;
    identifiers) perl "$root/test/bench/identifiers.pl" "${BENCH_ROWS:-1000000}" "${BENCH_ROUNDS:-3}" ;;
    rules) perl "$root/test/bench/rules.pl" "${BENCH_SECONDS:-10}" "${BENCH_ROUNDS:-3}" "${BENCH_ATTEMPTS:-200000}" ;;
    esac
done
