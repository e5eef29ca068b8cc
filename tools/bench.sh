#!/usr/bin/env bash
# bench.sh [ingest|identifiers|sweep ...] - figures beside a peer in the same run, as ratios; all of them by default; medians of
# BENCH_ROUNDS (3) rounds.
#   ingest       the main job, BENCH_PERSONS (60000). Peer: the same records by `curl | jq | psql \copy` into a bare
#                table, without validation, seal, token, evidence, index or audit - the least that anyone would do.
#   identifiers  the identifier types, BENCH_ROWS (1000000). Peers: bigint, text and contrib isn's ean13.
#   sweep        the double-dipping index, BENCH_KEYS (20000000; about 85 bytes of shared memory and 200 of disk each, so
#                BENCH_KEYS=80000000 wants 7 GB and 16 GB). Peers: grouping and hashing in SQL, a look-up by hand.
. "$(dirname "$0")/lib.sh"
for part in "$@"; do
    case "$part" in ingest | identifiers | sweep) ;; *) die "bench.sh: there is ingest, identifiers and sweep, no $part" ;; esac
done
"$root/tools/setup.sh" build bench
"$root/tools/build.sh"
for part in ${*:-ingest identifiers sweep}; do
    case "$part" in
    ingest) perl "$root/test/bench/ingest.pl" "${BENCH_PERSONS:-60000}" "${BENCH_ROUNDS:-3}" ;;
    identifiers) perl "$root/test/bench/identifiers.pl" "${BENCH_ROWS:-1000000}" "${BENCH_ROUNDS:-3}" ;;
    sweep) perl "$root/test/bench/sweep.pl" "${BENCH_KEYS:-20000000}" "${BENCH_ROUNDS:-3}" ;;
    esac
done
