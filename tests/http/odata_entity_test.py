"""Entities of the OData service: their keys, their properties, and who sees what of them."""
import base64
import json
import shutil

import entrepot
import odata_product
from odata_product import PARTS, orders
from odata_reader import get, local, read_pages


# --- entities and properties -------------------------------------------------------------------

def an_entity_is_found_by_its_key(server):
    for path in ("sales(42)", "sales(id=42)", "sales/42", "sales(@k)?@k=42"):
        answer = server.get("/odata/" + path).expect(200)
        context = answer.json["@odata.context"]
        assert context.endswith("/odata/$metadata#sales/$entity"), context
        assert {name: value for name, value in answer.json.items() if name[0] != "@"} == orders[41]
    for path in ("parts(region='south',number=-2)", "parts(number=-2,region='south')"):
        assert server.get("/odata/" + path).expect(200).json["number"] == -2
    assert server.get("/odata/parts(region='o''north%2F1',number=1)").expect(200).json["big"]
    assert server.get("/odata/levels('s1')").expect(200).json["sku"] == "s1"
    assert server.get("/odata/levels/s1").expect(200).json["sku"] == "s1"
    answer = server.get("/odata/sales(42)?$select=note,id").expect(200).json
    assert list(answer) == ["@odata.context", "note", "id"], answer
    assert answer["@odata.context"].endswith("#sales(note,id)/$entity"), answer


def what_has_no_key_is_numbered(server):
    rows = get(server, "loose").expect(200).json["value"]
    assert [row["row_number"] for row in rows] == [1, 2, 3]
    for row in rows:
        one = server.get("/odata/loose(%d)" % row["row_number"]).expect(200).json
        assert one["note"] == row["note"] and one["number"] == row["number"]
    paged, pages = read_pages(server, "/odata/loose", {"Prefer": "maxpagesize=1"})
    assert paged == rows and len(pages) == 3
    down = get(server, "loose", orderby="row_number desc", filter="row_number ge 2").json["value"]
    assert [row["row_number"] for row in down] == [3, 2]


def keys_that_are_none_are_refused(server):
    for path, status in (
            ("sales(999999)", 404), ("levels('nope')", 404), ("levels/nope", 404), ("sales/0", 404),
            ("sales()", 404), ("sales(", 404), ("sales(1", 404), ("sales)1(", 404),
            ("sales(1)x", 404), ("sales('x')", 400), ("sales(x)", 400), ("sales(1,2)", 400),
            ("sales(id=1,id=1)", 400), ("sales(qty=1)", 400), ("sales(42%20or%20true)", 400),
            ("sales(42)%20or%20(true)", 400), ("parts('south')", 400), ("parts(number=1)", 400),
            ("sales/x", 400), ("sales(1%3BDROP)", 400), ("sales(''')", 400), ("nothing(1)", 404),
            ("levels(')", 400), ("sales(id=id)", 400), ("sales(null)", 404)):
        yield path, _no_key, server, path, status


def _no_key(server, path, status):
    server.get("/odata/" + path).problem(status)


def a_property_and_its_value_can_be_asked_for(server):
    for path in ("sales(42)/customer", "sales/42/customer"):
        answer = server.get("/odata/" + path).expect(200)
        assert answer.json["value"] == "customer 42"
        assert answer.json["@odata.context"].endswith("#sales(42)/customer"), answer.json
        raw = server.get("/odata/%s/$value" % path).expect(200)
        assert raw.text == "customer 42" and raw.media_type == "text/plain"
    part = "/odata/parts(region='o''north%2F1',number=1)/"
    for name, text in (("big", "9007199254740993"), ("price", "1234567890123456.8000"),
                       ("open", "true"), ("day", "2026-02-28"), ("hour", "17:31:04.5"),
                       ("at", "2026-01-02T03:04:05.25Z"), ("id", PARTS[0]["id"]),
                       ("note", PARTS[0]["note"])):
        assert server.get(part + name + "/$value").expect(200).text == text, name
    raw = server.get(part + "raw/$value").expect(200)
    assert raw.body == base64.b64decode("++//") and raw.media_type == "application/octet-stream"
    nulls = "/odata/parts(region='south',number=-2)/"
    for name in ("note", "big", "more"):
        assert server.get(nulls + name).expect(204).body == b""
        assert server.get(nulls + name + "/$value").expect(204).body == b""
    for path in ("sales(1)/nope", "sales(1)/nope/$value", "sales(999999)/note", "sales(1)/Customer",
                 "sales(999999)/note/$value", "sales/1/nope", "sales(1)/note/x"):
        server.get("/odata/" + path).problem(404)


# --- access ------------------------------------------------------------------------------------

def what_is_hidden_is_nowhere(server):
    token = server.token("output:read", "north")
    sets = [item["name"] for item in server.get("/odata", token=token).expect(200).json["value"]]
    assert sets == ["sales"], sets
    tree = server.get("/odata/$metadata", token=token).expect(200).text
    assert "amount" not in tree and "parts" not in tree and 'Name="customer"' in tree
    rows = server.get("/odata/sales", token=token).expect(200).json["value"]
    assert all("amount" not in row and row["paid"] for row in rows)
    paid = sum(1 for order in orders if order["paid"])
    assert server.get("/odata/sales/$count", token=token).expect(200).text == str(paid)
    counted = server.get("/odata/sales?$count=true&$top=1", token=token).expect(200).json
    assert counted["@odata.count"] == paid
    unpaid = next(order["id"] for order in orders if not order["paid"])
    server.get("/odata/sales(%d)" % unpaid, token=token).problem(404)
    server.get("/odata/sales(%d)/note" % unpaid, token=token).problem(404)
    server.get("/odata/sales?$filter=amount%20gt%201", token=token).problem(400)
    server.get("/odata/sales(%d)/amount" % rows[0]["id"], token=token).problem(404)
    server.get("/odata/parts", token=token).problem(403)


def half_a_key_is_none(server):
    token = server.token("output:read", "west")
    tree = server.get("/odata/$metadata", token=token).expect(200).text
    assert '<Key><PropertyRef Name="row_number"/></Key>' in tree, tree
    rows = server.get("/odata/parts", token=token).expect(200).json["value"]
    assert [row["row_number"] for row in rows] == [1, 2, 3] and "number" not in rows[0]
    # rows that are equal in what is left of the key are all there, page by page
    seen, path = [], "/odata/parts?maxpagesize=1&$select=region&$orderby=region"
    while path:
        page = server.get(path, token=token).expect(200).json
        seen += page["value"]
        path = "@odata.nextLink" in page and local(page["@odata.nextLink"])
    assert [row["region"] for row in seen] == ["o'north/1", "south", "south"], seen


if __name__ == "__main__":
    product = odata_product.make()
    try:
        entrepot.main(globals(), folder=product, prepare=odata_product.fill)
    finally:
        shutil.rmtree(product.parent, ignore_errors=True)
