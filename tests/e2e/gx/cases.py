"""Tables and expectations for the differential test against Great Expectations: random, but the same for the same seed."""
import json
import random

WORDS = ["ash", "Beech", "cedar", "élan", "fir", "ibis", "Kestrel", "lark 2", "moa", "n/a", "owl", "Ünder", "zebra", "ash tree", "a.b"]
JSON_TEXTS = ['{"a": 1}', '{"a": "x"}', '{"b": [1, 2]}', "[1, 2.5, null]", "{", "true", "'x'", '{"a": 2.0, "c": {"d": null}}', "12", "nope", '"text"']
DATES = ["2024-03-05", "2024-02-29", "1999-12-31", "2024-13-01", "05/03/2024", "31/12/1999", "2024-3-5", "March 5, 2024", "soon"]
PATTERNS = [r"^[a-z]+$", r"a", r"^\w+$", r"\d", r"[A-Z]", r"e.h", r"r$", r"(?i)^k", r"^.{3,5}$", r"\s", r"é|Ü", r"^(ash|fir)\b", r"[^a-z]", r"\.", r"^$"]
FORMATS = ["%Y-%m-%d", "%d/%m/%Y", "%B %d, %Y", "%Y-%d-%m", "%m/%d/%Y"]
SCHEMAS = [{"type": "object"}, {"properties": {"a": {"type": "integer"}}}, {"required": ["a"]}, {"type": ["number", "array"]},
           {"properties": {"a": {"type": "number", "minimum": 2}}, "additionalProperties": False}, {"items": {"type": ["number", "null"]}, "minItems": 3},
           {"anyOf": [{"required": ["b"]}, {"type": "string"}]}]


def is_json(text):
    try:
        json.loads(text)
        return True
    except ValueError:
        return False


class Maker:
    """Makes one table and its expectations."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.rows = self.random.choice([1, 2, 3, 8, 20, 20, 60, 200])
        self.columns = {}
        self.kinds = {}
        self.expectations = []

    # ---- columns ----

    def column(self, name, kind, value, share=None):
        r = self.random
        share = r.choice([0, 0, 0.1, 0.4]) if share is None else share
        values = [None if r.random() < share else value() for _ in range(self.rows)]
        self.columns[name] = values
        self.kinds[name] = kind

    def table(self):
        r = self.random
        low = r.randint(-20, 5)
        spread = r.choice([1, 3, 10, 50])
        words = r.sample(WORDS, r.randint(1, len(WORDS)))
        self.column("n", "number", lambda: low + r.randint(0, spread))
        self.column("m", "number", lambda: low + r.randint(0, spread))
        self.column("x", "number", lambda: round(r.gauss(10, r.choice([1, 1, 1, 8])), 2))
        self.column("id", "number", lambda: r.randint(0, 10 ** 6), share=0)
        self.column("t", "text", lambda: r.choice(words))
        self.column("u", "text", lambda: r.choice(words))
        self.column("code", "text", lambda: f"{r.choice('ABc')}{r.choice('XYz')}-{r.randint(0, 120):03}")
        self.column("day", "date", lambda: r.choice(DATES[:3] if self.rows % 2 else DATES))
        self.column("json", "json", lambda: r.choice(JSON_TEXTS))
        self.column("doc", "json", lambda: r.choice([t for t in JSON_TEXTS if is_json(t)]))  # it raises where a text is no JSON at all
        self.column("steps", "number", iter(sorted(r.randint(0, 30) for _ in range(self.rows))).__next__ if r.random() < 0.7
                    else lambda: r.randint(0, 3), share=0)
        self.column("void", "void", lambda: None, share=1)

    # ---- kwargs ----

    def pick(self, *kinds):
        names = [n for n, k in self.kinds.items() if not kinds or k in kinds]
        return self.random.choice(names)

    def value(self, name):
        """A value of a column, or near one."""
        r = self.random
        present = [v for v in self.columns[name] if v is not None]
        if self.kinds[name] == "number":
            return (r.choice(present) if present and r.random() < 0.6 else r.randint(-25, 40))
        return r.choice(present) if present and r.random() < 0.7 else r.choice(WORDS)

    def bounds(self, make):
        r = self.random
        low, high = sorted([make(), make()])
        kwargs = {"min_value": low, "max_value": high}
        if r.random() < 0.25:
            del kwargs[r.choice(["min_value", "max_value"])]
        for flag in ("strict_min", "strict_max"):
            if r.random() < 0.25:
                kwargs[flag] = r.random() < 0.7
        return kwargs

    def members(self, name):
        r = self.random
        present = sorted({v for v in self.columns[name] if v is not None})
        if r.random() < 0.4:
            return present or [1 if self.kinds[name] == "number" else "ash"]
        return sorted({self.value(name) for _ in range(r.randint(1, 12))})

    def add(self, kind, mostly=True, condition=True, **kwargs):
        r = self.random
        if mostly and r.random() < 0.5:
            kwargs["mostly"] = r.choice([0.0, 0.1, 0.25, 0.5, 0.6, 0.75, 0.8, 0.9, 0.95, 1.0])
        if condition and r.random() < 0.1 and "table" not in kind and kind != "expect_column_to_exist":
            kwargs["row_condition"] = r.choice([f"n > {r.randint(-10, 10)}", f"n <= {r.randint(-10, 20)}", f'code == "{self.value("code")}"', "id >= 0"])
            kwargs["condition_parser"] = "pandas"
        expectation = {"type": kind, "kwargs": kwargs}
        if expectation not in self.expectations:  # Great Expectations keeps one of two that are the same
            self.expectations.append(expectation)

    # ---- expectations ----

    def on_table(self):
        r, names = self.random, list(self.columns)
        near = lambda n: n + r.choice([0, 0, -1, 1])
        self.add("expect_table_row_count_to_equal", False, value=near(self.rows))
        self.add("expect_table_row_count_to_be_between", False, **{k: v for k, v in self.bounds(lambda: near(self.rows)).items() if "strict" not in k})
        self.add("expect_table_column_count_to_equal", False, value=near(len(names)))
        self.add("expect_table_column_count_to_be_between", False, **{k: v for k, v in self.bounds(lambda: near(len(names))).items() if "strict" not in k})
        self.add("expect_column_to_exist", False, column=r.choice(names + ["other"]))
        some = r.sample(names, r.randint(1, len(names)))
        self.add("expect_table_columns_to_match_set", False, column_set=r.choice([names, some, names + ["other"]]), exact_match=r.random() < 0.5)
        self.add("expect_table_columns_to_match_ordered_list", False, column_list=r.choice([names, names[::-1], some]))

    def on_values(self):
        r = self.random
        self.add("expect_column_values_to_not_be_null", column=self.pick())
        self.add("expect_column_values_to_be_null", column=self.pick())
        self.add("expect_column_values_to_be_unique", column=self.pick())
        for kind in ("number", "number", "text"):
            name = self.pick(kind)
            if kind == "number":  # bounds that are texts are refused by Great Expectations 1.x
                self.add("expect_column_values_to_be_between", column=name, **self.bounds(lambda: self.value(name)))
            self.add("expect_column_values_to_be_in_set", column=name, value_set=self.members(name))
            self.add("expect_column_values_to_not_be_in_set", column=name, value_set=self.members(name))
        self.add("expect_column_value_lengths_to_be_between", column=self.pick("text"), **self.bounds(lambda: r.randint(1, 9)))
        self.add("expect_column_value_lengths_to_equal", column=self.pick("text"), value=r.randint(3, 6))
        self.add("expect_column_value_z_scores_to_be_less_than", column=self.pick("number"), threshold=r.choice([0.5, 1, 1.96, 3]), double_sided=r.random() < 0.6)
        for direction in ("increasing", "decreasing"):
            name = r.choice(["steps", "steps", "n"])
            self.add(f"expect_column_values_to_be_{direction}", column=name, **({"strictly": True} if r.random() < 0.5 else {}))

    def on_texts(self):
        r = self.random
        text = lambda: self.pick("text")
        for negation in ("", "not_"):
            self.add(f"expect_column_values_to_{negation}match_regex", column=text(), regex=r.choice(PATTERNS))
            kwargs = {"regex_list": r.sample(PATTERNS, r.randint(1, 3))}
            if not negation and r.random() < 0.6:
                kwargs["match_on"] = r.choice(["any", "all"])
            self.add(f"expect_column_values_to_{negation}match_regex_list", column=text(), **kwargs)
        self.add("expect_column_values_to_match_strftime_format", column="day", strftime_format=r.choice(FORMATS))
        self.add("expect_column_values_to_be_dateutil_parseable", column=r.choice(["day", "t", "code"]))
        self.add("expect_column_values_to_be_json_parseable", column=r.choice(["json", "t"]))
        self.add("expect_column_values_to_match_json_schema", column="doc", json_schema=r.choice(SCHEMAS))

    def on_columns(self):
        r = self.random
        number = lambda: self.pick("number")
        for what in ("mean", "median", "max", "min", "sum", "stdev"):
            name = number()
            scale = self.rows if what == "sum" else 1
            self.add(f"expect_column_{what}_to_be_between", False, column=name, **self.bounds(lambda: self.value(name) * scale))
        name = number()
        quantiles = sorted(r.sample([0, 0.05, 0.1, 0.25, 0.333, 0.5, 0.75, 0.9, 1], r.randint(1, 4)))
        ranges = [[v if r.random() < 0.9 else None for v in sorted([self.value(name), self.value(name)])] for _ in quantiles]
        self.add("expect_column_quantile_values_to_be_between", False, column=name, quantile_ranges={"quantiles": quantiles, "value_ranges": ranges},
                 **({"allow_relative_error": r.choice(["linear", "lower", "higher", "midpoint", "nearest"])} if r.random() < 0.5 else {}))
        for what in ("be_in", "contain", "equal"):
            name = self.pick("number", "text")
            self.add(f"expect_column_distinct_values_to_{what}_set", False, column=name, value_set=self.members(name))
        name = self.pick("number", "text")
        self.add("expect_column_most_common_value_to_be_in_set", False, column=name, value_set=self.members(name), ties_okay=r.random() < 0.5)
        self.add("expect_column_unique_value_count_to_be_between", False, column=self.pick("number", "text"), **self.bounds(lambda: r.randint(0, self.rows)))
        self.add("expect_column_proportion_of_unique_values_to_be_between", False, column=self.pick("number", "text"), **self.bounds(lambda: round(r.random(), 2)))
        self.on_distributions()

    def weights(self, n):
        parts = [self.random.randint(0 if self.random.random() < 0.2 else 1, 9) for _ in range(n)]
        whole = sum(parts) or 1
        return [p / whole for p in parts] if sum(parts) else [1 / n] * n

    def on_distributions(self):
        r = self.random
        name = self.pick("text")
        values = sorted({v for v in self.columns[name] if v is not None}) or ["ash"]
        if r.random() < 0.4:
            values = values[: max(1, len(values) - 1)]
        self.add("expect_column_kl_divergence_to_be_less_than", False, column=name, threshold=r.choice([0.05, 0.1, 0.5, 2]),
                 partition_object={"values": values, "weights": self.weights(len(values))}, tail_weight_holdout=r.choice([0, 0.01, 0.1]))
        name = self.pick("number")
        present = [v for v in self.columns[name] if v is not None] or [0]
        edges = sorted({round(min(present) + i * (max(present) - min(present) + 1) / 5 - r.choice([0, 0.5, 2]), 3) for i in range(6)})
        weights = self.weights(len(edges) - 1)
        partition = {"bins": edges, "weights": weights}
        holdout = {"tail_weight_holdout": r.choice([0, 0.02])}
        if r.random() < 0.3:
            partition.update(weights=[w * 0.9 for w in weights], tail_weights=[0.05, 0.05])
            holdout = {}
        self.add("expect_column_kl_divergence_to_be_less_than", False, column=name, threshold=r.choice([0.05, 0.5, 2]), partition_object=partition,
                 internal_weight_holdout=r.choice([0, 0.05]), **holdout)

    def on_rows(self):
        r = self.random
        ignore = {"ignore_row_if": r.choice(["both_values_are_missing", "either_value_is_missing", "neither"])}
        self.add("expect_column_pair_values_to_be_equal", column_A="n", column_B="m", **ignore)
        self.add("expect_column_pair_values_to_be_equal", column_A="t", column_B="u", **ignore)
        self.add("expect_column_pair_values_a_to_be_greater_than_b", column_A="n", column_B="m", or_equal=r.random() < 0.5, ignore_row_if="either_value_is_missing")
        pairs = [[self.value("t"), self.value("u")] for _ in range(r.randint(1, 6))]
        # Under a row_condition it takes the verdict of a row for that of another (1.24.1), or raises.
        self.add("expect_column_pair_values_to_be_in_set", condition=False, column_A="t", column_B="u", value_pairs_set=pairs, ignore_row_if="either_value_is_missing")
        some = r.sample(["n", "m", "t", "u", "code", "steps"], r.randint(2, 3))
        self.add("expect_compound_columns_to_be_unique", column_list=some, ignore_row_if=r.choice(["all_values_are_missing", "any_value_is_missing", "never"]))
        some = r.sample(["t", "u", "code"], r.randint(2, 3))
        self.add("expect_select_column_values_to_be_unique_within_record", column_list=some,
                 ignore_row_if=r.choice(["all_values_are_missing", "any_value_is_missing"]))
        self.add("expect_multicolumn_sum_to_equal", column_list=["n", "m"], sum_total=r.randint(-10, 20), ignore_row_if="any_value_is_missing")

    def make(self):
        self.table()
        for part in (self.on_table, self.on_values, self.on_values, self.on_texts, self.on_columns, self.on_rows):
            part()
        return {"columns": self.columns, "expectations": self.expectations}


def make(seed, tables):
    return [Maker(f"{seed}/{i}").make() for i in range(tables)]


if __name__ == "__main__":
    import sys
    json.dump(make(sys.argv[1], int(sys.argv[2])), sys.stdout)
