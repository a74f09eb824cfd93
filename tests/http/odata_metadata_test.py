"""The OData service as a client meets it first: service document, model, versions, entity tags."""
import re
import shutil

import entrepot
import odata_product
from odata_reader import get


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
    answer = get(server, "sales", headers, top=2, count="true").expect(200)
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


if __name__ == "__main__":
    product = odata_product.make()
    try:
        entrepot.main(globals(), folder=product, prepare=odata_product.fill)
    finally:
        shutil.rmtree(product.parent, ignore_errors=True)
