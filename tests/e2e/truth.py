#!/usr/bin/env python3
"""Score a hotpass output workbook against the truth that scripts/gen-demo wrote.

    python3 tests/e2e/truth.py DIR OUT.xlsx        (DIR holds truth.csv)

A source row is the triple (file, sheet, row). It is accounted for when it stands in a `source_cells` list of the
Data sheet, in `source_cell` of the Contacts sheet, or in the Quarantine sheet. Everything here works on such triples
and on the entity each belongs to in truth; a row truth does not know (a lookup sheet) is ignored.
"""
import csv
import os
import re
import sys
from collections import Counter, defaultdict, namedtuple

import openpyxl

TruthRow = namedtuple("TruthRow", "key kind entity name province phones emails website")
Truth = namedtuple("Truth", "rows phones emails")  # rows by key; all true phones and emails by entity
Output = namedtuple("Output", "data contacts quarantine")  # records as dicts; data records carry `keys`, the others `key`
Pairwise = namedtuple("Pairwise", "precision recall wrong missed")  # wrong, missed: numbers of pairs
Wrong = namedtuple("Wrong", "sheet organization value entity reason")

PHONE_COLUMNS = ("contact_primary_phone", "contact_secondary_phones")
EMAIL_COLUMNS = ("contact_primary_email", "contact_secondary_emails")


def split(text):
    """The values of a `;`-joined cell."""
    return [part.strip() for part in str(text or "").split(";") if part.strip()]


def parse_key(text):
    """`File.xlsx!Sheet!12` as a triple; a cell reference (`!C12`) counts for its row."""
    source, _, place = text.strip().partition("!")
    sheet, _, row = place.rpartition("!")
    digits = re.fullmatch(r"[A-Z]*([0-9]+)", row)
    if not (source and sheet and digits):
        raise ValueError(f"not of the form File.xlsx!Sheet!row: {text!r}")
    return os.path.basename(source), sheet, int(digits.group(1))


def load_truth(directory):
    """Read DIR/truth.csv."""
    rows, phones, emails = {}, defaultdict(set), defaultdict(set)
    with open(os.path.join(directory, "truth.csv"), newline="", encoding="utf-8") as f:
        for r in csv.DictReader(f):
            key = (r["source_file"], r["sheet"], int(r["row"]))
            row = TruthRow(key, r["kind"], r["entity_id"], r["organization_name"], r["province"],
                           split(r["phone"]), split(r["email"]), r["website"])
            rows[key] = row
            phones[row.entity].update(row.phones)
            emails[row.entity].update(row.emails)
    return Truth(rows, phones, emails)


def records(sheet):
    """The rows of a sheet as dicts by heading."""
    lines = sheet.iter_rows(values_only=True)
    heads = [str(h) if h is not None else "" for h in next(lines, ())]
    for line in lines:
        if any(v is not None for v in line):
            yield dict(zip(heads, line))


def load_output(path):
    """Read the Data, Contacts and Quarantine sheets of a hotpass workbook."""
    book = openpyxl.load_workbook(path, read_only=True)
    try:
        data, contacts, quarantine = (list(records(book[s])) for s in ("Data", "Contacts", "Quarantine"))
    finally:
        book.close()
    for r in data:
        r["keys"] = [parse_key(t) for t in split(r["source_cells"])]
    for r in contacts:
        r["keys"] = [parse_key(t) for t in split(r["source_cell"])]
    for r in quarantine:
        r["key"] = (os.path.basename(str(r["source_file"])), str(r["sheet"]), int(r["row"]))
    return Output(data, contacts, quarantine)


def cluster_of(output):
    """Source row → index of the Data record it was merged into."""
    return {key: i for i, r in enumerate(output.data) for key in r["keys"]}


def pairwise(truth, output):
    """Precision and recall over pairs of organisation rows; a row in no Data record is alone."""
    where, both, found, real = cluster_of(output), Counter(), Counter(), Counter()
    for row in truth.rows.values():
        if row.kind == "organization":
            cluster = where.get(row.key, row.key)
            both[cluster, row.entity] += 1
            found[cluster] += 1
            real[row.entity] += 1
    hit, claimed, wanted = (sum(n * (n - 1) // 2 for n in c.values()) for c in (both, found, real))
    return Pairwise(hit / claimed if claimed else 1.0, hit / wanted if wanted else 1.0, claimed - hit, wanted - hit)


def owner(truth, keys):
    """The entity most of the rows belong to (organisation rows first, then any), or None."""
    known = [truth.rows[k] for k in keys if k in truth.rows and truth.rows[k].entity]
    votes = Counter(r.entity for r in known if r.kind == "organization") or Counter(r.entity for r in known)
    return min(votes, key=lambda e: (-votes[e], e)) if votes else None


def wrong_values(truth, output, true_values, data_columns, contact_column, field):
    """Output values that are no true value of the organisation they are shown for.

    Reason `merged`: true, but of another organisation that was merged into the record. Reason `invented`: carried by
    none of the record's rows. In Contacts the organisation is that of the contact's own source row."""
    for sheet, recs, columns in (("Data", output.data, data_columns), ("Contacts", output.contacts, (contact_column,))):
        for r in recs:
            entity = owner(truth, r["keys"])
            carried = {v for k in r["keys"] if k in truth.rows for v in getattr(truth.rows[k], field)}
            for value in (v for c in columns for v in split(r.get(c))):
                if value not in true_values.get(entity, ()):
                    yield Wrong(sheet, r.get("organization_name"), value, entity, "merged" if value in carried else "invented")


def wrong_phones(truth, output):
    """Phones in Data and Contacts that are not among the true phones of their organisation."""
    return list(wrong_values(truth, output, truth.phones, PHONE_COLUMNS, "contact_phones", "phones"))


def wrong_emails(truth, output):
    """The same for e-mail addresses; an example.com placeholder is wrong too."""
    return list(wrong_values(truth, output, truth.emails, EMAIL_COLUMNS, "contact_emails", "emails"))


def found_phones(truth, output):
    """(found, all): how many true phones, counted once per organisation, show up somewhere in the output."""
    shown = defaultdict(set)
    for recs, columns in ((output.data, PHONE_COLUMNS), (output.contacts, ("contact_phones",))):
        for r in recs:
            values = {v for c in columns for v in split(r.get(c))}
            for entity in {truth.rows[k].entity for k in r["keys"] if k in truth.rows}:
                shown[entity] |= values
    pairs = [(e, p) for e, phones in truth.phones.items() for p in phones]
    return sum(p in shown[e] for e, p in pairs), len(pairs)


def stray_contacts(truth, output):
    """Contact rows that are not attached to their organisation, and how many contact rows there are to attach.

    A row is attached to the records that list it in `source_cells` and to those whose slug its Contacts line names;
    each of them must hold an organisation row of the same entity, and there must be one. A contact whose organisation
    has no row anywhere cannot be attached and is left out."""
    where = cluster_of(output)
    slugs = {r.get("organization_slug"): i for i, r in enumerate(output.data)}
    holds, has_rows, attached = defaultdict(set), set(), defaultdict(set)
    for row in truth.rows.values():
        if row.kind == "organization":
            has_rows.add(row.entity)
            holds[where.get(row.key)].add(row.entity)
    holds.pop(None, None)
    for r in output.contacts:
        for key in r["keys"]:
            attached[key].add(slugs.get(r.get("organization_slug")))
    for key, record in where.items():
        attached[key].add(record)
    wanted = [r for r in truth.rows.values() if r.kind == "contact" and r.entity in has_rows]
    return [r for r in wanted if not attached[r.key] or any(r.entity not in holds.get(i, ()) for i in attached[r.key])], len(wanted)


def contacts_attached(truth, output):
    """Share of contact rows that are attached to the organisation of their entity."""
    stray, total = stray_contacts(truth, output)
    return 1 - len(stray) / total if total else 1.0


def unaccounted_rows(truth, output):
    """Truth rows that are nowhere in the output. Rows without any value (kind `blank`) need not be."""
    seen = {k for r in output.data + output.contacts for k in r["keys"]} | {r["key"] for r in output.quarantine}
    return [r for r in truth.rows.values() if r.kind != "blank" and r.key not in seen]


def scored_fillers(truth, output):
    """Filler rows that ended up in the Data sheet instead of in quarantine."""
    where = cluster_of(output)
    return [r for r in truth.rows.values() if r.kind == "filler" and r.key in where]


def main(argv):
    if len(argv) != 3:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    truth, output = load_truth(argv[1]), load_output(argv[2])
    pairs, phones, emails = pairwise(truth, output), wrong_phones(truth, output), wrong_emails(truth, output)
    stray, contacts = stray_contacts(truth, output)
    lost, fillers, found = unaccounted_rows(truth, output), scored_fillers(truth, output), found_phones(truth, output)
    print(f"organisations      {len(output.data)} records, {len(output.contacts)} contacts, {len(output.quarantine)} quarantined")
    print(f"pairwise precision {pairs.precision:.4f} ({pairs.wrong} wrong pairs)")
    print(f"pairwise recall    {pairs.recall:.4f} ({pairs.missed} missed pairs)")
    print(f"wrong phones       {len(phones)} ({sum(p.reason == 'invented' for p in phones)} carried by no row of the record)")
    print(f"true phones shown  {found[0]} of {found[1]}")
    print(f"wrong emails       {len(emails)} ({sum(p.reason == 'invented' for p in emails)} carried by no row of the record)")
    print(f"contacts attached  {contacts - len(stray)} of {contacts}")
    print(f"unaccounted rows   {len(lost)}")
    print(f"fillers in Data    {len(fillers)}")
    for title, items in (("wrong phone", phones), ("stray contact", stray), ("unaccounted", lost), ("filler in Data", fillers)):
        for item in items[:5]:
            print(f"  {title}: {item if isinstance(item, Wrong) else '!'.join(map(str, item.key)) + ' ' + item.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
