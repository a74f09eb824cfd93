"""The program under test: started on a free port, spoken to as a client would, stopped at the end.

ENTREPOT_BINARY names the program. Everything is in a temporary folder of its own; only processes
that were started here are ended, by their pid.
"""
import base64
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BINARY = os.environ.get("ENTREPOT_BINARY", str(ROOT / "build" / "entrepot"))
PRODUCT = HERE / "product"
ALL_SCOPES = "input:write input:read output:read control:read control:write observability:read"
# the collector stops a test that runs over its time: what it started and wrote goes with it
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
START_SECONDS = 90  # a sanitizer build on a busy machine, with initdb


def temporary_folder(prefix="entrepot-test-"):
    """A new folder; others may pass through it, because Postgres is another user when we are root."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    return folder


def run(*arguments, timeout=60, env=None, **options):
    """Run the program to its end: .returncode .stdout .stderr, as text."""
    environment = dict(os.environ)
    environment.update(env or {})
    return subprocess.run([BINARY, *map(str, arguments)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=timeout, env=environment,
                          **options)


class Response:
    def __init__(self, status, headers, body, reason="", path=""):
        self.path = path  # as asked; where the dialect of problems follows from it
        self.status = status
        self.headers = headers  # list of (name, value), in order
        self.body = body
        self.reason = reason

    def header(self, name):
        """All fields of the name joined by ", ", or None."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        return ", ".join(values) if values else None

    @property
    def text(self):
        return self.body.decode("utf-8")

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def media_type(self):
        return (self.header("Content-Type") or "").partition(";")[0].strip()

    def link(self, relation):
        """The target of a Link field with this relation, or None."""
        for target, parameters in re.findall(r"<([^>]*)>([^,<]*)", self.header("Link") or ""):
            if re.search(r'rel="?([^";]*\s)?%s[\s";]?' % re.escape(relation), parameters):
                return target
        return None

    def problem(self, status, slug=None):
        """Assert that this is a problem document of the status (and kind), and give it."""
        assert self.status == status, "expected %d, got %d: %r" % (
            status, self.status, self.body[:2000])
        if re.match(r"/odata(/|\?|$)", self.path):
            return self.odata_error(slug)
        if re.match(r"/delta-sharing(/|\?|$)", self.path):
            return self.delta_error(slug)
        assert self.media_type == "application/problem+json", self.headers
        document = self.json
        assert document["status"] == status, document
        assert document["title"] and document["detail"], document
        assert re.fullmatch(r"urn:entrepot:problem:[a-z0-9-]+", document["type"]), document
        if slug:
            assert document["type"] == "urn:entrepot:problem:" + slug, document
        return document

    def odata_error(self, slug=None):
        """The same of an error of OData, as a problem document would have it."""
        assert self.media_type == "application/json", self.headers
        assert self.header("OData-Version") in ("4.0", "4.01"), self.headers
        assert list(self.json) == ["error"], self.json
        error = self.json["error"]
        assert error["code"] and error["message"], error
        assert set(error) <= {"code", "message", "target", "details"}, error
        assert slug is None or error["code"] == slug, error
        return {"status": self.status, "type": "urn:entrepot:problem:" + error["code"],
                "title": error["code"], "detail": error["message"], "option": error.get("target")}

    def delta_error(self, slug=None):
        """The same of an error of Delta Sharing, which knows fewer kinds."""
        assert self.media_type == "application/json", self.headers
        assert list(self.json) == ["errorCode", "message"], self.json
        code, message = self.json["errorCode"], self.json["message"]
        assert re.fullmatch("[A-Z_]+", code) and message, self.json
        return {"status": self.status, "type": "urn:entrepot:problem:" + (slug or code),
                "title": code, "detail": message}

    def expect(self, status):
        assert self.status == status, "expected %d, got %d: %r" % (
            status, self.status, self.body[:2000])
        return self

    def __repr__(self):
        return "<%d %s %r>" % (self.status, self.headers, self.body[:500])


def parse_responses(data, methods=()):
    """Responses in what a raw connection answered; those to HEAD have no body."""
    responses = []
    methods = list(methods)
    while data:
        head, end, rest = data.partition(b"\r\n\r\n")
        assert end and head.startswith(b"HTTP/1."), "no HTTP response: %r" % data[:200]
        lines = head.decode("latin-1").split("\r\n")
        status = int(lines[0].split(" ")[1])
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines[1:]]
        named = {name.lower(): value for name, value in headers}
        method = methods[len(responses)] if len(responses) < len(methods) else "GET"
        if status < 200 or status in (204, 304) or method == "HEAD":
            body, data = b"", rest
        elif named.get("transfer-encoding", "").lower() == "chunked":
            body = b""
            while True:
                size, _, rest = rest.partition(b"\r\n")
                length = int(size.split(b";")[0], 16)
                body += rest[:length]
                rest = rest[length + 2:]
                if length == 0:
                    break
            data = rest
        elif "content-length" in named:
            length = int(named["content-length"])
            assert len(rest) >= length, "the body was cut"
            body, data = rest[:length], rest[length:]
        else:
            body, data = rest, b""
        responses.append(Response(status, headers, body))
    return responses


class Server:
    """One running server. Use as a context; stop() asserts nothing, stop_cleanly() does."""

    def __init__(self, folder=PRODUCT, *options, data_dir=None, env=None, start=True, mint=None):
        self.folder = folder
        self.options = [str(option) for option in options]
        self.home = None
        if data_dir is None:
            self.home = temporary_folder()
            data_dir = self.home / "data"
        self.data_dir = pathlib.Path(data_dir)
        self.env = env or {}
        self.mint = mint  # makes tokens where the key is not that of the data directory
        self.tokens = {}
        self.test_line = 0
        self.process = None
        if start:
            self.start()

    # --- life --------------------------------------------------------------------------------

    def launch(self):
        """Start the process and its log reader; does not wait."""
        environment = dict(os.environ)
        environment.update(self.env)
        self.lines = []
        self.news = threading.Condition()
        self.ended = False
        self.process = subprocess.Popen(
            [BINARY, "serve", str(self.folder), "--listen", "127.0.0.1:0",
             "--data-dir", str(self.data_dir), *self.options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            env=environment)
        self.reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self.reader.start()

    def start(self):
        self.launch()
        event = self.wait_for("listening", START_SECONDS)
        if not event:
            log = self.recent_log()
            self.stop()
            raise AssertionError("the server did not start:\n" + log)
        self.host, self.port = "127.0.0.1", event["port"]
        return self

    def _read(self, process):
        for line in process.stdout:
            with self.news:
                self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))
                self.news.notify_all()
        with self.news:
            self.ended = True
            self.news.notify_all()

    def events(self, name=None, start=0):
        """Log lines that are JSON, from line start on."""
        found = []
        for line in self.lines[start:]:
            try:
                event = json.loads(line)
            except ValueError:
                continue
            if isinstance(event, dict) and (name is None or event.get("event") == name):
                found.append(event)
        return found

    def wait_for_any(self, seconds, start, where):
        """The first log line from start on of which `where` is true, waited for, or None."""
        return self.wait_for(None, seconds, start, where)

    def wait_for(self, name, seconds=30, start=0, where=lambda event: True):
        """The first log line of an event, waited for; None when it does not come."""
        end = time.monotonic() + seconds
        with self.news:
            while True:
                for event in self.events(name, start):
                    if where(event):
                        return event
                left = end - time.monotonic()
                if left <= 0 or self.ended:
                    return None
                self.news.wait(left)

    def begin_test(self):
        self.test_line = len(self.lines)

    def log_of_test(self):
        """What was logged since the test began, its end."""
        return "\n".join(["--- log of the server:"] + self.lines[self.test_line:][-12:]) + "\n"

    def recent_log(self):
        return "\n".join(["--- log of the server (its end):"] + self.lines[-60:]) + "\n"

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, seconds=60):
        """Wait for the end; gives the exit status, or None when it still runs."""
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None
        self.reader.join(10)
        return status

    def stop(self):
        """End it, somehow; remove its folder."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            if self.wait(60) is None:
                self.process.kill()
                self.wait(10)
        if self.home:
            shutil.rmtree(self.home, ignore_errors=True)

    def assert_clean(self):
        """No sanitizer spoke."""
        for line in self.lines:
            assert "Sanitizer" not in line and "runtime error:" not in line, "\n".join(self.lines)

    def stop_cleanly(self):
        self.signal(signal.SIGTERM)
        status = self.wait(60)
        assert status == 0, "exit status %s\n%s" % (status, self.recent_log())
        self.assert_clean()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # --- talk --------------------------------------------------------------------------------

    def token(self, scope=ALL_SCOPES, subject="tester", ttl=3600):
        key = (scope, subject, ttl)
        if self.mint:
            return self.mint(scope, subject)
        if key not in self.tokens:
            made = run("token", "--data-dir", self.data_dir, "--scope", scope, "--subject", subject,
                       "--ttl", ttl)
            assert made.returncode == 0, made.stderr
            self.tokens[key] = made.stdout.strip()
        return self.tokens[key]

    def connection(self, timeout=120):
        return http.client.HTTPConnection(self.host, self.port, timeout=timeout)

    def request(self, method, path, body=None, headers=None, token=True, timeout=120):
        """One request on a connection of its own. token: True (all scopes), None, or a token."""
        fields = dict(headers or {})
        if token is True:
            token = self.token()
        if token:
            fields["Authorization"] = "Bearer " + token
        connection = self.connection(timeout)
        try:
            connection.request(method, path, body=body, headers=fields,
                               encode_chunked=fields.get("Transfer-Encoding") == "chunked")
            answer = connection.getresponse()
            return Response(answer.status, answer.getheaders(), answer.read(), answer.reason, path)
        finally:
            connection.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body=b"", media_type=None, headers=None, **options):
        fields = dict(headers or {})
        if media_type:
            fields["Content-Type"] = media_type
        return self.request("POST", path, body=body, headers=fields, **options)

    def put(self, path, document, media_type="application/json", **options):
        body = document if isinstance(document, (bytes, str)) else json.dumps(document)
        return self.request("PUT", path, body=body, headers={"Content-Type": media_type}, **options)

    def connect(self, timeout=30):
        """A plain socket."""
        return socket.create_connection((self.host, self.port), timeout=timeout)

    def raw(self, data, timeout=30, half_close=False):
        """Send bytes as they are; give all that is answered until the server closes or is silent.

        Put Connection: close into the last request, or the answer ends by the timeout."""
        with self.connect(timeout) as connection:
            try:
                connection.sendall(data)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
            except (BrokenPipeError, ConnectionResetError):
                pass  # it closed while we were sending: what it said is still to be read
            return read_all(connection)

    def begin_delivery(self, dataset, header, row, size=1 << 20):
        """A delivery that goes on without an end: the header and many rows, in chunks, then nothing.

        A worker takes a body once more of it came than is kept for it, so it must be a large one.
        Gives the connection; what cannot be sent without waiting is left out."""
        connection = self.connect()
        connection.sendall((
            "POST /input/%s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
            "Content-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n" %
            (dataset, self.token())).encode())
        piece = (row * (8192 // len(row))).encode()
        connection.settimeout(0.2)
        try:
            connection.sendall(b"%x\r\n%s\r\n" % (len(header), header.encode()))
            for _ in range(size // len(piece)):
                connection.sendall(b"%x\r\n%s\r\n" % (len(piece), piece))
        except (TimeoutError, BrokenPipeError, ConnectionResetError):
            pass
        connection.settimeout(30)
        return connection

    # --- what most tests need ----------------------------------------------------------------

    def deliver(self, dataset, body, media_type="text/csv", **options):
        return self.post("/input/" + dataset, body, media_type, **options)

    def run_pipeline(self, name, document=None, seconds=120):
        """Ask for a run and wait for its end; gives the run."""
        answer = self.post("/control/pipelines/%s/runs" % name, json.dumps(document or {}),
                           "application/json")
        assert answer.status == 202, answer
        return self.finished_run(answer.header("Location"), seconds)

    def finished_run(self, location, seconds=120):
        path = location[location.index("/control/runs/"):]
        end = time.monotonic() + seconds
        while True:
            run_now = self.get(path + "?wait=30").expect(200).json
            if run_now["state"] not in ("queued", "running", "checking"):
                return run_now
            assert time.monotonic() < end, "the run does not end: %r" % run_now

    def memory_kb(self, field="VmRSS"):
        """A field of the server process alone, without its Postgres."""
        status = pathlib.Path("/proc/%d/status" % self.process.pid).read_text()
        return int(re.search(r"^%s:\s+(\d+)" % field, status, re.M)[1])

    def postgres_pid(self):
        """The private cluster's first process."""
        for child in children_of(self.process.pid):
            if "postgres" in command_of(child):
                return child
        raise AssertionError("the server has no Postgres")


def read_all(connection):
    """Everything until the peer closes, resets or is silent for the timeout."""
    data = b""
    while True:
        try:
            piece = connection.recv(65536)
        except (TimeoutError, ConnectionResetError):
            return data
        if not piece:
            return data
        data += piece


def children_of(pid):
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            if int(stat.rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry.name))
    return found


def command_of(pid):
    try:
        return pathlib.Path("/proc/%d/cmdline" % pid).read_bytes().replace(b"\0", b" ").decode(
            "utf-8", "replace")
    except OSError:
        return ""


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def main(names, *options, folder=PRODUCT, prepare=None, env=None, mint=None):
    """What most files end with: one server for all their tests, stopped cleanly as the last one."""
    sys.path.insert(0, str(HERE.parent))
    import tap
    with Server(folder, *options, env=env, mint=mint) as server:
        if prepare:
            prepare(server)
        names = dict(names)

        def the_server_stops_cleanly(running):
            running.stop_cleanly()
        the_server_stops_cleanly.__module__ = names["__name__"]
        names["the_server_stops_cleanly"] = the_server_stops_cleanly
        sys.exit(1 if tap.run(names, server) else 0)
