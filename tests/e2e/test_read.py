"""Reading, through `hotpass cells` and `hotpass inspect`: what openpyxl and python-calamine agree on, and files that must be refused."""
import datetime
import json
import re
import zipfile

import openpyxl
import pytest
from openpyxl.utils import get_column_letter

from compound import compound

try:
    import python_calamine
except ImportError:
    python_calamine = None

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")  # its remarks about odd workbooks

# ---- three readers, one form: {(sheet, row, "C"): (kind, value)} -----------------------------------------


def whole_seconds(moment):
    """Round to seconds, as hotpass does."""
    if moment.microsecond >= 500_000:
        moment += datetime.timedelta(seconds=1)
    return moment.replace(microsecond=0)


def canonical(value):
    """Bring a Python value to (kind, value); None for an empty cell."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "b", value
    if isinstance(value, (int, float)):
        return "n", float(value)
    if isinstance(value, datetime.timedelta):
        return "d", f"{round(value.total_seconds())} s"
    if isinstance(value, datetime.datetime):
        value = whole_seconds(value)
        return "d", value.date().isoformat() if value.time() == datetime.time() else value.isoformat()
    if isinstance(value, datetime.date):
        return "d", value.isoformat()
    if isinstance(value, datetime.time):
        return "d", f"{value.hour * 3600 + value.minute * 60 + value.second + round(value.microsecond / 1e6)} s"
    return "s", str(value)


def ours(cell):
    """Bring a cell of `hotpass cells --json` to the same form."""
    value = cell["v"]
    if cell["t"] == "n":
        return "n", float(value)
    if cell["t"] == "b":
        return "b", value is True or value == "TRUE"
    if cell["t"] == "d" and re.fullmatch(r"\d+:\d\d:\d\d", value):
        hours, minutes, seconds = map(int, value.split(":"))
        return "d", f"{hours * 3600 + minutes * 60 + seconds} s"
    return cell["t"], value


def by_hotpass(hotpass, book):
    result = hotpass("cells", book, "--json")
    assert result.returncode == 0, result.stderr
    rows = [json.loads(line) for line in result.stdout.split("\n") if line]
    return {(row["sheet"], row["row"], letters): ours(cell)
            for row in rows for letters, cell in row.get("cells", {}).items()}


def by_openpyxl(path):
    """None when openpyxl cannot read the file, or sees no sheet in it (strict documents)."""
    try:
        book = openpyxl.load_workbook(path, data_only=True)
    except Exception:  # it fails in many ways on odd workbooks
        return None
    found = {}
    for sheet in book.worksheets:
        for cell in sheet._cells.values():  # iter_rows makes a million empty ones where the dimension lies
            value = ("e", cell.value) if cell.data_type == "e" else canonical(cell.value)
            if value:
                found[sheet.title, cell.row, get_column_letter(cell.column)] = value
    return found if book.worksheets else None


def by_calamine(path):
    """None when calamine cannot read the file. It shows error cells as empty ones."""
    try:
        book = python_calamine.CalamineWorkbook.from_path(path)
        sheets = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except Exception:
        return None
    return {(name, r, get_column_letter(c)): canonical(value)
            for name, rows in sheets.items() for r, row in enumerate(rows, 1) for c, value in enumerate(row, 1)
            if canonical(value)}


# ---- the conformance workbooks ---------------------------------------------------------------------------

WORKBOOKS = 69
REFUSED = {
    "pass_protected.xlsx": r"password",
    "issue252.xlsx": r"workbook\.xml\.rels.*declares",  # the zip directory lies about a size; both oracles refuse it too
}
# Where hotpass is meant to differ from its oracle: file -> what is done to both sides before they are compared.
EXCEPTIONS = {
    # Only calamine can read it, and takes off white space that xml:space does not protect; hotpass keeps what the file says.
    "minimal_package.xlsx": lambda kind, value: (kind, value.strip()) if kind == "s" else (kind, value),
}


def accepted(path, is_error):
    """What the oracles agree on: cells they both have alike, and those neither has. One that cannot read the file has no vote,
    nor has calamine about error cells, which it shows as empty."""
    left, right = by_openpyxl(path), by_calamine(path)
    if left is None:
        return right, lambda key: key in right or not is_error(key)
    if right is None:
        return left, lambda key: True
    shown = {key: value for key, value in left.items() if value[0] != "e"}
    agreed = {key: value for key, value in shown.items() if right.get(key) == value}
    agreed.update((key, value) for key, value in left.items() if value[0] == "e" and key not in right)
    return agreed, lambda key: key in agreed or (key not in left and key not in right)


def test_conformance_workbooks_are_all_there(conformance):
    assert len(list((conformance / "xlsx").iterdir())) == WORKBOOKS


def pytest_generate_tests(metafunc):
    if "workbook_name" in metafunc.fixturenames:
        folder = metafunc.config.rootpath.parent / "shared/conformance/xlsx"
        names = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else ["absent"]
        metafunc.parametrize("workbook_name", names)


@pytest.mark.skipif(python_calamine is None, reason="python-calamine, one of the two oracles, is not installed")
def test_conformance(hotpass, conformance, workbook_name):
    path = conformance / "xlsx" / workbook_name
    if workbook_name in REFUSED:
        result = hotpass("cells", path, "--json")
        assert result.returncode == 65
        assert re.search(REFUSED[workbook_name], result.stderr + result.stdout)
        assert by_openpyxl(path) is None and by_calamine(path) is None
        return
    found = by_hotpass(hotpass, path)
    agreed, decided = accepted(path, lambda key: found.get(key, " ")[0] == "e")
    assert agreed is not None, "neither openpyxl nor calamine can read it: list it in REFUSED, or say why not"
    alike = EXCEPTIONS.get(workbook_name, lambda *cell: cell)
    wrong = {}
    for key in sorted(set(agreed) | set(found)):
        left, right = ((alike(*side[key]) if key in side else None) for side in (agreed, found))
        if decided(key) and left != right and {left, right} != {None, ("s", "")}:
            wrong[key] = (left, right)
    assert not wrong, f"{len(wrong)} cells differ (agreed, hotpass): {dict(list(wrong.items())[:10])}"


# ---- workbooks made here -----------------------------------------------------------------------------------


@pytest.fixture
def book(tmp_path):
    path = tmp_path / "Plant List.xlsx"
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "First Sheet"
    ws.append(["Name", "Phone", "Since", "Share", "Active", "Sum"])
    ws.append(["  Karoo Aloe ", 27821234567, datetime.date(2025, 10, 14), 1 / 3, True, "=1+1"])
    ws.append(["Protea", "0821234567", datetime.datetime(2025, 10, 14, 9, 30), 1.1, False, None])
    ws.row_dimensions[3].hidden = True
    ws["A5"] = "after a gap"
    hidden = wb.create_sheet("Hidden")
    hidden.sheet_state = "hidden"
    hidden["C4"] = "seen all the same"
    wb.save(path)
    return path


def rows_of(hotpass, target):
    result = hotpass("cells", target, "--json")
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.split("\n") if line]


def test_cells_of_a_workbook(hotpass, book):
    rows = rows_of(hotpass, book)
    assert [(row["sheet"], row["row"]) for row in rows] == [
        ("First Sheet", 1), ("First Sheet", 2), ("First Sheet", 3), ("First Sheet", 5), ("Hidden", 4)]
    cells = rows[1]["cells"]
    assert sorted(cells) == ["A", "B", "C", "D", "E"], "the formula has no saved value"
    assert (cells["A"]["t"], cells["A"]["v"]) == ("s", "  Karoo Aloe ")
    assert (cells["B"]["t"], cells["B"]["x"]) == ("n", "27821234567")
    assert (cells["C"]["t"], cells["C"]["v"]) == ("d", "2025-10-14")
    assert (cells["D"]["t"], float(cells["D"]["v"])) == ("n", 1 / 3)
    assert cells["E"]["t"] == "b"
    assert rows[2]["cells"]["B"] == {"t": "s", "v": "0821234567", "x": "0821234567"}
    assert rows[2]["cells"]["C"]["v"] == "2025-10-14T09:30:00"
    assert rows[4]["cells"]["C"]["v"] == "seen all the same"


def test_cells_of_a_sheet_and_an_area(hotpass, book):
    assert {row["sheet"] for row in rows_of(hotpass, f"{book}!Hidden")} == {"Hidden"}
    rows = rows_of(hotpass, f"{book}!First Sheet!A2:B3")
    assert [(row["row"], sorted(row["cells"])) for row in rows] == [(2, ["A", "B"]), (3, ["A", "B"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_encodings_and_delimiters(hotpass, tmp_path, encoding, delimiter):
    path = tmp_path / "people.csv"
    lines = [["Name", "Note"], ["Zoë Müller", f'"a{delimiter} ""b""\nc"'], ["Renée", "x"]]
    path.write_bytes("\r\n".join(delimiter.join(line) for line in lines).encode(encoding))
    rows = rows_of(hotpass, path)
    assert [[cell["v"] for cell in row["cells"].values()] for row in rows] == [
        ["Name", "Note"], ["Zoë Müller", f'a{delimiter} "b"\nc'], ["Renée", "x"]]
    assert [row["row"] for row in rows] == [1, 2, 3]
    assert all(cell["t"] == "s" for row in rows for cell in row["cells"].values())


def test_inspect(hotpass, book):
    result = hotpass("inspect", book, "--json")
    assert result.returncode == 0, result.stderr
    assert "First Sheet" in result.stdout and "Hidden" in result.stdout
    json.loads(result.stdout)


def test_zip64_and_stored_entries(hotpass, tmp_path, book):
    path = tmp_path / "zip64.xlsx"
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as new:
        for name in old.namelist():
            with new.open(name, "w", force_zip64=True) as part:
                part.write(old.read(name))
    assert rows_of(hotpass, path) == rows_of(hotpass, book)


# ---- files that must be refused, in words that help --------------------------------------------------------


def truncated(path, book):
    path.write_bytes(book.read_bytes()[:-200])


def no_workbook(path, _book):
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("hello.txt", "no workbook")


def damaged_sheet(path, book):
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, data[:-20] if name.endswith("sheet1.xml") else data)


BAD = {
    "empty": (lambda path, _book: path.write_bytes(b""), r"empty"),
    "text": (lambda path, _book: path.write_text("Name,Phone\n"), r"is no workbook"),
    "truncated": (truncated, r"zip directory"),
    "no workbook": (no_workbook, r"zip file, but no workbook"),
    "damaged sheet": (damaged_sheet, r"xl/worksheets/sheet1\.xml, byte \d+"),
    "old": (lambda path, _book: path.write_bytes(compound({"Book": b"x"})),
            r"Excel 95 or older.*save it as \.xlsx"),
}


@pytest.mark.parametrize("case", BAD)
def test_refused(hotpass, tmp_path, book, case):
    make, words = BAD[case]
    path = tmp_path / "Bad Book.xlsx"
    make(path, book)
    result = hotpass("cells", path)
    assert result.returncode == 65
    assert re.search(words, result.stderr), result.stderr
    assert "Bad Book.xlsx" in result.stderr


def test_unclosed_quote_names_its_line(hotpass, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text('a,b\n1,"2\n3,4\n')
    result = hotpass("cells", path)
    assert result.returncode == 65
    assert re.search(r"people\.csv: line 2\b", result.stderr), result.stderr


def test_absent(hotpass, tmp_path):
    assert hotpass("cells", tmp_path / "absent.xlsx").returncode == 66
