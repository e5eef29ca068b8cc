#!/usr/bin/env bash
# build.sh - builds the extension, the daemon, the operator's command and the simulator into build/, and the private
# PostgreSQL tree with the extension in it. Quiet unless something is wrong.
. "$(dirname "$0")/lib.sh"
"$root/tools/setup.sh" build
ensure_build
exec 9>"$build/.lock"
flock 9
log=$build/build.log
: >"$log"
step() {
    "$@" >>"$log" 2>&1 || { grep -E 'error|warning|\*\*\*' "$log" >&2 || tail -n 30 "$log" >&2; die "build failed: $*"; }
}
jobs=$(nproc)
step make -C "$root/extension" -j"$jobs"
step make -C "$root/etl-daemon" -j"$jobs"
step make -C "$root/test/sim" -j"$jobs"
step "$root/tools/pgtree.sh"
