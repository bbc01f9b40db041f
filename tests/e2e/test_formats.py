"""Workbooks that are no plain xlsx: with a password. Made by LibreOffice, openpyxl and msoffcrypto, never by hotpass."""
import datetime
import io
import json
import re
import resource

import msoffcrypto
import openpyxl
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from compound import agile, compound, standard
from conftest import ROOT

PASSWORD = "Pässwörd 😀1"


def rows_of(hotpass, path, *options):
    result = hotpass("cells", "--json", path, *options)
    assert result.returncode == 0, result.stderr
    return [json.loads(line) for line in result.stdout.splitlines()]


def limited():
    """Two seconds and half a gigabyte; under the sanitizers only the time can be held."""
    resource.setrlimit(resource.RLIMIT_CPU, (4, 4))


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
