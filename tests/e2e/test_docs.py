"""The documents show what the program really prints, and their links lead somewhere."""
import re

import pytest


def shape(text):
    """Output without what differs from run to run: seconds, bytes, the archive's name; line ends aside."""
    text = re.sub(r"\d+\.\d+ s\b", "N s", text)
    text = re.sub(r"refined-data-\S+\.zip", "refined-data-X.zip", text)
    text = re.sub(r"[\d.]+ (k|M)?B\b", "N B", text)
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def test_readme_shows_the_demo_as_it_is(hotpass, repo, tmp_path):
    readme = (repo / "README.md").read_text()
    block = re.search(r"^    \$ build/release/hotpass refine .*?\n\n(.*?)\n\nand `dist", readme, re.S | re.M).group(1)
    result = hotpass("refine", "--profile-search-path", "profiles", "--profile", "aviation", "--input-dir", "examples/aviation",
                     "--output-path", tmp_path / "dist/refined.xlsx", "--archive", "--dist-dir", tmp_path / "dist", cwd=repo)
    assert result.returncode == 0, result.stderr
    shown = [line for line in shape(block)]
    real = [line for line in shape(result.stdout.replace(f"{tmp_path}/", ""))]
    # The last sentence wraps where the path's length makes it; as words it is the same.
    assert " ".join(shown) == " ".join(real)
    tutorial = (repo / "docs/tutorials/first-run.md").read_text()
    counts = shape(re.search(r"^    400 rows in -> .*?\n\n", tutorial, re.S | re.M).group(0))
    assert counts == real[:len(counts)]


def test_readme_leads_with_the_two_commands(repo):
    code = re.findall(r"^    (make \w+)", (repo / "README.md").read_text(), re.M)
    assert code[:2] == ["make demo", "make check"]


@pytest.mark.parametrize("folder", [".", "docs", "bench", "examples"])
def test_links_lead_somewhere(repo, folder):
    pages = list((repo / folder).glob("*.md")) if folder == "." else list((repo / folder).rglob("*.md"))
    assert pages
    for page in pages:
        for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
            if not re.match(r"[a-z]+:", target):
                assert (page.parent / target).exists(), f"{page}: {target}"
