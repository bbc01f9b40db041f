#include "profile/expectations.h"

#include "base/banned.h"

/* Expectations and kwargs as the file has them: an expectation, then its kwargs. */
typedef struct entry {
    const char *expectation; /* NULL: a kwarg */
    hp_domain domain;
    hp_kwarg_info kwarg;
} entry;

static const entry ENTRY[] = {
#define EXPECTATION(id, type_text, dom, help_text) \
    {.expectation = type_text, .domain = HP_DOMAIN_##dom, .kwarg = {.help = help_text}},
#define KWARG(kw, kind, needed, help_text) \
    {.kwarg = {.name = kw, .type = HP_KW_##kind, .need = HP_NEED_##needed, .help = help_text}},
#include "profile/expectations.def"
#undef EXPECTATION
#undef KWARG
};
enum { ENTRIES = sizeof ENTRY / sizeof *ENTRY };

static const hp_kwarg_info OF_MAP[] = {
    {"column", HP_KW_TEXT, HP_NEED_REQUIRED, "name of the column"},
    {"mostly", HP_KW_SHARE, HP_NEED_OPTIONAL,
     "share of the values that must be as expected; default 1. Missing values do not count"},
    {0}};
static const hp_kwarg_info OF_COLUMN[] = {{"column", HP_KW_TEXT, HP_NEED_REQUIRED, "name of the column"},
                                          {0}};
static const hp_kwarg_info OF_PAIR[] = {
    {"column_A", HP_KW_TEXT, HP_NEED_REQUIRED, "name of the first column"},
    {"column_B", HP_KW_TEXT, HP_NEED_REQUIRED, "name of the second column"},
    {"ignore_row_if", HP_KW_IGNORE_PAIR, HP_NEED_OPTIONAL, "rows that do not count"},
    {"mostly", HP_KW_SHARE, HP_NEED_OPTIONAL, "share of the rows that must be as expected; default 1"},
    {0}};
static const hp_kwarg_info OF_COLUMN_PAIR[] = {
    {"column_A", HP_KW_TEXT, HP_NEED_REQUIRED, "name of the first column"},
    {"column_B", HP_KW_TEXT, HP_NEED_REQUIRED, "name of the second column"},
    {0}};
static const hp_kwarg_info OF_MULTI[] = {
    {"column_list", HP_KW_TEXTS, HP_NEED_REQUIRED, "names of the columns"},
    {"ignore_row_if", HP_KW_IGNORE_ROW, HP_NEED_OPTIONAL, "rows that do not count"},
    {"mostly", HP_KW_SHARE, HP_NEED_OPTIONAL, "share of the rows that must be as expected; default 1"},
    {0}};
static const hp_kwarg_info OF_ALL[] = {
    {"row_condition", HP_KW_TEXT, HP_NEED_OPTIONAL, "only rows that meet it are looked at"},
    {"condition_parser", HP_KW_PARSER, HP_NEED_OPTIONAL, "accepted; all are read alike"},
    {"result_format", HP_KW_ANY, HP_NEED_OPTIONAL, "accepted, without effect: results are complete"},
    {"catch_exceptions", HP_KW_FLAG, HP_NEED_OPTIONAL, "accepted, without effect: they always are"},
    {"include_config", HP_KW_FLAG, HP_NEED_OPTIONAL, "accepted, without effect: it always is"},
    {"batch_id", HP_KW_TEXT, HP_NEED_OPTIONAL, "accepted, without effect"},
    {"meta", HP_KW_ANY, HP_NEED_OPTIONAL, "accepted, without effect"},
    {0}};
static const hp_kwarg_info NONE[] = {{0}};
static const hp_kwarg_info *const OF_DOMAIN[HP_DOMAIN_COUNT] = {[HP_DOMAIN_TABLE] = NONE,
                                                                [HP_DOMAIN_MAP] = OF_MAP,
                                                                [HP_DOMAIN_COLUMN] = OF_COLUMN,
                                                                [HP_DOMAIN_PAIR] = OF_PAIR,
                                                                [HP_DOMAIN_COLUMN_PAIR] = OF_COLUMN_PAIR,
                                                                [HP_DOMAIN_MULTI] = OF_MULTI};

/* Where each expectation begins in ENTRY: found by walking, there are a few hundred lines. */
static size_t begin_of(hp_expectation_id id) {
    size_t at = 0;
    for (int seen = -1; at < ENTRIES; at++)
        if (ENTRY[at].expectation && ++seen == (int)id) break;
    return at;
}

hp_expectation_info hp_expectation_get(hp_expectation_id id) {
    size_t at = begin_of(id), n = 0;
    while (at + 1 + n < ENTRIES && !ENTRY[at + 1 + n].expectation) n++;
    return (hp_expectation_info){ENTRY[at].expectation, ENTRY[at].domain, ENTRY[at].kwarg.help, at + 1, n};
}

hp_expectation_id hp_expectation_find(hp_str type) {
    int id = -1;
    for (size_t i = 0; i < ENTRIES; i++) {
        if (!ENTRY[i].expectation) continue;
        id++;
        if (hp_str_eq(type, hp_str_of(ENTRY[i].expectation))) return (hp_expectation_id)id;
    }
    return HP_X_COUNT;
}

size_t hp_expectation_kwargs(hp_expectation_id id, const hp_kwarg_info **out) {
    hp_expectation_info x = hp_expectation_get(id);
    size_t n = 0;
    for (size_t i = 0; i < x.n; i++) out[n++] = &ENTRY[x.first + i].kwarg;
    for (const hp_kwarg_info *k = OF_DOMAIN[x.domain]; k->name; k++) out[n++] = k;
    for (const hp_kwarg_info *k = OF_ALL; k->name; k++) out[n++] = k;
    return n;
}

const hp_kwarg_info *hp_expectation_kwarg(hp_expectation_id id, hp_str name) {
    const hp_kwarg_info *all[HP_KWARGS_MOST];
    size_t n = hp_expectation_kwargs(id, all);
    for (size_t i = 0; i < n; i++)
        if (hp_str_eq(name, hp_str_of(all[i]->name))) return all[i];
    return NULL;
}

const char *hp_kwarg_choices(hp_kwarg_type t) {
    switch (t) {
    case HP_KW_MATCH_ON: return "any all";
    case HP_KW_IGNORE_PAIR: return "both_values_are_missing either_value_is_missing neither never";
    case HP_KW_IGNORE_ROW: return "all_values_are_missing any_value_is_missing never";
    case HP_KW_PARSER: return "pandas spark great_expectations great_expectations__experimental__";
    default: return NULL;
    }
}

const char *hp_kwarg_type_text(hp_kwarg_type t) {
    static const char *const TEXT[] = {
        [HP_KW_ANY] = "any value",
        [HP_KW_TEXT] = "a text",
        [HP_KW_TEXTS] = "a list of texts",
        [HP_KW_NUMBER] = "a number",
        [HP_KW_COUNT] = "a whole number, 0 or more",
        [HP_KW_SHARE] = "a number from 0 to 1",
        [HP_KW_FLAG] = "true or false",
        [HP_KW_BOUND] = "a number or a text",
        [HP_KW_VALUES] = "a list of values",
        [HP_KW_PAIRS] = "a list of pairs of values",
        [HP_KW_MAP] = "a map",
        [HP_KW_SCHEMA] = "a JSON Schema",
        [HP_KW_MATCH_ON] = "\"any\" or \"all\"",
        [HP_KW_IGNORE_PAIR] =
            "\"both_values_are_missing\" (default), \"either_value_is_missing\" or \"neither\"",
        [HP_KW_IGNORE_ROW] = "\"all_values_are_missing\" (default), \"any_value_is_missing\" or \"never\"",
        [HP_KW_PARSER] = "\"pandas\", \"great_expectations\" or \"spark\"",
    };
    return TEXT[t];
}

/* ---- the reference ---- */

static void put_kwarg(hp_buf *out, const hp_kwarg_info *k) {
    hp_buf_printf(out, "- `%s`%s: %s. Takes %s.\n", k->name, k->need == HP_NEED_OPTIONAL ? "" : " (required)",
                  k->help, hp_kwarg_type_text(k->type));
}

static void put_common(hp_buf *out, const char *of, const hp_kwarg_info *k) {
    hp_buf_printf(out, "\n%s\n\n", of);
    for (; k->name; k++) put_kwarg(out, k);
}

static const char *const TITLE[HP_DOMAIN_COUNT] = {[HP_DOMAIN_TABLE] = "The table",
                                                   [HP_DOMAIN_MAP] = "Each value of a column",
                                                   [HP_DOMAIN_COLUMN] = "A column as a whole",
                                                   [HP_DOMAIN_PAIR] = "Two columns, row by row",
                                                   [HP_DOMAIN_COLUMN_PAIR] = "Two columns as a whole",
                                                   [HP_DOMAIN_MULTI] = "Several columns, row by row"};

static void put_domain(hp_buf *out, hp_domain d) {
    hp_buf_printf(out, "\n## %s\n", TITLE[d]);
    if (OF_DOMAIN[d]->name) put_common(out, "All of these take:", OF_DOMAIN[d]);
    for (int id = 0; id < HP_X_COUNT; id++) {
        hp_expectation_info x = hp_expectation_get((hp_expectation_id)id);
        if (x.domain != d) continue;
        hp_buf_printf(out, "\n### %s\n\n%s\n", x.type, x.help);
        if (x.n) hp_buf_putc(out, '\n');
        for (size_t i = 0; i < x.n; i++) put_kwarg(out, &ENTRY[x.first + i].kwarg);
    }
}

static const char INTRO[] =
    "<!-- Made by `hotpass docs expectations`; change src/profile/expectations.def instead. -->\n"
    "# Expectations\n\n"
    "What `hotpass check` understands in a suite, with the meaning that Great Expectations has published. A suite\n"
    "is JSON or YAML in the form of Great Expectations 0.x (`expectation_type`, `kwargs`, `meta`) or 1.x (`type`,\n"
    "`kwargs`, `severity`). A kwarg that an expectation does not know is an error, with its line.\n\n"
    "## Values\n\n"
    "- An empty cell is missing (null). Expectations on values pass over missing ones; a column without values\n"
    "  meets them.\n"
    "- Cells of workbooks, parquet and JSON files have types; those of csv are text. Where numbers are needed, text\n"
    "  that is a number counts as one. Other text is an exception: the expectation is not met, and says why.\n"
    "- A number in a set equals a cell that is this number, or text that is; a text in a set equals text only.\n"
    "- Dates compare with dates, and with texts in bounds and sets that can be read as dates.\n"
    "- `$PARAMETER`: a value `{\"$PARAMETER\": \"name\"}` is replaced by what `--param name=value` gives, or by the\n"
    "  suite's `evaluation_parameters` (`suite_parameters`). Sums like `min_rows * 2`, `now() - timedelta(days=7)`\n"
    "  and `datetime(2024, 1, 31)` are computed.\n"
    "- `row_condition` compares columns with values: `age > 18 and country == \"ZA\"`, `col(\"age\").notNull()`;\n"
    "  `and`, `or`, `not`, `&`, `|`, `~`, `in [..]` and parentheses are understood.\n";

void hp_expectation_reference(hp_buf *out) {
    hp_buf_puts(out, INTRO);
    put_common(out, "Every expectation takes:", OF_ALL);
    for (int d = 0; d < HP_DOMAIN_COUNT; d++) put_domain(out, (hp_domain)d);
}
