"""hotpass ctx: profiles of the real prefect program, set up, recorded, changed; contexts of Kubernetes as the aws program would be asked for."""
import json
import os
import subprocess

import pytest

from services import PREFECT

OK, USAGE, NOINPUT, UNAVAILABLE, CONFIG = 0, 2, 66, 69, 78


@pytest.fixture
def place(tmp_path):
    (tmp_path / "prefect").mkdir()
    return tmp_path


@pytest.fixture
def env(place):
    quiet = {name: None for name in os.environ if name.startswith(("HOTPASS_", "PREFECT_", "AWS_")) and name != "HOTPASS_BIN"}
    return {**quiet, "XDG_CONFIG_HOME": place / "home", "PREFECT_HOME": place / "prefect", "DO_NOT_TRACK": "1",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PATH": f"{PREFECT.parent}:/usr/bin:/bin"}


@pytest.fixture
def run(hotpass, place, env):
    def call(*args, code=OK, **more):
        result = hotpass("ctx", *args, cwd=place, env={**env, **more})
        assert result.returncode == code, result.stdout + result.stderr
        return result
    return call


def prefect(env, *args):
    """What prefect itself says."""
    real = {name: str(value) for name, value in {**os.environ, **env}.items() if value is not None}
    return subprocess.run([PREFECT, *args], env=real, capture_output=True, text=True, timeout=180, stdin=subprocess.DEVNULL)


def recorded(place):
    return json.loads((place / ".hotpass/contexts.json").read_text())["entries"]


def tunnel(place, pid, port=14200):
    """A tunnel as net.json records it."""
    (place / ".hotpass").mkdir(exist_ok=True)
    try:
        start = int(open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()[19])
    except OSError:
        start = 1
    boot = open("/proc/sys/kernel/random/boot_id").read().strip()
    (place / ".hotpass/net.json").write_text(json.dumps({"sessions": [
        {"label": "t", "via": "ssh-bastion", "pid": pid, "process_start": start, "boot_id": boot, "metadata": {"prefect": {"local_port": port}}}]}))


def test_a_profile_is_made_brought_up_to_date_and_changed(run, place, env):
    tunnel(place, os.getpid())
    run("init")
    assert "PREFECT_API_URL='http://127.0.0.1:14200/api'" in prefect(env, "profile", "inspect", "hotpass-staging").stdout
    first = recorded(place)
    assert first[0]["prefect"] == {"profile": "hotpass-staging", "api_url": "http://127.0.0.1:14200/api", "namespace": None}
    run("init", "--prefect-profile", "hotpass-local", "--no-use-net", "--namespace", "hotpass")
    run("init", "--prefect-url", "http://127.0.0.1:9/api")  # again: no second entry, and no "already exists"
    assert "PREFECT_API_URL='http://127.0.0.1:9/api'" in prefect(env, "profile", "inspect", "hotpass-staging").stdout
    assert [e["prefect"]["profile"] for e in recorded(place)] == ["hotpass-local", "hotpass-staging"]
    assert recorded(place)[0]["prefect"]["api_url"] == "http://127.0.0.1:4200/api"
    listed = json.loads(run("list", "--json").stdout)["contexts"]
    assert [(c["name"], c["holds"]) for c in listed] == [("hotpass-local", False), ("hotpass-staging", True)]
    assert "Prefect does not answer at http://127.0.0.1:4200/api" in json.loads(run("use", "hotpass-local", "--json").stdout)["note"]
    assert "* hotpass-local" in prefect(env, "profile", "ls").stdout.replace("│", "").replace("  ", " ")
    assert run("list").stdout.splitlines()[-1].startswith("*\thotpass-local\t")
    assert 'did you mean "hotpass-local"' in run("use", "hotpass-locla", code=NOINPUT).stderr


def test_a_dry_run_says_what_would_be_run(run, place):
    said = json.loads(run("init", "--eks-cluster", "blue", "--kube-context", "b", "--kubeconfig", "k 1", "--namespace", "hotpass", "--aws-profile", "ops",
                          "--region", "eu-west-1", "--dry-run", "--json").stdout)
    assert said["done"] is False and said["commands"] == [
        "prefect profile create hotpass-staging",
        "prefect -p hotpass-staging config set PREFECT_API_URL=http://127.0.0.1:4200/api",
        "aws --profile ops --region eu-west-1 eks update-kubeconfig --name blue --alias b --kubeconfig 'k 1'"]
    assert run("init", "--no-prefect", "--eks-cluster", "blue", "--dry-run").stdout.splitlines()[0] == "aws eks update-kubeconfig --name blue --alias blue"
    assert not (place / ".hotpass").exists()
    run("init", "--no-prefect", code=USAGE)
    for name in ("prefect-profile", "eks-cluster", "aws-profile", "namespace", "kubeconfig"):
        run("init", f"--{name}=-oops", "--dry-run", code=USAGE)


def test_what_is_missing_or_fails(run, place):
    assert "prefect is not on PATH" in run("init", code=NOINPUT, PATH="/nowhere").stderr
    assert not (place / ".hotpass/contexts.json").exists()
    (place / ".hotpass").mkdir()
    (place / ".hotpass/contexts.json").write_text("[]")
    run("list", code=CONFIG)


def test_contexts_of_the_program_before(run, hotpass, place, env):
    """Its file is read; env takes profile and namespace from the last one."""
    (place / ".hotpass").mkdir()
    (place / ".hotpass/contexts.json").write_text(json.dumps({"entries": [
        {"prefect": {"profile": "old", "api_url": "http://127.0.0.1:1/api"}, "recorded_at": "2025-01-01T00:00:00+00:00"},
        {"prefect": {"profile": "staging", "api_url": "http://127.0.0.1:2/api", "namespace": "n1"},
         "kubernetes": {"cluster": "blue", "context": "blue", "kubeconfig": None, "namespace": None}, "recorded_at": "2025-01-02T00:00:00+00:00"}]}))
    assert [c["name"] for c in json.loads(run("list", "--json").stdout)["contexts"]] == ["old", "staging"]
    assert hotpass("env", cwd=place, env=env).returncode == OK
    text = (place / ".env.staging").read_text()
    assert "HOTPASS_PREFECT_PROFILE=staging\n" in text and "HOTPASS_KUBE_NAMESPACE=n1\n" in text

