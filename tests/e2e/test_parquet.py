"""Parquet held against the programs that write and read it: pyarrow, DuckDB and polars."""
import datetime
import decimal
import json
import struct
import uuid

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl.utils import column_index_from_string

ROWS = 3000


def cells_of(hotpass, path):
    """The rows below the header, as lists of (type, text), None for an empty cell; and the header."""
    result = hotpass("cells", "--json", path)
    assert result.returncode == 0, result.stderr
    rows = {}
    for line in result.stdout.splitlines():
        record = json.loads(line)
        rows[record["row"]] = {column_index_from_string(k) - 1: (c["t"], c["x"]) for k, c in record["cells"].items()}
    return rows


def column(rows, i, n):
    return [rows.get(r + 2, {}).get(i) for r in range(n)]


def text(value):
    """What a cell with a value of Python says."""
    if value is None or value == "" or value != value:
        return None
    if isinstance(value, bool):
        return ("b", "TRUE" if value else "FALSE")
    if isinstance(value, decimal.Decimal) or isinstance(value, (int, float)):
        plain = format(decimal.Decimal(repr(value) if isinstance(value, float) else value), "f")
        if "." in plain:
            plain = plain.rstrip("0").rstrip(".")
        return ("n", "0" if plain == "-0" else plain)
    if isinstance(value, datetime.datetime):
        value = value.replace(tzinfo=None).isoformat()
        return ("d", value.rstrip("0") if "." in value else value)
    if isinstance(value, datetime.time):
        value = value.isoformat()
        return ("d", value.rstrip("0") if "." in value else value)
    if isinstance(value, datetime.date):
        return ("d", value.isoformat())
    if isinstance(value, uuid.UUID):
        return ("s", str(value))
    if isinstance(value, bytes):
        try:
            return ("s", value.decode())
        except UnicodeDecodeError:
            return ("s", value.hex())
    return ("s", value)


def some(make, every=7):
    return [None if i % every == 3 else make(i) for i in range(ROWS)]


def everything():
    day = datetime.date(2020, 2, 28)
    moment = datetime.datetime(1969, 12, 31, 23, 59, 58, 500000)
    return pa.table({
        "few": some(lambda i: f"name {i % 17}"),
        "many": some(lambda i: f"Zoë {i} 😀" if i % 5 else ""),
        "never null": pa.array([f"x{i}" for i in range(ROWS)]),
        "nothing": pa.array([None] * ROWS, pa.string()),
        "i8": pa.array(some(lambda i: i % 256 - 128), pa.int8()),
        "u8": pa.array(some(lambda i: i % 256), pa.uint8()),
        "i16": pa.array(some(lambda i: i - 1500), pa.int16()),
        "u16": pa.array(some(lambda i: 65535 - i), pa.uint16()),
        "i32": pa.array(some(lambda i: i * 700001 - 2**30), pa.int32()),
        "u32": pa.array(some(lambda i: 2**32 - 1 - i), pa.uint32()),
        "i64": pa.array(some(lambda i: i**5 - 2**62), pa.int64()),
        "u64": pa.array(some(lambda i: 2**64 - 1 - i), pa.uint64()),
        "f32": pa.array(some(lambda i: i / 8), pa.float32()),
        "f64": pa.array(some(lambda i: i / 7 * 10 ** (i % 20 - 10))),
        "bool": some(lambda i: i % 3 == 0),
        "date": some(lambda i: day + datetime.timedelta(days=i)),
        "ms": pa.array(some(lambda i: moment + datetime.timedelta(seconds=i)), pa.timestamp("ms")),
        "us": pa.array(some(lambda i: moment + datetime.timedelta(microseconds=i)), pa.timestamp("us", "UTC")),
        "time": pa.array(some(lambda i: datetime.time(i % 24, i % 60, i % 59)), pa.time64("us")),
        "small decimal": pa.array(some(lambda i: decimal.Decimal(i - 1000) / 100), pa.decimal128(9, 2)),
        "large decimal": pa.array(some(lambda i: decimal.Decimal(f"-{i}12345678901234567890.{i % 1000:03}")), pa.decimal128(38, 3)),
        "bytes": pa.array(some(lambda i: bytes([200, i % 256, i // 256])), pa.binary()),
        "fixed": pa.array(some(lambda i: b"\xff%03d" % (i % 1000)), pa.binary(4)),
    })


def compare(hotpass, path, table):
    rows = cells_of(hotpass, path)
    assert [rows[1][i][1] for i in range(table.num_columns)] == table.column_names
    for i, name in enumerate(table.column_names):
        wanted = [text(v) for v in table.column(i).to_pylist()]
        assert column(rows, i, table.num_rows) == wanted, name


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "brotli", "lz4", "zstd"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_codecs_and_pages(hotpass, tmp_path, codec, version):
    pq.write_table(everything(), tmp_path / "a.parquet", compression=codec, data_page_version=version, data_page_size=4000,
                   row_group_size=1100, write_page_checksum=True)
    compare(hotpass, tmp_path / "a.parquet", everything())


@pytest.mark.parametrize("encoding, columns", [
    ("PLAIN", everything().column_names),
    ("DELTA_BINARY_PACKED", ["i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "date", "ms", "us", "time"]),
    ("DELTA_LENGTH_BYTE_ARRAY", ["few", "many", "never null", "nothing", "bytes"]),
    ("DELTA_BYTE_ARRAY", ["few", "many", "never null", "nothing", "bytes", "fixed"]),
    ("BYTE_STREAM_SPLIT", ["f32", "f64", "i32", "i64", "fixed"]),
    ("RLE", ["bool"]),
])
def test_encodings(hotpass, tmp_path, encoding, columns):
    table = everything().select(columns)
    pq.write_table(table, tmp_path / "a.parquet", use_dictionary=False, column_encoding={c: encoding for c in columns},
                   data_page_version="2.0" if encoding == "RLE" else "1.0")
    assert encoding in pq.read_metadata(tmp_path / "a.parquet").row_group(0).column(0).encodings
    compare(hotpass, tmp_path / "a.parquet", table)


def test_old_timestamps(hotpass, tmp_path):
    table = everything().select(["ms", "us"])
    pq.write_table(table, tmp_path / "a.parquet", use_deprecated_int96_timestamps=True)
    compare(hotpass, tmp_path / "a.parquet", table)


def test_duckdb_wrote_it(hotpass, tmp_path):
    path = tmp_path / "a.parquet"
    duckdb.sql(f"""copy (select i as n, 'text ' || (i % 50) as t, i / 3.0 as f, i % 2 = 0 as b, date '2024-02-27' + i::int as d,
        uuid() as u, (i / 100)::decimal(12, 3) as e from range({ROWS}) r(i)) to '{path}' (format parquet, compression zstd)""")
    rows = cells_of(hotpass, path)
    for i, values in enumerate(zip(*duckdb.sql(f"select * from '{path}'").fetchall())):
        assert column(rows, i, ROWS) == [text(v) for v in values]


@pytest.mark.parametrize("codec", ["zstd", "snappy", "lz4", "uncompressed"])
def test_polars_wrote_it(hotpass, tmp_path, codec):
    frame = polars.from_arrow(everything().drop_columns(["large decimal", "fixed"]))
    frame.write_parquet(tmp_path / "a.parquet", compression=codec, row_group_size=1000)
    compare(hotpass, tmp_path / "a.parquet", frame.to_arrow())


def refused(hotpass, path, *words):
    result = hotpass("cells", path, timeout=20)
    assert result.returncode == 65, (result.returncode, result.stderr)
    for word in words:
        assert word in result.stderr


def test_what_cannot_be_read(hotpass, tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"a": [1], "tags": [["x", "y"]]}), path)
    refused(hotpass, path, "tags", "LIST")
    pq.write_table(pa.table({"place": [{"x": 1}]}), path)
    refused(hotpass, path, "place", "STRUCT")
    path.write_bytes(b"PARE" + bytes(100) + b"PARE")
    refused(hotpass, path, "encrypted")
    path.write_bytes(b"PAR1" + b"\xff" * 100 + struct.pack("<I", 4000) + b"PAR1")
    refused(hotpass, path, "byte 104", "4000")
    path.write_bytes(b"PAR1" + b"\x1c" * 5000 + struct.pack("<I", 5000) + b"PAR1")
    refused(hotpass, path, "footer")


def test_damage_is_told(hotpass, tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(everything().select(["many", "f64"]), path, compression="zstd", write_page_checksum=True)
    whole = bytearray(path.read_bytes())
    at = pq.read_metadata(path).row_group(0).column(1).data_page_offset
    whole[at + 400] ^= 1
    path.write_bytes(whole)
    refused(hotpass, path, '"f64"', f"byte {at}", "checksum")
