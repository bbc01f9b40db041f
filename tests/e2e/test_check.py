"""hotpass check: data files against suites, schemas and checkpoints, in every form of result."""
import json
import re
import xml.etree.ElementTree as xml

import openpyxl
import pytest

PEOPLE = """Name,Email,Age,Org,Parent
Ada,ada@kestrel.example,36,Kestrel,
Ben,ben.ibis.example,abc,Ibis,Ada
Cleo,cleo@ibis.example,200,Ibis,Ada
,dora@ibis.example,41,Ibis,Zoe
"""
SUITE = {"expectation_suite_name": "people", "expectations": [
    {"expectation_type": "expect_column_values_to_not_be_null", "kwargs": {"column": "Name"}, "meta": {"notes": "all have one"}},
    {"expectation_type": "expect_column_values_to_match_regex",
     "kwargs": {"column": "Email", "regex": r"^[^@\s]+@[^@\s]+$", "mostly": 0.7}},
    {"type": "expect_column_values_to_be_between", "severity": "warning",
     "kwargs": {"column": "Age", "max_value": {"$PARAMETER": "oldest"}, "allow_cross_type_comparisons": True}},
    {"type": "expect_column_values_to_be_between", "kwargs": {"column": "Age", "max_value": 120}},
    {"type": "expect_table_row_count_to_equal", "kwargs": {"value": 4}}]}


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "people.csv").write_text(PEOPLE)
    (tmp_path / "people.json").write_text(json.dumps(SUITE, indent=1))
    return tmp_path


def check(hotpass, folder, *args, **options):
    return hotpass("check", *args, cwd=folder, **options)


def result(hotpass, folder, *args):
    run = check(hotpass, folder, "people.csv", "--suite", "people.json", "--param", "oldest=110", "--format", "json", *args)
    assert run.returncode == 1, run.stderr
    return json.loads(run.stdout)


def test_json_has_the_shape_of_great_expectations(hotpass, folder):
    got = result(hotpass, folder)
    assert got["success"] is False
    assert got["suite_name"] == "people"
    assert got["statistics"] == {"evaluated_expectations": 5, "successful_expectations": 2, "unsuccessful_expectations": 3,
                                 "success_percent": 40}
    null, email, age, typed, rows = got["results"]
    assert null["expectation_config"] == {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "Name"},
                                          "meta": {"notes": "all have one"}, "severity": "critical"}
    assert null["result"]["unexpected_index_list"] == [3]
    assert null["result"]["unexpected_origin_list"] == ["people.csv!A5"]
    assert email["success"] and email["result"]["unexpected_percent"] == 25
    assert age["result"]["unexpected_list"] == ["abc", "200"]
    assert age["result"]["partial_unexpected_counts"] == [{"value": "abc", "count": 1}, {"value": "200", "count": 1}]
    assert age["expectation_config"]["kwargs"]["max_value"] == 110
    assert typed["exception_info"]["raised_exception"] and "people.csv!C3" in typed["exception_info"]["exception_message"]
    assert typed["result"] == {}
    assert rows["success"] and rows["result"] == {"observed_value": 4}


def test_personal_values_are_masked_unless_asked_for(hotpass, folder):
    assert result(hotpass, folder)["results"][1]["result"]["unexpected_list"] == ["b•••"]
    assert result(hotpass, folder, "--show-values")["results"][1]["result"]["unexpected_list"] == ["ben.ibis.example"]
    for form in ["table", "json", "sarif", "junit", "md"]:
        run = check(hotpass, folder, "people.csv", "--suite", "people.json", "--param", "oldest=110", "--format", form, "-v")
        assert "ben.ibis" not in run.stdout and "@" not in run.stdout.replace(r"^[^@\\s]+@[^@\\s]+$", "")


def test_a_cap_is_announced(hotpass, folder):
    age = result(hotpass, folder, "--max-values", "1")["results"][2]["result"]
    assert age["unexpected_count"] == 2
    assert age["unexpected_list"] == ["abc"] and age["unexpected_left_out"] == 1
    for form, words in [("table", "... and 1 more"), ("md", "and 1 more"), ("junit", "and 1 more"), ("sarif", "1 of them are not listed")]:
        run = check(hotpass, folder, "people.csv", "--suite", "people.json", "--param", "oldest=110", "--format", form, "--max-values", "1")
        assert words in run.stdout


def test_table_says_what_failed_where(hotpass, folder):
    run = check(hotpass, folder, "people.csv", "--suite", "people.json", "--param", "oldest=110")
    assert run.returncode == 1
    assert run.stdout.splitlines()[0] == "people: 2 of 5 expectations are met, 4 rows of people.csv"
    assert "people.csv!C4  200" in run.stdout
    assert "people.csv!A5  (missing)" in run.stdout


def test_junit_and_sarif(hotpass, folder):
    args = ["people.csv", "--suite", "people.json", "--param", "oldest=110", "--format"]
    suites = xml.fromstring(check(hotpass, folder, *args, "junit").stdout)
    assert suites.attrib["tests"] == "5" and suites.attrib["failures"] == "2" and suites.attrib["errors"] == "1"
    assert "people.csv!C4: 200" in suites.find(".//failure[@type='warning']").text
    sarif = json.loads(check(hotpass, folder, *args, "sarif").stdout)
    assert sarif["version"] == "2.1.0"
    run = sarif["runs"][0]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert {r["ruleId"] for r in run["results"]} <= rules
    places = [r["locations"][0]["logicalLocations"][0]["fullyQualifiedName"] for r in run["results"]
              if "logicalLocations" in r["locations"][0]]
    assert places == ["people.csv!A5", "people.csv!C3", "people.csv!C4"]
    assert run["results"][3]["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}


@pytest.mark.parametrize("hostile", ["<script>", "a|b", "]]>", "\u202e", "\x01x", "&amp;\n*"])
def test_hostile_values_stay_values(hotpass, tmp_path, hostile):
    (tmp_path / "x.ndjson").write_text(json.dumps({"kind": hostile}) + "\n")
    (tmp_path / "x.json").write_text(json.dumps({"expectations": [
        {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "kind", "value_set": []}}]}))
    args = ["x.ndjson", "--suite", "x.json", "--format"]
    assert json.loads(check(hotpass, tmp_path, *args, "json").stdout)["results"][0]["result"]["unexpected_count"] == 1
    json.loads(check(hotpass, tmp_path, *args, "sarif").stdout)
    assert xml.fromstring(check(hotpass, tmp_path, *args, "junit").stdout).find(".//failure") is not None
    table = [line for line in check(hotpass, tmp_path, *args, "md").stdout.splitlines() if line.startswith("| x.ndjson")]
    assert len(table) == 1 and table[0].replace("\\|", "").count("|") == 3
    assert hostile not in check(hotpass, tmp_path, *args, "table").stdout or hostile.isprintable()


def test_severities_decide_the_exit_code(hotpass, folder):
    suite = {"expectations": [e for e in SUITE["expectations"] if e.get("severity") == "warning"]}
    (folder / "mild.json").write_text(json.dumps(suite))
    args = ["people.csv", "--suite", "mild.json", "--param", "oldest=110"]
    assert check(hotpass, folder, *args).returncode == 1
    assert check(hotpass, folder, *args, "--fail-on", "warning").returncode == 1
    assert check(hotpass, folder, *args, "--fail-on", "critical").returncode == 0


def test_types_of_a_workbook_and_its_sheets(hotpass, tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    sheet = book.create_sheet("Fleet")
    for row in [["reg", "seats"], ["ZS-ABC", 4], [None, None], ["ZS-DEF", "four"]]:
        sheet.append(row)
    book.save(tmp_path / "fleet.xlsx")
    (tmp_path / "s.yaml").write_text("expectations:\n- type: ExpectColumnValuesToBeOfType\n  kwargs: {column: seats, type_: int}\n")
    run = check(hotpass, tmp_path, "fleet.xlsx!Fleet", "--suite", "s.yaml", "--format", "json")
    got = json.loads(run.stdout)["results"][0]["result"]
    assert got["unexpected_list"] == ["four"] and got["unexpected_origin_list"] == ["fleet.xlsx!Fleet!B4"]


def test_several_suites_and_json(hotpass, folder):
    (folder / "rows.json").write_text(json.dumps({"expectations": [SUITE["expectations"][4]]}))
    args = ["people.csv", "--suite", "people.json", "--suite", "rows.json", "--param", "oldest=110"]
    got = json.loads(check(hotpass, folder, *args, "--json").stdout)
    assert got["schema"] == "hotpass.check/1" and got["success"] is False
    assert [v["suite_name"] for v in got["validations"]] == ["people", "rows"]
    assert [v["success"] for v in got["validations"]] == [False, True]


def test_output_goes_to_a_file(hotpass, folder):
    run = check(hotpass, folder, "people.csv", "--suite", "people.json", "--param", "oldest=110", "--format", "json", "-o", "out/r.json")
    assert run.returncode == 1, run.stderr
    assert run.stdout == "" and json.loads((folder / "out/r.json").read_text())["success"] is False


@pytest.mark.parametrize("name", ["people.csv", "people.json"])
def test_no_input_is_replaced(hotpass, folder, name):
    before = (folder / name).read_bytes()
    run = check(hotpass, folder, "people.csv", "--suite", "people.json", "--param", "oldest=110", "-o", name)
    assert run.returncode == 2 and "--output is an input" in run.stderr
    assert (folder / name).read_bytes() == before


@pytest.mark.parametrize("args, code, words", [
    ([], 2, "nothing says what is expected"),
    (["people.csv"], 2, "--suite FILE, --schema FILE or --checkpoint FILE"),
    (["--suite", "people.json"], 2, "name a file"),
    (["people.csv", "--suite", "people.json"], 78, 'no value is given for "oldest"; give one with --param'),
    (["people.csv", "--suite", "people.json", "--param", "oldest"], 2, "write NAME=VALUE"),
    (["people.csv", "--suite", "nowhere.json"], 66, "nowhere.json"),
    (["nowhere.csv", "--suite", "people.json", "--param", "oldest=1"], 66, "nowhere.csv"),
    (["people.csv", "--suite", "people.csv"], 78, "people.csv"),
])
def test_mistakes_have_their_exit_code(hotpass, folder, args, code, words):
    run = check(hotpass, folder, *args)
    assert run.returncode == code, run.stderr
    assert words in run.stderr
    assert run.stdout == ""


def test_hostile_pattern_ends_in_a_clear_error(hotpass, tmp_path):
    (tmp_path / "x.csv").write_text("a\n" + "a" * 60 + "b\n")
    (tmp_path / "x.json").write_text('{"expectations": [\n{"type": "expect_column_values_to_match_regex", "kwargs": '
                                     '{"column": "a", "regex": "^(a+)+$"}}]}')
    run = check(hotpass, tmp_path, "x.csv", "--suite", "x.json", timeout=30)
    assert run.returncode == 78
    assert "x.json:2" in run.stderr and "too many steps" in run.stderr


SCHEMA = {"fields": [
    {"name": "Name", "type": "string", "constraints": {"required": True, "unique": True}},
    {"name": "Email", "type": "string", "format": "email"},
    {"name": "Age", "type": "integer", "constraints": {"maximum": 120}},
    {"name": "Org", "type": "string", "constraints": {"enum": ["Ibis", "Kestrel"]}},
    {"name": "Parent", "type": "string"}],
    "primaryKey": "Name",
    "foreignKeys": [{"fields": "Parent", "reference": {"resource": "", "fields": "Name"}}]}


def test_table_schema(hotpass, folder):
    (folder / "schema.json").write_text(json.dumps(SCHEMA))
    run = check(hotpass, folder, "people.csv", "--schema", "schema.json", "--format", "json", "--show-values")
    assert run.returncode == 1, run.stderr
    bad = {r["expectation_config"]["type"] + " " + str(r["expectation_config"]["kwargs"].get("column", r["expectation_config"]["kwargs"].get("column_list"))):
           r["result"]["unexpected_list"] for r in json.loads(run.stdout)["results"] if not r["success"]}
    assert bad["expect_column_values_to_not_be_null Name"] == [None]
    assert bad["expect_column_values_to_match_regex Email"] == ["ben.ibis.example"]
    assert bad["expect_column_values_to_match_regex Age"] == ["abc"]
    assert bad["expect_column_values_to_be_between Age"] == ["abc", "200"]
    assert bad["expect_foreign_key_values_to_exist ['Parent']"] == ["Zoe"]


def test_foreign_keys_of_another_file(hotpass, folder):
    (folder / "orgs.csv").write_text("id,name\nIbis,Ibis Ltd\n")
    package = {"resources": [
        {"name": "people", "path": "people.csv", "schema": {"fields": [{"name": "Name"}, {"name": "Org"}], "foreignKeys": [
            {"fields": ["Org"], "reference": {"resource": "orgs", "fields": ["id"]}}]}},
        {"name": "orgs", "path": "orgs.csv", "schema": {"fields": [{"name": "id"}, {"name": "name"}]}}]}
    (folder / "datapackage.json").write_text(json.dumps(package))
    run = check(hotpass, folder, "people.csv", "--schema", "datapackage.json", "--table", "people", "--format", "json")
    assert run.returncode == 1, run.stderr
    bad = [r["result"] for r in json.loads(run.stdout)["results"] if not r["success"]]
    assert [b["unexpected_list"] for b in bad] == [["Kestrel"]]
    assert bad[0]["unexpected_origin_list"] == ["people.csv!D2"]


def test_checkpoint(hotpass, folder):
    (folder / "expectations/people").mkdir(parents=True)
    (folder / "expectations/people/warning.json").write_text(json.dumps(SUITE))
    (folder / "checkpoints").mkdir()
    (folder / "results").mkdir()
    (folder / "checkpoints/nightly.yml").write_text("""name: nightly
config_version: 1.0
validations:
  - batch_request:
      runtime_parameters: {path: ../people.csv}
    expectation_suite_name: people.warning
evaluation_parameters: {oldest: 110}
action_list:
  - name: store
    action: {class_name: StoreValidationResultAction}
  - store: ../results
  - name: mail
    action: {class_name: EmailAction}
""")
    run = check(hotpass, folder, "--checkpoint", "checkpoints/nightly.yml")
    assert run.returncode == 1, run.stderr
    assert "people: 2 of 5 expectations are met" in run.stdout
    assert "EmailAction\" is not done" in run.stderr
    stored = list((folder / "results").iterdir())
    assert [json.loads(f.read_text())["statistics"]["evaluated_expectations"] for f in stored] == [5]


def test_reference_of_expectations_is_current(hotpass, repo):
    assert hotpass("docs", "expectations").stdout == (repo / "docs/reference/expectations.md").read_text()


# ---- a page, annotated copies ----

def two_suites(folder):
    (folder / "a.json").write_text(json.dumps({"name": "a", "expectations": [
        {"type": "expect_column_values_to_be_in_set", "kwargs": {"column": "Status", "value_set": ["Active"]}},
        {"type": "expect_column_values_to_not_be_null", "kwargs": {"column": "Status", "mostly": 0.5}}]}))
    (folder / "b.json").write_text(json.dumps({"name": "b", "expectations": [
        {"type": "expect_column_values_to_be_unique", "kwargs": {"column": "Mail"}, "severity": "warning"}]}))
    book = openpyxl.Workbook()
    book.active.title = "List"
    for row in [["Status", "Mail"], ["Active", "a@b.example"], ["Gone", "c@d.example"], [None, "a@b.example"]]:
        book.active.append(row)
    book.create_sheet("Other").append(["x"])
    book["Other"].append([1])
    book.save(folder / "list.xlsx")


def test_a_report_names_verdict_and_cells_and_masks(hotpass, tmp_path):
    two_suites(tmp_path)
    options = ["check", "list.xlsx!List", "--suite", "a.json", "--suite", "b.json", "--report-path", "r.html", "--report-path", "r.md"]
    run = hotpass.run(options, cwd=tmp_path)
    assert run.returncode == 1, run.stderr
    page = re.sub("<[^>]*>", "", (tmp_path / "r.html").read_text())
    for text in (page, (tmp_path / "r.md").read_text()):
        assert "Failed" in text and "1 of 3 expectations are met." in text and "list.xlsx!List!A3" in text and "list.xlsx!List!B2" in text
        assert "a@b.example" not in text and "Organisations" not in text
    assert hotpass.run([*options, "--show-values"], cwd=tmp_path).returncode == 1
    assert "a@b.example" in (tmp_path / "r.md").read_text()
    assert hotpass.run([*options[:2], "--suite", "b.json", "--fail-on", "critical", "--report-path", "r.md"], cwd=tmp_path).returncode == 0
    assert "Passed with warnings" in (tmp_path / "r.md").read_text()


@pytest.mark.parametrize("path, words", [("r.txt", "a report is a page (.html) or a text (.md)"), ("nowhere/file/r.html", "file")])
def test_a_report_that_cannot_be(hotpass, tmp_path, path, words):
    two_suites(tmp_path)
    (tmp_path / "nowhere").write_text("no folder")
    run = hotpass.run(["check", "list.xlsx!List", "--suite", "b.json", "--report-path", path], cwd=tmp_path)
    assert run.returncode in (2, 73, 74) and words in run.stderr


def test_annotated_copies_mark_what_is_at_fault(hotpass, tmp_path):
    two_suites(tmp_path)
    before = (tmp_path / "list.xlsx").read_bytes()
    run = hotpass.run(["check", "list.xlsx!List", "--suite", "a.json", "--suite", "b.json", "--annotate", "notes"], cwd=tmp_path)
    assert run.returncode == 1 and "3 cells marked in 1 annotated copy in notes" in run.stderr, run.stderr
    book = openpyxl.load_workbook(tmp_path / "notes/list.xlsx")
    marked = {c.coordinate: c.comment.text for row in book["List"].iter_rows() for c in row if c.comment}
    assert set(marked) == {"A3", "B2", "B4"} and "a: Status expect_column_values_to_be_in_set" in marked["A3"]
    assert not [c for row in book["Other"].iter_rows() for c in row if c.comment]
    here = hotpass.run(["check", "list.xlsx!List", "--suite", "a.json", "--annotate", "."], cwd=tmp_path)
    assert here.returncode == 2 and "would replace ./list.xlsx, which is read" in here.stderr and (tmp_path / "list.xlsx").read_bytes() == before


def test_a_checkpoint_that_names_a_file_twice_makes_one_copy_and_one_page(hotpass, tmp_path):
    two_suites(tmp_path)
    (tmp_path / "c.json").write_text(json.dumps({"expectations": [{"type": "expect_column_values_to_be_null", "kwargs": {"column": "x"}}]}))
    (tmp_path / "nightly.yaml").write_text("name: nightly\nvalidations:\n  - {data: list.xlsx!Other, suite: c.json}\n  - {data: list.xlsx!List, suite: a.json}\n"
                                           "actions:\n  - docs: pages/\n")
    run = hotpass.run(["check", "--checkpoint", "nightly.yaml", "--annotate", "notes"], cwd=tmp_path)
    assert run.returncode == 1 and [p.name for p in (tmp_path / "notes").iterdir()] == ["list.xlsx"], run.stderr
    book = openpyxl.load_workbook(tmp_path / "notes/list.xlsx")
    assert {(s.title, c.coordinate) for s in book for row in s.iter_rows() for c in row if c.comment} == {("Other", "A2"), ("List", "A3")}
    page = (tmp_path / "pages/index.html").read_text()
    assert "<title>Failed: nightly</title>" in page and "list.xlsx!Other" in page
    assert len(list((tmp_path / "pages").glob("*.md"))) == 2
