"""Suites and contracts in refine: sources as they were read, the result after merging; what stops, warns, or sends rows to quarantine."""
import csv
import hashlib
import json
import re
import shutil

import openpyxl
import pytest

from test_annotate import table_of

MAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
STATUSES = ["Active", "Dormant"]
HEAD = ["Company", "ID", "E-mail", "Status", "Fleet"]
ROWS = [
    ["Osprey Charters", 1, "desk@osprey.example", "Active", 3],
    ["Plover Flying Club", 2, "plover at example", "Active", 1],
    ["Kestrel Aero", 3, None, "Dormant", 2],
    ["Heron Air", 4, "ops@heron.example", "Activ", None],
    ["Bittern Training", 5, "also wrong", "Closed", 7],
    [None, 6, "nobody@nowhere.example", "Active", 4],
    ["Godwit Aviation", 7, "fly@godwit.example", "Dormant", 5],
]
PEOPLE = [["ID", "Name", "Mobile"], [1, "Ada Quist", "011 555 0101"], [4, "Ben Ohm", "011 555 0102"], [99, "Cy Rand", "011 555 0103"]]
FIRST = 4  # of the data rows: a title and a blank row stand above the headers


def write_book(path, rows=ROWS):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Clients"
    sheet.append(["Clients of the year"])
    sheet.append([])
    for row in [HEAD, *rows]:
        sheet.append(row)
    people = book.create_sheet("People")
    for row in PEOPLE:
        people.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


PROFILE = """\
name: checked
ingest:
  sources:
    - name: Clients
      path_pattern: "clients*.xlsx"
{source}
      sheets:
        - name: Clients
{sheet}
          columns: {{Company: organization_name, ID: record_id, E-mail: contact_email, Status: status, Fleet: planes}}
        - name: People
          entity: contact
          required: false
          join: [key]
{people}
          columns: {{ID: record_id, Name: contact_name, Mobile: contact_phone}}
{root}
"""


def lines(text, depth):
    return "\n".join(" " * depth + line for line in text.splitlines())


class Case:
    """A folder with a workbook, suites, a profile."""

    def __init__(self, hotpass, folder):
        self.hotpass, self.folder = hotpass, folder
        write_book(folder / "in/clients.xlsx")

    def suite(self, name, *expectations, old=False):
        key = "expectation_type" if old else "type"
        listed = [{key: e[0], "kwargs": e[1], **({"severity": e[2]} if len(e) > 2 else {})} for e in expectations]
        (self.folder / "suites").mkdir(exist_ok=True)
        (self.folder / f"suites/{name}.json").write_text(
            json.dumps({"expectation_suite_name" if old else "name": name, "expectations": listed}))

    def profile(self, sheet="", source="", people="", root=""):
        text = PROFILE.format(sheet=lines(sheet, 10), source=lines(source, 6), people=lines(people, 10), root=root)
        (self.folder / "checked.yaml").write_text(text)

    def __call__(self, *more, out="out.xlsx", **options):
        return self.hotpass.run(["refine", "-p", self.folder / "checked.yaml", "-i", self.folder / "in", "-o", self.folder / out,
                                 "--dist-dir", self.folder / "dist", *more], **options)

    def run_json(self):
        return json.loads((self.folder / "run.json").read_text())

    def sheet(self, name, out="out.xlsx"):
        return table_of(self.folder / out, name)

    def balanced(self):
        counts = self.run_json()["counts"]
        assert counts["rows_in"] == counts["rows_out"] + counts["merged"] + counts["quarantined"] == len(ROWS) + len(PEOPLE) - 1
        assert counts["quarantined"] == len(self.sheet("Quarantine"))
        return counts


@pytest.fixture
def case(hotpass, tmp_path):
    return Case(hotpass, tmp_path)


def digests(folder):
    return {p.relative_to(folder): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}


def golden(path, sheet, column, good):
    """Counts and cells of values at fault, as openpyxl reads the sheet; missing ones are passed over."""
    at = openpyxl.load_workbook(path)[sheet]
    head = next(r for r in at.iter_rows() if r[1].value == "ID")
    cell, = [c for c in head if c.value == column]
    values = [c for c in at[cell.column_letter] if c.row > cell.row and c.value is not None]
    bad = [c for c in values if not good(c.value)]
    return len(values), [f"{path.name}!{sheet}!{c.coordinate}" for c in bad]


def regex(column, mostly=None, severity=None):
    kwargs = {"column": column, "regex": MAIL, **({"mostly": mostly} if mostly is not None else {})}
    return ("expect_column_values_to_match_regex", kwargs, *([severity] if severity else []))


def in_set(severity=None):
    return ("expect_column_values_to_be_in_set", {"column": "Status", "value_set": STATUSES}, *([severity] if severity else []))


SUITE = "suite: suites/clients.json"


# ---- warn ----

def test_warned_values_are_findings_at_their_cells(case):
    case.suite("clients", regex("E-mail", severity="warning"), in_set("info"), ("expect_column_to_exist", {"column": "ID"}))
    case.profile(SUITE)
    done = case()
    assert done.returncode == 0, done.stderr
    book = case.folder / "in/clients.xlsx"
    mails, bad_mails = golden(book, "Clients", "E-mail", lambda v: re.search(MAIL, v))
    statuses, bad_statuses = golden(book, "Clients", "Status", STATUSES.__contains__)
    checks = [c for c in case.run_json()["checks"] if c["stage"] == "check-sources"]
    assert [(c["suite"], c["data"], c["column"], c["severity"], c["success"]) for c in checks] == [
        ("clients", "clients.xlsx!Clients", "E-mail", "warn", False), ("clients", "clients.xlsx!Clients", "Status", "warn", False),
        ("clients", "clients.xlsx!Clients", "ID", "fail", True)]
    assert [(c["evaluated"], c["unexpected"], c["cells"]) for c in checks[:2]] == [
        (mails, len(bad_mails), bad_mails), (statuses, len(bad_statuses), bad_statuses)]
    found = [f for f in case.sheet("Findings") if f["rule"] == "expectation_failed" and f["sheet"] == "Clients"]
    assert {f"{f['source_file']}!{f['sheet']}!{f['cells']}" for f in found} == {*bad_mails, *bad_statuses}
    assert {f["note"] for f in found} == {"clients: E-mail expect_column_values_to_match_regex", "clients: Status expect_column_values_to_be_in_set"}
    assert "clients: Status expect_column_values_to_be_in_set (2 of 7, warn)" in " ".join(done.stdout.split())
    case.balanced()


def test_what_mostly_allows_is_counted_but_no_finding(case):
    case.suite("clients", regex("E-mail", mostly=0.5), old=True)
    case.profile(SUITE)
    assert case().returncode == 0
    check, = [c for c in case.run_json()["checks"] if c["stage"] == "check-sources"]
    assert check["success"] and check["unexpected"] == 2 and check["mostly"] == 0.5 and check["cells"] == []
    assert not [f for f in case.sheet("Findings") if f["rule"] == "expectation_failed" and f["sheet"]]


# ---- severities ----

@pytest.mark.parametrize("word", ["fail", "warn", "quarantine"])
@pytest.mark.parametrize("severity", ["critical", "warning", "info"])
def test_each_severity_can_do_each_thing(case, severity, word):
    case.suite("clients", in_set(severity))
    case.profile(SUITE, root=f"severity: {{{severity}: {word}}}")
    done = case("--json")
    told = json.loads(done.stdout)
    check, = [c for c in told["checks"] if c["stage"] == "check-sources"]
    assert check["severity"] == word and check["unexpected"] == 2
    assert done.returncode == (word == "fail") and told["failing_stage"] == ("check-sources" if word == "fail" else None)
    assert (case.folder / "out.xlsx").exists() == (word != "fail")
    assert told["quarantine"].get("expectation_quarantine", 0) == (2 if word == "quarantine" else 0)


def test_without_a_word_a_critical_expectation_stops_and_others_warn(case):
    for severity, code in [(None, 1), ("critical", 1), ("warning", 0), ("info", 0)]:
        case.suite("clients", in_set(severity))
        case.profile(SUITE)
        assert case().returncode == code, severity


def test_the_nearest_severity_counts(case):
    case.suite("clients", in_set())
    case.suite("all", ("expect_column_values_to_not_be_null", {"column": "ID"}))
    case.profile(source="suite: [suites/clients.json]\nseverity: {critical: warn}", people="severity: {critical: quarantine}", root="severity: {critical: fail}")
    done = case("--json")
    checks = {c["data"]: c for c in json.loads(done.stdout)["checks"] if c["stage"] == "check-sources"}
    # The sheet People has no Status: an expectation that names no rows cannot send any to quarantine, so it stops.
    assert checks["clients.xlsx!Clients"]["severity"] == "warn" and checks["clients.xlsx!People"]["severity"] == "fail" and done.returncode == 1
    case.profile(SUITE + "\nseverity: {critical: quarantine}", source="suite: suites/all.json\nseverity: {critical: warn}")
    assert case().returncode == 0
    assert {(c["suite"], c["data"]): c["severity"] for c in case.run_json()["checks"] if c["stage"] == "check-sources"} == {
        ("clients", "clients.xlsx!Clients"): "quarantine", ("all", "clients.xlsx!Clients"): "quarantine", ("all", "clients.xlsx!People"): "warn"}


# ---- stop ----

def test_a_stop_says_everything_and_leaves_previous_outputs_alone(case, tmp_path):
    case.profile()
    outputs = ["-o", tmp_path / "flat.csv", "--archive"]
    assert case(*outputs).returncode == 0
    before = digests(tmp_path)
    case.suite("clients", in_set(), regex("E-mail", severity="warning"))
    case.profile(SUITE)
    after = digests(tmp_path)
    done = case(*outputs)
    assert done.returncode == 1
    assert digests(tmp_path) == after and all(after[p] == d for p, d in before.items() if p.name != "checked.yaml")
    words = " ".join(done.stdout.split())
    assert "stopped at stage check-sources" in words
    assert ("clients: Status expect_column_values_to_be_in_set (clients.xlsx!Clients): 2 of 7, first at clients.xlsx!Clients!D7, "
            "clients.xlsx!Clients!D8") in words
    assert "Nothing was written: at the stage check-sources" in words and "organisations" not in words

    quiet = case("-q")
    assert quiet.returncode == 1 and quiet.stdout == "" and "stage check-sources" in quiet.stderr and "clients.xlsx!Clients!D7" in quiet.stderr

    told = json.loads(case("--json").stdout)
    assert told["exit_code"] == 1 and told["failing_stage"] == "check-sources" and told["outputs"] == []
    stop, = [c for c in told["checks"] if not c["success"] and c["severity"] == "fail"]
    assert (stop["stage"], stop["suite"], stop["expectation"], stop["column"], stop["unexpected"], stop["evaluated"]) == (
        "check-sources", "clients", "expect_column_values_to_be_in_set", "Status", 2, 7)
    assert stop["cells"] == ["clients.xlsx!Clients!D7", "clients.xlsx!Clients!D8"]
    assert told["counts"]["rows_in"] == 10 and digests(tmp_path) == after


def test_a_stop_writes_its_report_and_annotated_copies(case, tmp_path):
    case.suite("clients", in_set())
    case.profile(SUITE)
    before = digests(tmp_path)
    done = case("--report-path", tmp_path / "report.html", "--report-path", tmp_path / "report.md", "--annotate", tmp_path / "notes")
    assert done.returncode == 1, done.stderr
    new = {str(p) for p in digests(tmp_path)} - {str(p) for p in before}
    assert {p for p in new if not p.startswith("dist/data-docs/")} == {"report.html", "report.md", "notes/clients.xlsx"}
    assert "Nothing but the annotated copies and the report was written" in " ".join(done.stdout.split())
    page, text = re.sub("<[^>]*>", "", (tmp_path / "report.html").read_text()), (tmp_path / "report.md").read_text()
    for report in (page, text):
        assert "Stopped" in report and "check-sources" in report and "clients.xlsx!Clients!D7" in report and "10 rows were read" in report
        assert "Activ," not in report and "organisations with" not in report
    sheet = openpyxl.load_workbook(tmp_path / "notes/clients.xlsx")["Clients"]
    marked = {c.coordinate: c.comment.text for row in sheet.iter_rows() for c in row if c.comment and "expectation_failed" in c.comment.text}
    assert set(marked) == {"D7", "D8"} and all("clients: Status expect_column_values_to_be_in_set" in t for t in marked.values())
    assert sheet["D7"].fill.fgColor.rgb != sheet["D6"].fill.fgColor.rgb
    kept, = (tmp_path / "dist/data-docs").glob("*/run.json")
    assert json.loads(kept.read_text())["failing_stage"] == "check-sources"


def test_all_sheets_are_looked_at_before_the_run_stops(case):
    case.suite("clients", in_set())
    case.suite("people", ("expect_table_row_count_to_be_between", {"min_value": 50}), ("expect_column_values_to_be_unique", {"column": "Mobil"}))
    case.profile(SUITE, people="suite: suites/people.json")
    done = case("--json")
    unmet = [c for c in json.loads(done.stdout)["checks"] if not c["success"]]
    assert done.returncode == 1 and [c["suite"] for c in unmet] == ["clients", "people", "people"]
    words = " ".join(case().stdout.split())
    assert "observed 3" in words and 'column "Mobil" does not exist; did you mean "Mobile"?' in words


# ---- quarantine ----

def test_rows_at_fault_are_kept_out_corrected_and_come_back(case, tmp_path):
    case.suite("clients", in_set(), regex("E-mail"))
    case.profile(SUITE + "\nseverity: {critical: quarantine}")
    done = case()
    assert done.returncode == 0, done.stderr
    case.balanced()
    rows = {r["row"]: r for r in case.sheet("Quarantine") if r["reason"] == "expectation_quarantine"}
    assert {n: r["note"] for n, r in rows.items()} == {
        5: "clients: E-mail expect_column_values_to_match_regex", 7: "clients: Status expect_column_values_to_be_in_set",
        8: "clients: Status expect_column_values_to_be_in_set; clients: E-mail expect_column_values_to_match_regex"}
    assert rows[7]["organization_name"] == "Heron Air" and "Status: Activ" in rows[7]["record"] and rows[7]["sheet"] == "Clients"
    names = {r["organization_name"] for r in case.sheet("Data")}
    assert names == {"Osprey Charters", "Kestrel Aero", "Godwit Aviation"}
    assert "expectation quarantine 3" in done.stdout
    shutil.copy(tmp_path / "out.xlsx", tmp_path / "kept.xlsx")

    book = openpyxl.load_workbook(tmp_path / "kept.xlsx")
    sheet = book["Quarantine"]
    head = {c.value: c.column for c in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        record = row[head["record"] - 1]
        if row[head["row"] - 1].value == 7:
            record.value = record.value.replace("Status: Activ", "Status: Active")
    book.save(tmp_path / "mended.xlsx")
    again = case("--retry-quarantine", tmp_path / "mended.xlsx")
    assert again.returncode == 0, again.stderr
    case.balanced()
    assert {r["row"] for r in case.sheet("Quarantine") if r["reason"] == "expectation_quarantine"} == {5, 8}
    heron, = [r for r in case.sheet("Data") if r["organization_name"] == "Heron Air"]
    assert heron["status"] == "Active" and "Ben Ohm" in {r["contact_name"] for r in case.sheet("Contacts")}
    told, = case.run_json()["corrections"]
    assert (told["rows"], told["cells"]) == (1, 1)


def test_a_column_that_only_the_suite_looks_at_can_be_corrected(case, tmp_path):
    case.suite("people", ("expect_column_values_to_match_regex", {"column": "Grade", "regex": "^[A-D]$"}))
    case.profile(people="suite: suites/people.json\nseverity: {critical: quarantine}")
    book = openpyxl.load_workbook(tmp_path / "in/clients.xlsx")
    for row, grade in enumerate(["Grade", "A", "X", "B"], 1):
        book["People"].cell(row, 4).value = grade
    book.save(tmp_path / "in/clients.xlsx")
    assert case().returncode == 0
    row, = [r for r in case.sheet("Quarantine") if r["reason"] == "expectation_quarantine"]
    assert (row["sheet"], row["row"]) == ("People", 3) and "Grade: X" in row["record"]
    book = openpyxl.load_workbook(tmp_path / "out.xlsx")
    for cells in book["Quarantine"].iter_rows(min_row=2):
        for cell in cells:
            if isinstance(cell.value, str) and "Grade: X" in cell.value:
                cell.value = cell.value.replace("Grade: X", "Grade: C")
    book.save(tmp_path / "mended.xlsx")
    done = case("--retry-quarantine", tmp_path / "mended.xlsx")
    assert done.returncode == 0, done.stderr
    assert "Ben Ohm" in {r["contact_name"] for r in case.sheet("Contacts")}
    assert not [r for r in case.sheet("Quarantine") if r["reason"] == "expectation_quarantine"]
    case.balanced()


def test_a_quarantine_fed_back_as_it_is_changes_nothing(case, tmp_path):
    case.suite("clients", in_set())
    case.profile(SUITE + "\nseverity: {critical: quarantine}", root="output: {suite: suites/clients_out.json, severity: {critical: quarantine}}")
    case.suite("clients_out", ("expect_column_values_to_not_be_null", {"column": "contact_primary_email"}))
    assert case().returncode == 0
    case.balanced()
    shutil.copy(tmp_path / "out.xlsx", tmp_path / "kept.xlsx")
    assert case("--retry-quarantine", tmp_path / "kept.xlsx").returncode == 0
    for sheet in ("Data", "Contacts", "Quarantine", "Findings"):
        assert case.sheet(sheet) == case.sheet(sheet, "kept.xlsx")


def test_an_aggregate_cannot_send_rows_to_quarantine_and_stops(case):
    case.suite("clients", ("expect_column_mean_to_be_between", {"column": "Fleet", "max_value": 1}))
    case.profile(SUITE + "\nseverity: {critical: quarantine}")
    done = case()
    assert done.returncode == 1 and "clients: Fleet expect_column_mean_to_be_between (clients.xlsx!Clients): observed" in " ".join(done.stdout.split())
    assert not (case.folder / "out.xlsx").exists()


def test_rows_may_be_kept_out_by_several_columns_at_once(case):
    case.suite("clients", ("expect_column_pair_values_to_be_in_set", {"column_A": "Status", "column_B": "Fleet", "value_pairs_set": [["Active", 3]],
                                                                      "ignore_row_if": "either_value_is_missing"}))
    case.profile(SUITE + "\nseverity: {critical: quarantine}")
    assert case().returncode == 0
    case.balanced()
    rows = [r for r in case.sheet("Quarantine") if r["reason"] == "expectation_quarantine"]
    assert {r["row"] for r in rows} == {5, 6, 8, 9, 10} and {r["note"] for r in rows} == {"clients: Status, Fleet expect_column_pair_values_to_be_in_set"}


# ---- contracts ----

SCHEMA = {"fields": [{"name": "Company", "type": "string", "constraints": {"required": True}}, {"name": "ID", "type": "integer", "constraints": {"unique": True}},
                     {"name": "Status", "type": "string", "constraints": {"enum": STATUSES}}]}


@pytest.mark.parametrize("key", ["contract", "schema"])
def test_a_table_schema_is_held_against_a_sheet(case, key):
    (case.folder / "clients.json").write_text(json.dumps(SCHEMA))
    case.profile(f"{key}: clients.json\nseverity: {{critical: warn}}")
    assert case().returncode == 0
    unmet = {(c["column"], c["expectation"]): c["cells"] for c in case.run_json()["checks"] if c["stage"] == "check-sources" and not c["success"]}
    assert unmet == {("Company", "expect_column_values_to_not_be_null"): ["clients.xlsx!Clients!A9"],
                     ("Status", "expect_column_values_to_be_in_set"): ["clients.xlsx!Clients!D7", "clients.xlsx!Clients!D8"]}


def test_a_package_knows_the_sheets_of_a_workbook_and_their_keys(case):
    package = {"name": "clients", "resources": [
        {"name": "Clients", "schema": {**SCHEMA, "primaryKey": "ID"}},
        {"name": "People", "schema": {"fields": [{"name": "ID", "type": "integer"}, {"name": "Gone", "type": "string"}],
                                      "foreignKeys": [{"fields": "ID", "reference": {"resource": "Clients", "fields": "ID"}}]}}]}
    (case.folder / "package.json").write_text(json.dumps(package))
    case.profile(source="contract: package.json\nseverity: {critical: warn}")
    assert case().returncode == 0
    unmet = {(c["data"], c["column"], c["expectation"]): c["cells"] for c in case.run_json()["checks"] if c["stage"] == "check-sources" and not c["success"]}
    assert unmet[("clients.xlsx!People", "ID", "expect_foreign_key_values_to_exist")] == ["clients.xlsx!People!A4"]
    # A column that is absent is one broken promise, not one for each of its promises.
    assert [k for k in unmet if k[1] == "Gone"] == [("clients.xlsx!People", "Gone", "expect_column_to_exist")]


# ---- the result ----

@pytest.mark.parametrize("word", ["fail", "warn", "quarantine"])
def test_the_result_is_held_against_a_suite_of_its_own(case, word):
    case.suite("result", ("expect_column_values_to_be_in_set", {"column": "status", "value_set": STATUSES}))
    case.profile(root=f"output: {{suite: suites/result.json, severity: {{critical: {word}}}}}")
    done = case("--json")
    told = json.loads(done.stdout)
    check, = [c for c in told["checks"] if c["suite"] == "result"]
    assert check["stage"] == "check" and check["data"] == "Data" and check["unexpected"] == 2 and check["severity"] == word
    assert [c.rsplit("!", 1)[0] for c in check["cells"]] == ["clients.xlsx!Clients"] * 2 and {re.sub("[A-Z]", "", c.rsplit("!", 1)[1]) for c in check["cells"]} == {"7", "8"}
    assert done.returncode == (word == "fail") and (case.folder / "out.xlsx").exists() == (word != "fail")
    if word == "fail":
        assert told["failing_stage"] == "check"
        return
    case.balanced()
    found = [f for f in case.sheet("Findings") if f["rule"] == "expectation_failed" and "result: status" in (f["note"] or "")]
    assert {f["note"] for f in found} == {f"{slug}: result: status expect_column_values_to_be_in_set" for slug in ("heron-air", "bittern-training")}
    names = {r["organization_name"] for r in case.sheet("Data")}
    assert ("Heron Air" in names) == (word == "warn")
    assert ("Ben Ohm" in {r["contact_name"] for r in case.sheet("Contacts")}) == (word == "warn")


def test_all_rows_of_an_organisation_leave_the_result_and_come_back(case, tmp_path):
    write_book(tmp_path / "in/clients.xlsx", ROWS + [["HERON AIR (Pty) Ltd", 8, "", "Activ", 9]])
    case.suite("result", ("expect_column_values_to_be_in_set", {"column": "status", "value_set": STATUSES}))
    case.profile(root="output: {suite: suites/result.json, severity: {critical: quarantine}}")
    assert case().returncode == 0
    counts = case.run_json()["counts"]
    assert counts["rows_in"] == counts["rows_out"] + counts["merged"] + counts["quarantined"] == 11
    rows = {(r["sheet"], r["row"]): r for r in case.sheet("Quarantine") if r["reason"] == "expectation_quarantine"}
    assert set(rows) == {("Clients", 7), ("Clients", 8), ("Clients", 11), ("People", 3)}
    assert {k: r["organization_name"] for k, r in rows.items()} == {
        ("Clients", 7): "Heron Air", ("Clients", 8): "Bittern Training", ("Clients", 11): "HERON AIR (Pty) Ltd", ("People", 3): None}
    assert {r["note"] for r in rows.values()} == {"result: status expect_column_values_to_be_in_set"}
    assert counts["duplicates"] == 0 and counts["attached"] == len([r for r in case.sheet("Contacts") if r["contact_name"] == "Ada Quist"])
    shutil.copy(tmp_path / "out.xlsx", tmp_path / "kept.xlsx")
    book = openpyxl.load_workbook(tmp_path / "kept.xlsx")
    sheet = book["Quarantine"]
    head = {c.value: c.column for c in sheet[1]}
    for row in sheet.iter_rows(min_row=2):
        cell = row[head["record"] - 1]
        cell.value = (cell.value or "").replace("Status: Activ", "Status: Active") if "Heron" in (cell.value or "") or "HERON" in (cell.value or "") else cell.value
    book.save(tmp_path / "mended.xlsx")
    again = case("--retry-quarantine", tmp_path / "mended.xlsx")
    assert again.returncode == 0, again.stderr
    heron, = [r for r in case.sheet("Data") if "heron" in r["organization_slug"]]
    assert heron["status"] == "Active" and "Ben Ohm" in {r["contact_name"] for r in case.sheet("Contacts")}


def test_an_expectation_of_the_profile_can_send_to_quarantine_too(case):
    case.profile(root="refine:\n  expectations:\n    - {column: contact_email, kind: not_null, severity: quarantine}")
    assert case().returncode == 0
    case.balanced()
    rows = [r for r in case.sheet("Quarantine") if r["reason"] == "expectation_quarantine"]
    assert "Kestrel Aero" in {r["organization_name"] for r in rows} and {r["note"] for r in rows} == {"contact_primary_email not_null"}
    assert all(r["contact_primary_email"] for r in case.sheet("Data"))


def test_the_contract_of_a_profile_can_be_held_against_its_result(case, tmp_path):
    case.profile()
    assert case().returncode == 0
    emitted = case.hotpass.run(["contracts", "emit", "-p", tmp_path / "checked.yaml"])
    assert emitted.returncode == 0, emitted.stderr
    (tmp_path / "promise.yaml").write_text(emitted.stdout)
    case.profile(root="output: {contract: promise.yaml}")
    done = case()
    assert done.returncode == 0, done.stdout
    held = [c for c in case.run_json()["checks"] if c["suite"] != "output"]
    assert len(held) > 50 and all(c["success"] for c in held)


# ---- the profile ----

def lint(case):
    done = case.hotpass.run(["profile", "lint", case.folder / "checked.yaml"])
    return done.returncode, (done.stdout + done.stderr).replace(f"{case.folder}/", "")


def test_lint_names_line_and_column_of_each_mistake(case):
    case.suite("good", in_set())
    case.suite("bad", ("expect_column_values_to_be_in_sett", {"column": "Status"}))
    case.profile("suite: [suites/good.json, suites/none.json, suites/bad.json]\nschema: nothing.json\nseverity: {critical: stop, grave: fail}\nsuites: x",
                 root="output:\n  suite: suites/gone.json\nseverity: fatal")
    code, said = lint(case)
    assert code == 78
    for place, words in [("9:37", "none.json"), ("9:55", "did you mean"), ("10:19", "nothing.json"), ("11:32", '"critical" must be warn, fail or quarantine'), ("11:38", 'unknown key "grave"'),
                         ("12:11", 'unknown key "suites" in ingest.sources.sheets; did you mean "suite"?'), ("21:10", "gone.json"), ("22:11", "severity must be a map")]:
        assert any(line.startswith(f"checked.yaml:{place}: ") and words in line for line in said.splitlines()), (place, words, said)
    done = case()
    assert done.returncode == 78 and not (case.folder / "out.xlsx").exists()


def test_a_suite_that_is_wrong_is_told_before_anything_is_read(case):
    case.suite("clients", ("expect_column_values_to_be_in_set", {"colum": "Status", "value_set": []}))
    case.profile(SUITE)
    done = case("--json")
    told = json.loads(done.stdout)
    assert done.returncode == 78 and "suites/clients.json:1:" in told["message"] and '"colum"' in told["message"], told


def test_show_writes_what_load_reads(case):
    case.suite("clients", in_set())
    case.profile(SUITE + "\nseverity: {critical: quarantine}", root="severity: {warning: fail}\noutput: {suite: suites/clients.json, severity: {info: fail}}")
    shown = case.hotpass.run(["profile", "show", case.folder / "checked.yaml"])
    (case.folder / "again.yaml").write_text(shown.stdout)
    again = case.hotpass.run(["profile", "show", case.folder / "again.yaml"])
    assert shown.returncode == again.returncode == 0 and again.stdout == shown.stdout
    assert "suites/clients.json" in shown.stdout and "critical: quarantine" in shown.stdout and "warning: fail" in shown.stdout and "info: fail" in shown.stdout


def test_a_saved_map_keeps_the_suites(case, tmp_path):
    case.suite("clients", in_set())
    case.profile(SUITE, source="suite: suites/ids.json")
    case.suite("ids", ("expect_column_to_exist", {"column": "ID"}))
    (tmp_path / "maps").mkdir()
    saved = case.hotpass.run(["map", "-p", tmp_path / "checked.yaml", tmp_path / "in", "--save", tmp_path / "maps/saved.yaml"])
    assert saved.returncode == 0, saved.stderr
    done = case("--map", tmp_path / "maps/saved.yaml", "--json")
    assert done.returncode == 1, done.stderr
    assert [(c["suite"], c["data"]) for c in json.loads(done.stdout)["checks"]] == [
        ("clients", "clients.xlsx!Clients"), ("ids", "clients.xlsx!Clients"), ("ids", "clients.xlsx!People")]


def test_a_csv_file_has_addresses_too(hotpass, tmp_path):
    (tmp_path / "in").mkdir()
    with open(tmp_path / "in/clients.csv", "w", newline="") as f:
        csv.writer(f).writerows([HEAD, *ROWS])
    (tmp_path / "s.json").write_text(json.dumps({"expectations": [{"type": in_set()[0], "kwargs": in_set()[1]}]}))
    (tmp_path / "p.yaml").write_text("name: p\ningest:\n  sources:\n    - {name: Clients, path_pattern: '*.csv', suite: s.json}\n")
    done = hotpass.run(["refine", "-p", tmp_path / "p.yaml", "-i", tmp_path / "in", "-o", tmp_path / "out.xlsx", "--json"])
    check, = json.loads(done.stdout)["checks"]
    assert done.returncode == 1 and check["suite"] == "s" and check["data"] == "clients.csv" and check["cells"] == ["clients.csv!D5", "clients.csv!D6"]


def test_the_same_bytes_whatever_the_threads(case, tmp_path):
    case.suite("clients", in_set(), regex("E-mail"))
    case.profile(SUITE + "\nseverity: {critical: quarantine}")
    made = []
    for jobs in ("1", "4"):
        done = case("-j", jobs, env={"SOURCE_DATE_EPOCH": "1700000000"})
        assert done.returncode == 0
        made.append(((tmp_path / "out.xlsx").read_bytes(), (tmp_path / "run.json").read_bytes()))
    assert made[0] == made[1]


# ---- the suites that come with the program ----

def test_the_suites_of_the_demo(hotpass, repo, demo, tmp_path):
    """What refine finds in the demo is what `hotpass check` finds with the same suite and sheet."""
    sheets = {"sacaa_cleaned": ("SACAA Flight Schools - Refined copy__CLEANED.xlsx", "Cleaned"), "reachout_organisation": ("Reachout Database.xlsx", "Organisation"),
              "reachout_contact_info": ("Reachout Database.xlsx", "Contact Info"), "contact_company_cat": ("Contact Database.xlsx", "Company_Cat"),
              "contact_company_contacts": ("Contact Database.xlsx", "Company_Contacts"),
              "contact_company_addresses": ("Contact Database.xlsx", "Company_Addresses"), "contact_capture": ("Contact Database.xlsx", "10-10-25 Capture")}
    assert {p.stem for p in (repo / "expectations").glob("*.json")} == set(sheets)
    done = hotpass.run(["refine", "-p", repo / "profiles/aviation.yaml", "-i", demo, "-o", tmp_path / "out.xlsx", "--json"])
    assert done.returncode == 0, done.stderr
    checks = [c for c in json.loads(done.stdout)["checks"] if c["stage"] == "check-sources"]
    for suite, (file, sheet) in sheets.items():
        alone = hotpass.run(["check", demo / f"{file}!{sheet}", "--suite", repo / f"expectations/{suite}.json", "--format", "json"])
        results = json.loads(alone.stdout)["results"]
        ours = [c for c in checks if c["suite"] == suite]
        assert {c["data"] for c in ours} == {f"{file}!{sheet}"}
        assert [(c["expectation"], c["success"], c["unexpected"]) for c in ours] == [
            (r["expectation_config"]["type"], r["success"], r["result"].get("unexpected_count", 0)) for r in results], suite
    assert [(c["suite"], c["severity"]) for c in checks if not c["success"]] == [("reachout_organisation", "warn")]
