"""`hotpass contracts`: what it emits is taken by the JSON schema of ODCS, by its Python model and by frictionless, which also holds a
result against it; `validate` sees what frictionless sees; `diff` says what breaks."""
import csv
import importlib.resources
import json
import shutil

import frictionless
import jsonschema
import open_data_contract_standard
import openpyxl
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

OK, FINDINGS, USAGE, NOINPUT, CONFIG = 0, 1, 2, 66, 78
SHEETS = {"data": "Data", "contacts": "Contacts", "quarantine": "Quarantine", "findings": "Findings", "summary": "Summary"}


def run(hotpass, *args, code=OK, **options):
    result = hotpass("contracts", *args, **options)
    assert result.returncode == code, (result.returncode, result.stdout, result.stderr)
    return result


@pytest.fixture(scope="module")
def refined(hotpass, demo, repo, tmp_path_factory):
    """The folder of a result of the demo, with its contract in both forms beside it."""
    folder = tmp_path_factory.mktemp("refined")
    result = hotpass("refine", "--profile", "aviation", "--input-dir", demo, "--output-path", folder / "refined.xlsx",
                     "--output-path", folder / "flat.csv", "--output-path", folder / "flat.parquet", "-q", cwd=repo)
    assert result.returncode == OK, result.stderr
    run(hotpass, "emit", "--profile", "aviation", "-o", folder / "contract.odcs.yaml", cwd=repo)
    run(hotpass, "emit", "--profile", "aviation", "--format", "frictionless", "-o", folder / "datapackage.json", cwd=repo)
    return folder


@pytest.mark.parametrize("profile", ["aviation", "generic", "test"])
def test_odcs_takes_the_contract(hotpass, repo, tmp_path, profile):
    path = tmp_path / "c.odcs.yaml"
    run(hotpass, "emit", "--profile", profile, "-o", path, cwd=repo)
    document = yaml.safe_load(path.read_text())
    schema = json.loads((importlib.resources.files(open_data_contract_standard) / "schema.json").read_text())
    jsonschema.Draft201909Validator(schema).validate(document)
    model = OpenDataContractStandard.from_file(str(path))
    assert [table.name for table in model.schema_] == list(SHEETS)
    assert document["id"] == f"hotpass-{profile}" and document["version"] == "1.0.0"


def test_every_column_of_the_result_is_in_the_contract(refined):
    document = yaml.safe_load((refined / "contract.odcs.yaml").read_text())
    book = openpyxl.load_workbook(refined / "refined.xlsx", read_only=True)
    for table in document["schema"]:
        header = next(book[SHEETS[table["name"]]].iter_rows(max_row=1, values_only=True))
        assert [p["name"] for p in table["properties"]] == list(header)
        assert all(p["description"] and p["logicalType"] for p in table["properties"])
    scores = [p for p in document["schema"][0]["properties"] if p["logicalType"] == "number"]
    assert len(scores) > 8
    for p in scores:
        assert p["logicalTypeOptions"] == {"minimum": 0, "maximum": 1}
        assert {"property": "unit", "value": "share, 0 to 1"} in p["customProperties"]


def test_no_real_person_is_an_example(refined):
    text = (refined / "contract.odcs.yaml").read_text()
    book = openpyxl.load_workbook(refined / "refined.xlsx", read_only=True)
    header, *rows = book["Data"].iter_rows(values_only=True)
    for column in ("contact_primary_name", "contact_primary_email", "contact_primary_phone", "organization_name"):
        at = header.index(column)
        assert not [row[at] for row in rows if row[at] and f'"{row[at]}"' in text]


def test_frictionless_takes_the_package_and_the_result(refined, monkeypatch):
    monkeypatch.chdir(refined)
    assert frictionless.Package.validate_descriptor("datapackage.json").valid
    report = frictionless.Package("datapackage.json").validate()
    assert report.valid, report.flatten(["name", "rowNumber", "fieldNumber", "type", "note"])[:10]
    assert {task.name for task in report.tasks} == set(SHEETS) - {"summary"}


def test_the_same_profile_gives_the_same_bytes(hotpass, repo, refined):
    for args, name in ((), "contract.odcs.yaml"), (("--format", "frictionless"), "datapackage.json"):
        result = run(hotpass, "emit", "--profile", "aviation", *args, cwd=repo, env={"TZ": "Pacific/Auckland"})
        assert result.stdout == (refined / name).read_text()
    document = json.loads(run(hotpass, "emit", "-p", "generic", "--json", cwd=repo).stdout)
    assert document["schema"] == "hotpass.contract/1" and document["text"].startswith("apiVersion: v3.1.0\n")


# ---- validate ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize("contract", ["contract.odcs.yaml", "datapackage.json"])
@pytest.mark.parametrize("file", ["refined.xlsx", "flat.csv", "flat.parquet", "flat.contacts.csv"])
def test_a_result_keeps_its_contract(hotpass, refined, contract, file):
    result = run(hotpass, "validate", refined / file, "--contract", refined / contract)
    assert " 0 broken" in result.stdout
    first = "Contacts" if "contacts" in file else "Data"
    assert result.stdout.startswith(first)
    assert result.stdout.count("promises kept") == (1 if file != "refined.xlsx" else 5 if "odcs" in contract else 4)


def damaged(refined, folder, changes):
    """A copy of the result with some cells of Data changed: {column: (row, value)}; returns their addresses."""
    book = openpyxl.load_workbook(refined / "refined.xlsx")
    sheet = book["Data"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    cells = {}
    for column, (row, value) in changes.items():
        cell = sheet.cell(row, columns[column])
        cell.value = value
        cells[column] = f"damaged.xlsx!Data!{cell.coordinate}"
    book.save(folder / "damaged.xlsx")
    return cells


def test_every_broken_promise_has_its_cell(hotpass, refined, tmp_path, monkeypatch):
    changes = {"country": (5, None), "data_quality_score": (6, 1.5), "contact_primary_email_status": (7, "perhaps"),
               "rows_merged": (8, "many"), "last_interaction_date": (9, "2025-02-30"), "match_confidence": (10, "high")}
    cells = damaged(refined, tmp_path, changes)
    result = run(hotpass, "validate", tmp_path / "damaged.xlsx", "-c", refined / "contract.odcs.yaml", "--json", code=FINDINGS)
    document = json.loads(result.stdout)
    assert document["schema"] == "hotpass.contracts-validate/1" and document["success"] is False
    data = document["tables"][0]
    assert data["table"] == "data" and data["sheet"] == "Data"
    found = {b["column"]: [c["cell"] for c in b["cells"]] for b in data["broken"]}
    assert found == {column: [cell] for column, cell in cells.items()}
    # frictionless sees the same cells at fault.
    shutil.copy(refined / "datapackage.json", tmp_path)
    shutil.move(tmp_path / "damaged.xlsx", tmp_path / "refined.xlsx")
    monkeypatch.chdir(tmp_path)
    report = frictionless.Package("datapackage.json").validate()
    seen = {error[0] for error in report.flatten(["fieldName", "rowNumber"]) if error[0]}
    assert seen == set(changes)


def test_a_column_that_is_gone_is_one_broken_promise(hotpass, refined, tmp_path):
    with open(refined / "flat.csv", newline="") as f:
        rows = list(csv.reader(f))
    at = rows[0].index("country")
    with open(tmp_path / "less.csv", "w", newline="") as f:
        csv.writer(f).writerows([row[:at] + row[at + 1:] for row in rows])
    result = run(hotpass, "validate", tmp_path / "less.csv", "-c", refined / "contract.odcs.yaml", code=FINDINGS)
    assert "1 broken\n  country: the column is there: is not so\n" in result.stdout


def test_values_of_people_are_masked(hotpass, tmp_path):
    (tmp_path / "p.csv").write_text("who,mail\nThandi,thandi@kestrel.example\nThandi,x\n")
    (tmp_path / "s.json").write_text(json.dumps({"fields": [
        {"name": "who", "type": "string", "personal": True, "constraints": {"unique": True}},
        {"name": "mail", "type": "string", "constraints": {"minLength": 50}}]}))
    for args, shown in ((), False), (("--json",), False), (("--show-values",), True):
        out = run(hotpass, "validate", tmp_path / "p.csv", "-c", tmp_path / "s.json", *args, code=FINDINGS).stdout
        assert ("Thandi" in out) == shown and ("thandi@" in out) == shown
        assert "p.csv!A3" in out


def test_quality_rules_of_the_library(hotpass, tmp_path):
    (tmp_path / "b.csv").write_text("ring,place\nA1,Addo\nA2,\nA2,n/a\nA4,Kruger\n")
    contract = {"apiVersion": "v3.1.0", "kind": "DataContract", "id": "b", "version": "1.0.0", "status": "active",
                "schema": [{"name": "b", "quality": [], "properties": [{"name": "ring", "quality": []}, {"name": "place", "quality": []}]}]}

    def holds(level, **rule):
        document = json.loads(json.dumps(contract))
        table = document["schema"][0]
        (table if level == "b" else table["properties"][["ring", "place"].index(level)])["quality"].append(rule)
        (tmp_path / "c.yaml").write_text(yaml.safe_dump(document))
        result = hotpass("contracts", "validate", tmp_path / "b.csv", "-c", tmp_path / "c.yaml", "--json")
        out = json.loads(result.stdout)
        assert result.returncode == (OK if out["success"] else FINDINGS)
        return "unchecked" if out["tables"][0]["unchecked"] else out["success"]

    assert holds("b", metric="rowCount", mustBe=4) is True
    assert holds("b", metric="rowCount", mustBeGreaterThan=4) is False
    assert holds("b", metric="rowCount", mustBeBetween=[1, 4]) is True
    assert holds("b", metric="duplicateValues", mustBe=0, arguments={"properties": ["ring", "place"]}) is True
    assert holds("b", metric="duplicateValues", mustBe=0, arguments={"properties": ["ring"]}) is False
    assert holds("ring", metric="duplicateValues", mustBe=0) is False
    assert holds("ring", metric="duplicateValues", mustBeLessOrEqualTo=50, unit="percent") is True
    assert holds("place", metric="nullValues", mustBe=0) is False
    assert holds("place", metric="nullValues", mustBeLessThan=1) is False
    assert holds("place", metric="nullValues", mustBeLessThan=2) is True
    assert holds("place", metric="nullValues", mustBeLessThan=25, unit="percent") is False
    assert holds("place", metric="nullValues", mustBeLessOrEqualTo=25, unit="percent") is True
    missing = {"missingValues": [None, "", "n/a"]}
    assert holds("place", metric="missingValues", mustBeLessOrEqualTo=1, arguments=missing) is False
    assert holds("place", metric="missingValues", mustBeLessOrEqualTo=2, arguments=missing) is True
    assert holds("place", metric="invalidValues", mustBe=0, arguments={"validValues": ["Addo", "Kruger"]}) is False
    assert holds("place", metric="invalidValues", mustBeLessThan=2, arguments={"validValues": ["Addo", "Kruger"]}) is True
    assert holds("ring", metric="invalidValues", mustBe=0, arguments={"pattern": "^A\\d$"}) is True
    assert holds("ring", type="sql", query="SELECT 1", mustBe=1) == "unchecked"
    assert holds("ring", metric="nullValues", mustNotBe=3) == "unchecked"


def test_missing_values_and_keys_of_a_package(hotpass, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Birds"
    for row in (["ring", "place"], ["A1", "ad"], ["A2", "-"], ["A3", "xx"]):
        book["Birds"].append(row)
    places = book.create_sheet("Places")
    for row in (["code"], ["ad"], ["kr"]):
        places.append(row)
    book.save(tmp_path / "b.xlsx")
    (tmp_path / "p.json").write_text(json.dumps({"name": "p", "resources": [
        {"name": "birds", "path": "b.xlsx", "schema": {
            "fields": [{"name": "ring", "type": "string"}, {"name": "place", "type": "string"}], "missingValues": ["", "-"],
            "foreignKeys": [{"fields": "place", "reference": {"resource": "places", "fields": "code"}}]}},
        {"name": "places", "path": "b.xlsx", "schema": {"fields": [{"name": "code", "type": "string"}], "primaryKey": "code"}}]}))
    result = run(hotpass, "validate", tmp_path / "b.xlsx", "-c", tmp_path / "p.json", "--json", code=FINDINGS)
    broken = json.loads(result.stdout)["tables"][0]["broken"]
    assert [c["cell"] for b in broken for c in b["cells"]] in (["b.xlsx!Birds!B4"], ["b.xlsx!Birds!4"])


def test_usage(hotpass, refined, tmp_path):
    (tmp_path / "x.csv").write_text("a,b\n1,2\n")
    contract = refined / "contract.odcs.yaml"
    assert "--contract FILE" in run(hotpass, "validate", tmp_path / "x.csv", code=USAGE).stderr
    assert "no column of any table" in run(hotpass, "validate", tmp_path / "x.csv", "-c", contract, code=USAGE).stderr
    result = run(hotpass, "validate", tmp_path / "x.csv", "-c", contract, "--table", "birds", code=USAGE)
    assert "data, contacts, quarantine" in result.stderr
    run(hotpass, "validate", tmp_path / "absent.csv", "-c", contract, code=NOINPUT)
    run(hotpass, "validate", tmp_path / "x.csv", "-c", tmp_path / "absent.yaml", code=NOINPUT)
    (tmp_path / "bad.yaml").write_text("kind: DataContract\napiVersion: v3.1.0\nschema: 7\n")
    assert "bad.yaml:3:9: " in run(hotpass, "validate", tmp_path / "x.csv", "-c", tmp_path / "bad.yaml", code=CONFIG).stderr
    book = openpyxl.Workbook()
    book.active.title = "Data"
    book.save(tmp_path / "one.xlsx")
    result = run(hotpass, "validate", tmp_path / "one.xlsx", "-c", contract, code=FINDINGS)
    assert "Contacts: the file has no such sheet" in result.stdout


# ---- diff -------------------------------------------------------------------------------------------------

def test_diff(hotpass, refined, tmp_path):
    contract, package = refined / "contract.odcs.yaml", refined / "datapackage.json"
    assert run(hotpass, "diff", contract, contract).stdout == ""
    document = yaml.safe_load(contract.read_text())
    data = document["schema"][0]["properties"]
    gone = data.pop(5)["name"]
    data[3].pop("required")
    data.append({"name": "new_column", "logicalType": "string"})
    (tmp_path / "new.yaml").write_text(yaml.safe_dump(document))
    out = json.loads(run(hotpass, "diff", contract, tmp_path / "new.yaml", "--json", code=FINDINGS).stdout)
    assert out["schema"] == "hotpass.contracts-diff/1" and out["breaking"] == 2 and out["raises"] == "major"
    changes = {(c["change"], c["column"], c["breaking"]) for c in out["changes"]}
    assert changes == {("column_removed", gone, True), ("required_dropped", "country", True), ("column_added", "new_column", False)}
    assert all(c["reason"] for c in out["changes"])
    # A package leaves out the page for people; all else is the same.
    out = json.loads(run(hotpass, "diff", contract, package, "--json", code=FINDINGS).stdout)
    assert [(c["change"], c["table"]) for c in out["changes"]] == [("table_removed", "summary")]
    result = run(hotpass, "diff", package, contract)
    assert result.stdout.splitlines()[1].split("\t")[:3] == ["holds", "summary", "table_added"]
    assert "the version to raise: minor" in result.stderr
