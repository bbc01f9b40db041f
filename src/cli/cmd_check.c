/* hotpass check: data and suites from the command line or a checkpoint, evaluated one after the other. */
#include <sys/stat.h>

#include "base/file.h"
#include "cli/check.h"
#include "cli/cellref.h"
#include "cli/dataset.h"
#include "write/report.h"

#include "base/banned.h"

static hp_code no_memory(hp_err *err) { return hp_fail_memory(err, "the checks"); }

/* ---- the command line ---- */

static hp_code read_parameters(hp_check *k, hp_err *err) {
    const hp_given *given = &k->c->args.opt[HP_O_PARAM];
    k->parameter = HP_NEW_ARRAY(k->c->arena, given->n + 1, hp_suite_parameter);
    if (!k->parameter) return no_memory(err);
    for (size_t i = 0; i < given->n; i++) {
        hp_str all = hp_str_of(given->value[i]);
        size_t eq = hp_str_chr(all, '=', 0);
        if (eq == SIZE_MAX || eq == 0)
            return hp_fail(err, HP_USAGE, "--param \"%s\": write NAME=VALUE", given->value[i]);
        k->parameter[k->nparameter++] =
            (hp_suite_parameter){hp_str_trim(hp_str_cut(all, 0, eq)), hp_str_cut(all, eq + 1, all.n)};
    }
    return HP_OK;
}

/* ---- the output ---- */

static hp_code is_other(const char *option, const char *output, const char *input, hp_err *err) {
    struct stat in, out;
    if (stat(input, &in) != 0 || stat(output, &out) != 0 || in.st_dev != out.st_dev
        || in.st_ino != out.st_ino)
        return HP_OK;
    return hp_fail(err, HP_USAGE, "%s: --%s is an input (%s); name another file", output, option, input);
}

/* Finds out before any work whether a result can be written, and that it replaces nothing that is read. */
static hp_code check_path(const hp_check *k, const char *option, const char *path, hp_err *err) {
    static const hp_option_id INPUT[] = {HP_O_SUITE, HP_O_SCHEMA, HP_O_CHECKPOINT};
    hp_str data, rest;
    for (size_t i = 0; i < sizeof INPUT / sizeof *INPUT; i++)
        for (size_t n = 0; n < k->c->args.opt[INPUT[i]].n; n++)
            HP_TRY(is_other(option, path, k->c->args.opt[INPUT[i]].value[n], err));
    if (k->c->args.nword) {
        HP_TRY(hp_book_split(k->c->arena, k->c->args.word[0], &data, &rest, err));
        HP_TRY(is_other(option, path, data.p, err));
    }
    return hp_out_probe(path, err);
}

static hp_code check_output(const hp_check *k, hp_err *err) {
    const char *path = hp_args_text(&k->c->args, HP_O_OUTPUT_FILE);
    const hp_given *report = &k->c->args.opt[HP_O_CHECK_REPORT];
    if (path && strcmp(path, "-") != 0) HP_TRY(check_path(k, "output", path, err));
    for (size_t i = 0; i < report->n; i++) {
        if (hp_report_form_of(report->value[i]) == HP_REPORT_NONE)
            return hp_fail(err, HP_USAGE, "%s: a report is a page (.html) or a text (.md)", report->value[i]);
        HP_TRY(check_path(k, "report-path", report->value[i], err));
    }
    return HP_OK;
}

static hp_code check_usage(const hp_check *k, hp_err *err) {
    const hp_given *opt = k->c->args.opt;
    bool suites = opt[HP_O_SUITE].n || opt[HP_O_SCHEMA].n, checkpoint = opt[HP_O_CHECKPOINT].n > 0;
    if (checkpoint && suites)
        return hp_fail(err, HP_USAGE, "--checkpoint names the suites; leave --suite and --schema out");
    if (!checkpoint && !suites)
        return hp_fail(
            err, HP_USAGE,
            "nothing says what is expected: give --suite FILE, --schema FILE or --checkpoint FILE");
    if (opt[HP_O_CHECK_ANNOTATE].n && k->c->args.nword && strcmp(k->c->args.word[0], "-") == 0)
        return hp_fail(err, HP_USAGE, "--annotate copies a file; standard input is none");
    if (!checkpoint && k->c->args.nword == 0)
        return hp_fail(err, HP_USAGE, "nothing says what to look at: name a file");
    return HP_OK;
}

/* ---- data ---- */

static hp_code read_data(hp_check *k, const char *arg, hp_table **out, hp_err *err) {
    hp_dataset d;
    HP_TRY(hp_dataset_open(k->c, arg, &d, err));
    size_t sheet = hp_dataset_first(&d);
    hp_code code = hp_dataset_read(k->c, &d, sheet, out, err);
    hp_str tab = code == HP_OK ? d.sheet[sheet].name : HP_S(""), book = hp_book_name(d.book);
    if (code == HP_OK) {
        (*out)->name =
            hp_arena_printf(k->c->run.arena, "%.*s%s%.*s", HP_FMT(book), tab.n ? "!" : "", HP_FMT(tab));
        if (!(*out)->name.p) code = no_memory(err);
    }
    hp_dataset_close(&d);
    return code;
}

static hp_code hold(hp_check *k, const hp_table *data, const hp_suite *suite, hp_err *err) {
    hp_validation *v;
    HP_TRY(hp_validate(&k->c->run, data, suite, &v, err));
    return hp_vec_push(&k->validation, v) ? HP_OK : no_memory(err);
}

static hp_code hold_schema(hp_check *k, const char *path, const hp_table *data, hp_err *err) {
    hp_validation *v;
    HP_TRY(hp_check_schema(k, path, data, &v, err));
    return hp_vec_push(&k->validation, v) ? HP_OK : no_memory(err);
}

static hp_code check_file(hp_check *k, hp_err *err) {
    const hp_given *suite = &k->c->args.opt[HP_O_SUITE], *schema = &k->c->args.opt[HP_O_SCHEMA];
    hp_suite **s = HP_NEW_ARRAY(k->c->arena, suite->n + 1, hp_suite *);
    hp_table *data;
    if (!s) return no_memory(err);
    /* A wrong suite is told before a large file is read. */
    for (size_t i = 0; i < suite->n; i++)
        HP_TRY(hp_suite_load(k->c->run.arena, suite->value[i], k->parameter, k->nparameter, &s[i], err));
    HP_TRY(read_data(k, k->c->args.word[0], &data, err));
    for (size_t i = 0; i < suite->n; i++) HP_TRY(hold(k, data, s[i], err));
    for (size_t i = 0; i < schema->n; i++) HP_TRY(hold_schema(k, schema->value[i], data, err));
    return HP_OK;
}

/* ---- checkpoints ---- */

/* Those of the command line go before the checkpoint's. */
static hp_code all_parameters(const hp_check *k, const hp_checkpoint_entry *e, hp_suite_parameter **out,
                              size_t *n, hp_err *err) {
    *n = k->nparameter + e->nparameter;
    *out = HP_NEW_ARRAY(k->c->arena, *n + 1, hp_suite_parameter);
    if (!*out) return no_memory(err);
    if (k->nparameter) memcpy(*out, k->parameter, k->nparameter * sizeof **out);
    if (e->nparameter) memcpy(*out + k->nparameter, e->parameter, e->nparameter * sizeof **out);
    return HP_OK;
}

static hp_code check_entry(hp_check *k, const hp_checkpoint_entry *e, hp_err *err) {
    const char *path = k->c->args.nword ? k->c->args.word[0] : e->data.p;
    hp_suite_parameter *parameter;
    size_t n;
    hp_suite *suite;
    hp_table *data;
    if (!path || !*path)
        return hp_fail(
            err, HP_CONFIG,
            "%.*s: the validation names no file; add \"data: FILE\", or name one on the command line",
            HP_FMT(e->where));
    HP_TRY(all_parameters(k, e, &parameter, &n, err));
    HP_TRY(hp_suite_load(k->c->run.arena, e->suite.p, parameter, n, &suite, err));
    HP_TRY(read_data(k, path, &data, err));
    return hold(k, data, suite, err);
}

static hp_code check_checkpoint(hp_check *k, hp_err *err) {
    hp_checkpoint *c;
    HP_TRY(hp_checkpoint_load(k->c->arena, hp_args_text(&k->c->args, HP_O_CHECKPOINT), &c, err));
    k->checkpoint = c;
    for (size_t i = 0; i < c->n; i++) HP_TRY(check_entry(k, &c->entry[i], err));
    return HP_OK;
}

/* ---- the verdict ---- */

hp_gx_severity hp_check_mildest(const hp_check *k) {
    const char *text = hp_args_text(&k->c->args, HP_O_FAIL_ON);
    return text[0] == 'c' ? HP_GX_CRITICAL : text[0] == 'w' ? HP_GX_WARNING : HP_GX_INFO;
}

static hp_code verdict(const hp_check *k) {
    hp_gx_severity mild = hp_check_mildest(k);
    for (size_t i = 0; i < k->validation.n; i++)
        for (size_t n = 0; n < k->validation.p[i]->n; n++) {
            const hp_outcome *o = &k->validation.p[i]->outcome[n];
            if (!o->success && o->expectation->severity <= mild) return HP_FINDINGS;
        }
    return HP_OK;
}

static hp_code check(hp_check *k, hp_err *err) {
    HP_TRY(check_usage(k, err));
    HP_TRY(check_output(k, err));
    HP_TRY(read_parameters(k, err));
    HP_TRY(k->c->args.opt[HP_O_CHECKPOINT].n ? check_checkpoint(k, err) : check_file(k, err));
    const hp_given *report = &k->c->args.opt[HP_O_CHECK_REPORT];
    const char *annotate = hp_args_text(&k->c->args, HP_O_CHECK_ANNOTATE);
    HP_TRY(hp_check_report(k, report->value, report->n, err));
    HP_TRY(hp_check_tell(k, err));
    if (annotate) HP_TRY(hp_check_annotate(k, annotate, err)); /* last: it adds findings to the run */
    return verdict(k);
}

hp_code hp_cmd_check(hp_cli *c, hp_err *err) {
    hp_check k = {.c = c};
    hp_code code = check(&k, err);
    hp_vec_free(&k.validation);
    hp_vec_free(&k.unchecked);
    return code;
}
