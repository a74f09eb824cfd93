"""Runs as OpenLineage events, judged by the published schemas: each event, and each facet by its own.

The root schema takes an event without a run for one of another kind, and does not look into facets;
so events are held against RunEvent alone, facets against the file they name. The schemas are not
ours to ship: ENTREPOT_SCHEMAS names the folder that has them, otherwise they are looked for in
../shared/schemas beside the project.
"""
import json
import os
import pathlib
import sys
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "http"))
import entrepot  # noqa: E402
import tap  # noqa: E402
from cluster import Cluster, programs  # noqa: E402
from entrepot import Server  # noqa: E402

try:
    import jsonschema
except ImportError:
    print("1..0 # SKIP python3-jsonschema is not there")
    sys.exit(0)

SCHEMAS = pathlib.Path(os.environ.get("ENTREPOT_SCHEMAS", entrepot.ROOT.parent / "shared/schemas"))
SPEC = SCHEMAS / "OpenLineage-2-0-2.json"
if not SPEC.exists():
    print("1..0 # SKIP the schemas of OpenLineage are not in %s" % SCHEMAS)
    sys.exit(0)
if not programs():
    print("1..0 # SKIP no Postgres to be run by the test")
    sys.exit(0)

STORE = {}
for path in [SPEC, *sorted((SCHEMAS / "openlineage-facets").glob("*.json"))]:
    schema = json.loads(path.read_text())
    STORE[schema["$id"]] = schema
ROOT_ID = json.loads(SPEC.read_text())["$id"]
CHECKER = jsonschema.Draft202012Validator.FORMAT_CHECKER
LINEAGE = "/observability/lineage"

# What the run engine stores when it reads the SQL of the pipeline `sales`; where it did not, this
# stands for it, so that the projection is judged whatever the engine does.
SALES = {"doubt": None, "columns": [
    {"name": "id", "sources": [{"input": 0, "column": "id", "kind": "IDENTITY"}]},
    {"name": "customer", "sources": [
        {"input": 0, "column": "customer", "kind": "TRANSFORMATION", "masked": True},
        {"input": 0, "column": "customer", "kind": "CONDITIONAL"},
        {"input": 0, "column": "paid", "kind": "CONDITIONAL"}]}],
    "dataset": [{"input": 0, "column": "amount", "kind": "FILTER"}]}


def _judge(value, url):
    """Is it valid by the definition that the URL names?"""
    base, _, pointer = url.partition("#")
    assert base in STORE, "no schema has the id %s" % base
    schema = STORE[base]
    for part in filter(None, pointer.split("/")):
        schema = schema[part]
    resolver = jsonschema.RefResolver(base, STORE[base], STORE)
    validator = jsonschema.Draft202012Validator(schema, resolver=resolver, format_checker=CHECKER)
    errors = ["%s: %s" % (error.json_path, error.message) for error in validator.iter_errors(value)]
    assert not errors, "\n".join(errors)


def _facets(event):
    for owner in [event["run"], event["job"], *event["inputs"], *event["outputs"]]:
        for key in ("facets", "inputFacets", "outputFacets"):
            for name, facet in owner.get(key, {}).items():
                yield name, facet


def _base(server):
    return "http://%s:%d" % (server.host, server.port)


def _prepare(server, cluster):
    """Runs of every ending; quality results and a run after another, as their engines store them."""
    orders = [{"id": 1, "customer": "Ada", "amount": 12.5, "sold_at": "2026-01-31T12:30:00Z",
               "paid": True, "qty": 2, "due": "2026-02-28", "note": None}]
    server.deliver("orders", json.dumps(orders), "application/json").expect(201)
    server.deliver("stock", "sku,level\na,1\n").expect(201)
    for pipeline in ("sales", "daily", "levels", "sales"):
        run = server.run_pipeline(pipeline)
        assert run["state"] in ("published", "reused"), run
    server.deliver("stock", "sku,level\na,0\n").expect(201)
    assert server.run_pipeline("levels")["state"] == "failed"
    server.deliver("stock", "sku,level\na,5\n").expect(201)
    assert server.run_pipeline("levels", {"publish": False})["state"] == "staged"
    sql = """
        INSERT INTO meta.lineage (sha256, document) SELECT 'test', '%s';
        WITH bare AS (UPDATE meta.snapshot SET lineage_id = (SELECT id FROM meta.lineage
                                                              WHERE sha256 = 'test')
                       WHERE lineage_id IS NULL RETURNING id, flow_id)
        INSERT INTO meta.snapshot_input (snapshot_id, ordinal, datum_id, number)
        SELECT bare.id, 0, source.datum_id, source.number FROM bare JOIN meta.source USING (flow_id);
        INSERT INTO meta.quality_result (run_id, datum_id, rule, outcome, value, message)
        SELECT run.id, datum.id, rule, outcome, value, message
          FROM meta.run, meta.datum, (VALUES
               ('rows', 'pass', 1.0, NULL), ('late', 'warn', 0.25, 'a quarter is late'),
               ('sum', 'fail', 3, 'the sum is wrong'), ('odd', 'not-evaluated', NULL, NULL))
               AS result (rule, outcome, value, message)
         WHERE datum.layer = 'output' AND datum.name = 'daily'
           AND run.workflow_id = (SELECT id FROM meta.workflow WHERE name = 'daily');
        INSERT INTO meta.run (workflow_id, state, parameters, requested_by, finished_at, origin,
                              origin_detail)
        SELECT workflow_id, 'cancelled', '{}', 'test', now(), 'pipeline',
               json_build_object('run', (SELECT min(id) FROM meta.run))
          FROM meta.run WHERE state = 'failed';""" % json.dumps(SALES)
    cluster.psql(sql, "events")


def _events(server, path=LINEAGE + "?top=1000"):
    return server.get(path).expect(200).json


def the_judge_refuses_what_is_wrong(server):
    """A judge that accepts everything is none."""
    def refused(change, url=ROOT_ID + "#/$defs/RunEvent"):
        event = _events(server)[0]
        change(event)
        try:
            _judge(event, url)
        except AssertionError:
            return
        raise AssertionError("it accepts what is wrong")
    yield "an event without a run", refused, lambda event: event.pop("run")
    yield "a run that is no UUID", refused, lambda event: event["run"].update(runId="7")
    yield "an event as a facet", refused, lambda event: None, \
        _events(server)[0]["job"]["facets"]["sql"]["_schemaURL"]


def every_event_is_valid(server):
    for event in _events(server):
        yield "%s of %s" % (event["eventType"], event["job"]["name"]), _judge, event, \
            event["schemaURL"]


def every_facet_is_valid_by_its_own_schema(server):
    seen = {}
    for event in _events(server):
        for name, facet in _facets(event):
            _judge(facet, facet["_schemaURL"])
            base = facet["_schemaURL"].partition("#")[0]
            assert name in STORE[base]["properties"], (name, base)
            seen[name] = True
    assert set(seen) >= {"sql", "jobType", "schema", "dataSource", "version", "columnLineage",
                         "dataQualityAssertions", "outputStatistics", "nominalTime", "parent",
                         "errorMessage"}, sorted(seen)


def every_run_begins_and_ends_once(server):
    runs = {}
    for event in reversed(_events(server)):
        runs.setdefault(event["run"]["runId"], []).append(event["eventType"])
    assert len(runs) == 7, runs
    ends = []
    for types in runs.values():
        assert len(types) == 2 and types[0] == "START", types
        ends.append(types[1])
    assert sorted(ends) == ["ABORT"] + ["COMPLETE"] * 5 + ["FAIL"], ends


def _find(server, kind, job):
    return [event for event in _events(server)
            if event["eventType"] == kind and event["job"]["name"] == job]


def a_failure_says_why(server):
    event, = _find(server, "FAIL", "levels")
    message = event["run"]["facets"]["errorMessage"]
    assert message["programmingLanguage"] == "SQL" and "step levels" in message["message"], message
    assert all("errorMessage" not in event["run"]["facets"]
               for event in _events(server) if event["eventType"] != "FAIL")


def a_run_after_another_names_it(server):
    event, = _find(server, "ABORT", "levels")
    parent = event["run"]["facets"]["parent"]
    first = _events(server)[-1]
    assert parent["run"]["runId"] == first["run"]["runId"], parent
    assert parent["job"]["name"] == first["job"]["name"] == "sales", parent


def the_steps_are_one_script(server):
    event = _find(server, "COMPLETE", "daily")[0]
    query = event["job"]["facets"]["sql"]["query"]
    assert query.startswith("-- paid_orders\nSELECT sold_at"), query
    assert "\n-- daily\n" in query and query.endswith(";\n"), query


def names_are_urls(server):
    event = _find(server, "COMPLETE", "sales")[-1]
    sources = [(entry["namespace"], entry["name"]) for entry in event["inputs"]]
    assert sources == [(_base(server), "input/orders")], sources
    made = event["outputs"][0]
    path = urllib.parse.urlsplit(made["namespace"] + "/" + made["name"]).path
    assert server.get(path).expect(200).json[0]["customer"] == "Ada"


def the_last_event_says_what_was_read_and_made(server):
    event = _find(server, "COMPLETE", "sales")[-1]
    assert event["inputs"][0]["facets"]["version"]["datasetVersion"] == "1"
    assert event["inputs"][0]["facets"]["schema"]["fields"][0]["name"] == "id"
    made = event["outputs"][0]
    assert made["facets"]["version"]["datasetVersion"] == "1"
    statistics = made["outputFacets"]["outputStatistics"]
    assert statistics["rowCount"] == 1 and statistics["size"] > 0, statistics
    begun = [event for event in _find(server, "START", "sales")][-1]
    assert begun["outputs"][0]["name"] == "output/sales" and not begun["outputs"][0].get(
        "outputFacets"), begun


def columns_come_from_columns(server):
    facet = _find(server, "COMPLETE", "sales")[-1]["outputs"][0]["facets"]["columnLineage"]
    source, = facet["fields"]["id"]["inputFields"]
    assert source == {"namespace": _base(server), "name": "input/orders", "field": "id",
                      "transformations": [
                          {"type": "DIRECT", "subtype": "IDENTITY", "masking": False}]}, source


def one_source_in_several_ways_is_one_field(server):
    snapshots = [event["outputs"][0]["facets"]["columnLineage"]
                 for event in _find(server, "COMPLETE", "levels")]
    facet = next((facet for facet in snapshots if "customer" in facet["fields"]), None)
    if not facet:
        tap.skip("the engine stored the lineage itself")
    fields = facet["fields"]["customer"]["inputFields"]
    assert [(field["field"], [way["subtype"] for way in field["transformations"]])
            for field in fields] == [("customer", ["TRANSFORMATION", "CONDITIONAL"]),
                                     ("paid", ["CONDITIONAL"])], fields
    assert fields[0]["transformations"][0]["masking"] is True, fields
    assert facet["dataset"][0]["transformations"][0]["subtype"] == "FILTER", facet


def rules_are_assertions(server):
    event = _find(server, "COMPLETE", "daily")[0]
    facet = event["outputs"][0]["facets"]["dataQualityAssertions"]
    found = {entry["assertion"]: entry for entry in facet["assertions"]}
    assert found["rows"]["success"] and found["rows"]["actual"] == "1", found
    assert not found["late"]["success"] and found["late"]["severity"] == "warn", found
    assert found["sum"]["severity"] == "error", found
    assert found["sum"]["description"] == "the sum is wrong", found
    assert "odd" not in found, "what was not evaluated is no assertion"


def events_are_paged_newest_first(server):
    every = _events(server)
    times = [event["eventTime"] for event in every]
    assert len(every) == 14
    pages, path = [], LINEAGE + "?top=3"
    while path:
        answer = server.get(path).expect(200)
        pages.extend(answer.json)
        path = answer.link("next")
        path = path and path[len(_base(server)):]
        assert len(pages) <= 20
    assert pages == every, "the pages together are the list"
    assert len(set(times)) > 5


def what_is_new_is_asked_for_by_place(server):
    every = _events(server)
    newest = server.get(LINEAGE + "?top=1").expect(200)
    assert newest.json == every[:1]
    path = newest.link("prev")[len(_base(server)):]
    assert server.get(path).expect(200).json == [], "nothing is newer than the newest"
    tenth = server.get(LINEAGE + "?top=10").expect(200)
    oldest = tenth.link("next")[len(_base(server)):].replace("before=", "after=")
    assert _events(server, oldest.replace("top=10", "top=4")) == every[5:9]
    assert _events(server, LINEAGE + "?after=2000-01-01T00:00:00Z&top=2") == every[-2:]
    assert _events(server, LINEAGE + "?before=2000-01-01T00:00:00Z") == []


def events_come_as_lines_too(server):
    answer = server.get(LINEAGE, headers={"Accept": "application/x-ndjson"}).expect(200)
    assert answer.media_type == "application/x-ndjson", answer.headers
    assert [json.loads(line) for line in answer.text.splitlines()] == _events(server)
    nothing = server.get(LINEAGE + "?before=2000-01-01T00:00:00Z",
                         headers={"Accept": "application/x-ndjson"}).expect(200)
    assert nothing.body == b""


def what_is_not_understood_is_refused(server):
    for query in ("before=yesterday", "after=1.2", "after=1.2.3", "before=1.2.0.4", "before=",
                  "before=-1.1.1", "before=999999999999999999.1.1", "before=1.1.1&after=1.1.1",
                  "top=0", "top=1001", "state=failed"):
        yield query, lambda text: server.get(LINEAGE + "?" + text).problem(400), query
    yield "another format", lambda: server.get(
        LINEAGE, headers={"Accept": "text/csv"}).problem(406)
    yield "another scope", lambda: server.get(
        LINEAGE, token=server.token("output:read")).problem(403)


def main():
    cluster = Cluster()
    try:
        cluster.psql("CREATE DATABASE events")
        with Server(entrepot.PRODUCT, "--database", cluster.url("events")) as server:
            _prepare(server, cluster)
            failed = tap.run(globals(), server)
            server.stop_cleanly()
    finally:
        cluster.remove()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
