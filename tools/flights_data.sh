#!/bin/sh
# The data of the flights product, and what reads it, in .deps/flights: the npm packages vega-datasets
# (flights-3m.parquet, airports.csv) and @duckdb/node-api. What is there already is not fetched again;
# where npm cannot be reached, what is there is used, and without anything this fails.
set -eu

cd "$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)"
packages='vega-datasets@3.2.1 @duckdb/node-api@1.5.6-r.1'
folder=.deps/flights
data=$folder/node_modules/vega-datasets/data
say() { printf 'flights: %s\n' "$*" >&2; }

is_there() { [ -s $data/flights-3m.parquet ] && [ -s $data/airports.csv ] &&
    [ -d $folder/node_modules/@duckdb/node-api ]; }

if is_there && [ "$packages" = "$(cat $folder/packages 2>/dev/null)" ]; then
    exit 0
fi
command -v node >/dev/null 2>&1 || {
    say "node is needed to read the data, and is not there (Debian package nodejs)"
    exit 1
}
say "fetching $packages"
rm -rf $folder.new
mkdir -p $folder.new
log=.deps/flights.log
# shellcheck disable=SC2086
if npm install --prefix $folder.new --no-save --no-audit --no-fund --ignore-scripts \
    --fetch-retries=1 --fetch-timeout=60000 $packages >$log 2>&1; then
    echo "$packages" >$folder.new/packages
    rm -rf $folder
    mv $folder.new $folder
    is_there && exit 0
    say "the packages do not have what is looked for"
    exit 1
fi
rm -rf $folder.new
if is_there; then
    say "npm cannot fetch them; going on with those of an earlier time"
    exit 0
fi
tail -n 3 $log >&2
say "npm cannot fetch the data ($log): this demo needs the network once, for some 40 MB"
exit 1
