"""Rows in quarantine that are corrected by hand and fed back: from the workbook or its csv, cell by cell, and what must not pass."""
import csv
import json
import shutil

import openpyxl
import pytest

from test_annotate import CLIENTS, table_of, write_clients, write_csv

BIRDS = ("Osprey Plover Kestrel Heron Bittern Godwit Curlew Dunnock Fulmar Gannet Hoopoe Jacana Kakapo Lapwing Merlin Nightjar Oriole Puffin Quail Redstart "
         "Siskin Turnstone Umbrellabird Vireo Wigeon Xenops Yellowhammer Zosterops Avocet Bustard Cormorant Drongo").split()


def refine(hotpass, repo, folder, output, *more, profile="generic", **options):
    return hotpass.run(["refine", "-p", repo / f"profiles/{profile}.yaml", "-i", folder / "in", "-o", folder / output, *more], **options)


@pytest.fixture
def first(hotpass, repo, tmp_path):
    """A folder with inputs and a first run, whose result is kept as kept.xlsx."""
    write_clients(tmp_path / "in")
    write_csv(tmp_path / "in/people.csv")
    assert refine(hotpass, repo, tmp_path, "out.xlsx").returncode == 0
    shutil.copy(tmp_path / "out.xlsx", tmp_path / "kept.xlsx")
    return tmp_path


def edit(path, change, to=None):
    """Let `change` edit the rows of the Quarantine sheet, given as dicts of cells; saved as Excel's users would."""
    book = openpyxl.load_workbook(path)
    sheet = book["Quarantine"]
    head = [c.value for c in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        change({name: cell for name, cell in zip(head, row)})
    book.save(to or path)


def at(row, file, number):
    return row["source_file"].value == file and row["row"].value == number


def run_json(folder):
    return json.loads((folder / "run.json").read_text(encoding="utf-8"))


def balanced(folder):
    counts = run_json(folder)["counts"]
    return counts["rows_in"] == counts["rows_out"] + counts["merged"] + counts["quarantined"] and counts


def test_quarantine_names_its_sources(first):
    rows = table_of(first / "kept.xlsx", "Quarantine")
    assert {(r["source_file"], r["row"], r["reason"]) for r in rows} >= {
        ("clients.xlsx", 3, "filler_organization"), ("people.csv", 3, "filler_organization"), ("clients.xlsx", 4, "no_organization_name")}
    shas = {i["path"].split("/")[-1]: i["sha256"] for i in run_json(first)["inputs"]}
    assert all(r["source_sha256"] == shas[r["source_file"]] for r in rows)


def test_a_corrected_row_comes_into_the_result(hotpass, repo, first):
    before = balanced(first)

    def change(row):
        if at(row, "clients.xlsx", 3):
            row["organization_name"].value = "Osprey Charters"
            row["record"].value = row["record"].value.replace("000-000-0001", "011 555 0199").replace("Unspecified", "Gauteng") + " | E-mail: desk@osprey.example"
    edit(first / "kept.xlsx", change)
    done = refine(hotpass, repo, first, "again.xlsx", "--retry-quarantine", first / "kept.xlsx")
    assert done.returncode == 0, done.stderr
    assert f"4 cells of 1 row taken from {first / 'kept.xlsx'}" in done.stdout.replace("\n               ", " ")
    counts = balanced(first)
    assert counts["quarantined"] == before["quarantined"] - 1 and counts["rows_in"] == before["rows_in"]
    new, = [r for r in table_of(first / "again.xlsx", "Data") if r["organization_name"] == "Osprey Charters"]
    assert new["contact_primary_phone"] == "+27115550199" and new["contact_primary_email"] == "desk@osprey.example" and new["province"] == "Gauteng"
    provenance = json.loads(new["selection_provenance"])
    name = provenance["organization_name"]
    assert name["source_cell"] == "clients.xlsx!Clients!A3" and name["corrected_in"] == "kept.xlsx!Quarantine!F2"
    assert all(list(entry) == sorted(entry) for entry in provenance.values())
    corrected = [k for k, v in provenance.items() if "corrected_in" in v]
    assert len(corrected) == 4 and len(corrected) <= len(provenance)
    findings = [f for f in table_of(first / "again.xlsx", "Findings") if f["rule"] == "corrected"]
    assert {f["cells"] for f in findings} == {"A3", "C3", "D3", "E3"} and all(f["note"].startswith("kept.xlsx!Quarantine!") for f in findings)
    told, = run_json(first)["corrections"]
    assert (told["rows"], told["cells"]) == (1, 4)


def test_rows_that_were_not_corrected_stay_as_they_are(hotpass, repo, first):
    """The whole Quarantine fed back untouched changes nothing but the mention of it; rows that are deleted there neither."""
    def values(name):
        return {s: table_of(first / name, s) for s in ("Data", "Contacts", "Quarantine", "Findings")}
    assert refine(hotpass, repo, first, "same.xlsx", "--retry-quarantine", first / "kept.xlsx").returncode == 0
    assert values("same.xlsx") == values("kept.xlsx")
    book = openpyxl.load_workbook(first / "kept.xlsx")
    book["Quarantine"].delete_rows(3, 99)
    book.save(first / "fewer.xlsx")
    assert refine(hotpass, repo, first, "same.xlsx", "--retry-quarantine", first / "fewer.xlsx").returncode == 0
    assert values("same.xlsx") == values("kept.xlsx")


def test_the_csv_of_it_does_as_well(hotpass, repo, first):
    assert refine(hotpass, repo, first, "flat.csv").returncode == 0
    with open(first / "flat.quarantine.csv", newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    for r in rows:
        if (r["source_file"], r["row"]) == ("people.csv", "4"):
            r["record"] = "Company: Tern & Co | " + r["record"]
    with open(first / "mended.csv", "w", newline="", encoding="utf-8") as f:
        writer = csv.DictWriter(f, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    assert refine(hotpass, repo, first, "again.xlsx", "--retry-quarantine", first / "mended.csv").returncode == 0
    new, = [r for r in table_of(first / "again.xlsx", "Data") if r["organization_name"] == "Tern & Co"]
    assert json.loads(new["selection_provenance"])["organization_name"]["corrected_in"].startswith("mended.csv!I")
    assert balanced(first)


def test_a_second_round_of_corrections(hotpass, repo, first):
    """A correction that does not help is corrected in the next Quarantine; of two files the later one counts."""
    edit(first / "kept.xlsx", lambda row: at(row, "clients.xlsx", 3) and setattr(row["organization_name"], "value", "Unknown Organisation 8"))
    assert refine(hotpass, repo, first, "two.xlsx", "--retry-quarantine", first / "kept.xlsx").returncode == 0
    row, = [r for r in table_of(first / "two.xlsx", "Quarantine") if (r["source_file"], r["row"]) == ("clients.xlsx", 3)]
    assert row["organization_name"] == "Unknown Organisation 8" and row["record"].startswith("Company: Unknown Organisation 8 | ")
    edit(first / "two.xlsx", lambda row: at(row, "clients.xlsx", 3) and setattr(row["organization_name"], "value", "Plover Air"))
    assert refine(hotpass, repo, first, "three.xlsx", "--retry-quarantine", first / "kept.xlsx", "--retry-quarantine", first / "two.xlsx").returncode == 0
    new, = [r for r in table_of(first / "three.xlsx", "Data") if r["organization_name"] == "Plover Air"]
    assert json.loads(new["selection_provenance"])["organization_name"]["corrected_in"] == "two.xlsx!Quarantine!F2"
    assert [c["cells"] for c in run_json(first)["corrections"]] == [1, 1]
    alone = refine(hotpass, repo, first, "three.xlsx", "--retry-quarantine", first / "two.xlsx")
    assert alone.returncode == 65 and "give that file as well, before this one" in alone.stderr


def test_a_cell_can_be_emptied_and_a_part_left_out(hotpass, repo, first):
    def change(row):
        if at(row, "clients.xlsx", 3):
            row["record"].value = "Company: Osprey | Phone:  | Province:"
    edit(first / "kept.xlsx", change)
    assert refine(hotpass, repo, first, "again.xlsx", "--retry-quarantine", first / "kept.xlsx").returncode == 0
    assert {f["cells"] for f in table_of(first / "again.xlsx", "Findings") if f["rule"] == "corrected"} == {"A3", "D3", "E3"}
    assert any(r["organization_name"] == "Osprey" for r in table_of(first / "again.xlsx", "Data"))


def wrong(field, value):
    return lambda row: at(row, "clients.xlsx", 3) and setattr(row[field], "value", value)


@pytest.mark.parametrize("change, words", [
    (wrong("source_file", "gone.xlsx"), "corrects gone.xlsx!Clients, which is not among the inputs"),
    (wrong("sheet", "Gone"), "corrects clients.xlsx!Gone, which is not among the inputs"),
    (wrong("row", 99), "clients.xlsx has no row 99 with data"),
    (wrong("row", 1), "clients.xlsx has no row 1 with data"),
    (wrong("row", "three"), '"three" is no number of a row'),
    (wrong("source_sha256", "0" * 64), "the file was changed since"),
    (wrong("record", "a name"), '"a name" in the column record begins with no column of the sheet'),
    (wrong("record", "Company: Osprey | Phnoe: 011 555 0100"), '"Phnoe: 011 555 0100" in the column record begins with no column'),
])
def test_what_does_not_fit_the_sources_is_an_error(hotpass, repo, first, change, words):
    edit(first / "kept.xlsx", change)
    done = refine(hotpass, repo, first, "again.xlsx", "--retry-quarantine", first / "kept.xlsx")
    assert done.returncode == 65 and words in done.stderr and "kept.xlsx!Quarantine, row 2" in done.stderr, done.stderr
    assert not (first / "again.xlsx").exists()


def test_two_names_for_one_row_are_an_error(hotpass, repo, first):
    def change(row):
        if at(row, "clients.xlsx", 3):
            row["organization_name"].value = "Osprey"
            row["record"].value = row["record"].value.replace("Unknown Organisation 7", "Tern")
    edit(first / "kept.xlsx", change)
    done = refine(hotpass, repo, first, "again.xlsx", "--retry-quarantine", first / "kept.xlsx")
    assert done.returncode == 65 and "write one of them" in done.stderr


def test_a_source_that_was_changed_is_an_error(hotpass, repo, first):
    with open(first / "in/people.csv", "a", encoding="utf-8") as f:
        f.write("One more,,,,,,,\n")
    done = refine(hotpass, repo, first, "again.xlsx", "--retry-quarantine", first / "kept.xlsx")
    assert done.returncode == 65 and "corrects people.csv as it was, but the file was changed since" in done.stderr


def test_files_that_cannot_be_are_refused(hotpass, repo, first):
    before = (first / "kept.xlsx").read_bytes()
    for name, code, words in [("kept.xlsx", 2, "the run would write over them"), ("other.xlsx", 65, "has no sheet Quarantine"), ("gone.xlsx", 66, "does not exist")]:
        if name == "other.xlsx":
            openpyxl.Workbook().save(first / name)
        done = refine(hotpass, repo, first, "kept.xlsx" if code == 2 else "again.xlsx", "--retry-quarantine", first / name)
        assert done.returncode == code and words in done.stderr, done.stderr
    assert (first / "kept.xlsx").read_bytes() == before


def test_the_demo_with_every_filler_named(hotpass, repo, demo, tmp_path):
    """All fillers of three workbooks get names: all of them are in the result, on whatever sheet they stood."""
    shutil.copytree(demo, tmp_path / "in")
    assert refine(hotpass, repo, tmp_path, "out.xlsx", profile="aviation").returncode == 0
    before, names = balanced(tmp_path), []

    def change(row):
        names.append(f"{BIRDS[len(names)]} {BIRDS[-1 - len(names)]}")
        row["organization_name"].value = names[-1]
    edit(tmp_path / "out.xlsx", change, tmp_path / "kept.xlsx")
    done = refine(hotpass, repo, tmp_path, "again.xlsx", "--retry-quarantine", tmp_path / "kept.xlsx", "--annotate", tmp_path / "notes", profile="aviation")
    assert done.returncode == 0, done.stderr
    after = balanced(tmp_path)
    assert after["quarantined"] == 0 and after["rows_in"] == before["rows_in"] and len(names) == before["quarantined"]
    assert set(names) <= {r["organization_name"] for r in table_of(tmp_path / "again.xlsx", "Data")}


def test_numbers_and_dates_can_be_corrected(hotpass, repo, tmp_path):
    """Cells with types take the text that was written; a column without any value takes one too."""
    import datetime

    import xlsxwriter
    (tmp_path / "in").mkdir()
    wb = xlsxwriter.Workbook(tmp_path / "in/clients.xlsx")
    ws = wb.add_worksheet("Clients")
    ws.write_row(0, 0, CLIENTS[0])
    ws.write_row(1, 0, CLIENTS[1][:3])
    ws.write_row(2, 0, ["Unknown Organisation 7", None, None, 27110000000])
    ws.write_row(1, 2, ["ann@kiteworks.example", 27110000001])
    ws.write_datetime(2, 6, datetime.datetime(2025, 1, 2), wb.add_format({"num_format": "yyyy-mm-dd"}))
    wb.close()
    assert refine(hotpass, repo, tmp_path, "out.xlsx").returncode == 0

    def change(row):
        record = row["record"].value
        assert record == "Company: Unknown Organisation 7 | Phone: 27110000000 | Last contacted: 2025-01-02"
        row["record"].value = "Company: Osprey | Phone: 27 11 555 0100 | Last contacted: 2025-03-04 | E-mail: desk@osprey.example"
    edit(tmp_path / "out.xlsx", change, tmp_path / "kept.xlsx")
    done = refine(hotpass, repo, tmp_path, "again.xlsx", "--retry-quarantine", tmp_path / "kept.xlsx")
    assert done.returncode == 0, done.stderr
    new, = [r for r in table_of(tmp_path / "again.xlsx", "Data") if r["organization_name"] == "Osprey"]
    assert new["contact_primary_phone"] == "+27115550100" and str(new["last_interaction_date"])[:10] == "2025-03-04"
    assert new["contact_primary_email"] == "desk@osprey.example"


def test_a_correction_that_nothing_would_come_of_is_an_error(hotpass, repo, tmp_path):
    """A column without any value is mapped to nothing."""
    (tmp_path / "in").mkdir()
    with open(tmp_path / "in/list.csv", "w", encoding="utf-8") as f:
        f.write("Company,Phone,Website\nKite Works,011 555 0100,\nUnknown Organisation 7,,\n")
    assert refine(hotpass, repo, tmp_path, "out.xlsx").returncode == 0
    edit(tmp_path / "out.xlsx", lambda row: setattr(row["record"], "value", "Company: Osprey | Website: osprey.example"), tmp_path / "kept.xlsx")
    done = refine(hotpass, repo, tmp_path, "again.xlsx", "--retry-quarantine", tmp_path / "kept.xlsx")
    assert done.returncode == 65 and 'the column "Website" is corrected, but gives nothing' in done.stderr, done.stderr
