#!/usr/bin/env bash
# sandbox.sh start | psql | stop - the private server for trying things by hand: migrated, empty, in build/sandbox.
. "$(dirname "$0")/lib.sh"
stack=$root/tools/stack.sh
case "${1:-}" in
start)
    "$root/tools/build.sh"
    "$stack" server-start sandbox
    "$stack" migrate sandbox
    echo "The registry is up: database registry, socket $(socket_dir sandbox)"
    echo "Next: make psql, and make sandbox-stop when you are done."
    ;;
psql)
    [ -d "$build/sandbox/data" ] || die "No sandbox is running: make sandbox"
    exec "$stack" psql sandbox
    ;;
stop)
    "$stack" remove sandbox
    echo "The sandbox is stopped and removed."
    ;;
*) die "usage: sandbox.sh start | psql | stop" ;;
esac
