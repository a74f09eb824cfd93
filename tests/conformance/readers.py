"""Foreign readers of Parquet and Arrow: each gives a dictionary of columns, values as they are compared.

Dates and times are whole numbers of days and microseconds since 1970, as Python's own are too small
for those of Postgres; floating-point numbers are their bits in hexadecimal, decimals are text.
"""
import decimal
import io
import shutil
import struct
import uuid
import warnings

import duckdb
import entrepot
import nanoarrow
import nanoarrow.ipc
import polars
import pyarrow
import pyarrow.parquet

# nanoarrow says so of each type it does not know by name
warnings.simplefilter("ignore")

def _bits(value):
    # there are many NaN, and only one of Postgres's
    return "7ff8000000000000" if value != value else struct.pack(">d", value).hex()


def _json(value):
    return value.decode() if isinstance(value, bytes) else value  # Polars takes it for bytes


def _uuid(value):
    return str(uuid.UUID(bytes=value) if isinstance(value, bytes) else value)


def _decimal(value):
    """Decimals that no type holds are text, in the words of our other formats."""
    if isinstance(value, str):
        return {"INF": "Infinity", "-INF": "-Infinity"}.get(value, value)
    return format(value, "f")


def _values(values, physical):
    """What a reader gave for a column, as the values that are compared."""
    kind = physical.partition("(")[0]
    change = {"double precision": _bits, "uuid": _uuid, "numeric": _decimal,
              "jsonb": _json}.get(kind)
    return [None if value is None else change(value) for value in values] if change \
        else list(values)


def _by_pyarrow(table, physicals):
    table.validate(full=True)
    found = {}
    for name, column in zip(table.column_names, table.columns):
        kind = column.type
        if isinstance(kind, pyarrow.ExtensionType) or hasattr(kind, "storage_type"):
            column = pyarrow.chunked_array([chunk.storage for chunk in column.chunks],
                                           kind.storage_type)
        if pyarrow.types.is_temporal(kind):
            width = 32 if pyarrow.types.is_date32(kind) else 64
            column = pyarrow.chunked_array(
                [chunk.view("int%d" % width) for chunk in column.chunks], "int%d" % width)
        found[name] = _values(column.to_pylist(), physicals[name])
    return found


def _by_polars(frame, physicals):
    found = {}
    for name in frame.columns:
        series = frame[name]
        if isinstance(series.dtype, polars.Time):
            values = [None if v is None else v // 1000 for v in series.to_physical()]
        elif series.dtype.is_temporal():
            values = series.to_physical()
        else:
            values = series
        found[name] = _values(values, physicals[name])
    return found


def _parquet_by_pyarrow(data, physicals):
    return _by_pyarrow(pyarrow.parquet.read_table(io.BytesIO(data)), physicals)


def _parquet_by_polars(data, physicals):
    return _by_polars(polars.read_parquet(io.BytesIO(data)), physicals)


def _parquet_by_duckdb(data, physicals):
    home = entrepot.temporary_folder()
    try:
        (home / "data.parquet").write_bytes(data)
        words = {
            "date": "CASE WHEN isfinite({0}) THEN {0} - DATE '1970-01-01' WHEN {0} > '1970-01-01' "
                    "THEN 2147483647 WHEN {0} <= '1970-01-01' THEN -2147483647 END",
            "time": "epoch_us({0})",
            "timestamptz": "CASE WHEN isfinite({0}) THEN epoch_us({0}) WHEN {0} > '1970-01-01' THEN "
                           "9223372036854775807 WHEN {0} <= '1970-01-01' THEN -9223372036854775807 "
                           "END",
            "jsonb": "{0}::VARCHAR",
        }
        with duckdb.connect() as connection:
            rows = connection.execute("SELECT %s FROM '%s' ORDER BY n" % (
                ", ".join(words.get(physical, "{0}").format(name)
                          for name, physical in physicals.items()),
                home / "data.parquet")).fetchall()
        return {name: _values((row[i] for row in rows), physical)
                for i, (name, physical) in enumerate(physicals.items())}
    finally:
        shutil.rmtree(home)


def _arrow_by_pyarrow(data, physicals):
    with pyarrow.ipc.open_stream(data) as stream:
        return _by_pyarrow(stream.read_all(), physicals)


def _arrow_by_polars(data, physicals):
    return _by_polars(polars.read_ipc_stream(io.BytesIO(data)), physicals)


def _numbers(column, scale):
    """The whole numbers of an array of nanoarrow, or decimals where they have a scale."""
    view = nanoarrow.c_array(column).view()
    there, data = list(view.buffer(0).elements()), bytes(view.buffer(1))
    width = len(data) // max(1, len(column))
    numbers = [int.from_bytes(data[k * width:(k + 1) * width], "little", signed=True)
               for k in range(len(column))]
    if scale is not None:
        numbers = [decimal.Decimal((number < 0, tuple(map(int, str(abs(number)))), -scale))
                   for number in numbers]
    return [number if not there or there[k] else None for k, number in enumerate(numbers)]


def _arrow_by_nanoarrow(data, physicals):
    found = {name: [] for name in physicals}
    with nanoarrow.ipc.InputStream.from_readable(io.BytesIO(data)) as source:
        stream = nanoarrow.ArrayStream(source)
        schema = stream.schema
        for batch in stream.iter_chunks():
            for i, name in enumerate(physicals):
                field = schema.field(i)
                column = batch.child(i)
                # Python's dates are too small, and nanoarrow loses the sign of decimals
                if field.type.name in ("DATE32", "TIME64", "TIMESTAMP", "DECIMAL128", "DECIMAL256"):
                    found[name] += _numbers(column, getattr(field, "scale", None))
                else:
                    found[name] += column.to_pylist()
    return {name: _values(values, physicals[name]) for name, values in found.items()}


# Polars has no decimals of more than 38 digits: it ends where it meets one.
UNREAD = {_arrow_by_polars: ["wider"]}

PARQUET = {"pyarrow": _parquet_by_pyarrow, "DuckDB": _parquet_by_duckdb,
           "Polars": _parquet_by_polars}
ARROW = {"pyarrow": _arrow_by_pyarrow, "Polars": _arrow_by_polars,
         "nanoarrow": _arrow_by_nanoarrow}
