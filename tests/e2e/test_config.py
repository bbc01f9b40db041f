"""hotpass.yaml: what it says holds unless an option or the environment says otherwise; it is shown, set and checked."""
import json

import pytest

OK, FINDINGS, USAGE, NOINPUT, CONFIG = 0, 1, 2, 66, 78
CSV = "Organization,Email\nAcme Aviation,info@acme.example\nBeta Flight,office@beta.example\n"


@pytest.fixture
def place(tmp_path):
    """A working directory with data in `in`, and a user's directory of its own."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in/contacts.csv").write_text(CSV)
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/mine.yaml").write_text("name: mine\n")
    (tmp_path / "hotpass.yaml").write_text("profile: mine\npipeline:\n  input_dir: in\n  output_path: [out/a.csv, out/b.xlsx]\n")
    return tmp_path


@pytest.fixture
def run(hotpass, place):
    return lambda *args, **env: hotpass(*args, cwd=place, env={"XDG_CONFIG_HOME": place / "xdg", **env})


def test_refine_does_what_the_file_says(run, place):
    assert run("refine").returncode == OK
    assert (place / "out/a.csv").exists() and (place / "out/b.xlsx").exists()
    assert json.loads((place / "out/run.json").read_text())["profile"]["name"] == "mine"


def test_options_and_environment_stand_above_the_file(run, place):
    (place / "other").mkdir()
    (place / "other/x.csv").write_text(CSV)
    assert run("refine", "--output-path", "o.csv", HOTPASS_INPUT_DIR="other").returncode == OK
    assert json.loads((place / "run.json").read_text())["inputs"][0]["path"].endswith("x.csv")
    assert not (place / "out").exists()
    assert run("refine", "-i", "none", HOTPASS_INPUT_DIR="in").returncode == NOINPUT


def test_map_takes_the_directory_of_the_file(run):
    assert "contacts.csv" in run("map").stdout


def test_a_wrong_file_stops_a_run_but_not_help(run, place):
    (place / "hotpass.yaml").write_text("pipelin: {}\n")
    result = run("refine")
    assert result.returncode == CONFIG
    assert 'hotpass.yaml:1:1: unknown key "pipelin"' in result.stderr
    assert not (place / "dist").exists()
    assert run("refine", "--help").returncode == OK
    assert run("refine", "--config", "no.yaml").returncode == NOINPUT


def test_show_tells_where_values_come_from(run, place):
    (place / "xdg/hotpass").mkdir(parents=True)
    (place / "xdg/hotpass/config.yaml").write_text("profile: u\npipeline: {jobs: 2}\n")
    shown = json.loads(run("config", "show", "--json", HOTPASS_ARCHIVE="1").stdout)
    keys = {k["key"]: k for k in shown["keys"]}
    assert shown["schema"] == "hotpass.config/1"
    assert [f["found"] for f in shown["files"]] == [True, True]
    assert keys["profile"] == {"key": "profile", "value": "mine", "from": "project", "origin": "hotpass.yaml:1:10"}
    assert keys["pipeline.jobs"]["value"] == 2 and keys["pipeline.jobs"]["from"] == "user"
    assert keys["pipeline.archive"] == {"key": "pipeline.archive", "value": True, "from": "environment", "origin": "HOTPASS_ARCHIVE"}
    assert keys["pipeline.output_path"]["value"] == ["out/a.csv", "out/b.xlsx"]
    assert keys["net.host"] == {"key": "net.host", "value": None, "from": "built-in", "origin": None}
    assert "pipeline.jobs\t2\tuser " in run("config", "show", "--origin").stdout


def test_set_and_get(run, place):
    text = "# ours\nprofile: mine  # for now\n"
    (place / "hotpass.yaml").write_text(text)
    assert run("config", "set", "--dry-run", "pipeline.jobs", "2").returncode == OK
    assert (place / "hotpass.yaml").read_text() == text
    assert run("config", "set", "pipeline.jobs", "2").returncode == OK
    assert run("config", "set", "governance.intent", "one", "two, three").returncode == OK
    assert run("config", "set", "profile", "generic").returncode == OK
    assert (place / "hotpass.yaml").read_text() == ('# ours\nprofile: generic  # for now\npipeline:\n  jobs: 2\n'
                                                    'governance:\n  intent: ["one", "two, three"]\n')
    assert run("config", "get", "governance.intent").stdout == "one\ntwo, three\n"
    assert run("config", "get", "net.host").returncode == FINDINGS
    assert run("config", "set", "pipeline.jobs", "no").returncode == CONFIG
    assert run("config", "set", "pipeline.jos", "1").returncode == USAGE
    assert sorted(p.name for p in place.iterdir()) == ["hotpass.yaml", "in", "profiles"]


def test_validate_lists_every_error_and_no_secret(run, place):
    (place / "hotpass.yaml").write_text("a: 1\nprefect: {api_key: canary-1}\nlineage: {url: 'http://u:canary-2@h'}\n")
    result = run("config", "validate", "--json", PREFECT_API_URL="http://u:canary-3@h/api")
    assert result.returncode == CONFIG
    assert len(json.loads(result.stdout)["errors"]) == 4
    assert "canary" not in result.stdout + result.stderr
    (place / "hotpass.yaml").write_text("")
    assert run("config", "validate").stdout == "0 errors\n"


# A file of configuration of the program before this one, with one key of each kind: the same, renamed, not used.
TOML = """\
input_dir = "old-inputs"
excel_chunk_size = 5000

[profile]
name = "mine"
default_country_code = "ZA"

[pipeline]
dist_dir = 'out'
archive = true
report_path = [
    "a.html",  # two lines
    "b.md",
]
research = { searx = { enabled = false } }

[governance]
data_owner = "Caf\\u00e9 Team"
review_interval_days = 0x5a
approver = "Board"

[orchestrator]
deployment = "hotpass-refine"
work_pool = "default"

[features]
enrichment = false
"""


def test_toml_of_the_program_before(run, place):
    (place / "old.toml").write_text(TOML)
    shown = {k["key"]: k for k in json.loads(run("config", "show", "--config", "old.toml", "--json").stdout)["keys"]}
    wanted = {"profile": ("mine", "old.toml:5:8"), "pipeline.input_dir": ("old-inputs", "old.toml:1:13"), "pipeline.archive": (True, "old.toml:10:11"),
              "pipeline.dist_dir": ("out", "old.toml:9:12"), "pipeline.report_path": (["a.html", "b.md"], "old.toml:11:15"),
              "governance.data_owner": ("Caf\u00e9 Team", "old.toml:18:14"), "governance.review_interval_days": (90, "old.toml:19:24"),
              "prefect.deployment": ("hotpass-refine", "old.toml:23:14"), "prefect.work_pool": ("default", "old.toml:24:13")}
    assert {k: (shown[k]["value"], shown[k]["origin"]) for k in wanted} == wanted
    assert all(shown[k]["from"] == "project" for k in wanted)
    checked = run("config", "validate", "--config", "old.toml", "--json")
    assert checked.returncode == OK
    assert [line.split(" ")[1] for line in json.loads(checked.stdout)["unused"]] == [
        '"excel_chunk_size"', '"profile.default_country_code"', '"pipeline.research"', '"governance.approver"', '"features.enrichment"']
    assert run("config", "set", "--config", "old.toml", "pipeline.jobs", "2").returncode == CONFIG
    assert (place / "old.toml").read_text() == TOML


def test_toml_stands_where_yaml_would(run, place):
    """Below the environment, above the user's file; and found by itself only where there is no hotpass.yaml."""
    (place / "xdg/hotpass").mkdir(parents=True)
    (place / "xdg/hotpass/config.yaml").write_text("pipeline: {dist_dir: u, input_dir: u, jobs: 2}\n")
    (place / "hotpass.toml").write_text('[pipeline]\ndist_dir = "t"\ninput_dir = "t"\n')
    assert run("config", "get", "pipeline.input_dir").stdout == "in\n"  # hotpass.yaml is there: the TOML says nothing
    (place / "hotpass.yaml").unlink()
    for key, said in ("pipeline.dist_dir", "t"), ("pipeline.input_dir", "e"), ("pipeline.jobs", "2"):
        assert run("config", "get", key, HOTPASS_INPUT_DIR="e").stdout == said + "\n"


def test_wrong_toml(run, place):
    def errors(text):
        (place / "x.toml").write_text(text)
        result = run("config", "validate", "--config", "x.toml", "--json")
        assert result.returncode == CONFIG and "canary" not in result.stdout + result.stderr
        return json.loads(result.stdout)["errors"]
    assert errors("[pipeline\n")[0].startswith("x.toml:1:10: ")
    assert errors("[pipelin]\narchive = true\n")[0].startswith('x.toml:1:2: unknown key "pipelin"')
    assert "secrets do not belong" in errors('[pipeline]\nresearch_api_key = "canary"\n')[0]
    assert errors("[pipeline]\narchive = 7\n")[0].startswith("x.toml:2:11: ")
    assert "nested deeper" in errors("a" + ".a" * 100000 + " = 1\n")[0]
    assert "nested deeper" in errors("a = " + "[" * 200 + "]" * 200 + "\n")[0]
