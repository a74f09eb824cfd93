#!/usr/bin/env python3
"""Measure the optimised program beside its limits.

    bench.py [NAME…] [--json FILE] [--rows N] [--runs N] [--seconds N]

Each name is measured in turns with its limit, on the same Postgres, the same table and the same
machine; the ratio is the median of the turns' ratios. Above 1 ours is the better one; the goal is the
ratio that is asked for. peak_mb is how far the server's memory rose above idle.

    row, row_128     pgbench -M prepared with the same SELECT, 32 and 128 connections
    page             the same, 100 rows behind a key
    filter_count     the same, 100 rows of a filter, and how many it finds
    odata_page       our own plain page
    not_modified     nginx, the same conditional request to a static file
    parquet_file     nginx, the same file
    export_…         psql \\copy to, binary; …_sorted: of a filter, in an order
    slow_200         a budget: 256 MB for the server, while 200 clients read slowly
    ingest_csv       psql \\copy from, csv, into the same table definition
    run              INSERT … SELECT of casts and a join, into the same table definition
    gates            a budget: 10 ms for a new version of a pipeline
    publish          a budget: 5 ms at p99 for publishing, while 8 clients read 100 times a second
    queue            a budget: 20 ms from asking for a run to its first row
    quality          the aggregates of 12 rules by hand in psql

Every request of ours carries a JWT. Requests are not logged, by us or by nginx. What the server does
not have is told as not available.
"""
import argparse
import json
import pathlib

from bench import exports, files, ingest, quality, rows, runs
from bench.ground import Ground
from bench.measure import table, take

MEASURES = {}
for group in (rows, files, exports, ingest, runs, quality):
    MEASURES.update(group.MEASURES)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=" ".join(MEASURES))
    parser.add_argument("--json", metavar="FILE", help="write the results there too")
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--runs", type=int, default=3, help="turns of each")
    parser.add_argument("--seconds", type=int, default=4, help="of each run of requests")
    options = parser.parse_intermixed_args()
    for name in options.names:
        if name not in MEASURES:
            parser.error("no measure is named %s: %s" % (name, " ".join(MEASURES)))
    with Ground(options) as ground:
        ground.start()
        results = [take(ground, name, MEASURES[name], options.runs)
                   for name in options.names or MEASURES]
    for line in table(results):
        print(line)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
