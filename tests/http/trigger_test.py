"""Triggers: runs that start when a delivery came, when it is time, or after another pipeline."""
import json

import entrepot
import tap

STOCK = "sku,level\na,4\nb,2\n"


def _document(version, triggers, name="levels", **more):
    document = {"name": name, "version": version, "inputs": {"stock": {"dataset": "input.stock"}},
                "steps": [{"name": "levels", "output": "output.levels",
                           "sql": "SELECT sku, level, 1.0 / level AS share FROM stock"}],
                "triggers": triggers}
    document.update(more)
    return document


def _triggers(server, name="levels"):
    return server.get("/control/pipelines/%s/triggers" % name).expect(200).json


def _runs(server, name, origin):
    """Runs of a pipeline that were started so, oldest first."""
    rows = server.get("/control/runs?pipeline=%s&top=1000" % name).expect(200).json
    return [row for row in reversed(rows) if row["origin"] == origin]


def _wait_for_runs(server, name, origin, count):
    """Wait until so many runs of an origin have ended; gives them."""
    tap.until(lambda: len(_runs(server, name, origin)) >= count, 60)
    for run in _runs(server, name, origin):
        server.finished_run("/control/runs/%d" % run["id"])
    return _runs(server, name, origin)


def a_delivery_starts_a_run_that_publishes_it(server):
    server.deliver("stock", STOCK).expect(201)
    server.put("/control/pipelines/levels",
               _document("1.1.0", [{"on": "delivery", "input": "stock"}])).expect(201)
    trigger, = _triggers(server)
    assert trigger["name"] == "delivery:stock" and trigger["dataset"] == "input.stock", trigger
    assert trigger["last_run"] is None and trigger["last_fired_at"] is None, trigger
    number = server.deliver("stock", "sku,level\nc,8\n").expect(201).json["delivery"]
    run, = _wait_for_runs(server, "levels", "delivery", 1)
    assert run["state"] == "published" and run["requested_by"] == "trigger", run
    whole = server.get("/control/runs/%d" % run["id"]).expect(200).json
    assert whole["origin_detail"] == {"trigger": "delivery:stock", "dataset": "input.stock",
                                      "delivery": number}, whole
    assert whole["inputs"][0]["number"] == number, whole
    rows = server.get("/output/levels?orderby=sku").expect(200).json
    assert [row["sku"] for row in rows] == ["a", "b", "c"], rows
    trigger, = _triggers(server)
    assert trigger["last_run"]["id"] == run["id"] and trigger["last_fired_at"], trigger
    assert trigger["last_run"]["state"] == "published" and trigger["waiting"] is False, trigger


def many_deliveries_become_few_runs_and_the_last_one_is_read(server):
    before = len(_runs(server, "levels", "delivery"))
    for i in range(20):
        number = server.deliver("stock", "sku,level\nd,%d\n" % (i + 1)).expect(201).json["delivery"]

    def last_is_read():
        runs = _wait_for_runs(server, "levels", "delivery", before + 1)
        last = server.get("/control/runs/%d" % runs[-1]["id"]).json
        return last["finished_at"] and last["inputs"][0]["number"] == number and runs
    runs = tap.until(last_is_read, 60)
    assert len(runs) - before <= 20, runs
    numbers = [server.get("/control/runs/%d" % run["id"]).json["inputs"][0]["number"]
               for run in runs]
    assert numbers == sorted(set(numbers)), "a delivery was read twice: %r" % numbers
    rows = server.get("/output/levels?filter=sku eq 'd'".replace(" ", "%20")).expect(200).json
    assert rows[0]["level"] == 20, rows


def a_pipeline_runs_after_another_published(server):
    follower = {"name": "after", "version": "1.0.0", "inputs": {"levels": {
        "dataset": "output.levels"}}, "steps": [{
            "name": "daily", "output": "output.daily",
            "sql": "SELECT date '2026-01-01' AS day, count(*) AS orders, sum(level)::numeric AS total"
                   " FROM levels"}],
        "parameters": {"top": {"type": "integer"}},
        "triggers": [{"on": "pipeline", "pipeline": "levels", "parameters": {"top": 3}}]}
    server.put("/control/pipelines/after", follower).expect(201)
    server.deliver("stock", "sku,level\ne,1000\n").expect(201)
    run, = _wait_for_runs(server, "after", "pipeline", 1)
    assert run["state"] == "published", run
    whole = server.get("/control/runs/%d" % run["id"]).json
    first = server.get("/control/runs/%d" % whole["origin_detail"]["run"]).json
    assert first["pipeline"] == "levels" and first["state"] == "published", first
    assert whole["parameters"] == {"top": 3}, whole
    assert server.get("/output/daily").json[0]["total"] >= 1000
    # the same again publishes nothing, so nobody follows
    assert server.run_pipeline("levels")["state"] == "reused"
    assert len(_runs(server, "after", "pipeline")) == 1


def a_delivery_waits_until_every_input_has_data(server):
    server.put("/control/pipelines/both", {
        "name": "both", "version": "1.0.0",
        "inputs": {"stock": {"dataset": "stock"}, "events": {"dataset": "input.events"}},
        "steps": [{"name": "daily", "output": "output.daily",
                   "sql": "SELECT at::date AS day, count(*) AS orders, 0::numeric AS total"
                          " FROM stock, events GROUP BY 1"}],
        "triggers": [{"on": "delivery", "input": "stock"}]}).expect(201)
    first = server.deliver("stock", "sku,level\nf,1\n").expect(201).json["delivery"]
    assert _triggers(server, "both")[0]["last_run"] is None
    server.deliver("events", "at,kind,value\n2026-01-01T00:00:00Z,a,1\n").expect(201)
    run, = _wait_for_runs(server, "both", "delivery", 1)
    assert run["state"] == "published", run
    detail = server.get("/control/runs/%d" % run["id"]).json["origin_detail"]
    assert detail["delivery"] == first, detail
    server.request("DELETE", "/control/pipelines/both").expect(204)


def a_schedule_shows_its_next_due_times(server):
    triggers = [{"on": "schedule", "cron": "30 2 * * *", "timezone": "Europe/Paris",
                 "missed": "all"}, {"name": "noon", "on": "schedule", "cron": "0 12 * * 1-5"}]
    server.put("/control/pipelines/levels", _document("1.2.0", triggers)).expect(201)
    paris, noon = _triggers(server)
    assert paris["name"] == "schedule:30 2 * * * Europe/Paris", paris
    assert paris["missed"] == "all" and paris["left_out"] == 0, paris
    assert len(paris["next_due_at"]) == 5, paris
    for due in paris["next_due_at"]:
        assert due[11:] in ("00:30:00Z", "01:30:00Z", "01:00:00Z"), due
    assert paris["next_due_at"] == sorted(set(paris["next_due_at"])), paris
    assert noon["name"] == "noon" and noon["timezone"] == "UTC" and noon["missed"] == "once", noon
    assert all(due.endswith("T12:00:00Z") for due in noon["next_due_at"]), noon
    server.put("/control/pipelines/levels", _document("1.3.0", [])).expect(201)
    assert _triggers(server) == []


def a_wrong_trigger_is_refused_with_its_line(server):
    cases = [
        ("no kind", {"cron": "* * * * *"}, "needs the member on"),
        ("an unknown kind", {"on": "rain"}, "allowed: delivery, schedule or pipeline"),
        ("no cron", {"on": "schedule"}, "needs the member cron"),
        ("a wrong cron", {"on": "schedule", "cron": "61 * * * *"}, "61 is no minute"),
        ("a day that never comes", {"on": "schedule", "cron": "0 0 30 2 *"}, "never come"),
        ("a wrong zone", {"on": "schedule", "cron": "@daily", "timezone": "Mars/Olympus"},
         "no time zone Mars/Olympus"),
        ("a zone that is SQL", {"on": "schedule", "cron": "@daily", "timezone": "a/b' OR 1=1"},
         "is no time zone"),
        ("a wrong policy", {"on": "schedule", "cron": "@daily", "missed": "never"}, "once, skip"),
        ("an unknown input", {"on": "delivery", "input": "stok"}, "no input named stok"),
        ("an unknown pipeline", {"on": "pipeline", "pipeline": "levls"}, "no pipeline levls"),
        ("itself", {"on": "pipeline", "pipeline": "levels"}, "cannot start itself"),
        ("a cycle", {"on": "pipeline", "pipeline": "after"}, "levels → after → levels"),
        ("an unknown parameter", {"on": "delivery", "input": "stock", "parameters": {"a": 1}},
         "no such parameter"),
    ]
    for name, trigger, reason in cases:
        yield name, _refused, server, trigger, reason


def _refused(server, trigger, reason):
    text = json.dumps(_document("9.0.0", [trigger]), indent=1, ensure_ascii=False)
    problem = server.put("/control/pipelines/levels", text).problem(422, "invalid-document")
    fault = problem["faults"][0]
    assert reason in fault["reason"], problem
    line = fault["line"]
    assert line > text[:text.index('"triggers"')].count("\n"), problem
    assert server.get("/control/pipelines/levels").json["version"] != "9.0.0"


def triggers_of_a_retired_pipeline_are_gone(server):
    server.put("/control/pipelines/after2", dict(
        _document("1.0.0", [{"on": "pipeline", "pipeline": "levels"}]), name="after2")).expect(201)
    assert len(_triggers(server, "after2")) == 1
    server.request("DELETE", "/control/pipelines/after2").expect(204)
    server.get("/control/pipelines/after2/triggers").problem(404)
    server.get("/control/pipelines/levels/triggers?top=1").problem(400)
    scope = server.token("output:read")
    server.get("/control/pipelines/levels/triggers", token=scope).problem(403)


def a_folder_with_pipelines_in_a_circle_is_refused(server):
    folder = entrepot.temporary_folder()
    entrepot.shutil.copytree(entrepot.PRODUCT, folder / "shop")
    pipelines = folder / "shop" / "pipelines"
    for name, other in (("sales", "daily"), ("daily", "sales")):
        path = pipelines / (name + ".yaml")
        path.write_text(path.read_text() + "triggers:\n  - {on: pipeline, pipeline: %s}\n" % other)
    levels = pipelines / "levels.yaml"
    levels.write_text(levels.read_text() + "triggers:\n  - on: schedule\n    cron: 0 6 * *\n"
                                           "  - {on: pipeline, pipeline: nobody}\n")
    made = entrepot.run("check", folder / "shop")
    entrepot.shutil.rmtree(folder)
    assert made.returncode != 0, made
    for text in ("pipelines/daily.yaml:17:/triggers/0/pipeline: the pipelines would start each "
                 "other without end: daily → sales → daily",
                 "pipelines/sales.yaml:12:/triggers/0/pipeline: the pipelines would start each "
                 "other without end: sales → daily → sales",
                 "pipelines/levels.yaml:13:/triggers/0/cron: five fields are needed, not 4",
                 "pipelines/levels.yaml:14:/triggers/1/pipeline: no pipeline in pipelines/ is named "
                 "nobody"):
        assert text in made.stderr, made.stderr


def a_server_that_starts_again_follows_what_was_delivered_before_its_end(server):
    """What was seen is in the database: a delivery accepted just before the end is not lost."""
    server.put("/control/pipelines/levels",
               _document("1.4.0", [{"on": "delivery", "input": "stock"}])).expect(201)
    before = len(_runs(server, "levels", "delivery"))
    server.deliver("stock", "sku,level\nlast,7\n").expect(201)
    server.signal(entrepot.signal.SIGKILL)
    server.wait(30)
    server.start()
    runs = _wait_for_runs(server, "levels", "delivery", before + 1)
    # the run may have been cut; then the delivery is followed by hand, as for any failed run
    if runs[-1]["state"] != "published":
        assert runs[-1]["state"] == "failed", runs
        assert server.run_pipeline("levels")["state"] == "published"
    rows = server.get("/output/levels?filter=sku%20eq%20'last'").expect(200).json
    assert rows and rows[0]["level"] == 7, rows


if __name__ == "__main__":
    entrepot.main(globals())
