"""`Reachout Database.xlsx`: organisations with fillers, and their contacts."""
import datetime

from . import words as w
from .writers import XlsxWriterBook

REACHOUT = "Reachout Database.xlsx"


def any_date(world, share_1970=0.0):
    """A day as ISO text, now and then as a real date cell or as day/month/year text."""
    if world.chance(share_1970):
        return "1970-01-01"
    day = datetime.date(2025, 10, 23) - datetime.timedelta(days=world.below(240))
    r = world.rnd()
    return day if r < 0.08 else day.strftime("%d/%m/%Y") if r < 0.15 else day.isoformat()


def write_reachout(world, truth, path, placed, size):
    book = XlsxWriterBook(path)
    written = organisation_sheet(world, truth, book.sheet("Organisation", freeze="A2"), placed["org"], size["filler"])
    contact_info_sheet(world, truth, book.sheet("Contact Info", freeze="A2"), written, placed, size["info"])
    book.close()


def organisation_sheet(world, truth, sheet, rows, fillers):
    sheet.append(["Organisation Name", "ID", "Reachout Date", "Recent_Touch_Ind", "Area", "Distance", "Type", "Website",
                  "Address", "Planes", "Description Type", "Notes", "Open Questions"])
    written, cut = [], len(rows) * 85 // 100
    for i, (e, style) in enumerate(rows):
        if i == cut:
            for k in range(fillers):
                ident = sheet.row
                row = sheet.append([f"Unknown Organisation {175 + k}", ident, "1970-01-01", "N", "Unspecified", None, "Unknown"])
                truth.add(REACHOUT, sheet.title, row, "filler")
        name, ident = world.spelled(e, style), sheet.row if i != 7 else None
        web, true_web = world.website(e, must=e.rows > 1 or style == "typo")
        area = "Kwa-Zulu Natal" if e.province == "KwaZulu-Natal" else e.province
        touch = world.pick(["N"] * 20 + [1, 1, "Closed", "Needs clarification"])
        note = w.FORMULA_LIKE[i] if i < len(w.FORMULA_LIKE) else world.pick(w.PROSE) if world.chance(0.05) else None
        row = sheet.append([name, ident, any_date(world, 0.3), touch, "Unspecified" if world.chance(0.05) else area,
                            world.pick([None, None, "100km-220km", "220km+"]), w.REACH_TYPE[e.kind], web,
                            e.address if world.chance(0.4) else None, e.planes if world.chance(0.3) else None,
                            world.pick(w.PROSE) if world.chance(0.2) else None, note,
                            "Which airfield?" if world.chance(0.02) else None])
        truth.add(REACHOUT, sheet.title, row, "organization", e, website=true_web)
        written.append((e, ident, name))
    return written


def contact_info_sheet(world, truth, sheet, written, placed, count):
    sheet.append(["ID", "Organisation Name", "Reachout Date", "Firstname", "Surname", "Position", "Phone", "WhatsApp",
                  "Email", "Invalid"])
    known = {e.id for e, _, _ in written}
    elsewhere = [e for e, _ in placed["clean"] + placed["cat"] if e.id not in known]
    blank_id = next(item for item in written if item[1] is None)
    for i in range(count):
        if i == 9:
            truth.add(REACHOUT, sheet.title, sheet.append([]), "blank")
        e, ident, name = blank_id if i == 5 else world.pick(written)
        if i % 100 == 20 or world.chance(0.3):
            ident = None
            if i % 100 == 20:  # an organisation that only this row mentions
                e = world.entity("charter")
                name = e.name
            elif world.chance(0.3) and elsewhere:
                e = world.pick(elsewhere)
                name = e.name
            elif world.chance(0.3):
                name = world.pick([name.upper(), name + " ", name.lower()])
        elif ident is not None and world.chance(0.05):
            name = world.typo(name)
        elif ident is not None and world.chance(0.04):
            ident = f"{ident}.0"
        contact_info_row(world, truth, sheet, e, ident, name, "see notes" if i % 60 == 3 else None)


def contact_info_row(world, truth, sheet, e, ident, name, remark):
    p = world.pick(e.people)
    nameless, no_surname = world.chance(0.08), world.chance(0.04)
    first, last = ("-", "-") if nameless else (p.first + (" " if world.chance(0.03) else ""), "-" if no_surname else p.last)
    if world.chance(0.5):
        phone, phones = "000-%03d-%04d" % (world.below(1000), world.below(10000)), []
    else:
        phone, phones = world.phones([world.pick([e.main, p.mobile]), p.mobile])
    whatsapp, more = world.phones([p.mobile], junk=0.0) if world.chance(0.2) else (None, [])
    email, emails = world.emails(e, p, filler=0.3)
    invalid = world.pick([1, 1, "bounced", "left the company"]) if world.chance(0.12) else None
    row = sheet.append([ident, name, any_date(world, 0.2), first, last, p.role if world.chance(0.75) else None, phone,
                        whatsapp, email, invalid, remark])  # the eleventh column has no heading
    truth.add(REACHOUT, sheet.title, row, "contact", e, phones + more, emails, person=None if nameless else p)
