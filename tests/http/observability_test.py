"""The observability port: health, metrics that Prometheus accepts, and a log that keeps secrets."""
import json
import re
import shutil
import subprocess

import entrepot
import tap
from entrepot import Server


def health_needs_no_token(server):
    for path in ("/observability/health/live", "/observability/health/ready"):
        answer = server.get(path, token=None).expect(200)
        assert answer.media_type in ("application/json", "application/health+json"), answer.headers
        assert "no-" in (answer.header("Cache-Control") or ""), answer.headers


def metrics_need_their_scope(server):
    server.get("/observability/metrics", token=None).problem(401)
    server.get("/observability/metrics", token=server.token("output:read")).problem(403)
    assert server.get("/observability/metrics",
                      token=server.token("observability:read")).status == 200


def promtool_accepts_the_metrics(server):
    if not shutil.which("promtool"):
        tap.skip("promtool is not there")
    for path in ("/nothing", "/output/sales", "/discovery/product"):
        server.get(path)
    answer = server.get("/observability/metrics").expect(200)
    assert answer.header("Content-Type").startswith("text/plain; version=0.0.4"), answer.headers
    checked = subprocess.run(["promtool", "check", "metrics"], input=answer.body,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert checked.returncode == 0, checked.stdout.decode()


def _sample(server, name, **labels):
    total = 0
    for line in server.get("/observability/metrics").expect(200).text.splitlines():
        match = re.match(r"(\w+)(?:\{(.*)\})? (\S+)$", line)
        if match and match[1] == name:
            have = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or ""))
            if all(have.get(key) == value for key, value in labels.items()):
                total += float(match[3])
    return total


def _requests_name(server):
    names = re.findall(r"# TYPE (\w*requests\w*_total) counter",
                       server.get("/observability/metrics").text)
    assert names, "no counter of requests"
    return names[0]


def requests_are_counted_by_their_route_not_their_path(server):
    name = _requests_name(server)
    before = _sample(server, name)
    for number in range(5):
        server.get("/output/nothing-%d" % number)
    assert _sample(server, name) >= before + 5
    text = server.get("/observability/metrics").text
    assert "nothing-1" not in text, "raw paths would be labels without end"
    assert "/output/{dataset}" in text


def the_log_is_JSON_and_keeps_secrets(server):
    start = len(server.lines)
    token = server.token()
    server.request("GET", "/output/sales?filter=customer eq 'topsecret'".replace(" ", "%20"))
    server.deliver("stock", "sku,level\nhidden-sku,x\n")
    server.deliver("stock", "sku,level\nhidden-sku,1\n")
    server.get("/nothing/my-raw-path")
    assert server.wait_for("request", 10, start, lambda event: "route" not in event)  # the last
    for line in server.lines[start:]:
        event = json.loads(line)
        assert event["time"] and event["level"] and event["event"], event
        assert token not in line and token.split(".")[2] not in line, "a token"
        assert "topsecret" not in line, "a parameter value"
        assert "hidden-sku" not in line, "a body"
        assert "my-raw-path" not in line, "a raw path"
    event = server.wait_for("request", 10, start, lambda event: event["status"] == 422)
    for member in ("method", "route", "status", "bytes", "ms"):
        assert member in event, event
    assert event["route"] == "/input/{dataset}", event
    assert event["subject"] == "tester", event


def line_breaks_in_what_is_logged_stay_in_their_line(server):
    start = len(server.lines)
    server.raw(b'GET /%0a%7b"event":"fake"%7d HTTP/1.1\r\nHost: a\r\nUser-Agent: x\x0by\r\n'
               b"Connection: close\r\n\r\n")
    server.get("/observability/health/live", token=None)
    tap.until(lambda: len(server.events("request", start)) >= 1)
    assert not server.events("fake", start)


def ready_tells_when_the_database_is_away(_):
    with Server() as server:
        server.deliver("stock", "sku,level\na,1\n").expect(201)
        pid = server.postgres_pid()
        import os
        import signal
        os.kill(pid, signal.SIGSTOP)
        try:
            assert server.get("/observability/health/live", token=None).status == 200
        finally:
            os.kill(pid, signal.SIGCONT)
        assert tap.until(lambda: server.get("/observability/health/ready",
                                            token=None).status == 200)
        server.stop_cleanly()


if __name__ == "__main__":
    entrepot.main(globals())
