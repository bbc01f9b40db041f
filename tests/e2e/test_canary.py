"""Canaries: secrets are planted where they may be, and no command prints them, writes them, or hands them to a program that it starts.

Every program that is started is seen with its words and its environment through strace."""
import base64
import http.server
import json
import os
import re
import shutil
import subprocess
import threading

import pytest

STORED, KEPT, SAID, FILED = "canary-stored-51c07a", "canary-kept-9e3f21", "canary-said-c4d882", "canary-filed-70aa16"
OK, FINDINGS = 0, 1


class Listener:
    """A service that wants a key, and remembers what it was sent."""

    def __init__(self):
        self.lines, self.headers = [], []
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                listener.lines.append(self.requestline)
                listener.headers.append(str(self.headers))
                body = b"true" if self.path.endswith("/health") else b'{"detail":"Unauthorized"}'
                self.send_response(200 if body == b"true" else 401)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_PATCH = answer

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def listener():
    made = Listener()
    yield made
    made.close()


def forms(secret):
    """A secret as it could be met: as it is, in base64, in hex, percent-encoded."""
    plain = secret.encode()
    return (plain, base64.b64encode(plain).rstrip(b"="), plain.hex().encode(), "".join(f"%{b:02X}" for b in plain).encode())


def holds(data, *secrets):
    return [s for s in secrets if any(form in data for form in forms(s))]


def started(trace):
    """The programs that were started: (words, environment) of each, the first one, which the test started, left out."""
    found = [m.groups() for m in re.finditer(r'execve\("[^"]*", \[(.*?)\], \[(.*?)\]\) = 0', trace.read_text(errors="replace"))]
    return found[1:]


# What is run, each with -v and with --json.
COMMANDS = [
    ["config", "show", "--origin"], ["config", "validate"], ["config", "get", "prefect.api_url"],
    ["credentials", "list"], ["credentials", "get", "prefect.api_key"],
    ["doctor"], ["doctor", "--deep"], ["doctor", "--network"], ["doctor", "--baseline", "save"], ["doctor", "--baseline", "compare"],
    ["doctor", "--autofix"],
    ["env", "--dry-run", "--include-credentials"],
    ["net", "up", "--host", "127.0.0.1", "--port", "1", "--prefect-host", "p.internal", "--local-prefect-port", "0", "--label", "t", "--detach"],
    ["net", "status"], ["net", "gc"], ["net", "trust", "127.0.0.1", "--port", "1", "--yes"],
    ["ctx", "init", "--dry-run"], ["ctx", "list"], ["aws", "whoami", "--dry-run"], ["aws", "whoami"],
    ["prefect", "inspect"],
]


@pytest.fixture
def workspace(hotpass, tmp_path, listener):
    """A workspace with secrets in the store, in the environment, and in a file of another program."""
    if not shutil.which("strace"):
        pytest.fail("strace is missing: run scripts/setup check", pytrace=False)
    quiet = {name: None for name in os.environ if re.match("HOTPASS_(?!BIN)|PREFECT_|AWS_|OPENLINEAGE_|MARQUEZ_|S3_", name)}
    env = {**quiet, "HOME": tmp_path / "home", "XDG_CONFIG_HOME": tmp_path / "home/.config", "SSH_AUTH_SOCK": None,
           "PREFECT_API_URL": listener.url + "/api", "OPENLINEAGE_URL": listener.url, "OTEL_EXPORTER_OTLP_ENDPOINT": listener.url,
           "MARQUEZ_API_KEY": SAID, "HOTPASS_CIPC_API_KEY": SAID, "PREFECT_API_AUTH_STRING": "", "AWS_SECRET_ACCESS_KEY": SAID, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_ENDPOINT_URL": listener.url,
           "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1"}
    assert hotpass("init", tmp_path / "w", env=env).returncode == OK
    for name, value in ("prefect.api_key", STORED), ("aws.session_token", KEPT):
        assert hotpass("credentials", "set", name, "--expires", "8h", cwd=tmp_path / "w", env=env, input=value).returncode == OK
    (tmp_path / "home/.aws").mkdir()
    (tmp_path / "home/.aws/credentials").write_text(f"[default]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = {FILED}\n")
    return tmp_path, env


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_canary_leaves(hotpass, workspace, listener, words):
    place, env = workspace
    trace = place / "trace"
    for more in (["-v"], ["--json"]):
        real = {k: str(v) for k, v in {**os.environ, **env, "ASAN_OPTIONS": "exitcode=99:detect_leaks=0"}.items() if v is not None}
        real.pop("DBUS_SESSION_BUS_ADDRESS", None)
        split = words.index("--") if "--" in words else len(words)
        result = subprocess.run(["strace", "-f", "-v", "-qq", "-s", "1000000", "-e", "trace=execve", "-o", trace, hotpass, *words[:split], *more, *words[split:]],
                                cwd=place / "w", env=real, capture_output=True, timeout=180, stdin=subprocess.DEVNULL)
        assert result.returncode not in (2, 70, 99), result.stderr  # it did what it is for, or said why not
        assert not holds(result.stdout + result.stderr, STORED, KEPT, SAID, FILED)
        for argv, environment in started(trace):
            program = re.match(r'"(?:[^"]*/)?([^"/]*)"', argv).group(1)
            assert not holds(argv.encode(), STORED, KEPT, SAID, FILED), argv
            assert not holds(environment.encode(), STORED, KEPT, FILED), environment
            said = re.findall(rf'"(\w+)=[^"]*{SAID}', environment)
            assert set(said) <= {"AWS_SECRET_ACCESS_KEY"} if program == "aws" else not said, (program, said)
        trace.unlink()
        for path in (p for p in place.rglob("*") if p.is_file() and p != place / "home/.aws/credentials"):
            assert not holds(path.read_bytes(), STORED, KEPT, SAID, FILED), path
    assert not holds("\n".join(listener.lines).encode(), STORED, KEPT, SAID, FILED)  # no URL has one


def test_a_key_goes_to_its_own_service_only(hotpass, workspace, listener):
    """The canary sings: the key of Prefect is sent to Prefect, in its header; without that the test above could not fail."""
    place, env = workspace
    result = hotpass("doctor", "--network", "--only", "services", "--json", cwd=place / "w", env=env)
    assert result.returncode == FINDINGS
    sent = dict(zip(listener.lines, listener.headers))
    assert "Authorization" not in sent["GET /api/health HTTP/1.1"]  # everybody may ask that
    assert f"Authorization: Bearer {STORED}" in sent["GET /api/admin/version HTTP/1.1"]
    assert f"Authorization: Bearer {SAID}" in sent["GET /api/v1/namespaces?limit=1 HTTP/1.1"]
    assert "Authorization" not in sent["GET /v1/traces HTTP/1.1"]
    assert all(c["verdict"] == "fail" for c in json.loads(result.stdout)["checks"] if c["id"] in ("services.prefect", "services.marquez"))
