"""Telemetry against a real OpenTelemetry collector: what it took is what the run was, and no receiver can harm a run."""
import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import threading
import time

import openpyxl
import pytest

import web
from bastion import free_port
from test_refine_checks import Case, in_set

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.fixture
def refine(hotpass, demo, repo, tmp_path):
    """refine(folder, env, *options) -> CompletedProcess, on the demo, its outputs in tmp_path/folder."""
    def run(folder="out", env=None, *options, code=0, inputs=demo):
        (tmp_path / folder).mkdir(exist_ok=True)
        result = hotpass("refine", "--profile-search-path", repo / "profiles", "--profile", "aviation", "--input-dir", inputs,
                         "--output-path", "refined.xlsx", *options, cwd=tmp_path / folder, env=env)
        assert result.returncode == code, result.stderr
        return result
    return run


@pytest.fixture
def to(otel_collector):
    return {"OTEL_EXPORTER_OTLP_ENDPOINT": otel_collector.endpoint}


# ---- reading what the collector took ---------------------------------------------------------------------

def plain(value):
    kind, content = next(iter(value.items()))
    return int(content) if kind == "intValue" else content


def attributes(item):
    return {a["key"]: plain(a["value"]) for a in item.get("attributes", [])}


def items(collector, kind):
    """The spans, metrics or log records that came, each with the attributes of its resource."""
    scope, name = {"traces": ("scopeSpans", "spans"), "metrics": ("scopeMetrics", "metrics"), "logs": ("scopeLogs", "logRecords")}[kind]
    return [(attributes(resource["resource"]), item)
            for request in collector.requests(kind)
            for resource in next(iter(request.values()))
            for part in resource[scope] for item in part[name]]


def spans(collector):
    """The root and the stages by name."""
    found = [item for _, item in items(collector, "traces")]
    roots = [s for s in found if s["name"].startswith("hotpass ")]
    assert len(roots) == 1, found
    return roots[0], {s["name"]: s for s in found if s is not roots[0]}


def points(collector):
    """{(metric, label values in the order of their keys): number}; of histograms the sum."""
    out = {}
    for _, m in items(collector, "metrics"):
        data = m.get("sum") or m.get("gauge") or m.get("histogram")
        for p in data["dataPoints"]:
            labels = tuple(v for _, v in sorted(attributes(p).items()))
            out[(m["name"], *labels)] = int(p["asInt"]) if "asInt" in p else p.get("asDouble", p.get("sum"))
    return out


def stage_names(repo):
    rows = re.findall(r'^HP_SPAN\("([^"]+)", "([^"]+)"', (repo / "src/ops/telemetry/spans.def").read_text(), re.M)
    return dict(rows)


def digests(folder):
    """What was written, but for run.json and the store, which hold times."""
    run = json.loads((folder / "run.json").read_text())
    return {o["path"]: o["sha256"] for o in run["outputs"]}, run


# ---- what is told ----------------------------------------------------------------------------------------

def test_a_run_is_a_trace_of_its_stages_with_the_counts_of_run_json(refine, to, otel_collector, tmp_path, repo):
    refine("out", to)
    run = json.loads((tmp_path / "out/run.json").read_text())
    root, stages = spans(otel_collector)
    told = attributes(root)
    for key in ("rows_in", "rows_out", "merged", "quarantined", "contacts"):
        assert told[f"hotpass.{key}"] == run["counts"][key], key
    assert told["hotpass.findings"] == sum(f["count"] for f in run["findings"])
    assert told["hotpass.profile"] == "aviation" and told["hotpass.exit_code"] == 0
    assert "parentSpanId" not in root or root["parentSpanId"] == ""
    names = stage_names(repo)
    assert len(run["stages"]) >= 10 and set(stages) == {names[s["stage"]] for s in run["stages"]}
    for stage in run["stages"]:
        span = stages[names[stage["stage"]]]
        got = attributes(span)
        assert got["hotpass.pipeline.stage"] == stage["stage"] and got["hotpass.pipeline.items"] == stage["items"]
        assert got["hotpass.pipeline.duration_seconds"] == pytest.approx(stage["seconds"], abs=1e-5)
        assert span["traceId"] == root["traceId"] and span["parentSpanId"] == root["spanId"]
        begun, ended = int(span["startTimeUnixNano"]), int(span["endTimeUnixNano"])
        assert int(root["startTimeUnixNano"]) <= begun <= ended <= int(root["endTimeUnixNano"])
        assert (ended - begun) / 1e9 >= stage["seconds"] - 1e-5
    assert abs(int(root["endTimeUnixNano"]) / 1e9 - time.time()) < 300


def test_metrics_are_those_of_run_json(refine, to, otel_collector, tmp_path):
    refine("out", to)
    run = json.loads((tmp_path / "out/run.json").read_text())
    counts, got = run["counts"], points(otel_collector)
    assert got[("hotpass.records.processed", "base_pipeline")] == counts["rows_in"]
    outcomes = {key[1]: n for key, n in got.items() if key[0] == "hotpass.records.outcome"}
    assert outcomes == {"out": counts["rows_out"], "merged": counts["merged"], "quarantined": counts["quarantined"]}
    assert {key[1:]: n for key, n in got.items() if key[0] == "hotpass.findings"} \
        == {(f["rule"], f["severity"]): f["count"] for f in run["findings"]}
    unmet = {}
    for check in run["checks"]:
        if not check["success"]:
            key = (check["expectation"], check["stage"])
            unmet[key] = unmet.get(key, 0) + max(check["unexpected"], 1)
    assert unmet and {key[1:]: n for key, n in got.items() if key[0] == "hotpass.validation.failures"} == unmet
    assert got[("hotpass.data.quality_score",)] == pytest.approx(run["quality_mean"], abs=1e-6)
    seconds = {s["stage"]: s["seconds"] for s in run["stages"]}
    for metric, stages in {"load": ["read"], "aggregation": ["clean", "comply", "attach", "resolve", "merge"],
                           "validation": ["check-sources", "check"], "write": ["write"]}.items():
        key = next(k for k in got if k[0] == f"hotpass.{metric}.duration")
        assert got[key] == pytest.approx(sum(seconds.get(s, 0) for s in stages), abs=1e-4)


def test_logs_carry_the_trace(refine, to, otel_collector, tmp_path):
    refine("out", to)
    run = json.loads((tmp_path / "out/run.json").read_text())
    root, _ = spans(otel_collector)
    logs = [item for _, item in items(otel_collector, "logs")]
    assert logs and all(r["traceId"] == root["traceId"] and r["spanId"] == root["spanId"] for r in logs)
    found = {attributes(r)["rule"]: int(attributes(r)["count"]) for r in logs if r["eventName"] == "finding"}
    assert found == {f["rule"]: f["count"] for f in run["findings"]}
    assert [r["severityText"] for r in logs if r["eventName"] == "run.end"] == ["INFO"]
    assert len([r for r in logs if r["eventName"] == "check.failed"]) == len([c for c in run["checks"] if not c["success"]])


def test_no_value_of_a_person_and_no_path_is_told(refine, to, otel_collector, tmp_path):
    refine("out", to)
    everything = json.dumps([otel_collector.requests(kind) for kind in ("traces", "metrics", "logs")])
    sheet = openpyxl.load_workbook(tmp_path / "out/refined.xlsx", read_only=True)["Contacts"]
    rows = list(sheet.iter_rows(values_only=True))
    columns = [i for i, name in enumerate(rows[0]) if name and ("email" in name or "phone" in name or "name" in name)]
    values = {str(row[i]) for row in rows[1:] for i in columns if row[i] and len(str(row[i])) > 6}
    assert len(values) > 100
    assert not [v for v in values if v in everything]
    assert str(tmp_path) not in everything and os.path.expanduser("~/") not in everything


def test_the_resource_says_who_and_where(refine, otel_collector, to, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/hotpass.yaml").write_text("environment: staging\ngovernance:\n  data_owner: Data Governance\n  classification: pii\n")
    refine("out", {**to, "OTEL_SERVICE_NAME": "nightly-lists", "OTEL_RESOURCE_ATTRIBUTES": "team=data%20care,service.name=ignored"})
    for kind in ("traces", "metrics", "logs"):
        resource, _ = items(otel_collector, kind)[0]
        assert resource["service.name"] == "nightly-lists" and resource["team"] == "data care"
        assert resource["deployment.environment"] == "staging" and resource["governance_classification"] == "pii"
        assert resource["data_owner"] == "Data Governance" and resource["service.instance.id"]


def test_hotpass_yaml_switches_it_on_too(refine, otel_collector, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out/hotpass.yaml").write_text(f"telemetry:\n  otlp_endpoint: {otel_collector.endpoint}\n  service_name: from-file\n")
    refine("out")
    assert items(otel_collector, "traces")[0][0]["service.name"] == "from-file"
    otel_collector.clear()
    (tmp_path / "out/hotpass.yaml").write_text(f"telemetry:\n  enabled: false\n  otlp_endpoint: {otel_collector.endpoint}\n")
    refine("out")
    assert not items(otel_collector, "traces")


@pytest.mark.parametrize("off", [{}, {"OTEL_SDK_DISABLED": "true"},
                                 {"OTEL_TRACES_EXPORTER": "none", "OTEL_METRICS_EXPORTER": "none", "OTEL_LOGS_EXPORTER": "none"}])
def test_it_is_off_unless_somebody_wants_it(refine, otel_collector, to, off):
    result = refine("out", {**to, **off} if off else {})
    assert not any(otel_collector.requests(kind) for kind in ("traces", "metrics", "logs"))
    assert "telemetry" not in result.stderr


def test_signals_are_switched_off_one_by_one(refine, otel_collector, to):
    refine("out", {**to, "OTEL_METRICS_EXPORTER": "none", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT": f"{otel_collector.endpoint}/v1/logs"})
    assert items(otel_collector, "traces") and items(otel_collector, "logs") and not items(otel_collector, "metrics")


# ---- the trace goes through ------------------------------------------------------------------------------

def test_the_trace_of_whoever_started_us_is_continued(refine, otel_collector, to):
    refine("out", {**to, "TRACEPARENT": f"00-{TRACE}-{SPAN}-01", "TRACESTATE": "congo=t61rcWkgMzE"})
    root, stages = spans(otel_collector)
    assert root["traceId"] == TRACE and root["parentSpanId"] == SPAN and root["traceState"] == "congo=t61rcWkgMzE"
    assert {s["traceId"] for s in stages.values()} == {TRACE}


def test_a_trace_that_is_not_sampled_sends_metrics_only(refine, otel_collector, to):
    refine("out", {**to, "TRACEPARENT": f"00-{TRACE}-{SPAN}-00"})
    assert not items(otel_collector, "traces") and items(otel_collector, "metrics")


def test_children_get_the_trace(hotpass, otel_collector, to, tmp_path, repo, demo):
    """orchestrate runs refine as a child: its trace is part of the one around it."""
    result = hotpass("orchestrate", "--profile-search-path", repo / "profiles", "--profile", "aviation", "--input-dir", demo,
                     "--output-path", tmp_path / "o.xlsx", cwd=tmp_path, env={**to, "TRACEPARENT": f"00-{TRACE}-{SPAN}-01"})
    assert result.returncode in (0, 1), result.stderr
    roots = {s["name"]: s for _, s in items(otel_collector, "traces") if s["name"].startswith("hotpass ")}
    assert set(roots) == {"hotpass orchestrate", "hotpass refine"} and {s["traceId"] for s in roots.values()} == {TRACE}
    assert roots["hotpass orchestrate"]["parentSpanId"] == SPAN
    assert roots["hotpass refine"]["parentSpanId"] == roots["hotpass orchestrate"]["spanId"]


# ---- runs that fail, and other commands ------------------------------------------------------------------

def test_a_run_that_fails_names_the_stage(refine, otel_collector, to, tmp_path, demo):
    broken = tmp_path / "broken"
    shutil.copytree(demo, broken)
    book = next(broken.glob("*.xlsx"))
    book.write_bytes(book.read_bytes()[:3000])
    refine("out", to, code=65, inputs=broken)
    root, stages = spans(otel_collector)
    told = attributes(root)
    assert told["hotpass.exit_code"] == 65 and told["error.type"] == "input malformed" and told["hotpass.failing_stage"] == "read"
    assert root["status"]["code"] == 2 and stages["pipeline.ingest"]["status"]["code"] == 2
    assert stages["pipeline.plan"].get("status", {}).get("code", 0) == 0 and "pipeline.canonicalise" not in stages
    end = [r for _, r in items(otel_collector, "logs") if r["eventName"] == "run.end"]
    assert len(end) == 1 and end[0]["severityText"] == "ERROR" and book.name in end[0]["body"]["stringValue"]


def test_enrich_tells_its_providers(hotpass, otel_collector, to, tmp_path, repo):
    (tmp_path / "in.csv").write_text("organization_name,website,contact_primary_email\nBlue Ridge,,jo@blueridge.example\n")
    result = hotpass("enrich", "--profile-search-path", repo / "profiles", "--input", "in.csv", "--output", "out.csv", cwd=tmp_path, env=to)
    assert result.returncode == 0, result.stderr
    root, stages = spans(otel_collector)
    assert root["name"] == "hotpass enrich" and set(stages) == {"pipeline.ingest", "pipeline.enrich", "pipeline.publish"}
    got = points(otel_collector)
    assert got[("hotpass.records.processed", "enhanced_pipeline")] == 1
    assert [key for key in got if key[0] == "hotpass.enrichment.records"]
    assert "blueridge" not in json.dumps(otel_collector.requests("traces") + otel_collector.requests("metrics"))


def test_a_run_that_a_check_stops_names_the_check(hotpass, otel_collector, to, tmp_path):
    case = Case(hotpass, tmp_path)
    case.suite("raw", in_set("critical"))
    case.profile(sheet="suite: suites/raw.json\nseverity: {critical: fail}")
    result = case(env=to)
    assert result.returncode == 1, result.stderr
    root, stages = spans(otel_collector)
    told = attributes(root)
    assert told["hotpass.failing_stage"] == "check-sources" and told["hotpass.exit_code"] == 1 and root["status"]["code"] == 2
    assert stages["pipeline.validate_sources"]["status"]["code"] == 2
    failed = [attributes(r) for _, r in items(otel_collector, "logs") if r["eventName"] == "check.failed"]
    assert failed == [{"stage": "check-sources", "suite": "raw", "rule": "expect_column_values_to_be_in_set", "evaluated": "7", "unexpected": "2"}]
    assert points(otel_collector)[("hotpass.validation.failures", "expect_column_values_to_be_in_set", "check-sources")] == 2


def test_crawl_tells_pages_and_cache(hotpass, otel_collector, to, tmp_path):
    server = web.Web()
    server.pages["/"] = web.Reply("<title>Blue Ridge</title><a href='/contact'>Contact</a>")
    server.pages["/contact"] = web.Reply("<p>Call</p>")
    (tmp_path / "p.yaml").write_text("name: p\nenrich:\n  allow_network: true\n  network:\n    allow_private_hosts: [127.0.0.1]\n"
                                     "    min_interval_seconds: 0\n")
    env = {**to, "FEATURE_ENABLE_REMOTE_RESEARCH": "1", "ALLOW_NETWORK_RESEARCH": "true"}
    argv = ["crawl", f"http://127.0.0.1:{server.port}/", "--profile", "./p.yaml", "--allow-network"]
    assert hotpass(*argv, cwd=tmp_path, env=env).returncode == 0
    first = points(otel_collector)
    otel_collector.clear()
    assert hotpass(*argv, cwd=tmp_path, env=env).returncode == 0
    server.stop()
    again = points(otel_collector)
    assert first[("hotpass.research.cache.misses",)] == again[("hotpass.research.cache.hits",)] == 2
    assert ("hotpass.research.cache.hits",) not in first and ("hotpass.research.cache.misses",) not in again
    assert first[("hotpass.research.crawl.duration",)] > 0


# ---- a receiver can do no harm ---------------------------------------------------------------------------

class Slow(threading.Thread):
    """Takes connections and says nothing."""

    def __init__(self):
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        self.taken = []

    def run(self):
        while True:
            try:
                self.taken.append(self.socket.accept()[0])
            except OSError:
                return


class Answers(http.server.BaseHTTPRequestHandler):
    """Answers with a status of its server's, and keeps headers."""

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.headers.append(dict(self.headers))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *args):
        pass


@pytest.fixture
def answering():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.headers, server.status = [], 200
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("receiver", ["down", "slow", "no such host", "500", "404"])
def test_a_receiver_that_is_not_well_changes_nothing_but_a_warning(refine, tmp_path, answering, receiver):
    epoch = {"SOURCE_DATE_EPOCH": "1700000000"}
    slow = Slow()
    slow.start()
    url = {"down": f"http://127.0.0.1:{free_port()}", "slow": slow.url, "no such host": "http://nosuch.invalid:4318"}.get(receiver, answering.url)
    answering.status = int(receiver) if receiver.isdigit() else 200
    quiet = refine("without", epoch)
    result = refine("with", {**epoch, "OTEL_EXPORTER_OTLP_ENDPOINT": url})
    slow.socket.close()
    said = [re.sub(r"[0-9.]+ s\b", "? s", r.stdout) for r in (quiet, result)]
    assert said[0] == said[1]
    lines = [line for line in result.stderr.splitlines() if line not in quiet.stderr.splitlines()]
    assert len(lines) == 1 and lines[0].startswith("hotpass: warning: telemetry was not sent: "), result.stderr
    for name in ("refined.xlsx", "run.json"):
        assert (tmp_path / "with" / name).read_bytes() == (tmp_path / "without" / name).read_bytes(), name
    if receiver == "slow":
        assert slow.taken


def test_outputs_are_complete_before_anything_is_sent(hotpass, repo, demo, tmp_path):
    """While the receiver keeps us waiting, the workbook and run.json are there, and the summary has been printed."""
    slow = Slow()
    slow.start()
    argv = [hotpass, "refine", "--profile-search-path", repo / "profiles", "--profile", "aviation", "--input-dir", demo,
            "--output-path", tmp_path / "refined.xlsx"]
    env = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": slow.url, "OTEL_EXPORTER_OTLP_TIMEOUT": "10000"}
    child = subprocess.Popen([str(a) for a in argv], cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    end = time.monotonic() + 60
    while not slow.taken and time.monotonic() < end:
        time.sleep(0.02)
    assert slow.taken and child.poll() is None
    assert (tmp_path / "refined.xlsx").exists() and (tmp_path / "run.json").exists()
    assert "organisations" in child.stdout.readline()
    child.terminate()  # and a signal ends the waiting at once
    child.wait(10)
    slow.socket.close()


def test_settings_that_cannot_be_understood_are_a_warning(refine, to):
    result = refine("out", {**to, "OTEL_EXPORTER_OTLP_HEADERS": "hunter2-without-a-name"})
    assert "hotpass: warning: telemetry is off: OTEL_EXPORTER_OTLP_HEADERS" in result.stderr and "hunter2" not in result.stderr
    assert "telemetry" not in refine("out", {**to, "OTEL_EXPORTER_OTLP_HEADERS": "x"}, "--quiet").stderr


def test_a_mistyped_endpoint_is_a_warning(refine):
    result = refine("out", {"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318", "HOTPASS_TELEMETRY_ENABLED": "true"})
    warned = [line for line in result.stderr.splitlines() if "OTEL_EXPORTER_OTLP_ENDPOINT" in line]
    assert len(warned) == 1 and warned[0].startswith("hotpass: warning: telemetry is off: ") and "collector:4318" not in result.stderr


def test_another_form_is_answered_by_json_and_a_warning(refine, to, otel_collector):
    result = refine("out", {**to, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"})
    assert result.stderr.count("telemetry is sent as JSON") == 1
    assert "telemetry" not in refine("out", {**to, "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"}).stderr


def test_headers_are_sent_and_told_to_nobody(refine, answering):
    answering.status = 401
    env = {"OTEL_EXPORTER_OTLP_ENDPOINT": answering.url, "OTEL_EXPORTER_OTLP_HEADERS": "Authorization=Bearer%20s3cr3t-t0ken,x-tenant=a"}
    result = refine("out", env, "--verbose")
    assert [h["Authorization"] for h in answering.headers] == ["Bearer s3cr3t-t0ken"] * 3
    assert {h["x-tenant"] for h in answering.headers} == {"a"} and {h["Content-Type"] for h in answering.headers} == {"application/json"}
    assert "s3cr3t" not in result.stdout + result.stderr and "answers 401" in result.stderr


def test_the_warning_is_an_event_for_programs(refine):
    result = refine("out", {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{free_port()}"}, "--log-format", "json")
    events = [json.loads(line) for line in result.stderr.splitlines()]
    assert [e["event"] for e in events][-1] == "telemetry.warning" and "127.0.0.1" in events[-1]["data"]["message"]
