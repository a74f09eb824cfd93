"""Quality rules from outside: what blocks a publish, what only warns, and who sees which rows."""
import shutil
import subprocess

import entrepot
import tap

LEVELS = """
apiVersion: v3.1.0
kind: DataContract
id: shop.levels
version: 1.0.0
status: active
slaProperties:
  - {property: latency, value: 2, unit: h}
customProperties:
  - {property: entrepot.volume, value: {snapshots: 5, mustBeGreaterThan: 10, severity: warning}}
schema:
  - name: levels
    quality:
      - {id: some, metric: rowCount, mustBeGreaterThan: 0}
      - {id: few-empty, type: sql, mustBeLessThan: 50, severity: warning, unit: percent,
         query: 'SELECT 100.0 * count(*) FILTER (WHERE level = 1) / count(*) FROM ${object}'}
      - {id: soda, type: custom, engine: soda, implementation: 'checks for levels'}
      - {id: hint, type: text, description: Counted on Mondays.}
    properties:
      - name: sku
        logicalType: string
        primaryKey: true
        relationships: [{to: stock.sku}]
        quality:
          - {id: short, metric: invalidValues, mustBeLessOrEqualTo: 10, unit: percent,
             arguments: {pattern: '^[a-z]$'}, dimension: conformity, businessImpact: Labels break.}
      - name: level
        logicalType: integer
        physicalType: integer
        required: true
        logicalTypeOptions: {maximum: 100}
      - {name: share, logicalType: number, physicalType: double precision}
"""

RULES = """
default: permit
rules:
  - name: testers-see-all
    effect: permit
    principals: {subjects: [tester]}
    datasets: ['*']
    actions: [read, write]
  - name: the-north-sees-no-sku
    effect: permit
    principals: {subjects: [north]}
    datasets: [output.levels]
    actions: [read]
    columns: {deny: [sku]}
  - name: the-south-sees-some-rows
    effect: permit
    principals: {subjects: [south]}
    datasets: [output.levels]
    actions: [read]
    rows: level gt 3
"""


def _results(server, **options):
    query = "&".join("%s=%s" % pair for pair in {"dataset": "levels", **options}.items())
    answer = server.get("/observability/quality?" + query).expect(200).json
    return {result["rule"]: result for result in answer}


def _run(server, rows):
    server.deliver("stock", "sku,level\n" + rows).expect(201)
    return server.run_pipeline("levels")


def good_rows_are_published_with_what_the_rules_found(server):
    assert server.get("/observability/quality").expect(200).json == []
    run = _run(server, "a,4\nb,2\nc,1\n")
    assert run["state"] == "published", run
    results = _results(server)
    outcomes = {rule: result["outcome"] for rule, result in results.items()}
    assert outcomes == {
        "primaryKey": "pass", "sku.required": "pass", "level.required": "pass",
        "level.range": "pass", "sku -> stock.sku": "pass", "short": "pass", "some": "pass",
        "few-empty": "pass", "soda": "not-evaluated", "hint": "not-evaluated",
        "volume": "not-evaluated", "age": "pass"}, outcomes
    some = results["some"]
    assert some["value"] == 3 and some["threshold"] == 0 and some["run"] == run["id"], some
    assert some["snapshot"] == 1 and some["total_rows"] == 3 and some["rows"] is None, some
    assert results["few-empty"]["value"] == 100 / 3, results["few-empty"]
    assert results["short"]["business_impact"] == "Labels break.", results["short"]


def a_failed_rule_keeps_the_last_good_snapshot(server):
    run = _run(server, "a,400\nbb,2\n")
    assert run["state"] == "failed", run
    assert "level.range" in str(run["error"]) and "short" in str(run["error"]), run
    assert run["error"]["type"].endswith("contract"), run
    assert [fault["path"] for fault in run["error"]["faults"]] == ["short", "level.range"], run
    levels = {row["sku"]: row["level"] for row in server.get("/output/levels").expect(200).json}
    assert levels == {"a": 4, "b": 2, "c": 1}, levels
    results = _results(server)  # of the run that failed: it is the last
    assert results["level.range"]["outcome"] == "fail" and results["level.range"]["blocks"]
    assert results["level.range"]["failing_rows"] == 1 and results["level.range"]["snapshot"] is None
    assert results["short"]["value"] == 25.0, results["short"]  # a, b, c and bb
    assert _results(server, snapshot=1)["level.range"]["outcome"] == "pass"
    assert set(_results(server, outcome="fail")) == {"level.range", "short"}
    assert _results(server, run=run["id"], outcome="error") == {}


def rows_that_failed_are_shown_to_whom_may_see_them(server):
    path = _results(server)["level.range"]["rows"]
    path = path[path.index("/observability"):]
    everything = server.get(path).expect(200).json
    assert everything["rows"] == [{"sku": "a", "level": 400}], everything
    assert everything["failing_rows"] == 1 and not everything["withheld"], everything
    north = server.get(path, token=server.token("observability:read", "north")).expect(200).json
    assert north["rows"] == [{"level": 400}], north
    south = server.get(path, token=server.token("observability:read", "south")).expect(200).json
    assert south["rows"] == [] and south["withheld"], south
    nobody = server.token("observability:read", "west")
    server.get(path, token=nobody).problem(403)
    assert server.get("/observability/quality", token=nobody).expect(200).json == []
    server.get("/observability/quality?dataset=levels", token=nobody).problem(403)
    server.get(path, token=server.token("output:read", "tester")).problem(403)


def a_rule_that_warns_does_not_block(server):
    run = _run(server, "a,1\nbb,1\nb,1\n" + "".join("%s,1\n" % c for c in "defghijk"))
    assert run["state"] == "published", run
    results = _results(server)
    assert results["few-empty"]["outcome"] == "warn" and not results["few-empty"]["blocks"]
    assert results["volume"]["outcome"] == "pass" and results["volume"]["value"] > 100, results
    assert results["short"]["outcome"] == "pass" and results["short"]["failing_rows"] == 1


def wrong_questions_are_refused(server):
    for query in ("?outcome=good", "?run=x", "?snapshot=1", "?before=2", "?run=0"):
        yield query, _refused, server, query
    yield "no dataset", _unknown, server, "/observability/quality?dataset=nothing"
    yield "no result", _unknown, server, "/observability/quality/999999/rows"
    yield "no number", _unknown, server, "/observability/quality/x/rows"


def _refused(server, query):
    server.get("/observability/quality" + query).problem(400, "bad-query")


def _unknown(server, path):
    server.get(path).problem(404)


WRONG = (
    ("an unknown column", "{metric: duplicateValues, mustBe: 0, arguments: {properties: [no]}}",
     "no column of levels"),
    ("no operator", "{metric: rowCount}", "needs exactly one of mustBe"),
    ("SQL that writes", "{type: sql, mustBe: 0, query: 'DELETE FROM levels'}", "SELECT"),
    ("SQL of other tables", "{type: sql, mustBe: 0, query: 'SELECT count(*) FROM stock'}", "stock"),
    ("an operator of text", "{metric: rowCount, mustBe: many}", "must be a number"),
)


def a_plan_with_a_sample_tells_what_the_rules_find_in_it(server):
    server.deliver("stock", "sku,level\naa,400\nb,2\n").expect(201)
    plan = server.post("/control/pipelines/levels/plan?sample=1000").expect(200).json
    rules = {rule["rule"]: rule for rule in plan["steps"][0]["rules"]}
    outcomes = {name: rule["outcome"] for name, rule in rules.items()}
    assert outcomes["level.range"] == "fail" and outcomes["some"] == "pass", rules
    assert outcomes["short"] in ("pass", "fail") and rules["short"]["value"] > 0, rules
    assert outcomes["primaryKey"] == outcomes["few-empty"] == "not-evaluated", rules
    assert rules["some"]["message"] is None and rules["some"]["rows"] > 1, rules


def check_refuses_what_it_cannot_understand_with_file_and_line(_):
    for name, rule, reason in WRONG:
        yield name, _check_refuses, "- {id: some, metric: rowCount, mustBeGreaterThan: 0}", \
            "- " + rule, reason
    yield "a broken pattern", _check_refuses, "'^[a-z]$'", "'('", "pattern"
    yield "a dataset that is not there", _check_refuses, "stock.sku", "nothing.sku", "no dataset nothing"
    yield "a column that is not there", _check_refuses, "stock.sku", "stock.no", "no column no"
    yield "types that differ", _check_refuses, "stock.sku", "stock.level", "cannot be compared"


def _check_refuses(old, new, reason):
    assert old in LEVELS
    with _product(LEVELS.replace(old, new)) as folder:
        done = entrepot.run("check", folder)
        assert done.returncode != 0, done.stdout
        lines = [line for line in done.stderr.splitlines() if reason in line]
        assert lines and "contracts/levels.odcs.yaml:" in lines[0], done.stderr


def serve_refuses_SQL_that_Postgres_does_not_understand(_):
    rule = "{type: sql, mustBe: 0, query: 'SELECT count(nothing) FROM levels'}"
    changed = LEVELS.replace("{id: some, metric: rowCount, mustBeGreaterThan: 0}", rule)
    with _product(changed) as folder:
        assert entrepot.run("check", folder).returncode == 0
        data = entrepot.temporary_folder()
        try:
            done = entrepot.run("serve", folder, "--data-dir", data, "--listen", "127.0.0.1:0",
                                timeout=120)
            assert done.returncode != 0 and "nothing" in done.stderr, done.stderr
        except subprocess.TimeoutExpired:
            raise AssertionError("it serves")
        finally:
            shutil.rmtree(data, ignore_errors=True)


class _product:
    """The product of the tests with other rules."""
    def __init__(self, levels):
        self.folder = entrepot.temporary_folder() / "product"
        shutil.copytree(entrepot.PRODUCT, self.folder)
        (self.folder / "contracts" / "levels.odcs.yaml").write_text(levels)
        (self.folder / "access.yaml").write_text(RULES)

    def __enter__(self):
        return self.folder

    def __exit__(self, *_):
        shutil.rmtree(self.folder.parent, ignore_errors=True)


if __name__ == "__main__":
    with _product(LEVELS) as product:
        entrepot.main(globals(), folder=product)
