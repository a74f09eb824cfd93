"""What $metadata tells of the service is so: every annotation of the container and of each set is held
against what the service does, and what it tells is not there is refused.

An annotation without its check fails the tests; so do a function or a transformation of OData that
is neither told nor refused.
"""
import pathlib
import shutil
import sys
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "http"))
import entrepot  # noqa: E402
import odata_product  # noqa: E402
from odata_product import ROWS, orders  # noqa: E402


def _model(server, token=True):
    return server.get("/odata/$metadata?$format=json", token=token,
                      headers={"OData-MaxVersion": "4.01"}).expect(200).json["entrepot"]


def _container(server, token=True):
    return _model(server, token)["Container"]


def _status(server, path, **options):
    return server.get("/odata/" + path, **options).status


def _quoted(text):
    return urllib.parse.quote(text, safe="")


# --- functions of filters ------------------------------------------------------------------------

# Every function of OData 4.01 (URL Conventions, 5.1.1) in a filter of the set parts.
FUNCTIONS = {
    "contains": "contains(note,'a')", "startswith": "startswith(note,'a')",
    "endswith": "endswith(note,'a')", "length": "length(note) gt 1",
    "indexof": "indexof(note,'a') eq 1", "substring": "substring(note,1) eq 'a'",
    "tolower": "tolower(note) eq 'a'", "toupper": "toupper(note) eq 'A'", "trim": "trim(note) eq 'a'",
    "concat": "concat(note,'a') eq 'aa'", "matchesPattern": "matchesPattern(note,'^a')",
    "year": "year(at) eq 2026", "month": "month(at) eq 1", "day": "day(at) eq 1",
    "hour": "hour(at) eq 1", "minute": "minute(at) eq 1", "second": "second(at) eq 1",
    "fractionalseconds": "fractionalseconds(at) lt 1", "date": "date(at) eq 2026-01-02",
    "time": "time(at) eq 00:00:00", "now": "at lt now()", "mindatetime": "at gt mindatetime()",
    "maxdatetime": "at lt maxdatetime()", "totalseconds": "totalseconds(duration'PT1S') eq 1",
    "totaloffsetminutes": "totaloffsetminutes(at) eq 0", "round": "round(price) gt 1",
    "floor": "floor(price) gt 1", "ceiling": "ceiling(price) gt 1",
    "cast": "cast(number,Edm.String) eq '1'", "case": "case(open:1,true:2) eq 1",
    "isof": "isof(number,Edm.Int32)", "geo.distance": "geo.distance(at,at) gt 1",
    "geo.length": "geo.length(at) gt 1", "geo.intersects": "geo.intersects(at,at)",
    "hassubset": "hassubset(note,note)", "hassubsequence": "hassubsequence(note,note)",
    "any": "note/any(n:n eq 'a')", "all": "note/all(n:n eq 'a')",
}


def functions_are_those_told(server):
    told = _container(server)["@Capabilities.FilterFunctions"]
    assert set(told) <= set(FUNCTIONS), set(told) - set(FUNCTIONS)
    for name, text in FUNCTIONS.items():
        status = 200 if name in told else 501
        yield name, _answers, server, "parts?$filter=" + _quoted(text), status


def _answers(server, path, status):
    answer = server.get("/odata/" + path)
    if status == 200:
        answer.expect(200)
    else:
        answer.problem(status)


# --- steps of $apply -----------------------------------------------------------------------------

# Every transformation of OData (Data Aggregation 4.0), on any set.
TRANSFORMATIONS = {
    "filter": "filter(%(key)s ne null)", "groupby": "groupby((%(key)s))",
    "aggregate": "aggregate($count as n)", "compute": "compute(1 add 1 as two)",
    "orderby": "orderby(%(key)s desc)", "top": "top(1)", "skip": "skip(1)", "identity": "identity",
    "concat": "concat(identity,identity)", "search": "search(x)", "expand": "expand(x,identity)",
    "topcount": "topcount(1,%(key)s)", "topsum": "topsum(1,%(key)s)",
    "toppercent": "toppercent(1,%(key)s)", "bottomcount": "bottomcount(1,%(key)s)",
    "bottomsum": "bottomsum(1,%(key)s)", "bottompercent": "bottompercent(1,%(key)s)",
    "nest": "nest(identity as x)", "addnested": "addnested(x,identity as y)", "join": "join(x as y)",
    "outerjoin": "outerjoin(x as y)", "ancestors": "ancestors(x,y,z,identity)",
    "descendants": "descendants(x,y,z,identity)", "traverse": "traverse(x,y,z,preorder)",
    "shop.custom": "shop.custom()",
}


def _transforms(server, name, told, key, token):
    """Those told are there, the others are not; nor is there anything that is on by default."""
    def status(steps):
        return _status(server, "%s?$apply=%s" % (name, _quoted(steps % {"key": key})), token=token)
    for step, text in TRANSFORMATIONS.items():
        assert status(text) == (200 if step in told["Transformations"] else 501), (name, step)
    assert set(told["Transformations"]) <= set(TRANSFORMATIONS)
    assert told["Rollup"] == "None"
    assert status("groupby((rollup(%(key)s,%(key)s)))") == 501
    assert status("aggregate(%(key)s with shop.custom as x)") == 501
    assert status("aggregate(%(key)s with min from %(key)s with max as x)") == 501
    return True


# --- the container -------------------------------------------------------------------------------

def what_the_service_tells_of_itself_is_so(server):
    told = {name: value for name, value in _container(server).items() if name[0] == "@"}
    known = {
        "@Core.ODataVersions": ("4.0,4.01", _versions),
        "@Core.ConventionalIDs": (True, _ids),
        "@Core.DereferenceableIDs": (True, _ids),
        "@Capabilities.ConformanceLevel": ("Intermediate", _intermediate),
        "@Capabilities.SupportedFormats": (None, _formats),
        "@Capabilities.AsynchronousRequestsSupported": (False, _waits),
        "@Capabilities.BatchSupported": (False, _no_batch),
        "@Capabilities.CrossJoinSupported": (False, _no_crossjoin),
        "@Capabilities.QuerySegmentSupported": (False, _no_query_segment),
        "@Capabilities.KeyAsSegmentSupported": (True, _keys_as_segments),
        "@Capabilities.IsolationSupported": ("Snapshot", _isolation),
        "@Capabilities.FilterFunctions": (None, lambda *_: None),  # by functions_are_those_told
    }
    assert set(told) == set(known), "every annotation has its test: %s" % (set(told) ^ set(known))
    for term, (expected, check) in known.items():
        assert expected is None or told[term] == expected, (term, told[term])
        yield term, check, server, told[term]


def _versions(server, told):
    for version in told.split(","):
        for path in ("", "$metadata", "sales?$top=1", "sales(1)", "sales(1)/note", "sales/$count"):
            answer = server.get("/odata/" + path, headers={"OData-MaxVersion": version})
            assert answer.expect(200).header("OData-Version") == version, (path, answer)


def _ids(server, _):
    """They are the URLs that the conventions make of set and key, and can be followed."""
    for name, kind in _model(server).items():
        if name in ("Container", "daily"):
            continue
        rows = server.get("/odata/%s?$top=3" % name, headers={
            "Accept": "application/json;odata.metadata=full"}).expect(200).json["value"]
        assert rows
        for row in rows:
            path = row["@odata.id"][row["@odata.id"].index("/odata/"):]
            assert urllib.parse.unquote(path) == urllib.parse.unquote(
                "/odata/%s(%s)" % (name, _key(kind, row))), path
            one = server.get(path).expect(200).json
            assert [one[part] for part in kind["$Key"]] == [row[part] for part in kind["$Key"]]


def _formats(server, told):
    for media_type in told:
        for path in ("sales?$top=1", "sales(1)", "sales(1)/note", ""):
            answer = server.get("/odata/" + path, headers={"Accept": media_type}).expect(200)
            wanted = set(media_type.split(";")[1:])
            assert wanted <= set(answer.header("Content-Type").split(";")), answer.headers
    for other in ("application/atom+xml", "text/csv", "application/json;odata.metadata=verbose"):
        assert _status(server, "sales?$top=1", headers={"Accept": other}) == 406


def _waits(server, _):
    for name in ("respond-async", "respond-async, wait=0"):
        answer = server.get("/odata/sales?$top=1", headers={"Prefer": name})
        assert answer.status == 200 and not answer.header("Preference-Applied"), answer


def _no_batch(server, _):
    for body, media_type in ((b"{}", "application/json"),
                             (b"--b--", "multipart/mixed; boundary=b")):
        server.post("/odata/$batch", body, media_type).problem(501)


def _no_crossjoin(server, _):
    for path in ("$crossjoin(sales,parts)", "$crossjoin(sales,parts)?$top=1", "$all"):
        server.get("/odata/" + path).problem(501)


def _no_query_segment(server, _):
    server.post("/odata/sales/$query", b"$top=1", "text/plain").problem(501)


def _keys_as_segments(server, _):
    for path, name, value in (("sales/7", "id", 7), ("levels/s1", "sku", "s1"),
                              ("loose/2", "row_number", 2)):
        assert server.get("/odata/" + path).expect(200).json[name] == value
        assert server.get("/odata/%s/%s" % (path, name)).expect(200).json["value"] == value
        assert server.get("/odata/%s/%s/$value" % (path, name)).expect(200).text == str(value)


def _isolation(server, told):
    for name in ("Isolation", "OData-Isolation"):
        assert _status(server, "sales?$top=1", headers={name: told.lower()}) == 200
        server.get("/odata/sales?$top=1", headers={name: "serializable"}).problem(412)
    # that it is kept from page to page, tests/http/odata_snapshot_test.py shows


def _intermediate(server, _):
    """What the level asks for beyond what is tested elsewhere (OData 4.01, Conformance)."""
    for option, expected in (
            ("$filter=id%20eq%20@p&@p=7", [7]), ("filter=id%20in%20(1,2,9999999)", [1, 2]),
            ("$FILTER=ID%20eq%207", [7]), ("$filter=id%20EQ%207", [7]),
            ("$filter=contains(customer,'customer%2096')&$top=1", [96]),
            ("$filter=CONTAINS(customer,'customer%2096')&$top=1", [96]),
            ("$filter=due%20eq%20'2026-13-01'", 400), ("$filter=id%20has%20x", 501),
            ("$filter=nope(id)", 400), ("$filter=customer%20ne%20null&$top=1", [1]),
            ("$orderby=id%20desc&$top=1", [ROWS]), ("$select=id,nope", 400)):
        answer = server.get("/odata/sales?" + option)
        if isinstance(expected, int):
            assert answer.status == expected, (option, answer)
        else:
            assert [row["id"] for row in answer.expect(200).json["value"]] == expected, option
    null = [order["id"] for order in orders if order["note"] is None]
    other = server.get("/odata/sales?$filter=note%20ne%20'plain'&$orderby=note&$top=3").json["value"]
    assert [row["id"] for row in other] == null[:3], "null is not 'plain', and comes first"
    for path in ("sales(1)/customer/$value", "sales(1)?$select=id"):
        assert _status(server, path) == 200


# --- the sets ------------------------------------------------------------------------------------

def what_is_told_of_each_set_is_so(server):
    """As everybody sees it: others see other columns, and so another key."""
    for subject in ("tester", "north", "west"):
        token = server.token("output:read", subject)
        for name, value in _container(server, token).items():
            if name[0] not in "$@" and name != "daily":
                yield "%s, for %s" % (name, subject), _set_is_as_told, server, token, name, value


def _set_is_as_told(server, token, name, value):
    told = {term.split(".")[-1]: inner for term, inner in value.items() if term[0] == "@"}
    kind = _model(server, token)[name]
    rows = server.get("/odata/" + name, token=token).expect(200).json["value"]
    key, one = kind["$Key"][0], "%s(%s)" % (name, _key(kind, rows[0]))

    def status(path, **options):
        return _status(server, path, token=token, **options)

    def found(query):
        return server.get("/odata/%s?%s" % (name, query), token=token).expect(200).json["value"]

    def refuses(method):
        return {server.request(method, "/odata/" + path, body=b"{}", token=token).status
                for path in (name, one, "%s/%s" % (one, key))} == {405}
    checks = {
        "TopSupported": (True, lambda: found("$top=1") == rows[:1] and found("$top=0") == []),
        "SkipSupported": (True, lambda: found("$skip=1&$top=1") == rows[1:2]),
        "IndexableByKey": (True, lambda: status(one) == 200),
        "ComputeSupported": (False, lambda: status(name + "?$compute=1%20as%20x") == 501
                             and status(one + "?$compute=1%20as%20x") == 501),
        "ApplySupported": (None, lambda: _transforms(server, name, told["ApplySupported"], key, token)),
        "CountRestrictions": ({"Countable": True}, lambda: _counts(server, name, token)),
        "SelectSupport": ({"Supported": True}, lambda: list(found("$select=" + key)[0]) == [key]),
        "ExpandRestrictions": ({"Expandable": False}, lambda: status(name + "?$expand=x")
                               == status(one + "?$expand=x") == status(name + "?$expand=*") == 501),
        "SearchRestrictions": ({"Searchable": False}, lambda: status(name + "?$search=x")
                               == status(name + "/$count?$search=x") == 501),
        "ChangeTracking": ({"Supported": False}, lambda: _tracks_nothing(server, name, token)),
        "InsertRestrictions": ({"Insertable": False}, lambda: refuses("POST")),
        "UpdateRestrictions": ({"Updatable": False}, lambda: refuses("PATCH") and refuses("PUT")),
        "DeleteRestrictions": ({"Deletable": False}, lambda: refuses("DELETE")),
        "FilterRestrictions": (None, lambda: _properties(
            status, name, kind, told["FilterRestrictions"], "NonFilterableProperties",
            "Filterable", "?$top=1&$filter=%s%%20eq%%20%s")),
        "SortRestrictions": (None, lambda: _properties(
            status, name, kind, told["SortRestrictions"], "NonSortableProperties", "Sortable",
            "?$top=1&$orderby=%s%.0s")),
    }
    assert set(told) == set(checks), "every annotation has its test: %s" % (set(told) ^ set(checks))
    for term, (expected, check) in checks.items():
        assert expected is None or told[term] == expected, (term, told[term])
        assert check(), term


def _counts(server, name, token):
    alone = server.get("/odata/%s/$count" % name, token=token).expect(200).text
    page = server.get("/odata/%s?$count=true&$top=0" % name, token=token).expect(200).json
    return page["@odata.count"] == int(alone) > 0


def _tracks_nothing(server, name, token):
    answer = server.get("/odata/" + name, headers={"Prefer": "odata.track-changes"}, token=token)
    return "@odata.deltaLink" not in answer.json and not answer.header("Preference-Applied") \
        and _status(server, name + "?$deltatoken=x", token=token) == 501


def _key(kind, row):
    """The key of an entity as it stands in parentheses."""
    parts = kind["$Key"]
    return ",".join(_literal(part, row[part], len(parts)) for part in parts)


def _literal(name, value, parts):
    text = "'%s'" % _quoted(value.replace("'", "''")) if isinstance(value, str) else str(value)
    return text if parts == 1 else "%s=%s" % (name, text)


VALUES = {"Edm.Int32": "1", "Edm.Int64": "1", "Edm.Decimal": "1.5", "Edm.Double": "1.5",
          "Edm.Boolean": "true", "Edm.Date": "2026-01-01", "Edm.TimeOfDay": "10:00:00",
          "Edm.DateTimeOffset": "2026-01-01T00:00:00Z", "Edm.Binary": "binary'AA'",
          "Edm.Guid": "0ae2f1b8-2ae2-4b7a-8f0e-1234567890ab", "Edm.String": "'x'",
          "Edm.Untyped": "1"}


def _properties(status, name, kind, restrictions, except_of, able, query):
    """Every property can be used so, but those named."""
    assert restrictions[able] is True and set(restrictions) <= {able, except_of}
    excepted = restrictions.get(except_of, [])
    assert set(excepted) <= set(kind)
    for column, told in kind.items():
        if column[0] in "$@":
            continue
        literal = VALUES[told.get("$Type", "Edm.String")]
        answered = status(name + query % (column, literal))
        assert answered == 200 if column not in excepted else answered in (400, 501), (column, answered)
    return True


if __name__ == "__main__":
    product = odata_product.make()
    try:
        entrepot.main(globals(), folder=product, prepare=odata_product.fill)
    finally:
        shutil.rmtree(product.parent, ignore_errors=True)
