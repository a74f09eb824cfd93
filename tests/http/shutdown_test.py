"""Ends, wanted and not: drain, a second signal, kill -9 of the server and of its Postgres."""
import os
import signal
import threading

import entrepot
import tap
from entrepot import Server, parse_responses, read_all

LIVE = "/observability/health/live"


def _is_there(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = open("/proc/%d/stat" % pid).read().rpartition(")")[2].split()[0]
    return state != "Z"


def SIGTERM_and_SIGINT_stop_it_and_its_Postgres():
    for number in (signal.SIGTERM, signal.SIGINT):
        yield number.name, _stops, number


def _stops(number):
    with Server() as server:
        postgres = server.postgres_pid()
        server.signal(number)
        assert server.wait(60) == 0, server.recent_log()
        server.assert_clean()
        assert not _is_there(postgres)
        assert not (server.data_dir / "postgres" / "postmaster.pid").exists()
        assert server.events("stopped"), server.recent_log()


def a_delivery_under_way_is_finished_before_it_ends():
    row = "2026-01-01T00:00:00Z,drained,1\n"
    with Server(entrepot.PRODUCT, "--drain-timeout", "30s") as server:
        with server.begin_delivery("events", "at,kind,value\n", row) as connection:
            tap.until(lambda: _has_begun(server))
            server.signal(signal.SIGTERM)
            assert server.wait_for("draining", 20), server.recent_log()
            _refuses(server)
            connection.sendall(b"%x\r\n%s\r\n0\r\n\r\n" % (len(row), row.encode()))
            answer = parse_responses(read_all(connection))[0]
            rows = answer.expect(201).json["rows"]
            assert (answer.header("Connection") or "").lower() == "close", answer.headers
        assert server.wait(60) == 0, server.recent_log()
        server.assert_clean()
        with Server(data_dir=server.data_dir) as again:
            deliveries = again.get("/input/events/deliveries").json
            assert [(entry["state"], entry["rows"]) for entry in deliveries] == [
                ("accepted", rows)], deliveries
            again.stop_cleanly()


def _has_begun(server):
    """Has a worker begun with something?"""
    text = server.get("/observability/metrics").text
    return any(line.startswith("entrepot_workers_busy") and float(line.split()[-1]) > 0
               for line in text.splitlines())


def _refuses(server):
    """New connections are not served any more."""
    def refused():
        try:
            return server.get(LIVE, token=None).status == 503
        except OSError:
            return True
    tap.until(refused)


def an_idle_connection_does_not_hold_it_up():
    with Server(entrepot.PRODUCT, "--drain-timeout", "1h") as server:
        with server.connect() as idle, server.connect() as kept:
            kept.sendall(("GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % LIVE).encode())
            assert kept.recv(4096).startswith(b"HTTP/1.1 200")
            server.signal(signal.SIGTERM)
            assert server.wait(60) == 0, server.recent_log()
            assert read_all(idle) == b""


def a_waiting_client_is_answered_when_it_ends():
    with Server(entrepot.PRODUCT, "--drain-timeout", "1h") as server:
        server.deliver("stock", "sku,level\na,1\n").expect(201)
        run = server.run_pipeline("levels")
        assert run["state"] == "published"
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(
            _ask(server, "/control/runs/%s?wait=60" % run["id"])))
        waiting.start()
        server.signal(signal.SIGTERM)
        assert server.wait(60) == 0, server.recent_log()
        waiting.join(60)
        assert answers, "the client was left waiting"


def _ask(server, path):
    try:
        return server.get(path)
    except OSError as error:
        return error


def the_drain_is_bounded():
    with Server(entrepot.PRODUCT, "--drain-timeout", "1s", "--min-rate", "0") as server:
        with _stuck_delivery(server) as connection:
            server.signal(signal.SIGTERM)
            assert server.wait(60) == 0, server.recent_log()
            data = read_all(connection)
            assert b" 201 " not in data, data


def a_second_signal_ends_it_at_once():
    with Server(entrepot.PRODUCT, "--drain-timeout", "1h", "--min-rate", "0") as server:
        postgres = server.postgres_pid()
        with _stuck_delivery(server):
            server.signal(signal.SIGTERM)
            assert server.wait_for("draining", 20), server.recent_log()
            assert server.process.poll() is None
            server.signal(signal.SIGTERM)
            assert server.wait(60) is not None, server.recent_log()
        tap.until(lambda: not _is_there(postgres))


def _stuck_delivery(server):
    connection = server.begin_delivery("events", "at,kind,value\n", "2026-01-01T00:00:00Z,stuck,1\n")
    tap.until(lambda: _has_begun(server))
    return connection


def kill_9_of_the_server_loses_nothing_acknowledged():
    with Server() as server:
        home = server.data_dir
        receipts = []
        for round_number in range(3):
            receipt = server.deliver("stock", "sku,level\nr%d,%d\n" % (round_number,
                                                                      round_number + 1))
            receipts.append(receipt.expect(201).json["delivery"])
            run = server.run_pipeline("levels")
            assert run["state"] == "published", run
            connection = _stuck_delivery(server)
            postgres = server.postgres_pid()
            server.signal(signal.SIGKILL)
            server.wait(30)
            connection.close()
            tap.until(lambda: not _is_there(postgres), 60)
            server.start()
            rows = server.get("/output/levels?orderby=sku").expect(200).json
            assert [row["sku"] for row in rows] == ["r%d" % n for n in range(round_number + 1)]
            listed = server.get("/input/stock/deliveries").json
            accepted = [entry["delivery"] for entry in listed if entry["state"] == "accepted"]
            assert sorted(accepted) == receipts, (accepted, receipts)
            tap.until(lambda: not [entry for entry in server.get("/input/events/deliveries").json
                                   if entry["state"] == "receiving"])
        assert server.data_dir == home
        server.stop_cleanly()


def kill_9_of_Postgres_is_survived():
    with Server() as server:
        server.deliver("stock", "sku,level\na,1\n").expect(201)
        assert server.run_pipeline("levels")["state"] == "published"
        os.kill(server.postgres_pid(), signal.SIGKILL)
        tap.until(lambda: _status(server, "/output/levels?filter=sku%20eq%20'a'") == 200, 90, 0.2)
        tap.until(lambda: _status(server, "/output/levels?format=csv") == 200, 90, 0.2)
        tap.until(lambda: _status(server, "/observability/health/ready") == 200, 90, 0.2)
        server.deliver("stock", "sku,level\nb,2\n").expect(201)
        assert server.run_pipeline("levels")["state"] == "published"
        server.stop_cleanly()


def kill_9_of_both_is_survived():
    with Server() as server:
        server.deliver("stock", "sku,level\na,1\n").expect(201)
        assert server.run_pipeline("levels")["state"] == "published"
        postgres = server.postgres_pid()
        server.signal(signal.SIGKILL)
        os.kill(postgres, signal.SIGKILL)
        server.wait(30)
        server.start()
        assert [row["sku"] for row in server.get("/output/levels").json] == ["a"]
        server.stop_cleanly()


def _status(server, path):
    try:
        answer = server.get(path)
    except OSError:
        return None
    assert answer.status in (200, 503), answer
    return answer.status


def a_run_that_was_interrupted_is_told_and_leaves_nothing():
    sql = ("SELECT a.sku || g AS sku, a.level, 1.0 AS share "
           "FROM stock a, generate_series(1, 5000000) g")
    with Server() as server:
        server.deliver("stock", "sku,level\na,1\n").expect(201)
        assert server.run_pipeline("levels")["state"] == "published"
        answer = server.put("/control/pipelines/levels", {
            "name": "levels", "version": "2.0.0", "inputs": {"stock": {"dataset": "input.stock"}},
            "steps": [{"name": "levels", "output": "output.levels", "sql": sql}]})
        if answer.status == 422:
            tap.skip("generate_series is not on the list of functions")
        answer.expect(201)
        location = server.post("/control/pipelines/levels/runs").expect(202).header("Location")
        path = location[location.index("/control"):]
        tap.until(lambda: server.get(path).json["state"] != "queued")
        server.signal(signal.SIGKILL)
        server.wait(30)
        server.start()
        run = server.finished_run(path)
        assert run["state"] in ("failed", "published"), run
        if run["state"] == "failed":
            assert len(server.get("/output/levels").json) == 1
            assert "interrupt" in str(run["error"]).lower(), run
        server.stop_cleanly()


if __name__ == "__main__":
    import sys
    sys.exit(1 if tap.run(globals()) else 0)
