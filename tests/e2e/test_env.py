"""hotpass env: where the services are, for other programs; secrets only in the file, and only when asked for."""
import json
import os
import re
import subprocess

import pytest

OK, USAGE, CANTCREAT, NOPERM = 0, 2, 73, 77
CANARY = "canary 'b' $x"


@pytest.fixture
def run(hotpass, tmp_path):
    quiet = {name: None for name in os.environ if re.match("HOTPASS_(?!BIN)|PREFECT_|AWS_|OPENLINEAGE_|S3_|MARQUEZ_", name)}

    def call(*args, **options):
        result = hotpass(*args, cwd=tmp_path, env={**quiet, "XDG_CONFIG_HOME": tmp_path / "home"}, **options)
        assert "canary" not in result.stdout + result.stderr
        return result
    return call


def alive():
    """This process, as net.json records one."""
    start = int(open(f"/proc/{os.getpid()}/stat").read().rpartition(")")[2].split()[19])
    return {"pid": os.getpid(), "process_start": start, "boot_id": open("/proc/sys/kernel/random/boot_id").read().strip()}


def lines(result):
    return {line["name"]: (line["value"], line["from"]) for line in json.loads(result.stdout)["lines"]}


def test_built_in(run, tmp_path):
    assert run("env").returncode == OK
    assert (tmp_path / ".env.staging").read_text() == (
        "PREFECT_API_URL=http://127.0.0.1:4200/api\nOPENLINEAGE_URL=http://127.0.0.1:5000\nHOTPASS_ENVIRONMENT=staging\n"
        "FEATURE_ENABLE_REMOTE_RESEARCH=0\nALLOW_NETWORK_RESEARCH=0\n")
    assert (tmp_path / ".env.staging").stat().st_mode & 0o777 == 0o600


def test_configuration_before_tunnel_before_built_in(run, tmp_path):
    (tmp_path / ".hotpass").mkdir()
    gone = subprocess.Popen(["true"])
    gone.wait()
    ports = lambda p, m: {"prefect": {"local_port": p}, "marquez": {"local_port": m}}
    (tmp_path / ".hotpass/net.json").write_text(json.dumps({"sessions": [
        {"label": "old", **alive(), "metadata": ports(1, 2)}, {"label": "live", **alive(), "metadata": ports(4201, 5001)},
        {"label": "dead", "pid": gone.pid, "metadata": ports(4202, 5002)},
        {"label": "a bare number", "pid": os.getpid(), "metadata": ports(4203, 5003)}]}))
    found = lines(run("env", "--dry-run", "--json"))
    assert found["PREFECT_API_URL"] == ("http://127.0.0.1:4201/api", "tunnel live")
    assert found["OPENLINEAGE_URL"] == ("http://127.0.0.1:5001", "tunnel live")
    (tmp_path / "hotpass.yaml").write_text("lineage: {url: 'http://marquez.example:5000/api/v1/'}\nstorage: {bucket: evidence}\n")
    found = lines(run("env", "--dry-run", "--json", "--allow-network"))
    assert found["OPENLINEAGE_URL"] == ("http://marquez.example:5000", "hotpass.yaml:1:16")
    assert found["HOTPASS_BUCKET"][0] == "evidence" and found["ALLOW_NETWORK_RESEARCH"][0] == "1"
    assert not (tmp_path / ".env.staging").exists()


def test_secrets(run, tmp_path):
    assert run("credentials", "set", "prefect.api_key", input=CANARY).returncode == OK
    assert run("env", "--target", "prod").returncode == OK
    assert "canary" not in (tmp_path / ".env.prod").read_text()
    assert run("env", "--target", "prod", "--include-credentials").returncode == CANTCREAT
    found = lines(run("env", "--target", "prod", "--include-credentials", "--force", "--json"))
    assert found["PREFECT_API_KEY"] == (None, "credentials")
    assert (tmp_path / ".env.prod").stat().st_mode & 0o777 == 0o600
    told = subprocess.run(["sh", "-c", '. ./.env.prod; printf %s "$PREFECT_API_KEY"'], cwd=tmp_path, capture_output=True, text=True)
    assert told.stdout == CANARY
    assert "(secret)" in run("env", "--target", "prod", "--include-credentials", "--dry-run").stdout


def test_a_user_and_password_has_its_own_variable(run, tmp_path):
    assert run("credentials", "set", "prefect.api_key", input="canary:secret").returncode == OK
    for more in ["--dry-run"], []:
        found = lines(run("env", "--include-credentials", "--json", *more))
        assert "PREFECT_API_AUTH_STRING" in found and "PREFECT_API_KEY" not in found
    assert "\nPREFECT_API_AUTH_STRING=canary:secret\n" in (tmp_path / ".env.staging").read_text()


def test_a_record_that_others_may_write_is_not_believed(run, tmp_path):
    (tmp_path / ".hotpass").mkdir()
    record = tmp_path / ".hotpass/net.json"
    record.write_text(json.dumps({"sessions": [{"label": "t", **alive(), "metadata": {"prefect": {"local_port": 4201}}}]}))
    assert "tunnel t" in lines(run("env", "--dry-run", "--json"))["PREFECT_API_URL"]
    record.chmod(0o666)
    result = run("env", "--dry-run")
    assert result.returncode == NOPERM and "others may write it" in result.stderr


def test_a_path_is_no_target(run):
    assert run("env", "--target", "../x").returncode == USAGE
