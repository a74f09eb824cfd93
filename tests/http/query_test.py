"""The query language from outside: apply, explain, how options are written, and what of it all is
refused."""
import collections
import csv
import decimal
import io
import itertools
import json
import re
import urllib.parse

import entrepot
import tap
from entrepot import Server

ROWS = 600
PATH = "/output/sales"
NOTES = (None, "", "plain", 'a "quote"', "O'Neil", "1;DROP TABLE x--")

orders = [{"id": number, "customer": "customer %d" % (number % 7), "amount": number * 7 % 1000 / 100,
           "sold_at": "2026-%02d-02T03:04:05Z" % (number % 12 + 1), "paid": number % 3 > 0,
           "qty": number % 11, "due": "2026-02-%02d" % (number % 28 + 1),
           "note": NOTES[number % len(NOTES)]} for number in range(1, ROWS + 1)]


def _prepare(server):
    body = "\n".join(json.dumps(row) for row in orders).encode()
    server.deliver("orders", body, "application/x-ndjson").expect(201)
    assert server.run_pipeline("sales")["state"] == "published"


def _path(path=PATH, /, **options):
    return path + "?" + urllib.parse.urlencode(options, quote_via=urllib.parse.quote)


def _ask(server, **options):
    return server.get(_path(**options))


def _rows(answer):
    return json.loads(answer.expect(200).text, parse_float=decimal.Decimal)


def _exact(number):
    return decimal.Decimal(str(number))


def _grouped(rows, *names):
    groups = collections.defaultdict(list)
    for row in rows:
        groups[tuple(row[name] for name in names)].append(row)
    return groups


# --- apply -------------------------------------------------------------------------------------

def groups_are_summed(server):
    rows = _rows(_ask(server, apply="groupby((customer),aggregate(amount with sum as total,"
                                    "amount with max as most,qty with average as mean,"
                                    "note with countdistinct as notes,$count as n))"))
    expected = sorted(_grouped(orders, "customer").items())
    assert [row["customer"] for row in rows] == [key[0] for key, _ in expected]
    for row, (_, group) in zip(rows, expected):
        assert list(row) == ["customer", "total", "most", "mean", "notes", "n"], row
        assert row["total"] == sum(_exact(order["amount"]) for order in group), row
        assert row["most"] == max(_exact(order["amount"]) for order in group), row
        assert abs(row["mean"] - _exact(sum(order["qty"] for order in group)) / len(group)) < \
            decimal.Decimal("1e-9"), row
        assert row["notes"] == len({order["note"] for order in group} - {None}), row
        assert row["n"] == len(group), row


def steps_follow_each_other(server):
    rows = _rows(_ask(server, apply="filter(paid)/groupby((customer,qty),aggregate($count as n))"
                                    "/filter(n gt 3)/groupby((qty),aggregate(n with sum as n))"
                                    "/orderby(n desc,qty)/skip(1)/top(4)"))
    counts = collections.Counter()
    for (_, qty), group in _grouped((o for o in orders if o["paid"]), "customer", "qty").items():
        if len(group) > 3:
            counts[qty] += len(group)
    expected = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[1:5]
    assert [(row["qty"], row["n"]) for row in rows] == expected, rows


def all_other_options_see_what_the_steps_make(server):
    answer = _ask(server, orderby="total desc", select="total,customer", top=3, count="true",
                  filter="total gt 0 and customer ne 'customer 3'",
                  apply="groupby((customer),aggregate(amount with sum as total))")
    expected = sorted(((sum(_exact(o["amount"]) for o in group), key[0])
                       for key, group in _grouped(orders, "customer").items()
                       if key[0] != "customer 3"), reverse=True)
    assert [(row["total"], row["customer"]) for row in _rows(answer)] == expected[:3]
    assert answer.header("Total-Count") == str(len(expected)), answer.headers


def years_and_other_computed_values_are_groups_too(server):
    rows = _rows(_ask(server, apply="compute(month(sold_at) as month)/groupby((month),"
                                    "aggregate($count as n))"))
    counts = collections.Counter(int(order["sold_at"][5:7]) for order in orders)
    assert [(row["month"], row["n"]) for row in rows] == sorted(counts.items())


def nothing_is_summed_to_null_and_counted_to_0(server):
    rows = _rows(_ask(server, apply="filter(id lt 0)/aggregate(amount with sum as s,$count as n)"))
    assert rows == [{"s": None, "n": 0}], rows
    assert _rows(_ask(server, apply="filter(id lt 0)/groupby((customer))")) == []


def results_of_apply_come_in_every_format(server):
    apply = "groupby((qty),aggregate($count as n))"
    expected = sorted(collections.Counter(order["qty"] for order in orders).items())
    lines = _ask(server, apply=apply, format="ndjson").expect(200).text.splitlines()
    assert [tuple(json.loads(line).values()) for line in lines] == expected
    table = list(csv.reader(io.StringIO(_ask(server, apply=apply, format="csv").expect(200).text)))
    assert table[0] == ["qty", "n"]
    assert [(int(a), int(b)) for a, b in table[1:]] == expected


def pages_of_groups_hold_every_group_once(server):
    for name, groups, order in (("by a key", "customer,qty", ""), ("ordered", "customer,qty", "n"),
                                ("by what may be null", "note,qty", "n desc"),
                                ("by what may be null, unordered", "note,qty", "")):
        yield name, _pages, server, groups, order


def _pages(server, groups, order):
    options = {"apply": "groupby((%s),aggregate($count as n))" % groups}
    if order:
        options["orderby"] = order
    path, rows = _path(**options), []
    for _ in range(100):
        answer = server.request("GET", path, headers={"Prefer": "maxpagesize=7"})
        page = _rows(answer)
        rows += page
        if not answer.link("next"):
            break
        assert len(page) == 7
        path = re.sub(r"^https?://[^/]+", "", answer.link("next"))
    names = groups.split(",")
    expected = {key: len(group) for key, group in _grouped(orders, *names).items()}
    found = {tuple(row[name] for name in names): row["n"] for row in rows}
    assert found == expected and len(rows) == len(expected), len(rows)
    if order:
        numbers = [row["n"] for row in rows]
        assert numbers == sorted(numbers, reverse=order.endswith("desc"))


def results_of_apply_have_entity_tags(server):
    path = _path(apply="groupby((customer),aggregate($count as n))")
    first = server.get(path).expect(200)
    again = server.request("GET", path, headers={"If-None-Match": first.header("ETag")})
    assert again.status == 304, again
    other = server.get(_path(apply="groupby((customer),aggregate($count as m))")).expect(200)
    assert other.header("ETag") != first.header("ETag")


def wrong_steps_are_400_and_unknown_ones_501(server):
    for apply, status, position in (
            ("groupby((customer)", 400, 18), ("groupby((nobody))", 400, 9),
            ("aggregate(amount with sum)", 400, 25), ("frob(amount)", 400, 0),
            ("groupby((customer))/filter(paid)", 400, 27), ("topcount(1,amount)", 501, 0),
            ("aggregate(amount with Own.method as x)", 501, 22)):
        yield apply, _wrong_step, server, apply, status, position


def _wrong_step(server, apply, status, position):
    document = _ask(server, apply=apply).problem(status)
    assert (document["option"], document["position"]) == ("apply", position), document


# --- explain -----------------------------------------------------------------------------------

def a_query_is_explained(server):
    document = server.get(_path(PATH + "/explain", filter="amount gt 5 and note eq 'O''Neil'",
                                orderby="qty desc", top=3)).expect(200).json
    assert document["dataset"] == "sales" and document["lane"] == "read", document
    assert "O''Neil" in document["query"] and "O'Neil" not in document["sql"], document
    assert "$1::" in document["sql"] and document["parameters"] == 2, document
    assert [column["name"] for column in document["columns"]] == list(orders[0])
    assert document["plan"][0]["Plan"]["Node Type"], document
    heavy = server.get(_path(PATH + "/explain", apply="aggregate(amount with sum as total)"))
    assert heavy.expect(200).json["lane"] == "heavy"
    assert heavy.json["columns"][0]["type"].startswith("numeric"), heavy.json


def explaining_asks_for_control_and_takes_what_rows_take(server):
    path = _path(PATH + "/explain", filter="id eq 1")
    server.get(path, token=server.token("output:read")).problem(403)
    server.get(path, token=None).problem(401)
    server.get(path, token=server.token("control:read")).expect(200)
    server.get(_path(PATH + "/explain", filter="nope eq 1")).problem(400)
    server.get(_path(PATH + "/explain", analyze="true")).problem(400)
    server.get("/output/nothing/explain").problem(404)


def every_answer_tells_its_time(server):
    assert "db;dur=" in _ask(server, top=1).expect(200).header("Server-Timing")


# --- how options are written -------------------------------------------------------------------

def blanks_come_as_URIs_or_as_forms_write_them(server):
    expected = [order["id"] for order in orders if order["customer"] == "customer 5"][:3]
    for name, query in (
            ("as a URI", "filter=customer%20eq%20'customer%205'&orderby=id%20asc&top=3"),
            ("as a form", "filter=customer+eq+%27customer+5%27&orderby=id+asc&top=3"),
            ("each its own way", "filter=customer+eq+%27customer+5%27&orderby=id%20asc&top=3"),
            ("by urlencode", urllib.parse.urlencode({"filter": "customer eq 'customer 5'",
                                                     "orderby": "id asc", "top": 3}))):
        yield name, _blanks, server, query, expected


def _blanks(server, query, expected):
    assert [row["id"] for row in server.get(PATH + "?" + query).expect(200).json] == expected


def a_plus_is_a_plus_in_whatever_no_form_would_have_written(server):
    expected = sum(order["sold_at"] >= "2026-12-02" for order in orders)
    for plus in ("%2B", "+"):
        rows = server.get(PATH + "?filter=sold_at%20ge%202026-12-02T01:00:00" + plus + "01:00")
        assert len(rows.expect(200).json) == expected
    rows = server.get(PATH + "?filter=sold_at+ge+2026-12-02T01%3A00%3A00%2B01%3A00").expect(200)
    assert len(rows.json) == expected
    assert server.get(PATH + "?filter=contains(note,'a+%22q')").expect(200).json == []
    document = server.get(PATH + "?filter=customer+eq+'customer+5'").problem(400)
    assert "%20" in document["detail"], document


def names_are_known_in_every_case_with_and_without_a_dollar(server):
    expected = [order["id"] for order in orders if order["qty"] == 4][:2]
    for query in ("$filter=qty%20eq%204&$top=2&$orderby=id", "FILTER=QTY%20EQ%204&Top=2&$OrderBy=ID",
                  "%24filter=qty%20eq%20%40q&%40q=4&%24top=2&orderby=id"):
        yield query, _blanks, server, query, expected


# --- wrong input -------------------------------------------------------------------------------

METACHARACTERS = ("'", '"', "'; DROP TABLE data.s_1; --", "\\", "/*", "*/", "--", "$1", "$$", "%",
                  "_", "x') OR ('1'='1", "E'\\x27'", "\u2019", "`", ";", "\n", "\t", "{}", "||")


def SQL_in_a_literal_is_only_text(server):
    for text in METACHARACTERS:
        quoted = text.replace("'", "''")
        for filter_ in ("note eq '%s'", "contains(note,'%s')", "note in ('%s','%s2')",
                        "concat(note,'%s') eq 'x'", "case(note eq '%s':true,true:false)"):
            rows = _ask(server, filter=filter_.replace("%s", quoted), select="note").expect(200).json
            assert all(row["note"] is not None and text in row["note"] for row in rows), (text, rows)
        answer = server.get(_path(filter="note eq @x", **{"@x": "'%s'" % quoted})).expect(200)
        assert all(row["note"] == text for row in answer.json)


def SQL_in_a_name_is_refused(server):
    for text in METACHARACTERS:
        for options in ({"select": "id,%s"}, {"orderby": "%s"}, {"orderby": "id %s"},
                        {"filter": "%s eq 1"}, {"filter": "%s(note)"}, {"filter": "id eq %s"},
                        {"apply": "groupby((%s))"}, {"apply": "aggregate($count as %s)"},
                        {"apply": "%s(id)"}, {"apply": "compute(1 as %s)"}, {"top": "%s"},
                        {"filter": "cast(id,%s) eq 1"}, {"skiptoken": "%s"}):
            name, value = next(iter(options.items()))
            if text in "_\u2019" and " as %s" in value:
                continue  # a good name
            answer = server.get(_path(**{name: value.replace("%s", text)}))
            taken = answer.status == 200 and value == "id %s" and text == "\t"  # a blank
            assert taken or answer.status in (400, 501), (options, text, answer)
        assert server.get(_path(**{"x" + text: "1"})).status == 400, text
    assert server.get(_path(top=1)).status == 200


def hostile_queries_are_refused_at_once(server):
    for name, options in (
            ("parentheses", {"filter": "(" * 1000 + "paid" + ")" * 1000}),
            ("steps", {"apply": "/".join(["top(1)"] * 500)}),
            ("groups", {"apply": "groupby(" + "(" * 2000}),
            ("unbalanced", {"filter": "(paid"}), ("unbalanced too", {"filter": "paid)"}),
            ("unbalanced call", {"filter": "contains(note,'x'"}),
            ("a text without an end", {"filter": "note eq 'x"}),
            ("an unknown column", {"filter": "nope eq 1"}),
            ("an unknown function", {"filter": "nope(id) eq 1"}),
            ("an unknown option", {"nope": "1"}), ("a wrong type", {"filter": "id eq 'x'"}),
            ("less than nothing", {"top": "-1"}), ("skip of less", {"skip": "-1"})):
        yield name, _refused, server, options


def _refused(server, options):
    document = _ask(server, **options).problem(400)
    assert document["option"] in options or document["option"] in "nope", document


def ten_thousand_parentheses_and_a_megabyte_do_not_fit_a_URI(server):
    answer = server.get(PATH + "?filter=" + "(" * 10000 + "paid" + ")" * 10000)
    answer.problem(431)  # of what is read at all; 414 of a shorter one
    server.get(PATH + "?filter=" + "(" * 5000 + "paid" + ")" * 5000).problem(414)
    answer = server.raw(("GET %s?filter=%s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
                         "Connection: close\r\n\r\n" % (PATH, "a" * (1 << 20), server.token()))
                        .encode())
    assert answer.split(b" ")[1] in (b"414", b"431"), answer[:200]


def ten_thousand_parentheses_in_a_URI_that_may_be_long_are_400(_):
    with Server(entrepot.PRODUCT, "--max-uri", "32KB", "--max-header", "64KB") as server:
        server.deliver("stock", "sku,level\na,1\n").expect(201)
        assert server.run_pipeline("levels")["state"] == "published"
        document = server.get("/output/levels?filter=" + "(" * 10000 + "true" + ")" * 10000)
        assert "100 levels" in document.problem(400)["detail"]
        server.stop_cleanly()


def percent_signs_must_be_encoded(server):
    for query in ("filter=id%20eq%zz", "filter=%", "filter=%2", "filter=id%00", "filter=%ff",
                  "%zz=1", "top=%C0%80"):
        server.get(PATH + "?" + query).problem(400)


def _next(server, path):
    answer = server.request("GET", path, headers={"Prefer": "maxpagesize=1"}).expect(200)
    parts = urllib.parse.urlsplit(answer.link("next"))
    return parts.path, dict(urllib.parse.parse_qsl(parts.query))


def a_foreign_token_is_400(server):
    server.deliver("stock", "sku,level\na,1\nb,2\n").expect(201)
    assert server.run_pipeline("levels")["state"] == "published"
    path, options = _next(server, _path(select="id"))
    assert server.get(_path(path, **options)).status == 200
    for name, changed in (("of another select", {"select": "id,qty"}),
                          ("of another filter", {"filter": "paid"}),
                          ("of apply", {"apply": "filter(paid)"})):
        yield name, _foreign, server, path, dict(options, **changed)
    _, others = _next(server, "/output/levels?select=sku")
    yield "of another dataset", _foreign, server, path, dict(
        options, skiptoken=others["skiptoken"])
    with Server() as stranger:
        _prepare(stranger)
        _, theirs = _next(stranger, _path(select="id"))
        yield "of another server", _foreign, server, path, theirs


def _foreign(server, path, options):
    assert server.get(_path(path, **options)).problem(400)["option"] == "skiptoken"


def a_token_of_a_retired_snapshot_is_410(_):
    with Server(entrepot.PRODUCT, "--keep-snapshots", "1", "--retire-grace", "0ms") as server:
        for level in (1, 2):
            server.deliver("stock", "sku,level\n" + "".join(
                "s%d,%d\n" % (number, level) for number in range(5))).expect(201)
            assert server.run_pipeline("levels")["state"] == "published"
            if level == 1:
                path, options = _next(server, "/output/levels")
        tap.until(lambda: server.get(_path(path, **options)).status == 410, 60, 0.2)
        document = server.get(_path(path, **options)).problem(410, "snapshot-retired")
        assert document["current"].endswith("/output/levels"), document
        server.stop_cleanly()


def skip_has_a_maximum_that_can_be_set(_):
    with Server(entrepot.PRODUCT, "--max-skip", "3") as server:
        server.deliver("stock", "sku,level\n" + "".join("s%d,1\n" % n for n in range(5)))
        server.run_pipeline("levels")
        assert len(server.get("/output/levels?skip=3").expect(200).json) == 2
        server.get("/output/levels?skip=4").problem(400)
        server.get("/output/levels?apply=skip(4)").problem(400)
        server.stop_cleanly()


def what_takes_long_is_asked_by_a_worker(_):
    """A page that the read lane cannot make in its time comes all the same."""
    with Server(entrepot.PRODUCT) as server:
        lines = ("%s,1\n" % "".join(word) for word in itertools.product("abcdefghijkl", repeat=4))
        server.deliver("stock", "sku,level\n" + "".join(lines)).expect(201)
        assert server.run_pipeline("levels")["state"] == "published"
        server.stop_cleanly()
        server.options = ["--read-timeout", "10ms"]
        server.start()
        slow = "matchesPattern(concat(concat(concat(sku,sku),concat(sku,sku)),'x'),'(a|b)*c.*x$')"
        answer = server.request("GET", _path("/output/levels", filter=slow, count="true",
                                             orderby="length(sku) desc,sku desc"),
                                headers={"Prefer": "maxpagesize=5"}).expect(200)
        assert len(answer.json) == 5 and answer.link("next"), answer.headers
        assert int(answer.header("Total-Count")) > 5
        server.stop_cleanly()


if __name__ == "__main__":
    entrepot.main(globals(), prepare=_prepare)
