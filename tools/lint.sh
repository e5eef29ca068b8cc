#!/usr/bin/env bash
# lint.sh - format, house rules, cppcheck. Compiler warnings are errors in the build itself.
. "$(dirname "$0")/lib.sh"
"$root/tools/setup.sh" build check
cd "$root"
mapfile -t c_files < <(git ls-files -co --exclude-standard -- '*.c' '*.h' | sort -u | while read -r f; do [ -e "$f" ] && echo "$f"; done)
status=0
clang-format --dry-run -Werror "${c_files[@]}" || status=1
perl tools/lint_code.pl || status=1
cppcheck --quiet --std=c11 --language=c --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
    --suppressions-list=tools/cppcheck.txt -D_GNU_SOURCE -I etl-daemon/src -I extension -I extension/core -I test/sim \
    -j "$(nproc)" extension/core etl-daemon/src test/sim || status=1
cppcheck --quiet --std=c11 --language=c --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
    --suppressions-list=tools/cppcheck.txt -I extension/core -I extension/src extension/src || status=1
for script in tools/*.sh test/sim/*.sh .ci/run; do
    bash -n "$script" || status=1
done
[ $status -eq 0 ] && echo "lint: ${#c_files[@]} C files, no complaint"
exit $status
