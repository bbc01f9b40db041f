"""Real servers on loopback, started once for all tests: Prefect, an S3 store (versitygw), an OpenTelemetry collector.

scripts/setup check installs them. Each fixture fails, and does not skip, where its program is missing. A test that stops a server, or
wants one with options of its own, makes it with the class behind the fixture:

    with Prefect(tmp_path, auth="ops:secret") as server: ...
"""
import base64
import contextlib
import http.server
import json
import os
import signal
import sqlite3
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from bastion import free_port, listens

ROOT = Path(__file__).resolve().parents[2]
PREFECT = ROOT / "build/prefect/venv/bin/prefect"
PREFECT_TEMPLATE = ROOT / "build/prefect/prefect.db"  # a migrated database: migrations are most of a first start
VERSITYGW = ROOT / "build/go/bin/versitygw"
OTELCOL = ROOT / "build/go/bin/otelcol"
READY = 120  # seconds; a loaded machine takes 40 for Prefect


def answers(url):
    """Whether a GET of url is answered with 200."""
    try:
        with urllib.request.urlopen(url, timeout=3) as answer:
            return answer.status == 200
    except OSError:
        return False


class Server:
    """A child process in a session of its own, its output in DIR/<name>.log; a context manager that starts and stops it."""

    name = "server"
    program = None

    def __init__(self, folder):
        self.folder = Path(folder)
        self.port = free_port()
        self.child = None

    def argv(self):
        raise NotImplementedError

    def ready(self):
        return listens(self.port)

    def env(self):
        return {}

    def log(self):
        return (self.folder / f"{self.name}.log").read_text(errors="replace")

    def start(self):
        """Starts it, on the port it had before if it was stopped; returns when it answers."""
        if not os.access(self.program, os.X_OK):
            pytest.fail(f"{self.program} is missing: run scripts/setup check", pytrace=False)
        self.folder.mkdir(parents=True, exist_ok=True)
        env = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "AWS_", "OTEL_"))}
        env.update(self.env())
        with open(self.folder / f"{self.name}.log", "ab") as log:
            self.child = subprocess.Popen([str(a) for a in self.argv()], env=env, cwd=self.folder, stdin=subprocess.DEVNULL,
                                          stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        end = time.monotonic() + READY
        while not self.ready():
            if self.child.poll() is not None or time.monotonic() > end:
                self.kill()
                pytest.fail(f"{self.name} did not start:\n{self.log()[-2000:]}", pytrace=False)
            time.sleep(0.1)
        return self

    def stop(self, with_signal=signal.SIGTERM):
        """Ends the process and what it started; after ten seconds by force."""
        if self.child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, with_signal)
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            pass
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.child.pid, signal.SIGKILL)
        self.child.wait(10)
        self.child = None

    def kill(self):
        self.stop(signal.SIGKILL)

    __enter__ = start

    def __exit__(self, *_):
        self.stop()


class Prefect(Server):
    """A Prefect server with a database of its own. `api` is PREFECT_API_URL; `call` its REST interface; `cli` its own command."""

    name = "prefect"
    program = PREFECT

    def __init__(self, folder, auth=None):
        super().__init__(folder)
        self.auth = auth
        self.api = f"http://127.0.0.1:{self.port}/api"

    def argv(self):
        return [self.program, "server", "start", "--host", "127.0.0.1", "--port", self.port, "--no-ui"]

    def env(self):
        home = self.folder / "home"
        own = {
            "PREFECT_HOME": str(home),
            "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home}/prefect.db",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_UI_ENABLED": "false",
            "PREFECT_SERVER_MEMO_STORE_PATH": str(home / "memo.toml"),
            "PREFECT_LOGGING_SERVER_LEVEL": "WARNING",
            "PREFECT_CLI_COLORS": "false",
            "PREFECT_CLI_PROMPT": "false",
            "DO_NOT_TRACK": "1",
        }
        if self.auth:
            own["PREFECT_SERVER_API_AUTH_STRING"] = self.auth
        return own

    def client_env(self):
        """What a client of this server needs in its environment."""
        own = {**self.env(), "PREFECT_API_URL": self.api}
        if self.auth:
            own["PREFECT_API_AUTH_STRING"] = self.auth
        return own

    def ready(self):
        return answers(f"{self.api}/health")

    def start(self):
        database = self.folder / "home/prefect.db"
        database.parent.mkdir(parents=True, exist_ok=True)
        made = PREFECT_TEMPLATE.exists() or database.exists()
        if not database.exists() and made:
            database.write_bytes(PREFECT_TEMPLATE.read_bytes())
        super().start()
        if not made:
            new = PREFECT_TEMPLATE.with_name(f"prefect.db.{os.getpid()}")
            with contextlib.closing(sqlite3.connect(database)) as live, contextlib.closing(sqlite3.connect(new)) as copy:
                live.backup(copy)
            new.rename(PREFECT_TEMPLATE)
        return self

    __enter__ = start

    def call(self, method, path, body=None):
        """One request of the REST interface, answered with its JSON (None if there is none); raises HTTPError."""
        request = urllib.request.Request(self.api + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        if self.auth:
            request.add_header("Authorization", "Basic " + base64.b64encode(self.auth.encode()).decode())
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def cli(self, *args, timeout=90, **options):
        """Prefect's own command line, against this server."""
        return subprocess.run([str(PREFECT), *map(str, args)], env={**os.environ, **self.client_env()}, cwd=self.folder,
                              capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL, **options)


class S3(Server):
    """versitygw over a folder: strict signatures, checksums, conditional writes, versions, object lock."""

    name = "versitygw"
    program = VERSITYGW
    access_key, secret_key, region = "hotpass-test", "hotpass-test-secret", "us-east-1"

    def __init__(self, folder):
        super().__init__(folder)
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.data = self.folder / "data"  # data/<bucket>/<key> are plain files

    def argv(self):
        for name in ("data", "meta", "versions"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        return [self.program, "--access", self.access_key, "--secret", self.secret_key, "--region", self.region,
                "--port", f"127.0.0.1:{self.port}", "--health", "/health", "--quiet",
                "posix", "--sidecar", self.folder / "meta", "--versioning-dir", self.folder / "versions", self.data]

    def ready(self):
        return answers(f"{self.endpoint}/health")

    def client_env(self):
        return {"AWS_ENDPOINT_URL": self.endpoint, "AWS_ACCESS_KEY_ID": self.access_key, "AWS_SECRET_ACCESS_KEY": self.secret_key,
                "AWS_REGION": self.region, "AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}


class Collector(Server):
    """The OpenTelemetry collector; what it took in comes back decoded, one export request each: `requests("traces")`."""

    name = "otelcol"
    program = OTELCOL

    def __init__(self, folder):
        super().__init__(folder)
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.taken = {"traces": [], "metrics": [], "logs": []}
        taken = self.taken

        class Sink(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                taken[self.path.rsplit("/", 1)[-1]].append(json.loads(body))
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")

            def log_message(self, *_):
                pass

        self.sink = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
        threading.Thread(target=self.sink.serve_forever, daemon=True).start()

    def argv(self):
        # No queue: when the sender has its 200, the request is in `taken`.
        pipeline = "{receivers: [otlp], exporters: [otlphttp]}"
        (self.folder / "otelcol.yaml").write_text(f"""\
receivers: {{otlp: {{protocols: {{http: {{endpoint: "127.0.0.1:{self.port}"}}}}}}}}
exporters:
  otlphttp:
    endpoint: http://127.0.0.1:{self.sink.server_address[1]}
    encoding: json
    compression: none
    sending_queue: {{enabled: false}}
service:
  telemetry: {{metrics: {{level: none}}}}
  pipelines: {{traces: {pipeline}, metrics: {pipeline}, logs: {pipeline}}}
""")
        return [self.program, "--config", f"file:{self.folder}/otelcol.yaml"]

    def requests(self, kind):
        return list(self.taken[kind])

    def clear(self):
        for requests in self.taken.values():
            requests.clear()

    def stop(self, with_signal=signal.SIGTERM):
        super().stop(with_signal)
        self.sink.shutdown()
        self.sink.server_close()


@pytest.fixture(scope="session")
def prefect_server(tmp_path_factory):
    """A Prefect server shared by all tests: use names of your own."""
    with Prefect(tmp_path_factory.mktemp("prefect")) as server:
        yield server


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory):
    """An S3 store shared by all tests: use buckets of your own."""
    with S3(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def otel_collector_shared(tmp_path_factory):
    with Collector(tmp_path_factory.mktemp("otelcol")) as server:
        yield server


@pytest.fixture
def otel_collector(otel_collector_shared):
    """An OpenTelemetry collector that has taken nothing yet."""
    otel_collector_shared.clear()
    return otel_collector_shared
