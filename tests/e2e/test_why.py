"""`hotpass why`: every cell of the demo's result is answered, and held against the sources by openpyxl."""
import csv
import html
import json
import re
import shlex
import shutil
import sqlite3

import openpyxl
import pytest
import truth

FIXED = {"SOURCE_DATE_EPOCH": "1760000000"}


def refine(hotpass, repo, inputs, out, *more, cwd=None):
    done = hotpass("refine", "--profile-search-path", repo / "profiles", "--profile", "aviation", "--input-dir", inputs,
                   "--output-path", out, "-q", *more, env=FIXED, cwd=cwd)
    assert done.returncode in (0, 1), done.stderr
    return out


@pytest.fixture(scope="module")
def run(hotpass, repo, demo, tmp_path_factory):
    """A run of the demo as a workbook and as csv."""
    folder = tmp_path_factory.mktemp("why")
    refine(hotpass, repo, demo, folder / "out.xlsx", "--output-path", folder / "out.csv")
    return folder


@pytest.fixture
def copy(run, tmp_path):
    """The run's outputs, to be changed."""
    folder = tmp_path / "copy"
    shutil.copytree(run, folder)
    return folder


def why(hotpass, cell, *more):
    done = hotpass("why", cell, "--json", "--show-values", *more)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def refused(hotpass, code, *args):
    done = hotpass("why", *args)
    assert done.returncode == code, (done.returncode, done.stdout, done.stderr)
    assert done.stdout == ""
    return done.stderr


@pytest.fixture(scope="module")
def answers(hotpass, run):
    """Of every cell of Data, and of Contacts."""
    return {sheet: why(hotpass, f"{run}/out.xlsx!{sheet}!A:ZZ") for sheet in ("Data", "Contacts")}


@pytest.fixture(scope="module")
def sources(demo):
    return {path.name: openpyxl.load_workbook(path, data_only=True) for path in demo.glob("*.xlsx")}


@pytest.fixture(scope="module")
def result(run):
    return openpyxl.load_workbook(run / "out.xlsx")


def members(text):
    return (text or "").split("; ")


def same(shown, answered):
    """An output cell and an answer; scores are numbers in the workbook."""
    if isinstance(shown, (int, float)):
        return answered is not None and abs(float(answered) - shown) < 1e-9
    return (shown or "") == (answered or "")


# ---- every cell -----------------------------------------------------------------------------------------------------

def test_every_value_is_what_the_workbook_says(answers, result):
    counted = 0
    for a in answers["Data"]:
        c = a["cell"]
        if c["name"] in ("selection_provenance", "source_cells"):
            continue
        shown = result["Data"][f"{c['column']}{c['row']}"].value
        assert a["value_known"] and same(shown, a["value"]), (c, shown, a["value"])
        counted += 1
    assert counted == 174 * (result["Data"].max_column - 2)


def test_contacts_are_answered(answers, result):
    counted = 0
    for a in answers["Contacts"]:
        c = a["cell"]
        if a["chosen"] is None:
            continue
        shown = result["Contacts"][f"{c['column']}{c['row']}"].value
        assert same(shown, a["value"]), (c, shown, a["value"])
        counted += shown is not None
    assert counted > 400


@pytest.mark.parametrize("sheet", ["Data", "Contacts"])
def test_every_value_names_its_source_cells(answers, sources, sheet):
    cells = 0
    for a in answers[sheet]:
        for kept in a.get("kept", []):
            if kept["value"] is None:
                continue
            assert kept["cells"], a["cell"]
            whole = kept["value"]
            for place in kept["cells"]:
                if place.get("constant"):  # the profile sets it for the whole sheet: there is no cell
                    assert a["cell"]["name"] in ("organization_category", "organization_type", "contact_role")
                    continue
                source = sources[place["file"]][place["sheet"]][f"{place['column']}{place['row']}"].value
                assert source is not None, (a["cell"], place)
                said = members(place["cleaned"]) + members(place["came_with"])
                if len(kept["cells"]) == 1:
                    assert whole == place["cleaned"] or whole in said, (a["cell"], kept)
                else:  # put together of several: each is in it
                    assert any(part in whole for part in said), (a["cell"], kept)
                if isinstance(source, str):
                    assert place["raw"] == source, (a["cell"], place)
                cells += 1
    assert cells > 500


def test_steps_lead_from_the_cell_to_the_value(answers):
    seen = set()
    for a in answers["Data"]:
        for place in (p for part in a["kept"] + a["not_taken"] for p in part["cells"]):
            if place.get("constant"):
                continue
            steps = place["steps"]
            split = [s["step"] for s in steps] == ["list_split"]  # shown as a list again
            assert (place["raw"] == place["cleaned"]) == (not steps or split), place
            if steps:
                assert steps[0]["old"] == place["raw"] and steps[-1]["new"] == place["cleaned"], place
                assert all(x["new"] == y["old"] for x, y in zip(steps, steps[1:])), place
            seen |= {s["step"] for s in steps}
    assert {"phone_normalised", "province_spelled", "website_normalised", "tidied"} <= seen


def test_emptied_cells_have_their_rule(answers, sources):
    rules = set()
    for a in answers["Data"]:
        for place in a["emptied"]:
            source = sources[place["file"]][place["sheet"]][f"{place['column']}{place['row']}"].value
            assert source is not None and place["cleaned"] is None
            assert [s["step"] for s in place["steps"]] == ["emptied"]
            assert place["rules"], place
            rules |= {r["rule"] for r in place["rules"]}
    assert {"placeholder", "phone_invalid"} <= rules


# ---- records ---------------------------------------------------------------------------------------------------------

def rows_of(a):
    return {(r["file"], r["sheet"], r["row"]) for record in a["records"] for r in record["rows"]}


def test_rows_merged_are_those_of_the_truth(answers, demo, run):
    known, output = truth.load_truth(demo), truth.load_output(run / "out.xlsx")
    by_row = {a["cell"]["row"]: a for a in answers["Data"]}
    whole = {}
    for row in known.rows.values():
        if row.kind == "organization":
            whole.setdefault(row.entity, set()).add(row.key)
    complete = 0
    for i, record in enumerate(output.data):
        told = rows_of(by_row[i + 2])
        assert told == set(record["keys"])
        entities = {known.rows[k].entity for k in told if k in known.rows and known.rows[k].kind == "organization"}
        assert len(entities) <= 1, (record["organization_slug"], entities)
        complete += all(whole[e] <= told for e in entities)
    assert complete >= 168  # the rows of six entities are in two records each: tests/e2e/truth.py counts them


def test_every_record_but_the_first_has_a_reason(answers):
    merged = 0
    for a in {a["cell"]["row"]: a for a in answers["Data"]}.values():
        reached = {1}
        for _ in a["matches"]:  # what is matched hangs together
            reached |= {r for m in a["matches"] if reached & set(m["records"]) for r in m["records"]}
        assert reached == set(range(1, len(a["records"]) + 1)), a["records"]
        merged += len(a["matches"])
        for record in a["records"]:
            assert record["rows"][0]["joined"] in ("a row of organisations",
                                                   "a contact whose organisation stands nowhere else")
            for row in record["rows"][1:]:
                assert row["joined"].startswith(("by its key", "by its name", "below the merged cell")), row
    assert merged == 89


def test_values_that_lost_say_why(answers):
    reasons = {part["why_not"] for a in answers["Data"] for part in a["not_taken"]}
    assert any("lower priority" in r for r in reasons), reasons
    for a in answers["Data"]:
        if a["cell"]["name"] != "province" or not a["not_taken"]:
            continue
        first = a["records"][a["kept"][0]["record"] - 1]
        for part in a["not_taken"]:
            other = a["records"][part["record"] - 1]
            if "lower priority" in part["why_not"]:
                assert other["priority"] < first["priority"]


# ---- quarantine, other forms, other ways to ask ----------------------------------------------------------------------

def test_quarantined_rows(hotpass, run, result):
    sheet = result["Quarantine"]
    told = why(hotpass, f"{run}/out.xlsx!Quarantine!A:A")
    assert len(told) == sheet.max_row - 1 == 30
    for a in told:
        q, line = a["quarantined"], a["cell"]["row"]
        assert [q["file"], q["sheet"], q["row"], q["kind"], q["reason"]] == [sheet.cell(line, c).value for c in range(1, 6)]


def test_flat_outputs_and_slugs_answer_alike(hotpass, run):
    with open(run / "out.csv", newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    at = next(i for i, r in enumerate(rows) if r["contact_primary_email"])
    by_cell = why(hotpass, f"{run}/out.csv!R{at + 2}")[0]
    by_slug = why(hotpass, run / "out.xlsx", "--row", rows[at]["organization_slug"], "--column", "contact_primary_email")[0]
    assert by_cell["value"] == by_slug["value"] == rows[at]["contact_primary_email"]
    assert by_cell["kept"] == by_slug["kept"] and by_cell["output"]["kind"] == "csv"
    contact = why(hotpass, f"{run}/out.contacts.csv!E2")[0]
    assert contact["cell"]["sheet"] == "Contacts" and contact["contact"] >= 1


def test_values_of_people_are_masked(hotpass, run, result):
    row = next(r for r in range(2, 100) if result["Data"].cell(r, 18).value)
    email = result["Data"].cell(row, 18).value
    for more in ([], ["--json"]):
        done = hotpass("why", f"{run}/out.xlsx!Data!R{row}", *more)
        assert done.returncode == 0 and email not in done.stdout and "•••@" in done.stdout
    assert email in hotpass("why", f"{run}/out.xlsx!Data!R{row}", "--show-values").stdout


def test_text_names_cells_steps_and_sources(hotpass, run, result):
    row = next(r for r in range(2, 175) if result["Data"].cell(r, 19).value)
    text = hotpass("why", f"{run}/out.xlsx!Data!S{row}", "--show-values").stdout
    assert result["Data"].cell(row, 19).value in text
    assert "Why this value" in text and "Records of this row" in text and "sha256" in text and "as written" in text


# ---- what is not as the run left it ----------------------------------------------------------------------------------

def test_edited_output_is_noticed_and_answered(hotpass, copy, result):
    book = openpyxl.load_workbook(copy / "out.xlsx")
    sheet = book["Data"]
    row = next(r for r in range(2, 175) if sheet.cell(r, 3).value)
    was, slug = sheet.cell(row, 3).value, sheet.cell(row, 2).value
    sheet.cell(row, 3).value = "Atlantis"
    sheet.delete_rows(row - 1 if row > 2 else row + 1)  # rows move: the slug says which it is
    book.save(copy / "out.xlsx")
    line = row - 1 if row > 2 else row
    told = why(hotpass, f"{copy}/out.xlsx!Data!C{line}")[0]
    assert told["output"]["state"] == "edited" and told["output"]["value_now"] == "Atlantis"
    assert told["organization_slug"] == slug and told["value"] == was
    text = hotpass("why", f"{copy}/out.xlsx!Data!C{line}").stdout
    assert "EDITED" in text and "Atlantis" in text
    by_slug = why(hotpass, copy / "out.xlsx", "--row", slug, "--column", "C")[0]
    assert by_slug["cell"]["row"] == line and by_slug["output"]["value_now"] == "Atlantis"


def test_enriched_copy_gives_its_evidence(hotpass, copy):
    book = openpyxl.load_workbook(copy / "out.xlsx")
    sheet = book["Data"]
    row = next(r for r in range(2, 175) if not sheet.cell(r, 10).value)
    sheet.cell(row, 10).value = "https://found.example"
    lines = book.create_sheet("Provenance")
    lines.append(["row", "column", "old", "new", "provider", "confidence", "evidence"])
    lines.append([row, "website", None, "https://found.example", "registry", 0.9, "registry.csv:12"])
    lines.append([row + 1, "website", None, "https://other.example", "registry", 0.9, "registry.csv:13"])
    book.save(copy / "enriched.xlsx")
    told = why(hotpass, f"{copy}/enriched.xlsx!Data!J{row}")[0]
    assert told["output"]["state"] == "another_file" and told["output"]["value_now"] == "https://found.example"
    assert told["value"] is None and len(told["evidence"]) == 1
    assert told["evidence"][0]["evidence"] == "registry.csv:12" and told["evidence"][0]["line"] == "Provenance!2"


@pytest.mark.parametrize("form", ["xlsx", "csv", "parquet"])
def test_what_enrich_filled_in_is_answered_with_its_evidence(hotpass, repo, copy, form):
    book = openpyxl.load_workbook(copy / "out.xlsx", read_only=True)
    rows = list(book["Data"].iter_rows(values_only=True))
    line, row = next((i, dict(zip(rows[0], r))) for i, r in enumerate(rows[1:], start=2) if not r[rows[0].index("website")])
    (copy / "home/lookups").mkdir(parents=True)
    (copy / "home/lookups/organizations.csv").write_text(
        f"organization_name,website,contact_primary_phone\nNobody,https://n.example,\n\"{row['organization_name']}\",https://found.example,\n")
    (copy / "p.yaml").write_text("name: p\n")
    r = hotpass("enrich", "--input", copy / "out.xlsx", "--output", copy / f"enriched.{form}", "--state-dir", copy / "home", "--profile", copy / "p.yaml")
    assert r.returncode == 0, r.stderr
    for words in ([f"{copy}/enriched.{form}", "--row", row["organization_slug"], "--column", "website"],):
        told = why(hotpass, *words)[0]
        assert told["output"]["value_now"] == "https://found.example" and told["value"] is None
        evidence = [e for e in told["evidence"] if e["status"] == "applied"]
        assert [(e["provider"], e["evidence"], e["new"]) for e in evidence] == [("lookup", "organizations.csv!3", "https://found.example")]
    text = hotpass("why", f"{copy}/enriched.{form}", "--row", row["organization_slug"], "--column", "website").stdout
    assert "organizations.csv!3" in text and "provider lookup" in text


def test_changed_and_absent_sources_are_noticed(hotpass, repo, demo, tmp_path):
    inputs = tmp_path / "in"
    shutil.copytree(demo, inputs)
    out = refine(hotpass, repo, inputs, tmp_path / "out.xlsx")
    assert {s["state"] for a in why(hotpass, f"{out}!Data!C2:C40") for s in a["sources"]} == {"as_read"}
    with open(inputs / "Reachout Database.xlsx", "ab") as f:
        f.write(b"\0")
    (inputs / "Contact Database.xlsx").unlink()
    states = {s["file"]: s["state"] for a in why(hotpass, f"{out}!Data!C2:C175") for s in a["sources"]}
    assert states["Reachout Database.xlsx"] == "edited" and states["Contact Database.xlsx"] == "absent"


def test_a_removed_output_is_still_answered(hotpass, copy):
    (copy / "out.xlsx").unlink()
    assert why(hotpass, f"{copy}/out.xlsx!Data!C5")[0]["output"]["state"] == "absent"


def test_a_renamed_copy_is_known_by_its_bytes(hotpass, copy):
    (copy / "out.xlsx").rename(copy / "sent to Thandi.xlsx")
    assert why(hotpass, f"{copy}/sent to Thandi.xlsx!Data!C5")[0]["output"]["state"] == "as_written"


# ---- errors ----------------------------------------------------------------------------------------------------------

def test_errors_say_what_to_do(hotpass, run, copy, tmp_path, result):
    last = result["Data"].max_column
    beyond = f"{openpyxl.utils.get_column_letter(last + 1)}2"
    out = f"{run}/out.xlsx"
    assert "is the header province" in refused(hotpass, 2, f"{out}!Data!C1")
    assert "last one is 175" in refused(hotpass, 66, f"{out}!Data!C176")
    assert f"last column is {openpyxl.utils.get_column_letter(last)}" in refused(hotpass, 66, f"{out}!Data!{beyond}")
    assert "Findings explains itself" in refused(hotpass, 2, f"{out}!Findings!A2")
    assert "Summary explains itself" in refused(hotpass, 2, f"{out}!Summary!A2")
    assert "no sheet that hotpass refine writes" in refused(hotpass, 2, f"{out}!Sheet1!A2")
    assert "name one cell" in refused(hotpass, 2, out)
    assert "not one cell" in refused(hotpass, 2, f"{out}!Data!A2:B3")
    assert "no row of Data" in refused(hotpass, 66, out, "--row", "nobody", "--column", "province")
    assert "name its column" in refused(hotpass, 2, out, "--row", "x")
    assert "once" in refused(hotpass, 2, f"{out}!Data!C2", "--row", "x", "--column", "province")
    (copy / "provenance.sqlite").unlink()
    assert "--no-provenance" in refused(hotpass, 66, f"{copy}/out.xlsx!Data!C2")
    (copy / "provenance.sqlite").write_bytes(b"not a database, but long enough to look like something" * 50)
    assert "run hotpass refine again" in refused(hotpass, 65, f"{copy}/out.xlsx!Data!C2")
    assert "does not exist" in refused(hotpass, 66, f"{tmp_path}/none.xlsx!Data!C2")


def test_wrong_columns_get_the_nearest(hotpass, run, result):
    slug = result["Data"].cell(2, 2).value
    assert 'did you mean "province"' in refused(hotpass, 2, f"{run}/out.xlsx", "--row", slug, "--column", "provinc")


def test_damaged_stores_end_in_an_error(hotpass, copy):
    """Whatever byte of a block is wrong, the answer is an error or another answer, never a crash."""
    store = copy / "provenance.sqlite"
    with sqlite3.connect(store) as db:
        (data,) = db.execute("SELECT data FROM block WHERE kind = 0 AND first = 0").fetchone()
    codes = set()
    for at in range(0, len(data), max(1, len(data) // 40)):
        with sqlite3.connect(store) as db:
            wrong = data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1:]
            db.execute("UPDATE block SET data = ? WHERE kind = 0 AND first = 0", (wrong,))
        codes.add(hotpass("why", f"{copy}/out.xlsx!Data!C3").returncode)
    assert codes <= {0, 65} and 65 in codes


def test_a_store_of_another_run_is_refused(hotpass, repo, demo, copy):
    refine(hotpass, repo, demo, copy / "out.xlsx", "--no-provenance")
    assert "left no provenance store" in refused(hotpass, 66, f"{copy}/out.xlsx!Data!C2")


# ---- the store -------------------------------------------------------------------------------------------------------

def test_the_store_is_listed_and_the_same_bytes_each_time(hotpass, repo, demo, run, tmp_path):
    listed = json.loads((run / "run.json").read_text())["outputs"]
    assert [o["path"] for o in listed if o["kind"] == "provenance"] == [f"{run}/provenance.sqlite"]
    one, two = tmp_path / "one", tmp_path / "two"
    for folder, jobs in ((one, 1), (two, 4)):
        folder.mkdir()
        shutil.copytree(demo, folder / "in")
        refine(hotpass, repo, "in", "out.xlsx", "-j", jobs, cwd=folder)
    assert (one / "provenance.sqlite").read_bytes() == (two / "provenance.sqlite").read_bytes()
    assert (one / "provenance.sqlite").stat().st_mode == (one / "out.xlsx").stat().st_mode
    with sqlite3.connect(one / "provenance.sqlite") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_results_do_not_depend_on_the_store(hotpass, repo, demo, run, tmp_path):
    refine(hotpass, repo, demo, tmp_path / "out.xlsx", "--no-provenance")
    assert (tmp_path / "out.xlsx").read_bytes() == (run / "out.xlsx").read_bytes()
    assert not (tmp_path / "provenance.sqlite").exists()


def test_the_report_gives_a_command_that_answers(hotpass, repo, demo, tmp_path):
    """Where an expectation is not met, the page has a command to be copied into a shell."""
    text = (repo / "profiles/aviation.yaml").read_text()
    wrong = "  expectations:\n    - {column: province, kind: not_null, mostly: 0.99, severity: warn}\n"
    shutil.copytree(repo / "expectations", tmp_path / "expectations")  # the profile names suites beside its folder
    strict = tmp_path / "profiles" / "strict.yaml"
    strict.parent.mkdir()
    strict.write_text(text.replace("  expectations:\n", wrong))
    out = tmp_path / "it's here" / "out.xlsx"
    done = hotpass("refine", "--profile", strict, "--input-dir", demo, "--output-path", out, "--report-path",
                   tmp_path / "r.html", "--report-path", tmp_path / "r.md", "--dist-dir", tmp_path, "-q", env=FIXED)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "r.html").read_text()
    commands = [html.unescape(c) for c in re.findall(r"<summary>why</summary><code>(.*?)</code>", page)]
    assert len(commands) == 5 and "hotpass why" in (tmp_path / "r.md").read_text()
    for command in commands:
        words = shlex.split(command)
        assert words[:2] == ["hotpass", "why"]
        told = why(hotpass, words[2])[0]
        assert told["cell"]["name"] == "province" and told["value"] is None


def test_rows_that_leave_after_merging_do_not_shift_the_others(hotpass, repo, demo, tmp_path):
    """An expectation of the result sends rows to quarantine; those that stay are still answered by their own."""
    text = (repo / "profiles/aviation.yaml").read_text()
    shutil.copytree(repo / "expectations", tmp_path / "expectations")
    strict = tmp_path / "profiles" / "strict.yaml"
    strict.parent.mkdir()
    strict.write_text(text.replace("  expectations:\n", "  expectations:\n    - {column: province, kind: not_null, severity: quarantine}\n"))
    out = tmp_path / "out.xlsx"
    done = hotpass("refine", "--profile", strict, "--input-dir", demo, "--output-path", out, "-q", env=FIXED)
    assert done.returncode in (0, 1), done.stderr
    book = openpyxl.load_workbook(out)
    rows, people = book["Data"].max_row, book["Contacts"].max_row
    assert 20 < rows < 175 and book["Quarantine"].max_row > 31
    for sheet, last, area in (("Data", rows, "A:C"), ("Contacts", people, "C:G")):
        told = why(hotpass, f"{out}!{sheet}!{area}")
        assert told[-1]["cell"]["row"] == last
        for a in told:
            shown = book[sheet][f"{a['cell']['column']}{a['cell']['row']}"].value
            assert same(shown, a["value"]), (a["cell"], shown, a["value"])
    kept_out = why(hotpass, f"{out}!Quarantine!A:A")
    assert "expectation_quarantine" in {a["quarantined"]["reason"] for a in kept_out}
