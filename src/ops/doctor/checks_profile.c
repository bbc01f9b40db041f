/* Checks of the profile, and of how the input files fit it. */
#include "base/file.h"
#include "base/proc.h"
#include "net/process.h"
#include "ops/doctor/parts.h"

#include "base/banned.h"

enum { MAP_MS = 60000 };

HP_DOCTOR_LOOK(profile) {
    hp_doctor_expected(d, r, "it is found, and has no error");
    if (!d->profile_path.n) {
        hp_doctor_ran(d, r, "search for the profile");
        hp_doctor_got(d, r, "%.*s", HP_FMT(d->profile_error));
        hp_doctor_bad(d, r, "name another: --profile, or profile in hotpass.yaml");
        r->verdict = HP_DOCTOR_BROKEN;
        return;
    }
    hp_doctor_ran(d, r, "%.*s", HP_FMT(d->profile_path));
    hp_doctor_lines(d, r, d->profile_lines);
    if (d->profile) {
        hp_doctor_got(d, r, "no error, %zu sources", d->profile->nsource);
        return;
    }
    if (r->detail.n)
        hp_doctor_got(d, r, "%zu errors", r->detail.n);
    else
        hp_doctor_got(d, r, "%.*s", HP_FMT(d->profile_error));
    hp_doctor_bad(d, r, "correct them; docs/reference/profile.md lists the keys");
    r->verdict = HP_DOCTOR_BROKEN;
}

static bool matches(const hp_profile_source *s, hp_str file) {
    return hp_glob_imatch(hp_path_base(s->path_pattern), file);
}

/* Tells whether a check can look at the files of the profile, and why not. */
static bool has_files(hp_doctor *d, hp_doctor_result *r) {
    if (!d->profile)
        hp_doctor_skip(d, r, "the profile cannot be loaded");
    else if (!d->profile->nsource)
        hp_doctor_skip(d, r, "the profile declares no source: every file is read");
    else if (d->input_code != HP_OK)
        hp_doctor_skip(d, r, "there is no input directory");
    else
        return true;
    return false;
}

HP_DOCTOR_LOOK(patterns) {
    bool required = false;
    if (!has_files(d, r)) return;
    hp_doctor_ran(d, r, "path_pattern of each source against %s", d->input_dir);
    hp_doctor_expected(d, r, "a file for each");
    for (size_t i = 0; i < d->profile->nsource; i++) {
        const hp_profile_source *s = &d->profile->source[i];
        size_t n = 0;
        for (size_t k = 0; k < d->ninput; k++) n += matches(s, d->input[k].name);
        if (n) continue;
        required |= s->required;
        hp_doctor_detail(d, r, "%.*s (%.*s)%s", HP_FMT(s->name), HP_FMT(s->path_pattern),
                         s->required ? " is required" : "");
    }
    hp_doctor_got(d, r, r->detail.n ? "%zu of %zu sources have none" : "all have", r->detail.n,
                  d->profile->nsource);
    if (!r->detail.n) return;
    hp_doctor_bad(d, r, "put the files there, or correct path_pattern in %.*s", HP_FMT(d->profile_path));
    /* A run goes well without an optional source, unless nothing is left. */
    if (!required && r->detail.n < d->profile->nsource) r->verdict = HP_DOCTOR_NOTE;
}

HP_DOCTOR_LOOK(unclaimed) {
    if (!has_files(d, r)) return;
    hp_doctor_ran(d, r, "files of %s against the path_pattern of each source", d->input_dir);
    hp_doctor_expected(d, r, "each is claimed");
    for (size_t k = 0; k < d->ninput; k++) {
        bool claimed = false;
        for (size_t i = 0; i < d->profile->nsource; i++)
            claimed |= matches(&d->profile->source[i], d->input[k].name);
        if (!claimed) hp_doctor_detail(d, r, "%.*s", HP_FMT(d->input[k].name));
    }
    hp_doctor_got(d, r, r->detail.n ? "%zu of %zu files are not" : "all are", r->detail.n, d->ninput);
    if (r->detail.n)
        hp_doctor_bad(d, r, "rename the files, move them elsewhere, or add a source to %.*s",
                      HP_FMT(d->profile_path));
}

/* ---- suites ---- */

static hp_str slug_of(hp_doctor *d, hp_str name) {
    hp_autobuf slug = hp_buf_new(4096);
    for (size_t i = 0; i < name.n; i++) {
        if (hp_is_alnum(name.p[i]))
            hp_buf_putc(&slug, hp_lower(name.p[i]));
        else if (slug.n && slug.p[slug.n - 1] != '_')
            hp_buf_putc(&slug, '_');
    }
    while (slug.n && slug.p[slug.n - 1] == '_') slug.n--;
    return hp_doctor_text(d, "%.*s", HP_FMT(hp_buf_str(&slug)));
}

static bool has_suite(hp_doctor *d, hp_str slug) {
    static const char *const SUFFIX[] = {".json", ".yaml", ".yml"};
    for (size_t i = 0; i < 3; i++)
        if (hp_exists(hp_doctor_text(d, "expectations/%.*s%s", HP_FMT(slug), SUFFIX[i]).p)) return true;
    return false;
}

HP_DOCTOR_LOOK(suites) {
    if (!d->profile || !d->profile->nsource) {
        hp_doctor_skip(d, r, d->profile ? "the profile declares no source" : "the profile cannot be loaded");
        return;
    }
    hp_doctor_ran(d, r, "expectations/SOURCE.json or .yaml");
    hp_doctor_expected(d, r, "one for each source");
    for (size_t i = 0; i < d->profile->nsource; i++) {
        hp_str slug = slug_of(d, d->profile->source[i].name);
        if (!has_suite(d, slug)) hp_doctor_detail(d, r, "expectations/%.*s.json", HP_FMT(slug));
    }
    hp_doctor_got(d, r, r->detail.n ? "%zu of %zu are missing" : "all are there", r->detail.n,
                  d->profile->nsource);
    if (r->detail.n) hp_doctor_bad(d, r, "hotpass suite init FILE -o expectations/SOURCE.json");
}

/* ---- mapping: the program itself is asked, since reading workbooks is not the doctor's ---- */

static void look_at_sheet(hp_doctor *d, hp_doctor_result *r, const hp_node *sheet, size_t *columns,
                          size_t *mapped) {
    const hp_node *list = hp_node_get(sheet, "columns");
    hp_str file = {"", 0}, name = {"", 0};
    size_t n = 0, known = 0;
    hp_node_text(hp_node_get(sheet, "file"), &file);
    hp_node_text(hp_node_get(sheet, "sheet"), &name);
    for (size_t i = 0; list && list->kind == HP_NODE_LIST && i < list->n; i++) {
        const hp_node *field = hp_node_get(list->item[i], "field");
        bool ignored = false;
        hp_node_bool(hp_node_get(list->item[i], "ignored"), &ignored);
        n++;
        known += (field && field->kind == HP_NODE_SCALAR) || ignored;
    }
    *columns += n;
    *mapped += known;
    if (n && !known) hp_doctor_detail(d, r, "%.*s, %.*s: none of %zu columns", HP_FMT(file), HP_FMT(name), n);
}

/* Sheets that could not be mapped at all are told as findings, with where they stand. */
static void look_at_findings(hp_doctor *d, hp_doctor_result *r, const hp_node *list) {
    for (size_t i = 0; list && list->kind == HP_NODE_LIST && i < list->n; i++) {
        hp_str rule = {"", 0}, where;
        hp_node_text(hp_node_get(list->item[i], "rule"), &rule);
        const hp_node *cells = hp_node_get(list->item[i], "cells");
        if (!hp_str_eq(rule, HP_S("sheet_unmappable"))) continue;
        for (size_t k = 0; cells && cells->kind == HP_NODE_LIST && k < cells->n; k++)
            if (hp_node_text(cells->item[k], &where))
                hp_doctor_detail(d, r, "%.*s: no column", HP_FMT(where));
    }
}

hp_code hp_doctor_map(hp_doctor *d, hp_node **doc, int *status, hp_buf *said, hp_err *err) {
    const char *argv[] = {d->o->program, "map", d->input_dir, "--profile", d->profile_path.p, "--json", NULL};
    hp_autobuf out = hp_buf_new(64 << 20);
    hp_proc_result ended = {0};
    const char *const *withheld; /* it maps columns, and needs no key */
    HP_TRY(hp_process_withhold(d->a, &withheld, err));
    HP_TRY(hp_proc_run(argv, withheld, MAP_MS, &out, said, &ended, err));
    *status = ended.status;
    *doc = NULL;
    return ended.status == 0 ? hp_json_read(d->a, hp_buf_str(&out), "hotpass map", doc, err) : HP_OK;
}

HP_DOCTOR_LOOK(mapping) {
    if (!d->o->deep || !d->o->program) {
        hp_doctor_skip(d, r, "the inputs are read only with --deep");
        return;
    }
    if (!d->profile || !d->ninput) {
        hp_doctor_skip(d, r, d->profile ? "there are no inputs" : "the profile cannot be loaded");
        return;
    }
    hp_autobuf errout = hp_buf_new(64 << 10);
    hp_err e = {0};
    hp_node *doc = NULL;
    int status = 0;
    size_t columns = 0, mapped = 0;
    hp_doctor_ran(d, r, "hotpass map %s --profile %.*s --json", d->input_dir, HP_FMT(d->profile_path));
    hp_doctor_expected(d, r, "every sheet has columns that are mapped");
    hp_code code = hp_doctor_map(d, &doc, &status, &errout, &e);
    const hp_node *sheets = hp_node_get(doc, "sheets");
    if (code != HP_OK || !sheets) {
        hp_str said = hp_str_trim(hp_buf_str(&errout));
        hp_doctor_got(d, r, "exit code %d: %.*s%s", status, HP_FMT(said), e.message);
        hp_doctor_bad(d, r, "run that command, and correct what it says");
        return;
    }
    for (size_t i = 0; i < sheets->n; i++) look_at_sheet(d, r, sheets->item[i], &columns, &mapped);
    look_at_findings(d, r, hp_node_get(doc, "findings"));
    hp_doctor_got(d, r, "%zu of %zu columns are mapped or ignored on purpose", mapped, columns);
    if (r->detail.n)
        hp_doctor_bad(d, r, "hotpass map %s shows why; name their columns in the profile", d->input_dir);
}
