"""`hotpass net`: tunnels through a real sshd on loopback; what goes wrong is told in words and leaves nothing behind."""
import concurrent.futures
import getpass
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.request

import pytest

from bastion import SSHD, Bastion, Networks, Service, free_port, keygen, listens, wait_until
from services import PREFECT, ROOT

OK, FINDINGS, USAGE, NOINPUT, UNAVAILABLE, NOPERM, CONFIG = 0, 1, 2, 66, 69, 77, 78

pytestmark = pytest.mark.skipif(not SSHD, reason="no sshd: run scripts/setup check")


@pytest.fixture
def bastion(tmp_path):
    made = Bastion(tmp_path / "bastion")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def prefect():
    made = Service()
    yield made
    made.close()


class Net:
    """`hotpass net` with a state directory, a bastion and a service."""

    def __init__(self, hotpass, tmp_path, bastion, service):
        self.hotpass, self.bastion, self.service = hotpass, bastion, service
        self.state = tmp_path / "state"
        self.env = {"HOTPASS_STATE_DIR": self.state, "HOME": tmp_path, "SSH_AUTH_SOCK": None,
                    **{name: None for name in os.environ if name.startswith("HOTPASS_") and name != "HOTPASS_BIN"}}
        self.env["HOTPASS_STATE_DIR"] = self.state

    def __call__(self, *args, code=OK, **options):
        result = self.hotpass("net", *args, env={**self.env, **options.pop("more", {})}, **options)
        assert result.returncode == code, (args, result.returncode, result.stdout, result.stderr)
        return result

    def json(self, *args, code=OK):
        return json.loads(self(*args, "--json", code=code).stdout)

    def pin(self):
        self("trust", "127.0.0.1", "--port", self.bastion.port, "--fingerprint", self.bastion.fingerprint())

    def words(self, **changed):
        """The options of a tunnel to the service; None leaves one out."""
        options = {"host": "127.0.0.1", "port": self.bastion.port, "user": getpass.getuser(), "identity": self.bastion.key,
                   "prefect-host": "127.0.0.1", "prefect-port": self.service.port, "local-prefect-port": 0, **changed}
        return [word for name, value in options.items() if value is not None for word in (f"--{name}", value)]

    def up(self, label="t", *more, code=OK, **changed):
        args = ["up", "--detach", *(["--label", label] if label else []), *self.words(**changed), *more]
        return self.json(*args, code=code)

    def status(self, label="t"):
        result = self.hotpass("net", "status", "--json", env=self.env)
        return next((t for t in json.loads(result.stdout)["tunnels"] if t["label"] == label), None)

    def processes(self):
        """Those that were started for tunnels of this state directory: ssh by our known_hosts, keepers by the directory."""
        found = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                argv = open(f"/proc/{pid}/cmdline").read().split("\0")
                state = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if str(self.state) in " ".join(argv) and state != "Z":
                found[int(pid)] = argv
        return found

    def assert_nothing_left(self):
        assert wait_until(lambda: not self.processes()), self.processes()
        assert json.loads(self("status", "--json").stdout)["tunnels"] == []
        assert not (self.state / "net.json").exists()
        assert sorted(p.name for p in self.state.iterdir()) == ["net"]
        assert {p.name for p in (self.state / "net").iterdir()} <= {"known_hosts", "tunnels.sqlite", "tunnels.sqlite-journal"}  # the last is SQLite's, after a kill


@pytest.fixture
def net(hotpass, tmp_path, bastion, prefect):
    made = Net(hotpass, tmp_path, bastion, prefect)
    yield made
    hotpass("net", "down", "--all", env=made.env)
    for pid in made.processes():
        os.kill(pid, signal.SIGKILL)


def fetch(port, path="/api/health"):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opener.open(f"http://127.0.0.1:{port}{path}", timeout=10).read()


def start_time(pid):
    return int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[19])


# ---- up means usable -------------------------------------------------------------------------------------

def test_up_status_down(net):
    net.pin()
    marquez = ["--marquez-host", "127.0.0.1", "--marquez-port", net.service.port, "--local-marquez-port", 0]
    up = net.up("both", *marquez, "--forward", f"raw=127.0.0.1:{net.service.port}")
    port = {f["name"]: f["local_port"] for f in up["forwards"]}
    assert set(port) == {"prefect", "marquez", "raw"} and len(set(port.values())) == 3
    assert fetch(port["prefect"]) == b"true"
    assert b"namespaces" in fetch(port["marquez"], "/api/v1/namespaces") and fetch(port["raw"]) == b"true"
    seen = net.status("both")
    assert (seen["alive"], seen["reachable"], seen["state"], seen["pid"]) == (True, True, "up", up["pid"])
    assert (seen["prefect_port"], seen["marquez_port"], seen["method"]) == (port["prefect"], port["marquez"], "ssh-bastion")
    # 127.0.0.1 and nothing else
    table = subprocess.run(["ss", "-Hltn"], stdout=subprocess.PIPE, text=True).stdout
    assert all(line.split()[3].startswith("127.0.0.1:") for line in table.splitlines()
               if line.split()[3].endswith(tuple(f":{p}" for p in port.values())))
    record = json.loads((net.state / "net.json").read_text())["sessions"][0]
    assert record["metadata"]["prefect"] == {"local_port": port["prefect"], "remote_host": "127.0.0.1", "remote_port": net.service.port}
    assert record["pid"] == up["pid"] and record["process_start"] == start_time(up["pid"]) and record["via"] == "ssh-bastion"
    assert record["boot_id"] == open("/proc/sys/kernel/random/boot_id").read().strip()
    running = open(f"/proc/{up['pid']}/cmdline").read().rstrip("\0").split("\0")
    assert record["command"] == running, "net.json tells what runs"
    net("down", "--label", "both")
    assert not any(listens(p) for p in port.values())
    net.assert_nothing_left()


def test_what_is_said_to_people(net):
    net.pin()
    said = net("up", "--detach", "--label", "t", *net.words(), "--forward", f"raw=127.0.0.1:{net.service.port}").stdout
    assert re.search(r"raw +127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+, open", said)  # it was not asked anything
    assert re.search(r"prefect +127\.0\.0\.1:\d+ -> 127\.0\.0\.1:\d+, answers", said) and "net down --label t" in said
    assert "reachable" in net("status").stdout
    assert net("down", "--all").stdout == "t: down\n"
    assert "no tunnels" in net("status").stdout
    assert net("down", "--label", "t", code=NOINPUT).stderr.count("t") > 0
    net("down", code=USAGE)


# ---- what goes wrong -------------------------------------------------------------------------------------

def failed(net, *words, code, **changed):
    """An up that fails: its message, and the proof that nothing is left."""
    message = net.up("t", code=code, **changed)["message"]
    for word in words:
        assert word in message, message
    net.assert_nothing_left()
    return message


def test_a_host_that_is_not_pinned_is_refused(net):
    failed(net, "not pinned", "hotpass net trust", code=NOPERM)
    net.up("t", "--accept-new")
    net("down", "--all")
    net.up("t")  # by now it is pinned


def test_a_changed_host_key_is_refused(net):
    net.pin()
    for name in ("host_key", "host_key.pub"):
        (net.bastion.folder / name).unlink()
    keygen(net.bastion.folder / "host_key")
    net.bastion.stop()
    net.bastion.start()
    failed(net, "not the pinned one", "--replace", code=NOPERM)
    assert "accept-new" not in failed(net, "not the pinned one", code=NOPERM)
    net("up", "--detach", "--accept-new", *net.words(), code=NOPERM)
    again = ["trust", "127.0.0.1", "--port", net.bastion.port, "--fingerprint", net.bastion.fingerprint()]
    assert "has changed" in net(*again, code=NOPERM).stderr
    net(*again, "--replace")
    net.up()


def test_a_wrong_key_is_refused(net, tmp_path):
    net.pin()
    keygen(tmp_path / "other")
    failed(net, "refuses the login", "Permission denied (publickey)", code=NOPERM, identity=tmp_path / "other")


def test_a_private_key_that_others_may_read_is_refused(net):
    net.pin()
    net.bastion.key.chmod(0o644)
    failed(net, "chmod 600", code=NOPERM)


def test_no_bastion_there(net):
    net.pin()
    failed(net, "nothing listens", code=UNAVAILABLE, port=free_port())
    failed(net, "is not known here", code=UNAVAILABLE, host="no-such-host.invalid")


def test_something_that_is_no_ssh_server(net):
    failed(net, "no ssh server", code=UNAVAILABLE, port=net.service.port)


def test_a_target_that_is_not_reachable(net):
    """The forward opens all the same: only the probe can tell."""
    net.pin()
    failed(net, "cannot reach the service", "Connection refused", code=UNAVAILABLE, **{"prefect-port": free_port()})
    failed(net, "does not know the name", code=UNAVAILABLE, **{"prefect-host": "no-such-host.invalid"})
    message = net.json("up", "--detach", *net.words(**{"prefect-host": None}), "--forward", f"db=127.0.0.1:{free_port()}", code=UNAVAILABLE)["message"]
    assert "cannot reach the service" in message
    net.assert_nothing_left()


def test_a_target_that_is_something_else(net):
    net.pin()
    for answers, status in (({}, 200), ({"/api/health": b"<html>"}, 200), ({"/api/health": b"true"}, 500)):
        other = Service(answers, status)
        failed(net, "is not", code=UNAVAILABLE, **{"prefect-port": other.port, "timeout": 1})
        other.close()


def test_a_forward_that_the_bastion_forbids(net):
    net.bastion.stop()
    net.bastion.config["PermitOpen"] = "127.0.0.1:1"
    net.bastion.start()
    net.pin()
    failed(net, "does not allow this forward", code=NOPERM)


def test_a_squatter_on_the_port(net):
    net.pin()
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        failed(net, str(port), "taken", "--auto-port", code=UNAVAILABLE, **{"local-prefect-port": port})
        up = net.up("t", "--auto-port", **{"local-prefect-port": port})
        assert port < up["forwards"][0]["local_port"] <= port + 20
        net("down", "--all")
        squatter.close()
    # and one that answers like Prefect itself is not taken for the tunnel either
    failed(net, "taken", code=UNAVAILABLE, **{"local-prefect-port": net.service.port})


def test_the_same_label_twice(net):
    net.pin()
    up = net.up("t")
    message = net.up("t", code=USAGE)["message"]
    assert "in use" in message and net.status()["pid"] == up["pid"] and net.status()["reachable"]
    os.kill(up["pid"], signal.SIGKILL)
    assert wait_until(lambda: net.status()["state"] == "dead")
    assert net.up("t")["pid"] != up["pid"], "a dead one makes room"


@pytest.mark.parametrize("name, value", [("host", "-oProxyCommand=touch x"), ("host", "a b"), ("host", "$(id)"), ("host", "a;b"), ("host", "a@b"),
                                         ("user", "-x"), ("user", "a b"), ("prefect-host", "a:1:b"), ("prefect-host", "-L"), ("forward", "db"),
                                         ("forward", "db=h:0"), ("forward", "x=:1"), ("jump", "-oX"), ("jump", "a'b"), ("jump", "a,b"),
                                         ("label", "../x"), ("label", "-x"), ("ttl", "soon"), ("ttl", "0")])
def test_nothing_typed_becomes_an_option(net, name, value):
    words = net.words(**{name: None})
    result = net("up", "--detach", *words, f"--{name}={value}", code=USAGE)
    assert result.stderr.count("\n") == 1
    assert not net.processes()


def test_ssh_is_not_there(net, tmp_path):
    (tmp_path / "empty").mkdir()
    result = net("up", "--detach", *net.words(), code=UNAVAILABLE, more={"PATH": tmp_path / "empty"})
    assert "install openssh-client" in result.stderr
    net.assert_nothing_left()


def test_the_users_own_ssh_configuration_takes_no_part(net, tmp_path):
    net.pin()
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True, mode=0o700)
    (home / ".ssh/config").write_text(f"Host *\n  ProxyCommand touch {tmp_path / 'touched'}\n")
    net("up", "--detach", *net.words(), more={"HOME": home})
    assert not (tmp_path / "touched").exists()


def test_through_a_jump_host(net, tmp_path):
    other = Bastion(tmp_path / "jump")
    try:
        (other.folder / "authorized_keys").write_text((net.bastion.folder / "id.pub").read_text())
        jump = f"{getpass.getuser()}@127.0.0.1:{other.port}"
        net.pin()
        failed(net, "trust", code=NOPERM, jump=jump)
        net("trust", "127.0.0.1", "--port", other.port, "--yes")
        up = net.up("t", jump=jump)
        assert fetch(up["forwards"][0]["local_port"]) == b"true" and other.connections()
        net("down", "--all")
        net.assert_nothing_left()
    finally:
        other.stop()


# ---- processes and their identity ------------------------------------------------------------------------

def test_a_server_that_is_killed_is_noticed(net):
    net.pin()
    up = net.up()
    net.bastion.stop()
    assert wait_until(lambda: not net.status()["alive"])
    seen = net.status()
    assert (seen["state"], seen["reachable"]) == ("dead", False) and "net down --label t" in seen["advice"]
    net("status", code=FINDINGS)
    assert not listens(up["forwards"][0]["local_port"])
    assert net.json("gc")["labels"] == ["t"]
    net.assert_nothing_left()


def test_a_service_that_stops_is_noticed(net):
    service = Service()
    net.pin()
    net.up(**{"prefect-port": service.port})
    service.close()
    seen = net.status()
    assert (seen["alive"], seen["reachable"]) == (True, False) and "does not answer" in seen["advice"]


def test_a_process_number_used_again_is_nobody(net):
    """The record is made to name an innocent process, as it would after the number was used again."""
    net.pin()
    up = net.up()
    os.kill(up["pid"], signal.SIGKILL)
    innocent = subprocess.Popen(["sleep", "300"], start_new_session=True)
    try:
        with sqlite3.connect(net.state / "net/tunnels.sqlite") as db:
            db.execute("UPDATE leg SET pid = ?", (innocent.pid,))
        seen = net.status()
        assert (seen["pid"], seen["alive"], seen["state"]) == (innocent.pid, False, "dead")
        net("down", "--label", "t")
        assert innocent.poll() is None
        # the same start in another life of the machine is nobody either
        net.up()
        with sqlite3.connect(net.state / "net/tunnels.sqlite") as db:
            db.execute("UPDATE leg SET pid = ?, start = ?", (innocent.pid, start_time(innocent.pid)))
            db.execute("UPDATE tunnel SET boot = '00000000-0000-0000-0000-000000000000'")
        net("down", "--label", "t")
        assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()


def test_many_at_once_and_none_left(net):
    net.pin()
    count = 50
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        ups = list(pool.map(lambda i: net.up(f"t{i}"), range(count)))
        ports = [up["forwards"][0]["local_port"] for up in ups]
        assert len(set(ports)) == count and len({up["pid"] for up in ups}) == count
        sessions = json.loads((net.state / "net.json").read_text())["sessions"]
        assert {s["label"] for s in sessions} == {f"t{i}" for i in range(count)}
        assert all(fetch(port) == b"true" for port in ports)
        list(pool.map(lambda i: net("down", "--label", f"t{i}"), range(count)))
    assert not any(listens(port) for port in ports)
    net.assert_nothing_left()


def test_the_same_label_at_once_goes_to_one(net, hotpass):
    net.pin()
    with concurrent.futures.ThreadPoolExecutor(5) as pool:
        codes = list(pool.map(lambda i: hotpass("net", "up", "--detach", "--label", "t", *net.words(), env=net.env).returncode, range(5)))
    assert sorted(codes) == [OK] + [USAGE] * 4
    assert len(net.processes()) == 1


def test_without_a_label_each_gets_one(net):
    net.pin()
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        labels = list(pool.map(lambda i: net.up(None)["label"], range(4)))
    assert len(set(labels)) == 4


@pytest.mark.parametrize("after", [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.8])
def test_killed_at_any_point_nothing_is_lost(net, after):
    """Whatever the moment: what runs is recorded, and gc ends it."""
    net.pin()
    child = subprocess.Popen([net.hotpass.path, "net", "up", "--detach", "--label", "t", *map(str, net.words())], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
                             env={k: str(v) for k, v in {**os.environ, **net.env}.items() if v is not None})
    time.sleep(after)
    child.kill()
    child.wait()
    seen = net.status()
    assert seen is None or seen["state"] in ("abandoned", "up", "dead"), seen
    (net.state / "net").mkdir(parents=True, exist_ok=True)
    (net.state / ".net.json.0123456789abcdef.tmp").touch()  # as a kill in the middle of writing leaves it
    (net.state / "net/before.log").touch()
    net("gc")
    if seen and seen["state"] == "up":
        net("down", "--label", "t")
    net.assert_nothing_left()


# ---- lease and run ---------------------------------------------------------------------------------------

def leased(net, *words):
    child = subprocess.Popen([net.hotpass.path, "net", *map(str, words)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True, env={k: str(v) for k, v in {**os.environ, **net.env}.items() if v is not None})
    assert wait_until(lambda: (net.status() or {}).get("state") == "up" or child.poll() is not None)
    return child


@pytest.mark.parametrize("how, code", [(signal.SIGINT, 0), (signal.SIGTERM, 143), (signal.SIGHUP, 143), (signal.SIGKILL, -9)])
def test_a_lease_ends_with_its_command(net, how, code):
    net.pin()
    child = leased(net, "lease", "--label", "t", *net.words())
    port = net.status()["prefect_port"]
    child.send_signal(how)
    child.communicate(timeout=30)
    assert child.returncode == code
    assert wait_until(lambda: not net.processes()) and not listens(port)
    if how == signal.SIGKILL:
        assert net.status()["state"] == "abandoned"
        net("gc")
    net.assert_nothing_left()


def test_a_lease_ends_when_the_tunnel_does(net):
    net.pin()
    child = leased(net, "lease", "--label", "t", *net.words())
    net.bastion.stop()
    out, err = child.communicate(timeout=60)
    assert child.returncode == UNAVAILABLE and "dropped" in err
    net.assert_nothing_left()


def test_a_lease_ends_after_its_time(net):
    net.pin()
    child = leased(net, "lease", "--label", "t", "--ttl", "2s", *net.words())
    assert child.wait(30) == OK
    child.communicate()
    net.assert_nothing_left()


SHOW = ["sh", "-c", "echo $PREFECT_API_URL $OPENLINEAGE_URL; exit 5"]


def test_run_has_the_services_where_the_command_looks(net):
    net.pin()
    marquez = ["--marquez-host", "127.0.0.1", "--marquez-port", net.service.port, "--local-marquez-port", 0]
    result = net("run", *net.words(), *marquez, "--", *SHOW, code=5)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/api http://127\.0\.0\.1:\d+\n", result.stdout)
    net.assert_nothing_left()
    fetched = net("run", *net.words(), "--", "python3", "-c",
                  "import os, urllib.request as u; print(u.build_opener(u.ProxyHandler({})).open(os.environ['PREFECT_API_URL'] + '/health').read())")
    assert fetched.stdout == "b'true'\n"
    net("run", *net.words(), "--", "no-such-program-here", code=127)
    net("run", *net.words(), code=USAGE)
    net.assert_nothing_left()


def test_run_through_a_tunnel_that_is_up(net):
    net.pin()
    port = net.up()["forwards"][0]["local_port"]
    assert net("run", "t", "--", *SHOW, code=5).stdout == f"http://127.0.0.1:{port}/api\n"
    assert net.status()["reachable"]
    net("run", "other", "--", "true", code=NOINPUT)
    os.kill(net.status()["pid"], signal.SIGKILL)
    assert "dead" in net("run", "t", "--", "true", code=UNAVAILABLE).stderr


# ---- keepers ---------------------------------------------------------------------------------------------

def test_a_dropped_tunnel_is_started_anew(net):
    net.pin()
    up = net.up("t", "--reconnect")
    assert len(net.processes()) == 2
    net.bastion.cut()
    assert wait_until(lambda: net.status()["restarts"] == 1, 40)
    seen = net.status()
    assert seen["reachable"] and seen["pid"] != up["pid"] and seen["prefect_port"] == up["forwards"][0]["local_port"]
    # while the bastion is away it says so; and comes back with it
    net.bastion.stop()
    assert wait_until(lambda: "attempt" in net.status()["advice"], 40) and net.status()["state"] == "reconnecting"
    net.bastion.start()
    assert wait_until(lambda: net.status()["reachable"], 60)
    net("down", "--all")
    net.assert_nothing_left()


def test_a_keeper_gives_up_with_a_reason(net):
    net.pin()
    net.up("t", "--reconnect")
    (net.bastion.folder / "authorized_keys").write_text("")
    net.bastion.cut()
    assert wait_until(lambda: net.status()["state"] == "dead", 40)
    assert "given up" in net.status()["advice"] and "refuses the login" in net.status()["advice"]
    assert "Permission denied" in net("logs", "t").stdout
    assert net.json("gc")["labels"] == ["t"]
    net.assert_nothing_left()


def test_a_tunnel_ends_after_its_time(net):
    net.pin()
    assert net.up("t", "--ttl", "3s")["expires"]
    assert wait_until(lambda: net.status() is None, 30)
    net.assert_nothing_left()


def test_a_killed_keeper_leaves_the_tunnel(net):
    net.pin()
    net.up("t", "--reconnect")
    assert net.status()["advice"] == ""
    os.kill(net.status()["keeper_pid"], signal.SIGKILL)
    assert wait_until(lambda: "its keeper was killed" in net.status()["advice"], 10)
    assert net.status()["reachable"]
    net("down", "--all")
    net.assert_nothing_left()


def test_secrets_of_others_are_not_handed_on(net):
    """A canary in the environment: not in that of ssh or the keeper, not in any file of the state."""
    net.pin()
    net("up", "--detach", "--label", "t", "--reconnect", *net.words(), more={
        "PREFECT_API_KEY": "canary-4711", "AWS_SECRET_ACCESS_KEY": "canary-4711", "HOTPASS_CIPC_API_KEY": "canary-4711"})
    assert len(net.processes()) == 2
    for pid in net.processes():
        environment = open(f"/proc/{pid}/environ", "rb").read()
        assert b"PATH=" in environment and b"canary" not in environment
    net.bastion.cut()
    assert wait_until(lambda: net.status()["restarts"] == 1, 40)
    for path in net.state.rglob("*"):
        assert path.is_dir() or b"canary" not in path.read_bytes(), path


def test_watching(net):
    net.pin()
    net.up()
    child = subprocess.Popen([net.hotpass.path, "net", "status", "--watch", "--json"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True,
                             env={k: str(v) for k, v in {**os.environ, **net.env}.items() if v is not None})
    assert json.loads(child.stdout.readline())["tunnels"][0]["reachable"]
    net("down", "--all")
    seen = [json.loads(child.stdout.readline())["tunnels"] for _ in range(2)]
    child.send_signal(signal.SIGINT)
    assert seen[-1] == [] and child.wait(30) == OK
    child.stdout.close()


# ---- trust, logs, dry run --------------------------------------------------------------------------------

def test_trust_shows_what_ssh_keygen_shows(net):
    where = ["trust", "127.0.0.1", "--port", net.bastion.port]
    refused = net(*where, code=NOPERM)
    assert net.bastion.fingerprint() in refused.stderr and not (net.state / "net/known_hosts").exists()
    net(*where, "--fingerprint", "SHA256:" + "A" * 43, code=NOPERM)
    assert not (net.state / "net/known_hosts").exists()
    told = net.json(*where, "--yes")
    assert told["pinned"] and net.bastion.fingerprint() in [k["fingerprint"] for k in told["shown"]]
    pinned = (net.state / "net/known_hosts").read_text()
    assert pinned == f"[127.0.0.1]:{net.bastion.port} {net.bastion.host_key()}\n"
    net(*where)  # it is pinned by now
    net(*where, "--fingerprint", net.bastion.fingerprint())
    wrong = net(*where, "--fingerprint", "SHA256:" + "A" * 43, code=NOPERM)  # what was asked about is another one
    assert "shows no key" in wrong.stderr and "pinned" not in wrong.stdout
    assert (net.state / "net/known_hosts").read_text() == pinned
    assert "no ssh server" in net("trust", "127.0.0.1", "--port", free_port(), "--yes", code=UNAVAILABLE).stderr


def test_state_and_logs_are_for_their_owner(net):
    net.pin()
    net.up()
    net.bastion.cut()
    assert wait_until(lambda: net.status()["state"] == "dead")
    log = net("logs", "t").stdout
    assert "closed" in log or "reset" in log.lower()
    assert "-L" not in log and str(net.bastion.key) not in log, "no command line in a log"
    for path in [net.state / "net", *(net.state / "net").iterdir()]:
        if path.suffix != "" or path.is_dir():
            assert path.stat().st_mode & 0o077 == 0 or (net.state / "net").stat().st_mode & 0o077 == 0, path
    net("logs", "other", code=NOINPUT)
    net("logs", "../x", code=USAGE)


def test_lines_that_only_ssh_can_judge(net, tmp_path):
    """Hashed names, lists, markers and tabs: no second key is pinned beside one that stands there already."""
    name, path = f"[127.0.0.1]:{net.bastion.port}", tmp_path / "hosts"
    keygen(tmp_path / "other")
    other = " ".join((tmp_path / "other.pub").read_text().split()[:2])
    where = ["trust", "127.0.0.1", "--port", net.bastion.port, "--known-hosts", path, "--yes"]
    for line in f"{name} {other}", f"{name},x.example {other}", f"@revoked {name} {net.bastion.host_key()}", f"{name}\t{other}":
        path.write_text(line + "\n")
        if line.startswith(name + " "):
            subprocess.run(["ssh-keygen", "-H", "-f", path], check=True, capture_output=True)
        before = path.read_text()
        assert "ssh-keygen -F" in net(*where, code=NOPERM).stderr
        assert path.read_text() == before
    path.write_text(f"# of others\nx.example,y.example {other}\n")
    net(*where)
    assert path.read_text().splitlines()[1:] == [f"x.example,y.example {other}", f"{name} {net.bastion.host_key()}"]


@pytest.mark.parametrize("name", [".", "net", "net/known_hosts", "net/tunnels.sqlite"])
def test_state_of_somebody_else_is_not_believed(net, name):
    net.pin()
    path = net.state / name
    mode = path.stat().st_mode & 0o777
    path.chmod(mode | 0o002)
    for words in (["status"], ["up", "--detach", "--label", "t", *net.words()], ["trust", "127.0.0.1", "--port", net.bastion.port]):
        assert "others may write it" in net(*words, code=NOPERM).stderr
    path.chmod(mode)
    net("status")
    if os.geteuid() == 0:
        os.chown(path, 0, 0)
        os.chown(path, 4711, -1)
        assert "somebody else (user 4711)" in net("status", code=NOPERM).stderr


def test_a_dry_run_starts_nothing(net):
    line = net("up", "--dry-run", *net.words()).stdout
    for word in ("-F none", "BatchMode=yes", "StrictHostKeyChecking=yes", "ExitOnForwardFailure=yes", "ServerAliveInterval=5", "ForwardAgent=no",
                 "ForwardX11=no", "-L 127.0.0.1:0:127.0.0.1:"):
        assert word in line
    assert not net.processes() and not net.state.exists()
    plan = net.json("up", "--via", "ssm", "--host", "i-0abc", "--prefect-host", "p.internal", "--marquez-host", "m.internal", "--dry-run")
    assert [c[:3] for c in plan["commands"]] == [["aws", "ssm", "start-session"]] * 2


def test_the_environment_fills_in(net):
    net.pin()
    words = net.words(host=None, user=None, **{"prefect-host": None})
    net("up", "--detach", *words, code=USAGE)
    net("up", "--detach", "--label", "t", *words, more={"HOTPASS_BASTION_HOST": "127.0.0.1", "HOTPASS_BASTION_USER": getpass.getuser(),
                                                         "HOTPASS_PREFECT_REMOTE_HOST": "127.0.0.1"})
    assert net.status()["reachable"]
    assert "HOTPASS_TUNNEL_VIA" in net("up", *words, code=CONFIG, more={"HOTPASS_TUNNEL_VIA": "pigeon"}).stderr


def test_ssm_without_what_it_needs(net, tmp_path):
    """AWS cannot be had here: what is seen is that the real aws program's reason arrives in words, and nothing is left."""
    words = ["up", "--via", "ssm", "--host", "i-0123456789abcdef0", "--prefect-host", "p.internal", "--local-prefect-port", "0", "--label", "t", "--detach"]
    (tmp_path / "bin").mkdir()
    missing = net(*words, code=UNAVAILABLE, more={"PATH": tmp_path / "bin"})
    assert "aws" in missing.stderr
    aws = ROOT / "build/aws/bin"
    assert os.access(aws / "aws", os.X_OK), "run scripts/setup check"
    env = {"PATH": f"{aws}:/usr/bin:/bin", "AWS_DEFAULT_REGION": "eu-west-1", "AWS_EC2_METADATA_DISABLED": "true"}
    assert "Unable to locate credentials" in net(*words, code=NOPERM, more=env).stderr
    net.assert_nothing_left()


def test_prefect_itself_behind_the_bastion(hotpass, tmp_path, bastion, prefect_server):
    """A real server: proved through the tunnel, found by Prefect's own client in `net run`, by the doctor and by env."""
    net = Net(hotpass, tmp_path, bastion, prefect_server)
    net.pin()
    try:
        version = prefect_server.call("GET", "/admin/version")
        assert net.up("t")["forwards"][0]["name"] == "prefect" and net.status()["reachable"]
        quiet = {**net.env, **{name: None for name in os.environ if name.startswith("PREFECT_")}}
        doctor = hotpass("doctor", "--network", "--only", "services.prefect", "--json", cwd=tmp_path, env=quiet)
        (check,) = json.loads(doctor.stdout)["checks"]
        assert check["got"] == f"Prefect {version} answers, and lets us in" and check["ran"].endswith("(tunnel t)")
        port = net.status()["forwards"][0]["local_port"]
        env = hotpass("env", "--dry-run", "--json", cwd=tmp_path, env=quiet)
        assert {"name": "PREFECT_API_URL", "value": f"http://127.0.0.1:{port}/api", "from": "tunnel t"} in json.loads(env.stdout)["lines"]
        asked = net("run", "t", "--", PREFECT, "work-pool", "ls", more={"PREFECT_HOME": tmp_path / "home", "DO_NOT_TRACK": "1"})
        assert asked.stdout.strip()  # its own client reached it: it fails where nobody answers
        net("down", "--all")
        net.assert_nothing_left()
    finally:
        hotpass("net", "down", "--all", env=net.env)


def test_the_configuration_fills_in(net, tmp_path):
    """Options stand above the environment, that above hotpass.yaml."""
    (tmp_path / "hotpass.yaml").write_text("net:\n  host: bastion.example\n  user: ops\n  prefect_host: prefect.internal\n  prefect_port: 4300\n"
                                           "  marquez_host: marquez.internal\n")
    def planned(*more, **env):
        result = net("up", "--dry-run", "--local-prefect-port", "0", "--local-marquez-port", "0", *more, "--json", more=env, cwd=tmp_path)
        return " ".join(json.loads(result.stdout)["commands"][0])
    assert all(word in planned() for word in (":prefect.internal:4300", ":marquez.internal:5000", "ops", "bastion.example"))
    assert "other.example" in planned(HOTPASS_BASTION_HOST="other.example") and "bastion.example" not in planned(HOTPASS_BASTION_HOST="other.example")
    assert "third.example" in planned("--host", "third.example", HOTPASS_BASTION_HOST="other.example")
    assert ":prefect.internal:4400" in planned("--prefect-port", "4400")


def test_state_is_where_the_project_is(net, tmp_path):
    project = tmp_path / "project"
    (project / "deep/er").mkdir(parents=True)
    (project / "hotpass.yaml").write_text("{}\n")
    net.env["HOTPASS_STATE_DIR"] = None
    net.env["XDG_STATE_HOME"] = tmp_path / "xdg"
    net("status", cwd=project / "deep/er")
    assert (project / ".hotpass/net/tunnels.sqlite").exists()
    net("status", cwd=tmp_path)
    assert (tmp_path / "xdg/hotpass/net/tunnels.sqlite").exists()
    net.env["HOTPASS_STATE_DIR"] = net.state


# ---- hosts of their own ----------------------------------------------------------------------------------

@pytest.fixture
def networks():
    name = f"hp{os.getpid()}"
    try:
        made = Networks(name)
    except (OSError, subprocess.CalledProcessError) as e:
        for host in ("client", "bastion", "prefect", "marquez"):
            subprocess.run(["ip", "netns", "del", f"{name}-{host}"], stderr=subprocess.DEVNULL)
        pytest.skip(f"network namespaces are not permitted here: {getattr(e, 'stderr', None) or e}")
    yield made
    made.close()


def test_bastion_prefect_and_marquez_on_hosts_of_their_own(hotpass, networks, tmp_path):
    networks.serve("prefect", "10.77.2.2", 4200)
    networks.serve("marquez", "10.77.3.2", 5000)
    bastion = Bastion(tmp_path / "bastion", networks.inside("bastion"), "10.77.1.1")
    client = tmp_path / "client"
    client.write_text(f"#!/bin/sh\nexec {' '.join(networks.inside('client'))} {hotpass} \"$@\"\n")
    client.chmod(0o755)
    net = Net(type(hotpass)(client), tmp_path, bastion, None)
    services = ["--prefect-host", "prefect.internal", "--marquez-host", "marquez.internal"]
    words = ["--host", "bastion.example", "--port", bastion.port, "--user", getpass.getuser(), "--identity", bastion.key]
    try:
        net("trust", "bastion.example", "--port", bastion.port, "--fingerprint", bastion.fingerprint())
        up = net.json("up", "--detach", "--label", "t", "--reconnect", *words, *services)
        assert [f["local_port"] for f in up["forwards"]] == [4200, 5000]
        ask = [*networks.inside("client"), "curl", "-sS", "--noproxy", "*", "-m", "5"]
        direct = subprocess.run([*ask, "http://10.77.2.2:4200/api/health"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert direct.returncode != 0, "the client has no way of its own"
        through = subprocess.run([*ask, "http://127.0.0.1:4200/api/health"], stdout=subprocess.PIPE, text=True)
        assert through.stdout == "true"
        networks.link("down")  # nobody says goodbye: ssh finds out by itself
        assert wait_until(lambda: net.status()["state"] == "reconnecting", 60)
        networks.link("up")
        assert wait_until(lambda: net.status()["reachable"], 90) and net.status()["restarts"] == 1
        message = net.json("up", "--detach", *words, "--prefect-host", "nosuch.internal", "--auto-port", code=UNAVAILABLE)["message"]
        assert "does not know the name" in message
    finally:
        net.hotpass("net", "down", "--all", env=net.env)
        bastion.stop()
    net.assert_nothing_left()


def test_an_answer_that_cannot_be_written_leaves_nothing(net):
    net.pin()
    with open("/dev/full", "w") as full:
        net("up", "--detach", *net.words(), stdout=full, code=74)
    net.assert_nothing_left()


# ---- memory ----------------------------------------------------------------------------------------------

def test_without_memory_nothing_is_left(net):
    """Each n-th allocation fails in turn, in steps, until none does: the tunnel is up, or there is nothing of it."""
    net.pin()
    n, ended = 1, set()
    while True:
        result = net.hotpass("net", "up", "--detach", "--label", "t", *net.words(), env={**net.env, "HOTPASS_FAIL_ALLOC": n})
        ended.add(result.returncode)
        assert result.returncode in (OK, 75), (n, result.returncode, result.stderr)
        if result.returncode == OK:
            break
        assert "memory" in result.stderr, (n, result.stderr)
        assert not net.processes(), n
        n += 1 + n // 12
    assert ended == {OK, 75}
    net("down", "--all")
    net.assert_nothing_left()
