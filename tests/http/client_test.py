"""`entrepot run` and `entrepot plan`: clients of the control port, and what they say when all is wrong."""
import http.server
import json
import os
import pty
import re
import signal
import subprocess
import threading

import entrepot
import tap

STOCK = "sku,level\na,4\nb,2\n"
SLOW = ("SELECT 's' || g AS sku, 1 AS level, 1.0::float8 AS share"
        " FROM stock, generate_series(1, 100000000) g")
PARAMETERS = {"day": {"type": "date"}, "top": {"type": "integer"}, "share": {"type": "number"},
              "all": {"type": "boolean"}, "note": {"type": "string"}}


def _document(name, version, sql="SELECT sku, level, 1.0 / level AS share FROM stock"):
    return {"name": name, "version": version, "inputs": {"stock": {"dataset": "input.stock"}},
            "parameters": PARAMETERS,
            "steps": [{"name": "levels", "output": "output.levels", "sql": sql}]}


def _prepare(server):
    server.deliver("stock", STOCK).expect(201)
    for name, sql in (("levels", None), ("slow", SLOW),
                      ("broken", "SELECT sku, level, 1 / (level - 4)::float8 AS share FROM stock")):
        document = _document(name, "2.0.0", sql) if sql else _document(name, "2.0.0")
        server.put("/control/pipelines/" + name, document).expect(201)


def _url(server):
    return "http://127.0.0.1:%d" % server.port


def _client(server, *arguments, env=None, token=True):
    environment = {"ENTREPOT_URL": _url(server)}
    if token:
        environment["ENTREPOT_TOKEN"] = server.token()
    environment.update(env or {})
    return entrepot.run(*arguments, env=environment)


def _ends(made, status, *parts):
    assert made.returncode == status, "status %d: %s%s" % (made.returncode, made.stdout, made.stderr)
    for part in parts:
        assert part in made.stdout + made.stderr, "no %r in:\n%s%s" % (part, made.stdout, made.stderr)
    assert "Sanitizer" not in made.stderr, made.stderr
    return made


# --- run ---------------------------------------------------------------------------------------

def a_run_is_queued_and_its_address_is_told(server):
    made = _ends(_client(server, "run", "levels"), 0, "of levels 2.0.0 is queued")
    href = made.stdout.splitlines()[-1]
    assert href.startswith(_url(server) + "/control/runs/"), made.stdout
    assert server.finished_run(href)["state"] in ("published", "reused")
    made = _ends(_client(server, "run", "levels", "--json"), 0)
    assert json.loads(made.stdout)["pipeline"] == "levels", made.stdout


def a_run_is_followed_to_its_end(server):
    made = _ends(_client(server, "run", "levels", "--follow", "--param", "top=71"), 0,
                 "of levels 2.0.0: published after", "2 rows", "output.levels snapshot")
    assert re.search(r"^run \d+ (queued|running|published)", made.stderr, re.M), made.stderr
    assert "\x1b" not in made.stderr and "\r" not in made.stderr, made.stderr
    snapshot = re.search(r"http://\S+/output/levels/snapshots/\d+", made.stdout)[0]
    assert server.get(snapshot[len(_url(server)):]).expect(200).json
    made = _ends(_client(server, "run", "levels", "--follow", "--json", "--param=top=71"), 0)
    run = json.loads(made.stdout)
    assert run["state"] == "reused" and run["parameters"] == {"top": 71}, run


def what_is_staged_has_no_address_until_it_is_published(server):
    made = _ends(_client(server, "run", "levels", "--follow", "--no-publish", "--param", "top=72"),
                 0, "of levels 2.0.0: staged after", "output.levels snapshot", ", staged, 2 rows\n",
                 "/publish lets readers see it")
    assert "/output/levels/snapshots/" not in made.stdout, made.stdout
    number = re.search(r"output.levels snapshot (\d+)", made.stdout)[1]
    address = "/output/levels/snapshots/" + number
    server.get(address).problem(404, "not-found")
    publish = re.search(r"POST (http://\S+/control/runs/\d+/publish)", made.stdout)[1]
    server.post(publish[len(_url(server)):]).expect(200)
    server.get(address).expect(200)


def parameters_are_sent_as_their_types(server):
    made = _ends(_client(server, "run", "levels", "--json", "--follow", "--param", "day=2026-01-31",
                         "--param", "top=-7", "--param", "share=0.10", "--param", "all=true",
                         "--param", "note=12=3"), 0)
    assert json.loads(made.stdout)["parameters"] == {
        "day": "2026-01-31", "top": -7, "share": 0.10, "all": True, "note": "12=3"}
    assert '"share": 0.10' in server.get("/control/runs/%d" % json.loads(made.stdout)["id"]).text
    for wrong in ("top=x", "top=", "top=[1]", "share=\"1\"", "all=yes", "all={}", "top=1 2"):
        _ends(_client(server, "run", "levels", "--param", wrong), 4, "is not of the type")
    _ends(_client(server, "run", "levels", "--param", "top=1", "--param", "top=2"), 4, "twice")
    _ends(_client(server, "run", "levels", "--param", "other=1"), 4, "no such parameter", "/other")
    _ends(_client(server, "run", "levels", "--param", "top=1.5"), 4, "must be")


def a_failed_run_ends_with_1_and_its_reason(server):
    made = _ends(_client(server, "run", "broken", "--follow"), 1, "failed after")
    assert "zero" in made.stderr, made.stderr


def the_same_key_is_the_same_run(server):
    made = [_ends(_client(server, "run", "levels", "--key", "k1", "--json"), 0) for _ in range(2)]
    assert json.loads(made[0].stdout)["id"] == json.loads(made[1].stdout)["id"]


def tokens_come_from_a_file_the_environment_or_the_key(server):
    path = server.home / "token"
    path.write_text(server.token() + "\n")
    for arguments in (["--token-file", path], ["--token", server.token()],
                      ["--data-dir", server.data_dir]):
        _ends(_client(server, "run", "levels", *arguments, token=False), 0, "is queued")
    _ends(_client(server, "run", "levels", "--url", _url(server) + "/"), 0, "is queued")
    path.write_text("")
    _ends(_client(server, "run", "levels", "--token-file", path), 2, "holds no token")
    path.write_bytes(b"x" * 100000)
    _ends(_client(server, "run", "levels", "--token-file", path), 2, "holds no token")
    path.write_bytes(b"a\0b")
    _ends(_client(server, "run", "levels", "--token-file", path), 2, "holds no token")
    _ends(_client(server, "run", "levels", "--token-file", server.home / "nothing"), 2, "No such")
    _ends(_client(server, "run", "levels", "--data-dir", server.home / "nothing", token=False), 4)


# --- what goes wrong -----------------------------------------------------------------------------

def a_wrong_command_line_ends_with_2(server):
    for command in ("run", "plan"):
        _ends(_client(server, command), 2, "which pipeline?")
        _ends(_client(server, command, ""), 2, "which pipeline?")
        _ends(_client(server, command, "a", "b"), 2, "one word too many: b")
        _ends(_client(server, command, "a", "--nothing"), 2, "unknown option --nothing")
        _ends(_client(server, command, "a", "--param"), 2, "--param needs a value")
        _ends(_client(server, command, "a", "--param", "x"), 2, "write NAME=VALUE")
        _ends(_client(server, command, "a", "--param", "=x"), 2, "write NAME=VALUE")
        _ends(_client(server, command, "a", "--json=1"), 2, "--json takes no value")
        _ends(_client(server, command, "--help"), 0, "usage: entrepot %s PIPELINE" % command)
    _ends(_client(server, "run", "a", "--sample", "3"), 2, "unknown option --sample")
    _ends(_client(server, "plan", "a", "--follow"), 2, "unknown option --follow")
    for rows in ("0", "-1", "x", ""):
        _ends(_client(server, "plan", "a", "--sample", rows), 2, "number of rows")
    made = _ends(entrepot.run("--help"), 0, "entrepot run PIPELINE", "entrepot plan PIPELINE")
    assert made.stderr == ""


def a_server_that_is_away_or_says_no_ends_with_4(server):
    _ends(_client(server, "run", "levels", "--url", "http://127.0.0.1:1"), 4, "cannot reach")
    _ends(_client(server, "run", "levels", "--url", "http://nowhere.invalid"), 4, "cannot reach")
    for url in ("", "ftp://127.0.0.1", "127.0.0.1:8080", "http://a:b@127.0.0.1", "file:///etc/passwd",
                "http://127.0.0.1:1/?a=b", "http://"):
        _ends(_client(server, "run", "levels", "--url=" + url), 4, "write http://HOST:PORT")
    _ends(_client(server, "run", "levels", token=False), 4, "give a token by")
    _ends(_client(server, "run", "levels", "--token", "not.a.token"), 4, "give a token by")
    _ends(_client(server, "run", "levels", "--token", "two words"), 4, "bytes that no token has")
    _ends(_client(server, "run", "levels", "--token", "a\r\nHost: b"), 4, "bytes that no token has")
    _ends(_client(server, "run", "levels", "--token", server.token("output:read")), 4, "scope")
    for name in ("nothing", "../../observability/metrics", "a b", "é", "x" * 3000, "%00"):
        _ends(_client(server, "run", name), 4)
    _ends(_client(server, "run", "levels", "--key", ""), 4, "--key")


class _Fake(http.server.BaseHTTPRequestHandler):
    """Answers as it is told, whatever is asked; remembers what was."""
    answers = {}
    asked = []

    def _answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        self.asked.append((self.command, self.path, body, self.headers.get("Last-Event-ID")))
        path = self.path.partition("?")[0]
        answer = self.answers.get((self.command, path), (404, "text/html", b"<p>nothing</p>"))
        if isinstance(answer, list):  # one after the other
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        status, media_type, data = answer
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)
        self.close_connection = True

    do_GET = do_POST = _answer

    def log_message(self, *_):
        pass


class _FakeServer:
    def __init__(self, answers):
        handler = type("Handler", (_Fake,), {"answers": answers, "asked": []})
        self.asked = handler.asked
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def client(self, *arguments):
        return entrepot.run(*arguments, env={"ENTREPOT_URL": "http://127.0.0.1:%d" % self.port,
                                             "ENTREPOT_TOKEN": "t"})


def _json(value, status=200):
    return status, "application/json", json.dumps(value).encode()


def an_answer_that_makes_no_sense_ends_with_4(_):
    known = ("GET", "/control/pipelines/p")
    asks = ("POST", "/control/pipelines/p/runs")
    cases = [
        ("a page", {}, "is it an entrepot?"),
        ("no JSON", {known: (200, "application/json", b"{")}, "is it an entrepot?"),
        ("a redirect", {known: (302, "text/html", b"")}, "status 302"),
        ("a list", {known: _json([]), asks: _json([], 202)}, "is it an entrepot?"),
        ("a run without a number", {known: _json({}), asks: _json({"id": "x"}, 202)}, "no number"),
        ("a stream that never is one", {
            known: _json({}), asks: _json({"id": 3}, 202),
            ("GET", "/control/runs/3/events"): (404, "text/plain", b"")}, "status 404"),
    ]
    for name, answers, reason in cases:
        yield name, _no_sense, answers, reason


def _no_sense(answers, reason):
    with _FakeServer(answers) as fake:
        _ends(fake.client("run", "p", "--follow"), 4, reason)


def a_stream_that_breaks_is_asked_for_again_from_where_it_was(_):
    def event(ident, name, **data):
        return "id: %s\nevent: %s\ndata: %s\n\n" % (ident, name, json.dumps(data))
    first = "retry: 1\n\n: hello\n\n" + event("a", "progress", state="running", step="one", rows=5) \
        + "id: b\nevent: progress\nda"
    second = event("c", "progress", state="running", step="two", rows=7).replace("\n", "\r\n") \
        + "data: nonsense\n\nnonsense\n\n" + event("d", "end", state="published", rows=9)
    run = {"id": 3, "pipeline": "p", "version": "1.0.0", "state": "published", "rows": 9}
    answers = {("GET", "/control/pipelines/p"): _json({"parameters": {}}),
               ("POST", "/control/pipelines/p/runs"): _json({"id": 3}, 202),
               ("GET", "/control/runs/3"): _json(run),
               ("GET", "/control/runs/3/events"): [(200, "text/event-stream", first.encode()),
                                                   (200, "text/event-stream", second.encode())]}
    with _FakeServer(answers) as fake:
        made = _ends(fake.client("run", "p", "--follow"), 0, "step one: 5 rows", "step two: 7 rows",
                     "run 3 of p 1.0.0: published")
        seen = [last for _, path, _, last in fake.asked if path.endswith("/events")]
        # an id counts once its event is whole, by the standard; one more event is harmless
        assert seen[0] is None and seen[1] in ("a", "b"), seen
        assert made.stdout.count("\n") == 2, made.stdout


def text_of_others_does_not_reach_the_terminal_as_it_is(_):
    evil = "a\x1b[2Jb\x07\x9bc\x7f\nd"
    error = {"title": "t" + evil, "detail": evil, "faults": [{"path": evil, "reason": evil}]}
    run = {"id": 3, "pipeline": "p" + evil, "version": evil, "state": "failed", "error": error,
           "rows": 1, "outputs": [{"dataset": evil, "snapshot": 1, "state": evil}]}
    stream = "id: 1\nevent: end\ndata: %s\n\n" % json.dumps(
        {"state": "failed" + evil, "step": evil})
    answers = {("GET", "/control/pipelines/p"): _json({}),
               ("POST", "/control/pipelines/p/runs"): _json({"id": 3}, 202),
               ("GET", "/control/runs/3"): _json(run),
               ("GET", "/control/runs/3/events"): (200, "text/event-stream", stream.encode())}
    with _FakeServer(answers) as fake:
        made = _ends(fake.client("run", "p", "--follow"), 1)
        for text in (made.stdout, made.stderr):
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text), repr(text)


# --- a terminal ------------------------------------------------------------------------------------

class _Terminal:
    """The client with a terminal for its standard error."""

    def __init__(self, server, *arguments):
        self.master, slave = pty.openpty()
        environment = dict(os.environ, ENTREPOT_URL=_url(server), ENTREPOT_TOKEN=server.token())
        self.process = subprocess.Popen([entrepot.BINARY, *arguments], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=slave, env=environment)
        os.close(slave)
        self.seen = ""

    def read_until(self, text):
        while text not in self.seen:
            try:
                piece = os.read(self.master, 4096)
            except OSError:
                piece = b""
            assert piece, "no %r in %r" % (text, self.seen)
            self.seen += piece.decode()

    def end(self):
        out, _ = self.process.communicate(timeout=60)
        try:
            while True:
                self.seen += os.read(self.master, 4096).decode()
        except OSError:
            os.close(self.master)
        return self.process.returncode, out.decode()


def a_terminal_shows_a_bar_and_Ctrl_C_asks_once_then_cancels(server):
    terminal = _Terminal(server, "run", "slow", "--follow")
    terminal.read_until("] running")
    terminal.read_until("====")
    terminal.process.send_signal(signal.SIGINT)
    terminal.read_until("press Ctrl-C again to cancel run")
    terminal.read_until("====")
    terminal.process.send_signal(signal.SIGINT)
    terminal.read_until("is cancelled")
    status, out = terminal.end()
    assert status == 3 and "cancelled after" in out, (status, out, terminal.seen)
    run = re.search(r"/control/runs/\d+", out)[0]
    assert server.get(run).json["state"] == "cancelled"


def Ctrl_C_without_a_terminal_cancels_at_once(server):
    environment = dict(os.environ, ENTREPOT_URL=_url(server), ENTREPOT_TOKEN=server.token())
    process = subprocess.Popen([entrepot.BINARY, "run", "slow", "--follow"],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, env=environment, text=True)
    line = process.stderr.readline()
    while "running" not in line:
        assert line, "it ended"
        line = process.stderr.readline()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 3, (out, err)
    assert "is cancelled" in err and "cancelled after" in out, (out, err)


# --- plan ------------------------------------------------------------------------------------------

PLAN = {
    "pipeline": "p", "version": "1.2.0",
    "inputs": [{"name": "orders", "dataset": "input.orders", "number": 41}],
    "steps": [
        {"name": "clean", "output": None, "mode": None,
         "columns": [{"name": "id", "type": "bigint"}], "estimated_rows": 12345.0},
        {"name": "daily", "output": "daily", "mode": "full", "estimated_rows": 1234,
         "estimated_cost": 99.5, "columns": [{"name": "day", "type": "date"}],
         "changes": {"breaking": True, "added": ["total"], "removed": [{"name": "sum"}],
                     "changed": []}, "lineage": []}],
    "consumers": ["bi", {"name": "mart"}],
    "sample": {"daily": {"rows": [{"day": "2026-01-01"}]}}}


def a_plan_is_shown_to_be_read(_):
    answers = {("GET", "/control/pipelines/p"): _json({"parameters": {"top": {"type": "integer"}}}),
               ("POST", "/control/pipelines/p/plan"): _json(PLAN)}
    with _FakeServer(answers) as fake:
        _ends(fake.client("plan", "p", "--param", "top=3", "--sample", "10"), 0,
              "pipeline p 1.2.0", "orders               input.orders, state 41",
              "1. clean; about 12,345 rows", "2. daily → output.daily, full; about 1,234 rows, cost "
              "99", "BREAKING", "+ total", "- sum", "mart", '{"day": "2026-01-01"}')
        method, path, body, _ = fake.asked[-1]
        assert (method, path) == ("POST", "/control/pipelines/p/plan?sample=10"), fake.asked
        assert json.loads(body) == {"parameters": {"top": 3}}, body
        made = _ends(fake.client("plan", "p", "--json"), 0)
        assert json.loads(made.stdout) == PLAN


def what_was_never_made_is_called_so(server):
    document = _document("fresh", "1.0.0", "SELECT kind AS sku, 1::int AS level, 0.5::float8 AS "
                         "share FROM stock GROUP BY kind")
    document["inputs"]["stock"] = {"dataset": "input.events"}
    server.put("/control/pipelines/fresh", document).expect(201)
    _ends(_client(server, "plan", "fresh"), 0, "input.events, nothing delivered yet")
    first = dict(PLAN, inputs=[{"name": "days", "dataset": "output.days", "number": None}],
                 steps=[{"name": "daily", "output": "daily", "columns": [],
                         "changes": {"from_snapshot": None, "breaking": False, "added": ["day"],
                                     "removed": [], "changed": []}}])
    answers = {("GET", "/control/pipelines/p"): _json({}),
               ("POST", "/control/pipelines/p/plan"): _json(first)}
    with _FakeServer(answers) as fake:
        made = _ends(fake.client("plan", "p"), 0, "output.days, nothing published yet",
                     "     first snapshot\n")
        assert "+ day" not in made.stdout and "state 0" not in made.stdout, made.stdout


def a_plan_that_lacks_members_or_has_others_is_shown_as_far_as_it_goes(_):
    for number, plan in enumerate(({}, [], "x", 7, None, {"steps": {}, "inputs": 3, "sample": []},
                                   {"steps": [None, 1, {"columns": 3, "changes": "x"}]},
                                   {"inputs": [[]], "consumers": {"a": 1}, "sample": "rows"},
                                   {"sample": [[1], {"a": None}], "consumers": [None, 1.5]})):
        yield str(number), _shown, plan


def _shown(plan):
    answers = {("GET", "/control/pipelines/p"): _json({}),
               ("POST", "/control/pipelines/p/plan"): _json(plan)}
    with _FakeServer(answers) as fake:
        _ends(fake.client("plan", "p"), 0, "pipeline")


if __name__ == "__main__":
    entrepot.main(globals(), prepare=_prepare)
