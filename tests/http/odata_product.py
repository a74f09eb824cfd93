"""A product for the tests of OData: every type of column, a key of two columns, and no key at all."""
import json
import shutil

import entrepot
import orders as made

COLUMNS = """
      - {name: region, logicalType: string, physicalType: varchar(20), required: true%s}
      - {name: number, logicalType: integer, physicalType: integer, required: true%s}
      - {name: big, logicalType: integer, physicalType: bigint}
      - {name: price, logicalType: number, physicalType: 'numeric(20,4)'}
      - {name: exact, logicalType: number, physicalType: numeric}
      - {name: ratio, logicalType: number, physicalType: double precision}
      - {name: open, logicalType: boolean}
      - {name: day, logicalType: date}
      - {name: at, logicalType: timestamp}
      - {name: hour, logicalType: time}
      - {name: id, logicalType: string, physicalType: uuid}
      - {name: raw, logicalType: string, physicalType: bytea}
      - {name: more, logicalType: object, physicalType: jsonb}
      - name: note
        logicalType: string
        businessName: A note
        description: "What <people> say & \\"mean\\"."
"""
CONTRACT = """
apiVersion: v3.1.0
kind: DataContract
id: shop.%s
version: 1.0.0
status: active
name: %s
schema:
  - name: %s
    logicalType: object
    description: %s
    properties:%s
"""
PIPELINE = """
name: %s
version: 1.0.0
inputs: {parts: {dataset: input.parts}}
steps:
  - name: made
    output: output.%s
    sql: SELECT region, number, big, price, exact, ratio, open, day, at, hour, id, raw, more, note FROM parts
"""
RULES = """
default: permit
rules:
  - name: testers-see-all
    effect: permit
    principals: {subjects: [tester]}
    datasets: ['*']
    actions: [read, write]
  - name: the-north-sees-some-columns-of-some-rows
    effect: permit
    principals: {subjects: [north]}
    datasets: [output.sales]
    actions: [read]
    columns: {deny: [amount]}
    rows: paid
  - name: the-west-sees-half-a-key
    effect: permit
    principals: {subjects: [west]}
    datasets: [output.parts]
    actions: [read]
    columns: {deny: [number]}
"""
ROWS = 2500  # of sales: more than two pages of the default size

PARTS = [
    {"region": "o'north/1", "number": 1, "big": 9007199254740993, "price": 1234567890123456.7891,
     "exact": 0.1, "ratio": 0.5, "open": True, "day": "2026-02-28", "at": "2026-01-02T03:04:05.25Z",
     "hour": "17:31:04.5", "id": "0ae2f1b8-2ae2-4b7a-8f0e-1234567890ab", "raw": "++//",
     "more": {"a": [1, None, "x"]}, "note": "a \"quote\" & <more>\n\u20ac \U0001f6a2"},
    {"region": "south", "number": -2, "big": None, "price": None, "exact": None, "ratio": None,
     "open": None, "day": None, "at": None, "hour": None, "id": None, "raw": None, "more": None,
     "note": None},
    {"region": "south", "number": 3, "big": -9223372036854775807, "price": 0.0001, "exact": 1,
     "ratio": 1e300, "open": False, "day": "0001-01-01", "at": "1969-12-31T23:59:59Z",
     "hour": "00:00:00", "id": "00000000-0000-0000-0000-000000000000", "raw": "", "more": [],
     "note": ""},
]

NOTES = [None, "", "plain", "it's", "\u20ac"]
orders = list(made.rows(ROWS, NOTES))


def make():
    """The folder of the product, in a temporary one; remove its parent."""
    product = entrepot.temporary_folder() / "product"
    shutil.copytree(entrepot.PRODUCT, product)
    key = ", primaryKey: true, primaryKeyPosition: %d"
    keyed, keyless = COLUMNS % (key % 1, key % 2), COLUMNS % ("", "")
    for file, contract, dataset, columns in (
            ("parts_in", "parts_in", "parts", keyless), ("parts", "parts", "parts", keyed),
            ("loose", "loose", "loose", keyless)):
        (product / "contracts" / (file + ".odcs.yaml")).write_text(CONTRACT.lstrip() % (
            contract, dataset, dataset, "Parts & pieces", columns))
    for name in ("parts", "loose"):
        (product / "pipelines" / (name + ".yaml")).write_text(PIPELINE.lstrip() % (name, name))
    odps = product / "product.odps.yaml"
    odps.write_text(odps.read_text()
                    .replace("outputPorts:", "  - {name: parts, version: 1.0.0, contractId: "
                             "shop.parts_in}\noutputPorts:")
                    .rstrip("\n") + """
  - {name: parts, version: 1.0.0, contractId: shop.parts}
  - {name: loose, version: 1.0.0, contractId: shop.loose}
""")
    (product / "access.yaml").write_text(RULES)
    return product


def fill(server):
    """Every output but daily has a snapshot."""
    for dataset, rows in (("orders", orders), ("parts", PARTS),
                          ("stock", [{"sku": "s1", "level": 2}, {"sku": "s2", "level": 4}])):
        body = "\n".join(json.dumps(row) for row in rows).encode()
        server.deliver(dataset, body, "application/x-ndjson").expect(201)
    for pipeline in ("sales", "parts", "loose", "levels"):
        run = server.run_pipeline(pipeline)
        assert run["state"] == "published", run
