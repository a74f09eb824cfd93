"""Parquet and Arrow, read back by foreign readers and held against Postgres, value for value.

The readers are pyarrow, DuckDB and Polars for Parquet, and pyarrow, Polars and nanoarrow for Arrow;
`./dev setup foreign` puts them into .deps/readers. Dates and times are compared as whole numbers of
days and microseconds since 1970, floating-point numbers by their bits, decimals as text.
"""
import io
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "http"))
import entrepot  # noqa: E402
import formats_product  # noqa: E402
import tap  # noqa: E402
from cluster import Cluster, programs  # noqa: E402
from entrepot import Server  # noqa: E402

sys.path.insert(0, str(entrepot.ROOT / ".deps" / "readers"))
try:
    import pyarrow
    import pyarrow.parquet
    import readers
except ImportError as missing:
    print("1..0 # SKIP %s; ./dev setup foreign fetches the readers" % missing)
    sys.exit(0)

# --- what Postgres says --------------------------------------------------------------------------

def _expected_sql(name, physical):
    """A value in the words of _value_of."""
    kind = physical.partition("(")[0]
    return {
        "double precision": "encode(float8send(%s), 'hex')",
        "text": "encode(convert_to(%s, 'UTF8'), 'hex')",
        "bytea": "encode(%s, 'hex')",
        "jsonb": "encode(convert_to(%s::text, 'UTF8'), 'hex')",
        "date": "CASE {0} WHEN 'infinity' THEN 2147483647 WHEN '-infinity' THEN -2147483647 "
                "ELSE {0} - date '1970-01-01' END",
        "time": "(extract(epoch FROM %s) * 1000000)::bigint",
        "timestamptz": "CASE {0} WHEN 'infinity' THEN 9223372036854775807 WHEN '-infinity' THEN "
                       "-9223372036854775807 ELSE (extract(epoch FROM {0}) * 1000000)::bigint END",
        "boolean": "%s::text",
    }.get(kind, "%s::text").replace("%s", name).replace("{0}", name)


def _value_of(text, physical):
    """What Postgres said, as the value that it is compared as."""
    kind = physical.partition("(")[0]
    if text == "\\N":
        return None
    if kind in ("integer", "bigint", "date", "time", "timestamptz"):
        return int(text)
    if kind == "boolean":
        return text == "true"
    if kind in ("text", "jsonb"):
        return bytes.fromhex(text).decode()
    return bytes.fromhex(text) if kind == "bytea" else text


class Subject:
    """The server, its Postgres, and what that holds."""

    def __init__(self, server, cluster):
        self.server = server
        self.cluster = cluster
        self.kept = {}
        self.begin_test = server.begin_test
        self.log_of_test = server.log_of_test

    def get(self, dataset, kind, options="&orderby=n"):
        """The bytes of a dataset; whole ones are asked for once."""
        path = "/output/%s?format=%s%s" % (dataset, kind, options)
        if path not in self.kept:
            self.kept[path] = self.server.get(path).expect(200).body
        return self.kept[path]

    def expected(self, dataset):
        """column: its values, in the order of n."""
        columns = _physicals(dataset)
        if dataset not in self.kept:
            table = self.cluster.psql(
                "SELECT format('data.%%I', 's_' || ss.segment_id) FROM meta.datum d "
                "JOIN meta.snapshot s ON s.datum_id = d.id "
                "JOIN meta.snapshot_segment ss ON ss.snapshot_id = s.id "
                "WHERE d.name = '%s'" % dataset, database="formats")
            text = subprocess.run(
                ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p",
                 str(self.cluster.port), "-U", "postgres", "-d", "formats", "-c",
                 "COPY (SELECT %s FROM %s t ORDER BY t.n) TO STDOUT" % (
                     ", ".join(_expected_sql(*column) for column in columns.items()), table)],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
                env={"PGTZ": "UTC", "PATH": "/usr/bin:/bin"}).stdout
            rows = [line.split("\t") for line in text.splitlines()]
            self.kept[dataset] = {name: [_value_of(row[i], physical) for row in rows]
                                  for i, (name, physical) in enumerate(columns.items())}
        return self.kept[dataset]


# --- what readers say ----------------------------------------------------------------------------

READERS = ([("parquet", *reader) for reader in readers.PARQUET.items()]
           + [("parquet-uncompressed", *reader) for reader in readers.PARQUET.items()]
           + [("arrow", *reader) for reader in readers.ARROW.items()])


def _physicals(dataset):
    return {"n": "integer",
            **{name: physical for name, (_, physical, _) in formats_product.outputs()[dataset][0].items()}}


def _read_columns(dataset, read):
    return {name: physical for name, physical in _physicals(dataset).items()
            if name not in readers.UNREAD.get(read, ())}


def _same(found, expected):
    assert list(found) == list(expected), (list(found), list(expected))
    for name, values in expected.items():
        assert len(found[name]) == len(values), (name, len(found[name]), len(values))
        if found[name] == values:
            continue
        wrong = [(i, f, v) for i, (f, v) in enumerate(zip(found[name], values)) if f != v]
        assert not wrong, "%s: %r" % (name, wrong[:5])


# --- tests ---------------------------------------------------------------------------------------

def every_value_is_read_as_Postgres_has_it(subject):
    for kind, reader, read in READERS:
        yield "%s by %s" % (kind, reader), _all_is_read, subject, "every", kind, read


def rows_without_number_are_read_as_Postgres_has_them(subject):
    for kind, reader, read in READERS:
        if kind != "parquet-uncompressed":
            yield "%s by %s" % (kind, reader), _all_is_read, subject, "many", kind, read


def _all_is_read(subject, dataset, kind, read):
    physicals = _read_columns(dataset, read)
    found = read(subject.get(dataset, kind, "&orderby=n&select=" + ",".join(physicals)), physicals)
    expected = subject.expected(dataset)
    _same(found, {name: expected[name] for name in physicals})


def no_rows_have_a_schema(subject):
    for kind, reader, read in READERS:
        yield "%s by %s" % (kind, reader), _none_is_read, subject, kind, read


def _none_is_read(subject, kind, read):
    physicals = _read_columns("none", read)
    found = read(subject.get("none", kind, "&select=" + ",".join(physicals)), physicals)
    assert list(found) == list(physicals) and not any(found.values()), found


def one_row_is_read(subject):
    """This one comes down the read lane."""
    for kind, reader, read in READERS:
        yield "%s by %s" % (kind, reader), _one_is_read, subject, kind, read


def _one_is_read(subject, kind, read):
    physicals = _read_columns("every", read)
    found = read(subject.get("every", kind, "&filter=n%20eq%203&select=" + ",".join(physicals)),
                 physicals)
    _same(found, {name: subject.expected("every")[name][2:3] for name in physicals})


def columns_have_the_types_that_are_promised(subject):
    promised = {
        "n": ("int32 not null", "int32 not null"), "flag": ("bool", "bool"),
        "small": ("int32", "int32"), "big": ("int64", "int64"),
        "cents": ("decimal128(9, 2)", "decimal128(9, 2)"),
        "money": ("decimal128(18, 4)", "decimal128(18, 4)"),
        "wide": ("decimal128(38, 10)", "decimal128(38, 10)"),
        "wider": ("string", "decimal256(76, 38)"), "widest": ("string", "string"),
        "any_number": ("string", "string"), "ratio": ("double", "double"),
        "word": ("string", "string"), "day": ("date32[day]", "date32[day]"),
        "clock": ("time64[us]", "time64[us]"),
        "moment": ("timestamp[us, tz=UTC]", "timestamp[us, tz=UTC]"),
        "raw": ("binary", "binary"), "sure_word": ("string not null", "string not null"),
    }
    parquet = pyarrow.parquet.read_schema(io.BytesIO(subject.get("every", "parquet")))
    arrow = pyarrow.ipc.open_stream(subject.get("every", "arrow")).schema
    for name, (in_parquet, in_arrow) in promised.items():
        told = [str(schema.field(name).type) + ("" if schema.field(name).nullable else " not null")
                for schema in (parquet, arrow)]
        assert told == [in_parquet, in_arrow], (name, told)
    assert "uuid" in str(arrow.field("mark").type) and "json" in str(arrow.field("thing").type)
    logical = pyarrow.parquet.ParquetFile(io.BytesIO(subject.get("every", "parquet"))).schema
    told = {logical.column(i).name: str(logical.column(i).logical_type) for i in range(len(logical))}
    assert told["mark"] == "UUID" and told["thing"] == "JSON", told
    assert "isAdjustedToUTC=true" in told["moment"] and "isAdjustedToUTC=false" in told["clock"]


def many_rows_make_several_row_groups_and_batches(subject):
    metadata = pyarrow.parquet.read_metadata(io.BytesIO(subject.get("many", "parquet")))
    groups = [metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)]
    assert len(groups) > 1 and sum(groups) == formats_product.MANY, groups
    with pyarrow.ipc.open_stream(subject.get("many", "arrow")) as stream:
        batches = [batch.num_rows for batch in stream]
    assert len(batches) > 2 and sum(batches) == formats_product.MANY and max(batches) <= 65536, batches


def a_dictionary_is_used_where_it_helps(subject):
    metadata = pyarrow.parquet.read_metadata(io.BytesIO(subject.get("many", "parquet")))
    group = metadata.row_group(0)
    told = {group.column(i).path_in_schema: group.column(i) for i in range(metadata.num_columns)}
    for name in ("few", "overflow", "runs", "sparse"):
        assert told[name].has_dictionary_page, name
    for name in ("n", "distinct_word", "moment"):
        assert not told[name].has_dictionary_page, name
    # overflowed: the dictionary, and what did not fit into it
    assert told["few"].total_uncompressed_size < 200000
    assert told["overflow"].total_uncompressed_size > 1000000


def statistics_are_true(subject):
    """What they tell is what the rows of the group are; they are left out where they cannot be."""
    for dataset in ("every", "many"):
        yield dataset, _statistics_are_true, subject, dataset


def _statistics_are_true(subject, dataset):
    data = io.BytesIO(subject.get(dataset, "parquet"))
    file = pyarrow.parquet.ParquetFile(data)
    expected = subject.expected(dataset)
    start = 0
    for number in range(file.num_row_groups):
        group = file.metadata.row_group(number)
        rows = slice(start, start + group.num_rows)
        start += group.num_rows
        for i in range(group.num_columns):
            column = group.column(i)
            told, name = column.statistics, column.path_in_schema
            values = expected[name][rows]
            assert told.null_count == sum(v is None for v in values), name
            present = [v for v in values if v is not None]
            if _physicals(dataset)[name] in ("integer", "bigint", "boolean"):
                assert (told.min, told.max) == (min(present), max(present)), (name, told)
            if _physicals(dataset)[name] == "text" and told.has_min_max:
                assert (told.min, told.max) == (min(present), max(present)), (name, told)
    if dataset == "every":
        told = {group.column(i).path_in_schema: group.column(i).statistics
                for i in range(group.num_columns)}
        assert not told["word"].has_min_max, "a value is too long for them"
        assert (told["ratio"].min, told["ratio"].max) == (float("-inf"), float("inf"))
        assert not told["thing"].has_min_max, "JSON has no order"
        assert (told["cents"].min, told["cents"].max) == (-999999999, 999999999) or \
            str(told["cents"].max) == "9999999.99", told["cents"]


def a_reader_skips_by_statistics(subject):
    table = pyarrow.parquet.read_table(io.BytesIO(subject.get("many", "parquet")),
                                       filters=[("n", ">", formats_product.MANY - 3)], columns=["n", "runs"])
    assert sorted(table["n"].to_pylist()) == [formats_product.MANY - 2, formats_product.MANY - 1, formats_product.MANY]


def a_format_is_asked_for_by_name_or_by_Accept(subject):
    for name, accept in (("parquet", "application/vnd.apache.parquet"),
                         ("arrow", "application/vnd.apache.arrow.stream")):
        named = subject.server.get("/output/every?format=" + name).expect(200)
        asked = subject.server.request("GET", "/output/every", headers={"Accept": accept})
        assert named.media_type == asked.expect(200).media_type == accept, named.headers
        assert named.body == asked.body, "the same bytes for one entity tag"
        assert named.header("ETag") == asked.header("ETag")
        assert named.header("Content-Disposition").endswith(
            '"every-1.%s"' % ("parquet" if name == "parquet" else "arrows"))
        again = subject.server.request("GET", "/output/every", headers={
            "Accept": accept, "If-None-Match": named.header("ETag")})
        assert again.status == 304 and "Accept" in again.header("Vary")
    tags = {subject.server.get("/output/every?format=" + name).header("ETag")
            for name in ("json", "csv", "parquet", "parquet-uncompressed", "arrow")}
    assert len(tags) == 5


def parquet_is_not_compressed_again(subject):
    for name, coding in (("parquet", None), ("arrow", "gzip")):
        answer = subject.server.request("GET", "/output/every?format=" + name,
                                        headers={"Accept-Encoding": "gzip"})
        assert answer.expect(200).header("Content-Encoding") == coding, answer.headers


def what_no_decimal_can_hold_is_406_while_JSON_has_it(subject):
    for kind in ("parquet", "arrow"):
        for dataset in ("one_broken", "late"):
            path = "/output/%s?format=%s" % (dataset, kind)
            for options in ("", "&top=5"):  # by a worker, and down the read lane
                problem = subject.server.get(path + options).problem(406, "not-acceptable")
                assert "json" in problem["detail"], problem
    assert subject.server.get("/output/one_broken").json == [{"n": 1, "amount": "NaN"}]


def what_fails_on_its_way_is_cut_off(subject):
    for kind in ("parquet", "arrow"):
        yield kind, _is_cut_off, subject.server, kind


def _is_cut_off(server, kind):
    with server.connect(timeout=60) as connection:
        connection.sendall(("GET /output/broken?format=%s HTTP/1.1\r\nHost: a\r\n"
                            "Authorization: Bearer %s\r\n\r\n" % (kind, server.token())).encode())
        head, _, chunks = entrepot.read_all(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200") and len(chunks) > 10000, "it had begun: %r" % head
    assert not chunks.endswith(b"0\r\n\r\n"), "it looks like a clean end"
    data = b""
    while chunks:
        size, _, chunks = chunks.partition(b"\r\n")
        data += chunks[:int(size, 16)]
        chunks = chunks[int(size, 16) + 2:]
    if kind == "arrow":
        assert not data.endswith(b"\xff\xff\xff\xff\0\0\0\0"), "it looks like a clean end"
        return
    try:
        pyarrow.parquet.read_table(io.BytesIO(data))
    except pyarrow.ArrowInvalid:
        return
    raise AssertionError("a reader takes it for whole")


def memory_does_not_grow_with_the_rows(subject):
    """More than the rows of a group are held nowhere."""
    if "asan" in entrepot.BINARY:
        tap.skip("a sanitizer keeps what was freed")
    for kind in ("parquet", "arrow"):
        before = subject.server.memory_kb("VmRSS")
        pathlib.Path("/proc/%d/clear_refs" % subject.server.process.pid).write_text("5")
        subject.server.get("/output/many?format=" + kind).expect(200)
        grown = subject.server.memory_kb("VmHWM") - before
        assert grown < 32 << 10, "%s: %d KB more" % (kind, grown)


def _main():
    if not programs():
        print("1..0 # SKIP there is no Postgres")
        sys.exit(0)
    home = entrepot.temporary_folder()
    cluster = Cluster()
    try:
        formats_product.write(home / "product")
        cluster.psql("CREATE DATABASE formats")
        with Server(home / "product", "--database", cluster.socket_url("formats"),
                    data_dir=home / "data") as server:
            numbers = "n\n" + "".join("%d\n" % n for n in range(1, formats_product.MANY + 1))
            server.deliver("numbers", numbers.encode()).expect(201)
            for name in formats_product.outputs():
                run = server.run_pipeline(name)
                assert run["state"] == "published", run["error"]
            names = dict(globals())

            def the_server_stops_cleanly(running):
                running.server.stop_cleanly()
            names["the_server_stops_cleanly"] = the_server_stops_cleanly
            sys.exit(1 if tap.run(names, Subject(server, cluster)) else 0)
    finally:
        cluster.remove()
        shutil.rmtree(home, ignore_errors=True)


if __name__ == "__main__":
    _main()
