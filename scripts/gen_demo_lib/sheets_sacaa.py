"""`SACAA Flight Schools …`: the filtered list of schools."""
from . import words as w
from .writers import XlsxWriterBook

SACAA = "SACAA Flight Schools - Refined copy__CLEANED.xlsx"


def write_sacaa(world, truth, path, rows):
    book = XlsxWriterBook(path)
    sheet, issues = book.sheet("Cleaned", freeze="A35"), []
    sheet.append(["Name of Organisation", "Province", "Status", "Website URL", "Contact Person", "Contact Number",
                  "Contact Email Address"])
    for e, style in rows:
        p, status = e.people[0], "Invalid" if world.chance(0.25) else "Active"
        province = "Unknown" if world.chance(0.1) else e.province
        web, true_web = world.website(e, must=e.rows > 1 or style == "typo" or world.chance(0.85))
        person = None
        if world.chance(0.4):
            person = f"{p.first} {p.last} ({p.role})" if world.chance(0.93) else f"{p.first} {p.last}"
        phone, phones = world.phones([e.main, p.mobile]) if world.chance(0.65) else (None, [])
        email, emails = world.emails(e, p) if world.chance(0.75) else (None, [])
        row = sheet.append([world.spelled(e, style), province, status, web, person, phone, email], hidden=status == "Invalid")
        truth.add(SACAA, sheet.title, row, "organization", e, phones, emails, true_web, p if person else None)
        issues.append((row, [text for bad, text in ((not phones, "Invalid/missing phone"), (province == "Unknown", "Unknown province"),
                                                    (not emails, "Invalid email format"), (not true_web, "Missing/invalid website")) if bad]))
    sheet.ws.autofilter(f"C1:C{sheet.row}")
    sheet.ws.filter_column("C", "x == Active")
    log = book.sheet("Issues")
    log.append(["Row", "Issues"])
    for row, reasons in issues:
        log.append([row, "; ".join(reasons) or None])
    lists = book.sheet("Lists", state="hidden")
    lists.append(["Province", "Status"])
    for i, name in enumerate([p[0] for p in w.PROVINCES if p[0] != "KwaZulu-Natal"]):
        lists.append([name, ("Active", "Invalid")[i] if i < 2 else None])
    book.close()
