"""`hotpass convert`: what goes in comes out in every other form, as openpyxl, LibreOffice, pyarrow, DuckDB, polars and Python's own csv
and json read it; and what must not be done is refused."""
import csv
import datetime
import gzip
import io
import json
import os
import re
import shutil
import signal
import subprocess
import time

import duckdb
import odf.opendocument
import odf.table
import openpyxl
import polars
import pyarrow
import pyarrow.parquet
import pytest
import xlsxwriter

OK, USAGE, PARTIAL, DATA, NOINPUT, CANTCREAT, IO = 0, 2, 3, 65, 66, 73, 74
HEADER = ["code", "name", "count", "ratio", "flag", "day", "moment", "note"]
ROWS = [
    ["007", "Ann Bower", 42, 0.5, True, datetime.date(2025, 10, 14), datetime.datetime(2025, 10, 14, 9, 30), "comma, and \"quotes\""],
    ["0821234567", "Zo\u00eb \u2708 \u5317\u4eac \U0001f6e9", -7, 1234567.25, False, datetime.date(2000, 2, 29), datetime.datetime(1999, 12, 31, 23, 59, 59), "two\nlines"],
    ["1e5", None, 123456789012345, -0.125, None, None, None, None],
    ["TRUE", "=1+1", 0, None, True, datetime.date(2024, 1, 1), None, " outer blanks "],
    [None, "'quoted'", None, 2.0, None, None, datetime.datetime(2025, 1, 1, 12), "; semicolon | pipe \\ backslash"],
]
FORMS = ["xlsx", "csv", "tsv", "ndjson", "parquet"]
READ = ["xlsx", "xls", "ods", "csv", "tsv", "ndjson", "parquet"]


def convert(hotpass, *args, code=OK, **options):
    result = hotpass("convert", *args, **options)
    assert result.returncode == code, (result.returncode, result.stderr)
    return result


# ---- files made by others --------------------------------------------------------------------------------

def as_text(value):
    """A value as hotpass shows it, which is what a typeless file holds."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)


def make_xlsx(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Leads"
    for r, row in enumerate([HEADER, *ROWS], 1):
        for c, value in enumerate(row, 1):
            cell = sheet.cell(r, c, value)
            if isinstance(value, str):
                cell.data_type = "s"
    book.save(path)


def make_text(path, delimiter):
    with open(path, "w", newline="", encoding="utf-8") as f:
        csv.writer(f, delimiter=delimiter).writerows([HEADER, *[[as_text(v) for v in row] for row in ROWS]])


def make_ndjson(path):
    with open(path, "w", encoding="utf-8") as f:
        for row in ROWS:
            f.write(json.dumps({k: v.isoformat() if isinstance(v, datetime.date) else v for k, v in zip(HEADER, row)}) + "\n")


def make_parquet(path):
    columns = {k: pyarrow.array([row[i] for row in ROWS]) for i, k in enumerate(HEADER)}
    pyarrow.parquet.write_table(pyarrow.table(columns), path)


def make_ods(path):
    document = odf.opendocument.OpenDocumentSpreadsheet()
    sheet = odf.table.Table(name="Leads")
    for row in [HEADER, *ROWS]:
        line = odf.table.TableRow()
        for value in row:
            kind = ("boolean" if isinstance(value, bool) else "float" if isinstance(value, (int, float))
                    else "date" if isinstance(value, datetime.date) else "string")
            key = {"boolean": "booleanvalue", "float": "value", "date": "datevalue", "string": "stringvalue"}[kind]
            text = str(value).lower() if kind == "boolean" else value.isoformat() if kind == "date" else str(value)
            line.addElement(odf.table.TableCell() if value is None else odf.table.TableCell(valuetype=kind, **{key: text}))
        sheet.addElement(line)
    document.spreadsheet.addElement(sheet)
    document.save(path)


def office(folder, kind, path):
    program = shutil.which("soffice") or shutil.which("libreoffice")
    assert program, "LibreOffice is not installed: run scripts/setup check"
    subprocess.run([program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to", kind, "--outdir", folder, path],
                   check=True, timeout=180, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sources")
    make_xlsx(folder / "leads.xlsx")
    make_text(folder / "leads.csv", ",")
    make_text(folder / "leads.tsv", "\t")
    make_ndjson(folder / "leads.ndjson")
    make_parquet(folder / "leads.parquet")
    make_ods(folder / "leads.ods")
    office(folder, "xls", folder / "leads.xlsx")
    return folder


# ---- read back by others ---------------------------------------------------------------------------------

def read_text(path, delimiter=","):
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.reader(f, delimiter=delimiter, strict=True))


def read_xlsx(path, sheet=0):
    return [list(row) for row in openpyxl.load_workbook(path).worksheets[sheet].iter_rows(values_only=True)]


def read_ndjson(path):
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [list(rows[0]), *[list(row.values()) for row in rows]]


def read_parquet(path):
    table = pyarrow.parquet.read_table(path)
    rows = [list(row) for row in zip(*[c.to_pylist() for c in table.columns])]
    others = [[list(r) for r in duckdb.connect().sql(f"select * from read_parquet('{path}')").fetchall()], [list(r) for r in polars.read_parquet(path).rows()]]
    assert all(other == rows for other in others)
    return [table.column_names, *rows]


def read(path):
    kind = path.suffix[1:]
    return {"xlsx": read_xlsx, "csv": read_text, "tsv": lambda p: read_text(p, "\t"), "ndjson": read_ndjson, "parquet": read_parquet}[kind](path)


def wanted(source, target):
    """What must come out: the values themselves where both forms have the type, else their text."""
    def value(v):
        if target in ("csv", "tsv"):
            return as_text(v)
        if v is None:
            return None
        if source in ("csv", "tsv"):
            return as_text(v)
        if isinstance(v, datetime.date):
            if source == "ndjson" or target == "ndjson":
                return v.isoformat()
            return datetime.datetime(v.year, v.month, v.day) if target == "xlsx" and not isinstance(v, datetime.datetime) else v
        return v
    return [HEADER, *[[value(v) for v in row] for row in ROWS]]


@pytest.mark.parametrize("target", FORMS)
@pytest.mark.parametrize("source", READ)
def test_every_pair(hotpass, sources, tmp_path, source, target):
    out = tmp_path / f"out.{target}"
    convert(hotpass, sources / f"leads.{source}", "-o", out, "--raw-text")
    assert read(out) == wanted(source, target)


@pytest.mark.parametrize("target", FORMS)
def test_there_and_back(hotpass, sources, tmp_path, target):
    """By way of another form and back to csv nothing has changed."""
    convert(hotpass, sources / "leads.csv", "-o", tmp_path / f"there.{target}", "--raw-text")
    convert(hotpass, tmp_path / f"there.{target}", "-o", tmp_path / "back.csv", "--raw-text")
    assert read_text(tmp_path / "back.csv") == read_text(sources / "leads.csv")


@pytest.mark.parametrize("source", ["xlsx", "csv"])
def test_libreoffice_shows_the_same_of_our_workbook(hotpass, sources, tmp_path, source):
    convert(hotpass, sources / f"leads.{source}", "-o", tmp_path / "ours.xlsx")
    office(tmp_path, "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false", tmp_path / "ours.xlsx")
    theirs, names = read_text(tmp_path / "ours.csv"), [row[1] for row in wanted(source, "csv")]
    assert [row[0] for row in theirs] == [row[0] for row in wanted(source, "csv")]
    assert [row[1] for row in theirs] == names
    assert [row[7] for row in theirs] == [row[7] for row in wanted(source, "csv")]


# ---- cells and inspect see the same in every form -------------------------------------------------------

@pytest.mark.parametrize("source", READ)
def test_cells_and_inspect_agree_on_every_form(hotpass, sources, source):
    """The same content has the same addresses and values, whatever it is kept in; types where the form has them."""
    path, typed = sources / f"leads.{source}", source not in ("csv", "tsv")
    rows = [json.loads(line) for line in hotpass("cells", "--json", path).stdout.splitlines()]
    assert [row["row"] for row in rows] == [1, 2, 3, 4, 5, 6]
    for row, values in zip(rows[1:], ROWS):
        letters = [letter for letter, value in zip("ABCDEFGH", values) if value is not None]
        assert list(row["cells"]) == letters
        for letter, value in zip("ABCDEFGH", values):
            if value is None:
                continue
            cell = row["cells"][letter]
            kind = "s" if not typed or isinstance(value, str) else "b" if isinstance(value, bool) else "n" if isinstance(value, (int, float)) else "d"
            kind = "s" if source == "ndjson" and kind == "d" else kind
            assert cell["t"] == kind, (letter, value, cell)
            assert cell["v"] == (value if kind in "bn" else as_text(value))
    facts = json.loads(hotpass("inspect", "--json", path).stdout)
    (sheet,) = facts["sheets"]
    assert (facts["format"], sheet["rows"], sheet["header_row"]) == ("csv" if source == "tsv" else source, 5, 1)
    assert [(c["column"], c["header"], c["filled"]) for c in sheet["columns"]] == [
        (letter, name, sum(row[i] is not None for row in ROWS)) for i, (letter, name) in enumerate(zip("ABCDEFGH", HEADER))]
    kind = source if source in ("csv", "ndjson", "parquet") else "csv" if source == "tsv" else "workbook"
    assert f"leads.{source}: {kind}, " in hotpass("inspect", path).stdout


@pytest.mark.parametrize("kind", ["ndjson", "parquet"])
def test_names_that_look_like_data_are_names_all_the_same(hotpass, tmp_path, kind):
    rows = [{"1": "Company", "2": "E-mail"}, {"1": "Kite Works", "2": "ann@kiteworks.example"}]
    if kind == "parquet":
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "in.parquet")
    else:
        (tmp_path / "in.ndjson").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (sheet,) = json.loads(hotpass("inspect", "--json", tmp_path / f"in.{kind}").stdout)["sheets"]
    assert (sheet["header_row"], sheet["rows"], [c["header"] for c in sheet["columns"]]) == (1, 2, ["1", "2"])


# ---- csv for people, csv for programs --------------------------------------------------------------------

GUARDED = [["name", "note"], ["=1+1", "-5"], ["@x", "-5+1"], ["+27821234567", "a\u001b[31mb"], ["-0.5", "plain"]]


def test_formulas_are_guarded_and_counted(hotpass, tmp_path):
    make = tmp_path / "in.csv"
    with open(make, "w", newline="", encoding="utf-8") as f:
        csv.writer(f).writerows(GUARDED)
    done = convert(hotpass, make, "-o", tmp_path / "out.csv")
    assert read_text(tmp_path / "out.csv") == [["name", "note"], ["'=1+1", "-5"], ["'@x", "'-5+1"], ["+27821234567", "a\ufffd[31mb"], ["-0.5", "plain"]]
    assert "3 cells begin with an apostrophe" in done.stderr and "1 cell has U+FFFD" in done.stderr and "--raw-text" in done.stderr
    done = convert(hotpass, make, "-o", tmp_path / "out.csv", "--raw-text")
    assert read_text(tmp_path / "out.csv") == GUARDED
    assert "apostrophe" not in done.stderr and "U+FFFD" not in done.stderr
    facts = json.loads(convert(hotpass, make, "-o", tmp_path / "out.csv", "--json").stdout)
    assert facts["sheets"][0]["guarded_cells"] == 3 and facts["sheets"][0]["replaced_cells"] == 1


def test_numbers_of_a_workbook_need_no_apostrophe(hotpass, tmp_path):
    book = openpyxl.Workbook()
    for row in (["n", "t"], [-5, "-5"], [-0.25, "x"]):
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    done = convert(hotpass, tmp_path / "in.xlsx", "-o", tmp_path / "out.csv")
    assert read_text(tmp_path / "out.csv") == [["n", "t"], ["-5", "-5"], ["-0.25", "x"]] and "apostrophe" not in done.stderr


# ---- parts of a file -------------------------------------------------------------------------------------

def test_select_takes_columns_in_their_order(hotpass, sources, tmp_path):
    out = tmp_path / "out.csv"
    convert(hotpass, sources / "leads.xlsx", "-o", out, "--select", "note,code", "--select", "D", "--raw-text")
    assert read_text(out) == [[row[7], row[0], row[3]] for row in wanted("xlsx", "csv")]
    convert(hotpass, sources / "leads.xlsx", "-o", out, "--select", "NAME, name", "--raw-text")
    assert read_text(out) == [[row[1], row[1]] for row in wanted("xlsx", "csv")]


def test_a_header_with_a_comma_can_be_selected(hotpass, tmp_path):
    make = tmp_path / "in.csv"
    with open(make, "w", newline="") as f:
        csv.writer(f).writerows([["Street, number", "a=b", "City"], ["Elm 1", "x", "Pretoria"], ["Oak 2", "y", "Durban"]])
    convert(hotpass, make, "-o", tmp_path / "out.csv", "--select", "Street, number", "--select", "City", "--where", "a=b=y")
    assert read_text(tmp_path / "out.csv") == [["Street, number", "City"], ["Oak 2", "Durban"]]


@pytest.mark.parametrize("conditions, rows", [
    (["code=007"], [0]),
    (["code=7"], []),
    (["flag=TRUE"], [0, 3]),
    (["flag!=TRUE"], [1, 2, 4]),
    (["flag=TRUE", "code!=007"], [3]),
    (["code="], [4]),
    (["name!=", "moment!="], [0, 1, 4]),
    (["day=2025-10-14"], [0]),
    (["E=FALSE"], [1]),
])
@pytest.mark.parametrize("source", ["xlsx", "csv"])
def test_where(hotpass, sources, tmp_path, conditions, rows, source):
    done = convert(hotpass, sources / f"leads.{source}", "-o", tmp_path / "out.csv", "--raw-text", *[w for c in conditions for w in ("--where", c)])
    everything = wanted(source, "csv")
    assert read_text(tmp_path / "out.csv") == [everything[0], *[everything[1 + r] for r in rows]]
    assert f"{len(rows)} of 5 rows meet" in done.stderr


def test_where_may_look_at_a_column_that_is_not_selected(hotpass, sources, tmp_path):
    convert(hotpass, sources / "leads.xlsx", "-o", tmp_path / "out.csv", "--select", "count", "--where", "code=007")
    assert read_text(tmp_path / "out.csv") == [["count"], ["42"]]


def test_areas_and_rows_without_a_header(hotpass, tmp_path):
    book = openpyxl.Workbook()
    for row in (["Our leads", None, None], [None, None, None], ["Name", "Age", "City"], ["Ann", 7, None], [None, None, "Durban"], ["Ben", 8, None]):
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    out = tmp_path / "out.csv"
    for what, rows in (("", [["Our leads", "", ""], ["Name", "Age", "City"], ["Ann", "7", ""], ["", "", "Durban"], ["Ben", "8", ""]]),
                       ("!Sheet!A3:B6", [["Name", "Age"], ["Ann", "7"], ["Ben", "8"]]),
                       ("!A3:C4", [["Name", "Age", "City"], ["Ann", "7", ""]])):
        convert(hotpass, f"{tmp_path / 'in.xlsx'}{what}", "-o", out)
        assert read_text(out) == rows
    convert(hotpass, f"{tmp_path / 'in.xlsx'}!A4:B6", "-o", out, "--no-header")
    assert read_text(out) == [["A", "B"], ["Ann", "7"], ["Ben", "8"]]
    convert(hotpass, f"{tmp_path / 'in.xlsx'}!B4:B6", "-o", out, "--no-header", "--select", "B")
    assert read_text(out) == [["B"], ["7"], ["8"]]


def test_names_of_a_form_that_has_them_are_never_data(hotpass, sources, tmp_path):
    for kind in ["ndjson", "parquet"]:
        done = convert(hotpass, sources / f"leads.{kind}", "-o", tmp_path / "out.csv", "--no-header", code=USAGE)
        assert "--no-header" in done.stderr and not (tmp_path / "out.csv").exists()
        convert(hotpass, f"{sources / 'leads.'}{kind}!A2:B2", "-o", tmp_path / "area.csv")
        assert read_text(tmp_path / "area.csv") == [["code", "name"], ["007", "Ann Bower"]]


# ---- sheets ----------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Sheets with names that are no good for files, one hidden, one empty, one that is a chart."""
    path = tmp_path_factory.mktemp("book") / "book.xlsx"
    with xlsxwriter.Workbook(path) as b:
        hidden = b.add_worksheet("Old")
        hidden.hide()
        hidden.write_row(0, 0, ["x"])
        for name, rows in (("Leads", [["Name", "Age"], ["Ann", 7], ["Ben", 8]]), ("CON", [["k"], ["v"]]), (".hid|den", [["k"], ["w"]]),
                           ("Empty", []), ("..", [["dots"], ["up"]])):
            sheet = b.add_worksheet(name)
            for r, row in enumerate(rows):
                sheet.write_row(r, 0, row)
        b.get_worksheet_by_name("Leads").activate()
        b.get_worksheet_by_name("Leads").set_first_sheet()
        chart = b.add_chart({"type": "line"})
        chart.add_series({"values": "=Leads!$B$2:$B$3"})
        b.add_chartsheet("Picture").set_chart(chart)
    return path


def test_one_table_gets_the_first_visible_sheet_and_says_so(hotpass, book, tmp_path):
    done = convert(hotpass, book, "-o", tmp_path / "out.csv")
    assert read_text(tmp_path / "out.csv") == [["Name", "Age"], ["Ann", "7"], ["Ben", "8"]]
    assert "not written: sheets Old, CON" in done.stderr and "--all" in done.stderr
    done = convert(hotpass, f"{book}!con", "-o", tmp_path / "out.csv")
    assert read_text(tmp_path / "out.csv") == [["k"], ["v"]] and "not written" not in done.stderr


def test_all_sheets_to_a_folder(hotpass, book, tmp_path):
    done = convert(hotpass, book, "--all", "-o", f"{tmp_path}/sheets/", "--json", code=PARTIAL)
    facts = json.loads(done.stdout)
    names = sorted(p.name for p in (tmp_path / "sheets").iterdir())
    assert names == sorted(["Old.csv", "Leads.csv", "_CON.csv", "_.hid_den.csv", "Empty.csv", "_.csv"])
    assert read_text(tmp_path / "sheets/_.hid_den.csv") == [["k"], ["w"]]
    assert read_text(tmp_path / "sheets/_.csv") == [["dots"], ["up"]]
    assert sorted(o["path"].rsplit("/", 1)[1] for o in facts["outputs"]) == names
    assert all(o["bytes"] == os.path.getsize(o["path"]) for o in facts["outputs"])
    picture = [s for s in facts["sheets"] if s["name"] == "Picture"]
    assert picture == [{"name": "Picture", "state": "visible", "written": False, "reason": "no cells"}]
    assert "Picture" in convert(hotpass, book, "--all", "-o", f"{tmp_path}/sheets/", code=PARTIAL).stderr


def test_a_workbook_gets_all_sheets(hotpass, book, tmp_path):
    convert(hotpass, book, "-o", tmp_path / "all.xlsx", code=PARTIAL)
    ours, theirs = openpyxl.load_workbook(tmp_path / "all.xlsx"), openpyxl.load_workbook(book)
    assert ours.sheetnames == [s.title for s in theirs.worksheets]
    for sheet in theirs.worksheets:
        assert [r for r in ours[sheet.title].iter_rows(values_only=True)] == [r for r in sheet.iter_rows(values_only=True)], sheet.title
    convert(hotpass, f"{book}!Leads", "-o", tmp_path / "one.xlsx")
    assert openpyxl.load_workbook(tmp_path / "one.xlsx").sheetnames == ["Leads"]


def test_more_sheets_than_files_that_may_be_under_way(hotpass, tmp_path):
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as b:
        for i in range(70):
            b.add_worksheet(f"S{i}").write_row(0, 0, ["n", i])
    done = convert(hotpass, tmp_path / "in.xlsx", "--all", "-o", tmp_path / "out")
    assert "and 50 more files" in done.stderr
    assert {p.name: p.read_text() for p in (tmp_path / "out").iterdir()} == {f"S{i}.csv": f"n,{i}\n" for i in range(70)}


def test_sheets_of_one_name_become_files_of_different_names(hotpass, tmp_path):
    names = ["Data", "a<b", "a>b", "a\u007fb"]
    with xlsxwriter.Workbook(tmp_path / "in.xlsx") as b:
        for name in names:
            b.add_worksheet(name).write_row(0, 0, [name])
    convert(hotpass, tmp_path / "in.xlsx", "--all", "-o", tmp_path / "new/deep", "--to", "tsv")
    made = {p.name: p.read_text().rstrip("\n") for p in (tmp_path / "new/deep").iterdir()}
    assert made == {"Data.tsv": "Data", "a_b.tsv": "a<b", "a_b (2).tsv": "a>b", "a_b (6).tsv": "a\ufffdb"}


def test_standard_input_and_compressed_files(hotpass, sources, tmp_path):
    for kind in ("xlsx", "csv", "parquet"):
        done = convert(hotpass, "-", "-o", tmp_path / "o.csv", "--raw-text", input=(sources / f"leads.{kind}").read_bytes(), text=False)
        assert read_text(tmp_path / "o.csv") == wanted(kind, "csv") and b", from stdin" in done.stderr
    (tmp_path / "people.csv.gz").write_bytes(gzip.compress((sources / "leads.csv").read_bytes()))
    convert(hotpass, tmp_path / "people.csv.gz", "-o", tmp_path / "o.xlsx")
    assert openpyxl.load_workbook(tmp_path / "o.xlsx").sheetnames == ["people"]
    assert read_xlsx(tmp_path / "o.xlsx") == wanted("csv", "xlsx")


def test_a_csv_gives_its_name_to_the_tab(hotpass, tmp_path):
    (tmp_path / "Q3 [new].csv").write_text("a,b\n1,2\n")
    convert(hotpass, tmp_path / "Q3 [new].csv", "-o", tmp_path / "o.xlsx")
    assert openpyxl.load_workbook(tmp_path / "o.xlsx").sheetnames == ["Q3 _new_"]


@pytest.mark.parametrize("target", FORMS)
def test_an_empty_sheet(hotpass, book, tmp_path, target):
    convert(hotpass, f"{book}!Empty", "-o", tmp_path / f"o.{target}")
    data = (tmp_path / f"o.{target}").read_bytes()
    if target == "xlsx":
        assert openpyxl.load_workbook(tmp_path / "o.xlsx").active["A1"].value is None
    elif target == "parquet":
        assert pyarrow.parquet.read_table(tmp_path / "o.parquet").shape == (0, 0)
    else:
        assert data in (b"", b"\n")


@pytest.mark.parametrize("target", FORMS)
def test_a_header_without_rows(hotpass, tmp_path, target):
    (tmp_path / "in.csv").write_text("a,b\n")
    convert(hotpass, tmp_path / "in.csv", "-o", tmp_path / f"o.{target}")
    if target == "ndjson":
        assert (tmp_path / "o.ndjson").read_bytes() == b""
    else:
        assert read(tmp_path / f"o.{target}") == [["a", "b"]]


def test_as_many_columns_as_a_sheet_has(hotpass, tmp_path):
    rows = [[f"c{i}" for i in range(16384)], [str(i) for i in range(16384)]]
    with open(tmp_path / "in.csv", "w", newline="") as f:
        csv.writer(f).writerows(rows)
    convert(hotpass, tmp_path / "in.csv", "-o", tmp_path / "o.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "o.xlsx", read_only=True).worksheets[0]
    assert [list(r) for r in sheet.iter_rows(values_only=True)] == rows
    convert(hotpass, tmp_path / "o.xlsx", "-o", tmp_path / "back.csv", "--select", "XFD,A")
    assert read_text(tmp_path / "back.csv") == [["c16383", "c0"], ["16383", "0"]]


def test_more_rows_than_a_sheet_has_go_on_and_say_so(hotpass, tmp_path):
    count = 1_048_575 + 5
    with open(tmp_path / "in.csv", "w") as f:
        f.write("n\n" + "x\n" * (count - 7) + "".join(f"{i}\n" for i in range(7)))
    done = convert(hotpass, tmp_path / "in.csv", "-o", tmp_path / "o.xlsx", timeout=600)
    assert "sheet_continued" in done.stderr
    facts = json.loads(convert(hotpass, tmp_path / "in.csv", "-o", tmp_path / "o.xlsx", "--json", timeout=600).stdout)
    assert facts["sheets"][0]["sheets_written"] == 2 and facts["issues"][0]["note"] == f"{count} rows, 2 sheets"
    book = openpyxl.load_workbook(tmp_path / "o.xlsx", read_only=True)
    assert book.sheetnames == ["in", "in (2)"]
    assert [row for row in book["in (2)"].iter_rows(values_only=True)] == [("n",), *[(str(i),) for i in range(2, 7)]]
    assert [row for row in book["in"].iter_rows(min_row=1_048_574, values_only=True)] == [("x",), ("0",), ("1",)]
    assert next(book["in"].iter_rows(values_only=True)) == ("n",)


def test_what_a_cell_cannot_hold_is_told(hotpass, tmp_path):
    with open(tmp_path / "in.csv", "w", newline="") as f:
        csv.writer(f).writerows([["a", "b"], ["x" * 32767, "fits"], ["fits", "y" * 32768], ["\uffff", "z"]])
    done = convert(hotpass, tmp_path / "in.csv", "-o", tmp_path / "o.xlsx")
    assert "cell_limit" in done.stderr and "in.csv!B3" in done.stderr and "1 cell has U+FFFD" in done.stderr
    assert read_xlsx(tmp_path / "o.xlsx")[1:] == [["x" * 32767, "fits"], ["fits", "y" * 32767], ["\ufffd", "z"]]


# ---- findings --------------------------------------------------------------------------------------------

def test_findings_are_told_and_no_failure(hotpass, tmp_path):
    book = openpyxl.Workbook()
    for row in (["a", "b"], ["#N/A", "=1+1"], ["x", "y"]):
        book.active.append(row)
    book.active["A2"].data_type = "e"
    book.active.row_dimensions[3].hidden = True
    book.save(tmp_path / "in.xlsx")
    done = convert(hotpass, tmp_path / "in.xlsx", "-o", tmp_path / "o.csv")
    assert "cell_error" in done.stderr and "formula_without_value" in done.stderr and "1 row is hidden" in done.stderr
    assert read_text(tmp_path / "o.csv") == [["a", "b"], ["x", "y"]]
    facts = json.loads(convert(hotpass, tmp_path / "in.xlsx", "-o", tmp_path / "o.csv", "--json").stdout)
    assert {(i["rule"], i["cell"]) for i in facts["issues"]} == {("cell_error", "in.xlsx!Sheet!A2"), ("formula_without_value", "in.xlsx!Sheet!B2")}
    assert {f["rule"]: f["count"] for f in facts["findings"]} == {"cell_error": 1, "formula_without_value": 1}
    assert convert(hotpass, tmp_path / "in.xlsx", "-o", tmp_path / "o.csv", "-q").stderr == ""


def test_every_finding_is_in_the_json(hotpass, tmp_path):
    (tmp_path / "in.csv").write_text("a,b\n" + "1,2,3\n" * 5000)
    facts = json.loads(convert(hotpass, tmp_path / "in.csv", "-o", tmp_path / "o.csv", "--json").stdout)
    assert facts["schema"] == "hotpass.convert/1" and facts["to"] == "csv"
    assert [i["cell"] for i in facts["issues"]] == [f"in.csv!{r}" for r in range(2, 5002)]
    (sheet,) = facts["sheets"]
    assert (sheet["rows"], sheet["rows_read"], sheet["header_row"], sheet["columns"]) == (5000, 5000, 1, ["a", "b", ""])


def test_equal_and_missing_names_are_told_where_they_matter(hotpass, tmp_path):
    (tmp_path / "in.csv").write_text("a,a,,b\n1,2,3,4\n")
    done = convert(hotpass, tmp_path / "in.csv", "-o", tmp_path / "o.ndjson")
    names = list(json.loads((tmp_path / "o.ndjson").read_text()))
    assert len(set(names)) == 4 and names[0] == "a" and names[3] == "b" and "2 columns have another name" in done.stderr
    done = convert(hotpass, tmp_path / "in.csv", "-o", tmp_path / "o.csv")
    assert read_text(tmp_path / "o.csv")[0] == ["a", "a", "", "b"] and "another name" not in done.stderr


def test_a_title_above_the_header_is_suspected(hotpass, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Q3"
    for row in (["Our leads of Q3"], ["Name", "Age", "City"], ["Ann", 7, "Durban"]):
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    done = convert(hotpass, tmp_path / "in.xlsx", "-o", tmp_path / "o.csv")
    assert "names 1 of 3 columns" in done.stderr and "Q3!2:3" in done.stderr
    done = convert(hotpass, f"{tmp_path / 'in.xlsx'}!Q3!2:3", "-o", tmp_path / "o.csv")
    assert read_text(tmp_path / "o.csv") == [["Name", "Age", "City"], ["Ann", "7", "Durban"]] and "is it a title" not in done.stderr


def test_a_log_in_json_is_one_event(hotpass, tmp_path):
    (tmp_path / "in.csv").write_text("a,b\n1,2\n")
    done = convert(hotpass, tmp_path / "in.csv", "-o", tmp_path / "o.csv", "--log-format", "json")
    (event,) = [json.loads(line) for line in done.stderr.splitlines()]
    assert event["event"] == "convert.summary" and event["data"]["rows"] == 1 and event["data"]["to"] == "csv"


# ---- standard output -------------------------------------------------------------------------------------

@pytest.mark.parametrize("target", FORMS)
def test_standard_output_gets_what_a_file_would(hotpass, sources, tmp_path, target):
    convert(hotpass, sources / "leads.xlsx", "-o", tmp_path / f"o.{target}")
    for more in ([], ["-o", "-"]):
        done = convert(hotpass, sources / "leads.xlsx", "--to", target, *more, text=False, env={"TMPDIR": tmp_path})
        assert done.stdout == (tmp_path / f"o.{target}").read_bytes()
    assert [p.name for p in tmp_path.iterdir()] == [f"o.{target}"]


def test_a_reader_that_leaves_is_no_news(hotpass, tmp_path):
    (tmp_path / "in.csv").write_text("a,b\n" + "some text,more text\n" * 200_000)
    for target in ("csv", "ndjson", "xlsx"):
        child = subprocess.Popen([hotpass.path, "convert", tmp_path / "in.csv", "--to", target, "-q"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert len(child.stdout.read(10)) == 10
        child.stdout.close()
        assert child.stderr.read() == b"" and child.wait() == IO, target
        child.stderr.close()


def test_a_full_standard_output_is_an_error(hotpass, sources):
    for target in ("csv", "xlsx"):
        with open("/dev/full", "wb") as full:
            done = hotpass("convert", sources / "leads.xlsx", "--to", target, stdout=full)
        assert done.returncode == IO and "standard output" in done.stderr.replace("/dev/stdout", "standard output")


# ---- what must not happen --------------------------------------------------------------------------------

@pytest.mark.parametrize("args, says", [
    (["leads.csv"], "--to FORM"),
    (["leads.csv", "-o", "out.pdf"], ".parquet"),
    (["leads.csv", "-o", "out"], "has no suffix"),
    (["leads.csv", "--to", "cvs"], "did you mean csv"),
    (["leads.csv", "-o", "."], "is a directory"),
    (["leads.csv", "-o", "new/"], "is a directory"),
    (["leads.csv", "-o", "o.csv", "--all"], "holds one table"),
    (["leads.csv", "--to", "csv", "--all"], "directory"),
    (["leads.xlsx!Leads", "-o", "o/", "--all"], "names one sheet"),
    (["leads.csv", "--to", "csv", "--json"], "--json"),
    (["leads.csv", "-o", "o.csv", "--select", "nmae"], "did you mean \"name\"?"),
    (["leads.csv", "-o", "o.csv", "--select", "quux"], "its columns are \"code\", \"name\""),
    (["leads.csv", "-o", "o.csv", "--select", ","], "--select"),
    (["leads.csv", "-o", "o.csv", "--where", "coed=1"], "did you mean \"code\"?"),
    (["leads.csv", "-o", "o.csv", "--where", "code"], "COLUMN=TEXT"),
    (["leads.xlsx!Leads!A1:", "-o", "o.csv"], "is no area"),
])
def test_command_lines_that_cannot_be_meant(hotpass, sources, args, says):
    before = sorted(os.listdir(sources))
    done = convert(hotpass, *args, code=USAGE, cwd=sources)
    assert says in done.stderr and sorted(os.listdir(sources)) == before


def test_no_such_file_or_sheet(hotpass, sources, book, tmp_path):
    assert "no such file" in convert(hotpass, tmp_path / "no.csv", "-o", tmp_path / "o.csv", code=NOINPUT).stderr
    done = convert(hotpass, f"{book}!Quux", "-o", tmp_path / "o.csv", code=NOINPUT)
    assert '"Leads"' in done.stderr and '"CON"' in done.stderr
    assert 'did you mean "Leads"' in convert(hotpass, f"{book}!Lead", "-o", tmp_path / "o.csv", code=NOINPUT).stderr
    assert "chart" in convert(hotpass, f"{book}!Picture", "-o", tmp_path / "o.csv", code=DATA).stderr


def test_the_input_is_never_the_output(hotpass, sources, tmp_path):
    shutil.copy(sources / "leads.csv", tmp_path / "leads.csv")
    (tmp_path / "link.csv").symlink_to("leads.csv")
    os.link(tmp_path / "leads.csv", tmp_path / "hard.csv")
    before = (tmp_path / "leads.csv").read_bytes()
    for name in ("leads.csv", "link.csv", "hard.csv", "../" + tmp_path.name + "/leads.csv"):
        done = convert(hotpass, "leads.csv", "-o", name, code=USAGE, cwd=tmp_path)
        assert "is the input" in done.stderr
    done = convert(hotpass, "leads.csv", "--all", "-o", ".", code=USAGE, cwd=tmp_path)
    assert "is the input" in done.stderr and (tmp_path / "leads.csv").read_bytes() == before


def test_an_error_leaves_the_old_output(hotpass, sources, tmp_path):
    out = tmp_path / "o.csv"
    out.write_text("old")
    (tmp_path / "bad.xlsx").write_bytes((sources / "leads.xlsx").read_bytes()[:3000])
    for args, code in (([tmp_path / "bad.xlsx"], DATA), ([sources / "leads.csv", "--select", "zzz"], USAGE),
                       ([sources / "leads.csv", "--limit", "cells=3"], DATA)):
        convert(hotpass, *args, "-o", out, code=code)
        assert out.read_text() == "old" and len(list(tmp_path.iterdir())) == 2
    convert(hotpass, sources / "leads.csv", "-o", out, "--raw-text")
    assert read_text(out) == read_text(sources / "leads.csv")


def test_a_full_disk_leaves_the_old_output(hotpass, tmp_path):
    (tmp_path / "in.csv").write_text("a,b\n" + "".join(f"{i},text number {i}\n" for i in range(20_000)))
    for target in FORMS:
        out = tmp_path / f"o.{target}"
        out.write_text("old")
        done = subprocess.run(["sh", "-c", 'ulimit -f 16; exec "$@"', "sh", hotpass.path, "convert", tmp_path / "in.csv", "-o", out],
                              capture_output=True, text=True, env={**os.environ, "ASAN_OPTIONS": "detect_leaks=0"})
        assert done.returncode == IO and f"o.{target}" in done.stderr, (target, done.stderr)
        assert out.read_text() == "old"
    assert len(list(tmp_path.iterdir())) == 1 + len(FORMS)


def test_a_kill_in_the_middle_leaves_the_old_output(hotpass, tmp_path):
    (tmp_path / "in.csv").write_text("a,b\n" + "".join(f"{i},text number {i}\n" for i in range(300_000)))
    (tmp_path / "out").mkdir()
    out = tmp_path / "out/o.csv"
    out.write_text("old")
    for kind, rest in ((signal.SIGTERM, 0), (signal.SIGKILL, 1)):
        child = subprocess.Popen([hotpass.path, "convert", tmp_path / "in.csv", "-o", out, "-q"])
        while len(list((tmp_path / "out").iterdir())) < 2 and child.poll() is None:
            time.sleep(0.001)
        child.send_signal(kind)
        assert child.wait() in (-kind, 128 + kind), "it was done before the signal came"
        assert out.read_text() == "old"
        assert len(list((tmp_path / "out").iterdir())) == 1 + rest  # nobody can tidy up after SIGKILL
    assert not re.search(r"^o\.", [p.name for p in (tmp_path / "out").iterdir() if p != out][0])


def test_the_same_bytes_whatever_the_number_of_threads(hotpass, tmp_path):
    (tmp_path / "in.csv").write_text("a,b\n" + "".join(f"{i},text number {i % 1000}\n" for i in range(60_000)))
    for target in FORMS:
        made = set()
        for jobs in ("1", "2", "5"):
            convert(hotpass, tmp_path / "in.csv", "-o", tmp_path / f"o.{target}", "--jobs", jobs)
            made.add((tmp_path / f"o.{target}").read_bytes())
        assert len(made) == 1, target


def test_what_waits_for_standard_output_is_private(hotpass, tmp_path):
    (tmp_path / "in.csv").write_text("a,b\n" + "".join(f"{i},text number {i}\n" for i in range(60_000)))
    (tmp_path / "t").mkdir()
    child = subprocess.Popen([hotpass.path, "convert", tmp_path / "in.csv", "--to", "xlsx", "-q"], stdout=subprocess.PIPE,
                             env={**os.environ, "TMPDIR": str(tmp_path / "t")})
    while not (files := list((tmp_path / "t").iterdir())) and child.poll() is None:
        time.sleep(0.001)
    assert [f.stat().st_mode & 0o777 for f in files] == [0o600]
    assert openpyxl.load_workbook(io.BytesIO(child.stdout.read()), read_only=True).sheetnames == ["in"]
    assert child.wait() == 0 and not list((tmp_path / "t").iterdir())
    child.stdout.close()


@pytest.mark.parametrize("target", ["csv", "xlsx"])
def test_without_memory(hotpass, tmp_path, target):
    """Whichever allocation fails, the command says so, or did not need it; and the output is the old one or the whole new one."""
    (tmp_path / "in.csv").write_text("a,b\n1,=2\n3,\n")
    if hotpass("cells", tmp_path / "in.csv", env={"HOTPASS_FAIL_ALLOC": "5"}).returncode != 75:
        pytest.skip("not built with -Dtorture=true")
    out = tmp_path / f"o.{target}"
    convert(hotpass, tmp_path / "in.csv", "-o", out, "--select", "b,a", "--where", "a!=")
    whole, failed = out.read_bytes(), 0
    for n in range(1, 100):
        out.write_text("old")
        done = hotpass("convert", tmp_path / "in.csv", "-o", out, "--select", "b,a", "--where", "a!=", env={"HOTPASS_FAIL_ALLOC": str(n)})
        assert done.returncode in (0, 75), (n, done.stderr)
        assert out.read_bytes() == whole or (done.returncode == 75 and out.read_bytes() == b"old"), n
        failed += done.returncode == 75
    assert failed > 10 and len(list(tmp_path.iterdir())) == 2
