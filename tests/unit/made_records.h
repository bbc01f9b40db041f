/* Records made by hand, for the tests of resolve and merge. */
#ifndef HP_TESTS_MADE_RECORDS_H
#define HP_TESTS_MADE_RECORDS_H

#include <stdio.h>

#include "base/mem.h"
#include "base/utf8.h"
#include "table/record.h"
#include "table/run.h"
#include "profile/profile.h"
#include "unit.h"

typedef struct made {
    hp_run run;
    hp_profile profile;
    hp_records records;
    hp_err err;
    HP_VEC(hp_org) org;
    HP_VEC(hp_contact) contact;
    HP_VEC(hp_datum) datum;
    HP_VEC(hp_attached) attached;
    uint32_t row; /* of the next record */
} made;

static inline hp_vid made_value(made *m, const char *text) {
    hp_vid v = HP_NULL;
    if (text) assert_ok(hp_intern(m->run.pool, hp_str_of(text), &v, &m->err), m->err);
    return v;
}

static inline void made_open(made *m) {
    memset(m, 0, sizeof *m);
    assert_ok(hp_run_open(&m->run, &m->err), m->err);
    m->profile = (hp_profile){.name = HP_S("test"),
                              .country = HP_S("ZA"),
                              .match_threshold = 0.92,
                              .email_threshold = 0.85,
                              .phone_threshold = 0.85,
                              .website_threshold = 0.75,
                              .privacy_basis = HP_S("Legitimate Interest")};
    m->row = 2;
}

/* Adds a file with one sheet; returns the sheet, which has the file's number. */
static inline uint32_t made_sheet(made *m, const char *file, const char *sheet, const char *label,
                                  int priority) {
    uint32_t f, s;
    hp_source_file source = {
        .path = hp_str_of(file), .name = hp_str_of(file), .label = hp_str_of(label), .priority = priority};
    assert_ok(hp_run_add_file(&m->run, &source, &f, &m->err), m->err);
    assert_ok(hp_run_add_sheet(&m->run, f, hp_str_of(sheet), 0, &s, &m->err), m->err);
    return s;
}

static inline uint32_t made_file_of(const made *m, uint32_t sheet) {
    return m->run.sources.sheet.p[sheet].file;
}

/* Adds an organisation in the sheet's next row; its key is its folded name. The pointer is valid until the
 * next one. */
static inline hp_org *made_org(made *m, uint32_t sheet, const char *name) {
    hp_org o = {.at = {sheet, m->row++},
                .file = made_file_of(m, sheet),
                .contact = (uint32_t)m->contact.n,
                .more = (uint32_t)m->attached.n};
    if (name) {
        hp_autobuf key = hp_buf_new(10000);
        hp_utf8_fold(hp_str_of(name), &key);
        o.name_key = made_value(m, hp_buf_cstr(&key));
        o.f[HP_F_ORGANIZATION_NAME] = (hp_datum){made_value(m, name), {o.at.sheet, o.at.row, 0}};
    }
    assert_true(hp_vec_push(&m->org, o));
    return &m->org.p[m->org.n - 1];
}

/* Sets a field of the last organisation; its column is the field's number. */
static inline void made_set(made *m, hp_field f, const char *value) {
    hp_org *o = &m->org.p[m->org.n - 1];
    o->f[f] = (hp_datum){made_value(m, value), {o->at.sheet, o->at.row, (uint32_t)f}};
}

/* Adds to the last organisation a contact who stands in a row of its own of `sheet`, or in the organisation's
 * (HP_NO_SHEET). */
static inline hp_contact *made_contact_in(made *m, uint32_t sheet, const char *name, const char *role,
                                          const char *email, const char *phone) {
    hp_org *o = &m->org.p[m->org.n - 1];
    hp_origin at = sheet == HP_NO_SHEET ? o->at : (hp_origin){sheet, m->row++};
    hp_contact c = {.at = at, .file = made_file_of(m, at.sheet), .org = (uint32_t)(m->org.n - 1)};
    c.name = (hp_datum){made_value(m, name), {at.sheet, at.row, 20}};
    c.role = (hp_datum){made_value(m, role), {at.sheet, at.row, 21}};
    c.email = (uint32_t)m->datum.n;
    if (email)
        assert_true(hp_vec_push(&m->datum, ((hp_datum){made_value(m, email), {at.sheet, at.row, 22}})));
    c.nemail = email != NULL;
    c.phone = (uint32_t)m->datum.n;
    if (phone)
        assert_true(hp_vec_push(&m->datum, ((hp_datum){made_value(m, phone), {at.sheet, at.row, 23}})));
    c.nphone = phone != NULL;
    assert_true(hp_vec_push(&m->contact, c));
    o->ncontact++;
    return &m->contact.p[m->contact.n - 1];
}

static inline hp_contact *made_contact(made *m, const char *name, const char *role, const char *email,
                                       const char *phone) {
    return made_contact_in(m, HP_NO_SHEET, name, role, email, phone);
}

static inline void made_attach(made *m, uint32_t sheet, hp_entity entity) {
    hp_attached a = {.at = {sheet, m->row++}, .entity = (uint8_t)entity};
    assert_true(hp_vec_push(&m->attached, a));
    m->org.p[m->org.n - 1].nmore++;
}

static inline const hp_records *made_records(made *m) {
    m->records = (hp_records){.org = m->org.p,
                              .norg = m->org.n,
                              .contact = m->contact.p,
                              .ncontact = m->contact.n,
                              .datum = m->datum.p,
                              .ndatum = m->datum.n,
                              .attached = m->attached.p,
                              .nattached = m->attached.n};
    return &m->records;
}

static inline void made_close(made *m) {
    hp_vec_free(&m->org);
    hp_vec_free(&m->contact);
    hp_vec_free(&m->datum);
    hp_vec_free(&m->attached);
    hp_run_close(&m->run);
}

static inline const char *made_text(const made *m, hp_vid v) {
    static char text[4][40000];
    static int turn;
    char *out = text[turn++ % 4];
    snprintf(out, sizeof text[0], "%.*s", HP_FMT(hp_text(m->run.pool, v)));
    return out;
}

#endif
