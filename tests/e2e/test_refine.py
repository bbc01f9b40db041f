"""hotpass refine, end to end: against the truth of the demo, and against what may go wrong around a run."""
import csv
import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
import zipfile
from pathlib import Path

import duckdb
import openpyxl
import polars
import pyarrow.parquet as pq
import pytest

import truth as truth_of

COLUMNS = (
    "organization_name organization_slug province country area address_primary organization_category organization_type status "
    "website planes description notes source_datasets source_record_ids contact_primary_name contact_primary_role "
    "contact_primary_email contact_primary_phone contact_primary_email_confidence contact_primary_email_status "
    "contact_primary_phone_confidence contact_primary_phone_status contact_primary_lead_score intent_signal_score "
    "intent_signal_count intent_signal_types intent_last_observed_at intent_top_insights contact_validation_flags "
    "contact_secondary_emails contact_secondary_phones contact_email_confidence_avg contact_phone_confidence_avg "
    "contact_verification_score_avg contact_lead_score_avg data_quality_score data_quality_flags selection_provenance "
    "last_interaction_date priority privacy_basis"
).split()
SHEETS = ["Data", "Contacts", "Quarantine", "Findings", "Summary"]


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def refine(hotpass, repo, inputs, output, *more, profile="aviation", **options):
    return hotpass.run(["refine", "--profile-search-path", repo / "profiles", "--profile", profile, "--input-dir", inputs,
                        "--output-path", output, *more], **options)


def head_of(sheet):
    return [c.value for c in sheet[1]]


@pytest.fixture(scope="module")
def refined(hotpass, repo, demo, tmp_path_factory):
    """The demo, refined once with an archive: (folder, result)."""
    folder = tmp_path_factory.mktemp("refined")
    before = {p: digest(p) for p in sorted(demo.glob("*.xlsx"))}
    result = refine(hotpass, repo, demo, folder / "refined.xlsx", "--archive", "--dist-dir", folder)
    assert result.returncode == 0, result.stderr
    assert before == {p: digest(p) for p in sorted(demo.glob("*.xlsx"))}, "an input was modified"
    return folder, result


@pytest.fixture(scope="module")
def book(refined):
    return openpyxl.load_workbook(refined[0] / "refined.xlsx")


# ---- the demo against its truth ------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def scored(refined, demo):
    return truth_of.load_truth(demo), truth_of.load_output(refined[0] / "refined.xlsx")


def test_duplicates_are_found_and_nothing_else_is_merged(scored):
    figures = truth_of.pairwise(*scored)
    assert figures.precision >= 0.98, figures
    assert figures.recall >= 0.85, figures


def test_no_phone_is_wrong(scored):
    assert truth_of.wrong_phones(*scored) == []


def test_no_email_is_wrong(scored):
    assert truth_of.wrong_emails(*scored) == []


def test_true_phones_are_found(scored):
    found, every = truth_of.found_phones(*scored)
    assert found >= 0.98 * every, (found, every)


def test_every_contact_is_attached_to_its_organisation(scored):
    assert truth_of.contacts_attached(*scored) == 1.0


def test_no_row_is_unaccounted_for(scored):
    assert truth_of.unaccounted_rows(*scored) == []


def test_fillers_are_quarantined_not_scored(scored):
    assert truth_of.scored_fillers(*scored) == []


# ---- the workbook ---------------------------------------------------------------------------------------------

def test_sheets_and_columns_are_those_that_macros_know(book):
    assert book.sheetnames == SHEETS
    head = head_of(book["Data"])
    assert head[:42] == COLUMNS
    assert len(head) == len(set(head))


def test_the_header_is_frozen_and_filtered(book):
    for name in SHEETS[:4]:
        sheet = book[name]
        assert sheet.freeze_panes == "A2", name
        assert sheet.auto_filter.ref.startswith("A1:"), name


def test_the_quality_score_has_real_conditional_formatting(book):
    sheet = book["Data"]
    letter = openpyxl.utils.get_column_letter(COLUMNS.index("data_quality_score") + 1)
    ranges = [str(r.sqref) for r in sheet.conditional_formatting]
    assert ranges and all(r.startswith(f"{letter}2:{letter}") for r in ranges), ranges
    rules = [rule for r in sheet.conditional_formatting for rule in r.rules]
    assert [float(rule.formula[0]) for rule in rules] == [0.8, 0.6, 0.4, 0.0]


def test_identifiers_and_phones_are_text_scores_are_numbers(book):
    sheet = book["Data"]
    head = head_of(sheet)
    for row in sheet.iter_rows(min_row=2):
        cells = dict(zip(head, row))
        for name in ("contact_primary_phone", "source_record_ids", "organization_slug"):
            if cells[name].value is not None:
                assert cells[name].data_type == "s", (name, cells[name].coordinate)
        assert isinstance(cells["data_quality_score"].value, (int, float))
        assert cells["organization_name"].value and cells["country"].value == "South Africa"


def test_slugs_are_a_key_and_rows_are_sorted(book):
    head = head_of(book["Data"])
    rows = [dict(zip(head, r)) for r in book["Data"].iter_rows(min_row=2, values_only=True)]
    slugs = [r["organization_slug"] for r in rows]
    assert len(slugs) == len(set(slugs))
    names = [r["organization_name"].encode() for r in rows]
    assert names == sorted(names)


def test_links_can_be_clicked(book):
    sheet = book["Data"]
    column = COLUMNS.index("website") + 1
    linked = [c for (c,) in sheet.iter_rows(min_row=2, min_col=column, max_col=column) if c.value]
    assert linked and all(c.hyperlink and c.hyperlink.target.rstrip("/") == c.value.rstrip("/") for c in linked)


def test_provenance_names_the_cell_and_no_personal_value(book, demo):
    head = head_of(book["Data"])
    books = {p.name: openpyxl.load_workbook(p) for p in demo.glob("*.xlsx")}
    checked = 0
    for values in book["Data"].iter_rows(min_row=2, values_only=True):
        row = dict(zip(head, values))
        provenance = json.loads(row["selection_provenance"])
        assert list(provenance) == sorted(provenance)
        assert "organization_name" in provenance
        for field, p in provenance.items():
            # A choice says what it was made by, and what else there was.
            assert ("contributors" in p) == ("source_priority" in p) == ("quality_score" in p) == ("last_interaction_date" in p)
            file, sheet, cell = p["source_cell"].split("!")
            if field == "organization_name" and cell[0].isalpha():
                there = books[file][sheet][cell].value
                assert " ".join(str(there).split()) == row["organization_name"], (file, sheet, cell)
                checked += 1
        text = row["selection_provenance"]
        for name in ("contact_primary_email", "contact_primary_phone"):
            assert not row[name] or row[name] not in text
    assert checked > 100


def test_contacts_stay_whole_people(book):
    head = head_of(book["Contacts"])
    people = [dict(zip(head, r)) for r in book["Contacts"].iter_rows(min_row=2, values_only=True)]
    by_org = {}
    for person in people:
        by_org.setdefault(person["organization_slug"], []).append(person)
    data_head = head_of(book["Data"])
    for values in book["Data"].iter_rows(min_row=2, values_only=True):
        row = dict(zip(data_head, values))
        primary = [p for p in by_org.get(row["organization_slug"], []) if p["is_primary"] == "yes"]
        if not any(row[f"contact_primary_{k}"] for k in ("name", "email", "phone")):
            continue
        assert len(primary) == 1, row["organization_slug"]
        assert primary[0]["contact_name"] == row["contact_primary_name"]
        assert not row["contact_primary_email"] or row["contact_primary_email"] in primary[0]["contact_emails"].split("; ")
        assert not row["contact_primary_phone"] or row["contact_primary_phone"] in primary[0]["contact_phones"].split("; ")


def test_findings_carry_rule_severity_cells_and_value(book):
    head = head_of(book["Findings"])
    rows = [dict(zip(head, r)) for r in book["Findings"].iter_rows(min_row=2, values_only=True)]
    rules = {r["rule"] for r in rows}
    for rule in ("formula_without_value", "placeholder", "hidden_row", "phone_invalid", "sheet_unclaimed"):
        assert rule in rules, (rule, sorted(rules))
    for r in rows:
        assert r["severity"] in ("info", "warn", "error") and r["meaning"] and r["count"] >= 1
        if r["rule"] == "phone_invalid":
            assert r["cells"] and r["value"] and r["source_file"] and r["sheet"]


def test_libreoffice_opens_it_and_sees_the_same_rows(refined, book, tmp_path):
    office = shutil.which("soffice") or shutil.which("libreoffice")
    assert office, "LibreOffice is not installed: run scripts/setup check"
    profile = (tmp_path / "profile").as_uri()
    subprocess.run([office, f"-env:UserInstallation={profile}", "--headless", "--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76",
                    "--outdir", tmp_path, refined[0] / "refined.xlsx"], check=True, timeout=180, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    with open(next(tmp_path.glob("refined*.csv")), newline="", encoding="utf-8") as f:
        rows = list(csv.reader(f))
    ours = [[c for c in r] for r in book["Data"].iter_rows(values_only=True)]
    assert len(rows) == len(ours)
    for theirs, mine in zip(rows[1:], ours[1:]):
        assert theirs[:3] == [v or "" for v in mine[:3]]


# ---- the record -----------------------------------------------------------------------------------------------

def test_run_json_accounts_for_every_row_and_file(refined, demo):
    folder, _ = refined
    run = json.loads((folder / "run.json").read_text())
    assert run["schema"] == "hotpass.run/1" and run["exit_code"] == 0 and run["failing_stage"] is None
    counts = run["counts"]
    assert counts["rows_in"] == counts["rows_out"] + counts["merged"] + counts["quarantined"]
    assert sum(run["quarantine"].values()) == counts["quarantined"]
    for entry in run["inputs"]:
        assert entry["sha256"] == digest(entry["path"])
    for entry in run["outputs"]:
        assert entry["sha256"] == digest(entry["path"])
        assert entry["bytes"] == os.path.getsize(entry["path"])
    assert run["profile"]["name"] == "aviation"
    assert all(s["seconds"] >= 0 for s in run["stages"])


def test_the_archive_verifies_with_sha256sum(refined, tmp_path):
    folder, _ = refined
    (archive,) = folder.glob("refined-data-*.zip")
    assert archive.stem.split("-")[-1] == digest(folder / "refined.xlsx")[:12]
    with zipfile.ZipFile(archive) as z:
        assert z.testzip() is None
        assert z.namelist() == ["refined.xlsx", "provenance.sqlite", "run.json", "SHA256SUMS"]
        z.extractall(tmp_path)
    subprocess.run(["sha256sum", "-c", "SHA256SUMS"], cwd=tmp_path, check=True, stdout=subprocess.DEVNULL)
    assert digest(tmp_path / "refined.xlsx") == digest(folder / "refined.xlsx")


def test_same_input_same_bytes_whatever_jobs_and_time_zone(hotpass, repo, demo, refined, tmp_path):
    result = refine(hotpass, repo, demo, tmp_path / "refined.xlsx", "--jobs", "1", env={"TZ": "Pacific/Auckland"})
    assert result.returncode == 0, result.stderr
    assert digest(tmp_path / "refined.xlsx") == digest(refined[0] / "refined.xlsx")


@pytest.fixture
def many_files(tmp_path):
    """Thirty small files of three formats, with what makes findings in some of them, and one too large to be read beside others."""
    folder = tmp_path / "many"
    folder.mkdir()
    for i in range(30):
        rows = [[f"Harbour Works {n}", f"desk{n}@harbour-{n}.example", f"021 555 {n:04}"] for n in range(i * 7, i * 7 + 20)]
        head = ["Organisation Name", "Email", "Phone"]
        name = folder / f"part-{i:02}"
        if i % 3 == 0:
            book = openpyxl.Workbook()
            for row in [head, *rows]:
                book.active.append(row)
            if i % 2:
                book.active.append(["#N/A", "=1/0", None])
            hidden = book.create_sheet("More")
            hidden.sheet_state = "hidden"
            hidden.append(head)
            hidden.append([f"Hidden Works {i}", f"post@hidden-{i}.example", None])
            book.save(name.with_suffix(".xlsx"))
        elif i % 3 == 1:
            with open(name.with_suffix(".csv"), "w", newline="", encoding="utf-8") as f:
                csv.writer(f).writerows([head, *rows, ["Ragged Works"]])
        else:
            name.with_suffix(".ndjson").write_text("\n".join(json.dumps(dict(zip(head, row))) for row in rows) + "\n{broken\n")
    with open(folder / "part-14-large.csv", "w", newline="", encoding="utf-8") as f:
        csv.writer(f).writerows([head] + [[f"Large Works {n}", f"desk@large-{n}.example", "x" * 2000] for n in range(2_200)])
    assert (folder / "part-14-large.csv").stat().st_size > 4 << 20
    return folder


def test_files_read_side_by_side_come_out_as_one_after_the_other(hotpass, repo, many_files, tmp_path):
    seen = set()
    for jobs in ("1", "2", "5"):
        out = tmp_path / f"{jobs}.csv"
        result = refine(hotpass, repo, many_files, out, "--output-path", tmp_path / f"{jobs}.xlsx", "--jobs", jobs, profile="generic")
        assert result.returncode == 0, result.stderr
        seen.add((digest(out), digest(tmp_path / f"{jobs}.xlsx")))
    assert len(seen) == 1
    sheet = openpyxl.load_workbook(tmp_path / "1.xlsx", read_only=True)["Findings"]
    told = {(row[1], row[2]) for row in sheet.iter_rows(values_only=True)}
    for rule, name in (("ragged_row", "part-01.csv"), ("broken_line", "part-02.ndjson"), ("cell_error", "part-03.xlsx"),
                       ("hidden_sheet", "part-27.xlsx"), ("ragged_row", "part-28.csv"), ("broken_line", "part-29.ndjson")):
        assert (rule, name) in told, (rule, name)


def test_of_several_damaged_files_the_first_is_named(hotpass, repo, many_files, tmp_path):
    for i in (9, 12, 27):
        path = many_files / f"part-{i:02}.xlsx"
        path.write_bytes(path.read_bytes()[:-40])
    for jobs in ("1", "4"):
        result = refine(hotpass, repo, many_files, tmp_path / "out.csv", "--jobs", jobs, profile="generic")
        assert result.returncode == 65 and "part-09.xlsx" in result.stderr, result.stderr
        assert "part-12" not in result.stderr and not (tmp_path / "out.csv").exists()


def test_a_fixed_clock_makes_the_archive_reproducible(hotpass, repo, demo, tmp_path):
    archives = []
    for jobs, zone in (("1", "UTC"), ("2", "America/Lima")):
        here = tmp_path / jobs
        here.mkdir()
        result = refine(hotpass, repo, demo, "out.xlsx", "--archive", "--dist-dir", "dist", "--jobs", jobs, cwd=here,
                        env={"SOURCE_DATE_EPOCH": "1760432400", "TZ": zone})
        assert result.returncode == 0, result.stderr
        archives += list((here / "dist").glob("*.zip"))
    assert archives[0].name == archives[1].name and archives[0].name.startswith("refined-data-20251014T090000Z-")
    assert digest(archives[0]) == digest(archives[1])


# ---- options --------------------------------------------------------------------------------------------------

def test_several_outputs_hold_the_same_rows(hotpass, repo, demo, tmp_path):
    result = refine(hotpass, repo, demo, tmp_path / "a.xlsx", "--output-path", tmp_path / "b.csv")
    assert result.returncode == 0, result.stderr
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx", read_only=True)["Data"]
    with open(tmp_path / "b.csv", newline="", encoding="utf-8") as f:
        rows = list(csv.reader(f))
    assert [r[:2] for r in rows] == [[str(v) for v in r[:2]] for r in sheet.iter_rows(values_only=True)]
    for part in ("contacts", "quarantine", "findings", "summary"):
        assert (tmp_path / f"b.{part}.csv").stat().st_size > 0


def sheet_rows(sheet):
    """The rows of a sheet as dictionaries; an empty cell is None."""
    header, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(header, r)) for r in rows]


def test_json_lines_hold_what_the_workbook_holds(hotpass, repo, demo, tmp_path):
    result = refine(hotpass, repo, demo, tmp_path / "a.xlsx", "--output-path", tmp_path / "b.ndjson", "--output-path", tmp_path / "c.jsonl")
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "b.ndjson").read_bytes() == (tmp_path / "c.jsonl").read_bytes()
    book = openpyxl.load_workbook(tmp_path / "a.xlsx", read_only=True)
    for name, part in [("Data", ""), ("Contacts", ".contacts"), ("Quarantine", ".quarantine"), ("Findings", ".findings")]:
        with open(tmp_path / f"b{part}.ndjson", encoding="utf-8") as f:
            lines = [json.loads(line) for line in f]
        assert lines == sheet_rows(book[name]), name
    kinds = {o["path"]: o["kind"] for o in json.loads((tmp_path / "run.json").read_text())["outputs"]}
    assert kinds[str(tmp_path / "c.summary.jsonl")] == "ndjson"


def test_parquet_holds_what_json_lines_hold(hotpass, repo, demo, tmp_path):
    result = refine(hotpass, repo, demo, tmp_path / "a.parquet", "--output-path", tmp_path / "b.ndjson", "--archive", "--dist-dir", tmp_path / "d")
    assert result.returncode == 0, result.stderr
    for part in ("", ".contacts", ".quarantine", ".findings"):
        with open(tmp_path / f"b{part}.ndjson", encoding="utf-8") as f:
            lines = [json.loads(line) for line in f]
        path = tmp_path / f"a{part}.parquet"
        assert pq.read_table(path).to_pylist() == lines, part
        assert polars.read_parquet(path).to_dicts() == lines, part
        names, rows = duckdb.connect().sql(f"select * from '{path}'").columns, duckdb.connect().sql(f"select * from '{path}'").fetchall()
        assert [dict(zip(names, r)) for r in rows] == lines, part
    kinds = {f.name: str(f.type) for f in pq.read_schema(tmp_path / "a.parquet")}
    assert (kinds["organization_name"], kinds["data_quality_score"]) == ("string", "double")
    assert {o["kind"] for o in json.loads((tmp_path / "run.json").read_text())["outputs"]} == {"parquet", "ndjson", "provenance"}


def test_dry_run_writes_nothing(hotpass, repo, demo, tmp_path):
    result = refine(hotpass, repo, demo, tmp_path / "new" / "a.xlsx", "--dry-run", "--archive", "--dist-dir", tmp_path / "d")
    assert result.returncode == 0, result.stderr
    assert list(tmp_path.iterdir()) == []


def test_since_leaves_old_organisations_in_quarantine(hotpass, repo, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/list.csv").write_text("Company,Last contacted\nOld Kite Works,2020-01-05\nNew Kite Works,2025-06-01\nNo Date Kites,\n")
    result = refine(hotpass, repo, tmp_path / "in", tmp_path / "o.xlsx", "--since", "2024-01-01", profile="generic")
    assert result.returncode == 0, result.stderr
    book = openpyxl.load_workbook(tmp_path / "o.xlsx")
    assert [r[0] for r in book["Data"].iter_rows(min_row=2, values_only=True)] == ["New Kite Works", "No Date Kites"]
    head = head_of(book["Quarantine"])
    (row,) = [dict(zip(head, r)) for r in book["Quarantine"].iter_rows(min_row=2, values_only=True)]
    assert row["reason"] == "before_since" and row["organization_name"] == "Old Kite Works"


# ---- hostile values -------------------------------------------------------------------------------------------

FORMULAS = ["=HYPERLINK(\"http://evil.example\",\"x\")", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "=1+1"]


def test_no_text_becomes_a_formula(hotpass, repo, tmp_path):
    (tmp_path / "in").mkdir()
    with open(tmp_path / "in/list.csv", "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f)
        out.writerow(["Company", "Notes", "City"])
        for i, text in enumerate(FORMULAS):
            out.writerow([f"={i} Kite Works", text, text])
    result = refine(hotpass, repo, tmp_path / "in", tmp_path / "o.xlsx", "--output-path", tmp_path / "o.csv", profile="generic")
    assert result.returncode == 0, result.stderr
    for sheet in openpyxl.load_workbook(tmp_path / "o.xlsx"):
        for row in sheet.iter_rows():
            assert all(c.data_type != "f" for c in row), sheet.title
    with zipfile.ZipFile(tmp_path / "o.xlsx") as z:
        assert all(b"<f>" not in z.read(n) for n in z.namelist() if "worksheets/" in n)
    for name in tmp_path.glob("o*.csv"):
        with open(name, newline="", encoding="utf-8") as f:
            for row in csv.reader(f):
                for cell in row:
                    assert not cell or cell[0] not in "=-@\t\r", (name, cell)
                    assert not cell.startswith("+") or cell[1:].isdigit(), (name, cell)


def test_odd_texts_come_back_as_they_are(hotpass, repo, tmp_path):
    (tmp_path / "in").mkdir()
    odd = ["_x0041_ literal", "<b>&amp;</b>", "quote \" and ' and \u2028", "emoji \U0001F6E9 plane", "\u05d0\u05d1\u05d2 right to left"]
    with open(tmp_path / "in/list.csv", "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f)
        out.writerow(["Company", "Notes"])
        out.writerows([f"Kite Works {i}", text] for i, text in enumerate(odd))
    assert refine(hotpass, repo, tmp_path / "in", tmp_path / "o.xlsx", profile="generic").returncode == 0
    sheet = openpyxl.load_workbook(tmp_path / "o.xlsx")["Data"]
    column = COLUMNS.index("notes")
    got = [r[column] for r in sheet.iter_rows(min_row=2, values_only=True)]
    # openpyxl leaves the escape of an underscore (ECMA-376 part 1, 22.9.2.19) in inline strings; spreadsheet programs take it off.
    assert [" ".join(g.replace("_x005F_", "_").split()) for g in got] == [" ".join(o.split()) for o in odd]


# ---- what may go wrong around a run ---------------------------------------------------------------------------

def leftovers(folder):
    return [p for p in Path(folder).rglob("*") if p.name.endswith(".tmp")]


def test_an_output_that_is_an_input_is_refused(hotpass, repo, demo, tmp_path):
    for p in demo.glob("*.xlsx"):
        shutil.copy(p, tmp_path)
    target = tmp_path / "Contact Database.xlsx"
    before = digest(target)
    result = refine(hotpass, repo, tmp_path, target)
    assert result.returncode == 2 and "one of the inputs" in result.stderr
    assert digest(target) == before


@pytest.mark.parametrize("size", ["16k", "64k", "128k"])
def test_a_full_disk_leaves_the_previous_output(hotpass, repo, demo, tmp_path, size):
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk], capture_output=True, text=True)
    assert mounted.returncode == 0, f"a small file system is needed for this test: {mounted.stderr}"
    try:
        (disk / "refined.xlsx").write_bytes(b"previous")
        result = refine(hotpass, repo, demo, disk / "refined.xlsx", "--archive", "--dist-dir", disk)
        assert result.returncode == 74, (result.returncode, result.stderr)
        assert "stage write" in result.stderr and ("full" in result.stderr or "space" in result.stderr), result.stderr
        assert (disk / "refined.xlsx").read_bytes() == b"previous"
        assert [p.name for p in disk.iterdir()] == ["refined.xlsx"]
    finally:
        subprocess.run(["umount", disk], check=True)


def test_kill_9_at_any_moment_leaves_old_or_new(hotpass, repo, demo, refined, tmp_path):
    new = digest(refined[0] / "refined.xlsx")
    target = tmp_path / "refined.xlsx"
    seen = set()
    argv = [hotpass.path, "refine", "--profile-search-path", repo / "profiles", "--profile", "aviation", "--input-dir", demo,
            "--output-path", target]
    start = time.monotonic()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ})
    whole = time.monotonic() - start
    for i in range(14):
        target.write_bytes(b"previous")
        child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        time.sleep(whole * (i + 1) / 13)
        child.send_signal(signal.SIGKILL)
        child.wait()
        content = target.read_bytes()
        assert content == b"previous" or hashlib.sha256(content).hexdigest() == new, i
        seen.add(content == b"previous")
    assert True in seen, "no run was caught before its end"


def test_interrupt_removes_temporary_files(hotpass, repo, demo, tmp_path):
    target = tmp_path / "refined.xlsx"
    target.write_bytes(b"previous")
    argv = [hotpass.path, "refine", "--profile-search-path", repo / "profiles", "--profile", "aviation", "--input-dir", demo,
            "--output-path", target]
    codes = set()
    for delay in (0.02, 0.1, 0.2, 0.4):
        child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
        time.sleep(delay)
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=60)
        codes.add(child.returncode)
        assert leftovers(tmp_path) == []
    # Before the program has its handlers, which takes a slow machine longer than the first delay, the signal itself ends it.
    assert codes <= {0, 130, -signal.SIGINT} and 130 in codes


def test_memory_budget_is_announced(hotpass, repo, demo, tmp_path):
    result = refine(hotpass, repo, demo, tmp_path / "o.xlsx", "--max-memory", "1M")
    assert result.returncode == 75, (result.returncode, result.stderr)
    assert "memory" in result.stderr
    assert not (tmp_path / "o.xlsx").exists() and leftovers(tmp_path) == []


# ---- strangers' files -----------------------------------------------------------------------------------------

def febrl_score(rows, ids):
    """Pairwise precision and recall for Febrl: rec-12-org and rec-12-dup-0 are one person."""
    entity = {i: name.split("-")[1] for i, name in ids.items()}
    cluster = {}
    for n, cells in enumerate(rows):
        for cell in cells:
            cluster[cell] = n
    same = lambda key: {frozenset((a, b)) for group in group_by(key) for a in group for b in group if a < b}

    def group_by(key):
        groups = {}
        for i in ids:
            groups.setdefault(key(i), []).append(i)
        return groups.values()

    true, found = same(lambda i: entity[i]), same(lambda i: cluster.get(i, -i))
    return (len(true & found) / max(len(found), 1)), len(true & found) / max(len(true), 1)


def test_febrl_people_are_refined_by_the_generic_profile(hotpass, repo, febrl, tmp_path):
    (tmp_path / "in").mkdir()
    source = febrl / "dataset1.csv"
    shutil.copy(source, tmp_path / "in")
    result = refine(hotpass, repo, tmp_path / "in", tmp_path / "o.xlsx", profile="generic")
    assert result.returncode == 0, result.stderr
    ids = {}
    with open(source, newline="", encoding="utf-8") as f:
        for n, row in enumerate(csv.reader(f, skipinitialspace=True), 1):
            if n > 1 and row:
                ids[n] = row[0]
    sheet = openpyxl.load_workbook(tmp_path / "o.xlsx", read_only=True)["Data"]
    lines = sheet.iter_rows(values_only=True)
    column = next(lines).index("source_cells")
    rows = [[int(c.rsplit("!", 1)[1]) for c in line[column].split("; ")] for line in lines]
    precision, recall = febrl_score(rows, ids)
    assert precision >= 0.99, precision
    assert recall >= 0.3, recall
    run = json.loads((tmp_path / "run.json").read_text())
    assert run["counts"]["rows_in"] == len(ids)


def test_each_odd_workbook_gives_a_result_or_a_clear_finding(hotpass, repo, conformance, tmp_path):
    bad = []
    for path in sorted((conformance / "xlsx").iterdir()):
        here = tmp_path / path.stem
        (here / "in").mkdir(parents=True)
        shutil.copy(path, here / "in")
        result = refine(hotpass, repo, here / "in", here / "o.xlsx", profile="generic", timeout=60)
        if result.returncode == 0:
            openpyxl.load_workbook(here / "o.xlsx", read_only=True)
        elif result.returncode not in (65, 66) or path.name not in result.stderr and "no sheet" not in result.stderr:
            bad.append((path.name, result.returncode, result.stderr))
    assert bad == []


def test_ten_thousand_generated_contacts(hotpass, repo, tmp_path):
    generator = repo.parent / "shared/bench/gen_contacts.py"
    if not generator.exists():
        pytest.skip("../shared/bench is not there")
    (tmp_path / "in").mkdir()
    subprocess.run(["python3", generator, "10000", tmp_path / "in/people"], check=True, stdout=subprocess.DEVNULL)
    truth = {}
    with open(tmp_path / "in/people.truth.csv", newline="", encoding="utf-8") as f:
        truth = {r["record_id"]: r["entity_id"] for r in csv.DictReader(f)}
    (tmp_path / "in/people.truth.csv").unlink()
    result = refine(hotpass, repo, tmp_path / "in", tmp_path / "o.csv", profile="generic", timeout=600)
    assert result.returncode == 0, result.stderr
    pairs = right = 0
    with open(tmp_path / "o.csv", newline="", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            entities = [truth[i.split(":", 1)[1]] for i in row["source_record_ids"].split("; ")]
            for a in range(len(entities)):
                for b in range(a):
                    pairs += 1
                    right += entities[a] == entities[b]
    counts = json.loads((tmp_path / "run.json").read_text())["counts"]
    assert counts["rows_in"] == len(truth)
    assert pairs > 300 and right / pairs >= 0.98, (pairs, right)


def test_two_spellings_of_one_output_are_refused(hotpass, repo, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/list.csv").write_text("Company\nKite Works\n")
    result = hotpass("refine", "-p", repo / "profiles/generic.yaml", "-i", "in", "-o", "new/a.csv", "-o", "new/./a.contacts.csv", cwd=tmp_path)
    assert result.returncode == 2 and "two outputs would write this file" in result.stderr
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [tmp_path / "in/list.csv"]


def test_a_csv_output_keeps_the_suffix_it_was_given(hotpass, repo, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/list.csv").write_text("Company\nKite Works\n")
    result = hotpass("refine", "-p", repo / "profiles/generic.yaml", "-i", "in", "-o", "b.CSV", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"in", "logs", "run.json", "provenance.sqlite", "b.CSV", *(f"b.{s}.CSV" for s in "contacts quarantine findings summary".split())}


def test_people_of_one_cell_share_out_what_is_listed_for_each(hotpass, repo, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/list.csv").write_text("Company,Contact person,Role,E-mail\nKite Works,Jane Doe; John Roe,CEO; CFO,"
                                          "jane@kite.example; john@kite.example\n")
    assert refine(hotpass, repo, tmp_path / "in", tmp_path / "o.xlsx", profile="generic").returncode == 0
    sheet = openpyxl.load_workbook(tmp_path / "o.xlsx")["Contacts"]
    head = head_of(sheet)
    people = [dict(zip(head, r)) for r in sheet.iter_rows(min_row=2, values_only=True)]
    assert {(p["contact_name"], p["contact_role"], p["contact_emails"]) for p in people} == {
        ("Jane Doe", "CEO", "jane@kite.example"), ("John Roe", "CFO", "john@kite.example")}


def test_an_organisation_of_very_many_people_is_no_burden(hotpass, repo, tmp_path):
    """60,000 rows of one name: what grows with the square of them would take minutes."""
    (tmp_path / "in").mkdir()
    with open(tmp_path / "in/list.csv", "w", encoding="utf-8") as f:
        f.write("Company,Contact person,E-mail\n")
        f.writelines(f"Kite Works,Person {'abcdefghij'[i % 10]}{i},p{i}.invented.demo@gmail.com\n" for i in range(60_000))
    result = refine(hotpass, repo, tmp_path / "in", tmp_path / "o.csv", profile="generic", timeout=100)
    assert result.returncode == 0, result.stderr
    assert json.loads((tmp_path / "run.json").read_text())["counts"]["rows_out"] == 1
