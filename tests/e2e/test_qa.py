"""hotpass qa: what the gates find, what they miss when something is wrong, and what they leave behind."""
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

EPOCH = "1764240000"
STAMP = "20251127T104000Z"
FIVE = ["provenance_source", "provenance_timestamp", "provenance_confidence", "provenance_strategy", "provenance_network_status"]
NO_NETWORK = {"FEATURE_ENABLE_REMOTE_RESEARCH": None, "ALLOW_NETWORK_RESEARCH": None}


@pytest.fixture
def qa(hotpass, tmp_path, repo):
    """Run a gate in an empty directory; returns (exit code, payload)."""
    def run(*args, profile=None, cwd=None, env=None):
        search = ["--profile-search-path", repo / "profiles"]
        argv = ["qa", *args, "--json", *search, *(["--profile", profile] if profile else [])]
        result = hotpass.run(argv, cwd=cwd or tmp_path, env={**NO_NETWORK, "SOURCE_DATE_EPOCH": EPOCH, **(env or {})}, timeout=600)
        assert result.returncode in (0, 1), result.stderr
        return result.returncode, json.loads(result.stdout)
    return run


def by_id(payload, key="checks"):
    return {check["id"]: check for check in payload[key]}


# ---- QG-3 -----------------------------------------------------------------------------------------------

def test_qg3_looks_at_values_and_lists_the_enriched_workbook(qa, tmp_path):
    code, told = qa("qg3")
    assert code == 0
    assert (told["gate"], told["name"], told["passed"]) == ("QG-3", "Enrichment Chain", True)
    assert told["timestamp"] == "2025-11-27T10:40:00Z"
    assert told["configuration"] == {"profile": "default", "allow_network": False}
    assert [s["id"] for s in told["steps"]] == ["prepare-input", "run-enrich", "validate-output", "repeat-enrich", "identical-runs"]
    assert all(set(s) == {"id", "description", "status", "message", "duration_seconds"} for s in told["steps"])
    assert told["stats"]["total_steps"] == told["stats"]["passed"] == 5 and told["stats"]["failed"] == 0

    run_dir = tmp_path / told["artifacts"]["run_dir"]
    assert told["artifacts"]["run_dir"] == f"dist/quality-gates/qg3-enrichment-chain/{STAMP}"
    book = tmp_path / told["artifacts"]["output_workbook"]
    assert book == run_dir / "enriched.xlsx" and (run_dir / "input.xlsx").is_file()
    assert not (run_dir / "scratch").exists()
    rows = [list(r) for r in openpyxl.load_workbook(book).worksheets[0].iter_rows(values_only=True)]
    assert rows[0] == ["organization_name", "contact_email", "website", *FIVE]
    assert [str(v) for v in rows[1]] == ["Quality Gate Aviation", "desk@quality-gate.example", "https://quality-gate.example",
                                         "lookup_table", "2025-11-27T10:40:00Z", "0.95", "deterministic", "not_used"]
    assert rows[2][3] == "original" and float(rows[2][5]) == 1.0 and rows[2][6] == "none"

    summary = (run_dir / "summary.json").read_text()
    assert summary == (run_dir.parent / "latest.json").read_text()
    assert json.loads(summary) == told
    line = json.loads((run_dir.parent / "history.ndjson").read_text())
    assert line["gates"][0]["id"] == "QG-3" and line["summary"]["all_passed"] is True


def test_qg3_takes_the_profile_it_is_given(qa, tmp_path):
    (tmp_path / "strict.yaml").write_text("name: strict\nenrich:\n  confidence_threshold: 0.99\n")
    code, told = qa("enrichment", profile="strict.yaml")
    assert code == 0 and told["configuration"]["profile"] == "strict.yaml"
    assert "nothing had to be filled" in by_id(told, "steps")["validate-output"]["message"]
    (tmp_path / "wrong.yaml").write_text("name: wrong\nenrich:\n  no_such_key: 1\n")
    code, told = qa("qg3", profile="wrong.yaml")
    assert code == 1 and not told["passed"]
    steps = by_id(told, "steps")
    assert steps["run-enrich"]["status"] == "failed" and "exit 78" in steps["run-enrich"]["message"]


def test_the_launcher_is_found_by_its_name(hotpass, repo, tmp_path):
    env = {**os.environ, "HOTPASS_BIN": str(hotpass.path)}
    out = subprocess.run([repo / "ops/quality/run_qg3", "--json", "--artifacts-dir", tmp_path / "gates"], cwd=tmp_path, env=env,
                         stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    assert out.returncode == 0, out.stderr
    told = json.loads(out.stdout)
    assert told["gate"] == "QG-3" and Path(told["artifacts"]["output_workbook"]).is_file()
    env = {"PATH": "/usr/bin:/bin"}
    copy = tmp_path / "alone/ops/quality/run_qg3"
    copy.parent.mkdir(parents=True)
    shutil.copy(repo / "ops/quality/run_qg3", copy)
    out = subprocess.run([copy], env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert out.returncode == 69 and "HOTPASS_BIN" in out.stderr


# ---- QG-2 -----------------------------------------------------------------------------------------------

SUITES = {"reachout_organisation": 120, "reachout_contact_info": None, "sacaa_cleaned": None, "contact_company_cat": None,
          "contact_company_contacts": None, "contact_company_addresses": None, "contact_capture": None}


def test_qg2_holds_the_sheets_against_the_suites_of_the_profile(qa, demo, tmp_path):
    code, told = qa("data-quality", "--input-dir", demo, profile="aviation")
    results = by_id({"checks": [{**r, "id": r["checkpoint"]} for r in told["results"]]})
    assert code == 0 and told["passed"] and set(results) == {*SUITES, "result"}
    assert results["reachout_organisation"]["rows"] == 120
    assert results["reachout_organisation"]["workbook"] == "Reachout Database.xlsx"
    assert results["reachout_organisation"]["sheet"] == "Organisation"
    assert all(r["status"] == "passed" for r in results.values())
    assert told["stats"]["total"] == 8 and told["stats"]["docs_html_files"] == 2
    docs = tmp_path / told["data_docs"]
    assert docs.is_file() and docs.name == "index.html"
    assert told["artifacts_dir"] == f"dist/quality-gates/qg2-data-quality/{STAMP}"


def test_qg2_leaves_nobodys_values_behind(qa, demo, tmp_path):
    """Addresses and numbers of the sources' people stand in none of the artefacts."""
    code, told = qa("qg2", "--input-dir", demo, profile="aviation")
    personal = set()
    for book in demo.glob("*.xlsx"):
        for sheet in openpyxl.load_workbook(book, data_only=True):
            for row in sheet.iter_rows(values_only=True):
                personal |= {m for v in row if v is not None for m in re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+?\d{10,12}", str(v))}
    assert len(personal) > 150
    files = [p for p in (tmp_path / told["artifacts_dir"]).rglob("*") if p.is_file()]
    assert len(files) > 8 and not any(p.suffix == ".xlsx" for p in files)
    for path in files:
        text = path.read_text(errors="replace")
        found = [v for v in personal if v in text]
        assert not found, f"{path}: {found[:3]}"


def test_qg2_fails_for_what_is_missing_or_wrong(qa, demo, repo, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(demo, data)
    (data / "Contact Database.xlsx").unlink()
    book = openpyxl.load_workbook(data / "Reachout Database.xlsx")
    sheet = book["Contact Info"]
    column = [c.value for c in sheet[1]].index("Email") + 1
    for row in range(2, sheet.max_row + 1):
        sheet.cell(row, column).value = "nobody"
    book.save(data / "Reachout Database.xlsx")
    code, told = qa("qg2", profile="aviation")
    results = {r["checkpoint"]: r for r in told["results"]}
    assert code == 1 and not told["passed"]
    assert results["contact_company_cat"]["status"] == "failed"
    assert results["contact_company_cat"]["message"] == "no file of the input directory is of this source"
    assert results["reachout_contact_info"]["status"] == "failed"
    assert "expect_column_values_to_match_regex (Email)" in results["reachout_contact_info"]["message"]
    assert "nobody" not in json.dumps(told)
    assert results["sacaa_cleaned"]["status"] == "passed"


def test_qg2_without_suites_still_looks_at_the_result(qa, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    (data / "people.csv").write_text("Company,Email\nKestrel Aviation,desk@kestrel.example\n")
    code, told = qa("qg2")
    assert code == 0
    assert {r["checkpoint"]: r["status"] for r in told["results"]} == {"suites": "skipped", "result": "passed"}
    code, told = qa("qg2", "--input-dir", "nowhere")
    assert code == 1 and "nowhere: no such directory" in told["results"][0]["message"]


# ---- the others -----------------------------------------------------------------------------------------

def test_qg1_asks_every_command_for_help(qa, hotpass):
    code, told = qa("qg1")
    checks = by_id(told)
    assert code == 0 and told["gate"] == "QG-1"
    listed = {c["name"] for c in json.loads(hotpass("overview", "--json").stdout)["commands"]}
    assert {"refine", "enrich", "qa", "contracts"} < listed
    assert all(f"{name}-help" in checks for name in listed)
    assert {"overview", "cli-help", "profile-lint", "usage-error", "contracts-emit-help"} < set(checks)
    assert told["stats"]["total_checks"] == len(told["checks"]) == told["stats"]["passed"]
    code, told = qa("cli", profile="no-such-profile")
    assert code == 1 and by_id(told)["profile-lint"]["status"] == "failed"


def test_fitness_tries_the_promises_of_a_run(qa, demo, tmp_path):
    code, told = qa("fitness", "--input-dir", demo, profile="aviation")
    checks = by_id(told)
    assert code == 0 and {"profile-blocks", "same-bytes", "no-row-lost", "inputs-untouched"} < set(checks)
    assert checks["no-row-lost"]["message"] == "400 in, 174 out, 196 merged, 30 quarantined"
    (tmp_path / "half.yaml").write_text("name: half\ningest: {}\n")
    code, told = qa("fitness", "--input-dir", demo, profile="half.yaml")
    assert code == 1 and "has no refine, enrich, compliance" in by_id(told)["profile-blocks"]["message"]


def test_profiles_and_contracts(qa, demo, tmp_path):
    code, told = qa("contracts", "--input-dir", demo, profile="aviation")
    assert code == 0 and by_id(told)["validate-output"]["status"] == "passed"
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts/broken.yaml").write_text("apiVersion: v3.1.0\nschema: 7\n")
    code, told = qa("contracts", "--input-dir", demo, profile="aviation")
    assert code == 1 and by_id(told)["contract:./contracts/broken.yaml"]["status"] == "failed"
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/mine.yaml").write_text("name: mine\ningset: {}\n")
    code, told = qa("profiles")
    bad = [c for c in told["checks"] if c["status"] == "failed"]
    assert code == 1 and len(bad) == 1 and "mine.yaml:2:1" in bad[0]["message"] and "ingest" in bad[0]["message"]


def test_qg4_says_that_there_is_no_server(qa, hotpass):
    code, told = qa("qg4")
    steps = by_id(told, "steps")
    assert (code, told["passed"], told["applicable"], told["stats"]["failed"]) == (0, False, False, 0)
    assert "no MCP server" in told["reason"] and steps["instantiate"]["status"] == "skipped"
    assert steps["schema-shape"]["status"] == "passed"
    tools = {t["name"]: t for t in json.loads(hotpass("docs", "tools").stdout)["tools"]}
    missing = {"hotpass.refine", "hotpass.enrich", "hotpass.qa", "hotpass.explain_provenance", "hotpass.plan.research",
               "hotpass.crawl", "hotpass.ta.check"} - set(tools)
    assert (steps["required-tools"]["status"] == "failed") == bool(missing)
    assert all(name in steps["required-tools"]["message"] for name in missing)
    assert "ta" in tools["hotpass.qa"]["inputSchema"]["properties"]["target"]["enum"]
    assert tools["hotpass.convert"]["inputSchema"]["properties"]["select"]["type"] == "array"


def test_qg5_holds_the_reference_against_the_program(qa, hotpass, repo, tmp_path):
    code, told = qa("docs", "--workspace", repo)
    stale = [c["message"] for c in told["checks"] if c["status"] == "failed"]
    assert code == 0, stale
    checks = by_id(told)
    assert checks["reference:cli"]["status"] == "passed" and checks["links"]["status"] == "passed"
    code, told = qa("docs")  # nothing here: the program's own pages are looked at
    assert code == 0 and by_id(told)["cli-reference"]["status"] == "passed" and told["stats"]["skipped"] > 5
    page = tmp_path / "docs/reference/cli.md"
    page.parent.mkdir(parents=True)
    page.write_text(hotpass("docs", "cli").stdout.replace("hotpass refine", "hotpass refined") + "\n[gone](../gone.md)\n")
    (tmp_path / "AGENTS.md").write_text("Use a profile. " * 20)
    code, told = qa("docs")
    failed = {c["id"]: c["message"] for c in told["checks"] if c["status"] == "failed"}
    assert code == 1 and {"reference:cli", "links", "agents-file"} <= set(failed)
    assert "deterministic or offline; provenance or source" in failed["agents-file"] and "gone.md" in failed["links"]


# ---- sets, artefacts ------------------------------------------------------------------------------------

def test_the_acceptance_runs_the_five_and_keeps_a_history(qa, hotpass, demo, tmp_path):
    code, told = qa("ta", "--input-dir", demo, profile="aviation")
    assert [g["id"] for g in told["gates"]] == ["QG-1", "QG-2", "QG-3", "QG-4", "QG-5"]
    assert set(told) == {"schema", "timestamp", "gates", "summary", "artifact_path"}
    gate = {g["id"]: g for g in told["gates"]}
    assert gate["QG-4"]["passed"] is False and gate["QG-4"]["applicable"] is False
    passed = told["summary"]["failed"] == 0  # of the four that apply
    assert told["summary"]["total"] == 5 and told["summary"]["not_applicable"] == 1 and told["summary"]["all_passed"] is passed
    assert (code == 0) == passed
    latest = tmp_path / told["artifact_path"]
    assert latest == tmp_path / "dist/quality-gates/latest-ta.json" and json.loads(latest.read_text()) == told
    assert json.loads((tmp_path / "dist/quality-gates/history.ndjson").read_text()) == told
    past = json.loads(hotpass("qa", "history", "--json", cwd=tmp_path).stdout)
    assert (past["total_runs"], past["passed"], past["latest"]) == (1, int(passed), "2025-11-27T10:40:00Z")
    assert {g["id"]: g["passed"] for g in past["gates"]}["QG-3"] == 1


def test_gates_that_run_at_once_do_not_disturb_each_other(hotpass, tmp_path, repo):
    env = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH}
    argv = [str(hotpass.path), "qa", "profiles", "--json", "--profile-search-path", str(repo / "profiles")]
    running = [subprocess.Popen(argv, cwd=tmp_path, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) for _ in range(8)]
    told = [json.loads(p.communicate(timeout=300)[0]) for p in running]
    assert [p.returncode for p in running] == [0] * 8
    folder = tmp_path / "dist/quality-gates/profiles"
    assert len({t["artifacts_dir"] for t in told}) == 8
    for t in told:
        assert json.loads((tmp_path / t["artifacts_dir"] / "summary.json").read_text()) == t
    lines = (folder / "history.ndjson").read_text().splitlines()
    assert len(lines) == 8 and all(json.loads(line)["summary"]["all_passed"] for line in lines)
    assert json.loads((folder / "latest.json").read_text()) in told


def test_usage_and_places_that_cannot_be_written(hotpass, tmp_path):
    assert hotpass("qa", "qg6").returncode == 2
    (tmp_path / "file").write_text("")
    result = hotpass("qa", "profiles", "--artifacts-dir", tmp_path / "file/gates")
    assert result.returncode == 73 and "file" in result.stderr
