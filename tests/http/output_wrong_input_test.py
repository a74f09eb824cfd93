"""What is not understood is refused: with the right status, and what is wrong, where, and what to do."""
import json
import shutil
import urllib.parse

import entrepot
from entrepot import Server, parse_responses

PATH = "/output/sales"
ROWS = 40
RULES = """
default: permit
rules:
  - name: everybody-else-sees-all
    effect: permit
    principals: {subjects: [tester]}
    datasets: ['*']
    actions: [read, write]
  - name: the-north-sees-no-amounts
    effect: permit
    principals: {subjects: [north]}
    datasets: [output.sales]
    actions: [read]
    columns: {deny: [amount]}
"""


def _prepare(server):
    rows = [{"id": number, "customer": "customer %d" % (number % 7), "amount": float(number),
             "sold_at": "2026-01-02T03:04:05Z", "paid": number % 3 > 0, "qty": number % 11,
             "due": "2026-02-01", "note": None} for number in range(1, ROWS + 1)]
    body = "\n".join(json.dumps(row) for row in rows).encode()
    server.deliver("orders", body, "application/x-ndjson").expect(201)
    assert server.run_pipeline("sales")["state"] == "published"


def _path(path=PATH, **options):
    return path + "?" + urllib.parse.urlencode(options, quote_via=urllib.parse.quote)


# --- the query language ------------------------------------------------------------------------

# what is wrong: the options, the option that is named, the byte, words of the detail
WRONG = (
    ("an unknown column in filter", {"filter": "qty gt 1 and nope eq 1"}, "filter", 13,
     "no column named nope; there are: id, customer"),
    ("an unknown column in a function", {"filter": "length(nope) eq 1"}, "filter", 7, "named nope"),
    ("an unknown column in select", {"select": "id,nope"}, "select", 3, "there are: id, customer"),
    ("an unknown column in orderby", {"orderby": "id,nope desc"}, "orderby", 3, "there are: id"),
    ("an unknown column in apply", {"apply": "groupby((nope))"}, "apply", 9, "there are: id"),
    ("a column that apply left out", {"apply": "groupby((qty))", "filter": "id eq 1"}, "filter", 0,
     "no column named id; there are: qty"),
    ("an unknown function", {"filter": "id eq 1 or nope(id)"}, "filter", 11,
     "no function named nope; there are those of OData 4.01"),
    ("too many operands", {"filter": "length(note,1) eq 1"}, "filter", 0, "but length(text)"),
    ("too few operands", {"filter": "contains(note)"}, "filter", 0, "but contains(text, text)"),
    ("an unknown option", {"colour": "1"}, "colour", 0, "there are: apply, select, filter"),
    ("an unknown option with a dollar", {"$colour": "1"}, "$colour", 0, "there are: apply"),
    ("text for a number", {"filter": "id eq 'x'"}, "filter", 6, "numbers stand without quotes"),
    ("a number for text", {"filter": "customer eq 5"}, "filter", 12, "stands in single quotes"),
    ("a number for a boolean", {"filter": "paid eq 1"}, "filter", 8, "write true or false"),
    ("a timestamp for a date", {"filter": "due eq sold_at"}, "filter", 7, "write a date alone"),
    ("a date for a timestamp", {"filter": "sold_at gt 2026-01-01"}, "filter", 11,
     "write a full timestamp"),
    ("a day that is none", {"filter": "due eq 2026-02-30"}, "filter", 7, "2026-02-30"),
    ("a list of two types", {"filter": "id in (1,'x')"}, "filter", 9, "numbers stand without quotes"),
    ("arithmetic with text", {"filter": "amount add customer gt 1"}, "filter", 7, "add(decimal"),
    ("a filter that is no condition", {"filter": "id"}, "filter", 0, "compare it"),
    ("a parenthesis never closed", {"filter": "(paid"}, "filter", 5, "or ) should stand"),
    ("a parenthesis never opened", {"filter": "paid)"}, "filter", 4, "not )"),
    ("a call never closed", {"filter": "contains(note,'x'"}, "filter", 17, ", or ) should stand"),
    ("a list never closed", {"filter": "id in (1,2"}, "filter", 10, ", or ) should stand"),
    ("a text never closed", {"filter": "note eq 'x"}, "filter", 8, "never closed by '"),
    ("groups never closed", {"apply": "groupby((qty)"}, "apply", 13, ")"),
    ("101 parentheses", {"filter": "(" * 101 + "paid" + ")" * 101}, "filter", 100,
     "more than 100 levels deep: write it flatter"),
    ("less than nothing", {"top": "-1"}, "top", 0, "a whole number from 0, not -1"),
    ("less than nothing left out", {"skip": "-1"}, "skip", 0, "a whole number from 0, not -1"),
    ("more left out than may be", {"skip": "1000001"}, "skip", 0, "at most 1000000 here: follow"),
    ("a number of words", {"top": "ten"}, "top", 0, "a whole number from 0, not ten"),
    ("a count of something", {"count": "all"}, "count", 0, "true or false"),
    ("an option twice", {"top": "1", "$top": "2"}, "top", 0, "more than once"),
    ("a division by nothing", {"filter": "id div 0 eq 1"}, "filter", 7, "div by zero"),
    ("a pattern that is none", {"filter": "matchesPattern(note,'(')"}, "filter", 20, "parenthesis"),
    ("a token of nobody", {"skiptoken": "AAAA"}, "skiptoken", 0, "use the next link"),
    ("an empty token", {"skiptoken": ""}, "skiptoken", 0, "leave skiptoken out"),
)


def a_query_that_is_wrong_is_refused_the_same_wherever_rows_are(server):
    for name, options, option, position, words in WRONG:
        yield name, _refused, server, options, option, position, words


def _refused(server, options, option, position, words):
    document = server.get(_path(**options)).problem(400, "bad-query")
    assert words in document["detail"], document
    assert (document["option"], document["position"]) == (option, position), document
    assert "Postgres" not in document["detail"] and document["instance"] == PATH, document
    for path in (PATH + "/snapshots/1", PATH + "/explain"):
        again = server.get(_path(path, **options)).problem(400, "bad-query")
        assert (again["detail"], again["position"]) == (document["detail"], position), again
    odata = server.get(_path("/odata/sales", **options)).problem(400)
    assert words.partition("; there are")[0] in odata["detail"], odata
    for name in ("csv", "parquet"):  # before there is a body of that format
        server.get(_path(format=name, **options)).problem(400, "bad-query")
    head = server.request("HEAD", _path(**options))
    assert head.status == 400 and not head.body and not head.header("ETag"), head


def what_OData_knows_and_is_not_served_is_501(server):
    for options, option in (({"filter": "id has 7"}, "filter"), ({"search": "x"}, "search"),
                            ({"filter": "a/b eq 1"}, "filter"), ({"expand": "x"}, "expand"),
                            ({"filter": "isof(id,Edm.String)"}, "filter"), ({"compute": "x"}, "compute"),
                            ({"apply": "topcount(1,qty)"}, "apply")):
        document = server.get(_path(**options)).problem(501, "not-implemented")
        assert document["option"] == option and "position" in document, document


def limits_of_a_query_hold_at_their_number_and_not_beyond(_):
    with Server(entrepot.PRODUCT, "--max-query-depth", "6", "--max-query-parts", "20",
                "--max-query-list", "4", "--max-skip", "3", "--max-uri", "1KB") as server:
        _prepare(server)
        for name, good, bad, words in (
                ("depth", {"filter": "(" * 5 + "paid" + ")" * 5},
                 {"filter": "(" * 7 + "paid" + ")" * 7}, "more than 6 levels"),
                ("parts", {"filter": " or ".join(["paid"] * 10)},
                 {"filter": " or ".join(["paid"] * 21)}, "more than 20 parts"),
                ("list", {"filter": "id in (1,2,3,4)"}, {"filter": "id in (1,2,3,4,5)"},
                 "more than 4 values"),
                ("skip", {"skip": "3"}, {"skip": "4"}, "at most 3 here"),
                ("skip of apply", {"apply": "skip(3)"}, {"apply": "skip(4)"}, "at most 3")):
            server.get(_path(**good)).expect(200)
            document = server.get(_path(**bad)).problem(400, "bad-query")
            assert words in document["detail"], (name, document)
        fits = _path(filter="note eq ''")
        fits = fits[:-3] + "x" * (1024 - len(fits)) + "%27"
        assert len(fits) == 1024
        assert server.get(fits).expect(200).json == []
        document = server.get(fits[:-3] + "x%27").problem(414, "uri-too-long")
        assert "1025 bytes; at most 1024" in document["detail"], document
        assert document["instance"] == PATH, "without what was too long"
        server.stop_cleanly()


def ten_thousand_parentheses_are_400_where_so_long_a_URI_is_read(_):
    with Server(entrepot.PRODUCT, "--max-uri", "60KB", "--max-header", "64KB",
                "--max-query-depth", "500") as server:
        _prepare(server)
        for name, text in (("closed", "(" * 10000 + "paid" + ")" * 10000),
                           ("open", "(" * 10000), ("calls", "not(" * 10000 + "paid"),
                           ("minus", "-" * 10000 + "1 eq 1"), ("lists", "id in (" * 5000)):
            document = server.get(PATH + "?filter=" + urllib.parse.quote(text, safe="()-")).problem(400)
            assert document["option"] == "filter", (name, document)
        for text in ("(" * 499 + "paid" + ")" * 499, "not (" * 249 + "paid" + ")" * 249):
            server.get(_path(filter=text, top=1)).expect(200)
        assert server.get(_path(apply="groupby(" + "(" * 10000)).status == 400
        server.get(_path(top=1)).expect(200)
        server.stop_cleanly()


def a_filter_of_a_megabyte_is_414(server):
    for size in (9000, 20000, 1 << 20):
        data = server.raw((
            "GET %s?filter=%s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %s\r\n"
            "Connection: close\r\n\r\n" % (PATH, "a" * size, server.token())).encode())
        answer = parse_responses(data)[0]
        assert answer.status == (431 if size == 20000 else 414), (size, answer)
        document = answer.problem(answer.status)
        assert "less" in document["detail"] and len(answer.body) < 1000, document


def bad_percent_encoding_is_400(server):
    for query, words in (("filter=id%20eq%zz", "as %25"), ("filter=%", "as %25"),
                         ("filter=%2", "as %25"), ("%zz=1", "as %25"), ("filter=id%00", "NUL"),
                         ("filter=%ff", "UTF-8"), ("top=%C0%80", "UTF-8"),
                         ("filter=%ED%A0%80", "UTF-8")):
        for path in (PATH, "/odata/sales"):
            document = server.get(path + "?" + query).problem(400, "bad-request")
            assert words in document["detail"], (query, document)
    for path in ("/output/%zz", "/output/sales%00", "/output/%ff", "/odata/%zz"):
        server.get(path).problem(400)


# --- tokens ------------------------------------------------------------------------------------

def a_token_of_which_anything_was_changed_is_400(server):
    following = server.get(_path(orderby="qty", maxpagesize=7)).expect(200).link("next")
    options = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(following).query))
    token = options["skiptoken"]
    server.get(_path(**options)).expect(200)
    changed = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1:]
               for at in range(len(token) - 1)]  # the last holds bits that mean nothing
    changed += [token[:at] for at in range(0, len(token), 5)] + [token + "AAAA", token + "=", "~"]
    for value in changed:
        document = server.get(_path(**dict(options, skiptoken=value))).problem(400, "bad-query")
        assert document["option"] == "skiptoken", (value, document)
    for other in ({"orderby": "id"}, {"select": "id"}, {"filter": "paid"}, {"apply": "top(1)"}):
        document = server.get(_path(**dict(options, **other))).problem(400, "bad-query")
        assert "another query" in document["detail"], document
    north = server.get(_path(**options), token=server.token("output:read", "north"))
    assert north.problem(400, "bad-query")["option"] == "skiptoken"


# --- headers -----------------------------------------------------------------------------------

def what_nobody_can_serve_is_406(server):
    for accept in ("application/xml", "image/*", "text/html", "application/json;q=0",
                   "text/csv;q=0, text/*;q=0", "nonsense"):
        document = server.request("GET", PATH, headers={"Accept": accept}).problem(
            406, "not-acceptable")
        for name in ("application/json", "text/csv", "application/x-ndjson", "format=json"):
            assert name in document["detail"], document
    for name in ("xml", "JSON5", "text/html", "'", ""):
        server.get(_path(format=name)).problem(406, "not-acceptable")
    odata = server.request("GET", "/odata/sales", headers={"Accept": "application/xml"})
    odata.problem(406)


def ranges_of_rows_are_no_ranges(server):
    whole = server.get(_path(format="csv", orderby="id")).expect(200)
    for text in ("bytes=0-10", "bytes=999999-", "bytes=0-1,2-3", "rows=1-2"):
        answer = server.request("GET", _path(format="csv", orderby="id"), headers={"Range": text})
        assert answer.expect(200).body == whole.body, text
        assert not answer.header("Accept-Ranges"), answer.headers


# --- what is hidden, and what is SQL -----------------------------------------------------------

def a_hidden_column_is_refused_as_one_that_is_not_there(server):
    token = server.token("output:read", "north")
    for options in ({"filter": "%s gt 1"}, {"filter": "qty gt 1 and round(%s) eq 1"},
                    {"filter": "%s in (1,2)"}, {"select": "id,%s"}, {"orderby": "%s"},
                    {"orderby": "round(%s) desc"}, {"apply": "groupby((%s))"},
                    {"apply": "filter(%s gt 1)/aggregate($count as n)"},
                    {"apply": "aggregate(%s with sum as n)"}, {"apply": "compute(%s as n)"}):
        documents = []
        for name in ("amount", "annexe"):
            asked = {key: value.replace("%s", name) for key, value in options.items()}
            document = server.get(_path(**asked), token=token).problem(400, "bad-query")
            odata = server.get(_path("/odata/sales", **asked), token=token).problem(400)
            documents.append(json.dumps([document, odata]).replace(name, "NAME"))
        assert documents[0] == documents[1], documents
        assert "amount" not in documents[0], "hidden, so not among those there are"
    server.get("/odata/sales(1)/amount", token=token).problem(404)


METACHARACTERS = ("'", "''", '"', "\\", ";", "--", "/*", "$1", "$$", "%", "_", "`", "\u2019", "\n",
                  "x' OR '1'='1", "1; DROP TABLE data.s_1", "1) OR (1=1", "E'\\x27'", "||", "{}")


# an order by the empty text; what is negated twice: in neither does it become SQL
GOOD = (("''", "%s"), ("--", "%s(id) eq 1"))


def SQL_is_only_text_in_a_literal(server):
    for text in METACHARACTERS:
        quoted = text.replace("'", "''")
        for filter_ in ("customer eq '%s'", "'%s' eq customer", "customer in ('%s','b')",
                        "contains(customer,'%s')", "startswith('%s',customer)",
                        "concat(customer,'%s') eq 'x'", "indexof(customer,'%s') gt 0",
                        "case(customer eq '%s':true,true:false)", "length('%s') eq 0",
                        "customer gt '%s' and customer lt '%s'"):
            rows = server.get(_path(filter=filter_.replace("%s", quoted), select="customer"))
            assert rows.status == 200, (filter_, text, rows)
        answer = server.get(_path(filter="customer eq @x", **{"@x": "'%s'" % quoted})).expect(200)
        assert answer.json == [], answer.json
        server.get(_path(apply="filter(customer eq '%s')/aggregate($count as n)" % quoted)).expect(200)
    rows = server.get(_path(filter="--(id) eq 7 and - -id eq 7 or id eq --8", orderby="''")).json
    assert sorted(row["id"] for row in rows) == [7, 8], rows
    assert len(server.get(PATH).expect(200).json) == ROWS


def SQL_is_refused_in_every_other_literal_and_in_every_name(server):
    literals = ("id eq %s", "id eq 1%s", "amount gt 1.5%s", "due eq 2026-01-01%s",
                "sold_at gt 2026-01-01T00:00:00Z%s", "sold_at gt duration'%s'",
                "note eq binary'%s'", "paid eq true%s", "id in (1,%s)", "cast(id,%s) eq 1",
                "%s(id) eq 1", "%s eq 1", "id %s 1", "id eq @%s x")
    options = [{"filter": literal} for literal in literals]
    options += [{"select": "id,%s"}, {"orderby": "%s"}, {"orderby": "id %s"}, {"top": "1%s"},
                {"skip": "%s"}, {"count": "%s"}, {"skiptoken": "%s"}, {"maxpagesize": "1%s"},
                {"snapshot": "%s"}, {"as_of": "2026-01-01T00:00:00Z%s"}, {"format": "json%s"},
                {"apply": "%s"}, {"apply": "groupby((%s))"}, {"apply": "aggregate(id with %s as n)"},
                {"apply": "compute(1 as %s)"}, {"a%s": "1"}, {"%s": "1"}]
    for text in METACHARACTERS:
        for asked in options:
            (name, value), = asked.items()
            if text in ("_", "\u2019") and " as %s" in value:
                continue  # a name for what is computed
            answer = server.get(_path(**{name.replace("%s", text): value.replace("%s", text)}))
            if answer.status == 200 and (text == "\n" or (text, value) in GOOD):
                continue
            assert answer.status in (400, 404, 406, 501), (asked, text, answer)
            answer.problem(answer.status)
        quoted = urllib.parse.quote(text, safe="")
        for path in ("/output/%s", "/output/sales/snapshots/%s", "/output/sales/snapshots/1%s",
                     "/output/sales/snapshots/%s/data.parquet", "/odata/%s", "/odata/sales(%s)",
                     "/odata/sales('%s')", "/odata/sales(id=%s)", "/odata/sales(1)/%s",
                     "/odata/sales(1)/%s/$value", "/output/sales/changes?from=%s&to=1",
                     "/output/sales/changes?from=1&to=1%s", "/delta-sharing/shares/%s"):
            answer = server.get(path.replace("%s", quoted))
            assert answer.status in (400, 404, 501), (path, text, answer)
            answer.problem(answer.status)
    assert len(server.get(PATH).expect(200).json) == ROWS


def _write_product(folder):
    shutil.copytree(entrepot.PRODUCT, folder)
    (folder / "access.yaml").write_text(RULES)
    return folder


if __name__ == "__main__":
    home = entrepot.temporary_folder()
    try:
        entrepot.main(globals(), folder=_write_product(home / "product"), prepare=_prepare)
    finally:
        shutil.rmtree(home, ignore_errors=True)
