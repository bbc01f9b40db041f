#include "read/strings.h"

#include "base/mem.h"
#include "base/threads.h"
#include "base/vec.h"
#include "read/package.h"
#include "read/pieces.h"
#include "read/quick.h"
#include "table/dict.h"

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
    hp_run *run;
    hp_zip *zip;
    size_t entry;
    hp_str file;
    HP_VEC(hp_vid) id;
    HP_VEC(uint32_t) repaired;
    hp_pieces pieces;
    struct piece *piece;
    bool ended; /* the list of strings ended: what stands behind it is of no use */
    bool odd;   /* the part has to be read as a whole */
} strings_reader;

static hp_str part_of(const strings_reader *r) { return hp_zip_name(r->zip, r->entry); }

static hp_code fail_size(const strings_reader *r, size_t at, hp_err *err) {
    return hp_fail_limit(err, HP_L_TEXT_BYTES,
                         "%.*s: part %.*s, byte %zu: a shared string of more than %llu bytes",
                         HP_FMT(r->file), HP_FMT(part_of(r)), at, (unsigned long long)HP_LIMIT_TEXT_BYTES);
}

/* ---- as a whole ---- */

static hp_code read_item(strings_reader *r, hp_xml *x, hp_texts *texts, hp_rich *rich, hp_err *err) {
    hp_str text;
    hp_vid id;
    x->repaired = false;
    if (!hp_rich_text(x, rich, &text)) return hp_fail_xml(x, r->file, part_of(r), err);
    if (text.n > HP_LIMIT_TEXT_BYTES) return fail_size(r, hp_xml_offset(x), err);
    bool repaired = x->repaired;
    HP_TRY(hp_texts_intern(texts, text, &id, &repaired, err));
    if (repaired && !hp_vec_push(&r->repaired, (uint32_t)r->id.n))
        return hp_fail_memory(err, "the shared strings");
    return hp_vec_push(&r->id, id) ? HP_OK : hp_fail_memory(err, "the shared strings");
}

static hp_code read_items(strings_reader *r, hp_xml *x, hp_texts *texts, hp_rich *rich, hp_err *err) {
    for (hp_xml_event e; (e = hp_xml_next(x)) != HP_XML_EOF;) {
        if (e == HP_XML_BAD) return hp_fail_xml(x, r->file, part_of(r), err);
        if (e == HP_XML_START && x->depth == 2 && hp_str_eq(x->name, HP_S("si")))
            HP_TRY(read_item(r, x, texts, rich, err));
    }
    return HP_OK;
}

static hp_code read_whole(strings_reader *r, hp_err *err) {
    hp_autopart part = {0};
    HP_TRY(hp_zip_read_xml(r->zip, r->entry, &part, err));
    hp_texts texts = hp_texts_new(r->run, true);
    hp_rich rich = hp_rich_new();
    hp_xml x;
    r->id.n = r->repaired.n = 0;
    hp_xml_init(&x, part.bytes);
    hp_code code = read_items(r, &x, &texts, &rich, err);
    hp_rich_free(&rich);
    hp_texts_free(&texts);
    return code;
}

/* ---- piece by piece ---- */

enum { DEPTH = 8 }; /* pieces under way */

/* A piece on its way. */
typedef struct piece {
    hp_buf bytes;
    hp_dict dict; /* its strings, one behind the other: they differ, in nearly all workbooks */
    HP_VEC(uint32_t) repaired;
    hp_structure structure;
    hp_rich rich;
    hp_texts texts;
    hp_xml x; /* for decoding */
    bool ended, odd, bad;
} piece;

/* Adds a string that is fit for the pool, or is made so. */
static void add_string(piece *p, hp_str text, bool repaired) {
    bool stays = text.p >= p->bytes.p && text.p < p->bytes.p + p->bytes.n;
    if (!hp_texts_fit(text, true)) {
        stays = false;
        if (hp_texts_clean(&p->texts, text, &text, &repaired, NULL) != HP_OK) p->bad = true;
    }
    if (!stays && text.n && !p->bad) text = hp_dict_keep(&p->dict, text);
    if (p->bad || !text.p || (repaired && !hp_vec_push(&p->repaired, p->dict.n))
        || hp_dict_append(&p->dict, text) == HP_DICT_FULL)
        p->bad = true;
}

/* Takes <si><t>text</t></si>; false when it is anything else. */
static bool take_item(piece *p, hp_quick *q) {
    const char *from = q->p;
    hp_str text;
    hp_xml *x = &p->x;
    x->repaired = false;
    q->p += 4;
    hp_quick_white(q);
    if (hp_quick_t(q) && hp_quick_text(q, x, &p->rich.scratch, &text) && HP_AT(q->p, "</t>")) {
        q->p += 4;
        hp_quick_white(q);
        if (HP_AT(q->p, "</si>") && text.n <= HP_LIMIT_TEXT_BYTES) {
            q->p += 5;
            add_string(p, text, x->repaired);
            return true;
        }
    }
    q->p = from;
    return false;
}

/* Reads the next child of the list with the careful scanner; false when it is not whole XML. */
static bool take_carefully(const strings_reader *r, piece *p, hp_quick *q) {
    hp_xml x;
    hp_str text;
    hp_pieces_scan(&r->pieces, hp_buf_str(&p->bytes), q->p, &x);
    hp_xml_event e = HP_XML_TEXT;
    while (e == HP_XML_TEXT) e = hp_xml_next(&x);
    if (e == HP_XML_END
        && x.depth == 0) { /* what follows is held against XML when the part is read as a whole */
        while (e == HP_XML_END) e = hp_xml_next(&x);
        p->ended = true;
        return e == HP_XML_EOF;
    }
    if (e != HP_XML_START) return false;
    bool item = hp_str_eq(x.name, HP_S("si"));
    if (item ? !hp_rich_text(&x, &p->rich, &text) || text.n > HP_LIMIT_TEXT_BYTES : !hp_xml_skip(&x))
        return false;
    if (item) add_string(p, text, x.repaired);
    q->p = x.p;
    return true;
}

static bool read_piece(const strings_reader *r, piece *p) {
    hp_str bytes = hp_buf_str(&p->bytes);
    if (!hp_structure_find(&p->structure, bytes)) return false;
    hp_quick q = {bytes.p, bytes.p, bytes.n, &p->structure};
    while (!p->ended) {
        hp_quick_white(&q);
        if (q.p == bytes.p + bytes.n) return true;
        if (HP_AT(q.p, "<si>") && take_item(p, &q)) continue;
        if (!take_carefully(r, p, &q)) return false;
    }
    return true;
}

static hp_code make_piece(void *ctx, size_t slot, bool *made, hp_err *err) {
    strings_reader *r = ctx;
    return hp_pieces_next(&r->pieces, &r->piece[slot].bytes, made, err);
}

static hp_code work_on_piece(void *ctx, size_t slot, hp_err *err) {
    const strings_reader *r = ctx;
    piece *p = &r->piece[slot];
    (void)err;
    hp_dict_clear(&p->dict);
    p->repaired.n = 0;
    p->ended = p->bad = false;
    p->odd = !read_piece(r, p);
    return HP_OK;
}

static bool make_room(strings_reader *r, size_t n) {
    if (n <= r->id.cap) return true;
    size_t cap = n + n / 2;
    hp_vid *id = hp_realloc(r->id.p, cap, sizeof *id);
    if (!id) return false;
    r->id.p = id;
    r->id.cap = cap;
    return true;
}

static hp_code take_piece(void *ctx, size_t slot, hp_err *err) {
    strings_reader *r = ctx;
    const piece *p = &r->piece[slot];
    if (p->bad) return hp_fail_memory(err, "the shared strings");
    if (p->odd || r->ended) { /* more than white space behind the list */
        r->odd = true;
        return HP_DATA;
    }
    r->ended = p->ended;
    size_t n = r->id.n;
    for (size_t i = 0; i < p->repaired.n; i++)
        if (!hp_vec_push(&r->repaired, (uint32_t)(n + p->repaired.p[i])))
            return hp_fail_memory(err, "the shared strings");
    if (!make_room(r, n + p->dict.n)) return hp_fail_memory(err, "the shared strings");
    HP_TRY(hp_dict_merge(&p->dict, r->run->pool, r->id.p + n, err));
    r->id.n = n + p->dict.n;
    return HP_OK;
}

static hp_code read_pieces(strings_reader *r, hp_err *err) {
    static const hp_pipeline pipeline = {DEPTH, make_piece, work_on_piece, take_piece};
    piece pieces[DEPTH];
    for (size_t i = 0; i < DEPTH; i++)
        pieces[i] = (piece){
            .bytes = hp_buf_new(HP_PIECE_MOST), .rich = hp_rich_new(), .texts = hp_texts_new(NULL, true)};
    r->piece = pieces;
    hp_code code = hp_pipeline_run(&pipeline, r, err);
    for (size_t i = 0; i < DEPTH; i++) {
        hp_buf_free(&pieces[i].bytes);
        hp_dict_free(&pieces[i].dict);
        hp_vec_free(&pieces[i].repaired);
        hp_structure_free(&pieces[i].structure);
        hp_rich_free(&pieces[i].rich);
        hp_texts_free(&pieces[i].texts);
    }
    if (code == HP_OK && !r->ended) r->odd = true;
    return code;
}

static hp_code read_strings(strings_reader *r, hp_err *err) {
    bool fit = false;
    hp_code code = hp_pieces_open(&r->pieces, r->zip, r->entry, HP_S(""), HP_S("sst"), HP_S("si"), &fit, err);
    if (code == HP_OK && fit) code = read_pieces(r, err);
    hp_pieces_close(&r->pieces);
    return (code == HP_OK && !fit) || r->odd ? read_whole(r, err) : code;
}

hp_code hp_strings_read(hp_run *run, hp_zip *z, size_t entry, hp_str file, hp_strings *out, hp_err *err) {
    strings_reader r = {.run = run, .zip = z, .entry = entry, .file = file};
    hp_code code = read_strings(&r, err);
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
