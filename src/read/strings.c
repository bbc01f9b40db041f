#include "read/strings.h"

#include "base/mem.h"
#include "base/vec.h"
#include "read/package.h"

#include "base/banned.h"

hp_rich hp_rich_new(void) {
    return (hp_rich){hp_buf_new(HP_LIMIT_PART_BYTES), hp_buf_new(HP_LIMIT_PART_BYTES)};
}

void hp_rich_free(hp_rich *r) {
    hp_buf_free(&r->scratch);
    hp_buf_free(&r->joined);
}

bool hp_rich_text(hp_xml *x, hp_rich *r, hp_str *out) {
    unsigned depth = x->depth;
    size_t pieces = 0;
    hp_buf_clear(&r->joined);
    *out = HP_S("");
    for (;;) {
        hp_xml_event e = hp_xml_next(x);
        if (e == HP_XML_BAD || e == HP_XML_EOF) return false;
        if (e == HP_XML_END && x->depth < depth) break;
        if (e != HP_XML_START || hp_str_eq(x->name, HP_S("r"))) continue;
        if (!hp_str_eq(x->name, HP_S("t"))) {
            if (!hp_xml_skip(x)) return false;
            continue;
        }
        /* One text is a view; only a second one makes a copy necessary. */
        if (pieces++) hp_buf_add(&r->joined, *out);
        if (!hp_xml_content(x, &r->scratch, out)) return false;
    }
    if (pieces > 1) {
        hp_buf_add(&r->joined, *out);
        *out = hp_buf_str(&r->joined);
    }
    return !r->joined.bad;
}

/* The strings while they are read. */
typedef struct strings_reader {
    HP_VEC(hp_vid) id;
    HP_VEC(uint32_t) repaired;
    hp_rich rich;
    hp_str file, part;
} strings_reader;

static hp_code read_item(hp_xml *x, hp_texts *texts, strings_reader *r, hp_err *err) {
    hp_str text;
    hp_vid id;
    x->repaired = false;
    if (!hp_rich_text(x, &r->rich, &text)) return hp_fail_xml(x, r->file, r->part, err);
    bool repaired = x->repaired;
    HP_TRY(hp_texts_intern(texts, text, &id, &repaired, err));
    if (repaired && !hp_vec_push(&r->repaired, (uint32_t)r->id.n))
        return hp_fail_memory(err, "the shared strings");
    return hp_vec_push(&r->id, id) ? HP_OK : hp_fail_memory(err, "the shared strings");
}

static hp_code read_items(hp_xml *x, hp_texts *texts, strings_reader *r, hp_err *err) {
    for (hp_xml_event e; (e = hp_xml_next(x)) != HP_XML_EOF;) {
        if (e == HP_XML_BAD) return hp_fail_xml(x, r->file, r->part, err);
        if (e == HP_XML_START && x->depth == 2 && hp_str_eq(x->name, HP_S("si")))
            HP_TRY(read_item(x, texts, r, err));
    }
    return HP_OK;
}

hp_code hp_strings_read(hp_xml *x, hp_texts *texts, hp_str file, hp_str part, hp_strings *out, hp_err *err) {
    strings_reader r = {.rich = hp_rich_new(), .file = file, .part = part};
    hp_code code = read_items(x, texts, &r, err);
    hp_rich_free(&r.rich);
    if (code != HP_OK) {
        hp_vec_free(&r.id);
        hp_vec_free(&r.repaired);
        return code;
    }
    *out = (hp_strings){r.id.p, r.id.n, r.repaired.p, r.repaired.n};
    return HP_OK;
}

void hp_strings_free(hp_strings *s) {
    hp_free(s->id);
    hp_free(s->repaired);
    *s = (hp_strings){0};
}

bool hp_strings_repaired(const hp_strings *s, uint32_t index) {
    size_t from = 0, to = s->nrepaired;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (s->repaired[middle] == index) return true;
        if (s->repaired[middle] < index) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return false;
}
