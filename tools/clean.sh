#!/usr/bin/env bash
# clean.sh - stops every server and simulator below build/ and removes build/.
. "$(dirname "$0")/lib.sh"
for dir in "$build"/*/; do
    if [ -d "$dir/data" ] || [ -d "$dir/sim" ]; then
        "$root/tools/stack.sh" remove "$(basename "$dir")"
    fi
done
rm -rf "$build" "$root/build"
