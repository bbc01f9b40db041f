/* A workbook's annotated copy: all is looked at first, then the zip is written once, entry by entry in its
 * order; new parts come last. */
#include <stdlib.h>

#include "base/mem.h"
#include "refine/annotate_parts.h"

#include "base/banned.h"

/* ---- annotations, sorted ---- */

static int compare(uint64_t a, uint64_t b) { return a < b ? -1 : a > b; }

/* Sorts by place, the gravest first; others of a cell by rule and note, so that the order of the findings
 * does not matter. */
static int by_place(const void *a, const void *b) {
    const hp_annotation *x = a, *y = b;
    int order = compare(x->sheet, y->sheet);
    if (!order) order = compare(x->row, y->row);
    if (!order) order = compare(x->col, y->col);
    if (!order) order = compare((uint64_t)y->severity, (uint64_t)x->severity);
    if (!order) order = hp_str_cmp(x->rule, y->rule);
    return order ? order : hp_str_cmp(x->note, y->note);
}

/* Annotations that stand on no cell of a sheet are left out: whoever makes them counts them. */
static void sort_annotations(hp_copy *c, const hp_annotation *a, size_t n, size_t nsheets,
                             hp_annotation *to) {
    size_t kept = 0;
    for (size_t i = 0; i < n; i++)
        if (a[i].sheet < nsheets && a[i].row > 0) to[kept++] = a[i];
    if (kept) qsort(to, kept, sizeof *to, by_place);
    c->note = to;
    c->nnote = kept;
}

static hp_code mark_sheet(hp_copy *c, uint32_t first, uint32_t n, hp_err *err) {
    hp_marked *s = &c->sheet[c->nsheet];
    *s = (hp_marked){.part = c->parts.sheet[c->note[first].sheet]};
    if (!hp_zip_find(c->zip, s->part, &s->entry))
        return hp_fail(err, HP_DATA, "%.*s: a sheet has no part of its own", HP_FMT(c->file));
    c->nsheet++;
    return hp_marks_make(c, first, n, s, err);
}

static hp_code mark_sheets(hp_copy *c, size_t nsheets, hp_err *err) {
    c->sheet = HP_NEW_ARRAY(c->arena, nsheets + 1, hp_marked);
    if (!c->sheet) return hp_fail_memory(err, "the annotations");
    if (c->nnote > UINT32_MAX)
        return hp_fail(err, HP_DATA, "%.*s: has more findings than can be shown", HP_FMT(c->file));
    for (size_t i = 0; i < c->nnote;) {
        size_t k = i;
        while (k < c->nnote && c->note[k].sheet == c->note[i].sheet) k++;
        HP_TRY(mark_sheet(c, (uint32_t)i, (uint32_t)(k - i), err));
        i = k;
    }
    return HP_OK;
}

/* ---- looking ---- */

static hp_code look_at_sheet(hp_copy *c, hp_marked *s, hp_err *err) {
    HP_TRY(hp_sheet_survey(c, s, err));
    HP_TRY(hp_looks_add(c, s, err));
    hp_marks_choose(c, s);
    HP_TRY(hp_package_plan(c, s, err));
    HP_TRY(hp_comments_survey(c, s, err));
    for (size_t i = 0; i < s->nmark; i++)
        s->nbox += s->mark[i].commented && (!s->mark[i].joined || s->boxes == SIZE_MAX);
    s->block = c->block;
    c->block += s->nbox / 1024 + 1;
    return HP_OK;
}

static hp_code look(hp_copy *c, hp_err *err) {
    if (!c->parts.styles.n || !hp_zip_find(c->zip, c->parts.styles, &c->styles)) c->styles = SIZE_MAX;
    if (c->nsheet) HP_TRY(hp_boxes_survey(c, err));
    for (size_t i = 0; i < c->nsheet; i++) HP_TRY(look_at_sheet(c, &c->sheet[i], err));
    HP_TRY(hp_package_plan_styles(c, err));
    return hp_styles_survey(c, err);
}

/* ---- writing ---- */

/* What a part is to an entry of the zip. */
typedef enum role { COPIED, SHEET, SHEET_RELS, COMMENTS, BOXES, STYLES, BOOK_RELS, TYPES } role;

static bool has_new_parts(const hp_copy *c) {
    bool any = c->styles_name;
    for (size_t i = 0; i < c->nsheet && !any; i++) any = c->sheet[i].comments_name || c->sheet[i].boxes_name;
    return any;
}

static role role_in_sheet(const hp_marked *s, size_t entry) {
    if (s->entry == entry) return SHEET;
    if (s->rels == entry && (s->comments_name || s->boxes_name)) return SHEET_RELS;
    if (s->comments == entry) return COMMENTS;
    return s->boxes == entry && s->nbox ? BOXES : COPIED;
}

/* Two sheets may share a part (comments of one, named by both): the first has it, which no program that
 * writes workbooks brings about. */
static role role_of(hp_copy *c, size_t entry, hp_marked **sheet) {
    if (c->look.n && entry == c->styles) return STYLES;
    if (c->styles_name && entry == c->book_rels) return BOOK_RELS;
    if (hp_str_eq(hp_zip_name(c->zip, entry), HP_S("[content_types].xml")) && has_new_parts(c)) return TYPES;
    for (size_t i = 0; i < c->nsheet; i++) {
        role r = role_in_sheet(&c->sheet[i], entry);
        *sheet = &c->sheet[i];
        if (r != COPIED) return r;
    }
    return COPIED;
}

static hp_code write_book_rels(hp_copy *c, hp_err *err) {
    const hp_new_rel rel = {.id = HP_S("hotpassStyles"), .type = "styles", .target = c->styles_name};
    return hp_rels_patch(c, c->book_rels, c->nsheet && c->sheet[0].strict, &rel, 1, err);
}

static hp_code write_sheet_rels(hp_copy *c, const hp_marked *s, hp_err *err) {
    hp_new_rel rel[2];
    size_t n = hp_sheet_rels(s, rel);
    return hp_rels_patch(c, s->rels, s->strict, rel, n, err);
}

static hp_code patch(hp_copy *c, role r, size_t entry, hp_marked *s, hp_err *err) {
    switch (r) {
    case SHEET: return hp_sheet_patch(c, s, err);
    case SHEET_RELS: return write_sheet_rels(c, s, err);
    case COMMENTS: return hp_comments_patch(c, s, err);
    case BOXES: return hp_boxes_patch(c, s, err);
    case STYLES: return hp_styles_patch(c, err);
    case BOOK_RELS: return write_book_rels(c, err);
    case TYPES: return hp_types_patch(c, entry, err);
    case COPIED: break;
    }
    return HP_OK;
}

static hp_code write_entry(hp_copy *c, size_t entry, hp_err *err) {
    hp_marked *s = NULL;
    role r = role_of(c, entry, &s);
    hp_zip_lying e = hp_zip_lies(c->zip, entry);
    if (r == COPIED) {
        const hp_zip_member m = {.name = e.name,
                                 .bytes = e.packed,
                                 .raw = e.size,
                                 .crc = e.crc,
                                 .when = e.when,
                                 .method = e.method,
                                 .flags = e.flags};
        return hp_zip_copy(&c->out, &m, err);
    }
    hp_str name = hp_arena_dup(c->arena, e.name);
    if (!name.p) return hp_fail_memory(err, "the annotations");
    HP_TRY(hp_member_open(&c->out, name.p, HP_ZIP_ANY, err));
    HP_TRY(patch(c, r, entry, s, err));
    return hp_member_close(&c->out, err);
}

/* Writes a part that is new. */
static hp_code write_new(hp_copy *c, const char *name, hp_code (*put)(hp_copy *, hp_marked *, hp_err *),
                         hp_marked *s, hp_err *err) {
    if (!name) return HP_OK;
    HP_TRY(hp_member_open(&c->out, name, HP_ZIP_ANY, err));
    HP_TRY(put(c, s, err));
    return hp_member_close(&c->out, err);
}

static hp_code rels_new(hp_copy *c, hp_marked *s, hp_err *err) { return write_sheet_rels(c, s, err); }

static hp_code styles_new(hp_copy *c, hp_marked *s, hp_err *err) {
    (void)s;
    return hp_styles_new(c, err);
}

static hp_code write_all(hp_copy *c, hp_err *err) {
    for (size_t i = 0; i < hp_zip_count(c->zip); i++) HP_TRY(write_entry(c, i, err));
    HP_TRY(write_new(c, c->styles_name, styles_new, NULL, err));
    for (size_t i = 0; i < c->nsheet; i++) {
        hp_marked *s = &c->sheet[i];
        HP_TRY(write_new(c, s->rels_name, rels_new, s, err));
        HP_TRY(write_new(c, s->comments_name, hp_comments_new, s, err));
        HP_TRY(write_new(c, s->boxes_name, hp_boxes_new, s, err));
    }
    return hp_zip_finish(&c->out, err);
}

static hp_code write_zip(hp_copy *c, FILE *f, const char *shown, hp_err *err) {
    hp_code code = hp_zip_begin(&c->out, f, shown, HP_ZIP_LIMIT, HP_COMPRESS_FAST, err);
    if (code == HP_OK) code = write_all(c, err);
    hp_zip_free(&c->out);
    return code;
}

hp_code hp_annotate_book(const hp_book *b, const hp_annotation *a, size_t n, FILE *f, const char *shown,
                         hp_annotated *out, hp_err *err) {
    hp_autoarena *arena = hp_arena_new(NULL);
    hp_autofree hp_annotation *sorted = hp_calloc(n + 1, sizeof *sorted);
    hp_copy c = {.arena = arena, .file = hp_book_name(b), .count = out};
    size_t nsheets;
    hp_book_sheets(b, &nsheets);
    *out = (hp_annotated){0};
    if (!arena || !sorted) return hp_fail_memory(err, "the annotations");
    if (!hp_book_has_parts(b, &c.parts))
        return hp_fail(err, HP_BUG, "%.*s: is not made of parts that can be patched", HP_FMT(c.file));
    c.zip = c.parts.zip;
    sort_annotations(&c, a, n, nsheets, sorted);
    hp_code code = mark_sheets(&c, nsheets, err);
    if (code == HP_OK) code = look(&c, err);
    if (code == HP_OK) code = write_zip(&c, f, shown, err);
    hp_vec_free(&c.look);
    hp_imap_free(&c.look_number);
    return code;
}
