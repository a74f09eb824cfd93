"""Server-sent events of a run: to its end, after a break, for many at once."""
import http.client
import json
import signal

import entrepot
import tap

STOCK = "sku,level\na,4\nb,2\n"
SLOW = ("SELECT 's' || g AS sku, 1 AS level, 1.0::float8 AS share"
        " FROM stock, generate_series(1, 100000000) g")


def _document(version, sql="SELECT sku, level, 1.0 / level AS share FROM stock"):
    return {"name": "levels", "version": version, "inputs": {"stock": {"dataset": "input.stock"}},
            "parameters": {"top": {"type": "integer"}},
            "steps": [{"name": "levels", "output": "output.levels", "sql": sql}]}


def _prepare(server):
    server.deliver("stock", STOCK).expect(201)
    server.put("/control/pipelines/levels", _document("2.0.0")).expect(201)
    server.put("/control/pipelines/slow", dict(_document("1.0.0", SLOW), name="slow")).expect(201)


class _Stream:
    """Events as they come."""

    def __init__(self, server, run, **headers):
        self.connection = http.client.HTTPConnection(server.host, server.port, timeout=60)
        self.connection.request("GET", "/control/runs/%s/events" % run, headers=dict(
            {"Authorization": "Bearer " + server.token(), "Accept": "text/event-stream"}, **headers))
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.comments = []

    def next(self):
        """The next event as (id, event, data), or None at the end."""
        fields = {}
        while True:
            line = self.answer.readline().decode()
            if not line:
                assert not fields, fields
                return None
            line = line.rstrip("\n")
            if not line and "data" in fields:
                return fields["id"], fields["event"], json.loads(fields["data"])
            if line.startswith(":"):
                self.comments.append(line)
            elif line:
                name, _, value = line.partition(": ")
                fields[name] = fields[name] + "\n" + value if name in fields else value

    def all(self):
        events = []
        while True:
            event = self.next()
            if event is None:
                return events
            events.append(event)

    def close(self):
        self.answer.close()
        self.connection.close()


def _start(server, name, **parameters):
    return server.post("/control/pipelines/%s/runs" % name, json.dumps({"parameters": parameters}),
                       "application/json").expect(202).json["id"]


def a_run_is_told_to_its_end(server):
    run = _start(server, "levels", top=1)
    stream = _Stream(server, run)
    assert stream.status == 200
    assert stream.answer.getheader("Content-Type") == "text/event-stream"
    assert stream.answer.getheader("Cache-Control") == "no-store"
    events = stream.all()
    assert [event for _, event, _ in events][-1] == "end", events
    assert all(event == "progress" for _, event, _ in events[:-1]), events
    last = events[-1][2]
    assert last["state"] == "published" and last["id"] == run, last
    # who hears of the end finds the snapshot, and the run as it was told
    assert server.get("/control/runs/%d" % run).json == last
    assert server.get("/output/levels").expect(200).header("ETag")
    ids = [ident for ident, _, _ in events]
    assert len(set(ids)) == len(ids), ids


def progress_is_told_and_a_cancel_ends_it(server):
    run = _start(server, "slow")
    stream = _Stream(server, run)
    event = stream.next()
    while event[2]["rows"] == 0:
        event = stream.next()
    assert event[1] == "progress" and event[2]["state"] == "running", event
    assert event[2]["bytes"] > 0, event
    server.post("/control/runs/%d/cancel" % run).expect(202)
    events = stream.all()
    assert events[-1][1] == "end" and events[-1][2]["state"] == "cancelled", events[-1]


def one_who_comes_again_is_told_what_is_newer(server):
    run = _start(server, "slow")
    stream = _Stream(server, run)
    event = stream.next()
    while event[2]["state"] != "running":
        event = stream.next()
    stream.close()
    stream = _Stream(server, run, **{"Last-Event-ID": event[0]})
    newer = stream.next()
    assert newer[0] != event[0], newer
    server.post("/control/runs/%d/cancel" % run).expect(202)
    last = stream.all()[-1]
    stream = _Stream(server, run, **{"Last-Event-ID": last[0]})
    assert stream.status == 204 and stream.all() == []
    stream = _Stream(server, run, **{"Last-Event-ID": newer[0]})
    assert [one[1] for one in stream.all()] == ["end"]
    for wrong in ("", "x" * 5000, "é", "0123456789abcdef"):
        assert _Stream(server, run, **{"Last-Event-ID": wrong}).all()[-1] == last


def an_ended_run_is_told_at_once(server):
    run = server.run_pipeline("levels", {"parameters": {"top": 2}})
    events = _Stream(server, run["id"]).all()
    assert len(events) == 1 and events[0][1] == "end", events
    head = server.request("HEAD", "/control/runs/%d/events" % run["id"])
    assert head.status == 200 and head.body == b"", head


def what_is_not_there_is_404(server):
    for run in ("999999", "x", "0", "-1", "99999999999999999999"):
        server.get("/control/runs/%s/events" % run).problem(404)
    server.get("/control/runs/1/events?wait=3").problem(400)
    server.get("/control/runs/1/events", token=None).problem(401)
    server.get("/control/runs/1/events", token=server.token("output:read")).problem(403)


def many_listen_without_a_worker(server):
    run = _start(server, "slow")
    streams = [_Stream(server, run) for _ in range(60)]
    assert all(stream.next() for stream in streams)
    # workers are free: what needs one is answered
    assert server.get("/control/runs?top=1").expect(200).json
    for stream in streams[:30]:
        stream.close()
    server.post("/control/runs/%d/cancel" % run).expect(202)
    for stream in streams[30:]:
        assert stream.all()[-1][2]["state"] == "cancelled"


def too_many_are_told_to_come_again(server):
    with entrepot.Server(entrepot.PRODUCT, "--loops", "1", "--max-parked", "2") as small:
        _prepare(small)
        run = _start(small, "slow")
        streams = [_Stream(small, run) for _ in range(2)]
        assert all(stream.next() for stream in streams)
        problem = small.get("/control/runs/%d/events" % run)
        problem.problem(503, "busy")
        assert problem.header("Retry-After"), problem
        streams[0].close()
        tap.until(lambda: _reaches(small, run))
        small.post("/control/runs/%d/cancel" % run).expect(202)
        small.stop_cleanly()


def _reaches(server, run):
    stream = _Stream(server, run)
    reached = stream.status == 200 and stream.next()
    stream.close()
    return reached


def a_server_that_stops_ends_its_streams_cleanly(server):
    run = _start(server, "slow")
    stream = _Stream(server, run)
    assert stream.next()
    server.signal(signal.SIGTERM)
    assert stream.all() is not None  # http.client raises where the last chunk is missing
    assert stream.comments[-1] == ": come again" or stream.comments == [], stream.comments
    assert server.wait(60) == 0, server.recent_log()
    server.assert_clean()
    server.start()


if __name__ == "__main__":
    entrepot.main(globals(), prepare=_prepare)
