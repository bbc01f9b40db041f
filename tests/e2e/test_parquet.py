"""Parquet held against the programs that write and read it: pyarrow, DuckDB and polars."""
import datetime
import decimal
import json
import struct
import uuid
import zlib

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
        if b"\0" in value:
            return ("s", value.hex())
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
        "money": pa.array(some(lambda i: (i - 1500) * 1237 / 10 ** (i % 8))),
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
    duckdb.connect().sql(f"""copy (select i as n, 'text ' || (i % 50) as t, i / 3.0 as f, i % 2 = 0 as b, date '2024-02-27' + i::int as d,
        uuid() as u, (i / 100)::decimal(12, 3) as e from range({ROWS}) r(i)) to '{path}' (format parquet, compression zstd)""")
    rows = cells_of(hotpass, path)
    for i, values in enumerate(zip(*duckdb.connect().sql(f"select * from '{path}'").fetchall())):
        assert column(rows, i, ROWS) == [text(v) for v in values]


@pytest.mark.parametrize("codec", ["zstd", "snappy", "lz4", "uncompressed"])
def test_polars_wrote_it(hotpass, tmp_path, codec):
    frame = polars.from_arrow(everything().drop_columns(["large decimal", "fixed"]))
    frame.write_parquet(tmp_path / "a.parquet", compression=codec, row_group_size=1000)
    compare(hotpass, tmp_path / "a.parquet", frame.to_arrow())


def test_texts_made_of_prefixes_are_held_a_page_at_a_time(hotpass, tmp_path):
    """Two kilobytes that mean forty megabytes of text in each of twelve pages: they once stayed until their slot was used again."""
    table = pa.table({"x": ["x" * i for i in range(9000)]})
    with pq.ParquetWriter(tmp_path / "a.parquet", table.schema, use_dictionary=False, column_encoding={"x": "DELTA_BYTE_ARRAY"}, compression="zstd",
                          data_page_size=64 << 20, write_batch_size=100000) as writer:
        for _ in range(12):
            writer.write_table(table)
    assert (tmp_path / "a.parquet").stat().st_size < 4096
    result = hotpass("inspect", "--json", tmp_path / "a.parquet", "--max-memory", "300M", timeout=60)
    assert result.returncode == 0, result.stderr


def test_a_nul_in_a_text_is_replaced_and_told(hotpass, tmp_path):
    pq.write_table(pa.table({"x": ["a\0b", "plain", "é\0"]}), tmp_path / "a.parquet", use_dictionary=False)
    assert [list(row["cells"].values())[0]["v"] for row in map(json.loads, hotpass("cells", "--json", tmp_path / "a.parquet").stdout.splitlines())] \
        == ["x", "a\ufffdb", "plain", "é\ufffd"]
    assert "encoding_repaired" in hotpass("inspect", "--json", tmp_path / "a.parquet").stdout


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


# ---- written --------------------------------------------------------------------------------------------------

WRITTEN = {  # what each column of everything() becomes
    **dict.fromkeys(["few", "many", "never null", "nothing", "bytes", "fixed", "u64", "large decimal"], "string"),
    **dict.fromkeys(["i8", "u8", "i16", "u16", "i32", "u32", "i64"], "int64"),
    **dict.fromkeys(["f32", "f64", "small decimal", "money"], "double"),
    "bool": "bool", "date": "date32[day]", "ms": "timestamp[us]", "us": "timestamp[us]", "time": "time64[us]",
}


def convert(hotpass, source, target, *more):
    result = hotpass("convert", source, "-o", target, *more)
    assert result.returncode == 0, result.stderr
    return target


def said(value):
    """The text alone, for values whose type is another in the new file."""
    return text(value) and text(value)[1]


@pytest.fixture(scope="module")
def written(hotpass, tmp_path_factory):
    folder = tmp_path_factory.mktemp("parquet")
    pq.write_table(everything(), folder / "a.parquet")
    return convert(hotpass, folder / "a.parquet", folder / "b.parquet")


def test_written_values_are_the_ones_that_were_read(hotpass, written):
    table, source = pq.read_table(written), everything()
    assert {f.name: str(f.type) for f in table.schema} == {name: WRITTEN[name] for name in source.column_names}
    for name in source.column_names:
        assert [said(v) for v in table[name].to_pylist()] == [said(v) for v in source[name].to_pylist()], name
    compare(hotpass, written, table)


def test_duckdb_and_polars_read_the_same(written):
    table = pq.read_table(written)
    assert polars.read_parquet(written).to_dicts() == table.to_pylist()
    found = duckdb.connect().sql(f"select * from '{written}'")
    assert [dict(zip(found.columns, row)) for row in found.fetchall()] == table.to_pylist()


def plain(value):
    return value.decode() if isinstance(value, bytes) else value


class Compact:
    """Reads a struct of thrift's compact protocol into a dictionary by field."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def byte(self):
        self.at += 1
        return self.data[self.at - 1]

    def varint(self):
        value = shift = 0
        while True:
            b = self.byte()
            value |= (b & 127) << shift
            shift += 7
            if b < 128:
                return value

    def number(self):
        n = self.varint()
        return n >> 1 ^ -(n & 1)

    def value(self, kind):
        if kind in (1, 2):
            return kind == 1
        if kind in (4, 5, 6):
            return self.number()
        if kind == 8:
            n = self.varint()
            self.at += n
            return bytes(self.data[self.at - n:self.at])
        if kind == 9:
            b = self.byte()
            n = b >> 4 if b >> 4 < 15 else self.varint()
            return [self.byte() == 1 if b & 15 in (1, 2) else self.value(b & 15) for _ in range(n)]
        assert kind == 12, kind
        return self.struct()

    def struct(self):
        fields, last = {}, 0
        while True:
            b = self.byte()
            if b == 0:
                return fields
            last = last + (b >> 4) if b >> 4 else self.number()
            fields[last] = self.value(b & 15)


def footer_of(path):
    data = path.read_bytes()
    return Compact(data[-8 - struct.unpack("<I", data[-8:-4])[0]:-8]).struct()


def exact(path, group, column):
    """Whether the statistics say that the largest and the least value are values themselves."""
    found = footer_of(path)[4][group][1][column][3][12]
    return found[7], found[8]


def check_statistics(path):
    table, meta = pq.read_table(path), pq.read_metadata(path)
    row = 0
    for g in range(meta.num_row_groups):
        group = meta.row_group(g)
        for i in range(meta.num_columns):
            values = [v for v in table.column(i).slice(row, group.num_rows).to_pylist() if v is not None]
            found, name = group.column(i).statistics, table.column_names[i]
            assert found.null_count == group.num_rows - len(values), name
            assert found.has_min_max == bool(values), name
            if values:
                assert (plain(found.min), plain(found.max)) == (min(values), max(values)), name
                assert exact(path, g, i) == (True, True), name
            assert group.column(i).has_column_index and group.column(i).has_offset_index
        row += group.num_rows
    assert row == table.num_rows == meta.num_rows
    return meta


def test_statistics(written):
    meta = check_statistics(written)
    assert meta.created_by.startswith("hotpass version ")
    found = duckdb.connect().sql(f"select count(*) from '{written}' where i64 = {5**5 - 2**62} and few <= 'name 5'").fetchall()
    assert found == [(1,)]
    assert polars.scan_parquet(written).filter(polars.col("date") == datetime.date(2020, 3, 1)).collect().height == 1


def test_long_texts_are_cut_in_statistics_only(hotpass, tmp_path):
    texts = ["b" * 100, "a" * 100, "\u00e9" * 100]
    pq.write_table(pa.table({"t": texts}), tmp_path / "a.parquet")
    convert(hotpass, tmp_path / "a.parquet", tmp_path / "b.parquet")
    assert pq.read_table(tmp_path / "b.parquet").to_pydict() == {"t": texts}
    found = pq.read_metadata(tmp_path / "b.parquet").row_group(0).column(0).statistics
    assert (plain(found.min), plain(found.max)) == ("a" * 64, "\u00e9" * 31 + "\u00ea")
    assert exact(tmp_path / "b.parquet", 0, 0) == (False, False)
    for value in texts:
        assert duckdb.execute(f"select count(*) from '{tmp_path}/b.parquet' where t = ?", [value]).fetchone() == (1,)
        assert polars.scan_parquet(tmp_path / "b.parquet").filter(polars.col("t") == value).collect().height == 1


def test_page_indexes_say_where_what_is(hotpass, tmp_path):
    """Of 200,000 rows: each page begins where the index says, and what it holds lies within the bounds."""
    rows = 200_000
    table = pa.table({
        "up": pa.array(range(rows)),
        "few": [None if i // 1000 == 70 else f"name {i // 20000:02}" for i in range(rows)],
        "many": [None if i % 3 == 0 else f"text {i * 7919 % rows} of the others" for i in range(rows)],
        "gap": [i / 4 if i >= 100_000 else None for i in range(rows)],
    })
    pq.write_table(table, tmp_path / "a.parquet")
    path = convert(hotpass, tmp_path / "a.parquet", tmp_path / "b.parquet")
    meta = check_statistics(path)
    assert pq.read_table(path).equals(table) and meta.num_row_groups == 2
    data = path.read_bytes()
    row = 0
    for group in footer_of(path)[4]:
        for i, chunk in enumerate(group[1]):
            columns = Compact(data[chunk[6]:chunk[6] + chunk[7]]).struct()
            pages = Compact(data[chunk[4]:chunk[4] + chunk[5]]).struct()[1]
            starts = [p[3] for p in pages] + [group[3]]
            assert starts[0] == 0 and len(pages) > 1 and pages[0][1] == chunk[3][9]
            order = []
            for k, page in enumerate(pages):
                reader = Compact(data[page[1]:page[1] + page[2]])
                header = reader.struct()
                assert header[1] == 0 and header[5][1] == starts[k + 1] - starts[k]
                assert reader.at + header[3] == page[2]
                assert header[4] & 0xFFFFFFFF == zlib.crc32(data[page[1] + reader.at:page[1] + page[2]])
                values = [v for v in table.column(i).slice(row + starts[k], starts[k + 1] - starts[k]).to_pylist() if v is not None]
                assert columns[1][k] == (not values) and columns[5][k] == starts[k + 1] - starts[k] - len(values)
                if values:
                    form = {"up": "<q", "gap": "<d"}.get(table.column_names[i])
                    least, most = (struct.unpack(form, b)[0] if form else b.decode() for b in (columns[2][k], columns[3][k]))
                    assert (least, most) == (min(values), max(values))
                    order.append((least, most))
            assert columns[4] == (1 if order == sorted(order) and [m for _, m in order] == sorted(m for _, m in order) else 0)
        row += group[3]


def test_few_rows_and_none(hotpass, tmp_path):
    (tmp_path / "a.csv").write_text("a,b,a\n")
    convert(hotpass, tmp_path / "a.csv", tmp_path / "a.parquet")
    assert pq.read_table(tmp_path / "a.parquet").to_pydict() == {"a": [], "b": [], "a_2": []}
    assert polars.read_parquet(tmp_path / "a.parquet").shape == (0, 3)
    assert duckdb.connect().sql(f"select * from '{tmp_path}/a.parquet'").fetchall() == []
    (tmp_path / "b.csv").write_text("id,n\n007,\n")
    convert(hotpass, tmp_path / "b.csv", tmp_path / "b.parquet")
    assert pq.read_table(tmp_path / "b.parquet").to_pydict() == {"id": ["007"], "n": [None]}


def test_the_same_bytes_whatever_the_threads(hotpass, written, tmp_path):
    for jobs in ("1", "4"):
        convert(hotpass, written, tmp_path / f"{jobs}.parquet", "--jobs", jobs)
    assert (tmp_path / "1.parquet").read_bytes() == (tmp_path / "4.parquet").read_bytes() == written.read_bytes()
