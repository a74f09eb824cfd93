"""Delta Sharing as its clients meet it: shares, tables, versions, metadata, files behind signed links,
the profile, and how it says no."""
import base64
import json
import re
import shutil
import time
import urllib.parse
import uuid

import entrepot
import odata_product
import tap
from entrepot import Server
from odata_product import ROWS, orders

ROOT = "/delta-sharing"
SHARE = ROOT + "/shares/shop"
TABLES = SHARE + "/schemas/output/tables"
SALES = TABLES + "/sales"
LINES = "application/x-ndjson; charset=utf-8"


def _local(url):
    return re.sub(r"^https?://[^/]+", "", url)


def _lines(answer):
    answer.expect(200)
    assert answer.header("Content-Type") == LINES, answer.headers
    assert answer.text.endswith("\n")
    return [json.loads(line) for line in answer.text.splitlines()]


def _query(server, body=None, table=SALES, **options):
    text = body if isinstance(body, (str, bytes)) else json.dumps(body or {})
    return server.post(table + "/query", text, "application/json; charset=utf-8", **options)


def _file(server, body=None, **options):
    """What the query says of the one file of a table."""
    lines = _lines(_query(server, body, **options))
    assert [list(line) for line in lines] == [["protocol"], ["metaData"], ["file"]], lines
    return lines[2]["file"]


# --- listings ------------------------------------------------------------------------------------

def a_product_is_one_share(server):
    share = server.get(ROOT + "/shares").expect(200).json
    assert list(share) == ["items"], share
    assert [item["name"] for item in share["items"]] == ["shop"], share
    assert server.get(SHARE).expect(200).json == {"share": share["items"][0]}
    uuid.UUID(share["items"][0]["id"])


def a_share_has_one_schema(server):
    assert server.get(SHARE + "/schemas").expect(200).json == {
        "items": [{"name": "output", "share": "shop"}]}


def tables_are_the_datasets_that_are_published(server):
    for path in (TABLES, SHARE + "/all-tables"):
        items = server.get(path).expect(200).json["items"]
        # daily was never published
        assert [item["name"] for item in items] == ["levels", "loose", "parts", "sales"], items
        for item in items:
            assert item["share"] == "shop" and item["schema"] == "output", item
            assert item["accessModes"] == ["url"], item
            uuid.UUID(item["id"])
        assert len({item["id"] for item in items}) == 4


def names_are_of_any_case(server):
    server.get(TABLES.upper().replace("/DELTA-SHARING/SHARES", ROOT + "/shares")
               .replace("/SCHEMAS", "/schemas").replace("/TABLES", "/tables")
               + "/Sales/version").expect(200)


def listings_come_in_pages(server):
    for path in (ROOT + "/shares", SHARE + "/schemas", TABLES, SHARE + "/all-tables"):
        yield path, _comes_in_pages, server, path


def _comes_in_pages(server, path):
    whole = server.get(path).expect(200).json["items"]
    seen, token = [], ""
    for _ in range(20):
        page = server.get(path + "?maxResults=1&pageToken=" + token).expect(200).json
        assert len(page["items"]) == 1, page
        seen += page["items"]
        token = page.get("nextPageToken")
        if not token:
            break
    assert seen == whole, seen


def a_page_of_none_goes_on_where_it_was(server):
    first = server.get(TABLES + "?maxResults=1").expect(200).json
    none = server.get(TABLES + "?maxResults=0&pageToken=" + first["nextPageToken"]).json
    assert none == {"items": [], "nextPageToken": first["nextPageToken"]}, none


def wrong_pages_are_400(server):
    for query in ("maxResults=-1", "maxResults=x", "maxResults=99999999999", "pageToken=sales",
                  "pageToken=%00", "pageToken=YQ", "pageToken=YWZ0ZXI6AGE", "pageToken=%20"):
        yield query, _is_refused, server, TABLES + "?" + query


def _is_refused(server, path, status=400):
    server.get(path).problem(status)


# --- versions and metadata -----------------------------------------------------------------------

def the_version_is_in_a_field(server):
    for method, path in (("GET", SALES + "/version"), ("HEAD", SALES + "/version"),
                         ("HEAD", SALES), ("GET", SALES)):
        answer = server.request(method, path).expect(200)
        assert answer.header("Delta-Table-Version") == "2", (method, path, answer.headers)
    assert server.get(SALES).json["name"] == "sales"
    assert server.get(SALES + "/version").body == b""


def _times(server):
    listed = server.get("/output/sales/snapshots").expect(200).json
    return {item["snapshot"]: item["published_at"] for item in listed}


def a_version_is_found_by_time(server):
    times = _times(server)
    for starting, version in (("2001-01-01T00:00:00Z", "1"), (times[1], "1"), (times[2], "2"),
                              ("2001-01-01 00:00:00+02:00", "1")):
        answer = server.get(SALES + "/version?startingTimestamp=" + urllib.parse.quote(starting))
        assert answer.expect(200).header("Delta-Table-Version") == version, (starting, version)
    for wrong in ("2999-01-01T00:00:00Z", "yesterday", "", "2026-02-30T00:00:00Z"):
        server.get(SALES + "/version?startingTimestamp=" + wrong).problem(400)


def metadata_are_two_lines(server):
    answer = server.get(SALES + "/metadata")
    assert answer.header("Delta-Table-Version") == "2", answer.headers
    protocol, metadata = _lines(answer)
    assert protocol == {"protocol": {"minReaderVersion": 1}}
    metadata = metadata["metaData"]
    assert metadata["format"] == {"provider": "parquet"} and metadata["partitionColumns"] == []
    listed = {item["name"]: item["id"] for item in server.get(TABLES).json["items"]}
    assert metadata["id"] == listed["sales"] and metadata["name"] == "sales"


def the_schema_is_that_of_Spark(server):
    metadata = _lines(server.get(TABLES + "/parts/metadata"))[1]["metaData"]
    schema = json.loads(metadata["schemaString"])
    assert schema["type"] == "struct"
    types = {field["name"]: field["type"] for field in schema["fields"]}
    assert types == {
        "region": "string", "number": "integer", "big": "long", "price": "decimal(20,4)",
        "exact": "string", "ratio": "double", "open": "boolean", "day": "date",
        "at": "timestamp", "hour": "long", "id": "binary", "raw": "binary", "more": "string",
        "note": "string"}, types
    nullable = [field["name"] for field in schema["fields"] if not field["nullable"]]
    assert nullable == ["region", "number"], nullable
    comments = {field["name"]: field["metadata"] for field in schema["fields"]}
    assert comments["note"] == {"comment": 'What <people> say & "mean".'} and comments["big"] == {}


def metadata_of_an_earlier_version(server):
    times = _times(server)
    for query, version in (("version=1", "1"), ("version=2", "2"),
                           ("timestamp=" + times[1], "1"), ("timestamp=2999-01-01T00:00:00Z", "2")):
        answer = server.get(SALES + "/metadata?" + query)
        assert answer.expect(200).header("Delta-Table-Version") == version, query
    for query, status in (("version=3", 404), ("version=0", 404), ("version=-1", 400),
                          ("version=x", 400), ("timestamp=2001-01-01T00:00:00Z", 400),
                          ("timestamp=x", 400), ("version=1&timestamp=" + times[1], 400)):
        server.get(SALES + "/metadata?" + query).problem(status)


def capabilities_are_agreed_on(server):
    for wanted, agreed in ((None, None), ("responseformat=delta,parquet;readerfeatures=deletionvectors",
                                          "responseformat=parquet"),
                           ("responseFormat=Parquet", "responseformat=parquet"),
                           ("readerfeatures=x", "responseformat=parquet"), ("", "?")):
        headers = {} if wanted is None else {"delta-sharing-capabilities": wanted}
        for answer in (server.get(SALES + "/metadata", headers=headers),
                       _query(server, headers=headers)):
            got = answer.expect(200).header("delta-sharing-capabilities")
            assert agreed == "?" or got == agreed, (wanted, got)


def a_client_that_reads_only_the_form_delta_is_told_so(server):
    headers = {"delta-sharing-capabilities": "responseformat=delta"}
    server.get(SALES + "/metadata", headers=headers).problem(400)
    _query(server, headers=headers).problem(400)


# --- files ---------------------------------------------------------------------------------------

def a_query_gives_a_link_to_the_file(server):
    answer = _query(server)
    assert answer.header("Delta-Table-Version") == "2", answer.headers
    file = _file(server)
    assert file["partitionValues"] == {} and json.loads(file["stats"]) == {"numRecords": ROWS}
    assert time.time() < file["expirationTimestamp"] / 1000 < time.time() + 3601
    got = server.get(_local(file["url"]), token=None).expect(200)
    assert got.media_type == "application/vnd.apache.parquet"
    assert len(got.body) == file["size"] and got.body[:4] == got.body[-4:] == b"PAR1"
    assert got.body == server.get("/output/sales/snapshots/2/data.parquet").expect(200).body


def a_file_is_read_in_parts(server):
    file = _file(server)
    url = _local(file["url"])
    head = server.request("HEAD", url, token=None).expect(200)
    assert head.header("Content-Length") == str(file["size"]) and head.header("ETag")
    part = server.get(url, token=None, headers={"Range": "bytes=0-3"})
    assert part.expect(206).body == b"PAR1"
    server.get(url, token=None, headers={"If-None-Match": head.header("ETag")}).expect(304)
    server.get(url, token=None, headers={"Range": "bytes=%d-" % file["size"]}).problem(416)


def a_query_of_an_earlier_version(server):
    one, two = _file(server, {"version": 1}), _file(server, {"version": 2})
    assert (one["version"], two["version"]) == (1, 2)
    assert one["id"] != two["id"] and one["url"] != two["url"]
    assert _file(server, {"timestamp": _times(server)[1]})["id"] == one["id"]
    assert _query(server, {"version": 1}).header("Delta-Table-Version") == "1"


def hints_are_taken(server):
    whole = _file(server)["id"]
    for body in ({"limitHint": 1}, {"predicateHints": ["id = 1", "nonsense ("]},
                 {"jsonPredicateHints": "{\"op\":"}, {"limitHint": None}, {"fromTheFuture": {}},
                 {"version": None, "timestamp": None}, ""):
        assert _file(server, body)["id"] == whole, body
    assert len(_lines(_query(server, {"limitHint": 0}))) == 2


def wrong_bodies_are_400(server):
    for body in ("{", "[]", "1", "null", '{"a":1,"a":2}', b"\xff", '{"limitHint":-1}',
                 '{"limitHint":"1"}', '{"limitHint":1.5}', '{"version":"1"}', '{"version":-1}',
                 '{"timestamp":1}', '{"timestamp":"x"}', '{"version":1e400}',
                 '{"version":1,"timestamp":"2999-01-01T00:00:00Z"}',
                 '{"timestamp":"2001-01-01T00:00:00Z"}', "[" * 100000):
        yield repr(body[:50]), _body_is_refused, server, body
    yield "no version 3", _body_is_refused, server, '{"version":3}', 404
    yield "no version 0", _body_is_refused, server, '{"version":0}', 404


def _body_is_refused(server, body, status=400):
    _query(server, body).problem(status)


def changes_are_not_served(server):
    server.get(SALES + "/changes?startingVersion=1").problem(400)
    _query(server, {"startingVersion": 1}).problem(400)
    server.get(TABLES + "/nothing/changes").problem(404)


def a_link_is_good_as_it_is_alone(server):
    url = urllib.parse.urlsplit(_file(server)["url"])
    options = dict(urllib.parse.parse_qsl(url.query))
    other = urllib.parse.urlsplit(_file(server, {"version": 1})["url"])

    def made(path=url.path, **changes):
        return path + "?" + urllib.parse.urlencode(
            {name: value for name, value in {**options, **changes}.items() if value is not None})
    server.get(made(), token=None).expect(200)
    signature = options["signature"]
    for name, path in (
            ("without anything", url.path), ("without a signature", made(signature=None)),
            ("without an end", made(expires=None)), ("an empty signature", made(signature="")),
            ("a shorter signature", made(signature=signature[:-1])),
            ("another signature", made(signature=("A" if signature[0] != "A" else "B")
                                       + signature[1:])),
            ("a later end", made(expires=str(int(options["expires"]) + 1))),
            ("an end that is none", made(expires="never")),
            ("another file", made(other.path)), ("no number", made(ROOT + "/files/x"))):
        yield name, _link_is_refused, server, path


def _link_is_refused(server, path):
    server.get(path, token=None).problem(403)
    server.get(path).problem(403)  # a token does not help


def a_link_ends_with_the_token_it_was_made_for(server):
    file = _file(server, token=server.token(ttl=5, subject="tester"))
    assert file["expirationTimestamp"] / 1000 <= time.time() + 5
    said = tap.until(lambda: (lambda answer: answer if answer.status == 403 else None)(
        server.get(_local(file["url"]), token=None)))
    assert "expired" in said.problem(403)["detail"]


def links_begin_with_the_public_url(_):
    with Server(entrepot.PRODUCT, "--public-url", "https://data.example/a/shop/1") as server:
        server.deliver("stock", b"sku,level\na,1\n").expect(201)
        assert server.run_pipeline("levels")["state"] == "published"
        file = _file(server, table=TABLES + "/levels")
        assert file["url"].startswith("https://data.example/a/shop/1/delta-sharing/files/"), file
        server.get(file["url"][len("https://data.example/a/shop/1"):], token=None).expect(200)
        profile = server.get(ROOT + "/profile").expect(200).json
        assert profile["endpoint"] == "https://data.example/a/shop/1/delta-sharing", profile


def a_retired_version_is_410(_):
    with Server(entrepot.PRODUCT, "--keep-snapshots", "1", "--retire-grace", "0ms") as server:
        link = None
        for level in (1, 2):
            server.deliver("stock", b"sku,level\na,%d\n" % level).expect(201)
            assert server.run_pipeline("levels")["state"] == "published"
            link = link or _file(server, table=TABLES + "/levels")["url"]
        table = TABLES + "/levels"
        tap.until(lambda: server.get("/output/levels?snapshot=1").status == 410, 60, 0.2)
        _query(server, {"version": 1}, table=table).problem(410)
        server.get(table + "/metadata?version=1").problem(410)
        server.get(_local(link), token=None).problem(410)
        assert _file(server, table=table)["version"] == 2


def a_table_without_rows_has_no_file(_):
    with Server(entrepot.PRODUCT) as server:
        server.deliver("stock", b"sku,level\n").expect(201)
        assert server.run_pipeline("levels")["state"] == "published"
        assert len(_lines(_query(server, table=TABLES + "/levels"))) == 2


# --- who may ---------------------------------------------------------------------------------------

def the_profile_is_that_of_the_caller(server):
    answer = server.get(ROOT + "/profile").expect(200)
    assert answer.header("Cache-Control") == "no-store"
    assert answer.header("Content-Disposition") == 'attachment; filename="shop.share"'
    profile = answer.json
    assert profile["shareCredentialsVersion"] == 1 and profile["bearerToken"] == server.token()
    assert profile["endpoint"].endswith("/delta-sharing")
    payload = server.token().split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    assert profile["expirationTime"] == time.strftime("%Y-%m-%dT%H:%M:%SZ",
                                                      time.gmtime(claims["exp"])), profile


def what_is_hidden_in_part_is_not_shared(server):
    north = server.token("output:read", subject="north")
    assert server.get("/output/sales?top=1", token=north).expect(200)
    assert server.get(TABLES, token=north).expect(200).json == {"items": []}
    for path in (SALES, SALES + "/version", SALES + "/metadata", SALES + "/changes"):
        server.get(path, token=north).problem(403)
    _query(server, token=north).problem(403)
    west = server.token("output:read", subject="west")
    server.get(TABLES + "/parts/metadata", token=west).problem(403)


def without_a_good_token_it_is_401_and_403(server):
    for method, path in (("GET", ROOT + "/shares"), ("GET", ROOT + "/profile"), ("GET", TABLES),
                         ("GET", SALES + "/version"), ("POST", SALES + "/query")):
        refused = server.request(method, path, token=None)
        assert refused.problem(401)["title"] == "UNAUTHENTICATED"
        assert "Bearer" in refused.header("WWW-Authenticate")
        server.request(method, path, token="x.y.z").problem(401)
        server.request(method, path, token=server.token("input:read")).problem(403)


def what_is_not_there_is_404(server):
    for path in (ROOT, ROOT + "/", ROOT + "/nothing", ROOT + "/shares/other",
                 ROOT + "/shares/other/schemas", ROOT + "/shares/other/all-tables",
                 SHARE + "/schemas/input/tables", TABLES + "/nothing", TABLES + "/orders/version",
                 TABLES + "/daily/metadata", TABLES + "/daily/version", TABLES + "/%27/metadata"):
        yield path, _is_refused, server, path, 404


def other_methods_are_405(server):
    for method, path in (("POST", ROOT + "/shares"), ("GET", SALES + "/query"),
                         ("PUT", SALES), ("DELETE", SALES + "/metadata")):
        refused = server.request(method, path)
        assert refused.problem(405)["title"] == "METHOD_NOT_ALLOWED"
        assert refused.header("Allow")


def a_body_that_is_too_large_is_413(server):
    _query(server, '{"predicateHints":["%s"]}' % ("x" * (17 << 20))).problem(413)


def _prepare(server):
    """Two versions of sales, one of the others."""
    server.deliver("orders", json.dumps(orders[0]).encode(), "application/x-ndjson").expect(201)
    assert server.run_pipeline("sales")["state"] == "published"
    odata_product.fill(server)


if __name__ == "__main__":
    product = odata_product.make()
    try:
        entrepot.main(globals(), folder=product, prepare=_prepare)
    finally:
        shutil.rmtree(product.parent, ignore_errors=True)
