"""Pages of the OData service: all rows once, their links, and counts."""
import json
import re
import shutil

import entrepot
import odata_product
from odata_product import ROWS, orders
from odata_reader import get, local, path_of, read_pages


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
    rows, pages = read_pages(server, path_of("sales", **options), headers)
    assert rows == expected, (len(rows), len(expected))
    size = int(re.search(r"\d+", headers.get("Prefer", "maxpagesize=1000"))[0])
    assert len(pages) == max(1, -(-len(expected) // size)), "no page too many"
    for page in pages[:-1]:
        assert page["@odata.nextLink"].startswith("http://"), "links are absolute"


def a_preference_is_applied_and_said(server):
    for word in ("maxpagesize", "odata.maxpagesize"):
        answer = get(server, "sales", {"Prefer": "respond-async, %s=3, x=y" % word}).expect(200)
        assert answer.header("Preference-Applied") == word + "=3", answer.headers
        assert len(answer.json["value"]) == 3
    answer = get(server, "sales", {"Prefer": "odata.maxpagesize=1000000"}).expect(200)
    assert answer.header("Preference-Applied") == "odata.maxpagesize=1000", "as applied"
    assert get(server, "sales").header("Preference-Applied") is None
    for prefer in ("maxpagesize=0", "maxpagesize=x", "odata.omit-values=nulls", "return=minimal",
                   'odata.include-annotations="*"', "odata.track-changes"):
        answer = get(server, "sales", {"Prefer": prefer}, top=1).expect(200)
        assert answer.header("Preference-Applied") is None, answer.headers


def counts_are_of_all_that_the_filter_finds(server):
    paid = sum(1 for order in orders if order["paid"])
    for options, count in (({}, ROWS), ({"filter": "paid"}, paid), ({"top": 0}, ROWS),
                           ({"filter": "paid", "top": 3, "skip": 5}, paid),
                           ({"filter": "id lt 0"}, 0)):
        document = get(server, "sales", count="true", **options).expect(200).json
        assert document["@odata.count"] == count, (options, document["@odata.count"])
    assert "@odata.count" not in get(server, "sales", count="false", top=1).expect(200).json
    answer = get(server, "sales/$count")
    assert answer.expect(200).text == str(ROWS) and answer.media_type == "text/plain"
    assert get(server, "sales/$count", filter="paid").expect(200).text == str(paid)
    assert get(server, "loose/$count", filter="row_number gt 1").expect(200).text == "2"
    for option in ("$top=1", "$skip=1", "$orderby=id", "$select=id", "$count=true", "$x=1"):
        server.get("/odata/sales/$count?" + option).problem(400)
    get(server, "sales/$count", search="x").problem(501)


def tokens_that_were_changed_are_400(server):
    first = get(server, "sales", {"Prefer": "maxpagesize=10"}).expect(200).json["@odata.nextLink"]
    token = re.search(r"skiptoken=([^&]*)", first)[1]
    for wrong in (token[:-2], token + "AA", "AAAA" + token[4:], "x", ""):
        server.get(local(first).replace(token, wrong)).problem(400, "bad-query")
    server.get(local(first) + "&$filter=paid").problem(400)
    # nor does a token of one set open another
    server.get(local(first).replace("/sales?", "/loose?")).problem(400)


def a_page_of_wide_rows_ends_earlier(_):
    """Memory is bounded by --page-bytes and --page-rows, whatever is asked for."""
    folder = odata_product.make()
    wide = [{"region": "r", "number": number, "note": "%05d" % number * 8000} for number in range(60)]
    try:
        with entrepot.Server(folder, "--page-bytes", "200KB", "--page-rows", "50") as server:
            body = "\n".join(json.dumps(row) for row in wide).encode()
            server.deliver("parts", body, "application/x-ndjson").expect(201)
            for name in ("parts", "loose"):
                assert server.run_pipeline(name)["state"] == "published"
                for options, headers, rows in (
                        ({}, {}, wide), ({"top": 100000}, {"Prefer": "maxpagesize=100000"}, wide),
                        ({"orderby": "number desc", "top": 7}, {}, wide[:-8:-1]),
                        ({"skip": 58}, {"Prefer": "odata.maxpagesize=3"}, wide[58:]),
                        ({"filter": "number ge 30", "count": "true"}, {}, wide[30:])):
                    _wide_pages(server, path_of(name, **options), headers, rows)
            # where no text is wide, a page has as many rows as it may
            numbers = get(server, "parts", select="number", apply="groupby((number))").expect(200)
            assert len(numbers.json["value"]) == 50, numbers
            # and the output port pages and streams alike
            assert server.get("/output/parts?top=59").expect(200).json[58]["number"] == 58
            page = server.get("/output/parts?maxpagesize=50").expect(200)
            assert 1 < len(page.json) < 10 and page.link("next"), page.headers
            _many_without_a_key(server)
            server.stop_cleanly()
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)


def _wide_pages(server, path, headers, expected):
    rows, pages = read_pages(server, path, headers)
    assert [(row["number"], row["note"]) for row in rows] == [
        (row["number"], row["note"]) for row in expected], path
    for page in pages:
        assert 1 <= len(page["value"]) <= 6, "200 KB, and the row that passes them"
        assert page.get("@odata.count", 30) == 30
    assert all(len(page["value"]) > 1 for page in pages[:-1]), "pages are not smaller than they need"


def _many_without_a_key(server):
    """A worker numbers them: they are too many for the read lane."""
    many = 10500
    body = "".join('{"region":"r","number":%d}\n' % (number * 11 % many) for number in range(many))
    server.deliver("parts", body.encode(), "application/x-ndjson").expect(201)
    assert server.run_pipeline("loose")["state"] == "published"
    first = get(server, "loose").expect(200).json
    second = server.get(local(first["@odata.nextLink"])).expect(200).json
    rows = first["value"] + second["value"]
    assert [(row["row_number"], row["number"]) for row in rows] == [(k + 1, k) for k in range(100)]
    assert get(server, "loose(5001)").expect(200).json["number"] == 5000
    last, _ = read_pages(server, path_of("loose", filter="row_number gt 10400"))
    assert [row["number"] for row in last] == list(range(10400, many))
    assert get(server, "loose/$count", filter="number ge 10000").expect(200).text == "500"


def the_base_URL_can_be_another(_):
    folder = odata_product.make()
    try:
        with entrepot.Server(folder, "--public-url", "https://data.example/shop") as server:
            odata_product.fill(server)
            base = "https://data.example/shop/odata/"
            document = get(server, "sales", {"Prefer": "maxpagesize=1"}).expect(200).json
            assert document["@odata.context"] == base + "$metadata#sales"
            assert document["@odata.nextLink"].startswith(base + "sales?"), document
            row = get(server, "sales(1)", {"Accept": "application/json;odata.metadata=full"}).json
            assert row["@odata.id"] == base + "sales(1)", row
            assert server.get("/odata").json["@odata.context"] == base + "$metadata"
            server.stop_cleanly()
    finally:
        shutil.rmtree(folder.parent, ignore_errors=True)


def pages_of_apply_follow_each_other(server):
    expected = {}
    for order in orders:
        expected[order["customer"]] = expected.get(order["customer"], 0) + 1
    rows, pages = read_pages(server, path_of(
        "sales", apply="groupby((customer),aggregate($count as n))", count="true"),
        {"Prefer": "maxpagesize=10"})
    assert {row["customer"]: row["n"] for row in rows} == expected and len(rows) == len(expected)
    assert pages[0]["@odata.count"] == len(expected) and len(pages) == -(-len(expected) // 10)
    for wrong, status in (("groupby((nope))", 400), ("groupby((customer)", 400), ("concat(a,b)", 501),
                          ("aggregate(qty with nope as x)", 400)):
        answer = get(server, "sales", apply=wrong)
        assert answer.status in (status, 501), (wrong, answer)
        answer.problem(answer.status)
    server.get("/odata/sales(1)?$apply=groupby((id))").problem(400)


if __name__ == "__main__":
    product = odata_product.make()
    try:
        entrepot.main(globals(), folder=product, prepare=odata_product.fill)
    finally:
        shutil.rmtree(product.parent, ignore_errors=True)
