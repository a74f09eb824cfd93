"""The product that is measured, and the rows in it."""
import json

# input arrivals and output goods: name, logical type, physical type, required
COLUMNS = [
    ("id", "integer", "bigint", True), ("customer", "string", "text", True),
    ("amount", "number", "numeric(12,2)", True), ("sold_at", "timestamp", "timestamptz", True),
    ("paid", "boolean", "boolean", True), ("qty", "integer", "integer", True),
    ("due", "date", "date", True), ("note", "string", "text", False)]
NAMES = [column[0] for column in COLUMNS]
ALL_COLUMNS = ", ".join(NAMES)
ROWS_SQL = r"""
SELECT g AS id, rpad(md5(g::text), 41, 'x') AS customer,
       ((hashint8(g)::bigint %% 10000000 + 10000000) / 100.0)::numeric(12,2) AS amount,
       timestamptz '2020-01-01 00:00:00+00' + g * interval '97.123456 seconds' AS sold_at,
       g %% 3 = 0 AS paid, (g %% 1000)::int AS qty, date '2020-01-01' + (g %% 2000)::int AS due,
       CASE g %% 8 WHEN 0 THEN NULL WHEN 1 THEN NULL WHEN 2 THEN 'said "yes", then left'
            WHEN 3 THEN E'two\nlines' WHEN 4 THEN 'Zürich, 12 €' ELSE 'plain note ' || g %% 100
       END AS note
  FROM generate_series(1, %d) g"""

# input places: what a quantity is joined with
PLACES = [("qty", "integer", "integer", True), ("place", "string", "text", True)]
PLACES_SQL = "SELECT g AS qty, 'place ' || g AS place FROM generate_series(0, 999) g"

# output sales: casts and a join
SALES = [("id", "integer", "bigint", True), ("customer", "string", "text", True),
         ("amount", "number", "numeric(12,2)", True), ("day", "date", "date", True),
         ("qty", "integer", "bigint", True), ("place", "string", "text", True)]
SALES_SQL = ("SELECT a.id, a.customer, (a.amount * 1.2)::numeric(12,2) AS amount, "
             "a.sold_at::date AS day, a.qty::bigint AS qty, p.place "
             "FROM arrivals AS a JOIN places AS p ON p.qty = a.qty")

# output small: what is published again and again
SMALL = [("qty", "integer", "integer", True), ("turn", "integer", "bigint", True)]
SMALL_SQL = "SELECT places.qty, run.turn FROM places, run WHERE places.qty < %d"

KEYS = {"arrivals": "id", "goods": "id", "places": "qty", "sales": "id", "small": "qty"}
INPUTS = {"arrivals": COLUMNS, "places": PLACES}
OUTPUTS = {"goods": COLUMNS, "sales": SALES, "small": SMALL, "checked": COLUMNS,
           "refused": COLUMNS}


def contract(name, columns, quality=()):
    """A contract of a dataset; quality: rules of the whole dataset, or by column."""
    properties = []
    for column, logical, physical, required in columns:
        item = {"name": column, "logicalType": logical, "physicalType": physical}
        if required and name not in ("checked", "refused"):  # their rules are the quality's
            item["required"] = True
        if KEYS.get(name) == column:
            item.update(primaryKey=True, primaryKeyPosition=1)
        if column == "customer" and name in ("arrivals", "goods"):
            item["logicalTypeOptions"] = {"maxLength": 41}
        rules = [rule for of, rule in quality if of == column]
        if rules:
            item["quality"] = rules
        properties.append(item)
    schema = {"name": name, "properties": properties}
    rules = [rule for of, rule in quality if of is None]
    if rules:
        schema["quality"] = rules
    return {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "bench." + name,
            "version": "1.0.0", "status": "active", "schema": [schema]}


def pipeline(name, version, sql, inputs, parameters=None):
    """A pipeline of one step, whose output has its name."""
    document = {"name": name, "version": version,
                "inputs": {key: {"dataset": "input." + key} for key in inputs},
                "steps": [{"name": name, "output": "output." + name, "sql": sql}]}
    if parameters:
        document["parameters"] = parameters
    return document


def small(version, rows):
    return pipeline("small", version, SMALL_SQL % rows, ["places"],
                    {"turn": {"type": "integer", "default": 0}})


def sql_of(name):
    return SALES_SQL if name == "sales" else "SELECT %s FROM arrivals" % ALL_COLUMNS


def anew(name, version, number):
    """A pipeline in a version whose run must compute: equal SQL on equal inputs would be reused."""
    key = "a.id" if name == "sales" else "id"
    return pipeline(name, version, "%s WHERE %s <> -%d" % (sql_of(name), key, number),
                    ["arrivals", "places"] if name == "sales" else ["arrivals"])


def write(folder, quality):
    """The folder; quality: rules by output, as contract() takes them. JSON is YAML."""
    (folder / "contracts").mkdir(parents=True)
    (folder / "pipelines").mkdir()
    for name, columns in {**INPUTS, **OUTPUTS}.items():
        (folder / "contracts" / (name + ".odcs.yaml")).write_text(
            json.dumps(contract(name, columns, quality.get(name, ())), indent=2))
    documents = [small("1.0.0", 1)]
    documents += [anew(name, "1.0.0", 1) for name in OUTPUTS if name != "small"]
    for document in documents:
        (folder / "pipelines" / (document["name"] + ".yaml")).write_text(
            json.dumps(document, indent=2))
    port = [{"name": name, "version": "1.0.0", "contractId": "bench." + name}
            for name in [*INPUTS, *OUTPUTS]]
    (folder / "product.odps.yaml").write_text(json.dumps({
        "apiVersion": "v1.0.0", "kind": "DataProduct", "id": "bench", "version": "1.0.0",
        "status": "active", "domain": "bench", "inputPorts": port[:len(INPUTS)],
        "outputPorts": port[len(INPUTS):]}, indent=2))
