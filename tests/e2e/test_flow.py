"""orchestrate and backfill: flows without a server, driven as an operator would, killed where it hurts."""
import hashlib
import json
import os
import signal
import subprocess
import time
import zipfile

import openpyxl
import pytest

SOURCE_DATE = {"SOURCE_DATE_EPOCH": "1760000000"}


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_book(path, rows):
    """A workbook of invented organisations that the profile generic reads."""
    book = openpyxl.Workbook()
    book.active.append(["Organisation", "E-mail", "Province"])
    for row in rows:
        book.active.append(row)
    book.save(path)


@pytest.fixture(autouse=True)
def profiles(tmp_path, repo):
    """The shipped profiles, where the program looks for them."""
    (tmp_path / "profiles").symlink_to(repo / "profiles")


@pytest.fixture()
def archives(tmp_path):
    """Five days of archives: good ones, one inside a folder, one that is no zip, one missing (2025-10-04)."""
    root = tmp_path / "archives"
    root.mkdir()
    for day in (1, 2, 5):
        book = tmp_path / f"day{day}.xlsx"
        write_book(book, [[f"Acme Air {day}{i}", f"desk{i}@acme{day}.example", "Gauteng"] for i in range(3 + day)])
        inside = "inputs/contacts.xlsx" if day == 2 else "contacts.xlsx"
        with zipfile.ZipFile(root / f"hotpass-inputs-2025100{day}-vlatest.zip", "w", zipfile.ZIP_DEFLATED) as z:
            z.write(book, inside)
    (root / "hotpass-inputs-20251003-vlatest.zip").write_bytes(b"this is no zip")
    return root


def backfill(hotpass, tmp_path, archives, *more, **options):
    return hotpass("backfill", "--start-date", "2025-10-01", "--end-date", "2025-10-05", "--archive-root", archives,
                   "--restore-root", tmp_path / "backfill", "--json", *more, cwd=tmp_path, **options)


def by_date(result):
    answer = json.loads(result.stdout)
    assert answer["schema"] == "hotpass.backfill/1"
    return {run["run_date"]: run for run in answer["runs"]}, answer["metrics"]


def test_failures_are_listed_and_do_not_stop_it(hotpass, tmp_path, archives):
    result = backfill(hotpass, tmp_path, archives)
    assert result.returncode == 1, result.stderr
    runs, metrics = by_date(result)
    assert list(runs) == [f"2025-10-0{d}" for d in range(1, 6)]
    assert [runs[d]["status"] for d in runs] == ["completed", "completed", "failed", "failed", "completed"]
    assert "is no zip" in runs["2025-10-03"]["message"] and runs["2025-10-03"]["exit_code"] == 65
    assert not any(word in runs["2025-10-03"]["message"] for word in ("workbook", "spreadsheet"))
    assert "hotpass-inputs-20251004-vlatest.zip" in runs["2025-10-04"]["message"]
    assert runs["2025-10-04"]["exit_code"] == 66
    assert metrics["total_runs"] == 5 and metrics["failed_runs"] == 2 and metrics["successful_runs"] == 3
    for day in (1, 2, 5):
        run = runs[f"2025-10-0{day}"]
        rows = list(openpyxl.load_workbook(tmp_path / run["output_path"])["Data"].values)
        assert len(rows) - 1 == run["total_records"] == 3 + day
        manifest = json.loads((tmp_path / run["output_path"]).with_name("run.json").read_text())
        assert manifest["counts"]["rows_in"] == run["rows_in"]


def test_a_second_call_does_nothing_twice(hotpass, tmp_path, archives):
    backfill(hotpass, tmp_path, archives)
    first = {p: p.stat().st_mtime_ns for p in (tmp_path / "backfill/outputs").rglob("*.xlsx")}
    (archives / "hotpass-inputs-20251004-vlatest.zip").write_bytes(
        (archives / "hotpass-inputs-20251001-vlatest.zip").read_bytes())
    runs, metrics = by_date(backfill(hotpass, tmp_path, archives))
    assert [runs[d]["status"] for d in runs] == ["kept", "kept", "failed", "completed", "kept"]
    assert metrics["kept_runs"] == 3
    assert {p: p.stat().st_mtime_ns for p in first} == first


@pytest.mark.parametrize("change", ["archive", "output", "option", "profile", "force"])
def test_what_a_window_depends_on_makes_it_run_again(hotpass, tmp_path, archives, repo, change):
    profile = tmp_path / "mine.yaml"
    profile.write_text((repo / "profiles/generic.yaml").read_text().replace("name: generic", "name: mine"))
    window = ["--start-date", "2025-10-01", "--end-date", "2025-10-01", "--profile", "mine.yaml"]
    call = ["backfill", *window, "--archive-root", archives, "--restore-root", tmp_path / "backfill", "--json"]
    assert by_date(hotpass.run(call, cwd=tmp_path))[0]["2025-10-01"]["status"] == "completed"
    more = []
    if change == "archive":
        with zipfile.ZipFile(archives / "hotpass-inputs-20251001-vlatest.zip", "a") as z:
            z.writestr("note.txt", "one more file")
    elif change == "output":
        with open(tmp_path / "backfill/outputs/2025-10-01--latest/refined-2025-10-01-latest.xlsx", "ab") as f:
            f.write(b"x")
    elif change == "option":
        more = ["--compress", "best"]
    elif change == "profile":
        profile.write_text(profile.read_text() + "\n# changed\n")
    else:
        more = ["--force"]
    assert by_date(hotpass.run([*call, *more], cwd=tmp_path))[0]["2025-10-01"]["status"] == "completed"
    assert by_date(hotpass.run([*call, *more[:0 if change == "force" else None]], cwd=tmp_path)
                   )[0]["2025-10-01"]["status"] == "kept"


def test_killed_at_any_point_it_goes_on_where_it_was(hotpass, tmp_path, archives):
    """kill -9 at growing distances; the results are those of a call that nobody killed, byte for byte."""
    quiet = {**os.environ, **SOURCE_DATE, "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    argv = [str(hotpass), "backfill", "--start-date", "2025-10-01", "--end-date", "2025-10-05", "--archive-root", archives,
            "--restore-root", tmp_path / "backfill", "--json"]
    journal = tmp_path / "backfill/backfill.ndjson"
    for lines in (1, 2, 3, 4):
        child = subprocess.Popen(list(map(str, argv)), cwd=tmp_path, env=quiet, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while child.poll() is None and time.monotonic() < deadline:
            if journal.exists() and journal.read_text().count("\n") >= lines:
                break
            time.sleep(0.005)
        child.kill()
        child.wait()
    with open(journal, "a") as f:
        f.write('{"schema":"hotpass.backfill-journal/1","window":"2025-10-05--lat')  # a line that a crash cut short
    result = backfill(hotpass, tmp_path, archives, env=SOURCE_DATE)
    runs, _ = by_date(result)
    assert all(runs[f"2025-10-0{d}"]["success"] for d in (1, 2, 5)), result.stdout
    whole = tmp_path / "whole"
    result = hotpass("backfill", "--start-date", "2025-10-01", "--end-date", "2025-10-05", "--archive-root", archives,
                     "--restore-root", whole, "--json", cwd=tmp_path, env=SOURCE_DATE)
    for out in whole.rglob("*.xlsx"):
        if "outputs" in out.parts:
            assert digest(out) == digest(tmp_path / "backfill" / out.relative_to(whole))


def test_several_at_a_time_give_the_same(hotpass, tmp_path, archives):
    one, _ = by_date(backfill(hotpass, tmp_path, archives, env=SOURCE_DATE))
    before = {p.name: digest(p) for p in (tmp_path / "backfill/outputs").rglob("*.xlsx")}
    four, _ = by_date(backfill(hotpass, tmp_path, archives, "--concurrency", "4", "--force", env=SOURCE_DATE))
    assert {d: r["status"] for d, r in one.items()} == {d: r["status"] for d, r in four.items()}
    assert {p.name: digest(p) for p in (tmp_path / "backfill/outputs").rglob("*.xlsx")} == before


def test_only_one_at_a_time_on_a_root(hotpass, tmp_path, archives):
    import fcntl
    (tmp_path / "backfill").mkdir()
    with open(tmp_path / "backfill/backfill.lock", "w") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        result = backfill(hotpass, tmp_path, archives)
    assert result.returncode == 75 and "another backfill" in result.stderr


def test_no_name_in_an_archive_leaves_its_directory(hotpass, tmp_path, archives):
    with zipfile.ZipFile(archives / "hotpass-inputs-20251001-vlatest.zip", "w") as z:
        z.writestr("../../escaped.txt", "x")
    runs, _ = by_date(backfill(hotpass, tmp_path, archives))
    assert runs["2025-10-01"]["exit_code"] == 65
    assert not list(tmp_path.rglob("escaped.txt"))


def test_a_dry_run_changes_nothing(hotpass, tmp_path, archives):
    result = backfill(hotpass, tmp_path, archives, "--dry-run")
    runs, _ = by_date(result)
    assert [runs[d]["status"] for d in runs] == ["waiting", "waiting", "waiting", "failed", "waiting"]
    assert not (tmp_path / "backfill").exists()


@pytest.mark.parametrize("options, words", [
    (["--start-date", "2025-10-02", "--end-date", "2025-10-01"], "before"),
    (["--end-date", "2025-10-01"], "--start-date"),
    (["--start-date", "2025-10-02", "--version", "../x"], "--version"),
    (["--start-date", "2025-10-02", "--archive-pattern", "{nothing}"], "{nothing}"),
    (["--start-date", "2025-10-02", "--archive-pattern", "{date:%Q}"], "%Q"),
])
def test_usage(hotpass, tmp_path, options, words):
    result = hotpass("backfill", *options, cwd=tmp_path)
    assert result.returncode == 2 and words in result.stderr


def test_a_signal_stops_the_child_and_is_told(hotpass, tmp_path, archives):
    """The window under way is noted as stopped, no child is left, and the exit code is that of the signal."""
    big = tmp_path / "big.csv"
    big.write_text("Organisation,E-mail\n" + "".join(f"Acme {i} Ltd,desk{i}@acme{i}.example\n" for i in range(60000)))
    with zipfile.ZipFile(archives / "hotpass-inputs-20251001-vlatest.zip", "w", zipfile.ZIP_DEFLATED) as z:
        z.write(big, "big.csv")
    child = subprocess.Popen(
        [str(hotpass), "backfill", "--start-date", "2025-10-01", "--archive-root", str(archives), "--restore-root",
         "backfill", "--limit", "inflate-ratio=2000"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not (tmp_path / "backfill/outputs/2025-10-01--latest/refine.log").exists():
        assert child.poll() is None and time.monotonic() < deadline, child.communicate()
        time.sleep(0.01)
    grandchildren = subprocess.run(["ps", "-o", "pid=", "--ppid", str(child.pid)], capture_output=True, text=True).stdout.split()
    child.send_signal(signal.SIGINT)
    out, _ = child.communicate(timeout=30)
    assert child.returncode == 130 and b"stopped" in out
    assert grandchildren and not any(os.path.exists(f"/proc/{pid}") for pid in grandchildren)
    assert '"status":"stopped"' in (tmp_path / "backfill/backfill.ndjson").read_text()


# ---- orchestrate ----

def steps(result):
    answer = json.loads(result.stdout)
    return answer, {step["name"]: step["status"] for step in answer["steps"]}


def test_the_flow_passes_its_gates(hotpass, tmp_path, demo):
    result = hotpass("orchestrate", "--profile", "aviation", "--input-dir", demo, "--output-path", "out/refined.xlsx",
                     "--json", "--log-format", "json", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    answer, step = steps(result)
    assert step == dict.fromkeys(["lint", "refine", "verify", "contract"], "completed")
    assert answer["run"]["counts"] == json.loads((tmp_path / "out/run.json").read_text())["counts"]
    stages = [json.loads(line)["data"]["stage"] for line in result.stderr.splitlines() if '"progress"' in line]
    assert stages[0] == "lint" and stages[-1] == "contract" and "merge" in stages


def test_quiet_says_nothing_of_a_flow_that_passes(hotpass, tmp_path, demo):
    result = hotpass("orchestrate", "-q", "--profile", "aviation", "--input-dir", demo, "--output-path", "out/refined.xlsx", cwd=tmp_path)
    assert (result.returncode, result.stdout) == (0, "")


def test_a_profile_with_an_error_stops_it_first(hotpass, tmp_path, demo):
    (tmp_path / "bad.yaml").write_text("name: bad\nsorces: []\n")
    result = hotpass("orchestrate", "--profile", "bad.yaml", "--input-dir", demo, "--json", cwd=tmp_path)
    answer, step = steps(result)
    assert result.returncode == 78 and answer["failing_stage"] == "lint"
    assert step["refine"] == "waiting" and not (tmp_path / "dist").exists()


def test_an_expectation_that_fails_is_exit_code_1(hotpass, tmp_path, demo):
    (tmp_path / "strict.yaml").write_text(
        "name: strict\nrefine:\n  expectations:\n    - column: organization_name\n      kind: matches_regex\n"
        "      regex: '^no organisation has this name$'\n      severity: fail\n")
    lint = hotpass("profile", "lint", "strict.yaml", cwd=tmp_path)
    if lint.returncode:
        pytest.fail(lint.stdout + lint.stderr)
    result = hotpass("orchestrate", "--profile", "strict.yaml", "--input-dir", demo, "--json", cwd=tmp_path)
    answer, step = steps(result)
    assert result.returncode == 1 and step["refine"] == "failed" and answer["failing_stage"] == "check"


def test_no_input_is_told_as_refine_tells_it(hotpass, tmp_path):
    result = hotpass("orchestrate", "--input-dir", "nowhere", "--json", cwd=tmp_path)
    answer, step = steps(result)
    assert result.returncode == 66 and step["refine"] == "failed" and "nowhere" in answer["message"]


def test_a_dry_run_skips_what_needs_files(hotpass, tmp_path, demo):
    result = hotpass("orchestrate", "--profile", "aviation", "--input-dir", demo, "--dry-run", "--json", cwd=tmp_path)
    _, step = steps(result)
    assert result.returncode == 0 and step["verify"] == step["contract"] == "skipped"
    assert not (tmp_path / "dist").exists()
