"""Compressed files and standard input, made by gzip, zstd and the codecs of other programs."""
import gzip
import json
import os
import subprocess
import zlib

import duckdb
import polars
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

TEXT = "name,town,phone\nAda Botha,Knysna,0215550100\nZoë,\"Paarl, north\",\n"
TABLE = pa.table({"name": ["Ada Botha", "Zoë"], "town": ["Knysna", "Paarl"], "n": [1, None]})


def zstd(data):
    return pa.compress(data, codec="zstd", asbytes=True)


PACKERS = {"gz": gzip.compress, "zst": zstd}


def cells(hotpass, *args, **options):
    result = hotpass("cells", "--json", *args, **options)
    assert result.returncode == 0, result.stderr
    return result.stdout


def refused(hotpass, path, *words):
    result = hotpass("cells", path, timeout=20)
    assert result.returncode == 65, (result.returncode, result.stderr)
    for word in (path.name, *words):
        assert word in result.stderr, result.stderr


def parquet(path):
    pq.write_table(TABLE, path, compression="none")
    return path.read_bytes()


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("kind", ["csv", "tsv", "parquet"])
def test_packed_is_as_plain(hotpass, tmp_path, kind, suffix):
    plain, packed = tmp_path / f"a.{kind}", tmp_path / f"a.{kind}.{suffix}"
    data = parquet(plain) if kind == "parquet" else TEXT.replace(",", "\t" if kind == "tsv" else ",").encode()
    plain.write_bytes(data)
    packed.write_bytes(PACKERS[suffix](data))
    assert cells(hotpass, packed) == cells(hotpass, plain) != ""


def test_other_programs_read_the_same(hotpass, tmp_path):
    rows = [(f"name {i}", str(i * 7919 % 1000)) for i in range(20000)]
    text = "a,b\n" + "".join(f"{a},{b}\n" for a, b in rows)
    for suffix, pack in PACKERS.items():
        path = tmp_path / f"a.csv.{suffix}"
        path.write_bytes(pack(text.encode()))
        ours = [[c["x"] for c in json.loads(line)["cells"].values()] for line in cells(hotpass, path).splitlines()[1:]]
        theirs = duckdb.connect().sql(f"select * from read_csv('{path}', all_varchar=true)").fetchall()
        frame = polars.read_csv(path, infer_schema=False)
        assert [tuple(r) for r in ours] == theirs == frame.rows() == rows


def test_members_made_by_the_gzip_program(hotpass, tmp_path):
    """cat of two .gz files is a .gz file, and so is one with a name and a comment in its header."""
    half = len(TEXT.encode()) // 2
    for i, part in enumerate((TEXT.encode()[:half], TEXT.encode()[half:])):
        (tmp_path / f"part{i}").write_bytes(part)
        subprocess.run(["gzip", "-9", "--name", tmp_path / f"part{i}"], check=True)
    both = (tmp_path / "part0.gz").read_bytes() + (tmp_path / "part1.gz").read_bytes()
    (tmp_path / "a.csv.gz").write_bytes(both)
    (tmp_path / "a.csv").write_text(TEXT)
    assert cells(hotpass, tmp_path / "a.csv.gz") == cells(hotpass, tmp_path / "a.csv")


@pytest.mark.parametrize("suffix", PACKERS)
def test_damaged(hotpass, tmp_path, suffix):
    data = PACKERS[suffix](TEXT.encode() * 200)
    path = tmp_path / f"a.csv.{suffix}"
    for n in (5, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:n])
        refused(hotpass, path, "byte", "cut short")
    if suffix == "gz":
        path.write_bytes(data[:-8] + bytes([data[-8] ^ 1]) + data[-7:])
        refused(hotpass, path, "checksum")
    path.write_bytes(data + b"more")
    refused(hotpass, path, f"byte {len(data)}" if suffix == "gz" else "byte")
    path.write_bytes(PACKERS[suffix](data))
    refused(hotpass, path, "compressed twice")


@pytest.mark.parametrize("suffix", PACKERS)
def test_bomb(hotpass, tmp_path, suffix):
    packer, chunk = (zlib.compressobj(9, wbits=31), bytes(1 << 20)) if suffix == "gz" else (None, None)
    data = b"".join([packer.compress(chunk) for _ in range(300)] + [packer.flush()]) if packer else zstd(bytes(300 << 20))
    path = tmp_path / f"a.csv.{suffix}"
    path.write_bytes(data)
    refused(hotpass, path, "--limit inflate-ratio")
    result = hotpass("cells", "--limit", "part-size=1M", path)
    assert result.returncode == 65 and "--limit part-size" in result.stderr


def test_standard_input(hotpass, tmp_path, demo):
    book = next(demo.glob("*.xlsx"))
    inputs = {"csv": TEXT.encode(), "gz": gzip.compress(TEXT.encode()), "zst": zstd(TEXT.encode()),
              "parquet": parquet(tmp_path / "x"), "xlsx": book.read_bytes()}
    for kind, data in inputs.items():
        path = tmp_path / f"a.{'csv.' if kind in PACKERS else ''}{kind}"
        path.write_bytes(data)
        assert cells(hotpass, "-", input=data, text=False).decode() == cells(hotpass, path), kind
    assert json.loads(cells(hotpass, "-!B2", input=TEXT))["cells"]["B"]["v"] == "Knysna"
    told = json.loads(hotpass("inspect", "--json", "-", input=TEXT).stdout)
    assert (told["file"], told["format"], told["bytes"]) == ("stdin", "csv", len(TEXT.encode()))


def test_standard_input_refused(hotpass):
    result = hotpass("cells", "-")
    assert result.returncode == 65 and "stdin: is empty" in result.stderr
    result = hotpass("cells", "-", "--limit", "file-size=1000", input="a,b\n" * 1000)
    assert result.returncode == 65 and "stdin" in result.stderr and "--limit file-size" in result.stderr
    result = hotpass("cells", "-", input=b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(5000), text=False)
    assert result.returncode == 65 and b"stdin" in result.stderr
    reader, writer = os.pipe()  # nobody ever writes
    result = hotpass("cells", "-", "--limit", "wall-clock=1", stdin=reader, timeout=20)
    assert result.returncode == 65 and "--limit wall-clock" in result.stderr
    os.close(reader)
    os.close(writer)


def test_packed_files_are_inputs_of_refine(hotpass, tmp_path):
    """The same directory, packed, gives the same list; a pattern of a profile means the packed file too."""
    rows = "Client,Main contact,Mail\nAloe Air (Pty) Ltd,Ada Botha,ada@aloe.example\nBaobab Travel,Ben Nel,ben@baobab.example\n"
    out = {}
    for name, data in {"plain/clients.csv": rows.encode(), "packed/clients.csv.gz": gzip.compress(rows.encode())}.items():
        folder = (tmp_path / name).parent
        folder.mkdir()
        (tmp_path / name).write_bytes(data)
        result = hotpass("refine", "--input-dir", folder, "--output-path", folder / "out/list.csv")
        assert result.returncode == 0, result.stderr
        frame = polars.read_csv(folder / "out/list.csv", infer_schema=False)
        out[folder.name] = frame.select(c for c in frame.columns if "source" not in c and "provenance" not in c).rows()
    assert len(out["plain"]) == 2 and out["plain"] == out["packed"]
    saved = hotpass("map", tmp_path / "plain", "--save", tmp_path / "saved.yaml")
    assert saved.returncode == 0, saved.stderr
    assert "clients.csv" in (tmp_path / "saved.yaml").read_text()
    result = hotpass("refine", "--input-dir", tmp_path / "packed", "--map", tmp_path / "saved.yaml", "--output-path", tmp_path / "o/l.csv")
    assert result.returncode == 0, result.stderr
