"""Long answers: they have connections of their own, end with who reads them, and break visibly."""
import base64
import contextlib
import json
import os
import random
import re
import shutil
import socket
import subprocess
import zlib

import entrepot
import tap
from entrepot import Server, parse_responses, read_all
from private_sql import locked, sql

PATH = "/output/sales"
LIVE = "/observability/health/live"
ROWS = 16000  # of a kilobyte: more than fits all buffers on the way
FORMATS = ("json", "ndjson", "csv", "arrow", "parquet")


def _rows():
    """In no order, with notes that no coding makes much shorter."""
    chance = random.Random(5)
    numbers = list(range(ROWS))
    chance.shuffle(numbers)
    yield "id,customer,amount,sold_at,paid,qty,due,note\n"
    for number in numbers:
        yield "%d,Ada,1.00,2026-01-02T03:04:05Z,true,%d,2026-02-01,%s\n" % (
            number, number % 1000, base64.b64encode(chance.randbytes(750)).decode())


def _prepare(server):
    server.deliver("orders", "".join(_rows()).encode()).expect(201)
    assert server.run_pipeline("sales")["state"] == "published"
    server.get(PATH + "?top=1").expect(200)


def _table(server):
    return sql(server, "SELECT max(oid)::regclass FROM pg_class WHERE relkind = 'r'"
                       " AND relnamespace = 'data'::regnamespace")


def _ask(server, path=PATH, **fields):
    """A request whose answer is not read: little of it fits between."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(60)
    connection.connect((server.host, server.port))
    connection.sendall(("GET %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n%s\r\n" % (
        path, server.token(), "".join("%s: %s\r\n" % (name.replace("_", "-"), value)
                                      for name, value in fields.items()))).encode())
    return connection


def _begun(connection):
    """It was given the first bytes of all rows: the rest waits for it."""
    data = connection.recv(4096)
    assert data.startswith(b"HTTP/1.1 200"), data
    return data


def _gauge(server, name):
    text = server.get("/observability/metrics").expect(200).text
    return float(re.search(r"^%s (\S+)$" % name, text, re.M)[1])


def _at_work(server):
    """How many processes of Postgres make rows for long answers, or hold something for them."""
    return int(sql(server, "SELECT count(*) FROM pg_stat_activity"
                           " WHERE application_name = 'entrepot stream' AND state <> 'idle'"))


def _logged(server, start, **members):
    def fits(event):
        return all(event.get(name) == value for name, value in members.items())
    event = server.wait_for("request", 30, start, fits)
    assert event, (members, server.events("request", start))
    return event


def _dechunked(data):
    """The body of an answer, and whether its last chunk came."""
    rest, body = data.partition(b"\r\n\r\n")[2], b""
    while True:
        size, line, rest = rest.partition(b"\r\n")
        length = int(size, 16) if line else 0
        if not length:
            return body, bool(line)
        body += rest[:length]
        rest = rest[length + 2:]


# --- who waits for whom --------------------------------------------------------------------------

def when_all_streams_are_taken_the_next_is_503_and_short_requests_are_answered(_):
    with Server(entrepot.PRODUCT, "--streams", "2", "--stream-queue", "1") as server, \
            contextlib.ExitStack() as held:
        _prepare(server)
        tag = server.get(PATH + "?top=1").header("ETag")
        for _ in range(2):
            _begun(held.enter_context(_ask(server)))
        held.enter_context(_ask(server, PATH + "?select=id&format=csv"))
        tap.until(lambda: _gauge(server, "entrepot_streams_queued") == 1)
        for path in (PATH, PATH + "?format=parquet", PATH + "/snapshots/1/data.parquet",
                     PATH + "?apply=aggregate($count as n)".replace(" ", "%20")):
            answer = server.get(path)
            document = answer.problem(503, "busy")
            assert int(answer.header("Retry-After")) > 0 and "later" in document["detail"], answer
        assert _gauge(server, "entrepot_streams_busy") == 2 == _at_work(server)
        for path in (PATH + "?filter=id%20eq%207", PATH + "?top=100", PATH + "?top=5&count=true",
                     PATH + "?filter=qty%20gt%207&top=5&count=true", PATH + "/snapshots",
                     "/odata/sales?$top=5", "/odata/sales(7)", "/odata/$metadata",
                     "/discovery/datasets", "/discovery/datasets/sales", "/discovery/openapi.json",
                     "/discovery/lineage", "/observability/quality", "/control/runs",
                     "/input/stock/deliveries", PATH + "/explain?top=1", LIVE):
            server.get(path).expect(200)
        assert server.request("GET", PATH + "?top=1", headers={"If-None-Match": tag}).status == 304
        assert server.request("HEAD", PATH).status == 200
        server.deliver("stock", "sku,level\na,1\n").expect(201)
        assert server.run_pipeline("levels")["state"] == "published"
        assert len(server.get("/output/levels?top=5").expect(200).json) == 1
        assert _gauge(server, "entrepot_streams_busy") == 2, "all this was while they were taken"
        held.pop_all().close()
        tap.until(lambda: _gauge(server, "entrepot_streams_busy") == 0)
        server.get(PATH + "?select=id&format=csv").expect(200)
        server.stop_cleanly()


def who_waits_is_served_when_another_ends(_):
    with Server(entrepot.PRODUCT, "--streams", "1") as server:
        _prepare(server)
        with _ask(server) as first:
            _begun(first)
            with _ask(server, PATH + "?select=id&format=csv", Connection="close") as second:
                tap.until(lambda: _gauge(server, "entrepot_streams_queued") == 1)
                first.close()
                answer = parse_responses(read_all(second))[0].expect(200)
                assert len(answer.text.splitlines()) == ROWS + 1
        server.stop_cleanly()


def who_waits_too_long_for_a_stream_is_503(_):
    with Server(entrepot.PRODUCT, "--streams", "1", "--queue-timeout", "200ms") as server:
        _prepare(server)
        with _ask(server) as first:
            _begun(first)
            answer = server.get(PATH)
            answer.problem(503, "busy")
            assert int(answer.header("Retry-After")) > 0, answer.headers
            assert _gauge(server, "entrepot_streams_queued") == 0
            assert _gauge(server, "entrepot_streams_busy") == 1
        tap.until(lambda: server.get(PATH + "?select=id").status == 200)
        server.stop_cleanly()


def deliveries_that_do_not_end_leave_rows_alone(_):
    with Server(entrepot.PRODUCT, "--workers", "1", "--min-rate", "0") as server:
        _prepare(server)
        with server.begin_delivery("events", "at,kind,value\n", "2026-01-01T00:00:00Z,held,1\n"):
            tap.until(lambda: _gauge(server, "entrepot_workers_busy") == 1)
            for name in FORMATS:
                server.get(PATH + "?select=id&format=" + name).expect(200)
            server.get(PATH + "/snapshots/1/data.parquet").expect(200)
            assert _gauge(server, "entrepot_workers_busy") == 1
        server.stop_cleanly()


# --- who stops reading ---------------------------------------------------------------------------

def a_client_that_leaves_frees_what_it_held(server):
    for name in FORMATS * 4:  # more than there are workers
        with _ask(server, PATH + "?format=" + name) as connection:
            _begun(connection)
    tap.until(lambda: _at_work(server) == 0)
    assert _gauge(server, "entrepot_streams_busy") == 0
    assert len(server.get(PATH + "?format=csv").expect(200).body) > ROWS * 1000


def a_client_that_leaves_before_the_first_row_has_its_query_cancelled(server):
    start = len(server.lines)
    with locked(server, _table(server)):
        with _ask(server) as connection:
            tap.until(lambda: _at_work(server) == 1)
            connection.close()
            tap.until(lambda: _at_work(server) == 0)
    _logged(server, start, ended="client gone")


def a_client_that_stops_reading_is_cut_off_and_holds_no_memory(_):
    """Neither more memory for more rows, nor a worker or a process of Postgres for ever."""
    # what a sanitizer keeps of freed memory must not be taken for ours
    env = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"}
    with Server(entrepot.PRODUCT, "--idle-timeout", "2s", "--streams", "2",
                env=env) as server:
        _prepare(server)
        before = server.memory_kb("VmHWM")
        start = len(server.lines)
        with _ask(server) as first, _ask(server) as second:
            held = {connection: _begun(connection) for connection in (first, second)}
            # an export needs a worker, so it is answered once the first two were cut off
            server.get(PATH + "?select=id&format=csv").expect(200)
            tap.until(lambda: _at_work(server) == 0)
            for connection, data in held.items():
                ended = _dechunked(data + read_all(connection))[1]
                assert not ended, "cut off, it must not look like an end"
        _logged(server, start, status=200, ended="idle")
        grown = server.memory_kb("VmHWM") - before
        assert grown < 32 << 10, "%d KB more" % grown
        server.stop_cleanly()


def _read_slowly(server, connection):
    """Between two pieces the client does something else."""
    data = _begun(connection)
    for _ in range(ROWS):
        server.get(LIVE, token=None).expect(200)
        try:
            piece = connection.recv(4096)
        except ConnectionResetError:
            piece = b""
        if not piece:
            break
        data += piece
    return data


def a_client_that_reads_too_slowly_is_cut_off(_):
    with Server(entrepot.PRODUCT, "--idle-timeout", "1s", "--min-rate", "1GB") as server:
        _prepare(server)
        start = len(server.lines)
        with _ask(server) as connection:
            data = _read_slowly(server, connection)
        assert not _dechunked(data)[1] and len(data) < ROWS * 1000
        event = _logged(server, start, route="/output/{dataset}", ended="slow")
        assert event["problem"] == "timeout" and event["status"] == 200, event
        tap.until(lambda: _at_work(server) == 0)
        server.stop_cleanly()


def no_answer_takes_longer_than_heavy_timeout(_):
    """Neither for a client that takes its time, nor for a statement that does."""
    with Server(entrepot.PRODUCT, "--heavy-timeout", "1s") as server:
        _prepare(server)
        start = len(server.lines)
        with _ask(server) as connection:
            assert not _dechunked(_read_slowly(server, connection))[1]
        _logged(server, start, status=200, problem="timeout")
        with locked(server, _table(server)):
            server.get(PATH).problem(408, "timeout")
        server.get(PATH + "?select=id").expect(200)
        server.stop_cleanly()


# --- what breaks ---------------------------------------------------------------------------------

def _uncoded(body, coding):
    """What a client can make of a body that was cut, which must be seen to be no whole one."""
    if coding == "gzip":
        stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        plain = stream.decompress(body)
        assert not stream.eof, "the coding says that this is all"
        return plain
    if coding == "zstd":
        done = subprocess.run(["zstd", "-d", "-c"], input=body, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
        assert done.returncode != 0, "the coding says that this is all"
        return done.stdout
    return body


def _is_whole(name, plain):
    """Would a reader of the format take this for all there is?"""
    if name == "json":
        try:
            return json.loads(plain) is not None
        except ValueError:
            return False
    if name == "arrow":
        return plain.endswith(b"\xff\xff\xff\xff\x00\x00\x00\x00")
    if name == "parquet":
        return plain.endswith(b"PAR1")
    return False  # lines end nowhere: what shows it is the chunk that is missing


def a_failure_in_the_middle_never_looks_like_an_end(server):
    for name in FORMATS:
        for coding in ("identity", "gzip", "zstd"):
            if coding == "identity" or name != "parquet":
                yield "%s, %s" % (name, coding), _cut, server, name, coding


def _cut(server, name, coding):
    if coding == "zstd" and not shutil.which("zstd"):
        tap.skip("zstd is not there")
    start = len(server.lines)
    with _ask(server, PATH + "?format=" + name, Accept_Encoding=coding) as connection:
        data = _begun(connection)
        assert (b"Content-Encoding: " + coding.encode() in data) == (coding != "identity"), data
        assert b"Transfer-Encoding: chunked" in data, data
        ended = sql(server, "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                            " WHERE application_name = 'entrepot stream' AND state = 'active'")
        assert ended == "1", "it was at work for this answer: " + ended
        body, is_whole = _dechunked(data + read_all(connection))
    assert body and not is_whole
    plain = _uncoded(body, coding)
    assert not _is_whole(name, plain), plain[-100:]
    assert len(plain) < ROWS * 1000
    event = _logged(server, start, route="/output/{dataset}", problem="store-unavailable")
    assert event["status"] == 200 and event["ended"] == "cut" and event["cause"], event
    assert server.get(PATH + "?top=1&format=" + name).status == 200


def a_failure_before_the_first_row_is_503(server):
    with locked(server, _table(server)):
        with _ask(server, Connection="close") as connection:
            tap.until(lambda: _at_work(server) == 1)
            sql(server, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                        " WHERE application_name = 'entrepot stream' AND state = 'active'")
            answer = parse_responses(read_all(connection))[0]
    answer.problem(503, "store-unavailable")
    assert int(answer.header("Retry-After")) > 0 and not answer.header("ETag"), answer.headers


# --- the same bytes ------------------------------------------------------------------------------

def an_answer_without_an_order_stays_the_same_whatever_plan_is_best(server):
    """Once Postgres knows the table it would rather read the index of its key, in that order."""
    paths = [PATH + "?format=csv&select=id", PATH + "?format=csv&select=id,qty&filter=id%20gt%2015000",
             PATH + "?format=csv&select=id&filter=id%20lt%20300"]
    before = [server.get(path).expect(200) for path in paths]
    numbers = [int(line) for line in before[0].text.splitlines()[1:]]
    assert sorted(numbers) == list(range(ROWS)) and numbers != sorted(numbers)
    sql(server, "VACUUM ANALYZE " + _table(server))
    for path, answer in zip(paths, before):
        again = server.get(path).expect(200)
        assert again.header("ETag") == answer.header("ETag")
        assert again.body == answer.body, path


if __name__ == "__main__":
    entrepot.main(globals(), prepare=_prepare)
