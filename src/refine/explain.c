/* The provenance store: what became of every source row, written beside run.json for `hotpass why`. Blocks of
 * rows are put into bytes and packed side by side, and written in order. */
#include <stdlib.h>

#include "base/mem.h"
#include "base/threads.h"
#include "refine/stages.h"
#include "why/store.h"

/* Blocks that are packed before they are written: a few megabytes. */
enum { WAVE = 64 };

/* A packed block on its way. */
typedef struct ready {
    hp_buf packed;
    uint64_t bytes;
    bool bad;
} ready;

/* Says when a value without a cell is told. Long ones (lists of cells, JSON) follow from what else is told.
 */
enum { TOLD_NEVER, TOLD_ALWAYS, TOLD_INSTEAD };

typedef struct explainer {
    const hp_refine_result *r;
    const hp_run *run;
    const hp_explained *in;
    const hp_trace *trace;
    const hp_cleaned **sheet; /* by number of the sheet; NULL for those that were not used */
    const hp_quarantined *kept_out;
    size_t nkept_out;
    uint8_t *told;      /* of each column of Data: when its value is told that has no cell */
    hp_block_of kind;   /* of the blocks of this wave */
    size_t first, rows; /* first row of the wave; rows of the kind */
    ready *ready;
} explainer;

static hp_str text(const explainer *e, hp_vid v) { return hp_text(e->run->pool, v); }

/* ---- source rows ---- */

/* Finds a data row by its number in the sheet: where no row is blank, right away. */
static size_t find_row(const hp_cleaned *c, uint32_t number) {
    const hp_origin *at = c->in->raw->origin + c->in->first;
    size_t lo = 0, hi = c->nrow, guess = c->nrow ? number - at[0].row : 0;
    if (guess < hi && at[guess].row == number) return guess;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (at[mid].row < number)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < c->nrow && at[lo].row == number ? lo : SIZE_MAX;
}

static void put_rules(const explainer *e, const hp_change_rule *rule, size_t n, hp_buf *out) {
    hp_why_put(out, n);
    for (size_t i = 0; i < n; i++) {
        hp_why_put(out, rule[i].rule);
        hp_why_put_text(out, text(e, rule[i].note));
    }
}

static void put_cell(const explainer *e, const hp_cleaned *c, size_t b, size_t row, hp_buf *out) {
    const hp_binding *bind = &c->in->bind[b];
    const hp_column *col = &c->in->raw->col[bind->col];
    size_t at = c->in->first + row, nrule;
    hp_kind kind = hp_field_get(bind->field)->kind;
    hp_vid clean = c->v[b][row], raw = c->redacted && c->redacted[b] ? clean : col->v[at];
    /* The key by which names are compared comes with names of organisations; it says nothing more. */
    hp_vid extra = kind == HP_K_PERSON && c->extra[b] ? c->extra[b][row] : HP_NULL;
    const hp_change_rule *rule = hp_change_find(&e->run->changes, kind, hp_cell_type(col, at), raw, &nrule);
    hp_origin o = c->in->raw->origin[at];
    hp_vid corrected = e->run->sources.corrected.n
                           ? hp_sources_corrected(&e->run->sources, (hp_cell){o.sheet, o.row, col->source})
                           : HP_NULL;
    hp_why_put(out, bind->field);
    hp_why_put(out, col->source);
    hp_why_put(out, (clean == raw ? HP_WHY_SAME : 0) | (nrule ? HP_WHY_RULES : 0)
                        | (corrected ? HP_WHY_CORRECTED : 0) | (extra ? HP_WHY_EXTRA : 0));
    hp_why_put_text(out, text(e, raw));
    if (clean != raw) hp_why_put_text(out, text(e, clean));
    if (nrule) put_rules(e, rule, nrule, out);
    if (corrected) hp_why_put_text(out, text(e, corrected));
    if (extra) hp_why_put_text(out, text(e, extra));
}

/* What was withheld for want of consent is not kept here either. */
static bool is_filled(const hp_cleaned *c, size_t b, size_t row) {
    if (c->withheld && c->withheld[row] && c->personal[b]) return false;
    return c->v[b] && c->in->raw->col[c->in->bind[b].col].v[c->in->first + row] != HP_NULL;
}

static void put_source_row(const explainer *e, hp_origin at, hp_entity entity, hp_join join, hp_buf *out) {
    const hp_cleaned *c = e->sheet[at.sheet];
    size_t row = c ? find_row(c, at.row) : SIZE_MAX, n = 0;
    hp_why_put(out, at.sheet);
    hp_why_put(out, at.row);
    hp_why_put(out, entity);
    hp_why_put(out, join.how);
    hp_why_put_text(out, text(e, join.on));
    if (row != SIZE_MAX)
        for (size_t b = 0; b < c->in->nbind; b++) n += is_filled(c, b, row);
    hp_why_put(out, n);
    for (size_t b = 0; n && b < c->in->nbind; b++)
        if (is_filled(c, b, row)) put_cell(e, c, b, row, out);
}

/* Calls for each source row of a record, or only counts them when `out` is NULL: its own, those of its
 * contacts (a row that gives several gives them one after the other), addresses and notes. */
static size_t put_source_rows(const explainer *e, const hp_org *o, hp_buf *out) {
    const hp_records *in = e->in->records;
    hp_join itself = {.how = o->made ? HP_JOINED_MADE : HP_JOINED_ITSELF};
    hp_origin last = o->at;
    size_t n = 1;
    hp_entity own = o->person ? HP_E_PERSON : o->made ? HP_E_CONTACT : HP_E_ORGANIZATION;
    if (out) put_source_row(e, o->at, own, itself, out);
    for (uint32_t k = 0; k < o->ncontact; k++) {
        const hp_contact *c = &in->contact[o->contact + k];
        bool same = (c->at.sheet == last.sheet && c->at.row == last.row)
                    || (c->at.sheet == o->at.sheet && c->at.row == o->at.row);
        last = c->at;
        if (same) continue;
        n++;
        if (out) put_source_row(e, c->at, HP_E_CONTACT, c->join, out);
    }
    for (uint32_t k = 0; k < o->nmore; k++) {
        const hp_attached *a = &in->attached[o->more + k];
        n++;
        if (out) put_source_row(e, a->at, (hp_entity)a->entity, a->join, out);
    }
    return n;
}

/* ---- rows of Data ---- */

static void put_record(const explainer *e, uint32_t record, hp_buf *out) {
    const hp_org *o = &e->in->records->org[record];
    hp_why_put(out, (o->person ? HP_WHY_PERSON : 0) | (o->made ? HP_WHY_MADE : 0));
    hp_why_put_text(out, text(e, o->record_id));
    hp_why_put_text(out, text(e, o->f[HP_F_LAST_INTERACTION_DATE].v));
    hp_why_put(out, e->trace->complete[record]);
    hp_why_put(out, put_source_rows(e, o, NULL));
    put_source_rows(e, o, out);
}

/* The records of the cluster at hand, best-ranked first, and where each stands among them. */
typedef struct ranks {
    const uint32_t *record;
    size_t n;
    hp_imap at; /* only for many: a few are looked through */
} ranks;

enum { FEW = 16 };

static size_t rank_of(const ranks *k, uint32_t record) {
    uint32_t at;
    if (k->n > FEW) return hp_imap_get(&k->at, record, &at) ? at : 0;
    for (size_t i = 0; i < k->n; i++)
        if (k->record[i] == record) return i;
    return 0;
}

static bool begin_ranks(ranks *k) {
    for (size_t i = 0; k->n > FEW && i < k->n; i++)
        if (!hp_imap_put(&k->at, k->record[i], (uint32_t)i)) return false;
    return true;
}

static void put_matches(const explainer *e, uint32_t cluster, const ranks *k, hp_buf *out) {
    const hp_clusters *c = e->in->clusters;
    hp_why_put(out, c->match_start[cluster + 1] - c->match_start[cluster]);
    for (uint32_t i = c->match_start[cluster]; i < c->match_start[cluster + 1]; i++) {
        const hp_match *m = &c->match[i];
        hp_why_put(out, rank_of(k, m->a));
        hp_why_put(out, rank_of(k, m->b));
        hp_why_put(out, m->reason);
        hp_why_put(out, (uint64_t)((double)m->score * 1000 + 0.5));
        hp_why_put_text(out, text(e, m->on));
    }
}

static void put_values(const explainer *e, size_t first, size_t n, const ranks *k, hp_buf *out) {
    hp_why_put(out, n);
    for (size_t i = first; i < first + n; i++) {
        const hp_traced *v = &e->trace->value.p[i];
        hp_why_put(out, v->col);
        hp_why_put_cell(out, v->at);
        hp_why_put(out, rank_of(k, v->record));
        hp_why_put_text(out, text(e, v->v));
    }
}

/* Tells whether a value has no cell: it is computed, or stands in for what no source gives (the country of
 * the profile). */
static bool is_derived(const explainer *e, size_t row, size_t c) {
    if (e->in->golden->data->col[c].v[row] == HP_NULL || e->told[c] == TOLD_NEVER) return false;
    const hp_traced_row *r = &e->trace->row.p[row];
    for (size_t i = r->value; e->told[c] == TOLD_INSTEAD && i < r->value + r->nvalue; i++)
        if (e->trace->value.p[i].col == c) return false;
    return true;
}

static void put_derived(const explainer *e, size_t row, hp_buf *out) {
    const hp_table *t = e->in->golden->data;
    size_t n = 0;
    for (size_t c = 0; c < t->ncol; c++) n += is_derived(e, row, c);
    hp_why_put(out, n);
    for (size_t c = 0; n && c < t->ncol; c++) {
        if (!is_derived(e, row, c)) continue;
        hp_why_put(out, c);
        hp_why_put_text(out, text(e, t->col[c].v[row]));
    }
}

static void put_people(const explainer *e, const hp_traced_row *row, const ranks *k, hp_buf *out) {
    hp_why_put(out, row->nperson);
    for (size_t i = row->person; i < row->person + row->nperson; i++) {
        const hp_traced_person *p = &e->trace->person.p[i];
        hp_why_put(out, p->reach);
        hp_why_put(out, p->weight);
        hp_why_put(out, p->primary);
        put_values(e, p->value, p->nvalue, k, out);
    }
}

static void put_row(const explainer *e, size_t at, hp_buf *out) {
    const hp_traced_row *row = &e->trace->row.p[at];
    const uint32_t *start = e->in->clusters->member_start + row->cluster;
    ranks k = {.record = e->trace->order + start[0], .n = start[1] - start[0]};
    out->bad |= !begin_ranks(&k);
    hp_why_put_text(out, text(e, row->slug));
    hp_why_put(out, k.n);
    for (size_t i = 0; i < k.n; i++) put_record(e, k.record[i], out);
    put_matches(e, row->cluster, &k, out);
    put_values(e, row->value, row->nvalue, &k, out);
    put_derived(e, at, out);
    put_people(e, row, &k, out);
    hp_imap_free(&k.at);
}

/* ---- rows of Quarantine ---- */

static void put_kept_out(const explainer *e, size_t at, hp_buf *out) {
    const hp_quarantined *q = &e->kept_out[at];
    hp_why_put(out, q->at.sheet);
    hp_why_put(out, q->at.row);
    hp_why_put(out, q->rule);
    hp_why_put(out, q->kind);
    hp_why_put_text(out, text(e, q->name));
    hp_why_put_text(out, text(e, q->note));
}

/* ---- blocks ---- */

static void make_block(void *ctx, size_t from, size_t to, unsigned worker) {
    (void)worker;
    const explainer *e = ctx;
    ready *out = &e->ready[from / HP_STORE_BLOCK];
    hp_autobuf bytes = hp_buf_new(1u << 30);
    for (size_t i = from; i < to; i++) {
        if (e->kind == HP_BLOCK_DATA)
            put_row(e, e->first + i, &bytes);
        else
            put_kept_out(e, e->first + i, &bytes);
    }
    out->bytes = bytes.n;
    if (!bytes.bad) hp_store_pack(hp_buf_str(&bytes), &out->packed);
    out->bad = bytes.bad || out->packed.bad;
}

static hp_code write_blocks(explainer *e, hp_store_writer *w, hp_block_of kind, size_t rows, hp_err *err) {
    e->kind = kind;
    for (e->first = 0; e->first < rows; e->first += WAVE * HP_STORE_BLOCK) {
        size_t n = rows - e->first < WAVE * HP_STORE_BLOCK ? rows - e->first : WAVE * HP_STORE_BLOCK;
        hp_parallel(n, HP_STORE_BLOCK, make_block, e);
        for (size_t i = 0; i * HP_STORE_BLOCK < n; i++) {
            size_t first = e->first + i * HP_STORE_BLOCK;
            int64_t contact = kind == HP_BLOCK_DATA ? (int64_t)e->trace->row.p[first].person : 0;
            if (e->ready[i].bad) return hp_fail_memory(err, "the provenance store");
            HP_TRY(hp_store_add(w, HP_ST_BLOCK, err, "iiiib", (int64_t)kind, (int64_t)first, contact,
                                (int64_t)e->ready[i].bytes, hp_buf_str(&e->ready[i].packed)));
        }
    }
    return HP_OK;
}

/* ---- what stands beside the blocks ---- */

static int by_slug(const void *a, const void *b, void *explainer_) {
    const explainer *e = explainer_;
    return hp_str_cmp(text(e, e->trace->row.p[*(const uint32_t *)a].slug),
                      text(e, e->trace->row.p[*(const uint32_t *)b].slug));
}

/* In the order of the index, so that its pages fill up one after the other. */
static hp_code write_slugs(const explainer *e, hp_store_writer *w, hp_err *err) {
    size_t n = e->trace->row.n;
    hp_autofree uint32_t *row = hp_calloc(n + 1, sizeof *row);
    if (!row) return hp_fail_memory(err, "the provenance store");
    for (size_t i = 0; i < n; i++) row[i] = (uint32_t)i;
    qsort_r(row, n, sizeof *row, by_slug, (void *)e);
    for (size_t i = 0; i < n; i++)
        HP_TRY(
            hp_store_add(w, HP_ST_SLUG, err, "si", text(e, e->trace->row.p[row[i]].slug), (int64_t)row[i]));
    return HP_OK;
}

static hp_code write_number(hp_store_writer *w, const char *key, uint64_t n, hp_err *err) {
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    return hp_store_add(w, HP_ST_META, err, "ss", hp_str_of(key), (hp_str){digits, (size_t)len});
}

static hp_code write_meta(const explainer *e, hp_store_writer *w, hp_err *err) {
    hp_sha256 vocabulary;
    hp_store_vocabulary(&vocabulary);
    HP_TRY(hp_store_add(w, HP_ST_META, err, "ss", HP_S("schema"), HP_S("hotpass.provenance/1")));
    HP_TRY(hp_store_add(w, HP_ST_META, err, "ss", HP_S("version"), HP_S(HP_VERSION)));
    HP_TRY(hp_store_add(w, HP_ST_META, err, "ss", HP_S("vocabulary"), hp_str_of(vocabulary.hex)));
    HP_TRY(write_number(w, "rows", e->trace->row.n, err));
    HP_TRY(write_number(w, "contacts", e->trace->person.n, err));
    HP_TRY(write_number(w, "quarantined", e->nkept_out, err));
    for (size_t i = 0; i < e->r->noutput; i++) {
        const hp_output_file *f = &e->r->output[i];
        HP_TRY(hp_store_add(w, HP_ST_OUTPUT, err, "ssss", f->path, hp_str_of(f->kind),
                            hp_str_of(f->sha256.hex), hp_str_of(f->quick.hex)));
    }
    return HP_OK;
}

static hp_code write_headers(const explainer *e, hp_store_writer *w, size_t sheet, hp_err *err) {
    const hp_mapped *m = e->sheet[sheet] ? e->sheet[sheet]->in : NULL;
    for (size_t b = 0; m && b < m->nbind; b++)
        HP_TRY(hp_store_add(w, HP_ST_HEADER, err, "iis", (int64_t)sheet,
                            (int64_t)m->raw->col[m->bind[b].col].source, m->bind[b].header));
    return HP_OK;
}

static hp_code write_sources(const explainer *e, hp_store_writer *w, hp_err *err) {
    const hp_sources *s = &e->run->sources;
    for (size_t i = 0; i < s->file.n; i++) {
        const hp_source_file *f = &s->file.p[i];
        HP_TRY(hp_store_add(w, HP_ST_FILE, err, "isssssii", (int64_t)i, f->name, f->path, f->label,
                            hp_str_of(f->sha256.hex), hp_str_of(f->quick.hex), (int64_t)f->bytes,
                            (int64_t)f->priority));
    }
    for (size_t i = 0; i < s->sheet.n; i++) {
        HP_TRY(hp_store_add(w, HP_ST_SHEET, err, "iis", (int64_t)i, (int64_t)s->sheet.p[i].file,
                            s->sheet.p[i].name));
        HP_TRY(write_headers(e, w, i, err));
    }
    return HP_OK;
}

/* How the values of a column that is computed are told: "" when they stand in the rows of the store, "list"
 * when they follow from what else does. */
static const char *computed(const hp_output_column *c) { return c->style == HP_STYLE_LONG ? "list" : ""; }

typedef hp_field field_fn(size_t col, const char **mode);

static hp_field no_field(size_t col, const char **mode) {
    (void)col;
    *mode = "";
    return HP_F_NONE;
}

static hp_code write_columns_of(hp_store_writer *w, const char *sheet, const hp_output_column *c, size_t n,
                                field_fn *field_of, hp_err *err) {
    for (size_t i = 0; i < n; i++) {
        const char *mode;
        hp_field f = field_of(i, &mode);
        if (!*mode) mode = computed(&c[i]);
        HP_TRY(hp_store_add(w, HP_ST_COLUMN, err, "sissss", hp_str_of(sheet), (int64_t)i,
                            hp_str_of(c[i].name), hp_str_of(f == HP_F_NONE ? "" : hp_field_get(f)->name),
                            hp_str_of(mode), hp_str_of(c[i].text)));
    }
    return HP_OK;
}

static hp_code write_columns(hp_store_writer *w, hp_err *err) {
    size_t n;
    const hp_output_column *c = hp_data_columns(&n);
    HP_TRY(write_columns_of(w, "Data", c, n, hp_data_field, err));
    c = hp_contact_columns(&n);
    HP_TRY(write_columns_of(w, "Contacts", c, n, hp_contact_field, err));
    c = hp_sheet_columns(HP_SHEET_QUARANTINE, &n);
    return write_columns_of(w, "Quarantine", c, n, no_field, err);
}

/* ---- all ---- */

static hp_code open_explainer(explainer *e, hp_err *err) {
    const hp_table *data = e->in->golden->data;
    size_t n = e->run->sources.sheet.n;
    e->sheet = HP_NEW_ARRAY(e->run->arena, n + 1, const hp_cleaned *);
    e->told = HP_NEW_ARRAY(e->run->arena, data->ncol + 1, uint8_t);
    e->ready = HP_NEW_ARRAY(e->run->arena, WAVE, ready);
    if (!e->sheet || !e->told || !e->ready) return hp_fail_memory(err, "the provenance store");
    for (size_t i = 0; i < e->in->nsheet; i++) e->sheet[e->in->cleaned[i]->in->sheet] = e->in->cleaned[i];
    for (size_t i = 0; i < WAVE; i++) e->ready[i].packed = hp_buf_new(1u << 30);
    for (size_t c = 0; c < data->ncol; c++) {
        const char *mode;
        bool computed = hp_data_field(c, &mode) == HP_F_NONE;
        e->told[c] = !computed                             ? TOLD_INSTEAD
                     : data->col[c].style == HP_STYLE_LONG ? TOLD_NEVER
                                                           : TOLD_ALWAYS;
    }
    return hp_quarantine_sorted(e->run, &e->kept_out, &e->nkept_out, err);
}

static hp_code write_store(explainer *e, hp_store_writer *w, hp_err *err) {
    HP_TRY(write_meta(e, w, err));
    HP_TRY(write_sources(e, w, err));
    HP_TRY(write_columns(w, err));
    HP_TRY(write_blocks(e, w, HP_BLOCK_DATA, e->trace->row.n, err));
    HP_TRY(write_blocks(e, w, HP_BLOCK_QUARANTINE, e->nkept_out, err));
    return write_slugs(e, w, err);
}

hp_code hp_explain_write(const hp_refine_result *r, const hp_explained *in, const hp_out *out, hp_err *err) {
    explainer e = {.r = r, .run = &r->run, .in = in, .trace = in->golden->trace};
    hp_store_writer *w;
    HP_TRY(open_explainer(&e, err));
    HP_TRY(hp_store_begin(out->temp, out->path, &w, err));
    hp_code code = hp_store_end(w, write_store(&e, w, err), err);
    for (size_t i = 0; i < WAVE; i++) hp_buf_free(&e.ready[i].packed);
    return code;
}
