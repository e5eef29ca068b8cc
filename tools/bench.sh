#!/usr/bin/env bash
# bench.sh [ingest|identifiers|dedupe ...] - figures beside a peer in the same run, as ratios; all of them by default; medians of
# BENCH_ROUNDS (3) rounds.
#   ingest       the main job, BENCH_PERSONS (60000). Peer: the same records by `curl | jq | psql \copy` into a bare
#                table, without validation, seal, token, evidence, index or audit - the least that anyone would do.
#   identifiers  the identifier types, BENCH_ROWS (1000000). Peers: bigint, text and contrib isn's ean13.
#   dedupe       ekok.dedupe over the simulated people's records, DEDUPE_PERSONS (817000: a million records). Peer: plain SQL
#                with blocking joins, pg_trgm and added weights in the same database; Splink is not packaged by Debian.
. "$(dirname "$0")/lib.sh"
for part in "$@"; do
    case "$part" in ingest | identifiers | dedupe) ;; *) die "bench.sh: there is ingest, identifiers and dedupe, no $part" ;; esac
done
"$root/tools/setup.sh" build bench
"$root/tools/build.sh"
for part in ${*:-ingest identifiers dedupe}; do
    case "$part" in
    ingest) perl "$root/test/bench/ingest.pl" "${BENCH_PERSONS:-60000}" "${BENCH_ROUNDS:-3}" ;;
    identifiers) perl "$root/test/bench/identifiers.pl" "${BENCH_ROWS:-1000000}" "${BENCH_ROUNDS:-3}" ;;
    dedupe) perl "$root/test/bench/dedupe.pl" "${DEDUPE_PERSONS:-817000}" "${BENCH_ROUNDS:-3}" ;;
    esac
done
