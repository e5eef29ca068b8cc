#!/usr/bin/env bash
# bench.sh - the figures of the main job beside a peer in the same run, as ratios; medians of BENCH_ROUNDS (3) rounds.
# BENCH_PERSONS (60000). Peer: the same records by `curl | jq | psql \copy` into a bare table, without validation, seal,
# token, evidence, index or audit - the least that anyone would do.
. "$(dirname "$0")/lib.sh"
"$root/tools/setup.sh" build bench
"$root/tools/build.sh"
exec perl "$root/test/bench/ingest.pl" "${BENCH_PERSONS:-60000}" "${BENCH_ROUNDS:-3}"
