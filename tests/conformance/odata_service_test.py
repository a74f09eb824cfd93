"""The model of the OData service judged by others: by the schemas of OASIS and by their converter.

The schemas are not ours to ship: ENTREPOT_SCHEMAS names the folder that has them, otherwise they are
looked for in ../shared/schemas beside the project. lxml and odata-csdl are put into .deps by
`./dev setup foreign`; what cannot be had is skipped.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "http"))
import entrepot  # noqa: E402
import odata_product  # noqa: E402
import tap  # noqa: E402
from odata_product import ROWS, orders  # noqa: E402

sys.path.insert(0, str(entrepot.ROOT / ".deps" / "python"))
NODE_MODULES = entrepot.ROOT / ".deps" / "node"
SCHEMAS = pathlib.Path(os.environ.get("ENTREPOT_SCHEMAS", entrepot.ROOT.parent / "shared/schemas"))
EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
EDMX = "{http://docs.oasis-open.org/odata/ns/edmx}"


def _metadata(server, version="4.01"):
    return server.get("/odata/$metadata", headers={"OData-MaxVersion": version,
                                                   "Accept": "application/xml"}).expect(200)


def _csdl_json(server, version="4.01"):
    return server.get("/odata/$metadata?$format=json",
                      headers={"OData-MaxVersion": version}).expect(200).json


# --- the model ---------------------------------------------------------------------------------

def _schema():
    try:
        from lxml import etree
    except ImportError:
        tap.skip("lxml is not there; ./dev setup foreign installs it")
    if not (SCHEMAS / "odata/edmx.xsd").exists():
        tap.skip("the schemas of CSDL are not in %s" % SCHEMAS)
    return etree, etree.XMLSchema(etree.parse(str(SCHEMAS / "odata/edmx.xsd")))


def the_schema_refuses_what_is_wrong(server):
    """A judge that accepts everything is none."""
    etree, schema = _schema()
    good = _metadata(server).text
    for what, wrong in (("Nullable=\"false\"", "Nullable=\"no\""), ("<Key>", "<Keys>"),
                        ("Type=\"Edm.Int64\"", "Kind=\"Edm.Int64\"")):
        text = good.replace(what, wrong).replace("</Key>", "</Keys>" if wrong == "<Keys>" else "</Key>")
        assert not schema.validate(etree.fromstring(text.encode())), wrong


def the_model_is_valid_CSDL_XML(server):
    etree, schema = _schema()
    for version in ("4.0", "4.01"):
        for subject in ("tester", "north", "west"):
            text = server.get("/odata/$metadata", token=server.token("output:read", subject),
                              headers={"OData-MaxVersion": version}).expect(200).body
            assert schema.validate(etree.fromstring(text)), schema.error_log


def _node(script, *arguments, stdin=""):
    if not shutil.which("node") or not (NODE_MODULES / "judges").exists():
        tap.skip("node and its judges are not there; ./dev setup foreign installs them")
    return subprocess.run(["node", str(HERE / script), str(NODE_MODULES), *arguments], input=stdin,
                          capture_output=True, text=True, timeout=100)


def XML_and_JSON_say_the_same(server):
    for version in ("4.0", "4.01"):
        done = _node("odata_csdl.mjs", stdin=_metadata(server, version).text)
        assert done.returncode == 0 and not done.stderr, done.stderr
        theirs, ours = json.loads(done.stdout), _csdl_json(server, version)
        ours["$Reference"] = {uri.replace(".json", ".xml"): value
                              for uri, value in ours["$Reference"].items()}
        theirs["$Reference"] = {uri.replace(".json", ".xml"): value
                                for uri, value in theirs["$Reference"].items()}
        assert _plain(theirs) == _plain(ours), _difference(_plain(theirs), _plain(ours))


def _plain(value):
    """Enumeration members may be told with or without their type."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return re.sub(r"^Org\.OData\.Capabilities\.V1\.\w+/", "", value) if isinstance(value, str) else value


def _difference(theirs, ours, path=""):
    if isinstance(theirs, dict) and isinstance(ours, dict):
        for name in {**theirs, **ours}:
            if theirs.get(name) != ours.get(name):
                return _difference(theirs.get(name), ours.get(name), path + "/" + name)
    return "%s: theirs %r, ours %r" % (path, theirs, ours)


def types_are_told_with_their_facets(server):
    parts = _csdl_json(server)["entrepot"]["parts"]
    assert parts["$Key"] == ["region", "number"]
    for name, told in (
            ("region", {"$MaxLength": 20}), ("number", {"$Type": "Edm.Int32"}),
            ("big", {"$Type": "Edm.Int64", "$Nullable": True}),
            ("price", {"$Type": "Edm.Decimal", "$Nullable": True, "$Precision": 20, "$Scale": 4}),
            ("exact", {"$Type": "Edm.Decimal", "$Nullable": True}),
            ("ratio", {"$Type": "Edm.Double", "$Nullable": True}),
            ("open", {"$Type": "Edm.Boolean", "$Nullable": True}),
            ("day", {"$Type": "Edm.Date", "$Nullable": True}),
            ("at", {"$Type": "Edm.DateTimeOffset", "$Nullable": True, "$Precision": 6}),
            ("hour", {"$Type": "Edm.TimeOfDay", "$Nullable": True, "$Precision": 6}),
            ("id", {"$Type": "Edm.Guid", "$Nullable": True}),
            ("raw", {"$Type": "Edm.Binary", "$Nullable": True}),
            ("more", {"$Type": "Edm.Untyped", "$Nullable": True})):
        assert parts[name] == told, (name, parts[name])
    assert parts["note"]["@Core.Description"] == 'What <people> say & "mean".'
    assert _csdl_json(server, "4.0")["entrepot"]["parts"]["more"] == {"$Nullable": True}


def every_answer_fits_the_model(server):
    model = _csdl_json(server)["entrepot"]
    for item in server.get("/odata").json["value"]:
        kind = model[model["Container"][item["name"]]["$Type"].split(".")[1]]
        names = [name for name in kind if name[0] not in "$@"]
        answer = server.get("/odata/" + item["name"])
        if item["name"] == "daily":
            answer.problem(404)
            continue
        for row in answer.expect(200).json["value"]:
            assert list(row) == names, (item, row)
            for name in names:
                assert row[name] is not None or kind[name].get("$Nullable"), (item, name)


def names_are_unique_in_any_case(server):
    schema = _csdl_json(server)["entrepot"]
    assert len({name.lower() for name in schema}) == len(schema)
    for kind in schema.values():
        assert len({name.lower() for name in kind}) == len(kind)


# --- annotations that tell the truth -----------------------------------------------------------

# A filter that uses the function, on the set parts.
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
}
TRANSFORMATIONS = {
    "filter": "filter(%(key)s ne null)", "groupby": "groupby((%(key)s))",
    "aggregate": "aggregate($count as n)", "compute": "compute(1 add 1 as two)",
    "orderby": "orderby(%(key)s desc)", "top": "top(1)", "skip": "skip(1)", "identity": "identity",
}
OTHERS = {"isof": "isof(number,Edm.Int32)", "geo.distance": "geo.distance(at,at) gt 1",
          "hassubset": "hassubset(note,note)", "hassubsequence": "hassubsequence(note,note)"}


def _container(server):
    return _csdl_json(server)["entrepot"]["Container"]


def _status(server, path, **options):
    return server.get("/odata/" + path, **options).status


def filter_functions_are_those_told(server):
    told = _container(server)["@Capabilities.FilterFunctions"]
    assert set(told) == set(FUNCTIONS), set(told) ^ set(FUNCTIONS)
    for name, text in FUNCTIONS.items():
        yield name, _filters, server, text, 200
    for name, text in OTHERS.items():
        yield name, _filters, server, text, 501


def _filters(server, text, status):
    assert _status(server, "parts?$filter=" + urllib.parse.quote(text)) == status, text


def what_the_service_tells_of_itself_is_so(server):
    told = {name: value for name, value in _container(server).items() if name[0] == "@"}
    known = {
        "@Core.ODataVersions": "4.0,4.01", "@Core.ConventionalIDs": True,
        "@Core.DereferenceableIDs": True, "@Capabilities.ConformanceLevel": "Intermediate",
        "@Capabilities.AsynchronousRequestsSupported": False, "@Capabilities.BatchSupported": False,
        "@Capabilities.CrossJoinSupported": False, "@Capabilities.QuerySegmentSupported": False,
        "@Capabilities.KeyAsSegmentSupported": True, "@Capabilities.IsolationSupported": "Snapshot",
    }
    rest = {"@Capabilities.SupportedFormats", "@Capabilities.FilterFunctions"}
    assert set(told) == set(known) | rest, "every annotation has its test: %s" % (
        set(told) ^ (set(known) | rest))
    assert {name: told[name] for name in known} == known, told
    for version in told["@Core.ODataVersions"].split(","):
        answer = server.get("/odata/sales?$top=1", headers={"OData-MaxVersion": version})
        assert answer.expect(200).header("OData-Version") == version
    for media_type in told["@Capabilities.SupportedFormats"]:
        answer = server.get("/odata/sales?$top=1", headers={"Accept": media_type}).expect(200)
        wanted = set(media_type.split(";")[1:])
        assert wanted <= set(answer.header("Content-Type").split(";")), answer.headers
    full = server.get("/odata/sales?$top=3", headers={
        "Accept": "application/json;odata.metadata=full"}).expect(200).json["value"]
    for row in full:
        assert row["@odata.id"].endswith("/odata/sales(%d)" % row["id"]), "conventional"
        path = row["@odata.id"][row["@odata.id"].index("/odata/"):]
        assert server.get(path).expect(200).json["id"] == row["id"], "and dereferenceable"
    waiting = server.get("/odata/sales?$top=1", headers={"Prefer": "respond-async"})
    assert waiting.status == 200 and not waiting.header("Preference-Applied")
    assert server.post("/odata/$batch", b"{}", "application/json").status == 501
    assert _status(server, "$crossjoin(sales,parts)") == 501
    assert server.post("/odata/sales/$query", b"", "text/plain").status == 501
    assert _status(server, "sales/1") == 200
    assert _status(server, "sales?$top=1", headers={"Isolation": "snapshot"}) == 200


def what_is_told_of_each_set_is_so(server):
    for name, value in _container(server).items():
        if name[0] not in "$@" and name != "daily":
            yield name, _set_is_as_told, server, name, value


def _set_is_as_told(server, name, value):
    told = {term.split(".")[-1]: inner for term, inner in value.items() if term[0] == "@"}
    kind = _csdl_json(server)["entrepot"][name]
    rows = server.get("/odata/" + name).expect(200).json["value"]
    key = kind["$Key"][0]
    checks = {
        "TopSupported": (True, lambda: len(server.get("/odata/%s?$top=1" % name).json["value"]) == 1),
        "SkipSupported": (True, lambda: server.get("/odata/%s?$skip=1&$top=1" % name).json["value"]
                          == rows[1:2]),
        "IndexableByKey": (True, lambda: server.get("/odata/%s(%s)" % (name, ",".join(
            _literal(part, rows[0][part], len(kind["$Key"])) for part in kind["$Key"]))).status == 200),
        "ComputeSupported": (False, lambda: _status(server, name + "?$compute=1%20as%20x") == 501),
        "ApplySupported": ({"Transformations": list(TRANSFORMATIONS)}, lambda: all(_status(
            server, name + "?$apply=" + urllib.parse.quote(text % {"key": key})) == 200
            for text in TRANSFORMATIONS.values())),
        "CountRestrictions": ({"Countable": True}, lambda: _status(
            server, name + "/$count") == _status(server, name + "?$count=true") == 200),
        "SelectSupport": ({"Supported": True}, lambda: list(server.get(
            "/odata/%s?$select=%s&$top=1" % (name, key)).json["value"][0]) == [key]),
        "ExpandRestrictions": ({"Expandable": False}, lambda: _status(
            server, name + "?$expand=x") == 501),
        "SearchRestrictions": ({"Searchable": False}, lambda: _status(
            server, name + "?$search=x") == 501),
        "ChangeTracking": ({"Supported": False}, lambda: "@odata.deltaLink" not in server.get(
            "/odata/" + name, headers={"Prefer": "odata.track-changes"}).json),
        "InsertRestrictions": ({"Insertable": False}, lambda: server.post(
            "/odata/" + name, b"{}").status == 405),
        "UpdateRestrictions": ({"Updatable": False}, lambda: server.request(
            "PATCH", "/odata/" + name).status == 405),
        "DeleteRestrictions": ({"Deletable": False}, lambda: server.request(
            "DELETE", "/odata/" + name).status == 405),
        "FilterRestrictions": (None, lambda: _properties(
            server, name, kind, told["FilterRestrictions"], "NonFilterableProperties",
            "Filterable", "?$top=1&$filter=%s%%20eq%%20%s")),
        "SortRestrictions": (None, lambda: _properties(
            server, name, kind, told["SortRestrictions"], "NonSortableProperties", "Sortable",
            "?$top=1&$orderby=%s%.0s")),
    }
    assert set(told) == set(checks), "every annotation has its test: %s" % (set(told) ^ set(checks))
    for term, (expected, check) in checks.items():
        assert expected is None or told[term] == expected, (term, told[term])
        assert check(), term


def _literal(name, value, parts):
    text = "'%s'" % urllib.parse.quote(value.replace("'", "''"), safe="") \
        if isinstance(value, str) else str(value)
    return text if parts == 1 else "%s=%s" % (name, text)


VALUES = {"Edm.Int32": "1", "Edm.Int64": "1", "Edm.Decimal": "1.5", "Edm.Double": "1.5",
          "Edm.Boolean": "true", "Edm.Date": "2026-01-01", "Edm.TimeOfDay": "10:00:00",
          "Edm.DateTimeOffset": "2026-01-01T00:00:00Z", "Edm.Binary": "binary'AA'",
          "Edm.Guid": "0ae2f1b8-2ae2-4b7a-8f0e-1234567890ab", "Edm.String": "'x'",
          "Edm.Untyped": "1"}


def _properties(server, name, kind, restrictions, except_of, able, query):
    """Every property can be used so, but those named."""
    assert restrictions[able] is True
    excepted = restrictions.get(except_of, [])
    for column, told in kind.items():
        if column[0] in "$@":
            continue
        literal = VALUES[told.get("$Type", "Edm.String")]
        status = _status(server, name + query % (column, literal))
        assert (status != 200) == (column in excepted), (column, status)
    return True


def intermediate_conformance_is_there(server):
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


if __name__ == "__main__":
    product = odata_product.make()
    try:
        entrepot.main(globals(), folder=product, prepare=odata_product.fill)
    finally:
        shutil.rmtree(product.parent, ignore_errors=True)
