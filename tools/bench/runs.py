"""Runs: a large one against INSERT … SELECT; and against time budgets, what stands around its rows:
the gates, the queue, publishing."""
import datetime
import statistics
import time

from . import clients
from .measure import Measure, NotAvailable
from .product import SALES_SQL, small

GATES_MS, PUBLISH_MS, QUEUE_MS = 10, 5, 20
TIMES = 50       # documents, and runs, of one turn
PUBLISHES = 200  # of one turn: enough for a p99
READERS, PAUSE_MS = 8, 10  # each asks up to a hundred times a second


def run(ground):
    ground.load()
    ground.run_anew("sales")
    made = SALES_SQL.replace("FROM arrivals", "FROM limits.made")
    made = made.replace("JOIN places", "JOIN limits.places")

    def limit():
        ground.psql("DROP TABLE IF EXISTS limits.sales; CREATE TABLE limits.sales (LIKE %s "
                    "INCLUDING ALL)" % ground.table_of("sales"))
        ground.psql("CHECKPOINT")
        return ground.rows / ground.seconds_of("SELECT 1", "INSERT INTO limits.sales " + made)

    def ours():
        ground.psql("CHECKPOINT")
        return ground.rows / ground.run_anew("sales")[0]

    return Measure(ours, limit, unit="rows/s", goal=0.95)


def gates(ground):
    """A new version of a pipeline from outside: HTTP, every gate, and storing it."""
    ground.load()

    def once():
        document = small(ground.new_version(), 1 + ground.versions % 100)
        start = time.monotonic()
        ground.server.put("/control/pipelines/small", document).expect(201)
        return (time.monotonic() - start) * 1000

    return Measure(lambda: statistics.median(once() for _ in range(TIMES)), GATES_MS, unit="ms",
                   goal=1.0, less_is_better=True)


class _Turns:
    """Small runs that must compute, each with a number of its own."""

    def __init__(self, ground):
        self.server = ground.server
        self.number = 0
        self.server.put("/control/pipelines/small", small(ground.new_version(), 1)).expect(201)

    def take(self, publish):
        self.number += 1
        run = self.server.run_pipeline("small", {"parameters": {"turn": self.number},
                                                 "publish": publish})
        wanted = "published" if publish else "staged"
        if run["state"] != wanted:
            raise SystemExit("bench: a run is not %s: %r" % (wanted, run))
        return run


def _instant(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def queue(ground):
    """From asking to the first row: the times the run itself tells of its one row."""
    ground.load()
    turns = _Turns(ground)
    if not turns.take(True).get("steps"):
        raise NotAvailable("a run does not tell the times of its steps")

    def once():
        run = turns.take(True)
        begun = _instant(run["requested_at"])
        return (_instant(run["steps"][0]["finished_at"]) - begun).total_seconds() * 1000

    return Measure(lambda: statistics.median(once() for _ in range(TIMES)), QUEUE_MS, unit="ms",
                   less_is_better=True)


def publish(ground):
    """A staged run is published while others read the dataset: the whole request, at p99."""
    ground.load()
    turns = _Turns(ground)
    turns.take(True)  # there is something to read

    def once():
        path = "/control/runs/%s/publish" % turns.take(False)["id"]
        start = time.monotonic()
        answer = ground.server.post(path)
        seconds = time.monotonic() - start
        if answer.status in (404, 405):
            raise NotAvailable("POST /control/runs/{id}/publish is answered %d" % answer.status)
        if answer.status // 100 != 2:
            raise SystemExit("bench: publishing was answered with %r" % answer)
        return seconds * 1000

    def ours():
        once()  # tells whether it can be done at all
        readers = clients.readers(ground.home / "readers.lua", ground.base + "/output/small",
                                  ground.authorization, READERS, PAUSE_MS)
        try:
            times = sorted(once() for _ in range(PUBLISHES))
        finally:
            readers.terminate()
            readers.wait(30)
        return times[int(len(times) * 0.99)]

    return Measure(ours, PUBLISH_MS, unit="ms", less_is_better=True)


MEASURES = {"run": run, "gates": gates, "publish": publish, "queue": queue}
