"""hotpass check against Great Expectations itself: thousands of random cases, equal verdicts, counts, rows and observed values.

Left out of the cases, because the two differ on purpose:
- row_condition with expect_column_pair_values_to_be_in_set: Great Expectations 1.24.1 takes the verdict of one row for that of
  another there, or raises, where its documents say that only rows that meet the condition are looked at;
- texts that are no JSON under expect_column_values_to_match_json_schema: it raises, here such a value is unexpected;
- texts as bounds of expect_column_values_to_be_between: its 1.x refuses them, its 0.x, whose suites are read too, did not;
- empty texts: in files they are missing values, in a DataFrame they are texts;
- numbers in columns of texts, and the reverse: a DataFrame of objects compares types of Python, which files do not have."""
import json
import math
import random
import subprocess
from pathlib import Path

import pytest

from gx import cases

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PYTHON = ROOT / "build/gx/bin/python"
SEED, TABLES = "hotpass", 40
COUNTS = ("element_count", "missing_count", "unexpected_count")


def write(table, folder, name, order=None):
    """Write a table as lines of JSON, whose values have types, and its suite; returns their names."""
    columns = table["columns"]
    rows = order or range(len(next(iter(columns.values()))))
    with open(folder / f"{name}.ndjson", "w", encoding="utf-8") as f:
        for i in rows:
            f.write(json.dumps({c: v[i] for c, v in columns.items()}) + "\n")
    suite = folder / f"{name}.json"
    suite.write_text(json.dumps({"name": name, "expectations": table["expectations"]}))
    return f"{name}.ndjson", f"{name}.json"


def ask(hotpass, table, folder, name, order=None):
    data, suite = write(table, folder, name, order)
    run = hotpass("check", data, "--suite", suite, "--format", "json", "--show-values", cwd=folder)
    assert run.returncode in (0, 1), run.stderr
    results = json.loads(run.stdout)["results"]
    assert len(results) == len(table["expectations"])
    return [{"success": r["success"], "raised": r["exception_info"]["raised_exception"], "message": r["exception_info"]["exception_message"], **r["result"]}
            for r in results]


@pytest.fixture(scope="module")
def tables():
    return cases.make(SEED, TABLES)


@pytest.fixture(scope="module")
def ours(hotpass, tables, tmp_path_factory):
    folder = tmp_path_factory.mktemp("gx")
    return [ask(hotpass, t, folder, f"t{i}") for i, t in enumerate(tables)]


@pytest.fixture(scope="module")
def theirs(tables):
    assert PYTHON.exists(), "Great Expectations is not installed: run scripts/setup check"
    run = subprocess.run([PYTHON, HERE / "gx/answers.py"], input=json.dumps(tables), capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout)


def near(a, b):
    """Tell whether two observed values are the same but for rounding; lists of distinct values have no order."""
    if isinstance(b, dict):
        return isinstance(a, dict) and a.keys() == b.keys() and all(near(a[k], b[k]) for k in b)
    if isinstance(b, list):
        key = lambda v: (str(type(v)), v) if isinstance(v, str) else ("", v)
        return isinstance(a, list) and len(a) == len(b) and all(map(near, sorted(a, key=key), sorted(b, key=key)))
    if isinstance(b, float) and math.isnan(b):  # JSON has no NaN
        return a is None
    numbers = isinstance(a, (int, float)) and isinstance(b, (int, float)) and not isinstance(a, bool)
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) if numbers else a == b


def differs(mine, other):
    """Say how two answers differ, or nothing."""
    if mine["success"] != other["success"] or mine["raised"] != other["raised"]:
        return ["success" if mine["success"] != other["success"] else "raised"]
    if mine["raised"]:
        return []
    counts = COUNTS if other.get("element_count") is not None else ()  # elsewhere it counts members of the set that are missing
    wrong = [k for k in counts if mine.get(k) != other[k]]
    rows = other.get("unexpected_index_list")
    if rows is not None and mine.get("unexpected_index_list", []) != rows:
        wrong.append("unexpected_index_list")
    if other.get("observed_value") is not None and not near(mine.get("observed_value"), other["observed_value"]):
        wrong.append("observed_value")
    return wrong


def test_same_verdicts_counts_and_rows(tables, ours, theirs):
    differences, compared = [], 0
    for number, table in enumerate(tables):
        for e, mine, other in zip(table["expectations"], ours[number], theirs[number]):
            if other is None:  # the same as another but for a default, of which it keeps one
                continue
            compared += 1
            for what in differs(mine, other):
                differences.append(f"t{number} {e['type']} {json.dumps(e['kwargs'])}: {what}: {mine.get(what)} here, {other.get(what)} there; "
                                   f"{mine['message'] or ''} {other['message'][-200:]}")
    assert not differences, f"{len(differences)} of {compared} differ:\n" + "\n".join(differences[:60])
    assert compared > 2500


ORDERED = {"expect_column_values_to_be_increasing", "expect_column_values_to_be_decreasing"}


def test_the_order_of_rows_changes_nothing(hotpass, tables, ours, tmp_path):
    for number, table in enumerate(tables):
        order = list(range(len(table["columns"]["id"])))
        random.Random(number).shuffle(order)
        shuffled = ask(hotpass, table, tmp_path, f"t{number}", order)
        for e, before, after in zip(table["expectations"], ours[number], shuffled):
            if e["type"] in ORDERED:
                continue
            rows = sorted(order[i] for i in after.get("unexpected_index_list", []))
            assert (before["success"], before["raised"]) == (after["success"], after["raised"]), (number, e)
            assert [before.get(k) for k in COUNTS] == [after.get(k) for k in COUNTS], (number, e)
            assert before.get("unexpected_index_list", []) == rows, (number, e)
