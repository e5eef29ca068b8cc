#!/usr/bin/env bash
# pgtree.sh - builds build/pg: a private PostgreSQL tree into which the extension is installed, so that nothing is
# ever put into the system's own PostgreSQL and two checkouts never meet.
# The server finds its share and lib folders relative to its own binary; binaries are copies, all else is links.
. "$(dirname "$0")/lib.sh"
ensure_build

tree=$build/pg
bin=$tree/lib/postgresql/$pgversion/bin
lib=$tree/lib/postgresql/$pgversion/lib
share=$tree/share/postgresql/$pgversion
system_share=$("$pgbin/pg_config" --sharedir)
system_lib=$("$pgbin/pg_config" --pkglibdir)
stamp=$("$pgbin/postgres" --version)

if [ "$(cat "$tree/version" 2>/dev/null)" != "$stamp" ] || [ "${1:-}" = again ]; then
    rm -rf "$tree"
    mkdir -p "$bin" "$lib" "$share/extension"
    cp "$pgbin"/{postgres,initdb,pg_ctl} "$bin/"
    ln -s "$system_lib"/* "$lib/"
    for entry in "$system_share"/*; do
        [ "$(basename "$entry")" = extension ] || ln -s "$entry" "$share/"
    done
    printf '%s' "$stamp" >"$tree/version"
fi
# Extensions may have been added to the system since (pgtap, pgaudit): link what is new.
for entry in "$system_share"/extension/*; do
    name=$share/extension/$(basename "$entry")
    [ -e "$name" ] || ln -sf "$entry" "$name"
done
for entry in "$system_lib"/*; do
    name=$lib/$(basename "$entry")
    [ -e "$name" ] || ln -sf "$entry" "$name"
done
make -s -C "$root/extension" install-private PGTREE="$tree"
