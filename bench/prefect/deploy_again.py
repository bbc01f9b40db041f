#!/usr/bin/env python3
"""Deploys the same manifests many times to a real Prefect server: what changes after the first time?

    bench/prefect/deploy_again.py HOTPASS [REPETITIONS]

Every repetition has to say that nothing was changed; at the end the deployments are, byte for byte as the server gives them, what they were
after the first one ("updated" included), and no flow, deployment or limit was made twice.
"""
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/e2e"))
from services import Prefect  # noqa: E402

FLOWS = [f"hotpass-{name}" for name in ("refine", "enrich", "backfill")]


def state(server):
    """All that the server has of ours, and how many of each there are."""
    return {
        "deployments": [server.call("GET", f"/deployments/name/{name}/{name}") for name in FLOWS],
        "counts": [len(server.call("POST", f"/{what}/filter", {})) for what in ("flows", "deployments", "work_pools", "v2/concurrency_limits")],
    }


def deploy(hotpass, server):
    begin = time.monotonic()
    child = subprocess.run([hotpass, "deploy", "--json", "--prefect-url", server.api], cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(child.stdout)["changes"], time.monotonic() - begin


def main(hotpass, times=1000):
    with tempfile.TemporaryDirectory() as folder, Prefect(folder) as server:
        first, _ = deploy(hotpass, server)
        before = state(server)
        took, changed = [], 0
        for _ in range(times):
            changes, seconds = deploy(hotpass, server)
            changed += changes != 0
            took.append(seconds)
        after = state(server)
    print(f"first: {first} changes; {times} repetitions: {changed} changed anything; state the same: {before == after}; "
          f"median {statistics.median(took) * 1000:.0f} ms, slowest {max(took) * 1000:.0f} ms; load {os.getloadavg()[0]:.0f}")
    return 0 if changed == 0 and before == after else 1


if __name__ == "__main__":
    sys.exit(main(str(Path(sys.argv[1]).resolve()), *map(int, sys.argv[2:])))
