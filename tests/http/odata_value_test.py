"""Values of the OData service: every type, the formats of OData, and what $apply makes."""
import decimal
import json
import shutil

import entrepot
import odata_product
from odata_product import PARTS, orders
from odata_reader import get, local

EXACT = {"parse_float": decimal.Decimal}


# --- formats -----------------------------------------------------------------------------------

def every_type_is_written_as_OData_says(server):
    first, empty, third = json.loads(get(server, "parts").expect(200).body, **EXACT)["value"]
    assert first["region"] == "o'north/1" and first["number"] == 1
    assert first["big"] == 9007199254740993, "all digits of an Int64"
    assert str(first["price"]) == "1234567890123456.8000", first["price"]
    assert str(first["exact"]) == "0.1" and first["open"] is True
    assert first["day"] == "2026-02-28" and first["hour"] == "17:31:04.5"
    assert first["at"] == "2026-01-02T03:04:05.25Z" and first["id"] == PARTS[0]["id"]
    assert first["raw"] == "--__", "base64url"
    assert json.loads(first["more"]) == {"a": [1, None, "x"]}, "OData 4.0 has no untyped values"
    assert first["note"] == PARTS[0]["note"]
    assert all(empty[name] is None for name in empty if name not in ("region", "number")), empty
    assert set(empty) == set(first), "nulls are explicit"
    assert third["day"] == "0001-01-01" and third["raw"] == "" and third["note"] == ""
    newer = get(server, "parts", {"OData-MaxVersion": "4.01"}).expect(200).json["value"]
    assert newer[0]["more"] == {"a": [1, None, "x"]} and newer[2]["more"] == []


def numbers_are_exact_for_readers_of_doubles(server):
    answer = get(server, "parts", {"Accept": "application/json;IEEE754Compatible=true"}, count="true")
    assert answer.expect(200).header("Content-Type") == \
        "application/json;odata.metadata=minimal;IEEE754Compatible=true"
    first = answer.json["value"][0]
    assert answer.json["@odata.count"] == "3"
    assert first["big"] == "9007199254740993" and first["price"] == "1234567890123456.8000"
    assert first["number"] == 1 and first["ratio"] == 0.5, "these are exact as they are"
    one = server.get("/odata/parts(number=1,region='o''north%2F1')/big",
                     headers={"Accept": "application/json;IEEE754Compatible=true"}).expect(200)
    assert one.json["value"] == "9007199254740993"


def metadata_full_says_what_JSON_does_not_show(server):
    for version, prefix, mark in (("4.0", "@odata.", "#"), ("4.01", "@", "")):
        answer = get(server, "parts", {"OData-MaxVersion": version,
                                       "Accept": "application/json;odata.metadata=full"})
        row = answer.expect(200).json["value"][0]
        assert "metadata=full" in answer.header("Content-Type")
        assert row[prefix + "type"] == "#entrepot.parts"
        assert row[prefix + "id"].endswith("/odata/parts(region='o''north%2f1',number=1)"), row
        for name, kind in (("number", "Int32"), ("big", "Int64"), ("price", "Decimal"),
                           ("day", "Date"), ("at", "DateTimeOffset"), ("hour", "TimeOfDay"),
                           ("id", "Guid"), ("raw", "Binary")):
            assert row[name + prefix + "type"] == mark + kind, row
        for name in ("region", "ratio", "open"):
            assert name + prefix + "type" not in row, row
        same = server.get(local(row[prefix + "id"])).expect(200).json
        assert same["number"] == 1, "an id is a URL that can be followed"


def ids_are_known_without_the_key_being_selected(server):
    full = {"Accept": "application/json;odata.metadata=full"}
    for resource in ("sales", "loose", "parts"):
        answer = get(server, resource, full, select="note", orderby="note desc", top=2).expect(200)
        for row in answer.json["value"]:
            one = server.get(local(row["@odata.id"])).expect(200).json
            assert one["note"] == row["note"], (row, one)
    row = get(server, "sales(7)", full, select="note").expect(200).json
    assert row["@odata.id"].endswith("/odata/sales(7)"), row


def metadata_none_says_only_what_is_needed(server):
    answer = get(server, "sales", {"Accept": "application/json;odata.metadata=none",
                                   "Prefer": "odata.maxpagesize=2"}, count="true").expect(200)
    assert list(answer.json) == ["@odata.count", "value", "@odata.nextLink"], answer.json
    assert list(get(server, "sales(1)", {"Accept": "application/json;odata.metadata=none"})
                .expect(200).json) == list(orders[0])


def formats_are_negotiated(server):
    for accept, level in (
            ("application/json", "minimal"), ("*/*", "minimal"), ("application/*", "minimal"),
            ("application/json;metadata=full", "full"), ("application/json;q=0.5;metadata=none", "none"),
            ("application/json;odata.metadata=minimal;q=0.5, application/json;odata.metadata=full",
             "full"),
            ("application/json;odata.metadata=verbose, application/json;q=0.1", "minimal"),
            ("application/json;charset=utf-8", "minimal"), ("text/html, */*;q=0.1", "minimal"),
            ("application/json;odata=verbose;q=0.1", "minimal")):
        answer = server.get("/odata/sales?$top=1", headers={"Accept": accept}).expect(200)
        assert answer.header("Content-Type") == "application/json;odata.metadata=" + level, accept
    for accept in ("application/xml", "text/html", "application/atom+xml",
                   "application/json;odata.metadata=verbose", "application/json;q=0, */*;q=0",
                   "application/json;IEEE754Compatible=maybe", "application/json;charset=latin1",
                   "application/json;q=0, */*"):
        server.get("/odata/sales?$top=1", headers={"Accept": accept}).problem(406, "not-acceptable")
    for value in ("xml", "atom", "csv", "", "application/xml"):
        get(server, "sales", format=value).problem(406)
    get(server, "sales", {"Accept": "text/html"}, format="application/json;odata.metadata=full",
        top=1).expect(200)


def streaming_is_said_where_it_is_asked(server):
    answer = server.get("/odata/sales?$top=1", headers={
        "Accept": "application/json;odata.metadata=minimal;odata.streaming=true"}).expect(200)
    assert answer.header("Content-Type") == \
        "application/json;odata.metadata=minimal;odata.streaming=true"
    assert list(answer.json)[0] == "@odata.context"


# --- groups and sums ---------------------------------------------------------------------------

def apply_makes_rows_with_their_types(server):
    groups = {}
    for order in orders:
        groups.setdefault(order["paid"], []).append(order)
    steps = "groupby((paid),aggregate($count as n,qty with max as most,amount with sum as total))"
    for version, prefix, mark in (("4.0", "@odata.", "#"), ("4.01", "@", "")):
        answer = get(server, "sales", {"OData-MaxVersion": version}, apply=steps, orderby="paid")
        document = json.loads(answer.expect(200).body, **EXACT)
        assert document[prefix + "context"].endswith("$metadata#sales(paid,n,most,total)"), document
        assert [row["paid"] for row in document["value"]] == [False, True], document
        for row in document["value"]:
            assert row["n"] == len(groups[row["paid"]]), row
            assert row["n" + prefix + "type"] == mark + "Decimal", row
            assert row["most"] == max(order["qty"] for order in groups[row["paid"]]), row
            assert row["most" + prefix + "type"] == mark + "Int32", row
            assert float(row["total"]) == round(sum(order["amount"]
                                                    for order in groups[row["paid"]]), 2), row
            assert "paid" + prefix + "type" not in row, "it is of the model"
    full = get(server, "sales", {"Accept": "application/json;odata.metadata=full"}, apply=steps)
    assert all(row["@odata.id"] is None for row in full.expect(200).json["value"]), full
    assert get(server, "sales/$count", apply=steps).expect(200).text == "2"


if __name__ == "__main__":
    product = odata_product.make()
    try:
        entrepot.main(globals(), folder=product, prepare=odata_product.fill)
    finally:
        shutil.rmtree(product.parent, ignore_errors=True)
