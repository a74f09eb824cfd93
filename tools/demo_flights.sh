# The flights product: real flights go in by the million, are counted, joined, and kept. Read by demo.sh.
# shellcheck shell=sh disable=SC2016,SC2034,SC2154 # commands are shown as written, then evaluated

datasets='airport_punctuality daily_delays daily_traffic airport_history'

prepare() {
    note "Three million flights and the airports, from npm; they are kept in .deps/flights."
    printf '%s$ tools/flights_data.sh%s\n' "$bold" "$plain"
    sh tools/flights_data.sh || exit 1
    FILES=.deps/flights/node_modules/vega-datasets/data
    step "FILES=$FILES; ls \$FILES/flights-3m.parquet \$FILES/airports.csv" 'airports.csv'
}

# follow ID: wait for the end of a run, telling how far it is; then tell of it.
follow() {
    turns=0
    while [ $turns -lt 240 ]; do
        turns=$((turns + 1))
        run=$(curl -s "$URL/control/runs/$1?wait=5" -H "$AUTH")
        case $(printf '%s' "$run" | jq -r .state) in
            queued | running | checking)
                printf '%s' "$run" | jq -r '"flights: \(.pipeline) is \(.state), \(.rows) rows"' >&2
                ;;
            *) break ;;
        esac
    done
    printf '%s' "$run" | jq -c '{id, pipeline, origin, state, step, error, outputs:
        [.outputs[]? | {dataset, snapshot, rows}]} | del(.. | nulls)'
}

# await PIPELINE: follow the next run that something else starts.
await() {
    known=$(cat "$home/seen-$1" 2>/dev/null || echo 0)
    turns=0
    newest=0
    while [ "$newest" -le "$known" ] && [ $turns -lt 600 ]; do
        turns=$((turns + 1))
        newest=$(curl -s "$URL/control/runs?pipeline=$1&top=1" -H "$AUTH" | jq '.[0].id // 0')
        sleep 0.1
    done
    echo "$newest" >"$home/seen-$1"
    follow "$newest"
}

# quarter NAME FROM TO: the flights of these days, from Parquet to the input port, as a stream.
quarter() {
    node tools/flights_data.mjs "$FILES/flights-3m.parquet" "$2" "$3" |
        curl -s -X POST -T - "$URL/input/flights" -H "$AUTH" -H "Content-Type: text/csv" \
            -H "Idempotency-Key: $1"
}

show() {
    note "What is this? The descriptor (Bitol ODPS) is open to everybody."
    step 'curl -s $URL/discovery/product | jq -c "{kind, id, name, outputPorts: [.outputPorts[].name]}"' \
        '"id":"flights"'

    note "await and quarter are functions of tools/demo_flights.sh, a few lines of curl each."
    note "Airports go in, as CSV. Nobody starts a run: the delivery does."
    step 'curl -s $URL/input/airports -H "$AUTH" -H "Content-Type: text/csv" --data-binary @$FILES/airports.csv | jq -c "{delivery, rows, bytes}"' \
        '"rows":3376'
    step 'await history' '"state":"published"'

    note "Flights go in, a quarter at a time, as a stream: DuckDB reads Parquet, curl sends CSV."
    step 'quarter 2001-q1 2001-01-01 2001-04-01 | jq -c "{delivery, rows, bytes}"' '"rows":1477911'

    note "A pipeline is plain SQL in the product's folder. This one reads the flights; the next, what it made."
    step 'await delays' '"state":"published"'
    step 'await punctuality' '"state":"published"'

    note "Another runs by the clock, at half past five in New York. What would it do, if it ran now?"
    step 'export ENTREPOT_URL=$URL ENTREPOT_TOKEN=$TOKEN' ''
    export ENTREPOT_URL="$URL" ENTREPOT_TOKEN="$TOKEN"
    step "$program plan traffic" 'output.daily_traffic, append'
    note "It need not wait for the morning."
    step "$program run traffic --follow" '90 rows'

    note "A flight from a place that is none is refused, and nothing of its delivery is stored."
    step 'printf "date,delay,distance,origin,destination\n2001-07-02T09:00:00Z,4,2475,JFK,Los Angeles\n" | curl -s $URL/input/flights -H "$AUTH" -H "Content-Type: text/csv" --data-binary @- | jq -c "{status, title, faults}"' \
        '"status":422'

    note "The second quarter. Delays are counted anew; to the days before, the new ones are added."
    step 'quarter 2001-q2 2001-04-01 2001-07-02 | jq -c "{delivery, rows, bytes}"' '"rows":1522089'
    step 'await delays' '"rows":570842'
    step 'await punctuality' '"rows":229'
    step "$program run traffic --follow" '182 rows'
    step 'curl -s $URL/control/datasets/daily_traffic/diff -H "$AUTH" | jq -c .' '"added":92'

    note "Which large airports were the least punctual? Which routes, on a bad day?"
    step 'curl -s -G $URL/output/airport_punctuality -H "$AUTH" -d "filter=departures%20gt%2020000&select=iata,city,departures,departures_on_time,average_delay&orderby=departures_on_time&top=5&format=csv"' \
        'JFK,New York,31270,70.47'
    step 'curl -s -G $URL/output/daily_delays -H "$AUTH" -d "filter=flights%20ge%2010&select=day,origin,destination,flights,late,average_delay&orderby=average_delay%20desc&top=3&format=ndjson"' \
        '"origin":"PHX"'

    note "In 2003 the airport of Atlanta was named after a second mayor. What it was called before is kept."
    step 'sed "s/William B Hartsfield-Atlanta/Hartsfield-Jackson Atlanta/" $FILES/airports.csv | curl -s $URL/input/airports -H "$AUTH" -H "Content-Type: text/csv" --data-binary @- | jq -c "{delivery, rows}"' \
        '"rows":3376'
    step 'await history' '"rows":3377'
    step 'curl -s -G $URL/output/airport_history -H "$AUTH" -d "filter=iata%20eq%20%27ATL%27&select=name,valid_from,valid_to&orderby=valid_from&format=csv"' \
        'Hartsfield-Jackson Atlanta Intl'

    note "Was that wrong? Snapshots do not change, so readers can be shown an earlier one, and the later again."
    step 'curl -s $URL/control/datasets/airport_history/rollback -H "$AUTH" -H "Content-Type: application/json" -d "{\"to\": 1}" | jq -c .' \
        '"to":1'
    step 'curl -s "$URL/output/airport_history?filter=iata%20eq%20%27ATL%27&select=name&format=csv" -H "$AUTH"' \
        'William B Hartsfield'
    step 'curl -s $URL/control/datasets/airport_history/rollback -H "$AUTH" -H "Content-Type: application/json" -d "{\"to\": 2}" | jq -c .' \
        '"to":2'
}
