"""Great Expectations on pandas: the same file, the same suite, the same lines as check_bench.c.

    gx_check.py FILE SUITE"""
import json
import logging
import os
import resource
import sys
import time
import warnings

os.environ.update(GX_ANALYTICS_ENABLED="false", TQDM_DISABLE="1")
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

import great_expectations as gx
import pandas as pd
from great_expectations.expectations.registry import get_expectation_impl

NUMBERS = {"record_id", "employees"}  # the rest is text, as in the file


def times():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, time.perf_counter()


def stage(name, since):
    cpu, wall = times()
    print(f"stage={name} cpu={cpu - since[0]:.4f} wall={wall - since[1]:.4f} rise=0.0", flush=True)


since = times()
names = pd.read_csv(sys.argv[1], nrows=0).columns
frame = pd.read_csv(sys.argv[1], dtype={n: str for n in names if n not in NUMBERS}, keep_default_na=False, na_values=[""])
stage("load", since)

since = times()
with open(sys.argv[2], encoding="utf-8") as f:
    wanted = json.load(f)["expectations"]
source = gx.get_context(mode="ephemeral").data_sources.add_pandas("p")
suite = gx.ExpectationSuite("bench")
for i, e in enumerate(wanted):
    suite.add_expectation(get_expectation_impl(e["type"])(**e["kwargs"], meta={"case": i}))
batch = source.add_dataframe_asset("contacts").add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
results = {r.expectation_config.meta["case"]: r for r in batch.validate(suite, result_format="BASIC").results}
stage("check", since)
for i in range(len(wanted)):
    print(f"verdict={int(results[i].success)} {results[i].result.get('unexpected_count') or 0}")
