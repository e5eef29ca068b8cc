#!/usr/bin/env bash
# evaluate.sh STACK TRUTH [--json] - holds what the registry found against the simulator's truth: precision and recall by
# kind of overlap. Only this evaluation reads the truth; the product never does.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
exec "$root/tools/stack.sh" psql "$1" -q -v ON_ERROR_STOP=1 -v json="$([ "${3:-}" = --json ] && echo 1 || echo 0)" \
    -f "$root/test/sim/evaluate.sql" <"$2"
