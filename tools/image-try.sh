#!/bin/sh
# Inside the image, as its user: serve, be healthy, hand out a token, take data in, stop cleanly.
set -eu

fail() {
    echo "image-try: $*" >&2
    cat /tmp/log >&2 2>/dev/null || true
    exit 1
}

[ "$(id -un)" = entrepot ] || fail "runs as $(id -un)"
# a port that nobody else uses: this run shares the network of the machine
ENTREPOT_LISTEN=127.0.0.1:0
export ENTREPOT_LISTEN
entrepot serve /product >/tmp/log 2>&1 &
server=$!
port=
tries=0
while [ -z "$port" ]; do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || fail "it does not listen"
    kill -0 $server 2>/dev/null || fail "it ended"
    port=$(sed -n 's/.*"event":"listening".*"address":"[^"]*:\([0-9]*\)".*/\1/p' /tmp/log | head -n 1)
    sleep 0.1
done
url=http://127.0.0.1:$port
curl -fsS -o /dev/null "$url/observability/health/ready" || fail "not ready"
token=$(entrepot token --scope "input:read output:read" --subject image --ttl 60)
curl -fsS -o /dev/null -H "Authorization: Bearer $token" "$url/output/countries/snapshots" ||
    fail "the token is not accepted"
curl -fsS "$url/discovery/product" | grep -q '"DataProduct"' || fail "no product"
[ "$(curl -s -o /dev/null -w '%{http_code}' "$url/output/countries/snapshots")" = 401 ] ||
    fail "open without a token"
kill -TERM $server
wait $server || fail "it did not end with 0"
echo "image-try: served from the image, and ended cleanly"
