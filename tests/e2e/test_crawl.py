"""hotpass crawl against a real server: what it reads, what it refuses, what hostile servers cannot do to it."""
import json
import resource
import sqlite3
import subprocess
import time

import pytest

import web
from web import Reply

OPEN = {"FEATURE_ENABLE_REMOTE_RESEARCH": "1", "ALLOW_NETWORK_RESEARCH": "true"}
HOME = """<!doctype html><title>Blue Ridge Aviation</title>
<script type="application/ld+json">{"@type": "Organization", "name": "Blue Ridge Aviation", "telephone": "+27 11 555 0100",
  "address": {"@type": "PostalAddress", "streetAddress": "1 Main Road", "addressLocality": "Springs", "postalCode": "1559"}}</script>
<p>Fly with us.</p><a href="/contact">Contact us</a> <a href="/news">News</a> <a href="https://elsewhere.example/contact">Partner</a>"""
CONTACT = """<title>Contact</title><a href="mailto:info@blueridge.example">Write</a><p>Fax: 011 555 0199</p>"""


@pytest.fixture
def server():
    s = web.Web()
    yield s
    s.stop()


@pytest.fixture
def crawl(hotpass, tmp_path):
    """crawl(url, extra lines of enrich.network, *options) -> (result, JSON)."""
    def run(url, network="", *options, allow="allow_private_hosts: [127.0.0.1, localhost]", env=OPEN, profile="", **more):
        lines = [allow, "min_interval_seconds: 0", *network.splitlines()]
        (tmp_path / "p.yaml").write_text("name: p\nenrich:\n  allow_network: true\n  network:\n"
                                         + "".join(f"    {line}\n" for line in lines if line) + profile)
        r = hotpass("crawl", url, "--profile", "./p.yaml", "--allow-network", "--json", *options, cwd=tmp_path, env=env, **more)
        return r, json.loads(r.stdout)
    return run


def site(server):
    server.pages.update({"/": Reply(HOME), "/contact": Reply(CONTACT)})
    return f"http://127.0.0.1:{server.port}/"


def step(out):
    assert len(out["steps"]) == 1
    return out["steps"][0]


def values(out):
    return {(v["field"], v["value"]): v for v in step(out)["artifacts"]["values"]}


# ---- what is read ---------------------------------------------------------------------------------------

def test_reads_the_first_page_and_the_one_about_contact(server, crawl):
    url = site(server)
    r, out = crawl(url)
    assert r.returncode == 0 and out["success"] and out["schema"] == "hotpass.crawl/1"
    got = values(out)
    assert set(got) == {("organization_name", "Blue Ridge Aviation"), ("contact_phone", "+27 11 555 0100"), ("address", "1 Main Road"),
                        ("city", "Springs"), ("postal_code", "1559"), ("contact_email", "info@blueridge.example"),
                        ("fax", "011 555 0199")}
    assert got["contact_phone", "+27 11 555 0100"]["place"] == "JSON-LD"
    assert got["contact_phone", "+27 11 555 0100"]["confidence"] == 0.92
    assert got["contact_email", "info@blueridge.example"]["url"] == url + "contact"
    assert server.paths() == ["/robots.txt", "/", "/contact"]  # neither the news nor the other host
    assert all(h["User-Agent"].startswith("hotpass/0.1.0") for _, _, h in server.seen)
    assert out["network"]["requests"] == 3


def test_text_for_people(server, hotpass, tmp_path, crawl):
    url = site(server)
    crawl(url)
    r = hotpass("crawl", url, "--profile", "./p.yaml", "--allow-network", cwd=tmp_path, env=OPEN)
    assert r.returncode == 0
    assert r.stdout.startswith(f"{url}: 2 pages read, 7 values found\n")
    assert "info@blueridge.example" in r.stdout


def test_a_wrong_charset_is_seen_through(server, crawl):
    page = '<div itemscope itemtype="https://schema.org/School"><i itemprop="addressLocality">K\u00f6ln</i></div>'
    server.pages["/latin"] = Reply(page.encode("latin-1"))  # declared as UTF-8
    server.pages["/utf"] = Reply(page.encode(), Content_Type="text/html; charset=iso-8859-1")
    for path in ("latin", "utf"):
        _, out = crawl(f"http://127.0.0.1:{server.port}/{path}")
        assert ("city", "K\u00f6ln") in values(out)


def test_packed_answers_are_unpacked(server, crawl):
    server.pages["/"] = web.packed(CONTACT)
    _, out = crawl(f"http://127.0.0.1:{server.port}/")
    assert ("contact_email", "info@blueridge.example") in values(out)


def test_fields_without_consent_are_not_read(server, crawl):
    r, out = crawl(site(server), profile="compliance:\n  consent_required: true\n  pii_fields: [contact_email, contact_phone]\n")
    assert r.returncode == 0
    assert {f for f, _ in values(out)} == {"organization_name", "address", "city", "postal_code", "fax"}
    assert {"contact_email", "contact_phone"} <= set(out["plan"]["withheld_fields"])


# ---- the gate -------------------------------------------------------------------------------------------

@pytest.mark.parametrize("env, options, word", [
    (OPEN, ["--allow-network=false"], "flag"),
    (OPEN, ["--no-allow-network"], "flag"),
    ({**OPEN, "FEATURE_ENABLE_REMOTE_RESEARCH": "maybe"}, [], "FEATURE_ENABLE_REMOTE_RESEARCH"),
    ({**OPEN, "FEATURE_ENABLE_REMOTE_RESEARCH": None}, [], "FEATURE_ENABLE_REMOTE_RESEARCH"),
    ({**OPEN, "ALLOW_NETWORK_RESEARCH": "0"}, [], "ALLOW_NETWORK_RESEARCH"),
])
def test_any_guard_can_say_no(server, crawl, env, options, word, tmp_path):
    r, out = crawl(site(server), "", *options, env=env)
    assert r.returncode == 77 and not out["success"]
    assert step(out)["status"] == "skipped" and out["network"]["blocked_by"] == word
    assert server.seen == [] and not (tmp_path / ".hotpass").exists()


def test_the_profile_can_say_no(server, hotpass, tmp_path):
    (tmp_path / "p.yaml").write_text("name: p\n")
    r = hotpass("crawl", site(server), "--profile", "./p.yaml", "--allow-network", "--json", cwd=tmp_path, env=OPEN)
    assert r.returncode == 77 and json.loads(r.stdout)["network"]["blocked_by"] == "profile" and server.seen == []
    r = hotpass("crawl", site(server), "--profile", "./p.yaml", "--allow-network", "--explain-network", cwd=tmp_path, env=OPEN)
    assert r.returncode == 0 and "no   profile: enrich.allow_network is not true" in r.stdout and server.seen == []


def test_a_closed_gate_opens_no_socket(server, hotpass, tmp_path, crawl):
    crawl(site(server), env={})
    r = subprocess.run(["strace", "-f", "-e", "trace=network", "-o", str(tmp_path / "trace"), hotpass, "crawl", site(server), "--profile",
                        "./p.yaml", "--allow-network", "--json"], cwd=tmp_path, capture_output=True, text=True,
                       env={"PATH": "/usr/bin:/bin", "ASAN_OPTIONS": "detect_leaks=0"})
    assert r.returncode == 77
    assert "socket(" not in (tmp_path / "trace").read_text()


# ---- where it may not go --------------------------------------------------------------------------------

@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0",
                                  "10.255.255.1", "169.254.169.254", "100.64.0.1", "[fe80::1]", "[fd00::1]", "224.0.0.1",
                                  "[64:ff9b::7f00:1]"])
def test_addresses_inside_are_refused(server, crawl, host):
    r, out = crawl(f"http://{host}:{server.port}/", allow="")
    assert r.returncode == 77, out
    assert step(out)["status"] == "blocked" and "address" in step(out)["message"]
    assert server.seen == []


@pytest.mark.skipif(web.loopback_name() is None, reason="the machine's own name is not on loopback")
def test_names_that_resolve_to_loopback_are_refused_unless_allowed(server, crawl):
    site(server)
    url = f"http://{web.loopback_name()}:{server.port}/"
    r, out = crawl(url)
    assert r.returncode == 77 and "loopback address" in step(out)["message"] and server.seen == []
    r, out = crawl(url, allow=f"allow_private_hosts: [{web.loopback_name()}]")
    assert r.returncode == 0 and server.paths()[:2] == ["/robots.txt", "/"]


def test_link_local_and_reserved_addresses_are_refused_even_when_all_is_allowed(crawl):
    for host in ("169.254.169.254", "0.0.0.0", "224.0.0.1", "[fe80::1]"):
        r, out = crawl(f"http://{host}:8080/", allow='allow_private_hosts: ["*"]')
        assert r.returncode == 77 and step(out)["status"] == "blocked"


@pytest.mark.parametrize("to, word", [
    ("http://localhost:{port}/secret", "loopback address"),
    ("//localhost:{port}/secret", "loopback address"),
    ("http://169.254.169.254/latest/meta-data/", "link-local address"),
    ("file:///etc/passwd", "scheme file"),
    ("gopher://127.0.0.1/", "scheme gopher"),
    ("http://user:pw@127.0.0.1:{port}/secret", "user name"),
    ("http://127.0.0.1:22/", "port of another protocol"),
])
def test_redirects_are_checked_as_the_first_address_is(server, crawl, to, word):
    server.pages["/"] = Reply(status=302, Location=to.format(port=server.port))
    server.pages["/secret"] = Reply(CONTACT)
    r, out = crawl(f"http://127.0.0.1:{server.port}/", allow="allow_private_hosts: [127.0.0.1]")
    assert r.returncode == 77 and step(out)["status"] == "blocked" and word in step(out)["message"]
    assert server.paths() == ["/robots.txt", "/"]


def test_redirects_are_followed_and_counted(server, crawl):
    for i in range(9):
        server.pages[f"/{i}"] = Reply(status=301, Location=f"/{i + 1}")
    server.pages["/5"] = Reply(CONTACT)
    r, out = crawl(f"http://127.0.0.1:{server.port}/0")
    assert r.returncode == 0 and step(out)["artifacts"]["pages"][0]["url"].endswith("/5")
    server.pages["/5"] = Reply(status=301, Location="/6")
    server.pages["/6"] = Reply(CONTACT)
    r, out = crawl(f"http://127.0.0.1:{server.port}/1", "cache: other.db")
    assert r.returncode == 0
    r, out = crawl(f"http://127.0.0.1:{server.port}/0", "cache: third.db")
    assert r.returncode == 69 and "too many redirects" in step(out)["message"]


def test_proxies_of_the_environment_are_not_used(server, crawl):
    url = site(server)
    proxy = {"http_proxy": "http://127.0.0.1:9", "ALL_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9", "no_proxy": ""}
    r, out = crawl(url, env={**OPEN, **proxy})
    assert r.returncode == 0 and out["success"]


# ---- robots.txt -----------------------------------------------------------------------------------------

def test_robots_txt_is_obeyed(server, crawl):
    url = site(server)
    server.pages["/robots.txt"] = Reply("User-agent: *\nDisallow:\n\nUser-agent: Hotpass\nDisallow: /contact\n", Content_Type="text/plain")
    r, out = crawl(url)
    assert r.returncode == 0 and server.paths() == ["/robots.txt", "/"]
    assert [p["reason"] for p in step(out)["artifacts"]["pages"]] == [None, "robots.txt"]
    server.pages["/robots.txt"] = Reply("User-agent: *\nDisallow: /\n")
    server.seen.clear()
    r, out = crawl(url, "cache: other.db")
    assert r.returncode == 77 and "robots.txt" in step(out)["message"] and server.paths() == ["/robots.txt"]


def test_robots_txt_that_fails_closes_the_site(server, crawl):
    url = site(server)
    server.pages["/robots.txt"] = Reply(status=503)
    r, out = crawl(url, "retries: 0")
    assert r.returncode == 77 and "robots.txt: http 503" in step(out)["message"] and server.paths() == ["/robots.txt"]


def test_robots_txt_of_another_host_behind_a_redirect(server, crawl):
    server.pages[f"127.0.0.1:{server.port}", "/"] = Reply(status=302, Location=f"http://localhost:{server.port}/x")
    server.pages[f"localhost:{server.port}", "/robots.txt"] = Reply("User-agent: *\nDisallow: /x\n")
    server.pages["/x"] = Reply(CONTACT)
    r, out = crawl(f"http://127.0.0.1:{server.port}/")
    assert r.returncode == 77 and "robots.txt" in step(out)["message"] and "/x" not in server.paths()


# ---- hostile servers ------------------------------------------------------------------------------------

def test_five_gigabytes_stop_at_the_cap(server, crawl):
    server.pages["/"] = Reply(write=web.endless)
    r, out = crawl(f"http://127.0.0.1:{server.port}/", "max_kilobytes: 1024\nretries: 0")
    assert r.returncode == 69 and "too many bytes" in step(out)["message"]
    time.sleep(0.2)
    assert server.sent < 64 << 20  # what socket buffers hold beyond the cap


def test_a_declared_size_over_the_cap_is_not_read(server, crawl):
    server.pages["/"] = Reply(b"x" * (2 << 20))
    r, out = crawl(f"http://127.0.0.1:{server.port}/", "max_kilobytes: 1024")
    assert r.returncode == 69 and "too many bytes" in step(out)["message"]


def test_a_gzip_bomb_stops_at_the_cap(server, crawl):
    server.pages["/"] = Reply(write=web.bomb)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    r, out = crawl(f"http://127.0.0.1:{server.port}/")
    assert r.returncode == 69 and "too many bytes" in step(out)["message"]
    # A child begins as a copy of this process, whose own peak counts as the child's.
    ours = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss <= max(before, ours, 400 << 10)


def test_a_slow_drip_ends_at_the_deadline(server, crawl):
    server.pages["/"] = Reply(write=web.drip)
    r, out = crawl(f"http://127.0.0.1:{server.port}/", "timeout_seconds: 1\nretries: 0")
    assert r.returncode == 69 and step(out)["message"] == "failed: timeout"


def test_endless_headers_stop(server, crawl):
    def headers(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for i in range(100000):
            handler.wfile.write(b"X-%d: %s\r\n" % (i, b"y" * 80))
    server.pages["/"] = Reply(write=headers)
    r, out = crawl(f"http://127.0.0.1:{server.port}/", "retries: 0")
    assert r.returncode == 69 and "too many bytes" in step(out)["message"]


def test_what_is_no_http_is_an_error_and_no_crash(server, crawl):
    server.pages["/"] = Reply(write=lambda h: h.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n"))
    r, out = crawl(f"http://127.0.0.1:{server.port}/", "retries: 0")
    assert r.returncode == 69 and step(out)["status"] == "error"


# ---- retries --------------------------------------------------------------------------------------------

def test_429_with_retry_after_is_waited_for(server, crawl):
    times = []

    def page(host, path, headers):
        times.append(time.monotonic())
        return Reply(CONTACT) if len(times) > 1 else Reply(status=429, Retry_After="2")
    server.pages["/"] = page
    r, out = crawl(f"http://127.0.0.1:{server.port}/")
    assert r.returncode == 0 and len(times) == 2
    assert times[1] - times[0] >= 1.9


def test_a_retry_after_beyond_the_deadline_is_not_waited_for(server, crawl):
    server.pages["/"] = Reply(status=429, Retry_After="3600")
    r, out = crawl(f"http://127.0.0.1:{server.port}/")
    assert r.returncode == 69 and step(out)["message"] == "failed: http 429"
    assert server.paths() == ["/robots.txt", "/"]


def test_5xx_is_tried_again_so_often(server, crawl):
    server.pages["/"] = Reply(status=502)
    r, out = crawl(f"http://127.0.0.1:{server.port}/", "retries: 2")
    assert r.returncode == 69 and server.paths() == ["/robots.txt", "/", "/", "/"]


def test_404_is_an_answer(server, crawl):
    r, out = crawl(f"http://127.0.0.1:{server.port}/nothing")
    assert r.returncode == 69 and step(out)["message"] == "http 404" and server.paths() == ["/robots.txt", "/nothing"]


def test_max_requests(server, crawl):
    r, out = crawl(site(server), "", "--max-requests", "2")
    assert server.paths() == ["/robots.txt", "/"] and out["network"]["requests"] == 2
    assert [p["reason"] for p in step(out)["artifacts"]["pages"]] == [None, "max-requests"]


# ---- TLS ------------------------------------------------------------------------------------------------

def test_tls_is_verified(tmp_path, crawl):
    ca, context = web.authority(tmp_path, "localhost")
    server = web.Web(context, wrap=True)
    server.pages["/"] = Reply(CONTACT)
    try:
        r, out = crawl(f"https://localhost:{server.port}/", f"ca_file: {ca}")
        assert r.returncode == 0 and out["success"]
        r, out = crawl(f"https://localhost:{server.port}/", "cache: b.db")  # an authority that nobody knows
        assert r.returncode == 69 and step(out)["message"] == "failed: certificate"
        r, out = crawl(f"https://127.0.0.1:{server.port}/", f"cache: c.db\nca_file: {ca}")  # another name
        assert r.returncode == 69 and step(out)["message"] == "failed: certificate"
    finally:
        server.stop()


def test_http_is_tried_where_nothing_listens_for_https(crawl):
    try:
        server = web.Web(address=("127.0.0.2", 80))
    except OSError:
        pytest.skip("port 80 of 127.0.0.2 cannot be had")
    try:
        server.pages["/"] = Reply(CONTACT)
        r, out = crawl("127.0.0.2", "retries: 0", allow="allow_private_hosts: [127.0.0.2]")
        assert r.returncode == 0 and step(out)["artifacts"]["pages"][0]["url"] == "http://127.0.0.2/"
    finally:
        server.stop()


# ---- the cache ------------------------------------------------------------------------------------------

def test_answers_are_kept(server, crawl, tmp_path):
    url = site(server)
    _, first = crawl(url)
    server.seen.clear()
    r, again = crawl(url)
    assert r.returncode == 0 and server.seen == [] and again["network"]["requests"] == 0
    assert values(again) == values(first) and all(p["cached"] for p in step(again)["artifacts"]["pages"])
    assert (tmp_path / ".hotpass/cache/http.db").stat().st_mode & 0o777 == 0o600
    assert sqlite3.connect(tmp_path / ".hotpass/cache/http.db").execute("pragma integrity_check").fetchone() == ("ok",)


def test_old_answers_are_asked_about_by_their_etag(server, crawl):
    def page(host, path, headers):
        if headers.get("If-None-Match") == '"v1"':
            return Reply(status=304)
        return Reply(CONTACT, ETag='"v1"', Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT")
    server.pages["/"] = page
    url = f"http://127.0.0.1:{server.port}/"
    _, first = crawl(url, "cache_hours: 0")
    r, again = crawl(url, "cache_hours: 0")
    asked = [h for _, p, h in server.seen if p == "/"]
    assert len(asked) == 2 and asked[1]["If-Modified-Since"] == "Mon, 01 Jan 2024 00:00:00 GMT"
    assert r.returncode == 0 and values(again) == values(first)


def test_what_must_not_be_stored_is_not(server, crawl):
    server.pages["/"] = Reply(CONTACT, Cache_Control="no-store")
    for _ in range(2):
        crawl(f"http://127.0.0.1:{server.port}/")
    assert server.paths().count("/") == 2


def test_a_damaged_cache_is_said(server, crawl, tmp_path):
    (tmp_path / "c.db").write_text("no database " * 100)
    r, out = crawl(site(server), "cache: c.db")
    assert r.returncode == 65 and out["schema"] == "hotpass.error/1" and "remove it" in out["message"]


def test_a_pause_between_requests(server, crawl, tmp_path, hotpass):
    site(server)
    (tmp_path / "q.yaml").write_text("name: q\nenrich:\n  allow_network: true\n  network:\n    allow_private_hosts: [127.0.0.1]\n"
                                     "    min_interval_seconds: 0.4\n")
    times = []
    find = server.find
    server.find = lambda *a: (times.append(time.monotonic()), find(*a))[1]
    r = hotpass("crawl", f"http://127.0.0.1:{server.port}/", "--profile", "./q.yaml", "--allow-network", cwd=tmp_path, env=OPEN)
    assert r.returncode == 0 and len(times) == 3
    assert all(b - a > 0.35 for a, b in zip(times, times[1:]))


def test_a_url_that_is_none(crawl):
    for url in ("file:///etc/passwd", "https://", "http://user:secret@127.0.0.1/"):
        r, out = crawl(url)
        assert r.returncode == 77 and step(out)["status"] == "blocked"
        assert "secret" not in r.stderr


def test_a_name_is_no_website(hotpass, tmp_path):
    (tmp_path / "plain.yaml").write_text("name: plain\n")
    r = hotpass("crawl", "Acme Aviation", "--json", "--profile", "./plain.yaml", cwd=tmp_path)
    out = json.loads(r.stdout)
    assert r.returncode == 2 and out["schema"] == "hotpass.error/1" and "plan research --entity" in out["message"]
