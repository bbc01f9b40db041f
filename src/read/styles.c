#include "read/styles.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/vec.h"

#include "base/banned.h"

/* What is known while the part is read: number formats of cell formats, and codes that the workbook defines.
 */
typedef struct styles_reader {
    HP_VEC(uint32_t) xf;
    hp_imap code; /* format id -> hp_numfmt */
    hp_buf text;
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

static bool read_format(hp_xml *x, styles_reader *r) {
    hp_str name, value, code = HP_S("");
    uint32_t id = 0;
    while (hp_xml_attr(x, &name, &value)) {
        if (hp_str_eq(name, HP_S("numFmtId"))) id = format_id(value);
        if (hp_str_eq(name, HP_S("formatCode"))) code = value;
    }
    hp_buf_clear(&r->text);
    if (!hp_xml_decode(x, code, &r->text) || r->text.bad) return false;
    return hp_imap_put(&r->code, id, (uint32_t)hp_numfmt_of_code(hp_buf_str(&r->text)));
}

static bool read_xf(hp_xml *x, styles_reader *r) {
    hp_str name, value;
    uint32_t id = 0;
    while (hp_xml_attr(x, &name, &value)) {
        if (hp_str_eq(name, HP_S("numFmtId"))) id = format_id(value);
    }
    return hp_vec_push(&r->xf, id);
}

static bool read_all(hp_xml *x, styles_reader *r) {
    for (hp_xml_event e; (e = hp_xml_next(x)) != HP_XML_EOF;) {
        if (e == HP_XML_BAD) return false;
        if (e != HP_XML_START || x->depth != 3) continue;
        /* Differential formats have numFmt too, but elsewhere, and their ids mean nothing to cells. */
        if (hp_str_eq(x->name, HP_S("numFmt")) && hp_xml_parent_is(x, HP_S("numFmts")) && !read_format(x, r))
            return false;
        if (hp_str_eq(x->name, HP_S("xf")) && hp_xml_parent_is(x, HP_S("cellXfs")) && !read_xf(x, r))
            return false;
    }
    return true;
}

bool hp_styles_read(hp_xml *x, hp_styles *out) {
    styles_reader r = {.text = hp_buf_new(1 << 20)};
    bool ok = read_all(x, &r);
    uint8_t *kind = ok ? hp_malloc(r.xf.n) : NULL;
    for (size_t i = 0; kind && i < r.xf.n; i++) {
        uint32_t defined;
        kind[i] =
            (uint8_t)(hp_imap_get(&r.code, r.xf.p[i], &defined) ? defined
                                                                : (uint32_t)hp_numfmt_builtin(r.xf.p[i]));
    }
    if (kind) *out = (hp_styles){kind, r.xf.n};
    reader_free(&r);
    return kind != NULL;
}
