"""hotpass doctor: each check is made to fail once, by arranging what it looks for; --autofix does what it lists, once."""
import contextlib
import json
import os
import re
import resource
import socket
import sqlite3
import subprocess
import time

import pytest

from bastion import Service
from services import Prefect

OK, FINDINGS, USAGE, NOINPUT, CONFIG = 0, 1, 2, 66, 78
CANARY = "canary-7f3a9c"
CSV = "Organization,Email\nAcme Aviation,info@acme.example\nBeta Flight,office@beta.example\n"
PROFILE = """name: mine
ingest:
  sources:
    - {name: Club List, path_pattern: "club*.csv", priority: 1, required: true}
    - {name: Other, path_pattern: "other*.csv", priority: 2}
"""


@pytest.fixture
def place(tmp_path):
    """A workspace in which all is well."""
    for name in ("data", "dist/incidents", "dist/input-archives", "profiles", "expectations", "home"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "data/club 1.csv").write_text(CSV)
    (tmp_path / "data/other.csv").write_text(CSV)
    (tmp_path / "profiles/mine.yaml").write_text(PROFILE)
    (tmp_path / "expectations/club_list.json").write_text('{"expectations": []}')
    (tmp_path / "expectations/other.yaml").write_text("expectations: []\n")
    (tmp_path / "hotpass.yaml").write_text("profile: mine\ngovernance:\n  data_owner: Team\n  review_interval_days: 90\n")
    return tmp_path


@pytest.fixture
def run(hotpass, place):
    """Runs the doctor and checks what is always so: stderr is empty, and no secret leaves."""
    def call(*args, env=None, **options):
        quiet = {name: None for name in os.environ if re.match("HOTPASS_(?!BIN)|PREFECT_|AWS_|OPENLINEAGE_", name)}
        result = hotpass("doctor", *args, cwd=place, env={**quiet, "XDG_CONFIG_HOME": place / "home", "CANARY_KEY": CANARY, **(env or {})}, **options)
        assert CANARY not in result.stdout + result.stderr
        return result
    return call


@pytest.fixture
def check(run):
    """Makes one check, which ends as told; returns it."""
    def call(id, verdict, *args, **options):
        result = run("--only", id, "--json", *args, **options)
        report = json.loads(result.stdout)
        (one,) = report["checks"]
        assert one["verdict"] == verdict, one
        code = {"fail": FINDINGS, "broken": CONFIG}.get(verdict, OK)
        assert (result.returncode, report["exit_code"]) == (code, code)
        assert bool(one["next"]) == (verdict in ("fail", "broken", "note"))
        assert one["why"] and one["got"]
        return one
    return call


def test_all_is_well(run):
    result = run()
    assert (result.returncode, result.stderr) == (OK, ""), result.stdout
    report = json.loads(run("--json").stdout)
    assert report["schema"] == "hotpass.doctor/1" and report["exit_code"] == OK
    assert report["counts"]["fail"] == report["counts"]["broken"] == 0
    assert sum(report["counts"].values()) == len(report["checks"])
    assert run("-q").stdout == ""
    assert "looked at" in run("-v").stdout


def test_it_changes_nothing(run, place):
    (place / "dist/incidents").rmdir()
    before = sorted((p, p.stat().st_mtime_ns) for p in place.rglob("*"))
    run()
    run("--autofix", "--dry-run")
    assert sorted((p, p.stat().st_mtime_ns) for p in place.rglob("*")) == before


def test_only(run):
    ids = [c["id"] for c in json.loads(run("--only", "machine", "--only", "net.tunnels", "--json").stdout)["checks"]]
    assert ids[0] == "net.tunnels" and len(ids) > 8 and all(i.startswith(("machine.", "net.")) for i in ids)
    result = run("--only", "machine.disc")
    assert result.returncode == USAGE and 'did you mean "machine.disk"' in result.stderr


# ---- configuration ---------------------------------------------------------------------------------------

def test_config_valid(check, place):
    (place / "hotpass.yaml").write_text(f"pipelin: 1\nprefect: {{api_key: {CANARY}, api_url: 'http://u:{CANARY}@h'}}\n")
    assert len(check("config.valid", "broken")["detail"]) == 3


def test_config_precedence(check):
    one = check("config.precedence", "note", env={"HOTPASS_PROFILE": "generic"})
    assert one["detail"] == ["profile: HOTPASS_PROFILE stands above hotpass.yaml:1:10"]
    check("config.precedence", "ok", env={"HOTPASS_PROFILE": "mine"})


def test_config_secrets(check, run, place):
    for name in (".env.staging", ".env.example"):
        (place / name).write_text(f"KEY={CANARY}\n")
        (place / name).chmod(0o644)
    assert check("config.secrets", "fail")["detail"] == [".env.staging has mode 644"]
    assert run("--autofix", "--only", "config.secrets").returncode == OK
    assert (place / ".env.staging").stat().st_mode & 0o777 == 0o600
    assert (place / ".env.example").stat().st_mode & 0o777 == 0o644


def test_config_credentials(check, place):
    check("config.credentials", "skipped")
    (place / "hotpass.yaml").write_text("prefect: {api_url: 'https://prefect.example/api'}\nstorage: {bucket: evidence}\n")
    assert len(check("config.credentials", "fail")["detail"]) == 2
    for name in "PREFECT_API_KEY", "PREFECT_API_AUTH_STRING":
        check("config.credentials", "ok", env={name: CANARY, "AWS_PROFILE": "x"})


def test_governance(check, run, place):
    (place / "hotpass.yaml").write_text("profile: mine # kept\ngovernance: {intent: []}\n")
    check("governance.intent", "fail")
    (place / "hotpass.yaml").write_text("profile: mine # kept\n")
    check("governance.data_owner", "fail")
    check("governance.review", "fail")
    assert run("--autofix", "--only", "governance").returncode == OK
    assert (place / "hotpass.yaml").read_text().startswith("profile: mine # kept\n")


# ---- profile ---------------------------------------------------------------------------------------------

def test_profile_valid(check, place):
    (place / "profiles/mine.yaml").write_text("name: mine\ningst: {}\nrefine: {thresholds: {email: 2}}\n")
    one = check("profile.valid", "broken")
    assert [re.sub(r":\d+: .*", "", line) for line in one["detail"]] == ["profiles/mine.yaml:2", "profiles/mine.yaml:3"]
    assert "no profile" in check("profile.valid", "broken", "--profile", "none")["got"]
    check("profile.patterns", "skipped")


def test_profile_patterns(check, place):
    (place / "data/other.csv").rename(place / "data/others.txt")
    assert check("profile.patterns", "note")["detail"] == ["Other (other*.csv)"]
    (place / "data/club 1.csv").rename(place / "data/klub.csv")
    assert check("profile.patterns", "fail")["detail"][0] == "Club List (club*.csv) is required"
    assert check("profile.unclaimed", "fail")["detail"] == ["klub.csv", "others.txt"]


def test_profile_suites(check, place):
    (place / "expectations/other.yaml").unlink()
    assert check("profile.suites", "note")["detail"] == ["expectations/other.json"]


def test_profile_mapping(check, place):
    check("profile.mapping", "skipped")
    assert check("profile.mapping", "ok", "--deep")["got"].startswith("4 of 4")
    (place / "data/other.csv").write_text("Xq,Zq\n1,2\n3,4\n")
    assert "other.csv" in check("profile.mapping", "fail", "--deep")["detail"][0]
    (place / "data/other.csv").write_bytes(b"PK\x03\x04 broken")
    assert "exit code 65" in check("profile.mapping", "fail", "--deep")["got"]


# ---- workspace -------------------------------------------------------------------------------------------

def test_workspace_input_dir(check, place):
    check("workspace.input_dir", "fail", "--input-dir", "none")
    check("workspace.input_dir", "fail", "--input-dir", "expectations/../profiles")
    assert "2 input files" in check("workspace.input_dir", "ok")["got"]


def test_workspace_output(check, place):
    (place / "file").write_text("")
    assert check("workspace.output", "fail", "--output-path", "file/x.xlsx")["detail"]
    (place / "hotpass.yaml").write_text("pipeline: {output_path: [a.csv, file/b.csv]}\n")
    assert len(check("workspace.output", "fail")["detail"]) == 1


def test_workspace_directories(check, place):
    (place / "dist/incidents").rmdir()
    (place / "dist/input-archives").rmdir()
    (place / "dist/input-archives").write_text("")
    assert check("workspace.directories", "fail")["detail"] == ["dist/incidents is missing", "dist/input-archives is no directory"]


def test_directories_are_made_with_those_above(run, place):
    (place / "hotpass.yaml").write_text("profile: mine\npipeline: {dist_dir: out/of/here}\n")
    result = run("--autofix", "--only", "workspace.directories", "--json")
    assert result.returncode == OK, result.stdout
    assert (place / "out/of/here").is_dir()


def test_workspace_permissions(check, place):
    (place / "data").chmod(0o777)
    assert check("workspace.permissions", "fail")["detail"] == ["everybody may write to data (777)"]


def test_workspace_leftovers(check, run, place):
    old, new = (place / f"dist/.refined.xlsx.{c * 16}.tmp" for c in "ab")
    for path in (old, new, place / "dist/.notes.tmp"):
        path.write_text("x")
    hours_ago = time.time() - 7200
    os.utime(old, (hours_ago, hours_ago))
    assert check("workspace.leftovers", "fail")["detail"] == [f"dist/{old.name}"]
    assert run("--autofix", "--only", "workspace.leftovers").returncode == OK
    assert sorted(p.name for p in (place / "dist").glob(".*")) == [".notes.tmp", new.name]
    log = [json.loads(line) for line in (place / ".hotpass/doctor.log").read_text().splitlines()]
    subprocess.run(log[-1]["undo"], shell=True, check=True, cwd=place)
    assert old.exists()
    for text in "second", "third":  # what lies in the trash stays
        assert run("--autofix", "--only", "workspace.leftovers").returncode == OK
        old.write_text(text)
        os.utime(old, (hours_ago, hours_ago))
    assert run("--autofix", "--only", "workspace.leftovers").returncode == OK
    assert sorted(p.read_text() for p in (place / ".hotpass/trash").iterdir()) == ["second", "third", "x"]
    log = [json.loads(line) for line in (place / ".hotpass/doctor.log").read_text().splitlines()]
    subprocess.run(log[-1]["undo"], shell=True, check=True, cwd=place)
    assert old.read_text() == "third"


def test_workspace_locks(check, run, place):
    (place / ".hotpass").mkdir()
    gone = subprocess.Popen(["true"])
    gone.wait()
    for name, text in (("stale.lock", str(gone.pid)), ("mine.lock", str(os.getpid())), ("odd.lock", "?")):
        (place / ".hotpass" / name).write_text(text)
    assert check("workspace.locks", "fail")["detail"] == [".hotpass/stale.lock"]
    assert run("--autofix", "--only", "workspace.locks").returncode == OK
    assert {p.name for p in (place / ".hotpass").glob("*.lock")} == {"mine.lock", "odd.lock"}


def test_workspace_open_books(check, place):
    (place / "data/.~lock.club.xlsx#").write_text("")
    (place / "data/~$other.xlsx").write_text("")
    assert check("workspace.open_books", "fail")["detail"] == ["club.xlsx is open in LibreOffice", "other.xlsx is open in Excel"]


def test_workspace_gitignore(check, run, place):
    check("workspace.gitignore", "skipped")
    (place / ".gitignore").write_text("dist/\n*.pyc")
    assert check("workspace.gitignore", "fail")["detail"] == ["/.hotpass/ is not ignored", ".env.* is not ignored"]
    assert run("--autofix", "--only", "workspace.gitignore").returncode == OK
    assert (place / ".gitignore").read_text() == "dist/\n*.pyc\n/.hotpass/\n.env.*\n"


def test_workspace_last_run(hotpass, check, place):
    check("workspace.last_run", "skipped")
    assert hotpass("refine", "-q", cwd=place).returncode == OK
    assert check("workspace.last_run", "ok")["got"].startswith("exit code 0")
    with open(place / "dist/refined.xlsx", "ab") as f:
        f.write(b"x")
    assert check("workspace.last_run", "fail")["detail"] == ["dist/refined.xlsx was changed since"]
    (place / "dist/refined.xlsx").unlink()
    assert check("workspace.last_run", "fail")["detail"] == ["dist/refined.xlsx is gone"]
    run_json = json.loads((place / "dist/run.json").read_text())
    (place / "dist/run.json").write_text(json.dumps({**run_json, "exit_code": 1}))
    assert check("workspace.last_run", "fail")["got"].startswith("exit code 1")
    (place / "dist/run.json").write_text("[")
    check("workspace.last_run", "fail")


# ---- tunnels ---------------------------------------------------------------------------------------------

def test_net_tunnels(check, place):
    (place / ".hotpass").mkdir()
    gone = subprocess.Popen(["true"])
    gone.wait()
    start = int(open(f"/proc/{os.getpid()}/stat").read().rpartition(")")[2].split()[19])
    boot = open("/proc/sys/kernel/random/boot_id").read().strip()
    mine = {"pid": os.getpid(), "process_start": start, "boot_id": boot}
    sessions = [{"label": "alive", **mine}, {"label": "gone", "pid": gone.pid}, {"label": "reused", **mine, "process_start": start - 1},
                {"label": "rebooted", **mine, "boot_id": "x"}, {"label": "old form", "pid": os.getpid()}, {"label": "attached", "pid": None}]
    (place / ".hotpass/net.json").write_text(json.dumps({"sessions": sessions}))
    lines = check("net.tunnels", "fail")["detail"]
    assert [line.split(" (")[0] for line in lines] == ["gone", "reused", "rebooted", "old form", "attached"]
    (place / ".hotpass/net.json").write_text("{}")
    check("net.tunnels", "fail")


# ---- machine ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("id, verdict, env", [
    ("machine.locale", "note", {"LC_ALL": "C"}),
    ("machine.time_zone", "fail", {"TZ": "Africa/Johannesbrug"}),
    ("machine.tmp", "fail", {"TMPDIR": "/nonexistent"}),
    ("machine.programs", "fail", {"HOTPASS_BASTION_HOST": "bastion.example", "PATH": "/nonexistent"}),
    ("machine.programs", "fail", {"HOTPASS_BASTION_HOST": "i-1", "HOTPASS_TUNNEL_VIA": "ssm", "PATH": "/nonexistent"}),
])
def test_machine_environment(check, id, verdict, env):
    check(id, verdict, env=env)


def test_machine_clock(check, place):
    tomorrow = time.time() + 86400
    os.utime(place / "data/other.csv", (tomorrow, tomorrow))
    assert "data/other.csv is of" in check("machine.clock", "fail")["got"]


def test_machine_disk(check, place):
    with open(place / "data/other.csv", "ab") as f:
        f.truncate(8 << 40)
    assert "TiB free" in check("machine.disk", "fail")["expected"]
    check("machine.memory", "fail")


def test_machine_limits_and_umask(check):
    def lower():
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
        os.umask(0)
    assert check("machine.limits", "fail", preexec_fn=lower)["detail"] == ["open files: 64 (ulimit -n)"]
    check("machine.umask", "fail", preexec_fn=lower)


# ---- autofix ---------------------------------------------------------------------------------------------

def test_autofix_twice(run, place):
    (place / "hotpass.yaml").write_text("profile: mine\n")
    (place / "dist/incidents").rmdir()
    (place / ".env").write_text(CANARY)
    (place / ".gitignore").write_text("")
    planned = json.loads(run("--autofix", "--dry-run", "--json").stdout)["actions"]
    assert not (place / ".hotpass").exists() and planned and not any(a["done"] for a in planned)
    first = run("--autofix", "--json")
    report = json.loads(first.stdout)
    assert [a["what"] for a in report["actions"]] == [a["what"] for a in planned]
    assert all(a["done"] and a["undo"] for a in report["actions"])
    assert first.returncode == report["exit_code"] == OK
    log = [json.loads(line) for line in (place / ".hotpass/doctor.log").read_text().splitlines()]
    assert [line["what"] for line in log] == [a["what"] for a in planned]
    before = sorted((p, p.stat().st_mtime_ns) for p in place.rglob("*"))
    assert json.loads(run("--autofix", "--json").stdout)["actions"] == []
    assert sorted((p, p.stat().st_mtime_ns) for p in place.rglob("*")) == before


def test_autofix_that_fails_says_why(run, place):
    (place / "hotpass.yaml").write_text("pipelin: {}\n")
    report = json.loads(run("--autofix", "--only", "governance", "--json").stdout)
    assert [a["done"] for a in report["actions"]] == [False, False] and "correct them first" in report["actions"][0]["error"]
    assert report["exit_code"] == FINDINGS
    assert (place / "hotpass.yaml").read_text() == "pipelin: {}\n"


def test_no_autofix_while_watching(run):
    assert run("--autofix", "--watch").returncode == USAGE


# ---- baseline, watch -------------------------------------------------------------------------------------

def test_baseline(run, place):
    assert run("--baseline", "compare").returncode == NOINPUT
    assert run("--baseline", "save").returncode == OK
    assert "Nothing changed" in run("--baseline", "compare").stdout
    (place / "data/other.csv").write_text(CSV + "Gamma,g@gamma.example\n")
    (place / "data/club 2.csv").write_text(CSV)
    (place / "profiles/mine.yaml").write_text(PROFILE + "summary: x\n")
    result = run("--baseline", "compare", "--json", env={"AWS_SECRET_ACCESS_KEY": CANARY, "TZ": None})
    assert result.returncode == FINDINGS
    names = [line.split(": ")[0] for line in json.loads(result.stdout)["baseline"]["differences"]]
    assert names == ["columns club 2.csv", "input club 2.csv", "input other.csv", "profile profiles/mine.yaml", "variable AWS_SECRET_ACCESS_KEY", "variable TZ"]
    (place / ".hotpass/baseline.json").write_text("{}")
    assert run("--baseline", "compare").returncode == CONFIG


def test_watch_tells_what_changes(hotpass, place):
    watch = subprocess.Popen([str(hotpass), "doctor", "--only", "workspace.directories", "--watch", "--json"], cwd=place, text=True,
                             stdout=subprocess.PIPE, env={**os.environ, "XDG_CONFIG_HOME": str(place / "home")})
    try:
        assert json.loads(watch.stdout.readline())["exit_code"] == OK
        (place / "dist/incidents").rmdir()
        assert json.loads(watch.stdout.readline())["exit_code"] == FINDINGS
    finally:
        watch.terminate()
        watch.wait()
    assert watch.returncode == 143


def test_baseline_knows_the_columns(run, place):
    """A renamed column is told by its name."""
    assert run("--baseline", "save", "--only", "config").returncode == OK
    facts = json.loads((place / ".hotpass/baseline.json").read_text())["facts"]
    assert facts["columns club 1.csv"] == "Organization, Email"
    (place / "data/club 1.csv").write_text(CSV.replace("Email", "E-mail address"))
    result = run("--baseline", "compare", "--only", "config", "--json")
    assert result.returncode == FINDINGS
    assert "columns club 1.csv: was Organization, Email, is Organization, E-mail address" in json.loads(result.stdout)["baseline"]["differences"]


def test_workspace_lineage(check, place):
    """The table as src/ops/lineage/store.h describes it."""
    assert check("workspace.lineage", "skipped")["got"] == "no event was written yet"
    (place / ".hotpass").mkdir()
    path = place / ".hotpass/lineage.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, state TEXT, time INTEGER)")
        db.execute("INSERT INTO event (state, time) VALUES ('delivered', 0), ('local', 0), ('pending', ?)", (int(time.time() * 1000),))
    assert check("workspace.lineage", "ok")["got"] == "1 wait, 0 were refused"
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO event (state, time) VALUES ('rejected', 0), ('pending', 1764000000000)")
    assert check("workspace.lineage", "fail")["detail"] == ["the oldest has waited since 2025-11-24T16:00:00Z", "the server refused 1 for good"]
    path.write_text("no database, but long enough to be looked at")
    assert check("workspace.lineage", "fail")["got"] == "it cannot be read"


# ---- services ----

SECRET = "ops:canary-7f3a9c-services"


@pytest.fixture(scope="module")
def guarded_prefect(tmp_path_factory):
    """A real Prefect server that wants to know who asks."""
    with Prefect(tmp_path_factory.mktemp("guarded"), auth=SECRET) as server:
        yield server


@pytest.fixture
def service():
    """Makes HTTP services that answer as told."""
    made = []

    def make(*args, **options):
        made.append(Service(*args, **options))
        return f"http://127.0.0.1:{made[-1].port}"
    yield make
    for one in made:
        one.close()


def configure(place, **sections):
    (place / "hotpass.yaml").write_text(json.dumps({"profile": "mine", **sections}))


def test_services_are_not_asked_unless_told(check, place, service):
    """Not without --network: a connection would be noticed."""
    asked = []

    class Noticing(dict):
        def get(self, path):
            asked.append(path)
    configure(place, prefect={"api_url": service(Noticing()) + "/api"})
    assert "--network" in check("services.prefect", "skipped")["got"]
    assert asked == []
    assert check("services.prefect", "fail", "--network")["got"].startswith("what answers there is not Prefect: HTTP 404")
    assert asked == ["/api/health"]
    configure(place)
    assert "prefect.api_url" in check("services.prefect", "skipped", "--network")["got"]


def record_tunnel(place, pid, port):
    """A tunnel to Prefect as net.json records it, held by that process."""
    start = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[19])
    boot = open("/proc/sys/kernel/random/boot_id").read().strip()
    (place / ".hotpass/net.json").write_text(json.dumps({"sessions": [
        {"label": "t", "via": "ssh-bastion", "pid": pid, "process_start": start, "boot_id": boot, "metadata": {"prefect": {"local_port": port}}}]}))


def test_services_prefect(check, hotpass, place, guarded_prefect):
    configure(place, prefect={"api_url": guarded_prefect.api})
    refused = check("services.prefect", "fail", "--network")
    assert "HTTP 401, no key was sent" in refused["got"] and "credentials set prefect.api_key" in refused["next"]
    version = guarded_prefect.call("GET", "/admin/version")
    well = check("services.prefect", "ok", "--network", env={"PREFECT_API_AUTH_STRING": SECRET})
    assert well["got"] == f"Prefect {version} answers, and lets us in" and "PREFECT_API_AUTH_STRING" in well["ran"]
    assert "HTTP 401" in check("services.prefect", "fail", "--network", env={"PREFECT_API_AUTH_STRING": "ops:wrong"})["got"]
    # Kept by hotpass, it serves as well; a tunnel says where, when nothing else does.
    env = {"XDG_CONFIG_HOME": place / "home"}
    assert hotpass("credentials", "set", "prefect.api_key", cwd=place, env=env, input=SECRET).returncode == OK
    assert check("services.prefect", "ok", "--network")["ran"].endswith("with credential prefect.api_key")
    configure(place)
    (place / ".hotpass").mkdir()
    other = subprocess.Popen(["sleep", "100"], start_new_session=True)
    for pid, verdict in (guarded_prefect.child.pid, "ok"), (other.pid, "fail"):
        record_tunnel(place, pid, guarded_prefect.port)
        one = check("services.prefect", verdict, "--network")
        assert "(tunnel t)" in one["ran"] and ("credential" in one["ran"]) == (verdict == "ok")
    assert "no key was sent" in one["got"] and "not proved" in one["detail"][0]  # the port is somebody else's
    other.kill()
    other.wait()


def test_services_marquez(check, place, service):
    """The real one cannot be had from a registry: its form of answer as its interface describes it."""
    configure(place, lineage={"url": service({"/api/v1/namespaces?limit=1": b'{"namespaces":[],"totalCount":0}'}) + "/api/v1/"})
    assert check("services.marquez", "ok", "--network")["got"] == "Marquez answers, and lets us in"
    configure(place, lineage={"url": service({"/api/v1/namespaces?limit=1": b"no"}, status=403)})
    assert "HTTP 403" in check("services.marquez", "fail", "--network")["got"]
    configure(place, lineage={"url": service({"/api/v1/namespaces?limit=1": b"<html>"})})
    assert "is not Marquez" in check("services.marquez", "fail", "--network")["got"]


def test_services_telemetry(check, place, service, otel_collector):
    configure(place, telemetry={"otlp_endpoint": otel_collector.endpoint})
    check("services.telemetry", "ok", "--network")
    assert otel_collector.requests("traces") == []  # it was asked, and sent nothing
    configure(place, telemetry={"otlp_endpoint": service({})})
    assert "HTTP 404" in check("services.telemetry", "fail", "--network")["got"]


def test_services_clock(check, place, service):
    answer = {"/api/v1/namespaces?limit=1": b'{"namespaces":[]}'}
    configure(place, lineage={"url": service(answer)})
    assert check("services.clock", "ok", "--network")["got"] == "0 of 1 differ"
    configure(place, lineage={"url": service(answer, date="Sun, 06 Nov 1994 08:49:37 GMT")})
    assert check("services.clock", "fail", "--network")["detail"][0].endswith(" s behind")
    configure(place, lineage={"url": service(answer, date="some day")})
    check("services.clock", "skipped", "--network")


def test_services_are_asked_at_once_and_not_for_ever(run, place):
    """Three that take the connection and never answer: each by itself would use up the time."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"http://127.0.0.1:{mute.getsockname()[1]}"
        configure(place, prefect={"api_url": url + "/api"}, lineage={"url": url}, telemetry={"otlp_endpoint": url})
        result = run("--network", "--only", "services", "--json", timeout=60)
    checks = {c["id"]: c for c in json.loads(result.stdout)["checks"]}
    assert all(checks[f"services.{name}"]["verdict"] == "fail" for name in ("prefect", "marquez", "telemetry"))
    assert all(": timeout" in checks[f"services.{name}"]["got"] for name in ("prefect", "marquez", "telemetry")), checks
    assert checks["services.clock"]["verdict"] == "skipped"
