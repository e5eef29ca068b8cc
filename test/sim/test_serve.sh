#!/usr/bin/env bash
# test_serve.sh EKOK_SIM - the servers by curl: who gets in, what each fault does, that stopping is clean. Prints TAP.
set -uo pipefail
sim=$1
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
count=0 failed=0 pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$dir"' EXIT

ok() { # STATUS TEXT
    count=$((count + 1))
    if [ "$1" -eq 0 ]; then echo "ok $count - $2"; else echo "not ok $count - $2"; failed=1; fi
}
is() { [ "$1" = "$2" ] || echo "# got '$1', expected '$2'"; [ "$1" = "$2" ]; ok $? "$3"; }
url() { echo "https://localhost:$(awk -v s="$1" '$1 == s { print $2 }' "$dir/ports")$2"; }
get() { # CERTIFICATE URL [CURL ARGUMENT ...]: the status, 000 without an answer
    local certificate=$1 address=$2
    shift 2
    curl -s -o "$dir/body" -D "$dir/headers" -w '%{http_code}' --max-time 3 --cacert "$dir/certs/ca.pem" \
        --cert "$dir/certs/$certificate.pem" --key "$dir/certs/$certificate.key" "$@" "$address"
}

"$here/make_certs.sh" "$dir/certs" 2>/dev/null
before=$(cat "$dir"/certs/* | sha256sum)
"$here/make_certs.sh" "$dir/certs" 2>/dev/null
is "$(cat "$dir"/certs/* | sha256sum)" "$before" 'certificates that stand are kept'
is "$(stat -c %a "$dir"/certs/*.key | sort -u)" 600 'keys are for their owner only'

"$sim" serve --persons 1000 --seed 9 --defects 0 --certs "$dir/certs" --state "$dir" --fault-file "$dir/faults" \
    --epoch-file "$dir/epoch" &
pid=$!
for _ in $(seq 100); do [ -e "$dir/ports" ] && break; sleep 0.05; done
is "$(wc -l <"$dir/ports")" 10 'ten systems say where they listen'
is "$(cat "$dir/pid")" "$pid" 'and who they are'

hsp=$(url hsp '/api/v2/beneficiaries?page=2&size=20')
is "$(get client "$hsp")" 200 'a known consumer is served'
"$sim" page --persons 1000 --seed 9 --defects 0 --source hsp --at 2 --size 20 | head -c -1 | cmp -s - "$dir/body"
ok $? 'with the bytes that seed and page give'
is "$(get client "$hsp" --tlsv1.2 --tls-max 1.2)" 200 'TLS 1.2 will do'
is "$(get client "$hsp" --tls-max 1.1)" 000 'TLS 1.1 will not'
is "$(get rogue-client "$hsp")" 000 'a certificate of another CA is refused'
is "$(get stranger "$hsp")" 000 'a consumer nobody knows is refused'
is "$(curl -s -o "$dir/body" -w '%{http_code}' --max-time 3 --cacert "$dir/certs/ca.pem" "$hsp")" 000 'no certificate is refused'
is "$(curl -s -o "$dir/body" -w '%{http_code}' --max-time 3 "http${hsp#https}")" 000 'nothing is told without TLS'
curl -s -o "$dir/body" --max-time 3 --cacert "$dir/certs/rogue-ca.pem" --cert "$dir/certs/client.pem" \
    --key "$dir/certs/client.key" "$hsp"
is $? 60 "a client that trusts another CA does not trust us"
is "$(get client "$(url hsp /elsewhere)")" 404 'another path is not there'
is "$(get client "$hsp" -X POST -d x)" 405 'GET only'

fault() { printf '# faults\nhsp %s\n' "$1" >"$dir/faults"; }
fault down;        is "$(get client "$hsp")" 000 'down: no answer'
fault 'slow 1';    start=$(date +%s%N); is "$(get client "$hsp")" 200 'slow: an answer'
[ $(($(date +%s%N) - start)) -gt 900000000 ]; ok $? '  after a second'
fault 'slow 30';   is "$(get client "$hsp")" 000 'slow: none within three seconds of thirty'
fault garbage;     is "$(get client "$hsp")" 200 'garbage: said to be sound'
grep -qi 'content-type: application/json' "$dir/headers"; ok $? '  and to be JSON'
fault truncated;   get client "$hsp" >/dev/null; is $? 18 'truncated: curl sees the body cut'
fault http500;     is "$(get client "$hsp")" 500 'http500'
fault 'http429 7'; is "$(get client "$hsp")" 429 'http429'
grep -qi 'retry-after: 7' "$dir/headers"; ok $? '  with the seconds to wait'
fault html;        is "$(get client "$hsp")" 200 'html: 200'
grep -qi 'content-type: text/html' "$dir/headers"; ok $? '  and not JSON'
fault wrongtype;   is "$(get client "$hsp")" 200 'wrongtype: 200'
is "$(cat "$dir/body")" '{"content":"service is under maintenance"}' '  a sentence instead of records'
fault drip;        get client "$hsp" >/dev/null; is $? 28 'drip: not ended in three seconds'
fault huge;        get client "$hsp" --max-filesize 30000000 >/dev/null; [ $? -ne 0 ]; ok $? 'huge: without end'
[ "$(stat -c %s "$dir/body")" -gt 20000000 ]; ok $? '  more than 20 MB'
is "$(get client "$(url dss '/bhata/api/beneficiaries?per_page=5')")" 200 'the other systems are well meanwhile'
rm "$dir/faults"

get client "$hsp" >/dev/null; cp "$dir/body" "$dir/epoch0"
echo 4 >"$dir/epoch"; get client "$hsp" >/dev/null
! cmp -s "$dir/body" "$dir/epoch0"; ok $? 'epochs change records'
rm "$dir/epoch"; get client "$hsp" >/dev/null
cmp -s "$dir/body" "$dir/epoch0"; ok $? 'and are no memory of the server'

kill -TERM "$pid"; wait "$pid"; is $? 0 'SIGTERM ends it with 0'
pid=
[ ! -e "$dir/ports" ] && [ ! -e "$dir/pid" ]; ok $? 'and leaves no ports behind'
echo "1..$count"
exit $failed
