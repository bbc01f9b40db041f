#include "base/limits.h"
#include "clean/clean.h"
#include "cli/why.h"

#include "base/banned.h"

typedef struct teller {
    hp_cli *c;
    const hp_why_answer *a;
    hp_json j;
    hp_buf scratch, value;
} teller;

static void put_str(teller *t, const char *key, hp_str s) {
    hp_json_key(&t->j, key);
    if (s.n)
        hp_json_str(&t->j, s);
    else
        hp_json_null(&t->j);
}

static void put_count(teller *t, const char *key, uint64_t n) {
    hp_json_key(&t->j, key);
    hp_json_i64(&t->j, (int64_t)n);
}

static void put_value(teller *t, const char *key, hp_kind kind, hp_str v) {
    hp_buf_clear(&t->value);
    hp_why_show(t->c, t->a, kind, v, &t->value);
    hp_put_carry(t->j.out, &t->value);
    put_str(t, key, hp_buf_str(&t->value));
}

static void put_address(teller *t, const char *key, hp_cell at) {
    hp_buf_clear(&t->value);
    hp_why_address(t->a->store, at, &t->value);
    hp_put_carry(t->j.out, &t->value);
    put_str(t, key, hp_buf_str(&t->value));
}

static const hp_stored_file *file_of(const teller *t, uint32_t sheet) {
    const hp_why_store *s = t->a->store;
    return sheet < s->nsheet ? &s->file[s->sheet[sheet].file] : NULL;
}

/* ---- cells ---- */

static void put_rules(teller *t, const hp_why_cell *cell) {
    hp_json_key(&t->j, "rules");
    hp_json_array(&t->j);
    for (size_t i = 0; i < cell->nrule; i++) {
        const hp_rule_info *rule = hp_rule_get(cell->rule[i].rule);
        hp_json_object(&t->j);
        put_str(t, "rule", hp_str_of(rule->name));
        put_str(t, "meaning", hp_str_of(rule->text));
        put_str(t, "note", cell->rule[i].note);
        hp_json_object_end(&t->j);
    }
    hp_json_array_end(&t->j);
}

static void put_steps(teller *t, const hp_why_cell *cell, hp_kind kind) {
    hp_clean_step step[2];
    size_t n = hp_clean_steps(kind, cell->raw, cell->clean, &t->scratch, step);
    hp_put_carry(t->j.out, &t->scratch);
    hp_json_key(&t->j, "steps");
    hp_json_array(&t->j);
    for (size_t i = 0; i < n; i++) {
        hp_json_object(&t->j);
        put_str(t, "step", hp_str_of(step[i].name));
        put_str(t, "meaning", hp_str_of(step[i].text));
        put_value(t, "old", kind, step[i].old);
        put_value(t, "new", kind, step[i].new);
        hp_json_object_end(&t->j);
    }
    hp_json_array_end(&t->j);
}

static void put_place(teller *t, const hp_why_place *p) {
    const hp_stored_file *f = file_of(t, p->at.sheet);
    char letters[8];
    hp_json_object(&t->j);
    put_address(t, "cell", p->at);
    put_str(t, "file", f ? f->name : (hp_str){"", 0});
    put_str(t, "sheet", f ? t->a->store->sheet[p->at.sheet].name : (hp_str){"", 0});
    put_count(t, "row", p->at.row);
    if (p->cell) {
        hp_kind kind = hp_field_get(p->cell->field)->kind;
        hp_col_letters(p->at.col, letters);
        put_str(t, "column", hp_str_of(letters));
        put_str(t, "header", p->header);
        put_str(t, "field", hp_str_of(hp_field_get(p->cell->field)->name));
        put_value(t, "raw", kind, p->cell->raw);
        put_value(t, "cleaned", kind, p->cell->clean);
        put_value(t, "came_with", HP_K_TEXT, p->cell->extra);
        put_steps(t, p->cell, kind);
        put_rules(t, p->cell);
        put_str(t, "corrected_in", p->cell->corrected);
    } else {
        hp_json_key(&t->j, "constant");
        hp_json_bool(&t->j, true);
    }
    hp_json_object_end(&t->j);
}

static void put_places(teller *t, const char *key, const hp_why_place *p, size_t n) {
    hp_json_key(&t->j, key);
    hp_json_array(&t->j);
    for (size_t i = 0; i < n; i++) put_place(t, &p[i]);
    hp_json_array_end(&t->j);
}

static void put_parts(teller *t, const char *key, const hp_why_part *p, size_t n) {
    hp_json_key(&t->j, key);
    hp_json_array(&t->j);
    for (size_t i = 0; i < n; i++) {
        hp_json_object(&t->j);
        put_value(t, "value", t->a->kind, p[i].text);
        put_count(t, "record", p[i].record + 1);
        if (p[i].whose) put_count(t, "contact", p[i].person + 1);
        if (p[i].lost) put_str(t, "why_not", hp_str_of(p[i].lost));
        put_places(t, "cells", p[i].place, p[i].nplace);
        hp_json_object_end(&t->j);
    }
    hp_json_array_end(&t->j);
}

/* ---- records ---- */

static void put_source_rows(teller *t, const hp_why_record *r) {
    hp_json_key(&t->j, "rows");
    hp_json_array(&t->j);
    for (size_t i = 0; i < r->nrow; i++) {
        const hp_why_source_row *s = &r->row[i];
        const hp_stored_file *f = file_of(t, s->at.sheet);
        hp_json_object(&t->j);
        put_address(t, "address", (hp_cell){s->at.sheet, s->at.row, HP_NO_COL});
        put_str(t, "file", f ? f->name : (hp_str){"", 0});
        put_str(t, "sheet", f ? t->a->store->sheet[s->at.sheet].name : (hp_str){"", 0});
        put_count(t, "row", s->at.row);
        put_str(t, "kind", hp_str_of(hp_entity_name(s->entity)));
        put_str(t, "joined", hp_str_of(hp_joined_name(s->how)));
        put_value(t, "joined_on", s->how == HP_JOINED_KEY ? HP_K_ID : HP_K_ORG_NAME, s->on);
        hp_json_object_end(&t->j);
    }
    hp_json_array_end(&t->j);
}

static void put_matches(teller *t, const hp_why_row *row) {
    hp_json_key(&t->j, "matches");
    hp_json_array(&t->j);
    for (size_t i = 0; i < row->nmatch; i++) {
        const hp_why_match *m = &row->match[i];
        hp_json_object(&t->j);
        hp_json_key(&t->j, "records");
        hp_json_array(&t->j);
        hp_json_i64(&t->j, (int64_t)m->a + 1);
        hp_json_i64(&t->j, (int64_t)m->b + 1);
        hp_json_array_end(&t->j);
        put_str(t, "reason", hp_str_of(hp_match_reason_name(m->reason)));
        hp_json_key(&t->j, "similarity");
        hp_json_f64(&t->j, m->score);
        hp_kind kind = m->reason == HP_MATCH_PHONE    ? HP_K_PHONE
                       : m->reason == HP_MATCH_DOMAIN ? HP_K_WEBSITE
                       : m->reason == HP_MATCH_PERSON ? HP_K_PERSON
                                                      : HP_K_ORG_NAME;
        put_value(t, "on", kind, m->on);
        hp_json_object_end(&t->j);
    }
    hp_json_array_end(&t->j);
}

static void put_records(teller *t) {
    const hp_why_row *row = &t->a->row;
    hp_json_key(&t->j, "records");
    hp_json_array(&t->j);
    for (size_t i = 0; i < row->nrecord; i++) {
        const hp_why_record *r = &row->record[i];
        hp_json_object(&t->j);
        put_count(t, "record", i + 1);
        put_value(t, "record_id", HP_K_ID, r->id);
        hp_json_key(&t->j, "priority");
        hp_json_i64(&t->j, hp_why_priority(t->a->store, r));
        put_count(t, "completeness", r->complete);
        put_str(t, "last_interaction_date", r->date);
        put_source_rows(t, r);
        hp_json_object_end(&t->j);
    }
    hp_json_array_end(&t->j);
    put_matches(t, row);
}

/* ---- the rest ---- */

static const char *state_name(hp_why_state s) {
    static const char *const NAME[] = {"not_looked", "as_written", "edited", "another_file", "absent"};
    return NAME[s];
}

static void put_asked(teller *t) {
    const hp_why_asked *q = t->a->asked;
    char letters[8];
    hp_col_letters((uint32_t)q->col, letters);
    hp_json_key(&t->j, "cell");
    hp_json_object(&t->j);
    put_str(t, "path", q->path);
    put_str(t, "sheet", hp_str_of(q->sheet));
    put_count(t, "row", q->line);
    put_str(t, "column", hp_str_of(letters));
    put_str(t, "name", q->column->name);
    put_str(t, "meaning", q->column->text);
    hp_json_object_end(&t->j);
    hp_json_key(&t->j, "output");
    hp_json_object(&t->j);
    put_str(t, "state", hp_str_of(state_name(q->state)));
    put_str(t, "path", q->output.path);
    put_str(t, "kind", q->output.kind);
    put_str(t, "sha256", q->output.sha256);
    if (q->looked) put_value(t, "value_now", t->a->kind, q->now);
    hp_json_object_end(&t->j);
    hp_json_key(&t->j, "run");
    hp_json_object(&t->j);
    put_str(t, "started_at", q->started_at);
    put_str(t, "version", t->a->store->version);
    hp_json_object_end(&t->j);
}

static void put_files(teller *t) {
    const hp_why_answer *a = t->a;
    hp_json_key(&t->j, "sources");
    hp_json_array(&t->j);
    for (size_t i = 0; i < a->store->nfile; i++) {
        if (!a->cited[i]) continue;
        const hp_stored_file *f = &a->store->file[i];
        hp_json_object(&t->j);
        put_str(t, "file", f->name);
        put_str(t, "path", f->path);
        put_str(t, "source", f->label);
        put_str(t, "sha256", f->sha256);
        put_str(
            t, "state",
            hp_str_of(a->asked->file[i] == HP_WHY_AS_WRITTEN ? "as_read" : state_name(a->asked->file[i])));
        hp_json_object_end(&t->j);
    }
    hp_json_array_end(&t->j);
}

static void put_evidence(teller *t) {
    const hp_why_asked *q = t->a->asked;
    hp_json_key(&t->j, "evidence");
    hp_json_array(&t->j);
    for (size_t i = 0; i < q->nevidence; i++) {
        hp_json_object(&t->j);
        put_str(t, "line", q->evidence[i].source);
        for (size_t k = 0; k < q->evidence[i].n; k++) {
            hp_buf_clear(&t->value);
            if (hp_evidence_value(q->evidence[i].name[k]))
                hp_why_show(t->c, t->a, t->a->kind, q->evidence[i].value[k], &t->value);
            else
                hp_buf_add(&t->value, q->evidence[i].value[k]);
            hp_put_carry(t->j.out, &t->value);
            hp_json_key_str(&t->j, q->evidence[i].name[k]);
            hp_json_str(&t->j, hp_buf_str(&t->value));
        }
        hp_json_object_end(&t->j);
    }
    hp_json_array_end(&t->j);
}

static void put_kept_out(teller *t) {
    const hp_why_kept_out *k = &t->a->kept_out;
    const hp_stored_file *f = file_of(t, k->at.sheet);
    hp_json_key(&t->j, "quarantined");
    hp_json_object(&t->j);
    put_address(t, "address", (hp_cell){k->at.sheet, k->at.row, HP_NO_COL});
    put_str(t, "file", f ? f->name : (hp_str){"", 0});
    put_str(t, "sheet", f ? t->a->store->sheet[k->at.sheet].name : (hp_str){"", 0});
    put_count(t, "row", k->at.row);
    put_str(t, "kind", hp_str_of(hp_entity_name(k->kind)));
    put_str(t, "reason", hp_str_of(hp_rule_get(k->rule)->name));
    put_str(t, "meaning", hp_str_of(hp_rule_get(k->rule)->text));
    put_value(t, "organization_name", HP_K_ORG_NAME, k->name);
    put_value(t, "note", HP_K_TEXT, k->note);
    hp_json_object_end(&t->j);
}

static void put_row(teller *t) {
    const hp_why_answer *a = t->a;
    put_value(t, "organization_slug", HP_K_ORG_NAME, a->row.slug);
    if (a->asked->of == HP_OF_CONTACTS) put_count(t, "contact", a->person + 1);
    hp_json_key(&t->j, "value_known");
    hp_json_bool(&t->j, a->known);
    put_value(t, "value", a->kind, a->value);
    put_str(t, "chosen", hp_str_of(a->how));
    put_parts(t, "kept", a->kept, a->nkept);
    put_parts(t, "not_taken", a->lost, a->nlost);
    put_places(t, "same", a->also, a->nalso);
    put_places(t, "emptied", a->emptied, a->nemptied);
    put_evidence(t);
    put_records(t);
}

void hp_why_tell_json(hp_cli *c, const hp_why_answer *a) {
    teller t = {.c = c,
                .a = a,
                .j = hp_cli_json(c, "hotpass.why/1"),
                .scratch = hp_buf_new(64u * HP_LIMIT_VALUE_BYTES),
                .value = hp_buf_new(1u << 30)};
    put_asked(&t);
    hp_json_key(&t.j, "masked");
    hp_json_bool(&t.j, !c->args.opt[HP_O_SHOW_VALUES].on);
    if (a->asked->of == HP_OF_QUARANTINE)
        put_kept_out(&t);
    else
        put_row(&t);
    put_files(&t);
    hp_cli_json_end(c, &t.j);
    hp_buf_free(&t.scratch);
    hp_buf_free(&t.value);
}
