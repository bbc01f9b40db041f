"""The anatomy of our workbooks: the order of elements that the schema demands, the parts that another writer makes of the same content,
and what openpyxl, calamine and LibreOffice find in them."""
import datetime
import re
import shutil
import subprocess
import warnings
import xml.etree.ElementTree as xml
import zipfile

import openpyxl
import pytest
import python_calamine
import xlsxwriter

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# Children in the order of the schema (ECMA-376 part 1, annex A.2: CT_Worksheet, CT_Workbook, ...).
ORDER = {
    "worksheet": "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios autoFilter "
                 "sortState dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting dataValidations hyperlinks "
                 "printOptions pageMargins pageSetup headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors smartTags "
                 "drawing legacyDrawing legacyDrawingHF picture oleObjects controls webPublishItems tableParts extLst",
    "workbook": "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences definedNames calcPr "
                "oleSize customWorkbookViews pivotCaches smartTagPr smartTagTypes webPublishing fileRecoveryPr webPublishObjects extLst",
    "styleSheet": "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst",
    "comments": "authors commentList extLst",
    "sst": "si extLst",
    "sheetView": "pane selection pivotSelection extLst",
    "font": "b i strike condense extend outline shadow u vertAlign sz color name family charset scheme",
    "border": "left right top bottom diagonal vertical horizontal",
    "xf": "alignment protection extLst",
    "dxf": "font numFmt fill alignment border protection extLst",
    "cfRule": "formula colorScale dataBar iconSet extLst",
    "dataValidation": "formula1 formula2",
    "comment": "text commentPr",
    "row": "c extLst",
    "c": "f v is extLst",
}
# What the schema counts, and what of it: the number must be right.
COUNTED = {"sst": "si", "numFmts": "numFmt", "fonts": "font", "fills": "fill", "borders": "border", "cellStyleXfs": "xf", "cellXfs": "xf",
           "cellStyles": "cellStyle", "dxfs": "dxf", "dataValidations": "dataValidation"}


@pytest.fixture(scope="module")
def made(hotpass, repo, tmp_path_factory):
    folder = tmp_path_factory.mktemp("book")
    for name, more in (("o.xlsx", []), ("best.xlsx", ["--compress", "best"])):
        done = hotpass.run(["refine", "-p", repo / "profiles/aviation.yaml", "-i", repo / "examples/aviation", "-o", folder / name, *more])
        assert done.returncode in (0, 1), done.stderr
    return folder


@pytest.fixture(scope="module")
def book(made):
    return openpyxl.load_workbook(made / "o.xlsx")


def parts_of(path):
    with zipfile.ZipFile(path) as z:
        return {i.filename: z.read(i) for i in z.infolist()}


def local(tag):
    return tag.rsplit("}", 1)[-1]


# ---- order -----------------------------------------------------------------------------------------------

def test_elements_stand_in_the_order_of_the_schema(made):
    seen = set()
    for name, data in parts_of(made / "o.xlsx").items():
        if not name.startswith("xl/") or name.endswith((".rels", ".vml")):
            continue
        for element in xml.fromstring(data).iter():
            tag = local(element.tag)
            children = [local(c.tag) for c in element]
            if tag in ORDER:
                order = ORDER[tag].split()
                at = [order.index(c) for c in children]  # an unknown child is an error too
                assert at == sorted(at), (name, tag, children)
                seen.add(tag)
            if tag in COUNTED and tag != "sst":
                assert int(element.get("count")) == children.count(COUNTED[tag]), (name, tag)
    assert seen == set(ORDER), set(ORDER) - seen


def test_cells_stand_in_order_and_name_strings_that_exist(made):
    parts = parts_of(made / "o.xlsx")
    strings = xml.fromstring(parts["xl/sharedStrings.xml"])
    uses = 0
    for name in (n for n in parts if n.startswith("xl/worksheets/sheet")):
        root, row_before = xml.fromstring(parts[name]), 0
        for row in root.iter(MAIN + "row"):
            assert int(row.get("r")) > row_before
            row_before, col_before = int(row.get("r")), 0
            for c in row:
                letters, number = re.fullmatch("([A-Z]+)([0-9]+)", c.get("r")).groups()
                col = openpyxl.utils.column_index_from_string(letters)
                assert int(number) == row_before and col > col_before
                col_before = col
                if c.get("t") == "s":
                    uses += 1
                    assert int(c[0].text) < len(strings)
    assert int(strings.get("count")) == uses and int(strings.get("uniqueCount")) == len(strings)
    texts = ["".join(t.itertext()) for t in strings]
    assert len(set(texts)) == len(texts)


# ---- another writer, the same content --------------------------------------------------------------------

def rewrite(book, path):
    """The workbook once more, by XlsxWriter."""
    theirs = xlsxwriter.Workbook(path, {"strings_to_urls": False})
    header, text, score = (theirs.add_format(f) for f in ({"bold": True, "bg_color": "#366092"}, {"num_format": "@"}, {"num_format": "0.00"}))
    fill = theirs.add_format({"bg_color": "#C6EFCE"})
    theirs.set_properties({"title": "Refined contacts", "author": "hotpass"})
    for ours in book:
        sheet = theirs.add_worksheet(ours.title)
        last_row, last_col = ours.max_row - 1, ours.max_column - 1
        sheet.ignore_errors({"number_stored_as_text": "A1:B2"})
        for c in range(last_col + 1):
            sheet.set_column(c, c, 20)
        for row in ours.iter_rows():
            for c in row:
                if c.hyperlink:
                    sheet.write_url(c.row - 1, c.column - 1, c.hyperlink.target, None, str(c.value))
                elif isinstance(c.value, (int, float)):
                    sheet.write_number(c.row - 1, c.column - 1, c.value, score)
                elif c.value is not None:
                    sheet.write_string(c.row - 1, c.column - 1, c.value, header if c.row == 1 else text)
                if c.comment:
                    sheet.write_comment(c.row - 1, c.column - 1, c.comment.text)
        if ours.freeze_panes:
            sheet.freeze_panes(1, 0)
            sheet.repeat_rows(0)
        if ours.auto_filter.ref:
            sheet.autofilter(0, 0, last_row, last_col)
        for areas in ours.conditional_formatting:
            for rule in areas.rules:
                sheet.conditional_format(str(areas.sqref), {"type": "cell", "criteria": ">=", "value": float(rule.formula[0]), "format": fill})
        for v in ours.data_validations.dataValidation:
            sheet.data_validation(str(v.sqref), {"validate": "list", "source": v.formula1.strip('"').split(","), "error_type": "warning"})
    theirs.close()


def children(data):
    """The children of a part's root, each kind once."""
    return list(dict.fromkeys(local(c.tag) for c in xml.fromstring(data)))


def test_the_parts_are_those_of_another_writer(made, book, tmp_path):
    rewrite(book, tmp_path / "theirs.xlsx")
    ours, theirs = parts_of(made / "o.xlsx"), parts_of(tmp_path / "theirs.xlsx")

    def kinds(parts):  # parts without their numbers: we number comments as their sheets, they one after the other
        return sorted(re.sub(r"\d+(\.xml|\.vml)", r"N\1", n) for n in parts if "theme" not in n)
    assert kinds(ours) == kinds(theirs)
    for n in range(1, len(book.sheetnames) + 1):
        name = f"xl/worksheets/sheet{n}.xml"
        assert children(ours[name]) == children(theirs[name]), name
        rels = name.replace("sheets/", "sheets/_rels/") + ".rels"
        assert (rels in ours) == (rels in theirs), rels
        if rels in ours:
            kinds_of = [sorted((local(r.get("Type").replace("/", "}")), r.get("TargetMode") or "") for r in xml.fromstring(p[rels]))
                        for p in (ours, theirs)]
            assert kinds_of[0] == kinds_of[1]
    # They name the program and its calculation engine; there is no formula here to be calculated.
    assert children(ours["xl/workbook.xml"]) == [c for c in children(theirs["xl/workbook.xml"]) if c not in ("fileVersion", "calcPr")]
    assert [c for c in children(ours["xl/styles.xml"]) if c != "numFmts"] == [c for c in children(theirs["xl/styles.xml"]) if c != "numFmts"]
    assert children(ours["docProps/core.xml"]) == children(theirs["docProps/core.xml"])

    def types(parts):
        return {(e.get("Extension") or re.sub(r"\d+", "N", e.get("PartName")), e.get("ContentType"))
                for e in xml.fromstring(parts["[Content_Types].xml"]) if "theme" not in (e.get("PartName") or "")}
    assert types(ours) == types(theirs)


TYPED = [
    ["text", "number", "flag", "day", "moment", "mixed"],
    ["007", 42, True, datetime.datetime(2025, 10, 14), datetime.datetime(2025, 10, 14, 9, 30), "x"],
    [" two\nlines & <b>", -0.125, False, datetime.datetime(1900, 3, 1), datetime.datetime(1999, 12, 31, 23, 59, 59), 7],
    ["_x0041_ \U0001f6e9", 123456789012345, True, datetime.datetime(9999, 12, 31), None, True],
    ["=1+1", 1e-7, None, None, datetime.datetime(2025, 1, 1, 12), datetime.datetime(2025, 1, 1)],
    [None, 0, False, datetime.datetime(2024, 2, 29), datetime.datetime(2024, 2, 29, 0, 0, 1), None],
]


def typed_cells(path):
    """The cells of the first sheet as the file has them: address -> (type, value), texts in the place of their numbers."""
    parts = parts_of(path)
    strings = ["".join(t.text or "" for t in si.iter(MAIN + "t")) for si in xml.fromstring(parts["xl/sharedStrings.xml"])]
    cells = {}
    for c in xml.fromstring(parts["xl/worksheets/sheet1.xml"]).iter(MAIN + "c"):
        value = c.find(MAIN + "v")
        if c.get("t") == "inlineStr":
            cells[c.get("r")] = ("s", "".join(t.text or "" for t in c.iter(MAIN + "t")))
        elif value is not None:
            kind = c.get("t", "n")
            cells[c.get("r")] = (kind, strings[int(value.text)] if kind == "s" else float(value.text))
    return cells


def test_typed_cells_are_those_of_another_writer(hotpass, tmp_path):
    """Numbers, booleans, dates and texts: the same types and values in the file; dates that openpyxl and LibreOffice take for dates."""
    with xlsxwriter.Workbook(tmp_path / "theirs.xlsx", {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("Typed")
        day, moment = book.add_format({"num_format": "yyyy-mm-dd"}), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for r, row in enumerate(TYPED):
            for c, value in enumerate(row):
                if isinstance(value, datetime.datetime):
                    sheet.write_datetime(r, c, value, moment if c == 4 else day)
                elif value is not None:
                    sheet.write(r, c, value)
    done = hotpass("convert", tmp_path / "theirs.xlsx", "-o", tmp_path / "ours.xlsx")
    assert done.returncode == 0, done.stderr
    ours, theirs = typed_cells(tmp_path / "ours.xlsx"), typed_cells(tmp_path / "theirs.xlsx")
    assert ours.keys() == theirs.keys()
    for at, (kind, value) in theirs.items():
        assert ours[at][0] == kind and (ours[at][1] == value if kind == "s" else abs(ours[at][1] - value) < 1e-9), (at, ours[at], kind, value)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mine = openpyxl.load_workbook(tmp_path / "ours.xlsx")["Typed"]
    want = [[v.replace("_x0041_", "A") if isinstance(v, str) else v for v in row] for row in TYPED]
    plain = [[v.replace("_x005F_x0041_", "A").replace("_x0041_", "A") if isinstance(v, str) else v for v in row] for row in mine.iter_rows(values_only=True)]
    assert plain == want
    saved_by_libreoffice(tmp_path / "ours.xlsx", tmp_path / "office")
    again = openpyxl.load_workbook(tmp_path / "office/ours.xlsx")["Typed"]
    for a, b in zip(mine.iter_rows(), again.iter_rows()):
        assert [(c.is_date, c.value is None) for c in a] == [(c.is_date, c.value is None) for c in b][:len(a)]


# ---- what others find ------------------------------------------------------------------------------------

def test_openpyxl_finds_what_helps_the_operator(book):
    data = book["Data"]
    head = {c.value: c for c in data[1]}
    assert data.freeze_panes == "A2" and data.auto_filter.ref == data.dimensions and data.print_title_rows == "$1:$1"
    assert all(c.comment and len(c.comment.text) > 3 for c in head.values())
    assert head["contact_primary_phone"].comment.text == "phone of the primary contact, E.164"
    lists = {next(iter(v.sqref.ranges)).min_col: v.formula1.strip('"').split(",") for v in data.data_validations.dataValidation}
    province = lists[head["province"].column]
    values = {r[head["province"].column - 1] for r in data.iter_rows(min_row=2, values_only=True)} - {None}
    assert province == sorted(values) and "Gauteng" in province
    assert {v.errorStyle for v in data.data_validations.dataValidation} == {"warning"}
    (areas,) = list(data.conditional_formatting)
    assert str(areas.sqref) == f"{head['data_quality_score'].column_letter}2:{head['data_quality_score'].column_letter}{data.max_row}"
    assert [float(r.formula[0]) for r in areas.rules] == [0.8, 0.6, 0.4, 0]
    assert [r.dxf.fill.bgColor.rgb for r in areas.rules] == ["FFC6EFCE", "FFFFEB9C", "FFFFC7CE", "FFFF0000"]
    assert data.column_dimensions["A"].width > 20
    yes_no = [v.formula1 for v in book["Contacts"].data_validations.dataValidation]
    assert '"no,yes"' in yes_no
    assert book.properties.title == "Refined contacts" and book.properties.creator == "hotpass"


def test_calamine_reads_the_same_cells(made, book):
    theirs = python_calamine.load_workbook(str(made / "o.xlsx"))
    assert theirs.sheet_names == book.sheetnames
    for name in book.sheetnames:
        rows = theirs.get_sheet_by_name(name).to_python()
        cells = [["" if v is None else v for v in row] for row in book[name].iter_rows(values_only=True)]
        assert [list(r) for r in rows] == cells, name


def test_best_is_smaller_and_says_the_same(made):
    fast, best = parts_of(made / "o.xlsx"), parts_of(made / "best.xlsx")
    assert fast == best
    assert (made / "best.xlsx").stat().st_size < 0.95 * (made / "o.xlsx").stat().st_size
    subprocess.run(["unzip", "-tqq", made / "best.xlsx"], check=True)


def saved_by_libreoffice(path, folder):
    """Let LibreOffice open a workbook and save it into the folder."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    assert program, "LibreOffice is not installed: run scripts/setup check"
    subprocess.run([program, f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--headless", "--convert-to",
                    "xlsx:Calc MS Excel 2007 XML", "--outdir", folder, path], check=True, timeout=180,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def test_libreoffice_keeps_all_of_it(made, book, tmp_path):
    """LibreOffice opens it without complaint, and what it saves again has the same cells and the same aids. (It forgets frozen panes
    when it has no window, those of other writers too.)"""
    for name in ("o", "best"):
        saved_by_libreoffice(made / f"{name}.xlsx", tmp_path)
        theirs = openpyxl.load_workbook(tmp_path / f"{name}.xlsx")
        assert theirs.sheetnames == book.sheetnames
        for sheet in book:
            again = theirs[sheet.title]
            for a, b in zip(sheet.iter_rows(), again.iter_rows()):
                assert [c.value for c in a] == [c.value for c in b][:len(a)], sheet.title
            assert sum(1 for c in again[1] if c.comment) == sum(1 for c in sheet[1] if c.comment)
            assert len(again.data_validations.dataValidation) == len(sheet.data_validations.dataValidation)
            assert sum(1 for row in again for c in row if c.hyperlink) == sum(1 for row in sheet for c in row if c.hyperlink)
            assert len(list(again.conditional_formatting)) == len(list(sheet.conditional_formatting))
