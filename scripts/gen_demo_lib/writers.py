"""Two spreadsheet writers behind one small interface, both with reproducible bytes."""
import datetime
import os
import zipfile

os.environ["OPENPYXL_LXML"] = "False"  # one XML serialiser, so that an installed lxml cannot change the bytes

import openpyxl  # noqa: E402
import xlsxwriter  # noqa: E402
from openpyxl.cell import WriteOnlyCell  # noqa: E402
from openpyxl.writer.excel import ExcelWriter  # noqa: E402

STAMP = datetime.datetime(2025, 10, 24, 8, 0, 0)
MAX_LINKS = 2000  # a worksheet may hold 65,530 hyperlinks; a demo needs far fewer


class Text(str):
    """A text that must be written as text even where a writer would take it for a formula."""


class Lexical(str):
    """A number cell with exactly these characters in <v>, as other programs store it (12.0, 2.7E10)."""


class Formula(str):
    """A formula; in the workbook openpyxl writes it has no cached value."""


class Error(str):
    """An error value such as #N/A."""


class Link(str):
    """A text that is also a hyperlink to itself."""


class FixedZip(zipfile.ZipFile):
    """A zip whose members all carry one time and one mode, so that its bytes depend on the content only."""

    def _member(self, name):
        info = zipfile.ZipInfo(name, STAMP.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        return info

    def writestr(self, name, data, *_args, **_kwargs):
        super().writestr(self._member(name), data)

    def write(self, filename, arcname=None, *_args, **_kwargs):
        with open(filename, "rb") as src, self.open(self._member(arcname), "w", force_zip64=True) as dst:
            while chunk := src.read(1 << 20):
                dst.write(chunk)


class OpenpyxlBook:
    """Write-only openpyxl workbook: rows go to disk as they come."""

    def __init__(self, path):
        self.path, self.book = path, openpyxl.Workbook(write_only=True)
        self.book.properties.created = self.book.properties.modified = STAMP
        self.book.properties.creator = "gen-demo"

    def sheet(self, title, state="visible", freeze=None):
        return OpenpyxlSheet(self.book.create_sheet(title), title, state, freeze)

    def close(self):
        ExcelWriter(self.book, FixedZip(self.path, "w", zipfile.ZIP_DEFLATED, allowZip64=True)).save()


class OpenpyxlSheet:
    def __init__(self, ws, title, state, freeze):
        self.ws, self.title, self.row = ws, title, 0
        ws.merged_cells = []  # a list keeps the order; the usual set has none
        ws.sheet_state = state
        if freeze:
            ws.freeze_panes = freeze

    def append(self, values, hidden=False):
        self.row += 1
        if hidden:
            self.ws.row_dimensions[self.row].hidden = True
        self.ws.append([self._cell(v) for v in values])
        return self.row

    def _cell(self, value):
        if type(value) in (Text, Link) or (type(value) is str and value[:1] in ("=", "#")):
            return self._typed(str(value), "s")
        if type(value) is Lexical:
            return self._typed(str(value), "n")
        if type(value) is Error:
            return self._typed(str(value), "e")
        if type(value) is Formula:
            return str(value)
        return value

    def _typed(self, value, data_type):
        cell = WriteOnlyCell(self.ws, None)
        cell._value, cell.data_type = value, data_type  # the value setter would guess another type
        return cell

    def merge(self, area):
        self.ws.merged_cells.append(area)

    def filter(self, area):
        self.ws.auto_filter.ref = area


class XlsxWriterBook:
    def __init__(self, path):
        self.book = xlsxwriter.Workbook(path, {"strings_to_urls": False})
        self.book.set_properties({"created": STAMP, "author": "gen-demo"})
        self.date = self.book.add_format({"num_format": "yyyy-mm-dd"})

    def sheet(self, title, state="visible", freeze=None):
        ws = self.book.add_worksheet(title)
        if state != "visible":
            ws.hide()
        if freeze:
            ws.freeze_panes(freeze)
        return XlsxWriterSheet(ws, title, self.date)

    def close(self):
        self.book.close()


class XlsxWriterSheet:
    def __init__(self, ws, title, date_format):
        self.ws, self.title, self.row, self.date, self.links = ws, title, 0, date_format, 0

    def append(self, values, hidden=False):
        if hidden:
            self.ws.set_row(self.row, None, None, {"hidden": True})
        for col, value in enumerate(values):
            if value is None or value == "":
                continue
            if isinstance(value, datetime.date):
                self.ws.write_datetime(self.row, col, value, self.date)
            elif type(value) is Link and value.startswith("http") and self.links < MAX_LINKS:
                self.ws.write_url(self.row, col, str(value))
                self.links += 1
            elif isinstance(value, str) and type(value) is not Lexical:
                self.ws.write_string(self.row, col, value)
            else:
                self.ws.write_number(self.row, col, float(value))
        self.row += 1
        return self.row
