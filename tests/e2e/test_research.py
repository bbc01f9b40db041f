"""Enrichment by the network, row by row: websites, registers, search; what is asked again after a kill; the plan."""
import csv
import json
import signal
import subprocess
import time

import pytest

import web
from web import Reply

OPEN = {"FEATURE_ENABLE_REMOTE_RESEARCH": "1", "ALLOW_NETWORK_RESEARCH": "true", "SOURCE_DATE_EPOCH": "1760000000"}
NAMES = [f"site{i}.example" for i in range(12)]
COLUMNS = ["organization_name", "website", "contact_email", "contact_phone", "address", "city"]


def home(i):
    return (f'<title>Site {i}</title><script type="application/ld+json">{{"@type":"LocalBusiness","name":"Organisation {i}",'
            f'"telephone":"+27 11 555 {i:04}","address":{{"streetAddress":"{i + 1} Main Road","addressLocality":"Springs"}}}}</script>'
            f'<a href="/contact">Contact</a>')


def contact(i):
    return f'<a href="mailto:info@site{i}.example">Mail</a>'


@pytest.fixture(scope="session")
def tls(tmp_path_factory):
    return web.authority(tmp_path_factory.mktemp("tls"), *NAMES)


@pytest.fixture
def server(tls):
    s = web.Web(tls[1])
    for i, name in enumerate(NAMES):
        s.pages[name, "/"], s.pages[name, "/contact"] = Reply(home(i)), Reply(contact(i))
    yield s
    s.stop()


def write(path, rows):
    with open(path, "w", newline="") as f:
        out = csv.DictWriter(f, COLUMNS)
        out.writeheader()
        out.writerows([{**dict.fromkeys(COLUMNS, ""), **row} for row in rows])


def read(path):
    with open(path, newline="") as f:
        return list(csv.DictReader(f))


def organisations(n):
    return [{"organization_name": f"Organisation {i}", "website": f"https://site{i}.example"} for i in range(n)]


@pytest.fixture
def arguments(server, tls, tmp_path):
    """Write the profile; return the arguments of hotpass enrich."""
    def make(output="out.csv", network="", providers="", chain="[research]", **more):
        (tmp_path / "p.yaml").write_text(
            f"name: p\nenrich:\n  allow_network: true\n  fetcher_chain: {chain}\n{providers}  network:\n    proxy: http://127.0.0.1:{server.port}\n"
            f"    ca_file: {tls[0]}\n    min_interval_seconds: 0\n    allow_private_hosts: [127.0.0.1]\n{network}" + more.get("rest", ""))
        return ["enrich", "--input", "in.csv", "--output", output, "--profile", "./p.yaml", "--allow-network", "--json"]
    return make


def test_blanks_are_filled_from_websites(server, arguments, hotpass, tmp_path):
    rows = organisations(3) + [{"organization_name": "No site"}, {**organisations(2)[1], "contact_phone": "+27115559999"},
                               {"organization_name": "Somebody else", "website": "https://site2.example/"}]
    write(tmp_path / "in.csv", rows)
    r = hotpass(*arguments(), cwd=tmp_path, env=OPEN)
    assert r.returncode == 0, r.stderr + r.stdout
    out = read(tmp_path / "out.csv")
    for i in range(3):
        assert out[i]["contact_email"] == f"info@site{i}.example"
        assert out[i]["contact_phone"] == f"+2711555{i:04}"
        assert (out[i]["address"], out[i]["city"]) == (f"{i + 1} Main Road", "Springs")
        assert (out[i]["provenance_source"], out[i]["provenance_strategy"], out[i]["provenance_network_status"]) == ("web_scrape", "research", "used")
    assert out[3]["provenance_source"] == "original" and out[3]["provenance_network_status"] == "not_used"
    assert out[4]["contact_phone"] == "+27115559999"  # what was there stays
    # A site that names another organisation only is not trusted; what it says is listed.
    assert out[5]["contact_phone"] == "" and out[5]["provenance_source"] == "original"
    lines = read(tmp_path / "out.provenance.csv")
    line = next(x for x in lines if x["row"] == "2" and x["column"] == "contact_email")
    assert line["evidence"] == "https://site0.example/contact" and line["new"] == "info@site0.example"
    assert any(x["row"] == "7" and x["status"] != "applied" for x in lines)
    # Rows of one site are one visit.
    assert server.paths("site2.example") == ["/robots.txt", "/", "/contact"]
    assert json.loads(r.stdout)["network"]["requests"] == 9


def test_a_port_of_plain_http_is_asked_by_http(hotpass, tmp_path):
    """Cleaning makes https:// of all addresses, which a port that was given with http:// does not speak."""
    plain = web.Web()
    plain.pages["/"] = Reply(home(1))
    url = f"http://127.0.0.1:{plain.port}/"
    write(tmp_path / "in.csv", [{"organization_name": "Organisation 1", "website": url}])
    (tmp_path / "p.yaml").write_text("name: p\nenrich:\n  allow_network: true\n  fetcher_chain: [research]\n  network:\n    min_interval_seconds: 0\n"
                                     "    allow_private_hosts: [127.0.0.1]\n")
    r = hotpass("enrich", "--input", "in.csv", "--output", "out.csv", "--profile", "./p.yaml", "--allow-network", cwd=tmp_path, env=OPEN)
    plain.stop()
    assert r.returncode == 0, r.stderr
    (row,) = read(tmp_path / "out.csv")
    assert row["city"] == "Springs" and row["website"] == url
    assert read(tmp_path / "out.provenance.csv")[0]["evidence"] == url


def test_what_went_wrong_is_said_for_each_row(server, arguments, hotpass, tmp_path):
    write(tmp_path / "in.csv", organisations(4))
    server.pages["site0.example", "/robots.txt"] = Reply("User-agent: hotpass\nDisallow: /\n")
    server.pages["site1.example", "/"] = Reply(status=503)
    server.pages["site2.example", "/"] = Reply(status=302, Location="http://10.0.0.1/")
    r = hotpass(*arguments(network="    retries: 0\n"), cwd=tmp_path, env=OPEN)
    assert r.returncode == 0
    status = [row["provenance_network_status"] for row in read(tmp_path / "out.csv")]
    assert status == ["blocked: robots.txt", "failed: http 503", "blocked: private address", "used"]


def test_hosts_are_asked_one_request_at_a_time_but_side_by_side(server, arguments, hotpass, tmp_path):
    import threading
    write(tmp_path / "in.csv", organisations(8))
    gate = threading.Barrier(4, timeout=60)

    def together(host, path, headers):
        gate.wait()  # four hosts must be asked at once, or nobody gets an answer
        return Reply(contact(0))
    for name in NAMES[:8]:
        server.pages[name, "/"] = together
    assert hotpass(*arguments(network="    concurrency: 4\n"), cwd=tmp_path, env=OPEN).returncode == 0
    assert server.most == 4


def test_killed_and_resumed(server, arguments, hotpass, tmp_path):
    write(tmp_path / "in.csv", organisations(12))
    argv = arguments(network="    concurrency: 1\n")
    find, answered = server.find, []

    def slowly(host, path, headers):
        time.sleep(0.05)
        answered.append((host, path))
        return find(host, path, headers)
    server.find = slowly
    child = subprocess.Popen([str(hotpass), *argv], cwd=tmp_path, env={"PATH": "/usr/bin:/bin", **OPEN}, stdout=subprocess.DEVNULL)
    while len(answered) < 15:
        assert child.poll() is None
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    child.wait()
    time.sleep(0.3)
    first = [(h, p) for h, p, _ in server.seen]
    assert not (tmp_path / "out.csv").exists() and 15 <= len(first) < 36
    server.seen.clear()
    assert hotpass(*argv, cwd=tmp_path, env=OPEN).returncode == 0
    second = [(h, p) for h, p, _ in server.seen]
    # Everything that was answered is known; only the request that was under way may be made again.
    assert len(set(first) & set(second)) <= 1 and set(first) | set(second) >= {(n, p) for n in NAMES for p in ("/", "/contact")}
    assert len(second) <= 36 - len(first) + 1
    # And the result is that of a run that nobody disturbed.
    resumed = (tmp_path / "out.csv").read_bytes()
    (tmp_path / ".hotpass/cache/http.db").unlink()
    assert hotpass(*argv, cwd=tmp_path, env=OPEN).returncode == 0
    assert (tmp_path / "out.csv").read_bytes() == resumed


def test_a_second_run_asks_nothing_and_gives_the_same_bytes(server, arguments, hotpass, tmp_path):
    write(tmp_path / "in.csv", organisations(3))
    assert hotpass(*arguments(), cwd=tmp_path, env=OPEN).returncode == 0
    server.seen.clear()
    r = hotpass(*arguments("again.csv"), cwd=tmp_path, env={**OPEN, "SOURCE_DATE_EPOCH": "1760000000"})
    assert r.returncode == 0 and server.seen == []
    for name in ("csv", "provenance.csv"):
        assert (tmp_path / f"out.{name}").read_bytes() == (tmp_path / f"again.{name}").read_bytes()


def test_consent(server, arguments, hotpass, tmp_path):
    write(tmp_path / "in.csv", organisations(2))
    rest = "compliance:\n  consent_required: true\n  pii_fields: [contact_email, contact_phone]\n"
    assert hotpass(*arguments(rest=rest), cwd=tmp_path, env=OPEN).returncode == 0
    out = read(tmp_path / "out.csv")
    assert [row["contact_email"] + row["contact_phone"] for row in out] == ["", ""]
    assert out[0]["city"] == "Springs"
    assert "555" not in (tmp_path / "out.provenance.csv").read_text()


# ---- services that answer in JSON -----------------------------------------------------------------------

REGISTRY = """  providers:
    - provider: registry_api
      name: cipc
      settings:
        url: "https://site11.example/find?q={organization_name}"
        items: "data[*]"
        match: name
        evidence: link
        fields: {address: "registered.lines[0]", city: registered.town}
        api_key_env: CIPC_KEY
        api_key_header: X-Api-Key
"""


def registry(host, path, headers):
    if headers.get("X-Api-Key") != "s3cr3t-key":
        return Reply(status=401)
    return Reply(json.dumps({"data": [
        {"name": "Another CC", "registered": {"lines": ["9 Wrong Road"], "town": "Nowhere"}},
        {"name": "ORGANISATION 1 (Pty) Ltd", "link": "https://site11.example/org/1", "registered": {"lines": ["7 Right Road"], "town": "Benoni"}},
    ]}), Content_Type="application/json")


def test_registers_are_mapped_by_the_profile(server, arguments, hotpass, tmp_path):
    write(tmp_path / "in.csv", [{"organization_name": "Organisation 1"}, {"organization_name": "Organisation 2"}, {}])
    for n in (1, 2):
        server.pages["site11.example", f"/find?q=Organisation%20{n}"] = registry
    argv = arguments(chain="[registry_api]", providers=REGISTRY)
    r = hotpass(*argv, cwd=tmp_path, env={**OPEN, "CIPC_KEY": "s3cr3t-key"})
    assert r.returncode == 0, r.stdout
    out = read(tmp_path / "out.csv")
    assert (out[0]["address"], out[0]["city"]) == ("7 Right Road", "Benoni") and out[1]["address"] == ""
    assert out[0]["provenance_confidence"] == "0.95"
    lines = read(tmp_path / "out.provenance.csv")
    assert {(x["provider"], x["evidence"]) for x in lines} == {("cipc", "https://site11.example/org/1")}
    # A service that the user named is no crawl, so its robots.txt is not asked; nor is it for rows without a name.
    assert server.paths("site11.example") == ["/find?q=Organisation%201", "/find?q=Organisation%202"]
    for file in tmp_path.rglob("*"):
        assert file.is_dir() or b"s3cr3t-key" not in file.read_bytes()
    assert "s3cr3t-key" not in r.stdout + r.stderr


def test_a_key_goes_to_its_service_only(server, arguments, hotpass, tmp_path):
    write(tmp_path / "in.csv", [{"organization_name": "Organisation 1"}])
    server.pages["site11.example", "/find?q=Organisation%201"] = Reply(status=302, Location="https://site10.example/x")
    hotpass(*arguments(chain="[registry_api]", providers=REGISTRY), cwd=tmp_path, env={**OPEN, "CIPC_KEY": "s3cr3t-key"})
    sent = {host: headers.get("X-Api-Key") for host, _, headers in server.seen}
    assert sent == {"site11.example": "s3cr3t-key", "site10.example": None}


@pytest.mark.parametrize("change, word", [
    (("match: name", "match: 'a['"), "] is missing"),
    (("{organization_name}", "{contact_email}"), "asks for {contact_email}"),
    (("https://site11.example", "file:///etc"), "the scheme file"),
    (("fields: {address:", "fields: {adress:"), '"adress" is no field'),
    (("items:", "itemz:"), 'did you mean "items"'),
    (("CIPC_KEY", "NO_SUCH_KEY"), "NO_SUCH_KEY is not set"),
])
def test_wrong_settings_are_errors_with_their_place(arguments, hotpass, tmp_path, change, word):
    write(tmp_path / "in.csv", [{"organization_name": "Organisation 1"}])
    argv = arguments(chain="[registry_api]", providers=REGISTRY.replace(*change))
    r = hotpass(*argv, cwd=tmp_path, env={**OPEN, "CIPC_KEY": "k"})
    message = json.loads(r.stdout)["message"]
    assert r.returncode == 78 and word in message and "p.yaml:" in message


def test_websites_are_searched_for(server, arguments, hotpass, tmp_path):
    write(tmp_path / "in.csv", [{"organization_name": "Site5 (Pty) Ltd"}, {"organization_name": "Nobody"}])
    answer = {"results": [{"url": "https://facebook.com/site5", "title": "Site5"}, {"url": "https://directory.example/site5", "title": "Site5"},
                          {"url": "https://site5.example/welcome", "title": "Welcome"}]}
    for q in ("Site5%20%28Pty%29%20Ltd", "Nobody"):
        server.pages["site11.example", f"/search?q={q}&format=json"] = Reply(json.dumps(answer), Content_Type="application/json")
    providers = ('  providers:\n    - provider: search\n      settings: {url: "https://site11.example/search?q={organization_name}&format=json"}\n')
    r = hotpass(*arguments(chain="[search, website]", providers=providers), cwd=tmp_path, env=OPEN)
    assert r.returncode == 0, r.stdout
    out = read(tmp_path / "out.csv")
    assert out[0]["website"] == "https://site5.example" and out[1]["website"] == ""
    # What was found is what the next provider reads; its page names another organisation, so its values stay suggestions.
    assert "/contact" in server.paths("site5.example")


# ---- the plan -------------------------------------------------------------------------------------------

def test_plan_research(server, arguments, hotpass, tmp_path):
    write(tmp_path / "in.csv", organisations(3) + [{"organization_name": "No site"}])
    arguments()
    argv = ["plan", "research", "--dataset", "in.csv", "--profile", "./p.yaml", "--json"]
    r = hotpass(*argv, cwd=tmp_path)
    out = json.loads(r.stdout)
    assert r.returncode == 0 and out["schema"] == "hotpass.research-plan/1" and server.seen == [] and server.connects == []
    assert not (tmp_path / ".hotpass").exists()
    assert [(q["row_index"], q["provider"], q["url"], q["cached"]) for q in out["requests"]] == [
        (i, "website", f"https://site{i}.example", False) for i in range(3)]
    assert "contact_email" in out["requests"][0]["fields"] and out["network"]["blocked_by"] == "flag"
    assert {s["name"]: s["status"] for s in out["steps"]} == {
        "deterministic_enrichment": "skipped", "searx_search": "skipped", "network_enrichment": "skipped", "native_crawl": "planned",
        "backfill": "planned"}
    assert out["enriched_row"] is None and out["artifact_path"] is None
    assert hotpass(*arguments(), "--max-requests", "4", cwd=tmp_path, env=OPEN).returncode == 0
    cache = tmp_path / ".hotpass/cache"
    before = {p.name: p.read_bytes() for p in cache.iterdir()}
    later = {**OPEN, "SOURCE_DATE_EPOCH": str(int(OPEN["SOURCE_DATE_EPOCH"]) + 60)}  # when it was used last would change
    out = json.loads(hotpass(*argv, cwd=tmp_path, env=later).stdout)
    assert {p.name: p.read_bytes() for p in cache.iterdir()} == before, "a plan writes nothing"
    assert [q["cached"] for q in out["requests"]].count(True) >= 1
    one = json.loads(hotpass(*argv, "--row-id", "1", cwd=tmp_path, env=OPEN).stdout)
    assert [q["row_index"] for q in one["requests"]] == [1] and one["plan"]["entity_name"] == "Organisation 1"
    assert one["enriched_row"]["organization_name"] == "Organisation 1" and one["provenance"]["provenance_source"] == "original"
    for nobody in (["--row-id", "99"], ["--slug", "nobody"]):
        r = hotpass(*argv, *nobody, cwd=tmp_path)
        assert r.returncode == 1 and json.loads(r.stdout)["schema"] == "hotpass.error/1"
    text = hotpass(*argv[:-1], cwd=tmp_path)
    assert text.returncode == 0 and "first request" in text.stdout and "the network may not be used" in text.stdout


def test_plan_of_an_organisation_that_stands_in_no_file(hotpass, tmp_path):
    (tmp_path / "p.yaml").write_text(
        "name: p\nauthority_sources: [{name: The Register, url: 'https://register.example', cache_key: reg, category: registry}]\n")
    home = tmp_path / ".hotpass"
    for folder in ("lookups", "snapshots", "authority/reg"):
        (home / folder).mkdir(parents=True)
    (home / "lookups/organizations.csv").write_text(
        "organization_name,website,contact_primary_email\nKestrel Air (Pty) Ltd,https://kestrel.example,thandi.canary@kestrel.example\n")
    (home / "snapshots/kestrel-air.json").write_text('{"website": "https://kestrel.example"}')
    argv = ["plan", "research", "--entity", "Kestrel Air", "--profile", "./p.yaml", "--json"]
    before = sorted(tmp_path.rglob("*"))
    r = hotpass(*argv, cwd=tmp_path)
    out = json.loads(r.stdout)
    steps = {s["name"]: s for s in out["steps"]}
    assert r.returncode == 0 and out["success"] is True and sorted(tmp_path.rglob("*")) == before
    assert [s["name"] for s in out["steps"]] == ["local_snapshot", "authority_sources", "deterministic_enrichment", "searx_search",
                                                 "network_enrichment", "native_crawl", "backfill"]
    assert (out["plan"]["entity_name"], out["plan"]["entity_slug"], out["plan"]["authority_sources"]) == ("Kestrel Air", "kestrel-air", ["The Register"])
    assert steps["local_snapshot"]["status"] == "success" and steps["authority_sources"]["status"] == "skipped"
    assert steps["deterministic_enrichment"]["artifacts"]["updated_fields"]["website"] == [None, "https://kestrel.example"]
    assert out["enriched_row"]["website"] == "https://kestrel.example" and out["provenance"]["provenance_source"] == "lookup_table"
    assert [q["url"] for q in out["requests"]] == ["https://kestrel.example"]
    assert "thandi.canary" not in r.stdout and "contact_primary_email" in steps["deterministic_enrichment"]["artifacts"]["updated_fields"]
    (home / "authority/reg/kestrel-air.json").write_text('{"website": NaN')
    r = hotpass(*argv, cwd=tmp_path)
    out = json.loads(r.stdout, parse_constant=lambda word: pytest.fail(word))
    assert r.returncode == 1 and out["success"] is False and {s["name"]: s["status"] for s in out["steps"]}["authority_sources"] == "error"


def test_plan_of_a_url_and_wrong_words(arguments, hotpass, tmp_path):
    arguments()
    r = hotpass("plan", "research", "--url", "https://site0.example/", "--profile", "./p.yaml", "--json", cwd=tmp_path)
    assert [q["url"] for q in json.loads(r.stdout)["requests"]] == ["https://site0.example/"]
    for words in ([], ["--row-id", "1", "--url", "x"], ["--dataset", "no.csv"], ["--dataset", "p.yaml", "--row-id", "x"]):
        r = hotpass("plan", "research", *words, "--profile", "./p.yaml", "--json", cwd=tmp_path)
        assert r.returncode in (2, 66) and json.loads(r.stdout)["schema"] == "hotpass.error/1"
