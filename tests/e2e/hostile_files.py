"""Files that mean harm, made here: one generator for each class of attack, with what has to come of it.

    CASES[name] = Case(make, code, words, ...)    make(path) writes the file

A case is refused (code 65, in words that name the file, the part and the byte), or read, because what it claims does no harm.
"""
import dataclasses
import io
import struct
import typing
import zlib

from compound import agile, cell, compound, old_book, old_sheet, record

MiB = 1 << 20
TYPE = "Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
ROOT = f"<R><Relationship Id='a' {TYPE}officeDocument' Target='xl/workbook.xml'/></R>"
RELS = f"<R><Relationship Id='a' {TYPE}worksheet' Target='s.xml'/></R>"
BOOK = "<workbook xmlns:r='r'><sheets><sheet name='S' r:id='a'/></sheets></workbook>"


@dataclasses.dataclass
class Case:
    make: typing.Callable  # writes the file
    code: int  # 65, or 0 when it can be read
    words: str = ""  # a pattern: of the message, or of what is printed
    place: str = r"part \S+.*byte \d+|\(byte \d+\)"  # how the message says where; None where there is no one place
    suffix: str = "xlsx"
    options: tuple = ()
    rule: str = None  # a finding that `inspect` has to report
    rows: int = None  # how many rows are read


CASES = {}


def case(name, make, code, words="", **more):
    assert name not in CASES
    CASES[name] = Case(make, code, words, **more)


# ---- zips by hand -----------------------------------------------------------------------------------------


@dataclasses.dataclass
class Entry:
    """An entry of a zip. What is None is told as it is; anything else is what the header says instead."""
    name: bytes
    data: bytes
    method: int = 8
    packed: bytes = None
    crc: int = None
    size: int = None
    packed_size: int = None
    flags: int = 0
    local_name: bytes = None
    local_method: int = None
    local_flags: int = None
    extra: bytes = b""
    offset: int = None
    before: bytes = b""
    after: bytes = b""


def deflated(data, level=9):
    c = zlib.compressobj(level, zlib.DEFLATED, -15)
    return c.compress(data) + c.flush()


def entry(name, data, **more):
    return Entry(name.encode() if isinstance(name, str) else name, data.encode() if isinstance(data, str) else data, **more)


def zipped(entries, count=None, size=None, offset=None, here=None, before_end=b"", comment=b""):
    """Return a zip; count, size and offset are what the end record says instead of the truth."""
    body, directory = b"", b""
    for e in entries:
        packed = e.packed if e.packed is not None else deflated(e.data) if e.method == 8 else e.data
        crc = zlib.crc32(e.data) if e.crc is None else e.crc
        sizes = (len(packed) if e.packed_size is None else e.packed_size, len(e.data) if e.size is None else e.size)
        local_name, at = e.name if e.local_name is None else e.local_name, len(body) + len(e.before)
        common = (20, e.flags if e.local_flags is None else e.local_flags, e.method if e.local_method is None else e.local_method, 0, 0x5821, crc, *sizes)
        if e.offset is None:
            body += e.before + struct.pack("<IHHHHHIIIHH", 0x04034B50, *common, len(local_name), 0) + local_name + packed + e.after
        directory += struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, e.flags, e.method, 0, 0x5821, crc, *sizes, len(e.name), len(e.extra), 0, 0, 0, 0,
                                 at if e.offset is None else e.offset) + e.name + e.extra
    n = len(entries) if count is None else count
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, n if here is None else here, n, len(directory) if size is None else size,
                      len(body) if offset is None else offset, len(comment))
    return body + directory + before_end + end + comment


HEADER = ("<row r='1'><c r='A1' t='inlineStr'><is><t>Organisation Name</t></is></c>"
          "<c r='B1' t='inlineStr'><is><t>Email</t></is></c></row>")
ACME = "<row r='2'><c r='A2' t='inlineStr'><is><t>Acme</t></is></c></row>"


def sheet(rows=ACME, after="", before=""):
    return f"<worksheet>{before}<sheetData>{HEADER}{rows}</sheetData>{after}</worksheet>"


def parts_of(**parts):
    """The parts of a workbook of one sheet; one may be replaced by its short name."""
    names = {"sheet": "xl/s.xml", "workbook": "xl/workbook.xml", "rels": "xl/_rels/workbook.xml.rels", "strings": "xl/sharedStrings.xml",
             "styles": "xl/styles.xml", "root": "_rels/.rels"}
    usual = {"_rels/.rels": ROOT, "xl/workbook.xml": BOOK, "xl/_rels/workbook.xml.rels": RELS, "xl/s.xml": sheet()}
    usual.update({names.get(key, key): text for key, text in parts.items()})
    return usual


def entries_of(**parts):
    return [entry(name, text) for name, text in parts_of(**parts).items()]


def book(**parts):
    """Return a function that writes a workbook with these parts; a part may be a function that makes it."""
    def make(path):
        ready = {name: part() if callable(part) else part for name, part in parts.items()}
        path.write_bytes(zipped(entries_of(**ready)))
    return make


def raw(make):
    return lambda path: path.write_bytes(make())


def changed(changes, more=(), **end):
    """Return a function that writes the usual workbook with fields of entries changed: {name: {field: value}}."""
    def make(path):
        entries = entries_of()
        for e in entries:
            for field, value in changes.get(e.name.decode(), {}).items():
                setattr(e, field, value)
        path.write_bytes(zipped([*entries, *more], **end))
    return make


# ---- the container ----------------------------------------------------------------------------------------

SHEET = "xl/s.xml"
case("bomb: spaces in the sheet", book(sheet=lambda: sheet(" " * (80 * MiB))), 65, "more than 250 times")
case("bomb: one shared string", book(strings=lambda: "<sst><si><t>" + "a" * (90 * MiB) + "</t></si></sst>"), 65, "more than 250 times")
case("bomb: nulls in styles", book(styles=lambda: b"\0" * (70 * MiB)), 65, "more than 250 times")


def many_bombs(path):
    """Each sheet is below 64 MiB, from which on the ratio counts; all together are not."""
    text = sheet(" " * (40 * MiB))
    packed = deflated(text.encode())
    names = [f"xl/s{i}.xml" for i in range(4)]
    rels = "<R>" + "".join(f"<Relationship Id='r{i}' {TYPE}worksheet' Target='s{i}.xml'/>" for i in range(4)) + "</R>"
    book_part = "<workbook xmlns:r='r'><sheets>" + "".join(f"<sheet name='S{i}' r:id='r{i}'/>" for i in range(4)) + "</sheets></workbook>"
    parts = [e for e in entries_of(rels=rels, workbook=book_part) if e.name != b"xl/s.xml"]
    path.write_bytes(zipped(parts + [entry(name, text, packed=packed) for name in names]))


case("bomb: four sheets together", many_bombs, 65, "parts inflate to more than 250 times")


def nested(levels=5):
    data = zipped([entry("bomb.xml", " " * (8 * MiB))])
    for i in range(levels):
        data = zipped([entry(f"{j}.zip", data) for j in range(8)])
    return data


case("nested zips beside the parts", book(**{"xl/media/more.zip": nested}), 0, "Acme")
case("nested zip as the workbook part", book(workbook=nested), 65, "not XML")
case("nested workbook as a sheet", book(sheet=lambda: zipped(entries_of())), 65, "not XML")


def quine_like():
    """All names point at one entry."""
    first = entry("xl/kernel.bin", bytes(MiB))
    return zipped([*entries_of(), first, *[dataclasses.replace(first, name=first.name, offset=0) for _ in range(3)]])


def overlapping(path):
    entries = entries_of()
    at = 0
    for e in entries[:-1]:
        at += 30 + len(e.name) + len(deflated(e.data))
    twin = dataclasses.replace(entries[-1], name=b"xl/t.xml", offset=at, local_name=b"xl/t.xml")
    path.write_bytes(zipped([*entries, twin]))


def quoting(path):
    """The bytes of one entry hold the header and bytes of another, in a stored block."""
    inner = zipped([entry("xl/t.xml", " " * MiB)])
    inner = inner[:inner.index(b"PK\x01\x02")]
    outer = entry("xl/o.xml", inner, method=0)
    entries = [outer, *entries_of()]
    twin = dataclasses.replace(entry("xl/t.xml", " " * MiB), offset=30 + len(outer.name))
    path.write_bytes(zipped([*entries, twin]))


case("overlap: one header for two names", overlapping, 65, "another name where its bytes are|shares bytes")
case("overlap: one entry four times", raw(quine_like), 65, "is there twice|shares bytes|another name|not where")
case("overlap: an entry within another", quoting, 65, "shares bytes")
case("name twice", changed({}, [entry("xl/s.xml", sheet())]), 65, "is there twice")
case("name twice in another case", changed({}, [entry("XL/S.XML", sheet())]), 65, "is there twice")
case("name twice behind a backslash", changed({}, [entry("xl\\s.xml", sheet())]), 65, "is there twice")
case("name twice behind %XX", changed({}, [entry("xl/%73.xml", sheet())]), 65, "is there twice")
for title, name, words in [("parent", "../../etc/cron.d/x", "leaves the workbook"), ("parent within", "xl/../../x", "leaves the workbook"),
                           ("backslash", "..\\..\\x", "leaves the workbook"), ("absolute", "/etc/passwd", "absolute path"),
                           ("backslash absolute", "\\\\server\\share", "absolute path"), ("drive", "C:\\x", "drive letter"), ("NUL", "a\0b", "NUL"),
                           ("empty", "", "no name")]:
    case(f"name: {title}", changed({}, [entry(name, "x")]), 65, words)
case("name of 65,535 bytes", changed({}, [entry("n" * 65535, "x")]), 0, "Acme")
case("entries: more than the directory has", changed({}, count=9), 65, "fewer entries|more entries")
case("entries: less than the directory has", changed({}, count=2), 65, "more in it")
case("entries: none", changed({}, count=0), 65, "")
case("entries: 65,535", changed({}, count=0xFFFF), 65, "")
case("entries: on two disks", changed({}, here=1), 65, "one disk")
case("directory: longer than the file", changed({}, size=1 << 31), 65, "longer than the file")
case("directory: elsewhere", changed({}, offset=7), 65, "|not where")
case("directory: beyond the end", changed({}, offset=1 << 31), 65, "where it says|elsewhere")


def zip64(count=4, size=0, offset=0, place=None, locator_at=0):
    """The usual workbook with a zip64 end record that says something else."""
    whole = zipped(entries_of())
    at = whole.index(b"PK\x05\x06")
    start = whole.index(b"PK\x01\x02")
    wide = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, size or at - start, offset or start)
    locator = struct.pack("<IIQI", 0x07064B50, 0, at + locator_at, 1)
    return whole[:at] + wide + locator + whole[at:]


case("zip64: honest", raw(zip64), 0, "Acme")
case("zip64: another count", raw(lambda: zip64(count=9)), 65, "end records differ")
case("zip64: 2^60 entries", raw(lambda: zip64(count=1 << 60).replace(struct.pack("<HH", 4, 4), b"\xff\xff\xff\xff")), 65, "zip entries|zip-entries")
case("zip64: another size", raw(lambda: zip64(size=1 << 62)), 65, "end records differ")
case("zip64: another offset", raw(lambda: zip64(offset=(1 << 64) - 1)), 65, "end records differ")
case("zip64: sizes of 2^63", changed({SHEET: {"size": 0xFFFFFFFF, "packed_size": 0xFFFFFFFF, "extra": struct.pack("<HHQQ", 1, 16, 1 << 63, 1 << 63)}}),
     65, "longer than the file|longer than")
case("zip64: sizes cut short", changed({SHEET: {"size": 0xFFFFFFFF, "packed_size": 0xFFFFFFFF, "extra": struct.pack("<HHQ", 1, 8, 5)}}), 65, "cut short")


def many_entries(n):
    """A zip with n empty entries, more than the plain end record can count."""
    name = [b"e%06d" % i for i in range(n)]
    local = [struct.pack("<IHHHHHIIIHH", 0x04034B50, 20, 0, 0, 0, 0x5821, 0, 0, 0, 7, 0) + x for x in name]
    at = [37 * i for i in range(n)]
    central = [struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 0, 0, 0x5821, 0, 0, 0, 7, 0, 0, 0, 0, 0, o) + x for o, x in zip(at, name)]
    body, directory = b"".join(local), b"".join(central)
    wide = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, n, n, len(directory), len(body))
    locator = struct.pack("<IIQI", 0x07064B50, 0, len(body) + len(directory), 1)
    few = min(n, 0xFFFF)
    return body + directory + wide + locator + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, few, few, len(directory), len(body), 0)


case("entries: a million in truth", raw(lambda: many_entries(1000000)), 65, "zip entries", place=None)
case("entries: 65,000 and no workbook", raw(lambda: many_entries(65000)), 65, "no workbook", place=None)
case("size: less than it inflates to", changed({SHEET: {"size": 20}}), 65, "longer than it declares")
case("size: more than it inflates to", changed({SHEET: {"size": 500}}), 65, "shorter than it declares")
case("size: 4 GiB of 200 bytes", changed({SHEET: {"size": 0xFFFFFFFE}}), 65, "part-size|inflate-ratio|false size")
case("size: packed beyond the end", changed({SHEET: {"packed_size": 1 << 30}}), 65, "longer than the file")
case("size: stored, of another size", changed({SHEET: {"method": 0, "size": 100}}), 65, "false size")
case("checksum", changed({SHEET: {"crc": 1}}), 65, "checksum")
case("packed bytes left over", changed({SHEET: {"packed": deflated(sheet().encode()) + b"more"}}), 65, "left over")
case("packed bytes of nothing", changed({SHEET: {"packed": b""}}), 65, "damaged|false size|cut short")
case("packed garbage", changed({SHEET: {"packed": b"\xff" * 100}}), 65, "damaged")
case("method unknown", changed({SHEET: {"method": 99}}), 65, "method")
case("method: two headers differ", changed({SHEET: {"local_method": 0}}), 65, "another method")
case("encrypted", changed({SHEET: {"flags": 1}}), 65, "password")
case("encrypted in one header only", changed({SHEET: {"local_flags": 1}}), 65, "two headers differ")
case("entry beyond the end", changed({SHEET: {"offset": 1 << 31}}), 65, "beyond the end")
case("entry in the middle of another", changed({SHEET: {"offset": 5}}), 65, "not where")
case("data descriptor that lies", changed({SHEET: {"flags": 8, "after": struct.pack("<IIII", 0x08074B50, 1, 2, 3)}}), 0, "Acme")
case("end record in the comment", changed({}, comment=b"PK\5\6" + bytes(18)), 65, "no workbook", place=None)

# ---- XML --------------------------------------------------------------------------------------------------

case("XML: deep", book(sheet="<worksheet>" + "<a>" * 100000), 65, "nest deeper")
case("XML: unclosed", book(sheet="<worksheet><sheetData><row><c>" + "<v>1" * 10), 65, "middle of an element|nest")
case("XML: cut in a tag", book(sheet="<worksheet><sheetData><row r='1"), 65, "without end|tag|middle")
case("XML: cut in a comment", book(sheet="<worksheet><!-- " + "-" * MiB), 65, "comment")
case("XML: cut in CDATA", book(sheet="<worksheet><![CDATA[" + "]]" * MiB), 65, "CDATA")
case("XML: cut in an instruction", book(sheet="<worksheet><?x " + "?" * MiB), 65, "instruction")
case("XML: nothing", book(sheet=""), 65, "no element")
case("XML: no XML", book(sheet="PK" * 1000), 65, "not XML")
case("XML: two roots", book(sheet=sheet() + "<worksheet/>"), 65, "second root")
case("XML: < alone", book(sheet="<worksheet>" + "<" * 100000), 65, "")
case("XML: 100,000 attributes", book(sheet=lambda: sheet("<row " + " ".join(f"a{i}='1'" for i in range(100000)) + "/>")), 65, "xml-attributes")
case("XML: one attribute 100,000 times", book(sheet=lambda: sheet("<row " + "r='2' " * 100000 + "/>")), 65, "xml-attributes")
case("XML: 100,000 namespaces", book(sheet=lambda: "<worksheet " + " ".join(f"xmlns:n{i}='u'" for i in range(100000)) + "/>"), 65, "xml-attributes")
case("XML: attributes of the workbook", book(workbook=lambda: "<workbook " + " ".join(f"xmlns:n{i}='u'" for i in range(100000)) + "/>"), 65, "xml-attributes")
case("XML: the same namespace on each of 60,000 cells", book(sheet=lambda: sheet("<row r='2'>" + "<c xmlns='u' xmlns:a='u' r='A2'/>" * 60000 + "</row>")), 0,
     "Organisation")
case("XML: entities of a megabyte", book(sheet=sheet("<row><c t='str'><v>&" + "a" * MiB + ";</v></c></row>")), 65, "entity")
case("XML: 100,000 ampersands", book(sheet=sheet("<row><c t='str'><v>" + "&" * 100000 + "</v></c></row>")), 65, "entity")
case("XML: a million references in one text", book(sheet=lambda: sheet("<row r='2'><c t='str'><v>" + "&#65;" * MiB + "</v></c></row>")), 0, "AAAA")
case("XML: text in 100,000 pieces", book(sheet=lambda: sheet("<row r='2'><c t='str'><v>" + "a<!---->" * 100000 + "</v></c></row>")), 0, "aaaa")
case("XML: 100,000 pieces of CDATA", book(strings=lambda: "<sst><si><t>" + "<![CDATA[a]]>" * 100000 + "</t></si></sst>",
                                         sheet=sheet("<row r='2'><c t='s'><v>0</v></c></row>")), 0, "aaaa")
case("XML: 60,000 runs of one text", book(strings=lambda: "<sst><si>" + "<r><rPr><b/></rPr><t>ab</t></r>" * 60000 + "</si></sst>",
                                           sheet=sheet("<row r='2'><c t='s'><v>0</v></c></row>")), 0, "abab")
case("XML: 100,000 comments", book(sheet=lambda: sheet(ACME + "<!-- - -->" * 100000)), 0, "Acme")
case("XML: a comment of 40 MB that nearly ends", book(sheet=lambda: sheet("<!--" + "- -" * (13 * MiB) + "-->" + ACME)), 0, "Acme")
case("XML: names of a megabyte, nested", book(sheet=lambda: "<worksheet>" + "".join(f"<{'n' * MiB}{i}>" for i in range(60))), 65, "middle of an element")
case("XML: names of 100 kB, 300 times", book(sheet=lambda: "<worksheet>" + f"<{'n' * 100000}></{'n' * 100000}>" * 300 + "</worksheet>"), 0)
case("XML: a DTD", book(sheet="<!DOCTYPE x [<!ENTITY a 'aa'>]>" + sheet()), 65, "document type")
LAUGHS = "<!DOCTYPE l [<!ENTITY a 'ha'>" + "".join(f"<!ENTITY {chr(98 + i)} '{('&' + chr(97 + i) + ';') * 10}'>" for i in range(12)) + "]>"
for part in ("sheet", "workbook", "strings", "styles", "rels", "root"):
    case(f"XML: entities that expand, in {part}", book(**{part: LAUGHS + "<l>&m;</l>"}), 65, "document type")
case("XML: an external entity", book(strings="<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><sst><si><t>&a;</t></si></sst>"), 65, "document type")
case("XML: a parameter entity", book(sheet="<!DOCTYPE x [<!ENTITY % a SYSTEM 'http://x.example/'>%a;]>" + sheet()), 65, "document type")
case("XML: a DTD in UTF-16", book(sheet=("<!DOCTYPE x []>" + sheet()).encode("utf-16")), 65, "document type")
case("XML: an entity without DTD", book(sheet=sheet("<row r='2'><c t='str'><v>&lol;</v></c></row>")), 65, "entity")
case("XML: characters that are none", book(sheet=sheet("<row r='2'><c t='str'><v>a&#0;&#xD800;&#x110000;&#99999999999999999999;</v></c></row>")), 0, "a\ufffd")
case("XML: UTF-16 cut in a pair", book(sheet=sheet().encode("utf-16")[:-1]), 65, "")
case("XML: bytes that are no UTF-8", book(sheet=sheet("<row r='2'><c t='str'><v>").encode() + b"\xff\xc0\xaf\xed\xa0\x80\xf4\x90\x80\x80"
                                         + b"</v></c></row></sheetData></worksheet>"), 65, "", place=None)

# ---- sheets -----------------------------------------------------------------------------------------------

for title, row, words in [("2^34", "17179869184", "row"), ("beyond the last", "1048577", "1048576"), ("0", "0", "row"), ("negative", "-1", "row"),
                          ("with an exponent", "1e3", "row"), ("text", "x", "row"), ("of a megabyte", "1" * MiB, "row")]:
    case(f"row: {title}", book(sheet=sheet(f"<row r='{row}'/>")), 65, words)
for title, ref, words in [("XFE", "XFE2", "XFD"), ("AAAAAA", "AAAAAA1", "reference|XFD"), ("row beyond", "A1048577", "1048576"), ("row 2^34", "A17179869184", "reference"),
                          ("turned round", "2A", "reference"), ("row 0", "A0", "row"), ("of a megabyte", "A" * MiB, "reference|XFD")]:
    case(f"reference: {title}", book(sheet=sheet(f"<row r='2'><c r='{ref}'><v>1</v></c></row>")), 65, words)
case("columns: 16,385 cells without references", book(sheet=sheet("<row r='2'>" + "<c/>" * 16385 + "</row>")), 65, "XFD")
for title, ref in [("of 2^34 cells", "A1:XFD1048576"), ("beyond 2^64", "A1:ZZZZZZ99999999999999999999"), ("that is none", "hello")]:
    case(f"dimension {title}", book(sheet=sheet(before=f"<dimension ref='{ref}'/>")), 0, "Acme", rows=2)


def cells(content):
    return book(sheet=sheet("<row r='2'>" + content + "</row>"), strings="<sst count='1' uniqueCount='1'><si><t>only</t></si></sst>",
                styles="<styleSheet><cellXfs><xf/><xf numFmtId='14'/><xf numFmtId='46'/></cellXfs></styleSheet>")


case("shared string: out of range", cells("<c t='s'><v>1</v></c><c t='str'><v>seen</v></c>"), 0, "seen", rule="shared_string_missing")
case("shared string: negative", cells("<c t='s'><v>-1</v></c><c t='str'><v>seen</v></c>"), 0, "seen", rule="shared_string_missing")
case("shared string: 2^32", cells("<c t='s'><v>4294967296</v></c><c t='str'><v>seen</v></c>"), 0, "seen", rule="shared_string_missing")
case("shared string: 2^64", cells("<c t='s'><v>18446744073709551616</v></c><c t='str'><v>seen</v></c>"), 0, "seen", rule="shared_string_missing")
case("shared string: a fraction", cells("<c t='s'><v>0.5</v></c><c t='str'><v>seen</v></c>"), 0, "seen", rule="shared_string_missing")
case("shared string: of a megabyte", cells("<c t='s'><v>" + "9" * MiB + "</v></c><c t='str'><v>seen</v></c>"), 0, "seen", rule="shared_string_missing")
case("style: out of range", cells("<c s='3'><v>1</v></c><c s='4294967295'><v>2</v></c><c s='-1'><v>3</v></c><c s='x'><v>4</v></c>"), 0, '"v":4')
case("counts of shared strings that lie", book(strings="<sst count='4294967295' uniqueCount='99999999999999999999'><si><t>only</t></si></sst>",
                                               sheet=sheet("<row r='2'><c t='s'><v>0</v></c></row>")), 0, "only")
DATES = ["1e300", "-1", "2958466", "NaN", "INF", "0x1p3", "1e-300", "2958465.99999999999", "99999999999999999999", "--1", ""]
case("dates beyond the calendar", cells("".join(f"<c s='{s}'><v>{v}</v></c>" for s in (1, 2) for v in DATES) + "<c t='d'><v>99999-99-99</v></c>"), 0, "1e300|1000000")
case("numbers of a megabyte of digits", cells("".join(f"<c><v>{n}</v></c>" for n in ("9" * MiB, "0." + "0" * MiB + "1", "1" + "0" * MiB, "0" * MiB + "5",
                                                                                         "1e" + "9" * MiB))), 0, "999")
case("200,000 empty rows", book(sheet=lambda: sheet(ACME + "<row/>" * 200000)), 0, "Acme", rows=2)
case("a million empty cells", book(sheet=lambda: sheet(ACME + ("<row>" + "<c/>" * 16384 + "</row>") * 61)), 0, "Acme", rows=2)
case("full width, 20 rows", book(sheet=lambda: sheet(("<row>" + "<c><v>1</v></c>" * 16384 + "</row>") * 20)), 0, rows=21)
case("rows that jump", book(sheet=lambda: sheet("".join(f"<row r='{r}'><c r='A{r}'><v>{r}</v></c></row>" for i in range(50000) for r in (i + 2, 1048576 - i)))), 0,
     rows=100001)
case("one row 200,000 times", book(sheet=lambda: sheet("<row r='7'><c r='A7'><v>1</v></c></row>" * 200000)), 0, rows=2)
case("one cell 40,000 times", book(sheet=lambda: sheet("<row r='2'>" + "<c r='B2'><v>7</v></c>" * 40000 + "</row>")), 0, rows=2)
case("the last cell only", book(sheet=sheet("<row r='1048576'><c r='XFD1048576'><v>1</v></c></row>")), 0, "XFD", rows=2)
case("far right in 100,000 rows", book(sheet=lambda: sheet("".join(f"<row r='{r}'><c r='XFD{r}'><v>1</v></c></row>" for r in range(2, 100002)))), 0, rows=100001)


def letters(n):
    out = ""
    while n:
        n, rest = divmod(n - 1, 26)
        out = chr(65 + rest) + out
    return out


def diagonal():
    return sheet("".join(f"<row r='{i}'><c r='{letters(i)}{i}'><v>{i}</v></c></row>" for i in range(2, 8001)))


case("diagonal", book(sheet=diagonal), 0, rows=8000)
case("diagonal, over a lower limit", book(sheet=diagonal), 65, "--limit cells", options=("--limit", "cells=10000000"), place="part xl/s.xml")
case("cells in the rows of others", book(sheet=lambda: sheet("<row r='2'>" + "".join(f"<c r='A{1048576 - i}'><v>1</v></c>" for i in range(30000)) + "</row>")), 0,
     rows=30001)
case("cell formats: 300,000", book(styles=lambda: "<styleSheet><cellXfs>" + "<xf/>" * 300000 + "</cellXfs></styleSheet>"), 65, "--limit cell-formats")
case("number formats: 100,000", book(styles=lambda: "<styleSheet><numFmts>" + "".join(f"<numFmt numFmtId='{i}' formatCode='d'/>" for i in range(100000))
                                     + "</numFmts></styleSheet>"), 65, "--limit number-formats")
case("number formats: one code of 900 kB", book(styles=lambda: "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='" + "[h" * 450000
                                                + "'/></numFmts><cellXfs><xf numFmtId='164'/></cellXfs></styleSheet>"), 0, "Acme")
case("number formats: 2,000 codes of unclosed brackets", book(styles=lambda: "<styleSheet><numFmts>" + "".join(
    f"<numFmt numFmtId='{200 + i}' formatCode='{'[' * 2000}'/>" for i in range(2000)) + "</numFmts></styleSheet>"), 0, "Acme")
MERGE = "<mergeCells>{}</mergeCells>"
case("merged areas: 40,000 of the whole sheet", book(sheet=lambda: sheet(after=MERGE.format("<mergeCell ref='A1:XFD1048576'/>" * 40000))), 0, "Acme")
case("merged areas: 40,000 that overlap", book(sheet=lambda: sheet(after=MERGE.format("".join(f"<mergeCell ref='A{i}:XFD1048576'/>" for i in range(2, 40002))))), 0,
     "Acme")
case("merged areas: over a limit", book(sheet=lambda: sheet(after=MERGE.format("<mergeCell ref='A1:B2'/>" * 2000))), 65, "--limit merged-areas", options=(
    "--limit", "merged-areas=1000"), place="part xl/s.xml")
case("merged areas that are none", book(sheet=sheet(after=MERGE.format("".join(f"<mergeCell ref='{r}'/>" for r in ("B2:A1", "A0:B1", "XFE1:XFE2", "A1:A99999999", ":", "x")))))
     , 0, "Acme")
case("sheets: 5,000", book(workbook="<workbook><sheets>" + "<sheet name='S' r:id='a'/>" * 5000 + "</sheets></workbook>"), 65, "4096")
case("sheets: two of one part", book(workbook="<workbook><sheets>" + "<sheet name='S' r:id='a'/>" * 2 + "</sheets></workbook>"), 65, "no part of its own", place="S")
case("sheets: none", book(workbook="<workbook><sheets/></workbook>"), 65, "no sheet", place=None)
case("sheet outside", book(rels=f"<R><Relationship Id='a' {TYPE}worksheet' Target='../../../../etc/passwd'/></R>"), 65, "no part", place="S")
case("sheet that is the workbook", book(rels=f"<R><Relationship Id='a' {TYPE}worksheet' Target='workbook.xml'/></R>"), 65, "no worksheet")
case("sheet that is its relationships", book(rels=f"<R><Relationship Id='a' {TYPE}worksheet' Target='_rels/workbook.xml.rels'/></R>"), 65, "no worksheet")
case("workbook that is its relationships", book(root=f"<R><Relationship Id='a' {TYPE}officeDocument' Target='_rels/.rels'/></R>"), 65, "no workbook", place=None)
case("relationships: 100,000", book(rels=lambda: "<R>" + "".join(f"<Relationship Id='z{i}' {TYPE}worksheet' Target='s.xml'/>" for i in range(100000))
                                    + f"<Relationship Id='a' {TYPE}worksheet' Target='s.xml'/></R>"), 0, "Acme")
case("relationships: one Id 100,000 times", book(rels=lambda: "<R>" + f"<Relationship Id='a' {TYPE}worksheet' Target='s.xml'/>" * 100000 + "</R>"), 0, "Acme")
case("relationships: targets of a megabyte", book(rels=lambda: "<R>" + f"<Relationship Id='b' {TYPE}worksheet' Target='{'../' * 300000}'/>" * 8
                                                  + f"<Relationship Id='a' {TYPE}worksheet' Target='s.xml'/></R>"), 0, "Acme")
case("a text of 20 MB", book(sheet=lambda: sheet("<row r='2'><c t='inlineStr'><is><t>" + "ab" * (10 * MiB) + "</t></is></c></row>")), 65, "text-size")
case("a shared string of 20 MB", book(strings=lambda: "<sst><si><t>" + "ab" * (10 * MiB) + "</t></si></sst>"), 65, "text-size")

# ---- csv --------------------------------------------------------------------------------------------------

CSV = b"Organisation Name,Email,Phone\nAcme Flying,info@acme.example,0115551234\n"
LINE = r"(line|record) \d+"
for title, make, code, words, more in [
        ("a quote that never closes", lambda: CSV + b'"never closed' + b"x,y\n" * MiB, 65, "line 3.*never closed", {"place": LINE}),
        ("100,000 columns", lambda: b",".join(b"c%d" % i for i in range(100000)), 65, "16384", {"place": LINE}),
        ("every record ragged", lambda: b"a,b\n" + b"1\n" * (MiB // 2), 0, "1", {"place": None}),
        ("every record ragged behind a stray quote", lambda: b'a,b\n5" x,1\n' + b"1\n" * (MiB // 2), 0, "5", {"place": None}),
        ("nothing but NULs", lambda: b"\0" * 100000, 65, "neither", {"place": None}),
        ("a field of 20 MB", lambda: CSV + b"A" * (20 * MiB) + b",x\n", 65, "text-size", {"place": LINE}),
        ("a quoted field of 20 MB", lambda: CSV + b'"' + b"A\n" * (10 * MiB) + b'",x\n', 65, "text-size", {"place": LINE}),
        ("NULs in fields", lambda: CSV + b"Ac\0me,in\0fo@acme.example,1\n", 0, "Ac\ufffdme", {}),
        ("bytes that are no UTF-8", lambda: CSV + b"\xff\xfe\xed\xa0\x80,\xc0\xaf,\xf4\x90\x80\x80\n", 0, "Acme", {}),
        ("commas", lambda: CSV + b"," * 16383 * 200, 0, "Acme", {}),
        ("commas, as many as there may be", lambda: CSV + (b"," * 16383 + b"\n") * 200, 0, "Acme", {}),
        ("quotes", lambda: CSV + b'""' * MiB, 0, "Acme", {}),
        ("quotes in the middle", lambda: CSV + b'a"' * MiB + b"\n", 0, "Acme", {}),
        ("empty lines", lambda: CSV + b"\n" * (4 * MiB), 0, "Acme", {"rows": 2}),
        ("carriage returns", lambda: CSV + b"\r" * (4 * MiB), 0, "Acme", {"rows": 2}),
        ("UTF-16 of half a character", lambda: CSV.decode().encode("utf-16") + b"\0", 0, "Acme", {}),
        ("UTF-16 of half pairs", lambda: "Name,Email\n".encode("utf-16") + b"\x00\xd8" * 1000, 0, "\ufffd", {}),
        ("a line of 8 MB without a delimiter", lambda: b"x" * (8 * MiB), 0, "xxx", {}),
        ("more rows than a sheet has", lambda: b"a,b\n" * 1100000, 0, "a", {"rows": 1100000}),
        ("each row one wider", lambda: b"".join(b"a," * i + b"b\n" for i in range(1200)), 0, "b", {"rows": 1200}),
]:
    case(f"csv: {title}", raw(make), code, words, suffix="csv", **more)

# ---- compound files ---------------------------------------------------------------------------------------

NUMBERS = old_sheet(b"".join(cell(0x203, r, 0, struct.pack("<d", r)) for r in range(1000)))
OLD = old_book([("S", 0, 0, NUMBERS)])


def fat_of(data):
    """The offset of the table of sectors: a compound file of this size has one."""
    return 512 + 512 * struct.unpack_from("<I", data, 76)[0]


def circle(target, data=None):
    """A chain of sectors that leads back: to `target`."""
    data = bytearray(data or compound({"Workbook": OLD}))
    at = fat_of(data)
    struct.pack_into("<I", data, at + 4 * 5, target)
    return bytes(data)


def directory_circle(field, target):
    """A directory whose entries are each other's children."""
    data = bytearray(compound({"Workbook": OLD, "Other": OLD}))
    at = 512 + 512 * struct.unpack_from("<I", data, 48)[0]
    struct.pack_into("<I", data, at + 128 + field, target)
    struct.pack_into("<I", data, at + 256 + field, target)
    return bytes(data)


def patched(fields, data=None):
    data = bytearray(data or compound({"Workbook": OLD}))
    for at, value in fields.items():
        struct.pack_into("<I", data, at, value)
    return bytes(data)


BYTE = r"byte \d+"
case("cfb: a chain in a circle", raw(lambda: circle(0)), 65, "", suffix="xls", place=BYTE)
case("cfb: a chain to itself", raw(lambda: circle(5)), 65, "", suffix="xls", place=BYTE)
case("cfb: a chain beyond the file", raw(lambda: circle(70000)), 65, "", suffix="xls", place=BYTE)
case("cfb: entries in a circle", raw(lambda: directory_circle(68, 1)), 0, "", suffix="xls", rows=1000)
case("cfb: children in a circle", raw(lambda: directory_circle(72, 0)), 0, "", suffix="xls", rows=1000)
case("cfb: directory beyond the file", raw(lambda: patched({48: 1 << 30})), 65, "", suffix="xls", place=BYTE)
case("cfb: 2^31 tables", raw(lambda: patched({44: 1 << 31})), 0, "", suffix="xls", rows=1000)
case("cfb: more tables in a circle", raw(lambda: patched({68: 0, 72: 1 << 30})), 0, "", suffix="xls", rows=1000)
case("cfb: mini tables beyond", raw(lambda: patched({60: 99999, 64: 99999}, compound({"Workbook": old_book([("S", 0, 0, old_sheet(b""))])}))), 65, "", suffix="xls",
     place=BYTE)
case("xls: an offset beyond the stream", raw(lambda: compound({"Workbook": OLD.replace(struct.pack("<IBB", OLD.index(NUMBERS), 0, 0), b"\xff\xff\xff\x7f\0\0")})), 65,
     "", suffix="xls", place=None)
case("xls: a record longer than the stream", raw(lambda: compound({"Workbook": OLD[:-4] + b"\x03\x02\xff\xff"})), 65, "", suffix="xls", place=BYTE)
case("xls: continued for ever", raw(lambda: compound({"Workbook": old_book([("S", 0, 0, old_sheet(b""))], b"", record(0xFC, struct.pack("<IIHB", 1, 1, 65535, 8) + bytes(20))
                                                                           + record(0x3C, b"\1") * 5000)})), 65, "", suffix="xls", place=None)

# ---- OpenDocument -----------------------------------------------------------------------------------------

OFFICE = ("<office:document-content><office:body><office:spreadsheet><table:table table:name='S'>{}</table:table></office:spreadsheet></office:body>"
          "</office:document-content>")
MIME = "application/vnd.oasis.opendocument.spreadsheet"
ONE = "<table:table-cell office:value-type='string'{}><text:p>x</text:p></table:table-cell>"


def ods(rows):
    def make(path):
        content = OFFICE.format(rows() if callable(rows) else rows)
        path.write_bytes(zipped([entry("mimetype", MIME, method=0), entry("content.xml", content)]))
    return make


def repeated(cell_times, row_times):
    cells_of = ONE.format(f" table:number-columns-repeated='{cell_times}'")
    return f"<table:table-row table:number-rows-repeated='{row_times}'>{cells_of}</table:table-row>"


for title, rows, code, words in [
        ("rows beyond the last", repeated(1, 4294967295), 65, "last row"), ("columns beyond XFD", repeated(99999, 1), 65, "XFD"),
        ("2^34 cells", repeated(16384, 1048576), 65, "cells"), ("200 million cells", repeated(200, 1048576), 65, "no honest workbook"),
        ("negative repeats", repeated(-1, -1), 0, "x"), ("repeats that are none", repeated("x", "1e9"), 0, "x"),
        ("empty rows without end", "<table:table-row table:number-rows-repeated='99999999999999999999'/>" + repeated(1, 1), 0, "x"),
        ("nested groups", "<table:table-row-group>" * 100, 65, "nest deeper")]:
    case(f"ods: {title}", ods(rows), code, words, suffix="ods")
case("ods: a million empty rows", ods(lambda: "<table:table-row/>" * 1000000 + repeated(1, 1)), 0, "x", suffix="ods")
case("ods: 300,000 pieces of text", ods(lambda: "<table:table-row><table:table-cell office:value-type='string'><text:p>" + "a<text:s/>" * 300000
                                       + "</text:p></table:table-cell></table:table-row>"), 0, "a a a", suffix="ods")

# ---- honest workbooks that are then damaged -------------------------------------------------------------------


def small_xlsx():
    rows = "<row r='2'><c r='A2' t='s'><v>0</v></c><c r='B2' s='1'><v>45944.5</v></c></row>"
    return zipped(entries_of(sheet=sheet(rows), strings="<sst><si><t>shared</t></si></sst>",
                             styles="<styleSheet><cellXfs><xf/><xf numFmtId='14'/></cellXfs></styleSheet>"))


def small_ods():
    return zipped([entry("mimetype", MIME, method=0), entry("content.xml", OFFICE.format(repeated(2, 2)))])


def small_parquet():
    import pyarrow as pa
    import pyarrow.parquet as pq
    out = io.BytesIO()
    table = pa.table({"name": ["Acme", "Bolt", None] * 20, "n": list(range(60)), "x": [i / 3 for i in range(60)], "tags": ["a", "b", "a"] * 20})
    pq.write_table(table, out, compression="zstd", row_group_size=30)
    return out.getvalue()


HONEST = {
    "xlsx": small_xlsx,
    "ods": small_ods,
    "xls": lambda: compound({"Workbook": old_book([("S", 0, 0, NUMBERS)])}),
    "csv": lambda: CSV * 20,
    "parquet": small_parquet,
    "encrypted.xlsx": lambda: compound(agile(small_xlsx(), "secret", rounds=3)),
}
