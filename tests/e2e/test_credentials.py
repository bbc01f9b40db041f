"""hotpass credentials: kept sealed, read from standard input only, shown only when asked to."""
import base64
import datetime
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time

import pytest

OK, FINDINGS, USAGE, NOINPUT, UNAVAILABLE, NOPERM, CONFIG, SIGINT = 0, 1, 2, 66, 69, 77, 78, 130
CANARY = "canary-b81e2f"


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home/hotpass"


@pytest.fixture
def run(hotpass, tmp_path):
    """Runs a command of the group; the secret leaves only with --reveal, and stands in no file."""
    def call(*args, **options):
        result = hotpass("credentials", *args, cwd=tmp_path, env={"XDG_CONFIG_HOME": tmp_path / "home"}, **options)
        if "--reveal" not in args:
            assert CANARY not in result.stdout + result.stderr
        for path in (p for p in tmp_path.rglob("*") if p.is_file()):
            assert CANARY.encode() not in path.read_bytes()
            assert base64.b64encode(CANARY.encode()) not in path.read_bytes()
        return result
    return call


def test_round(run, home):
    assert run("list").stdout == "name\tkept in\tupdated\tends\n"
    assert run("set", "prefect.api_key", input=CANARY + "\n").returncode == OK
    assert run("set", "aws.access_key_id", input="other").returncode == OK
    assert run("get", "prefect.api_key", "--reveal").stdout == CANARY + "\n"
    assert json.loads(run("get", "prefect.api_key", "--json").stdout)["value"] is None
    assert json.loads(run("get", "prefect.api_key", "--json", "--reveal").stdout)["value"] == CANARY
    assert [c["name"] for c in json.loads(run("list", "--json").stdout)["credentials"]] == ["aws.access_key_id", "prefect.api_key"]
    assert run("set", "prefect.api_key", input=CANARY + "-2\nrest").returncode == OK
    assert run("get", "prefect.api_key", "--reveal").stdout == CANARY + "-2\n"
    assert run("rm", "prefect.api_key").returncode == OK
    assert run("rm", "prefect.api_key").returncode == FINDINGS
    assert run("get", "prefect.api_key").returncode == NOINPUT
    assert 'did you mean "aws.access_key_id"' in run("get", "aws.access_key").stderr


def test_nobody_else_may_read(run, home):
    run("set", "a.b", input=CANARY)
    assert {p.name: oct(p.stat().st_mode & 0o777) for p in home.iterdir()} == {
        "credentials.json": "0o600", "credentials.key": "0o600", ".credentials.lock": "0o600"}
    assert home.stat().st_mode & 0o777 == 0o700
    (home / "credentials.key").chmod(0o640)
    result = run("get", "a.b")
    assert result.returncode == NOPERM and "chmod 600" in result.stderr
    (home / "credentials.key").chmod(0o600)
    (home / "credentials.json").chmod(0o644)
    assert run("list").returncode == NOPERM


def test_what_was_changed_does_not_open(run, home):
    run("set", "a.b", input=CANARY)
    run("set", "c.d", input="other")
    path = home / "credentials.json"
    text = path.read_text()
    doc = json.loads(text)
    one, two = doc["items"]
    one["sealed"], two["sealed"] = two["sealed"], one["sealed"]  # under another name
    one["nonce"], two["nonce"] = two["nonce"], one["nonce"]
    path.write_text(json.dumps(doc))
    result = run("get", "a.b", "--reveal")
    assert result.returncode == CONFIG and result.stdout == ""
    for broken in ("", "[]", '{"schema":"x"}', text.replace("c.d", "../x"), text.replace('"nonce"', '"n"')):
        path.write_text(broken)
        assert run("get", "a.b").returncode == CONFIG
        assert run("set", "a.b", input="x").returncode == CONFIG
        assert path.read_text() == broken
    path.write_text(text)
    (home / "credentials.key").write_text("00" * 32)
    assert "another key" in run("get", "a.b").stderr
    (home / "credentials.key").write_text("xyz")
    assert run("get", "a.b").returncode == CONFIG


def test_a_secret_as_a_name_is_not_repeated(run):
    result = run("set", CANARY.upper(), input="x")
    assert result.returncode == USAGE and CANARY.upper() not in result.stderr
    assert run("set", "a.b", input="").returncode == NOINPUT
    too_many = run("set", "a.b", CANARY, input="x")
    assert too_many.returncode == USAGE and "standard input" in too_many.stderr and CANARY not in too_many.stderr + too_many.stdout


def test_many_at_once(hotpass, run, tmp_path):
    env = {**os.environ, "HOTPASS_CREDENTIALS_STORE": "file", "XDG_CONFIG_HOME": str(tmp_path / "home")}
    running = [subprocess.Popen([str(hotpass), "credentials", "set", f"n{i}"], env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) for i in range(12)]
    for p in running:
        p.communicate(b"v\n")
    assert [p.returncode for p in running] == [OK] * 12
    assert len(json.loads(run("list", "--json").stdout)["credentials"]) == 12


def at_a_terminal(hotpass, tmp_path, typed):
    """Runs set at a terminal and types once it is asked; returns the exit code and what was to be seen."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen([str(hotpass), "credentials", "set", "a.b"], stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True,
                             env={**os.environ, "HOTPASS_CREDENTIALS_STORE": "file", "XDG_CONFIG_HOME": str(tmp_path / "home")})
    os.close(theirs)
    seen, sent = b"", False
    while select.select([ours], [], [], 30)[0]:
        try:
            got = os.read(ours, 4096)
        except OSError:
            break
        if not got:
            break
        seen += got
        if b"not shown): " in seen and not sent:
            # The echo is off only after the question is out; wait for it as a person would.
            import termios
            while termios.tcgetattr(ours)[3] & termios.ECHO:
                pass
            os.write(ours, typed)
            sent = True
    os.close(ours)
    return child.wait(), seen.decode()


@pytest.mark.skipif(sys.platform != "linux", reason="terminals as Linux has them")
def test_at_a_terminal_nothing_is_shown(hotpass, run, tmp_path):
    code, seen = at_a_terminal(hotpass, tmp_path, CANARY.encode() + b"\n")
    assert code == OK and CANARY not in seen
    assert run("get", "a.b", "--reveal").stdout == CANARY + "\n"
    code, seen = at_a_terminal(hotpass, tmp_path, b"x\x03\n")
    assert code == SIGINT and "nothing was set" in seen


def test_when_they_end(hotpass, run, tmp_path):
    assert run("set", "a.date", "--expires", "2031-05-01", input="x").returncode == OK
    assert run("set", "a.span", "--expires", "8h", input="x").returncode == OK
    assert run("set", "a.open", input="x").returncode == OK
    listed = {c["name"]: c for c in json.loads(run("list", "--json").stdout)["credentials"]}
    assert listed["a.date"]["expires_at"] == "2031-05-02T00:00:00Z" and listed["a.open"]["expires_at"] is None
    assert not any(c["expired"] for c in listed.values()) and {c["kept_in"] for c in listed.values()} == {"file"}
    for wrong in ("tomorrow", "2031-02-30", "8", "-1d", "0h", "99999999d"):
        result = run("set", "a.wrong", "--expires", wrong, input="x")
        assert result.returncode == USAGE and wrong in result.stderr

    def look(verdict, **env):
        result = hotpass("doctor", "--only", "config.expiry", "--json", cwd=tmp_path, env={"XDG_CONFIG_HOME": tmp_path / "home", **env})
        (check,) = json.loads(result.stdout)["checks"]
        assert check["verdict"] == verdict, check
        return check["detail"]
    assert look("ok") == []  # eight hours are ahead of the last quarter of eight hours
    path = tmp_path / "home/hotpass/credentials.json"
    doc = json.loads(path.read_text())
    for item, (set_at, end) in zip(doc["items"], (("2020-01-01T00:00:00Z", "2031-05-02T00:00:00Z"), ("2020-01-01T00:00:00Z", "2020-01-01T08:00:00Z"), (None, None))):
        item.update({"updated_at": set_at or item["updated_at"]}, **({"expires_at": end} if end else {}))
    path.write_text(json.dumps(doc))
    first, second = (i["name"] for i in doc["items"][:2])
    assert look("fail") == [f"{second} ended at 2020-01-01T08:00:00Z"]
    assert [c["expired"] for c in json.loads(run("list", "--json").stdout)["credentials"]] == [False, True, False]
    assert "(ended)" in run("list").stdout and first
    soon = (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=5)).strftime("%Y-%m-%dT00:00:00Z")
    doc["items"][1]["expires_at"] = soon
    path.write_text(json.dumps(doc))
    assert look("fail") == [f"{second} ends at {soon}"]
    doc["items"][1]["expires_at"] = "2031-02-30T00:00:00"
    path.write_text(json.dumps(doc))
    assert run("list").returncode == CONFIG


# ---- the Secret Service ----


@pytest.fixture
def keyring(tmp_path):
    """GNOME Keyring on a session bus of its own, open; what clients need in their environment."""
    for name in ("dbus-daemon", "gnome-keyring-daemon", "secret-tool"):
        if not shutil.which(name):
            pytest.fail(f"{name} is missing: run scripts/setup check", pytrace=False)
    runtime = tmp_path / "runtime"
    runtime.mkdir(mode=0o700)
    env = {**os.environ, "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(runtime), "XDG_DATA_HOME": str(tmp_path / "data")}
    bus = subprocess.Popen(["dbus-daemon", "--session", "--nofork", "--print-address=1"], env=env, stdout=subprocess.PIPE, text=True)
    env["DBUS_SESSION_BUS_ADDRESS"] = bus.stdout.readline().strip()
    service = subprocess.Popen(["gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"], env=env, stdin=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    service.stdin.write(b"password")
    service.stdin.close()
    ask = ["dbus-send", "--session", "--dest=org.freedesktop.DBus", "--print-reply", "/", "org.freedesktop.DBus.NameHasOwner",
           "string:org.freedesktop.secrets"]
    end = time.monotonic() + 60
    while "true" not in subprocess.run(ask, env=env, capture_output=True, text=True).stdout:
        assert time.monotonic() < end and service.poll() is None, "the keyring did not start"
        time.sleep(0.1)
    yield {name: env[name] for name in ("HOME", "XDG_RUNTIME_DIR", "XDG_DATA_HOME", "DBUS_SESSION_BUS_ADDRESS")}
    for process in service, bus:
        process.terminate()
        process.wait()


def test_in_the_secret_service(hotpass, keyring, home, tmp_path):
    env = {**keyring, "XDG_CONFIG_HOME": tmp_path / "home"}

    def run(*args, code=OK, **more):
        result = hotpass("credentials", *args, cwd=tmp_path, env={**env, **more.pop("env", {})}, **more)
        assert result.returncode == code, result.stderr
        return result

    def tool(*args, **options):
        return subprocess.run(["secret-tool", *map(str, args)], env={**os.environ, **keyring}, capture_output=True, text=True, **options)
    where = ("name", "prefect.api_key", "directory", home)
    assert json.loads(run("set", "prefect.api_key", "--json", input=CANARY).stdout)["kept_in"] == "secret-service"
    assert tool("lookup", *where).stdout == CANARY  # another program reads what we wrote
    assert not (home / "credentials.key").exists() and CANARY not in (home / "credentials.json").read_text()
    assert "prefect.api_key\tsecret-service\t" in run("list").stdout
    assert run("get", "prefect.api_key", "--reveal").stdout == CANARY + "\n"
    tool("store", "--label=x", "xdg:schema", "org.hotpass.Credential", *where, input="changed")
    assert run("get", "prefect.api_key", "--reveal").stdout == "changed\n"  # and we read what it wrote
    # Sealed in the file when that is wanted; then it is in the keyring no more.
    assert json.loads(run("set", "prefect.api_key", "--store", "file", "--json", input=CANARY).stdout)["kept_in"] == "file"
    assert tool("lookup", *where).stdout == "" and "sealed" in (home / "credentials.json").read_text()
    run("set", "prefect.api_key", input=CANARY, env={"HOTPASS_CREDENTIALS_STORE": "secret-service"})
    assert tool("lookup", *where).stdout == CANARY
    written = hotpass("env", "--include-credentials", cwd=tmp_path, env=env)
    assert written.returncode == OK and f"PREFECT_API_KEY={CANARY}\n" in (tmp_path / ".env.staging").read_text()
    run("rm", "prefect.api_key")
    assert tool("lookup", *where).stdout == ""
    run("rm", "prefect.api_key", code=FINDINGS)


def test_without_a_secret_service(hotpass, run, keyring, tmp_path):
    """What is kept there is out of reach elsewhere, and the message says why; nothing new goes there."""
    env = {**keyring, "XDG_CONFIG_HOME": tmp_path / "home"}
    assert hotpass("credentials", "set", "a.b", cwd=tmp_path, env=env, input=CANARY).returncode == OK
    result = run("get", "a.b")
    assert result.returncode == UNAVAILABLE and "Secret Service" in result.stderr
    assert run("rm", "a.b").returncode == UNAVAILABLE
    assert run("set", "c.d", "--store", "secret-service", input="x").returncode == UNAVAILABLE
    assert "c.d" not in run("list").stdout
    assert run("set", "c.d", input="x").returncode == OK and "c.d\tfile\t" in run("list").stdout
    # A bus without a keyring is the same.
    empty = hotpass("credentials", "get", "a.b", cwd=tmp_path, env={**env, "DBUS_SESSION_BUS_ADDRESS": f"unix:path={tmp_path}/none"})
    assert empty.returncode == UNAVAILABLE


# ---- who uses them ----


def test_the_doctor_knows_them(hotpass, run, tmp_path):
    (tmp_path / "hotpass.yaml").write_text("prefect: {api_url: 'https://prefect.example/api'}\n")
    env = {"XDG_CONFIG_HOME": tmp_path / "home", "PREFECT_API_KEY": None}
    assert hotpass("doctor", "--only", "config.credentials", cwd=tmp_path, env=env).returncode == FINDINGS
    run("set", "prefect.api_key", input=CANARY)
    result = hotpass("doctor", "--only", "config", "-v", cwd=tmp_path, env=env)
    assert result.returncode == OK and CANARY not in result.stdout
    (tmp_path / "home/hotpass/credentials.json").chmod(0o644)
    assert hotpass("doctor", "--only", "config.secrets", "--autofix", cwd=tmp_path, env=env).returncode == OK
    assert run("list").returncode == OK
