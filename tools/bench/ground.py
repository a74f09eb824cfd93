"""What is measured on: one Postgres, one server, one table of rows, and what they are asked."""
import json
import pathlib
import random
import shutil
import time
import urllib.parse

import entrepot
import tap
from cluster import Cluster

from . import clients, limits, product, quality
from .measure import NotAvailable, say

# as the private cluster is set
SETTINGS = ["shared_buffers=256MB", "max_connections=200", "max_wal_size=4GB", "wal_compression=lz4",
            "checkpoint_timeout=15min", "jit=off", "random_page_cost=1.1", "work_mem=32MB"]
CONNECTIONS = 32
ABSENT = (400, 404, 405, 406, 415, 501)  # how a server says that it does not have something
TABLE = """
SELECT format('data.s_%%s', part.segment_id)
  FROM meta.datum
  JOIN meta.snapshot ON snapshot.datum_id = datum.id AND snapshot.number = datum.current_number
  JOIN meta.snapshot_segment AS part ON part.snapshot_id = snapshot.id
 WHERE datum.layer = 'output' AND datum.name = '%s'"""


class Ground:
    def __init__(self, options):
        self.options = options
        self.rows = options.rows
        self.home = entrepot.temporary_folder("entrepot-bench-")
        self.cluster = self.server = self.started_nginx = None
        self.versions = 1
        self.loaded = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.started_nginx:
            self.started_nginx.stop()
        if self.server:
            self.server.stop()
        if self.cluster:
            self.cluster.remove()
        shutil.rmtree(self.home, ignore_errors=True)

    # --- start ---------------------------------------------------------------------------------

    def start(self):
        say("starting Postgres, making %d rows" % self.rows)
        self.cluster = Cluster(SETTINGS)
        self.cluster.psql("CREATE DATABASE bench")
        self.url = self.cluster.socket_url("bench")
        self.psql("SET timezone = 'UTC'; CREATE SCHEMA limits; CREATE TABLE limits.made AS " +
                  product.ROWS_SQL % self.rows + "; CREATE TABLE limits.places AS " +
                  product.PLACES_SQL)
        self.psql("VACUUM ANALYZE limits.made, limits.places")
        self.csv = self.home / "rows.csv"
        self.psql("SET timezone = 'UTC'", "\\copy (SELECT id, customer, amount, to_char(sold_at, "
                  "'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS sold_at, paid::text AS paid, qty, due, "
                  "note FROM limits.made) to '%s' csv header" % self.csv)
        self.places_csv = self.home / "places.csv"
        self.psql("\\copy limits.places to '%s' csv header" % self.places_csv)
        product.write(self.home / "product", quality.RULES)
        port = limits.free_port()
        self.server = entrepot.Server(
            self.home / "product", "--listen", "127.0.0.1:%d" % port, "--database", self.url,
            "--log-level", "warning", "--max-body", "80GB", data_dir=self.home / "data",
            start=False)
        self.server.launch()  # "listening" is not logged at this level
        self.server.host, self.server.port = "127.0.0.1", port
        tap.until(self._is_ready, 60)
        self.base = "http://127.0.0.1:%d" % port
        self.authorization = "Bearer " + self.server.token()
        for path in ("/output/goods/snapshots", "/discovery/product"):
            self.server.get(path)
        self.idle_kb = self.server.memory_kb("VmRSS")

    def _is_ready(self):
        if self.server.process.poll() is not None:
            raise SystemExit("bench: the server ended\n" + self.server.recent_log())
        try:
            return self.server.get("/observability/health/ready", token=None).status == 200
        except OSError:
            return False

    def load(self):
        """The rows in `goods`, once."""
        if self.loaded:
            return
        say("loading them through the input port, and a run")
        self.deliver("places", self.places_csv)
        self.deliver("arrivals", self.csv)
        self.run_anew("goods")
        self.table = self.table_of("goods")
        self.psql("VACUUM ANALYZE " + self.table)
        self.loaded = True

    def nginx(self):
        if not self.started_nginx:
            self.started_nginx = limits.Nginx(self.home / "nginx")
        return self.started_nginx

    # --- the database --------------------------------------------------------------------------

    def psql(self, *commands):
        return limits.psql(self.url, *commands)

    def seconds_of(self, *commands):
        return limits.psql_seconds(self.url, *commands)

    def table_of(self, dataset):
        """The table of an output's current snapshot."""
        return self.psql(TABLE % dataset)

    def pgbench(self, statements, connections=CONNECTIONS):
        script = self.home / "pgbench.sql"
        script.write_text(statements)
        return limits.pgbench(self.cluster.bin / "pgbench", self.url, script, connections,
                              self.options.seconds)

    # --- the server ----------------------------------------------------------------------------

    def wrk(self, paths, fields=None, connections=CONNECTIONS, base=None):
        """Requests per second."""
        return self.wrk_both(paths, fields, connections, base)[0]

    def wrk_both(self, paths, fields=None, connections=CONNECTIONS, base=None):
        head = {"Authorization": self.authorization, **(fields or {})}
        return clients.wrk(self.home / "wrk.lua", base or self.base, paths, head, connections,
                           self.options.seconds)

    def need(self, path, headers=None, status=200):
        """An answer that must be had, or there is nothing to measure."""
        answer = self.server.get(path, headers=headers)
        if answer.status in ABSENT:
            raise NotAvailable("GET %s is answered %d" % (urllib.parse.unquote(path)[:70],
                                                          answer.status))
        return answer.expect(status)

    def download(self, path, *options):
        """Seconds of one whole answer."""
        status, seconds, _ = clients.curl(self.base + path, "-o", "/dev/null", "-H",
                                          "Authorization: " + self.authorization, *options)
        if status != 200:
            raise SystemExit("bench: %s was answered with %s" % (path, status))
        return seconds

    def deliver(self, dataset, file):
        """Send a CSV; gives the seconds."""
        status, seconds, body = clients.curl(
            self.base + "/input/" + dataset, "-X", "POST", "-T", str(file), "-H",
            "Content-Type: text/csv", "-H", "Authorization: " + self.authorization, "-H", "Expect:")
        if status != 201:
            raise SystemExit("bench: the delivery was answered with %s: %s" % (status, body))
        return seconds

    def new_version(self):
        self.versions += 1
        return "1.1.%d" % self.versions

    def run_anew(self, name):
        """A run that must compute, published; gives the seconds from asking, and the run."""
        version = self.new_version()
        self.server.put("/control/pipelines/" + name,
                        product.anew(name, version, self.versions)).expect(201)
        start = time.monotonic()
        run = self.server.run_pipeline(name, seconds=3600)
        seconds = time.monotonic() - start
        if run["state"] != "published":
            raise SystemExit("bench: the run ended as %s" % json.dumps(run))
        return seconds, run

    def ids(self, below=0):
        chance = random.Random(11)
        return [chance.randrange(1, max(2, self.rows - below)) for _ in range(2000)]

    def keep(self, path, name):
        """Download an answer into a file that nginx serves too; gives nginx's path."""
        target = pathlib.Path(self.nginx().home) / name
        status, _, _ = clients.curl(self.base + path, "-o", str(target), "-H",
                                    "Authorization: " + self.authorization)
        if status != 200:
            raise SystemExit("bench: %s was answered with %s" % (path, status))
        target.chmod(0o644)
        return "/" + name
