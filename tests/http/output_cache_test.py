"""What is known of rows that never change: entity tags, and how many rows a filter finds."""
import contextlib
import json
import os
import re
import signal
import urllib.parse

import entrepot
from entrepot import Server
from private_sql import sql

ROWS = 600
PATH = "/output/sales"
orders = [{"id": number, "customer": "customer %d" % (number % 7), "amount": number * 7 % 1000 / 100,
           "sold_at": "2026-%02d-02T03:04:05Z" % (number % 12 + 1), "paid": number % 3 > 0,
           "qty": number % 11, "due": "2026-02-%02d" % (number % 28 + 1),
           "note": None if number % 5 else "note %d" % number} for number in range(1, ROWS + 1)]


def _prepare(server):
    body = "\n".join(json.dumps(row) for row in orders).encode()
    server.deliver("orders", body, "application/x-ndjson").expect(201)
    assert server.run_pipeline("sales")["state"] == "published"


def _path(path=PATH, /, **options):
    return path + "?" + urllib.parse.urlencode(options, quote_via=urllib.parse.quote)


def _ask(server, **options):
    return server.get(_path(**options))


@contextlib.contextmanager
def _postgres_asleep(server):
    """None of the processes of Postgres that answer this server's requests does anything."""
    pids = sql(server, "SELECT pid FROM pg_stat_activity WHERE application_name IN"
                       " ('entrepot read lane', 'entrepot worker', 'entrepot stream')")
    try:
        for pid in pids.split():
            os.kill(int(pid), signal.SIGSTOP)
        yield
    finally:
        for pid in pids.split():
            os.kill(int(pid), signal.SIGCONT)


# --- entity tags -------------------------------------------------------------------------------

def an_entity_tag_that_still_holds_is_304(server):
    for name, options in (("a row", {"filter": "id eq 5"}), ("a page", {"top": 10}),
                          ("all", {}), ("CSV", {"format": "csv"}), ("an empty answer", {"top": 0})):
        yield name, _not_modified, server, options


def _not_modified(server, options):
    url = _path(**options)
    tag = server.get(url).expect(200).header("ETag")
    assert re.fullmatch(r'"[^"]+"', tag), tag
    assert server.get(url).header("ETag") == tag
    for value in (tag, "W/" + tag, '"x", ' + tag, "*"):
        answer = server.request("GET", url, headers={"If-None-Match": value})
        assert answer.status == 304 and answer.body == b"", (value, answer)
        assert answer.header("ETag") == tag
    assert server.request("GET", url, headers={"If-None-Match": '"x"'}).status == 200
    assert server.request("HEAD", url, headers={"If-None-Match": tag}).status == 304
    # only for those who may read it
    assert server.request("GET", url, token=None, headers={"If-None-Match": tag}).status == 401


def entity_tags_differ_where_answers_do(server):
    tags = {}
    for name, url, fields in (
            ("all", _path(), {}), ("CSV", _path(format="csv"), {}),
            ("NDJSON", _path(), {"Accept": "application/x-ndjson"}),
            ("gzip", _path(), {"Accept-Encoding": "gzip"}), ("select", _path(select="id"), {}),
            ("filter", _path(filter="id eq 1"), {}), ("other", _path(filter="id eq 2"), {}),
            ("top", _path(top=5), {}), ("order", _path(orderby="qty"), {})):
        tags[name] = server.request("GET", url, headers=fields).expect(200).header("ETag")
    assert len(set(tags.values())) == len(tags), tags


def what_has_not_changed_is_told_without_Postgres(server):
    paths = [_path(filter="id eq 5"), _path(top=10), PATH, _path(format="csv"),
             _path(apply="groupby((qty))"), _path(filter="qty gt 2", count="true", top=1),
             PATH + "/snapshots/1", PATH + "/snapshots/1/data.parquet", PATH + "/snapshots",
             "/odata/sales?$top=5", "/odata/sales(7)", "/odata/$metadata", "/discovery/datasets",
             "/discovery/openapi.json"]
    tags = {path: server.get(path).expect(200).header("ETag") for path in paths}
    with _postgres_asleep(server):
        with server.connect() as asked:
            asked.sendall(("GET %s?top=3 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
                           "Authorization: Bearer %s\r\n\r\n" % (PATH, server.token())).encode())
            for path, tag in tags.items():
                assert tag, path
                for _ in range(2):
                    answer = server.request("GET", path, headers={"If-None-Match": tag})
                    assert answer.status == 304, (path, answer)
                answer = server.request("GET", path, headers={"If-Match": '"other"'})
                answer.problem(412)
                answer = server.request("GET", path, headers={"If-None-Match": tag}, token="x.y.z")
                assert answer.status == 401 or path.startswith("/discovery/"), (path, answer)
            asked.setblocking(False)
            try:
                raise AssertionError("Postgres is not asleep: %r" % asked.recv(100))
            except BlockingIOError:
                pass
            finally:
                asked.setblocking(True)
            file = server.get(PATH + "/snapshots/1/data.parquet").expect(200)
            assert file.body.endswith(b"PAR1"), "a file comes from the disk"


def If_Match_keeps_a_reader_in_one_state(server):
    for options in ({"filter": "id eq 5"}, {"top": 10}, {}, {"format": "parquet"}):
        path = _path(**options)
        tag = server.get(path).header("ETag")
        for name, value, status in (
                ("If-Match", tag, 200), ("If-Match", '"x", ' + tag, 200), ("If-Match", "*", 200),
                ("If-Match", '"x"', 412), ("If-Match", "W/" + tag, 412), ("If-Match", "x", 412)):
            for method in ("GET", "HEAD"):
                answer = server.request(method, path, headers={name: value})
                assert answer.status == status, (options, value, method, answer)
            if status == 412:
                document = server.request("GET", path, headers={name: value}).problem(
                    412, "precondition-failed")
                assert "If-Match" in document["detail"], document
        both = {"If-Match": '"x"', "If-None-Match": tag}
        assert server.request("GET", path, headers=both).status == 412
        assert server.request("GET", path, headers=dict(both, **{"If-Match": tag})).status == 304
    file = PATH + "/snapshots/1/data.parquet"
    tag = server.get(file).expect(200).header("ETag")
    fields = {"If-Match": tag, "Range": "bytes=0-3"}
    assert server.request("GET", file, headers=fields).expect(206).body == b"PAR1"
    server.request("GET", file, headers=dict(fields, **{"If-Match": '"x"'})).problem(412)


# --- count -------------------------------------------------------------------------------------

def rows_are_counted_whatever_part_of_them_is_sent(server):
    expected = str(sum(order["paid"] and order["qty"] > 4 for order in orders))
    for options in ({"top": 3}, {"skip": 5, "top": 1}, {"maxpagesize": 10}, {}, {"top": 0},
                    {"format": "csv"}, {"orderby": "note"}, {"select": "id"}):
        yield str(options), _counted, server, dict(options, filter="paid and qty gt 4"), expected
    yield "all", _counted, server, {"top": 1}, str(ROWS)
    yield "one row", _counted, server, {"filter": "id eq 7"}, "1"
    yield "none", _counted, server, {"filter": "id eq 0"}, "0"
    yield "before now", _counted, server, {"filter": "sold_at lt now() or true", "top": 1}, str(ROWS)


def _counted(server, options, expected):
    answer = _ask(server, count="true", **options).expect(200)
    assert answer.header("Total-Count") == expected, answer.headers
    assert not _ask(server, count="false", **options).expect(200).header("Total-Count")
    head = server.request("HEAD", _path(count="true", **options))
    assert head.status == 200 and head.header("Total-Count") == expected, head.headers


def what_was_counted_once_is_not_counted_again(server):
    """Whatever else of the query is another, and whichever port asks; without Postgres."""
    filter_ = "id gt 10 and customer ne 'x'"
    answer = _ask(server, filter=filter_, count="true", top=1).expect(200)
    assert answer.header("Total-Count") == str(ROWS - 10)
    with _postgres_asleep(server):
        for options in ({"filter": filter_}, {"filter": "(id gt 10)  and customer ne 'x'"},
                        {"$filter": "ID GT 10 AND customer NE 'x'", "select": "id"},
                        {"filter": filter_, "orderby": "qty desc", "format": "csv"}, {}):
            answer = server.request("HEAD", _path(count="true", **options)).expect(200)
            assert answer.header("Total-Count") == str(ROWS - 10 if options else ROWS), options
        assert server.get(_path("/odata/sales/$count", filter=filter_)).expect(200).text == "590"


def each_snapshot_is_counted_by_itself(_):
    with Server() as server:
        counts = []
        for size in (5, 9):
            server.deliver("stock", "sku,level\n" + "".join("s%d,%d\n" % (n, n) for n in range(1, size + 1)))
            assert server.run_pipeline("levels")["state"] == "published"
            for _ in range(2):
                for path in ("/output/levels", "/output/levels/snapshots/1"):
                    answer = server.get(_path(path, filter="level gt 1", count="true", top=1))
                    counts.append(answer.expect(200).header("Total-Count"))
        assert counts == ["4", "4", "4", "4", "8", "4", "8", "4"], counts
        server.stop_cleanly()


def every_page_tells_the_count(server):
    answer = server.request("GET", _path(filter="qty gt 4", count="true"),
                            headers={"Prefer": "maxpagesize=100"})
    expected = str(sum(order["qty"] > 4 for order in orders))
    for _ in range(2):
        assert answer.expect(200).header("Total-Count") == expected
        path = re.sub(r"^https?://[^/]+", "", answer.link("next"))
        answer = server.get(path)


if __name__ == "__main__":
    entrepot.main(globals(), prepare=_prepare)
