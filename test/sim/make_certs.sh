#!/usr/bin/env bash
# make_certs.sh DIR - the simulated government's CA and certificates, for tests only. What stands already is kept.
#   ca.pem ca.key            our CA                 server.pem/.key        "localhost", signed by it
#   client.pem/.key          the consumer ekok-etld stranger.pem/.key      right CA, a name nobody knows
#   rogue-ca.pem/.key        another CA             rogue-client.pem/.key, rogue-server.pem/.key  signed by it
set -euo pipefail
[ $# -eq 1 ] || { echo "usage: make_certs.sh DIR" >&2; exit 2; }
umask 077
mkdir -p "$1"
cd "$1"
days=3650

new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; chmod 600 "$1.key"; }

make_ca() { # FILE NAME
    [ -s "$1.pem" ] && [ -s "$1.key" ] && return
    new_key "$1"
    openssl req -x509 -new -key "$1.key" -sha256 -days $days -subj "/O=Ekok simulation/CN=$2" -out "$1.pem" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign
}

make_leaf() { # FILE NAME CA USAGE
    [ -s "$1.pem" ] && [ -s "$1.key" ] && openssl verify -CAfile "$3.pem" "$1.pem" >/dev/null 2>&1 && return
    new_key "$1"
    {
        echo "basicConstraints=critical,CA:FALSE"
        echo "keyUsage=critical,digitalSignature"
        echo "extendedKeyUsage=$4"
        [ "$4" != serverAuth ] || echo "subjectAltName=DNS:localhost,IP:127.0.0.1"
    } >"$1.ext"
    openssl req -new -key "$1.key" -subj "/O=Ekok simulation/CN=$2" -out "$1.csr"
    openssl x509 -req -in "$1.csr" -CA "$3.pem" -CAkey "$3.key" -sha256 -days $days -extfile "$1.ext" -out "$1.pem" \
        -set_serial "0x$(openssl rand -hex 8)" 2>/dev/null
    rm -f "$1.csr" "$1.ext"
}

make_ca ca "Simulated government CA"
make_ca rogue-ca "Another CA"
make_leaf server localhost ca serverAuth
make_leaf client ekok-etld ca clientAuth
make_leaf stranger somebody-else ca clientAuth
make_leaf rogue-client ekok-etld rogue-ca clientAuth
make_leaf rogue-server localhost rogue-ca serverAuth
new_signer() { # NAME: a pair that signs messages
    [ -s "$1.key" ] || openssl genpkey -algorithm ed25519 -out "$1.key"
    chmod 600 "$1.key"
    openssl pkey -in "$1.key" -pubout -out "$1.pub.pem"
}

# A consumer signs its requests with jws.key; the systems know jws.pub.pem.
new_signer jws
# The SP-DCI registry signs its answers with registry.key; another's key is forged-registry.key.
new_signer registry
new_signer forged-registry
