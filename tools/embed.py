#!/usr/bin/env python3
"""Turn files into C, so that the program is one file.

    embed.py sql OUT.c OUT.h FILE...          statements of sql/, with their parameters and columns
    embed.py migrations OUT.c OUT.h FILE...   migrations in their order, with their SHA-256
    embed.py files NAME OUT.c OUT.h FILE...   a table of named files
    embed.py lists OUT.c FILE...              lists of what SQL may use, for server/sandbox/allowed.h

The comment above a statement is its signature, and is checked against Postgres by tests/db:

    -- One published dataset, by name.
    -- $1 text: dataset name, exact
    -- 0..1 row: title text, row_count int8?      a ? marks what may be NULL
"""
import hashlib
import pathlib
import re
import sys

TYPES = {
    "bool": "DB_BOOL", "int4": "DB_INT32", "int8": "DB_INT64", "text": "DB_TEXT",
    "bytea": "DB_BYTES", "timestamptz": "DB_TIME", "jsonb": "DB_JSON", "float8": "DB_DOUBLE",
    "text[]": "DB_TEXT_ARRAY", "int8[]": "DB_INT64_ARRAY",
}
ROWS = {"0": "DB_ROWS_NONE", "1": "DB_ROWS_ONE", "0..1": "DB_ROWS_MAYBE", "n": "DB_ROWS_ANY"}


def c_string(data):
    out = []
    for line in data.split(b"\n"):
        text = "".join(
            chr(b) if 32 <= b < 127 and b not in (34, 92, 63) else "\\%03o" % b for b in line)
        out.append('    "%s\\n"' % text)
    return "\n".join(out)


def fail(path, why):
    sys.exit("%s: %s" % (path, why))


def signature(path, text):
    header = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        header.append(line[2:].strip())
    params, rows, columns, reading = [], None, "", False
    for line in header:
        param = re.match(r"\$(\d+) ([a-z0-9\[\]]+)(\?)?(:|$)", line)
        result = re.match(r"(0|1|0\.\.1|n) rows?(?::\s*(.*))?$", line)
        if param:
            if int(param[1]) != len(params) + 1:
                fail(path, "parameters out of order at $%s" % param[1])
            if param[2] not in TYPES:
                fail(path, "unknown type %s" % param[2])
            params.append(TYPES[param[2]])
        elif result:
            rows, columns, reading = ROWS[result[1]], result[2] or "", True
        elif reading:
            columns += " " + line
    if rows is None:
        fail(path, "the comment names no rows, such as '-- 0..1 row: name text'")
    parsed = []
    for column in filter(None, (c.strip() for c in columns.split(","))):
        match = re.match(r"([a-z0-9_]+) ([a-z0-9\[\]]+)(\?)?$", column)
        if not match or match[2] not in TYPES:
            fail(path, "column not understood: %r" % column)
        parsed.append((match[1], TYPES[match[2]], "true" if match[3] else "false"))
    return params, rows, parsed


def embed_sql(out_c, out_h, paths):
    c = ['#include "sql.h"', ""]
    h = ["#ifndef ENTREPOT_SQL_H", "#define ENTREPOT_SQL_H", "", '#include "server/db/statement.h"', ""]
    names = []
    for path in sorted(paths):
        name = "sql_" + "_".join(pathlib.Path(path).with_suffix("").parts[-1:])
        if name in names:
            fail(path, "another file has this name")
        names.append(name)
        text = pathlib.Path(path).read_text()
        params, rows, columns = signature(path, text)
        h.append("extern const struct db_statement %s;" % name)
        if params:
            c.append("static const enum db_type %s_params[] = { %s };" % (name, ", ".join(params)))
        if columns:
            c.append("static const struct db_field %s_columns[] = {" % name)
            c += ['    { "%s", %s, %s },' % column for column in columns]
            c.append("};")
        c.append("const struct db_statement %s = {" % name)
        c.append('    "%s", %s, %s, %d, %s, %d,' % (
            name[4:], rows, name + "_params" if params else "NULL", len(params),
            name + "_columns" if columns else "NULL", len(columns)))
        c.append(c_string(text.encode()))
        c.append("};\n")
    h += ["", "/* All of them, ended by NULL: for the test that prepares each. */",
          "extern const struct db_statement *const sql_all[];", "", "#endif", ""]
    c.append("const struct db_statement *const sql_all[] = {")
    c += ["    &%s," % name for name in names] + ["    NULL,", "};", ""]
    pathlib.Path(out_c).write_text("\n".join(c))
    pathlib.Path(out_h).write_text("\n".join(h))


def embed_migrations(out_c, out_h, paths):
    c = ['#include "migrations.h"', "", "#include <stddef.h>", "", "const struct migration migrations[] = {"]
    for number, path in enumerate(sorted(paths), 1):
        stem = pathlib.Path(path).stem
        if not stem.startswith("%04d_" % number):
            fail(path, "migrations are numbered without gaps; expected %04d_" % number)
        data = pathlib.Path(path).read_bytes()
        c.append('    { %d, "%s", "%s",\n%s },' % (
            number, stem, hashlib.sha256(data).hexdigest(), c_string(data)))
    c += ["    { 0, NULL, NULL, NULL },", "};", ""]
    pathlib.Path(out_c).write_text("\n".join(c))
    pathlib.Path(out_h).write_text(
        "#ifndef ENTREPOT_MIGRATIONS_H\n#define ENTREPOT_MIGRATIONS_H\n\n"
        "struct migration {\n    int number; /* from 1; 0 ends the table */\n    const char *name;\n"
        "    const char *sha256; /* hexadecimal, of text */\n    const char *text;\n};\n\n"
        "extern const struct migration migrations[];\n\n#endif\n")


def embed_files(table, out_c, out_h, paths):
    c = ['#include "%s"' % pathlib.Path(out_h).name, "", "const struct embedded_file %s[] = {" % table]
    for path in paths:
        data = pathlib.Path(path).read_bytes()
        # the last newline that c_string adds is not the file's
        c.append('    { "%s", %d,\n%s },' % (pathlib.Path(path).name, len(data), c_string(data)))
    c += ["    { NULL, 0, NULL },", "};", ""]
    pathlib.Path(out_c).write_text("\n".join(c))
    guard = "ENTREPOT_%s_H" % table.upper()
    pathlib.Path(out_h).write_text(
        '#ifndef %s\n#define %s\n\n#include "server/base/embedded.h"\n\n'
        "extern const struct embedded_file %s[];\n\n#endif\n" % (guard, guard, table))


def list_rows(path):
    header, rows = None, []
    for number, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1):
        if line.startswith("#name\t"):
            header = line[1:].split("\t")
        if line.startswith(("# ", "#name\t")):
            continue
        values = line.split("\t")
        if not header or len(values) != len(header):
            fail(path, "line %d has not the columns of the line #name" % number)
        row = dict(zip(header, values))
        if not row["name"] or not row.get("reason"):
            fail(path, "line %d has no name or no reason" % number)
        if rows and rows[-1]["name"].encode() >= row["name"].encode():
            fail(path, "line %d: %s is out of order" % (number, row["name"]))
        rows.append(row)
    return rows


def embed_lists(out_c, paths):
    c = ['#include "server/sandbox/allowed.h"', ""]
    table = []
    for path in paths:
        kind = pathlib.Path(path).stem
        rows = list_rows(path)
        c.append("static const struct allowed %s[] = {" % kind)
        for row in rows:
            texts = (row["name"], row.get("arguments"), row.get("bound"), row["reason"])
            c.append("    { %s }," % ", ".join(
                '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?")
                if text else "NULL" for text in texts))
        c += ["};", ""]
        table.append("    [ALLOWED_%s] = { \"%s\", %s, %d }," % (kind.upper(), kind, kind, len(rows)))
    c += ["const struct allowed_list allowed_lists[] = {"] + table + ["};", ""]
    pathlib.Path(out_c).write_text("\n".join(c))


def main(arguments):
    kind = arguments[0]
    if kind == "sql":
        embed_sql(arguments[1], arguments[2], arguments[3:])
    elif kind == "migrations":
        embed_migrations(arguments[1], arguments[2], arguments[3:])
    elif kind == "files":
        embed_files(arguments[1], arguments[2], arguments[3], arguments[4:])
    elif kind == "lists":
        embed_lists(arguments[1], arguments[2:])
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
