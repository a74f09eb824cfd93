"""Requests that no well-behaved client sends, and limits: each is answered, none is believed."""
import contextlib
import re
import socket

import entrepot
import tap
from entrepot import Server, parse_responses, read_all

LIVE = "/observability/health/live"
OPTIONS = ["--max-body", "64KB", "--max-document", "16KB", "--max-header", "16KB",
           "--max-uri", "4KB", "--request-timeout", "1s", "--idle-timeout", "2s",
           "--min-rate", "0", "--loops", "1"]


def _ask(server, text, *statuses, closes=None, methods=(), slug=None):
    """Send text with its line ends made CRLF; the first answer has one of the statuses, and errors
    are problem documents; the server is alive behind it."""
    if isinstance(text, str):
        text = text.replace("\n", "\r\n").encode("latin-1")
    data = server.raw(text, timeout=20)
    assert data, "the server closed without a word"
    answers = parse_responses(data, methods)
    assert answers[0].status in statuses, answers
    if answers[0].status >= 400 and not methods:
        answers[0].problem(answers[0].status, slug)
    if closes is not None:
        assert len(answers) == closes, answers
    assert server.get(LIVE, token=None).status == 200
    return answers


# --- hygiene -----------------------------------------------------------------------------------

def requests_that_are_no_requests_are_refused(server):
    one_row = "id,x\n1,2\n"
    cases = [
        ("no Host", "GET %s HTTP/1.1\nConnection: close\n\n" % LIVE, (400,)),
        ("two Host fields", "GET %s HTTP/1.1\nHost: a\nHost: b\n\n" % LIVE, (400,)),
        ("two Content-Length fields",
         "POST /input/orders HTTP/1.1\nHost: a\nContent-Length: 3\nContent-Length: 30\n\nabc", (400,)),
        ("two equal Content-Length fields",
         "POST /input/orders HTTP/1.1\nHost: a\nContent-Length: 3\nContent-Length: 3\n\nabc", (400,)),
        ("Content-Length and Transfer-Encoding",
         "POST /input/orders HTTP/1.1\nHost: a\nContent-Length: 3\n"
         "Transfer-Encoding: chunked\n\n0\n\n", (400,)),
        ("a blank before the colon",
         "POST /input/orders HTTP/1.1\nHost: a\nContent-Length : 4\n\nGET ", (400,)),
        ("a negative Content-Length",
         "POST /input/orders HTTP/1.1\nHost: a\nContent-Length: -1\n\n", (400,)),
        ("a signed Content-Length",
         "POST /input/orders HTTP/1.1\nHost: a\nContent-Length: +4\n\nabcd", (400,)),
        ("a Content-Length of words",
         "POST /input/orders HTTP/1.1\nHost: a\nContent-Length: four\n\nabcd", (400,)),
        ("a Content-Length past all numbers",
         "POST /input/orders HTTP/1.1\nHost: a\nContent-Length: 99999999999999999999999\n\n",
         (400, 413)),
        ("an unknown transfer coding",
         "POST /input/orders HTTP/1.1\nHost: a\nTransfer-Encoding: xchunked\n\n", (400, 501)),
        ("a folded field", "GET %s HTTP/1.1\nHost: a\nX-Long: a\n b\nConnection: close\n\n" % LIVE,
         (400,)),
        ("a NUL in the path", "GET /output/sales%00.csv HTTP/1.1\nHost: a\nConnection: close\n\n",
         (400,)),
        ("bad percent-encoding", "GET /output/%zz HTTP/1.1\nHost: a\nConnection: close\n\n", (400,)),
        ("a cut percent-encoding", "GET /output/% HTTP/1.1\nHost: a\nConnection: close\n\n", (400,)),
        ("a path that is not UTF-8", "GET /output/%ff%fe HTTP/1.1\nHost: a\nConnection: close\n\n",
         (400,)),
        ("a body with GET",
         "GET %s HTTP/1.1\nHost: a\nContent-Length: 9\nConnection: close\n\n%s" % (LIVE, one_row),
         (400, 413)),
        ("an unknown method", "BREW %s HTTP/1.1\nHost: a\nConnection: close\n\n" % LIVE, (405, 501)),
        ("a method in small letters", "get %s HTTP/1.1\nHost: a\nConnection: close\n\n" % LIVE,
         (405, 501)),
        ("TRACE", "TRACE %s HTTP/1.1\nHost: a\nConnection: close\n\n" % LIVE, (405, 501)),
        ("CONNECT", "CONNECT example.com:443 HTTP/1.1\nHost: a\nConnection: close\n\n",
         (400, 404, 405, 501)),
    ]
    for name, text, statuses in cases:
        yield name, _ask, server, text, *statuses


def bytes_that_are_not_HTTP_do_no_harm(server):
    cases = [
        ("a TLS hello", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200)),
        ("an HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        ("zeros", bytes(4000)),
        ("all bytes", bytes(range(256)) * 20),
        ("one line without an end", b"A" * 5000),
        ("line ends alone", b"\r\n" * 1000),
        ("a chunk size past all numbers",
         b"POST /input/orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
         b"fffffffffffffffffff\r\nabc\r\n"),
        ("a chunk size of words",
         b"POST /input/orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
    ]
    for name, data in cases:
        yield name, _no_harm, server, data


def _no_harm(server, data):
    server.raw(data, timeout=20, half_close=True)
    assert server.get(LIVE, token=None).status == 200
    assert server.process.poll() is None


def a_smuggled_request_is_not_answered(server):
    # whatever the first is taken for, its body must not run as a request of its own
    hidden = "GET /observability/metrics HTTP/1.1\r\nHost: a\r\n\r\n"
    text = ("POST /input/orders HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n"
            "Content-Length: 0\r\n\r\n%s" % (len(hidden), hidden)).encode()
    answers = parse_responses(server.raw(text, timeout=20))
    assert len(answers) == 1, answers


def requests_in_one_packet_are_answered_in_order(server):
    text = ("GET %s HTTP/1.1\r\nHost: a\r\n\r\nGET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"
            "HEAD %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % (LIVE, LIVE)).encode()
    answers = parse_responses(server.raw(text), ["GET", "GET", "HEAD"])
    assert [answer.status for answer in answers] == [200, 404, 200], answers


def a_client_that_half_closes_gets_its_answer(server):
    text = ("GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % LIVE).encode()
    answers = parse_responses(server.raw(text, half_close=True))
    assert answers[0].status == 200


def HTTP_1_0_is_answered_and_closed(server):
    answers = parse_responses(server.raw(("GET %s HTTP/1.0\r\nHost: a\r\n\r\n" % LIVE).encode()))
    assert [answer.status for answer in answers] == [200], answers


# --- sizes -------------------------------------------------------------------------------------

def a_long_path_is_414(server):
    _ask(server, "GET /output/%s HTTP/1.1\nHost: a\nConnection: close\n\n" % ("x" * 5000), 414)
    server.get("/output/sales?filter=" + "x" * 5000).problem(414, "uri-too-long")


def large_header_fields_are_431(server):
    _ask(server, "GET %s HTTP/1.1\nHost: a\nX-Large: %s\nConnection: close\n\n" %
         (LIVE, "x" * 20000), 431)
    _ask(server, "GET %s HTTP/1.1\nHost: a\n%sConnection: close\n\n" %
         (LIVE, "".join("X-%d: y\n" % i for i in range(3000))), 431)


def a_million_query_options_are_refused(server):
    _ask(server, "GET /output/sales?%s HTTP/1.1\nHost: a\nConnection: close\n\n" %
         ("a&" * 1000000), 414, 431)


def a_delivery_larger_than_the_limit_is_413(server):
    head, row = b"sku,level\n", b"%08d,1\n"
    body = head + b"".join(row % i for i in range(10000))
    assert len(body) > 65536
    for chunked in (False, True):
        yield "without Content-Length" if chunked else "with Content-Length", _too_large, server, \
            "/input/stock", "text/csv", body, chunked


def a_document_larger_than_the_limit_is_413(server):
    body = b'{"name": "%s"}' % (b"x" * 20000)
    for chunked in (False, True):
        yield "without Content-Length" if chunked else "with Content-Length", _too_large, server, \
            "/control/pipelines/large", "application/json", body, chunked


def _too_large(server, path, media_type, body, chunked):
    method = "PUT" if path.startswith("/control") else "POST"
    fields = "%s %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\n" % (
        method, path, server.token(), media_type)
    if chunked:
        fields += "Transfer-Encoding: chunked\r\n\r\n"
        pieces = [body[i:i + 4096] for i in range(0, len(body), 4096)]
        sent = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
    else:
        fields += "Content-Length: %d\r\n\r\n" % len(body)
        sent = body
    answers = parse_responses(server.raw(fields.encode() + sent, timeout=20))
    answers[0].problem(413, "body-too-large")
    assert server.get("/input/stock/deliveries").status == 200


def a_declared_terabyte_is_413_before_it_is_sent(server):
    text = ("POST /input/stock HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
            "Content-Type: text/csv\r\nContent-Length: 1099511627776\r\n\r\n" % server.token())
    parse_responses(server.raw(text.encode(), timeout=20))[0].problem(413, "body-too-large")


def expect_continue_is_answered_before_the_body(server):
    large = ("POST /input/stock HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
             "Content-Type: text/csv\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n" %
             server.token())
    parse_responses(server.raw(large.encode(), timeout=20))[0].problem(413, "body-too-large")
    body = b"sku,level\nexpected,1\n"
    with server.connect() as connection:
        connection.sendall((
            "POST /input/stock HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
            "Content-Type: text/csv\r\nContent-Length: %d\r\nExpect: 100-continue\r\n"
            "Connection: close\r\n\r\n" % (server.token(), len(body))).encode())
        first = connection.recv(4096)
        assert first.startswith(b"HTTP/1.1 100"), first
        connection.sendall(body)
        data = read_all(connection)
    assert parse_responses(data)[0].status == 201, data


# --- time --------------------------------------------------------------------------------------

def a_request_line_that_comes_byte_by_byte_is_cut(server):
    # one byte in half a second is never idle, yet the request must have come within a second
    with server.connect(timeout=60) as connection:
        connection.settimeout(0.5)
        data = b""
        for byte in b"GET " + LIVE.encode() + b"?" + b"x" * 100:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(bytes([byte]))
            try:
                piece = connection.recv(4096)
            except TimeoutError:
                continue
            except ConnectionResetError:
                break
            if not piece:
                break
            data += piece
        else:
            raise AssertionError("50 seconds of single bytes were listened to")
    if data:
        parse_responses(data)[0].problem(408, "timeout")


def a_connection_that_says_nothing_is_closed(server):
    with server.connect(timeout=60) as connection:
        try:
            answer = connection.recv(4096)  # a timeout of ours is a failure
        except ConnectionResetError:
            answer = b""
        assert answer == b"" or answer.startswith(b"HTTP/1.1 408"), answer


def a_body_that_stops_coming_is_cut(server):
    with server.connect(timeout=60) as connection:
        connection.sendall((
            "POST /input/stock HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
            "Content-Type: text/csv\r\nContent-Length: 1000\r\n\r\nsku,level\nhalf,1\n" %
            server.token()).encode())
        data = read_all(connection)  # ends when the server closes, long before our own 60 seconds
    if data:
        parse_responses(data)[0].problem(408, "timeout")
    deliveries = server.get("/input/stock/deliveries").json
    assert all(entry["state"] != "receiving" for entry in _list(deliveries)), deliveries


def _list(document):
    return document if isinstance(document, list) else document["deliveries"]


def slow_clients_do_not_stop_others(server):
    with contextlib.ExitStack() as stack:
        for _ in range(200):
            connection = stack.enter_context(server.connect())
            connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ")
        for _ in range(20):
            assert server.get(LIVE, token=None).status == 200


# --- counts ------------------------------------------------------------------------------------

def too_many_connections_of_one_address_are_refused(_):
    with Server(entrepot.PRODUCT, "--max-connections-per-ip", "5", "--loops", "1") as server:
        with contextlib.ExitStack() as stack:
            for _ in range(5):
                connection = stack.enter_context(server.connect())
                connection.sendall(("GET %s HTTP/1.1\r\nHost: a\r\n\r\n" % LIVE).encode())
                assert connection.recv(4096).startswith(b"HTTP/1.1 200")
            sixth = stack.enter_context(server.connect(timeout=20))
            with contextlib.suppress(OSError):
                sixth.sendall(("GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % LIVE)
                              .encode())
            answer = read_all(sixth)
            assert b"200 OK" not in answer, answer
            if answer:
                parse_responses(answer)[0].problem(parse_responses(answer)[0].status)
        tap.until(lambda: _alive(server))
        server.stop_cleanly()


def _alive(server):
    try:
        return server.get(LIVE, token=None).status == 200
    except OSError:
        return False


def more_connections_than_the_limit_wait_or_are_refused_and_it_recovers(_):
    with Server(entrepot.PRODUCT, "--max-connections", "10", "--loops", "1",
                "--idle-timeout", "2s") as server:
        with contextlib.ExitStack() as stack:
            for _ in range(40):
                stack.enter_context(server.connect())
            # those that say nothing are closed, then there is room again
            tap.until(lambda: _alive(server), 60)
        server.stop_cleanly()


def too_much_work_at_once_is_503_with_when_to_come_again(_):
    """Two workers are held by bodies that do not end; four requests may wait."""
    with Server(entrepot.PRODUCT, "--workers", "2", "--worker-queue", "4", "--min-rate",
                "0") as server:
        held = []
        try:
            for _ in range(8):
                held.append(server.begin_delivery("events", "at,kind,value\n",
                                                  "2026-01-01T00:00:00Z,held,1\n"))
            busy = tap.until(lambda: next((data for data in map(_peek, held) if b" 503 " in data),
                                          None))
            answer = parse_responses(busy)[0]
            answer.problem(503, "busy")
            assert answer.header("Retry-After"), answer.headers
            assert server.get(LIVE, token=None).status == 200
        finally:
            for connection in held:
                connection.close()
        tap.until(lambda: server.get("/input/stock/deliveries").status == 200)
        server.stop_cleanly()


def _peek(connection):
    connection.settimeout(0.05)
    try:
        return connection.recv(65536, socket.MSG_PEEK)
    except (TimeoutError, ConnectionResetError):
        return b""


# --- answers -----------------------------------------------------------------------------------

def an_unknown_path_is_404(server):
    for path in ("/nothing", "/output", "/output/sales/rows", "/input/orders/x", "//output/sales",
                 "/output/sales/", "/../etc/passwd", "/output/..%2f..%2fetc", "/output/%2e%2e"):
        yield path, lambda server, path: server.get(path).problem(404), server, path


def two_Accept_fields_and_wild_cards_are_understood(server):
    assert server.request("GET", LIVE, token=None, headers={"Accept": "*/*"}).status == 200
    assert server.request("GET", LIVE, token=None,
                          headers={"Accept": "text/html;q=0.1, */*;q=0.01"}).status == 200


def every_answer_names_its_trace(server):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    start = len(server.lines)
    answer = server.request("GET", "/output/sales?top=1", headers={
        "traceparent": "00-%s-00f067aa0ba902b7-01" % trace})
    assert "Server-Timing" in dict(answer.headers), answer.headers
    event = server.wait_for("request", 10, start, lambda e: trace in str(e))
    assert event, "no log line names the trace"


def a_wrong_traceparent_is_not_taken_over(server):
    start = len(server.lines)
    server.request("GET", LIVE, token=None, headers={"traceparent": '00-"}{-x-01'})
    event = server.wait_for("request", 10, start, lambda event: event.get("route") == LIVE)
    assert event and re.fullmatch("[0-9a-f]{32}", event["trace"]), event


if __name__ == "__main__":
    entrepot.main(globals(), *OPTIONS)
