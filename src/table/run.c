#include "table/run.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"

hp_code hp_run_open(hp_run *run, hp_err *err) {
    run->arena = hp_arena_new(NULL);
    run->pool = hp_pool_new();
    if (run->arena && run->pool) return HP_OK;
    hp_run_close(run);
    return hp_fail_memory(err, "the run");
}

void hp_run_close(hp_run *run) {
    hp_vec_free(&run->sources.file);
    hp_vec_free(&run->sources.sheet);
    hp_vec_free(&run->sources.corrected);
    hp_vec_free(&run->issues.list);
    hp_vec_free(&run->quarantine);
    hp_changes_free(&run->changes);
    hp_pool_free(run->pool);
    hp_arena_drop(run->arena);
    run->pool = NULL;
    run->arena = NULL;
}

hp_code hp_find(hp_run *run, hp_rule rule, hp_cell at, hp_vid value, hp_vid note, hp_err *err) {
    hp_issue issue = {.at = at, .value = value, .note = note, .rule = (uint16_t)rule};
    if (!hp_vec_push(&run->issues.list, issue)) return hp_fail_memory(err, "the list of findings");
    run->issues.by_rule[rule]++;
    return HP_OK;
}

hp_code hp_findf(hp_run *run, hp_rule rule, hp_cell at, hp_vid value, hp_err *err, const char *fmt, ...) {
    char text[1024];
    va_list ap;
    va_start(ap, fmt);
    int n = vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (n < 0) n = 0;
    size_t len = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    /* A note that was cut must not end inside a character. */
    while (len < (size_t)n && len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80) len--;
    hp_vid note;
    HP_TRY(hp_intern(run->pool, (hp_str){text, len}, &note, err));
    return hp_find(run, rule, at, value, note, err);
}

hp_code hp_quarantine_row(hp_run *run, hp_rule rule, hp_origin at, int entity, hp_vid name, hp_vid note,
                          hp_err *err) {
    hp_quarantined row = {
        .at = at, .kind = (uint8_t)entity, .rule = (uint16_t)rule, .name = name, .note = note};
    if (!hp_vec_push(&run->quarantine, row)) return hp_fail_memory(err, "the quarantine");
    return HP_OK;
}

hp_code hp_run_add_file(hp_run *run, const hp_source_file *file, uint32_t *id, hp_err *err) {
    hp_source_file copy = *file;
    copy.path = hp_arena_dup(run->arena, file->path);
    copy.name = hp_arena_dup(run->arena, file->name);
    copy.label = hp_arena_dup(run->arena, file->label);
    if (!copy.path.p || !copy.name.p || !copy.label.p || !hp_vec_push(&run->sources.file, copy))
        return hp_fail_memory(err, "the list of sources");
    *id = (uint32_t)(run->sources.file.n - 1);
    return HP_OK;
}

hp_code hp_run_add_sheet(hp_run *run, uint32_t file, hp_str name, uint8_t state, uint32_t *id, hp_err *err) {
    hp_source_sheet sheet = {.file = file, .name = hp_arena_dup(run->arena, name), .state = state};
    if (!sheet.name.p || !hp_vec_push(&run->sources.sheet, sheet))
        return hp_fail_memory(err, "the list of sheets");
    *id = (uint32_t)(run->sources.sheet.n - 1);
    return HP_OK;
}
