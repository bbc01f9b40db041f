"""hotpass init: what it makes runs at once, and nothing that exists is overwritten."""
import json
import os
import re

import openpyxl
import pytest

OK, CANTCREAT = 0, 73


@pytest.fixture
def run(hotpass, tmp_path):
    quiet = {name: None for name in os.environ if re.match("HOTPASS_(?!BIN)|PREFECT_|AWS_|OPENLINEAGE_", name)}
    return lambda *args, cwd=tmp_path: hotpass(*args, cwd=cwd, env={**quiet, "XDG_CONFIG_HOME": tmp_path / "home"})


def test_what_it_makes_runs_at_once(run, tmp_path):
    made = run("init", "deep/er/place", "--json")
    assert made.returncode == OK
    place = tmp_path / "deep/er/place"
    assert all((place / item).exists() for item in json.loads(made.stdout)["items"])
    assert run("doctor", cwd=place).returncode == OK
    assert run("doctor", "--deep", cwd=place).returncode == OK
    assert run("config", "validate", cwd=place).returncode == OK
    assert run("profile", "lint", cwd=place).returncode == OK
    assert run("check", "data/sample-contacts.csv", "--suite", "expectations/sample_contacts.json", cwd=place).returncode == OK
    assert run("refine", cwd=place).returncode == OK
    rows = list(openpyxl.load_workbook(place / "dist/refined.xlsx")["Data"].values)
    assert len(rows) == 5  # the two spellings of Acme Aviation are one
    assert run("doctor", cwd=place).returncode == OK


def test_nothing_is_overwritten(run, tmp_path):
    (tmp_path / "w/profiles").mkdir(parents=True)
    (tmp_path / "w/profiles/contacts.yaml").write_text("mine")
    result = run("init", "w")
    assert result.returncode == CANTCREAT and "w/profiles/contacts.yaml: is there already" in result.stderr
    assert [p.name for p in (tmp_path / "w").iterdir()] == ["profiles"]
    assert (tmp_path / "w/profiles/contacts.yaml").read_text() == "mine"
    (tmp_path / "file").write_text("")
    assert run("init", "file").returncode == CANTCREAT


def test_other_files_stay(run, tmp_path):
    (tmp_path / "w").mkdir()
    (tmp_path / "w/notes.txt").write_text("mine")
    assert run("init", cwd=tmp_path / "w").returncode == OK
    assert (tmp_path / "w/notes.txt").read_text() == "mine"


def test_dry_run(run, tmp_path):
    assert "Nothing was written" in run("init", "w", "--dry-run").stdout
    assert list(tmp_path.iterdir()) == []
