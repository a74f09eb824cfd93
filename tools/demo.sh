#!/bin/sh
# The countries product, running: data goes in, is joined, and comes out. Every command is shown as it
# is run. Called by ./dev demo; with --once it ends after the answers, with 0 if all were as expected.
# shellcheck disable=SC2016,SC2034 # commands are shown as they are written, then evaluated
set -eu

cd "$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)"
once=
program=${ENTREPOT_PROGRAM:-build/entrepot}
listen=${ENTREPOT_LISTEN:-127.0.0.1:8080}
case ${1:-} in
    --once)
        once=yes
        listen=127.0.0.1:0
        ;;
    '') ;;
    *)
        echo "usage: ./dev demo [--once]" >&2
        exit 2
        ;;
esac

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
note() { printf '\n%s# %s%s\n' "$faint" "$*" "$plain"; }

# step COMMAND PATTERN: show it, run it as it is written, show the answer, which must have the pattern.
step() {
    printf '%s$ %s%s\n' "$bold" "$1" "$plain"
    answer=$(eval "$1" 2>&1) || answer="$answer
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

note "The server, with the folder that is the product. It brings up a Postgres of its own."
printf '%s$ %s%s\n' "$bold" \
    "$program serve examples/countries --listen $listen --data-dir $home/data" "$plain"
"$program" serve examples/countries --listen "$listen" --data-dir "$home/data" >"$home/log" 2>&1 &
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

note "What is this? The descriptor (Bitol ODPS) is open to everybody."
step 'curl -s $URL/discovery/product | jq -c "{kind, id, name, outputPorts: [.outputPorts[].name]}"' \
    '"outputPorts":["countries","continents"]'

note "Countries go in, as Debian's iso-codes has them: JSON, the rows below a pointer."
step 'curl -s "$URL/input/iso_countries?pointer=/3166-1" -H "$AUTH" -H "Content-Type: application/json" --data-binary @/usr/share/iso-codes/json/iso_3166-1.json | jq .' \
    '"rows": 249'

note "Continents go in, as CSV."
step 'curl -s $URL/input/country_continents -H "$AUTH" -H "Content-Type: text/csv" --data-binary @examples/countries/data/continents.csv | jq .' \
    '"rows": 249'

note "A wrong row is refused with its place, and nothing of the delivery is stored."
step 'printf "country,code,name\nFR,EU,Europe\nDE,Europe,EU\n" | curl -s $URL/input/country_continents -H "$AUTH" -H "Content-Type: text/csv" --data-binary @- | jq "{status, title, faults}"' \
    '"status": 422'

note "The pipeline is plain SQL in the product's folder. It is run, checked, and published."
step 'RUN=$(curl -s -X POST $URL/control/pipelines/countries/runs -H "$AUTH" | jq -r .href); echo $RUN' \
    '/control/runs/'
RUN=$answer
step 'curl -s "$RUN?wait=30" -H "$AUTH" | jq "{id, pipeline, state}"' '"state": "published"'

note "Countries come out: CSV, JSON or NDJSON, by Accept or format."
step 'curl -s "$URL/output/countries?format=csv&orderby=alpha_2&top=5" -H "$AUTH"' 'AE,ARE,'
step 'curl -s "$URL/output/countries?filter=alpha_2%20eq%20%27FR%27" -H "$AUTH" | jq .' \
    '"continent": "Europe"'

note "Filters are OData's."
step 'curl -s -G $URL/output/countries -H "$AUTH" --data-urlencode "filter=continent_code in ('"'OC','AN'"') and name gt '"'T'"'" -d select=name,continent -d orderby=name -d format=ndjson' \
    '"Vanuatu"'
step 'curl -s "$URL/output/continents?orderby=country_count%20desc" -H "$AUTH" | jq -c ".[]"' \
    '"code":"AF"'

note "Every answer has an entity tag of its immutable snapshot, so asking again is cheap."
step 'TAG=$(curl -s -o /dev/null -w "%header{etag}" "$URL/output/countries" -H "$AUTH"); curl -s -o /dev/null -w "%{http_code}\n" "$URL/output/countries" -H "$AUTH" -H "If-None-Match: $TAG"' \
    '304'

note "Consumers see how the data came to be; crawlers find everything from one place."
step 'curl -s $URL/discovery/pipelines/countries | jq -r ".steps[1].sql"' 'GROUP BY continent_code'
step 'curl -s $URL/.well-known/api-catalog | jq -c ".linkset[0].anchor"' 'http'
step 'curl -s $URL/observability/health/ready | jq -c .' '{'

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
  the data               $URL/output/countries   $URL/output/continents
  metrics                $URL/observability/metrics

A token for eight hours, all scopes:

URL=$URL
TOKEN=$TOKEN

  curl -H "Authorization: Bearer \$TOKEN" \$URL/output/countries?format=csv
END
wait $server
