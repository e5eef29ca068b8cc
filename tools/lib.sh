# lib.sh - what the other tools share: where things are, and as whom servers run. Sourced by bash, never run.
# PostgreSQL refuses to run as root: when called by root, servers and the daemon run as the user `postgres`,
# whom Debian's package makes.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
build=$(readlink -f "$root/build")
pgversion=15
pgbin=/usr/lib/postgresql/$pgversion/bin
# A number for this checkout, in names outside of it.
path_hash() {
    printf %s "$root" | cksum | cut -d' ' -f1
}

if [ "$(id -u)" -eq 0 ]; then
    run_user=postgres
else
    run_user=$(id -un)
fi

# Runs a command, given by its absolute path or found in PATH, as the unprivileged user; from / , since this folder may be
# closed to that user. So may be the folder that prove names in PERL5LIB, without which Debian's psql, a Perl script, starts.
as_user() {
    if [ "$(id -u)" -eq 0 ]; then
        (cd / && unset PERL5LIB && exec runuser -u "$run_user" -- "$@")
    else
        "$@"
    fi
}

die() {
    echo "$*" >&2
    exit 1
}

# Makes build/, reachable for the unprivileged user: below a closed folder such as /root it becomes a link into /var/tmp.
# Everything is then named by the link's target, since the link itself cannot be reached.
ensure_build() {
    if [ ! -e "$build" ] && [ "$(id -u)" -eq 0 ] && ! as_user test -x "$root" 2>/dev/null; then
        local elsewhere
        elsewhere=/var/tmp/ekok-$(path_hash)
        rm -rf "$elsewhere"
        mkdir -m 0755 "$elsewhere"
        ln -sfn "$elsewhere" "$root/build"
        build=$elsewhere
    fi
    mkdir -p "$build"
}

# stack_dir NAME: everything of one private server with its simulated ministries lives here.
stack_dir() {
    echo "$build/$1"
}

# socket_dir NAME: the stack's own folder, or a short one in /tmp where the path is too long for a socket (107 bytes).
socket_dir() {
    local dir
    dir=$(stack_dir "$1")
    if [ ${#dir} -gt 85 ]; then
        dir=/tmp/ekok-$(path_hash)-$1
    fi
    echo "$dir"
}

# From here on psql is psql: what Debian puts first in PATH is a Perl script that looks for a version, at five times the cost.
plain_psql() {
    PATH=$pgbin:$PATH
}

# only_one NAME: ends when another process of this checkout holds NAME; the lock lives as long as descriptor 8 is open,
# so whatever outlives the caller is started with 8>&-.
only_one() {
    exec 8>"$build/.$1.lock"
    flock -n 8 || die "make $1 is already running in this checkout: wait for it, or use another clone"
}
