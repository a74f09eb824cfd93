"""The product whose rows foreign readers read: every type of column, and many rows."""
MANY = 140000  # rows: more than a row group

# column: its logical and physical type, and values as Postgres casts them; None is NULL
EVERY = {
    "flag": ("boolean", "boolean", ["true", "false", None]),
    "small": ("integer", "integer", ["0", "-1", "2147483647", "-2147483648", None]),
    "big": ("integer", "bigint",
            ["0", "-1", "9223372036854775807", "-9223372036854775808", None]),
    "cents": ("number", "numeric(9,2)", ["0", "0.01", "-0.01", "9999999.99", "-9999999.99", None]),
    "money": ("number", "numeric(18,4)",
              ["0", "1000", "99999999999999.9999", "-99999999999999.9999", None]),
    "wide": ("number", "numeric(38,10)",
             ["0", "-1", "0.0000000001", "9999999999999999999999999999.9999999999",
              "-9999999999999999999999999999.9999999999", "1234567890", None]),
    "whole": ("number", "numeric(38,0)", ["9" * 38, "-" + "9" * 38, "1" + "0" * 37, None]),
    "fraction": ("number", "numeric(20,20)",
                 ["0.00000000000000000001", "-0.99999999999999999999", None]),
    "wider": ("number", "numeric(76,38)",
              ["0", "9" * 38 + "." + "9" * 38, "-" + "9" * 38 + "." + "9" * 38, "1e-38", None]),
    "widest": ("number", "numeric(100,20)", ["9" * 80 + "." + "9" * 20, "-1", "0", None]),
    "any_number": ("number", "numeric",
                   ["0", "12.50", "-1e-30", "1e60", "NaN", "Infinity", "-Infinity", None]),
    "ratio": ("number", "double precision",
              ["0", "-0", "0.1", "5e-324", "1.7976931348623157e308", "NaN", "Infinity",
               "-Infinity", None]),
    "word": ("string", "text",
             ["", "a", "é", "\U0001f6a2", "a\tb\nc", "x" * 70000, " ", "NULL", "\\", None]),
    "day": ("date", "date",
            ["1970-01-01", "1969-12-31", "2024-02-29", "0001-01-01", "9999-12-31",
             "4713-01-01 BC", "5874897-12-31", "infinity", "-infinity", None]),
    "clock": ("time", "time", ["00:00:00", "23:59:59.999999", "17:31:04.12", None]),
    "moment": ("timestamp", "timestamptz",
               ["1970-01-01 00:00:00+00", "1969-12-31 23:59:59.999999+00",
                "2026-11-20 18:31:04.123456+01", "0001-01-01 00:00:00+00",
                "4713-01-01 00:00:00+00 BC", "294246-12-31 23:59:59.999999+00", "infinity",
                "-infinity", None]),
    "mark": ("string", "uuid",
             ["00000000-0000-0000-0000-000000000000", "01234567-89ab-cdef-0123-456789abcdef",
              "ffffffff-ffff-ffff-ffff-ffffffffffff", None]),
    "raw": ("string", "bytea", ["\\x", "\\x00", "\\x00ff10", "\\x" + "ab" * 3000, None]),
    "thing": ("object", "jsonb", ["{}", "[]", '{"a": ["é", 1.50, null]}', None]),
}
ROWS = max(len(values) for _, _, values in EVERY.values()) + 1

# Whether a column can be NULL or not is told to readers, and written otherwise.
SURE = {"sure_" + name: (EVERY[name][0], EVERY[name][1], [v for v in EVERY[name][2] if v is not None])
        for name in ("flag", "small", "big", "cents", "wide", "ratio", "word", "day", "moment",
                     "mark", "raw", "thing")}
COLUMNS = {**EVERY, **SURE}

MANY_SQL = {  # dictionaries that stay small, that overflow, and that are in vain; runs; few NULLs
    "few": ("string", "text", "'word ' || n % 50"),
    "overflow": ("string", "text", "'a word that comes three times ' || n / 3"),
    "distinct_word": ("string", "text", "n || ' is only once here'"),
    "runs": ("integer", "integer", "n / 5000"),
    "flag": ("boolean", "boolean", "CASE WHEN n % 1001 = 0 THEN NULL ELSE n % 3 = 0 END"),
    "sparse": ("integer", "bigint", "CASE WHEN n % 7 = 0 THEN n % 40000 END"),
    "late": ("number", "numeric(12,2)", "CASE WHEN n > 100000 THEN n / 100.0 END"),
    "nothing": ("string", "text", "NULL"),
    "moment": ("timestamp", "timestamptz",
               "timestamptz '2020-01-01 00:00:00+00' + n * interval '610.123456 seconds'"),
}


def _contract(name, columns, required):
    lines = ["apiVersion: v3.1.0", "kind: DataContract", "id: formats." + name, "version: 1.0.0",
             "status: active", "schema:", "  - name: " + name, "    properties:",
             "      - {name: n, logicalType: integer, physicalType: integer, required: true, "
             "primaryKey: true, primaryKeyPosition: 1}"]
    for column, (logical, physical, _) in columns.items():
        lines.append('      - {name: %s, logicalType: %s, physicalType: "%s"%s}' % (
            column, logical, physical, ", required: true" if column in required else ""))
    return "\n".join(lines) + "\n"


def _literal(value, physical):
    if value is None:
        return "NULL::" + physical
    if len(value) > 1000:  # SQL has a limit
        size = len(value.replace("\\x", ""))
        text = "replace(%s, '_', '%s')" % ("'%s'" % ("_" * (size // 100)), value[-2:] * 50)
        return "decode(%s, 'hex')" % text if physical == "bytea" else text
    return "'%s'::%s" % (value.replace("'", "''"), physical)


def _every_sql():
    """A row for each place in the lists of values, which begin again where they end."""
    rows = []
    for n in range(1, ROWS + 1):
        values = [_literal(values[n % len(values)], physical)
                  for _, physical, values in COLUMNS.values()]
        rows.append("(%d, %s)" % (n, ", ".join(values)))
    return "SELECT v.* FROM numbers JOIN (VALUES %s) v (n, %s) ON v.n = numbers.n" % (
        ",\n".join(rows), ", ".join(COLUMNS))


def outputs():
    """name: columns, those that are required, SQL."""
    late_nan = {"amount": ("number", "numeric(9,2)", None)}
    many = "SELECT n, %s FROM numbers" % ", ".join(
        "%s AS %s" % (sql, name) for name, (_, _, sql) in MANY_SQL.items())
    return {
        "every": (COLUMNS, SURE, _every_sql()),
        "many": (MANY_SQL, (), many),
        "none": (COLUMNS, SURE, _every_sql() + " WHERE numbers.n < 0"),
        "late": ({"year": ("timestamp", "timestamptz", None)}, (),
                 "SELECT n, '294276-12-31 00:00:00+00'::timestamptz AS year FROM numbers "
                 "WHERE n = 1"),
        "broken": (late_nan, (), "SELECT n, CASE WHEN n = %d THEN 'NaN'::numeric ELSE n %% 1000 "
                   "END::numeric(9,2) AS amount FROM numbers ORDER BY n" % MANY),
        "one_broken": (late_nan, (), "SELECT n, 'NaN'::numeric(9,2) AS amount FROM numbers "
                       "WHERE n = 1"),
    }


def write(folder):
    (folder / "contracts").mkdir(parents=True)
    (folder / "pipelines").mkdir()
    (folder / "contracts" / "numbers.odcs.yaml").write_text(_contract("numbers", {}, ()))
    ports = []
    for name, (columns, required, sql) in outputs().items():
        (folder / "contracts" / (name + ".odcs.yaml")).write_text(
            _contract(name, columns, required))
        (folder / "pipelines" / (name + ".sql")).write_text(sql + "\n")
        (folder / "pipelines" / (name + ".yaml")).write_text(
            "name: %s\nversion: 1.0.0\ninputs: {numbers: {dataset: input.numbers}}\nsteps:\n"
            "  - {name: %s, output: output.%s, sql_file: %s.sql}\n" % (name, name, name, name))
        ports.append("  - {name: %s, version: 1.0.0, contractId: formats.%s}\n" % (name, name))
    (folder / "product.odps.yaml").write_text(
        "apiVersion: v1.0.0\nkind: DataProduct\nid: formats\nversion: 1.0.0\nstatus: active\n"
        "domain: tests\ninputPorts:\n"
        "  - {name: numbers, version: 1.0.0, contractId: formats.numbers}\n"
        "outputPorts:\n" + "".join(ports))
