"""Prefect: our commands against a real server, and against what Prefect's own program says of it.

tests/e2e/test_prefect_run.py runs the flows; here they are registered, compared, started and followed.
"""
import http.server
import json
import re
import signal
import subprocess
import threading
import time
import urllib.error

import pytest

from services import Prefect

OK, FINDINGS, USAGE, NOINPUT, UNAVAILABLE, NOPERM, CONFIG, INTERRUPTED = 0, 1, 2, 66, 69, 77, 78, 130
QUIET = {"PREFECT_API_KEY": None, "PREFECT_API_AUTH_STRING": None, "PREFECT_PROFILE": None}


def call(server, method, path, body=None):
    """server.call, but asked again when it says 503: on a loaded machine its database is locked now and then."""
    for attempt in range(6):
        try:
            return server.call(method, path, body)
        except urllib.error.HTTPError as e:
            if e.code != 503 or attempt == 5:
                raise
            time.sleep(1)


@pytest.fixture
def at(hotpass, prefect_server, tmp_path):
    """Runs hotpass in an empty directory, told where the server is by the environment."""
    def run(*args, env=None, **more):
        return hotpass(*args, cwd=tmp_path, env={**QUIET, "PREFECT_API_URL": prefect_server.api, "HOME": tmp_path, **(env or {})}, **more)
    return run


def make_deployment(server, name, **more):
    """Registers a deployment by the REST interface alone, as anybody might; returns its id."""
    flow = call(server, "POST", "/flows/", {"name": "flow-of-" + name})
    body = {"name": name, "flow_id": flow["id"], "parameters": {"ratio": 1.50, "none": None, "text": "é \" \\"}, "tags": ["a", "b"],
            "schedules": [{"active": True, "schedule": {"cron": "0 6 * * *", "timezone": "Africa/Johannesburg"}}],
            "job_variables": {"env": {"A": "1"}}, "concurrency_limit": 2, **more}
    return call(server, "POST", "/deployments/", body)["id"]


def answer(result, code=OK):
    assert result.returncode == code, result.stdout + result.stderr
    return json.loads(result.stdout)


def write_manifest(folder, name, **keys):
    """Writes prefect/deployments/NAME.json in a folder."""
    place = folder / "prefect/deployments"
    place.mkdir(parents=True, exist_ok=True)
    manifest = {"id": name, "name": name, "flow": "hotpass-refine", "work_pool": "pool-of-" + name, **keys}
    path = place / f"{name}.json"
    path.write_text(json.dumps(manifest, indent=1))
    return path


def config(folder, project):
    path = folder / f"{project}.yaml"
    path.write_text(f"prefect: {{project: {project}}}\n")
    return path


def actions(result, kind):
    return {item["name"]: item["action"] for item in result["items"] if item["kind"] == kind}


def deployment(server, name, flow="hotpass-refine"):
    return call(server, "GET", f"/deployments/name/{flow}/{name}")


# ---- inspect ---------------------------------------------------------------------------------------------

def test_inspect_gives_the_facts_of_prefects_own_program(at, prefect_server):
    make_deployment(prefect_server, "inspected")
    ours = answer(at("prefect", "inspect", "inspected", "--json"))
    theirs = json.loads(prefect_server.cli("deployment", "inspect", "flow-of-inspected/inspected", "--output", "json").stdout)
    assert ours["deployment"] == theirs
    assert ours["concurrency_limit"] == theirs["global_concurrency_limit"]["limit"] == 2
    assert theirs["concurrency_limit"] is None  # the trap: the member of that name is always null
    assert ours["flow"] == "flow-of-inspected"
    by_id = answer(at("prefect", "inspect", theirs["id"], "--json"))
    assert by_id["deployment"] == theirs
    text = at("prefect", "inspect", "flow-of-inspected/inspected").stdout
    assert "2 at a time" in text and "cron 0 6 * * * Africa/Johannesburg" in text and "ratio = 1.5" in text


def test_a_deployment_that_is_not_there(at, prefect_server):
    make_deployment(prefect_server, "is-there")
    result = at("prefect", "inspect", "is-not-there")
    assert result.returncode == NOINPUT and "is-there" in result.stderr  # the names that there are
    assert at("prefect", "inspect", "flow/is-not-there").returncode == NOINPUT


def test_a_name_that_two_flows_have(at, prefect_server):
    make_deployment(prefect_server, "twice")
    other = call(prefect_server, "POST", "/flows/", {"name": "another-flow"})
    call(prefect_server, "POST", "/deployments/", {"name": "twice", "flow_id": other["id"]})
    result = at("prefect", "inspect", "twice")
    assert result.returncode == USAGE and "FLOW/twice" in result.stderr
    assert at("prefect", "inspect", "another-flow/twice").returncode == OK


# ---- deploy, diff ----------------------------------------------------------------------------------------

def test_shipped_manifests_are_registered_and_stay(at, hotpass, prefect_server, tmp_path, repo):
    folder = repo / "prefect/deployments"
    dry = answer(at("deploy", "--manifest-dir", folder, "--dry-run", "--json"))
    assert dry["dry_run"] and dry["changes"] > 0
    with pytest.raises(OSError):
        deployment(prefect_server, "hotpass-refine")  # nothing was sent
    first = answer(at("deploy", "--manifest-dir", folder, "--json"))
    assert actions(first, "deployment") == {f"hotpass-{x}/hotpass-{x}": "created" for x in ("refine", "enrich", "backfill")}
    assert actions(first, "work pool") == {"hotpass": "created"}
    before = [deployment(prefect_server, f"hotpass-{x}", f"hotpass-{x}") for x in ("refine", "enrich", "backfill")]
    second = answer(at("deploy", "--manifest-dir", folder, "--json"))
    assert second["changes"] == 0 and {item["action"] for item in second["items"]} == {"unchanged"}
    assert [deployment(prefect_server, f"hotpass-{x}", f"hotpass-{x}") for x in ("refine", "enrich", "backfill")] == before  # `updated`, too
    assert "nothing to change" in at("deploy", "--manifest-dir", folder).stdout
    refine = before[0]
    assert refine["job_variables"] == {"command": "hotpass prefect execute"}
    assert refine["global_concurrency_limit"]["limit"] == 1 and refine["paused"] is True
    assert refine["parameters"] == {"input_dir": "data", "output_path": "dist/refined.xlsx", "archive": True}
    assert before[2]["schedules"][0]["schedule"]["interval"] == 604800
    pool = call(prefect_server, "GET", "/work_pools/hotpass")
    assert pool["type"] == "process" and "command" in pool["base_job_template"]["variables"]["properties"]
    assert answer(at("prefect", "diff", "--manifest-dir", folder, "--only", "refine", "--exit-code", "--json"))["differences"] == []
    listed = prefect_server.cli("deployment", "ls").stdout  # Prefect's own program sees them
    assert "hotpass-refine/hotpass-refine" in listed


def test_init_writes_the_shipped_manifests(hotpass, tmp_path, repo):
    assert hotpass("init", tmp_path / "new").returncode == OK
    for path in (repo / "prefect/deployments").iterdir():
        assert (tmp_path / "new/prefect/deployments" / path.name).read_bytes() == path.read_bytes()


CHANGES = [
    # what somebody did to the server, the field that differs, its class
    ({"concurrency_limit": 7}, "concurrency_limit", "dangerous"),
    ({"concurrency_limit": None}, "concurrency_limit", "dangerous"),
    ({"work_pool_name": "elsewhere", "work_queue_name": "default"}, "work_pool", "dangerous"),
    ({"job_variables": {"command": "/bin/true"}}, "job_variables.command", "dangerous"),
    ({"entrypoint": "flow.py:main"}, "entrypoint", "dangerous"),
    ({"parameters": {"input_dir": "other", "n": 1.0}}, "parameters.input_dir", "behavioural"),
    ({"parameters": {"input_dir": "data", "n": 1, "more": [1, {"a": None}]}}, "parameters.more", "behavioural"),
    ({"paused": True}, "paused", "behavioural"),
    ({"tags": []}, "tags", "cosmetic"),
    ({"description": "x"}, "description", "cosmetic"),
]


@pytest.fixture(scope="module")
def drifting(prefect_server, hotpass, tmp_path_factory):
    """A deployed manifest that tests change on the server and deploy again."""
    folder = tmp_path_factory.mktemp("drifting")
    write_manifest(folder, "drifting", parameters={"input_dir": "data", "n": 1}, tags=["x"], concurrency_limit=2,
                   schedule={"value": "0 6 * * *", "timezone": "UTC"})
    call(prefect_server, "POST", "/work_pools/", {"name": "elsewhere", "type": "process", "base_job_template": {}})

    def run(*args):
        return hotpass(*args, cwd=folder, env={**QUIET, "PREFECT_API_URL": prefect_server.api, "HOME": folder})
    assert run("deploy").returncode == OK
    return run


@pytest.mark.parametrize("change, field, weight", CHANGES, ids=[f"{f}-{i}" for i, (_, f, _) in enumerate(CHANGES)])
def test_each_difference_is_found_weighed_and_mended(drifting, prefect_server, change, field, weight):
    now = deployment(prefect_server, "drifting")
    call(prefect_server, "PATCH", f"/deployments/{now['id']}", change)
    found = answer(drifting("prefect", "diff", "--json", "--exit-code"), FINDINGS)
    mine = {d["field"]: d for d in found["differences"] if d["deployment"].endswith("/drifting")}
    assert set(mine) == {field}, mine
    assert mine[field]["class"] == weight and found[weight] == 1
    assert mine[field]["fix_server"] == "hotpass deploy --only drifting"
    assert re.match(r"prefect/deployments/drifting\.json:\d+: ", mine[field]["fix_manifest"])
    assert drifting("prefect", "diff").returncode == OK  # only --exit-code makes a gate of it
    changed = answer(drifting("deploy", "--json"))
    assert actions(changed, "deployment") == {"hotpass-refine/drifting": "updated"} and changed["changes"] == 1
    assert answer(drifting("prefect", "diff", "--only", "drifting", "--json", "--exit-code"))["differences"] == []
    after = deployment(prefect_server, "drifting")
    assert after["id"] == now["id"] and after["schedules"][0]["id"] == now["schedules"][0]["id"]


def test_a_schedule_that_somebody_changed_is_mended_in_place(drifting, prefect_server):
    now = deployment(prefect_server, "drifting")
    place = f"/deployments/{now['id']}/schedules"
    call(prefect_server, "PATCH", f"{place}/{now['schedules'][0]['id']}", {"schedule": {"cron": "0 7 * * *", "timezone": "UTC"}})
    call(prefect_server, "POST", place, [{"active": True, "schedule": {"interval": 3600.0}}])
    found = answer(drifting("prefect", "diff", "--only", "drifting", "--json", "--exit-code"), FINDINGS)
    assert [d["field"] for d in found["differences"]] == ["schedule"]
    assert answer(drifting("deploy", "--json"))["changes"] == 1
    after = deployment(prefect_server, "drifting")["schedules"]
    assert [s["schedule"]["cron"] for s in after] == ["0 6 * * *"]
    assert answer(drifting("deploy", "--json"))["changes"] == 0


def test_a_limit_of_a_key_that_differs_is_dangerous(at, prefect_server, tmp_path):
    write_manifest(tmp_path, "keyed", flow="of-others", entrypoint="flow.py:main", concurrency_limit=2, concurrency_key="keyed-slots")
    diff = ("prefect", "diff", "--only", "keyed", "--json", "--exit-code")
    first = answer(at("deploy", "--json"))
    assert actions(first, "concurrency limit") == {"keyed-slots": "created"} and answer(at(*diff))["differences"] == []
    place = "/v2/concurrency_limits/keyed-slots"
    call(prefect_server, "PATCH", place, {"limit": 50})
    found = answer(at(*diff), FINDINGS)
    assert found["dangerous"] == 1
    [only] = found["differences"]
    assert (only["field"], only["manifest"], only["server"]) == ("concurrency_key", {"keyed-slots": 2}, {"keyed-slots": 50})
    assert only["fix_manifest"].endswith("write concurrency_limit: 50")
    call(prefect_server, "DELETE", place)
    assert answer(at(*diff), FINDINGS)["differences"][0]["server"] is None
    assert actions(answer(at("deploy", "--json")), "concurrency limit") == {"keyed-slots": "created"}
    assert answer(at(*diff))["differences"] == []


@pytest.mark.parametrize("command, edit", [
    (None, "cannot be"), ("/bin/true", "cannot be"), ("nice hotpass prefect execute", 'add job_variables: {command: "nice hotpass prefect execute"}'),
])
def test_what_is_said_to_write_for_a_command_can_be_written(drifting, prefect_server, command, edit):
    place = f"/deployments/{deployment(prefect_server, 'drifting')['id']}"
    call(prefect_server, "PATCH", place, {"job_variables": {"command": command} if command else {}})
    [only] = answer(drifting("prefect", "diff", "--only", "drifting", "--json", "--exit-code"), FINDINGS)["differences"]
    assert only["field"] == "job_variables.command" and edit in only["fix_manifest"]
    assert answer(drifting("deploy", "--json"))["changes"] == 1


def test_watching_ends_with_ctrl_c(hotpass, prefect_server, tmp_path):
    write_manifest(tmp_path, "watched")
    child = subprocess.Popen([str(hotpass), "prefect", "diff", "--watch", "--json", "--prefect-url", prefect_server.api], cwd=tmp_path,
                             stdout=subprocess.PIPE, text=True)
    assert json.loads(child.stdout.readline())["dangerous"] == 1  # it is not deployed
    child.send_signal(signal.SIGINT)
    assert child.wait(5) == OK  # the next look would be ten seconds away


def test_prune_deletes_what_a_manifest_left_and_nothing_else(at, prefect_server, tmp_path):
    by_hand = make_deployment(prefect_server, "by-hand")
    gone = write_manifest(tmp_path, "gone")
    write_manifest(tmp_path, "stays")
    assert at("deploy").returncode == OK
    other = tmp_path / "another-project"
    write_manifest(other, "of-others")
    assert at("deploy", "--manifest-dir", other / "prefect/deployments", env={"HOTPASS_CONFIG": config(tmp_path, "another")}).returncode == OK
    gone.unlink()
    extra = answer(at("prefect", "diff", "--json", "--exit-code"), FINDINGS)["differences"]
    assert [(d["deployment"], d["manifest"], d["server"], d["fix_server"]) for d in extra] == [
        ("hotpass-refine/gone", None, "hotpass-refine/gone", "hotpass deploy --prune")]
    assert at("deploy", "--prune", "--only", "stays").returncode == USAGE
    assert actions(answer(at("deploy", "--prune", "--dry-run", "--json")), "deployment")["hotpass-refine/gone"] == "deleted"
    assert deployment(prefect_server, "gone")
    pruned = answer(at("deploy", "--prune", "--json"))
    assert actions(pruned, "deployment") == {"hotpass-refine/stays": "unchanged", "hotpass-refine/gone": "deleted"}
    with pytest.raises(OSError):
        deployment(prefect_server, "gone")
    assert answer(at("deploy", "--prune", "--json"))["changes"] == 0
    assert deployment(prefect_server, "of-others") and call(prefect_server, "GET", f"/deployments/{by_hand}")["name"] == "by-hand"


def test_errors_in_manifests_are_all_listed_and_nothing_is_sent(at, prefect_server, tmp_path):
    write_manifest(tmp_path, "good")
    bad = tmp_path / "prefect/deployments/bad.yaml"
    bad.write_text("name: bad\nflow: hotpass-refin\nwork_poll: x\nschedule: {value: daily}\n")
    result = at("deploy")
    assert result.returncode == CONFIG
    lines = [line for line in result.stderr.splitlines() if "bad.yaml:" in line]
    assert [line.split(":", 3)[1:3] for line in lines] == [["3", "1"], ["2", "7"], ["4", "19"]]
    assert "did you mean work_pool?" in result.stderr and "did you mean hotpass-refine?" in result.stderr
    with pytest.raises(OSError):
        deployment(prefect_server, "good")
    bad.unlink()
    unknown = at("deploy", "--only", "goood")
    assert unknown.returncode == USAGE and "good" in unknown.stderr
    assert at("deploy", "--manifest-dir", "nowhere").returncode == NOINPUT


def test_what_the_server_refuses_is_said_with_its_place(at, tmp_path):
    write_manifest(tmp_path, "refused", schedule={"value": "61 6 * * *"})
    result = at("deploy")
    assert result.returncode == CONFIG and "schedule" in result.stderr and "422" not in result.stderr


# ---- runs ------------------------------------------------------------------------------------------------

def finish(server, run, kind, message):
    for state in ("RUNNING", kind):
        call(server, "POST", f"/flow_runs/{run}/set_state", {"state": {"type": state, "message": message}, "force": True})


def test_a_run_is_started_followed_and_ends_as_it_ends(at, hotpass, prefect_server, tmp_path):
    make_deployment(prefect_server, "started")
    child = subprocess.Popen([str(hotpass), "prefect", "trigger", "started", "--param", "ratio=2", "--param", "text=plain", "--wait", "--json"],
                             cwd=tmp_path, env={"PREFECT_API_URL": prefect_server.api, "HOME": str(tmp_path), "PATH": "/usr/bin"},
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while not (runs := answer(at("prefect", "runs", "started", "--json"))["runs"]) and time.monotonic() < end:
        time.sleep(0.2)
    run = call(prefect_server, "GET", f"/flow_runs/{runs[0]['id']}")
    assert run["parameters"] == {"ratio": 2, "none": None, "text": "plain"}
    def line(second, text):
        return {"name": "t", "level": 20, "message": text, "timestamp": f"2026-01-01T00:00:{second:02}Z", "flow_run_id": run["id"]}
    call(prefect_server, "POST", "/logs/", [line(1, "first"), line(3, "third")])
    assert "first" in child.stdout.readline()
    assert "third" in child.stdout.readline()
    call(prefect_server, "POST", "/logs/", [line(2, "late")])  # older than what was read already
    finish(prefect_server, run["id"], "FAILED", "stage refine: exit code 65")
    out, err = child.communicate(timeout=60)
    assert child.returncode == FINDINGS, err
    assert out.count("late") == 1 and "first" not in out
    last = json.loads(out[out.rindex('{"schema":"hotpass.prefect-run/1"'):])
    assert (last["run"]["state"], last["run"]["message"]) == ("FAILED", "stage refine: exit code 65")
    whole = at("prefect", "logs", run["name"]).stdout.splitlines()
    assert [text.split()[-1] for text in whole] == ["first", "late", "third"]


def test_many_lines_of_a_log_come_once_and_in_order(at, prefect_server):
    make_deployment(prefect_server, "talkative")
    run = answer(at("prefect", "trigger", "talkative", "--json"))["run"]["id"]
    lines = [{"name": "t", "level": 20, "message": f"line {i}", "timestamp": f"2026-01-01T00:{i // 60:02}:{i % 60:02}Z", "flow_run_id": run}
             for i in range(450)]  # three pages
    call(prefect_server, "POST", "/logs/", lines)
    shown = at("prefect", "logs", run).stdout.splitlines()
    assert [text.split("INFO")[1].strip() for text in shown] == [f"line {i}" for i in range(450)]


@pytest.mark.parametrize("params, words", [
    (("inputdir=x",), "did you mean input_dir?"),
    (("limit=rows=1", "input_dir=x", "limit=rows=2"), "--param limit is there twice"),
])
def test_parameters_that_cannot_be_start_nothing(at, prefect_server, tmp_path, params, words):
    write_manifest(tmp_path, "picky")
    answer(at("deploy", "--only", "picky", "--json"))
    result = at("prefect", "trigger", "picky", *(w for p in params for w in ("--param", p)))
    assert result.returncode == USAGE and words in result.stderr
    assert answer(at("prefect", "runs", "picky", "--json"))["runs"] == []
    assert at("prefect", "trigger", "picky", "--param", "input_dir=x").returncode == OK
    call(prefect_server, "DELETE", f"/deployments/{deployment(prefect_server, 'picky')['id']}")


def test_an_idempotency_key_starts_one_run(at, prefect_server):
    make_deployment(prefect_server, "once")
    first = answer(at("prefect", "trigger", "once", "--idempotency-key", "k", "--json"))["run"]["id"]
    assert answer(at("prefect", "trigger", "once", "--idempotency-key", "k", "--json"))["run"]["id"] == first
    assert answer(at("prefect", "trigger", "once", "--json"))["run"]["id"] != first


def test_runs_are_cancelled(at, prefect_server):
    make_deployment(prefect_server, "stopped")
    waiting = answer(at("prefect", "trigger", "stopped", "--json"))["run"]["id"]
    result = answer(at("prefect", "cancel", waiting, "--json"))
    assert result["run"]["state"] == "CANCELLED" and not result["had_ended"]
    working = answer(at("prefect", "trigger", "stopped", "--json"))["run"]["id"]
    call(prefect_server, "POST", f"/flow_runs/{working}/set_state", {"state": {"type": "RUNNING"}, "force": True})
    assert answer(at("prefect", "cancel", working, "--json"))["run"]["state"] == "CANCELLING"
    assert call(prefect_server, "GET", f"/flow_runs/{working}")["state_type"] == "CANCELLING"
    assert answer(at("prefect", "cancel", waiting, "--json"))["had_ended"]
    states = {run["id"]: run["state"] for run in answer(at("prefect", "runs", "stopped", "--state", "CANCELLED", "--json"))["runs"]}
    assert states == {waiting: "CANCELLED"}
    assert at("prefect", "cancel", "no-such-run").returncode == NOINPUT


def test_a_deployment_is_paused_and_resumed(at, prefect_server):
    place = make_deployment(prefect_server, "resting")
    assert answer(at("prefect", "pause", "resting", "--json"))["changed"]
    assert call(prefect_server, "GET", f"/deployments/{place}")["paused"] is True
    assert not answer(at("prefect", "pause", "resting", "--json"))["changed"]
    assert answer(at("prefect", "resume", "resting", "--json"))["changed"]
    assert call(prefect_server, "GET", f"/deployments/{place}")["paused"] is False


# ---- a server that misbehaves, and who may -------------------------------------------------------------------------------------------------

class Odd(http.server.BaseHTTPRequestHandler):
    """A server that misbehaves as the test says: `plan` is a list of (status, headers, body), None hangs, b"" closes."""

    protocol_version = "HTTP/1.1"

    def do(self):
        self.server.seen.append((self.command, self.path, dict(self.headers)))
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        step = self.server.plan.pop(0) if len(self.server.plan) > 1 else self.server.plan[0]
        if step is None:
            self.server.hang.wait(60)
            step = b""
        if step == b"":
            self.close_connection = True
            return
        status, headers, body = step
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PATCH = do_DELETE = do

    def log_message(self, *_):
        pass


@pytest.fixture
def odd():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    server.plan, server.seen, server.hang = [], [], threading.Event()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.url = f"http://127.0.0.1:{server.server_address[1]}/api"
    yield server
    server.hang.set()
    server.shutdown()
    server.server_close()


LIST = (200, {"Content-Type": "application/json"}, b"[]")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    with Prefect(tmp_path_factory.mktemp("guarded"), auth="ops:s3cret-of-the-server") as server:
        yield server


def test_a_server_that_asks_for_credentials(hotpass, guarded, tmp_path):
    write_manifest(tmp_path, "guarded")

    def run(*args, **env):
        return hotpass(*args, cwd=tmp_path, env={**QUIET, "PREFECT_API_URL": guarded.api, "HOME": tmp_path, **env})
    none = run("deploy")
    assert none.returncode == NOPERM and "PREFECT_API_AUTH_STRING" in none.stderr
    wrong = run("deploy", PREFECT_API_AUTH_STRING="ops:wrong-s3cret")
    assert wrong.returncode == NOPERM and "PREFECT_API_AUTH_STRING" in wrong.stderr and "wrong-s3cret" not in wrong.stderr
    assert answer(run("deploy", "--json", PREFECT_API_AUTH_STRING="ops:s3cret-of-the-server"))["changes"] == 3
    key = tmp_path / "key"
    key.write_text("ops:s3cret-of-the-server\n")
    key.chmod(0o600)
    assert answer(run("deploy", "--json", "--prefect-key-file", key))["changes"] == 0
    key.chmod(0o644)
    assert run("deploy", "--prefect-key-file", key).returncode == NOPERM
    kept = hotpass("credentials", "set", "prefect.api_key", input="ops:s3cret-of-the-server\n", env={"HOME": tmp_path, "XDG_CONFIG_HOME": None})
    assert kept.returncode == OK
    assert answer(run("prefect", "inspect", "guarded", "--json", XDG_CONFIG_HOME=None))["deployment"]["name"] == "guarded"


def profiles(folder, text):
    (folder / "prefect-home").mkdir(exist_ok=True)
    (folder / "prefect-home/profiles.toml").write_text(text)
    return {**QUIET, "PREFECT_API_URL": None, "PREFECT_HOME": folder / "prefect-home", "HOME": folder}


def test_the_active_profile_of_prefect_says_where_and_who(hotpass, guarded, odd, tmp_path):
    env = profiles(tmp_path, f"""
active = "here"
[profiles.away]
PREFECT_API_URL = "http://127.0.0.1:1/api"
[profiles.here]
PREFECT_API_URL = "{guarded.api}"
PREFECT_API_AUTH_STRING = "ops:s3cret-of-the-server"
""")
    assert hotpass("prefect", "runs", cwd=tmp_path, env=env).returncode == OK
    assert hotpass("prefect", "runs", cwd=tmp_path, env={**env, "PREFECT_PROFILE": "away"}).returncode == UNAVAILABLE
    gone = hotpass("prefect", "runs", cwd=tmp_path, env={**env, "PREFECT_PROFILE": "gone"})
    assert gone.returncode == CONFIG and "away, here" in gone.stderr
    odd.plan = [LIST]  # the key of a profile is for that profile's server alone
    assert hotpass("prefect", "runs", "--prefect-url", odd.url, cwd=tmp_path, env=env).returncode == OK
    assert "Authorization" not in odd.seen[0][2]
    broken = hotpass("prefect", "runs", cwd=tmp_path, env=profiles(tmp_path, "active = here"))
    assert broken.returncode == CONFIG and "profiles.toml:1:" in broken.stderr


# ---- what goes wrong on the way ---------------------------------------------------------------------------------

@pytest.mark.parametrize("plan, asked", [
    ([(503, {"Retry-After": "0"}, b"{}"), (429, {}, b"{}"), LIST], 3),
    ([b"", LIST], 2),
    ([(500, {}, b"oh no"), LIST], 2),
], ids=["503-429", "closed", "500"])
def test_a_server_that_falters_is_asked_again(hotpass, odd, tmp_path, plan, asked):
    odd.plan = plan
    result = hotpass("prefect", "runs", "--json", "--prefect-url", odd.url, cwd=tmp_path, env=QUIET)
    assert answer(result)["runs"] == [] and len(odd.seen) == asked


@pytest.mark.parametrize("step, code, words", [
    ((302, {"Location": "https://elsewhere.example/api"}, b""), CONFIG, "elsewhere.example"),
    ((200, {}, b"<html>hello</html>"), UNAVAILABLE, "ending in /api"),
    ((404, {}, b'{"detail":"Not Found"}'), CONFIG, "ending in /api"),
    ((422, {}, b'{"exception_message":"Invalid request received.","exception_detail":[{"loc":["body","limit"],"msg":"too large"}]}'), CONFIG, "limit: too large"),
    ((500, {}, b'{"exception_message":"Internal Server Error"}'), UNAVAILABLE, "Internal Server Error"),
], ids=["redirect", "html", "no-route", "422", "500"])
def test_refusals_are_explained(hotpass, odd, tmp_path, step, code, words):
    odd.plan = [step]
    result = hotpass("prefect", "runs", "--prefect-url", odd.url, cwd=tmp_path, env={**QUIET, "PREFECT_API_KEY": "pnu_s3cret"})
    assert result.returncode == code and words in result.stderr and "s3cret" not in result.stderr
    assert len(odd.seen) == (4 if step[0] == 500 else 1)
    assert odd.seen[0][2]["Authorization"] == "Bearer pnu_s3cret"


def test_no_server_at_all(hotpass, tmp_path):
    result = hotpass("prefect", "runs", cwd=tmp_path, env={**QUIET, "PREFECT_API_URL": None, "HOME": tmp_path})
    assert result.returncode == CONFIG and "--prefect-url" in result.stderr
    result = hotpass("prefect", "runs", "--prefect-url", "http://127.0.0.1:1/api", "--json", cwd=tmp_path, env=QUIET)
    assert result.returncode == UNAVAILABLE and json.loads(result.stdout)["schema"] == "hotpass.error/1"


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_ends_a_request_that_hangs(hotpass, odd, tmp_path, number, code):
    odd.plan = [None]
    child = subprocess.Popen([str(hotpass), "prefect", "runs", "--prefect-url", odd.url], cwd=tmp_path, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 60
    while not odd.seen and time.monotonic() < end:
        time.sleep(0.05)
    child.send_signal(number)
    assert child.wait(10) == code  # the request itself would go on for 30 s
