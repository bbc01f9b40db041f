"""The block `compliance` of a profile, hotpass compliance, and that nothing shows what people did not agree to show."""
import csv
import json
import os
import re
import shutil
import time
import zipfile

import openpyxl
import pytest

EPOCH = "1764240000"  # 2025-11-27

ROWS = [
    ["Company", "Contact Person", "Email", "Phone", "Notes", "Consent", "Consent date", "Consent for", "Last contact"],
    ["Kestrel Aviation", "Thandi Nkosi", "thandi@kestrel.co.za", "0821234567", "knows Piet Botha, 083 765 4321, id 8001015009087", "granted",
     "2025-03-01", "newsletter; fleet", "2025-01-10"],
    ["Blue Ridge", "Johan Venter", "johan@blueridge.co.za", "0831234567", "nothing special", "revoked", "", "", "2025-06-01"],
    ["Highveld Air", "Sarah Pillay", "sarah@highveld.co.za", "0841234567", "", "pending", "", "", ""],
    ["Sable Jets", "Lerato Zulu", "lerato@sable.co.za", "0721234567", "", "", "", "", "2023-01-01"],
    ["Marula Air", "Raj Naidoo", "raj@marula.co.za", "0731234567", "", "Yes", "", "fleet", "2025-02-01"],
]
PEOPLE = {"Kestrel Aviation": "Thandi Nkosi", "Blue Ridge": "Johan Venter", "Highveld Air": "Sarah Pillay", "Sable Jets": "Lerato Zulu",
          "Marula Air": "Raj Naidoo"}


@pytest.fixture
def refine(hotpass, tmp_path):
    """Refine the rows above under a compliance block; returns (CompletedProcess, run.json or None)."""
    data = tmp_path / "data"
    data.mkdir()
    with open(data / "people.csv", "w", newline="") as f:
        csv.writer(f).writerows(ROWS)

    def run(block, *args, out="out/refined.xlsx", code=0):
        (tmp_path / "p.yaml").write_text("name: p\ncompliance:\n" + "".join(f"  {line}\n" for line in block.splitlines()))
        result = hotpass("refine", "--profile", "p.yaml", "--input-dir", "data", "--output-path", out, *args, cwd=tmp_path,
                         env={"SOURCE_DATE_EPOCH": EPOCH})
        assert result.returncode == code, result.stderr
        manifest = tmp_path / os.path.dirname(out) / "run.json"
        return result, json.loads(manifest.read_text()) if manifest.exists() else None
    return run


def table(path, sheet):
    rows = list(openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True))
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def names(tmp_path):
    return {row["organization_name"]: row["contact_primary_name"] for row in table(tmp_path / "out/refined.xlsx", "Data")}


# ---- consent --------------------------------------------------------------------------------------------

def test_who_said_no_is_left_out_though_nothing_is_demanded(refine, tmp_path):
    _, run = refine("lawful_basis: legitimate_interest")
    assert names(tmp_path) == {**PEOPLE, "Blue Ridge": None}
    assert run["compliance"]["consent"] == {"missing": 1, "granted": 2, "pending": 1, "denied": 1, "unknown": 0, "other purpose": 0}
    assert run["compliance"]["rows_masked"] == 1
    found = [f for f in table(tmp_path / "out/refined.xlsx", "Findings") if f["rule"] == "consent_withheld"]
    assert len(found) == 1 and found[0]["cells"] == "B3" and found[0]["note"] == "consent: denied"
    data = {row["organization_name"]: row for row in table(tmp_path / "out/refined.xlsx", "Data")}
    assert data["Kestrel Aviation"]["consent_status"] == "granted" and data["Highveld Air"]["consent_status"] == "pending"
    contacts = {row["contact_name"]: row for row in table(tmp_path / "out/refined.xlsx", "Contacts")}
    assert contacts["Thandi Nkosi"]["consent_date"] == "2025-03-01"


def test_mask_leaves_out_whoever_has_not_consented(refine, tmp_path):
    _, run = refine("consent_required: true\nwithout_consent: mask")
    assert names(tmp_path) == {**dict.fromkeys(PEOPLE), "Kestrel Aviation": "Thandi Nkosi", "Marula Air": "Raj Naidoo"}
    assert run["compliance"]["rows_masked"] == 3
    book = openpyxl.load_workbook(tmp_path / "out/refined.xlsx")
    text = "\n".join(str(v) for sheet in book for row in sheet.iter_rows(values_only=True) for v in row if v is not None)
    for gone in ("Johan", "johan@", "+27831234567", "Sarah", "Lerato", "+27721234567"):
        assert gone not in text
    assert "thandi@kestrel.co.za" in text


def test_the_provenance_does_not_keep_what_was_left_out(refine, hotpass, tmp_path):
    refine("consent_required: true\nwithout_consent: mask\nredaction: {kinds: [name, phone, id]}")
    slugs = {row["organization_slug"] for row in table(tmp_path / "out/refined.xlsx", "Data")}
    told = ""
    for slug in slugs:
        for column in ("contact_primary_name", "contact_primary_email", "notes"):
            result = hotpass("why", "out/refined.xlsx", "--row", slug, "--column", column, "--show-values", "--json", cwd=tmp_path)
            told += result.stdout + result.stderr
    assert "thandi@kestrel.co.za" in told and "nothing special" in told
    for gone in ("Johan", "johan@", "Sarah", "Lerato", "Piet Botha", "083 765 4321", "8001015009087"):
        assert gone not in told


def test_consent_as_basis_demands_it_and_a_purpose_narrows_it(refine, tmp_path):
    _, run = refine("lawful_basis: consent\npurpose: newsletter")
    assert names(tmp_path) == {**dict.fromkeys(PEOPLE), "Kestrel Aviation": "Thandi Nkosi"}  # Raj consented to fleet mails only
    assert run["compliance"]["consent"]["other purpose"] == 1


def test_quarantine_keeps_rows_of_contacts_out_and_does_not_repeat_them(refine, hotpass, tmp_path):
    (tmp_path / "data/people.csv").unlink()
    book = openpyxl.Workbook()
    book.active.title = "Orgs"
    book.active.append(["ID", "Company"])
    book.active.append([1, "Kestrel Aviation"])
    people = book.create_sheet("People")
    people.append(["ID", "Name", "Email", "Consent"])
    people.append([1, "Thandi Nkosi", "thandi@kestrel.co.za", "granted"])
    people.append([1, "Johan Venter", "johan@kestrel.co.za", "no"])
    people.append([1, "Sarah Pillay", "sarah@kestrel.co.za", None])
    book.save(tmp_path / "data/book.xlsx")
    (tmp_path / "p.yaml").write_text("""name: p
ingest:
  sources:
    - name: Book
      path_pattern: "*.xlsx"
      sheets:
        - {name: Orgs, entity: organization, columns: {ID: record_id, Company: organization_name}}
        - {name: People, entity: contact, columns: {ID: record_id, Name: contact_name, Email: contact_email, Consent: consent_status}}
compliance: {consent_required: true, without_consent: quarantine}
""")
    result = hotpass("refine", "--profile", "p.yaml", "--input-dir", "data", "--output-path", "out/refined.xlsx", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    counts = json.loads((tmp_path / "out/run.json").read_text())["counts"]
    assert (counts["rows_in"], counts["rows_out"], counts["quarantined"], counts["contacts"]) == (4, 1, 2, 1)
    rows = table(tmp_path / "out/refined.xlsx", "Quarantine")
    assert [(r["row"], r["reason"], r["note"], r["record"]) for r in rows] \
        == [(3, "no_consent", "consent: denied", None), (4, "no_consent", "consent: missing", None)]
    again = hotpass("refine", "--profile", "p.yaml", "--input-dir", "data", "--output-path", "out2/refined.xlsx", "--retry-quarantine",
                    "out/refined.xlsx", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert len(table(tmp_path / "out2/refined.xlsx", "Quarantine")) == 2  # handing the rows back is no consent


def test_stop_and_report_and_overrides(refine, tmp_path):
    result, run = refine("consent_required: true\nwithout_consent: stop", code=1)
    assert run is None and "people.csv" in result.stderr and "without consent (denied)" in result.stderr and "Johan" not in result.stderr
    assert not (tmp_path / "out").exists()
    _, run = refine("consent_required: true\nwithout_consent: report")
    assert names(tmp_path) == {**PEOPLE, "Blue Ridge": None}
    kept = [f for f in table(tmp_path / "out/refined.xlsx", "Findings") if f["rule"] == "consent_not_given"]
    assert len(kept) == 1 and kept[0]["note"] == "missing: 1, pending: 1"
    refine("consent_required: true\nconsent_overrides: {sable-jets: granted, kestrel-aviation: denied}")
    assert names(tmp_path) == {**dict.fromkeys(PEOPLE), "Sable Jets": "Lerato Zulu", "Marula Air": "Raj Naidoo"}


def test_what_is_wrong_in_the_block_is_told_with_its_place(hotpass, tmp_path):
    path = tmp_path / "p.yaml"
    path.write_text("name: p\ncompliance:\n  lawful_basis: because\n  consent_overrides: {a: perhaps}\n  classification: {notes: secret}\n"
                    "  redaction: {kinds: [emails]}\n")
    result = hotpass("profile", "lint", path)
    assert result.returncode == 1 or result.returncode == 78
    for place in (":3:", ":4:", ":5:", ":6:"):
        assert f"p.yaml{place}" in result.stdout


# ---- retention, redaction -------------------------------------------------------------------------------

def test_retention_counts_from_the_last_interaction(refine, tmp_path):
    refine("retention_days: 365")
    until = {row["organization_name"]: row["retention_until"] for row in table(tmp_path / "out/refined.xlsx", "Data")}
    assert until == {"Kestrel Aviation": "2026-01-10", "Blue Ridge": "2026-06-01", "Highveld Air": None, "Sable Jets": "2024-01-01",
                     "Marula Air": "2026-02-01"}


def test_free_text_loses_other_peoples_data(refine, tmp_path):
    refine("redaction: {kinds: [email, phone, id, name]}")
    data = {row["organization_name"]: row["notes"] for row in table(tmp_path / "out/refined.xlsx", "Data")}
    assert data["Kestrel Aviation"] == "knows [name], [phone], id [id]" and data["Blue Ridge"] == "nothing special"
    run = json.loads((tmp_path / "out/run.json").read_text())
    assert run["compliance"]["redacted"] == {"email": 0, "phone": 1, "id": 1, "name": 1} and run["compliance"]["cells_redacted"] == 1
    refine("redaction: {kinds: [phone]}")
    data = {row["organization_name"]: row["notes"] for row in table(tmp_path / "out/refined.xlsx", "Data")}
    assert data["Kestrel Aviation"] == "knows Piet Botha, [phone], id 8001015009087"


# ---- what is shown --------------------------------------------------------------------------------------

CANARY = {"name": "Zzyxquell Vandercanary", "email": "canary.zq@hidden-nest.co.za", "phone": "082 777 6655", "bad email": "zq-canary@@hidden nest",
          "bad phone": "0829998877665544"}
FORMS = [CANARY["name"], "Vandercanary", "canary.zq", "hidden-nest", "0827776655", "082 777 6655", "+27827776655", "zq-canary", "0829998877665544"]


def shown(path):
    """The text of a file of a run: the sheets of a workbook that are not the data itself, members of a zip, bytes of others."""
    if path.suffix == ".xlsx":
        book = openpyxl.load_workbook(path)
        return "\n".join(str(v) for sheet in book if sheet.title not in ("Data", "Contacts", "Quarantine", "Provenance") for row in sheet.iter_rows(values_only=True)
                         for v in row if v is not None)
    return path.read_text(errors="replace")


def test_a_canary_is_seen_nowhere_but_in_the_data(hotpass, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    with open(data / "a.csv", "w", newline="") as f:
        csv.writer(f).writerows([
            ["Company", "Contact Person", "Email", "Phone", "Notes"],
            ["Kestrel Aviation", CANARY["name"], CANARY["email"], CANARY["phone"], f"ask {CANARY['name']}"],
            ["Kestrel Aviation", CANARY["name"], CANARY["bad email"], CANARY["bad phone"], f"or {CANARY['email']}"],
            ["Kestrel Aviation", CANARY["name"] + " (CEO)", CANARY["email"] + "; x", "x", ""]])
    (tmp_path / "p.yaml").write_text("name: p\ncompliance: {audit_trail_required: true, redaction: {kinds: [email, phone, name]}}\n")
    args = ["refine", "--profile", "p.yaml", "--input-dir", "data", "--output-path", "out/r.xlsx", "--output-path", "out/r.csv", "--report-path",
            "out/report.html", "--report-path", "out/report.md", "--archive", "--dist-dir", "out/dist"]
    for form in ("rich", "json"):
        result = hotpass(*args, "-v", "--log-format", form, *(["--json"] if form == "json" else []), cwd=tmp_path)
        assert result.returncode in (0, 1), result.stderr
        for text in (result.stdout, result.stderr):
            assert not [f for f in FORMS if f in text]
    files = [p for p in (tmp_path / "out").rglob("*") if p.is_file()]
    own = {"r.csv", "r.contacts.csv", "r.quarantine.csv"}  # the data itself
    looked = [p for p in files if p.name not in own and p.suffix != ".zip"]
    assert {"r.xlsx", "r.findings.csv", "r.summary.csv", "run.json", "report.html", "report.md", "access.jsonl", "index.html"} <= {p.name for p in looked}
    for path in looked:
        assert not [f for f in FORMS if f in shown(path)], path
    assert CANARY["email"] in (tmp_path / "out/r.csv").read_text() and CANARY["name"] in (tmp_path / "out/r.contacts.csv").read_text()
    archive = zipfile.ZipFile(next(p for p in files if p.suffix == ".zip"))
    for member in archive.namelist():
        if member not in own and not member.endswith(".xlsx"):
            assert not [f for f in FORMS if f in archive.read(member).decode(errors="replace")], member
    # The findings are masked, not absent, and --show-values shows them.
    masked = [f for f in table(tmp_path / "out/r.xlsx", "Findings") if f["rule"] == "email_invalid"]
    assert masked and masked[0]["value"].startswith("z\u2022")
    hotpass(*args, "--show-values", cwd=tmp_path)
    plain = [f for f in table(tmp_path / "out/r.xlsx", "Findings") if f["rule"] == "email_invalid"]
    assert plain[0]["value"] == CANARY["bad email"]
    for command in (["compliance", "report", "out/r.csv", "--profile", "p.yaml"], ["compliance", "report", "out/r.xlsx", "--profile", "p.yaml", "--json"],
                    ["check", "out/r.csv", "--schema", "s.json", "--json"]):
        (tmp_path / "s.json").write_text(json.dumps({"fields": [{"name": "contact_primary_email", "type": "string", "constraints": {"pattern": "x+"}}]}))
        result = hotpass(*command, cwd=tmp_path)
        assert not [f for f in FORMS if f in result.stdout + result.stderr], command


@pytest.fixture
def planted(demo, tmp_path):
    """The demo with a file of people who must be seen nowhere, and a lookup table that knows one more of their addresses."""
    shutil.copytree(demo, tmp_path / "data")
    with open(tmp_path / "data/planted.csv", "w", newline="") as f:
        csv.writer(f).writerows([["Company", "Contact Person", "Email", "Phone", "Notes", "Website"],
                                 ["Kestrel Nest Aviation", CANARY["name"], CANARY["email"], CANARY["bad phone"],
                                  f"ask {CANARY['name']}\x07", ""],  # the control character makes it a finding
                                 ["Owl Nest Aviation", CANARY["name"], "", CANARY["phone"], f"mail {CANARY['email']}", "owl nest"],
                                 ["", CANARY["name"], CANARY["bad email"], CANARY["phone"], "", ""]])
    (tmp_path / ".hotpass/lookups").mkdir(parents=True)
    (tmp_path / ".hotpass/lookups/organizations.csv").write_text(
        f"organization_name,contact_primary_name,contact_primary_email\nOwl Nest Aviation,{CANARY['name']},{CANARY['email']}\n")
    (tmp_path / "s.json").write_text(json.dumps({"fields": [{"name": "contact_primary_email", "type": "string", "constraints": {"pattern": "x+"}}]}))
    return tmp_path


def test_a_canary_through_all_commands(hotpass, repo, planted):
    out = {}
    forms = [f for f in FORMS if f != "hidden-nest"]  # the domain is no person's: the website is derived from it
    profile = ("--profile", "generic", "--profile-search-path", repo / "profiles")
    slug = ("--slug", "owl-nest-aviation")

    def run(*args, how=((), ("--json",)), codes=(0, 1)):
        for form in how:
            result = hotpass(*args, *form, cwd=planted)
            assert result.returncode in codes, (args, result.stderr)
            out[args[0], args[-1], form] = result.stdout + result.stderr
        return result

    run("refine", *profile, "--input-dir", "data", "--output-path", "out/r.xlsx", "--output-path", "out/r.csv", "--report-path", "out/r.html",
        "--report-path", "out/r.md", "-v", "--archive", how=(("--log-format", "json"), ("--json",)))
    run("enrich", *profile, "--input", "out/r.xlsx", "--output", "out/e.xlsx", "-v")
    run("enrich", *profile, "--input", "out/r.csv", "--output", "out/e.csv", "-v", how=(("--log-format", "json"),))
    run("check", "out/e.csv", "--schema", "s.json")
    run("check", "out/e.csv", "--schema", "s.json", "--report", "out/check.html", how=((),), codes=(0, 1, 2))
    run("inspect", "data/planted.csv")
    for column in ("contact_primary_email", "contact_primary_name", "contact_primary_phone", "notes"):
        run("why", "out/r.xlsx", "--row", "kestrel-nest-aviation", "--column", column)
        run("why", "out/e.xlsx", "--row", slug[1], "--column", column)
        run("why", "out/e.csv", "--row", slug[1], "--column", column)
    run("explain-provenance", "--dataset", "out/e.xlsx", *slug)
    run("explain-provenance", "--dataset", "out/e.csv", *slug)
    run("plan", "research", *profile, "--dataset", "out/r.xlsx", *slug)
    run("compliance", "report", "out/e.xlsx", *profile)
    for gate in ("data-quality", "fitness", "contracts"):
        run("qa", *profile, "--input-dir", "data", gate, how=(("--json",),))
    for words, text in out.items():
        assert not [f for f in forms if f in text], words
    own = {f"{name}{part}.csv" for name in "re" for part in ("", ".contacts", ".quarantine")} | {"e.provenance.csv", "provenance.sqlite"}
    looked = [p for p in planted.rglob("*") if p.is_file() and p.name not in own and p.suffix != ".zip"
              and not {"data", ".hotpass"} & set(p.relative_to(planted).parts[:1])]
    assert {"r.xlsx", "e.xlsx", "run.json", "e.run.json", "r.html", "r.md", "r.findings.csv", "access.jsonl", "summary.json",
            "latest.json", "history.ndjson"} <= {p.name for p in looked}
    for path in looked:
        assert not [f for f in forms if f in shown(path)], path
    # It was there to be seen: in the data, and where it is asked for.
    row = {r["organization_slug"]: r for r in table(planted / "out/e.xlsx", "Data")}[slug[1]]
    assert row["contact_primary_email"] == CANARY["email"]
    for words in (["why", "out/e.xlsx", "--row", slug[1], "--column", "contact_primary_email"], ["explain-provenance", "--dataset", "out/e.csv", *slug]):
        assert CANARY["email"] in hotpass(*words, "--show-values", cwd=planted).stdout
        assert "organizations.csv!2" in hotpass(*words, cwd=planted).stdout


def test_who_said_no_does_not_come_back_by_enrichment(refine, hotpass, tmp_path):
    (tmp_path / ".hotpass/lookups").mkdir(parents=True)
    with open(tmp_path / ".hotpass/lookups/organizations.csv", "w", newline="") as f:
        csv.writer(f).writerows([["organization_name", "contact_primary_name", "contact_primary_email", "website", "description"],
                                 *[[name, person, f"{person.split()[0].lower()}@old.example", "https://old.example",
                                    f"ask {person}, 083 765 4321"] for name, person in PEOPLE.items()]])

    def enriched(block, source="out/refined.xlsx", sheet="Data"):
        refine(block)
        r = hotpass("enrich", "--input", source, "--output", "out/e.xlsx", "--profile", "p.yaml", cwd=tmp_path)
        assert r.returncode == 0, r.stderr
        name = "organization_name" if sheet == "Data" else "Company"
        return {row[name]: row for row in table(tmp_path / "out/e.xlsx", sheet)}

    # Nothing is demanded: whoever was silent may be filled in, who said no may not; his organisation may.
    rows = enriched("lawful_basis: legitimate_interest")
    assert rows["Blue Ridge"]["consent_status"] == "denied" and rows["Blue Ridge"]["website"] == "https://old.example"
    assert rows["Blue Ridge"]["contact_primary_email"] is None and rows["Blue Ridge"]["contact_primary_name"] is None
    assert rows["Blue Ridge"]["description"] == "ask Johan Venter, 083 765 4321"
    lines = [line for line in table(tmp_path / "out/e.xlsx", "Provenance") if line["organization_slug"] == "blue-ridge"]
    assert lines and not [line for line in lines if line["column"].startswith("contact_")]
    # A consent is demanded: only who gave it; and free text is redacted as refine redacts it.
    rows = enriched("lawful_basis: consent\npurpose: fleet\nredaction: {kinds: [name, phone]}")
    assert {name for name, row in rows.items() if row["contact_primary_email"]} == {"Kestrel Aviation", "Marula Air"}
    assert rows["Blue Ridge"]["description"] == "ask [name], [phone]"
    # An override is the last word, and "report" lets files be used, not a refusal.
    rows = enriched("consent_required: true\nwithout_consent: report\nconsent_overrides: {sable-jets: revoked}")
    assert {name for name, row in rows.items() if row["contact_primary_email"]} == set(PEOPLE) - {"Blue Ridge", "Sable Jets"}


def test_a_file_of_others_has_its_consents_read_too(hotpass, tmp_path):
    (tmp_path / ".hotpass/lookups").mkdir(parents=True)
    (tmp_path / ".hotpass/lookups/organizations.csv").write_text(
        "organization_name,contact_primary_email,consent_status\nOwl,a@owl.example,granted\nKite,b@kite.example,granted\nAuk,c@auk.example,granted\n")
    (tmp_path / "in.csv").write_text("Company,Email,Opt in\nOwl,,yes\nKite,,opt-out\nAuk,,\n")
    for block, filled in (("{}", {"Owl", "Auk"}), ("{consent_required: true}", {"Owl"})):
        (tmp_path / "p.yaml").write_text(f"name: p\ncompliance: {block}\n")
        r = hotpass("enrich", "--input", "in.csv", "--output", "out.csv", "--profile", "./p.yaml", cwd=tmp_path)
        assert r.returncode == 0, r.stderr
        rows = list(csv.DictReader(open(tmp_path / "out.csv")))
        assert {row["Company"] for row in rows if row["Email"]} == filled
        assert [row["Opt in"] for row in rows] == ["yes", "opt-out", ""]  # a consent is never looked up


def test_quarantine_shows_no_cells_of_who_said_no(hotpass, tmp_path):
    (tmp_path / "data").mkdir()
    with open(tmp_path / "data/people.csv", "w", newline="") as f:
        csv.writer(f).writerows([["Company", "Contact Person", "Email", "Notes", "Consent"],
                                 ["", "Johan Venter", "johan@blueridge.example", "", "revoked"],
                                 ["", "Thandi Nkosi", "thandi@kestrel.example", "knows Piet Botha", "granted"],
                                 ["Marula Air", "Raj Naidoo", "raj@marula.example", "", "yes"]])
    (tmp_path / "p.yaml").write_text("name: p\ncompliance: {redaction: {kinds: [name]}}\n")
    r = hotpass("refine", "--profile", "./p.yaml", "--input-dir", "data", "--output-path", "out/r.xlsx", cwd=tmp_path)
    assert r.returncode in (0, 1), r.stderr
    rows = {str(row["row"]): row["record"] for row in table(tmp_path / "out/r.xlsx", "Quarantine")}
    assert rows == {"2": None, "3": "Contact Person: Thandi Nkosi | Email: thandi@kestrel.example | Consent: granted"}


# ---- the log of exports ---------------------------------------------------------------------------------

def test_exports_are_logged_before_they_are_there(refine, hotpass, tmp_path):
    refine("policy: POPIA\npurpose: fleet\naudit_trail_required: true", "--report-path", "out/r.html", "--archive")
    refine("policy: POPIA\npurpose: fleet\naudit_trail_required: true", out="out/refined.csv")
    log = tmp_path / "out/logs/access.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["kind"] for line in lines] == ["workbook", "provenance", "archive", *["csv"] * 5, "provenance"]
    first = lines[0]
    assert first["recorded_at"] == "2025-11-27T10:40:00Z" and first["output_path"] == "out/refined.xlsx" and first["total_records"] == 5
    assert (first["policy"], first["lawful_basis"], first["purpose"]) == ("POPIA", "legitimate_interest", "fleet")
    assert re.fullmatch("[0-9a-f]{64}", first["sha256"]) and "contact_email" in first["personal_fields"]
    assert log.stat().st_mode & 0o077 == 0
    text = log.read_text()
    assert not any(name.split()[1] in text for name in PEOPLE.values())
    out = hotpass("enrich", "--input", "out/refined.xlsx", "--output", "out/enriched.xlsx", "--profile", "p.yaml", cwd=tmp_path)
    assert out.returncode == 0, out.stderr
    last = json.loads(log.read_text().splitlines()[-1])
    assert (last["command"], last["output_path"]) == ("enrich", "out/enriched.xlsx")


def test_without_a_log_there_is_no_export(refine, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/logs").write_text("a file in the way")
    result, run = refine("audit_trail_required: true", code=73)
    assert run is None and "logs" in result.stderr and not (tmp_path / "out/refined.xlsx").exists()


# ---- hotpass compliance ---------------------------------------------------------------------------------

def test_the_report_counts_and_classifies(refine, hotpass, tmp_path):
    refine("consent_required: true\nwithout_consent: report\nretention_days: 365\nclassification: {notes: confidential, website: public}")
    result = hotpass("compliance", "report", "out/refined.xlsx", "--profile", "p.yaml", "--json", cwd=tmp_path, env={"SOURCE_DATE_EPOCH": EPOCH})
    assert result.returncode == 1
    told = json.loads(result.stdout)
    assert told["total_records"] == 5 and told["total_fields"] == len(told["field_classifications"])
    level = told["field_classifications"]
    assert (level["contact_primary_email"], level["notes"], level["website"], level["province"]) == ("pii", "confidential", "public", "internal")
    assert level["contact_secondary_emails"] == level["contact_secondary_phones"] == "pii"
    assert {"contact_primary_email", "contact_secondary_emails", "contact_secondary_phones"} <= set(told["pii_fields"])
    assert told["consent_required_fields"] == told["pii_fields"]
    assert told["consent_status_summary"] == {"missing": 1, "granted": 2, "pending": 1, "denied": 0, "unknown": 0}
    rows = [row["organization_name"] for row in table(tmp_path / "out/refined.xlsx", "Data")]
    assert {(rows[v["row_index"]], v["reason"]) for v in told["consent_violations"]} == {("Sable Jets", "missing"), ("Highveld Air", "pending")}
    assert told["retention_policies"] == {"retention_days": 365, "expired": 1, "expiring_within_30_days": 0, "unknown": 1}
    assert "1 records are past their retention" in told["compliance_issues"]
    text = hotpass("compliance", "report", "out/refined.xlsx", "--profile", "p.yaml", cwd=tmp_path).stdout
    assert not any(person in result.stdout + text for person in PEOPLE.values())
    clean = hotpass("compliance", "report", "out/refined.xlsx", "--profile", tmp_path / "none.yaml", cwd=tmp_path)
    assert clean.returncode == 78


def old(path, days):
    then = time.time() - days * 86400
    for p in [path, *(path.rglob("*") if path.is_dir() else [])]:
        os.utime(p, (then, then))


def test_purge_takes_what_is_ours_and_old(refine, hotpass, tmp_path):
    refine("policy: POPIA", "--archive", "--dist-dir", "dist", "--report-path", "dist/report.html", out="dist/refined.xlsx")
    hotpass("qa", "profiles", "--profile-search-path", tmp_path, cwd=tmp_path)
    hotpass("enrich", "--input", "dist/refined.xlsx", "--output", "dist/enriched.xlsx", "--profile", "p.yaml", cwd=tmp_path)
    hotpass("enrich", "--input", "dist/refined.xlsx", "--output", "dist/edited.csv", "--profile", "p.yaml", cwd=tmp_path)
    dist = tmp_path / "dist"
    (dist / "edited.csv").write_text("somebody's remarks")
    (dist / "mine.xlsx").write_text("somebody's own")
    (dist / "sub").mkdir()
    (dist / "sub/refined-data-notes.zip").write_text("not ours")
    (dist / "link").symlink_to(tmp_path / "data")
    (dist / "report.html").write_text("somebody's remarks")
    assert hotpass("compliance", "purge", "--older-than", "30d", "--dry-run", "--json", cwd=tmp_path).returncode == 0
    for path in [*dist.iterdir(), tmp_path / "data/people.csv"]:
        if not path.is_symlink():
            old(path, 100)
    before = {p for p in tmp_path.rglob("*")}
    told = json.loads(hotpass("compliance", "purge", "--older-than", "30d", "--dry-run", "--json", cwd=tmp_path).stdout)
    assert told["removed"] is False and {p for p in tmp_path.rglob("*")} == before
    kinds = {os.path.basename(i["path"]): i["kind"] for i in told["items"]}
    assert {"enriched.xlsx", "enriched.run.json", "edited.contacts.csv"} <= set(kinds) and "edited.csv" not in kinds
    assert kinds["refined.xlsx"] == "output" and kinds["run.json"] == "output" and "archive" in kinds.values()
    assert "quality-gate" in kinds.values() and "data-docs" in kinds.values()
    assert told["kept_changed"] == 2 and not {"mine.xlsx", "refined-data-notes.zip", "report.html", "people.csv"} & set(kinds)
    refused = hotpass("compliance", "purge", "--older-than", "30d", cwd=tmp_path)
    assert refused.returncode == 2 and "--yes" in refused.stderr and (dist / "refined.xlsx").exists()
    assert json.loads(hotpass("compliance", "purge", "--older-than", "1y", "--dry-run", "--json", cwd=tmp_path).stdout)["items"] == []
    done = hotpass("compliance", "purge", "--older-than", "30d", "--yes", "--json", cwd=tmp_path)
    assert done.returncode == 0 and json.loads(done.stdout)["removed"] is True
    for gone in told["items"]:
        assert not (tmp_path / gone["path"]).exists()
    for kept in ("dist/mine.xlsx", "dist/sub/refined-data-notes.zip", "dist/report.html", "data/people.csv", "dist/link"):
        assert (tmp_path / kept).exists()
    log = [json.loads(line) for line in (dist / "logs/purge.jsonl").read_text().splitlines()]
    assert {line["path"] for line in log} == {i["path"] for i in told["items"]}


@pytest.mark.parametrize("span, code", [("", 2), ("soon", 2), ("30", 2), ("-3d", 2), ("P30D", 0), ("2W", 0), ("0d", 0)])
def test_spans_of_time(hotpass, tmp_path, span, code):
    (tmp_path / "dist").mkdir()
    assert hotpass("compliance", "purge", "--older-than", span, "--dry-run", cwd=tmp_path).returncode == code
