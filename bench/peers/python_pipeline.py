#!/usr/bin/env python3
"""The job of `hotpass refine` on the demo workbooks, as a careful Python programmer would write it.

    python_pipeline.py INPUT_DIR OUTPUT.xlsx

calamine (Rust) reads, phonenumbers validates, rapidfuzz compares, XlsxWriter writes with constant memory. Every
cleaning function runs once per distinct value (functools.cache), pairs are compared only within blocks, and the
output is streamed. Sheets and columns are written down here, where hotpass has a profile. It yields the same five
sheets, a run.json beside them, and can be scored with tests/e2e/truth.py like hotpass itself.
"""
import datetime
import gc
import hashlib
import json
import os
import re
import sys
import time
import unicodedata
from collections import Counter, defaultdict, namedtuple
from functools import cache
from math import exp

import phonenumbers
import xlsxwriter
from python_calamine import CalamineWorkbook
from rapidfuzz.distance import JaroWinkler
from xlsxwriter.utility import xl_col_to_name

# ---- what there is to read: a column is found by its heading, or by its index where it has none ------------------
Spec = namedtuple("Spec", "source file sheet kind priority header columns constants join", defaults=({}, "name"))
REACHOUT = ("Reachout Database", "Reachout Database.xlsx")
CONTACT = ("Contact Database", "Contact Database.xlsx")
SACAA = ("SACAA Cleaned", "SACAA Flight Schools - Refined copy__CLEANED.xlsx")
SCHOOL = {"category": "Flight School"}
SPECS = [
    Spec(*REACHOUT, "Organisation", "organization", 2, 1, dict(
        name="Organisation Name", id="ID", date="Reachout Date", area="Area", province="Area", category="Type", type="Type",
        website="Website", address="Address", planes="Planes", description="Description Type", notes=["Notes", "Open Questions"])),
    Spec(*REACHOUT, "Contact Info", "contact", 2, 1, dict(
        name="Organisation Name", id="ID", date="Reachout Date", person=["Firstname", "Surname"], role="Position",
        phone=["Phone", "WhatsApp"], email="Email"), {}, "id"),
    Spec(*CONTACT, "Company_Cat", "organization", 1, 1, dict(
        name="Company", id="C_ID", category="Category", type="Category", priority="Priority", status="Status",
        date="LoadDate", website="Website")),
    Spec(*CONTACT, "Company_Contacts", "contact", 1, 1, dict(
        name="Company", person=["FirstName", "Surname"], role="Position", phone=["Cellnumber", "Landline"], email="Email")),
    Spec(*CONTACT, "Company_Notes", "note", 1, 1, dict(name="Company", notes="Notes")),
    Spec(*CONTACT, "Company_Addresses", "address", 1, 1, dict(name="Company", address=["Airport", 4])),
    Spec(*CONTACT, "CAA", "organization", 1, 3, dict(
        name="Name of Organisation", id="ATO Number", province="Province", person=["Contact Person"], phone="Telephone",
        email="E-mail", notes="Approved Ratings"), SCHOOL),
    Spec(*CONTACT, "Flight schools", "organization", 1, 1, dict(
        name="Flight School", province="Province", area="Town", person=["Contact"], role="Role", phone=["Tel", "Cell"],
        email="Email", website="Website", planes="Aircraft", date="Visited", notes="Comments"), SCHOOL),
    Spec(*CONTACT, "FL extended", "organization", 1, 0, dict(
        name=0, area=1, province=2, person=[3], role=4, phone=[5, 6], email=7, website=8, planes=9, address=11, date=12,
        status=13, notes=14), SCHOOL),
    Spec(*CONTACT, "10-10-25 Capture", "organization", 1, 1, dict(
        name="School", person=["Contact person (role)"], phone="Phone", email="Email", address="Addresses", planes="Planes",
        website="Website", description="Description", type="Type"), SCHOOL),
    Spec(*SACAA, "Cleaned", "organization", 3, 1, dict(
        name="Name of Organisation", province="Province", status="Status", website="Website URL", person=["Contact Person"],
        phone="Contact Number", email="Contact Email Address"), SCHOOL),
]

# ---- cleaning: pure functions of one value, remembered per distinct value -----------------------------------------
NOTHING = {"", "-", "—", "n/a", "na", "tbc", "tba", "none", "null", "nan", "unknown", "unspecified", "not available", "no email",
           "no website", "no phone", "#n/a", "1970-01-01", "000-000-0001"}
FREE_MAIL = {"gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "icloud.com", "webmail.co.za", "mweb.co.za", "telkomsa.net",
             "vodamail.co.za", "absamail.co.za", "iafrica.com", "lantic.net"}
PROVINCES = {re.sub("[^a-z]", "", p.lower()): p for p in (
    "Gauteng", "Western Cape", "KwaZulu-Natal", "Eastern Cape", "Mpumalanga", "North West", "Free State", "Limpopo",
    "Northern Cape")} | {"kzn": "KwaZulu-Natal"}
FILLER = re.compile(r"unknown organisation \d+$", re.I)
EMAIL = re.compile(r"[a-z0-9._%+'-]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$")
LEGAL = {"pty", "ltd", "cc", "npc", "inc", "limited", "proprietary", "edms", "bpk"}


def plain(value):
    """The text of a cell: integral numbers without a fraction, dates as ISO days."""
    if value is None or value == "":
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    return tidy(value) if isinstance(value, str) else str(value)


@cache
def tidy(value):
    text = unicodedata.normalize("NFKC", value).strip()
    return "" if text.lower() in NOTHING else text


@cache
def ascii_words(text):
    folded = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    return re.sub("[^a-z0-9]+", " ", folded.replace("'", "").replace("&", " ")).split()


@cache
def name_key(name):
    """A name without case, accents, punctuation, `&`/and and legal suffixes."""
    words = [word for word in ascii_words(name) if word != "and"]
    while len(words) > 1 and words[-1] in LEGAL:
        words.pop()
    return " ".join(words)


@cache
def clean_name(text):
    return " ".join(text.split())


@cache
def clean_phones(text):
    """(E.164 numbers, rejected parts) of a cell that may hold several."""
    good, bad = [], []
    for part in re.split(r"[;/,]| or ", text):
        if not (part := part.strip()):
            continue
        try:
            number = phonenumbers.parse(part, "ZA")
            if not phonenumbers.is_valid_number(number):
                raise ValueError
            number.extension = None
            good.append(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
        except (phonenumbers.NumberParseException, ValueError):
            bad.append(part)
    return good, bad


@cache
def clean_emails(text):
    good, bad = [], []
    for part in re.split(r"[;,/|\s]+", text.lower()):
        part = part.removeprefix("mailto:").strip(".<>")
        if part:
            known = EMAIL.match(part) and not part.endswith(("@example.com", "@example.org", "@example.net"))
            (good if known else bad).append(part)
    return good, bad


@cache
def clean_website(text):
    host, _, path = re.sub(r"^https?://", "", text, flags=re.I).partition("/")
    host = host.lower().removeprefix("www.")
    if not re.fullmatch(r"(?:[a-z0-9-]+\.)+[a-z]{2,}(?::\d+)?", host):
        return ""
    path = re.sub(r"[?#].*", "", path).rstrip("/")
    return f"https://{host}/{path}" if path else f"https://{host}"


@cache
def clean_province(text):
    return PROVINCES.get(re.sub("[^a-z]", "", text.lower()), "")


@cache
def clean_date(text):
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%Y/%m/%d"):
        try:
            day = datetime.datetime.strptime(text[:10], form).date()
            return "" if day.year == 1970 else day.isoformat()
        except ValueError:
            pass
    return ""


@cache
def clean_person(text):
    """(name, role) from `Name (Role)`, `Name — Role` or a bare name."""
    name, role = text, ""
    if m := re.fullmatch(r"(.*\S)\s*\((.+)\)|(.*\S)\s+[—–]\s+(.+)", text):
        name, role = m[1] or m[3], m[2] or m[4]
    return "" if name.lower() in NOTHING else " ".join(name.split()), role


# ---- reading -------------------------------------------------------------------------------------------------------
Contact = namedtuple("Contact", "name role emails phones row")
LISTED = ("province", "area", "address", "category", "type", "status", "website", "planes", "description", "notes", "priority")


class Row:
    """One cleaned source row; `letters` of its sheet say in which column a field stands."""
    __slots__ = ("spec", "letters", "number", "order", "name", "key", "id", "date", "values", "contact", "attached", "rank")

    def cell(self, field):
        return f"{self.spec.file}!{self.spec.sheet}!{self.letters.get(field, '')}{self.number}"

    @property
    def record_id(self):
        return f"{self.spec.source.split()[0].lower()}:{self.id or self.name}"


class Run:
    def __init__(self):
        self.rows, self.findings, self.quarantine, self.counts = [], [], [], Counter()

    def find(self, row, field, rule, value):
        self.findings.append((rule, "warn", row.spec.file, row.spec.sheet, f"{row.letters.get(field, 'A')}{row.number}", value))

    def reject(self, row, reason):
        self.quarantine.append((row.spec.file, row.spec.sheet, row.number, row.spec.kind, reason, row.name))


def columns_of(spec, heading):
    """The indexes that hold each field of a sheet."""
    where = {plain(h): i for i, h in reversed(list(enumerate(heading)))}
    found = {}
    for field, names in spec.columns.items():
        found[field] = [n if isinstance(n, int) else where[n] for n in (names if isinstance(names, list) else [names])]
    return found


def read(run, spec, book):
    sheet = book.get_sheet_by_name(spec.sheet)
    grid = sheet.to_python(skip_empty_area=False)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        if top >= spec.header and left == right:  # a merged block says its value for each of its rows
            for r in range(top + 1, min(bottom + 1, len(grid))):
                grid[r][left] = grid[top][left]
    columns = columns_of(spec, grid[spec.header - 1] if spec.header else [])
    letters = {field: xl_col_to_name(ids[0]) for field, ids in columns.items()}
    before = None
    for number, cells in enumerate(grid[spec.header:], spec.header + 1):
        texts = [plain(c) for c in cells]
        if not any(texts):
            continue
        run.counts["rows_in"] += 1
        row = make_row(run, spec, letters, number, {f: [texts[i] for i in ids if texts[i]] for f, ids in columns.items()})
        for field, ids in columns.items():
            for i in ids:
                if cells[i] != "" and not texts[i]:
                    run.find(row, field, "placeholder", cells[i])
        if spec.sheet == "CAA" and before and (row.name, row.id) == (before.name, before.id):
            before.attached.append(row)  # a further rating of the school above
        elif FILLER.match(row.name):
            run.reject(row, "filler")
        elif not row.name:
            run.reject(row, "no organisation name")
        else:
            run.rows.append(row)
            before = row


def make_row(run, spec, letters, number, texts):
    row = Row()
    row.spec, row.letters, row.number, row.order, row.attached, row.contact, row.rank = spec, letters, number, len(run.rows), [], None, None
    first = {field: parts[0] if parts else "" for field, parts in texts.items()}
    row.name, row.id, row.date = clean_name(first.get("name", "")), first.get("id", ""), clean_date(first.get("date", ""))
    row.key = name_key(row.name)
    row.values = values = dict(spec.constants)
    for field in LISTED:
        if text := first.get(field):
            if field == "province":
                text = clean_province(text)
            elif field == "website":
                text = clean_website(text)
            elif field in ("notes", "address"):
                text = (" | " if field == "notes" else ", ").join(texts[field])
            if text:
                values[field] = text
            else:
                run.find(row, field, f"{field}.invalid", first[field])
    emails, phones = [], []
    for field, clean, out in (("email", clean_emails, emails), ("phone", clean_phones, phones)):
        for text in texts.get(field, ()):
            good, bad = clean(text)
            out += [v for v in good if v not in out]
            for part in bad:
                run.find(row, field, f"{field}.invalid", part)
    name, role = clean_person(" ".join(texts.get("person", ())))
    if name or emails or phones:
        row.contact = Contact(name, first.get("role") or role, emails, phones, row)
    return row


# ---- resolving -----------------------------------------------------------------------------------------------------
def attach(run):
    """Give contacts, addresses and notes to their organisation, by id in the same workbook or by name."""
    organizations = [r for r in run.rows if r.spec.kind == "organization"]
    by_id = {(r.spec.file, r.id): r for r in reversed(organizations) if r.id and r.spec.sheet != "CAA"}
    by_name = {r.key: r for r in reversed(organizations) if r.key}
    for row in run.rows:
        if row.spec.kind == "organization":
            continue
        home = (by_id.get((row.spec.file, row.id)) if row.spec.join == "id" and row.id else None) or by_name.get(row.key)
        if home:
            home.attached.append(row)
            run.counts["attached"] += 1
        elif row.spec.kind == "contact" and row.key:  # an organisation that only this row mentions
            by_name[row.key] = row
            organizations.append(row)
        else:
            run.reject(row, "no such organisation")
    return organizations


def block_keys(row):
    """(reason, key) of what may tie this row to others: its domains and its phones."""
    if site := row.values.get("website"):
        yield "domain", site.split("/")[2]
    for r in (row, *row.attached):
        if r.contact:
            for email in r.contact.emails:
                domain = email.rpartition("@")[2]
                if domain not in FREE_MAIL:
                    yield "domain", domain
            for phone in r.contact.phones:
                yield "phone", phone


def resolve(run, rows):
    """Clusters of rows that are one organisation: same name key, or a shared domain or phone and a similar name."""
    parent, reasons, blocks = list(range(len(rows))), defaultdict(set), defaultdict(dict)

    def root(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, row in enumerate(rows):
        if row.key:
            blocks["name", row.key][i] = None
        for key in block_keys(row):
            blocks[key][i] = None
    for (reason, key), members in blocks.items():
        members = list(members)
        if reason == "name":
            pairs = zip(members, members[1:])
        else:
            pairs = ((a, b) for n, a in enumerate(members[:200]) for b in members[n + 1:200]
                     if JaroWinkler.similarity(rows[a].key, rows[b].key, score_cutoff=0.92))
        for a, b in pairs:
            if (x := root(a)) != (y := root(b)):
                parent[max(x, y)] = min(x, y)
            reasons[b].add(f"{reason}={key}")
    clusters = defaultdict(list)
    for i in range(len(rows)):
        clusters[root(i)].append(i)
    return [([rows[i] for i in c], sorted(set().union(*(reasons[i] for i in c if i in reasons)))) for c in clusters.values()]


# ---- merging -------------------------------------------------------------------------------------------------------
DATA = """organization_name organization_slug province country area address_primary organization_category organization_type
status website planes description notes source_datasets source_record_ids contact_primary_name contact_primary_role
contact_primary_email contact_primary_phone contact_primary_email_confidence contact_primary_email_status
contact_primary_phone_confidence contact_primary_phone_status contact_primary_lead_score intent_signal_score
intent_signal_count intent_signal_types intent_last_observed_at intent_top_insights contact_validation_flags
contact_secondary_emails contact_secondary_phones contact_email_confidence_avg contact_phone_confidence_avg
contact_verification_score_avg contact_lead_score_avg data_quality_score data_quality_flags selection_provenance
last_interaction_date priority privacy_basis source_cells match_reasons rows_merged""".split()
CONTACTS = """organization_slug organization_name contact_name contact_role contact_emails contact_phones is_primary
source_dataset source_cell""".split()
OUTPUT_NAME = {"address": "address_primary", "category": "organization_category", "type": "organization_type"}


def logistic(x):
    return 0.0 if x <= 0 else 1.0 if x >= 1 else 1 / (1 + exp(-12 * (x - 0.5)))


def rank(row):
    """Source priority, then completeness, then recency, then reading order; the greatest survives."""
    every = (row, *row.attached)
    people = [r.contact for r in every if r.contact]
    filled = sum((any(c.emails for c in people), any(c.phones for c in people), "website" in row.values,
                  "province" in row.values, any("address" in r.values for r in every)))
    return row.spec.priority, filled, row.date, -row.order


def distinct(values):
    return list(dict.fromkeys(values))


def merge_people(ranked):
    """Whole people: lines of one organisation that share a name or an e-mail address become one contact."""
    people, known = [], {}
    for row in ranked:
        for r in (row, *row.attached):
            if not (c := r.contact):
                continue
            keys = [("n", " ".join(ascii_words(c.name)))] if c.name else []
            keys += [("e", e) for e in c.emails]
            person = next((known[k] for k in keys if k in known), None)
            if person is None:
                person = {"name": "", "role": "", "emails": [], "phones": [], "cells": [], "row": row}
                people.append(person)
            person["name"], person["role"] = person["name"] or c.name, person["role"] or c.role
            person["emails"] = distinct(person["emails"] + c.emails)
            person["phones"] = distinct(person["phones"] + c.phones)
            person["cells"].append(r.cell(""))
            known.update(dict.fromkeys(keys, person))
    people.sort(key=lambda p: (not p["emails"], not p["phones"], not p["name"]))
    return people


def survive(record, provenance, ranked):
    """Choose each organisation field and write down where it came from and what else there was."""
    for field in LISTED:
        found = {}
        for row in ranked:
            for r in (row, *row.attached):
                if value := r.values.get(field):
                    found.setdefault(value, (r, row))
        if not found:
            continue
        column = OUTPUT_NAME.get(field, field)
        (value, (r, row)), *others = found.items()
        record[column] = "; ".join(found) if field in ("planes", "description", "notes") else value
        provenance[column] = {
            "field": column, "value": record[column], "source_dataset": row.spec.source, "source_record_id": row.record_id,
            "source_priority": row.spec.priority, "quality_score": row.rank[1], "last_interaction_date": row.date or None,
            "cell": r.cell(field)}
        if others:
            provenance[column]["contributors"] = [
                {"source_dataset": o.spec.source, "source_record_id": o.record_id, "value": v, "cell": o.cell(field)} for v, (o, _) in others]


def merge(cluster, reasons):
    for row in cluster:
        row.rank = rank(row)
    ranked = sorted(cluster, key=lambda r: r.rank, reverse=True)
    every, people, provenance = [r for row in ranked for r in (row, *row.attached)], merge_people(ranked), {}
    name = ranked[0].name
    slug = "-".join(ascii_words(name)) or hashlib.sha256(name.encode()).hexdigest()[:12]
    record = {"organization_name": name, "organization_slug": slug, "country": "South Africa", "privacy_basis": "Legitimate Interest",
              "source_datasets": "; ".join(sorted({r.spec.source for r in every})),
              "source_record_ids": "; ".join(sorted({r.record_id for r in cluster})),
              "intent_signal_score": 0.0, "intent_signal_count": 0, "rows_merged": len(every),
              "source_cells": "; ".join(r.cell("") for r in every), "match_reasons": "; ".join(reasons),
              "last_interaction_date": max(r.date for r in every)}
    provenance["organization_name"] = {"field": "organization_name", "value": name, "cell": ranked[0].cell("name")}
    survive(record, provenance, ranked)
    emails, phones = distinct(e for p in people for e in p["emails"]), distinct(n for p in people for n in p["phones"])
    if people:
        contact_columns(record, provenance, people[0], emails, phones)
    filled = {"contact_email": record.get("contact_primary_email"), "contact_phone": record.get("contact_primary_phone"),
              "website": record.get("website"), "province": record.get("province"), "address": record.get("address_primary")}
    record["data_quality_score"] = round(sum(map(bool, filled.values())) / 5, 2)
    record["data_quality_flags"] = ";".join(f"missing_{k}" for k, v in filled.items() if not v) or "none"
    record["selection_provenance"] = json.dumps(provenance, sort_keys=True, ensure_ascii=False)
    return record, people


def contact_columns(record, provenance, first, emails, phones):
    email, phone = (first["emails"] or [""])[0], (first["phones"] or [""])[0]
    confidence = [c for c in (email and 0.35, phone and 0.85) if c]  # without DNS every domain is risky
    parts = [(0.30, sum(map(bool, (first["name"], email, phone, first["role"]))) / 4), (0.25, 0.35 if email else 0),
             (0.15, 0.85 if phone else 0), (0.20, first["row"].spec.priority / 3), (0.10, 0)]
    lead = logistic(sum(w * c for w, c in parts))
    verified = logistic(sum(confidence) / len(confidence)) * (0.6 if email else 1) if confidence else None
    record.update(contact_primary_name=first["name"], contact_primary_role=first["role"], contact_primary_email=email,
                  contact_primary_phone=phone, contact_primary_lead_score=lead, contact_lead_score_avg=lead,
                  contact_verification_score_avg=verified, contact_secondary_emails=";".join(e for e in emails if e != email),
                  contact_secondary_phones=";".join(p for p in phones if p != phone))
    if email:
        record.update(contact_primary_email_confidence=0.35, contact_email_confidence_avg=0.35, contact_primary_email_status="risky",
                      contact_validation_flags="email:risky")
    if phone:
        record.update(contact_primary_phone_confidence=0.85, contact_phone_confidence_avg=0.85, contact_primary_phone_status="deliverable")
    for column in ("contact_primary_name", "contact_primary_role", "contact_primary_email", "contact_primary_phone"):
        if record[column]:
            provenance[column] = {"field": column, "value": record[column], "source_dataset": first["row"].spec.source, "cell": first["cells"][0]}


# ---- writing -------------------------------------------------------------------------------------------------------
class Book:
    """An output workbook whose rows go to disk as they come; text stays text whatever it starts with."""
    LINKS = 65530  # a sheet holds no more

    def __init__(self, path):
        self.book = xlsxwriter.Workbook(path, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
        self.head = self.book.add_format({"bold": True, "bottom": 1})
        self.bands = [self.book.add_format({"bg_color": c}) for c in ("#C6EFCE", "#E2EFDA", "#FFEB9C", "#FFC7CE")]

    def sheet(self, name, columns, rows, count, link=None, score=None):
        sheet, links = self.book.add_worksheet(name), 0
        for i, column in enumerate(columns):
            sheet.set_column(i, i, min(40, max(12, len(column) + 2)))
        if score is not None:
            for band, low in zip(self.bands, (0.8, 0.6, 0.4, 0.0)):
                sheet.conditional_format(1, score, max(count, 1), score, {
                    "type": "cell", "criteria": ">=", "value": low, "format": band, "stop_if_true": True})
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)
        for i, column in enumerate(columns):
            sheet.write_string(0, i, column, self.head)
        text, number = sheet.write_string, sheet.write_number
        for r, values in enumerate(rows, 1):
            for c, value in enumerate(values):
                if value is None or value == "":
                    continue
                if not isinstance(value, str):
                    number(r, c, value)
                elif c == link and links < self.LINKS:
                    sheet.write_url(r, c, value)
                    links += 1
                else:
                    text(r, c, value[:32767])


def write(path, run, merged, started):
    out = Book(path)
    contacts = [(rec["organization_slug"], rec["organization_name"], p["name"], p["role"], ";".join(p["emails"]), ";".join(p["phones"]),
                 "yes" if p is people[0] else "no", p["row"].spec.source, "; ".join(p["cells"])) for rec, people in merged for p in people]
    out.sheet("Data", DATA, ([rec.get(c) for c in DATA] for rec, _ in merged), len(merged), DATA.index("website"), DATA.index("data_quality_score"))
    out.sheet("Contacts", CONTACTS, contacts, len(contacts))
    out.sheet("Quarantine", ["source_file", "sheet", "row", "kind", "reason", "organization_name"], run.quarantine, len(run.quarantine))
    out.sheet("Findings", ["rule", "severity", "source_file", "sheet", "cell", "value"], run.findings, len(run.findings))
    run.counts.update(rows_out=len(merged), contacts=len(contacts), quarantined=len(run.quarantine), findings=len(run.findings))
    rules = Counter(f[0] for f in run.findings)
    lines = [*run.counts.items(), *(("findings " + rule, n) for rule, n in rules.most_common())]
    out.sheet("Summary", ["what", "number"], lines, len(lines))
    out.book.close()
    return {"counts": dict(run.counts), "findings": dict(rules), "seconds": round(time.perf_counter() - started, 3)}


def digest(path):
    with open(path, "rb") as f:
        return {"path": path, "sha256": hashlib.file_digest(f, "sha256").hexdigest()}


def unique_slugs(merged):
    seen = Counter()
    for record, _ in merged:
        slug = record["organization_slug"]
        seen[slug] += 1
        if seen[slug] > 1:
            record["organization_slug"] = f"{slug}-{seen[slug]}"


def main(directory, output):
    started, run, books = time.perf_counter(), Run(), {}
    for spec in SPECS:
        path = os.path.join(directory, spec.file)
        if path not in books:
            books[path] = CalamineWorkbook.from_path(path)
        read(run, spec, books[path])
    read_at = time.perf_counter()
    clusters = resolve(run, attach(run))
    resolved_at = time.perf_counter()
    merged = sorted((merge(*c) for c in clusters), key=lambda m: m[0]["organization_name"].encode())
    unique_slugs(merged)
    merged_at = time.perf_counter()
    report = write(output, run, merged, started)
    ends = dict(zip(("read and clean", "resolve", "merge", "write"), (read_at, resolved_at, merged_at, time.perf_counter())))
    report["stages"], last = {}, started
    for stage, end in ends.items():
        report["stages"][stage], last = round(end - last, 3), end
    report |= {"inputs": [digest(p) for p in books], "outputs": [digest(output)]}
    with open(os.path.join(os.path.dirname(output) or ".", "run.json"), "w", encoding="utf-8") as f:
        json.dump(report, f, indent=1)
    print(json.dumps({k: report[k] for k in ("counts", "stages", "seconds")}))


if __name__ == "__main__":
    gc.disable()  # no cycles to collect; saves a seventh of the time at 100,000 organisations
    main(*sys.argv[1:])
