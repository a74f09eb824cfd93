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

# run PIPELINE: ask for a run, wait for its end, tell of it.
run() {
    href=$(curl -s -X POST "$URL/control/pipelines/$1/runs" -H "$AUTH" | jq -r .href)
    turns=0
    while [ $turns -lt 120 ]; do
        turns=$((turns + 1))
        document=$(curl -s "$href?wait=5" -H "$AUTH")
        case $(printf '%s' "$document" | jq -r .state) in
            queued | running | checking)
                printf '%s' "$document" |
                    jq -r '"flights: \(.pipeline) is \(.state), \(.rows) rows"' >&2
                ;;
            *) break ;;
        esac
    done
    printf '%s' "$document" | jq -c '{id, pipeline, state, rows, error} | del(.. | nulls)'
}

show() {
    note "What is this? The descriptor (Bitol ODPS) is open to everybody."
    step 'curl -s $URL/discovery/product | jq -c "{kind, id, name, outputPorts: [.outputPorts[].name]}"' \
        '"id":"flights"'

    note "Airports go in, as CSV."
    step 'curl -s $URL/input/airports -H "$AUTH" -H "Content-Type: text/csv" --data-binary @$FILES/airports.csv | jq -c "{delivery, rows, bytes, sha256}"' \
        '"rows":3376'

    note "Flights go in, a quarter at a time, as a stream: DuckDB reads Parquet, curl sends CSV."
    step 'node tools/flights_data.mjs $FILES/flights-3m.parquet 2001-01-01 2001-04-01 | curl -s -X POST -T - $URL/input/flights -H "$AUTH" -H "Content-Type: text/csv" -H "Idempotency-Key: 2001-q1" | jq -c "{delivery, rows, bytes, sha256}"' \
        '"rows":1477911'

    note "A flight from a place that is none is refused, and nothing of its delivery is stored."
    step 'printf "date,delay,distance,origin,destination\n2001-07-02T09:00:00Z,4,2475,JFK,Los Angeles\n" | curl -s $URL/input/flights -H "$AUTH" -H "Content-Type: text/csv" --data-binary @- | jq -c "{status, title, faults}"' \
        '"status":422'

    note "Pipelines are plain SQL in the product's folder. A run publishes its outputs at once, or nothing."
    for pipeline in delays punctuality history traffic; do
        step "run $pipeline" '"state":"published"'
    done
    step 'curl -s "$URL/output/daily_traffic?select=day&orderby=day%20desc&top=1&format=csv" -H "$AUTH"' '2001-03-31'

    note "The second quarter, and the same again."
    step 'node tools/flights_data.mjs $FILES/flights-3m.parquet 2001-04-01 2001-07-02 | curl -s -X POST -T - $URL/input/flights -H "$AUTH" -H "Content-Type: text/csv" -H "Idempotency-Key: 2001-q2" | jq -c "{delivery, rows, bytes, sha256}"' \
        '"rows":1522089'
    for pipeline in delays punctuality traffic; do
        step "run $pipeline" '"state":"published"'
    done

    note "Which large airports were the least punctual?"
    step 'curl -s -G $URL/output/airport_punctuality -H "$AUTH" --data-urlencode "filter=departures gt 20000" -d select=iata,city,departures,departures_on_time,average_delay -d "orderby=departures_on_time" -d top=5 -d format=csv' \
        'iata,city,'
    note "And which routes on a bad day?"
    step 'curl -s -G $URL/output/daily_delays -H "$AUTH" --data-urlencode "filter=flights ge 10" -d select=day,origin,destination,flights,late,average_delay -d "orderby=average_delay%20desc" -d top=5 -d format=ndjson' \
        '"origin"'
    step 'curl -s $URL/output/daily_delays -H "$AUTH" -d format=csv -G | tail -n +2 | wc -l' '570842'
    note "Days stay in their order."
    step 'curl -s "$URL/output/daily_traffic?orderby=day%20desc&top=3&format=csv" -H "$AUTH"' '2001-07-01'
}
