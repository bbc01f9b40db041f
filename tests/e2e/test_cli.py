"""The command line: help, completion and man pages agree, mistakes are explained, every bad input ends in its exit code, and no
output is left behind."""
import errno
import hashlib
import json
import os
import pty
import re
import select
import shlex
import shutil
import signal
import subprocess

import openpyxl
import pytest

from compound import compound

OK, FINDINGS, USAGE, DATA, NOINPUT, CANTCREAT, IO, RETRY, CONFIG = 0, 1, 2, 65, 66, 73, 74, 75, 78


@pytest.fixture(scope="module")
def commands(hotpass):
    """{full name: description} of every command, as `help --json` tells; "" is hotpass itself."""
    return {c["name"]: c for c in json.loads(hotpass("help", "--json").stdout)["commands"]}


def long_options(command):
    """The long options of a command, with their --no- forms."""
    return {f"--{prefix}{o['name']}" for o in command["options"] for prefix in (["", "no-"] if o["negatable"] else [""])}


def found_options(text):
    """The long options in a text; --[no-]x stands for two."""
    found = set()
    for both, name in re.findall(r"--(\[no-\])?([a-z][a-z-]*)", text):
        found |= {f"--{name}", f"--no-{name}"} if both else {f"--{name}"}
    return found


def names(commands):
    return [name.split() for name in commands]


# ---- help, man page, completion and reference come from one table ----------------------------------------

def test_the_commands_of_the_issue_are_there(commands):
    assert {"", "overview", "refine", "map", "inspect", "cells", "convert", "profile", "profile lint", "profile show", "profile list",
            "help", "version", "completion"} <= set(commands)
    assert commands["refine"]["alias"] == "run"


def test_help_names_every_option(hotpass, commands):
    for words in names(commands):
        result = hotpass(*words, "--help")
        assert (result.returncode, result.stderr) == (OK, "")
        options = result.stdout.split("\nExamples")[0]
        lines = re.findall(r"^ {2,6}(?:-\w, )?(--\S+)", options, re.M)
        assert found_options("\n".join(lines)) == long_options(commands[" ".join(words)]), words
        if words:
            assert hotpass("help", *words).stdout == result.stdout


def test_man_pages_name_the_same_options(hotpass, commands):
    for words in names(commands):
        page = hotpass("docs", "man", *words)
        assert page.returncode == OK and page.stdout.startswith('.\\"')
        options = re.findall(r"^\.TP\n((?:\\fB\\-\w\\fR, )?\\fB\\-\\-.*)$", page.stdout, re.M)
        text = "\n".join(options).replace("\\-", "-")
        assert found_options(text) == long_options(commands[" ".join(words)]), words


@pytest.mark.skipif(not shutil.which("man"), reason="man is not installed")
def test_man_pages_can_be_read(hotpass, commands):
    for words in names(commands):
        page = hotpass("docs", "man", *words).stdout
        shown = subprocess.run(["man", "--warnings=w", "-l", "-"], input=page, capture_output=True, text=True,
                               env={**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"}, timeout=60)
        assert shown.returncode == 0 and shown.stderr == "", shown.stderr
        assert "-".join(["hotpass", *words]) in shown.stdout and "EXIT STATUS" in shown.stdout


def test_every_man_page_and_completion_is_installed(repo, commands):
    build = (repo / "src/cli/meson.build").read_text()
    pages = re.search(r"foreach page : \[(.*?)\]", build, re.S)[1]
    assert set(re.findall(r"'([^']*)'", pages)) == set(commands)
    for shell in ("bash", "zsh", "fish"):
        assert f"['{shell}'," in build


def bash_options(script):
    return {name: set(re.findall(r"--[a-z-]+", opts)) for name, opts in re.findall(r'^    "([a-z -]*)"\)\n\s+opts="([^"]*)"', script, re.M)}


def zsh_options(script):
    found = {}
    for name, body in re.findall(r"^_hotpass([\w-]*)\(\) \{\n(.*?)^\}", script, re.S | re.M):
        specs = re.findall(r"^        '?(?:\([^)]*\)|\*)?'?(?:\{-\w\+?,)?'?(--[a-z-]+)", body, re.M)
        found[name.lstrip("_").replace("_", " ")] = set(specs)
    return found


def fish_options(script):
    found = {}
    for name, rest in re.findall(r"^complete -c hotpass -n '__hotpass_is \"([a-z -]*)\"'(.*)$", script, re.M):
        found.setdefault(name, set()).update(f"--{o}" for o in re.findall(r" -l ([a-z-]+)", rest.split(" -d ")[0]))
    return found


@pytest.mark.parametrize("shell, parse", [("bash", bash_options), ("zsh", zsh_options), ("fish", fish_options)])
def test_completion_knows_the_same_options(hotpass, commands, shell, parse):
    found = parse(hotpass("completion", shell).stdout)
    for name, command in commands.items():
        key = name.replace("-", " ") if shell == "zsh" else name  # functions of zsh have neither blanks nor hyphens in their names
        assert found[key] == long_options(command), f"{shell}: {name}"


@pytest.mark.parametrize("line, wanted", [
    (["refine", "--prof"], ["--profile", "--profile-search-path"]),
    (["run", "--no-a"], ["--no-archive"]),
    (["profile", ""], ["lint", "list", "show"]),
    (["refine", "--log-format", ""], ["json", "rich"]),
    (["refine", "--log-format", "=", "j"], ["json"]),
    (["completion", ""], ["bash", "fish", "zsh"]),
    (["cel"], ["cells"]),
    (["refine", "--profile", "avia"], ["aviation"]),
])
def test_bash_completes(hotpass, repo, line, wanted):
    script = hotpass("completion", "bash").stdout + """
COMP_WORDS=(hotpass "$@"); COMP_CWORD=$#; _hotpass; printf '%s\\n' "${COMPREPLY[@]}"
"""
    env = {**os.environ, "PATH": f"{hotpass.path.parent}:{os.environ['PATH']}", "ASAN_OPTIONS": "detect_leaks=0"}
    result = subprocess.run(["bash", "-c", script, "bash", *line], capture_output=True, text=True, cwd=repo, env=env, timeout=60)
    assert result.stderr == "" and sorted(result.stdout.split()) == wanted


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_good_syntax(hotpass, shell):
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    script = hotpass("completion", shell).stdout
    result = subprocess.run([shell, "-n", "/dev/stdin"], input=script, capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize("topic", ["cli", "exit-codes", "findings", "limits", "ssot", "profile", "providers", "telemetry", "config", "doctor", "deployments"])
def test_the_reference_is_up_to_date(hotpass, repo, topic):
    result = hotpass("docs", topic)
    assert result.returncode == OK
    assert (repo / f"docs/reference/{topic}.md").read_text() == result.stdout, f"run: hotpass docs {topic} > docs/reference/{topic}.md"


def test_every_example_of_the_tables_parses(hotpass, commands):
    """Examples are read with --help in place of running them, so that a renamed option cannot stay in one."""
    for command in commands.values():
        assert command["examples"] or command["group"]
        for example in command["examples"]:
            line = re.sub(r"^source <\((.*)\)$", r"\1", example["line"])
            words = shlex.split(re.split(r" [|>] ", line)[0])
            assert words[0] == "hotpass"
            own = words[1:words.index("--")] if "--" in words else words[1:]  # what follows is another program's
            result = hotpass(*own, "--help")
            assert result.returncode == OK, (example["line"], result.stderr)


# ---- limits ----------------------------------------------------------------------------------------------

@pytest.fixture
def small_book(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Organisation Name", "Email", *(f"Extra {n}" for n in range(6))])
    for row in range(1, 200):
        book.active.append([f"Company {row}", f"info@c{row}.example", *(f"{row}.{column}" for column in range(6))])
    book.create_sheet("second").append(["x"])
    book.save(tmp_path / "b.xlsx")
    return tmp_path / "b.xlsx"


@pytest.mark.parametrize("limit, low", [("cells", 100), ("sheets", 1), ("file-size", "1K"), ("distinct-text", "1K")])
def test_a_limit_that_is_hit_names_the_option_that_raises_it(hotpass, small_book, limit, low):
    for words in (["cells", "--json", small_book], ["inspect", small_book], ["refine", "-i", small_book.parent, "--dry-run"]):
        refused = hotpass(*words, "--limit", f"{limit}={low}")
        assert refused.returncode == DATA and f"raise it with --limit {limit}=" in refused.stderr, (words, refused.stderr)
        raised = hotpass(*words, "--limit", f"{limit}={low}", f"--limit={limit}=1000000")  # the last one counts
        assert raised.returncode == OK, (words, raised.stderr)


def test_limits_are_listed_and_mistakes_explained(hotpass, small_book):
    limits = json.loads(hotpass("help", "limits", "--json").stdout)["limits"]
    text = hotpass("help", "limits").stdout
    page = hotpass("docs", "limits").stdout
    assert len(limits) > 10
    for limit in limits:
        assert f"  {limit['name']}=" in text and f"| `{limit['name']}={limit['value']}` |" in page and len(limit["reason"]) > 20
    wrong = hotpass("cells", small_book, "--limit", "cels=1")
    assert wrong.returncode == USAGE and "did you mean cells?" in wrong.stderr and all(limit["name"] in wrong.stderr for limit in limits)
    wrong = hotpass("cells", small_book, "--limit", "cells=many")
    assert wrong.returncode == USAGE and "no whole number" in wrong.stderr


def test_memory_is_a_limit_too(hotpass, small_book):
    result = hotpass("cells", small_book, "--limit", "memory=100K")
    assert result.returncode == RETRY and "--max-memory" in result.stderr


# ---- the first words -------------------------------------------------------------------------------------

def test_bare_hotpass_prints_the_overview(hotpass):
    bare = hotpass()
    assert bare.returncode == OK and bare.stdout == hotpass("overview").stdout
    assert "refine" in bare.stdout and "hotpass map data" in bare.stdout


def test_version(hotpass, repo):
    version = re.search(r"version: '([^']+)'", (repo / "meson.build").read_text())[1]
    assert hotpass("--version").stdout == hotpass("version").stdout == f"hotpass {version}\n"
    answer = json.loads(hotpass("version", "--json").stdout)
    assert answer["schema"] == "hotpass.version/1" and answer["version"] == version
    assert "libzip" in answer["libraries"]


@pytest.mark.parametrize("args, words", [
    (["refin"], ["unknown command", "did you mean refine?", "hotpass help"]),
    (["profile", "lst"], ["did you mean profile list?"]),
    (["help", "inspekt"], ["did you mean inspect?"]),
    (["profile"], ["lint, show, list"]),
    (["refine", "--profil-search-path", "x"], ["did you mean --profile-search-path?", "hotpass help refine"]),
    (["refine", "--prof", "x"], ["--profile, --profile-search-path"]),
    (["refine", "--since", "yesterday"], ["--since", "YYYY-MM-DD"]),
    (["refine", "--jobs", "0"], ["--jobs", "1 to 256"]),
    (["refine", "--max-memory", "lots"], ["--max-memory", "512M"]),
    (["refine", "--log-format", "xml"], ["rich, json"]),
    (["refine", "--input-dir"], ["--input-dir needs a value DIR"]),
    (["refine", "data"], ["unexpected argument \"data\""]),
    (["--input-dir", "x", "refine"], ["belongs behind the command"]),
    (["cells"], ["BOOK", "is missing"]),
    (["completion", "tcsh"], ["bash, zsh, fish"]),
    (["docs", "poetry"], ["findings"]),
])
def test_mistakes_are_explained(hotpass, args, words):
    result = hotpass(*args)
    assert result.returncode == USAGE and result.stdout == ""
    assert result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr
    answer = json.loads(hotpass(*args, "--json").stdout)
    assert answer["schema"] == "hotpass.error/1" and answer["code"] == USAGE and answer["exit"] == "usage"


def test_options_are_read_in_every_spelling(hotpass, tmp_path):
    for form in (["--input-dir", "nowhere"], ["--input-dir=nowhere"], ["--inp", "nowhere"], ["-i", "nowhere"], ["-inowhere"],
                 ["--input-dir", "elsewhere", "--input-dir", "nowhere"]):
        result = hotpass("refine", "--profile-search-path", "profiles", *form, "--json", cwd=tmp_path)
        assert result.returncode != USAGE, form
    assert hotpass("inspect", "--", "--json", cwd=tmp_path).returncode == NOINPUT


def test_every_command_answers_in_json(hotpass, commands, demo, repo, tmp_path):
    args = {"map": [demo], "inspect": [demo / "truth.csv"], "convert": [demo / "truth.csv", "-o", tmp_path / "truth.ndjson"], "profile show": ["generic"], "completion": ["bash"],
            "refine": ["--input-dir", demo, "--dry-run"], "orchestrate": ["--input-dir", demo, "--dry-run"], "suite init": [demo / "truth.csv"],
            "qa": ["history"], "compliance report": [demo / "truth.csv"], "compliance purge": ["--older-than", "90d", "--dist-dir", tmp_path, "--dry-run"], "check": [demo / "truth.csv", "--suite", tmp_path / "suite.json"],
            "config get": ["profile"], "config set": ["profile", "x", "--dry-run"], "doctor": ["--only", "profile.valid"], "init": [tmp_path / "new"], "env": ["--dry-run"],
                "ctx init": ["--dry-run"], "aws whoami": ["--dry-run"]}
    (tmp_path / "suite.json").write_text('{"expectations": []}')
    contract = tmp_path / "contract.yaml"
    contract.write_text("{apiVersion: v3.1.0, kind: DataContract, id: x, version: 1.0.0, schema: [{name: x, properties: [{name: source}]}]}")
    (tmp_path / "x.csv").write_text("source\nx\n")
    args |= {"contracts validate": [tmp_path / "x.csv", "--contract", contract], "contracts diff": [contract, contract]}
    enriched = tmp_path / "enriched.csv"
    args |= {"enrich": ["--input", tmp_path / "x.csv", "--output", enriched], "explain-provenance": ["--dataset", enriched, "--row-id", "0"],
             "crawl": ["acme.example", "--explain-network"], "plan research": ["--url", "https://acme.example/"]}
    args |= {"lineage show": ["last"], "lineage graph": [enriched]}
    tunnel = ["--host", "bastion.example", "--prefect-host", "prefect.internal", "--dry-run"]
    args |= {"net up": tunnel, "net lease": tunnel, "net down": ["--all"]}
    evidence = f"file://{tmp_path}/evidence"
    args |= {"bucket put": [contract, evidence], "bucket get": [evidence, tmp_path / "got"], "bucket ls": [evidence], "bucket verify": [evidence]}
    for name, command in commands.items():
        if command["group"] and name or name.startswith("prefect ") or name in ("deploy", "cells", "why", "backfill", "lineage flush", "net run", "net trust", "net logs", "credentials set", "credentials get", "credentials rm", "ctx use"):
            continue  # rows of their own; test_why.py, test_flow.py, test_prefect.py, test_lineage.py, test_net.py, test_credentials.py and test_ctx.py have the others
        result = hotpass(*name.split(), *args.get(name, []), "--json", cwd=repo, env={"HOTPASS_STATE_DIR": tmp_path / "state"})
        assert result.returncode == OK, (name, result.stderr)
        assert re.fullmatch(r"hotpass\.[a-z-]+/\d+", json.loads(result.stdout)["schema"]), name


# ---- streams ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("args", [["version"], ["help", "refine"], ["version", "--json"], ["docs", "findings"]])
def test_a_full_disk_behind_stdout_is_noticed(hotpass, args):
    with open("/dev/full", "w") as full:
        result = hotpass(*args, stdout=full)
    assert result.returncode == IO
    assert os.strerror(errno.ENOSPC) in result.stderr


def test_a_closed_pipe_is_an_error_without_a_word(hotpass, demo):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        result = hotpass("cells", demo / "truth.csv", "--json", stdout=closed)
    assert (result.returncode, result.stderr) == (IO, "")


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_have_their_exit_codes(hotpass, tmp_path, number, code):
    """The program is caught in the middle of writing: nobody reads the pipe that its output does not fit into."""
    book = tmp_path / "long.csv"
    book.write_text("a,b\n" + "some text,more text\n" * 50_000)
    with subprocess.Popen([hotpass.path, "cells", book, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert select.select([child.stdout], [], [], 60)[0]
        child.send_signal(number)
        assert child.wait(60) == code
        assert child.stderr.read() == b""


def on_terminal(hotpass, args, env=None):
    """Run with stdout on a terminal; return what it shows."""
    master, slave = pty.openpty()
    merged = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    merged.update({"TERM": "xterm", "ASAN_OPTIONS": "exitcode=99", **(env or {})})
    with subprocess.Popen([hotpass.path, *args], stdout=slave, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=merged) as child:
        os.close(slave)
        shown = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:  # Linux says EIO when the other end is closed
                break
            if not piece:
                break
            shown += piece
        os.close(master)
        assert child.wait(60) == OK, child.stderr.read()
    return shown.decode()


def test_colour_is_for_terminals(hotpass):
    assert "\x1b[1m" in on_terminal(hotpass, ["help"])
    assert "\x1b" not in on_terminal(hotpass, ["help"], {"NO_COLOR": "1"})
    assert "\x1b" not in on_terminal(hotpass, ["help"], {"TERM": "dumb"})
    assert "\x1b" not in on_terminal(hotpass, ["help", "--no-color"])
    assert "\x1b" not in hotpass("help", env={"NO_COLOR": None}).stdout


def test_tables_are_aligned_on_terminals_and_tabbed_in_pipes(hotpass, demo):
    path = demo / "truth.csv"
    piped = hotpass("cells", f"{path}!A1:B3").stdout.splitlines()
    assert [line.count("\t") for line in piped] == [2] * 4
    shown = on_terminal(hotpass, ["cells", f"{path}!A1:B3", "--no-color"])
    assert "\t" not in shown and len(shown.splitlines()) == 4


def test_cells_cannot_steer_the_terminal(hotpass, tmp_path):
    path = tmp_path / "evil.csv"
    path.write_text("a,b\n\x1b]0;owned\x07,\u202etxt\n")
    for args in (["cells", path], ["inspect", path, "--show-values"]):
        shown = hotpass(*args).stdout
        assert "\x1b" not in shown and "\x07" not in shown and "\u202e" not in shown


def test_log_events_are_json_without_personal_values(hotpass, repo, demo, tmp_path):
    result = hotpass("refine", "--profile", "aviation", "--input-dir", demo, "--output-path", tmp_path / "r.xlsx", "--log-format",
                     "json", cwd=repo)
    assert result.returncode == OK
    events = [json.loads(line) for line in result.stderr.splitlines()]
    assert all(set(event) == {"event", "data"} for event in events)
    assert events[-1]["event"] == "refine.summary" and events[-1]["data"]["rows_in"] > 0
    assert {"read", "merge", "write"} <= {e["data"]["stage"] for e in events if e["event"] == "progress"}
    bad = tmp_path / "thandi@acme.example"
    result = hotpass("inspect", bad, "--log-format", "json")
    assert "thandi" not in result.stderr and json.loads(result.stderr)["event"] == "error"


def test_quiet_says_nothing(hotpass, repo, demo, tmp_path):
    result = hotpass("refine", "-q", "--profile", "aviation", "--input-dir", demo, "--output-path", tmp_path / "r.xlsx", cwd=repo)
    assert (result.returncode, result.stdout, result.stderr) == (OK, "", "")
    assert (tmp_path / "r.xlsx").stat().st_size > 0


# ---- the summary -----------------------------------------------------------------------------------------

def test_the_summary_adds_up_and_tells_nothing_personal(hotpass, repo, demo, tmp_path):
    result = hotpass("refine", "--profile", "aviation", "--input-dir", demo, "--output-path", tmp_path / "r.xlsx", "-v", cwd=repo)
    counts = json.loads((tmp_path / "run.json").read_text())["counts"]
    text = result.stdout
    assert f"{counts['rows_in']:,} rows in -> {counts['rows_out']:,} organisations, {counts['contacts']:,} contacts" in text
    assert re.search(rf"merged +{counts['merged']:,} ", text) and re.search(rf"quarantined +{counts['quarantined']:,} ", text)
    quarantined = re.search(r"quarantined +[\d,]+ \((.*)\)", text)[1]
    assert sum(int(n.replace(",", "")) for n in re.findall(r" ([\d,]+)(?:, |$)", quarantined)) == counts["quarantined"]
    assert "Reachout Database.xlsx!" in text and str(tmp_path / "r.xlsx") in text and "Next" in text
    assert "README.md" in text.split("not claimed")[1]
    assert not re.search(r"[\w.]+@[\w.]+", text) and not re.search(r"\+27\d{6}|\b0\d{9}\b", text)


def test_refine_json_is_the_record_of_the_run(hotpass, repo, demo, tmp_path):
    result = hotpass("refine", "--profile", "aviation", "--input-dir", demo, "--output-path", tmp_path / "r.xlsx", "--json", cwd=repo,
                     env={"SOURCE_DATE_EPOCH": "1760000000"})
    answer, record = json.loads(result.stdout), json.loads((tmp_path / "run.json").read_text())
    assert (answer.pop("schema"), record.pop("schema")) == ("hotpass.refine/1", "hotpass.run/1")
    outputs = {o["kind"]: o for o in answer["outputs"]}
    assert outputs["workbook"]["sha256"] == hashlib.sha256((tmp_path / "r.xlsx").read_bytes()).hexdigest()
    for part in ("counts", "inputs", "findings", "checks", "profile", "quality_mean"):
        assert answer[part] == record[part]


# ---- looking at files ------------------------------------------------------------------------------------

def test_cells_agree_with_openpyxl(hotpass, demo):
    """Every cell of the demo workbooks; the program keeps a formula without a saved value empty, as openpyxl does with data_only."""
    for path in sorted(demo.glob("*.xlsx")):
        rows = [json.loads(line) for line in hotpass("cells", path, "--json").stdout.splitlines()]
        ours = {(r["sheet"], r["row"], c): v for r in rows for c, v in r["cells"].items()}
        theirs = {(ws.title, cell.row, cell.column_letter): cell.value
                  for ws in openpyxl.load_workbook(path, data_only=True) for row in ws.iter_rows() for cell in row
                  if cell.value is not None and not isinstance(cell, openpyxl.cell.cell.MergedCell)}
        assert ours.keys() == theirs.keys()
        for key, value in theirs.items():
            if isinstance(value, str) and not value.startswith("#"):
                assert (ours[key]["t"], ours[key]["v"]) == ("s", value), key
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                assert (ours[key]["t"], ours[key]["v"]) == ("n", value), key
                assert float(ours[key]["x"]) == value
            elif not isinstance(value, str):
                assert ours[key]["t"] in "bd", key


def test_cells_of_an_area_and_odd_names(hotpass, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "O'Neil & Sons"
    for row in range(1, 6):
        book.active.append([f"{column}{row}" for column in "ABCD"])
    path = tmp_path / "a!b.xlsx"
    book.save(path)

    def area(text):
        result = hotpass("cells", f"{path}!{text}", "--json")
        assert result.returncode == OK, result.stderr
        return [cell["v"] for line in result.stdout.splitlines() for cell in json.loads(line)["cells"].values()]

    assert area("O'Neil & Sons!B2:C3") == ["B2", "C2", "B3", "C3"]
    assert area("'O''Neil & Sons'!C3:B2") == ["B2", "C2", "B3", "C3"]
    assert area("o'neil & sons!$D$5") == ["D5"]
    assert area("O'Neil & Sons!A:A") == [f"A{n}" for n in range(1, 6)]
    assert area("O'Neil & Sons!5:9") == ["A5", "B5", "C5", "D5"]
    assert area("B2") == ["B2"], "a single sheet needs no name"
    assert area("O'Neil & Sons!X1:Z9") == []
    result = hotpass("cells", f"{path}!Oneil & Sons")
    assert result.returncode == NOINPUT and 'did you mean "O\'Neil & Sons"?' in result.stderr
    assert hotpass("cells", f"{path}!O'Neil & Sons!A1:").returncode == USAGE


def test_inspect_counts_and_masks(hotpass, tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("Organisation,Contact Name,E-mail,Phone,Since,Remark\n" + "".join(
        f"Made Up Traders {n},Testa Fictive{n},testa{n}@made-up.example,+27 82 555 01{n:02},2025-01-{n + 1:02},"
        f"{'ask testa0@made-up.example' if n == 0 else 'calls back'}\n" for n in range(20)))
    result = hotpass("inspect", path, "--json")
    sheet = json.loads(result.stdout)["sheets"][0]
    assert (sheet["rows"], sheet["header_row"], len(sheet["columns"])) == (20, 1, 6)
    by_header = {c["header"]: c for c in sheet["columns"]}
    assert by_header["E-mail"]["kind"] == "email" and by_header["Phone"]["kind"] == "phone" and by_header["Since"]["kind"] == "date"
    assert (by_header["Remark"]["distinct"], by_header["E-mail"]["distinct"], by_header["Phone"]["fill"]) == (2, 20, 1)
    assert by_header["E-mail"]["samples"][0] == "t•••@•••.example" and by_header["Phone"]["samples"][0] == "•••00"
    for text in (result.stdout, hotpass("inspect", path).stdout):
        assert "Fictive" not in text and "@made-up" not in text and "555" not in text
        assert "Made Up Traders 0" in text and "2025-01-01" in text
    shown = hotpass("inspect", path, "--show-values").stdout
    assert "testa0@made-up.example" in shown and "Testa Fictive0" in shown and "+27 82 555 0100" in shown


def test_inspect_tells_the_state_of_sheets(hotpass, demo):
    for path in demo.glob("*.xlsx"):
        states = {ws.title: {"visible": "visible", "hidden": "hidden", "veryHidden": "very hidden"}[ws.sheet_state]
                  for ws in openpyxl.load_workbook(path).worksheets}
        sheets = json.loads(hotpass("inspect", path, "--json").stdout)["sheets"]
        assert {s["name"]: s["state"] for s in sheets} == states


def test_map_shows_saves_and_is_used(hotpass, repo, tmp_path):
    data = tmp_path / "in"
    data.mkdir()
    (data / "list.csv").write_text("Company Name,Mail,Oddity\n" + "".join(f"Made Up {n} Ltd,info@made-up{n}.example,x{n}\n" for n in range(9)))
    saved = tmp_path / "map.yaml"
    result = hotpass("map", data, "--json", "--save", saved, cwd=repo)
    assert result.returncode == OK, result.stderr
    columns = {c["header"]: c for c in json.loads(result.stdout)["sheets"][0]["columns"]}
    assert columns["Company Name"]["field"] == "organization_name" and columns["Company Name"]["reason"] == "exact name"
    assert columns["Oddity"]["field"] is None
    assert 0 < columns["Mail"]["score"] <= 1
    assert "organization_name" in saved.read_text()
    refine = ["refine", "--input-dir", data, "--output-path", tmp_path / "out.csv", "--json", "--map"]
    assert hotpass(*refine, saved, cwd=repo).returncode == OK
    saved.write_text(saved.read_text().replace("organization_name", "organization_nam"))
    result = hotpass(*refine, saved, cwd=repo)
    assert result.returncode == CONFIG and re.search(r"map\.yaml:\d+:\d+: ", result.stderr)


# ---- profiles --------------------------------------------------------------------------------------------

def test_profiles_of_the_tree_are_clean(hotpass, repo):
    listed = json.loads(hotpass("profile", "list", "--json", cwd=repo).stdout)["profiles"]
    assert {"aviation", "generic"} <= {p["name"] for p in listed}
    result = hotpass("profile", "lint", cwd=repo)
    assert result.returncode == OK and result.stdout.count(": ok\n") == len(listed)


def test_lint_lists_every_error_with_its_place(hotpass, tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\nrefin: {}\ningest:\n  sources:\n    - name: A\n      path_patern: '*.csv'\n")
    result = hotpass("profile", "lint", path)
    assert result.returncode == CONFIG and result.stderr == ""
    assert re.search(r"mine\.yaml:2:1: .*refine", result.stdout) and re.search(r"mine\.yaml:6:7: .*path_pattern", result.stdout)
    answer = json.loads(hotpass("profile", "lint", path, "--json").stdout)
    assert answer["errors"] == len(answer["profiles"][0]["errors"]) >= 2


def test_show_prints_a_profile_that_can_be_read_again(hotpass, repo, tmp_path):
    shown = hotpass("profile", "show", "aviation", cwd=repo)
    assert shown.returncode == OK
    shutil.copytree(repo / "expectations", tmp_path / "expectations")  # paths of suites begin at the profile's folder
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles/again.yaml").write_text(shown.stdout)
    assert hotpass("profile", "lint", tmp_path / "profiles/again.yaml").returncode == OK
    again = hotpass("profile", "show", "again", "--profile-search-path", tmp_path / "profiles")
    assert again.stdout == shown.stdout


def test_an_unknown_profile_is_named_with_the_nearest(hotpass, repo):
    for args in (["profile", "show", "aviatoin"], ["refine", "--profile", "aviatoin"]):
        result = hotpass(*args, cwd=repo)
        assert result.returncode == CONFIG and "aviation" in result.stderr


# ---- bad input of refine: the right exit code, stage, file and advice, and nothing is written ------------

PROFILE = """name: strict
ingest:
  sources:
    - name: People
      path_pattern: "*people*"
      sheets:
        - name: Staff
          entity: organization
          columns:
            Organisation: {field: organization_name, required: true}
            Mail: {field: contact_email, required: true}
"""


def book_with(rows, sheet="Staff"):
    def make(folder):
        book = openpyxl.Workbook()
        book.active.title = sheet
        for row in rows:
            book.active.append(row)
        book.save(folder / "people.xlsx")
    return make


GOOD = book_with([["Organisation", "Mail"], ["Made Up Traders", "info@made-up.example"]])


def write_bytes(data):
    return lambda folder: (folder / "people.xlsx").write_bytes(data)


def broken(change):
    def make(folder):
        GOOD(folder)
        path = folder / "people.xlsx"
        path.write_bytes(change(path.read_bytes()))
    return make


def corrupt(data):
    """Overwrite the middle of every member's data."""
    return data[:60] + bytes(b ^ 0x5A for b in data[60:-600]) + data[-600:]


# name -> (what to put into the input directory, exit code, stage, words of the message)
BAD_INPUT = {
    "empty directory": (lambda folder: None, NOINPUT, "plan", ["empty", "--input-dir"]),
    "no recognised source": (lambda folder: (folder / "other.xlsx").write_bytes(b"x"), NOINPUT, "plan", ["strict", "other.xlsx"]),
    "only a text": (lambda folder: (folder / "people.pdf").write_bytes(b"%PDF"), NOINPUT, "plan", ["people.pdf"]),
    "corrupt zip": (broken(corrupt), DATA, "read", ["people.xlsx"]),
    "no zip at all": (write_bytes(b"PK\3\4 nothing behind it"), DATA, "read", ["people.xlsx"]),
    "empty file": (write_bytes(b""), DATA, "read", ["people.xlsx", "empty"]),
    "encrypted": (write_bytes(compound({"EncryptedPackage": b"x", "EncryptionInfo": b"x"})), DATA,
                  "read", ["people.xlsx", "password"]),
    "truncated": (broken(lambda data: data[:len(data) // 2]), DATA, "read", ["people.xlsx"]),
    "sheet missing": (book_with([["Organisation", "Mail"], ["A", "b@c.example"]], sheet="Personnel"), DATA, "validate",
                      ["people.xlsx", '"Staff" is missing', "Personnel", "strict.yaml:7"]),
    "column missing": (book_with([["Organisation", "Post"], ["Made Up", "b@c.example"]]), DATA, "validate",
                       ["people.xlsx!Staff", '"Mail" is missing', "Post", "strict.yaml:11"]),
    "header only": (book_with([["Organisation", "Mail"]]), DATA, "validate", ["people.xlsx!Staff", "no data"]),
    "blank sheet": (book_with([]), DATA, "validate", ["people.xlsx!Staff"]),
}


@pytest.fixture
def place(tmp_path):
    """A directory with an input directory, a profile, and an output of an earlier run."""
    for name in ("in", "out"):
        (tmp_path / name).mkdir()
    (tmp_path / "strict.yaml").write_text(PROFILE)
    (tmp_path / "out/r.xlsx").write_text("the result of yesterday")
    return tmp_path


def snapshot(folder):
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in sorted(folder.rglob("*"))}


def refuse(hotpass, place, code, stage, words, *args):
    """Run refine, expect it to fail in the same way for people and for programs, and to leave everything as it was."""
    before = snapshot(place)
    line = ["refine", "--profile", "strict", "--profile-search-path", ".", "--input-dir", "in", "--output-path", "out/r.xlsx", "--archive",
            "--dist-dir", "out", *args]
    result = hotpass(*line, cwd=place)
    assert result.returncode == code, result.stderr
    assert result.stdout == "" and result.stderr.count("\n") == 1
    assert result.stderr.startswith(f"refine: stage {stage}: "), result.stderr
    for word in words:
        assert word in result.stderr, result.stderr
    answer = json.loads(hotpass(*line, "--json", cwd=place).stdout)
    assert answer["schema"] == "hotpass.error/1"
    assert (answer["command"], answer["stage"], answer["code"]) == ("refine", stage, code)
    assert answer["message"] in result.stderr
    assert snapshot(place) == before


def test_the_good_input_is_good(hotpass, place):
    GOOD(place / "in")
    result = hotpass("refine", "--profile", "strict.yaml", "--input-dir", "in", "--output-path", "out/r.xlsx", cwd=place)
    assert result.returncode == OK, result.stderr
    assert openpyxl.load_workbook(place / "out/r.xlsx")["Data"].max_row == 2


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_is_refused(hotpass, place, name):
    make, code, stage, words = BAD_INPUT[name]
    make(place / "in")
    refuse(hotpass, place, code, stage, words)


def test_missing_input_directory(hotpass, place):
    refuse(hotpass, place, NOINPUT, "plan", ["nowhere"], "--input-dir", "nowhere")


def test_a_file_as_input_directory(hotpass, place):
    refuse(hotpass, place, NOINPUT, "plan", ["strict.yaml"], "--input-dir", "strict.yaml")


def test_an_unknown_profile(hotpass, place):
    GOOD(place / "in")
    refuse(hotpass, place, CONFIG, "profile", ["strikt", "strict"], "--profile", "strikt")


@pytest.mark.parametrize("change, words", [
    (("sheets:", "sheets: ["), [r"strict.yaml:\d+:\d+: "]),
    (("entity", "entitty"), [r"strict.yaml:8:11: ", "entity"]),
    (("organization_name", "organisation_nam"), [r"strict.yaml:10:", "organization_name"]),
    (("entity: organization", "entity: company"), [r"strict.yaml:8:", "company"]),
    (("name: strict", "name: strict\nname: twice"), [r"strict.yaml:2:1: "]),
])
def test_errors_of_the_profile(hotpass, place, change, words):
    GOOD(place / "in")
    (place / "strict.yaml").write_text(PROFILE.replace(*change, 1))
    before = snapshot(place)
    result = hotpass("refine", "--profile", "strict.yaml", "--input-dir", "in", "--output-path", "out/r.xlsx", cwd=place)
    assert result.returncode == CONFIG and result.stderr.startswith("refine: stage profile: "), result.stderr
    for word in words:
        assert re.search(word, result.stderr), result.stderr
    assert snapshot(place) == before


def test_a_directory_as_output(hotpass, place):
    GOOD(place / "in")
    (place / "out/d.xlsx").mkdir()
    refuse(hotpass, place, CANTCREAT, "prepare", ["out/d.xlsx", "directory"], "--output-path", "out/d.xlsx")


def test_an_output_whose_directory_is_a_file(hotpass, place):
    GOOD(place / "in")
    refuse(hotpass, place, CANTCREAT, "prepare", ["out/r.xlsx/other.xlsx"], "--output-path", "out/r.xlsx/other.xlsx")


def test_an_output_that_cannot_be_written_here(hotpass, place):
    """/proc takes no new files, whoever asks (root too); found before the inputs are read."""
    write_bytes(b"damaged")(place / "in")
    refuse(hotpass, place, CANTCREAT, "prepare", ["/proc/other.xlsx"], "--output-path", "/proc/other.xlsx")


def test_an_output_in_an_unknown_form(hotpass, place):
    GOOD(place / "in")
    refuse(hotpass, place, USAGE, "prepare", ["r.pdf", ".xlsx", ".csv"], "--output-path", "out/r.pdf")


def test_a_missing_map(hotpass, place):
    GOOD(place / "in")
    refuse(hotpass, place, NOINPUT, "profile", ["nowhere.yaml"], "--map", "nowhere.yaml")
