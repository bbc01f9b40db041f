"""Hostile workbooks, csv files, profiles, names, signals and surroundings: an error with its reason, the previous output as it was,
nothing left behind; and nothing of a stranger's text reaches a terminal or a spreadsheet as more than text."""
import csv
import io
import json
import os
import re
import resource
import signal
import socket
import subprocess
import time
import zipfile

import openpyxl
import pytest

from conftest import ROOT, SANITIZER_ENV
from hostile_files import CASES, HONEST

GENERIC = ROOT / "profiles/generic.yaml"
CSV = "Organisation Name,Email,Phone\nAcme Flying,info@acme.example,0115551234\n"
TYPE = "Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
HEADER = ("<row r='1'><c r='A1' t='inlineStr'><is><t>Organisation Name</t></is></c>"
          "<c r='B1' t='inlineStr'><is><t>Email</t></is></c></row>")
CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def sheet(rows="<row r='2'><c r='A2' t='inlineStr'><is><t>Acme</t></is></c></row>", after=""):
    return f"<worksheet><sheetData>{HEADER}{rows}</sheetData>{after}</worksheet>"


def book(path, extra=(), **parts):
    """Write a workbook of one sheet by hand; a part may be replaced by name: sheet, workbook, rels, strings, styles."""
    names = {"sheet": "xl/s.xml", "workbook": "xl/workbook.xml", "rels": "xl/_rels/workbook.xml.rels", "strings": "xl/sharedStrings.xml",
             "styles": "xl/styles.xml"}
    usual = {"_rels/.rels": f"<R><Relationship Id='a' {TYPE}officeDocument' Target='xl/workbook.xml'/></R>",
             "xl/workbook.xml": "<workbook xmlns:r='r'><sheets><sheet name='S' r:id='a'/></sheets></workbook>",
             "xl/_rels/workbook.xml.rels": f"<R><Relationship Id='a' {TYPE}worksheet' Target='s.xml'/></R>", "xl/s.xml": sheet()}
    usual.update({names[key]: text for key, text in parts.items()})
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
        for name, text in [*usual.items(), *extra]:
            z.writestr(name, text)


@pytest.fixture
def place(tmp_path):
    """A directory with an input directory `in`, and `out` with a previous output."""
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/r.xlsx").write_text("previous")
    return tmp_path


def refine(hotpass, place, *more, profile=GENERIC, **options):
    started = time.monotonic()
    done = hotpass.run(["refine", "-p", profile, "-i", "in", "-o", "out/r.xlsx", *more], cwd=place, **options)
    assert time.monotonic() - started < 20  # slow is another word for stuck; the sanitizers take their part
    return done


def untouched(place):
    assert sorted(p.name for p in (place / "out").iterdir()) == ["r.xlsx"]
    assert (place / "out/r.xlsx").read_text() == "previous"


def refused(hotpass, place, code, *words, **options):
    done = refine(hotpass, place, **options)
    assert done.returncode == code, done.stderr
    for word in words:
        assert word in done.stderr
    assert not CONTROLS.search(done.stderr)
    untouched(place)


# ---- workbooks -------------------------------------------------------------------------------------------


def seconds_of(hotpass):
    """Two seconds of the released program; the sanitizers make it slower."""
    return 12 if b"__asan_init" in hotpass.path.read_bytes() else 2


def within(hotpass):
    """A backstop, no timing: who uses more time or memory than this has fallen for the attack."""
    seconds, sanitized = seconds_of(hotpass), seconds_of(hotpass) > 2

    def limited():
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        if not sanitized:  # whose shadow takes terabytes of addresses
            resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    return limited


@pytest.fixture(params=CASES)
def attack(request, place):
    """A case, and its file in the input directory."""
    case = CASES[request.param]
    path = place / f"in/Bad Book.{case.suffix}"
    case.make(path)
    return case, path


def is_refused(case, done):
    text = done.stderr if isinstance(done.stderr, str) else done.stderr.decode()
    assert done.returncode == 65, text
    for words in ("Bad Book", case.words, case.place or ""):
        assert re.search(words, text), (words, text)
    assert not CONTROLS.search(text) and len(text) < 3000


def test_attack(hotpass, place, attack):
    """Each class of attack is refused in words that say where, or read because it does no harm."""
    case, path = attack
    options = ["--max-memory", "1G", *case.options]
    with open(place / "cells.json", "w", encoding="utf-8") as out:
        done = hotpass.run(["cells", "--json", path, *options], stdout=out, preexec_fn=within(hotpass))
    if case.code == 65:
        is_refused(case, done)
    else:
        printed = (place / "cells.json").read_text(encoding="utf-8")
        assert done.returncode == 0, done.stderr
        assert re.search(case.words, printed)
        assert case.rows is None or printed.count("\n") == case.rows
    if case.rule:
        assert case.rule in hotpass("inspect", "--json", path).stdout


@pytest.mark.parametrize("name", CASES)
def test_attack_on_refine(hotpass, place, name):
    """The same through a whole run: refused, the previous output untouched; or read."""
    case = CASES[name]
    case.make(place / f"in/Bad Book.{case.suffix}")
    done = refine(hotpass, place, "--max-memory", "1G", *case.options, preexec_fn=within(hotpass))
    if case.code == 65:
        is_refused(case, done)
        untouched(place)
    else:
        assert done.returncode in (0, 1, 65), done.stderr
        if done.returncode == 65:  # it was read, and there was nothing in it
            assert re.search("empty|could be used|no line", done.stderr), done.stderr


def test_every_format_damaged(hotpass, place):
    """Cut short, or with bytes changed, a file is refused or read, and nothing else."""
    (place / "password").write_text("secret")
    (place / "password").chmod(0o600)
    for suffix, make in HONEST.items():
        whole, path = make(), place / f"in/book.{suffix}"
        options = ["--json", "--password-file", place / "password"]
        path.write_bytes(whole)
        assert hotpass("cells", path, *options).returncode == 0, suffix
        for n in range(16):
            path.write_bytes(whole[:len(whole) * n // 16])
            assert hotpass("cells", path, *options).returncode == 65 or (suffix == "csv" and n > 0), (suffix, n)
        for i in range(16):
            data = bytearray(whole)
            for at in range(i * 7, len(data), 497):
                data[at] ^= 1 << i % 8
            path.write_bytes(data)
            done = hotpass.run(["cells", path, *options], preexec_fn=within(hotpass))
            assert done.returncode in (0, 65, 77) and (done.returncode == 0 or "book" in done.stderr), (suffix, i, done.stderr)


@pytest.mark.parametrize("name, words", [("../../evil", ["leaves the workbook"]), ("..\\evil", ["leaves the workbook"]), ("XL/S.XML", ["twice"])])
def test_name_in_the_zip_is_refused(hotpass, place, name, words):
    book(place / "in/a.xlsx", extra=[(name, "<other/>")])
    refused(hotpass, place, 65, "a.xlsx", *words)
    assert sorted(p.name for p in place.iterdir()) == ["in", "out"]


def test_empty_columns_are_not_walked(hotpass, place):
    """One column far right makes 16,383 empty ones, which once cost a step for each row each."""
    rows = "".join(f"<row r='{r}'><c r='XFD{r}'><v>1</v></c></row>" for r in range(2, 60000))
    book(place / "in/a.xlsx", sheet=sheet(rows))
    limit = {"RLIMIT_CPU": 3}  # it took 5 s under the sanitizers

    def limited():
        for name, value in limit.items():
            resource.setrlimit(getattr(resource, name), (value, value))
    assert refine(hotpass, place, preexec_fn=limited).returncode == 65


# ---- csv -------------------------------------------------------------------------------------------------


def test_csv_of_no_rows_is_refused(hotpass, place):
    for data, words in ((b"\xff\xfe", "a.csv"), (b"", "empty"), (b"\n" * 1000000, "a.csv")):
        (place / "in/a.csv").write_bytes(data)
        refused(hotpass, place, 65, words)


# ---- profiles --------------------------------------------------------------------------------------------

SOURCE = "name: x\ningest: {sources: [{name: s, path_pattern: '%s'}]}\n"
REGEX = "name: x\nrefine: {expectations: [{column: organization_name, kind: matches_regex, regex: %s}]}\n"


@pytest.mark.parametrize("text, code, words", [
    ("a: &a [x,x,x,x,x,x,x,x]\n" + "".join(f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 8)}]\n" for i in range(20)),
     78, ["200000"]),
    ("name: &a [*a]\n", 78, ["contains itself"]),
    ("[" * 100000, 78, ["deeper"]),
    ("? " * 50000, 78, ["p.yaml:1"]),
    ("name: x\n#" + "x" * (5 << 20), 78, ["4194304"]),
    ('"\\e[31mnam\\u202e": x\n', 78, ["unknown key"]),
    ('name: "x\\0y"\n', 78, ["p.yaml:1:", "NUL"]),
    (REGEX % "'^(a+)+$'", 78, ["too many steps"]),
    (REGEX % "'((a{1,1000}){1,1000}){1,100}'", 78, ["too large"]),
    (REGEX % '"\\0("', 78, ["NUL"]),
    (SOURCE % ("*a" * 5000 + "*b"), 66, ["no file is a source"]),
    (SOURCE % ("*[!" + "a-z" * 20000 + "]*.csv"), 66, ["no file is a source"]),
], ids=["aliases", "itself", "deep", "keys", "large", "escape", "nul", "steps", "regex", "regex-nul", "stars", "set"])
def test_profile_is_refused(hotpass, place, text, code, words):
    (place / "p.yaml").write_text(text)
    (place / "in/a.csv").write_text(CSV + "a" * 40 + "!,,\n")
    refused(hotpass, place, code, *words, profile="./p.yaml")


# ---- what lies in the input directory --------------------------------------------------------------------


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as s:
        here = os.getcwd()
        os.chdir(path.parent)  # a socket's path is short
        try:
            s.bind(path.name)
        finally:
            os.chdir(here)


@pytest.mark.parametrize("make, words", [
    (lambda p: os.mkfifo(p), ["pipe"]),
    (make_socket, ["socket"]),
    (lambda p: p.symlink_to("/dev/zero"), ["device"]),
    (lambda p: p.symlink_to(p.name), ["circle"]),
    (lambda p: p.symlink_to("/nonexistent"), ["no such file"]),
], ids=["fifo", "socket", "device", "loop", "dangling"])
@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_no_regular_file(hotpass, place, make, words, name):
    (place / "in/ok.csv").write_text(CSV)
    make(place / "in" / name)
    refused(hotpass, place, 66, name, *words)


def test_names_of_files_are_only_text(hotpass, place):
    (place / "in/x.xlsx").mkdir()
    names = [b"a\n\x1b[31mb.csv", b"--help.csv", b"\xff\xfe.csv", b"=cmd|x!A0.csv", "a\u202evsc.pdf".encode(), b"\x1b]0;x\x07.pdf"]
    for name in names:
        with open(os.path.join(os.fsencode(place / "in"), name), "wb") as f:
            f.write(CSV.encode())
    done = refine(hotpass, place, "-v", "-o", "out/r.csv")
    assert done.returncode in (0, 1), done.stderr
    assert not CONTROLS.search(done.stdout + done.stderr)
    for path in (place / "out").glob("*.csv"):
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", path.read_text())
    with open(os.path.join(os.fsencode(place / "in"), b"z\x1b[2J\xff.csv"), "wb") as f:
        f.write(b'"')
    bad = refine(hotpass, place)
    assert bad.returncode == 65 and not CONTROLS.search(bad.stderr)


def test_file_cut_short_while_it_is_read(hotpass, place):
    """The pages behind the new end are gone: SIGBUS, which is no crash but an error of the file."""
    path = place / "in/a.csv"
    text = CSV + "".join(f"Acme {i} Flying,a{i}@b.co.za,\n" for i in range(60000))
    told = False
    for delay in (0.01, 0.02, 0.03, 0.04, 0.05, 0.07, 0.09, 0.12):
        path.write_text(text)
        p = subprocess.Popen([hotpass, "refine", "-p", GENERIC, "-i", "in", "-o", "out/r.xlsx"], cwd=place, stdout=subprocess.DEVNULL,
                             stderr=subprocess.PIPE, text=True, env={**os.environ, **SANITIZER_ENV})
        time.sleep(delay)
        os.truncate(path, 10)
        message = p.communicate(timeout=60)[1]
        assert p.returncode in (0, 65, 74), (p.returncode, message)
        if p.returncode == 74:
            told = True
            assert "became shorter" in message or "was changed while it was read" in message
            break
        (place / "out/run.json").unlink(missing_ok=True)
        (place / "out/r.xlsx").write_text("previous")
    if told:
        untouched(place)


# ---- values ----------------------------------------------------------------------------------------------

FORMULAS = ["=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", " =1", "\u00a0=1", "\u200b=1", "\ufeff=1", "\u202e=1", "\x01=1",
            "\x1b[31m=1", "＝1+1"]
LINKS = ["javascript:alert(1)", "file:///etc/passwd", "http://" + "a" * 3000 + ".co.za", "http://x.co.za/internal:Sheet1!A1",
         "external:c:\\x.xlsx", "\\\\evil\\share", "data:text/html,x"]


@pytest.fixture
def poisoned(hotpass, place):
    columns = ["Organisation Name", "Contact Name", "Email", "Phone", "Website", "Address", "Notes", "=cmd()\x1b]0;x\x07", "+Evil\nHeader"]
    with open(place / "in/@c.csv", "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f)
        out.writerow(columns)
        for text in FORMULAS + LINKS + ["\x1b[31mRED\x1b]0;pwn\x07\u202egnp.exe\u2066\x9b5m"]:
            out.writerow([text + " Flying", text, text + "@acme.example", text, text, text, text, text, text])
            out.writerow([text])
        out.writerow(["Zed Ltd", "John Secretperson", "john.secret@private-person.example", "0825551234"])
        out.writerow(["Yed Ltd", "Jane Secretperson", "jane.secret@@private", "082555123499999"])
    return place


def test_values_do_not_reach_the_terminal_raw(hotpass, poisoned):
    file = "in/@c.csv"
    for args in (["map", "-p", GENERIC, "in"], ["map", "-p", GENERIC, "in", "--json"], ["cells", file], ["cells", file, "--json"],
                 ["inspect", file], ["inspect", file, "--json"], ["cells", file + "!No\x1b[31m"], ["cells", "in/\x1b[2J\u202e.xlsx"],
                 ["refine", "-v", "-p", GENERIC, "-i", "in", "-o", "out/r.xlsx", "--json"]):
        done = hotpass.run(args, cwd=poisoned)
        assert not CONTROLS.search((done.stdout + done.stderr).replace("\t", " ")), args
    assert not CONTROLS.search((poisoned / "out/run.json").read_text())


def test_nothing_becomes_a_formula_or_a_foreign_link(hotpass, poisoned):
    assert refine(hotpass, poisoned, "-o", "out/s.csv").returncode in (0, 1)
    for ws in openpyxl.load_workbook(poisoned / "out/r.xlsx"):
        for row in ws.iter_rows():
            for cell in row:
                assert cell.data_type != "f", (ws.title, cell.coordinate)
                if cell.hyperlink:
                    assert re.match("https?://|mailto:", cell.hyperlink.target) and len(cell.hyperlink.target) <= 2079
    unseen = "\u00a0\u00ad\u200b\u200e\u200f\ufeff\u202a\u202e\u2066\u2069 \x01\x1b\ufffd"
    for path in (poisoned / "out").glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]", text), path
        for row in csv.reader(io.StringIO(text, newline="")):
            for field in row:
                plain = re.fullmatch(r"\+\d+(; ?\+\d+)*|-?\d+(\.\d+)?", field)
                assert plain or not re.match("[=+\\-@\t\r\n＝＋－＠]", field.lstrip(unseen)), (path.name, field)


def test_people_are_not_in_the_talk(hotpass, poisoned):
    for more in (["-v"], ["--log-format", "json"], ["--json"]):
        done = refine(hotpass, poisoned, *more)
        talk = done.stdout + done.stderr + (poisoned / "out/run.json").read_text()
        assert not re.search("Secretperson|(john|jane).secret|0?825551234", talk), more


# ---- surroundings ----------------------------------------------------------------------------------------


def many(place, n=3000):
    (place / "in/a.csv").write_text("Organisation Name,Email\n" + "".join(f"Acme {i} Flying,a{i}@b{i}.co.za\n" for i in range(n)))


@pytest.mark.parametrize("number, status", [(signal.SIGTERM, 143), (signal.SIGINT, 130), (signal.SIGHUP, -signal.SIGHUP),
                                            (signal.SIGQUIT, -signal.SIGQUIT)])
def test_signals_leave_no_temporary_files(hotpass, place, number, status):
    many(place)
    p = subprocess.Popen([hotpass, "refine", "-p", GENERIC, "-i", "in", "-o", "out/r.xlsx"], cwd=place, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL, env={**os.environ, **SANITIZER_ENV})
    deadline = time.monotonic() + 30
    while len(list((place / "out").iterdir())) < 2 and p.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)  # until the temporary file is there
    p.send_signal(number)
    if p.wait(timeout=30) != 0:  # it may have been faster
        assert p.returncode == status
        untouched(place)


def test_file_size_limit(hotpass, place):
    many(place)

    def limited():
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python ignores it, and that is inherited
        resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
    refused(hotpass, place, 74, "r.xlsx", preexec_fn=limited)


def test_full_device_and_closed_files(hotpass, place):
    (place / "in/a.csv").write_text(CSV)
    with open("/dev/full", "w", encoding="ascii") as full:
        done = hotpass.run(["cells", "in/a.csv"], cwd=place, stdout=full)
    assert done.returncode == 74 and "standard output" in done.stderr

    def closed():
        for fd in range(3):
            os.close(fd)
    done = refine(hotpass, place, "-o", "out/s.csv", "--log-format", "json", preexec_fn=closed)
    assert done.returncode == 74  # the summary could not be told; the outputs are whole
    run = json.loads((place / "out/run.json").read_text())
    assert run["exit_code"] in (0, 1)
    zipfile.ZipFile(place / "out/r.xlsx").testzip()
    assert "event" not in (place / "out/s.csv").read_text() + (place / "out/s.summary.csv").read_text()


@pytest.mark.parametrize("env", [{"SOURCE_DATE_EPOCH": "garbage"}, {"SOURCE_DATE_EPOCH": "-99999999999999999999"},
                                 {"SOURCE_DATE_EPOCH": "253402300800"}, {"HOME": None, "PATH": None, "TERM": None, "LC_ALL": None},
                                 {"TMPDIR": "/nonexistent"}], ids=["garbage", "negative", "far", "bare", "tmpdir"])
def test_environment(hotpass, place, env):
    (place / "in/a.csv").write_text(CSV)
    assert refine(hotpass, place, "--archive", "--dist-dir", "out", env=env).returncode == 0
    assert not [p.name for p in (place / "out").iterdir() if p.name.startswith(".")]


@pytest.mark.parametrize("size", ["8k", "200k", "1m"])
def test_full_disk(hotpass, place, size):
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False).returncode != 0:
        pytest.skip("mounting a small disk needs root")
    many(place)  # as csv some 5 MB
    script = ('mount -t tmpfs -o size="$3" none out && echo previous > out/r.xlsx && { "$1" refine -p "$2" -i in -o out/r.xlsx -o out/s.csv'
              ' --archive --dist-dir out; echo "code $?"; ls -A out; cat out/r.xlsx; } 2>&1')
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", hotpass, GENERIC, size], cwd=place, capture_output=True,
                          encoding="utf-8", errors="replace", check=True, env={**os.environ, **SANITIZER_ENV})
    assert re.search("disk full|no space left", done.stdout) and done.stdout.endswith("code 74\nr.xlsx\nprevious\n"), done.stdout


def test_two_runs_at_once(hotpass, place):
    many(place, 300)
    runs = [subprocess.Popen([hotpass, "refine", "-p", GENERIC, "-i", "in", "-o", "out/r.xlsx"], cwd=place, stdout=subprocess.DEVNULL,
                             env={**os.environ, **SANITIZER_ENV}) for _ in range(3)]
    assert [p.wait(timeout=60) for p in runs] == [0, 0, 0]
    assert sorted(p.name for p in (place / "out").iterdir()) == ["logs", "provenance.sqlite", "r.xlsx", "run.json"]
    assert zipfile.ZipFile(place / "out/r.xlsx").testzip() is None


# ---- limits of a whole run ------------------------------------------------------------------------------------

def test_cells_are_counted_over_all_sheets(hotpass, place):
    """Sheets with row i filled only in column i take much memory for few bytes; none alone is over the limit."""
    letters = openpyxl.utils.get_column_letter
    rows = "".join(f"<row r='{i}'><c r='{letters(i)}{i}'><v>{i}</v></c></row>" for i in range(2, 12000))
    parts = [(f"xl/s{n}.xml", sheet(rows)) for n in range(1, 3)]
    rels = "<R>" + "".join(f"<Relationship Id='r{n}' {TYPE}worksheet' Target='s{n or ''}.xml'/>" for n in range(3)) + "</R>"
    names = "".join(f"<sheet name='S{n}' r:id='r{n}'/>" for n in range(3))
    book(place / "in/diagonal.xlsx", parts, sheet=sheet(rows), rels=rels,
         workbook=f"<workbook xmlns:r='r'><sheets>{names}</sheets></workbook>")
    result = hotpass("refine", "-p", GENERIC, "-i", "in", "-o", "out/r.xlsx", cwd=place)
    assert result.returncode == 65 and "cells" in result.stderr, result.stderr


def test_very_many_headers_are_not_all_compared(hotpass, place):
    with open(place / "in/wide.csv", "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(["Company"] + [f"strange header {i} of many" for i in range(6000)])
        out.writerow(["Kite Works"] + ["v"] * 6000)
    result = hotpass("refine", "-p", GENERIC, "-i", "in", "-o", "out/r.xlsx", "--json", cwd=place)
    assert result.returncode == 0, result.stderr
    findings = {f["rule"]: f["count"] for f in json.loads(result.stdout)["findings"]}
    assert findings["guess_limit"] == 1


def test_an_output_that_the_next_run_would_read_is_refused(hotpass, place):
    many(place, 3)
    for name in ("in/out.xlsx", "in/out.csv"):
        result = hotpass("refine", "-p", GENERIC, "-i", "in", "-o", name, cwd=place)
        assert result.returncode == 2 and "input directory" in result.stderr and not (place / name).exists()


def test_too_many_outputs_are_refused_before_the_work(hotpass, place):
    many(place, 3)
    outputs = [word for i in range(9) for word in ("-o", f"out/{i}.csv")]
    result = hotpass("refine", "-p", GENERIC, "-i", "in", *outputs, cwd=place)
    assert result.returncode == 2 and "9 outputs" in result.stderr and (place / "out/r.xlsx").read_text() == "previous"
