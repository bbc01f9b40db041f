"""Lines of JSON that hotpass writes, read by Python, polars, DuckDB and pyarrow."""
import datetime
import json

import duckdb
import openpyxl
import polars
import pyarrow as pa
import pyarrow.json
import pyarrow.parquet as pq

ROWS = 2000
HOSTILE = ['say "x"', "back\\slash", "two\nlines", "tab\t", "\x7f", "\u202e", "\u2028", "Zo\u00eb \U0001f6e9", "</script>", "'", "{\"a\": 1}", "null"]


def convert(hotpass, source, target):
    result = hotpass("convert", source, "-o", target)
    assert result.returncode == 0, result.stderr
    return target


def lines(path):
    with open(path, encoding="utf-8", newline="\n") as f:
        return [json.loads(line) for line in f]


def test_values_are_those_of_the_columns(hotpass, tmp_path):
    table = pa.table({
        "n": [None if i % 7 == 0 else i**5 - 2**40 for i in range(ROWS)],
        "x": [i / 7 for i in range(ROWS)],
        "yes": [None if i % 5 == 0 else i % 2 == 0 for i in range(ROWS)],
        "text": [HOSTILE[i % len(HOSTILE)] + str(i % 40) * (i % 40) for i in range(ROWS)],
        "id": [f"{i:05}" for i in range(ROWS)],
        "never": pa.array([None] * ROWS, pa.string()),
    })
    pq.write_table(table, tmp_path / "a.parquet")
    path = convert(hotpass, tmp_path / "a.parquet", tmp_path / "b.ndjson")
    assert lines(path) == table.to_pylist()
    assert polars.read_ndjson(path, infer_schema_length=None).to_dicts() == table.to_pylist()
    assert pyarrow.json.read_json(path).to_pylist() == table.to_pylist()
    found = duckdb.execute("select * from read_ndjson(?, columns = {n: 'BIGINT', x: 'DOUBLE', yes: 'BOOLEAN', text: 'VARCHAR', id: 'VARCHAR', never: 'VARCHAR'})",
                           [str(path)])
    assert [dict(zip(table.column_names, row)) for row in found.fetchall()] == table.to_pylist()
    again = convert(hotpass, path, tmp_path / "c.jsonl")
    assert again.read_bytes() == path.read_bytes()


def test_cells_of_a_workbook_keep_their_types(hotpass, tmp_path):
    book = openpyxl.Workbook()
    for row in [("a", "a", None, "when"), (1, "1", 0.5, datetime.datetime(2025, 10, 14, 9, 30)), (True, 27821234567, "x", datetime.date(2024, 2, 29)),
                (10**17, 1e-9, -3, datetime.time(9, 30))]:
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    got = [list(line.values()) for line in lines(convert(hotpass, tmp_path / "a.xlsx", tmp_path / "b.ndjson"))]
    assert got == [[1, "1", 0.5, "2025-10-14T09:30:00"], [True, 27821234567, "x", "2024-02-29"], [10**17, 1e-9, -3, "09:30:00"]]
    assert [type(v) for v in got[1]] == [bool, int, str, str]
    names = list(lines(tmp_path / "b.ndjson")[0])
    assert len(set(names)) == 4 and names[0] == "a" and names[3] == "when"
