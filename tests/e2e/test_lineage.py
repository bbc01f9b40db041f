"""Lineage: every run has START and one end, valid and in order at the receiver, whatever happens to run and server; and the record
answers what was made of what."""
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import time
import uuid
import xml.etree.ElementTree as ElementTree

import pytest

from bastion import free_port
from marquez import Marquez, check_runs

OK, FINDINGS, USAGE, NOINPUT, UNAVAILABLE, CONFIG = 0, 1, 2, 66, 69, 78
FLOW_RUN = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"


class Lineage:
    """A workspace with a state directory of its own, and runs in it."""

    def __init__(self, hotpass, folder, demo):
        self.hotpass, self.folder, self.demo = hotpass, folder, demo
        self.state, self.profiles = folder / "state", demo.parents[1] / "profiles"
        self.env = {"HOTPASS_STATE_DIR": self.state, **{k: None for k in os.environ if k.startswith(("OPENLINEAGE", "PREFECT"))}}

    def __call__(self, *words, **env):
        return self.hotpass(*words, cwd=self.folder, env={**self.env, **env})

    def words(self, **options):
        options = {"input-dir": self.demo, "profile": "aviation", "profile-search-path": self.profiles, "output-path": self.folder / "out/refined.xlsx",
                   "dist-dir": self.folder / "dist", **options}
        return ["refine", *(w for k, v in options.items() for w in (f"--{k}", v))]

    def refine(self, server=None, expect=OK, **env):
        result = self(*self.words(), **({"OPENLINEAGE_URL": server.url} if server else {}), **env)
        assert result.returncode == expect, result.stderr
        return result

    def json(self, *words, expect=OK, **env):
        result = self("lineage", *words, "--json", **env)
        assert result.returncode == expect, (result.stdout, result.stderr)
        return json.loads(result.stdout)

    def status(self, expect=OK, **env):
        return self.json("status", expect=expect, **env)

    def sql(self, text):
        with sqlite3.connect(f"file:{self.state}/lineage.sqlite?mode=ro", uri=True) as db:
            return db.execute(text).fetchall()

    def change(self, text):
        db = sqlite3.connect(self.state / "lineage.sqlite")
        with db:
            db.execute(text)
        db.close()

    def begun(self, **env):
        """Start a run and return its process as soon as its START stands in the store."""
        merged = {**os.environ, "LC_ALL": "C.UTF-8", **{k: str(v) for k, v in {**self.env, **env}.items() if v is not None}}
        merged = {k: v for k, v in merged.items() if (self.env.get(k, "") is not None)}
        before = self.count()
        child = subprocess.Popen([str(self.hotpass), *map(str, self.words())], cwd=self.folder, env=merged, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while self.count() == before:
            assert child.poll() is None and time.monotonic() < until
            time.sleep(0.002)
        return child

    def count(self):
        try:
            return self.sql("SELECT count(*) FROM event")[0][0]
        except sqlite3.OperationalError:
            return 0


@pytest.fixture
def lineage(hotpass, tmp_path, demo):
    return Lineage(hotpass, tmp_path, demo)


@pytest.fixture
def marquez():
    with Marquez() as server:
        yield server


def kinds(events):
    return [e["eventType"] for e in events]


def by_name(datasets):
    return {os.path.basename(d["name"]): d for d in datasets}


# ---- events ----------------------------------------------------------------------------------------------

def test_a_run_that_ends_well(lineage, marquez):
    lineage.refine(marquez)
    (run, (start, complete)), = marquez.runs().items()
    assert kinds([start, complete]) == ["START", "COMPLETE"]
    assert uuid.UUID(run).version == 7 and start["job"] == {**start["job"], "namespace": "hotpass.local", "name": "hotpass.pipeline.aviation"}
    assert (start["inputs"], start["outputs"]) == ([], [])
    manifest = json.loads((lineage.folder / "out/run.json").read_text())
    inputs, outputs = by_name(complete["inputs"]), by_name(complete["outputs"])
    assert set(inputs) == {os.path.basename(i["path"]) for i in manifest["inputs"]} and set(outputs) == {"refined.xlsx"}
    assert all(d["name"].startswith("/") for d in complete["inputs"] + complete["outputs"])
    for i in manifest["inputs"]:
        d = inputs[os.path.basename(i["path"])]
        rows = sum(t["rows"] for t in i["tables"])
        assert d["inputFacets"]["inputStatistics"]["rowCount"] == d["inputFacets"]["dataQualityMetrics"]["rowCount"] == rows
        assert (d["inputFacets"]["inputStatistics"]["size"], d["facets"]["version"]["datasetVersion"]) == (i["bytes"], i["sha256"])
    out = outputs["refined.xlsx"]
    assert out["outputFacets"]["outputStatistics"]["rowCount"] == manifest["counts"]["rows_out"]
    assert out["outputFacets"]["outputStatistics"]["size"] == os.path.getsize(lineage.folder / "out/refined.xlsx")
    nulls = out["facets"]["dataQualityMetrics"]["columnMetrics"]["Data!website"]["nullCount"]
    fill = next(f for f in manifest["fill"] if f["column"] == "website")
    assert nulls == manifest["counts"]["rows_out"] - fill["filled"]
    location = complete["job"]["facets"]["sourceCodeLocation"]
    assert (location["version"], location["url"][:7]) == (manifest["profile"]["sha256"], "file://")
    assert complete["run"]["facets"]["hotpass"]["rows_in"] == manifest["counts"]["rows_in"]


def test_columns_say_what_they_are_made_of(lineage, marquez):
    lineage.refine(marquez)
    complete = marquez.events[-1]
    inputs = {d["name"]: {f["name"] for f in d["facets"]["schema"]["fields"]} for d in complete["inputs"]}
    out, = complete["outputs"]
    schema = {f["name"] for f in out["facets"]["schema"]["fields"]}
    fields = out["facets"]["columnLineage"]["fields"]
    assert set(fields) <= schema and {"Data!organization_name", "Contacts!contact_emails"} <= set(fields)
    for field in fields.values():
        for source in field["inputFields"]:
            assert source["field"] in inputs[source["name"]]
            assert {t["type"] for t in source["transformations"]} == {"DIRECT"} and not source["transformations"][0]["masking"]
    of = {(os.path.basename(s["name"]), s["field"]) for s in fields["Data!website"]["inputFields"]}
    assert ("Contact Database.xlsx", "Company_Cat!Website") in of and ("Reachout Database.xlsx", "Organisation!Website") in of
    subtype = {name: f["inputFields"][0]["transformations"][0]["subtype"] for name, f in fields.items()}
    assert (subtype["Data!website"], subtype["Data!notes"]) == ("TRANSFORMATION", "AGGREGATION")


def test_expectations_are_assertions(lineage, marquez):
    lineage.refine(marquez)
    manifest = json.loads((lineage.folder / "out/run.json").read_text())
    made = [c for c in manifest["checks"] if c["data"] == "Data"]
    told = marquez.events[-1]["outputs"][0]["facets"]["dataQualityAssertions"]["assertions"]
    assert made and [(a["assertion"], a["success"]) for a in told] == [(c["expectation"], c["success"]) for c in made]


def test_flat_outputs_are_datasets_of_their_own(lineage, marquez):
    result = lineage(*lineage.words(**{"output-path": lineage.folder / "out/r.csv"}), OPENLINEAGE_URL=marquez.url)
    assert result.returncode == OK
    marquez.runs()
    outputs = by_name(marquez.events[-1]["outputs"])
    assert {"r.csv", "r.contacts.csv", "r.quarantine.csv"} <= set(outputs)
    assert "website" in {f["name"] for f in outputs["r.csv"]["facets"]["schema"]["fields"]}
    assert "contact_emails" in outputs["r.contacts.csv"]["facets"]["columnLineage"]["fields"]


def test_enrich_is_a_run_too_and_columns_stay_what_they_are(lineage, marquez):
    lineage.refine(marquez)
    result = lineage("enrich", "--input", "out/refined.xlsx", "--output", "out/enriched.xlsx", "--profile", "aviation", "--profile-search-path",
                     lineage.profiles, OPENLINEAGE_URL=marquez.url)
    assert result.returncode == OK, result.stderr
    runs = marquez.runs()
    assert len(runs) == 2 and marquez.events[-1]["job"]["name"] == "hotpass.enrich.aviation"
    start, complete = marquez.events[2:]
    assert [d["name"] for d in start["inputs"]] == [str(lineage.folder / "out/refined.xlsx")]
    out, = complete["outputs"]
    source, = out["facets"]["columnLineage"]["fields"]["Data!website"]["inputFields"]
    assert (source["field"], source["transformations"][0]["subtype"]) == ("Data!website", "IDENTITY")
    assert not (lineage.folder / "out/run.json").read_text().count("enriched")


def test_a_run_that_fails_says_at_which_stage(lineage, marquez):
    result = lineage(*lineage.words(**{"input-dir": lineage.folder / "absent"}), OPENLINEAGE_URL=marquez.url)
    assert result.returncode == NOINPUT
    (start, fail), = marquez.runs().values()
    assert kinds([start, fail]) == ["START", "FAIL"]
    error = fail["run"]["facets"]["errorMessage"]
    assert error["message"].startswith("stage plan: ") and "absent" in error["message"]
    assert (fail["run"]["facets"]["hotpass"]["failing_stage"], fail["run"]["facets"]["hotpass"]["exit_code"]) == ("plan", NOINPUT)


def test_a_run_that_a_check_stops_has_failed(lineage, marquez):
    data = lineage.folder / "in"
    data.mkdir()
    (data / "people.csv").write_text("organisation,email\nAcme,jo.bloggs@acme.example\n")
    (lineage.folder / "many.json").write_text(json.dumps({"name": "many", "expectations": [
        {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 10}, "severity": "critical"}]}))
    (lineage.folder / "p.yaml").write_text("name: p\noutput: {suite: many.json}\nseverity: {critical: fail}\n")
    result = lineage("refine", "--input-dir", data, "--profile", lineage.folder / "p.yaml", "--output-path", lineage.folder / "o.xlsx",
                     OPENLINEAGE_URL=marquez.url)
    assert result.returncode == FINDINGS, result.stderr
    (start, fail), = marquez.runs().values()
    assert kinds([start, fail]) == ["START", "FAIL"] and fail["outputs"] == []
    assert fail["run"]["facets"]["errorMessage"]["message"].startswith("stage check: ")


def test_personal_values_stay_here(lineage, marquez):
    folder = lineage.folder / "jo.bloggs@acme.example 082 555 0100"
    result = lineage(*lineage.words(**{"input-dir": folder}), OPENLINEAGE_URL=marquez.url)
    assert result.returncode == NOINPUT
    marquez.runs()
    assert "jo.bloggs" not in marquez.events[-1]["run"]["facets"]["errorMessage"]["message"]


def test_a_dry_run_and_a_disabled_one_leave_nothing(lineage, marquez):
    assert lineage(*lineage.words(), "--dry-run", OPENLINEAGE_URL=marquez.url).returncode == OK
    for name, value in (("OPENLINEAGE_DISABLED", "true"), ("HOTPASS_DISABLE_LINEAGE", "1"), ("HOTPASS_LINEAGE_ENABLED", "false")):
        lineage.refine(marquez, **{name: value})
    assert not marquez.requests and not (lineage.state / "lineage.sqlite").exists()


def test_outputs_do_not_depend_on_lineage(lineage, marquez):
    lineage.refine(marquez, SOURCE_DATE_EPOCH="1764240000")
    with_it = {p.name: p.read_bytes() for p in (lineage.folder / "out").iterdir() if p.is_file()}
    lineage.refine(SOURCE_DATE_EPOCH="1764240000", OPENLINEAGE_DISABLED="1")
    without = {p.name: p.read_bytes() for p in (lineage.folder / "out").iterdir() if p.is_file()}
    assert {k for k in with_it if with_it[k] != without[k]} <= {"access_log.ndjson"}
    assert marquez.events[0]["run"]["facets"]["nominalTime"]["nominalStartTime"] == "2025-11-27T10:40:00.000Z"
    assert marquez.events[0]["eventTime"] > "2026"  # that is when it happened


# ---- who started it --------------------------------------------------------------------------------------

def test_the_flow_run_of_prefect_is_the_parent(lineage, marquez):
    lineage.refine(marquez, PREFECT__FLOW_RUN_ID=FLOW_RUN, PREFECT__FLOW_NAME="hotpass-refine", OPENLINEAGE_NAMESPACE="ops")
    marquez.runs()
    for event in marquez.events:
        assert event["job"] == {**event["job"], "namespace": "ops", "name": "hotpass-refine.hotpass.pipeline.aviation"}
        parent = event["run"]["facets"]["parent"]
        assert (parent["run"], parent["job"]) == ({"runId": FLOW_RUN}, {"namespace": "ops", "name": "hotpass-refine"})


def test_a_parent_may_be_handed_on(lineage, marquez):
    root = f"airflow/dag/{uuid.uuid4()}"
    lineage.refine(marquez, OPENLINEAGE_PARENT_ID=f"airflow/dag.task/{FLOW_RUN}", OPENLINEAGE_ROOT_PARENT_ID=root)
    marquez.runs()
    parent = marquez.events[-1]["run"]["facets"]["parent"]
    assert parent["job"] == {"namespace": "airflow", "name": "dag.task"} and parent["root"]["job"]["name"] == "dag"


def test_a_parent_that_is_no_uuid_is_none(lineage, marquez):
    lineage.refine(marquez, PREFECT__FLOW_RUN_ID="not-a-uuid")
    marquez.runs()
    assert "parent" not in marquez.events[0]["run"]["facets"]


# ---- signals ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("sig,code", [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_aborts(lineage, marquez, sig, code):
    child = lineage.begun(OPENLINEAGE_URL=marquez.url)
    child.send_signal(sig)
    assert child.wait(60) == code
    (start, abort), = marquez.runs().values()
    assert kinds([start, abort]) == ["START", "ABORT"] and abort["run"]["facets"]["hotpass"]["exit_code"] == code
    assert not list(lineage.folder.rglob("refined.xlsx*")) and not list(lineage.folder.rglob("*.tmp*"))


def test_a_killed_run_is_settled_by_the_next_one(lineage, marquez):
    child = lineage.begun(OPENLINEAGE_URL=marquez.url, PREFECT__FLOW_RUN_ID=FLOW_RUN)
    child.kill()
    child.wait()
    assert lineage.status()["running"] == 1
    lineage.refine(marquez)
    runs = sorted(marquez.runs().values(), key=lambda events: events[0]["eventTime"])
    assert [kinds(events) for events in runs] == [["START", "ABORT"], ["START", "COMPLETE"]]
    assert "killed" in runs[0][1]["run"]["facets"]["errorMessage"]["message"]
    assert lineage.status()["running"] == 0


def test_a_run_that_is_under_way_is_left_alone(lineage, marquez):
    child = lineage.begun()
    child.send_signal(signal.SIGSTOP)
    try:
        lineage.refine(marquez)
        assert lineage.status()["running"] == 1
    finally:
        child.send_signal(signal.SIGCONT)
    assert child.wait(120) == OK
    assert lineage.status() == {**lineage.status(), "running": 0, "local": 2, "delivered": 2}


# ---- servers that are not well ---------------------------------------------------------------------------

def test_without_a_server_all_stays_here(lineage):
    lineage.refine()
    assert lineage.status() == {**lineage.status(), "local": 2, "pending": 0, "url": None, "runs": 1}
    assert lineage("lineage", "flush").returncode == CONFIG


def test_what_was_recorded_without_a_server_can_be_sent(lineage, marquez):
    lineage.refine()
    env = {"OPENLINEAGE_URL": marquez.url + "/api/v1"}  # as it is written for other clients
    assert lineage.json("flush", **env)["delivered"] == 0
    assert lineage.json("flush", "--all", **env) == {**lineage.json("flush", **env), "delivered": 2}
    assert [kinds(events) for events in marquez.runs().values()] == [["START", "COMPLETE"]]


def test_a_server_that_is_away(lineage):
    port = free_port()
    env = {"OPENLINEAGE_URL": f"http://127.0.0.1:{port}"}
    result = lineage.refine(**env)
    assert result.stderr == "" and (lineage.folder / "out/run.json").exists()
    status = lineage.status(**env)
    assert (status["pending"], status["failures"]) == (2, 1) and status["last_error"] and status["oldest_pending"]
    assert lineage("lineage", "flush", **env).returncode == UNAVAILABLE
    with Marquez(port) as server:
        assert lineage.json("flush", **env)["delivered"] == 2
        assert [kinds(events) for events in server.runs().values()] == [["START", "COMPLETE"]]
    assert lineage.status() == {**lineage.status(), "pending": 0, "delivered": 2, "failures": 0}


def test_a_server_that_fails_is_not_asked_by_every_run(lineage, marquez):
    marquez.status = 503
    lineage.refine(marquez)
    status = lineage.status()
    assert status["next_attempt"] > time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    lineage.change("UPDATE server SET next = next + 3600000")  # however slow this machine is
    for _ in range(2):
        lineage.refine(marquez)
    assert len(marquez.requests) == 1  # the waiting time is kept in the store
    status = lineage.status()
    assert (status["pending"], status["failures"]) == (6, 1) and status["next_attempt"] and "503" in status["last_error"]
    for n in range(2, 5):  # an hour of it: each flush asks, none loses anything
        assert lineage("lineage", "flush", OPENLINEAGE_URL=marquez.url).returncode == UNAVAILABLE
        assert lineage.status()["failures"] == n
    marquez.status = None
    assert lineage.json("flush", OPENLINEAGE_URL=marquez.url)["delivered"] == 6
    assert [kinds(events) for events in marquez.runs().values()] == [["START", "COMPLETE"]] * 3


def test_500_holds_up_nobody_else(lineage, marquez):
    for _ in range(3):
        lineage.refine()
    bad = lineage.sql("SELECT run FROM event ORDER BY seq LIMIT 1")[0][0]
    marquez.status = lambda event: 500 if event["run"]["runId"] == bad else None
    env = {"OPENLINEAGE_URL": marquez.url}
    report = lineage.json("flush", "--all", expect=UNAVAILABLE, **env)
    assert (report["delivered"], report["pending"]) == (4, 2)
    marquez.status = None
    assert lineage.json("flush", **env)["delivered"] == 2
    assert len(marquez.runs()) == 3


def test_an_event_that_the_server_refuses_is_set_aside(lineage, marquez):
    marquez.status = lambda event: 422 if event["eventType"] == "COMPLETE" else None
    result = lineage.refine(marquez)
    assert "refused an event" in result.stderr
    status = lineage.status(expect=FINDINGS)
    assert (status["rejected"], status["pending"], status["delivered"]) == (1, 0, 1)
    assert (status["set_aside"][0]["type"], status["set_aside"][0]["http_status"]) == ("COMPLETE", 422)
    marquez.status = None
    assert lineage.json("flush", "--rejected", OPENLINEAGE_URL=marquez.url)["delivered"] == 1
    assert [kinds(events) for events in marquez.runs().values()] == [["START", "COMPLETE"]]


def test_a_lost_answer_sends_nothing_twice(lineage, marquez):
    marquez.lose = 1
    lineage.refine(marquez)
    assert kinds(marquez.events) == ["START"] and lineage.status()["pending"] == 2
    assert lineage.json("flush", OPENLINEAGE_URL=marquez.url)["pending"] == 0
    assert [kinds(events) for events in marquez.runs().values()] == [["START", "COMPLETE"]]
    assert marquez.asked and marquez.asked[0].startswith("/api/v1/jobs/runs/")


def test_a_slow_server_ends_no_run(lineage, marquez):
    marquez.slow = 20
    result = lineage.refine(marquez)
    assert result.stderr == "" and lineage.status()["pending"] == 2
    marquez.slow = 0
    assert lineage.json("flush", OPENLINEAGE_URL=marquez.url)["pending"] == 0
    assert [kinds(events) for events in marquez.runs().values()] == [["START", "COMPLETE"]]


def test_a_question_that_takes_all_the_time_ends_the_delivery(lineage, marquez):
    marquez.lose = 1
    lineage.refine(marquez)
    lineage.change("UPDATE server SET next = 0")
    marquez.slow_look = 20
    sent = len(marquez.requests)
    lineage.refine(marquez)
    assert len(marquez.asked) == 1 and len(marquez.requests) == sent
    marquez.slow_look = 0
    assert lineage.json("flush", OPENLINEAGE_URL=marquez.url)["pending"] == 0
    assert [kinds(events) for events in marquez.runs().values()] == [["START", "COMPLETE"]] * 2


def test_a_mistyped_address_is_a_warning(lineage):
    for more in ({}, {"HOTPASS_LINEAGE_ENABLED": "false"}):
        result = lineage.refine(OPENLINEAGE_URL="marquez:5000", **more)
        warned = [line for line in result.stderr.splitlines() if "OPENLINEAGE_URL" in line]
        assert len(warned) == (0 if more else 1) and "marquez:5000" not in result.stderr
    assert lineage.sql("SELECT DISTINCT state FROM event") == [("local",)]
    listed = lineage("config", "validate", OPENLINEAGE_URL="marquez:5000")
    assert listed.returncode == OK and "OPENLINEAGE_URL: is no good value" in listed.stdout
    shown = json.loads(lineage("config", "get", "lineage.url", "--json", OPENLINEAGE_URL="marquez:5000").stdout)
    assert shown["value"] is None and shown["from"] == "environment"


def test_a_locked_store_is_a_warning(lineage):
    lineage.refine()
    before, db = lineage.count(), sqlite3.connect(lineage.state / "lineage.sqlite", isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    result = lineage.refine()
    db.close()
    assert "others are writing" in result.stderr and lineage.count() == before


def test_a_refused_key_loses_no_event(lineage, marquez):
    marquez.status = 401
    lineage.refine(marquez, OPENLINEAGE_API_KEY="wrong")
    assert lineage.status()["pending"] == 2 and "OPENLINEAGE_API_KEY" in lineage.status()["last_error"]
    marquez.status = None
    result = lineage("lineage", "flush", OPENLINEAGE_URL=marquez.url, OPENLINEAGE_API_KEY="sesame-key-1")
    assert result.returncode == OK and "sesame" not in result.stdout + result.stderr
    assert marquez.requests[-1][1]["Authorization"] == "Bearer sesame-key-1"
    assert b"sesame" not in b"".join(p.read_bytes() for p in lineage.state.iterdir())


def test_two_at_once_send_nothing_twice(lineage, marquez):
    for _ in range(2):
        lineage.refine()
    lineage.sql("SELECT 1")
    marquez.slow = 0.2
    merged = {**os.environ, "HOTPASS_STATE_DIR": str(lineage.state), "OPENLINEAGE_URL": marquez.url}
    words = [str(lineage.hotpass), "lineage", "flush", "--all"]
    children = [subprocess.Popen(words, cwd=lineage.folder, env=merged, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(3)]
    assert {child.wait(60) for child in children} <= {OK, 75}
    for child in children:
        child.communicate()
    lineage("lineage", "flush", OPENLINEAGE_URL=marquez.url)
    assert len(marquez.events) == 4 and len(marquez.runs()) == 2


# ---- places that cannot be written -----------------------------------------------------------------------

def test_a_state_directory_that_cannot_be_is_a_warning(lineage):
    lineage.state.write_text("a file")
    result = lineage.refine()
    assert result.stderr.startswith("hotpass: lineage: ") and (lineage.folder / "out/run.json").exists()


def test_a_full_disk_is_a_warning(lineage):
    lineage.state.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", lineage.state], capture_output=True)
    if mounted.returncode:
        pytest.skip("needs the right to mount")
    try:
        result = lineage.refine()
        assert "no space left" in result.stderr or "lineage" in result.stderr
    finally:
        subprocess.run(["umount", "-l", lineage.state], check=True)


def test_a_store_of_somebody_else_is_left_alone(lineage):
    lineage.state.mkdir()
    with sqlite3.connect(lineage.state / "lineage.sqlite") as db:
        db.execute("CREATE TABLE theirs (x)")
    assert "is no store of lineage" in lineage.refine().stderr
    assert lineage.sql("SELECT name FROM sqlite_master") == [("theirs",)]


# ---- questions -------------------------------------------------------------------------------------------

def edges(graph):
    name = {n["id"]: os.path.basename(n["name"]) + ("!" + n["column"] if "column" in n else "") for n in graph["nodes"]}
    return {(name[e["from"]], name[e["to"]]) for e in graph["edges"]}


@pytest.fixture
def two_steps(lineage):
    lineage.refine()
    assert lineage("enrich", "--input", "out/refined.xlsx", "--output", "out/enriched.xlsx", "--profile", lineage.profiles / "aviation.yaml").returncode == OK
    return lineage


def test_graph_of_datasets(two_steps):
    both = edges(two_steps.json("graph", "out/refined.xlsx"))
    assert {("Contact Database.xlsx", "hotpass.pipeline.aviation"), ("hotpass.pipeline.aviation", "refined.xlsx"),
            ("refined.xlsx", "hotpass.enrich.aviation"), ("hotpass.enrich.aviation", "enriched.xlsx")} <= both
    up = edges(two_steps.json("graph", "enriched.xlsx", "--direction", "upstream"))
    assert up == both
    assert edges(two_steps.json("graph", "enriched.xlsx", "--direction", "downstream")) == set()
    near = edges(two_steps.json("graph", "enriched.xlsx", "--depth", "1"))
    assert near == {("refined.xlsx", "hotpass.enrich.aviation"), ("hotpass.enrich.aviation", "enriched.xlsx")}
    assert edges(two_steps.json("graph", "Contact Database.xlsx")) == both - {e for e in both if "Reachout" in e[0] or "SACAA" in e[0]}


def test_graph_of_columns(two_steps):
    up = edges(two_steps.json("graph", "enriched.xlsx", "--column", "Data!website"))
    assert ("refined.xlsx!Data!website", "enriched.xlsx!Data!website") in up
    assert ("Reachout Database.xlsx!Organisation!Website", "refined.xlsx!Data!website") in up
    down = edges(two_steps.json("graph", "Reachout Database.xlsx", "--column", "Organisation!Website", "--direction", "downstream"))
    assert ("refined.xlsx!Data!website", "enriched.xlsx!Data!website") in down
    assert ("Reachout Database.xlsx!Organisation!Website", "refined.xlsx!Data!data_quality_score") in down


def test_graph_as_a_picture(two_steps):
    svg = ElementTree.fromstring(two_steps("lineage", "graph", "refined.xlsx", "--format", "svg").stdout)
    titles = [t.text for t in svg.iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == 7 and any(t.endswith("enriched.xlsx") for t in titles)
    dot = two_steps("lineage", "graph", "refined.xlsx", "--format", "dot").stdout
    assert dot.startswith("digraph") and len(re.findall(" -> ", dot)) == 6
    if shutil.which("dot"):
        assert subprocess.run(["dot", "-Tsvg"], input=dot, text=True, capture_output=True).returncode == 0


def test_questions_that_cannot_be_answered(two_steps):
    assert two_steps("lineage", "graph", "nowhere.xlsx").returncode == NOINPUT
    assert two_steps("lineage", "graph", "refined.xlsx", "--column", "nothing").returncode == NOINPUT
    assert two_steps("lineage", "graph", "Contact Database.xlsx", "--column", "Website").returncode == USAGE
    assert two_steps("lineage", "show", "ffff").returncode == NOINPUT


def test_show_and_tail(two_steps):
    events = two_steps.json("tail")["events"]
    assert [e["type"] for e in events] == ["START", "COMPLETE"] * 2
    shown = two_steps.json("show", events[0]["run"][:13])
    check_runs([e["event"] for e in shown["events"]])
    assert "wrote" in two_steps("lineage", "show", "last").stdout
    assert len(two_steps("lineage", "tail", "--last", "1").stdout.splitlines()) == 1


def test_without_a_record_there_is_nothing_to_tell(lineage):
    assert lineage.status() == {**lineage.status(), "runs": 0, "pending": 0}
    assert lineage("lineage", "tail").returncode == NOINPUT
