/* Annotated copies of the files of a check: their values at fault, coloured and commented. */
#include "check/check.h"
#include "cli/check.h"
#include "refine/annotate.h"

#include "base/banned.h"

/* A checkpoint may name a file more than once, each time for another sheet; the run shall have it once. */
static hp_code unify_files(hp_run *run, hp_err *err) {
    hp_sources *s = &run->sources;
    uint32_t *now = HP_NEW_ARRAY(run->arena, s->file.n + 1, uint32_t);
    uint32_t kept = 0;
    if (!now) return hp_fail_memory(err, "the annotated copies");
    for (size_t i = 0; i < s->file.n; i++) {
        uint32_t at = 0;
        while (at < kept && !hp_str_eq(s->file.p[at].path, s->file.p[i].path)) at++;
        now[i] = at;
        if (at == kept) s->file.p[kept++] = s->file.p[i];
    }
    s->file.n = kept;
    for (size_t i = 0; i < s->sheet.n; i++) s->sheet.p[i].file = now[s->sheet.p[i].file];
    return HP_OK;
}

static hp_code find_all(hp_check *k, hp_err *err) {
    hp_verdict verdict = {.success = true};
    for (size_t i = 0; i < k->validation.n; i++) {
        const hp_validation *v = k->validation.p[i];
        hp_verdict_terms terms = {.sources = true,
                                  .data = v->data->name,
                                  .action = {HP_ON_FAILURE_WARN, HP_ON_FAILURE_WARN, HP_ON_FAILURE_WARN},
                                  .head = {HP_NO_SHEET, 0, HP_NO_COL}};
        HP_TRY(hp_verdict_take(&k->c->run, v, &terms, &verdict, err));
    }
    return HP_OK;
}

/* Says why there is no copy of a file. */
static void tell_skipped(const hp_check *k, size_t first) {
    const hp_issues *issues = &k->c->run.issues;
    for (size_t i = first; i < issues->list.n; i++) {
        hp_autobuf line = hp_buf_new(1u << 20);
        if (issues->list.p[i].rule != HP_R_NOT_ANNOTATED) continue;
        hp_buf_puts(&line, "not annotated: ");
        hp_put_safe(&line, hp_text(k->c->run.pool, issues->list.p[i].note));
        hp_buf_putc(&line, '\n');
        hp_talk(hp_buf_str(&line));
    }
}

hp_code hp_check_annotate(hp_check *k, const char *dir, hp_err *err) {
    uint64_t books, cells;
    HP_TRY(find_all(k, err));
    HP_TRY(unify_files(&k->c->run, err));
    size_t first = k->c->run.issues.list.n;
    HP_TRY(hp_annotate_run(&k->c->run, dir, &books, &cells, err));
    tell_skipped(k, first);
    if (k->c->quiet || books == 0) return HP_OK;
    hp_autobuf line = hp_buf_new(1u << 16);
    hp_put_counted(&line, cells, "cell", "cells");
    hp_buf_puts(&line, " marked in ");
    hp_put_counted(&line, books, "annotated copy", "annotated copies");
    hp_buf_printf(&line, " in %s\n", dir);
    hp_talk(hp_buf_str(&line));
    return HP_OK;
}
