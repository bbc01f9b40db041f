"""What Great Expectations says of tables: reads the cases of cases.py on stdin, writes one list of answers a table on stdout.

Runs in the virtual environment of requirements.txt, in one process, since starting takes four seconds."""
import json
import logging
import os
import sys
import warnings

os.environ.update(GX_ANALYTICS_ENABLED="false", TQDM_DISABLE="1")
warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

import great_expectations as gx
import pandas as pd
from great_expectations.expectations.registry import get_expectation_impl


def frame(columns):
    return pd.DataFrame({name: pd.Series(values, dtype=None if any(v is not None for v in values) else object) for name, values in columns.items()})


def plain(value):
    """Numbers of numpy as Python's, the rest as text."""
    return value.item() if hasattr(value, "item") else str(value)


def answer(result):
    raised = result.exception_info.get("raised_exception", True)  # without it there is one entry for each metric that failed
    info = json.loads(json.dumps(result.result, default=plain))
    message = str(result.exception_info)[-300:] if raised else ""
    return {"success": bool(result.success), "raised": bool(raised), "message": message,
            **{k: info.get(k) for k in ("element_count", "missing_count", "unexpected_count", "unexpected_index_list", "observed_value")}}


def main():
    tables = json.load(sys.stdin)
    source = gx.get_context(mode="ephemeral").data_sources.add_pandas("p")
    answers = []
    for number, table in enumerate(tables):
        batch = source.add_dataframe_asset(f"t{number}").add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame(table["columns"])})
        suite = gx.ExpectationSuite(f"s{number}")
        said = [None] * len(table["expectations"])
        for i, e in enumerate(table["expectations"]):
            try:
                suite.add_expectation(get_expectation_impl(e["type"])(**e["kwargs"], meta={"case": i}))
            except Exception as error:  # what it refuses to be asked
                said[i] = {"success": False, "refused": True, "raised": True, "message": str(error)[-300:]}
        validated = batch.validate(suite, result_format={"result_format": "COMPLETE", "include_unexpected_rows": False})
        for result in validated.results:
            said[result.expectation_config.meta["case"]] = answer(result)
        answers.append(said)
    json.dump(answers, sys.stdout)


main()
