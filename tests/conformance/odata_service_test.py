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

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "http"))
import entrepot  # noqa: E402
import odata_product  # noqa: E402
import tap  # noqa: E402

sys.path.insert(0, str(entrepot.ROOT / ".deps" / "python"))
NODE_MODULES = entrepot.ROOT / ".deps" / "node"
SCHEMAS = pathlib.Path(os.environ.get("ENTREPOT_SCHEMAS", entrepot.ROOT.parent / "shared/schemas"))


def _metadata(server, version="4.01"):
    return server.get("/odata/$metadata", headers={"OData-MaxVersion": version,
                                                   "Accept": "application/xml"}).expect(200)


def _csdl_json(server, version="4.01"):
    return server.get("/odata/$metadata?$format=json",
                      headers={"OData-MaxVersion": version}).expect(200).json


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
    return re.sub(r"^Org\.OData\.\w+\.V1\.\w+/", "", value) if isinstance(value, str) else value


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


if __name__ == "__main__":
    product = odata_product.make()
    try:
        entrepot.main(globals(), folder=product, prepare=odata_product.fill)
    finally:
        shutil.rmtree(product.parent, ignore_errors=True)
