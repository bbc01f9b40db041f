/* Writing a map file: the form of a profile's ingest.sources, with the reasons as comments. */
#include "map/parts.h"

#include "base/map.h"
#include "base/utf8.h"
#include "base/banned.h"

/* Hold what has been written, so that no name occurs twice: the loader takes that for a mistake. */
typedef struct saver {
    const hp_run *run;
    hp_buf *out;
    hp_arena *arena;
    hp_smap labels;     /* folded source names */
    hp_imap priorities; /* taken ones */
} saver;

/* Writes a text as a quoted YAML scalar (JSON strings are YAML), with the characters of globs set apart. */
static void put_pattern(hp_buf *out, hp_str text) {
    hp_autobuf b = hp_buf_new(3 * text.n + 1);
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (c == '*' || c == '?' || c == '[')
            hp_buf_printf(&b, "[%c]", c);
        else
            hp_buf_putc(&b, c);
    }
    hp_buf_json(out, hp_buf_str(&b));
}

static void put_reason(hp_buf *out, const hp_binding *b) {
    hp_buf_printf(out, "  # %.2f %s", b->score, hp_map_reason_name(b->reason));
    if (b->runner_up)
        hp_buf_printf(out, ", then %s (%.2f)", hp_field_get(b->runner_up)->name, b->runner_score);
    hp_buf_putc(out, '\n');
}

static void put_fields(hp_buf *out, const hp_mapped *m, const hp_binding *b) {
    size_t n = 0;
    for (size_t i = 0; i < m->nbind; i++) n += m->bind[i].col == b->col && m->bind[i].field;
    if (n > 1) hp_buf_putc(out, '[');
    for (size_t i = 0, k = 0; i < m->nbind; i++) {
        if (m->bind[i].col != b->col || !m->bind[i].field) continue;
        hp_buf_printf(out, "%s%s", k++ ? ", " : "", hp_field_get(m->bind[i].field)->name);
    }
    if (n > 1) hp_buf_putc(out, ']');
}

/* A header that is told from an earlier one only by case or punctuation is named by its letter instead. */
static void put_header(saver *s, const hp_binding *b, hp_smap *seen) {
    hp_map_name name = hp_map_name_of(s->arena, b->header, false);
    uint32_t other;
    bool added = false;
    if (!name.words.p || !hp_smap_add(seen, name.tight, b->col, &other, &added)) s->out->bad = true;
    if (added && name.tight.n) {
        hp_buf_json(s->out, b->header);
        return;
    }
    char letters[8];
    hp_col_letters(b->col, letters);
    hp_buf_printf(s->out, "\"[%s]\"", letters);
}

static void put_column(saver *s, const hp_mapped *m, size_t i, hp_smap *seen) {
    const hp_binding *b = &m->bind[i];
    for (size_t k = 0; k < i; k++) {
        if (m->bind[k].col == b->col) return; /* written with its first field */
    }
    hp_buf_puts(s->out, b->field || b->ignored ? "          " : "          # ");
    put_header(s, b, seen);
    hp_buf_puts(s->out, ": ");
    if (b->field) {
        put_fields(s->out, m, b);
        put_reason(s->out, b);
    } else if (b->ignored || !b->runner_up) {
        hp_buf_puts(s->out, b->ignored ? "ignore\n" : "ignore  # not mapped\n");
    } else {
        hp_buf_printf(s->out, "%s  # not mapped, nearest (%.2f)\n", hp_field_get(b->runner_up)->name,
                      b->runner_score);
    }
}

static bool column_has_values(const hp_mapped *m, uint32_t col) {
    for (size_t r = m->first; r < m->raw->nrow; r++) {
        if (m->raw->col[col].v[r] != HP_NULL) return true;
    }
    return false;
}

static void put_columns(saver *s, const hp_mapped *m) {
    hp_smap seen = {0};
    hp_buf_puts(s->out, "        columns:\n");
    for (size_t i = 0; i < m->nbind; i++) {
        if (m->bind[i].field || m->bind[i].ignored || column_has_values(m, m->bind[i].col))
            put_column(s, m, i, &seen);
    }
    hp_smap_free(&seen);
}

static void put_constants(saver *s, const hp_mapped *m) {
    bool any = false;
    for (int f = 1; f < HP_FIELD_COUNT; f++) {
        if (m->constant[f] == HP_NULL) continue;
        if (!any) hp_buf_puts(s->out, "        constants:\n");
        any = true;
        hp_buf_printf(s->out, "          %s: ", hp_field_get((hp_field)f)->name);
        hp_buf_json(s->out, hp_text(s->run->pool, m->constant[f]));
        hp_buf_putc(s->out, '\n');
    }
}

static void put_join(saver *s, const hp_mapped *m) {
    if (m->entity == HP_E_ORGANIZATION || m->entity == HP_E_PERSON || m->join_key == m->join_name) return;
    hp_buf_printf(s->out, "        join: [%s]\n", m->join_key ? "key" : "name");
}

static void put_sheet(saver *s, const hp_mapped *m) {
    hp_str name = s->run->sources.sheet.p[m->sheet].name;
    hp_buf_puts(s->out, "      - name: ");
    if (name.n)
        put_pattern(s->out, name);
    else
        hp_buf_puts(s->out, "\"*\"");
    hp_buf_printf(s->out, "\n        entity: %s\n", hp_entity_name(m->entity));
    if (m->header_row)
        hp_buf_printf(s->out, "        header_row: %u\n", m->header_row);
    else
        hp_buf_puts(s->out, "        header_row: none\n");
    put_join(s, m);
    if (m->id_prefix.p) {
        hp_buf_puts(s->out, "        id_prefix: ");
        hp_buf_json(s->out, m->id_prefix);
        hp_buf_putc(s->out, '\n');
    }
    put_columns(s, m);
    put_constants(s, m);
}

/* Two files of one source become two sources: the second gets its file name into its name,
 * and keeps the prefix of the ids. */
static void put_source_name(saver *s, const hp_source_file *f) {
    hp_map_name name = hp_map_name_of(s->arena, f->label, false);
    uint32_t other;
    bool added = false;
    if (!name.words.p || !hp_smap_add(&s->labels, name.tight, 0, &other, &added)) s->out->bad = true;
    hp_buf_puts(s->out, "  - name: ");
    if (added) {
        hp_buf_json(s->out, f->label);
        hp_buf_putc(s->out, '\n');
        return;
    }
    hp_str both = hp_arena_printf(s->arena, "%.*s (%.*s)", HP_FMT(f->label), HP_FMT(f->name));
    hp_autobuf slug = hp_buf_new(4096);
    hp_utf8_slug(f->label, &slug);
    if (!both.p)
        s->out->bad = true;
    else
        hp_buf_json(s->out, both);
    hp_buf_puts(s->out, "\n    id_prefix: ");
    hp_buf_json(s->out, hp_buf_str(&slug));
    hp_buf_putc(s->out, '\n');
}

static void put_source(saver *s, uint32_t file) {
    const hp_source_file *f = &s->run->sources.file.p[file];
    uint32_t other;
    bool added = false;
    put_source_name(s, f);
    hp_buf_puts(s->out, "    path_pattern: ");
    put_pattern(s->out, f->name);
    hp_buf_putc(s->out, '\n');
    if (!hp_imap_add(&s->priorities, (uint64_t)(int64_t)f->priority, file, &other, &added))
        s->out->bad = true;
    if (f->priority && added)
        hp_buf_printf(s->out, "    priority: %d\n", f->priority);
    else if (f->priority)
        hp_buf_printf(s->out, "    # priority %d is taken; give this file one of its own\n", f->priority);
    hp_buf_puts(s->out, "    sheets:\n");
}

static void put_file(saver *s, const hp_mapped *const *sheets, size_t n, uint32_t file) {
    bool begun = false;
    for (size_t i = 0; i < n; i++) {
        if (!sheets[i] || sheets[i]->file != file) continue;
        if (!begun) put_source(s, file);
        begun = true;
        put_sheet(s, sheets[i]);
    }
}

void hp_map_save(const hp_run *run, const hp_mapped *const *sheets, size_t n, hp_buf *out) {
    hp_autoarena *arena = hp_arena_new(NULL);
    saver s = {.run = run, .out = out, .arena = arena};
    if (!arena) {
        out->bad = true;
        return;
    }
    hp_buf_puts(
        out, "# Map of columns, for `hotpass refine --map`. Behind each column: score, reason, second best.\n"
             "# A column that stays out has a # in front; take it away and name a field to use it.\n"
             "schema: \"hotpass.map/1\"\nsources:\n");
    for (uint32_t file = 0; file < run->sources.file.n; file++) put_file(&s, sheets, n, file);
    if (s.labels.n == 0) hp_buf_puts(out, "  []\n");
    hp_smap_free(&s.labels);
    hp_imap_free(&s.priorities);
}
