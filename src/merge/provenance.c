#include "base/limits.h"
#include "merge/merger.h"

#include "base/banned.h"

/* Objects are written by hand and not by hp_json: millions of them are made, of parts that repeat. Keys are
 * sorted. */

static hp_code keep(hp_merger *m, hp_str *out, hp_err *err) {
    HP_TRY(hp_buf_check(&m->part, "provenance", err));
    *out = hp_arena_dup(m->tmp, hp_buf_str(&m->part));
    return out->p ? HP_OK : hp_fail_memory(err, "provenance");
}

hp_code hp_provenance_open(hp_merger *m, hp_err *err) {
    const hp_sources *s = &m->run->sources;
    m->label_json = HP_NEW_ARRAY(m->tmp, s->file.n, hp_str);
    m->cell_json = HP_NEW_ARRAY(m->tmp, s->sheet.n, hp_str);
    if (!m->label_json || !m->cell_json) return hp_fail_memory(err, "provenance");
    for (size_t i = 0; i < s->file.n; i++) {
        hp_buf_clear(&m->part);
        hp_buf_puts(&m->part, "\"source_dataset\":");
        hp_buf_json(&m->part, s->file.p[i].label);
        HP_TRY(keep(m, &m->label_json[i], err));
    }
    for (size_t i = 0; i < s->sheet.n; i++) {
        hp_buf_clear(&m->text);
        hp_address(s, (hp_cell){(uint32_t)i, 0, HP_NO_COL}, &m->text);
        hp_buf_putc(&m->text, '!');
        hp_buf_clear(&m->part);
        hp_buf_puts(&m->part, "\"source_cell\":");
        hp_buf_json(&m->part, hp_buf_str(&m->text));
        if (m->part.n) m->part.n--; /* the closing quote comes behind the cell */
        HP_TRY(keep(m, &m->cell_json[i], err));
    }
    return HP_OK;
}

static void put_number(hp_buf *out, int64_t n) {
    char text[24];
    size_t at = sizeof text;
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do text[--at] = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (n < 0) text[--at] = '-';
    hp_buf_add(out, (hp_str){text + at, sizeof text - at});
}

static void put_text_or_null(const hp_merger *m, hp_buf *out, hp_vid v) {
    if (v == HP_NULL)
        hp_buf_puts(out, "null");
    else
        hp_buf_json(out, hp_text(m->run->pool, v));
}

/* Writes "corrected_in" when the value does not come from the source itself. */
static void put_correction(const hp_merger *m, hp_buf *out, const hp_candidate *c) {
    hp_vid where = hp_sources_corrected(&m->run->sources, c->at);
    if (where == HP_NULL) return;
    hp_buf_puts(out, "\"corrected_in\":");
    hp_buf_json(out, hp_text(m->run->pool, where));
    hp_buf_putc(out, ',');
}

/* Writes "source_cell" and "source_dataset"; returns the file. */
static uint32_t put_source(const hp_merger *m, hp_buf *out, const hp_candidate *c) {
    const hp_org *o = &m->in->org[c->record];
    hp_cell at = c->at.sheet < m->run->sources.sheet.n ? c->at : (hp_cell){o->at.sheet, o->at.row, HP_NO_COL};
    hp_buf_add(out, m->cell_json[at.sheet]);
    if (at.col != HP_NO_COL) {
        char letters[8];
        hp_col_letters(at.col, letters);
        hp_buf_puts(out, letters);
    }
    put_number(out, at.row);
    hp_buf_puts(out, "\",");
    uint32_t file = m->run->sources.sheet.p[at.sheet].file;
    hp_buf_add(out, m->label_json[file]);
    return file;
}

static void put_contributor(const hp_merger *m, hp_buf *out, const hp_candidate *c, bool with_value) {
    hp_buf_putc(out, '{');
    put_correction(m, out, c);
    put_source(m, out, c);
    hp_buf_puts(out, ",\"source_record_id\":");
    put_text_or_null(m, out, m->in->org[c->record].record_id);
    if (with_value) {
        hp_buf_puts(out, ",\"value\":");
        hp_buf_json(out, hp_text(m->run->pool, c->v));
    }
    hp_buf_putc(out, '}');
}

/* Writes the contributors that fit into *spare bytes; returns how many do not. */
static size_t put_contributors(hp_merger *m, const hp_candidate *c, uint32_t n, bool with_value,
                               size_t *spare) {
    size_t written = 0;
    for (uint32_t i = 1; i < n; i++) {
        hp_buf_clear(&m->part);
        put_contributor(m, &m->part, &c[i], with_value);
        m->json.bad |= m->part.bad;
        if (m->part.n + 1 > *spare) break;
        *spare -= m->part.n + 1;
        hp_buf_puts(&m->json, written++ ? "," : "\"contributors\":[");
        hp_buf_add(&m->json, hp_buf_str(&m->part));
    }
    if (written) hp_buf_puts(&m->json, "],");
    return n > 1 ? n - 1 - written : 0;
}

static size_t put_field(hp_merger *m, const hp_pick *pick, hp_range r, size_t *spare) {
    const hp_candidate *c = m->candidate.p + r.first;
    const hp_org *o = &m->in->org[c->record];
    hp_buf *out = &m->json;
    hp_buf_puts(out, out->n > 1 ? ",\"" : "\"");
    hp_buf_puts(out, pick->key);
    hp_buf_puts(out, "\":{");
    /* A person's name stands where an organisation's does. */
    bool personal = pick->personal || (o->person && pick->col == HP_D_ORGANIZATION_NAME);
    size_t dropped = put_contributors(m, c, r.n, !personal, spare);
    /* What the choice was made by is said where there was a choice; elsewhere it would double the size of the
     * workbook. */
    bool chosen = r.n > 1;
    put_correction(m, out, c);
    if (chosen) {
        hp_buf_puts(out, "\"last_interaction_date\":");
        put_text_or_null(m, out, c->date);
        hp_buf_puts(out, ",\"quality_score\":");
        put_number(out, m->complete[c->record]);
        hp_buf_putc(out, ',');
    }
    uint32_t file = put_source(m, out, c);
    if (chosen) {
        hp_buf_puts(out, ",\"source_priority\":");
        put_number(out, m->run->sources.file.p[file].priority);
    }
    hp_buf_puts(out, ",\"source_record_id\":");
    put_text_or_null(m, out, o->record_id);
    hp_buf_putc(out, '}');
    return dropped;
}

/* Writes the object, with contributors as long as `spare` bytes last. A field that would lead over the limit
 * all the same is left out. Returns how many entries are missing. */
static size_t put_object(hp_merger *m, size_t spare, size_t limit) {
    size_t dropped = 0;
    hp_buf_clear(&m->json);
    hp_buf_putc(&m->json, '{');
    for (hp_pick_id id = 0; id < HP_PICK_COUNT; id++) {
        size_t before = m->json.n;
        if (m->pick[id].n == 0) continue;
        size_t missing = put_field(m, hp_pick_get(id), m->pick[id], &spare);
        if (m->json.n + 1 > limit) {
            m->json.n = before;
            missing = m->pick[id].n;
        }
        dropped += missing;
    }
    hp_buf_putc(&m->json, '}');
    return dropped;
}

/* Bytes that lists of contributors take beside their members. */
#define LIST_BYTES (sizeof "\"contributors\":[]," * HP_PICK_COUNT)

hp_code hp_provenance(hp_merger *m, hp_vid *out, hp_err *err) {
    size_t dropped = put_object(m, SIZE_MAX, SIZE_MAX);
    if (m->json.n > HP_LIMIT_CELL_TEXT && !m->json.bad) {
        put_object(m, 0, HP_LIMIT_CELL_TEXT);
        size_t used = m->json.n + LIST_BYTES;
        dropped =
            put_object(m, used < HP_LIMIT_CELL_TEXT ? HP_LIMIT_CELL_TEXT - used : 0, HP_LIMIT_CELL_TEXT);
        HP_TRY(hp_report_cut(m, "selection_provenance", dropped, err));
    }
    HP_TRY(hp_buf_check(&m->json, "provenance", err));
    return hp_store(m->run->pool, hp_buf_str(&m->json), out, err);
}
