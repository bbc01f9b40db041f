"""The servers that other tests talk to are the real ones, and what they keep can be read back."""
import json
import subprocess
import urllib.request


def test_prefect_answers_over_rest_and_its_own_command(prefect_server):
    assert prefect_server.call("GET", "/admin/version") == "3.8.8"
    prefect_server.call("POST", "/flows/", {"name": "svc"})
    listed = prefect_server.cli("flow", "ls")  # a table that cuts long names
    assert listed.returncode == 0 and " svc " in listed.stdout, listed


def test_versitygw_wants_a_signature(s3_server):
    unsigned = subprocess.run(["curl", "-s", s3_server.endpoint + "/"], capture_output=True, text=True, timeout=30)
    assert "<Code>AccessDenied" in unsigned.stdout


def test_collector_gives_back_what_it_took(otel_collector):
    record = {"resourceLogs": [{"scopeLogs": [{"logRecords": [{"body": {"stringValue": "services-test"}}]}]}]}
    request = urllib.request.Request(otel_collector.endpoint + "/v1/logs", data=json.dumps(record).encode(),
                                     headers={"Content-Type": "application/json"})
    assert urllib.request.urlopen(request, timeout=10).status == 200
    assert "services-test" in json.dumps(otel_collector.requests("logs"))
