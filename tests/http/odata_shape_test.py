"""Requests that Power Query (Excel, Power BI), Tableau and OpenUI5 are known to send."""
import base64
import re
import shutil

import entrepot
import odata_product
from odata_product import ROWS
from odata_reader import local


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
        path = "@odata.nextLink" in page and local(page["@odata.nextLink"])
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
