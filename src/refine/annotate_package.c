/* The package of an annotated copy: names of new parts, relationships and content types (ECMA-376 part 2, 9.3
 * and 10.1). */
#include "refine/annotate_parts.h"

#include "base/banned.h"

#define VML_TYPE   "application/vnd.openxmlformats-officedocument.vmlDrawing"
#define SHEET_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml."

/* ---- names ---- */

/* Finds a name that no part has: "xl/comments7.xml". No number is used twice. */
static hp_code new_name(hp_copy *c, const char *stem, const char *suffix, const char **out, hp_err *err) {
    for (;;) {
        hp_str name = hp_arena_printf(c->arena, "%s%u%s", stem, ++c->numbers, suffix);
        hp_str part = name.p ? hp_part_resolve(c->arena, HP_S(""), name) : (hp_str){NULL, 0};
        size_t there;
        if (!part.p) return hp_fail_memory(err, "the annotations");
        if (hp_zip_find(c->zip, part, &there)) continue;
        *out = name.p;
        return HP_OK;
    }
}

/* Returns the name of the relationships of an entry, in the spelling of the zip. */
static hp_str rels_name(hp_copy *c, size_t entry) {
    hp_str name = hp_zip_lies(c->zip, entry).name;
    size_t base = name.n;
    while (base > 0 && name.p[base - 1] != '/' && name.p[base - 1] != '\\') base--;
    char slash = base ? name.p[base - 1] : '/';
    return hp_arena_printf(c->arena, "%.*s_rels%c%.*s.rels", HP_FMT(hp_str_cut(name, 0, base)), slash,
                           HP_FMT(hp_str_cut(name, base, name.n)));
}

/* Finds the entry of the relationships of a part, or names those that are new. */
static hp_code find_rels(hp_copy *c, size_t entry, size_t *rels, const char **fresh, hp_err *err) {
    hp_str name = rels_name(c, entry);
    hp_str part = name.p ? hp_part_resolve(c->arena, HP_S(""), name) : (hp_str){NULL, 0};
    if (!part.p) return hp_fail_memory(err, "the annotations");
    if (hp_zip_find(c->zip, part, rels)) return HP_OK;
    *rels = SIZE_MAX;
    *fresh = name.p;
    return HP_OK;
}

/* Finds an id that no relationship of the part has. */
static hp_str new_id(hp_copy *c, const hp_rels *rels, hp_str other) {
    for (unsigned i = 1;; i++) {
        hp_str id = hp_arena_printf(c->arena, "hotpass%u", i);
        if (!id.p || (!hp_rels_get(rels, id) && !hp_str_eq(id, other))) return id;
    }
}

static bool has_comments(const hp_marked *s) {
    for (size_t i = 0; i < s->nmark; i++)
        if (s->mark[i].commented) return true;
    return false;
}

static hp_code plan_comments(hp_copy *c, hp_marked *s, const hp_rels *rels, hp_err *err) {
    const hp_rel *rel = hp_rels_of_type(rels, HP_S("comments"));
    if (rel && hp_zip_find(c->zip, rel->target, &s->comments)) return HP_OK;
    s->comments_id = new_id(c, rels, HP_S(""));
    if (!s->comments_id.p) return hp_fail_memory(err, "the annotations");
    return new_name(c, "xl/comments", ".xml", &s->comments_name, err);
}

/* The drawing is the one that the sheet names, if there is such a part. */
static hp_code plan_boxes(hp_copy *c, hp_marked *s, const hp_rels *rels, hp_err *err) {
    const hp_rel *rel = s->drawing_id.n ? hp_rels_get(rels, s->drawing_id) : NULL;
    if (rel && hp_zip_find(c->zip, rel->target, &s->boxes)) return HP_OK;
    s->boxes_id = new_id(c, rels, s->comments_id);
    if (!s->boxes_id.p) return hp_fail_memory(err, "the annotations");
    return new_name(c, "xl/drawings/vmlDrawing", ".vml", &s->boxes_name, err);
}

hp_code hp_package_plan(hp_copy *c, hp_marked *s, hp_err *err) {
    s->rels = s->comments = s->boxes = SIZE_MAX;
    s->comments_id = s->boxes_id = HP_S("");
    if (!has_comments(s)) return HP_OK;
    hp_rels rels = {0};
    hp_code code = hp_rels_read(c->zip, c->arena, c->file, s->part, &rels, err);
    if (code == HP_OK) code = find_rels(c, s->entry, &s->rels, &s->rels_name, err);
    if (code == HP_OK) code = plan_comments(c, s, &rels, err);
    if (code == HP_OK) code = plan_boxes(c, s, &rels, err);
    hp_rels_free(&rels);
    if (code == HP_OK && !s->comments_name && !s->boxes_name) s->rels_name = NULL;
    return code;
}

hp_code hp_package_plan_styles(hp_copy *c, hp_err *err) {
    const char *fresh = NULL;
    size_t book;
    c->book_rels = SIZE_MAX;
    if (c->styles != SIZE_MAX || c->look.n == 0) return HP_OK;
    if (!hp_zip_find(c->zip, c->parts.workbook, &book))
        return hp_fail(err, HP_DATA, "%.*s: the workbook has no part of its own", HP_FMT(c->file));
    HP_TRY(find_rels(c, book, &c->book_rels, &fresh, err));
    if (c->book_rels == SIZE_MAX)
        return hp_fail(err, HP_DATA, "%.*s: the workbook has neither styles nor relationships",
                       HP_FMT(c->file));
    /* The usual name if it is free: there are programs that look nowhere else. */
    if (!hp_zip_find(c->zip, HP_S("xl/styles.xml"), &book)) {
        c->styles_name = "xl/styles.xml";
        return HP_OK;
    }
    return new_name(c, "xl/styles", ".xml", &c->styles_name, err);
}

/* ---- relationships ---- */

size_t hp_sheet_rels(const hp_marked *s, hp_new_rel rel[2]) {
    size_t n = 0;
    if (s->comments_name)
        rel[n++] = (hp_new_rel){.id = s->comments_id, .type = "comments", .target = s->comments_name};
    if (s->boxes_name)
        rel[n++] = (hp_new_rel){.id = s->boxes_id, .type = "vmlDrawing", .target = s->boxes_name};
    return n;
}

static void put_rels(hp_buf *out, hp_str prefix, bool strict, const hp_new_rel *rel, size_t n) {
    const char *base = strict ? "http://purl.oclc.org/ooxml/officeDocument/relationships"
                              : "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    for (size_t i = 0; i < n; i++)
        hp_buf_printf(out, "<%.*sRelationship Id=\"%.*s\" Type=\"%s/%s\" Target=\"/%s\"/>", HP_FMT(prefix),
                      HP_FMT(rel[i].id), base, rel[i].type, rel[i].target);
}

static hp_code rels_new(hp_copy *c, bool strict, const hp_new_rel *rel, size_t n, hp_err *err) {
    hp_autobuf out = hp_buf_new(1 << 16);
    hp_buf_puts(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships "
                      "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">");
    put_rels(&out, HP_S(""), strict, rel, n);
    hp_buf_puts(&out, "</Relationships>");
    HP_TRY(hp_buf_check(&out, "the relationships of an annotated copy", err));
    return hp_member_put(&c->out, hp_buf_str(&out), err);
}

/* Puts text where the root of a part ends; a root with nothing in it is opened. *done tells that it stands
 * there. */
static hp_code put_at_end(hp_patch *p, const hp_buf *text, bool *done, hp_err *err) {
    HP_TRY(hp_buf_check(text, "a part of an annotated copy", err));
    if (p->depth != 1 || (p->kind != HP_TAG_CLOSE && p->kind != HP_TAG_EMPTY)) return HP_OK;
    *done = true;
    if (p->kind == HP_TAG_CLOSE) return hp_patch_insert(p, hp_buf_str(text), err);
    hp_autobuf out = hp_buf_new(1 << 20);
    hp_buf_add(&out, hp_str_cut(p->bytes, 0, p->bytes.n - 2));
    hp_buf_printf(&out, ">%.*s</%.*s>", HP_FMT(hp_buf_str(text)), HP_FMT(p->qname));
    HP_TRY(hp_buf_check(&out, "a part of an annotated copy", err));
    return hp_patch_replace(p, hp_buf_str(&out), err);
}

static hp_code patch_rels(hp_patch *p, bool strict, const hp_new_rel *rel, size_t n, hp_err *err) {
    hp_autobuf text = hp_buf_new(1 << 16);
    bool done = false;
    for (;;) {
        HP_TRY(hp_patch_next(p, err));
        if (p->kind == HP_TAG_NONE) break;
        if (p->kind == HP_TAG_OTHER) continue;
        hp_buf_clear(&text);
        put_rels(&text, hp_patch_prefix(p), strict, rel, n);
        HP_TRY(put_at_end(p, &text, &done, err));
    }
    return done ? HP_OK : hp_patch_fail(p, err, "these are no relationships");
}

hp_code hp_rels_patch(hp_copy *c, size_t entry, bool strict, const hp_new_rel *rel, size_t n, hp_err *err) {
    if (entry == SIZE_MAX) return rels_new(c, strict, rel, n, err);
    hp_patch p = {0};
    hp_code code = hp_patch_open(&p, c->zip, entry, c->file, &c->out, err);
    if (code == HP_OK) code = patch_rels(&p, strict, rel, n, err);
    hp_patch_close(&p);
    return code;
}

/* ---- content types ---- */

static void put_type(hp_buf *out, hp_str prefix, const char *name, const char *type) {
    hp_buf_printf(out, "<%.*sOverride PartName=\"/%s\" ContentType=\"%s\"/>", HP_FMT(prefix), name, type);
}

/* Names all new parts; drawings have a type by their suffix, unless another one has it. */
static void put_types(const hp_copy *c, hp_str prefix, bool vml, hp_buf *out) {
    for (size_t i = 0; i < c->nsheet; i++) {
        const hp_marked *s = &c->sheet[i];
        if (s->comments_name) put_type(out, prefix, s->comments_name, SHEET_TYPE "comments+xml");
        if (s->boxes_name && !vml) put_type(out, prefix, s->boxes_name, VML_TYPE);
    }
    if (c->styles_name) put_type(out, prefix, c->styles_name, SHEET_TYPE "styles+xml");
}

/* Tells whether a declared type is that of a part that was not there, and is new now. */
static bool is_ours(const hp_copy *c, hp_str name) {
    if (name.n && name.p[0] == '/') name = hp_str_cut(name, 1, name.n);
    bool is = c->styles_name && hp_str_ieq(name, hp_str_of(c->styles_name));
    for (size_t i = 0; i < c->nsheet && !is; i++) {
        const hp_marked *s = &c->sheet[i];
        is = (s->comments_name && hp_str_ieq(name, hp_str_of(s->comments_name)))
             || (s->boxes_name && hp_str_ieq(name, hp_str_of(s->boxes_name)));
    }
    return is;
}

static hp_code patch_types(const hp_copy *c, hp_patch *p, hp_err *err) {
    hp_autobuf text = hp_buf_new(16u << 20);
    bool done = false, vml = false;
    for (;;) {
        hp_str suffix, type;
        HP_TRY(hp_patch_next(p, err));
        if (p->kind == HP_TAG_NONE) break;
        if (hp_patch_opens(p, HP_S("Default")) && hp_tag_value(p->attrs, HP_S("Extension"), &suffix)
            && hp_tag_value(p->attrs, HP_S("ContentType"), &type) && hp_str_ieq(suffix, HP_S("vml")))
            vml = hp_str_ieq(type, HP_S(VML_TYPE));
        if (p->kind == HP_TAG_EMPTY && hp_patch_opens(p, HP_S("Override"))
            && hp_tag_value(p->attrs, HP_S("PartName"), &suffix) && is_ours(c, suffix))
            HP_TRY(hp_patch_replace(p, HP_S(""), err));
        if (p->depth != 1 || p->kind == HP_TAG_OTHER) continue;
        hp_buf_clear(&text);
        put_types(c, hp_patch_prefix(p), vml, &text);
        HP_TRY(put_at_end(p, &text, &done, err));
    }
    return done ? HP_OK : hp_patch_fail(p, err, "these are no content types");
}

hp_code hp_types_patch(hp_copy *c, size_t entry, hp_err *err) {
    hp_patch p = {0};
    hp_code code = hp_patch_open(&p, c->zip, entry, c->file, &c->out, err);
    if (code == HP_OK) code = patch_types(c, &p, err);
    hp_patch_close(&p);
    return code;
}
