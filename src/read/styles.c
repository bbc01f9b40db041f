#include "read/styles.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"
#include "read/package.h"

#include "base/banned.h"

/* What is known while the part is read: number formats of cell formats, and codes that the workbook defines.
 */
typedef struct styles_reader {
    HP_VEC(uint32_t) xf;
    hp_imap code; /* format id -> hp_numfmt */
    uint32_t ncode;
    hp_buf text;
    hp_xml *x;
    hp_str file, part;
    hp_err *err;
} styles_reader;

static void reader_free(styles_reader *r) {
    hp_vec_free(&r->xf);
    hp_imap_free(&r->code);
    hp_buf_free(&r->text);
}

void hp_styles_free(hp_styles *s) {
    hp_free(s->kind);
    *s = (hp_styles){0};
}

/* Reads the id of a number format; one that is no number is as good as General. */
static uint32_t format_id(hp_str value) {
    int64_t id;
    return hp_str_i64(value, &id) && id >= 0 && id <= UINT32_MAX ? (uint32_t)id : 0;
}

static hp_code fail(styles_reader *r) { return hp_fail_xml(r->x, r->file, r->part, r->err); }

static hp_code fail_many(styles_reader *r, hp_limit_id limit, unsigned most, const char *what) {
    return hp_fail_limit(r->err, limit,
                         "%.*s: part %.*s, byte %zu: more than %u %s; no spreadsheet program writes so many: "
                         "check where it comes from",
                         HP_FMT(r->file), HP_FMT(r->part), hp_xml_offset(r->x), most, what);
}

static hp_code read_format(styles_reader *r) {
    hp_str name, value, code = HP_S("");
    uint32_t id = 0;
    while (hp_xml_attr(r->x, &name, &value)) {
        if (hp_str_eq(name, HP_S("numFmtId"))) id = format_id(value);
        if (hp_str_eq(name, HP_S("formatCode"))) code = value;
    }
    if (++r->ncode > HP_LIMIT_NUMBER_FORMATS)
        return fail_many(r, HP_L_NUMBER_FORMATS, HP_LIMIT_NUMBER_FORMATS, "number formats");
    hp_buf_clear(&r->text);
    if (!hp_xml_decode(r->x, code, &r->text)) return fail(r);
    if (r->text.over) r->x->why = "a number format of more than a megabyte";
    if (r->text.bad) return fail(r);
    uint32_t kind = (uint32_t)hp_numfmt_of_code(hp_buf_str(&r->text));
    return hp_imap_put(&r->code, id, kind) ? HP_OK : hp_fail_memory(r->err, "the styles of a workbook");
}

static hp_code read_xf(styles_reader *r) {
    hp_str name, value;
    uint32_t id = 0;
    while (hp_xml_attr(r->x, &name, &value)) {
        if (hp_str_eq(name, HP_S("numFmtId"))) id = format_id(value);
    }
    if (r->xf.n >= HP_LIMIT_CELL_FORMATS)
        return fail_many(r, HP_L_CELL_FORMATS, HP_LIMIT_CELL_FORMATS, "cell formats");
    return hp_vec_push(&r->xf, id) ? HP_OK : hp_fail_memory(r->err, "the styles of a workbook");
}

static hp_code read_all(styles_reader *r) {
    const hp_xml *x = r->x;
    for (hp_xml_event e; (e = hp_xml_next(r->x)) != HP_XML_EOF;) {
        if (e == HP_XML_BAD) return fail(r);
        if (e != HP_XML_START || x->depth != 3) continue;
        /* Differential formats have numFmt too, but elsewhere, and their ids mean nothing to cells. */
        if (hp_str_eq(x->name, HP_S("numFmt")) && hp_xml_parent_is(x, HP_S("numFmts")))
            HP_TRY(read_format(r));
        if (hp_str_eq(x->name, HP_S("xf")) && hp_xml_parent_is(x, HP_S("cellXfs"))) HP_TRY(read_xf(r));
    }
    return HP_OK;
}

/* Makes the list of what each cell format makes of a number. */
static hp_code finish(const styles_reader *r, hp_styles *out) {
    uint8_t *kind = hp_malloc(r->xf.n);
    if (!kind) return hp_fail_memory(r->err, "the styles of a workbook");
    for (size_t i = 0; i < r->xf.n; i++) {
        uint32_t defined;
        bool own = hp_imap_get(&r->code, r->xf.p[i], &defined);
        kind[i] = (uint8_t)(own ? defined : (uint32_t)hp_numfmt_builtin(r->xf.p[i]));
    }
    *out = (hp_styles){kind, r->xf.n};
    return HP_OK;
}

hp_code hp_styles_read(hp_xml *x, hp_str file, hp_str part, hp_styles *out, hp_err *err) {
    styles_reader r = {.text = hp_buf_new(1 << 20), .x = x, .file = file, .part = part, .err = err};
    hp_code code = read_all(&r);
    if (code == HP_OK) code = finish(&r, out);
    reader_free(&r);
    return code;
}
