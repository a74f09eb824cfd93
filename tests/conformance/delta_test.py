"""Tables read by the Python client of Delta Sharing, from the profile alone, and held against /output.

`./dev setup foreign` puts the client into .deps/delta.
"""
import datetime
import decimal
import json
import pathlib
import re
import shutil
import sys
import uuid
import warnings

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "http"))
import entrepot  # noqa: E402
import odata_product  # noqa: E402

sys.path.insert(0, str(entrepot.ROOT / ".deps" / "delta"))
try:
    import delta_sharing
    import pandas
except ImportError as missing:
    print("1..0 # SKIP %s; ./dev setup foreign fetches the client" % missing)
    sys.exit(0)

warnings.simplefilter("ignore")
folder = entrepot.temporary_folder()


def _profile(server):
    path = folder / "shop.share"
    path.write_bytes(server.get("/delta-sharing/profile").expect(200).body)
    return path


def _table(server, name):
    return "%s#shop.output.%s" % (_profile(server), name)


def _value(value):
    """A value of a frame as JSON of ours has it."""
    if value is None or (not isinstance(value, (bytes, str)) and pandas.isna(value)):
        return None
    if isinstance(value, pandas.Timestamp):
        value = value.tz_localize("UTC") if value.tz is None else value
        return datetime.datetime.fromisoformat(value.isoformat())
    return value.item() if hasattr(value, "item") else value


def _rows(frame):
    return [{name: _value(value) for name, value in row.items()}
            for row in frame.astype(object).to_dict("records")]


def _output(server, path):
    text = server.get("/output/" + path, headers={"Accept": "application/x-ndjson"}).expect(200).text
    return [json.loads(line, parse_float=decimal.Decimal) for line in text.splitlines()]


def the_client_lists_what_is_shared(server):
    client = delta_sharing.SharingClient(str(_profile(server)))
    shares = client.list_shares()
    assert [share.name for share in shares] == ["shop"], shares
    schemas = client.list_schemas(shares[0])
    assert [schema.name for schema in schemas] == ["output"], schemas
    for tables in (client.list_tables(schemas[0]), client.list_all_tables()):
        assert [table.name for table in tables] == ["levels", "loose", "parts", "sales"], tables


def the_client_reads_version_and_metadata(server):
    assert delta_sharing.get_table_version(_table(server, "sales")) == 2
    assert delta_sharing.get_table_version(_table(server, "sales"),
                                           starting_timestamp="2001-01-01T00:00:00Z") == 1
    metadata = delta_sharing.get_table_metadata(_table(server, "sales"))
    fields = json.loads(metadata.schema_string)["fields"]
    assert [field["name"] for field in fields][:2] == ["id", "customer"], fields


def every_row_of_a_table_is_read(server):
    rows = _rows(delta_sharing.load_as_pandas(_table(server, "sales")))
    expected = _output(server, "sales?orderby=id")
    assert len(rows) == len(expected) == odata_product.ROWS
    for row, want in zip(sorted(rows, key=lambda row: row["id"]), expected):
        want["sold_at"] = datetime.datetime.fromisoformat(want["sold_at"].replace("Z", "+00:00"))
        want["due"] = want["due"] and datetime.date.fromisoformat(want["due"])
        assert list(row) == list(want), (row, want)
        for name, value in want.items():
            assert row[name] == value and (row[name] is None) == (value is None), (name, row, want)
        assert isinstance(row["amount"], decimal.Decimal), row


def values_of_every_type_are_those_of_the_output_port(server):
    rows = _rows(delta_sharing.load_as_pandas(_table(server, "parts"),
                                              convert_in_batches=False))
    expected = {row["number"]: row for row in _output(server, "parts")}
    assert len(rows) == len(expected) == 3
    for row in rows:
        want = expected[row["number"]]
        for name in ("region", "price", "open", "note"):
            assert row[name] == want[name], (name, row[name], want[name])
        # pandas has no integers beside nulls: the client makes doubles of them
        assert row["big"] == (None if want["big"] is None else float(want["big"])), row
        at = want["at"] and datetime.datetime.fromisoformat(
            re.sub(r"(\.\d+)?Z", lambda it: (it[1] or ".0").ljust(7, "0") + "+00:00", want["at"]))
        assert row["at"] == at, (row["at"], at)
        for name, text in (("exact", str), ("day", str), ("id", lambda it: str(uuid.UUID(
                bytes=it) if isinstance(it, bytes) else it))):
            got = None if row[name] is None else text(row[name])
            assert got == (None if want[name] is None else str(want[name])), (name, row, want)
        assert row["ratio"] == (None if want["ratio"] is None else float(want["ratio"])), row
        more = row["more"].decode() if isinstance(row["more"], bytes) else row["more"]
        assert (more and json.loads(more)) == want["more"], row


def an_earlier_version_is_read(server):
    first = delta_sharing.load_as_pandas(_table(server, "sales"), version=1)
    assert list(first["id"]) == [1]
    published = server.get("/output/sales/snapshots").json[-1]["published_at"]
    by_time = delta_sharing.load_as_pandas(_table(server, "sales"), timestamp=published)
    assert list(by_time["id"]) == [1]


def a_limit_is_kept(server):
    for limit in (0, 1, 7):
        frame = delta_sharing.load_as_pandas(_table(server, "sales"), limit=limit)
        assert len(frame) == limit and list(frame.columns)[0] == "id", frame


def a_refusal_is_read_as_one(server):
    for name, status in (("nothing", "404"), ("daily", "404")):
        try:
            delta_sharing.load_as_pandas(_table(server, name))
        except Exception as refused:  # the client's own kinds, and those of requests
            assert status in str(refused), refused
        else:
            raise AssertionError("it reads " + name)


def _prepare(server):
    """Two versions of sales."""
    server.deliver("orders", json.dumps(odata_product.orders[0]).encode(),
                   "application/x-ndjson").expect(201)
    assert server.run_pipeline("sales")["state"] == "published"
    odata_product.fill(server)


if __name__ == "__main__":
    product = odata_product.make()
    try:
        entrepot.main(globals(), folder=product, prepare=_prepare)
    finally:
        shutil.rmtree(product.parent, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
