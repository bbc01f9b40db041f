"""Runs under Prefect: `prefect execute` and `prefect worker` against the real server, and Prefect's own process worker."""
import fcntl
import http.server
import json
import os
import signal
import sqlite3
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid

import pytest

from conftest import SANITIZER_ENV, SANITIZER_WORDS
from services import Prefect

ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


class Place:
    """A pool with its deployments, and a directory to run in."""

    def __init__(self, server, hotpass, folder, repo):
        self.server, self.hotpass, self.folder = server, hotpass, folder
        self.pool = f"pool-{uuid.uuid4().hex[:8]}"
        (folder / "profiles").symlink_to(repo / "profiles")
        self.env = {**os.environ, **SANITIZER_ENV, "PREFECT_API_URL": server.api, "HOTPASS_STATE_DIR": str(folder / "state"),
                    "TZ": "UTC", "LC_ALL": "C.UTF-8"}
        self.call("POST", "/work_pools/", {"name": self.pool, "type": "process"})

    def call(self, *request):
        """A request; a server under load says 503 now and then."""
        for _ in range(50):
            try:
                return self.server.call(*request)
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    raise
                time.sleep(0.2)
        return self.server.call(*request)

    def deployment(self, flow="hotpass-refine", **more):
        flow_id = self.call("POST", "/flows/", {"name": flow})["id"]
        return self.call("POST", "/deployments/", {
            "name": f"d-{uuid.uuid4().hex[:8]}", "flow_id": flow_id, "work_pool_name": self.pool, "enforce_parameter_schema": False,
            "job_variables": {"command": f"{self.hotpass} prefect execute", "working_dir": str(self.folder)}, **more})["id"]

    def run(self, deployment, **parameters):
        return self.call("POST", f"/deployments/{deployment}/create_flow_run",
                                {"parameters": parameters, "state": {"type": "SCHEDULED"}})["id"]

    def pending(self, flow="hotpass-refine", **parameters):
        """A run that a worker has just taken."""
        run = self.run(self.deployment(flow), **parameters)
        self.call("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "PENDING"}})
        return run

    def start(self, *args, **env):
        return subprocess.Popen([str(self.hotpass), "prefect", *map(str, args)], cwd=self.folder, env={**self.env, **env},
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def execute(self, run, *args):
        """Runs to the end; returns the JSON of the answer and the exit code."""
        child = self.start("execute", run, "--json", *args)
        return self.end(child)

    @staticmethod
    def end(child, timeout=120):
        out, err = child.communicate(timeout=timeout)
        assert not any(word in err for word in SANITIZER_WORDS), err[-3000:]
        return (json.loads(out) if out.startswith("{") else out), child.returncode, err

    def state(self, run):
        return self.call("GET", f"/flow_runs/{run}")["state"]

    def wait(self, run, *types, timeout=180):
        deadline = time.monotonic() + timeout
        while (state := self.state(run))["type"] not in types:
            assert time.monotonic() < deadline, state
            time.sleep(0.1)
        return state

    def tasks(self, run):
        found = self.call("POST", "/task_runs/filter", {"flow_runs": {"id": {"any_": [run]}}})
        return {task["name"]: task["state"]["type"] for task in sorted(found, key=lambda t: t["created"])}

    def logs(self, run):
        return [line["message"] for line in self.call(
            "POST", "/logs/filter", {"logs": {"flow_run_id": {"any_": [run]}}, "sort": "TIMESTAMP_ASC", "limit": 200})]

    def artifacts(self, run):
        return {a["key"]: a for a in self.call("POST", "/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})}


@pytest.fixture()
def place(prefect_server, hotpass, tmp_path, repo):
    return Place(prefect_server, hotpass, tmp_path, repo)


def write_rows(folder, n):
    (folder / "big.csv").write_text("Organisation,E-mail\n" + "".join(
        f"Acme {i:x} Works,desk{i}@acme{i}.example\n" for i in range(n)))
    return folder


@pytest.fixture(scope="session")
def big(tmp_path_factory):
    """Inputs that keep a run busy for seconds."""
    return write_rows(tmp_path_factory.mktemp("big"), 120000)


@pytest.fixture(scope="session")
def bigger(tmp_path_factory):
    """Inputs that keep a run busy for as long as Prefect's command line takes."""
    return write_rows(tmp_path_factory.mktemp("bigger"), 600000)


def busy(place, big, tmp_path):
    """A run under way: its process, its id."""
    run = place.pending(profile="generic", input_dir=str(big), output_path=str(tmp_path / "out/refined.xlsx"))
    child = place.start("execute", run, "--json")
    deadline = time.monotonic() + 60
    while "read" not in place.tasks(run):
        assert child.poll() is None and time.monotonic() < deadline, child.communicate()
        time.sleep(0.05)
    return child, run


def descendants(pid):
    """Every process below one, by ps."""
    table = [line.split() for line in subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True).stdout.splitlines()]
    found, todo = [], [str(pid)]
    while todo:
        parent = todo.pop()
        below = [p for p, pp in table if pp == parent]
        found += below
        todo += below
    return found


def gone(pids, within=5):
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        alive = [p for p in pids if os.path.exists(f"/proc/{p}") and ") Z" not in open(f"/proc/{p}/stat").read()]
        if not alive:
            return True
        time.sleep(0.05)
    return False


# ---- ends ------------------------------------------------------------------------------------------------


def test_a_run_that_goes_well(place, demo, tmp_path):
    run = place.pending(profile="aviation", input_dir=str(demo), output_path=str(tmp_path / "out/refined.xlsx"),
                        report_path=[str(tmp_path / "out/report.html")], archive=False, since=None)
    answer, code, _ = place.execute(run)
    assert code == 0 and answer["state"] == "COMPLETED" and answer["delivered"]
    counts = json.loads((tmp_path / "out/run.json").read_text())["counts"]
    state = place.state(run)
    assert state["type"] == "COMPLETED" and str(counts["rows_out"]) in state["message"]
    tasks = place.tasks(run)
    assert set(tasks.values()) == {"COMPLETED"}
    assert {"lint", "read", "clean", "merge", "write", "verify", "contract"} <= set(tasks)
    logs = place.logs(run)
    assert "stage read" in logs and any("organisations out" in line for line in logs)
    artifacts = place.artifacts(run)
    table = json.loads(artifacts["hotpass-findings"]["data"])
    findings = json.loads((tmp_path / "out/run.json").read_text())["findings"]
    assert table == [{k: f[k] for k in ("rule", "severity", "count")} for f in findings]
    assert f"file://{tmp_path}/out/report.html" in artifacts["hotpass-report"]["data"]
    assert not list((tmp_path / "state/prefect").glob("*.json"))


def test_lineage_names_the_flow_also_of_a_run_named_by_hand(place, demo, tmp_path):
    run = place.pending(profile="aviation", input_dir=str(demo), output_path=str(tmp_path / "out/refined.xlsx"), archive=False)
    place.execute(run)
    with sqlite3.connect(f"file:{tmp_path}/state/lineage.sqlite?mode=ro", uri=True) as db:
        assert db.execute("SELECT DISTINCT parent_job, parent_run FROM run").fetchall() == [("hotpass-refine", run)]


def test_a_failing_expectation_is_failed_with_the_stage(place, demo, tmp_path):
    (tmp_path / "strict.yaml").write_text(
        "name: strict\nrefine:\n  expectations:\n    - column: organization_name\n      kind: matches_regex\n"
        "      regex: '^no organisation has this name$'\n      severity: fail\n")
    run = place.pending(profile="strict.yaml", input_dir=str(demo))
    answer, code, _ = place.execute(run)
    state = place.state(run)
    assert code == 0 and answer["exit_code"] == 1
    assert state["type"] == "FAILED" and "stage check" in state["message"] and "exit code 1" in state["message"]
    assert place.tasks(run)["check"] == "FAILED"


def test_inputs_that_are_missing(place):
    run = place.pending(profile="generic", input_dir="nowhere")
    answer, _, _ = place.execute(run)
    assert answer["exit_code"] == 66 and place.state(run)["type"] == "FAILED"
    assert "nowhere" in place.state(run)["message"]


@pytest.mark.parametrize("parameters, words", [
    ({"inputdir": "x"}, "input_dir"),
    ({"input_dir": ["a", "b"]}, "no list"),
    ({"input_dir": {"a": "b"}}, "text of one line"),
    ({"input_dir": "a\n--output-path=/x"}, "text of one line"),
    ({"input_dir": ""}, "text of one line"),
    ({"archive": "yes please"}, "true or false"),
    ({"show_values": True}, "no parameter show_values"),
])
def test_wrong_parameters_are_failed_before_anything_runs(place, tmp_path, parameters, words):
    run = place.pending(**parameters)
    answer, code, _ = place.execute(run)
    assert code == 0 and not answer["ran"] and place.state(run)["type"] == "FAILED"
    assert words in place.state(run)["message"]
    assert not (tmp_path / "dist").exists()


def test_no_parameter_becomes_an_option(place, tmp_path):
    """A value that looks like an option is the name of a directory that does not exist."""
    run = place.pending(profile="generic", input_dir="--dry-run --output-path=/x")
    place.execute(run)
    assert place.state(run)["type"] == "FAILED" and "--dry-run --output-path=/x" in place.state(run)["message"]


def test_a_flow_of_others_is_refused(place):
    run = place.pending(flow="somebody-elses")
    place.execute(run)
    assert place.state(run)["type"] == "FAILED" and "hotpass-refine" in place.state(run)["message"]


def test_try_again_awaits_a_retry_a_few_times(place, tmp_path):
    (tmp_path / "restore").mkdir()
    with open(tmp_path / "restore/backfill.lock", "w") as lock:  # as another backfill would hold it: exit code 75
        fcntl.flock(lock, fcntl.LOCK_EX)
        run = place.pending("hotpass-backfill", start_date="2025-10-01", restore_root=str(tmp_path / "restore"))
        answer, code, _ = place.execute(run, "--retries", "1", "--retry-delay", "600")
        state = place.state(run)
        assert code == 0 and answer["exit_code"] == 75
        assert (state["type"], state["name"]) == ("SCHEDULED", "AwaitingRetry")
        assert state["state_details"]["scheduled_time"] > state["timestamp"]
        place.call("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "PENDING"}, "force": True})
        place.execute(run, "--retries", "1")
    assert place.state(run)["type"] == "FAILED" and "another backfill" in place.state(run)["message"]


def test_a_backfill_has_a_task_run_for_each_window(place, demo, tmp_path):
    import zipfile
    (tmp_path / "archives").mkdir()
    with zipfile.ZipFile(tmp_path / "archives/hotpass-inputs-20251001-v7.zip", "w") as z:
        z.write(demo / "Contact Database.xlsx", "Contact Database.xlsx")
    run = place.pending("hotpass-backfill", start_date="2025-10-01", end_date="2025-10-02", version=["7"], profile="generic",
                        archive_root=str(tmp_path / "archives"), restore_root=str(tmp_path / "restore"))
    answer, _, _ = place.execute(run)
    assert answer["exit_code"] == 1 and place.state(run)["type"] == "FAILED" and "1 of 2 windows failed" in place.state(run)["message"]
    assert place.tasks(run) == {"2025-10-01--7": "COMPLETED", "2025-10-02--7": "FAILED"}
    table = json.loads(place.artifacts(run)["hotpass-windows"]["data"])
    assert [row["status"] for row in table] == ["completed", "failed"]


def test_enrich(place, tmp_path):
    (tmp_path / "x.csv").write_text("organization_name,contact_email\nAcme Air,desk@acme.example\n")
    run = place.pending("hotpass-enrich", input=str(tmp_path / "x.csv"), output=str(tmp_path / "e.csv"), profile="generic", allow_network=False)
    place.execute(run)
    assert place.state(run)["type"] == "COMPLETED", place.state(run)
    assert (tmp_path / "e.csv").exists()


def test_no_personal_value_goes_to_the_server(place, demo, tmp_path):
    run = place.pending(profile="aviation", input_dir=str(tmp_path / "jane.doe@acme.example"))
    place.execute(run)
    assert "jane.doe@acme.example" not in " ".join(place.logs(run)) + place.state(run)["message"]


# ---- stopping --------------------------------------------------------------------------------------------


def test_cancelling_in_prefect_stops_the_program(place, big, tmp_path):
    child, run = busy(place, big, tmp_path)
    below = descendants(child.pid)
    place.call("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING"}})
    answer, code, _ = place.end(child, timeout=30)
    assert code == 0 and answer["state"] == "CANCELLED"
    assert place.state(run)["type"] == "CANCELLED" and len(below) >= 2 and gone(below)
    assert not (tmp_path / "out/refined.xlsx").exists()
    assert "CANCELLED" in place.tasks(run).values() and "RUNNING" not in place.tasks(run).values()


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_run_as_cancelled(place, big, tmp_path, sent):
    child, run = busy(place, big, tmp_path)
    below = descendants(child.pid)
    child.send_signal(sent)
    place.end(child, timeout=30)
    assert place.state(run)["type"] == "CANCELLED" and gone(below)


def test_a_program_that_is_killed_is_crashed(place, big, tmp_path):
    child, run = busy(place, big, tmp_path)
    direct = subprocess.run(["ps", "-o", "pid=", "--ppid", str(child.pid)], capture_output=True, text=True).stdout.split()
    below = descendants(child.pid)
    os.kill(int(direct[0]), signal.SIGKILL)
    answer, code, _ = place.end(child)
    assert code == 0 and place.state(run)["type"] == "CRASHED" and "signal 9" in place.state(run)["message"]
    assert gone(below)


def test_killed_itself_the_next_call_settles_the_run(place, big, demo, tmp_path):
    child, run = busy(place, big, tmp_path)
    below = descendants(child.pid)
    child.kill()
    child.communicate()
    assert gone(below), "the program went on without anybody to report on it"
    assert place.state(run)["type"] == "RUNNING"
    other = place.pending(profile="nothing", input_dir=str(demo))
    place.execute(other)
    state = place.state(run)
    assert state["type"] == "CRASHED" and "settled" in state["message"]
    assert "RUNNING" not in place.tasks(run).values()
    assert not list((tmp_path / "state/prefect").glob("*.json"))


def test_a_run_left_pending_is_settled_too(place, demo, tmp_path):
    run = place.pending(profile="generic", input_dir=str(demo))
    (tmp_path / "state/prefect").mkdir(parents=True)
    (tmp_path / f"state/prefect/{run}.json").write_text(json.dumps(
        {"schema": "hotpass.prefect-run/1", "flow_run_id": run, "url": place.server.api, "pid": 2 ** 22 - 1, "start": 1, "boot": "x", "letters": []}))
    place.execute(place.pending(profile="nothing", input_dir=str(demo)))
    assert place.state(run)["type"] == "CRASHED"


def test_what_has_ended_or_runs_is_left_alone(place, demo):
    run = place.pending(profile="generic", input_dir=str(demo))
    place.call("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "RUNNING"}})
    answer, code, _ = place.execute(run)
    assert code == 0 and not answer["ran"] and "already" in answer["message"] and place.state(run)["type"] == "RUNNING"
    place.call("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "COMPLETED"}})
    answer, code, _ = place.execute(run)
    assert code == 0 and not answer["ran"] and place.state(run)["type"] == "COMPLETED"


def test_usage(place):
    for args, words in [(["not-an-id"], "no id"), ([], "PREFECT__FLOW_RUN_ID")]:
        child = place.start("execute", *args)
        _, code, err = place.end(child)
        assert code == 2 and words in err
    _, code, err = place.end(place.start("execute", str(uuid.uuid4())))
    assert code == 66 and "flow run" in err


# ---- a server that comes and goes ------------------------------------------------------------------------


@pytest.fixture()
def own(hotpass, tmp_path, repo):
    """A server of its own, to be stopped."""
    (tmp_path / "run").mkdir()
    with Prefect(tmp_path / "server") as server:
        yield Place(server, hotpass, tmp_path / "run", repo)


def test_the_server_away_in_the_middle(own, big, tmp_path):
    """The work goes on; what was to be told is told when the server is back, in order."""
    child, run = busy(own, big, tmp_path)
    own.server.kill()
    while not (tmp_path / "out/run.json").exists():
        assert child.poll() is None, child.communicate()
        time.sleep(0.1)
    own.server.start()
    answer, code, _ = own.end(child)
    assert code == 0 and answer["state"] == "COMPLETED" and answer["delivered"]
    assert own.state(run)["type"] == "COMPLETED"
    tasks = own.tasks(run)
    assert set(tasks.values()) == {"COMPLETED"} and "write" in tasks and "contract" in tasks
    logs = own.logs(run)
    assert logs.index("stage read") < logs.index("stage write") < logs.index("stage contract")


def test_the_server_away_to_the_end(own, demo, big, tmp_path):
    """Exit 69 says so; the next call delivers the end that the run had."""
    run = own.pending(profile="generic", input_dir=str(big), output_path=str(tmp_path / "out/refined.xlsx"))
    child = own.start("execute", run, "--deliver-within", "1")
    deadline = time.monotonic() + 60
    while "read" not in own.tasks(run):
        assert child.poll() is None and time.monotonic() < deadline, child.communicate()
        time.sleep(0.05)
    own.server.kill()
    _, code, err = own.end(child)
    assert code == 69 and "could not be told" in err and (tmp_path / "out/refined.xlsx").exists()
    own.server.start()
    assert own.state(run)["type"] == "RUNNING"
    own.execute(own.pending(profile="nothing", input_dir=str(demo)))
    assert own.state(run)["type"] == "COMPLETED"
    assert "RUNNING" not in own.tasks(run).values() and "stage contract" in own.logs(run)


# ---- leases ----------------------------------------------------------------------------------------------


class Proxy(http.server.BaseHTTPRequestHandler):
    """Hands requests on to the real server, and notes what they were and how they were answered."""

    protocol_version = "HTTP/1.1"

    def do(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
        headers = {k: v for k, v in self.headers.items() if k.lower() in ("content-type", "user-agent")}
        request = urllib.request.Request(self.server.target + self.path[len("/api"):], data=body, method=self.command, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, data = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, data = error.code, error.read()
        self.server.seen.append((self.command, self.path, status))
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if status != 204:
            self.wfile.write(data)

    do_GET = do_POST = do_PATCH = do

    def log_message(self, *_):
        pass


def test_the_concurrency_lease_is_renewed_and_given_back(place, big, tmp_path):
    proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
    proxy.target, proxy.seen = place.server.api, []
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    deployment = place.deployment(concurrency_limit=1)
    run = place.run(deployment, profile="generic", input_dir=str(big))
    place.call("POST", f"/flow_runs/{run}/set_state", {"state": {"type": "PENDING"}})
    lease = place.state(run)["state_details"]["deployment_concurrency_lease_id"]
    child = place.start("execute", run, "--json", PREFECT_API_URL=f"http://127.0.0.1:{proxy.server_port}/api")
    deadline = time.monotonic() + 60
    while not any(f"/leases/{lease}/renew" in path for _, path, _ in proxy.seen):
        assert child.poll() is None and time.monotonic() < deadline, child.communicate()
        time.sleep(0.05)
    limit = place.call("GET", f"/deployments/{deployment}")["global_concurrency_limit"]
    assert limit["active_slots"] == 1
    child.send_signal(signal.SIGTERM)
    place.end(child)
    proxy.shutdown()
    assert [status for _, path, status in proxy.seen if "/renew" in path] == [204]
    assert place.call("GET", f"/deployments/{deployment}")["global_concurrency_limit"]["active_slots"] == 0


# ---- Prefect's own worker --------------------------------------------------------------------------------


class OwnWorker:
    """`prefect worker start --type process`, as it is."""

    def __init__(self, place):
        self.place = place

    def __enter__(self):
        program = str(self.place.server.program)
        env = {**self.place.env, **self.place.server.client_env(), "PREFECT_WORKER_QUERY_SECONDS": "1"}
        self.log = open(self.place.folder / "worker.log", "ab")
        self.child = subprocess.Popen([program, "worker", "start", "--pool", self.place.pool, "--type", "process", "--name", "w"],
                                      cwd=self.place.folder, env=env, stdin=subprocess.DEVNULL, stdout=self.log,
                                      stderr=subprocess.STDOUT, start_new_session=True)
        return self

    def __exit__(self, *_):
        os.killpg(self.child.pid, signal.SIGTERM)
        try:
            self.child.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.child.pid, signal.SIGKILL)
            self.child.wait(15)
        self.log.close()


def test_under_prefects_own_process_worker(place, demo, bigger, tmp_path):
    """One worker for all: a run that goes well, one that fails, one that is cancelled with Prefect's command."""
    good = place.run(place.deployment(), profile="aviation", input_dir=str(demo), output_path="out/refined.xlsx")
    bad = place.run(place.deployment(), profile="generic", input_dir="nowhere")
    long = place.run(place.deployment(), profile="generic", input_dir=str(bigger), output_path="long/refined.xlsx")
    with OwnWorker(place):
        place.wait(long, "RUNNING", *ENDED)
        cancelled = place.server.cli("flow-run", "cancel", long)
        assert cancelled.returncode == 0, cancelled.stderr + cancelled.stdout
        assert place.wait(good, *ENDED)["type"] == "COMPLETED"
        assert place.wait(bad, *ENDED)["type"] == "FAILED"
        assert place.wait(long, *ENDED)["type"] == "CANCELLED"
    assert "write" in place.tasks(good) and (tmp_path / "out/refined.xlsx").exists()
    assert not (tmp_path / "long/refined.xlsx").exists()


# ---- ours ------------------------------------------------------------------------------------------------


def test_our_worker_runs_what_is_due(place, demo, tmp_path):
    good = place.run(place.deployment(), profile="aviation", input_dir=str(demo), output_path="out/refined.xlsx")
    bad = place.run(place.deployment(), profile="generic", input_dir="nowhere")
    later = place.call("POST", f"/deployments/{place.deployment()}/create_flow_run", {
        "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": "2099-01-01T00:00:00Z"}}})["id"]
    answer, code, err = place.end(place.start("worker", "--pool", place.pool, "--once", "--concurrency", "4", "--json"))
    assert code == 0 and answer["runs"] == 2, err
    assert place.state(good)["type"] == "COMPLETED" and place.state(bad)["type"] == "FAILED"
    assert place.state(later)["type"] == "SCHEDULED"
    workers = place.call("POST", f"/work_pools/{place.pool}/workers/filter", {})
    assert [w["name"].split()[0] for w in workers] == ["hotpass"]
    assert not list((tmp_path / "state/prefect").glob("*.json"))


def test_our_worker_heeds_the_limit_of_a_deployment(place, big, tmp_path):
    """CANCEL_NEW: the second run is cancelled by the server, the first goes on."""
    deployment = place.deployment(concurrency_limit=1, concurrency_options={"collision_strategy": "CANCEL_NEW"})
    runs = [place.run(deployment, profile="generic", input_dir=str(big), output_path=f"out{i}/refined.xlsx") for i in range(2)]
    _, code, err = place.end(place.start("worker", "--pool", place.pool, "--once", "--concurrency", "4"))
    assert sorted(place.state(run)["type"] for run in runs) == ["CANCELLED", "COMPLETED"], [place.state(run) for run in runs]
    assert code == 0 and "held back" in err


def test_ctrl_c_stops_our_worker_and_its_runs(place, big, tmp_path):
    run = place.run(place.deployment(), profile="generic", input_dir=str(big), output_path="out/refined.xlsx")
    child = place.start("worker", "--pool", place.pool)
    place.wait(run, "RUNNING")
    below = descendants(child.pid)
    child.send_signal(signal.SIGINT)
    _, code, _ = place.end(child, timeout=30)
    assert code == 130 and place.state(run)["type"] == "CANCELLED"
    assert len(below) >= 2 and gone(below, within=1)
    assert not list((tmp_path / "state/prefect").glob("*.json"))


def test_a_worker_that_is_killed_leaves_nothing_running_and_the_next_settles(place, big, tmp_path):
    run = place.run(place.deployment(), profile="generic", input_dir=str(big), output_path="out/refined.xlsx")
    child = place.start("worker", "--pool", place.pool)
    place.wait(run, "RUNNING")
    below = descendants(child.pid)
    child.kill()
    child.communicate()
    assert gone(below, within=15)
    place.end(place.start("worker", "--pool", place.pool, "--once"))
    assert place.state(run)["type"] in ("CANCELLED", "CRASHED")
    assert "RUNNING" not in place.tasks(run).values()


def test_no_such_pool(place):
    _, code, err = place.end(place.start("worker", "--pool", "no-such-pool", "--once"))
    assert code == 66 and "no-such-pool" in err or "work pool" in err
