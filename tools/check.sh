#!/usr/bin/env bash
# check.sh [PART ...] - every test, set-up included: lint unit sim sql isolation tap attack docs (all of them by default).
# Prints each runner's own closing lines; ends with 1 when any part failed, and then says again at the end what failed there.
. "$(dirname "$0")/lib.sh"
"$root/tools/setup.sh" build check
"$root/tools/build.sh"
build=$(readlink -f "$root/build")
only_one check
parts=${*:-lint unit sim sql isolation tap attack docs}
failed=()

part_lint() { "$root/tools/lint.sh"; }
part_unit() {
    make --no-print-directory -C "$root/test/unit" -j "$(nproc)" all &&
        make --no-print-directory -C "$root/test/unit" check
}
part_sim() { make --no-print-directory -C "$root/test/sim" check; }

part_sql() { "$root/tools/check_sql.sh"; }
part_isolation() { "$root/tools/check_isolation.sh"; }

# Two files at a time: each has a server of its own, and much of a file is waiting.
part_tap() { prove -j 2 --timer -I "$root/test/tap/lib" "$root"/test/tap/*.t; }
part_attack() { prove -j 2 --timer -I "$root/test/tap/lib" "$root"/test/attack/*.t; }
part_docs() { prove --timer -I "$root/test/tap/lib" "$root"/test/docs/*.t "$root"/test/bench/names/*.t; }

# What a runner said of failures, at most 30 lines of it: the whole output is long, and its end is what is read first.
failures_of() {
    printf '\n== what failed in %s (all of it: %s)\n' "$1" "$build/check/$1.log"
    grep -aE "^ *not ok |^#  +(Failed|at |got|expected|'|doesn't)|^\[ +FAILED +\]|Wstat|Failed tests?:|error:|warning:" \
        "$build/check/$1.log" | cut -c1-300 | awk '!seen[$0]++' | head -n 30
}

mkdir -p "$build/check"
for part in $parts; do
    printf '\n== %s\n' "$part"
    began=$SECONDS
    "part_$part" 8>&- > >(exec tee "$build/check/$part.log") 2>&1 || failed+=("$part")
    # Until tee has written all; not for ever, since a server that a killed test left behind holds the pipe open.
    for _ in {1..100}; do kill -0 $! 2>/dev/null || break; sleep 0.1; done
    printf '== %s took %d s\n' "$part" $((SECONDS - began))
done
for part in ${failed[@]+"${failed[@]}"}; do failures_of "$part" >&2; done
echo
[ ${#failed[@]} -eq 0 ] || die "make check: failed: ${failed[*]}"
echo "make check: all parts passed: $parts"
