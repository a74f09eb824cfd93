"""Servers that die at any moment, and a Postgres that does: nothing half is ever seen, nothing is left.

    crash_test.py            about a hundred runs
    CRASH_RUNS=2000 …        as ./dev soak runs it
"""
import contextlib
import contextlib
import os
import pathlib
import random
import shutil
import signal
import threading

import entrepot
import run_test
import tap
from private_sql import sql

RUNS = int(os.environ.get("CRASH_RUNS", "100"))
PIPELINES = ("whole", "log", "latest", "steps")
CHANCE = random.Random(int(os.environ.get("CRASH_SEED", "20260131")))

# a snapshot that is served, and its tables as they are
BROKEN_POINTERS = """
SELECT datum.name, datum.current_number
  FROM meta.datum
 WHERE layer = 'output' AND current_number IS NOT NULL
   AND NOT EXISTS (SELECT FROM meta.snapshot
                    WHERE datum_id = datum.id AND number = datum.current_number
                      AND state = 'published')"""
MISSING_TABLES = """
SELECT segment.id
  FROM meta.segment
 WHERE dropped_at IS NULL AND to_regclass('data.s_' || id) IS NULL"""
ORPHAN_TABLES = """
SELECT tablename
  FROM pg_tables
 WHERE schemaname = 'data'
   AND NOT EXISTS (SELECT FROM meta.segment
                    WHERE 'data.s_' || id = 'data.' || tablename AND dropped_at IS NULL)"""
OPEN_RUNS = "SELECT id, state FROM meta.run WHERE state IN ('running', 'checking')"
LEFT_TABLES = """
SELECT segment.id
  FROM meta.segment
  JOIN meta.run ON run.id = segment.run_id
 WHERE dropped_at IS NULL AND run.finished_at IS NOT NULL
   AND NOT EXISTS (SELECT FROM meta.snapshot_segment WHERE segment_id = segment.id)"""
WRONG_COUNTS = """
SELECT datum.name, snapshot.number, snapshot.rows, sum(segment.rows) AS found
  FROM meta.snapshot
  JOIN meta.datum ON datum.id = snapshot.datum_id
  JOIN meta.snapshot_segment ON snapshot_id = snapshot.id
  JOIN meta.segment ON segment.id = segment_id
 WHERE snapshot.state = 'published'
 GROUP BY 1, 2, 3
HAVING snapshot.rows <> sum(segment.rows)"""
# two outputs of one pipeline are of the same run, always
MIXED_OUTPUTS = """
SELECT count(DISTINCT snapshot.run_id)
  FROM meta.datum
  JOIN meta.snapshot ON datum_id = datum.id AND number = current_number
 WHERE datum.name IN ('dear', 'cheap')"""


def _is_whole(server, last=False):
    # the steward may drop a table between the look at its row and that at its name
    tap.until(lambda: sql(server, MISSING_TABLES) == "", 10)
    for name in ("BROKEN_POINTERS", "ORPHAN_TABLES", "OPEN_RUNS", "WRONG_COUNTS"):
        if name != "OPEN_RUNS" or last:
            assert sql(server, globals()[name]) == "", (name, sql(server, globals()[name]))
    assert sql(server, MIXED_OUTPUTS) in ("0", "1")
    # what readers see: each row once, each with the price its delivery gave it
    for dataset in ("whole", "log", "latest"):
        answer = server.get("/output/" + dataset)
        if answer.status == 404:
            continue
        rows = answer.expect(200).json
        ids = [row["id"] for row in rows]
        assert len(ids) == len(set(ids)), (dataset, ids)
        assert all(row["price"] == row["id"] * 2 for row in rows), (dataset, rows)


def _ask_for_runs(server, number):
    rows = [(number * 100 + i, "n", (number * 100 + i) * 2) for i in range(50)]
    run_test._deliver(server, *rows)
    for name in PIPELINES:
        server.post("/control/pipelines/%s/runs" % name, "{}", "application/json").expect(202)


def a_server_killed_at_any_moment_leaves_nothing_half(server):
    for number in range(1, RUNS // len(PIPELINES) + 1):
        # the answers tell that the runs are queued; the kill comes somewhere in what follows
        killer = threading.Timer(CHANCE.uniform(0.0, 0.25), server.process.kill)
        _ask_for_runs(server, number)
        killer.start()
        killer.join()
        assert server.wait(30) is not None
        server.start()
        _is_whole(server)
    for name in PIPELINES:
        run = server.run_pipeline(name)
        assert run["state"] in ("published", "reused"), run
    tap.until(lambda: sql(server, OPEN_RUNS) == "" and sql(server, LEFT_TABLES) == "", 60)
    _is_whole(server, last=True)


def a_postgres_killed_during_runs_is_not_the_end(server):
    for number in range(1001, 1004):
        _ask_for_runs(server, number)
        os.kill(server.postgres_pid(), signal.SIGQUIT)  # an immediate stop: it must recover
        tap.until(lambda: _answers(server), 60)
        _is_whole(server)
    run = server.run_pipeline("whole")
    assert run["state"] in ("published", "reused"), run
    tap.until(lambda: sql(server, OPEN_RUNS) == "", 60)
    _is_whole(server, last=True)


def _answers(server):
    try:
        return server.get("/output/whole").status in (200, 404) and server.get(
            "/control/runs?top=1").status == 200 and sql(server, "SELECT 1") == "1"
    except (OSError, AssertionError):
        return False


def a_reader_streams_on_while_others_publish_and_tables_are_dropped(server):
    rows = [(i, "n" * 200, i * 2) for i in range(60000)]
    run_test._deliver(server, *rows)
    assert server.run_pipeline("whole")["state"] == "published"
    with contextlib.closing(server.connection()) as connection:
        connection.request("GET", "/output/whole?format=csv",
                           headers={"Authorization": "Bearer " + server.token()})
        answer = connection.getresponse()
        body = answer.read(1000)
        for number in range(10):
            run_test._deliver(server, (number, "x", number * 2))
            assert server.run_pipeline("whole")["state"] == "published"
        # nothing of them is kept but two snapshots; the collection goes round meanwhile
        tap.until(lambda: int(sql(server, "SELECT count(*) FROM meta.snapshot JOIN meta.datum ON "
                                          "datum.id = datum_id WHERE name = 'whole' AND state = "
                                          "'dropped'")) >= 7, 60)
        body += answer.read()
    assert body.count(b"n" * 200) == 60000


if __name__ == "__main__":
    HOME = entrepot.temporary_folder()
    try:
        entrepot.main(globals(), "--keep-snapshots", "2", "--retire-grace", "0ms", "--keep-failed",
                      "0ms", folder=run_test._write(pathlib.Path(HOME) / "small"))
    finally:
        shutil.rmtree(HOME, ignore_errors=True)
