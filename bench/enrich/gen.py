#!/usr/bin/env python3
"""Make the inputs of the enrichment benchmark: refined.csv (100,000 organisations in the columns of the sheet Data, with blanks)
and organizations.csv (1,000,000 organisations of other spellings, with everything known). Invented, the same each time.

    bench/enrich/gen.py DIR [--rows N] [--table N]
"""
import argparse
import csv
import random
import re
from pathlib import Path

WORDS = ("blue ridge lake sky eagle falcon karoo coast atlas delta nova orion summit harbour meadow cedar granite ember aloe baobab "
         "protea impala heron kudu swift arrow beacon compass anchor crest vista terra luna solis astra boreal cobalt indigo saffron").split()
TRADES = "Aviation,Logistics,Farming,Engineering,Training,Foods,Properties,Motors,Clinic,School,Printing,Security".split(",")
PROVINCES = [("Gauteng", "2196", "11"), ("Western Cape", "8001", "21"), ("KwaZulu-Natal", "4001", "31"), ("Eastern Cape", "6001", "41"),
             ("Free State", "9301", "58"), ("Limpopo", "0700", "15")]
ROOT = Path(__file__).resolve().parents[2]


def columns():
    text = (ROOT / "src/merge/columns.def").read_text()
    return re.findall(r'^HP_DATA_COLUMN\(\w+, "(\w+)"', text, re.M)


def organisation(i):
    rng = random.Random(i)
    first, second = rng.sample(WORDS, 2)
    trade = rng.choice(TRADES)
    province, postal, dial = rng.choice(PROVINCES)
    slug = f"{first}{second}{i}"
    return {"name": f"{first.title()} {second.title()} {trade} {i}", "website": f"https://{slug}.co.za", "email": f"office@{slug}.co.za",
            "phone": f"+27{dial}{2000000 + i % 7000000:07d}", "address": f"{i % 900 + 1} {second.title()} Street, {first.title()}ville",
            "postal": postal, "province": province, "slug": f"{first}-{second}-{trade.lower()}-{i}"}


def write_refined(path, rows, table):
    names = columns()
    with open(path, "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(names)
        for i in range(rows):
            # nine of ten are in the table
            number = i * (table // rows) if i % 10 else table + i
            o = organisation(number)
            row = dict.fromkeys(names, "")
            row.update(organization_name=o["name"], organization_slug=o["slug"], country="South Africa", source_datasets="Made",
                       source_record_ids=f"made:{i}", data_quality_score="0.4", data_quality_flags="missing_website",
                       contact_primary_name=f"Person {i}", privacy_basis="Legitimate Interest", rows_merged="1", contact_count="1")
            if i % 2:
                row["contact_primary_email"] = o["email"]
            if i % 3 == 0:
                row["website"] = o["website"]
            if i % 4 == 0:
                row["address_primary"] = o["address"]
            out.writerow(row.values())


def write_table(path, rows):
    with open(path, "w", newline="") as f:
        out = csv.writer(f)
        out.writerow(["Company", "Website", "E-mail", "Telephone", "Address", "Postal Code", "Province"])
        for i in range(rows):
            o = organisation(i)
            out.writerow([o["name"].upper() + " (PTY) LTD" if i % 2 else o["name"], o["website"], o["email"], o["phone"], o["address"],
                          o["postal"], o["province"]])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dir", type=Path)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--table", type=int, default=1_000_000)
    args = parser.parse_args()
    args.dir.mkdir(parents=True, exist_ok=True)
    write_refined(args.dir / "refined.csv", args.rows, args.table)
    write_table(args.dir / "organizations.csv", args.table)


main()
