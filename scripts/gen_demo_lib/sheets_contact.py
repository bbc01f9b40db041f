"""`Contact Database.xlsx`: fourteen sheets, saved without cached formula values."""
import datetime

from . import words as w
from .sheets_reachout import any_date
from .world import NBSP
from .writers import Error, Formula, Lexical, OpenpyxlBook, Text

CONTACT = "Contact Database.xlsx"


def write_contact(world, truth, path, placed, size):
    book = OpenpyxlBook(path)
    admin_sheet(book.sheet("Admin"))
    written = company_cat_sheet(world, truth, book.sheet("Company_Cat", freeze="A2"), placed["cat"])
    order_sheets(world, book, written)
    company_contacts_sheet(world, truth, book.sheet("Company_Contacts"), written, size["people"])
    company_notes_sheet(world, truth, book.sheet("Company_Notes"), written, size["notes"])
    company_addresses_sheet(world, truth, book.sheet("Company_Addresses"), written, size["addr"])
    caa_sheet(world, truth, book.sheet("CAA"), placed["caa"])
    codes = book.sheet("Aviation Codes", state="veryHidden")
    codes.append(["Code", "Meaning", "Count"])
    for i in range(2, 6):
        codes.append([None, None, Formula(f'=COUNTIF(Company_Cat!E:E,A{i})')])
    book.sheet("Sheet").append([])
    pairs = book.sheet("Sheet 1")
    pairs.append(["Insurance", "Broker"])
    for i in range(10):
        pairs.append([f"{world.word()} Assurance", f"{world.word()} Brokers" if i % 3 else None])
    flight_schools_sheet(world, truth, book.sheet("Flight schools"), placed["fs"])
    fl_extended_sheet(world, truth, book.sheet("FL extended", state="hidden"), placed["fl"])
    capture_sheet(world, truth, book.sheet("10-10-25 Capture", freeze="A2"), placed["cap"])
    book.close()


def admin_sheet(sheet):
    sheet.merge("A1:B1")
    sheet.append(["Category", None, "Strat", "Priority", "Status", None, "Flag", "Owner", "Region", "Code"])
    for line in zip(["Unspecified", "Motorsport", "Brokers", "Insurance", "Underwriter", "AMO", "AMO - Heli", "Flight School", "", "", ""],
                    ["Client", "Approved Supplier", "Convert - Serial Number", "No Alignment", "Partnership"] + [""] * 6,
                    ["Low", "Medium", "Imminent"] + [""] * 8,
                    ["Investigate", "Unknown", "Contacted - Email", "Last Order", "NTC", "Contacted", "Done", "Closed", "DNC", "Likely Closed", ""]):
        category, strat, priority, status = (x or None for x in line)
        sheet.append([category, None, strat, priority, status])


def company_cat_sheet(world, truth, sheet, rows):
    sheet.append(["C_ID", "Company", "QuickNooks_Name", "Last_Order_Date", "Category", "Strat", "Priority", "Status",
                  "LoadDate", "Checked", "Website"])
    written = []
    for i, (e, style) in enumerate(rows):
        if i == 31:
            truth.add(CONTACT, sheet.title, sheet.append([]), "blank")
        name = world.spelled(e, style)
        web, true_web = world.website(e, must=e.rows > 1 or style == "typo")
        ordered = datetime.date(2025, 9, 30) - datetime.timedelta(days=world.below(900)) if world.chance(0.4) else None
        category = "Unspecified" if world.chance(0.3) else "AMO - Heli" if e.kind == "amo" and world.chance(0.4) else w.CATEGORY[e.kind]
        ident = i + 1 if i % 7 else Lexical(f"{i + 1}.0")
        row = sheet.append([ident, name, e.base, ordered, category,
                            world.pick([None] * 9 + ["Client", "Partnership", "Approved Supplier"]),
                            world.pick(["Low"] * 20 + ["Medium", "Imminent"]),
                            world.pick(["Investigate"] * 6 + ["Unknown"] * 3 + ["Contacted", "Contacted - Email", "NTC", "Closed", "DNC"]),
                            any_date(world, 0.7), Error("#N/A") if i % 40 == 12 else world.below(3) if world.chance(0.03) else None, web])
        truth.add(CONTACT, sheet.title, row, "organization", e, website=true_web)
        written.append((e, name))
    sheet.filter(f"A1:K{sheet.row}")
    return written


def order_sheets(world, book, written):
    orders = book.sheet("Order Dates")
    orders.append(["Company_QuickBooks+", "Order_Dates", "Once-Off", "Captured"])
    for _ in range(len(written) // 4):
        day = datetime.date(2025, 9, 30) - datetime.timedelta(days=world.below(900))
        orders.append([world.pick(written)[0].base, day, world.pick([None, "Y"]), world.pick([None, 1])])
    loose = book.sheet("Sheet1")  # the first row is data already
    for i in range(min(46, len(written))):
        loose.append([written[i][0].base, datetime.date(2025, 3, 1 + i % 28), 100 + i])


def lookup(row, column):
    return Formula(f'=IFERROR(VLOOKUP(B{row},Company_Cat!$B$2:$K$9999,{column},FALSE),"")')


def company_contacts_sheet(world, truth, sheet, written, count):
    sheet.append(["C_ID", "Company", "Status", "FirstName", "Surname", "Position", "Cellnumber", "Email", "Landline"])
    for _ in range(count):
        e, name = world.pick(written)
        p, row = world.pick(e.people), sheet.row + 1
        cell, phones, land, more = None, [], None, []
        if world.chance(0.6):
            cell, phones = (world.phone_number(p.mobile), [p.mobile]) if world.chance(0.85) else world.phones([p.mobile, e.main])
        if world.chance(0.4):
            n = "0" + e.main[3:]
            land = world.phone_number(e.main) if world.chance(0.8) else f"{n[:3]}{NBSP}{n[3:6]}{NBSP}{n[6:]}"
            more = [e.main]
        email, emails = world.emails(e, p)
        first = p.first if world.chance(0.85) else None
        sheet.append([lookup(row, 1), name + (" " if world.chance(0.03) else ""), lookup(row, 7), first,
                      p.last if first and world.chance(0.6) else None, p.role if world.chance(0.7) else None, cell, email, land])
        truth.add(CONTACT, sheet.title, row, "contact", e, phones + more, emails, person=p if first else None)
    for _ in range(30):  # formulas were filled down past the last contact
        row = sheet.row + 1
        sheet.append([lookup(row, 1), None, lookup(row, 7)])
        truth.add(CONTACT, sheet.title, row, "blank")


def company_notes_sheet(world, truth, sheet, written, count):
    sheet.append(["C_ID", "Company", "Order", "Notes"])
    for i in range(count):
        e, name = world.pick(written)
        row = sheet.row + 1
        sheet.append([lookup(row, 1), name, i % 3 + 1, Text(w.FORMULA_LIKE[i]) if i < 2 else world.pick(w.PROSE)])
        truth.add(CONTACT, sheet.title, row, "note", e)


def company_addresses_sheet(world, truth, sheet, written, count):
    sheet.append(["C_ID", "Company", "Type", "Airport"])  # column E holds the address and has no heading
    for i in range(count):
        e, name = world.pick(written)
        row = sheet.row + 1
        sheet.append([lookup(row, 1), name, world.pick(["Head"] * 10 + ["Satelite", "Postal", "Joburg"]),
                      f"{e.town} Airfield" if i == 2 else None, e.address])
        truth.add(CONTACT, sheet.title, row, "address", e)


def caa_sheet(world, truth, sheet, rows):
    """A register extract: title above, headings in row 3, province and organisation cells merged downwards."""
    sheet.merge("A1:I1")
    sheet.append(["Register of approved training organisations (invented extract)"])
    sheet.append([])
    sheet.append(["No", "ATO Number", "Name of Organisation", "Province", "Contact Person", "Telephone", "E-mail",
                  "Approved Ratings", "Expiry Date"])
    last, top = None, 0
    for number, (e, style) in enumerate(sorted(rows, key=lambda r: r[0].province), 1):
        p = e.people[0]
        phone, phones = world.phones([e.main, p.mobile], junk=0.02)
        email, emails = world.emails(e, p)
        if style == "typo" and not (phones or emails):
            phone, phones = e.main, [e.main]
        if e.province != last:
            merge_down(sheet, "D", top, sheet.row)
            last, top = e.province, sheet.row + 1
        first = sheet.append([number, f"ATO/{1000 + number}", world.spelled(e, style), e.province if top == sheet.row + 1 else None,
                              f"{p.first} {p.last}", phone, email, world.pick(w.RATINGS), datetime.date(2026, 1 + number % 12, 28)])
        truth.add(CONTACT, sheet.title, first, "organization", e, phones, emails, person=p)
        for _ in range(world.pick([0, 0, 0, 1, 2])):
            row = sheet.append([None] * 7 + [world.pick(w.RATINGS), datetime.date(2026, 1 + number % 12, 28)])
            truth.add(CONTACT, sheet.title, row, "note", e)
        for column in "ABCEFG":
            merge_down(sheet, column, first, sheet.row)
    merge_down(sheet, "D", top, sheet.row)


def merge_down(sheet, column, first, last):
    if 0 < first < last:
        sheet.merge(f"{column}{first}:{column}{last}")


def flight_schools_sheet(world, truth, sheet, rows):
    sheet.merge("E3:H19")
    sheet.append(["No", "Flight School", "Town", "Province", "Fleet notes", None, None, None, "Contact", "Role", "Tel", "Cell",
                  "Email", "Website", "Aircraft", "Courses", "Visited", "Comments"])
    for i, (e, style) in enumerate(rows, 1):
        p = e.people[0]
        tel, phones = world.phones([e.main])
        cell, more = world.phones([p.mobile], numeric=0.4) if world.chance(0.5) else (None, [])
        email, emails = world.emails(e, p)
        web, true_web = world.website(e, must=True)
        remark = "Confirm fleets with each school before the next mailing" if i == 2 else "leased" if i == 22 else None
        row = sheet.append([i, world.spelled(e, style), e.town, "KZN" if e.province == "KwaZulu-Natal" else e.province, remark,
                            None, None, None, f"{p.first} {p.last}", p.role, tel, cell, email, web, e.planes,
                            world.pick(w.RATINGS), any_date(world) if world.chance(0.5) else None,
                            world.pick(w.PROSE) if world.chance(0.2) else None])
        truth.add(CONTACT, sheet.title, row, "organization", e, phones + more, emails, true_web, p)


def fl_extended_sheet(world, truth, sheet, rows):
    for e, style in rows:  # no heading row
        p = e.people[0]
        tel, phones = world.phones([e.main])
        cell, more = world.phones([p.mobile]) if world.chance(0.5) else (None, [])
        email, emails = world.emails(e, p)
        web, true_web = world.website(e, must=True)
        row = sheet.append([world.spelled(e, style), e.town, e.province, f"{p.first} {p.last}", p.role, tel, cell, email, web,
                            e.planes, world.pick(w.RATINGS), f"Hangar {1 + world.below(30)}",
                            datetime.date(2025, 1 + world.below(9), 15), world.pick(["Active", "Unknown"]), world.pick([None, None, "moved", "to be confirmed"])])
        truth.add(CONTACT, sheet.title, row, "organization", e, phones + more, emails, true_web, p)


def capture_sheet(world, truth, sheet, rows):
    sheet.append([None, "School", "Contact person (role)", "Phone", "Email", "Addresses", "Planes", "Website",
                  "Description", "Type"])
    for i, (e, style) in enumerate(rows, 1):
        p = e.people[0]
        phone, phones = world.phones([e.main, p.mobile], junk=0.0) if world.chance(0.85) else ("—", [])
        email, emails = world.emails(e, p)
        web, true_web = world.website(e, must=style == "typo" or world.chance(0.8))
        person = f"{p.first} {p.last} — {p.role}" if world.chance(0.75) else "—"
        row = sheet.append([i, world.spelled(e, style), person, phone, email or "—", e.address, e.planes or "—", web or "—",
                            world.pick(w.PROSE), world.pick(["Fixed wing", "Rotor wing", "Both"])])
        truth.add(CONTACT, sheet.title, row, "organization", e, phones, emails, true_web, p if person != "—" else None)
