# The countries product: two lists go in, are joined, and come out. Read by demo.sh.
# shellcheck shell=sh disable=SC2016,SC2034,SC2154 # commands are shown as they are written, then evaluated

prepare() { :; }
datasets='countries continents'

show() {
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
}
