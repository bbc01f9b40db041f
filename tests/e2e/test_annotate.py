"""Annotated copies: marks on exactly the right cells, and nothing else changed. Held against openpyxl, LibreOffice, the XML itself, and the
bytes of the zip."""
import csv
import os
import re
import resource
import shutil
import signal
import subprocess
import warnings
import xml.etree.ElementTree as xml
import zipfile
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils import get_column_letter, range_boundaries

from conftest import ROOT, SANITIZER_ENV
from hostile_files import entry, zipped
from test_odd_books import BOOKS, MAIN, PLAIN, SHARED, SOUND_RELS, SUFFIX, by_xlsxwriter, parts, row, sheet, written
from test_workbook import ORDER, local, saved_by_libreoffice

FILLS = {"info": "FFDDEBF7", "warn": "FFFFEB9C", "error": "FFFFC7CE"}
SEVERITY = ["info", "warn", "error"]
TOOL = ROOT / "build/check/tests/unit/annotate_cells"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
                    "a5f645400000000049454e44ae426082")

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:openpyxl")


# ---- what a copy must be ------------------------------------------------------------------------------------

def raw_entries(path):
    """name -> (method, CRC, packed bytes) as they lie in the zip."""
    data, found = Path(path).read_bytes(), {}
    with zipfile.ZipFile(path) as z:
        for i in z.infolist():
            at = i.header_offset
            at += 30 + int.from_bytes(data[at + 26:at + 28], "little") + int.from_bytes(data[at + 28:at + 30], "little")
            found[i.filename] = i.compress_type, i.CRC, data[at:at + i.compress_size]
    return found


def parsed(data):
    return xml.fromstring(data.removeprefix(b"\xff\xfe") if data.startswith(b"\xff\xfe\xff\xfe") else data)


def changed_parts(source, copy):
    """The names of parts that differ; all others are byte for byte what they were, in the same order."""
    before, after = raw_entries(source), raw_entries(copy)
    assert [n for n in after if n in before] == list(before), "a part is gone, or another place"
    with zipfile.ZipFile(copy) as z:
        assert z.testzip() is None
    return {n for n in after if before.get(n) != after[n]}


def cell_elements(root):
    """(row, column letters) -> element, for every <c>, by the rules of references and places."""
    found, number = {}, 0
    for r in root.iter():
        if local(r.tag) != "row":
            continue
        number, column = int(r.get("r") or number + 1), 0
        for c in r:
            if local(c.tag) != "c":
                continue
            m = re.fullmatch(r"([A-Z]+)(\d+)", c.get("r") or "")
            column = openpyxl.utils.column_index_from_string(m[1]) if m else column + 1
            found[int(m[2]) if m else number, get_column_letter(column)] = c
    return found


def same_but_for_marks(source, copy, part, marks):
    """The sheet has the same elements, in the same order; cells with marks have another style, those that were not there are empty.
    `marks` are (row, letters)."""
    with zipfile.ZipFile(source) as z, zipfile.ZipFile(copy) as w:
        before, after = parsed(z.read(part)), parsed(w.read(part))
    old, new = cell_elements(before), cell_elements(after)
    assert set(new) == set(old) | marks, set(new) ^ (set(old) | marks)
    for place in set(new) - set(old):
        assert not len(new[place]) and set(new[place].attrib) == {"r", "s"}
    for place in marks:
        assert new[place].get("s") != (old[place].get("s") if place in old else None)
        new[place].attrib.pop("s")
        if place in old:
            old[place].attrib.pop("s", None)
        else:
            for parent in after.iter():
                if new[place] in list(parent):
                    parent.remove(new[place])
    for root in (before, after):
        for parent in list(root.iter()):
            for child in list(parent):
                name = local(child.tag)
                if name in ("dimension", "legacyDrawing") or (name == "row" and not len(child) and not child.attrib.keys() - {"r"}):
                    parent.remove(child)
                child.attrib.pop("spans", None)
                if name == "row":
                    child.text = None  # an element that was empty was opened and closed
                if name == "sheetData":
                    child.text = None
    order = ORDER["worksheet"].split()
    at = [order.index(local(c.tag)) for c in after if local(c.tag) in order]
    assert at == sorted(at), [local(c.tag) for c in after]
    assert xml.tostring(before) == xml.tostring(after)


def in_order(copy, part):
    """Rows and cells ascend, as programs demand."""
    with zipfile.ZipFile(copy) as z:
        root = parsed(z.read(part))
    rows = [int(r.get("r")) for r in root.iter() if local(r.tag) == "row" and r.get("r")]
    assert rows == sorted(set(rows))
    for r in root.iter():
        if local(r.tag) == "row":
            columns = [openpyxl.utils.column_index_from_string(re.match("[A-Z]+", c.get("r"))[0]) for c in r if local(c.tag) == "c" and c.get("r")]
            assert columns == sorted(set(columns))


def colour(cell):
    return cell.fill.fgColor.rgb if cell.fill.fill_type == "solid" else None


def looks_of(cell, fonts=True):
    value = (cell.value.ref, cell.value.text) if hasattr(cell.value, "text") and hasattr(cell.value, "ref") else cell.value
    styles = [s._StyleProxy__target for s in (cell.font, cell.border, cell.alignment, cell.protection)[not fonts:]]  # proxies do not compare
    return value, cell.number_format, styles, cell.hyperlink and cell.hyperlink.target


def marks_in(source, copy, blanks=True):
    """(sheet, coordinate) -> (colour, what was added to the comment), of cells that differ; all else must be the same to openpyxl, but for
    the looks of blank cells where they are said not to count."""
    a, b, found = openpyxl.load_workbook(source, rich_text=True), openpyxl.load_workbook(copy, rich_text=True), {}
    with zipfile.ZipFile(source) as z:
        styled = any(n.lower().endswith("styles.xml") and b"font>" in z.read(n) for n in z.namelist())  # else openpyxl has fonts of its own
    assert a.sheetnames == b.sheetnames and list(a.defined_names) == list(b.defined_names)
    for s in a.worksheets:
        t = b[s.title]
        assert s.merged_cells.ranges == t.merged_cells.ranges
        assert {k: (d.width, d.hidden) for k, d in s.column_dimensions.items()} == {k: (d.width, d.hidden) for k, d in t.column_dimensions.items()}
        assert all((d.height, d.hidden) == (t.row_dimensions[k].height, t.row_dimensions[k].hidden) for k, d in s.row_dimensions.items())
        assert s.freeze_panes == t.freeze_panes and s.auto_filter.ref == t.auto_filter.ref
        assert [str(d.sqref) for d in s.data_validations.dataValidation] == [str(d.sqref) for d in t.data_validations.dataValidation]
        assert [str(r.sqref) for r in s.conditional_formatting] == [str(r.sqref) for r in t.conditional_formatting]
        for place in set(s._cells) | set(t._cells):
            was_there = place in s._cells
            old, new = s.cell(*place), t.cell(*place)
            if isinstance(new, openpyxl.cell.cell.MergedCell):
                continue
            if was_there and (blanks or old.value is not None):
                assert looks_of(old, styled) == looks_of(new, styled), (s.title, new.coordinate)
            else:
                assert old.value is None and new.value is None
            had, has = old.comment.text if old.comment else "", new.comment.text if new.comment else ""
            assert has.startswith(had), (had, has)
            if had != has or colour(old) != colour(new):
                found[s.title, new.coordinate] = colour(new), has[len(had):]
    return found


# ---- by hand ------------------------------------------------------------------------------------------------

def annotate(source, copy, *marks, fails=None):
    """Marks are (sheet number from 0, row, column from 0 or -1, severity)."""
    done = subprocess.run([TOOL, source, copy, *(",".join(map(str, m)) for m in marks)], capture_output=True, text=True, timeout=120,
                          env={**os.environ, **SANITIZER_ENV}, check=False)
    if fails:
        assert done.returncode == 65 and fails in done.stderr, done.stderr
        return None
    assert done.returncode == 0, done.stderr
    return [int(n) for n in done.stdout.split()]


def sheet_part(source, number=0):
    """The part of the n-th sheet, as zipfile names it."""
    with zipfile.ZipFile(source) as z:
        names = {n.lower().lstrip("/"): n for n in z.namelist()}
        rels = {r.get("Id"): r.get("Target") for r in parsed(z.read(names["xl/_rels/workbook.xml.rels"]))}
        book = parsed(z.read(names["xl/workbook.xml"]))
        ids = [next(v for k, v in s.attrib.items() if k.endswith("}id")) for s in book.iter() if local(s.tag) == "sheet"]
    target = rels[ids[number]]
    return names[(target.lstrip("/") if target.startswith("/") else "xl/" + target).lower()]


def rich_book(path):
    """A workbook with one of everything."""
    wb = xlsxwriter.Workbook(path)
    ws, other = wb.add_worksheet("Data"), wb.add_worksheet("Other")
    bold = wb.add_format({"bold": True, "bg_color": "#FFFF00", "border": 1, "align": "center"})
    money, date = wb.add_format({"num_format": "#,##0.00 €"}), wb.add_format({"num_format": "dd/mm/yyyy", "italic": True})
    ws.set_column("B:C", 31, money)
    ws.set_column("F:F", None, None, {"hidden": True})
    ws.set_row(4, 40, date)
    for c, title in enumerate(["Name", "Amount", "Due", "Sum", "Link"]):
        ws.write(0, c, title, bold)
    for r in range(1, 9):
        ws.write_row(r, 0, [f"name {r}", r * 1.5])
        ws.write_datetime(r, 2, __import__("datetime").datetime(2025, 1, r), date)
        ws.write_formula(r, 3, f"=B{r + 1}*2", money, r * 3)
    ws.write_url("E2", "https://kite.example/", string="kite")
    ws.write_rich_string("E3", "plain ", bold, "bold")
    ws.merge_range("A12:C13", "merged", bold)
    ws.write_array_formula("D12:D13", "{=B2:B3}", None, 1)
    ws.write_comment("A2", "an old remark", {"author": "Ida"})
    ws.write_comment("E9", "another", {"author": "Ben"})
    ws.data_validation("B2:B9", {"validate": "decimal", "criteria": ">", "value": 0})
    ws.conditional_format("B2:B9", {"type": "data_bar"})
    ws.conditional_format("A2:A9", {"type": "duplicate", "format": bold})
    ws.autofilter("A1:E9")
    ws.freeze_panes(1, 1)
    other.add_table("A1:B3", {"columns": [{"header": "x"}, {"header": "y"}]})
    chart = wb.add_chart({"type": "column"})
    chart.add_series({"values": "=Data!$B$2:$B$9"})
    ws.insert_chart("G2", chart)
    image = Path(path).with_suffix(".png")
    image.write_bytes(PNG)
    other.insert_image("D4", image)
    other.insert_button("F6", {"caption": "press"})
    wb.define_name("amounts", "=Data!$B$2:$B$9")
    wb.close()


@pytest.fixture
def rich(tmp_path):
    rich_book(tmp_path / "rich.xlsx")
    return tmp_path / "rich.xlsx"


def test_a_rich_workbook_gets_marks_and_keeps_the_rest(rich, tmp_path):
    copy = tmp_path / "copy.xlsx"
    marks = {"B3": 1, "A2": 2, "D12": 0, "C5": 0, "B11": 1, "A15": 2, "E9": 1, "G40": 1}
    coordinates = {c: range_boundaries(c) for c in marks}
    assert annotate(rich, copy, *[(0, r, c - 1, marks[k]) for k, (c, r, _, _) in coordinates.items()], (1, 2, 0, 0)) == [9, 9, 0]
    found = marks_in(rich, copy)
    assert set(found) == {("Data", k) for k in marks} | {("Other", "A2")}
    for (title, k), (fill, said) in found.items():
        severity = SEVERITY[marks[k]] if title == "Data" else "info"
        assert fill == FILLS[severity]
        assert said.removeprefix("\n\nhotpass: ").startswith(f"{severity} by_hand: a <reason> & more (")
        assert said.startswith("\n\nhotpass: ") == (k in ("A2", "E9") and title == "Data")
    assert changed_parts(rich, copy) == {
        "xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml", "xl/worksheets/_rels/sheet2.xml.rels", "xl/styles.xml", "xl/comments1.xml",
        "xl/drawings/vmlDrawing1.vml", "xl/drawings/vmlDrawing2.vml", "xl/comments2.xml", "[Content_Types].xml"}
    same_but_for_marks(rich, copy, "xl/worksheets/sheet1.xml", {(r, get_column_letter(c)) for c, r, _, _ in coordinates.values()})
    same_but_for_marks(rich, copy, "xl/worksheets/sheet2.xml", {(2, "A")})
    in_order(copy, "xl/worksheets/sheet1.xml")


def test_cells_that_were_not_there_look_as_their_row_or_column_would(rich, tmp_path):
    copy = tmp_path / "copy.xlsx"
    annotate(rich, copy, (0, 5, 7, 1), (0, 30, 1, 1), (0, 5, 6, 1))
    book = openpyxl.load_workbook(copy)["Data"]
    assert book["H5"].number_format == "dd/mm/yyyy" and book["H5"].font.i
    assert book["B30"].number_format == "#,##0.00 €"


def test_every_box_belongs_to_a_comment_and_no_id_is_used_twice(rich, tmp_path):
    copy = tmp_path / "copy.xlsx"
    annotate(rich, copy, *[(s, r, c, 1) for s in (0, 1) for r in range(1, 41) for c in range(40)])
    ids = []
    with zipfile.ZipFile(copy) as z:
        for number in (1, 2):
            vml = z.read(f"xl/drawings/vmlDrawing{number}.vml").decode()
            xml.fromstring(vml)
            boxes = re.findall(r'<x:ClientData ObjectType="Note">.*?<x:Row>(\d+)</x:Row>\s*<x:Column>(\d+)</x:Column>', vml, re.S)
            places = {(int(r) + 1, int(c) + 1) for r, c in boxes}
            refs = re.findall(r'<comment ref="([A-Z]+\d+)"', z.read(f"xl/comments{number}.xml").decode())
            assert len(refs) == len(set(refs)) == len(boxes) == len(places)
            assert places == {range_boundaries(ref)[1::-1] for ref in refs}
            mine = [int(i) for i in re.findall(r'_x0000_s(\d+)"', vml)]
            blocks = [int(b) for b in re.search(r'idmap[^>]* data="([\d,]+)"', vml)[1].split(",")]
            assert {i // 1024 for i in mine} <= set(blocks) and len(blocks) == len(set(blocks))
            ids += mine
        assert "press" in z.read("xl/drawings/vmlDrawing2.vml").decode()
    assert len(ids) == len(set(ids))


def test_the_gravest_of_a_cell_gives_its_colour_and_all_are_told(rich, tmp_path):
    copy = tmp_path / "copy.xlsx"
    assert annotate(rich, copy, (0, 3, 1, 0), (0, 3, 1, 2), (0, 3, 1, 1), (0, 3, -1, 1), (0, 3, 1, 1), (0, 20, -1, 0)) == [3, 3, 0]
    found = marks_in(rich, copy)
    assert found["Data", "B3"] == (FILLS["error"], "\n".join(f"{s} by_hand: a <reason> & more (0,3,1,{SEVERITY.index(s)})" for s in SEVERITY[::-1]))
    assert found["Data", "A3"][0] == FILLS["warn"], "a row is marked at its first cell"
    assert found["Data", "A20"][0] == FILLS["info"], "a row without cells gets one"


def by_libreoffice(path, folder):
    folder.mkdir()
    saved_by_libreoffice(path, folder)
    return folder / path.name


def test_libreoffice_loses_nothing(rich, tmp_path):
    """What LibreOffice makes of the copy differs from what it makes of the source in the marks alone."""
    copy = tmp_path / "copy.xlsx"
    annotate(rich, copy, *[(0, r, c, r % 3) for r in range(1, 15) for c in range(5)])
    ours, theirs = marks_in(rich, copy), marks_in(by_libreoffice(rich, tmp_path / "a"), by_libreoffice(copy, tmp_path / "b"), blanks=False)
    assert ours == theirs and len(ours) == 14 * 5 - 5


# ---- odd workbooks ------------------------------------------------------------------------------------------

def choose(hotpass, path):
    """Cells to mark in a workbook: some that are there, some that are not, by what hotpass reads; None when it reads nothing."""
    shown = hotpass("cells", "--json", path)
    return shown.stdout if shown.returncode == 0 else None


def hold_copy_against_source(hotpass, source, copy):
    """Marks a few cells of the first sheet, and holds the copy against the source in every way there is."""
    shown = choose(hotpass, source)
    if shown is None:
        return False
    marks = [(0, 1, 0, 1), (0, 1, 2, 2), (0, 2, 1, 0), (0, 7, -1, 1), (0, 1000, 3, 0)]
    done = subprocess.run([TOOL, source, copy, *(",".join(map(str, m)) for m in marks)], capture_output=True, text=True, timeout=120,
                          env={**os.environ, **SANITIZER_ENV}, check=False)
    if done.returncode == 1:
        return False  # another format
    assert done.returncode == 0, done.stderr
    assert choose(hotpass, copy) == shown
    try:
        openpyxl.load_workbook(source)
    except Exception:  # it fails in many ways on odd workbooks; then it need not read the copy either
        return True
    book = openpyxl.load_workbook(source)
    if book.worksheets:
        seen, first = {c for _, c in marks_in(source, copy)}, book.worksheets[0]
        covered = {c for c in ("A1", "C1", "B2", "D1000") if isinstance(first[c], openpyxl.cell.cell.MergedCell)}
        assert seen >= {"A1", "C1", "B2", "D1000"} - covered and 3 <= len(seen) + len(covered) <= 5, seen
    return True


NEVER = {"the corners of a sheet"}


@pytest.mark.parametrize("name", [n for n in BOOKS if n not in NEVER])
def test_odd_book(hotpass, tmp_path, name):
    make, _ = BOOKS[name]
    source = tmp_path / f"odd.{SUFFIX.get(name, 'xlsx')}"
    source.write_bytes(make())
    (tmp_path / "copy").mkdir()
    copy = tmp_path / "copy" / source.name
    assert hold_copy_against_source(hotpass, source, copy)
    changed_parts(source, copy)
    with zipfile.ZipFile(source) as z:
        if "xl/s.xml" not in z.namelist():
            return
        first = next((c for r, c in cell_elements(parsed(z.read("xl/s.xml"))) if r == 7), "A")
    same_but_for_marks(source, copy, "xl/s.xml", {(1, "A"), (1, "C"), (2, "B"), (7, first), (1000, "D")})


def pytest_generate_tests(metafunc):
    if "workbook_name" in metafunc.fixturenames:
        folder = metafunc.config.rootpath.parent / "shared/conformance/xlsx"
        metafunc.parametrize("workbook_name", sorted(p.name for p in folder.iterdir()) if folder.is_dir() else ["absent"])


def test_conformance_book(hotpass, conformance, tmp_path, workbook_name):
    source = conformance / "xlsx" / workbook_name
    if not hold_copy_against_source(hotpass, source, tmp_path / workbook_name):
        pytest.skip("hotpass does not read it, or it is not made of parts")


def test_what_takes_apart_strict_from_transitional(tmp_path):
    make, _ = BOOKS["strict"]
    source, copy = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    source.write_bytes(make())
    annotate(source, copy, (0, 1, 0, 1))
    with zipfile.ZipFile(copy) as z:
        names = set(z.namelist())
        rels = parsed(z.read(next(n for n in names if n.startswith("xl/") and n.endswith("s.xml.rels") and "_rels/workbook" not in n)))
        assert {r.get("Type") for r in rels} == {f"http://purl.oclc.org/ooxml/officeDocument/relationships/{t}" for t in ("comments", "vmlDrawing")}
        assert all(r.get("Target").lstrip("/") in names for r in rels)
        comments = parsed(z.read(next(r.get("Target") for r in rels if r.get("Type").endswith("comments")).lstrip("/")))
        assert comments.tag == "{http://purl.oclc.org/ooxml/spreadsheetml/main}comments"


def test_workbook_without_styles_gets_some(tmp_path):
    make, _ = BOOKS["no styles"]
    source, copy = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    source.write_bytes(make())
    annotate(source, copy, (0, 1, 0, 2), (0, 1, 1, 0))
    with zipfile.ZipFile(copy) as z:
        styles = [t.get("PartName") for t in parsed(z.read("[Content_Types].xml")) if (t.get("ContentType") or "").endswith("styles+xml")]
        assert styles == ["/xl/styles.xml"], "once, though the workbook promised them already"
    sheet = openpyxl.load_workbook(copy).worksheets[0]
    assert colour(sheet["A1"]) == FILLS["error"] and colour(sheet["B1"]) == FILLS["info"]


def test_threads_stay_and_their_cells_get_our_text(tmp_path):
    """A thread of Excel 365: a part of its own, and for older programs a comment whose author is the thread's id."""
    note = ("[Threaded comment]\n\nYour version of Excel allows you to read this threaded comment; however, any edits to it will get removed if "
            "the file is opened in a newer version of Excel.\n\nComment:\n    is this right?")
    thread = ("<ThreadedComments xmlns='http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments'><threadedComment ref='A1' "
              "dT='2025-01-01T10:00:00.00' personId='{00000000-0000-0000-0000-000000000001}' id='{00000000-0000-0000-0000-000000000002}'>"
              "<text>is this right?</text></threadedComment></ThreadedComments>")
    comments = (f"<comments xmlns='{MAIN}'><authors><author>tc={{00000000-0000-0000-0000-000000000002}}</author></authors><commentList>"
                f"<comment ref='A1' authorId='0' shapeId='0'><text><t>{note}</t></text></comment></commentList></comments>")
    vml = ("<xml xmlns:v='urn:schemas-microsoft-com:vml' xmlns:o='urn:schemas-microsoft-com:office:office' xmlns:x='urn:schemas-microsoft-com:office:excel'>"
           "<v:shape id='_x0000_s1025' type='#_x0000_t202'><x:ClientData ObjectType='Note'><x:Row>0</x:Row><x:Column>0</x:Column></x:ClientData></v:shape></xml>")
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    rels = (f"<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='rId1' Type='{base}/comments' "
            f"Target='../comments1.xml'/><Relationship Id='rId2' Type='{base}/vmlDrawing' Target='../drawings/vmlDrawing1.vml'/><Relationship Id='rId3' "
            "Type='http://schemas.microsoft.com/office/2017/10/relationships/threadedComment' Target='../threadedComments/threadedComment1.xml'/></Relationships>")
    sound = {**parts(sheet=sheet(row(SHARED), after="<legacyDrawing xmlns:r='%s' r:id='rId2'/>" % base)), "xl/_rels/s.xml.rels": rels.replace("../", "/xl/"),
             "xl/comments1.xml": comments, "xl/drawings/vmlDrawing1.vml": vml, "xl/threadedComments/threadedComment1.xml": thread}
    source, copy = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    source.write_bytes(written(sound))
    annotate(source, copy, (0, 1, 0, 1), (0, 1, 1, 1))
    assert changed_parts(source, copy) == {"xl/s.xml", "xl/styles.xml", "xl/comments1.xml", "xl/drawings/vmlDrawing1.vml"}
    with zipfile.ZipFile(copy) as z:
        root = parsed(z.read("xl/comments1.xml"))
        said = {c.get("ref"): "".join(t.text for t in c.iter() if local(t.tag) == "t") for c in root.iter() if local(c.tag) == "comment"}
        authors = [a.text for a in root.iter() if local(a.tag) == "author"]
        ids = {c.get("ref"): c.get("authorId") for c in root.iter() if local(c.tag) == "comment"}
    assert said["A1"].startswith(note + "\n\nhotpass: warn by_hand") and said["B1"].startswith("warn by_hand")
    assert authors[1] == "hotpass" and ids == {"A1": "0", "B1": "1"} and authors[0].startswith("tc=")


def test_a_format_that_is_named_but_not_there_does_not_become_a_colour(tmp_path):
    source, copy = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    styles = PLAIN.replace("<fill/>", "<fill><patternFill/></fill>")
    source.write_bytes(written(parts(row("<c r='A1'><v>1</v></c><c r='B1' s='4'><v>2</v></c><c r='C1' s='6'><v>3</v></c>"), styles=styles)))
    annotate(source, copy, (0, 1, 0, 2), (0, 1, 2, 1))
    sheet = openpyxl.load_workbook(copy).worksheets[0]
    assert [colour(c) for c in sheet[1]] == [FILLS["error"], None, FILLS["warn"]]


def test_rows_without_order_and_cells_without_references(tmp_path):
    """What is there is coloured wherever it stands; what is missing is put in once."""
    source, copy = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    body = ("<row r='5'><c r='C5'><v>1</v></c><c r='A5'><v>2</v></c></row><row r='2'><c r='B2'><v>3</v></c><c><v>4</v></c></row><row><c><v>5</v></c></row>"
            "<row r='7'/><row r='9' spans='1:2'><c r='A9'><v>6</v></c></row>")
    source.write_bytes(written(parts(body)))
    marks = [(5, 0), (5, 1), (5, 2), (2, 0), (2, 2), (3, 0), (3, 4), (7, 1), (8, 3), (9, 5), (12, 0)]
    assert annotate(source, copy, *[(0, r, c, 1) for r, c in marks])[0] == len(marks)
    same_but_for_marks(source, copy, "xl/s.xml", {(r, get_column_letter(c + 1)) for r, c in marks})
    with zipfile.ZipFile(copy) as z:
        text = z.read("xl/s.xml").decode()
    assert "spans" not in text and text.count("r=\"F9\"") == 1 and text.count("<row r=\"8\">") == 1


@pytest.mark.parametrize("before, after", [("A1", "A1:H9"), ("B2:C3", "B1:H9"), ("A1:XFD1048576", "A1:XFD1048576"), ("", ""), ("#REF!", "#REF!")])
def test_dimension_covers_new_cells(tmp_path, before, after):
    source, copy = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    source.write_bytes(written(parts(sheet=sheet(row("<c r='B1'><v>1</v></c>"), before=f"<dimension ref='{before}'/>"))))
    annotate(source, copy, (0, 1, 1, 1), (0, 1, 2, 1), (0, 9, 7, 1))
    with zipfile.ZipFile(copy) as z:
        assert re.search(r"<dimension ref=['\"](.*?)['\"]/>", z.read("xl/s.xml").decode())[1] == after


def test_the_drawing_stands_where_the_schema_wants_it(tmp_path):
    """Elements behind <legacyDrawing>, and one that names a drawing which is not there."""
    source, copy = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    for after in ("<pageMargins left='1' right='1' top='1' bottom='1' header='0' footer='0'/><tableParts count='0'/><extLst/>", "<extLst/>", "",
                  "<legacyDrawing xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships' r:id='gone'/>",
                  "<legacyDrawing xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships' r:id='gone'></legacyDrawing><extLst/>"):
        source.write_bytes(written(parts(sheet=sheet(row(SHARED), after=after))))
        annotate(source, copy, (0, 1, 0, 1))
        with zipfile.ZipFile(copy) as z:
            root, rels = parsed(z.read("xl/s.xml")), parsed(z.read("xl/_rels/s.xml.rels"))
        names = [local(c.tag) for c in root]
        assert names.count("legacyDrawing") == 1
        order = [ORDER["worksheet"].split().index(n) for n in names]
        assert order == sorted(order), names
        drawing = next(c for c in root if local(c.tag) == "legacyDrawing")
        assert next(iter(drawing.attrib.values())) == next(r.get("Id") for r in rels if r.get("Type").endswith("vmlDrawing"))


def test_comments_stop_at_the_limit_of_a_sheet(hotpass, repo, tmp_path):
    write_clients(tmp_path / "in")
    done = refine(hotpass, repo, tmp_path, "--limit", "cell-comments=2")
    assert done.returncode == 0, done.stderr
    found = marks_in(tmp_path / "in/clients.xlsx", tmp_path / "notes/clients.xlsx")
    said = [k for k, (_, text) in found.items() if text]
    assert len(said) == 2 and len(found) > 4 and all(fill for fill, _ in found.values())
    assert all(found[k][0] == FILLS["warn"] for k in said), "the gravest first"
    assert findings_of(tmp_path / "out.xlsx", "comments_left_out")[0]["note"] == f"clients.xlsx: {len(found) - 2} of {len(found)} cells"


def test_a_full_sheet_goes_through_in_little_memory(tmp_path):
    """1,048,576 rows: the tool has a budget of 64 MiB, the sheet takes 100."""
    source, copy = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    body = "".join(f"<row r='{r}'><c r='A{r}'><v>{r}</v></c><c r='C{r}' t='str'><v>{r} is a number</v></c></row>" for r in range(1, 1048577))
    source.write_bytes(written(parts(body)))
    marks = [(0, 1, 0, 1), (0, 500000, 1, 2), (0, 1048576, 2, 0), (0, 1048576, 16383, 1)]
    assert annotate(source, copy, *marks) == [4, 4, 0]
    with zipfile.ZipFile(source) as z, zipfile.ZipFile(copy) as w:
        before, after = z.read("xl/s.xml").decode(), w.read("xl/s.xml").decode()
    after = re.sub(r"<c r=\"\w+\" s=\"\d\"/>", "", re.sub(r"(<c r='\w+'(?: t='str')?) s=\"\d\"", r"\1", after))
    assert after.replace("</sheetData>" + after.split("</sheetData>")[1], "") == before.replace("</sheetData></worksheet>", "")


# ---- the run ------------------------------------------------------------------------------------------------

CLIENTS = [["Company", "Contact person", "E-mail", "Phone", "Province", "Website", "Last contacted", "Notes"],
           ["Kite Works (Pty) Ltd", "Ann Bower", "ann@kiteworks.example", "011 555 0100", "Gauteng", "kiteworks.example", "2025-10-14", "x"],
           ["Unknown Organisation 7", None, None, "000-000-0001", "Unspecified", None, "1970-01-01", None],
           [None, None, None, None, None, None, None, "nothing to hold on to"],
           ["Loop & Roll CC", "Eve Drew", "eve@loop", "12", "Kwa-Zulu Natal", "not a url", "soon", None]]


def write_clients(folder, name="clients.xlsx"):
    folder.mkdir(exist_ok=True)
    wb = xlsxwriter.Workbook(folder / name)
    ws = wb.add_worksheet("Clients")
    for r, values in enumerate(CLIENTS):
        ws.write_row(r, 0, values)
    ws.set_column("A:H", 22)
    wb.close()


def write_csv(path):
    with open(path, "w", newline="", encoding="utf-8") as f:
        csv.writer(f).writerows([[v or "" for v in r] for r in CLIENTS])


def refine(hotpass, repo, folder, *more, notes="notes", **options):
    return hotpass.run(["refine", "-p", repo / "profiles/generic.yaml", "-i", folder / "in", "-o", folder / "out.xlsx", "--annotate", folder / notes, *more],
                       **options)


def table_of(path, sheet):
    rows = list(openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True))
    return [dict(zip(rows[0], r)) for r in rows[1:]]


def findings_of(path, rule=None):
    return [f for f in table_of(path, "Findings") if rule in (None, f["rule"])]


def places(cells):
    """"A2:A5, C7, 9" -> the coordinates; a row without a column is (row, None)."""
    for part in cells.split(", "):
        first, _, last = part.partition(":")
        column = re.match("[A-Z]*", first)[0]
        for r in range(int(first[len(column):]), int((last or first)[len(column):]) + 1):
            yield column or None, r


def expected_marks(output, file):
    """(sheet, coordinate) -> the severities and rules that the sheets Findings and Quarantine name; of rows, (sheet, row)."""
    expected = {}
    for f in findings_of(output):
        if f["source_file"] == file and f["cells"]:
            for column, r in places(f["cells"]):
                expected.setdefault((f["sheet"], f"{column}{r}" if column else r), set()).add((f["severity"], f["rule"]))
    for q in table_of(output, "Quarantine"):
        if q["source_file"] == file:
            severity = "warn" if q["reason"].startswith("no_") else "info"
            expected.setdefault((q["sheet"], q["row"]), set()).add((severity, q["reason"]))
    return expected


def hold_marks_against_findings(output, source, copy):
    """Every finding stands at its cell, and no cell without one has a mark."""
    found, book = marks_in(source, copy), openpyxl.load_workbook(source)
    with zipfile.ZipFile(source) as z:
        first = {}
        for number, title in enumerate(book.sheetnames):
            for r, letters in cell_elements(parsed(z.read(sheet_part(source, number)))):
                first.setdefault((title, r), f"{letters}{r}")
    wanted = {}
    for (title, place), rules in expected_marks(output, source.name).items():
        cell = place if isinstance(place, str) else first.get((title, place), f"A{place}")
        wanted.setdefault((title, cell), set()).update(rules)
    assert set(found) == set(wanted)
    for place, (fill, text) in found.items():
        said = {tuple(line.split(":")[0].split(" ")) for line in text.split("\n")}
        assert said == wanted[place], place
        assert fill == FILLS[max((s for s, _ in said), key=SEVERITY.index)]


def test_demo_is_marked_where_findings_are_and_nowhere_else(hotpass, repo, demo, tmp_path):
    sources = sorted(demo.glob("*.xlsx"))
    before = {p: p.read_bytes() for p in sources}
    done = hotpass.run(["refine", "-p", repo / "profiles/aviation.yaml", "-i", demo, "-o", tmp_path / "out.xlsx", "--annotate", tmp_path / "notes"])
    assert done.returncode == 0, done.stderr
    assert before == {p: p.read_bytes() for p in sources}
    assert sorted(p.name for p in (tmp_path / "notes").iterdir()) == [p.name for p in sources]
    for p in sources:
        hold_marks_against_findings(tmp_path / "out.xlsx", p, tmp_path / "notes" / p.name)
        for number, title in enumerate(openpyxl.load_workbook(p).sheetnames):
            in_order(tmp_path / "notes" / p.name, sheet_part(p, number))


def test_files_of_all_kinds(hotpass, repo, tmp_path):
    """What is made of parts is patched, data files become workbooks, and the rest is told of."""
    write_clients(tmp_path / "in")
    write_clients(tmp_path / "in", "macro.xlsm")
    write_csv(tmp_path / "in/people.csv")
    (tmp_path / "in/people.csv").write_text("\n" + (tmp_path / "in/people.csv").read_text(), encoding="utf-8")  # a blank line keeps its number
    subprocess.run(["gzip", "-k", tmp_path / "in/people.csv"], check=True)
    assert hotpass("convert", tmp_path / "in/clients.xlsx", "-o", tmp_path / "in/lines.ndjson").returncode == 0
    assert hotpass("convert", tmp_path / "in/clients.xlsx", "-o", tmp_path / "in/columns.parquet").returncode == 0
    program = shutil.which("soffice") or shutil.which("libreoffice")
    for kind in ("ods", "xls"):
        subprocess.run([program, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", kind, "--outdir",
                        tmp_path / "in", tmp_path / "in/clients.xlsx"], check=True, timeout=180, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    done = refine(hotpass, repo, tmp_path)
    assert done.returncode == 0, done.stderr
    names = sorted(p.name for p in (tmp_path / "notes").iterdir())
    assert names == ["clients.xlsx", "columns.parquet.xlsx", "lines.ndjson.xlsx", "macro.xlsm", "people.csv.gz.xlsx", "people.csv.xlsx"]
    assert {f["note"].split(":")[0] for f in findings_of(tmp_path / "out.xlsx", "not_annotated")} == {"clients.ods", "clients.xls"}
    assert all("save it as .xlsx" in f["note"] for f in findings_of(tmp_path / "out.xlsx", "not_annotated"))
    for name in ("people.csv", "people.csv.gz", "lines.ndjson", "columns.parquet"):
        sheet = openpyxl.load_workbook(tmp_path / "notes" / f"{name}.xlsx").worksheets[0]
        below = 1 if name.startswith("people") else 0
        values = [list(r) for r in sheet.iter_rows(min_row=1 + below, max_row=5 + below, max_col=8, values_only=True)]
        assert [[str(v)[:10] if v is not None else None for v in r] for r in values] == [[str(v)[:10] if v else None for v in r] for r in CLIENTS], name
        wanted = {}
        for (_, place), rules in expected_marks(tmp_path / "out.xlsx", name).items():
            wanted.setdefault(place, set()).update(rules)
        marked = {c.coordinate for r in sheet.iter_rows() for c in r if colour(c) in FILLS.values()}
        assert {p for p in wanted if isinstance(p, str)} <= marked
        assert {c.coordinate for r in sheet.iter_rows() for c in r if c.comment and c.comment.text.split(" ")[0] in SEVERITY} == marked


def test_a_workbook_with_a_password_is_not_laid_open(hotpass, repo, tmp_path):
    from msoffcrypto.format.ooxml import OOXMLFile
    write_clients(tmp_path / "in", "plain.xlsx")
    with open(tmp_path / "in/plain.xlsx", "rb") as plain, open(tmp_path / "in/locked.xlsx", "wb") as locked:
        OOXMLFile(plain).encrypt("kite", locked)
    (tmp_path / "password").write_text("kite\n", encoding="utf-8")
    (tmp_path / "password").chmod(0o600)
    done = refine(hotpass, repo, tmp_path, "--password-file", tmp_path / "password")
    assert done.returncode == 0, done.stderr
    assert [p.name for p in (tmp_path / "notes").iterdir()] == ["plain.xlsx"]
    assert "without a password" in findings_of(tmp_path / "out.xlsx", "not_annotated")[0]["note"]


def failing_profile(repo, folder):
    text = (repo / "profiles/generic.yaml").read_text(encoding="utf-8")
    was = "{column: organization_name, kind: not_null}"
    assert was in text
    path = folder / "strict.yaml"
    path.write_text(text.replace(was, "{column: contact_primary_email, kind: not_null, severity: fail}"), encoding="utf-8")
    return path


def test_a_run_that_stops_at_a_check_leaves_the_copies_and_nothing_else(hotpass, repo, tmp_path):
    write_clients(tmp_path / "in")
    profile = failing_profile(repo, tmp_path)
    done = hotpass.run(["refine", "-p", profile, "-i", tmp_path / "in", "-o", tmp_path / "out.xlsx", "--annotate", tmp_path / "notes"])
    assert done.returncode == 1, done.stderr + done.stdout
    assert [p.name for p in (tmp_path / "notes").iterdir()] == ["clients.xlsx"]
    assert not (tmp_path / "out.xlsx").exists() and not (tmp_path / "run.json").exists()
    assert "Only the annotated copies were written" in done.stdout
    assert len(marks_in(tmp_path / "in/clients.xlsx", tmp_path / "notes/clients.xlsx")) > 4


def test_merged_areas_are_marked_at_their_first_cell(hotpass, repo, tmp_path):
    (tmp_path / "in").mkdir()
    wb = xlsxwriter.Workbook(tmp_path / "in/clients.xlsx")
    ws = wb.add_worksheet("Clients")
    for r, values in enumerate(CLIENTS):
        ws.write_row(r, 0, values)
    ws.merge_range("A5:B6", "Loop & Roll CC")
    ws.write("D6", "12")
    wb.close()
    assert refine(hotpass, repo, tmp_path).returncode == 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # openpyxl warns of comments inside of merged areas
        sheet = openpyxl.load_workbook(tmp_path / "notes/clients.xlsx")["Clients"]
    assert "merged_cells" in sheet["A5"].comment.text and colour(sheet["D6"]) == FILLS["warn"]


def test_same_bytes_whatever_the_threads(hotpass, repo, demo, tmp_path):
    made = []
    for jobs, zone in (("1", "UTC"), ("4", "Asia/Tokyo")):
        folder = tmp_path / jobs
        done = hotpass.run(["refine", "-p", repo / "profiles/aviation.yaml", "-i", demo, "-o", folder / "out.xlsx", "--annotate", folder / "notes", "-j", jobs],
                           env={"TZ": zone})
        assert done.returncode == 0, done.stderr
        made.append({p.name: p.read_bytes() for p in (folder / "notes").iterdir()})
    assert made[0] == made[1]


def test_directories_that_cannot_be_are_refused_before_work(hotpass, repo, tmp_path):
    write_clients(tmp_path / "in")
    before = (tmp_path / "in/clients.xlsx").read_bytes()
    os.symlink(tmp_path / "in", tmp_path / "same")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "linked").mkdir()
    os.link(tmp_path / "in/clients.xlsx", tmp_path / "linked/clients.xlsx")
    for notes, code, words in (("in", 2, "is the input directory"), ("same", 2, "is the input directory"), ("file", 73, "cannot write"),
                               ("linked", 2, "is one of the inputs")):
        done = refine(hotpass, repo, tmp_path, notes=notes)
        assert done.returncode == code and words in done.stderr, (notes, done.stderr)
        assert not (tmp_path / "out.xlsx").exists() and (tmp_path / "in/clients.xlsx").read_bytes() == before
    os.rename(tmp_path / "in/clients.xlsx", tmp_path / "in/out.xlsx")
    done = refine(hotpass, repo, tmp_path, notes=".")
    assert done.returncode == 2 and "is an output, and the annotated copy" in done.stderr


def test_dry_run_makes_none_and_run_json_tells_of_them(hotpass, repo, tmp_path):
    import json
    write_clients(tmp_path / "in")
    assert refine(hotpass, repo, tmp_path, "--dry-run").returncode == 0
    assert not (tmp_path / "notes").exists()
    assert refine(hotpass, repo, tmp_path, "--archive", "--dist-dir", tmp_path / "dist").returncode == 0
    told = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert told["annotated"]["books"] == 1 and told["annotated"]["cells"] == told["annotated"]["comments"] > 4
    assert [o["kind"] for o in told["outputs"]] == ["workbook", "annotated", "provenance"]
    archive, = (tmp_path / "dist").iterdir()
    assert sorted(zipfile.ZipFile(archive).namelist()) == ["SHA256SUMS", "out.xlsx", "provenance.sqlite", "run.json"]


def test_more_copies_than_files_can_be_open(hotpass, repo, tmp_path):
    write_clients(tmp_path / "in", "clients 0.xlsx")
    for i in range(1, 80):
        shutil.copy(tmp_path / "in/clients 0.xlsx", tmp_path / f"in/clients {i}.xlsx")
    limit = "ulimit -n 60; exec \"$0\" \"$@\""
    done = subprocess.run(["sh", "-c", limit, hotpass.path, "refine", "-p", repo / "profiles/generic.yaml", "-i", tmp_path / "in", "-o", tmp_path / "out.xlsx",
                           "--annotate", tmp_path / "notes"], capture_output=True, text=True, timeout=300, check=False, env={**os.environ, **SANITIZER_ENV})
    assert done.returncode == 0, done.stderr
    assert len(list((tmp_path / "notes").iterdir())) == 80


def test_a_full_disk_leaves_the_previous_copies(hotpass, repo, tmp_path):
    """Files may be no larger than some bytes: whichever is refused, nothing of the run is there, and all of the one before is."""
    write_clients(tmp_path / "in")
    write_csv(tmp_path / "in/people.csv")
    assert refine(hotpass, repo, tmp_path).returncode == 0
    before = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    with open(tmp_path / "in/people.csv", "a", encoding="utf-8") as f:
        f.write("Tern & Co,,desk@tern,,,,,\n")
    before[tmp_path / "in/people.csv"] = (tmp_path / "in/people.csv").read_bytes()
    for size in (0, 1000, 5000, 7000, 9000):
        def limit(size=size):
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        done = refine(hotpass, repo, tmp_path, preexec_fn=limit)
        assert done.returncode == 74, (size, done.stderr)
        assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()} == before


def test_a_copy_that_cannot_be_made_costs_nothing_else(hotpass, repo, tmp_path):
    """The drawing of the comments has no end: the workbook is read all the same, so the run goes on."""
    write_clients(tmp_path / "in")
    wb = xlsxwriter.Workbook(tmp_path / "in/broken.xlsx")
    ws = wb.add_worksheet("Clients")
    for r, values in enumerate(CLIENTS):
        ws.write_row(r, 0, values)
    ws.write_comment("B2", "remark")
    wb.close()
    with zipfile.ZipFile(tmp_path / "in/broken.xlsx") as z:
        kept = {n: z.read(n) for n in z.namelist()}
    kept["xl/drawings/vmlDrawing1.vml"] = b"<xml><v:shape"
    with zipfile.ZipFile(tmp_path / "in/broken.xlsx", "w") as z:
        for name, data in kept.items():
            z.writestr(name, data)
    done = refine(hotpass, repo, tmp_path)
    assert done.returncode == 0, done.stderr
    assert [p.name for p in (tmp_path / "notes").iterdir()] == ["clients.xlsx"]
    note = findings_of(tmp_path / "out.xlsx", "not_annotated")[0]["note"]
    assert note.startswith("broken.xlsx: ") and "vmldrawing1.vml" in note
    assert not [p for p in (tmp_path / "notes").iterdir() if p.suffix == ".tmp"]
