"""hotpass enrich: what is filled, what is not, and what is written down about it, cell by cell."""
import csv
import ctypes
import json
import os
import signal
import sqlite3
import struct
import subprocess
import sys
import zipfile

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

EPOCH = "1764240000"  # 2025-11-27T10:40:00Z
WHEN = "2025-11-27T10:40:00Z"
FIVE = ["provenance_source", "provenance_timestamp", "provenance_confidence", "provenance_strategy", "provenance_network_status"]
LINE = ["row", "column", "old", "new", "provider", "confidence", "evidence", "time", "status", "reason", "source", "strategy", "sheet",
        "organization_slug"]
NO_NETWORK = {"FEATURE_ENABLE_REMOTE_RESEARCH": None, "ALLOW_NETWORK_RESEARCH": None, "SOURCE_DATE_EPOCH": EPOCH}


def write_csv(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as f:
        csv.writer(f).writerows(rows)
    return path


def read_csv(path):
    with open(path, newline="", encoding="utf-8") as f:
        return list(csv.reader(f))


def profile(tmp_path, enrich="", more=""):
    path = tmp_path / "p.yaml"
    path.write_text(f"name: p\n{more}enrich:\n  confidence_threshold: 0.7\n{enrich}")
    return path


@pytest.fixture
def enrich(hotpass, tmp_path):
    """Enrich a file in an empty working directory; returns the result, and the JSON that it printed."""
    def run(source, output, *args, code=0, prof=None, env=None):
        prof = prof or profile(tmp_path)
        result = hotpass("enrich", "--input", source, "--output", output, "--profile", prof, "--json", *args, cwd=tmp_path,
                         env={**NO_NETWORK, **(env or {})})
        assert result.returncode == code, result.stderr
        return json.loads(result.stdout)
    return run


def sheet_rows(path, name):
    return [list(row) for row in openpyxl.load_workbook(path)[name].iter_rows(values_only=True)]


def by_name(rows):
    """Rows of a table as {first column: {header: value}}."""
    return {row[0]: dict(zip(rows[0], row)) for row in rows[1:]}


# ---- a foreign table: every cell ------------------------------------------------------------------------

PEOPLE = [
    ["Company", "Website", "E-mail", "Telephone", "Address", "Province", "Remark"],
    ["Acme Aviation (Pty) Ltd", "", "", "", "", "", "=1+1"],
    ["Blue Ridge CC", "", "office@blueridge.co.za", "", "12 Lake Rd, Durban, KwaZulu-Natal", "", "007"],
    ["Gmail User", "", "someone@gmail.com", "", "", "", ""],
    ["Nobody Knows", "https://nobodyknows.test", "info@nobodyknows.test", "0215551234", "1 Main St", "Gauteng", "full"],
]
TABLE = [
    ["organization_name", "website", "contact_email", "contact_phone", "province"],
    ["ACME AVIATION", "www.acme.co.za", "Info@Acme.co.za", "011 555 1234", "gp"],
    ["Nobody Knows Inc", "https://other.test", "x@other.test", "0315551234", "Limpopo"],
]


@pytest.fixture
def people(tmp_path):
    write_csv(tmp_path / ".hotpass/lookups/organizations.csv", TABLE)
    return write_csv(tmp_path / "people.csv", PEOPLE)


def test_a_table_is_filled_and_every_cell_says_why(enrich, people, tmp_path):
    told = enrich(people, tmp_path / "out.csv")
    assert (told["rows"], told["rows_filled"], told["fields_filled"]) == (4, 2, 6)
    rows = read_csv(tmp_path / "out.csv")
    assert rows[0] == PEOPLE[0] + FIVE
    assert rows[1:] == [
        ["Acme Aviation (Pty) Ltd", "https://acme.co.za", "info@acme.co.za", "+27115551234", "", "Gauteng", "'=1+1",
         "lookup_table", WHEN, "0.95", "deterministic", "not_used"],
        ["Blue Ridge CC", "https://blueridge.co.za", "office@blueridge.co.za", "", "12 Lake Rd, Durban, KwaZulu-Natal", "KwaZulu-Natal",
         "007", "derived_computation", WHEN, "0.9", "deterministic", "not_used"],
        ["Gmail User", "", "someone@gmail.com", "", "", "", "", "original", WHEN, "1.0", "none", "skipped: network disabled"],
        ["Nobody Knows", "https://nobodyknows.test", "info@nobodyknows.test", "0215551234", "1 Main St", "Gauteng", "full",
         "original", WHEN, "1.0", "none", "not_used"],
    ]
    lines = read_csv(tmp_path / "out.provenance.csv")
    assert lines[0] == LINE
    assert lines[1:] == [
        ["2", "Province", "", "Gauteng", "lookup", "0.95", "organizations.csv!2", WHEN, "applied", "", "lookup_table", "deterministic", "", ""],
        ["2", "Website", "", "https://acme.co.za", "lookup", "0.95", "organizations.csv!2", WHEN, "applied", "", "lookup_table",
         "deterministic", "", ""],
        ["2", "E-mail", "", "info@acme.co.za", "lookup", "0.95", "organizations.csv!2", WHEN, "applied", "", "lookup_table",
         "deterministic", "", ""],
        ["2", "Telephone", "", "+27115551234", "lookup", "0.95", "organizations.csv!2", WHEN, "applied", "", "lookup_table",
         "deterministic", "", ""],
        ["3", "Province", "", "KwaZulu-Natal", "derived", "0.9", "this row: address", WHEN, "applied", "", "derived_computation",
         "deterministic", "", ""],
        ["3", "Website", "", "https://blueridge.co.za", "derived", "0.9", "this row: contact_email", WHEN, "applied", "",
         "derived_computation", "deterministic", "", ""],
    ]


@pytest.mark.parametrize("form", ["csv", "parquet", "sqlite"])
def test_the_form_of_a_lookup_table_does_not_matter(enrich, people, tmp_path, form):
    (tmp_path / ".hotpass/lookups/organizations.csv").unlink()
    path = tmp_path / f".hotpass/lookups/organizations.{form}"
    if form == "csv":
        write_csv(path, TABLE)
    elif form == "parquet":
        pq.write_table(pa.table(dict(zip(TABLE[0], map(list, zip(*TABLE[1:]))))), path)
    else:
        db = sqlite3.connect(path)
        db.execute(f'CREATE TABLE orgs ({", ".join(TABLE[0])})')
        db.executemany("INSERT INTO orgs VALUES (?,?,?,?,?)", TABLE[1:])
        db.commit()
        db.close()
    before = path.read_bytes()
    enrich(people, tmp_path / "out.csv")
    assert read_csv(tmp_path / "out.csv")[1][1:4] == ["https://acme.co.za", "info@acme.co.za", "+27115551234"]
    assert read_csv(tmp_path / "out.provenance.csv")[1][6] == f"organizations.{form}!2"
    assert path.read_bytes() == before
    assert [p.name for p in path.parent.iterdir()] == [path.name], "no journal or lock is left beside a database"


def test_types_and_order_stay(enrich, tmp_path):
    """A workbook keeps its sheets, columns, numbers, dates, booleans and errors."""
    from datetime import datetime
    book = openpyxl.Workbook()
    book.active.title = "First"
    for row in [["Organisation", "Website", "Score", "Since", "Member", "Code"],
                ["Acme", None, 0.25, datetime(2024, 2, 29), True, "00042"], ["Zeta", "https://zeta.test", 17, None, False, "#N/A"]]:
        book.active.append(row)
    book.active["F3"].data_type = "e"
    notes = book.create_sheet("Notes")
    notes.append(["what", "when"])
    notes.append(["nothing", 5])
    book.save(tmp_path / "in.xlsx")
    write_csv(tmp_path / ".hotpass/lookups/organizations.csv", [["organization_name", "website"], ["acme", "acme.test"]])
    enrich(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    out = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert out.sheetnames == ["First", "Notes", "Provenance"]
    rows = sheet_rows(tmp_path / "out.xlsx", "First")
    assert rows[0] == ["Organisation", "Website", "Score", "Since", "Member", "Code"] + FIVE
    assert rows[1] == ["Acme", "https://acme.test", 0.25, datetime(2024, 2, 29), True, "00042", "lookup_table", WHEN, 0.95,
                       "deterministic", "not_used"]
    assert rows[2] == ["Zeta", "https://zeta.test", 17, None, False, "#N/A", "original", WHEN, 1, "none", "not_used"]
    assert sheet_rows(tmp_path / "out.xlsx", "Notes") == [["what", "when"], ["nothing", 5]]
    assert sheet_rows(tmp_path / "out.xlsx", "Provenance")[1][:9] == [2, "Website", None, "https://acme.test", "lookup", 0.95,
                                                                      "organizations.csv!2", WHEN, "applied"]


def save_as_ods(tmp_path, formulas):
    """A table of the same cells as an OpenDocument spreadsheet, formulas without results."""
    cell = {True: '<table:table-cell table:formula="of:=A1"/>', False: "<table:table-cell/>"}
    rows = "".join("<table:table-row>" + "".join(
        cell[v is not None] if v is None or str(v).startswith("=") else
        f'<table:table-cell office:value-type="string"><text:p>{v}</text:p></table:table-cell>' for v in row) + "</table:table-row>"
        for row in formulas)
    names = " ".join(f'xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{p}:1.0"' for p in ("office", "table", "text"))
    with zipfile.ZipFile(tmp_path / "in.ods", "w") as z:
        z.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        z.writestr("content.xml", f'<office:document-content {names}><office:body><office:spreadsheet><table:table table:name="S">{rows}'
                   "</table:table></office:spreadsheet></office:body></office:document-content>")
    return tmp_path / "in.ods"


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_a_formula_without_a_saved_result_is_no_blank(enrich, hotpass, tmp_path, form):
    """Nobody can say what it would have come to, so nothing may stand in its place; and it is told."""
    rows = [["Organisation", "Website", "E-mail"], ["Acme", '=LOWER("ACME.TEST")', None], ["Zeta", None, '=HYPERLINK("mailto:a@zeta.test")']]
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / "in.xlsx")
    source = tmp_path / "in.xlsx" if form == "xlsx" else save_as_ods(tmp_path, rows)
    write_csv(tmp_path / ".hotpass/lookups/organizations.csv", [["organization_name", "website", "contact_email"],
              ["acme", "acme.test", "x@acme.test"], ["zeta", "zeta.test", "x@zeta.test"]])
    told = enrich(source, tmp_path / "out.xlsx")
    out = openpyxl.load_workbook(tmp_path / "out.xlsx").worksheets[0]
    assert [[c.value for c in row[:3]] for row in out.iter_rows(min_row=2)] == [["Acme", None, "x@acme.test"], ["Zeta", "https://zeta.test", None]]
    assert told["fields_filled"] == 2
    assert {f["rule"]: f["count"] for f in told["findings"]}["formula_without_value"] == 2
    text = hotpass("enrich", "--input", source, "--output", tmp_path / "o.xlsx", "--profile", profile(tmp_path), cwd=tmp_path, env=NO_NETWORK)
    assert "2 cells hold formulas without a saved result" in text.stdout


def test_hidden_sheets_stay_hidden(enrich, tmp_path):
    book = openpyxl.Workbook()
    for name, state in (("Codes", "veryHidden"), ("People", "visible"), ("Lists", "hidden")):
        sheet = book.create_sheet(name)
        sheet.append(["Organisation", "Website"])
        sheet.append(["Acme", "https://acme.test"])
        sheet.sheet_state = state
    del book["Sheet"]
    book.active = 1
    book.save(tmp_path / "in.xlsx")
    enrich(tmp_path / "in.xlsx", tmp_path / "out.xlsx")
    out = openpyxl.load_workbook(tmp_path / "out.xlsx")
    assert {s.title: s.sheet_state for s in out} == {"Codes": "veryHidden", "People": "visible", "Lists": "hidden", "Provenance": "visible"}
    assert out.active.title == "People" and [s.title for s in out if s.sheet_view.tabSelected] == ["People"]


def test_a_workbook_made_of_csv_names_its_sheet(enrich, people, tmp_path):
    enrich(people, tmp_path / "out.xlsx")
    assert openpyxl.load_workbook(tmp_path / "out.xlsx").sheetnames == ["Data", "Provenance"]
    assert {row[LINE.index("sheet")] for row in sheet_rows(tmp_path / "out.xlsx", "Provenance")[1:]} == {"Data"}


def test_older_provenance_columns_go_last_and_older_lines_stay(enrich, people, tmp_path):
    enrich(people, tmp_path / "one.xlsx")
    book = openpyxl.load_workbook(tmp_path / "one.xlsx")
    book.worksheets[0]["H1"] = "later"  # in place of provenance_source, so that the other four stand before it
    book.worksheets[0].insert_cols(8)
    book.worksheets[0]["H1"] = "provenance_source"
    book.save(tmp_path / "two.xlsx")
    enrich(tmp_path / "two.xlsx", tmp_path / "three.xlsx", env={"SOURCE_DATE_EPOCH": str(int(EPOCH) + 60)})
    rows = sheet_rows(tmp_path / "three.xlsx", book.sheetnames[0])
    assert rows[0] == PEOPLE[0] + ["later"] + FIVE
    assert {row[-5] for row in rows[1:]} == {"original"}, "nothing was left to fill"
    assert len(sheet_rows(tmp_path / "three.xlsx", "Provenance")) == 7


# ---- what hotpass refine wrote --------------------------------------------------------------------------

@pytest.fixture(scope="module")
def refined(hotpass, repo, demo, tmp_path_factory):
    folder = tmp_path_factory.mktemp("refined")
    result = hotpass("refine", "--profile-search-path", repo / "profiles", "--profile", "aviation", "--input-dir", demo, "--output-path",
                     folder / "refined.xlsx", "-q")
    assert result.returncode == 0, result.stderr
    return folder / "refined.xlsx"


def test_the_derived_provider_fires_on_refined_files(enrich, refined, tmp_path):
    """It never did in the program before: it looked for columns that refined files do not have."""
    enrich(refined, tmp_path / "out.xlsx")
    before, after = sheet_rows(refined, "Data"), sheet_rows(tmp_path / "out.xlsx", "Data")
    assert after[0] == before[0] + FIVE
    lines = [dict(zip(LINE, row)) for row in sheet_rows(tmp_path / "out.xlsx", "Provenance")[1:]]
    applied = {(line["row"], line["column"]): line["new"] for line in lines if line["status"] == "applied"}
    assert {column for _, column in applied} >= {"website", "province"}
    columns = before[0]
    for number, (old, new) in enumerate(zip(before[1:], after[1:]), 2):
        for i, column in enumerate(columns):
            if old[i] == new[i]:
                assert (number, column) not in applied
            else:
                assert old[i] is None and applied.pop((number, column)) == new[i]
        filled = old != new[:len(old)]
        assert new[-5:] == (["derived_computation", WHEN, new[-3], "deterministic", "not_used"] if filled
                            else ["original", WHEN, 1, "none", new[-1]])
        assert new[-1] in ("not_used", "skipped: network disabled")
    assert not applied
    for line in lines:
        row = dict(zip(columns, after[line["row"] - 1]))
        assert line["organization_slug"] == row["organization_slug"]
        if line["column"] == "website" and line["status"] == "applied":
            assert row["contact_primary_email"].endswith(row["website"].removeprefix("https://"))
    comments = [[c.comment and c.comment.text for c in openpyxl.load_workbook(path)["Contacts"][1]] for path in (refined, tmp_path / "out.xlsx")]
    assert comments[0] == comments[1] and any(comments[0])
    for name in ("Contacts", "Quarantine", "Findings", "Summary"):
        assert sheet_rows(refined, name) == sheet_rows(tmp_path / "out.xlsx", name)


def test_twice_gives_equal_bytes(enrich, refined, tmp_path):
    for name in ("a.xlsx", "b.xlsx"):
        enrich(refined, tmp_path / name, *(["--jobs", "1"] if name == "a.xlsx" else []))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


# ---- thresholds, order, doubts --------------------------------------------------------------------------

def test_what_is_below_the_threshold_is_listed_and_not_applied(enrich, people, tmp_path):
    told = enrich(people, tmp_path / "out.csv", "--confidence-threshold", "0.92")
    rows = by_name(read_csv(tmp_path / "out.csv"))
    assert rows["Blue Ridge CC"]["Website"] == "" and rows["Acme Aviation (Pty) Ltd"]["Website"] == "https://acme.co.za"
    lines = [dict(zip(LINE, row)) for row in read_csv(tmp_path / "out.provenance.csv")[1:]]
    listed = [(line["row"], line["column"], line["new"], line["reason"]) for line in lines if line["status"] == "suggestion"]
    assert listed == [("3", "Province", "KwaZulu-Natal", "below the threshold"),
                      ("3", "Website", "https://blueridge.co.za", "below the threshold")]
    assert told["suggestions"] == 2


@pytest.mark.parametrize("value", ["1.5", "-0.1", "much", ""])
def test_a_threshold_that_is_none(hotpass, people, tmp_path, value):
    result = hotpass("enrich", "--input", people, "--output", tmp_path / "o.csv", "--profile", profile(tmp_path),
                     f"--confidence-threshold={value}", cwd=tmp_path)
    assert result.returncode == 2 and "from 0 to 1" in result.stderr


def test_rows_of_a_table_that_disagree_are_suggestions(enrich, tmp_path):
    write_csv(tmp_path / ".hotpass/lookups/organizations.csv",
              [["organization_name", "website", "province"], ["Acme", "one.test", "Gauteng"], ["ACME (Pty) Ltd", "two.test", "gauteng"]])
    write_csv(tmp_path / "in.csv", [["organization_name", "website", "province"], ["Acme", "", ""]])
    enrich(tmp_path / "in.csv", tmp_path / "out.csv")
    assert read_csv(tmp_path / "out.csv")[1][:3] == ["Acme", "", "Gauteng"]
    lines = [dict(zip(LINE, row)) for row in read_csv(tmp_path / "out.provenance.csv")[1:]]
    assert [(line["new"], line["confidence"]) for line in lines if line["status"] == "suggestion"] == [("https://one.test", "0.475")]


def test_matching_by_registration_number_and_domain(enrich, tmp_path):
    write_csv(tmp_path / ".hotpass/lookups/organizations.csv",
              [["Company", "Registration Number", "Website", "Telephone"],
               ["Renamed Holdings", "2001/012345/07", "", "0115551111"],
               ["By Its Domain", "", "https://www.domain.co.za/about", "0115552222"],
               ["Same Name", "1999/000001/07", "", "0115553333"]])
    write_csv(tmp_path / "in.csv",
              [["Company", "Registration Number", "E-mail", "Telephone"],
               ["Old Name", "2001 012345 07", "", ""],
               ["Called Otherwise", "", "who@mail.domain.co.za", ""],
               ["Same Name", "2020/999999/07", "", ""]])
    enrich(tmp_path / "in.csv", tmp_path / "out.csv")
    rows = by_name(read_csv(tmp_path / "out.csv"))
    assert rows["Old Name"]["Telephone"] == "+27115551111" and rows["Old Name"]["provenance_confidence"] == "0.95"
    assert rows["Called Otherwise"]["Telephone"] == "+27115552222" and rows["Called Otherwise"]["provenance_confidence"] == "0.855"
    assert rows["Same Name"]["Telephone"] == "", "another registration number is another company"


def test_the_profile_says_order_fields_tables_and_trust(enrich, tmp_path):
    write_csv(tmp_path / "mine.csv", [["Naam", "Webwerf", "Tel"], ["Acme", "mine.test", "011 555 0000"]])
    write_csv(tmp_path / ".hotpass/registries/sacaa.csv", [["organization_name", "website", "contact_phone"], ["Acme", "sacaa.test", "0115559999"]])
    write_csv(tmp_path / "in.csv", [["organization_name", "website", "contact_phone"], ["Acme", "", ""]])
    settings = ("  fetcher_chain: [lookup, registry]\n  backfillable_fields: [website]\n"
                "  providers:\n    - {provider: lookup, name: members, path: mine.csv, confidence: 0.6,\n"
                "       settings: {match: [name], columns: {Naam: organization_name, Webwerf: website, Tel: contact_phone}}}\n")
    enrich(tmp_path / "in.csv", tmp_path / "out.csv", prof=profile(tmp_path, settings))
    assert read_csv(tmp_path / "out.csv")[1] == ["Acme", "https://sacaa.test", "", "sacaa_registry", WHEN, "0.98", "deterministic", "not_used"]
    enrich(tmp_path / "in.csv", tmp_path / "out.csv", prof=profile(tmp_path, settings.replace("0.6", "0.8")))
    assert read_csv(tmp_path / "out.csv")[1] == ["Acme", "https://mine.test", "", "lookup_table", WHEN, "0.8", "deterministic", "not_used"]
    assert read_csv(tmp_path / "out.provenance.csv")[1][4:7] == ["members", "0.8", "mine.csv!2"]


@pytest.mark.parametrize("settings, message", [
    ("{mach: [name]}", 'unknown setting "mach"; did you mean "match"?'),
    ("{match: [nose]}", '"match" takes registration, name and domain, not "nose"'),
    ("{columns: {A: nothing}}", 'unknown field "nothing"'),
])
def test_wrong_settings_say_where(hotpass, people, tmp_path, settings, message):
    prof = profile(tmp_path, f"  providers:\n    - {{provider: lookup, settings: {settings}}}\n")
    result = hotpass("enrich", "--input", people, "--output", tmp_path / "o.csv", "--profile", prof, cwd=tmp_path)
    assert result.returncode == 78 and message in result.stderr and "p.yaml:5:" in result.stderr
    assert not (tmp_path / "o.csv").exists()


def test_history_answers_from_the_newest_outputs_but_not_from_the_input(enrich, tmp_path):
    header = ["organization_name", "organization_slug", "website"]
    for name, site in (("refined-2024.csv", "https://old.test"), ("refined-2025.csv", "https://new.test")):
        write_csv(tmp_path / ".hotpass/history" / name, [header, ["Acme", "acme", site]])
    write_csv(tmp_path / "in.csv", [header, ["Acme", "acme", ""]])
    enrich(tmp_path / "in.csv", tmp_path / "out.csv")
    assert read_csv(tmp_path / "out.csv")[1][2:6] == ["https://new.test", "historical_data", WHEN, "0.85"]
    enrich(tmp_path / ".hotpass/history/refined-2025.csv", tmp_path / "out.csv")
    assert by_name(read_csv(tmp_path / "out.csv"))["Acme"]["provenance_source"] == "original"


def test_several_tables_in_a_database(hotpass, people, tmp_path):
    db = sqlite3.connect(tmp_path / "many.db")
    db.execute("CREATE TABLE a (organization_name)")
    db.execute('CREATE TABLE "b""x" (organization_name, website)')
    db.execute('INSERT INTO "b""x" VALUES (\'Acme Aviation\', \'quoted.test\')')
    db.commit()
    db.close()
    base = "  providers:\n    - {provider: lookup, path: many.db%s}\n"
    args = ["enrich", "--input", people, "--output", tmp_path / "o.csv", "--profile"]
    result = hotpass(*args, profile(tmp_path, base % ""), cwd=tmp_path)
    assert result.returncode == 65 and 'several tables' in result.stderr and 'a, b"x' in result.stderr
    result = hotpass(*args, profile(tmp_path, base % ', settings: {table: "b\\"x"}'), cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert read_csv(tmp_path / "o.csv")[1][1] == "https://quoted.test"


# ---- errors ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("args, code, message", [
    (["--output", "o.csv"], 2, "--input is missing"),
    (["--input", "people.csv"], 2, "--output is missing"),
    (["--input", "absent.xlsx", "--output", "o.csv"], 66, "absent.xlsx"),
    (["--input", "people.csv", "--output", "people.csv"], 2, "is the input"),
    (["--input", "people.csv", "--output", "o.docx"], 2, "writes .xlsx"),
    (["--input", "people.csv", "--output", "o.csv", "--allow-network=perhaps"], 2, "true or false"),
])
def test_errors(hotpass, people, tmp_path, args, code, message):
    before = people.read_bytes()
    result = hotpass("enrich", *args, "--profile", profile(tmp_path), "--json", cwd=tmp_path)
    assert result.returncode == code and message in result.stderr
    assert json.loads(result.stdout)["code"] == code
    assert people.read_bytes() == before and not (tmp_path / "o.csv").exists()


def test_a_broken_table_stops_the_run(hotpass, people, tmp_path):
    (tmp_path / ".hotpass/lookups/organizations.csv").unlink()
    (tmp_path / ".hotpass/lookups/organizations.sqlite").write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    result = hotpass("enrich", "--input", people, "--output", tmp_path / "o.csv", "--profile", profile(tmp_path), cwd=tmp_path)
    assert result.returncode == 65 and "SQLite says" in result.stderr and not (tmp_path / "o.csv").exists()


# ---- the network ----------------------------------------------------------------------------------------

def explain(hotpass, tmp_path, prof, *args, env=None):
    result = hotpass("enrich", "--explain-network", "--profile", prof, "--json", *args, cwd=tmp_path, env={**NO_NETWORK, **(env or {})})
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)["network"]


def test_who_says_no(hotpass, tmp_path):
    yes = {"FEATURE_ENABLE_REMOTE_RESEARCH": "1", "ALLOW_NETWORK_RESEARCH": "YES"}
    no_profile, allowing = profile(tmp_path), tmp_path / "q.yaml"
    allowing.write_text("name: q\nenrich: {allow_network: true}\n")
    assert explain(hotpass, tmp_path, allowing, "--allow-network=true", env=yes)["open"] is True
    assert explain(hotpass, tmp_path, allowing, env=yes)["blocked_by"] == "flag"
    assert explain(hotpass, tmp_path, allowing, "--allow-network=false", env=yes)["blocked_by"] == "flag"
    assert explain(hotpass, tmp_path, allowing, "--no-allow-network", env=yes)["blocked_by"] == "flag"
    unset = hotpass("enrich", "--explain-network", "--profile", allowing, "--allow-network=", cwd=tmp_path, env=yes)
    assert unset.returncode == 2 and "true or false" in unset.stderr
    assert explain(hotpass, tmp_path, no_profile, "--allow-network", env=yes)["blocked_by"] == "profile"
    assert explain(hotpass, tmp_path, allowing, "--allow-network")["blocked_by"] == "FEATURE_ENABLE_REMOTE_RESEARCH"
    assert explain(hotpass, tmp_path, allowing, "--allow-network", env={**yes, "ALLOW_NETWORK_RESEARCH": "0"})["blocked_by"] \
        == "ALLOW_NETWORK_RESEARCH"


def test_a_guard_is_named_in_the_status(enrich, people, tmp_path):
    enrich(people, tmp_path / "out.csv", "--allow-network")
    assert by_name(read_csv(tmp_path / "out.csv"))["Gmail User"]["provenance_network_status"] == "blocked: profile"


# Numbers of system calls, and of the architecture as seccomp names it.
CALLS = {"x86_64": (0xC000003E, {"socket": 41, "connect": 42, "sendto": 44, "bind": 49, "socketpair": 53}),
         "aarch64": (0xC00000B7, {"socketpair": 199, "bind": 200, "connect": 203, "sendto": 206, "socket": 198})}


def kill_on_sockets():
    """Install a seccomp filter in this process: any call that makes or uses a socket ends it with SIGSYS."""
    arch, calls = CALLS[os.uname().machine]
    program = [(0x20, 0, 0, 4), (0x15, 1, 0, arch), (0x06, 0, 0, 0x80000000), (0x20, 0, 0, 0)]  # ld arch; jeq; kill; ld nr
    for number in calls.values():
        program += [(0x15, 0, 1, number), (0x06, 0, 0, 0x80000000)]  # jeq number -> SECCOMP_RET_KILL_PROCESS
    program.append((0x06, 0, 0, 0x7FFF0000))  # SECCOMP_RET_ALLOW
    code = b"".join(struct.pack("HBBI", *line) for line in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    fprog = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program), ctypes.addressof(buffer)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, fprog, 0, 0):  # PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP with a filter
        os._exit(111)


@pytest.fixture
def sealed():
    """A preexec_fn that seals a program off from sockets, shown to kill one that opens a socket."""
    if os.uname().machine not in CALLS:
        pytest.skip("the numbers of its system calls are not known here")
    opener = [sys.executable, "-c", "import socket; socket.socket()"]
    assert subprocess.run(opener).returncode == 0
    died = subprocess.run(opener, preexec_fn=kill_on_sockets).returncode
    if died == 111:
        pytest.skip("no seccomp filter can be installed here")
    assert died == -signal.SIGSYS, "the filter does not do what it is for"
    return kill_on_sockets


@pytest.mark.parametrize("form", ["csv", "sqlite"])
def test_an_offline_run_opens_no_socket(hotpass, refined, tmp_path, sealed, form):
    """Under a filter that kills whoever makes a socket, also with the environment of somebody who allows the network."""
    rows = [["organization_name", "website"]] + [[f"Organisation {i}", f"o{i}.test"] for i in range(100)]
    if form == "csv":
        write_csv(tmp_path / ".hotpass/lookups/organizations.csv", rows)
    else:
        (tmp_path / ".hotpass/lookups").mkdir(parents=True)
        db = sqlite3.connect(tmp_path / ".hotpass/lookups/organizations.sqlite")
        db.execute("CREATE TABLE o (organization_name, website)")
        db.executemany("INSERT INTO o VALUES (?,?)", rows[1:])
        db.commit()
        db.close()
    prof = tmp_path / "q.yaml"
    prof.write_text("name: q\nenrich: {allow_network: true}\n")
    env = {"FEATURE_ENABLE_REMOTE_RESEARCH": "1", "ALLOW_NETWORK_RESEARCH": "true", "ASAN_OPTIONS": "exitcode=99:detect_leaks=0"}
    result = hotpass("enrich", "--input", refined, "--output", tmp_path / "out.xlsx", "--profile", prof, "--allow-network=false",
                     cwd=tmp_path, env=env, preexec_fn=sealed)
    assert result.returncode == 0, result.stderr
    assert openpyxl.load_workbook(tmp_path / "out.xlsx").sheetnames[-1] == "Provenance"
    network = ["--profile", prof, "--allow-network=false"]
    for code, words in ((0, ["plan", "research", "--dataset", refined, *network]), (0, ["plan", "research", "--entity", "Organisation 1", *network]),
                        (77, ["crawl", "o1.test", *network]), (0, ["explain-provenance", "--dataset", "out.xlsx", "--row-id", "0"])):
        result = hotpass(*words, cwd=tmp_path, env=env, preexec_fn=sealed)
        assert result.returncode == code, (words, result.stderr)


def test_no_network_on_the_command_line_holds_for_lineage_and_telemetry_too(hotpass, people, tmp_path, sealed):
    """Both are set up, and kept from the network by the word of the command line; what lineage would have sent waits."""
    env = {"OPENLINEAGE_URL": "http://127.0.0.1:9", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "HOTPASS_STATE_DIR": str(tmp_path / "state"),
           "ASAN_OPTIONS": "exitcode=99:detect_leaks=0", "FEATURE_ENABLE_REMOTE_RESEARCH": "1", "ALLOW_NETWORK_RESEARCH": "true"}
    argv = ["enrich", "--input", people, "--output", tmp_path / "o.csv", "--profile", profile(tmp_path)]
    with pytest.raises(pytest.fail.Exception, match=f"died of signal {signal.SIGSYS.value}"):  # else this test shows nothing
        hotpass(*argv, cwd=tmp_path, env=env, preexec_fn=sealed)
    result = hotpass(*argv, "--allow-network=false", cwd=tmp_path, env=env, preexec_fn=sealed)
    assert (result.returncode, result.stderr) == (0, "")
    waiting = json.loads(hotpass("lineage", "status", "--json", cwd=tmp_path, env=env).stdout)
    assert waiting["pending"] > 0


# ---- explain-provenance ---------------------------------------------------------------------------------

def test_explain_provenance(hotpass, enrich, refined, tmp_path):
    enrich(refined, tmp_path / "out.xlsx")
    rows = sheet_rows(tmp_path / "out.xlsx", "Data")
    index = next(i for i, row in enumerate(rows[1:]) if row[-5] == "derived_computation")
    row = dict(zip(rows[0], rows[index + 1]))
    said = [json.loads(hotpass("explain-provenance", "--dataset", tmp_path / "out.xlsx", *which, "--json").stdout)
            for which in (["--row-id", str(index)], ["--slug", row["organization_slug"]])]
    assert {key: value for key, value in said[0].items() if key != "row_id"} == {key: value for key, value in said[1].items() if key != "row_id"}
    assert said[0]["row_id"] == str(index) and said[1]["row_id"] is None
    assert said[0]["success"] is True and said[0]["row_index"] == index and said[0]["organization_name"] == row["organization_name"]
    assert said[0]["provenance"] == {name: row[name] for name in FIVE}
    for field in said[0]["fields"]:
        assert field["row"] == index + 2
        assert (row[field["column"]] == field["new"]) == (field["status"] == "applied")
    text = hotpass("explain-provenance", "--dataset", tmp_path / "out.xlsx", "--row-id", str(index)).stdout
    assert row["organization_name"] in text and "derived_computation" in text


@pytest.mark.parametrize("args, code, message", [
    (["--row-id", "4"], 1, "has no row 4; its 4 rows are counted from 0"),
    (["--row-id", "-1"], 1, "has no row -1"),
    (["--row-id", "x"], 1, 'has no column "id"'),
    (["--slug", "x"], 1, 'no column "organization_slug"'),
    ([], 2, "either --row-id or --slug"),
    (["--row-id", "0", "--slug", "x"], 2, "either --row-id or --slug"),
])
def test_explain_provenance_of_no_row(hotpass, enrich, people, tmp_path, args, code, message):
    enrich(people, tmp_path / "out.csv")
    result = hotpass("explain-provenance", "--dataset", tmp_path / "out.csv", *args, "--json")
    assert result.returncode == code and message in result.stderr
    assert json.loads(result.stdout)["message"].endswith(message) or message in json.loads(result.stdout)["message"]


def test_explain_provenance_without_provenance(hotpass, people):
    result = hotpass("explain-provenance", "--dataset", people, "--row-id", "0")
    assert result.returncode == 2 and "hotpass enrich" in result.stderr


def test_a_row_by_its_id(hotpass, enrich, tmp_path):
    write_csv(tmp_path / "in.csv", [["id", "organization_name", "website"], ["a-1", "Acme", ""], ["b-2", "Zeta", "https://zeta.test"]])
    enrich(tmp_path / "in.csv", tmp_path / "out.csv")
    said = json.loads(hotpass("explain-provenance", "--dataset", tmp_path / "out.csv", "--row-id", "b-2", "--json").stdout)
    assert said["row_index"] == 1 and said["organization_name"] == "Zeta"
    assert said["provenance"]["provenance_confidence"] == 1.0
