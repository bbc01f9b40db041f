/* The styles of an annotated copy: for each cell format that a marked cell has, and each severity, one more
 * that differs in nothing but its fill (ECMA-376 part 1, 18.8.10, 18.8.20, 18.8.45). */
#include "base/limits.h"
#include "refine/annotate_parts.h"

#include "base/banned.h"

/* Light enough for black text; by severity. They are those of Excel's "Neutral" and "Bad", and a blue. */
static const char *const COLOUR[] = {"FFDDEBF7", "FFFFEB9C", "FFFFC7CE"};
#define COLOURS (sizeof COLOUR / sizeof *COLOUR)

/* Excel's own cap of cell formats. */
#define FORMATS_MOST 65490u

/* The first two fills of a workbook are given: whatever they say, they are shown as none and as a grey. */
#define GIVEN_FILLS 2u

/* ---- looks ---- */

static hp_code look_number(hp_copy *c, uint32_t style, uint8_t severity, uint32_t *out, hp_err *err) {
    bool added = false;
    uint64_t key = (uint64_t)style * COLOURS + severity;
    if (!hp_imap_add(&c->look_number, key, (uint32_t)c->look.n, out, &added)
        || (added && !hp_vec_push(&c->look, ((hp_look){style, severity}))))
        return hp_fail_memory(err, "the annotations");
    return HP_OK;
}

hp_code hp_looks_add(hp_copy *c, hp_marked *s, hp_err *err) {
    for (size_t i = 0; i < s->nmark; i++)
        HP_TRY(look_number(c, s->mark[i].style, s->mark[i].severity, &s->mark[i].look, err));
    return HP_OK;
}

/* ---- looking ---- */

/* What is known while the styles are read. */
typedef struct reader {
    hp_copy *c;
    hp_patch p;
    uint32_t xf, fills; /* so many there are */
    hp_str parent;      /* of elements at depth 3, in the arena */
    bool formats;       /* that is cellXfs */
    hp_buf *base;       /* of each look: its format as it stands; NULL while they are only counted */
    hp_buf text;        /* scratch */
    uint32_t at;        /* the format under way, when `inside` */
    bool inside;
    bool fills_done, formats_done;
} reader;

/* Keeps bytes of the format under way for the looks that are made of it. */
static void keep(reader *r) {
    for (size_t i = 0; r->base && i < r->c->look.n; i++)
        if (r->c->look.p[i].style == r->at) hp_buf_add(&r->base[i], r->p.bytes);
}

/* Counts fills and formats; keeps those that looks are made of. */
static void look_at(reader *r) {
    const hp_patch *p = &r->p;
    bool opens = p->kind == HP_TAG_OPEN || p->kind == HP_TAG_EMPTY;
    if (p->depth == 2 && opens) r->formats = hp_str_eq(p->name, HP_S("cellXfs"));
    if (p->depth == 3 && hp_patch_opens(p, HP_S("fill"))) r->fills++;
    if (p->depth == 3 && r->formats && hp_patch_opens(p, HP_S("xf"))) {
        r->at = r->xf++;
        r->inside = p->kind == HP_TAG_OPEN;
        keep(r);
    } else if (r->inside) {
        keep(r);
        if (p->depth == 3 && p->kind == HP_TAG_CLOSE) r->inside = false;
    }
}

static hp_code read_all(reader *r, hp_err *err) {
    for (;;) {
        HP_TRY(hp_patch_next(&r->p, err));
        if (r->p.kind == HP_TAG_NONE) return HP_OK;
        if (r->p.kind != HP_TAG_OTHER || r->inside) look_at(r);
    }
}

static hp_code open_and_read(reader *r, hp_err *err) {
    hp_code code = hp_patch_open(&r->p, r->c->zip, r->c->styles, r->c->file, NULL, err);
    if (code == HP_OK) code = read_all(r, err);
    hp_patch_close(&r->p);
    return code;
}

hp_code hp_styles_survey(hp_copy *c, hp_err *err) {
    reader r = {.c = c};
    if (c->styles != SIZE_MAX) HP_TRY(open_and_read(&r, err));
    c->formats = r.xf ? r.xf : 1; /* without any, the one that cells have is made */
    /* A format that is named but not there must not become one of ours. */
    if (c->named > c->formats && c->named < FORMATS_MOST) c->formats = c->named;
    if (c->formats + c->look.n <= FORMATS_MOST) return HP_OK;
    return hp_fail(err, HP_DATA, "%.*s: with the colours it would have %zu cell formats, a workbook takes %u",
                   HP_FMT(c->file), c->formats + c->look.n, FORMATS_MOST);
}

/* ---- writing ---- */

static void put_tag(hp_buf *out, const char *before, hp_str prefix, const char *rest) {
    hp_buf_puts(out, before);
    hp_buf_add(out, prefix);
    hp_buf_puts(out, rest);
}

static void put_fills(reader *r, hp_str prefix) {
    static const char *const GIVEN[] = {"none", "gray125"};
    hp_buf *out = &r->text;
    for (size_t i = r->fills; i < GIVEN_FILLS; i++) {
        put_tag(out, "<", prefix, "fill>");
        put_tag(out, "<", prefix, "patternFill");
        hp_buf_printf(out, " patternType=\"%s\"/>", GIVEN[i]);
        put_tag(out, "</", prefix, "fill>");
    }
    for (size_t i = 0; i < COLOURS; i++) {
        put_tag(out, "<", prefix, "fill>");
        put_tag(out, "<", prefix, "patternFill patternType=\"solid\">");
        put_tag(out, "<", prefix, "fgColor");
        hp_buf_printf(out, " rgb=\"%s\"/>", COLOUR[i]);
        put_tag(out, "<", prefix, "bgColor indexed=\"64\"/>");
        put_tag(out, "</", prefix, "patternFill>");
        put_tag(out, "</", prefix, "fill>");
    }
    r->fills_done = true;
}

static uint32_t fills_before(const reader *r) { return r->fills < GIVEN_FILLS ? GIVEN_FILLS : r->fills; }

/* Puts the format of a look: the one of its cells, or for a number that the workbook does not define the
 * usual one, with another fill. */
static void put_format(reader *r, hp_str prefix, size_t i) {
    hp_autobuf own = hp_buf_new(1 << 20), half = hp_buf_new(1 << 20);
    hp_str base = hp_buf_str(&r->base[i]);
    if (base.n == 0) {
        put_tag(&own, "<", prefix, "xf/>");
        base = hp_buf_str(&own);
    }
    size_t end = hp_str_chr(base, '>', 0); /* no value of a format holds one */
    char number[16];
    int n = snprintf(number, sizeof number, "%u", fills_before(r) + r->c->look.p[i].severity);
    hp_tag_set(&half, hp_str_cut(base, 0, end + 1), HP_S("fillId"), (hp_str){number, (size_t)n});
    hp_tag_set(&r->text, hp_buf_str(&half), HP_S("applyFill"), HP_S("1"));
    hp_buf_add(&r->text, hp_str_cut(base, end + 1, base.n));
    if (own.bad || half.bad || r->base[i].bad) r->text.bad = true;
}

static void put_formats(reader *r, hp_str prefix) {
    for (uint32_t i = r->xf; i < r->c->formats; i++) put_tag(&r->text, "<", prefix, "xf/>");
    for (size_t i = 0; i < r->c->look.n; i++) put_format(r, prefix, i);
    r->formats_done = true;
}

static uint32_t new_count(const reader *r, bool formats) {
    return formats ? r->c->formats + (uint32_t)r->c->look.n : fills_before(r) + (uint32_t)COLOURS;
}

static void put_list(reader *r, hp_str prefix, bool formats) {
    const char *name = formats ? "cellXfs" : "fills";
    put_tag(&r->text, "<", prefix, name);
    hp_buf_printf(&r->text, " count=\"%u\">", new_count(r, formats));
    if (formats)
        put_formats(r, prefix);
    else
        put_fills(r, prefix);
    put_tag(&r->text, "</", prefix, name);
    hp_buf_putc(&r->text, '>');
}

/* Returns where an element stands in the order of the schema; those behind all others get 9. */
static int rank(hp_str name) {
    static const char *const ORDER[] = {"numFmts", "fonts", "fills", "borders", "cellStyleXfs", "cellXfs"};
    for (size_t i = 0; i < sizeof ORDER / sizeof *ORDER; i++)
        if (hp_str_eq(name, hp_str_of(ORDER[i]))) return (int)i;
    return 9;
}

/* Patches one of the two lists, or leaves the tag: *replaced tells. */
static void patch_list(reader *r, bool formats, bool *replaced) {
    const hp_patch *p = &r->p;
    char number[16];
    if (p->kind == HP_TAG_EMPTY) {
        put_list(r, hp_patch_prefix(p), formats);
    } else if (p->kind == HP_TAG_OPEN) {
        int n = snprintf(number, sizeof number, "%u", new_count(r, formats));
        hp_tag_set(&r->text, p->bytes, HP_S("count"), (hp_str){number, (size_t)n});
    } else if (formats) {
        put_formats(r, hp_patch_prefix(p));
    } else {
        put_fills(r, hp_patch_prefix(p));
    }
    *replaced = p->kind != HP_TAG_CLOSE;
}

/* Makes what comes in front of the tag, or in its place. */
static void patch_tag(reader *r, bool *replaced) {
    const hp_patch *p = &r->p;
    bool opens = p->kind == HP_TAG_OPEN || p->kind == HP_TAG_EMPTY;
    bool fills = hp_str_eq(p->name, HP_S("fills")), formats = hp_str_eq(p->name, HP_S("cellXfs"));
    *replaced = false;
    if (p->depth == 2 && (opens || p->kind == HP_TAG_CLOSE) && (fills || formats)) {
        if (formats && opens && !r->fills_done) put_list(r, hp_patch_prefix(p), false);
        patch_list(r, formats, replaced);
        return;
    }
    /* A list that is missing comes before the first element that stands behind it. */
    bool ends = p->depth == 1 && p->kind == HP_TAG_CLOSE;
    if (!ends && !(p->depth == 2 && opens)) return;
    if (!r->fills_done && (ends || rank(p->name) > 2)) put_list(r, hp_patch_prefix(p), false);
    if (!r->formats_done && (ends || rank(p->name) > 5)) put_list(r, hp_patch_prefix(p), true);
}

static hp_code patch_all(reader *r, hp_err *err) {
    for (;;) {
        HP_TRY(hp_patch_next(&r->p, err));
        if (r->p.kind == HP_TAG_NONE) break;
        if (r->p.kind == HP_TAG_OTHER) continue;
        bool replaced;
        hp_buf_clear(&r->text);
        patch_tag(r, &replaced);
        HP_TRY(hp_buf_check(&r->text, "the styles of an annotated copy", err));
        if (replaced)
            HP_TRY(hp_patch_replace(&r->p, hp_buf_str(&r->text), err));
        else if (r->text.n)
            HP_TRY(hp_patch_insert(&r->p, hp_buf_str(&r->text), err));
    }
    return r->fills_done && r->formats_done ? HP_OK : hp_patch_fail(&r->p, err, "these are no styles");
}

/* Reads the formats that looks are made of, then writes. */
static hp_code patch(reader *r, hp_err *err) {
    HP_TRY(open_and_read(r, err));
    hp_code code = hp_patch_open(&r->p, r->c->zip, r->c->styles, r->c->file, &r->c->out, err);
    if (code == HP_OK) code = patch_all(r, err);
    hp_patch_close(&r->p);
    return code;
}

static hp_buf *new_bases(size_t n) {
    hp_buf *base = hp_calloc(n + 1, sizeof *base);
    for (size_t i = 0; base && i < n; i++) base[i] = hp_buf_new(1 << 20);
    return base;
}

hp_code hp_styles_patch(hp_copy *c, hp_err *err) {
    reader r = {.c = c, .text = hp_buf_new(256u << 20), .base = new_bases(c->look.n)};
    hp_code code = r.base ? patch(&r, err) : hp_fail_memory(err, "the annotations");
    for (size_t i = 0; r.base && i < c->look.n; i++) hp_buf_free(&r.base[i]);
    hp_free(r.base);
    hp_buf_free(&r.text);
    return code;
}

hp_code hp_styles_new(hp_copy *c, hp_err *err) {
    const char *space = c->nsheet && c->sheet[0].strict
                            ? "http://purl.oclc.org/ooxml/spreadsheetml/main"
                            : "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    reader r = {.c = c, .text = hp_buf_new(256u << 20), .base = new_bases(c->look.n)};
    if (!r.base) return hp_fail_memory(err, "the annotations");
    hp_buf_printf(&r.text,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<styleSheet xmlns=\"%s\">"
                  "<fonts count=\"1\"><font><sz val=\"11\"/><name val=\"Calibri\"/></font></fonts>",
                  space);
    put_list(&r, HP_S(""), false);
    hp_buf_puts(&r.text,
                "<borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>"
                "<cellStyleXfs count=\"1\"><xf/></cellStyleXfs>");
    put_list(&r, HP_S(""), true);
    hp_buf_puts(&r.text, "</styleSheet>");
    hp_code code = hp_buf_check(&r.text, "the styles of an annotated copy", err);
    if (code == HP_OK) code = hp_member_put(&c->out, hp_buf_str(&r.text), err);
    hp_free(r.base);
    hp_buf_free(&r.text);
    return code;
}
