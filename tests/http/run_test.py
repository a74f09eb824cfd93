"""Runs seen from outside: modes, steps, staged results, retries, rollback, differences, pins."""
import json
import pathlib
import shutil

import entrepot
import small_product
import tap
from small_product import contract

ITEMS = {"id": "bigint", "name": "text!", "price": "numeric(12,2)"}
HISTORY = dict(ITEMS, valid_from="timestamptz!", valid_to="timestamptz")


def _pipeline(name, sql, **step):
    return {"name": name, "version": "1.0.0", "inputs": {"items": {"dataset": "input.items"}},
            "steps": [dict(step, name="made", output="output." + name, sql=sql)]}


ALL = "SELECT id, name, price FROM items"


def _write(folder):
    return small_product.write(
        folder, {"items": contract("items", ITEMS, ["id"])},
        {"whole": contract("whole", ITEMS, ["id"]),
         "log": contract("log", ITEMS, ["id"]),
         "latest": contract("latest", ITEMS, ["id"]),
         "history": contract("history", HISTORY, ["id", "valid_from"]),
         "dear": contract("dear", {"id": "bigint"}, ["id"]),
         "cheap": contract("cheap", {"id": "bigint", "dear": "bigint"}, ["id"])},
        [_pipeline("whole", ALL), _pipeline("log", ALL, mode="append"),
         _pipeline("latest", ALL, mode="merge"), _pipeline("history", ALL, mode="scd2"),
         {"name": "steps", "version": "1.0.0", "inputs": {"items": {"dataset": "input.items"}},
          "parameters": {"limit": {"type": "number", "default": 10}},
          "steps": [
              {"name": "priced", "sql": "SELECT id, price FROM items WHERE price IS NOT NULL"},
              {"name": "dear", "output": "output.dear",
               "sql": "SELECT p.id FROM priced p, run WHERE p.price >= run.\"limit\""},
              {"name": "cheap", "output": "output.cheap",
               "sql": "SELECT p.id, (SELECT count(*) FROM dear) AS dear FROM priced p"
                      " WHERE NOT EXISTS (SELECT FROM dear d WHERE d.id = p.id)"
                      " AND 100 / p.id > 0"}]}])


def _deliver(server, *rows):
    lines = ["id,name,price"] + ["%s,%s,%s" % row for row in rows]
    return server.deliver("items", "\n".join(lines) + "\n").expect(201).json["delivery"]


def _run(server, name, state="published", **wish):
    run = server.run_pipeline(name, wish)
    assert run["state"] == state, run
    return run


def _rows(server, dataset, query="orderby=id"):
    return server.get("/output/%s?%s" % (dataset, query)).expect(200).json


def _post(server, path, document=None):
    if document is None:
        return server.post(path)
    return server.post(path, json.dumps(document), "application/json")


# --- modes -------------------------------------------------------------------------------------

def append_adds_rows_and_refuses_those_that_are_there(server):
    _deliver(server, (1, "a", 1), (2, "b", 2))
    _run(server, "log")
    _deliver(server, (3, "c", 3))
    run = _run(server, "log")
    assert [output["rows"] for output in run["outputs"]] == [3], run
    assert [row["id"] for row in _rows(server, "log")] == [1, 2, 3]
    assert [row["id"] for row in _rows(server, "log", "filter=id ge 2&orderby=id".replace(
        " ", "%20"))] == [2, 3]
    _run(server, "log", "reused")  # nothing new was delivered: nothing is added twice
    _deliver(server)
    _run(server, "log", "reused")  # nothing was to be added: the snapshot stays
    assert len(_rows(server, "log")) == 3
    _deliver(server, (3, "again", 3), (4, "d", 4))
    run = _run(server, "log", "failed")
    assert "has already" in run["error"]["detail"], run
    assert [row["id"] for row in _rows(server, "log")] == [1, 2, 3]


def many_appends_are_compacted_and_nothing_is_lost(server):
    numbers = range(100, 170)
    for number in numbers:
        _deliver(server, (number, "n", number))
        _run(server, "log")
    rows = _rows(server, "log")
    assert [row["id"] for row in rows] == [1, 2, 3] + list(numbers), rows
    assert server.get("/output/log?filter=id%20eq%20150").json[0]["price"] == 150


def merge_replaces_rows_by_key_and_the_last_of_two_wins(server):
    _deliver(server, (1, "a", 1), (2, "b", 2))
    _run(server, "latest")
    _deliver(server, (2, "B", 20), (3, "c", 3))
    _run(server, "latest")
    assert [(row["id"], row["name"]) for row in _rows(server, "latest")] == [
        (1, "a"), (2, "B"), (3, "c")]
    server.put("/control/pipelines/latest", dict(_pipeline(
        "latest", "SELECT id, name, price FROM items UNION ALL SELECT id, 'last', 0 FROM items",
        mode="merge"), version="1.1.0")).expect(201)
    _run(server, "latest")
    assert [(row["id"], row["name"]) for row in _rows(server, "latest")] == [
        (1, "a"), (2, "last"), (3, "last")]


def scd2_keeps_the_history_of_each_key(server):
    _deliver(server, (1, "a", 1), (2, "b", 2))
    first = _run(server, "history")["as_of"]
    _deliver(server, (1, "A", 1), (3, "c", ""))  # 1 changes, 2 goes, 3 comes
    second = _run(server, "history")["as_of"]
    _deliver(server, (1, "A", 1), (3, "c", ""), (2, "b", 2))  # 2 comes back
    third = _run(server, "history")["as_of"]

    def near(text, instant):
        return text is not None and text[:23] == instant[:23]

    rows = _rows(server, "history", "orderby=id,valid_from")
    told = [(row["id"], row["name"], row["valid_to"] is None) for row in rows]
    assert told == [(1, "a", False), (1, "A", True), (2, "b", False), (2, "b", True),
                    (3, "c", True)], rows
    assert near(rows[0]["valid_from"], first) and near(rows[0]["valid_to"], second), rows
    assert near(rows[1]["valid_from"], second) and near(rows[3]["valid_from"], third), rows


def a_mode_that_does_not_fit_its_contract_is_refused(server):
    cases = [
        (_pipeline("whole", ALL, mode="scd2"), "valid_from"),
        (_pipeline("history", "SELECT id, name, price, now() AS valid_from FROM items",
                   mode="scd2"), None),
        (_pipeline("latest", ALL, mode="merge", key=["nobody"]), "nobody"),
        (_pipeline("latest", ALL, mode="upsert"), "upsert"),
    ]
    for number, (document, word) in enumerate(cases):
        document["version"] = "9.%d.0" % number
        answer = server.put("/control/pipelines/" + document["name"], document)
        assert answer.status == 422, answer
        assert word is None or word in answer.body.decode(), answer


# --- steps -------------------------------------------------------------------------------------

def steps_read_each_other_and_are_published_together(server):
    _deliver(server, (1, "a", 5), (2, "b", 15), (4, "c", 25), (5, "d", ""))
    run = _run(server, "steps")
    assert [step["name"] for step in run["steps"]] == ["priced", "dear", "cheap"], run
    assert [row["id"] for row in _rows(server, "dear")] == [2, 4]
    assert _rows(server, "cheap") == [{"id": 1, "dear": 2}]


def a_retry_takes_up_the_steps_that_were_done(server):
    number = _deliver(server, (0, "zero", 5), (7, "x", 15))
    run = _run(server, "steps", "failed")  # 100 / 0
    assert "division by zero" in run["error"]["detail"], run
    assert [step["state"] for step in run["steps"]] == ["done", "done"], run
    _deliver(server, (1, "other", 1))  # a retry reads what the first try read
    answer = _post(server, "/control/runs/%d/retry" % run["id"]).expect(202)
    again = server.finished_run(answer.header("Location"))
    assert again["state"] == "failed" and again["retry_of"] == run["id"], again
    assert again["origin"] == "retry" and again["inputs"][0]["number"] == number, again
    assert [step["state"] for step in again["steps"]] == ["reused", "reused"], again
    _post(server, "/control/runs/999999/retry").problem(409, "conflict")
    good = _run(server, "steps")
    _post(server, "/control/runs/%d/retry" % good["id"]).problem(409, "conflict")


def inputs_may_be_pinned_and_outputs_expected(server):
    old = _deliver(server, (1, "old", 1))
    _deliver(server, (2, "new", 1))
    run = _run(server, "whole", inputs={"items": old})
    assert [row["name"] for row in _rows(server, "whole")] == ["old"]
    current = run["outputs"][0]["snapshot"]
    run = _run(server, "whole", "superseded", expect={"whole": current + 5})
    assert "as expected" in run["error"]["detail"], run
    _run(server, "whole", expect={"whole": current})
    for wish, status in (({"inputs": {"nobody": 1}}, 422), ({"inputs": {"items": 99999}}, 409),
                         ({"inputs": {"items": "x"}}, 422), ({"expect": {"nobody": 1}}, 422),
                         ({"expect": 3}, 422), ({"unknown": 1}, 422)):
        answer = _post(server, "/control/pipelines/whole/runs", wish)
        assert answer.status == status, (wish, answer)


def a_run_whose_parameters_are_the_same_is_not_computed_again(server):
    _deliver(server, (1, "a", 5), (2, "b", 15))
    _run(server, "steps", parameters={"limit": 7})
    run = _run(server, "steps", "reused", parameters={"limit": 7})
    assert run["outputs"] == [], run
    _run(server, "steps", parameters={"limit": 8})
    for version, look in (("2.0.0", "run.as_of > '2020-01-01'"), ("2.1.0", "run.id > 0"),
                          ("2.2.0", "row_to_json(run) IS NOT NULL"),
                          ("2.3.0", "EXISTS (SELECT FROM run AS r JOIN items ON true"
                                    " WHERE r.as_of IS NOT NULL)"),
                          ("2.4.0", "EXISTS (SELECT FROM (SELECT * FROM run) AS r(a, b)"
                                    " WHERE a > 0)")):
        document = dict(_pipeline("whole", "SELECT items.id, name, price FROM items, run WHERE "
                                  + look), version="8" + version, parameters={"x": {"type": "string"}})
        answer = server.put("/control/pipelines/whole", document)
        if version == "2.2.0" and answer.status == 422:
            continue  # the gate takes no whole rows of it
        answer.expect(201)
        _run(server, "whole")
        _run(server, "whole")  # time has gone on
    document["steps"][0]["sql"] = "SELECT items.id, name, price FROM items, run WHERE run.x IS NULL"
    document["version"] = "82.9.0"
    server.put("/control/pipelines/whole", document).expect(201)
    _run(server, "whole")
    _run(server, "whole", "reused")
    server.put("/control/pipelines/whole", dict(_pipeline("whole", ALL), version="83.0.0")).expect(201)


def a_plan_tells_what_a_run_would_do_and_runs_nothing(server):
    number = _deliver(server, (1, "a", 5), (2, "b", "15.13"))
    before = server.get("/control/runs?top=1").json
    plan = _post(server, "/control/pipelines/steps/plan", {}).expect(200).json
    assert plan["inputs"] == [{"name": "items", "dataset": "input.items", "number": number}], plan
    told = [(step["name"], step["output"], step["table"], step["reads"]) for step in plan["steps"]]
    assert told == [("priced", None, True, ["items"]), ("dear", "dear", True, ["priced", "run"]),
                    ("cheap", "cheap", True, ["priced", "dear"])], plan
    assert plan["steps"][0]["columns"] == [{"name": "id", "type": "bigint"},
                                           {"name": "price", "type": "numeric(12,2)"}], plan
    assert plan["steps"][2]["changes"]["breaking"] is False, plan
    lineage = plan["steps"][1]["lineage"]
    assert lineage["columns"][0]["name"] == "id", lineage
    assert {source["column"] for source in lineage["columns"][0]["sources"]} == {"id"}, lineage
    assert {source["column"] for source in lineage["dataset"]} == {"price"}, lineage
    assert plan["steps"][2]["estimated_cost"] > 0 and "sample" not in plan, plan
    plan = _post(server, "/control/pipelines/steps/plan?sample=1000", {}).expect(200).json
    assert plan["sample"] == {"dear": [{"id": 2}], "cheap": [{"id": 1, "dear": 1}]}, plan
    rules = {rule["rule"]: rule for rule in plan["steps"][1]["rules"]}
    assert rules["id.required"]["outcome"] == "pass" and rules["id.required"]["rows"] == 1, rules
    assert rules["primaryKey"]["outcome"] == "not-evaluated", rules
    assert "rules" not in plan["steps"][0], plan
    exact = _post(server, "/control/pipelines/steps/plan?sample=9", {"parameters": {"limit": 15.13}})
    assert exact.json["sample"]["dear"] == [{"id": 2}], exact
    plan = _post(server, "/control/pipelines/steps/plan?sample=1",
                 {"parameters": {"limit": 1}}).expect(200).json
    assert plan["sample"]["cheap"] == [], plan
    assert server.get("/control/runs?top=1").json == before
    _post(server, "/control/pipelines/steps/plan?sample=0", {}).problem(400, "bad-query")
    _post(server, "/control/pipelines/steps/plan", {"parameters": {"x": 1}}).problem(
        422, "invalid-document")
    _post(server, "/control/pipelines/nobody/plan", {}).problem(404, "not-found")


def a_run_that_would_cost_too_much_is_not_begun(server):
    document = dict(_pipeline("whole", ALL), version="4.0.0", limits={"cost": 1})
    server.put("/control/pipelines/whole", document).expect(201)
    run = _run(server, "whole", "failed")
    assert "cost" in run["error"]["detail"], run
    plan = _post(server, "/control/pipelines/whole/plan", {}).expect(200).json
    assert plan["steps"][0]["over_cost_limit"] is True, plan
    server.put("/control/pipelines/whole", dict(_pipeline("whole", ALL), version="4.1.0")).expect(201)


def a_run_over_its_temporary_space_fails_and_says_so(server):
    sorts = ("SELECT g AS id, 'x' || g AS name, NULL::numeric AS price FROM"
             " generate_series(1, 20000000) g ORDER BY md5(g::text), name")
    server.put("/control/pipelines/whole", dict(
        _pipeline("whole", sorts), version="5.0.0", limits={"temp_mb": 1})).expect(201)
    run = _run(server, "whole", "failed")
    assert "temporary files are larger than 1 MB" in run["error"]["detail"], run
    server.put("/control/pipelines/whole", dict(_pipeline("whole", ALL), version="5.1.0")).expect(201)
    _deliver(server, (1, "a", 5))
    _run(server, "whole")


# --- what readers see --------------------------------------------------------------------------

def a_staged_run_is_seen_when_it_is_published_by_hand(server):
    _deliver(server, (1, "seen", 1))
    _run(server, "whole")
    _deliver(server, (1, "staged", 1))
    run = _run(server, "whole", "staged", publish=False)
    assert [row["name"] for row in _rows(server, "whole")] == ["seen"]
    _post(server, "/control/runs/%d/publish" % run["id"]).expect(200)
    assert [row["name"] for row in _rows(server, "whole")] == ["staged"]
    _post(server, "/control/runs/%d/publish" % run["id"]).problem(409, "conflict")
    _deliver(server, (1, "late", 1))
    late = _run(server, "whole", "staged", publish=False)
    _deliver(server, (1, "newer", 1))
    _run(server, "whole")
    _post(server, "/control/runs/%d/publish" % late["id"]).problem(409, "conflict")
    assert [row["name"] for row in _rows(server, "whole")] == ["newer"]


def a_rollback_moves_the_pointer_and_is_remembered(server):
    _deliver(server, (1, "good", 1))
    good = _run(server, "whole")["outputs"][0]["snapshot"]
    _deliver(server, (1, "bad", 1))
    bad = _run(server, "whole")["outputs"][0]["snapshot"]
    path = "/control/datasets/whole/rollback"
    _post(server, path, {"to": good, "expect": good}).problem(409, "conflict")
    answer = _post(server, path, {"to": good}).expect(200).json
    assert answer == {"dataset": "whole", "from": bad, "to": good}, answer
    assert [row["name"] for row in _rows(server, "whole")] == ["good"]
    _post(server, path, {"to": good}).problem(409, "conflict")
    _post(server, path, {"to": 9999}).problem(410, "snapshot-retired")
    for document in ({}, {"to": "x"}, {"to": good, "why": 1}, []):
        assert _post(server, path, document).status in (409, 422), document
    _post(server, "/control/datasets/nobody/rollback", {"to": 1}).problem(404, "dataset-unknown")
    moves = server.get("/control/datasets/whole/publications?top=2").expect(200).json
    assert [(move["kind"], move["to"]) for move in moves] == [("rollback", good), ("publish", bad)]
    assert moves[0]["subject"] == "tester" and moves[0]["from"] == bad, moves
    _deliver(server, (1, "next", 1))
    assert _run(server, "whole")["outputs"][0]["snapshot"] > bad


def two_snapshots_are_compared(server):
    _deliver(server, (1, "same", 1), (2, "changes", 1), (3, "goes", 1))
    a = _run(server, "whole")["outputs"][0]["snapshot"]
    _deliver(server, (1, "same", 1), (2, "changed", 1), (4, "comes", 1), (5, "comes", 1))
    b = _run(server, "whole")["outputs"][0]["snapshot"]
    diff = server.get("/control/datasets/whole/diff?from=%d&to=%d" % (a, b)).expect(200).json
    assert (diff["added"], diff["removed"], diff["changed"]) == (2, 1, 1), diff
    assert diff["from"] == {"snapshot": a, "rows": 3} and diff["compared_by"] == "key", diff
    assert server.get("/control/datasets/whole/diff").json == diff
    server.get("/control/datasets/whole/diff?from=%d&to=9999" % a).problem(410, "snapshot-retired")
    server.get("/control/datasets/whole/diff?from=x").problem(400, "bad-query")


def a_pinned_snapshot_outlives_the_retention(server):
    _deliver(server, (1, "kept", 1))
    kept = _run(server, "whole")["outputs"][0]["snapshot"]
    path = "/control/datasets/whole/pins/%d" % kept
    server.put(path, {"reason": "an audit"}).expect(200)
    server.put(path, {}).problem(422, "invalid-document")
    server.put("/control/datasets/whole/pins/9999", {"reason": "x"}).problem(410, "snapshot-retired")
    for number in range(12):  # ten are kept
        _deliver(server, (1, "n%d" % number, 1))
        _run(server, "whole")
    _post(server, "/control/datasets/whole/rollback", {"to": kept + 1}).problem(
        410, "snapshot-retired")
    _post(server, "/control/datasets/whole/rollback", {"to": kept}).expect(200)
    assert [row["name"] for row in _rows(server, "whole")] == ["kept"]
    assert server.request("DELETE", path).expect(204)
    server.request("DELETE", path).problem(404, "not-found")


# --- tests of pipelines --------------------------------------------------------------------------

def tests_of_a_pipeline_run_before_it_is_stored(server):
    document = _pipeline("whole", "SELECT items.id, name, price * 2 AS price FROM items, run"
                                  " WHERE run.as_of > '2020-01-01'")
    document["version"] = "2.0.0"
    given = {"items": [{"id": 1, "name": "a", "price": 1.5}, {"id": 2, "name": "b"}]}
    expect = [{"id": 2, "price": None}, {"id": 1, "price": 3.0}]
    good = {"name": "doubles", "step": "made", "given": given, "expect": expect,
            "as_of": "2026-01-01T00:00:00Z"}
    wrong = dict(good, name="wrong", expect=[{"id": 1, "price": 2}])
    bad_column = dict(good, expect=[{"idd": 1}])
    fails = dict(good, name="fails", given={"items": [{"id": "x"}]})
    for test, words in ((wrong, ["wrong", '"price": 2', "missing", '"price": 3'])
                        , (bad_column, ["idd", "no column"]), (fails, ["fails", "it fails"])):
        document["tests"] = [good, test]
        answer = server.put("/control/pipelines/whole", document)
        assert answer.status == 422, answer
        text = json.dumps(answer.json, ensure_ascii=False).replace('\\"', '"')
        for word in words:
            assert word in text, (word, text)
    document["tests"] = [good, dict(good, given={}, expect=[])]
    server.put("/control/pipelines/whole", document).expect(201)


# --- stopping ------------------------------------------------------------------------------------

def a_cancelled_run_leaves_nothing_and_is_no_hindrance(server):
    slow = _pipeline("whole", "SELECT g AS id, 'x' AS name, NULL::numeric AS price FROM"
                              " generate_series(1, 100000000) g WHERE g % 50000000 = 0")
    slow["version"] = "3.0.0"
    server.put("/control/pipelines/whole", slow).expect(201)
    path = _post(server, "/control/pipelines/whole/runs", {}).expect(202).header("Location")
    path = path[path.index("/control/"):]
    tap.until(lambda: server.get(path).json["state"] == "running")
    _post(server, path + "/cancel").expect(202)
    run = server.finished_run(path)
    assert run["state"] == "cancelled" and run["outputs"] == [], run
    server.put("/control/pipelines/whole", dict(_pipeline("whole", ALL), version="3.1.0")).expect(201)
    _run(server, "whole")


if __name__ == "__main__":
    HOME = entrepot.temporary_folder()
    try:
        entrepot.main(globals(), folder=_write(pathlib.Path(HOME) / "small"))
    finally:
        shutil.rmtree(HOME, ignore_errors=True)
