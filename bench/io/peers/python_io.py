#!/usr/bin/env python3
"""The Python peers of bench/io: one program, job and input a run; prints stage=NAME cpu=S wall=S rise=MIB.

    python_io.py PROGRAM read FILE
    python_io.py PROGRAM write IN.csv OUT
    python_io.py make IN.csv OUT.parquet OUT.ndjson      the data of the other peers, not measured
"""
import os
import sys
import time

NUMBERS = {"record_id", "employees", "annual_spend"}


def status(key):
    with open("/proc/self/status", encoding="ascii") as f:
        return next((int(line.split()[1]) / 1024 for line in f if line.startswith(key)), 0)


class Stage:
    """Measures the CPU of all threads, wall, and the rise of the peak, of what happens inside."""

    def __init__(self, name):
        self.name = name

    def __enter__(self):
        with open("/proc/self/clear_refs", "w", encoding="ascii") as f:
            f.write("5")
        self.rss, self.cpu, self.wall = status("VmRSS:"), time.process_time(), time.perf_counter()

    def __exit__(self, *_):
        cpu, wall = time.process_time() - self.cpu, time.perf_counter() - self.wall
        print(f"stage={self.name} cpu={cpu:.4f} wall={wall:.4f} rise={status('VmHWM:') - self.rss:.1f}")


def suffix(path):
    return path.rsplit(".", 1)[-1]


# ---- one class a program: read a file into its natural form, write that form --------------------------------------

class Polars:
    def __init__(self):
        import polars
        self.pl = polars

    def read(self, path):
        pl, kind = self.pl, suffix(path)
        if kind == "csv":
            return pl.read_csv(path, infer_schema_length=10_000)
        if kind == "xlsx":
            return pl.read_excel(path, sheet_id=0, infer_schema_length=None)["Contacts"]
        return pl.read_parquet(path) if kind == "parquet" else pl.read_ndjson(path, infer_schema_length=10_000)

    def write(self, table, path):
        kind = suffix(path)
        if kind == "parquet":
            table.write_parquet(path, compression="zstd")
        elif kind == "ndjson":
            table.write_ndjson(path)
        else:
            table.write_csv(path)

    def shape(self, table):
        return table.height, sum(table.height - n for n in table.null_count().row(0))


class Fastexcel:
    def __init__(self):
        import fastexcel
        self.fastexcel = fastexcel

    def read(self, path):
        return self.fastexcel.read_excel(path).load_sheet(0).to_arrow()

    def shape(self, table):
        return table.num_rows, sum(len(c) - c.null_count for c in table.columns)


class Pyarrow(Fastexcel):
    def __init__(self):
        import pyarrow.csv
        import pyarrow.json
        import pyarrow.parquet
        self.pa = pyarrow

    def read(self, path):
        kind = suffix(path)
        if kind == "csv":
            return self.pa.csv.read_csv(path)
        return self.pa.parquet.read_table(path) if kind == "parquet" else self.pa.json.read_json(path)

    def write(self, table, path):
        if suffix(path) == "parquet":
            self.pa.parquet.write_table(table, path, compression="zstd")
        else:
            self.pa.csv.write_csv(table, path)


class Duckdb:
    def __init__(self):
        import duckdb
        self.db = duckdb.connect()

    def read(self, path):
        source = {"csv": "read_csv", "parquet": "read_parquet", "ndjson": "read_ndjson"}[suffix(path)]
        self.db.execute(f"CREATE TABLE t AS SELECT * FROM {source}('{path}')")

    def write(self, _, path):
        how = {"parquet": "FORMAT parquet, COMPRESSION zstd", "csv": "FORMAT csv, HEADER", "ndjson": "FORMAT json"}[suffix(path)]
        self.db.execute(f"COPY t TO '{path}' ({how})")

    def shape(self, _):
        names = [row[0] for row in self.db.execute("DESCRIBE t").fetchall()]
        counts = ", ".join(f'count("{name}")' for name in names)
        found = self.db.execute(f"SELECT count(*), {counts} FROM t").fetchone()
        return found[0], sum(found[1:])


class Openpyxl:
    def __init__(self):
        import openpyxl
        self.openpyxl = openpyxl

    def read(self, path):
        book = self.openpyxl.load_workbook(path, read_only=True)
        return [row for sheet in book for row in sheet.iter_rows(values_only=True)]

    def shape(self, rows):
        return len(rows), sum(value is not None for row in rows for value in row)


PROGRAMS = {"polars": Polars, "fastexcel": Fastexcel, "pyarrow": Pyarrow, "duckdb": Duckdb, "openpyxl": Openpyxl}


def make(source, parquet, ndjson):
    """Typed as a person would: three columns of numbers, the rest text, dates included."""
    import pyarrow as pa
    import pyarrow.csv as csv
    import pyarrow.parquet as pq
    import polars as pl
    with open(source, encoding="utf-8") as f:
        names = f.readline().strip().split(",")
    kinds = {n: pa.string() for n in names} | {"record_id": pa.int64(), "employees": pa.int64(), "annual_spend": pa.float64()}
    table = csv.read_csv(source, convert_options=csv.ConvertOptions(column_types=kinds, strings_can_be_null=True, null_values=[""]))
    pq.write_table(table, parquet, compression="zstd")
    pl.from_arrow(table).write_ndjson(ndjson)


def main(words):
    if words[0] == "make":
        return make(*words[1:])
    program = PROGRAMS[words[0]]()
    with Stage("read"):
        table = program.read(words[2])
    if words[1] == "write":
        with Stage("write"):
            program.write(table, words[3])
    else:
        print("rows={}\ncells={}".format(*program.shape(table)))
    sys.stdout.flush()
    os._exit(0)  # taking a million rows apart again is nobody's job


if __name__ == "__main__":
    main(sys.argv[1:])
