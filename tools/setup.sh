#!/usr/bin/env bash
# setup.sh SET... - installs the Debian packages of tools/packages.txt that are missing (build, check, bench, fuzz).
# As root or by sudo without a password; where neither works, it names the packages in one line and ends with 1.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

missing=()
while read -r set package _; do
    case "$set" in '' | '#'*) continue ;; esac
    for wanted in "$@"; do
        if [ "$set" = "$wanted" ] &&
            [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" != installed ]; then
            missing+=("$package")
        fi
    done
done <"$here/packages.txt"
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" -eq 0 ]; then
    as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=(sudo -n)
else
    echo "Ekok needs these Debian packages; install them as root: apt-get install ${missing[*]}" >&2
    exit 1
fi

echo "Installing Debian packages: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
if ! { "${as_root[@]}" apt-get update &&
    "${as_root[@]}" apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    echo "Ekok could not install: ${missing[*]} (the lines above are apt-get's own)" >&2
    exit 1
fi
