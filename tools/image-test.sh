#!/bin/sh
# Build the Dockerfile as it is and try the image, without Docker: buildah on a base of debootstrap.
# Needs root, buildah and debootstrap (./dev setup image). Everything is below one folder that is
# removed at the end; IMAGE_TEST_DIR keeps it, so that the base is made only once.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
[ "$(id -u)" = 0 ] || {
    echo "image-test: needs root" >&2
    exit 1
}
if [ -n "${IMAGE_TEST_DIR:-}" ]; then
    work=$IMAGE_TEST_DIR
    mkdir -p "$work"
else
    work=$(mktemp -d /var/tmp/entrepot-image-XXXXXX)
fi
chmod 755 "$work"
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
export XDG_RUNTIME_DIR="$work/run"
mkdir -p "$XDG_RUNTIME_DIR"
base=docker.io/library/debian:bookworm-slim

build() { buildah --root "$work/storage" --runroot "$work/run/storage" "$@"; }
say() { echo "image-test: $*" >&2; }
container=
finish() {
    status=$?
    trap - EXIT
    [ -z "$container" ] || build rm "$container" >/dev/null 2>&1 || true
    if [ -z "${IMAGE_TEST_DIR:-}" ]; then
        rm -rf "$work"
    fi
    if [ $status = 0 ]; then say "passed"; else say "FAILED"; fi
    exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

if ! build inspect --type image "$base" >/dev/null 2>&1; then
    say "making the base image"
    # shellcheck disable=SC2016
    mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
    rm -rf "$work/rootfs"
    debootstrap --variant=minbase bookworm "$work/rootfs" "$mirror" >"$work/debootstrap.log" 2>&1 || {
        tail -n 20 "$work/debootstrap.log" >&2
        exit 1
    }
    empty=$(build from scratch)
    build add "$empty" "$work/rootfs" / >/dev/null
    build commit -q "$empty" "$base" >/dev/null
    build rm "$empty" >/dev/null
    rm -rf "$work/rootfs"
fi

say "building the image"
build bud --format docker --pull-never -q -t entrepot -f "$root/Dockerfile" "$root" >"$work/build.log" 2>&1 || {
    tail -n 40 "$work/build.log" >&2
    exit 1
}
build images --format '{{.Name}} {{.Size}}' | grep entrepot >&2

say "looking at its configuration"
build inspect --type image entrepot >"$work/inspect.json"
look() { jq -e ".Docker.config | $1" "$work/inspect.json" >/dev/null || {
    say "the configuration fails: $1"
    jq .Docker.config "$work/inspect.json" >&2
    exit 1
}; }
look '.User == "entrepot"'
look '.Entrypoint == ["/usr/local/bin/entrepot"]'
look '.Cmd == ["serve", "/product"]'
look '.Volumes | has("/var/lib/entrepot")'
look '.ExposedPorts | has("8080/tcp")'
look '.Healthcheck.Test == ["CMD", "/usr/local/bin/entrepot", "health"]'

say "starting it"
container=$(build from --pull-never entrepot)
build copy -q "$container" "$root/examples/countries" /product >/dev/null
inside() { build run --isolation chroot "$container" -- "$@"; }
[ "$(inside id -un)" = entrepot ] || {
    say "it does not run as its user"
    exit 1
}
# the network is that of this machine, so the port must be a free one
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
inside env ENTREPOT_LISTEN=127.0.0.1:"$port" sh -c 'echo $$ >/tmp/pid; exec entrepot serve /product' \
    >"$work/server.log" 2>&1 &
server=$!
tries=0
until inside env ENTREPOT_LISTEN=127.0.0.1:"$port" entrepot health >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ $tries -gt 60 ] || ! kill -0 $server 2>/dev/null; then
        cat "$work/server.log" >&2
        exit 1
    fi
    sleep 1
done
url=http://127.0.0.1:$port
token=$(inside entrepot token --data-dir /var/lib/entrepot --subject image --ttl 600 \
    --scope 'input:write output:read control:read control:write')
ask() { curl -fsS -H "Authorization: Bearer $token" "$@"; }
ask -o /dev/null -H 'Content-Type: application/json' --data-binary \
    @/usr/share/iso-codes/json/iso_3166-1.json "$url/input/iso_countries?pointer=/3166-1"
ask -o /dev/null -H 'Content-Type: text/csv' --data-binary \
    @"$root/examples/countries/data/continents.csv" "$url/input/country_continents"
run=$(ask -X POST "$url/control/pipelines/countries/runs" | jq -r .id)
[ "$(ask "$url/control/runs/$run?wait=60" | jq -r .state)" = published ]
[ "$(ask "$url/output/countries" | jq length)" = 249 ]
say "stopping it"
# shellcheck disable=SC2016
inside sh -c 'kill -TERM "$(cat /tmp/pid)"'
wait $server || {
    cat "$work/server.log" >&2
    exit 1
}
grep -q '"event":"stopped"' "$work/server.log"
