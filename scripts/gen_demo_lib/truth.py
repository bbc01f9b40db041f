"""The truth files, written while the sheets are."""
import csv
import os


class Truth:
    """The truth files; rows are written as the sheets are."""

    FIELDS = ["source_file", "sheet", "row", "kind", "entity_id", "organization_name", "province", "phone", "email", "website"]

    def __init__(self, directory):
        self.file = open(os.path.join(directory, "truth.csv"), "w", newline="", encoding="utf-8")
        self.csv = csv.writer(self.file, lineterminator="\n")
        self.csv.writerow(self.FIELDS)
        self.directory, self.rows = directory, 0

    def add(self, book, sheet, row, kind, e=None, phones=(), emails=(), website="", person=None):
        self.rows += 1
        known = (e.id, e.name, e.province) if e else ("", "", "")
        phones, emails = list(dict.fromkeys(phones)), list(dict.fromkeys(emails))
        self.csv.writerow([book, sheet, row, kind, *known, ";".join(phones), ";".join(emails), website])
        if person:
            person.phones = list(dict.fromkeys((person.phones or []) + phones))
            person.emails = list(dict.fromkeys((person.emails or []) + emails))

    def close(self, entities):
        self.file.close()
        with open(os.path.join(self.directory, "truth_contacts.csv"), "w", newline="", encoding="utf-8") as f:
            out = csv.writer(f, lineterminator="\n")
            out.writerow(["entity_id", "contact_name", "contact_role", "emails", "phones"])
            for e in entities:
                for p in e.people:
                    if p.phones is not None:
                        out.writerow([e.id, f"{p.first} {p.last}", p.role, ";".join(p.emails), ";".join(p.phones)])
