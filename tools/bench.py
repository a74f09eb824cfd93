#!/usr/bin/env python3
"""Measure the optimised program beside its limits.

    bench.py [NAME…] [--json FILE] [--rows N] [--runs N] [--seconds N]

Names: row page not_modified export_csv export_ndjson export_arrow export_parquet ingest_csv run.
Each is measured in turns with its limit, on the same Postgres, the same table and the same machine;
the medians are compared. A ratio above 1 says that ours is faster. peak_mb is how far the server's
memory rose above idle.

    row, page       pgbench -M prepared with the same SELECT and as many connections
    not_modified    nginx, the same conditional request to a static file
    export_csv, export_ndjson      psql \\copy to, csv
    export_arrow, export_parquet   psql \\copy to, binary
    ingest_csv      psql \\copy from, csv, into the same table definition
    run             INSERT … SELECT into the same table definition

Every request of ours carries a JWT. Requests are not logged, by us or by nginx.
"""
import argparse
import json
import os
import pathlib
import re
import random
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
os.environ.setdefault("ENTREPOT_BINARY", str(ROOT / "build" / "entrepot"))
sys.path[:0] = [str(ROOT / "tests" / "http"), str(ROOT / "tests")]
import entrepot  # noqa: E402
import tap  # noqa: E402
from cluster import Cluster  # noqa: E402

CONNECTIONS = 32
COLUMNS = [  # name, logical type, physical type, required
    ("id", "integer", "bigint", True), ("customer", "string", "text", True),
    ("amount", "number", "numeric(12,2)", True), ("sold_at", "timestamp", "timestamptz", True),
    ("paid", "boolean", "boolean", True), ("qty", "integer", "integer", True),
    ("due", "date", "date", True), ("note", "string", "text", False)]
NAMES = [column[0] for column in COLUMNS]
# as the private cluster is set
SETTINGS = ["shared_buffers=256MB", "max_connections=100", "max_wal_size=4GB", "wal_compression=lz4",
            "checkpoint_timeout=15min", "jit=off", "random_page_cost=1.1", "work_mem=32MB"]
ROWS_SQL = r"""
SELECT g AS id, rpad(md5(g::text), 41, 'x') AS customer,
       ((hashint8(g)::bigint %% 10000000 + 10000000) / 100.0)::numeric(12,2) AS amount,
       timestamptz '2020-01-01 00:00:00+00' + g * interval '97.123456 seconds' AS sold_at,
       g %% 3 = 0 AS paid, (g %% 1000)::int AS qty, date '2020-01-01' + (g %% 2000)::int AS due,
       CASE g %% 8 WHEN 0 THEN NULL WHEN 1 THEN NULL WHEN 2 THEN 'said "yes", then left'
            WHEN 3 THEN E'two\nlines' WHEN 4 THEN 'Zürich, 12 €' ELSE 'plain note ' || g %% 100
       END AS note
  FROM generate_series(1, %d) g"""


def say(text):
    print("bench: " + text, file=sys.stderr, flush=True)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def contract(name):
    lines = ["apiVersion: v3.1.0", "kind: DataContract", "id: bench." + name, "version: 1.0.0",
             "status: active", "schema:", "  - name: " + name, "    properties:"]
    for column, logical, physical, required in COLUMNS:
        lines += ["      - name: " + column, "        logicalType: " + logical,
                  "        physicalType: " + physical]
        if required:
            lines.append("        required: true")
        if column == "id":
            lines += ["        primaryKey: true", "        primaryKeyPosition: 1"]
        if column == "customer":
            lines += ["        logicalTypeOptions:", "          maxLength: 41"]
    return "\n".join(lines) + "\n"


def pipeline(version):
    return {"name": "all", "version": version, "inputs": {"arrivals": {"dataset": "input.arrivals"}},
            "steps": [{"name": "all", "output": "output.goods",
                       "sql": "SELECT %s FROM arrivals" % ", ".join(NAMES)}]}


def write_product(folder):
    (folder / "contracts").mkdir(parents=True)
    (folder / "pipelines").mkdir()
    for name in ("arrivals", "goods"):
        (folder / "contracts" / (name + ".odcs.yaml")).write_text(contract(name))
    # JSON is YAML
    (folder / "pipelines" / "all.yaml").write_text(json.dumps(pipeline("1.0.0"), indent=2))
    (folder / "product.odps.yaml").write_text("""apiVersion: v1.0.0
kind: DataProduct
id: bench
version: 1.0.0
status: active
domain: bench
inputPorts:
  - name: arrivals
    version: 1.0.0
    contractId: bench.arrivals
outputPorts:
  - name: goods
    version: 1.0.0
    contractId: bench.goods
""")


class Nginx:
    """A static file, served as nginx serves it best."""

    def __init__(self, home):
        self.port = free_port()
        home.mkdir()
        home.chmod(0o755)
        (home / "row.json").write_text('[{"id":5,"customer":"somebody","qty":7}]\n')
        (home / "nginx.conf").write_text("""
worker_processes auto;
pid %(home)s/pid;
error_log %(home)s/error.log;
events { worker_connections 1024; }
http {
    access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000;
    client_body_temp_path %(home)s/t1; proxy_temp_path %(home)s/t2; fastcgi_temp_path %(home)s/t3;
    uwsgi_temp_path %(home)s/t4; scgi_temp_path %(home)s/t5;
    server { listen 127.0.0.1:%(port)d reuseport; root %(home)s; }
}
""" % {"home": home, "port": self.port})
        self.process = subprocess.Popen(
            ["nginx", "-p", str(home), "-c", str(home / "nginx.conf"), "-g", "daemon off;"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.url = "http://127.0.0.1:%d/row.json" % self.port
        end = time.monotonic() + 20
        while True:
            try:
                with urllib.request.urlopen(self.url) as answer:
                    self.tag = answer.headers["ETag"]
                return
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


class Bench:
    def __init__(self, options):
        self.options = options
        self.home = entrepot.temporary_folder("entrepot-bench-")
        self.cluster = self.server = self.nginx = None
        self.version = 1
        self.loaded = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.nginx:
            self.nginx.stop()
        if self.server:
            self.server.stop()
        if self.cluster:
            self.cluster.remove()
        shutil.rmtree(self.home, ignore_errors=True)

    # --- what is measured on -----------------------------------------------------------------

    def start(self):
        say("starting Postgres, making %d rows" % self.options.rows)
        self.cluster = Cluster(SETTINGS)
        self.cluster.psql("CREATE DATABASE bench")
        self.sql("SET timezone = 'UTC'; CREATE SCHEMA limits; CREATE TABLE limits.made AS " +
                 ROWS_SQL % self.options.rows)
        self.csv = self.home / "rows.csv"
        self.psql("SET timezone = 'UTC'", "\\copy (SELECT id, customer, amount, to_char(sold_at, "
                  "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS sold_at, paid::text AS paid, qty, due, "
                  "note FROM limits.made) to '%s' csv header" % self.csv)
        write_product(self.home / "product")
        port = free_port()
        self.server = entrepot.Server(
            self.home / "product", "--listen", "127.0.0.1:%d" % port, "--database",
            self.cluster.socket_url("bench"), "--log-level", "warning", "--max-body", "8GB",
            data_dir=self.home / "data", start=False)
        self.server.launch()  # "listening" is not logged at this level
        self.server.host, self.server.port = "127.0.0.1", port
        tap.until(self.is_ready, 60)
        self.token = self.server.token()
        self.base = "http://127.0.0.1:%d" % self.server.port
        for path in ("/output/goods/snapshots", "/discovery/product"):
            self.server.get(path)
        self.idle_kb = self.server.memory_kb("VmRSS")

    def is_ready(self):
        if self.server.process.poll() is not None:
            raise SystemExit("bench: the server ended\n" + self.server.recent_log())
        try:
            return self.server.get("/observability/health/ready", token=None).status == 200
        except OSError:
            return False

    def load(self):
        if not self.loaded:
            say("loading them through the input port, and a run")
            self.deliver()
            self.run_once()
            self.table = self.sql("SELECT format('data.%I', tablename) FROM pg_tables "
                                  "WHERE schemaname = 'data' ORDER BY pg_relation_size("
                                  "format('data.%I', tablename)::regclass) DESC LIMIT 1")
            self.sql("VACUUM ANALYZE " + self.table)
            self.loaded = True

    def psql(self, *commands):
        done = subprocess.run(
            ["psql", "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d",
             self.cluster.socket_url("bench"), *(w for c in commands for w in ("-c", c))],
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            raise SystemExit("bench: psql: " + done.stderr)
        return done.stdout.strip()

    def sql(self, statement):
        return self.psql(statement)

    def seconds_of(self, *commands):
        """The last command timed by psql itself, without its start."""
        out = self.psql(*commands[:-1], "\\timing on", commands[-1])
        return float(re.search(r"Time: ([\d.]+) ms", out)[1]) / 1000

    def deliver(self):
        """Send the CSV; gives the seconds."""
        out = subprocess.run(
            ["curl", "-s", "-S", "-X", "POST", "-T", str(self.csv), "-H", "Content-Type: text/csv",
             "-H", "Authorization: Bearer " + self.token, "-H", "Expect:",
             "-w", "\n%{http_code} %{time_total}", self.base + "/input/arrivals"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
        body, _, last = out.rpartition("\n")
        status, seconds = last.split()
        if status != "201":
            raise SystemExit("bench: the delivery was answered with %s: %s" % (status, body))
        return float(seconds)

    def run_once(self):
        """A run that must compute; gives the seconds from asking to published."""
        self.version += 1
        # equal SQL on equal inputs would be answered with what is there
        document = pipeline("1.1.%d" % self.version)
        document["steps"][0]["sql"] += " WHERE id <> -%d" % self.version
        self.server.put("/control/pipelines/all", document).expect(201)
        start = time.monotonic()
        run = self.server.run_pipeline("all", seconds=600)
        seconds = time.monotonic() - start
        if run["state"] != "published":
            raise SystemExit("bench: the run ended as %r" % run)
        return seconds

    def get_all(self, query):
        """Seconds of one whole answer."""
        out = subprocess.run(
            ["curl", "-s", "-S", "-o", "/dev/null", "-w", "%{http_code} %{time_total}",
             "-H", "Authorization: Bearer " + self.token, self.base + "/output/goods" + query],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
        status, seconds = out.split()
        if status != "200":
            raise SystemExit("bench: %s was answered with %s" % (query, status))
        return float(seconds)

    def wrk(self, url, paths, fields):
        """Requests per second."""
        script = self.home / "wrk.lua"
        quoted = ",\n".join(json.dumps(path) for path in paths)
        heads = ", ".join("[%s]=%s" % (json.dumps(k), json.dumps(v)) for k, v in fields.items())
        script.write_text("""
local paths = {%s}
local heads = {%s}
local requests, at = {}, 0
init = function()
    for i, path in ipairs(paths) do requests[i] = wrk.format("GET", path, heads) end
end
request = function()
    at = at %% #requests + 1
    return requests[at]
end
""" % (quoted, heads))
        out = subprocess.run(["wrk", "-t1", "-c%d" % CONNECTIONS, "-d%ds" % self.options.seconds,
                              "-s", str(script), url], stdin=subprocess.DEVNULL,
                             capture_output=True, text=True, check=True).stdout
        wrong = re.search(r"(Non-2xx or 3xx responses: \d+|Socket errors: .*)", out)
        if wrong:
            raise SystemExit("bench: wrk: %s\n%s" % (wrong[1], self.server.recent_log()))
        return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1])

    def pgbench(self, statement):
        """Transactions per second."""
        script = self.home / "pgbench.sql"
        script.write_text(statement)
        out = subprocess.run(
            [str(self.cluster.bin / "pgbench"), "-n", "-M", "prepared", "-c", str(CONNECTIONS),
             "-j", "1", "-T", str(self.options.seconds), "-f", str(script),
             self.cluster.socket_url("bench")],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True).stdout
        return float(re.search(r"tps = ([\d.]+)", out)[1])

    def ids(self, below=0):
        chance = random.Random(11)
        return [chance.randrange(1, max(2, self.options.rows - below)) for _ in range(2000)]

    # --- the measures: (ours, limit, unit); each gives a rate ----------------------------------

    def row(self):
        self.load()
        paths = ["/output/goods?filter=id%%20eq%%20%d" % number for number in self.ids()]
        statement = "\\set id random(1, %d)\nSELECT %s FROM %s WHERE id = :id;\n" % (
            self.options.rows, ", ".join(NAMES), self.table)
        head = {"Authorization": "Bearer " + self.token}
        return (lambda: self.wrk(self.base, paths, head), lambda: self.pgbench(statement),
                "requests/s")

    def page(self):
        self.load()
        paths = ["/output/goods?filter=id%%20gt%%20%d&orderby=id&top=100" % number
                 for number in self.ids(100)]
        statement = ("\\set id random(1, %d)\nSELECT %s FROM %s WHERE id > :id ORDER BY id "
                     "LIMIT 100;\n" % (self.options.rows - 100, ", ".join(NAMES), self.table))
        head = {"Authorization": "Bearer " + self.token}
        return (lambda: self.wrk(self.base, paths, head), lambda: self.pgbench(statement),
                "requests/s")

    def not_modified(self):
        self.load()
        if not self.nginx:
            self.nginx = Nginx(self.home / "nginx")
        path = "/output/goods?filter=id%20eq%205"
        tag = self.server.get(path).expect(200).header("ETag")
        ours = {"Authorization": "Bearer " + self.token, "If-None-Match": tag}
        assert self.server.request("GET", path, headers={"If-None-Match": tag}).status == 304
        theirs = {"Authorization": "Bearer " + self.token, "If-None-Match": self.nginx.tag}
        return (lambda: self.wrk(self.base, [path], ours),
                lambda: self.wrk(self.nginx.url, ["/row.json"], theirs), "requests/s")

    def _export(self, query, limit="csv header"):
        self.load()
        rows = self.options.rows
        return (lambda: rows / self.get_all(query),
                lambda: rows / self.seconds_of("SELECT 1", "\\copy %s to '/dev/null' %s" %
                                               (self.table, limit)), "rows/s")

    def export_csv(self):
        return self._export("?format=csv")

    def export_ndjson(self):
        return self._export("?format=ndjson")

    def export_arrow(self):
        return self._export("?format=arrow", "binary")

    def export_parquet(self):
        return self._export("?format=parquet", "binary")

    def ingest_csv(self):
        self.load()
        rows = self.options.rows
        arrivals = self.sql("SELECT format('input.%I', tablename) FROM pg_tables WHERE schemaname "
                            "= 'input' ORDER BY pg_relation_size(format('input.%I', tablename)"
                            "::regclass) DESC LIMIT 1")
        self.sql("DROP TABLE IF EXISTS limits.arrivals; CREATE TABLE limits.arrivals (LIKE %s "
                 "INCLUDING ALL)" % arrivals)
        # the columns the server adds: its delivery's number, and the number of the row in it
        own = self.sql("SELECT attname FROM pg_attribute WHERE attrelid = 'limits.arrivals'::regclass"
                       " AND attnum > 0 AND attname <> ALL ('{%s}') ORDER BY attnum" %
                       ",".join(NAMES)).split()
        if own:
            self.sql("CREATE SEQUENCE IF NOT EXISTS limits.row_number CACHE 1000; "
                     "ALTER TABLE limits.arrivals ALTER %s SET DEFAULT 1" % own[0])
        for name in own[1:]:
            self.sql("ALTER TABLE limits.arrivals ALTER %s SET DEFAULT "
                     "nextval('limits.row_number')" % name)

        def limit():
            self.sql("TRUNCATE limits.arrivals")
            self.sql("CHECKPOINT")
            return rows / self.seconds_of("SET timezone = 'UTC'", "\\copy limits.arrivals (%s) from "
                                          "'%s' csv header" % (", ".join(NAMES), self.csv))

        def ours():
            self.sql("CHECKPOINT")
            return rows / self.deliver()
        return ours, limit, "rows/s"

    def run(self):
        self.load()
        rows = self.options.rows

        def limit():
            self.sql("DROP TABLE IF EXISTS limits.goods; CREATE TABLE limits.goods (LIKE %s "
                     "INCLUDING ALL)" % self.table)
            self.sql("CHECKPOINT")
            return rows / self.seconds_of("SELECT 1", "INSERT INTO limits.goods SELECT %s FROM "
                                          "limits.made" % ", ".join(NAMES))

        def ours():
            self.sql("CHECKPOINT")
            return rows / self.run_once()
        return ours, limit, "rows/s"

    # --- measuring ---------------------------------------------------------------------------

    def measure(self, name):
        ours, limit, unit = getattr(self, name)()
        pid = self.server.process.pid
        pathlib.Path("/proc/%d/clear_refs" % pid).write_text("5")  # the high-water mark starts anew
        own, other = [], []
        for turn in range(self.options.runs):
            limit_rate = limit()
            our_rate = ours()
            say("%s %d/%d: ours %.0f, limit %.0f %s" % (name, turn + 1, self.options.runs, our_rate,
                                                        limit_rate, unit))
            own.append(our_rate)
            other.append(limit_rate)
        peak = self.server.memory_kb("VmHWM") - self.idle_kb
        mine, theirs = statistics.median(own), statistics.median(other)
        return {"name": name, "ours": round(mine, 1), "limit": round(theirs, 1), "unit": unit,
                "ratio": round(mine / theirs, 3), "peak_mb": round(max(0, peak) / 1024, 1),
                "runs": self.options.runs}


ALL = ["row", "page", "not_modified", "export_csv", "export_ndjson", "export_arrow",
       "export_parquet", "ingest_csv", "run"]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=" ".join(ALL))
    parser.add_argument("--json", metavar="FILE", help="write the results there too")
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--runs", type=int, default=3, help="turns; the medians are compared")
    parser.add_argument("--seconds", type=int, default=4, help="of each run of requests")
    options = parser.parse_args()
    for name in options.names:
        if name not in ALL:
            parser.error("no measure is named %s: %s" % (name, " ".join(ALL)))
    results = []
    with Bench(options) as bench:
        bench.start()
        for name in options.names or ALL:
            results.append(bench.measure(name))
    line = "%-14s %12s %12s %-11s %7s %8s %5s"
    print(line % ("name", "ours", "limit", "unit", "ratio", "peak MB", "runs"))
    for result in results:
        print(line % (result["name"], "%.0f" % result["ours"], "%.0f" % result["limit"],
                      result["unit"], "%.2f" % result["ratio"], "%.1f" % result["peak_mb"],
                      result["runs"]))
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
