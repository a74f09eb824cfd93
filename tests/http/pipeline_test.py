"""The control port: pipelines, runs, and SQL that must not have its way."""
import json
import threading

import entrepot
import tap

STOCK = "sku,level\na,4\nb,2\nc,1\n"


def _prepare(server):
    server.deliver("stock", STOCK).expect(201)


def _document(version, sql, output="output.levels", name="levels", **more):
    document = {"name": name, "version": version, "inputs": {"stock": {"dataset": "input.stock"}},
                "steps": [{"name": "levels", "output": output, "sql": sql}]}
    document.update(more)
    return document


GOOD = "SELECT sku, level, 1.0 / level AS share FROM stock"


def _current(server, dataset="levels"):
    """The number of the current snapshot, or None, and its rows."""
    answer = server.get("/output/%s?orderby=sku" % dataset)
    if answer.status == 404:
        return None, None
    return answer.expect(200).header("ETag"), answer.json


# --- documents ---------------------------------------------------------------------------------

def a_pipeline_of_the_folder_is_there(server):
    document = server.get("/control/pipelines/levels").expect(200).json
    assert document["name"] == "levels" and document["version"] == "1.0.0", document
    assert "1.0 / level" in json.dumps(document), document
    names = json.dumps(server.get("/control/pipelines").expect(200).json)
    for name in ("sales", "daily", "levels"):
        assert name in names, names


def a_new_version_is_201_the_same_again_200_and_another_409(server):
    document = _document("2.0.0", GOOD)
    answer = server.put("/control/pipelines/levels", document).expect(201)
    assert answer.json["changed"] is True and answer.header("Location"), answer
    assert server.put("/control/pipelines/levels", document).expect(200).json["changed"] is False
    blanks = json.dumps(document, indent=4)  # the same content, written otherwise
    answer = server.put("/control/pipelines/levels", blanks).expect(200)
    assert answer.json["changed"] is False, answer
    server.put("/control/pipelines/levels", _document("2.0.0", GOOD + " WHERE true")).problem(
        409, "conflict")
    assert server.get("/control/pipelines/levels").json["version"] == "2.0.0"


def YAML_is_understood_too(server):
    text = """
name: yaml
version: 1.0.0
inputs: {stock: {dataset: input.stock}}
steps:
  - name: levels
    output: output.levels
    sql: |
      -- a comment
      SELECT sku, level, 1.0 / level AS share
        FROM stock
"""
    for media_type in ("application/yaml", "application/x-yaml", "text/yaml"):
        answer = server.put("/control/pipelines/yaml", text, media_type)
        assert answer.status in (200, 201, 415), answer
    assert server.get("/control/pipelines/yaml").expect(200).json["name"] == "yaml"


def documents_that_make_no_sense_are_refused(server):
    good = _document("1.0.0", GOOD, name="bad")
    steps = good["steps"]
    cases = [
        ("no JSON", "{", (400, 422)),
        ("a list", "[]", (422,)),
        ("nothing", "", (400, 422)),
        ("another name than in the path", dict(good, name="other"), (422,)),
        ("no steps", dict(good, steps=[]), (422,)),
        ("no version", {k: v for k, v in good.items() if k != "version"}, (422,)),
        ("a version that is none", dict(good, version="one"), (422,)),
        ("an unknown member", dict(good, colour="red"), (422,)),
        ("two steps of one name", dict(good, steps=steps + steps), (422,)),
        ("an unknown input", dict(good, inputs={"stock": {"dataset": "input.stack"}}), (422,)),
        ("an input of another layer", dict(good, inputs={"stock": {"dataset": "meta.run"}}), (422,)),
        ("an unknown output", _document("1.0.0", GOOD, output="output.level", name="bad"), (422,)),
        ("an input for output", _document("1.0.0", GOOD, output="input.stock", name="bad"), (422,)),
        ("a step without SQL", dict(good, steps=[{"name": "a", "output": "output.levels"}]), (422,)),
        ("SQL of a file", dict(good, steps=[{"name": "a", "output": "output.levels",
                                             "sql_file": "/etc/passwd"}]), (422,)),
        ("SQL that is no text", dict(good, steps=[{"name": "a", "output": "output.levels",
                                                   "sql": 7}]), (422,)),
        ("nested 100,000 deep", '{"name":' * 100000 + "1" + "}" * 100000, (400, 422)),
        ("a member twice", '{"name":"bad","name":"bad"}', (400, 422)),
    ]
    for name, document, statuses in cases:
        yield name, _no_document, server, document, statuses


def _no_document(server, document, statuses):
    answer = server.put("/control/pipelines/bad", document)
    assert answer.status in statuses, answer
    answer.problem(answer.status)
    server.get("/control/pipelines/bad").problem(404)


def media_types_and_names_are_checked(server):
    server.put("/control/pipelines/levels", "name: x", "text/csv").problem(415, "media-type")
    for name in ("x" * 300, "a%20b", "%00", "a%2fb", "Select;"):
        answer = server.put("/control/pipelines/" + name, _document("1.0.0", GOOD, name="bad"))
        assert answer.status in (400, 404, 422), answer
        answer.problem(answer.status)


# --- SQL ---------------------------------------------------------------------------------------

def SQL_that_is_not_one_SELECT_over_declared_names_is_refused(server):
    cases = [
        ("two statements", GOOD + "; SELECT 1"),
        ("two statements, the second hidden", GOOD + ";--\nDELETE FROM stock"),
        ("an INSERT", "INSERT INTO stock VALUES ('x', 1) RETURNING sku, level, 1.0"),
        ("a DELETE in a CTE", "WITH d AS (DELETE FROM stock RETURNING *) SELECT sku, level, 1.0 AS "
                              "share FROM d"),
        ("DDL", "CREATE TABLE x (a int)"),
        ("SELECT INTO", "SELECT sku, level, 1.0 AS share INTO x FROM stock"),
        ("COPY", "COPY stock TO '/tmp/x'"),
        ("SET ROLE", "SET ROLE postgres"),
        ("RESET ROLE", "RESET ROLE"),
        ("DO", "DO $$ BEGIN END $$"),
        ("EXPLAIN", "EXPLAIN " + GOOD),
        ("BEGIN", "BEGIN"),
        ("nothing", ""),
        ("a comment alone", "-- " + GOOD),
        ("an undeclared table", "SELECT sku, level, 1.0 AS share FROM warehouse"),
        ("a dataset that was not declared", "SELECT customer AS sku, qty AS level, 1.0 AS share FROM "
                                            "orders"),
        ("a table with its schema", "SELECT sku, level, 1.0 AS share FROM input.stock"),
        ("the catalogue of the server", "SELECT name AS sku, 1 AS level, 1.0 AS share FROM meta.datum"),
        ("the catalogue of Postgres", "SELECT rolname AS sku, 1 AS level, 1.0 AS share FROM "
                                      "pg_catalog.pg_roles"),
        ("FOR UPDATE", GOOD + " FOR UPDATE"),
        ("a parameter", "SELECT sku, level, $1::float8 AS share FROM stock"),
        ("a syntax error", "SELEKT sku FROM stock"),
        ("a bracket too many", "SELECT sku, level, 1.0 AS share FROM stock) q, (SELECT 1"),
        ("a bracket and a statement", "SELECT sku, level, 1.0 AS share FROM stock) q; DROP TABLE x; --"),
        ("a very long sum", "SELECT sku, level, " + "1+" * 9000 + "1 AS share FROM stock"),
        ("subselects in subselects", "SELECT sku, level, " + "(SELECT " * 2000 + "1" + ")" * 2000 +
         " AS share FROM stock"),
        ("a megabyte of SQL", GOOD + " -- " + "x" * 900000),
        ("a NUL", GOOD + "\0"),
    ]
    for name, sql in cases:
        yield name, _refused_sql, server, sql


def _refused_sql(server, sql):
    answer = server.put("/control/pipelines/hostile", _document("1.0.0", sql, name="hostile"))
    assert answer.status in (400, 413, 422), answer
    answer.problem(answer.status)
    server.get("/control/pipelines/hostile").problem(404)
    assert server.get("/observability/health/live", token=None).status == 200


def brackets_of_great_depth_are_refused_or_run_but_do_no_harm(server):
    sql = "SELECT sku, level, %s1%s AS share FROM stock" % ("(" * 5000, ")" * 5000)
    answer = server.put("/control/pipelines/brackets", _document("1.0.0", sql, name="brackets"))
    assert answer.status in (201, 422), answer
    if answer.status == 201:
        assert server.run_pipeline("brackets")["state"] in ("published", "failed")
    assert server.get("/observability/health/live", token=None).status == 200


def a_refusal_says_where_in_the_SQL(server):
    answer = server.put("/control/pipelines/hostile", _document(
        "1.0.0", "SELECT sku,\n       level,\n       1.0 AS share\n  FROM warehouse", name="hostile"))
    problem = answer.problem(422, "sql-refused")
    assert "warehouse" in json.dumps(problem), problem
    assert "4" in json.dumps(problem.get("faults", problem)), problem


def what_SQL_may_use_is_told_with_its_reason(server):
    everything = server.get("/control/functions").expect(200).json
    assert len(everything) > 400 and all(row["reason"] for row in everything), len(everything)
    rows = server.get("/control/functions?list=functions&name=pad").expect(200).json
    assert [row["name"] for row in rows] == ["lpad", "rpad"], rows
    assert rows[0]["arguments"] == ["text, integer", "text, integer, text"], rows
    assert rows[0]["bound"] == {"argument": 2, "most": 10000}, rows
    names = {row["name"] for row in everything if row["list"] == "functions"}
    assert "sum" in names and "pg_sleep" not in names and "now" not in names
    advice = server.get("/control/functions?list=advice&name=now").expect(200).json
    assert {"list": "advice", "name": "now", "reason": "use run.as_of", "arguments": [],
            "bound": None} in advice, advice
    server.get("/control/functions?list=nothing").problem(400, "bad-query")
    answer = server.put("/control/pipelines/hostile", _document(
        "1.0.0", "SELECT sku, level,\n  date_part('year', now()) AS share FROM stock", name="hostile"))
    problem = answer.problem(422, "sql-refused")
    assert (problem["layer"], problem["rule"]) == ("parser", "function"), problem
    assert (problem["line"], problem["column"]) == (2, 21), problem
    assert problem["detail"].endswith("now is not allowed: use run.as_of"), problem


# --- runs --------------------------------------------------------------------------------------

def a_run_publishes_what_the_SQL_says(server):
    server.put("/control/pipelines/levels", _document("3.0.0", GOOD)).expect(201)
    answer = server.post("/control/pipelines/levels/runs", "{}", "application/json").expect(202)
    location = answer.header("Location")
    assert "/control/runs/" in location, location
    run = server.finished_run(location)
    assert run["state"] == "published" and run["pipeline"] == "levels", run
    assert str(run["id"]) == location.rpartition("/")[2], run
    rows = server.get("/output/levels?orderby=sku").expect(200).json
    assert rows == [{"sku": "a", "level": 4, "share": 0.25}, {"sku": "b", "level": 2, "share": 0.5},
                    {"sku": "c", "level": 1, "share": 1}], rows
    snapshots = server.get("/output/levels/snapshots").expect(200).json
    assert snapshots, snapshots


def a_run_without_a_body_is_a_run(server):
    answer = server.post("/control/pipelines/levels/runs").expect(202)
    assert server.finished_run(answer.header("Location"))["state"] in ("published", "reused")


def the_same_inputs_and_SQL_are_not_computed_again(server):
    server.run_pipeline("levels")
    before, _ = _current(server)
    run = server.run_pipeline("levels")
    assert run["state"] == "reused", run
    assert _current(server)[0] == before


def steps_that_make_private_results_are_bound(server):
    server.deliver("orders", "id,customer,amount,sold_at,paid,qty,due,note\n"
                   "1,A,10.00,2026-01-01T10:00:00Z,true,1,2026-01-01,\n"
                   "2,B,5.50,2026-01-01T11:00:00Z,true,1,2026-01-01,\n"
                   "3,C,7.00,2026-01-02T10:00:00Z,false,1,2026-01-01,\n"
                   "4,D,1.00,2026-01-03T10:00:00Z,true,1,2026-01-01,\n").expect(201)
    run = server.run_pipeline("daily")
    assert run["state"] == "published", run
    rows = server.get("/output/daily?orderby=day").expect(200).json
    assert rows == [{"day": "2026-01-01", "orders": 2, "total": 15.5},
                    {"day": "2026-01-03", "orders": 1, "total": 1}], rows
    server.get("/output/paid_orders").problem(404, "dataset-unknown")


def a_failed_run_leaves_the_last_snapshot_current(server):
    """Each of these passes the gate and fails when it runs; nothing of it is ever seen."""
    cases = [
        ("a division by zero in the last row",
         "SELECT sku, level, 1.0 / (level - 1) AS share FROM stock ORDER BY level DESC", None),
        ("a key twice", "SELECT 'same' AS sku, level, 1.0 AS share FROM stock", "sku"),
        ("null where it is required", "SELECT sku, NULL::int AS level, 1.0 AS share FROM stock",
         "level"),
        ("a missing column", "SELECT sku, level FROM stock", "share"),
        ("a column too many", "SELECT sku, level, 1.0 AS share, 7 AS more FROM stock", "more"),
        ("a type that does not fit", "SELECT sku, sku AS level, 1.0 AS share FROM stock", "level"),
        ("a number past its type", "SELECT sku, level::bigint * 9999999999 AS level, 1.0 AS share "
                                   "FROM stock", "level"),
        ("a column that is not there", "SELECT sku, level, height AS share FROM stock", "height"),
    ]
    for number, (name, sql, part) in enumerate(cases):
        yield name, _fails, server, "4.%d." % number, sql, part


def _fails(server, version, sql, part):
    server.put("/control/pipelines/levels", _document(version + "0", GOOD + " -- " + version)).expect(
        201)
    good = server.run_pipeline("levels")
    assert good["state"] in ("published", "reused"), good
    before = _current(server)
    answer = server.put("/control/pipelines/levels", _document(version + "1", sql))
    if answer.status == 422:  # seen before it ran: as good, and the version is not stored
        said = json.dumps(answer.problem(422))
    else:
        answer.expect(201)
        run = server.run_pipeline("levels")
        assert run["state"] == "failed", run
        said = json.dumps(run["error"])
    if part:
        assert part in said, said
    assert _current(server) == before
    server.put("/control/pipelines/levels", _document(version + "2", GOOD)).expect(201)


def a_run_over_its_limits_fails(server):
    many = ("SELECT a.sku || g AS sku, a.level, 1.0 AS share "
            "FROM stock a, generate_series(1, 1000000) g")
    endless = many.replace("1000000", "2000000000")
    cases = (("rows", {"rows": 10}, many), ("bytes", {"bytes": 4096}, many),
             ("time", {"timeout_s": 1}, endless))
    for number, (name, limits, sql) in enumerate(cases):
        yield name, _over, server, "5.%d.0" % number, limits, sql


def _over(server, version, limits, sql):
    before = _current(server)
    answer = server.put("/control/pipelines/levels", _document(version, sql, limits=limits))
    if answer.status == 422:
        tap.skip("generate_series is not on the list of functions")
    answer.expect(201)
    run = server.run_pipeline("levels")
    assert run["state"] == "failed", run
    assert _current(server) == before


def waiting_for_a_run_ends_when_the_run_does(server):
    server.put("/control/pipelines/levels", _document("6.0.0", GOOD + " WHERE true")).expect(201)
    location = server.post("/control/pipelines/levels/runs").expect(202).header("Location")
    path = location[location.index("/control"):]
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(server.get(path + "?wait=60")))
               for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    assert len(answers) == 5 and all(answer.json["state"] in ("published", "reused")
                                     for answer in answers), answers


def a_wait_that_is_no_number_is_400(server):
    run = server.run_pipeline("levels")
    for wait in ("x", "-1", "1e9", "99999999999999999999", "0x1"):
        yield wait, lambda server, path: server.get(path).problem(400), server, \
            "/control/runs/%s?wait=%s" % (run["id"], wait)


def unknown_things_are_404(server):
    server.get("/control/runs/999999").problem(404)
    server.get("/control/runs/x").problem(404)
    server.get("/control/runs/99999999999999999999").problem(404)
    server.get("/control/pipelines/nothing").problem(404)
    server.post("/control/pipelines/nothing/runs").problem(404)


def wishes_for_a_run_that_make_no_sense_are_refused(server):
    for body in ("[]", "{", '{"colour":1}', '{"parameters":[]}', '{"parameters":{"nothing":1}}'):
        yield body, _no_run, server, body


def _no_run(server, body):
    answer = server.post("/control/pipelines/levels/runs", body, "application/json")
    assert answer.status in (400, 422), answer
    answer.problem(answer.status)


def the_same_key_asks_for_one_run(server):
    answers = [server.post("/control/pipelines/levels/runs", "{}", "application/json",
                           headers={"Idempotency-Key": "run-once"}) for _ in range(2)]
    assert answers[0].status == 202 and answers[1].status in (200, 202), answers
    assert answers[0].header("Location") == answers[1].header("Location")


def runs_asked_for_at_once_end_one_by_one(server):
    before = len(server.get("/output/levels/snapshots").json)
    for number in range(4):
        server.deliver("stock", "sku,level\nr,%d\n" % (number + 1)).expect(201)
    locations = [server.post("/control/pipelines/levels/runs").expect(202).header("Location")
                 for _ in range(6)]
    states = [server.finished_run(location)["state"] for location in locations]
    assert all(state in ("published", "reused", "superseded") for state in states), states
    assert len(server.get("/output/levels/snapshots").json) > before or before >= 10


def an_empty_input_makes_an_empty_output(server):
    server.put("/control/pipelines/levels", _document("8.0.0", GOOD + " WHERE false")).expect(201)
    assert server.run_pipeline("levels")["state"] == "published"
    assert server.get("/output/levels").expect(200).json == []


if __name__ == "__main__":
    entrepot.main(globals(), prepare=_prepare)
