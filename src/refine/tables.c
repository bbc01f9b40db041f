#include "refine/tables.h"

#include "base/banned.h"

/* ---- what is counted ---- */

static uint64_t filled(const hp_table *t, size_t col, size_t first) {
    uint64_t n = 0;
    for (size_t row = first; row < t->nrow; row++) n += t->col[col].v[row] != HP_NULL;
    return n;
}

hp_code hp_tables_read(hp_refine_result *r, hp_mapped *const *sheets, size_t n, hp_err *err) {
    r->sheet = HP_NEW_ARRAY(r->run.arena, n + 1, hp_read_sheet);
    if (!r->sheet) return hp_fail_memory(err, "the tables of run.json");
    for (size_t i = 0; i < n; i++) {
        const hp_mapped *m = sheets[i];
        hp_read_sheet *s = &r->sheet[i];
        *s = (hp_read_sheet){.in = m, .filled = HP_NEW_ARRAY(r->run.arena, m->nbind + 1, uint64_t)};
        if (!s->filled) return hp_fail_memory(err, "the tables of run.json");
        s->rows = m->raw->nrow > m->first ? m->raw->nrow - m->first : 0;
        for (size_t b = 0; b < m->nbind; b++)
            if (m->bind[b].field != HP_F_NONE) s->filled[b] = filled(m->raw, m->bind[b].col, m->first);
    }
    r->nsheet = n;
    return HP_OK;
}

static hp_code count_made(hp_refine_result *r, hp_made_table *out, const char *name, const hp_table *t,
                          hp_err *err) {
    *out = (hp_made_table){name, t->nrow, HP_NEW_ARRAY(r->run.arena, t->ncol + 1, uint64_t), t->ncol};
    if (!out->filled) return hp_fail_memory(err, "the tables of run.json");
    for (size_t c = 0; c < t->ncol; c++) out->filled[c] = filled(t, c, 0);
    return HP_OK;
}

hp_code hp_tables_made(hp_refine_result *r, const hp_golden *golden, hp_err *err) {
    HP_TRY(count_made(r, &r->table[0], "Data", golden->data, err));
    HP_TRY(count_made(r, &r->table[1], "Contacts", golden->contacts, err));
    r->ntable = 2;
    return HP_OK;
}

/* ---- what a column is made of ---- */

/* Columns that are computed, with the fields that they are computed from. */
static const struct {
    const char *column;
    hp_field field[5];
} COMPUTED[] = {
    {"organization_name", {HP_F_ORGANIZATION_NAME}}, /* of Contacts */
    {"organization_slug", {HP_F_ORGANIZATION_NAME}},
    {"source_record_ids", {HP_F_RECORD_ID}},
    {"contact_primary_email_confidence", {HP_F_CONTACT_EMAIL}},
    {"contact_primary_email_status", {HP_F_CONTACT_EMAIL}},
    {"contact_primary_phone_confidence", {HP_F_CONTACT_PHONE}},
    {"contact_primary_phone_status", {HP_F_CONTACT_PHONE}},
    {"contact_primary_lead_score",
     {HP_F_CONTACT_EMAIL, HP_F_CONTACT_PHONE, HP_F_CONTACT_NAME, HP_F_CONTACT_ROLE}},
    {"contact_validation_flags", {HP_F_CONTACT_EMAIL, HP_F_CONTACT_PHONE}},
    {"contact_email_confidence_avg", {HP_F_CONTACT_EMAIL}},
    {"contact_phone_confidence_avg", {HP_F_CONTACT_PHONE}},
    {"contact_verification_score_avg", {HP_F_CONTACT_EMAIL, HP_F_CONTACT_PHONE}},
    {"contact_lead_score_avg",
     {HP_F_CONTACT_EMAIL, HP_F_CONTACT_PHONE, HP_F_CONTACT_NAME, HP_F_CONTACT_ROLE}},
    {"data_quality_score",
     {HP_F_CONTACT_EMAIL, HP_F_CONTACT_PHONE, HP_F_WEBSITE, HP_F_PROVINCE, HP_F_ADDRESS}},
    {"data_quality_flags",
     {HP_F_CONTACT_EMAIL, HP_F_CONTACT_PHONE, HP_F_WEBSITE, HP_F_PROVINCE, HP_F_ADDRESS}},
    {"consent_status", {HP_F_CONTACT_CONSENT}},
    {"consent_date", {HP_F_CONTACT_CONSENT_DATE}},
    {"retention_until", {HP_F_LAST_INTERACTION_DATE}},
    {"contact_title", {HP_F_CONTACT_TITLE}},
};

static void put_field(hp_json *j, hp_field f) {
    if (f != HP_F_NONE) hp_json_cstr(j, hp_field_get(f)->name);
}

/* A full name may be put together from its parts. */
static void put_shown(hp_json *j, hp_field f) {
    put_field(j, f);
    if (f != HP_F_CONTACT_NAME) return;
    put_field(j, HP_F_CONTACT_FIRST_NAME);
    put_field(j, HP_F_CONTACT_LAST_NAME);
}

static void put_computed(hp_json *j, const char *column) {
    for (size_t i = 0; i < sizeof COMPUTED / sizeof *COMPUTED; i++)
        if (strcmp(COMPUTED[i].column, column) == 0)
            for (size_t f = 0; f < sizeof COMPUTED->field / sizeof *COMPUTED->field; f++)
                put_field(j, COMPUTED[i].field[f]);
}

static const char *type_of(hp_style style) {
    return style == HP_STYLE_INT                                  ? "integer"
           : style == HP_STYLE_SCORE || style == HP_STYLE_QUALITY ? "number"
                                                                  : "text";
}

/* ---- writing ---- */

static void put_number(hp_json *j, const char *key, uint64_t v) {
    hp_json_key(j, key);
    hp_json_i64(j, (int64_t)v);
}

static void put_word(hp_json *j, const char *key, const char *v) {
    hp_json_key(j, key);
    hp_json_cstr(j, v);
}

static void put_binding(hp_json *j, const hp_binding *b, uint64_t n) {
    hp_json_object(j);
    hp_json_key(j, "column");
    hp_json_str(j, b->header);
    put_word(j, "field", hp_field_get(b->field)->name);
    put_number(j, "filled", n);
    hp_json_object_end(j);
}

static void put_sheet(hp_json *j, const hp_refine_result *r, const hp_read_sheet *s) {
    hp_json_object(j);
    hp_json_key(j, "sheet");
    hp_json_str(j, r->run.sources.sheet.p[s->in->sheet].name);
    put_word(j, "entity", hp_entity_name(s->in->entity));
    put_number(j, "rows", s->rows);
    hp_json_key(j, "columns");
    hp_json_array(j);
    for (size_t b = 0; b < s->in->nbind; b++)
        if (s->in->bind[b].field != HP_F_NONE) put_binding(j, &s->in->bind[b], s->filled[b]);
    hp_json_array_end(j);
    hp_json_object_end(j);
}

void hp_tables_put_input(hp_json *j, const hp_refine_result *r, size_t file) {
    hp_json_key(j, "tables");
    hp_json_array(j);
    for (size_t i = 0; i < r->nsheet; i++)
        if (r->sheet[i].in->file == file) put_sheet(j, r, &r->sheet[i]);
    hp_json_array_end(j);
}

static void put_column(hp_json *j, const hp_output_column *c, hp_field f, const char *how, uint64_t n) {
    hp_json_object(j);
    put_word(j, "column", c->name);
    put_word(j, "type", type_of(c->style));
    put_number(j, "filled", n);
    put_word(j, "how", *how ? how : "computed");
    hp_json_key(j, "fields");
    hp_json_array(j);
    if (f != HP_F_NONE)
        put_shown(j, f);
    else
        put_computed(j, c->name);
    hp_json_array_end(j);
    hp_json_object_end(j);
}

static void put_table(hp_json *j, const hp_made_table *t, const hp_output_column *c,
                      hp_field (*field)(size_t col, const char **mode)) {
    hp_json_object(j);
    put_word(j, "table", t->name);
    put_number(j, "rows", t->rows);
    hp_json_key(j, "columns");
    hp_json_array(j);
    for (size_t i = 0; i < t->ncol; i++) {
        const char *how = "";
        hp_field f = field(i, &how);
        put_column(j, &c[i], f, how, t->filled[i]);
    }
    hp_json_array_end(j);
    hp_json_object_end(j);
}

void hp_tables_put(hp_json *j, const hp_refine_result *r) {
    size_t n;
    hp_json_key(j, "tables");
    hp_json_array(j);
    if (r->ntable) {
        put_table(j, &r->table[0], hp_data_columns(&n), hp_data_field);
        put_table(j, &r->table[1], hp_contact_columns(&n), hp_contact_field);
    }
    hp_json_array_end(j);
}

void hp_tables_put_output(hp_json *j, const hp_output_file *f) {
    static const char *const BOOK[] = {"Data", "Contacts", "Quarantine", "Findings", "Summary"};
    bool book = strcmp(f->kind, "workbook") == 0;
    hp_json_key(j, "tables");
    hp_json_array(j);
    for (size_t i = 0; book && i < sizeof BOOK / sizeof *BOOK; i++) hp_json_cstr(j, BOOK[i]);
    if (f->table) hp_json_cstr(j, f->table);
    hp_json_array_end(j);
}
