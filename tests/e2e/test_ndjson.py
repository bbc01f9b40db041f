"""Lines of JSON held against the programs that read them: Python's json, polars, DuckDB and pyarrow."""
import decimal
import gzip
import json
import random

import duckdb
import polars
import pyarrow.json
import pytest
from openpyxl.utils import column_index_from_string

WORDS = ["Ada", "Zoë", "日本 語", "😀 smile", "a\"quoted\"", "back\\slash", "tab\there", "line\nbreak", "", " spaced ", "\u2028", "é" * 40,
         "x" * 200, "/slash/", "{not an object}", "null", "0123", "\x7f"]


def table_of(hotpass, path, *args, **options):
    """The names, and the rows as {name: (type, text)}, by the numbers of their lines."""
    result = hotpass("cells", "--json", path, *args, **options)
    assert result.returncode == 0, result.stderr
    lines = [json.loads(line, parse_float=decimal.Decimal) for line in result.stdout.splitlines()]
    if not lines:
        return [], {}
    names = [c["v"] for c in lines[0]["cells"].values()]
    return names, {r["row"] - 1: {names[column_index_from_string(k) - 1]: (c["t"], c["x"]) for k, c in r["cells"].items()} for r in lines[1:]}


def cell(value, raw=None):
    """What a cell with a value of Python's json says; raw is the value as the file has it."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return ("b", "true" if value else "false")
    if isinstance(value, (int, decimal.Decimal)):
        return ("n", raw or str(value))
    if isinstance(value, (list, dict)):
        return ("s", raw)
    return ("s", value)


def some_value(rnd):
    kind = rnd.randrange(9)
    if kind < 4:
        return rnd.choice(WORDS)
    return [rnd.randrange(-10**6, 10**6), rnd.randrange(10**25), rnd.random() * 10**rnd.randrange(-5, 15), rnd.random() < .5, None][kind - 4]


def some_objects(seed, n=400):
    rnd = random.Random(seed)
    names = ["name", "n", "Zoë", "a b", "\"", "last"] + [f"rare{i}" for i in range(5)]
    objects = []
    for _ in range(n):
        wanted = [k for k in names if rnd.random() < (.8 if not k.startswith("rare") else .02)]
        if rnd.random() < .1:
            rnd.shuffle(wanted)
        objects.append({k: some_value(rnd) for k in wanted})
    return objects


@pytest.mark.parametrize("seed", range(4))
def test_python_reads_the_same(hotpass, tmp_path, seed):
    """Objects of all shapes, written in all styles; Python's json says what is in each line."""
    rnd = random.Random(1000 + seed)
    lines = [json.dumps(o, ensure_ascii=rnd.random() < .5, separators=rnd.choice([(",", ":"), (", ", ": "), (" ,\t", " :  ")])) for o in some_objects(seed)]
    path = tmp_path / "a.ndjson"
    path.write_bytes(rnd.choice(["\n", "\r\n"]).join(lines).encode() + rnd.choice([b"", b"\n"]))
    names, rows = table_of(hotpass, path)
    seen = {}
    for i, line in enumerate(lines):
        numbers = {}
        wanted = json.loads(line, parse_float=decimal.Decimal)
        for k, v in wanted.items():
            seen[k] = None
            if isinstance(v, decimal.Decimal):
                numbers[k] = repr(json.loads(line)[k])  # as json.dumps wrote it
        assert rows.get(i + 1, {}) == {k: c for k, v in wanted.items() if (c := cell(v, numbers.get(k)))}, line
    assert names == list(seen)


def test_polars_and_duckdb_read_the_same(hotpass, tmp_path):
    rnd = random.Random(5)
    path = tmp_path / "a.ndjson"
    objects = [{"s": rnd.choice(WORDS[:-1]), "i": rnd.randrange(-10**9, 10**9), "b": rnd.random() < .5, "t": rnd.choice(["x", None])} for _ in range(3000)]
    path.write_text("".join(json.dumps(o) + "\n" for o in objects))
    _, rows = table_of(hotpass, path)
    ours = [tuple(rows[i + 1].get(k, (None, None))[1] for k in "sibt") for i in range(len(objects))]
    def plain(row):
        return (row[0] or None, str(row[1]), "true" if row[2] else "false", row[3])
    frame = polars.read_ndjson(path)
    assert ours == [plain(r) for r in frame.rows()]
    assert ours == [plain(r) for r in duckdb.connect().sql(f"select s, i, b, t from read_ndjson('{path}')").fetchall()]
    assert ours == [plain(r) for r in zip(*pyarrow.json.read_json(path).to_pydict().values())]


def test_written_by_others(hotpass, tmp_path):
    frame = polars.DataFrame({"name": ["Ada", "Zoë", None], "n": [1, None, 3], "f": [0.5, 1e20, 1e-7], "list": [[1, 2], [], None], "s": [{"a": 1}, {"a": None}, {"a": 3}]})
    frame.write_ndjson(tmp_path / "p.ndjson")
    _, rows = table_of(hotpass, tmp_path / "p.ndjson")
    assert [rows[i].get("name") for i in (1, 2, 3)] == [("s", "Ada"), ("s", "Zoë"), None]
    assert [rows[i].get("list") for i in (1, 2, 3)] == [("s", "[1,2]"), ("s", "[]"), None]
    assert [rows[i]["s"] for i in (1, 2, 3)] == [("s", '{"a":1}'), ("s", '{"a":null}'), ("s", '{"a":3}')]
    assert [float(rows[i]["f"][1]) for i in (1, 2, 3)] == [0.5, 1e20, 1e-7]
    duckdb.connect().sql(f"copy (select i as n, 'text ' || i as t, i % 2 = 0 as b from range(500) r(i)) to '{tmp_path}/d.ndjson' (format json)")
    _, rows = table_of(hotpass, tmp_path / "d.ndjson")
    assert [rows[i + 1] for i in range(500)] == [{"n": ("n", str(i)), "t": ("s", f"text {i}"), "b": ("b", str(i % 2 == 0).lower())} for i in range(500)]


# What Python refuses, a strict reader refuses; what it takes beyond RFC 8259 (NaN, half surrogates) is told apart by hand.
PARTS = ['{', '}', '[', ']', ',', ':', '"', '\\', '"a"', '"b\\u00e9"', 'true', 'null', 'fals', '1', '-', '0', '.5', 'e3', ' ', '\t', '\\n', '\\ud800', '\\ude00']


def test_as_strict_as_others(hotpass, tmp_path):
    rnd = random.Random(9)
    lines = []
    while len(lines) < 3000:
        line = "{" + "".join(rnd.choice(PARTS) for _ in range(rnd.randrange(1, 9))) + "}"
        lines += [line, '{"a":' + "".join(rnd.choice(PARTS) for _ in range(rnd.randrange(1, 6))) + "}"]
    path = tmp_path / "a.ndjson"
    path.write_text('{"first":1}\n' + "\n".join(lines))
    told = json.loads(hotpass("inspect", "--json", path).stdout)
    count = sum(f["count"] for f in told["findings"] if f["rule"] == "broken_line")
    def is_object(line):
        try:
            return isinstance(json.loads(line), dict)
        except ValueError:
            return False
    good = [i for i, line in enumerate(lines) if is_object(line)]
    assert count == len(lines) - len(good) and len(good) > 20
    _, rows = table_of(hotpass, path)
    assert set(rows) - {1} <= {i + 2 for i in good}


def test_broken_lines_are_listed(hotpass, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"name":"Ada"}\n{"name":"Bob"\n\n{"name":"Cy"}\n')
    _, rows = table_of(hotpass, path)
    assert {i: r["name"][1] for i, r in rows.items()} == {1: "Ada", 4: "Cy"}
    told = hotpass("inspect", path).stdout
    assert "broken_line" in told and "a.jsonl!3" in told


@pytest.mark.parametrize("text, words", [
    ('[{"a":1}]', ("line 1", "byte 0", "array", "jq")),
    ('{"a":\n1}', ("line 1", "byte 5", "does not end on its line")),
    ("name,town\nAda,Knysna\n", ("line 1", "no JSON object")),
    ('{"a":' + "[" * 100000 + "\n", ("line 1", "nested deeper")),
])
def test_refused(hotpass, tmp_path, text, words):
    path = tmp_path / "a.ndjson"
    path.write_text(text)
    result = hotpass("cells", path, timeout=20)
    assert result.returncode == 65
    for word in ("a.ndjson", *words):
        assert word in result.stderr


def test_compressed_and_piped(hotpass, tmp_path):
    text = "".join(json.dumps(o) + "\n" for o in some_objects(7, 50))
    plain, packed = tmp_path / "a.ndjson", tmp_path / "a.ndjson.gz"
    plain.write_text(text)
    packed.write_bytes(gzip.compress(text.encode()))
    assert table_of(hotpass, plain) == table_of(hotpass, packed) == table_of(hotpass, "-", input=text)
    assert table_of(hotpass, "-", input=gzip.compress(text.encode()).decode("latin-1"), encoding="latin-1")[0]


def test_whatever_the_number_of_threads(hotpass, tmp_path):
    """refine's result depends on the content alone, also where names appear late."""
    rows = [{"Client": f"Firm {i} (Pty) Ltd", "Mail": f"info@firm{i}.example", **({"Town": "Knysna"} if i > 9000 else {})} for i in range(12000)]
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "clients.ndjson").write_text("".join(json.dumps(r) + "\n" for r in rows))
    out = []
    for jobs in (1, 3):
        result = hotpass("refine", "--input-dir", folder, "--jobs", jobs, "--output-path", tmp_path / f"{jobs}/l.csv", timeout=300)
        assert result.returncode == 0, result.stderr
        out.append((tmp_path / f"{jobs}/l.csv").read_bytes())
    assert out[0] == out[1] and out[0].count(b"\n") == 12001
