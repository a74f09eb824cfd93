"""The OData service as its clients meet it: versions, formats, pages, keys, errors, and the requests
that Power Query (Excel, Power BI) and Tableau are known to send."""
import base64
import decimal
import json
import re
import shutil
import urllib.parse

import entrepot
import odata_product
import tap
from odata_product import PARTS, ROWS, orders

EXACT = {"parse_float": decimal.Decimal}


def _path(resource, **options):
    """The path of a resource; names of options get their $, values their escapes."""
    pairs = ["%s=%s" % ("$" + name if name != "snapshot" else name,
                        urllib.parse.quote(str(value), safe=""))
             for name, value in options.items()]
    return "/odata/" + resource + ("?" + "&".join(pairs) if pairs else "")


def _get(server, resource, headers=None, **options):
    return server.get(_path(resource, **options), headers=headers)


def _local(url):
    return re.sub(r"^https?://[^/]+", "", url)


def _pages(server, path, headers=None):
    """All entities, page by page, following links as they are; and the pages."""
    pages = []
    while path:
        document = server.get(path, headers=headers).expect(200).json
        pages.append(document)
        assert len(pages) < 5000
        following = document.get("@odata.nextLink", document.get("@nextLink"))
        path = following and _local(following)
    return [row for page in pages for row in page["value"]], pages


# --- service and metadata ----------------------------------------------------------------------

def the_service_document_lists_the_sets(server):
    for path in ("/odata", "/odata/"):
        answer = server.get(path).expect(200)
        assert answer.header("Content-Type") == "application/json;odata.metadata=minimal"
        assert answer.json["@odata.context"].endswith("/odata/$metadata"), answer.json
        sets = {item["name"]: item for item in answer.json["value"]}
        assert list(sets) == ["sales", "daily", "levels", "parts", "loose"], sets
        for name, item in sets.items():
            assert item["kind"] == "EntitySet" and item["url"] == name, item


def without_metadata_URLs_stand_alone(server):
    answer = server.get("/odata", headers={"Accept": "application/json;odata.metadata=none"})
    assert list(answer.expect(200).json) == ["value"]
    for item in answer.json["value"]:
        assert item["url"].startswith("http://") and item["url"].endswith("/odata/" + item["name"])


def metadata_is_XML_unless_JSON_is_asked_for(server):
    power_query = ("application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimal"
                   "metadata;q=0.9,application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,"
                   "application/xml;q=0.7,text/plain;q=0.7")
    for accept, media_type in (
            (None, "application/xml"), ("*/*", "application/xml"),
            ("application/xml", "application/xml"), ("application/*", "application/xml"),
            (power_query, "application/xml"), ("application/json", "application/json"),
            ("application/json, application/xml;q=0.5", "application/json"),
            ("application/json;q=0.5, application/xml", "application/xml"),
            ("application/json;odata.metadata=full", "application/json")):
        yield str(accept)[:40], _metadata_type, server, accept, media_type


def _metadata_type(server, accept, media_type):
    headers = {"Accept": accept} if accept else {}
    answer = server.get("/odata/$metadata", headers=headers).expect(200)
    assert answer.header("Content-Type") == media_type, answer.headers


def metadata_has_the_format_named_by_an_option(server):
    for value, media_type in (("xml", "application/xml"), ("json", "application/json"),
                              ("application/xml", "application/xml"),
                              ("application/json", "application/json")):
        for name in ("$format", "format", "$FORMAT"):
            answer = server.get("/odata/$metadata?%s=%s" % (name, value),
                                headers={"Accept": "text/html"}).expect(200)
            assert answer.header("Content-Type") == media_type, answer.headers
    server.get("/odata/$metadata?$format=atom").problem(406)
    server.get("/odata/$metadata", headers={"Accept": "text/html"}).problem(406)


# --- versions ----------------------------------------------------------------------------------

def the_version_follows_what_the_client_reads(server):
    for most, version in ((None, "4.0"), ("4.0", "4.0"), ("4.01", "4.01"), ("4.1", "4.01"),
                          ("4.001", "4.0"), ("5.0", "4.01"), ("10.0", "4.01")):
        yield str(most), _version, server, most, version


def _version(server, most, version):
    headers = {"OData-MaxVersion": most} if most else {}
    prefix = "@" if version == "4.01" else "@odata."
    answer = _get(server, "sales", headers, top=2, count="true").expect(200)
    assert [value for name, value in answer.headers if name.lower() == "odata-version"] == [version]
    assert list(answer.json) == [prefix + "context", prefix + "count", "value"], list(answer.json)
    expected = "application/json;" + ("" if version == "4.01" else "odata.") + "metadata=minimal"
    assert answer.header("Content-Type") == expected, answer.headers
    assert "OData-MaxVersion" in answer.header("Vary")
    tree = server.get("/odata/$metadata", headers=headers).expect(200).text
    assert re.search(r'<edmx:Edmx [^>]*Version="%s"' % re.escape(version), tree), tree[:300]


def versions_that_are_not_spoken_are_406(server):
    for most in ("3.0", "1.0", "0.5", "3.99"):
        for path in ("/odata", "/odata/$metadata", "/odata/sales", "/odata/sales(1)",
                     "/odata/sales/$count", "/odata/sales(1)/customer"):
            server.get(path, headers={"OData-MaxVersion": most}).problem(406)
    for most in ("x", "4", "4.", ".0", "4.0;x", "4.0.0", "-4.0", "4,0", ""):
        server.get("/odata/sales", headers={"OData-MaxVersion": most}).problem(400)
    # what versions before 4 call it is not ours to look at
    server.get("/odata/sales?$top=1", headers={"MaxDataServiceVersion": "3.0"}).expect(200)


def only_snapshot_isolation_is_offered(server):
    for name in ("Isolation", "OData-Isolation"):
        server.get("/odata/sales?$top=1", headers={name: "snapshot"}).expect(200)
        server.get("/odata/sales?$top=1", headers={name: "serializable"}).problem(412)


# --- formats -----------------------------------------------------------------------------------

def every_type_is_written_as_OData_says(server):
    first, empty, third = json.loads(_get(server, "parts").expect(200).body, **EXACT)["value"]
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
    newer = _get(server, "parts", {"OData-MaxVersion": "4.01"}).expect(200).json["value"]
    assert newer[0]["more"] == {"a": [1, None, "x"]} and newer[2]["more"] == []


def numbers_are_exact_for_readers_of_doubles(server):
    answer = _get(server, "parts", {"Accept": "application/json;IEEE754Compatible=true"}, count="true")
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
        answer = _get(server, "parts", {"OData-MaxVersion": version,
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
        same = server.get(_local(row[prefix + "id"])).expect(200).json
        assert same["number"] == 1, "an id is a URL that can be followed"


def ids_are_known_without_the_key_being_selected(server):
    full = {"Accept": "application/json;odata.metadata=full"}
    for resource in ("sales", "loose", "parts"):
        answer = _get(server, resource, full, select="note", orderby="note desc", top=2).expect(200)
        for row in answer.json["value"]:
            one = server.get(_local(row["@odata.id"])).expect(200).json
            assert one["note"] == row["note"], (row, one)
    row = _get(server, "sales(7)", full, select="note").expect(200).json
    assert row["@odata.id"].endswith("/odata/sales(7)"), row


def metadata_none_says_only_what_is_needed(server):
    answer = _get(server, "sales", {"Accept": "application/json;odata.metadata=none",
                                    "Prefer": "odata.maxpagesize=2"}, count="true").expect(200)
    assert list(answer.json) == ["@odata.count", "value", "@odata.nextLink"], answer.json
    assert list(_get(server, "sales(1)", {"Accept": "application/json;odata.metadata=none"})
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
        _get(server, "sales", format=value).problem(406)
    _get(server, "sales", {"Accept": "text/html"}, format="application/json;odata.metadata=full",
         top=1).expect(200)


def streaming_is_said_where_it_is_asked(server):
    answer = server.get("/odata/sales?$top=1", headers={
        "Accept": "application/json;odata.metadata=minimal;odata.streaming=true"}).expect(200)
    assert answer.header("Content-Type") == \
        "application/json;odata.metadata=minimal;odata.streaming=true"
    assert list(answer.json)[0] == "@odata.context"


# --- pages -------------------------------------------------------------------------------------

def pages_hold_every_row_once(server):
    for name, options, headers, expected in (
            ("as they come", {}, {}, orders),
            ("small", {"filter": "id le 50"}, {"Prefer": "maxpagesize=7"}, orders[:50]),
            ("ordered", {"orderby": "qty desc,customer", "filter": "id le 200"},
             {"Prefer": "odata.maxpagesize=13"},
             sorted(orders[:200], key=lambda row: (-row["qty"], row["customer"], row["id"]))),
            ("top", {"top": 1100}, {}, orders[:1100]),
            ("top of whole pages", {"top": 20}, {"Prefer": "maxpagesize=10"}, orders[:20]),
            ("skip", {"skip": 2400, "top": 60}, {"Prefer": "maxpagesize=50"}, orders[2400:2460]),
            ("nothing", {"filter": "id lt 0"}, {}, [])):
        yield name, _all_pages, server, options, headers, expected


def _all_pages(server, options, headers, expected):
    rows, pages = _pages(server, _path("sales", **options), headers)
    assert rows == expected, (len(rows), len(expected))
    size = int(re.search(r"\d+", headers.get("Prefer", "maxpagesize=1000"))[0])
    assert len(pages) == max(1, -(-len(expected) // size)), "no page too many"
    for page in pages[:-1]:
        assert page["@odata.nextLink"].startswith("http://"), "links are absolute"


def a_preference_is_applied_and_said(server):
    for word in ("maxpagesize", "odata.maxpagesize"):
        answer = _get(server, "sales", {"Prefer": "respond-async, %s=3, x=y" % word}).expect(200)
        assert answer.header("Preference-Applied") == word + "=3", answer.headers
        assert len(answer.json["value"]) == 3
    answer = _get(server, "sales", {"Prefer": "odata.maxpagesize=1000000"}).expect(200)
    assert answer.header("Preference-Applied") == "odata.maxpagesize=1000", "as applied"
    assert _get(server, "sales").header("Preference-Applied") is None
    for prefer in ("maxpagesize=0", "maxpagesize=x", "odata.omit-values=nulls", "return=minimal",
                   'odata.include-annotations="*"', "odata.track-changes"):
        answer = _get(server, "sales", {"Prefer": prefer}, top=1).expect(200)
        assert answer.header("Preference-Applied") is None, answer.headers


def counts_are_of_all_that_the_filter_finds(server):
    paid = sum(1 for order in orders if order["paid"])
    for options, count in (({}, ROWS), ({"filter": "paid"}, paid), ({"top": 0}, ROWS),
                           ({"filter": "paid", "top": 3, "skip": 5}, paid),
                           ({"filter": "id lt 0"}, 0)):
        document = _get(server, "sales", count="true", **options).expect(200).json
        assert document["@odata.count"] == count, (options, document["@odata.count"])
    assert "@odata.count" not in _get(server, "sales", count="false", top=1).expect(200).json
    answer = _get(server, "sales/$count")
    assert answer.expect(200).text == str(ROWS) and answer.media_type == "text/plain"
    assert _get(server, "sales/$count", filter="paid").expect(200).text == str(paid)
    assert _get(server, "loose/$count", filter="row_number gt 1").expect(200).text == "2"
    for option in ("$top=1", "$skip=1", "$orderby=id", "$select=id", "$count=true", "$x=1"):
        server.get("/odata/sales/$count?" + option).problem(400)
    _get(server, "sales/$count", search="x").problem(501)


def tokens_that_were_changed_are_400(server):
    first = _get(server, "sales", {"Prefer": "maxpagesize=10"}).expect(200).json["@odata.nextLink"]
    token = re.search(r"skiptoken=([^&]*)", first)[1]
    for wrong in (token[:-2], token + "AA", "AAAA" + token[4:], "x", ""):
        server.get(_local(first).replace(token, wrong)).problem(400, "bad-query")
    server.get(_local(first) + "&$filter=paid").problem(400)
    # nor does a token of one set open another
    server.get(_local(first).replace("/sales?", "/loose?")).problem(400)


def links_stay_in_their_snapshot(_):
    folder = odata_product.make()
    try:
        with entrepot.Server(folder, "--keep-snapshots", "2", "--retire-grace", "0ms") as server:
            def publish(level, rows):
                server.deliver("stock", "".join(["sku,level\n"] + [
                    "s%03d,%d\n" % (number, level) for number in range(rows)])).expect(201)
                assert server.run_pipeline("levels")["state"] == "published"
            publish(1, 30)
            page = {"Prefer": "maxpagesize=10", "Isolation": "snapshot"}
            first = server.get("/odata/levels", headers=page).expect(200).json
            publish(2, 40)
            rows, pages = _pages(server, _local(first["@odata.nextLink"]))
            assert len(rows) == 20 and {row["level"] for row in rows} == {1}, rows
            assert len(server.get("/odata/levels").json["value"]) == 40
            pinned = server.get(_local(first["@odata.nextLink"]))
            assert "immutable" in pinned.header("Cache-Control"), pinned.headers
            assert len(server.get("/odata/levels?snapshot=1").expect(200).json["value"]) == 30
            publish(3, 1)
            tap.until(lambda: server.get(_local(first["@odata.nextLink"])).status == 410, 60, 0.2)
            server.get(_local(first["@odata.nextLink"])).problem(410, "snapshot-retired")
            server.stop_cleanly()
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)


def the_base_URL_can_be_another(_):
    folder = odata_product.make()
    try:
        with entrepot.Server(folder, "--public-url", "https://data.example/shop") as server:
            odata_product.fill(server)
            base = "https://data.example/shop/odata/"
            document = _get(server, "sales", {"Prefer": "maxpagesize=1"}).expect(200).json
            assert document["@odata.context"] == base + "$metadata#sales"
            assert document["@odata.nextLink"].startswith(base + "sales?"), document
            row = _get(server, "sales(1)", {"Accept": "application/json;odata.metadata=full"}).json
            assert row["@odata.id"] == base + "sales(1)", row
            assert server.get("/odata").json["@odata.context"] == base + "$metadata"
            server.stop_cleanly()
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)


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
    rows = _get(server, "loose").expect(200).json["value"]
    assert [row["row_number"] for row in rows] == [1, 2, 3]
    for row in rows:
        one = server.get("/odata/loose(%d)" % row["row_number"]).expect(200).json
        assert one["note"] == row["note"] and one["number"] == row["number"]
    paged, pages = _pages(server, "/odata/loose", {"Prefer": "maxpagesize=1"})
    assert paged == rows and len(pages) == 3
    down = _get(server, "loose", orderby="row_number desc", filter="row_number ge 2").json["value"]
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


def what_is_not_served_is_501(server):
    for path in ("$all", "$crossjoin(sales,parts)", "$entity?$id=sales(1)", "sales/$ref",
                 "sales(1)/$ref", "sales/$filter(id%20eq%201)", "sales/$each", "sales/1/$ref",
                 "sales?$expand=x", "sales(1)?$expand=x", "sales?$search=x", "sales?$compute=x",
                 "sales?$deltatoken=x", "sales?$schemaversion=x", "sales?$filter=a/any(x:x%20eq%201)",
                 "sales?$filter=isof(id,Edm.Int64)"):
        server.get("/odata/" + path).problem(501, "not-implemented")
    server.post("/odata/$batch", b"{}", "application/json").problem(501, "not-implemented")
    server.post("/odata/sales/$query", b"$top=1", "text/plain").problem(501, "not-implemented")


# --- groups and sums ---------------------------------------------------------------------------

def apply_makes_rows_with_their_types(server):
    groups = {}
    for order in orders:
        groups.setdefault(order["paid"], []).append(order)
    steps = "groupby((paid),aggregate($count as n,qty with max as most,amount with sum as total))"
    for version, prefix, mark in (("4.0", "@odata.", "#"), ("4.01", "@", "")):
        answer = _get(server, "sales", {"OData-MaxVersion": version}, apply=steps, orderby="paid")
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
    full = _get(server, "sales", {"Accept": "application/json;odata.metadata=full"}, apply=steps)
    assert all(row["@odata.id"] is None for row in full.expect(200).json["value"]), full
    assert _get(server, "sales/$count", apply=steps).expect(200).text == "2"


def pages_of_apply_follow_each_other(server):
    expected = {}
    for order in orders:
        expected[order["customer"]] = expected.get(order["customer"], 0) + 1
    rows, pages = _pages(server, _path(
        "sales", apply="groupby((customer),aggregate($count as n))", count="true"),
        {"Prefer": "maxpagesize=10"})
    assert {row["customer"]: row["n"] for row in rows} == expected and len(rows) == len(expected)
    assert pages[0]["@odata.count"] == len(expected) and len(pages) == -(-len(expected) // 10)
    for wrong, status in (("groupby((nope))", 400), ("groupby((customer)", 400), ("concat(a,b)", 501),
                          ("aggregate(qty with nope as x)", 400)):
        answer = _get(server, "sales", apply=wrong)
        assert answer.status in (status, 501), (wrong, answer)
        answer.problem(answer.status)
    server.get("/odata/sales(1)?$apply=groupby((id))").problem(400)


# --- errors ------------------------------------------------------------------------------------

def every_failure_is_an_error_of_OData(server):
    server.get("/odata/sales", token=None).problem(401, "unauthenticated")
    server.get("/odata/sales", token="x.y.z").problem(401, "unauthenticated")
    server.get("/odata/sales", token=server.token("input:read")).problem(403, "forbidden")
    server.get("/odata/nothing").problem(404, "dataset-unknown")
    server.get("/odata/a/b/c/d/e/f").problem(404, "not-found")
    server.get("/odata/daily").problem(404, "not-found")
    for method in ("POST", "PUT", "DELETE"):
        answer = server.request(method, "/odata/sales")
        answer.problem(405, "method-not-allowed")
        assert "GET" in answer.header("Allow")
    server.request("PATCH", "/odata/sales").problem(405)
    server.request("BREW", "/odata/sales").problem(501)
    server.get("/odata/sales?$filter=%ff").problem(400)
    server.get("/odata/sales?$filter=%").problem(400)
    server.get("/odata/%00").problem(400)
    long = server.get("/odata/sales?$filter=" + "x" * 20000)
    assert long.status in (400, 414, 431), long
    long.problem(long.status)
    for option in ("$filter=nope%20eq%201", "$top=-1", "$top=x", "$orderby=nope", "$select=nope",
                   "$skip=-1", "$count=maybe", "$nope=1", "nope=1", "$filter=(id%20eq%201",
                   "$filter=id%20eq%20'x'"):
        answer = server.get("/odata/sales?" + option)
        answer.problem(400, "bad-query")
        assert answer.json["error"]["target"], answer.json
    many = "(" * 10000 + "true" + ")" * 10000
    assert server.get("/odata/sales?$filter=" + many).status in (400, 414, 431)


def a_refusal_of_the_listener_is_one_too(server):
    for request in (b"GET /odata/sales HTTP/1.1\r\nConnection: close\r\n\r\n",
                    b"GET /odata/sales HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n",
                    b"GET /odata/sales HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
                    b"GET http://a/odata/sales?x=%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"):
        answer = entrepot.parse_responses(server.raw(request))[0]
        answer.path = "/odata/sales"
        assert answer.status >= 400
        answer.problem(answer.status)
    # and elsewhere a problem document stays one
    server.get("/odatas").problem(404)
    server.get("/output/nothing").problem(404)


def a_client_with_a_password_is_asked_for_it(server):
    answer = server.get("/odata", token=None)
    challenges = [value for name, value in answer.headers if name == "WWW-Authenticate"]
    assert [challenge.split(" ")[0] for challenge in challenges] == ["Bearer", "Basic"], challenges
    assert not [value for name, value in server.get("/output/sales", token=None).headers
                if name == "WWW-Authenticate" and value.startswith("Basic")]
    for user in ("", "token"):
        pair = base64.b64encode(("%s:%s" % (user, server.token())).encode()).decode()
        server.get("/odata/sales?$top=1", token=None,
                   headers={"Authorization": "Basic " + pair}).expect(200)


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
        path = "@odata.nextLink" in page and _local(page["@odata.nextLink"])
    assert [row["region"] for row in seen] == ["o'north/1", "south", "south"], seen


# --- caching -----------------------------------------------------------------------------------

def an_entity_tag_that_still_holds_is_304(server):
    for path in ("/odata", "/odata/$metadata", "/odata/$metadata?$format=json", "/odata/sales?$top=3",
                 "/odata/sales(1)", "/odata/sales/$count", "/odata/sales(1)/note",
                 "/odata/sales(1)/customer/$value"):
        answer = server.get(path)
        tag = answer.header("ETag")
        assert tag and tag[0] == '"', (path, answer.headers)
        again = server.get(path, headers={"If-None-Match": tag})
        assert again.status == 304 and again.body == b"", (path, again)
        assert again.header("OData-Version") == "4.0"
        head = server.request("HEAD", path)
        assert head.status == answer.status and head.header("ETag") == tag, (path, head)
        assert server.get(path, token=None, headers={"If-None-Match": tag}).status == 401
        options = server.request("OPTIONS", path)
        assert options.status == 204 and options.header("OData-Version") == "4.0", options


def entity_tags_differ_where_answers_do(server):
    tags = {}
    for name, path, headers in (
            ("plain", "/odata/sales", {}), ("4.01", "/odata/sales", {"OData-MaxVersion": "4.01"}),
            ("full", "/odata/sales", {"Accept": "application/json;odata.metadata=full"}),
            ("exact", "/odata/sales", {"Accept": "application/json;IEEE754Compatible=true"}),
            ("page", "/odata/sales", {"Prefer": "maxpagesize=3"}),
            ("count", "/odata/sales?$count=true", {}), ("number", "/odata/sales/$count", {}),
            ("one", "/odata/sales(1)", {}), ("other", "/odata/sales(2)", {}),
            ("property", "/odata/sales(1)/id", {}), ("value", "/odata/sales(1)/id/$value", {}),
            ("output", "/output/sales", {}), ("gzip", "/odata/sales", {"Accept-Encoding": "gzip"})):
        tags[name] = server.get(path, headers=headers).expect(200).header("ETag")
    assert len(set(tags.values())) == len(tags), tags
    xml = server.get("/odata/$metadata").header("ETag")
    narrow = server.get("/odata/$metadata", token=server.token("output:read", "north"))
    assert narrow.header("ETag") != xml, "others see another model"


# --- requests of known clients -----------------------------------------------------------------

POWER_QUERY = {
    "OData-MaxVersion": "4.0", "MaxDataServiceVersion": "3.0",
    "Accept": "application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata"
              ";q=0.9,application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,application/xml;q=0.7"
              ",text/plain;q=0.7",
    "Prefer": 'odata.include-annotations="*"', "User-Agent": "Microsoft.Data.Mashup",
}


def Power_Query_reads_a_feed(server):
    """Excel and Power BI: OData.Feed, its preview, its folded steps, all pages."""
    pair = base64.b64encode((":" + server.token()).encode()).decode()
    headers = dict(POWER_QUERY, Authorization="Basic " + pair)

    def ask(path):
        answer = server.get(path, token=None, headers=headers).expect(200)
        versions = [value for name, value in answer.headers if name.lower() == "odata-version"]
        assert versions == ["4.0"], "exactly once, in one spelling"
        return answer
    assert server.get("/odata/", token=None, headers=POWER_QUERY).status == 401, "anonymous first"
    root = ask("/odata/")
    assert root.header("Content-Type") == "application/json;odata.metadata=minimal"
    assert re.match(r"https?://[^/]+/odata/\$metadata$", root.json["@odata.context"])
    assert ask("/odata/$metadata").media_type == "application/xml"
    preview = ask("/odata/sales?$top=1000")
    assert preview.header("Content-Type") == "application/json;odata.metadata=minimal"
    assert len(preview.json["value"]) == 1000 and "@odata.nextLink" not in preview.json
    folded = ask("/odata/sales?$filter=sold_at%20ge%202026-06-01T00%3A00%3A00%2B01%3A00%20and%20qty"
                 "%20gt%20500&$orderby=amount%20desc&$select=id%2Camount&$top=100&$skip=5")
    assert list(folded.json["value"][0]) == ["id", "amount"]
    amounts = [row["amount"] for row in folded.json["value"]]
    assert amounts == sorted(amounts, reverse=True)
    plus = ask("/odata/sales?$filter=sold_at%20ge%202026-06-01T00:00:00%2B01:00&$top=1")
    assert plus.json["value"], "%2B is a plus"
    assert ask("/odata/sales/$count").text == str(ROWS)
    path, rows = "/odata/sales", 0
    while path:
        page = ask(path).json
        rows += len(page["value"])
        path = "@odata.nextLink" in page and _local(page["@odata.nextLink"])
    assert rows == ROWS
    listed = ",".join("%d" % number for number in range(1, 900))
    ask("/odata/sales?$filter=id%20in%20(" + listed + ")")  # a URI of more than 2048 bytes


def Tableau_reads_a_feed(server):
    """Metadata as XML whatever is asked with it, plain sets, absolute links, Basic."""
    headers = {"OData-MaxVersion": "4.0", "Accept": "application/json;odata.metadata=minimal, */*",
               "Authorization": "Basic " + base64.b64encode(
                   ("token:" + server.token()).encode()).decode()}
    metadata = server.get("/odata/$metadata", token=None, headers=headers).expect(200)
    assert metadata.media_type == "application/xml" and "Collection(" not in metadata.text
    assert "NavigationProperty" not in metadata.text and "ComplexType" not in metadata.text
    page = server.get("/odata/sales", token=None, headers=headers).expect(200).json
    assert page["@odata.nextLink"].startswith("http://"), page["@odata.nextLink"]


def UI5_reads_a_list(server):
    """What its V4 model sends: exact numbers, a count beside the rows, only what it shows."""
    headers = {"Accept": "application/json;odata.metadata=minimal;IEEE754Compatible=true",
               "OData-MaxVersion": "4.0", "OData-Version": "4.0"}
    answer = server.get("/odata/sales?$count=true&$select=customer,id&$skip=0&$top=100",
                        headers=headers).expect(200)
    assert answer.json["@odata.count"] == str(ROWS)
    assert answer.json["value"][0] == {"customer": "customer 1", "id": "1"}, answer.json["value"][0]
    server.get("/odata/sales/$count", headers=headers).expect(200)


def names_of_options_may_be_written_in_any_way(server):
    for query in ("$top=2&$select=id", "top=2&select=id", "TOP=2&$SELECT=id", "$Top=2&Select=id"):
        document = server.get("/odata/sales?" + query).expect(200).json
        assert document["value"] == [{"id": 1}, {"id": 2}], document
        assert document["@odata.context"].endswith("#sales(id)"), document


if __name__ == "__main__":
    product = odata_product.make()
    try:
        entrepot.main(globals(), folder=product, prepare=odata_product.fill)
    finally:
        shutil.rmtree(product.parent, ignore_errors=True)
