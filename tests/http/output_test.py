"""The output port: formats, the query language, pages and snapshots."""
import csv
import gzip
import io
import itertools
import json
import re
import shutil
import subprocess
import urllib.parse

import entrepot
import orders as made
import tap
from entrepot import Server

ROWS = 5000
PATH = "/output/sales"
NOTES = [None, "", "plain", 'a "quote"', "comma, and\nline", "\u20ac \U0001f6a2", "null", "'"]
orders = list(made.rows(ROWS, NOTES))


def _prepare(server):
    body = "\n".join(json.dumps(row) for row in orders).encode()
    server.deliver("orders", body, "application/x-ndjson").expect(201)
    run = server.run_pipeline("sales")
    assert run["state"] == "published", run


def _query(**options):
    return PATH + "?" + urllib.parse.urlencode(options, quote_via=urllib.parse.quote)


def _ask(server, **options):
    return server.get(_query(**options))


# --- formats -----------------------------------------------------------------------------------

def everything_is_there_as_a_JSON_array(server):
    answer = server.get(PATH).expect(200)
    assert answer.media_type == "application/json", answer.headers
    assert answer.header("Transfer-Encoding") == "chunked" or answer.header("Content-Length")
    assert sorted(answer.json, key=lambda row: row["id"]) == orders
    assert list(answer.json[0]) == list(orders[0]), "columns in the order of the contract"


def everything_is_there_as_NDJSON(server):
    answer = server.request("GET", PATH, headers={"Accept": "application/x-ndjson"}).expect(200)
    assert answer.media_type == "application/x-ndjson", answer.headers
    rows = [json.loads(line) for line in answer.text.split("\n") if line]
    assert answer.text.endswith("\n") and len(rows) == ROWS
    assert sorted(rows, key=lambda row: row["id"]) == orders


def everything_is_there_as_CSV(server):
    answer = server.request("GET", PATH, headers={"Accept": "text/csv"}).expect(200)
    assert answer.media_type == "text/csv", answer.headers
    rows = list(csv.reader(io.StringIO(answer.text, newline="")))
    assert rows[0] == list(orders[0]), rows[0]
    assert len(rows) == ROWS + 1
    by_id = {int(row[0]): row for row in rows[1:]}
    for order in orders:
        row = by_id[order["id"]]
        assert row[1] == order["customer"] and float(row[2]) == order["amount"], row
        assert row[4] == ("true" if order["paid"] else "false"), row
        assert row[7] == (order["note"] or ""), row
    # null is nothing, empty text is ""
    lines = {}
    for number in (next(o["id"] for o in orders if o["note"] is None),
                   next(o["id"] for o in orders if o["note"] == "")):
        lines[number] = _ask(server, filter="id eq %d" % number, format="csv").text
    endings = [text.rstrip("\r\n").rsplit(",", 1)[1] for text in lines.values()]
    assert endings == ["", '""'], lines


def the_format_can_be_named_and_wins_over_Accept(server):
    for name, media_type in (("csv", "text/csv"), ("json", "application/json"),
                             ("ndjson", "application/x-ndjson")):
        answer = server.request("GET", _query(format=name, top=1), headers={"Accept": "text/html"})
        assert answer.expect(200).media_type == media_type, (name, answer.headers)


def Accept_is_weighed(server):
    for accept, media_type in (
            ("*/*", "application/json"), ("text/*", "text/csv"), ("application/*", None),
            ("text/csv;q=0.5, application/x-ndjson", "application/x-ndjson"),
            ("text/html, application/json;q=0.9, */*;q=0.1", "application/json"),
            ("application/json;q=0, */*", None)):
        yield accept, _weighed, server, accept, media_type


def _weighed(server, accept, media_type):
    answer = server.request("GET", PATH + "?top=1", headers={"Accept": accept}).expect(200)
    if media_type:
        assert answer.media_type == media_type, answer.headers
    elif "q=0," in accept:
        assert answer.media_type != "application/json", answer.headers


def HEAD_tells_the_type_of_what_GET_sends_and_never_a_wrong_length(server):
    for name, url in (("all as JSON", PATH), ("all as CSV", _query(format="csv")),
                      ("all as Parquet", _query(format="parquet")), ("a page", _query(top=10)),
                      ("changes", PATH + "/changes?from=1&to=1"),
                      ("what a worker streams", "/observability/lineage")):
        yield name, _head, server, url


def _head(server, url):
    get, head = server.get(url).expect(200), server.request("HEAD", url).expect(200)
    assert head.body == b"" and head.header("Content-Type") == get.header("Content-Type"), head
    assert head.header("Content-Length") in (None, str(len(get.body))), head
    raw = server.raw(("HEAD %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n\r\n" % (
        url, server.token())).encode(), timeout=1)
    assert raw.startswith(b"HTTP/1.1 200 OK\r\n") and raw.endswith(b"\r\n\r\n"), raw
    assert raw.count(b"\r\n\r\n") == 1, raw


def formats_that_are_not_served_are_406(server):
    for name, options in (("Accept", {"headers": {"Accept": "application/xml"}}),
                          ("Accept with q=0", {"headers": {"Accept": "application/json;q=0"}})):
        yield name, lambda server, options: server.request("GET", PATH, **options).problem(
            406, "not-acceptable"), server, options
    answer = _ask(server, format="xml")
    assert answer.status in (400, 406), answer
    answer.problem(answer.status)


def content_codings_are_served(server):
    plain = server.get(PATH + "?format=csv&orderby=id").body
    answer = server.request("GET", PATH + "?format=csv&orderby=id",
                            headers={"Accept-Encoding": "gzip"}).expect(200)
    assert answer.header("Content-Encoding") == "gzip", answer.headers
    assert gzip.decompress(answer.body) == plain
    assert "Accept-Encoding" in answer.header("Vary"), answer.headers
    refused = server.request("GET", PATH + "?format=csv&orderby=id",
                             headers={"Accept-Encoding": "gzip;q=0, identity"}).expect(200)
    assert not refused.header("Content-Encoding") and refused.body == plain
    if not shutil.which("zstd"):
        tap.skip("zstd is not there")
    answer = server.request("GET", PATH + "?format=csv&orderby=id",
                            headers={"Accept-Encoding": "zstd, gzip"}).expect(200)
    assert answer.header("Content-Encoding") == "zstd", answer.headers
    unpacked = subprocess.run(["zstd", "-d", "-c"], input=answer.body, stdout=subprocess.PIPE,
                              check=True)
    assert unpacked.stdout == plain


# --- the query language ------------------------------------------------------------------------

def filters_choose_the_rows_that_a_reader_expects(server):
    def null_safe(value, test):
        return value is not None and test(value)

    cases = [
        ("id eq 7", lambda o: o["id"] == 7),
        ("7 eq id", lambda o: o["id"] == 7),
        ("id ne 7", lambda o: o["id"] != 7),
        ("id gt 4990", lambda o: o["id"] > 4990),
        ("id ge 4990 and id lt 4995", lambda o: 4990 <= o["id"] < 4995),
        ("id le 3 or id gt 4997", lambda o: o["id"] <= 3 or o["id"] > 4997),
        ("not (id gt 3)", lambda o: o["id"] <= 3),
        ("not paid and qty lt 10", lambda o: not o["paid"] and o["qty"] < 10),
        ("paid eq true and qty gt 990", lambda o: o["paid"] and o["qty"] > 990),
        ("id in (1,2,3,9999)", lambda o: o["id"] in (1, 2, 3)),
        ("customer eq 'customer 5'", lambda o: o["customer"] == "customer 5"),
        ("customer in ('customer 5','customer 6')",
         lambda o: o["customer"] in ("customer 5", "customer 6")),
        ("amount gt 99000.50", lambda o: o["amount"] > 99000.5),
        ("amount eq %s" % orders[41]["amount"], lambda o: o["amount"] == orders[41]["amount"]),
        ("due lt 2026-01-05", lambda o: o["due"] < "2026-01-05"),
        ("sold_at ge 2026-12-28T00:00:00Z", lambda o: o["sold_at"] >= "2026-12-28"),
        ("sold_at ge 2026-12-28T01:00:00+01:00", lambda o: o["sold_at"] >= "2026-12-28"),
        ("note eq null", lambda o: o["note"] is None),
        ("note ne null and id lt 50", lambda o: o["note"] is not None and o["id"] < 50),
        ("note eq ''", lambda o: o["note"] == ""),
        ("note ne 'plain' and id lt 50", lambda o: o["note"] != "plain" and o["id"] < 50),
        ("note eq ''''", lambda o: o["note"] == "'"),
        ("note eq 'a \"quote\"'", lambda o: o["note"] == 'a "quote"'),
        ("note eq '\u20ac \U0001f6a2'", lambda o: o["note"] == "\u20ac \U0001f6a2"),
        ("note eq 'null'", lambda o: o["note"] == "null"),
        ("note gt 'p'", lambda o: null_safe(o["note"], lambda note: note > "p")),
        ("(id eq 1) or (id eq 2 and paid) or (id eq 2 and not paid)", lambda o: o["id"] in (1, 2)),
        ("id eq 1 or id eq 2 and id eq 3", lambda o: o["id"] == 1),
        ("id gt 99999999999999999999", lambda o: False),
        ("id lt 1.5", lambda o: o["id"] == 1),
        ("id eq -1", lambda o: False),
    ]
    for text, test in cases:
        yield text, _filter, server, text, test


def _filter(server, text, test):
    expected = [order["id"] for order in orders if test(order)]
    rows = _ask(server, filter=text, orderby="id").expect(200).json
    assert [row["id"] for row in rows] == expected, (len(rows), len(expected))
    # the other order of paths through the server: with the sign, streamed, without an order
    again = server.get(_query(**{"$filter": text, "format": "ndjson"}))
    got = [json.loads(line)["id"] for line in again.expect(200).text.split("\n") if line]
    assert sorted(got) == expected


def filters_that_are_wrong_are_400(server):
    cases = ["id eq", "eq 7", "id eq 'seven'", "id = 7", "id eq 7 7", "(id eq 7", "id eq 7)", "id",
             "paid eq 1", "colour eq 'red'", "customer eq red", "customer eq 'red", "id in 7", "id in (1,'a')", "not", "and", "due eq 2026-02-30",
             "sold_at gt 2026-01-01", "id eq 7 or", "", " ", "id eq 7; DROP TABLE x",
             "id eq 7 -- x", "id eq 7) or (1 eq 1", "id eq $1", "\"id\" eq 7", "Id eq 7 \0",
             "id eq 0x7", "id eq 1e999999999", "customer eq 'a\0b'"]
    for text in cases:
        yield repr(text), _bad_filter, server, text


def _bad_filter(server, text):
    problem = _ask(server, filter=text)
    assert problem.status == 400, problem
    document = problem.problem(400)
    if document["type"].endswith("bad-query") and text.strip():
        assert document.get("option", "filter").lstrip("$") == "filter", document


def filters_that_are_known_but_not_there_are_501(server):
    for text in ("id has 7", "customer/name eq 'x'", "tags/any(t: t eq 1)"):
        yield text, _not_there, server, text


def _not_there(server, text):
    answer = _ask(server, filter=text)
    assert answer.status in (400, 501), answer
    answer.problem(answer.status)


def a_filter_of_great_depth_or_length_is_refused(server):
    for name, text in (("depth", "(" * 1500 + "id eq 1" + ")" * 1500),
                       ("not", "not " * 1500 + "paid"),
                       ("length", " or ".join("id eq %d" % n for n in range(550))),
                       ("list", "id in (" + ",".join(str(n) for n in range(1500)) + ")")):
        yield name, _great, server, text


def _great(server, text):
    answer = _ask(server, filter=text)
    assert answer.status in (200, 400, 414), answer
    assert server.get("/observability/health/live", token=None).status == 200


def select_chooses_columns_in_its_order(server):
    for names in (["id"], ["customer", "id"], ["note", "qty", "amount"]):
        yield ",".join(names), _select, server, names


def _select(server, names):
    rows = _ask(server, select=",".join(names), filter="id le 3", orderby="id").expect(200).json
    assert rows == [{name: order[name] for name in names} for order in orders[:3]], rows
    assert list(rows[0]) == names
    text = _ask(server, select=",".join(names), top=1, format="csv").text
    assert text.splitlines()[0] == ",".join(names)


def select_of_nothing_known_is_400(server):
    for names in ("colour", "id,colour", "", "id,", ",id", "id id", "*;x", "id,id--"):
        yield repr(names), lambda server, names: _ask(server, select=names).problem(400), server, \
            names


def orderby_orders_with_nulls_first(server):
    def key(*names):
        return lambda order: tuple((order[name] is not None, order[name]) for name in names)

    cases = [
        ("id", sorted(orders, key=key("id"))),
        ("id desc", sorted(orders, key=key("id"), reverse=True)),
        ("qty,id", sorted(orders, key=key("qty", "id"))),
        ("qty", sorted(orders, key=key("qty", "id"))),  # the key makes it a total order
        ("qty desc,id asc", sorted(sorted(orders, key=key("id")), key=key("qty"), reverse=True)),
        ("paid desc,amount,id", sorted(sorted(orders, key=key("amount", "id")), key=key("paid"),
                                       reverse=True)),
        ("note,id", sorted(orders, key=key("note", "id"))),
        ("note desc,id", sorted(sorted(orders, key=key("id")), key=key("note"), reverse=True)),
    ]
    for text, expected in cases:
        yield text, _orderby, server, text, expected


def _orderby(server, text, expected):
    rows = _ask(server, orderby=text, top=200).expect(200).json
    assert [row["id"] for row in rows] == [order["id"] for order in expected[:200]]
    every = _ask(server, orderby=text, format="ndjson").expect(200).text
    assert [json.loads(line)["id"] for line in every.split("\n") if line] == \
        [order["id"] for order in expected]


def orderby_of_nothing_known_is_400(server):
    for text in ("colour", "id up", "id desc desc", "", "id,", "id;"):
        yield repr(text), lambda server, text: _ask(server, orderby=text).problem(400), server, text


def top_takes_as_many_as_it_says(server):
    for top in (0, 1, 10, 999, 1000, 1001, ROWS, ROWS + 5):
        yield str(top), _top, server, top


def _top(server, top):
    rows = _ask(server, top=top, orderby="id").expect(200).json
    assert [row["id"] for row in rows] == list(range(1, min(top, ROWS) + 1))


def numbers_that_are_none_are_400(server):
    for value in ("-1", "x", "1.5", "", "1e3", "99999999999999999999999", "0x1", " 1", "+1"):
        yield repr(value), lambda server, value: _ask(server, top=value).problem(400), server, value


def unknown_options_are_400(server):
    for options in ({"colour": "red"}, {"$colour": "red"}, {"Filter2": "x"}, {"select ": "id"}):
        yield str(options), lambda server, options: _ask(server, **options).problem(400), server, \
            options
    server.get(PATH + "?top=1&top=2").problem(400)
    server.get(PATH + "?top=1&$top=2").problem(400)


def an_unknown_dataset_is_404(server):
    server.get("/output/sale").problem(404, "dataset-unknown")
    server.get("/output/orders").problem(404, "dataset-unknown")  # an input
    server.get("/output/sales%20").problem(404)


# --- pages -------------------------------------------------------------------------------------

def pages_follow_each_other_to_the_end(server):
    for name, options, size in (
            ("by key", {}, 700), ("down", {"orderby": "id desc"}, 700),
            ("by two columns", {"orderby": "qty desc,paid"}, 333),
            ("with nulls", {"orderby": "note,qty"}, 333),
            ("with a filter", {"filter": "paid", "select": "id"}, 400),
            ("without the key among the columns", {"select": "customer", "orderby": "amount"}, 900)):
        yield name, _pages, server, options, size


def _pages(server, options, size):
    whole = _ask(server, **{"orderby": "id", **options}).expect(200).json
    url, pages = _query(**options), []
    for _ in range(ROWS // size + 2):
        answer = server.request("GET", url, headers={"Prefer": "maxpagesize=%d" % size}).expect(200)
        pages.append(answer.json)
        following = answer.link("next")
        if not following:
            break
        assert "maxpagesize" in (answer.header("Preference-Applied") or ""), answer.headers
        url = re.sub(r"^https?://[^/]+", "", following)
    assert all(len(page) == size for page in pages[:-1]), [len(page) for page in pages]
    assert len(pages) == -(-len(whole) // size), (len(pages), len(whole))
    assert list(itertools.chain(*pages)) == whole


def top_counts_down_over_pages(server):
    answer = server.request("GET", _query(top=250), headers={"Prefer": "maxpagesize=100"})
    seen = len(answer.expect(200).json)
    while answer.link("next"):
        path = re.sub(r"^https?://[^/]+", "", answer.link("next"))
        answer = server.request("GET", path, headers={"Prefer": "maxpagesize=100"}).expect(200)
        seen += len(answer.json)
    assert seen == 250, seen


def a_token_that_was_changed_is_400(server):
    first = server.request("GET", _query(orderby="qty"), headers={"Prefer": "maxpagesize=10"})
    following = urllib.parse.urlsplit(first.expect(200).link("next"))
    options = dict(urllib.parse.parse_qsl(following.query, keep_blank_values=True))
    name = next(key for key in options if "skiptoken" in key.lower())
    token = options[name]
    for what, value in (("cut", token[:-2]), ("longer", token + "AA"), ("empty", ""),
                        ("another", "AAAA" + token[4:]), ("nonsense", "%%%"), ("long", "A" * 3000)):
        yield what, _bad_token, server, dict(options, **{name: value})
    yield "of another order", _bad_token, server, dict(options, orderby="amount")
    yield "of another filter", _bad_token, server, dict(options, filter="paid")


def _bad_token(server, options):
    server.get(PATH + "?" + urllib.parse.urlencode(options)).problem(400)


def pages_stay_in_their_snapshot(_):
    with Server() as server:
        server.deliver("stock", "sku,level\n" + "".join("s%03d,1\n" % n for n in range(30)))
        server.run_pipeline("levels")
        first = server.request("GET", "/output/levels", headers={"Prefer": "maxpagesize=10"})
        server.deliver("stock", "".join(["sku,level\n"] + ["s%03d,2\n" % n for n in range(40)]))
        assert server.run_pipeline("levels")["state"] == "published"
        rows, answer = first.expect(200).json, first
        while answer.link("next"):
            path = re.sub(r"^https?://[^/]+", "", answer.link("next"))
            answer = server.request("GET", path, headers={"Prefer": "maxpagesize=10"}).expect(200)
            rows += answer.json
        assert len(rows) == 30 and {row["level"] for row in rows} == {1}, rows
        assert len(server.get("/output/levels").json) == 40
        server.stop_cleanly()


# --- snapshots ---------------------------------------------------------------------------------

def snapshots_are_listed_and_can_be_pinned(server):
    listed = server.get("/output/sales/snapshots").expect(200).json
    entries = listed if isinstance(listed, list) else listed["snapshots"]
    number = entries[0]["number"] if "number" in entries[0] else entries[0]["snapshot"]
    pinned = server.get(_query(snapshot=number, filter="id eq 1")).expect(200)
    assert pinned.json == orders[:1]
    assert "immutable" in pinned.header("Cache-Control"), pinned.headers
    assert "private" in pinned.header("Cache-Control"), pinned.headers
    latest = _ask(server, filter="id eq 1")
    assert "immutable" not in latest.header("Cache-Control"), latest.headers
    for wrong in ("0", "-1", "x", "", "1.5", "99999999999999999999"):
        answer = server.get(PATH + "?snapshot=" + wrong)
        assert answer.status in (400, 404), (wrong, answer)
        answer.problem(answer.status)
    server.get(_query(snapshot=99999)).problem(404)


def a_retired_snapshot_is_410(_):
    with Server(entrepot.PRODUCT, "--keep-snapshots", "1", "--retire-grace", "0ms") as server:
        for level in (1, 2):
            server.deliver("stock", "sku,level\na,%d\n" % level).expect(201)
            assert server.run_pipeline("levels")["state"] == "published"
        tap.until(lambda: server.get("/output/levels?snapshot=1").status == 410, 60, 0.2)
        server.get("/output/levels?snapshot=1").problem(410, "snapshot-retired")
        assert server.get("/output/levels").expect(200).json[0]["level"] == 2
        server.stop_cleanly()


def a_dataset_without_a_snapshot_is_404_and_says_so(server):
    problem = server.get("/output/daily").problem(404)
    assert "snapshot" in problem["detail"] or "published" in problem["detail"], problem
    listed = server.get("/output/daily/snapshots").expect(200).json
    assert (listed if isinstance(listed, list) else listed["snapshots"]) == []


if __name__ == "__main__":
    entrepot.main(globals(), prepare=_prepare)
