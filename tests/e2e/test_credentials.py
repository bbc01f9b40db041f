"""hotpass credentials: kept sealed, read from standard input only, shown only when asked to."""
import base64
import json
import os
import pty
import select
import subprocess
import sys

import pytest

OK, FINDINGS, USAGE, NOINPUT, NOPERM, CONFIG, SIGINT = 0, 1, 2, 66, 77, 78, 130
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
    assert run("list").stdout == "name\tupdated\n"
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
    assert run("set", "a.b", "value", input="x").returncode == USAGE


def test_many_at_once(hotpass, run, tmp_path):
    env = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "home")}
    running = [subprocess.Popen([str(hotpass), "credentials", "set", f"n{i}"], env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) for i in range(12)]
    for p in running:
        p.communicate(b"v\n")
    assert [p.returncode for p in running] == [OK] * 12
    assert len(json.loads(run("list", "--json").stdout)["credentials"]) == 12


def at_a_terminal(hotpass, tmp_path, typed):
    """Runs set at a terminal and types once it is asked; returns the exit code and what was to be seen."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen([str(hotpass), "credentials", "set", "a.b"], stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True,
                             env={**os.environ, "XDG_CONFIG_HOME": str(tmp_path / "home")})
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
