"""Backfills: a list of runs asked for at once, one after the other."""
import json
import threading

import entrepot
import tap

STOCK = "sku,level\na,4\nb,2\n"
SLOW = ("SELECT 's' || g AS sku, 1 AS level, 1.0::float8 AS share"
        " FROM stock, generate_series(1, 100000000) g")


def _document(version, sql="SELECT sku, level, 1.0 / level AS share FROM stock", **parameters):
    return {"name": "levels", "version": version, "inputs": {"stock": {"dataset": "input.stock"}},
            "parameters": parameters or {"day": {"type": "date"}, "top": {"type": "integer"},
                                         "at": {"type": "timestamp"}, "note": {"type": "string"}},
            "steps": [{"name": "levels", "output": "output.levels", "sql": sql}]}


def _prepare(server):
    server.deliver("stock", STOCK).expect(201)
    server.put("/control/pipelines/levels", _document("2.0.0")).expect(201)


def _post(server, body, **headers):
    return server.post("/control/pipelines/levels/backfills",
                       body if isinstance(body, str) else json.dumps(body), "application/json",
                       headers=headers)


def _ended(server, backfill):
    """The backfill once all its runs have ended."""
    for run in backfill["runs"]:
        server.finished_run("/control/runs/%d" % run["id"])
    now = server.get("/control/backfills/%d" % backfill["id"]).expect(200).json
    assert now["state"] in ("done", "cancelled"), now
    return now


def runs_are_made_in_the_order_of_the_list(server):
    wanted = [{"top": 3}, {"top": 1, "note": "x"}, {"top": 2}]
    answer = _post(server, {"runs": [{"parameters": one} for one in wanted]}).expect(202)
    backfill = answer.json
    assert answer.header("Location") == backfill["href"], answer
    assert backfill["total"] == 3 and backfill["pipeline"] == "levels", backfill
    assert [run["parameters"] for run in backfill["runs"]] == wanted, backfill
    ids = [run["id"] for run in backfill["runs"]]
    assert ids == sorted(ids), ids
    done = _ended(server, backfill)
    assert done["counts"] == {"published": 3} and done["state"] == "done", done
    runs = [server.get("/control/runs/%d" % run).json for run in ids]
    for place, (before, after) in enumerate(zip(runs, runs[1:])):
        assert before["finished_at"] <= after["started_at"], (place, runs)
    assert runs[1]["origin"] == "backfill", runs[1]
    assert runs[1]["origin_detail"] == {"backfill": backfill["id"], "place": 2}, runs[1]


def a_range_is_counted_through(server):
    cases = [
        ("days", {"parameter": "day", "from": "2026-01-30", "to": "2026-02-02", "step": "P1D"},
         ["2026-01-30", "2026-01-31", "2026-02-01", "2026-02-02"]),
        ("weeks", {"parameter": "day", "from": "2026-01-01", "to": "2026-01-20",
                   "step": "1 week"}, ["2026-01-01", "2026-01-08", "2026-01-15"]),
        ("months", {"parameter": "day", "from": "2026-01-31", "to": "2026-04-30", "step": "P1M"},
         ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("one day", {"parameter": "day", "from": "2026-01-01", "to": "2026-01-01",
                     "step": "1 year"}, ["2026-01-01"]),
        ("hours", {"parameter": "at", "from": "2026-01-01T00:00:00+01:00",
                   "to": "2026-01-01T01:00:00Z", "step": "PT1H"},
         ["2025-12-31T23:00:00Z", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"]),
        ("numbers", {"parameter": "top", "from": -1, "to": 4, "step": 2}, [-1, 1, 3]),
        ("numbers by one", {"parameter": "top", "from": 7, "to": 8}, [7, 8]),
    ]
    for name, body, values in cases:
        yield name, _counted, server, body, values


def _counted(server, body, values):
    backfill = _post(server, dict(body, parameters={"note": "n"})).expect(202).json
    assert [run["parameters"] for run in backfill["runs"]] == [
        {"note": "n", body["parameter"]: value} for value in values], backfill
    done = _ended(server, backfill)
    assert set(done["counts"]) <= {"published", "reused"}, done


def requests_that_make_no_sense_are_refused(server):
    day = {"parameter": "day", "from": "2026-01-01", "to": "2026-01-31", "step": "P1D"}
    cases = [
        ("no body", "", "", 422), ("no JSON", "{", "", 422), ("a list", "[]", "an object", 422),
        ("nothing", {}, "needs runs, or parameter", 422),
        ("no runs", {"runs": []}, "at least one", 422),
        ("runs of another kind", {"runs": [7]}, "must be an object", 422),
        ("a run without parameters", {"runs": [{}]}, "needs the member parameters", 422),
        ("both", dict(day, runs=[{"parameters": {}}]), "means nothing beside runs", 422),
        ("an unknown member", dict(day, until=3), "no member of this name", 422),
        ("an unknown parameter", dict(day, parameter="dai"), "no parameter dai", 422),
        ("an unknown parameter of a run", {"runs": [{"parameters": {}}, {"parameters": {"x": 1}}]},
         "no such parameter", 422),
        ("a value of another type", {"runs": [{"parameters": {"top": "x"}}]}, "must be", 422),
        ("a text", dict(day, parameter="note"), "cannot be counted", 422),
        ("the end before the beginning", dict(day, to="2025-12-31"), "not come before", 422),
        ("no step", {k: day[k] for k in ("parameter", "from", "to")}, "step must be", 422),
        ("a step of nothing", dict(day, step="P0D"), "step must be", 422),
        ("a step back", dict(day, step="-1 day"), "step must be", 422),
        ("hours between dates", dict(day, step="PT1H"), "in days, weeks", 422),
        ("no date", dict(day, to="2026-02-30"), "must be a date", 422),
        ("a number for a date", dict(day, to=20260101), "must be a date", 422),
        ("a value twice", dict(day, parameters={"day": "2026-01-01"}), "as well", 422),
        ("too many days", dict(day, to="9999-12-31"), "1000 runs at most", 422),
        ("too many numbers", {"parameter": "top", "from": -9223372036854775808,
                              "to": 9223372036854775807}, "1000 runs at most", 422),
        ("too many runs", {"runs": [{"parameters": {}}] * 1001}, "1000 runs at most", 422),
        ("a step of half", {"parameter": "top", "from": 1, "to": 2, "step": 0.5}, "whole", 422),
    ]
    for name, body, reason, status in cases:
        yield name, _refused, server, body, reason, status


def _refused(server, body, reason, status):
    before = server.get("/control/runs?top=1").json
    problem = _post(server, body).problem(status)
    assert reason in json.dumps(problem), problem
    assert server.get("/control/runs?top=1").json == before


def the_same_key_asks_for_one_backfill(server):
    body = {"runs": [{"parameters": {"top": 5}}]}
    first = _post(server, body, **{"Idempotency-Key": "once"}).expect(202).json
    again = _post(server, json.dumps(body, indent=2), **{"Idempotency-Key": "once"}).expect(202).json
    assert first["id"] == again["id"] and first["runs"][0]["id"] == again["runs"][0]["id"]
    other = {"runs": [{"parameters": {"top": 6}}]}
    _post(server, other, **{"Idempotency-Key": "once"}).problem(422, "idempotency-key-reused")
    _post(server, body, **{"Idempotency-Key": "x" * 300}).problem(400)
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(
        _post(server, body, **{"Idempotency-Key": "race"}))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({answer.expect(202).json["id"] for answer in answers}) == 1, answers
    _ended(server, first)


def a_backfill_that_is_cancelled_ends(server):
    server.put("/control/pipelines/levels", _document("2.1.0", SLOW)).expect(201)
    backfill = _post(server, {"parameter": "day", "from": "2026-01-01", "to": "2026-02-28",
                              "step": "P1D"}).expect(202).json
    path = "/control/backfills/%d" % backfill["id"]
    first = "/control/runs/%d" % backfill["runs"][0]["id"]
    tap.until(lambda: server.get(first).json["state"] == "running")
    now = server.get(path).expect(200).json
    assert now["state"] == "running" and now["counts"]["queued"] == 58, now["counts"]
    stopped = server.post(path + "/cancel").expect(202).json["stopped"]
    assert stopped == 59, stopped
    done = _ended(server, backfill)
    assert done["state"] == "cancelled" and done["counts"] == {"cancelled": 59}, done["counts"]
    assert done["cancelled_at"], done
    assert server.post(path + "/cancel").expect(202).json["stopped"] == 0
    server.put("/control/pipelines/levels", _document("2.2.0")).expect(201)


def another_run_does_not_wait_for_a_backfill(server):
    backfill = _post(server, {"parameter": "top", "from": 1, "to": 30}).expect(202).json
    run = server.run_pipeline("levels", {"parameters": {"top": 99}})
    done = server.get("/control/backfills/%d" % backfill["id"]).json
    assert run["state"] == "published", run
    _ended(server, backfill)
    last = server.get("/control/runs/%d" % backfill["runs"][-1]["id"]).json
    assert run["finished_at"] <= last["started_at"], (run, last, done["counts"])


def backfills_that_are_not_there_are_404(server):
    for path in ("/control/backfills/99999", "/control/backfills/x", "/control/backfills/-1",
                 "/control/backfills/99999999999999999999"):
        server.get(path).problem(404)
        server.post(path + "/cancel").problem(404)
    server.post("/control/pipelines/nothing/backfills", "{}", "application/json").problem(404)
    server.get("/control/backfills/1?top=1").problem(400)
    reader = server.token("control:read")
    server.post("/control/pipelines/levels/backfills", "{}", "application/json",
                token=reader).problem(403)
    server.get("/control/backfills/1", token=reader).expect(200)


if __name__ == "__main__":
    entrepot.main(globals(), prepare=_prepare)
