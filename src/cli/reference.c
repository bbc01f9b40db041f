/* Pages of docs/reference, as Markdown, made from the tables. */
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/docs.h"
#include "enrich/provider.h"
#include "merge/merge.h"
#include "ops/doctor/doctor.h"
#include "ops/prefect/manifest.h"
#include "ops/telemetry/telemetry.h"
#include "profile/config.h"
#include "profile/expectations.h"
#include "profile/profile.h"
#include "refine/refine.h"
#include "table/issue.h"

#include "base/banned.h"

static void made_by(hp_buf *out, const char *topic) {
    hp_buf_printf(out, "\n<!-- Made by `hotpass docs %s`; do not edit. -->\n\n", topic);
}

/* Writes the cell of a table: a bar would end it. */
static void put_md(hp_buf *out, const char *text) {
    for (const char *p = text; *p; p++) {
        if (*p == '|' || *p == '<' || *p == '*' || *p == '_') hp_buf_putc(out, '\\');
        hp_buf_putc(out, *p);
    }
}

/* ---- cli ---- */

static void put_option_row(hp_buf *out, const hp_option *o) {
    hp_buf_puts(out, "| `");
    if (o->letter) hp_buf_printf(out, "-%c`, `", o->letter);
    hp_buf_printf(out, o->negatable ? "--[no-]%s" : "--%s", o->name);
    if (o->arg) hp_buf_printf(out, " %s", o->arg);
    hp_buf_puts(out, "` | ");
    put_md(out, o->help);
    hp_autobuf notes = hp_buf_new(1024);
    hp_put_option_notes(&notes, o);
    hp_put_carry(out, &notes);
    if (notes.n) {
        hp_buf_puts(out, " (");
        put_md(out, hp_buf_cstr(&notes));
        hp_buf_puts(out, ")");
    }
    hp_buf_puts(out, " |\n");
}

static void put_option_table(hp_buf *out, const hp_option_id *ids) {
    if (!ids || *ids == HP_O_END) return;
    hp_buf_puts(out, "\n| Option | Meaning |\n|---|---|\n");
    for (; *ids != HP_O_END; ids++) put_option_row(out, hp_option_get(*ids));
}

static void put_command(const hp_command *cmd, void *ctx) {
    hp_buf *out = ctx;
    if (cmd == hp_root()) return;
    hp_buf_printf(out, "\n## hotpass %s\n\n", cmd->full);
    hp_buf_putc(out, hp_upper(cmd->summary[0]));
    put_md(out, cmd->summary + 1);
    hp_buf_puts(out, ".\n\n    ");
    hp_put_usage(out, cmd);
    if (cmd->alias) hp_buf_printf(out, "\n    hotpass %s [options]", cmd->alias);
    hp_buf_puts(out, "\n\n");
    put_md(out, cmd->description);
    hp_buf_putc(out, '\n');
    if (cmd->args) {
        hp_buf_puts(out, "\n| Argument | Meaning |\n|---|---|\n");
        for (const hp_argument *a = cmd->args; a->name; a++) {
            hp_buf_printf(out, "| `%s` | ", a->name);
            put_md(out, a->help);
            hp_buf_puts(out, " |\n");
        }
    }
    put_option_table(out, cmd->options);
    for (const hp_example *e = cmd->examples; e && e->line; e++) {
        hp_buf_putc(out, '\n');
        put_md(out, e->text);
        hp_buf_printf(out, "\n\n    %s\n", e->line);
    }
}

static void put_cli(hp_buf *out) {
    hp_buf_puts(out, "# Command line\n");
    made_by(out, "cli");
    hp_buf_puts(
        out,
        "stdout carries the result, stderr what is said about it. Long options may be shortened as long as they stay "
        "unambiguous; `--option=value` and `--option value` are the same; of an option given twice the last one "
        "counts, unless it says that it may be given more than once; `--` ends the options. The exit codes are in "
        "[exit-codes.md](exit-codes.md).\n\n## Options of every command\n");
    put_option_table(out, hp_global_options());
    hp_buf_puts(
        out,
        "\nAn error is one line on stderr: `command: stage NAME: message`. With `--json` it is also an object on stdout:\n\n"
        "    {\"schema\":\"hotpass.error/1\",\"command\":\"refine\",\"stage\":\"validate\",\"code\":65,"
        "\"exit\":\"input malformed\",\"message\":\"...\"}\n\n"
        "With `--log-format json` stderr carries events, one `{\"event\":...,\"data\":{...}}` a line: `progress`, "
        "`refine.summary`, `error`.\n");
    hp_command_each(put_command, out);
}

/* ---- the others ---- */

static void put_exits(hp_buf *out) {
    size_t n;
    const hp_exit *e = hp_exits(&n);
    hp_buf_puts(out, "# Exit codes\n");
    made_by(out, "exit-codes");
    hp_buf_puts(out, "| Code | Name | Meaning |\n|---|---|---|\n");
    for (size_t i = 0; i < n; i++) {
        hp_buf_printf(out, "| %d | %s | ", (int)e[i].code, e[i].name);
        put_md(out, e[i].text);
        hp_buf_puts(out, " |\n");
    }
}

/* Tells whether a rule is a reason for which a row is kept out: its id begins with Q_. */
static bool keeps_out(hp_rule rule) {
    static const char *const ID[] = {
#define HP_RULE(id, name, severity, personal, text) [HP_R_##id] = #id,
#include "table/rules.def"
#undef HP_RULE
    };
    return hp_str_starts(hp_str_of(ID[rule]), HP_S("Q_"));
}

static void put_rule_table(hp_buf *out, bool out_of_result) {
    hp_buf_puts(out, out_of_result ? "| Reason | Severity | Meaning |\n|---|---|---|\n"
                                   : "| Rule | Severity | Personal | Meaning |\n|---|---|---|---|\n");
    for (int r = 0; r < HP_RULE_COUNT; r++) {
        const hp_rule_info *rule = hp_rule_get((hp_rule)r);
        if (keeps_out((hp_rule)r) != out_of_result) continue;
        hp_buf_printf(out, "| `%s` | %s | ", rule->name, hp_severity_name(rule->severity));
        if (!out_of_result) hp_buf_puts(out, rule->personal ? "yes | " : " | ");
        put_md(out, rule->text);
        hp_buf_puts(out, " |\n");
    }
}

static void put_rules(hp_buf *out) {
    hp_buf_puts(out, "# Findings and quarantine reasons\n");
    made_by(out, "findings");
    hp_buf_puts(
        out,
        "The names are stable: filter by them.\n\n## Findings\n\n"
        "A finding is something about a cell, a row, a sheet or a file that a person may want to know or correct; it never "
        "stops a run. All of them are kept and counted; the sheet Findings lists them with their cells. "
        "Values of rules marked personal are masked in logs.\n\n");
    put_rule_table(out, false);
    hp_buf_puts(
        out,
        "\n## Quarantine reasons\n\n"
        "A row that cannot be part of the result is not lost: the sheet Quarantine lists it with its cells and one of "
        "these reasons. They are not in the sheet Findings, but for `filler_organization`, which is a finding of the name's "
        "cell too.\n\n");
    put_rule_table(out, true);
}

static void put_limits(hp_buf *out) {
    hp_buf_puts(out, "# Limits\n");
    made_by(out, "limits");
    hp_buf_puts(
        out,
        "Workbooks of strangers can be made to exhaust a machine. What is read is therefore held to limits, each far beyond any honest file. "
        "One that is hit ends the command with exit code 65 (what is only cut is a finding), and the message names the option that raises "
        "it:\n\n"
        "    hotpass cells huge.xlsx --limit part-size=8G --limit wall-clock=60\n\n"
        "Sizes are written with K, M, G or T (powers of 1024), everything else as plain numbers. A limit can be lowered the same "
        "way.\n\n"
        "| Limit | Default | Reason |\n|---|---|---|\n");
    for (int id = 0; id < HP_LIMIT_COUNT; id++) {
        const hp_limit_info *l = hp_limit_get((hp_limit_id)id);
        hp_buf_printf(out, "| `%s=%s` | ", l->name, hp_limit_value_name((hp_limit_id)id));
        hp_put_limit_value(out, l, l->standard);
        hp_buf_puts(out, " | ");
        put_md(out, l->reason);
        hp_buf_puts(out, " |\n");
    }
    hp_buf_puts(out, "\nThese are facts of the formats, or of the program, and stay:\n\n"
                     "| What | Limit | Reason |\n|---|---|---|\n");
    size_t n;
    const hp_fixed_info *f = hp_limit_fixed(&n);
    for (size_t i = 0; i < n; i++) {
        hp_buf_printf(out, "| %s | %llu | ", f[i].name, (unsigned long long)f[i].value);
        put_md(out, f[i].reason);
        hp_buf_puts(out, " |\n");
    }
}

static const char *style_name(hp_style s) {
    static const char *const NAME[] = {
        [HP_STYLE_TEXT] = "text",           [HP_STYLE_INT] = "whole number",
        [HP_STYLE_SCORE] = "number 0 to 1", [HP_STYLE_QUALITY] = "number 0 to 1",
        [HP_STYLE_URL] = "web link",        [HP_STYLE_EMAIL] = "e-mail link",
        [HP_STYLE_LONG] = "long text",
    };
    return NAME[s];
}

static void put_column_table(hp_buf *out, const char *title, const hp_output_column *c, size_t n) {
    hp_buf_printf(out, "\n## %s\n\n| # | Column | Form | Meaning |\n|---|---|---|---|\n", title);
    for (size_t i = 0; i < n; i++) {
        hp_buf_printf(out, "| %zu | `%s` | %s | ", i + 1, c[i].name, style_name(c[i].style));
        put_md(out, c[i].text);
        hp_buf_puts(out, " |\n");
    }
}

static void put_ssot(hp_buf *out) {
    size_t n;
    hp_buf_puts(out, "# Columns of the result\n");
    made_by(out, "ssot");
    hp_buf_puts(
        out,
        "The sheet Data has one row for each organisation, the sheet Contacts one row for each person or channel. A csv, "
        "ndjson or parquet output has the columns of Data. The first 42 columns of Data keep their names and order between versions.\n");
    const hp_output_column *c = hp_data_columns(&n);
    put_column_table(out, "Data", c, n);
    c = hp_contact_columns(&n);
    put_column_table(out, "Contacts", c, n);
    hp_buf_puts(
        out,
        "\nThe sheets below explain a run; beside a flat output they are files of their own. What all of them promise "
        "is in the contract of the profile: [contracts.md](contracts.md).\n");
    static const char *const TITLE[] = {[HP_SHEET_QUARANTINE] = "Quarantine",
                                        [HP_SHEET_FINDINGS] = "Findings",
                                        [HP_SHEET_SUMMARY] = "Summary"};
    for (size_t i = 0; i < sizeof TITLE / sizeof *TITLE; i++) {
        c = hp_sheet_columns((hp_sheet_id)i, &n);
        put_column_table(out, TITLE[i], c, n);
    }
}

/* A provider of enrichment in a line of a table. */
static void put_provider(hp_buf *out, const hp_provider *p) {
    hp_buf_printf(out, "| `%s` | %s%s%s | `%s` | %s | %.2f | ", p->name, p->group ? "`" : "",
                  p->group ? p->group : "", p->group ? "`" : "", p->source,
                  p->strategy == HP_STRATEGY_RESEARCH ? "research" : "deterministic", p->confidence);
    hp_buf_puts(out, p->text); /* Markdown already */
    hp_buf_puts(out, " |\n");
}

static void put_providers(hp_buf *out) {
    size_t n;
    const hp_provider *const *p = hp_providers(&n);
    hp_buf_puts(out, "# Providers of enrichment\n");
    made_by(out, "providers");
    hp_buf_puts(
        out,
        "Who `hotpass enrich` asks about blanks, in this order unless `enrich.fetcher_chain` of the profile says another. "
        "[How to enrich](../how-to/enrich.md) explains it.\n\n"
        "| Provider | Also called by | provenance_source | Strategy | Confidence | What it answers from |\n"
        "|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < n; i++) put_provider(out, p[i]);
    hp_buf_puts(
        out,
        "\n`deterministic` in the chain stands for all providers of that strategy, `research` likewise.\n\n"
        "## Settings of lookup, registry and history\n\n"
        "| Setting | Value | Meaning |\n|---|---|---|\n"
        "| `match` | list of `registration`, `name`, `domain` | what rows are found by; by default all three, in this order |\n"
        "| `sheet` | text | sheet of a workbook; by default the first that says whose its rows are |\n"
        "| `table` | text | table or view of an SQLite database; by default the only one |\n"
        "| `columns` | map of headers to fields | what the columns mean; by default they are mapped as `hotpass map` shows |\n\n"
        "## Settings of registry_api and search\n\n"
        "| Setting | Value | Meaning |\n|---|---|---|\n"
        "| `url` | text | what is asked for: a URL with `{field}` of the organisation, `{domain}`, `{registration}` or `{slug}` in it; "
        "a row that lacks one is not asked about. Without it the provider asks nothing |\n"
        "| `items` | path | the candidates in the answer; by default the answer itself, of search `results[*]` |\n"
        "| `match` | path | of registry_api: the name within a candidate, which must be the row's, legal forms aside; by default the "
        "first candidate is taken |\n"
        "| `fields` | map of fields to paths | of registry_api: what is taken from the candidate |\n"
        "| `evidence` | path | of registry_api: the page of the candidate; by default the URL that was asked, without its query |\n"
        "| `api_key_env` | text | environment variable with the key of the service |\n"
        "| `api_key_header` | text | header that carries it; by default `Authorization` |\n\n"
        "A path is made of names, `[n]`, `[*]` and `['odd name']`: `data[*].address.lines[0]`. How the network is used is said in "
        "`enrich.network` ([profile](profile.md)).\n\n"
        "The other providers have no settings of their own here.\n");
}

static void put_telemetry(hp_buf *out) {
    hp_buf_puts(out, "# Telemetry\n");
    made_by(out, "telemetry");
    hp_telemetry_reference(out);
}

bool hp_put_reference(hp_buf *out, const char *topic) {
    static const struct {
        const char *name;
        void (*put)(hp_buf *);
    } TOPICS[] = {{"cli", put_cli},
                  {"exit-codes", put_exits},
                  {"findings", put_rules},
                  {"limits", put_limits},
                  {"ssot", put_ssot},
                  {"profile", hp_profile_reference},
                  {"expectations", hp_expectation_reference},
                  {"providers", put_providers},
                  {"telemetry", put_telemetry},
                  {"config", hp_config_reference},
                  {"doctor", hp_doctor_reference},
                  {"deployments", hp_manifest_reference}};
    for (size_t i = 0; i < sizeof TOPICS / sizeof *TOPICS; i++) {
        if (strcmp(TOPICS[i].name, topic) != 0) continue;
        TOPICS[i].put(out);
        return true;
    }
    return false;
}
