/* Mapping one sheet: header row, names of the columns, bindings, what is worth telling about them. */
#include "map/parts.h"

#include "base/banned.h"

const char *hp_map_reason_name(hp_map_reason r) {
    switch (r) {
    case HP_MAP_DECLARED: return "declared";
    case HP_MAP_EXACT: return "exact name";
    case HP_MAP_SIMILAR: return "similar name";
    case HP_MAP_CONTENT: return "content";
    case HP_MAP_NOT: break;
    }
    return "not mapped";
}

/* Places the header at a row that the profile names; it may be blank, then it is no row of the grid. */
static void header_at(hp_sheet_map *s, uint32_t row) {
    size_t r = 0;
    while (r < s->raw->nrow && s->raw->origin[r].row < row) r++;
    s->head_row = row;
    s->head = r < s->raw->nrow && s->raw->origin[r].row == row ? r : SIZE_MAX;
    s->first = s->head == SIZE_MAX ? r : r + 1;
}

static hp_code place_header(hp_sheet_map *s, hp_err *err) {
    int declared = s->decl ? s->decl->header_row : 0;
    s->head = SIZE_MAX;
    if (declared < 0) return HP_OK;
    if (declared > 0) {
        header_at(s, (uint32_t)declared);
        return HP_OK;
    }
    HP_TRY(hp_map_find_header(s, &s->head, err));
    if (s->head == SIZE_MAX) return HP_OK;
    s->head_row = s->raw->origin[s->head].row;
    s->first = s->head + 1;
    if (s->head_row == 1) return HP_OK;
    return hp_find(s->run, HP_R_HEADER_BELOW_BANNER, hp_map_head_cell(s, HP_NO_COL), HP_NULL, HP_NULL, err);
}

static hp_code look_for_values(hp_sheet_map *s, hp_err *err) {
    s->filled = HP_NEW_ARRAY(s->scratch, s->raw->ncol + 1, bool);
    s->blank = HP_NEW_ARRAY(s->scratch, s->raw->ncol + 1, bool);
    s->header = HP_NEW_ARRAY(s->scratch, s->raw->ncol + 1, hp_str);
    if (!s->filled || !s->blank || !s->header) return hp_fail_memory(err, "the columns");
    const hp_vid *empty = NULL; /* columns without any value share one array, and there may be 16,000 */
    for (size_t c = 0; c < s->raw->ncol; c++) {
        const hp_vid *v = s->raw->col[c].v;
        if (v == empty) continue;
        for (size_t r = s->first; r < s->raw->nrow && !s->filled[c]; r++) s->filled[c] = v[r] != HP_NULL;
        if (!s->filled[c]) empty = v;
    }
    return HP_OK;
}

/* A sheet without data rows stops the run only when the profile relies on it. */
static hp_code without_data(const hp_sheet_map *s, hp_err *err) {
    hp_cell at = {s->sheet, 0, HP_NO_COL};
    if (!s->decl || !s->decl->required) return hp_find(s->run, HP_R_SHEET_EMPTY, at, HP_NULL, HP_NULL, err);
    hp_autobuf place = hp_buf_new(2048);
    hp_address(&s->run->sources, at, &place);
    hp_fail(err, HP_DATA, "%s: the sheet has %s; fill it, or declare it `required: false` (%.*s:%d)",
            hp_buf_cstr(&place), s->raw->nrow ? "a header but no data rows" : "no rows at all",
            HP_FMT(s->p->path), s->decl->line);
    return hp_err_in(err, "validate");
}

static hp_str id_prefix(const hp_sheet_map *s) {
    if (s->decl && s->decl->id_prefix.n) return s->decl->id_prefix;
    if (s->source && s->source->id_prefix.n) return s->source->id_prefix;
    return (hp_str){NULL, 0};
}

static hp_code begin(hp_sheet_map *s, hp_err *err) {
    hp_mapped *m = s->m = HP_NEW(s->run->arena, hp_mapped);
    if (!m) return hp_fail_memory(err, "the map of a sheet");
    *m = (hp_mapped){.raw = s->raw,
                     .sheet = s->sheet,
                     .file = s->run->sources.sheet.p[s->sheet].file,
                     .entity = s->decl ? s->decl->entity : HP_E_ORGANIZATION,
                     .header_row = s->head_row,
                     .first = s->first,
                     .id_prefix = id_prefix(s),
                     .source = s->source,
                     .decl = s->decl};
    m->join_key = !s->decl || s->decl->join_key;
    m->join_name = !s->decl || s->decl->join_name;
    for (size_t i = 0; s->decl && i < s->decl->nconstant; i++) {
        const hp_profile_constant *k = &s->decl->constant[i];
        HP_TRY(hp_intern(s->run->pool, k->value, &m->constant[k->field], err));
    }
    return HP_OK;
}

static bool takes(const hp_mapped *m, hp_field f) {
    for (size_t i = 0; i < m->nbind; i++) {
        if (m->bind[i].field == f) return true;
    }
    return false;
}

/* An unmapped column is either not like enough to any field, or another column is more like it. */
static hp_code report_unmapped(const hp_sheet_map *s, const hp_binding *b, hp_vid header, hp_err *err) {
    hp_cell at = hp_map_head_cell(s, b->col);
    if (b->runner_up == HP_F_NONE) return hp_find(s->run, HP_R_COLUMN_UNMAPPED, at, header, HP_NULL, err);
    const char *runner = hp_field_get(b->runner_up)->name;
    bool taken = b->runner_score >= s->p->map_threshold && takes(s->m, b->runner_up);
    return hp_findf(s->run, HP_R_COLUMN_UNMAPPED, at, header, err, "%s%s (%.2f)%s",
                    taken ? "" : "nearest is ", runner, b->runner_score, taken ? " has a better column" : "");
}

/* Tells of columns that give nothing, and of those that were guessed. */
static hp_code report_column(const hp_sheet_map *s, const hp_binding *b, hp_err *err) {
    hp_cell at = hp_map_head_cell(s, b->col);
    hp_vid header;
    if (b->field == HP_F_NONE && (b->ignored || !s->filled[b->col])) return HP_OK;
    if (b->field != HP_F_NONE && b->reason != HP_MAP_SIMILAR && b->reason != HP_MAP_CONTENT) return HP_OK;
    HP_TRY(hp_intern(s->run->pool, b->header, &header, err));
    if (b->field == HP_F_NONE) return report_unmapped(s, b, header, err);
    const char *runner = b->runner_up == HP_F_NONE ? NULL : hp_field_get(b->runner_up)->name;
    hp_rule rule = HP_R_COLUMN_GUESSED;
    const char *field = hp_field_get(b->field)->name, *why = hp_map_reason_name(b->reason);
    return runner ? hp_findf(s->run, rule, at, header, err, "%s by %s (%.2f), then %s (%.2f)", field, why,
                             b->score, runner, b->runner_score)
                  : hp_findf(s->run, rule, at, header, err, "%s by %s (%.2f)", field, why, b->score);
}

static hp_code report(const hp_sheet_map *s, hp_err *err) {
    for (size_t i = 0; i < s->m->nbind; i++) HP_TRY(report_column(s, &s->m->bind[i], err));
    for (size_t r = s->first; s->raw->hidden && r < s->raw->nrow; r++) {
        hp_cell at = {s->sheet, s->raw->origin[r].row, HP_NO_COL};
        if (s->raw->hidden[r]) HP_TRY(hp_find(s->run, HP_R_HIDDEN_ROW, at, HP_NULL, HP_NULL, err));
    }
    return HP_OK;
}

/* One finding for the sheet, with its headers; none for each of its columns and rows. */
static hp_code unmappable(hp_sheet_map *s, hp_err *err) {
    hp_autobuf found = hp_buf_new(4096);
    hp_map_list_headers(s, &found);
    s->m = NULL;
    return hp_findf(s->run, HP_R_SHEET_UNMAPPABLE, (hp_cell){s->sheet, 0, HP_NO_COL}, HP_NULL, err,
                    "columns: %s", hp_buf_cstr(&found));
}

static hp_code map_sheet(hp_sheet_map *s, hp_err *err) {
    bool usable = true;
    HP_TRY(place_header(s, err));
    HP_TRY(look_for_values(s, err));
    if (s->first >= s->raw->nrow) return without_data(s, err);
    HP_TRY(hp_map_name_columns(s, err));
    HP_TRY(begin(s, err));
    if (s->decl && s->decl->ncolumn)
        HP_TRY(hp_map_declared(s, err));
    else
        HP_TRY(hp_map_automatic(s, &usable, err));
    return usable ? report(s, err) : unmappable(s, err);
}

hp_code hp_map_sheet(hp_run *run, const hp_profile *p, const hp_profile_source *source,
                     const hp_profile_sheet *decl, const hp_table *raw, uint32_t sheet, hp_mapped **out,
                     hp_err *err) {
    hp_autoarena *scratch = hp_arena_new(NULL);
    hp_lexicon *lex = scratch ? hp_lexicon_new(scratch, p) : NULL;
    if (!lex) return hp_fail_memory(err, "the names of fields");
    hp_sheet_map s = {.run = run,
                      .p = p,
                      .source = source,
                      .decl = decl,
                      .raw = raw,
                      .sheet = sheet,
                      .scratch = scratch,
                      .lex = lex};
    HP_TRY(map_sheet(&s, err));
    *out = s.m;
    return HP_OK;
}
