"""The OData service read by the clients of others, as their users would: OpenUI5's V4 model,
python-odata, which follows next links, and @odata/client.

They are put into .deps by `./dev setup foreign`; what cannot be had is skipped.
"""
import datetime
import decimal
import json
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "http"))
import entrepot  # noqa: E402
import odata_product  # noqa: E402
import tap  # noqa: E402
from odata_product import PARTS, ROWS, orders  # noqa: E402

sys.path.insert(0, str(entrepot.ROOT / ".deps" / "python"))
NODE_MODULES = entrepot.ROOT / ".deps" / "node"
PAGES = 3  # of sales, at the default size
cent = decimal.Decimal("0.01")


def _service(server):
    return "http://%s:%d/odata/" % (server.host, server.port)


def _node(server, script, module):
    """What a client in node saw."""
    if not shutil.which("node") or not (NODE_MODULES / "node_modules" / module).exists():
        tap.skip("node and %s are not there; ./dev setup foreign installs them" % module)
    done = subprocess.run(["node", str(HERE / script), str(NODE_MODULES), _service(server),
                           server.token()], capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _plain(row):
    """An entity without what is told of it."""
    return {name: value for name, value in row.items() if "@" not in name}


def _best_plain_sales():
    """A filter and an order that every client is given."""
    return sorted((row for row in orders if row["qty"] >= 10 and row["note"] == "plain"),
                  key=lambda row: (-row["amount"], row["id"]))


# --- python-odata ------------------------------------------------------------------------------

def _python_odata(server):
    """The service as python-odata has it, and the URLs it asks for."""
    try:
        import odata
        import requests
    except ImportError:
        tap.skip("python-odata is not there; ./dev setup foreign installs it")
    asked = []
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = "Bearer " + server.token()
    session.hooks["response"] = lambda answer, *_, **__: asked.append(answer.url)
    return odata.ODataService(_service(server), session=session, reflect_entities=True,
                              quiet_progress=True), asked


def _order(entity):
    """An entity of python-odata as the order that was sent."""
    return {"id": entity.id, "customer": entity.customer, "amount": float(entity.amount),
            "sold_at": entity.sold_at.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "paid": entity.paid, "qty": entity.qty, "due": entity.due, "note": entity.note}


def python_odata_finds_the_sets_and_their_types(server):
    service, _ = _python_odata(server)
    assert set(service.entities) == {"sales", "daily", "levels", "parts", "loose"}
    kinds = {name: type(kind).__name__ for name, kind
             in service.entities["parts"]().__odata__.properties}
    for name, kind in (("region", "StringProperty"), ("number", "IntegerProperty"),
                       ("price", "DecimalProperty"), ("open", "BooleanProperty"),
                       ("at", "DatetimeProperty"), ("id", "UUIDProperty")):
        assert kinds[name] == kind, (name, kinds[name])


def python_odata_follows_next_links_to_the_end(server):
    service, asked = _python_odata(server)
    found = service.query(service.entities["sales"]).all()
    assert [_order(entity) for entity in found] == orders
    pages = [url for url in asked if "/sales" in url]
    assert len(pages) == PAGES and all("skiptoken=" in url for url in pages[1:]), pages


def python_odata_filters_sorts_and_counts(server):
    service, asked = _python_odata(server)
    sales = service.entities["sales"]
    query = service.query(sales).filter(sales.qty >= 10).filter(sales.note == "plain")
    expected = _best_plain_sales()
    assert query.count() == len(expected)
    ordered = query.order_by(sales.amount.desc(), sales.id.asc())
    assert [_order(entity) for entity in ordered] == expected
    cut = ordered.select(sales.id, sales.amount).offset(2).limit(5).all()
    assert [(row["id"], row["amount"]) for row in cut] == [
        (row["id"], row["amount"]) for row in expected[2:7]]
    large = service.query(sales).filter(sales.id > 100).order_by(sales.id.desc())
    assert [entity.id for entity in large] == list(range(ROWS, 100, -1)), "filtered pages too"
    assert sum("skiptoken=" in url for url in asked) == 2


def python_odata_reads_one_entity_by_its_key(server):
    service, _ = _python_odata(server)
    assert _order(service.query(service.entities["sales"]).get(42)) == orders[41]
    parts = service.query(service.entities["parts"])
    part = parts.get(region="o'north/1", number=1)
    assert part.big == 9007199254740993 and part.note == PARTS[0]["note"]
    assert part.price == decimal.Decimal("1234567890123456.8")
    nothing = parts.get(region="south", number=-2)
    assert nothing.note is None and nothing.price is None and nothing.at is None


# --- OpenUI5 -----------------------------------------------------------------------------------

seen_by_ui5 = {}


def _ui5(server):
    """What its model saw; it is run once."""
    if not seen_by_ui5:
        seen_by_ui5.update(_node(server, "odata_ui5.mjs", "@openui5/sap.ui.core"))
    return seen_by_ui5


def _exact(order):
    """An order as UI5 asks for it: numbers of 64 bits and decimals are strings."""
    return dict(order, id=str(order["id"]),
                amount=str(decimal.Decimal(str(order["amount"])).quantize(cent)))


def UI5_finds_types_and_annotations(server):
    seen = _ui5(server)
    assert seen["type"]["$Key"] == ["id"] and seen["type"]["$kind"] == "EntityType"
    for name, kind in (("id", "Int64"), ("customer", "String"), ("amount", "Decimal"),
                       ("sold_at", "DateTimeOffset"), ("paid", "Boolean"), ("qty", "Int32"),
                       ("due", "Date"), ("note", "String")):
        assert seen["type"][name]["$Type"] == "Edm." + kind, seen["type"][name]
    assert seen["countable"] is True and seen["unsorted"] == [{"$PropertyPath": "more"}]


def UI5_scrolls_over_all_pages(server):
    seen = _ui5(server)
    assert [_plain(row) for row in seen["all"]] == [_exact(order) for order in orders]
    assert seen["pages"] == PAGES, seen["asked"]


def UI5_filters_sorts_and_counts(server):
    seen, expected = _ui5(server), _best_plain_sales()
    assert seen["count"] == len(expected)
    assert [_plain(row) for row in seen["some"]] == [
        {name: _exact(row)[name] for name in ("id", "amount")} for row in expected[2:7]]
    assert [row["id"] for row in seen["text"]] == [
        str(row["id"]) for row in orders if row["customer"].endswith("mer 3")]


def UI5_reads_one_entity_and_one_value(server):
    seen = _ui5(server)
    assert _plain(seen["one"]) == _exact(orders[41])
    assert seen["pair"]["big"] == "9007199254740993"
    assert seen["pair"]["price"] == "1234567890123456.8000"
    assert seen["pair"]["note"] == PARTS[0]["note"]
    assert seen["value"] == "customer 42"
    assert seen["none"] == "sales has no entity (0)", "its errors are read"


def UI5_groups_and_sums(server):
    groups = [_plain(row) for row in _ui5(server)["groups"]]
    expected = []
    for paid in (False, True):
        rows = [order for order in orders if order["paid"] == paid]
        total = sum(decimal.Decimal(str(order["amount"])) for order in rows)
        expected.append({"paid": paid, "most": max(order["qty"] for order in rows),
                         "total": str(total.quantize(cent))})
    assert groups == expected, groups


# --- @odata/client -----------------------------------------------------------------------------

def odata_client_reads_it(server):
    seen = _node(server, "odata_client.mjs", "@odata/client")
    assert _plain(seen["one"]) == orders[41]
    assert seen["pair"]["number"] == -2 and seen["pair"]["note"] is None
    assert seen["found"] == [row for row in orders if row["customer"] == "customer 3"]
    assert seen["count"] == ROWS
    assert seen["counted"] == sum(1 for row in orders if row["qty"] > 500)
    assert seen["page"] == [{"id": row["id"], "amount": row["amount"]}
                            for row in _best_plain_sales()[2:7]]
    assert "nope" in seen["error"], seen["error"]


if __name__ == "__main__":
    product = odata_product.make()
    try:
        entrepot.main(globals(), folder=product, prepare=odata_product.fill)
    finally:
        shutil.rmtree(product.parent, ignore_errors=True)
