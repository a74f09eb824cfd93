#!/bin/sh
# A product of examples/, running: data goes in, is worked on, and comes out. Every command is shown as
# it is run. Called by ./dev demo; with --once it ends after the answers, with 0 if all were as expected.
# What is shown of a product is in demo_NAME.sh: prepare, before the server starts; show; datasets.
# shellcheck disable=SC2016,SC2034,SC2154 # commands are shown as they are written, then evaluated
set -eu

cd "$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)"
name=countries
once=
program=${ENTREPOT_PROGRAM:-build/entrepot}
listen=${ENTREPOT_LISTEN:-127.0.0.1:8080}
for word in "$@"; do
    case $word in
        --once)
            once=yes
            listen=127.0.0.1:0
            ;;
        countries | flights) name=$word ;;
        *)
            echo "usage: ./dev demo [countries|flights] [--once]" >&2
            exit 2
            ;;
    esac
done

bold='' plain='' faint=''
if [ -t 1 ]; then
    bold=$(printf '\033[1m') faint=$(printf '\033[2m') plain=$(printf '\033[0m')
fi

# Everything the demo writes is here and goes with it. When we are root, Postgres runs as another user
# and must be able to pass through.
home=$(mktemp -d "${TMPDIR:-/tmp}/entrepot-demo-XXXXXX")
chmod 755 "$home"
server=
finish() {
    status=$?
    trap - EXIT INT TERM
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    rm -rf "$home"
    exit $status
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

wrong=0
exec 3>&2 # what commands say beside their answers is seen at once
note() { printf '\n%s# %s%s\n' "$faint" "$*" "$plain"; }

# step COMMAND PATTERN: show it, run it as it is written, show the answer, which must have the pattern.
step() {
    printf '%s$ %s%s\n' "$bold" "$1" "$plain"
    answer=$(eval "$1" 2>&3) || answer="$answer
(ended with status $?)"
    printf '%s\n' "$answer"
    case $answer in
        *"$2"*) ;;
        *)
            printf 'demo: this is not as expected: no %s\n' "$2" >&2
            wrong=$((wrong + 1))
            ;;
    esac
}

# shellcheck source=/dev/null
. "tools/demo_$name.sh"
prepare

note "The server, with the folder that is the product. It brings up a Postgres of its own."
printf '%s$ %s%s\n' "$bold" \
    "$program serve examples/$name --listen $listen --data-dir $home/data" "$plain"
"$program" serve "examples/$name" --listen "$listen" --data-dir "$home/data" >"$home/log" 2>&1 &
server=$!
URL=
tries=0
while [ -z "$URL" ]; do
    tries=$((tries + 1))
    if ! kill -0 $server 2>/dev/null || [ $tries -gt 600 ]; then
        cat "$home/log" >&2
        echo "demo: the server did not start" >&2
        exit 1
    fi
    URL=$(sed -n 's/.*"event":"listening".*"port":\([0-9]*\).*/http:\/\/127.0.0.1:\1/p' \
        "$home/log" | head -n 1)
    sleep 0.1
done
printf '%s$ %s%s\n' "$bold" "URL=$URL" "$plain"

note "A token for all of this; other issuers are named by --jwks."
DATA=$home/data
scopes='input:write input:read output:read control:read control:write observability:read'
step "TOKEN=\$($program token --data-dir $DATA --scope '$scopes' --subject demo --ttl 28800)" ""
TOKEN=$("$program" token --data-dir "$DATA" --scope "$scopes" --subject demo --ttl 28800)
step 'AUTH="Authorization: Bearer $TOKEN"' ""
AUTH="Authorization: Bearer $TOKEN"

show

if [ $wrong -gt 0 ]; then
    printf '\ndemo: %d answers were not as expected; the log of the server:\n' $wrong >&2
    tail -n 30 "$home/log" >&2
    exit 1
fi
[ -z "$once" ] || {
    printf '\nEvery answer was as expected.\n'
    exit 0
}

cat <<END

${bold}It goes on serving until Ctrl-C.${plain}

  the product's page     $URL/
  its API                $URL/discovery/openapi.json
  metrics                $URL/observability/metrics
  the data               $(for dataset in $datasets; do printf '%s ' "$URL/output/$dataset"; done)

A token for eight hours, all scopes:

URL=$URL
TOKEN=$TOKEN

  curl -H "Authorization: Bearer \$TOKEN" \$URL/output/${datasets%% *}?format=csv
END
wait $server
