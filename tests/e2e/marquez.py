"""A receiver of OpenLineage for the tests, in place of Marquez, which is on no package registry.

It answers as Marquez 0.51 does (201 with an empty body; GET /api/v1/jobs/runs/ID tells the state of a run), and holds every event
against the model of OpenLineage: `decode` builds it from the classes of openlineage-python, which its makers generate from the official
JSON schemas (the files themselves are on no registry). Unknown members, missing ones, wrong types, formats and schema URLs are errors.
`check_runs` holds what arrived against the rules that Marquez has and does not enforce.
"""
import enum
import http.server
import importlib
import json
import pkgutil
import sys
import threading
import time
import types
import typing

import attr
from openlineage.client import generated
from openlineage.client.generated import base
from openlineage.client.serde import Serde

MODULES = [importlib.import_module(f"openlineage.client.generated.{m.name}") for m in pkgutil.iter_modules(generated.__path__)]
CLASSES = {c._get_schema(): c for m in MODULES for c in vars(m).values()
           if isinstance(c, type) and attr.has(c) and hasattr(c, "_get_schema") and c.__module__ == m.__name__}
# The keys under which the specification has its facets ("properties" of each schema).
KEYS = {"parent": "ParentRunFacet", "nominalTime": "NominalTimeRunFacet", "processing_engine": "ProcessingEngineRunFacet",
        "errorMessage": "ErrorMessageRunFacet", "documentation": ("DocumentationJobFacet", "DocumentationDatasetFacet"),
        "jobType": "JobTypeJobFacet", "sourceCodeLocation": "SourceCodeLocationJobFacet", "schema": "SchemaDatasetFacet",
        "dataSource": "DatasourceDatasetFacet", "version": "DatasetVersionDatasetFacet", "columnLineage": "ColumnLineageDatasetFacet",
        "dataQualityMetrics": ("DataQualityMetricsInputDatasetFacet", "DataQualityMetricsDatasetFacet"),
        "dataQualityAssertions": "DataQualityAssertionsDatasetFacet", "inputStatistics": "InputStatisticsInputDatasetFacet",
        "outputStatistics": "OutputStatisticsOutputDatasetFacet"}
END_STATES = {"START": "RUNNING", "COMPLETE": "COMPLETED", "FAIL": "FAILED", "ABORT": "ABORTED"}


class Invalid(AssertionError):
    pass


def need(condition, where, what):
    if not condition:
        raise Invalid(f"{where}: {what}")


def decode_facet(kind, key, value, where):
    """Build a facet: by its schema, which must be of its kind (run, job ...) and belong under its key."""
    need(isinstance(value, dict) and value.get("_producer"), where, "no _producer")
    cls = CLASSES.get(value.get("_schemaURL"))
    need(cls is not None, where, f"unknown schema {value.get('_schemaURL')}")
    rest = {k: v for k, v in value.items() if k not in ("_producer", "_schemaURL")}
    if key not in KEYS:  # a facet of the producer's own
        need(cls is kind and key == "hotpass", where, "no facet of OpenLineage, and not ours")
        return value
    names = KEYS[key] if isinstance(KEYS[key], tuple) else (KEYS[key],)
    need(cls.__name__ in names, where, f"{cls.__name__} under the key {key}")
    # Of a result, which is checked within the run, assertions are a facet of the dataset; additional facets are allowed there.
    need(issubclass(cls, kind) or (key == "dataQualityAssertions" and kind is base.DatasetFacet), where, f"is no {kind.__name__}")
    return decode_class(cls, rest, where, producer=value["_producer"])


def decode_class(cls, value, where, **more):
    need(isinstance(value, dict), where, "is no object")
    hints = typing.get_type_hints(cls)
    fields = {a.name: a for a in attr.fields(cls) if a.init and a.name not in ("_producer", "_deleted")}
    for name, field in fields.items():
        need(name in value or field.default is not attr.NOTHING, where, f"{name} is missing")
    made = {}
    for name, v in value.items():
        need(name in fields, where, f"unknown member {name}")
        made[name] = decode(hints[name], v, f"{where}.{name}")
    try:
        return cls(**made, **more)  # runs the validators of formats
    except (TypeError, ValueError) as error:
        raise Invalid(f"{where}: {error}") from error


def decode(hint, value, where):
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        need(value is not None, where, "is null")
        return decode(next(a for a in args if a is not type(None)), value, where)
    if origin is list:
        need(isinstance(value, list), where, "is no array")
        return [decode(args[0], v, f"{where}[{i}]") for i, v in enumerate(value)]
    if origin is dict:
        need(isinstance(value, dict), where, "is no object")
        facet = isinstance(args[1], type) and issubclass(args[1], base.BaseFacet)
        return {k: decode_facet(args[1], k, v, f"{where}.{k}") if facet else decode(args[1], v, f"{where}.{k}") for k, v in value.items()}
    if hint is typing.Any:
        return value
    if issubclass(hint, enum.Enum):
        need(value in hint.__members__, where, f"{value} is none of {list(hint.__members__)}")
        return hint[value]
    if attr.has(hint):
        return decode_class(hint, value, where)
    wanted = (int, float) if hint is float else hint
    need(isinstance(value, wanted) and (hint is bool or not isinstance(value, bool)), where, f"{value!r} is no {hint.__name__}")
    return value


def decode_event(body):
    """Decode and validate one event; returns the RunEvent of openlineage-python."""
    event = json.loads(body, object_pairs_hook=no_duplicates)
    need(event.pop("schemaURL", None) == base.RunEvent._get_schema(), "event", "schemaURL is not that of a RunEvent 2-0-2")
    need(event.get("producer"), "event", "no producer")
    return decode_class(base.RunEvent, event, "event")


def no_duplicates(pairs):
    keys = [k for k, _ in pairs]
    need(len(set(keys)) == len(keys), "event", f"a key stands twice: {keys}")
    return dict(pairs)


def without_nulls(x):
    """What both ways of writing an event have in common."""
    if isinstance(x, dict):
        return {k: without_nulls(v) for k, v in x.items() if v not in (None, {}, [])}
    return [without_nulls(v) for v in x] if isinstance(x, list) else x


def check_runs(events):
    """The rules: START first, exactly one end, times in order; the same job in all, named PARENT.CHILD, with the same parent facet."""
    runs = {}
    for e in events:
        runs.setdefault(e["run"]["runId"], []).append(e)
    for run, of in runs.items():
        kinds = [e["eventType"] for e in of]
        need(kinds[0] == "START" and kinds.count("START") == 1, run, f"begins with {kinds}")
        need(len(kinds) <= 2 and (len(kinds) == 1 or kinds[1] in ("COMPLETE", "FAIL", "ABORT")), run, f"events {kinds}")
        need([e["eventTime"] for e in of] == sorted(e["eventTime"] for e in of), run, "times go back")
        need(len({(e["job"]["namespace"], e["job"]["name"]) for e in of}) == 1, run, "several jobs")
        parents = {json.dumps(e["run"]["facets"].get("parent"), sort_keys=True) for e in of}
        need(len(parents) == 1, run, "the parent facet is not on every event")
        parent = of[0]["run"]["facets"].get("parent")
        if parent:
            need(of[0]["job"]["name"].startswith(parent["job"]["name"] + "."), run, "the job is not called PARENT.CHILD")
    return runs


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        server = self.server
        server.asked.append(self.path)
        time.sleep(server.slow_look)
        run = self.path.rpartition("/")[2]
        states = [END_STATES[e["eventType"]] for e in server.events if e["run"]["runId"] == run]
        if self.path.startswith("/api/v1/jobs/runs/") and states:
            self.answer(200, json.dumps({"id": run, "state": states[-1]}).encode())
        else:
            self.answer(404, b'{"code":404,"message":"not found"}')

    def do_POST(self):
        server = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.requests.append((self.path, dict(self.headers)))
        if server.status is not None:
            status = server.status(json.loads(body)) if callable(server.status) else server.status
            if status is not None:
                self.answer(status, b'{"errors":["said by the test"]}')
                return
        try:
            if self.path != "/api/v1/lineage":
                raise Invalid(f"posted to {self.path}")
            event = decode_event(body)
            if without_nulls(Serde.to_dict(event)) != without_nulls(json.loads(body)):
                raise Invalid("openlineage-python reads another event than was sent")
        except (Invalid, ValueError) as error:
            server.invalid.append(str(error))
            self.answer(422, json.dumps({"errors": [str(error)]}).encode())
            return
        server.events.append(json.loads(body))
        if server.lose:  # it has arrived, and the answer does not
            server.lose -= 1
            self.close_connection = True
            self.connection.close()
            return
        time.sleep(server.slow)
        self.answer(201)


class Marquez(http.server.ThreadingHTTPServer):
    """`with Marquez() as m: ...`; m.events are those that were valid, m.invalid says what was wrong with the others."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Handler)
        self.events, self.invalid, self.requests, self.asked = [], [], [], []
        self.status, self.lose, self.slow, self.slow_look = None, 0, 0, 0
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):  # the other end may go whenever it likes
            self.invalid.append(repr(error))

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *error):
        self.shutdown()
        self.server_close()

    def runs(self):
        assert not self.invalid, self.invalid
        return check_runs(self.events)
