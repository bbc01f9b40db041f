"""What hotpass writes, read back by other programs: openpyxl, expat, Python's csv and zipfile, LibreOffice, unzip, sha256sum."""
import csv
import datetime
import json
import posixpath
import shutil
import subprocess
import xml.etree.ElementTree as xml
import zipfile

import openpyxl
import pytest

SIDECARS = {"Data": "", "Contacts": ".contacts", "Quarantine": ".quarantine", "Findings": ".findings", "Summary": ".summary"}
HOSTILE = ["=1+1", "+1+2", "-1-2", "@SUM(1)", "=cmd|' /C calc'!A0", "\uff1d1+1"]
ROWS = [
    ["Company", "Contact person", "E-mail", "Phone", "Website", "Notes", "City"],
    ["Kite Works (Pty) Ltd", "Ann Bower", "ann@kiteworks.example", "011 555 0100", "kiteworks.example", "comma, and \"quotes\"", "Pretoria"],
    ["Kite Works", "Ben Cole", "ben@kiteworks.example; sales@kiteworks.example", "082 123 4567 / 083 123 4567", "", "second line\nof a note", "Pretoria"],
    ["Loop & Roll CC", "Eve O'Drew", "eve.o'drew@looproll.example", "+27 21 555 0102", "https://looproll.example/a b?x=<1>#top", "_x0041_ literal", ""],
    ["Caf\u00e9 Zo\u00eb \u2708", "", "", "", "", "emoji \U0001f6e9 and <b>&amp;</b>", "\u5317\u4eac"],
    ["Unknown Organisation 7", "", "", "", "", "", ""],
    *[[f"Hostile {i} Kite Works", "", "", "", "", text, text] for i, text in enumerate(HOSTILE)],
]


def write_csv(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as f:
        csv.writer(f).writerows(rows)


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.reader(f, strict=True))


def refine(hotpass, repo, inputs, *outputs, more=(), **options):
    argv = ["refine", "--profile-search-path", repo / "profiles", "--profile", "generic", "--input-dir", inputs]
    for path in outputs:
        argv += ["--output-path", path]
    result = hotpass.run([*argv, *more], **options)
    assert result.returncode == 0, result.stderr
    return result


@pytest.fixture(scope="module")
def made(hotpass, repo, tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    write_csv(folder / "in/list.csv", ROWS)
    refine(hotpass, repo, folder / "in", folder / "o.xlsx", folder / "o.csv")
    return folder


@pytest.fixture(scope="module")
def book(made):
    return openpyxl.load_workbook(made / "o.xlsx")


# ---- the two forms against each other --------------------------------------------------------------------

def text_of(value):
    """openpyxl undoes the escape of a literal "_x0041_" (ECMA-376 part 1, 22.9.2.19) in shared strings, but not in inline ones."""
    return value.replace("_x005F_", "_") if isinstance(value, str) else value


def shown(value):
    """A cell of openpyxl's as csv has it."""
    if value is None:
        return ""
    return repr(value) if isinstance(value, float) else str(text_of(value))


def same(theirs, mine):
    """Numbers by value, and csv's apostrophe before what looks like a formula aside."""
    if theirs == mine or theirs == "'" + mine:
        return True
    try:
        return float(theirs) == float(mine)
    except ValueError:
        return False


@pytest.mark.parametrize("sheet", SIDECARS)
def test_workbook_and_csv_hold_the_same_cells(made, book, sheet):
    rows = read_csv(made / f"o{SIDECARS[sheet]}.csv")
    cells = [[shown(c) for c in row] for row in book[sheet].iter_rows(values_only=True)]
    assert len(rows) == len(cells) and len(rows) > 1
    for n, (a, b) in enumerate(zip(rows, cells), 1):
        assert len(a) == len(b)
        for x, y in zip(a, b):
            assert same(x, y), (n, x, y)


def test_values_come_through(book):
    rows = list(book["Data"].iter_rows(values_only=True))
    by_name = {r[0]: dict(zip(rows[0], r)) for r in rows[1:]}
    assert by_name["Caf\u00e9 Zo\u00eb \u2708"]["notes"] == "emoji \U0001f6e9 and <b>&amp;</b>"
    assert text_of(by_name["Loop & Roll CC"]["notes"]) == "_x0041_ literal"
    kite = next(r for name, r in by_name.items() if name.startswith("Kite Works"))
    assert "comma, and \"quotes\"" in kite["notes"]
    for i, text in enumerate(HOSTILE):
        assert by_name[f"Hostile {i} Kite Works"]["notes"] in (text, "=1+1"), text  # NFKC may narrow the full-width sign


def test_lines_of_csv_end_in_lf_and_the_encoding_is_utf8(made):
    for path in made.glob("o*.csv"):
        data = path.read_bytes()
        assert data.endswith(b"\n") and b"\r\n" not in data and not data.startswith(b"\xef\xbb\xbf"), path.name
        data.decode("utf-8")


# ---- formulas --------------------------------------------------------------------------------------------

def office(folder, *argv):
    """Let LibreOffice convert a file into the folder."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    assert program, "LibreOffice is not installed: run scripts/setup check"
    folder.mkdir()
    subprocess.run([program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", *argv[:-1], "--outdir", folder, argv[-1]],
                   check=True, timeout=180, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def office_values(path, folder):
    """The cells that LibreOffice makes of a csv file when it may evaluate formulas."""
    office(folder, "--infilter=Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1,true",
           "--convert-to", "xlsx:Calc MS Excel 2007 XML", path)
    sheet = openpyxl.load_workbook(next(folder.glob("*.xlsx"))).worksheets[0]
    return [[c.value for c in row] for row in sheet.iter_rows()]


def test_libreoffice_makes_no_formula_of_our_csv(made, tmp_path):
    write_csv(tmp_path / "plain.csv", [["x"], *[[text] for text in HOSTILE]])
    theirs = office_values(tmp_path / "plain.csv", tmp_path / "plain")
    assert any(str(v).startswith("=") or v == 2 for (v,) in theirs[1:]), "this way of opening evaluates nothing: the test proves nothing"
    rows = office_values(made / "o.csv", tmp_path / "ours")
    names = [r[0] for r in rows]
    notes, city = rows[0].index("notes"), rows[0].index("city")
    for i, text in enumerate(HOSTILE):
        row = rows[names.index(f"Hostile {i} Kite Works")]
        for value in (row[notes], row[city]):
            assert isinstance(value, str) and value.lstrip("'") in (text, "=1+1") and not value.startswith("="), (text, value)


def test_libreoffice_reads_the_workbook_as_csv_has_it(made, tmp_path):
    office(tmp_path / "out", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false", made / "o.xlsx")
    theirs, ours = read_csv(tmp_path / "out/o.csv"), read_csv(made / "o.csv")
    assert len(theirs) == len(ours)
    for a, b in zip(ours, theirs):
        assert len(a) == len(b) and all(same(x, y) for x, y in zip(a, b)), (a, b)


# ---- the package -----------------------------------------------------------------------------------------

def test_every_part_is_well_formed_and_every_relation_has_its_target(made):
    with zipfile.ZipFile(made / "o.xlsx") as z:
        assert z.testzip() is None
        names = set(z.namelist())
        for name in names:
            xml.fromstring(z.read(name))
        for name in (n for n in names if n.endswith(".rels")):
            base = posixpath.dirname(posixpath.dirname(name))
            for relation in xml.fromstring(z.read(name)):
                if relation.get("TargetMode") != "External":
                    assert posixpath.normpath(posixpath.join(base, relation.get("Target"))) in names, (name, relation.attrib)
        assert {i.date_time for i in z.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_links_are_addresses_and_keep_their_signs(book):
    sheet = book["Data"]
    head = [c.value for c in sheet[1]]
    links = {}
    for row in sheet.iter_rows(min_row=2):
        for name in ("website", "contact_primary_email"):
            cell = row[head.index(name)]
            if cell.hyperlink:
                links[cell.value] = cell.hyperlink.target
                assert cell.value and (name == "website") == cell.hyperlink.target.startswith("http")
    assert links["eve.o'drew@looproll.example"] == "mailto:eve.o'drew@looproll.example"
    assert links["https://kiteworks.example"] == "https://kiteworks.example"


def test_cells_have_the_style_of_their_column(book):
    """Styles are made by one program and named by number in rows made by another: the numbers must agree."""
    sheet = book["Data"]
    head = [c.value for c in sheet[1]]
    assert all(c.font.b and c.fill.fgColor.rgb == "FF366092" for c in sheet[1])
    row = next(r for r in sheet.iter_rows(min_row=2) if r[head.index("website")].value == "https://kiteworks.example")
    by_name = dict(zip(head, row))
    assert by_name["organization_name"].number_format == "@" and not by_name["organization_name"].font.b
    assert by_name["data_quality_score"].number_format == "0.00"
    assert isinstance(by_name["data_quality_score"].value, (int, float))
    assert by_name["website"].font.u == "single" and by_name["website"].hyperlink
    assert by_name["contact_primary_email"].font.u == "single"


def test_a_long_list_opens_everywhere(hotpass, repo, tmp_path):
    """Far more rows than any buffer holds; the same bytes again; every organisation comes through openpyxl and LibreOffice."""
    rows = 30_000
    write_csv(tmp_path / "in/list.csv", [["Company", "E-mail"], *[[f"Kite {i:05} Works", f"desk@kite{i:05}.example"] for i in range(rows)]])
    for name in ("o.xlsx", "again.xlsx"):
        refine(hotpass, repo, tmp_path / "in", tmp_path / name)
    assert (tmp_path / "o.xlsx").read_bytes() == (tmp_path / "again.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "o.xlsx") as z:
        assert z.testzip() is None and z.namelist()[0] == "[Content_Types].xml"
    sheet = openpyxl.load_workbook(tmp_path / "o.xlsx", read_only=True)["Data"]
    names = [row[0] for row in sheet.iter_rows(min_row=2, max_col=1, values_only=True)]
    assert sorted(names) == [f"Kite {i:05} Works" for i in range(rows)]
    office(tmp_path / "out", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false", tmp_path / "o.xlsx")
    assert [row[0] for row in read_csv(tmp_path / "out/o.csv")[1:]] == names


def test_counts_in_the_summary_are_numbers(book):
    values = {r[0]: r[1] for r in book["Summary"].iter_rows(values_only=True) if r[0]}
    for name in ("Rows in", "Organisations out", "Rows merged", "Rows quarantined", "Contacts"):
        assert isinstance(values[name], int), (name, values[name])
    assert values["Rows in"] == len(ROWS) - 1
    assert values["hotpass version"].count(".") == 2


def test_sheets_without_rows_are_a_header(hotpass, repo, tmp_path):
    write_csv(tmp_path / "in/list.csv", [["Company"], ["Kite Works"]])
    refine(hotpass, repo, tmp_path / "in", tmp_path / "o.xlsx", tmp_path / "o.csv")
    book = openpyxl.load_workbook(tmp_path / "o.xlsx")
    for name in ("Contacts", "Quarantine"):
        assert book[name].max_row == 1 and book[name]["A1"].value, name
        assert book[name].auto_filter.ref.endswith("1"), name
        assert len(read_csv(tmp_path / f"o{SIDECARS[name]}.csv")) == 1, name


def test_csv_depends_on_the_content_alone(hotpass, repo, made, tmp_path):
    refine(hotpass, repo, made / "in", tmp_path / "o.xlsx", tmp_path / "o.csv", more=["--jobs", "2"],
           env={"TZ": "Pacific/Auckland", "LC_ALL": "C"})
    for path in sorted(made.glob("o*")):
        assert (tmp_path / path.name).read_bytes() == path.read_bytes(), path.name


# ---- the archive -----------------------------------------------------------------------------------------

def test_an_archive_with_odd_names_verifies(hotpass, repo, made, tmp_path):
    odd = ["back\\slash.xlsx", "blank and 'quote'.csv", "r\u00e9sum\u00e9 \U0001f6e9.xlsx"]
    refine(hotpass, repo, made / "in", *[tmp_path / "out" / name for name in odd], more=["--archive", "--dist-dir", tmp_path])
    (archive,) = tmp_path.glob("refined-data-*.zip")
    subprocess.run(["unzip", "-tqq", archive], check=True)
    started = json.loads((tmp_path / "out/run.json").read_text())["started_at"]
    started = datetime.datetime.strptime(started, "%Y-%m-%dT%H:%M:%SZ")
    there = tmp_path / "there"
    with zipfile.ZipFile(archive) as z:
        infos = z.infolist()
        assert [i.filename for i in infos][-1] == "SHA256SUMS"
        assert {i.filename for i in infos} == {p.name for p in (tmp_path / "out").iterdir() if p.is_file()} | {"SHA256SUMS"}
        for info in infos:
            assert abs((datetime.datetime(*info.date_time) - started).total_seconds()) <= 2  # UTC, in steps of two seconds
            assert info.external_attr >> 16 == 0o100644
            there.mkdir(exist_ok=True)
            (there / info.filename).write_bytes(z.read(info))
    checked = subprocess.run(["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=there, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert checked.stdout.count(": OK") == len(infos) - 1


def test_run_json_comes_last(hotpass, repo, made, tmp_path):
    """Where there is a run.json its outputs are complete: its name is put in place after all others."""
    strace = shutil.which("strace")
    if not strace:
        pytest.skip("strace is not installed")
    log = tmp_path / "trace"
    argv = [strace, "-f", "-e", "trace=rename,renameat,renameat2", "-o", log, hotpass.path, "refine", "--profile-search-path", repo / "profiles",
            "--profile", "generic", "--input-dir", made / "in", "--output-path", tmp_path / "o.xlsx", "--archive", "--dist-dir", tmp_path]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, env={"LSAN_OPTIONS": "detect_leaks=0", "ASAN_OPTIONS": "detect_leaks=0"})
    if "ptrace" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.returncode == 0, done.stderr
    renames = [line for line in log.read_text().splitlines() if "rename" in line]
    assert len(renames) == 4 and '/run.json"' in renames[-1].split(",")[-1], renames
