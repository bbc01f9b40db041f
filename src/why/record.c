#include "why/record.h"

#include "base/banned.h"

void hp_why_put(hp_buf *out, uint64_t v) {
    char bytes[10];
    size_t n = 0;
    do {
        bytes[n] = (char)(v & 0x7F);
        v >>= 7;
        if (v) bytes[n] = (char)(bytes[n] | 0x80);
        n++;
    } while (v);
    hp_buf_add(out, (hp_str){bytes, n});
}

void hp_why_put_text(hp_buf *out, hp_str s) {
    hp_why_put(out, s.n);
    hp_buf_add(out, s);
}

void hp_why_put_cell(hp_buf *out, hp_cell at) {
    hp_why_put(out, at.sheet == HP_NO_SHEET ? 0 : (uint64_t)at.sheet + 1);
    hp_why_put(out, at.row);
    hp_why_put(out, at.col == HP_NO_COL ? 0 : (uint64_t)at.col + 1);
}

/* ---- reading ---- */

/* What is read, and whether it was there so far: callers ask once, at the end. */
typedef struct reader {
    hp_str rest;
    hp_arena *a;
    bool bad, full; /* full: no memory */
} reader;

static uint64_t get(reader *r) {
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64 && r->rest.n; shift += 7) {
        unsigned char c = (unsigned char)r->rest.p[0];
        r->rest = hp_str_cut(r->rest, 1, r->rest.n);
        v |= (uint64_t)(c & 0x7F) << shift;
        if (!(c & 0x80)) return v;
    }
    r->bad = true;
    return 0;
}

/* Reads a number below `end`. */
static unsigned get_below(reader *r, unsigned end) {
    uint64_t v = get(r);
    if (v < end) return (unsigned)v;
    r->bad = true;
    return 0;
}

static uint32_t get32(reader *r) {
    uint64_t v = get(r);
    r->bad |= v > UINT32_MAX;
    return (uint32_t)v;
}

static hp_str get_text(reader *r) {
    uint64_t n = get(r);
    if (n > r->rest.n) {
        r->bad = true;
        n = 0;
    }
    hp_str s = hp_str_cut(r->rest, 0, (size_t)n);
    r->rest = hp_str_cut(r->rest, (size_t)n, r->rest.n);
    return s;
}

static hp_cell get_cell(reader *r) {
    hp_cell at;
    uint32_t sheet = get32(r);
    at.row = get32(r);
    uint32_t col = get32(r);
    at.sheet = sheet ? sheet - 1 : HP_NO_SHEET;
    at.col = col ? col - 1 : HP_NO_COL;
    return at;
}

/* Makes room for as many things as are said to follow; each takes a byte at least, so that no damage can ask
 * for more memory than the bytes are worth. */
static void *get_list(reader *r, size_t size, size_t *n) {
    uint64_t count = get(r);
    *n = 0;
    if (r->bad || count > r->rest.n) {
        r->bad = true;
        return NULL;
    }
    void *list = hp_arena_array(r->a, (size_t)count + 1, size);
    r->full |= !list;
    r->bad |= !list;
    if (list) *n = (size_t)count;
    return list;
}

static void read_cell(reader *r, hp_why_cell *c) {
    c->field = (hp_field)get_below(r, HP_FIELD_COUNT);
    c->col = get32(r);
    uint64_t flags = get(r);
    c->raw = get_text(r);
    c->clean = flags & HP_WHY_SAME ? c->raw : get_text(r);
    if (flags & HP_WHY_RULES) c->rule = get_list(r, sizeof *c->rule, &c->nrule);
    for (size_t i = 0; i < c->nrule && !r->bad; i++) {
        c->rule[i].rule = (hp_rule)get_below(r, HP_RULE_COUNT);
        c->rule[i].note = get_text(r);
    }
    if (flags & HP_WHY_CORRECTED) c->corrected = get_text(r);
    if (flags & HP_WHY_EXTRA) c->extra = get_text(r);
}

static void read_source_row(reader *r, hp_why_source_row *row) {
    row->at.sheet = get32(r);
    row->at.row = get32(r);
    row->entity = (hp_entity)get_below(r, HP_ENTITY_COUNT);
    row->how = (hp_joined)get_below(r, HP_JOINED_COUNT);
    row->on = get_text(r);
    row->cell = get_list(r, sizeof *row->cell, &row->ncell);
    for (size_t i = 0; i < row->ncell && !r->bad; i++) read_cell(r, &row->cell[i]);
}

static void read_record(reader *r, hp_why_record *o) {
    o->flags = (unsigned)get(r);
    o->id = get_text(r);
    o->date = get_text(r);
    o->complete = get_below(r, 6);
    o->row = get_list(r, sizeof *o->row, &o->nrow);
    for (size_t i = 0; i < o->nrow && !r->bad; i++) read_source_row(r, &o->row[i]);
    r->bad |= o->nrow == 0;
}

static void read_match(reader *r, size_t records, hp_why_match *m) {
    m->a = get_below(r, (unsigned)records);
    m->b = get_below(r, (unsigned)records);
    m->reason = (hp_match_reason)get_below(r, HP_MATCH_REASON_COUNT);
    m->score = (double)get_below(r, 1001) / 1000;
    m->on = get_text(r);
}

static hp_why_value *read_values(reader *r, size_t records, size_t *n) {
    hp_why_value *v = get_list(r, sizeof *v, n);
    for (size_t i = 0; i < *n && !r->bad; i++) {
        v[i].col = get32(r);
        v[i].at = get_cell(r);
        v[i].record = get_below(r, (unsigned)records);
        v[i].text = get_text(r);
    }
    return v;
}

static void read_derived(reader *r, hp_why_row *out) {
    out->derived = get_list(r, sizeof *out->derived, &out->nderived);
    for (size_t i = 0; i < out->nderived && !r->bad; i++) {
        out->derived[i] = (hp_why_value){.at = {.sheet = HP_NO_SHEET, .col = HP_NO_COL}};
        out->derived[i].col = get32(r);
        out->derived[i].text = get_text(r);
    }
}

static hp_code verdict(const reader *r, hp_err *err) {
    if (r->full) return hp_fail_memory(err, "the provenance");
    if (!r->bad) return HP_OK;
    return hp_fail(err, HP_DATA, "a row of the provenance store cannot be read; run hotpass refine again");
}

hp_code hp_why_read(hp_arena *a, hp_str *bytes, hp_why_row *out, hp_err *err) {
    reader r = {.rest = *bytes, .a = a};
    *out = (hp_why_row){.slug = get_text(&r)};
    out->record = get_list(&r, sizeof *out->record, &out->nrecord);
    for (size_t i = 0; i < out->nrecord && !r.bad; i++) read_record(&r, &out->record[i]);
    out->match = get_list(&r, sizeof *out->match, &out->nmatch);
    for (size_t i = 0; i < out->nmatch && !r.bad; i++) read_match(&r, out->nrecord, &out->match[i]);
    if (!r.bad) out->value = read_values(&r, out->nrecord, &out->nvalue);
    if (!r.bad) read_derived(&r, out);
    if (!r.bad) out->person = get_list(&r, sizeof *out->person, &out->nperson);
    for (size_t i = 0; i < out->nperson && !r.bad; i++) {
        hp_why_person *p = &out->person[i];
        p->reach = get_below(&r, 5);
        p->weight = get_below(&r, 101);
        p->primary = get_below(&r, 2) == 1;
        p->value = read_values(&r, out->nrecord, &p->nvalue);
    }
    HP_TRY(verdict(&r, err));
    *bytes = r.rest;
    return HP_OK;
}

hp_code hp_why_read_kept_out(hp_str *bytes, hp_why_kept_out *out, hp_err *err) {
    reader r = {.rest = *bytes};
    *out = (hp_why_kept_out){0};
    out->at.sheet = get32(&r);
    out->at.row = get32(&r);
    out->rule = (hp_rule)get_below(&r, HP_RULE_COUNT);
    out->kind = (hp_entity)get_below(&r, HP_ENTITY_COUNT);
    out->name = get_text(&r);
    out->note = get_text(&r);
    HP_TRY(verdict(&r, err));
    *bytes = r.rest;
    return HP_OK;
}
