#!/usr/bin/env bash
# check.sh [PART ...] - every test, set-up included: lint unit sim sql isolation tap attack docs (all of them by default).
# Prints each runner's own closing lines; ends with 1 when any part failed.
. "$(dirname "$0")/lib.sh"
"$root/tools/setup.sh" build check
"$root/tools/build.sh"
build=$(readlink -f "$root/build")
only_one check
parts=${*:-lint unit sim sql isolation tap attack docs}
failed=()

part_lint() { "$root/tools/lint.sh"; }
part_unit() { make --no-print-directory -C "$root/test/unit" check; }
part_sim() { make --no-print-directory -C "$root/test/sim" check; }

part_sql() { "$root/tools/check_sql.sh"; }
part_isolation() { "$root/tools/check_isolation.sh"; }

part_tap() { prove --timer -I "$root/test/tap/lib" "$root"/test/tap/*.t; }
part_attack() { prove --timer -I "$root/test/tap/lib" "$root"/test/attack/*.t; }
part_docs() { prove --timer -I "$root/test/tap/lib" "$root"/test/docs/*.t "$root"/test/bench/names/*.t; }

for part in $parts; do
    printf '\n== %s\n' "$part"
    began=$SECONDS
    "part_$part" 8>&- || failed+=("$part")
    printf '== %s took %d s\n' "$part" $((SECONDS - began))
done
echo
[ ${#failed[@]} -eq 0 ] || die "make check: failed: ${failed[*]}"
echo "make check: all parts passed: $parts"
