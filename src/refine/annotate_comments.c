/* The comments of an annotated sheet (ECMA-376 part 1, 18.7) and their boxes (part 4, 19.4). A cell that has
 * one already gets ours behind its text; of threads (which Excel 365 keeps in parts of its own) that is the
 * text for older programs, the thread stays as it is. */
#include "base/limits.h"
#include "refine/annotate_parts.h"
#include "write/remark.h"

#include "base/banned.h"

#define TEXT_MAX (1u << 20)

/* ---- looking ---- */

static bool read_ref(hp_str ref, uint32_t *row, uint32_t *col) {
    size_t i = 0;
    int64_t number;
    while (i < ref.n && hp_is_alpha(ref.p[i])) i++;
    if (!hp_col_parse(hp_str_cut(ref, 0, i), col) || !hp_str_i64(hp_str_cut(ref, i, ref.n), &number))
        return false;
    *row = (uint32_t)number;
    return number > 0 && number <= HP_LIMIT_SHEET_ROWS;
}

static hp_mark *mark_of_comment(const hp_marked *s, const hp_patch *p) {
    hp_str ref;
    uint32_t row, col;
    if (!hp_patch_opens(p, HP_S("comment")) || !hp_tag_value(p->attrs, HP_S("ref"), &ref)
        || !read_ref(ref, &row, &col))
        return NULL;
    hp_mark *m = hp_marks_find(s, row, col);
    return m && m->commented ? m : NULL;
}

static hp_code survey(hp_marked *s, hp_patch *p, hp_err *err) {
    for (;;) {
        HP_TRY(hp_patch_next(p, err));
        if (p->kind == HP_TAG_NONE) return HP_OK;
        if (hp_patch_opens(p, HP_S("author"))) s->authors++;
        hp_mark *m = mark_of_comment(s, p);
        if (m) m->joined = true;
    }
}

hp_code hp_comments_survey(hp_copy *c, hp_marked *s, hp_err *err) {
    hp_patch p = {0};
    if (s->comments == SIZE_MAX) return HP_OK;
    hp_code code = hp_patch_open(&p, c->zip, s->comments, c->file, NULL, err);
    if (code == HP_OK) code = survey(s, &p, err);
    hp_patch_close(&p);
    return code;
}

/* Finds the highest block that a drawing uses, by the ids of its shapes ("_x0000_s1025") and by what it says
 * of itself. */
static void highest_block(const hp_patch *p, uint64_t *block) {
    hp_str value;
    int64_t id;
    if (hp_str_eq(p->name, HP_S("idmap")) && hp_tag_value(p->attrs, HP_S("data"), &value))
        for (hp_str part; hp_str_next(&value, ',', &part);)
            if (hp_str_i64(part, &id) && id > 0 && id < UINT32_MAX && (uint64_t)id > *block)
                *block = (uint64_t)id;
    if (!hp_tag_value(p->attrs, HP_S("id"), &value) || !hp_str_starts(value, HP_S("_x0000_s"))) return;
    if (hp_str_i64(hp_str_cut(value, 8, value.n), &id) && id > 0 && id < UINT32_MAX
        && (uint64_t)id / HP_BOX_BLOCK > *block)
        *block = (uint64_t)id / HP_BOX_BLOCK;
}

static hp_code survey_drawing(hp_copy *c, size_t entry, uint64_t *block, hp_err *err) {
    hp_patch p = {0};
    hp_code code = hp_patch_open(&p, c->zip, entry, c->file, NULL, err);
    while (code == HP_OK) {
        code = hp_patch_next(&p, err);
        if (p.kind == HP_TAG_NONE) break;
        if (code == HP_OK && p.kind != HP_TAG_OTHER) highest_block(&p, block);
    }
    hp_patch_close(&p);
    return code;
}

hp_code hp_boxes_survey(hp_copy *c, hp_err *err) {
    uint64_t block = 0;
    for (size_t i = 0; i < hp_zip_count(c->zip); i++)
        if (hp_str_ends(hp_zip_name(c->zip, i), HP_S(".vml"))) HP_TRY(survey_drawing(c, i, &block, err));
    c->block = block + 1;
    return HP_OK;
}

/* ---- texts ---- */

/* Holds scratch. */
typedef struct writer {
    const hp_copy *c;
    hp_buf out, note, cell;
} writer;

static writer new_writer(const hp_copy *c) {
    return (writer){.c = c,
                    .out = hp_buf_new(TEXT_MAX),
                    .note = hp_buf_new(TEXT_MAX),
                    .cell = hp_buf_new(8 * HP_LIMIT_CELL_TEXT)};
}

static void free_writer(writer *w) {
    hp_buf_free(&w->out);
    hp_buf_free(&w->note);
    hp_buf_free(&w->cell);
}

static void put_run(writer *w, const hp_mark *m, const char *before, hp_str prefix) {
    hp_buf_clear(&w->note);
    hp_buf_puts(&w->note, before);
    hp_marks_text(w->c, m, &w->note);
    hp_remark_run(&w->out, prefix, &w->cell, hp_buf_str(&w->note));
    if (w->note.bad) w->out.bad = true;
}

static void put_comment(writer *w, const hp_mark *m, uint32_t author, hp_str prefix) {
    char letters[8];
    hp_col_letters(m->col, letters);
    hp_buf_printf(&w->out, "<%.*scomment ref=\"%s%u\" authorId=\"%u\"><%.*stext>", HP_FMT(prefix), letters,
                  m->row, author, HP_FMT(prefix));
    put_run(w, m, "", prefix);
    hp_buf_printf(&w->out, "</%.*stext></%.*scomment>", HP_FMT(prefix), HP_FMT(prefix));
}

static hp_code flush(writer *w, hp_zip_out *to, hp_err *err) {
    HP_TRY(hp_buf_check(&w->out, "a comment of an annotated copy", err));
    HP_TRY(hp_member_put(to, hp_buf_str(&w->out), err));
    hp_buf_clear(&w->out);
    return HP_OK;
}

/* Writes all comments that are not joined to others. */
static hp_code put_comments(writer *w, const hp_marked *s, hp_zip_out *to, hp_str prefix, hp_err *err) {
    for (size_t i = 0; i < s->nmark; i++) {
        const hp_mark *m = &s->mark[i];
        if (!m->commented || m->joined) continue;
        put_comment(w, m, s->authors, prefix);
        HP_TRY(flush(w, to, err));
    }
    return HP_OK;
}

static hp_code comments_new(writer *w, hp_copy *c, const hp_marked *s, hp_err *err) {
    hp_buf_printf(
        &w->out,
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<comments xmlns=\"%s\"><authors>"
        "<author>hotpass</author></authors><commentList>",
        s->strict ? "http://purl.oclc.org/ooxml/spreadsheetml/main"
                  : "http://schemas.openxmlformats.org/spreadsheetml/2006/main");
    HP_TRY(flush(w, &c->out, err));
    HP_TRY(put_comments(w, s, &c->out, HP_S(""), err));
    return hp_member_put(&c->out, HP_S("</commentList></comments>"), err);
}

hp_code hp_comments_new(hp_copy *c, hp_marked *s, hp_err *err) {
    writer w = new_writer(c);
    hp_code code = comments_new(&w, c, s, err);
    free_writer(&w);
    return code;
}

/* ---- texts that are there ---- */

/* What is known while comments are patched. */
typedef struct patcher {
    writer w;
    hp_copy *c;
    hp_marked *s;
    hp_patch p;
    const hp_mark *under_way; /* the one whose comment has no text of ours yet */
    bool listed;
} patcher;

/* Takes an element with nothing in it apart, so that something can stand there: "<authors>", what `put` adds,
 * "</authors>". */
static void open_empty(patcher *x) {
    hp_str tag = x->p.bytes;
    hp_buf_add(&x->w.out, hp_str_cut(tag, 0, tag.n - 2));
    hp_buf_putc(&x->w.out, '>');
}

static void close_empty(patcher *x) {
    hp_buf_puts(&x->w.out, "</");
    hp_buf_add(&x->w.out, x->p.qname);
    hp_buf_putc(&x->w.out, '>');
}

static void put_author(patcher *x, hp_str prefix) {
    hp_buf_printf(&x->w.out, "<%.*sauthor>hotpass</%.*sauthor>", HP_FMT(prefix), HP_FMT(prefix));
}

/* Writes what was made in front of the tag, or in its place. */
static hp_code emit(patcher *x, bool replace, hp_err *err) {
    hp_str made = hp_buf_str(&x->w.out);
    HP_TRY(hp_buf_check(&x->w.out, "a comment of an annotated copy", err));
    if (replace)
        HP_TRY(hp_patch_replace(&x->p, made, err));
    else if (made.n)
        HP_TRY(hp_patch_insert(&x->p, made, err));
    hp_buf_clear(&x->w.out);
    return HP_OK;
}

static hp_code patch_authors(patcher *x, hp_err *err) {
    bool empty = x->p.kind == HP_TAG_EMPTY;
    if (x->p.kind == HP_TAG_OPEN) return HP_OK;
    if (empty) open_empty(x);
    put_author(x, hp_patch_prefix(&x->p));
    if (empty) close_empty(x);
    return emit(x, empty, err);
}

static hp_code patch_list(patcher *x, hp_err *err) {
    hp_str prefix = hp_patch_prefix(&x->p);
    bool empty = x->p.kind == HP_TAG_EMPTY;
    if (x->p.kind == HP_TAG_OPEN) return HP_OK;
    x->listed = true;
    if (empty) open_empty(x);
    HP_TRY(emit(x, empty, err));
    for (size_t i = 0; i < x->s->nmark; i++) {
        const hp_mark *m = &x->s->mark[i];
        if (!m->commented || m->joined) continue;
        put_comment(&x->w, m, x->s->authors, prefix);
        if (!empty) HP_TRY(emit(x, false, err));
    }
    if (!empty) return HP_OK;
    close_empty(x);
    return emit(x, false, err);
}

/* Puts our text behind the last run of a comment. */
static hp_code patch_text(patcher *x, hp_err *err) {
    const hp_patch *p = &x->p;
    bool empty = p->kind == HP_TAG_EMPTY && hp_str_eq(p->name, HP_S("text"));
    bool end = hp_patch_closes(p, HP_S("text")) || hp_patch_opens(p, HP_S("rPh"))
               || hp_patch_opens(p, HP_S("phoneticPr"));
    if (!empty && !end) return HP_OK;
    if (empty) open_empty(x);
    put_run(&x->w, x->under_way, empty ? "" : "\n\nhotpass: ", hp_patch_prefix(p));
    if (empty) close_empty(x);
    x->under_way = NULL;
    return emit(x, empty, err);
}

static hp_code patch_comment(patcher *x, hp_err *err) {
    const hp_patch *p = &x->p;
    if (p->kind == HP_TAG_OTHER) return HP_OK;
    if (p->depth == 2 && hp_str_eq(p->name, HP_S("authors"))) return patch_authors(x, err);
    if (p->depth == 2 && hp_str_eq(p->name, HP_S("commentList"))) return patch_list(x, err);
    if (p->depth == 3 && hp_patch_opens(p, HP_S("comment"))) x->under_way = mark_of_comment(x->s, p);
    return p->depth >= 4 && x->under_way ? patch_text(x, err) : HP_OK;
}

static hp_code patch_comments(patcher *x, hp_err *err) {
    for (;;) {
        HP_TRY(hp_patch_next(&x->p, err));
        if (x->p.kind == HP_TAG_NONE) break;
        HP_TRY(patch_comment(x, err));
    }
    return x->listed ? HP_OK : hp_patch_fail(&x->p, err, "these are no comments");
}

hp_code hp_comments_patch(hp_copy *c, hp_marked *s, hp_err *err) {
    patcher x = {.w = new_writer(c), .c = c, .s = s};
    x.w.out.max = 256u << 20; /* comments put into an empty list stand together */
    hp_code code = hp_patch_open(&x.p, c->zip, s->comments, c->file, &c->out, err);
    if (code == HP_OK) code = patch_comments(&x, err);
    hp_patch_close(&x.p);
    free_writer(&x.w);
    return code;
}

/* ---- boxes ---- */

/* Tells whether a mark gets a box: one that is joined has one, unless the sheet has no drawing. */
static bool wants_box(const hp_marked *s, const hp_mark *m) {
    return m->commented && (!m->joined || s->boxes == SIZE_MAX);
}

static void put_box(writer *w, const hp_marked *s, const hp_mark *m, size_t nth, const char *spaces) {
    hp_buf_clear(&w->note);
    hp_marks_text(w->c, m, &w->note);
    const hp_box box = {.id = s->block * HP_BOX_BLOCK + nth + 1,
                        .z = nth + 1,
                        .row = m->row - 1,
                        .col = m->col,
                        .lines = hp_box_lines(hp_buf_str(&w->note)),
                        .spaces = spaces};
    hp_box_put(&w->out, &box);
    if (w->note.bad) w->out.bad = true;
}

static hp_code boxes_new(writer *w, hp_copy *c, const hp_marked *s, hp_err *err) {
    size_t nth = 0;
    hp_box_begin(&w->out, s->block, hp_box_blocks(s->nbox));
    for (size_t i = 0; i < s->nmark; i++) {
        if (!wants_box(s, &s->mark[i])) continue;
        put_box(w, s, &s->mark[i], nth++, "");
        HP_TRY(flush(w, &c->out, err));
    }
    hp_buf_puts(&w->out, "</xml>");
    return flush(w, &c->out, err);
}

hp_code hp_boxes_new(hp_copy *c, hp_marked *s, hp_err *err) {
    writer w = new_writer(c);
    hp_code code = boxes_new(&w, c, s, err);
    free_writer(&w);
    return code;
}

/* What is known while a drawing is patched. */
typedef struct drawing {
    writer w;
    hp_patch p;
    const hp_marked *s;
    bool spaces, typed, done;
} drawing;

static bool declares(hp_str attrs, const char *what) {
    return hp_str_find(attrs, hp_str_of(what), 0) != SIZE_MAX;
}

static hp_code put_boxes(drawing *d, hp_err *err) {
    static const char SPACES[] = " xmlns:v=\"urn:schemas-microsoft-com:vml\" "
                                 "xmlns:o=\"urn:schemas-microsoft-com:office:office\" "
                                 "xmlns:x=\"urn:schemas-microsoft-com:office:excel\"";
    size_t nth = 0;
    d->done = true;
    if (!d->typed && d->spaces) hp_box_type(&d->w.out);
    for (size_t i = 0; i < d->s->nmark; i++) {
        if (!wants_box(d->s, &d->s->mark[i])) continue;
        put_box(&d->w, d->s, &d->s->mark[i], nth++, d->spaces ? "" : SPACES);
        HP_TRY(hp_buf_check(&d->w.out, "the boxes of an annotated copy", err));
        HP_TRY(hp_patch_insert(&d->p, hp_buf_str(&d->w.out), err));
        hp_buf_clear(&d->w.out);
    }
    return HP_OK;
}

/* The drawing owns the blocks of ids of our boxes too. */
static hp_code patch_idmap(drawing *d, hp_str had, hp_err *err) {
    hp_autobuf data = hp_buf_new(TEXT_MAX);
    hp_buf_add(&data, had);
    for (uint64_t i = 0; i < hp_box_blocks(d->s->nbox); i++)
        hp_buf_printf(&data, "%s%llu", data.n ? "," : "", (unsigned long long)(d->s->block + i));
    hp_tag_set(&d->w.out, d->p.bytes, HP_S("data"), hp_buf_str(&data));
    HP_TRY(hp_buf_check(&data, "the boxes of an annotated copy", err));
    HP_TRY(hp_buf_check(&d->w.out, "the boxes of an annotated copy", err));
    HP_TRY(hp_patch_replace(&d->p, hp_buf_str(&d->w.out), err));
    hp_buf_clear(&d->w.out);
    return HP_OK;
}

static hp_code patch_drawing(drawing *d, hp_err *err) {
    hp_patch *p = &d->p;
    for (;;) {
        hp_str value;
        HP_TRY(hp_patch_next(p, err));
        if (p->kind == HP_TAG_NONE) break;
        if (p->kind == HP_TAG_OTHER || d->done) continue;
        if (hp_patch_opens(p, HP_S("xml")))
            d->spaces = declares(p->attrs, "xmlns:v=") && declares(p->attrs, "xmlns:o=")
                        && declares(p->attrs, "xmlns:x=");
        if (hp_patch_opens(p, HP_S("shapetype")) && hp_tag_value(p->attrs, HP_S("id"), &value)
            && hp_str_eq(value, HP_S("_x0000_t202")))
            d->typed = true;
        if (hp_patch_opens(p, HP_S("idmap")) && hp_tag_value(p->attrs, HP_S("data"), &value))
            HP_TRY(patch_idmap(d, value, err));
        if (hp_patch_closes(p, HP_S("xml"))) HP_TRY(put_boxes(d, err));
    }
    return d->done ? HP_OK : hp_patch_fail(p, err, "the drawing has no end to put the boxes of comments at");
}

hp_code hp_boxes_patch(hp_copy *c, hp_marked *s, hp_err *err) {
    drawing d = {.w = new_writer(c), .s = s};
    hp_code code = hp_patch_open(&d.p, c->zip, s->boxes, c->file, &c->out, err);
    if (code == HP_OK) code = patch_drawing(&d, err);
    hp_patch_close(&d.p);
    free_writer(&d.w);
    return code;
}
