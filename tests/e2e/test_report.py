"""The report and the data docs: in a real browser, judged by axe-core, and as files of a run."""
import atexit
import functools
import hashlib
import importlib.util
import json
import os
import re
import shutil
import tempfile
from pathlib import Path

import openpyxl
import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import sync_playwright

EPOCH = {"SOURCE_DATE_EPOCH": "1760432400"}
HOSTILE = "<script>document.title='owned'</script>\"'><img src=http://x.example/a onerror=alert(1)>"
BIDI = "Kite \u202eskroW"


def digest(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def refine(hotpass, repo, inputs, here, *more, profile="aviation", **options):
    """Refine into here/refined.xlsx with a report of each form."""
    return hotpass.run(["refine", "--profile-search-path", lenient(repo), "--profile", profile, "--input-dir", inputs,
                        "--output-path", "refined.xlsx", "--report-path", "report.html", "--report-path", "report.md", *more],
                       cwd=here, env=EPOCH, **options)


@functools.cache
def lenient(repo):
    """A folder with the profiles, of which aviation's suites stop nothing: hostile cells are no addresses of e-mail."""
    folder = Path(tempfile.mkdtemp(prefix="hotpass-profiles-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for profile in (repo / "profiles").glob("*.yaml"):
        text = profile.read_text().replace("../expectations/", f"{repo}/expectations/")
        (folder / profile.name).write_text(text.replace("severity: {critical: fail,", "severity: {critical: warn,"))
    return folder


def stopping_profile(repo, path):
    """The aviation profile with an expectation that stops the demo."""
    text = (lenient(repo) / "aviation.yaml").read_text()
    expectation = "  expectations:\n    - {column: contact_email, kind: not_null, mostly: 0.99, severity: fail}\n"
    assert text.count("  expectations:\n") == 1
    path.write_text(text.replace("  expectations:\n", expectation))
    return path


@pytest.fixture(scope="module")
def hostile(demo, tmp_path_factory):
    """The demo with cells that would like to be more than text."""
    folder = tmp_path_factory.mktemp("hostile") / "in"
    folder.mkdir()
    for book in demo.glob("*.xlsx"):
        shutil.copy(book, folder)
    book = openpyxl.load_workbook(next(folder.glob("Reachout*")))
    sheet = book["Organisation"]
    sheet["A5"], sheet["A6"], sheet["H7"] = HOSTILE, BIDI, HOSTILE
    contacts = book["Contact Info"]
    for row in range(2, 12):
        contacts.cell(row, 9).value = f"someone{row}@nowhere"
        contacts.cell(row, 7).value = "12"
    contacts["I3"] = "javascript:alert(1)//@" + HOSTILE
    book.save(next(folder.glob("Reachout*")))
    return folder


@pytest.fixture(scope="module")
def runs(hotpass, repo, demo, hostile, tmp_path_factory):
    """A folder with three runs: the demo, the hostile one, and one that stops."""
    here = tmp_path_factory.mktemp("runs")
    for number, inputs in enumerate((demo, hostile)):
        result = refine(hotpass, repo, inputs, here)
        assert result.returncode == 0, result.stderr
        shutil.copy(here / "report.html", here / f"report{number}.html")
    stop = here / "stop"
    stop.mkdir()
    profile = stopping_profile(repo, here / "stop.yaml")
    result = refine(hotpass, repo, hostile, stop, "--dist-dir", here / "dist", profile=profile)
    assert result.returncode == 1, result.stderr
    return here


# ---- in a browser ---------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium, without a window."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("chromium is not installed: run scripts/setup check", pytrace=False)
    with sync_playwright() as p:
        # Chromium refuses to sandbox what root runs, and tests in containers are root's; the pages are our own.
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = p.chromium.launch(executable_path=path, args=sandbox)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def axe():
    """The source of axe-core."""
    folder = importlib.util.find_spec("axe_playwright_python").submodule_search_locations[0]
    return Path(folder, "axe.min.js").read_text()


def opened(browser, path, **options):
    """Open a page; returns it and the list of all that it should not have done."""
    context = browser.new_context(**options)
    page = context.new_page()
    deeds = []
    page.on("console", lambda m: deeds.append(f"console: {m.text}"))
    page.on("pageerror", lambda e: deeds.append(f"error: {e}"))
    page.on("dialog", lambda d: (deeds.append(f"dialog: {d.message}"), d.dismiss()))
    page.on("request", lambda r: deeds.append(f"request: {r.url}") if r.url != path.as_uri() else None)
    page.goto(path.as_uri())
    return page, deeds


PAGES = ["report0.html", "report1.html", "stop/report.html", "dist/data-docs/index.html"]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_quiet_and_asks_for_nothing(browser, runs, name):
    page, deeds = opened(browser, runs / name)
    page.mouse.wheel(0, 20000)
    assert deeds == []
    assert page.title() != "owned"
    assert page.locator("script").count() == 0
    assert page.locator("img, iframe, object, link, form").count() == 0
    page.context.close()


def test_the_policy_forbids_what_is_injected_all_the_same(browser, runs):
    page, deeds = opened(browser, runs / "report1.html")
    failed = []
    page.on("requestfailed", lambda r: failed.append(r.failure))
    page.evaluate("document.body.append(Object.assign(document.createElement('img'), {src: 'http://x.example/a.png'}))")
    page.evaluate("{const s = document.createElement('script'); s.textContent = 'document.title = \"owned\"'; document.body.append(s)}")
    page.wait_for_timeout(200)
    assert page.title() != "owned"
    assert any("Content Security Policy" in d for d in deeds)
    assert failed == ["csp"] # the browser itself kept it from being sent
    page.context.close()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme, width", [("light", 1200), ("dark", 1200), ("light", 360), ("dark", 360)])
def test_axe_finds_nothing(browser, axe, runs, name, scheme, width):
    # The page forbids scripts, the test's too: axe is let in past the policy.
    page, _ = opened(browser, runs / name, color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations', 'incomplete']})")
    assert found["passes"], "axe looked at nothing"
    violations = [(v["id"], [n["html"] for n in v["nodes"]][:3]) for v in found["violations"]]
    assert violations == []
    # What axe cannot decide by itself: the contrast of text in SVG, which test_text_in_charts_can_be_read asks, and of
    # what a narrow table has scrolled out of sight, which has the same colours on a wide page.
    unsure = [n["html"] for v in found["incomplete"] for n in v["nodes"] if not n["html"].startswith("<text ")]
    assert width < 1200 or unsure == []
    page.context.close()


def luminance(color):
    """Relative luminance, WCAG 2.2."""
    channels = [int(c) / 255 for c in re.findall(r"\d+", color)[:3]]
    return sum(w * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
               for w, c in zip((0.2126, 0.7152, 0.0722), channels))


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_in_charts_can_be_read(browser, runs, scheme):
    page, _ = opened(browser, runs / "report0.html", color_scheme=scheme)
    ground = page.evaluate("getComputedStyle(document.querySelector('#quality')).backgroundColor")
    fills = page.evaluate("[...document.querySelectorAll('svg text')].map(t => getComputedStyle(t).fill)")
    assert len(fills) >= 12
    assert all(contrast(f, ground) >= 4.5 for f in fills)
    # Bars are no text: 3 to 1 against what they lie on (WCAG 1.4.11).
    bar = page.evaluate("getComputedStyle(document.querySelector('#quality rect.a')).fill")
    assert contrast(bar, ground) >= 3
    page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_narrow_page_does_not_scroll_sideways(browser, runs, name):
    page, _ = opened(browser, runs / name, viewport={"width": 360, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.context.close()


def test_tables_scroll_by_keyboard(browser, runs):
    page, _ = opened(browser, runs / "report1.html", viewport={"width": 360, "height": 700})
    wide = page.evaluate("""() => {
        const s = [...document.querySelectorAll('.scroll')].find(s => s.scrollWidth > s.clientWidth);
        s.focus(); return s === document.activeElement }""")
    assert wide
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("document.activeElement.scrollLeft > 0")
    page.context.close()


def test_colours_follow_the_scheme_and_paper_is_light(browser, runs):
    ground = "getComputedStyle(document.body).backgroundColor"
    light, _ = opened(browser, runs / "report0.html", color_scheme="light")
    dark, _ = opened(browser, runs / "report0.html", color_scheme="dark")
    assert luminance(light.evaluate(ground)) > 0.8 and luminance(dark.evaluate(ground)) < 0.05
    dark.emulate_media(media="print", color_scheme="dark")
    assert luminance(dark.evaluate(ground)) > 0.8
    light.context.close()
    dark.context.close()


def test_it_prints_with_what_is_folded_away(browser, runs):
    page, _ = opened(browser, runs / "report0.html")
    page.emulate_media(media="print")
    folded = page.locator("details table")
    assert folded.is_visible() and page.locator("nav").is_hidden()
    pdf = page.pdf(format="A4")
    assert pdf.startswith(b"%PDF") and len(re.findall(rb"/Type\s*/Page\b", pdf)) >= 3
    page.context.close()


def test_the_verdict_is_said_in_words_and_first(browser, runs):
    for name, word in [("report0.html", "Passed with warnings"), ("stop/report.html", "Stopped")]:
        page, _ = opened(browser, runs / name)
        assert page.inner_text(".verdict .word") == word
        assert page.title().startswith(f"{word}: ")
        # Headings make an outline: one h1, no level left out.
        levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(b - a <= 1 for a, b in zip(levels, levels[1:]))
        # ... and it stands above everything else that counts.
        assert page.evaluate("document.querySelector('.verdict').getBoundingClientRect().bottom < 300")
        page.context.close()


def test_hostile_cells_are_text(browser, runs):
    page, deeds = opened(browser, runs / "report1.html")
    text = page.inner_text("body")
    assert "\u202e" not in page.content()
    assert deeds == [] and "javascript:" not in page.content()
    assert page.evaluate("[...document.querySelectorAll('a')].every(a => /^(#|\\.\\.\\/)/.test(a.getAttribute('href')))")
    assert "email_invalid" in text
    page.context.close()


def test_the_list_leads_to_each_report(browser, runs):
    index = runs / "dist/data-docs/index.html"
    page, _ = opened(browser, index)
    links = page.locator("tbody a")
    states = page.locator("tbody td:first-of-type").all_inner_texts()
    assert links.count() == 3 and sum("Stopped" in s for s in states) == 1
    for i in range(3):
        target = page.evaluate("i => document.querySelectorAll('tbody a')[i].href", i)
        report, deeds = opened(browser, Path(target.removeprefix("file://")))
        assert deeds == [] and report.locator("main#main").count() == 1
        report.click("text=All runs")
        assert report.url == index.as_uri()
        report.context.close()
    page.context.close()


# ---- what it says -----------------------------------------------------------------------------------------------

def test_the_report_agrees_with_run_json(browser, runs, hotpass, repo, demo, tmp_path):
    assert refine(hotpass, repo, demo, tmp_path).returncode == 0
    run = json.loads((tmp_path / "run.json").read_text())
    page, _ = opened(browser, tmp_path / "report.html")
    counts = run["counts"]
    tiles = dict(zip(page.locator(".tiles dt").all_inner_texts(), page.locator(".tiles dd:not(.then)").all_inner_texts()))
    assert tiles["Rows read"] == f"{counts['rows_in']:,}" and tiles["Organisations"] == f"{counts['rows_out']:,}"
    assert tiles["Contacts"] == f"{counts['contacts']:,}" and tiles["Rows in quarantine"] == f"{counts['quarantined']:,}"
    rows = [[int(c.replace(",", "")) for c in page.locator("#rows tbody td:nth-of-type(1)").all_inner_texts()]][0]
    assert rows == [counts["rows_out"], counts["merged"], counts["quarantined"], counts["rows_in"]]
    assert sum(rows[:3]) == rows[3]
    rules = page.locator("#rules tbody th > bdi").all_inner_texts()
    assert sorted(rules) == sorted(f["rule"] for f in run["findings"])
    fill = {f["column"]: f["filled"] for f in run["fill"]}
    book = openpyxl.load_workbook(tmp_path / "refined.xlsx", read_only=True)["Data"]
    head, *data = book.iter_rows(values_only=True)
    for column, filled in fill.items():
        assert filled == sum(r[head.index(column)] is not None for r in data), column
    quality = [float(r[head.index("data_quality_score")]) for r in data]
    columns = [int(t) for t in page.locator("#quality svg .count").all_text_contents()]
    assert columns == [sum(round(q * 5) == k for q in quality) for k in range(6)]
    for entry in run["inputs"]:
        assert entry["sha256"] in page.inner_text("#sources")
    page.context.close()


def test_fill_before_is_that_of_the_sources(hotpass, repo, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/list.csv").write_text("Company,Website,E-mail\nKite Works,kite.example,\nLoop Air,,a@loop.example\n"
                                          "Roll Ltd,n/a,b@roll.example\nYaw Ltd,,\n")
    assert refine(hotpass, repo, "in", tmp_path, profile="generic").returncode == 0
    fill = {f["column"]: f for f in json.loads((tmp_path / "run.json").read_text())["fill"]}
    assert (fill["website"]["source_filled"], fill["website"]["source_rows"], fill["website"]["filled"]) == (2, 4, 1)
    assert (fill["contact_primary_email"]["source_filled"], fill["contact_primary_email"]["filled"]) == (2, 2)


def values_of(path):
    """The e-mail addresses and phones of the contacts that a run wrote."""
    sheet = openpyxl.load_workbook(path, read_only=True)["Contacts"]
    head, *rows = sheet.iter_rows(values_only=True)
    cells = [v for r in rows for v in (r[head.index("contact_emails")], r[head.index("contact_phones")]) if v]
    return {part for c in cells for part in c.split("; ")}


def test_personal_values_are_masked_unless_asked_for(hotpass, repo, hostile, tmp_path):
    pages = {}
    for flags in ([], ["--show-values"]):
        here = tmp_path / f"n{len(flags)}"
        here.mkdir()
        assert refine(hotpass, repo, hostile, here, *flags).returncode == 0
        pages[len(flags)] = [(here / name).read_text() for name in ("report.html", "report.md")]
        pages[len(flags)] += [p.read_text() for p in here.glob("dist/data-docs/*/index.html")]
    people = values_of(tmp_path / "n0/refined.xlsx")
    assert len(people) > 100
    for text in pages[0]:
        assert not [v for v in people if v in text]
        assert "someone2@nowhere" not in text and "masked" in text
    for text in pages[1]:
        assert "someone" in text and "as they are" in text


def test_what_changed_is_told_and_depends_on_the_run_before(hotpass, repo, demo, hostile, tmp_path):
    assert refine(hotpass, repo, demo, tmp_path).returncode == 0
    first = (tmp_path / "report.md").read_text()
    assert "since the previous run" not in first
    assert refine(hotpass, repo, hostile, tmp_path).returncode == 0
    second = (tmp_path / "report.md").read_text()
    assert "File Reachout Database.xlsx" in second and "| Findings email_invalid |" in second
    assert re.search(r"\| Findings email_invalid \| 0 \| \d+ \| \+\d+ \| worse \|", second)
    # The same again, with the same run before it, is the same; with itself before it, nothing has changed.
    before = (tmp_path / "run.json").read_bytes()
    assert refine(hotpass, repo, hostile, tmp_path).returncode == 0
    third = (tmp_path / "report.md").read_text()
    assert "It read the same files. Nothing is different." in third
    (tmp_path / "run.json").write_bytes(before)
    assert refine(hotpass, repo, hostile, tmp_path).returncode == 0
    assert (tmp_path / "report.md").read_text() == third


def test_a_broken_run_json_is_told_not_fatal(hotpass, repo, demo, tmp_path):
    (tmp_path / "run.json").write_text("{\"schema\": <script>")
    assert refine(hotpass, repo, demo, tmp_path).returncode == 0
    assert "cannot be read" in (tmp_path / "report.md").read_text()
    assert "<script>" not in (tmp_path / "report.html").read_text()


# ---- the files --------------------------------------------------------------------------------------------------

def test_same_input_same_bytes_whatever_jobs_and_time_zone(hotpass, repo, hostile, tmp_path):
    seen = set()
    for jobs, zone in (("1", "UTC"), ("2", "Pacific/Auckland")):
        here = tmp_path / jobs
        here.mkdir()
        result = hotpass.run(["refine", "--profile-search-path", lenient(repo), "--profile", "aviation", "--input-dir", hostile,
                              "--output-path", "refined.xlsx", "--report-path", "r.html", "--report-path", "r.md", "--jobs", jobs],
                             cwd=here, env={**EPOCH, "TZ": zone})
        assert result.returncode == 0, result.stderr
        files = sorted(p.relative_to(here) for p in here.rglob("*") if p.is_file() and p.parent.name != "logs")
        assert len(files) == 8, files
        seen.add(tuple((str(f), digest(here / f)) for f in files))
    assert len(seen) == 1


def test_a_stopped_run_writes_its_report_and_nothing_else(hotpass, repo, demo, tmp_path):
    assert refine(hotpass, repo, demo, tmp_path).returncode == 0
    kept = {n: digest(tmp_path / n) for n in ("refined.xlsx", "run.json")}
    profile = stopping_profile(repo, tmp_path / "stop.yaml")
    result = refine(hotpass, repo, demo, tmp_path, "--archive", profile=profile)
    assert result.returncode == 1
    assert kept == {n: digest(tmp_path / n) for n in kept}
    assert not list(tmp_path.rglob("*.zip")) and not list(tmp_path.rglob("*.tmp"))
    text = (tmp_path / "report.md").read_text()
    for part in ("**Stopped**", "stage check", "contact_primary_email not_null", "Nothing was written but this report",
                 "Contact Database.xlsx!"):
        assert part in text, part
    runs = sorted(json.loads(p.read_text())["exit_code"] for p in tmp_path.glob("dist/data-docs/*/run.json"))
    assert runs == [0, 1]
    assert "Nothing but the report was written" in result.stdout


def test_without_a_report_a_stopped_run_writes_nothing(hotpass, repo, demo, tmp_path):
    profile = stopping_profile(repo, tmp_path / "stop.yaml")
    result = hotpass.run(["refine", "--profile", profile, "--input-dir", demo, "--output-path", tmp_path / "out/refined.xlsx",
                          "--dist-dir", tmp_path / "dist"])
    assert result.returncode == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["stop.yaml"]


def test_a_dry_run_writes_no_report(hotpass, repo, demo, tmp_path):
    result = refine(hotpass, repo, demo, tmp_path, "--dry-run")
    assert result.returncode == 0, result.stderr
    assert list(tmp_path.iterdir()) == []


def test_without_a_report_there_are_no_data_docs(hotpass, repo, demo, tmp_path):
    result = hotpass.run(["refine", "--profile-search-path", repo / "profiles", "--profile", "aviation", "--input-dir", demo,
                          "--output-path", "refined.xlsx", "--archive"], cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert not (tmp_path / "dist/data-docs").exists()


def test_run_json_and_the_archive_hold_the_report(hotpass, repo, demo, tmp_path):
    assert refine(hotpass, repo, demo, tmp_path, "--archive").returncode == 0
    run = json.loads((tmp_path / "run.json").read_text())
    listed = {o["path"]: o for o in run["outputs"]}
    assert listed["report.html"]["kind"] == "report"
    assert listed["report.html"]["sha256"] == digest(tmp_path / "report.html")
    (archive,) = tmp_path.glob("dist/*.zip")
    (docs,) = [p for p in (tmp_path / "dist/data-docs").iterdir() if p.is_dir()]
    assert archive.stem == f"refined-data-{docs.name}"
    assert (docs / "run.json").read_bytes() == (tmp_path / "run.json").read_bytes()


@pytest.mark.parametrize("path, code, words", [
    ("report.pdf", 2, ".html or .md"),
    ("report", 2, ".html or .md"),
    ("dist/data-docs/index.html", 2, "two outputs"),
    ("./report.md", 2, "two outputs"),
])
def test_a_report_that_cannot_be_is_refused_before_any_work(hotpass, repo, demo, tmp_path, path, code, words):
    result = refine(hotpass, repo, demo, tmp_path, "--report-path", path)
    assert result.returncode == code and words in result.stderr, result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_report_never_replaces_an_input(hotpass, repo, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/list.csv").write_text("Company,Phone\nKite Works,011 555 0100\n")
    (tmp_path / "report.html").symlink_to(tmp_path / "in/list.csv")
    before = digest(tmp_path / "in/list.csv")
    result = refine(hotpass, repo, "in", tmp_path, profile="generic")
    assert result.returncode == 2 and "--report-path" in result.stderr
    assert digest(tmp_path / "in/list.csv") == before


def test_a_report_that_cannot_be_written_ends_before_any_work(hotpass, repo, demo, tmp_path):
    (tmp_path / "file").write_text("no directory")
    result = refine(hotpass, repo, demo, tmp_path, "--report-path", "file/r.html")
    assert result.returncode == 73 and "file/r.html" in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_data_docs_that_cannot_be_written_end_before_any_work(hotpass, repo, demo, tmp_path):
    (tmp_path / "dist").write_text("no directory")
    result = refine(hotpass, repo, demo, tmp_path)
    assert result.returncode == 73 and "data-docs" in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["dist"]


def test_the_list_of_runs_takes_what_is_there(hotpass, repo, demo, tmp_path):
    docs = tmp_path / "dist/data-docs"
    for name, run in (("20200101T000000Z-0123456789ab", "{broken"), ("20300101T000000Z-0123456789ab", None), ("notes", "{}")):
        (docs / name).mkdir(parents=True)
        (docs / name / "index.html").write_text("<p>old</p>")
        if run:
            (docs / name / "run.json").write_text(run)
    (docs / "20250101T000000Z-0123456789ab").mkdir()  # a run that was given up: no page in it
    assert refine(hotpass, repo, demo, tmp_path).returncode == 0
    ids = re.findall(r'<a href="([^"#]+)/index.html">', (docs / "index.html").read_text())
    assert len(ids) == 3 and ids == sorted(ids, reverse=True) and "notes" not in ids


def test_a_library_of_markdown_sees_text_where_text_is(hotpass, repo, hostile, tmp_path):
    assert refine(hotpass, repo, hostile, tmp_path, "--show-values").returncode == 0
    html = MarkdownIt("gfm-like", {"html": True}).render((tmp_path / "report.md").read_text())
    assert "<script" not in html and "<img" not in html and "<a " not in html
    assert html.count("<table>") >= 8
