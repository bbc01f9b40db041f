"""Workbooks that are no plain xlsx: with a password, OpenDocument, xls. Made by LibreOffice, openpyxl and msoffcrypto, never by hotpass."""
import datetime
import io
import json
import re
import resource
import struct
import subprocess
import zipfile

import msoffcrypto
import openpyxl
import pyarrow
import pyarrow.parquet
import pytest
import python_calamine
from msoffcrypto.format.ooxml import OOXMLFile
from openpyxl.utils import column_index_from_string

from compound import agile, cell, compound, old_book, old_sheet, record, standard, unicode
from conftest import ROOT

PASSWORD = "Pässwörd 😀1"


def rows_of(hotpass, path, *options):
    result = hotpass("cells", "--json", path, *options)
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def limited():
    """Two seconds of the program are up to six under the sanitizers."""
    resource.setrlimit(resource.RLIMIT_CPU, (6, 6))


@pytest.fixture(scope="session")
def book(tmp_path_factory):
    """A workbook with every type of cell."""
    path = tmp_path_factory.mktemp("formats") / "book.xlsx"
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "First & last"
    ws.append(["Name", "Phone", "Date", "Yes", "Amount", "Time"])
    for i in range(300):
        ws.append([f"Zoë {i}", 27821234567 + i, datetime.datetime(2025, 10, 14, 9, 30) + datetime.timedelta(days=i), i % 2 == 0, 1.1 * i,
                   datetime.time(9, 30)])
    hidden = wb.create_sheet("Hidden")
    hidden.sheet_state = "hidden"
    hidden["C3"] = "out of sight"
    wb.save(path)
    return path


@pytest.fixture
def password(tmp_path):
    """Return a function that makes a password file."""
    def make(text, mode=0o600, name="password"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return path
    return make


# ---- workbooks with a password ---------------------------------------------------------------------------


def test_password_msoffcrypto(hotpass, tmp_path, book, password):
    path = tmp_path / "locked.xlsx"
    with open(book, "rb") as plain, open(path, "wb") as locked:
        OOXMLFile(plain).encrypt(PASSWORD, locked)
    assert rows_of(hotpass, path, "--password-file", password(PASSWORD + "\nsecond line\n")) == rows_of(hotpass, book)
    assert rows_of(hotpass, path, "--password-file", password(PASSWORD + "\r\n")) == rows_of(hotpass, book)


def opened_by_msoffcrypto(path):
    f = msoffcrypto.OfficeFile(io.BytesIO(path.read_bytes()))
    f.load_key(password=PASSWORD, verify_password=True)
    out = io.BytesIO()
    f.decrypt(out)
    return out.getvalue()


@pytest.mark.parametrize("case", ["agile-128-SHA1", "agile-192-SHA256", "agile-256-SHA384", "agile-256-SHA512", "standard-128", "standard-256"])
def test_password_kinds(hotpass, tmp_path, book, password, case):
    """Every kind that Office has written. msoffcrypto opens them too, but for agile ones with keys or hashes that fill no block: it does
    not cut off what fills them up."""
    kind, bits, *name = case.split("-")
    path = tmp_path / "locked.xlsx"
    data = book.read_bytes()
    streams = agile(data, PASSWORD, int(bits), *name) if kind == "agile" else standard(data, PASSWORD, int(bits))
    path.write_bytes(compound(streams))
    if kind == "standard" or name[0] in ("SHA384", "SHA512"):
        assert opened_by_msoffcrypto(path) == data
    assert rows_of(hotpass, path, "--password-file", password(PASSWORD)) == rows_of(hotpass, book)


def test_password_commands(hotpass, tmp_path, book, password):
    (tmp_path / "in").mkdir()
    path = tmp_path / "in/locked.xlsx"
    wb = openpyxl.Workbook()
    wb.active.append(["Organisation Name", "Email"])
    wb.active.append(["Acme Flying", "info@acme.example"])
    wb.save(tmp_path / "plain.xlsx")
    path.write_bytes(compound(agile((tmp_path / "plain.xlsx").read_bytes(), PASSWORD)))
    option = ["--password-file", password(PASSWORD)]
    for command in (["refine", "-i", tmp_path / "in", "-o", tmp_path / "out/r.xlsx", "--json"], ["map", tmp_path / "in"],
                    ["inspect", path], ["cells", path]):
        more = ["--profile-search-path", ROOT / "profiles"] if command[0] in ("refine", "map") else []
        done = hotpass(*command, *more, *option)
        assert done.returncode == 0, done.stderr
        assert "Acme" in done.stdout or command[0] in ("refine", "map", "inspect")
        refused = hotpass(*command, *more)
        assert refused.returncode == 65
        assert "locked.xlsx" in refused.stderr and "--password-file" in refused.stderr
    assert openpyxl.load_workbook(tmp_path / "out/r.xlsx")["Data"]["A2"].value == "Acme Flying"


def test_password_wrong(hotpass, tmp_path, book, password):
    path = tmp_path / "locked.xlsx"
    for streams in (agile(book.read_bytes(), PASSWORD), standard(book.read_bytes(), PASSWORD)):
        path.write_bytes(compound(streams))
        done = hotpass("cells", path, "--password-file", password("hunter2-other"))
        assert done.returncode == 77
        assert "locked.xlsx" in done.stderr and "hunter2" not in done.stderr + done.stdout


@pytest.mark.parametrize("text, mode, code, words", [
    ("", 0o600, 66, "empty"), ("\nx", 0o600, 66, "empty"), (PASSWORD, 0o644, 77, "chmod 600"), (None, 0, 66, "cannot open"),
    (b"\xff\xfe", 0o600, 66, "UTF-8"), ("x" * 5000, 0o600, 66, "1024"),
], ids=["empty", "first line empty", "readable by others", "absent", "not UTF-8", "long"])
def test_password_file(hotpass, tmp_path, book, password, text, mode, code, words):
    path = tmp_path / "locked.xlsx"
    path.write_bytes(compound(agile(book.read_bytes(), PASSWORD)))
    file = password(text, mode) if text is not None else tmp_path / "absent"
    done = hotpass("cells", path, "--password-file", file)
    assert done.returncode == code and words in done.stderr, done.stderr


def with_info(streams, change):
    return {**streams, "EncryptionInfo": change(streams["EncryptionInfo"])}


HOSTILE = {
    "rounds": (lambda d: agile(d, PASSWORD, claim=4000000000), "password-rounds"),
    "rounds of 32 bits": (lambda d: agile(d, PASSWORD, claim=99999999999), "spinCount"),
    "changed": (lambda d: agile(d, PASSWORD, damage=True), "checksum"),
    "certificate": (lambda d: with_info(agile(d, PASSWORD), lambda i: i.replace(b"spinCount", b"spinKount")), "certificate"),
    "cipher": (lambda d: with_info(agile(d, PASSWORD), lambda i: i.replace(b'"AES"', b'"RC2"')), "cipher RC2"),
    "doctype": (lambda d: with_info(agile(d, PASSWORD), lambda i: i.replace(b"<encryption", b"<!DOCTYPE a []><encryption")), "document type"),
    "no key": (lambda d: with_info(agile(d, PASSWORD), lambda i: i.replace(b"encryptedKeyValue", b"encryptedKeyFalue")), "not complete"),
    "long salt": (lambda d: with_info(agile(d, PASSWORD), lambda i: i.replace(b'saltValue="', b'saltValue="' + b"A" * 400)), "salt"),
    "version": (lambda d: with_info(agile(d, PASSWORD), lambda i: b"\x03\0\x03\0" + i[4:]), "neither agile nor standard"),
    "cut info": (lambda d: with_info(standard(d, PASSWORD), lambda i: i[:-40]), "cut short"),
    "huge info": (lambda d: with_info(agile(d, PASSWORD), lambda i: i + b" " * (2 << 20)), "EncryptionInfo"),
    "size": (lambda d: {**agile(d, PASSWORD), "EncryptedPackage": b"\xff" * 8 + agile(d, PASSWORD)["EncryptedPackage"][8:]}, "says it holds"),
    "no package": (lambda d: {**agile(d, PASSWORD), "EncryptedPackage": b""}, "cut short"),
    "no info": (lambda d: {"EncryptedPackage": b"x" * 5000}, "rights management"),
    "no workbook inside": (lambda d: agile(b"hello", PASSWORD), "locked.xlsx"),
    "other": (lambda d: {"WordDocument": b"x"}, "no workbook"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_password_hostile(hotpass, tmp_path, book, password, case):
    make, words = HOSTILE[case]
    path = tmp_path / "locked.xlsx"
    path.write_bytes(compound(make(book.read_bytes())))
    done = hotpass.run(["cells", path, "--password-file", password(PASSWORD)], preexec_fn=limited)
    assert done.returncode == 65, (done.returncode, done.stderr)
    assert "locked.xlsx" in done.stderr and words in done.stderr, done.stderr


def test_password_conformance(hotpass, repo, password):
    """A file of another reader's own tests, whose password is not known."""
    path = repo.parent / "shared/conformance/xlsx/pass_protected.xlsx"
    if not path.exists():
        pytest.skip("the conformance workbooks are not beside the tree")
    done = hotpass("cells", path)
    assert done.returncode == 65 and re.search(r"pass_protected\.xlsx: is password-protected.*--password-file", done.stderr)
    assert hotpass("cells", path, "--password-file", password("none of it")).returncode == 77


# ---- OpenDocument and old workbooks, made by LibreOffice -------------------------------------------------


@pytest.fixture(scope="session")
def odd_book(tmp_path_factory):
    """A workbook with what spreadsheets have beside plain cells."""
    path = tmp_path_factory.mktemp("odd") / "odd.xlsx"
    wb = openpyxl.Workbook()
    ws = wb.active
    ws.title = "First & last"
    ws.append(["Name", "Phone", "Date", "Yes", "Amount", "Time", "Day"])
    for i in range(60):
        ws.append([f"Zoë <{i % 7}>", 27821234567 + i, datetime.datetime(2025, 10, 14, 9, 30) + datetime.timedelta(days=i), i % 2 == 0,
                   [1.1, 0.1 + 0.2, 1e300, -1 / 3, 2.5e-7, 123456789.125][i % 6] * (i + 1), datetime.time(9, 30, i), datetime.date(1999, 2, 28)])
        ws.cell(i + 2, 4).number_format = "BOOLEAN"
    ws["I1"], ws["I2"], ws["I3"], ws["I4"] = "=1/0", '=A1&" x"', "=SUM(E2:E9)", "=NA()"
    ws["I5"] = "  two  spaces and\nlines  "
    ws["I6"] = "'quoted"
    ws["I7"] = "x" * 5000
    ws["L1"] = True
    ws["J1"] = "merged"
    ws.merge_cells("J1:K3")
    for r in range(100, 400):
        ws.cell(r, 2, "the same")
    ws.row_dimensions[5].hidden = True
    ws["M6000"] = "far"
    hidden = wb.create_sheet("Hidden")
    hidden.sheet_state = "hidden"
    hidden["C3"] = "out of sight"
    wb.create_sheet("Empty")
    wb.save(path)
    return path


@pytest.fixture(scope="session")
def converted(odd_book, tmp_path_factory):
    """Return a function that has LibreOffice save the odd workbook in another format."""
    made = {}

    def convert(suffix, filter_name=None):
        if (suffix, filter_name) not in made:
            out = tmp_path_factory.mktemp("converted")
            subprocess.run(["soffice", "--headless", f"-env:UserInstallation={(out / 'profile').as_uri()}", "--convert-to",
                            suffix + (f":{filter_name}" if filter_name else ""), "--outdir", out, odd_book],
                           check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=180)
            made[suffix, filter_name] = out / f"odd.{suffix}"
        return made[suffix, filter_name]
    return convert


def plain(value):
    """A cell of calamine in the words of `hotpass cells`: numbers as floats, dates and times as ISO text, booleans as they are."""
    if isinstance(value, datetime.datetime):
        return (value.date() if value.time() == datetime.time() else value).isoformat()
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, datetime.timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def cells_of_calamine(path):
    book = python_calamine.CalamineWorkbook.from_path(path)
    return {(name, r, c): plain(value) for name in book.sheet_names
            for r, row in enumerate(book.get_sheet_by_name(name).to_python(skip_empty_area=False), 1)
            for c, value in enumerate(row) if value != ""}


def cells_of_hotpass(hotpass, path):
    return {(row["sheet"], row["row"], column_index_from_string(name) - 1): float(cell["v"]) if cell["t"] == "n" else cell["v"]
            for row in rows_of(hotpass, path) for name, cell in row["cells"].items()}


def differences(hotpass, path):
    ours, theirs = cells_of_hotpass(hotpass, path), cells_of_calamine(path)
    return {at: (ours.get(at), theirs.get(at)) for at in ours.keys() | theirs.keys() if ours.get(at) != theirs.get(at)}


def kinds(hotpass, path):
    return {at["t"] for row in rows_of(hotpass, path) for at in row["cells"].values()}


def test_ods(hotpass, converted):
    path = converted("ods")
    assert cells_of_hotpass(hotpass, path)["First & last", 5, 8] == "  two  spaces and\nlines  "
    # calamine has no errors in ods, and no cached result for what is none.
    assert {at for at in differences(hotpass, path)} <= {("First & last", 1, 8), ("First & last", 4, 8), ("First & last", 5, 8)}
    assert kinds(hotpass, path) == {"s", "n", "b", "d", "e"}
    facts = json.loads(hotpass("inspect", "--json", path).stdout)
    assert [(s["name"], s["state"]) for s in facts["sheets"]] == [("First & last", "visible"), ("Hidden", "hidden"), ("Empty", "visible")]
    assert facts["format"] == "ods"
    rules = {f["rule"] for f in facts["findings"]["by_rule"]} if "by_rule" in facts["findings"] else str(facts["findings"])
    assert all(rule in str(rules) for rule in ("cell_error", "hidden_sheet", "merged_cells"))


def test_ods_agrees_with_xlsx(hotpass, converted):
    """What LibreOffice saves in both formats is read as the same."""
    ods, xlsx = cells_of_hotpass(hotpass, converted("ods")), cells_of_hotpass(hotpass, converted("xlsx"))
    assert {at: (ods.get(at), xlsx.get(at)) for at in ods.keys() | xlsx.keys() if ods.get(at) != xlsx.get(at)} == {}


OFFICE = ('<?xml version="1.0"?><office:document-content xmlns:office="o" xmlns:table="t" xmlns:text="x"><office:automatic-styles>'
          '<style:style style:name="h" style:family="table"><style:table-properties table:display="false"/></style:style>'
          "</office:automatic-styles><office:body><office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>")
MIME = "application/vnd.oasis.opendocument.spreadsheet"


def ods(path, tables, manifest="<manifest/>", mime=MIME, content=OFFICE):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("mimetype", mime)
        z.writestr("META-INF/manifest.xml", manifest)
        if tables is not None:
            z.writestr("content.xml", content.format(tables))


def table(rows, more=""):
    return f'<table:table table:name="S"{more}>{rows}</table:table>'


def row(cells, more=""):
    return f"<table:table-row{more}>{cells}</table:table-row>"


def text(content, more=""):
    return f'<table:table-cell office:value-type="string"{more}><text:p>{content}</text:p></table:table-cell>'


def test_ods_by_hand(hotpass, tmp_path):
    path = tmp_path / "hand.ods"
    empty = '<table:table-cell table:number-columns-repeated="16000"/>'
    ods(path, table(row(text("a<text:s text:c='3'/>b<text:tab/>c<text:line-break/>d <text:span>e</text:span> ")
                        + '<table:covered-table-cell table:number-columns-repeated="2"/>'
                        + '<table:table-cell office:value-type="percentage" office:value="0.25"/>'
                        + '<table:table-cell office:value-type="currency" office:value="12.50" office:currency="ZAR"/>'
                        + '<table:table-cell office:value-type="time" office:time-value="PT26H05M00.600000S"/>'
                        + '<table:table-cell office:value-type="date" office:date-value="2025-10-14T00:00:00"/>'
                        + '<table:table-cell office:value-type="boolean" office:boolean-value="false"/>'
                        + '<table:table-cell table:formula="of:=1+1"/>' + empty)
                    + row(empty, ' table:number-rows-repeated="1000"')
                    + "<table:table-header-rows>" + row('<table:table-cell office:value-type="string"><office:annotation><text:p>no</text:p>'
                                                        "</office:annotation><text:p>x</text:p><text:p/><text:p>y&amp;<![CDATA[<z>]]></text:p>"
                                                        "</table:table-cell>" + text("twice", ' table:number-columns-repeated="2"'),
                                                        ' table:number-rows-repeated="2"') + "</table:table-header-rows>"
                    + row(empty, ' table:number-rows-repeated="4000000000"')))
    assert [(r["row"], {k: (c["t"], c["v"]) for k, c in r["cells"].items()}) for r in rows_of(hotpass, path)] == [
        (1, {"A": ("s", "a   b\tc\nd e "), "D": ("n", 0.25), "E": ("n", 12.5), "F": ("d", "26:05:01"), "G": ("d", "2025-10-14"),
             "H": ("b", False)}),
        (1002, {"A": ("s", "x\n\ny&<z>"), "B": ("s", "twice"), "C": ("s", "twice")}),
        (1003, {"A": ("s", "x\n\ny&<z>"), "B": ("s", "twice"), "C": ("s", "twice")}),
    ]


ODS_HOSTILE = {
    "rows": (table(row(text("x"), ' table:number-rows-repeated="4294967295"')), "last row"),
    "columns": (table(row(text("x", ' table:number-columns-repeated="99999"'))), "XFD"),
    "cells": (table(row(text("x", ' table:number-columns-repeated="16384"'), ' table:number-rows-repeated="1048576"')), "--limit cells"),
    "cells below the limit": (table(row(text("x", ' table:number-columns-repeated="200"'), ' table:number-rows-repeated="1048576"')),
                              "no honest workbook"),
    "spaces": (table(row(text('<text:s text:c="9000000000000"/>'))), "more spaces"),
    "spaces in a row": (table(row(text('<text:s text:c="32767"/>' * 600))), "--limit text-size"),
    "spaces in many cells": (table(row(text('<text:s text:c="32767"/>' * 30) * 200)), "no honest workbook"),
    "deep": (table("<table:table-row-group>" * 100), "nest deeper"),
    "sheets": (table("") * 5000, "4096"),
    "doctype": ("<!DOCTYPE x>", "document type"),
    "no sheet": ("", "no sheet"),
    "cut": ("<table:table>", "content.xml"),
}


@pytest.mark.parametrize("case", ODS_HOSTILE)
def test_ods_hostile(hotpass, tmp_path, case):
    tables, words = ODS_HOSTILE[case]
    ods(tmp_path / "bad.ods", tables)
    done = hotpass.run(["cells", tmp_path / "bad.ods"], preexec_fn=limited)
    assert done.returncode == 65, (done.returncode, done.stderr)
    assert "bad.ods" in done.stderr and words in done.stderr, done.stderr


def test_ods_refused(hotpass, tmp_path, converted):
    path = tmp_path / "bad.ods"
    ods(path, None)
    assert hotpass("cells", path).returncode == 65
    ods(path, "", mime="application/vnd.oasis.opendocument.text")
    assert "OpenDocument" in hotpass("cells", path).stderr
    ods(path, "garbage", manifest='<m:manifest><m:file-entry><m:encryption-data m:checksum="x"/></m:file-entry></m:manifest>')
    done = hotpass("cells", path)
    assert done.returncode == 65 and "password" in done.stderr
    whole = converted("ods").read_bytes()
    for n in range(1, 40):
        path.write_bytes(whole[:len(whole) * n // 40])
        assert hotpass("cells", path).returncode == 65


def test_xls(hotpass, converted):
    path = converted("xls")
    # calamine takes no notice of what is an error in an old workbook the way it does in a new one.
    assert {at for at in differences(hotpass, path)} <= {("First & last", 1, 8), ("First & last", 4, 8)}
    assert kinds(hotpass, path) == {"s", "n", "b", "d", "e"}
    facts = json.loads(hotpass("inspect", "--json", path).stdout)
    assert [(s["name"], s["state"]) for s in facts["sheets"]] == [("First & last", "visible"), ("Hidden", "hidden"), ("Empty", "visible")]
    assert facts["format"] == "xls"
    assert all(rule in str(facts["findings"]) for rule in ("cell_error", "hidden_sheet", "merged_cells"))


def test_xls_agrees_with_ods(hotpass, converted):
    """The two formats hold a number in full; xlsx as LibreOffice writes it has 15 digits."""
    xls, ods_cells = cells_of_hotpass(hotpass, converted("xls")), cells_of_hotpass(hotpass, converted("ods"))
    assert xls.keys() == ods_cells.keys()
    assert {at for at in xls if xls[at] != ods_cells[at] and not (isinstance(xls[at], float) and abs(xls[at] / ods_cells[at] - 1) < 1e-14)} == set()


def number(row, col, value=1.0):
    return cell(0x203, row, col, struct.pack("<d", value))


XLS_HOSTILE = {
    "column": (old_book([("S", 0, 0, old_sheet(number(0, 300)))]), "IV"),
    "short cell": (old_book([("S", 0, 0, old_sheet(record(0x203, b"\0")))]), "cut short"),
    "no end": (old_book([("S", 0, 0, old_sheet(b"")[:-4])]), "middle of a sheet"),
    "no sheet": (old_book([]), "names no sheet"),
    "sheets": (old_book([("S", 0, 0, b"")] * 5000), "4096"),
    "shared sheet": (old_book([("S", 0, 0, b""), ("T", 0, 0, old_sheet(b""))]), "records of its own"),
    "nowhere": (old_book([("S", 0, 0, b"")]), "no sheet begins here"),
    "password": (old_book([("S", 0, 0, old_sheet(b""))], record(0x2F, bytes(54))), "password"),
    "strings": (old_book([("S", 0, 0, old_sheet(b""))], b"", record(0xFC, struct.pack("<IIHB", 1, 1, 60000, 0))), "shared strings"),
    "garbage": (b"\xff" * 6000, "beginning of a workbook"),
    "empty": (b"", "beginning of a workbook"),
    "cut": (old_book([("S", 0, 0, old_sheet(b""))])[:30], "stream ends"),
    "Excel 95": (record(0x809, struct.pack("<HHHH", 0x500, 5, 0, 0)) + record(0x0A), "Excel 95"),
}


@pytest.mark.parametrize("case", XLS_HOSTILE)
def test_xls_hostile(hotpass, tmp_path, case):
    stream, words = XLS_HOSTILE[case]
    (tmp_path / "bad.xls").write_bytes(compound({"Workbook": stream}))
    done = hotpass.run(["cells", tmp_path / "bad.xls"], preexec_fn=limited)
    assert done.returncode == 65, (done.returncode, done.stderr)
    assert "bad.xls" in done.stderr and words in done.stderr, done.stderr


def test_xls_strings_that_lie(hotpass, tmp_path):
    """Four thousand million shared strings are announced, one is there, and a cell asks for another."""
    strings = record(0xFC, struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF) + unicode("one"))
    cells = cell(0xFD, 0, 0, bytes(4)) + cell(0xFD, 0, 1, b"\xff\xff\xff\x7f")
    path = tmp_path / "lies.xls"
    path.write_bytes(compound({"Workbook": old_book([("S", 0, 0, old_sheet(cells))], b"", strings)}))
    assert [list(r["cells"]) for r in rows_of(hotpass, path)] == [["A"]]
    assert "shared_string_missing" in hotpass("inspect", "--json", path).stdout


def test_xls_damaged(hotpass, tmp_path, converted):
    """Cut short it is refused; with bytes changed it is refused or read, and nothing else."""
    whole = converted("xls").read_bytes()
    path = tmp_path / "bad.xls"
    for n in range(1, 30):
        path.write_bytes(whole[:len(whole) * n // 30])
        assert hotpass("cells", path).returncode == 65
    for i in range(60):
        data = bytearray(whole)
        for at in range(i * 7, len(data), 997):
            data[at] ^= 1 << i % 8
        path.write_bytes(data)
        assert hotpass.run(["cells", path], preexec_fn=limited).returncode in (0, 65)


@pytest.mark.parametrize("case", ["password", "ods", "xls"])
def test_without_memory(hotpass, repo, tmp_path, password, case):
    """Whichever allocation fails, the command says so, or it did not need it."""
    if hotpass("cells", repo / "tests/corpus/csv/utf8.csv", env={"HOTPASS_FAIL_ALLOC": "5"}).returncode != 75:
        pytest.skip("not built with -Dtorture=true")
    path = tmp_path / f"book.{case}"
    if case == "password":
        path.write_bytes(compound(agile((repo / "tests/corpus/xlsx/deflated.xlsx").read_bytes(), PASSWORD, rounds=3)))
    elif case == "ods":
        ods(path, table(row(text("x", ' table:number-columns-spanned="2"'), ' table:visibility="collapse"')))
    else:
        path.write_bytes((repo / "tests/corpus/xls/types.xls").read_bytes())
    command = ["cells", "--json", path, "--password-file", password(PASSWORD)]
    whole = hotpass(*command)
    assert whole.returncode == 0
    failed = 0
    for n in range(1, 120):
        done = hotpass(*command, env={"HOTPASS_FAIL_ALLOC": str(n)})
        assert (done.returncode, done.stdout) == (0, whole.stdout) or done.returncode == 75, (n, done.stderr)
        failed += done.returncode == 75
    assert failed > 20


@pytest.mark.parametrize("suffix", ["parquet", "ndjson"])
def test_where_the_format_names_the_columns_no_row_is_taken_for_a_header(hotpass, repo, tmp_path, suffix):
    """The first rows of data look more like headers than the names do: a banner and headers, exported by a tool that called its columns c1 to c3."""
    names = ["organisation_name", "c2", "c3"]
    rows = [["Organisation Name", "Email", "Phone"]] + [[f"Quay Works {n}", f"post@quay-{n}.example", f"021 555 {n:04}"] for n in range(5)]
    data = tmp_path / "in"
    data.mkdir()
    if suffix == "parquet":
        pyarrow.parquet.write_table(pyarrow.table({name: [row[i] for row in rows] for i, name in enumerate(names)}), data / "people.parquet")
    else:
        (data / "people.ndjson").write_text("".join(json.dumps(dict(zip(names, row))) + "\n" for row in rows))
    result = hotpass("map", data, "--json", "--profile-search-path", repo / "profiles")
    assert result.returncode == 0, result.stderr
    (sheet,) = json.loads(result.stdout)["sheets"]
    assert sheet["header_row"] == 1 and [c["header"] for c in sheet["columns"]] == names
