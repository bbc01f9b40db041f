"""Prefect: our commands against a real server, and against what Prefect's own program says of it."""
import json

import pytest



def make_deployment(server, name, **more):
    """Registers a deployment by the REST interface alone, as anybody might; returns its id."""
    flow = server.call("POST", "/flows/", {"name": "flow-of-" + name})
    body = {"name": name, "flow_id": flow["id"], "parameters": {"ratio": 1.50, "none": None, "text": "é \" \\"}, "tags": ["a", "b"],
            "schedules": [{"active": True, "schedule": {"cron": "0 6 * * *", "timezone": "Africa/Johannesburg"}}],
            "job_variables": {"env": {"A": "1"}}, "concurrency_limit": 2, **more}
    return server.call("POST", "/deployments/", body)["id"]


def prefect_cli(server, *args):
    return json.loads(server.cli(*args, "--output", "json").stdout)


@pytest.fixture
def at(hotpass, prefect_server, tmp_path):
    """Runs hotpass in an empty directory, told where the server is by the environment."""
    def run(*args, env=None, **more):
        return hotpass(*args, cwd=tmp_path, env={"PREFECT_API_URL": prefect_server.api, "HOME": str(tmp_path), **(env or {})}, **more)
    return run


def test_inspect_gives_the_facts_of_prefects_own_program(at, prefect_server):
    make_deployment(prefect_server, "inspected")
    ours = json.loads(at("prefect", "inspect", "inspected", "--json").stdout)
    theirs = prefect_cli(prefect_server, "deployment", "inspect", "flow-of-inspected/inspected")
    assert ours["deployment"] == theirs
    assert ours["concurrency_limit"] == theirs["global_concurrency_limit"]["limit"] == 2
    assert theirs["concurrency_limit"] is None  # the trap: the member of that name is always null
