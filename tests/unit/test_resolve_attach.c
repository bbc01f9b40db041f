/* Attaching rows to organisations: no row is lost, contacts stay whole, keys and names find
 * their organisation. */
#include "table_builder.h"

#include <stdio.h>

#include "base/mem.h"
#include "resolve/resolve.h"

/* Hold a column of a sheet made by hand. */
typedef struct column {
    const char *header;
    hp_field field;
} column;

typedef struct fixture {
    hp_run run;
    hp_err err;
    const hp_cleaned *sheet[8];
    size_t n;
    hp_mapped *last;
    hp_table *last_raw;
    hp_records *r;
} fixture;

/* Splits "Name (Role); Name; Name (Role)". */
static void split_people(char *text, char *more, size_t room) {
    char all[256], *rest = all, *one;
    snprintf(all, sizeof all, "%s", text);
    *text = 0;
    for (bool roles = false; (one = strsep(&rest, ";"));) {
        char *role = strchr(one, '(');
        if (*text) {
            strncat(text, "\x1f", 2);
            strncat(more, "\x1f", room - strlen(more) - 1);
        }
        if (role) {
            role[-1] = role[strlen(role) - 1] = 0;
            strncat(more, role + 1, room - strlen(more) - 1);
        }
        roles |= role != NULL;
        strncat(text, one + (*one == ' '), 100);
        if (!rest && !roles) *more = 0;
    }
}

/* A stand-in for cleaning: "-" and "Unknown..." are nothing, ";" separates list members, "Name (Role)" is
 * split, and names of organisations are compared without case and "Ltd". */
static void clean_cell(hp_run *run, hp_kind kind, const char *raw, hp_vid *v, hp_vid *extra) {
    char text[256], more[256] = "";
    *v = *extra = HP_NULL;
    if (!raw || !strcmp(raw, "-") || !strncmp(raw, "Unknown", 7)) return;
    if (!strncmp(raw, "#n:", 3)) raw += 3;
    snprintf(text, sizeof text, "%s", raw);
    for (char *p = text; *p; p++) {
        if (*p == ';' && (kind == HP_K_EMAIL || kind == HP_K_PHONE)) *p = HP_LIST_SEP;
    }
    if (kind == HP_K_PERSON) split_people(text, more, sizeof more);
    if (kind == HP_K_ORG_NAME) {
        size_t n = 0;
        for (const char *p = text; *p && strcmp(p, " Ltd"); p++) more[n++] = hp_lower(*p);
        more[n] = 0;
    }
    *v = tb_vid(run, text);
    if (*more) *extra = tb_vid(run, more);
}

static void add_sheet(fixture *x, uint32_t file, const char *name, hp_entity entity, const column *col,
                      size_t ncol, size_t nrow, const char *const *cell) {
    hp_run *run = &x->run;
    const char **all = hp_calloc((nrow + 1) * ncol, sizeof *all);
    for (size_t c = 0; c < ncol; c++) all[c] = col[c].header;
    memcpy(all + ncol, cell, nrow * ncol * sizeof *all);
    uint32_t sheet = tb_sheet(run, file, name);
    hp_table *raw = tb_table(run, sheet, nrow + 1, ncol, all);
    hp_mapped *m = HP_NEW(run->arena, hp_mapped);
    hp_cleaned *k = HP_NEW(run->arena, hp_cleaned);
    *m = (hp_mapped){.raw = raw,
                     .sheet = sheet,
                     .file = file,
                     .entity = entity,
                     .header_row = 1,
                     .first = 1,
                     .nbind = ncol,
                     .bind = HP_NEW_ARRAY(run->arena, ncol, hp_binding),
                     .join_key = true,
                     .join_name = true,
                     .id_prefix = HP_S("reach")};
    *k = (hp_cleaned){.in = m,
                      .nrow = raw->nrow - 1,
                      .v = HP_NEW_ARRAY(run->arena, ncol, hp_vid *),
                      .extra = HP_NEW_ARRAY(run->arena, ncol, hp_vid *)};
    for (size_t c = 0; c < ncol; c++) {
        m->bind[c] =
            (hp_binding){.col = (uint32_t)c, .header = hp_str_of(col[c].header), .field = col[c].field};
        if (col[c].field == HP_F_NONE) continue;
        k->v[c] = HP_NEW_ARRAY(run->arena, nrow + 1, hp_vid);
        k->extra[c] = HP_NEW_ARRAY(run->arena, nrow + 1, hp_vid);
        for (size_t r = 0; r < k->nrow; r++) {
            size_t from = raw->origin[r + 1].row - 1;
            clean_cell(run, hp_field_get(col[c].field)->kind, all[from * ncol + c], &k->v[c][r],
                       &k->extra[c][r]);
        }
    }
    hp_free(all);
    x->sheet[x->n++] = k;
    x->last = m;
    x->last_raw = raw;
}
#define ADD(x, file, name, entity, col, cells)                                                          \
    add_sheet(x, file, name, entity, col, sizeof(col) / sizeof *(col), sizeof(cells) / sizeof *(cells), \
              &(cells)[0][0])

/* Merges cells of the sheet added last; the areas have to come in the order that a table keeps. */
#define MERGE(x, areas) \
    ((x)->last_raw->area = (areas), (x)->last_raw->narea = sizeof(areas) / sizeof *(areas))

static void open_fixture(fixture *x) {
    memset(x, 0, sizeof *x);
    tb_open(&x->run);
}

/* Attaches, and checks what must hold whatever the input: every row is somewhere, once. */
static void attach(fixture *x) {
    assert_ok(hp_attach(&x->run, NULL, x->sheet, x->n, &x->r, &x->err), x->err);
    const hp_records *r = x->r;
    uint64_t rows = 0, contact_rows = 0, by_entity = 0;
    for (size_t i = 0; i < x->n; i++) rows += x->sheet[i]->nrow;
    for (size_t i = 0; i < r->ncontact; i++) {
        const hp_org *o = &r->org[r->contact[i].org];
        assert_true(i >= o->contact && i < o->contact + o->ncontact);
        contact_rows += memcmp(&r->contact[i].at, &o->at, sizeof o->at) != 0;
    }
    for (int e = 0; e < HP_ENTITY_COUNT; e++) by_entity += r->by_entity[e];
    assert_int_equal(r->rows_in, rows);
    assert_int_equal(by_entity, rows);
    assert_int_equal(r->rows_in, r->norg + contact_rows + r->nattached + x->run.quarantine.n);
}

static const char *text(const fixture *x, hp_vid v) {
    return hp_arena_dup(x->run.arena, hp_text(x->run.pool, v)).p;
}
#define assert_text(x, v, expected) assert_string_equal(text(x, v), expected)
#define field(x, o, name)           (x)->r->org[o].f[HP_F_##name].v

static uint32_t quarantined(const fixture *x, hp_rule rule) {
    uint32_t n = 0;
    for (size_t i = 0; i < x->run.quarantine.n; i++) n += x->run.quarantine.p[i].rule == rule;
    return n;
}

static const column ORG[] = {{"Organisation Name", HP_F_ORGANIZATION_NAME},
                             {"ID", HP_F_RECORD_ID},
                             {"Address", HP_F_ADDRESS},
                             {"Box", HP_F_ADDRESS},
                             {"Notes", HP_F_NOTES}};
static const column CONTACT[] = {{"ID", HP_F_RECORD_ID},
                                 {"Organisation Name", HP_F_ORGANIZATION_NAME},
                                 {"Firstname", HP_F_CONTACT_FIRST_NAME},
                                 {"Surname", HP_F_CONTACT_LAST_NAME},
                                 {"Position", HP_F_CONTACT_ROLE},
                                 {"Phone", HP_F_CONTACT_PHONE},
                                 {"WhatsApp", HP_F_CONTACT_PHONE},
                                 {"Email", HP_F_CONTACT_EMAIL}};

static void organisations(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x);
    static const char *const rows[][5] = {{"Acme Ltd", "12.0", "5 Main Road", "Box 9", NULL},
                                          {"Unknown Organisation 7", "#n:13", NULL, NULL, NULL},
                                          {"Beta", NULL, NULL, "Box 1", "call"},
                                          {NULL, "#n:14", NULL, NULL, "no name"},
                                          {"Organisation Name", "ID", "Address", NULL, NULL},
                                          {"Total: 4", NULL, NULL, NULL, NULL},
                                          {"Total Fuels", NULL, NULL, NULL, NULL}};
    uint32_t file = tb_file(&x.run, "Reachout Database", 2);
    ADD(&x, file, "Organisation", HP_E_ORGANIZATION, ORG, rows);
    x.last->constant[HP_F_CATEGORY] = tb_vid(&x.run, "School");
    attach(&x);
    assert_int_equal(x.r->norg, 3);
    assert_text(&x, x.r->org[0].record_id, "reach:12");
    assert_text(&x, x.r->org[1].record_id, "reach:row-4");
    assert_text(&x, field(&x, 0, ADDRESS), "5 Main Road, Box 9");
    assert_int_equal(x.r->org[0].f[HP_F_ADDRESS].at.col, 2);
    assert_int_equal(x.r->org[1].f[HP_F_ADDRESS].at.col, 3);
    assert_text(&x, field(&x, 1, CATEGORY), "School");
    assert_int_equal(x.r->org[1].f[HP_F_CATEGORY].at.col, HP_NO_COL);
    assert_int_equal(x.r->org[1].f[HP_F_CATEGORY].at.row, 4);
    assert_text(&x, x.r->org[0].name_key, "acme");
    assert_text(&x, field(&x, 2, ORGANIZATION_NAME), "Total Fuels");
    assert_int_equal(quarantined(&x, HP_R_Q_FILLER), 1);
    assert_text(&x, x.run.quarantine.p[0].name, "Unknown Organisation 7");
    assert_int_equal(quarantined(&x, HP_R_Q_NO_NAME), 1);
    assert_int_equal(quarantined(&x, HP_R_Q_LAYOUT), 2);
    hp_run_close(&x.run);
}

static void contacts_by_key_and_name(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x);
    static const char *const orgs[][5] = {{"Acme Ltd", "#n:1", NULL, NULL, NULL},
                                          {"Beta", "#n:2", NULL, NULL, NULL}};
    static const char *const people[][8] = {
        {"#n:2", "Beta", "Thandi", "Botha", "CFI", "0115550100", "0825550100",
         "t@beta.example;info@beta.example"},
        {"1.0", NULL, "Pieter", "-", NULL, "0115550199", "0115550199", NULL},
        {NULL, "ACME", "Zola", NULL, NULL, NULL, NULL, NULL},
        {"#n:9", "Gamma", "Max", "Nel", NULL, NULL, NULL, "m@gamma.example"},
        {NULL, "gamma", NULL, NULL, NULL, NULL, NULL, "info@gamma.example"},
        {"#n:8", NULL, "Lost", "Soul", NULL, NULL, NULL, NULL},
        {NULL, NULL, "Lost", "Too", NULL, NULL, NULL, NULL},
        {NULL, "Unknown Organisation 3", "Lost", "Three", NULL, NULL, NULL, NULL},
        {"#n:1", "Acme Ltd", NULL, NULL, "Clerk", NULL, NULL, NULL},
        {"-", NULL, NULL, NULL, NULL, NULL, NULL, NULL}};
    uint32_t file = tb_file(&x.run, "Reachout Database", 2);
    ADD(&x, file, "Contact Info", HP_E_CONTACT, CONTACT,
        people); /* before the organisations, in reading order */
    ADD(&x, file, "Organisation", HP_E_ORGANIZATION, ORG, orgs);
    attach(&x);
    assert_int_equal(x.r->norg, 3);
    const hp_org *acme = &x.r->org[0], *beta = &x.r->org[1], *gamma = &x.r->org[2];
    assert_int_equal(acme->ncontact, 2);
    assert_text(&x, x.r->contact[acme->contact].name.v, "Pieter");
    assert_int_equal(x.r->contact[acme->contact].nphone, 1); /* the same number twice */
    assert_text(&x, x.r->contact[acme->contact + 1].name.v, "Zola");
    assert_int_equal(beta->ncontact, 1);
    const hp_contact *c = &x.r->contact[beta->contact];
    assert_text(&x, c->name.v, "Thandi Botha");
    assert_int_equal(c->name.at.col, 2);
    assert_text(&x, c->role.v, "CFI");
    assert_int_equal(c->nemail, 2);
    assert_text(&x, x.r->datum[c->email + 1].v, "info@beta.example");
    assert_int_equal(x.r->datum[c->email + 1].at.col, 7);
    assert_int_equal(c->nphone, 2);
    assert_int_equal(x.r->datum[c->phone + 1].at.col, 6);
    assert_text(&x, gamma->record_id, "reach:9");
    assert_int_equal(gamma->ncontact, 2);
    assert_int_equal(gamma->at.row, 5);
    assert_int_equal(tb_count(&x.run, HP_R_ORGANIZATION_FROM_CONTACT), 1);
    assert_int_equal(tb_count(&x.run, HP_R_ATTACHED_BY_NAME), 2);                 /* Zola; info@gamma */
    assert_int_equal(tb_issue(&x.run, HP_R_ATTACHED_BY_NAME, 0)->value, HP_NULL); /* so they go into ranges */
    assert_int_equal(tb_count(&x.run, HP_R_KEY_UNMATCHED), 2);                    /* 9, 8 */
    assert_int_equal(tb_issue(&x.run, HP_R_KEY_UNMATCHED, 0)->at.row, 5);
    assert_int_equal(quarantined(&x, HP_R_Q_NO_ORGANIZATION), 1);
    assert_int_equal(quarantined(&x, HP_R_Q_NO_NAME), 1);
    assert_int_equal(quarantined(&x, HP_R_Q_FILLER), 1);
    assert_int_equal(quarantined(&x, HP_R_Q_EMPTY), 1); /* the dash; the clerk without a name is attached */
    hp_run_close(&x.run);
}

static void keys_stay_within_their_file(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x);
    static const char *const a[][5] = {{"Acme", "#n:1", NULL, NULL, NULL}};
    static const char *const b[][5] = {{"Beta", "#n:1", NULL, NULL, NULL},
                                       {"Acme", "#n:2", NULL, NULL, NULL}};
    static const char *const people[][8] = {{"#n:1", NULL, "Thandi", NULL, NULL, NULL, NULL, NULL},
                                            {"#n:7", "Acme", "Pieter", NULL, NULL, NULL, NULL, NULL}};
    static const char *const loose[][8] = {{NULL, "Acme", "Zola", NULL, NULL, NULL, NULL, NULL}};
    uint32_t one = tb_file(&x.run, "One", 1), two = tb_file(&x.run, "Two", 5),
             three = tb_file(&x.run, "Three", 3);
    ADD(&x, one, "Orgs", HP_E_ORGANIZATION, ORG, a);
    ADD(&x, two, "Orgs", HP_E_ORGANIZATION, ORG, b);
    ADD(&x, one, "People", HP_E_CONTACT, CONTACT, people);
    ADD(&x, three, "People", HP_E_CONTACT, CONTACT, loose);
    attach(&x);
    assert_int_equal(x.r->norg, 3);
    assert_int_equal(x.r->org[0].ncontact, 2); /* key 1 of file One, and its own Acme */
    assert_int_equal(x.r->org[1].ncontact, 0);
    assert_int_equal(x.r->org[2].ncontact,
                     1); /* from file Three: the Acme of the file with the highest priority */
    hp_run_close(&x.run);
}

static void one_key_twice(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x);
    static const char *const orgs[][5] = {{"Acme", "#n:1", NULL, NULL, NULL},
                                          {"Beta", "#n:1", NULL, NULL, NULL}};
    static const char *const people[][8] = {{"#n:1", "beta", "Thandi", NULL, NULL, NULL, NULL, NULL},
                                            {"#n:1", "other", "Pieter", NULL, NULL, NULL, NULL, NULL}};
    uint32_t file = tb_file(&x.run, "Book", 0);
    ADD(&x, file, "Orgs", HP_E_ORGANIZATION, ORG, orgs);
    ADD(&x, file, "People", HP_E_CONTACT, CONTACT, people);
    attach(&x);
    assert_int_equal(tb_count(&x.run, HP_R_KEY_DUPLICATE), 1);
    assert_contains(text(&x, tb_issue(&x.run, HP_R_KEY_DUPLICATE, 0)->note), "first in row 2");
    assert_text(&x, x.r->contact[x.r->org[1].contact].name.v, "Thandi");
    assert_text(&x, x.r->contact[x.r->org[0].contact].name.v, "Pieter");
    assert_int_equal(tb_count(&x.run, HP_R_KEY_NAME_MISMATCH), 1); /* "other" is nobody */
    hp_run_close(&x.run);
}

/* The key says one organisation, the name another one. */
static void key_and_name_disagree(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x);
    static const column org[] = {
        {"Name", HP_F_ORGANIZATION_NAME}, {"ID", HP_F_RECORD_ID}, {"t/a", HP_F_TRADING_AS}};
    static const column listed[] = {{"Name", HP_F_ORGANIZATION_NAME}};
    static const column address[] = {
        {"ID", HP_F_RECORD_ID}, {"Name", HP_F_ORGANIZATION_NAME}, {"Address", HP_F_ADDRESS}};
    static const char *const orgs[][3] = {
        {"Acme Ltd", "#n:1", "Zeta"}, {"Beta", "#n:2", NULL}, {"Twin", "#n:3", NULL}, {"Twin", "#n:4", NULL}};
    static const char *const list[][1] = {{"Beta"}};
    static const char *const elsewhere[][1] = {{"Far"}};
    static const char *const people[][8] = {
        /* 2 */ {"#n:1", "BETA", "Follows", "Name", NULL, NULL, NULL, NULL},
        /* 3 */ {"#n:1", "Nobody", "Follows", "Key", NULL, NULL, NULL, NULL},
        /* 4 */ {"#n:1", "Twin", "Cannot", "Tell", NULL, NULL, NULL, NULL},
        /* 5 */ {"#n:1", "Far", "Other", "Workbook", NULL, NULL, NULL, NULL},
        /* 6 */ {"#n:1", "acme", "Both", "Agree", NULL, NULL, NULL, NULL},
        /* 7 */ {"#n:1", "zeta", "Trading", "Name", NULL, NULL, NULL, NULL},
        /* 8 */ {"#n:1", NULL, "No", "Name", NULL, NULL, NULL, NULL},
        /* 9 */ {"#n:4", "Twin", "Key", "Of Two", NULL, NULL, NULL, NULL}};
    static const char *const places[][3] = {{"#n:1", "Beta", "5 Main Road"}};
    uint32_t file = tb_file(&x.run, "Book", 0), other = tb_file(&x.run, "Other", 0);
    ADD(&x, file, "Orgs", HP_E_ORGANIZATION, org, orgs);
    ADD(&x, file, "List", HP_E_ORGANIZATION, listed, list); /* Beta once more: still one organisation */
    ADD(&x, other, "Orgs", HP_E_ORGANIZATION, listed, elsewhere);
    ADD(&x, file, "People", HP_E_CONTACT, CONTACT, people);
    ADD(&x, file, "Places", HP_E_ADDRESS, address, places);
    attach(&x);
    assert_int_equal(x.r->org[0].ncontact, 6);
    assert_int_equal(x.r->org[1].ncontact, 1);
    assert_text(&x, x.r->contact[x.r->org[1].contact].name.v, "Follows Name");
    assert_int_equal(x.r->org[3].ncontact, 1);
    assert_text(&x, field(&x, 1, ADDRESS), "5 Main Road");
    assert_int_equal(tb_count(&x.run, HP_R_KEY_NAME_MISMATCH), 5);
    const hp_issue *first = tb_issue(&x.run, HP_R_KEY_NAME_MISMATCH, 0);
    assert_int_equal(first->at.row, 2);
    assert_int_equal(first->at.col, 1);
    assert_text(&x, first->note, "the key is that of row 2 of the sheet Orgs; the name was followed");
    for (uint32_t i = 1; i <= 3; i++)
        assert_contains(text(&x, tb_issue(&x.run, HP_R_KEY_NAME_MISMATCH, i)->note), "the key was followed");
    assert_contains(text(&x, tb_issue(&x.run, HP_R_KEY_NAME_MISMATCH, 4)->note), "the name was followed");
    hp_run_close(&x.run);
}

static void repeated_headers(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x);
    static const column org[] = {{"Organisation Name", HP_F_ORGANIZATION_NAME},
                                 {"ID", HP_F_RECORD_ID},
                                 {"Adr\u00e9sse", HP_F_ADDRESS},
                                 {"Notes", HP_F_NOTES},
                                 {"Notes.1", HP_F_NOTES}};
    static const column key_only[] = {{"ID", HP_F_RECORD_ID}, {"Notes", HP_F_NOTES}};
    static const char *const rows[][5] = {
        /* 2 */ {" ORGANISATION NAME ", "id", "ADR\u00c9SSE", "notes.1", "Notes"},
        /* 3 */ {"Organisation Name", NULL, NULL, NULL, NULL},
        /* 4 */ {"organisation name", "Id", "Address", "Notes", NULL}, /* three of four */
        /* 5 */ {"Organisation Name", "#n:1", "5 Main Road", NULL, NULL},
        /* 6 */ {"Notes", "ID", "Adr\u00e9sse", "Notes", NULL}}; /* the name is another one */
    static const char *const notes[][2] = {{"id", "NOTES"}, {"#n:1", "Notes"}};
    uint32_t file = tb_file(&x.run, "Book", 0);
    ADD(&x, file, "Orgs", HP_E_ORGANIZATION, org, rows);
    ADD(&x, file, "Notes", HP_E_NOTE, key_only, notes);
    attach(&x);
    assert_int_equal(x.r->norg, 2);
    assert_int_equal(x.r->org[0].at.row, 5);
    assert_int_equal(x.r->org[1].at.row, 6);
    assert_int_equal(quarantined(&x, HP_R_Q_LAYOUT), 4);
    assert_int_equal(x.r->nattached, 1);
    hp_run_close(&x.run);
}

static void addresses_and_notes(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x);
    static const column address[] = {{"C_ID", HP_F_RECORD_ID},
                                     {"Company", HP_F_ORGANIZATION_NAME},
                                     {"Airport", HP_F_ADDRESS},
                                     {"Unnamed: 3", HP_F_ADDRESS},
                                     {"Code", HP_F_POSTAL_CODE}};
    static const column note[] = {{"Company", HP_F_ORGANIZATION_NAME}, {"Notes", HP_F_NOTES}};
    static const char *const orgs[][5] = {{"Acme", "#n:1", NULL, NULL, "first"},
                                          {"Beta", "#n:2", "own place", NULL, NULL}};
    static const char *const places[][5] = {{NULL, "Acme", "Lanseria", "5 Main Road", "1748"},
                                            {NULL, "Acme", NULL, "Box 7", "0001"},
                                            {NULL, "Acme", NULL, "Box 7", NULL},
                                            {NULL, "Nobody", NULL, "Box 8", NULL},
                                            {NULL, "Beta", NULL, "Box 9", NULL},
                                            {NULL, "Beta", NULL, NULL, NULL}};
    static const char *const notes[][2] = {{"Acme", "second"}, {"Acme", "first"}, {"Beta", "only"}};
    uint32_t file = tb_file(&x.run, "Contact Database", 1);
    ADD(&x, file, "Company_Cat", HP_E_ORGANIZATION, ORG, orgs);
    ADD(&x, file, "Company_Addresses", HP_E_ADDRESS, address, places);
    ADD(&x, file, "Company_Notes", HP_E_NOTE, note, notes);
    attach(&x);
    assert_int_equal(x.r->norg, 2);
    assert_text(&x, field(&x, 0, ADDRESS), "Lanseria, 5 Main Road");
    assert_int_equal(x.r->org[0].f[HP_F_ADDRESS].at.sheet, 1);
    assert_int_equal(x.r->org[0].f[HP_F_ADDRESS].at.row, 2);
    assert_text(&x, field(&x, 0, POSTAL_CODE), "1748");
    assert_text(&x, field(&x, 0, NOTES), "first | second");
    assert_int_equal(x.r->org[0].f[HP_F_NOTES].at.sheet, 0);
    assert_text(&x, field(&x, 1, ADDRESS), "own place");
    assert_int_equal(tb_count(&x.run, HP_R_ADDRESS_NOT_USED), 3); /* Box 7 in each of its cells, Box 9 */
    assert_text(&x, tb_issue(&x.run, HP_R_ADDRESS_NOT_USED, 0)->value, "Box 7");
    assert_text(&x, tb_issue(&x.run, HP_R_ADDRESS_NOT_USED, 0)->note, "0001");
    assert_int_equal(tb_issue(&x.run, HP_R_ADDRESS_NOT_USED, 0)->at.row, 3);
    assert_int_equal(tb_issue(&x.run, HP_R_ADDRESS_NOT_USED, 0)->at.col, 3);
    assert_text(&x, field(&x, 1, NOTES), "only");
    assert_int_equal(x.r->nattached, 7);
    assert_int_equal(x.r->org[0].nmore, 5);
    assert_int_equal(x.r->attached[x.r->org[0].more].entity, HP_E_ADDRESS);
    assert_int_equal(x.r->attached[x.r->org[0].more + 4].entity, HP_E_NOTE);
    assert_int_equal(quarantined(&x, HP_R_Q_NO_ORGANIZATION), 1);
    assert_int_equal(quarantined(&x, HP_R_Q_EMPTY), 1);
    hp_run_close(&x.run);
}

/* Where somebody is goes before where the mail goes, that before others, then the first; its postal code
 * comes with it. */
static void kinds_of_address(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x);
    static const column org[] = {{"Name", HP_F_ORGANIZATION_NAME},
                                 {"Address", HP_F_ADDRESS},
                                 {"Type", HP_F_ADDRESS_TYPE},
                                 {"Code", HP_F_POSTAL_CODE}};
    static const char *const orgs[][4] = {{"Acme", NULL, NULL, NULL},
                                          {"Beta", "Box 1", "Postal", "0001"},
                                          {"Gamma", "1 Own Road", NULL, "0009"},
                                          {"Delta", NULL, NULL, "0044"}};
    static const char *const places[][4] = {/* 2 */ {"Acme", "Hangar 2", "Hangar", "0002"},
                                            {"Acme", "Box 3", "POSTAL", "0003"},
                                            /* 4 */ {"Acme", "4 Head Road", "Head Office", NULL},
                                            {"Acme", "5 Side Road", "Physical", "0005"},
                                            /* 6 */ {"Beta", "6 Main Road", "physical", NULL},
                                            {"Gamma", "7 Head Road", "Head", "0007"},
                                            /* 8 */ {"Gamma", "1 Own Road", "Head", NULL},
                                            {"Delta", "9 Main Road", NULL, NULL}};
    uint32_t file = tb_file(&x.run, "Book", 0);
    ADD(&x, file, "Orgs", HP_E_ORGANIZATION, org, orgs);
    ADD(&x, file, "Places", HP_E_ADDRESS, org, places);
    attach(&x);
    assert_text(&x, field(&x, 0, ADDRESS), "4 Head Road");
    assert_text(&x, field(&x, 0, ADDRESS_TYPE), "Head Office");
    assert_int_equal(field(&x, 0, POSTAL_CODE), HP_NULL); /* those are of other places */
    assert_text(&x, field(&x, 1, ADDRESS), "6 Main Road");
    assert_int_equal(field(&x, 1, POSTAL_CODE), HP_NULL);
    assert_text(&x, field(&x, 2, ADDRESS), "1 Own Road");
    assert_text(&x, field(&x, 2, POSTAL_CODE), "0009");
    assert_text(&x, field(&x, 3, POSTAL_CODE), "0044");
    assert_int_equal(tb_count(&x.run, HP_R_ADDRESS_NOT_USED), 5);
    const hp_issue *own = tb_issue(&x.run, HP_R_ADDRESS_NOT_USED, 3);
    assert_text(&x, own->value, "Box 1");
    assert_text(&x, own->note, "Postal, 0001");
    assert_int_equal(own->at.sheet, 0);
    hp_run_close(&x.run);
}

static void several_people_in_a_cell(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x);
    static const column person[] = {{"Company", HP_F_ORGANIZATION_NAME}, {"Who", HP_F_CONTACT_NAME},
                                    {"Role", HP_F_CONTACT_ROLE},         {"Mail", HP_F_CONTACT_EMAIL},
                                    {"Tel", HP_F_CONTACT_PHONE},         {"Notes", HP_F_NOTES},
                                    {"Seen", HP_F_LAST_INTERACTION_DATE}};
    static const column halves[] = {{"Company", HP_F_ORGANIZATION_NAME},
                                    {"First", HP_F_CONTACT_FIRST_NAME},
                                    {"Last", HP_F_CONTACT_LAST_NAME}};
    static const char *const orgs[][7] = {{"Acme", "Thandi Botha (Owner); Pieter Nel", NULL,
                                           "t@a.example;p@a.example", "0115550100;0115550101;0115550102",
                                           "call", "2025-10-14"}};
    static const char *const members[][7] = {
        {"Acme", "Zola Dube; Max Nel (CFO)", "Clerk", NULL, "0115550103", "busy", NULL}};
    static const char *const names[][3] = {{"Acme", "Ann; Eva (CFI)", "Smith"}};
    uint32_t file = tb_file(&x.run, "Book", 0);
    ADD(&x, file, "Orgs", HP_E_ORGANIZATION, person, orgs);
    ADD(&x, file, "People", HP_E_CONTACT, person, members);
    ADD(&x, file, "Names", HP_E_CONTACT, halves, names);
    assert_ok(hp_attach(&x.run, NULL, x.sheet, x.n, &x.r, &x.err), x.err);
    assert_int_equal(x.r->org[0].ncontact, 6);
    const hp_contact *c = &x.r->contact[x.r->org[0].contact];
    assert_text(&x, c[0].name.v, "Thandi Botha");
    assert_text(&x, c[0].role.v, "Owner");
    assert_int_equal(c[0].nemail, 1); /* two addresses for two people */
    assert_text(&x, x.r->datum[c[0].email].v, "t@a.example");
    assert_int_equal(c[0].nphone, 3); /* three phones for two people */
    assert_text(&x, c[1].name.v, "Pieter Nel");
    assert_int_equal(c[1].role.v, HP_NULL);
    assert_int_equal(c[1].nemail, 1);
    assert_text(&x, x.r->datum[c[1].email].v, "p@a.example");
    assert_int_equal(c[1].nphone, 0);
    assert_text(&x, c[1].last_date, "2025-10-14");
    assert_int_equal(c[1].at.row, 2);
    assert_int_equal(c[1].name.at.col, 1);
    assert_text(&x, c[2].role.v, "Clerk"); /* the column speaks of the first */
    assert_text(&x, c[2].notes, "busy");
    assert_text(&x, c[3].name.v, "Max Nel");
    assert_text(&x, c[3].role.v, "CFO");
    assert_int_equal(c[3].notes, HP_NULL);
    assert_int_equal(c[3].nphone, 0);
    assert_text(&x, c[4].name.v, "Ann Smith");
    assert_text(&x, c[5].name.v, "Eva Smith");
    assert_text(&x, c[5].role.v, "CFI");
    hp_run_close(&x.run);
}

static void inline_contacts_and_people(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x);
    static const column school[] = {{"Name", HP_F_ORGANIZATION_NAME},
                                    {"Contact", HP_F_CONTACT_NAME},
                                    {"Email", HP_F_CONTACT_EMAIL},
                                    {"Visited", HP_F_LAST_INTERACTION_DATE}};
    static const column person[] = {{"rec", HP_F_RECORD_ID},
                                    {"given", HP_F_CONTACT_FIRST_NAME},
                                    {"surname", HP_F_CONTACT_LAST_NAME},
                                    {"born", HP_F_CONTACT_BIRTH_DATE},
                                    {"mail", HP_F_CONTACT_EMAIL}};
    static const char *const schools[][4] = {{"Acme", "Thandi Botha (CFI)", "t@acme.example", "2025-10-14"},
                                             {"Beta", NULL, NULL, NULL}};
    static const char *const people[][5] = {{"r1", "Éva", "O'Neill-Kovács", "1970-02-03", NULL},
                                            {"r2", NULL, NULL, NULL, "x@y.example"}};
    uint32_t one = tb_file(&x.run, "Schools", 0), two = tb_file(&x.run, "My People!", 0);
    ADD(&x, one, "Cleaned", HP_E_ORGANIZATION, school, schools);
    ADD(&x, two, "", HP_E_PERSON, person, people);
    x.last->id_prefix = (hp_str){0};
    attach(&x);
    assert_int_equal(x.r->norg, 3);
    const hp_contact *c = &x.r->contact[x.r->org[0].contact];
    assert_text(&x, c->name.v, "Thandi Botha");
    assert_text(&x, c->role.v, "CFI");
    assert_int_equal(c->role.at.col, 1);
    assert_text(&x, c->last_date, "2025-10-14");
    assert_int_equal(x.r->org[1].ncontact, 0);
    const hp_org *eva = &x.r->org[2];
    assert_true(eva->person);
    assert_text(&x, eva->f[HP_F_ORGANIZATION_NAME].v, "Éva O'Neill-Kovács");
    assert_text(&x, eva->name_key, "eva oneill kovacs");
    assert_text(&x, eva->record_id, "my-people:r1");
    assert_text(&x, eva->f[HP_F_CONTACT_BIRTH_DATE].v, "1970-02-03");
    assert_int_equal(eva->ncontact, 1);
    assert_int_equal(quarantined(&x, HP_R_Q_NO_NAME), 1);
    hp_run_close(&x.run);
}

static bool has_attached(const fixture *x, size_t org, uint32_t row) {
    const hp_org *o = &x->r->org[org];
    for (uint32_t i = o->more; i < o->more + o->nmore; i++) {
        if (x->r->attached[i].at.row == row) return true;
    }
    return false;
}

static const column REGISTER[] = {{"Name", HP_F_ORGANIZATION_NAME},
                                  {"Province", HP_F_PROVINCE},
                                  {"Contact", HP_F_CONTACT_NAME},
                                  {"Tel", HP_F_CONTACT_PHONE},
                                  {"Notes", HP_F_NOTES},
                                  {"Address", HP_F_ADDRESS},
                                  {"Rating", HP_F_NONE},
                                  {"Category", HP_F_CATEGORY}};

/* A register whose names are merged over the rows of their ratings. */
static void rows_below_a_merged_name(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x);
    static const char *const rows[][8] = {
        /* 2 */ {"Acme", "Gauteng", "Thandi Botha", "0115550100", "first", NULL, "PPL", NULL},
        /* 3 */ {NULL, NULL, NULL, NULL, NULL, NULL, "CPL", NULL},
        /* 4 */ {NULL, NULL, NULL, NULL, "second", "Box 7", "ATPL", "-"},
        /* 5 */ {NULL, NULL, NULL, NULL, "first", "Box 7", "IR", "Charter"},
        /* 6 */ {"Beta", NULL, NULL, NULL, NULL, NULL, "PPL", NULL},
        /* 7 */ {NULL, NULL, NULL, NULL, NULL, NULL, "alone", NULL},
        /* 8 */ {"Unknown Organisation 3", NULL, NULL, NULL, NULL, NULL, "PPL", NULL},
        /* 9 */ {NULL, NULL, NULL, NULL, NULL, NULL, "below a filler", NULL},
        /* 10 */ {"Gamma", NULL, NULL, NULL, NULL, NULL, "PPL", NULL},
        /* 11 */ {"Delta", NULL, NULL, NULL, NULL, NULL, "has a name", NULL},
        /* 12 */ {NULL, NULL, NULL, NULL, "no name", NULL, NULL, NULL},
        /* 13 */ {NULL, NULL, NULL, NULL, "below nothing", NULL, NULL, NULL}};
    /* Only the column of the name counts: B2:B13 and G6:G7 say nothing. */
    hp_merged_area areas[] = {{2, 5, 0, 0},   {8, 9, 0, 0},  {10, 11, 0, 0},
                              {12, 13, 0, 0}, {2, 13, 1, 1}, {6, 7, 6, 6}};
    uint32_t file = tb_file(&x.run, "Contact Database", 1);
    ADD(&x, file, "CAA", HP_E_ORGANIZATION, REGISTER, rows);
    x.last->constant[HP_F_NOTES] = tb_vid(&x.run, "from the register");
    MERGE(&x, areas);
    attach(&x);
    assert_int_equal(x.r->norg, 4);
    assert_text(&x, field(&x, 3, ORGANIZATION_NAME), "Delta");
    assert_int_equal(x.r->nattached, 3);
    assert_int_equal(x.r->org[0].nmore, 3);
    for (uint32_t row = 3; row <= 5; row++) assert_true(has_attached(&x, 0, row));
    /* They count as notes: the merged organisation must not count twice. */
    assert_int_equal(x.r->attached[x.r->org[0].more].entity, HP_E_NOTE);
    assert_text(&x, field(&x, 0, NOTES), "first | second");
    assert_text(&x, field(&x, 0, ADDRESS), "Box 7");
    assert_int_equal(x.r->org[0].f[HP_F_ADDRESS].at.row, 4);
    assert_text(&x, field(&x, 0, CATEGORY), "Charter");
    assert_int_equal(x.r->org[0].f[HP_F_CATEGORY].at.row, 5);
    assert_text(&x, field(&x, 1, NOTES), "from the register");
    assert_int_equal(x.r->org[0].ncontact, 1);
    assert_int_equal(quarantined(&x, HP_R_Q_EMPTY), 2); /* 7; 9, whose organisation is none */
    assert_int_equal(quarantined(&x, HP_R_Q_FILLER), 1);
    assert_int_equal(quarantined(&x, HP_R_Q_NO_NAME), 2);
    hp_run_close(&x.run);
}

static void contacts_below_a_merged_name(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x);
    static const char *const rows[][8] = {
        /* 2 */ {"Acme", "Gauteng", "Thandi Botha", "0115550100", NULL, NULL, NULL, NULL},
        /* 3 */ {NULL, NULL, "Pieter Nel", NULL, "on leave", "Box 7", NULL, NULL},
        /* 4 */ {NULL, NULL, NULL, "0115550102", NULL, NULL, NULL, NULL},
        /* 5 */ {NULL, NULL, "Pieter Nel", NULL, NULL, NULL, "left in a merged cell", NULL}};
    hp_merged_area areas[] = {{2, 5, 0, 0}, {3, 5, 2, 2}};
    uint32_t file = tb_file(&x.run, "Contact Database", 1);
    ADD(&x, file, "CAA", HP_E_ORGANIZATION, REGISTER, rows);
    x.last->constant[HP_F_CONTACT_ROLE] = tb_vid(&x.run, "Instructor");
    MERGE(&x, areas);
    attach(&x);
    assert_int_equal(x.r->norg, 1);
    assert_int_equal(x.r->org[0].ncontact, 3);
    const hp_contact *c = &x.r->contact[x.r->org[0].contact];
    assert_text(&x, c[1].name.v, "Pieter Nel");
    assert_text(&x, c[1].notes, "on leave"); /* a person's, not the organisation's */
    assert_text(&x, c[1].role.v, "Instructor");
    assert_int_equal(c[1].at.row, 3);
    assert_int_equal(c[2].name.v, HP_NULL);
    assert_text(&x, x.r->datum[c[2].phone].v, "0115550102");
    assert_int_equal(field(&x, 0, NOTES), HP_NULL);
    assert_text(&x, field(&x, 0, ADDRESS), "Box 7");
    assert_int_equal(x.r->org[0].nmore, 1);
    assert_true(has_attached(&x, 0, 5));
    hp_run_close(&x.run);
}

/* Contact sheets and people: the key comes first, then the merged name. */
static void members_below_a_merged_name(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x);
    static const column person[] = {{"given", HP_F_CONTACT_FIRST_NAME},
                                    {"surname", HP_F_CONTACT_LAST_NAME},
                                    {"mail", HP_F_CONTACT_EMAIL},
                                    {"city", HP_F_ADDRESS}};
    static const column address[] = {{"C_ID", HP_F_RECORD_ID},
                                     {"Company", HP_F_ORGANIZATION_NAME},
                                     {"Address", HP_F_ADDRESS},
                                     {"Type", HP_F_ADDRESS_TYPE},
                                     {"Code", HP_F_POSTAL_CODE}};
    static const char *const orgs[][5] = {{"Acme", "#n:1", NULL, NULL, NULL},
                                          {"Beta", "#n:2", NULL, NULL, NULL}};
    static const char *const members[][8] = {
        /* 2 */ {NULL, "Acme", "Thandi", NULL, NULL, NULL, NULL, NULL},
        /* 3 */ {NULL, NULL, "Pieter", NULL, NULL, NULL, NULL, NULL},
        /* 4 */ {"#n:2", NULL, "Zola", NULL, NULL, NULL, NULL, NULL},
        /* 5 */ {"#n:9", NULL, "Max", NULL, NULL, NULL, NULL, NULL},
        /* 6 */ {"-", NULL, NULL, NULL, NULL, NULL, NULL, NULL},
        /* 7 */ {NULL, "Gamma", "Lerato", NULL, NULL, NULL, NULL, NULL},
        /* 8 */ {NULL, NULL, NULL, NULL, NULL, NULL, NULL, "info@gamma.example"},
        /* 9 */ {NULL, NULL, NULL, NULL, NULL, "0115550100", NULL, NULL},
        /* 10 */ {"#n:1", NULL, "Keyed", NULL, NULL, NULL, NULL, NULL},
        /* 11 */ {NULL, NULL, "Lost", NULL, NULL, NULL, NULL, NULL}};
    static const char *const places[][5] = {{NULL, "Beta", "Box 1", NULL, NULL},
                                            {NULL, NULL, "Box 2", NULL, NULL},
                                            {NULL, NULL, NULL, "Head", NULL}};
    static const char *const people[][4] = {{"Eva", "Nel", "e@x.example", NULL},
                                            {NULL, NULL, "nel@x.example", "Brits"},
                                            {"Ann", NULL, NULL, NULL},
                                            {NULL, "Ray", NULL, NULL}};
    hp_merged_area names[] = {{2, 6, 1, 1}, {7, 9, 1, 1}, {10, 11, 1, 1}, {8, 9, 5, 5}};
    hp_merged_area given[] = {{2, 3, 0, 0}, {4, 5, 0, 0}, {2, 3, 1, 1}}, place[] = {{2, 4, 1, 1}};
    uint32_t file = tb_file(&x.run, "Book", 0);
    ADD(&x, file, "Contact Info", HP_E_CONTACT, CONTACT, members);
    MERGE(&x, names);
    ADD(&x, file, "Organisation", HP_E_ORGANIZATION, ORG, orgs);
    ADD(&x, file, "People", HP_E_PERSON, person, people);
    MERGE(&x, given);
    ADD(&x, file, "Addresses", HP_E_ADDRESS, address, places);
    MERGE(&x, place);
    attach(&x);
    assert_int_equal(x.r->norg, 6); /* Acme, Beta, Eva Nel, Ann, Ray, and Gamma from the contact sheet */
    assert_int_equal(x.r->org[0].ncontact, 4);
    assert_text(&x, x.r->contact[x.r->org[0].contact + 1].name.v, "Pieter");
    assert_text(&x, x.r->contact[x.r->org[0].contact + 2].name.v, "Max");
    assert_true(has_attached(&x, 0, 6));
    assert_text(&x, x.r->contact[x.r->org[1].contact].name.v, "Zola");
    assert_int_equal(x.r->org[2].ncontact, 2);
    assert_text(&x, field(&x, 2, ADDRESS), "Brits");
    assert_text(&x, field(&x, 4, ORGANIZATION_NAME), "Ray");
    assert_text(&x, field(&x, 5, ORGANIZATION_NAME), "Gamma");
    assert_int_equal(x.r->org[5].ncontact, 2);
    assert_true(has_attached(&x, 5, 9)); /* its phone is that of the merged cell above */
    assert_text(&x, field(&x, 1, ADDRESS), "Box 1");
    assert_text(&x, tb_issue(&x.run, HP_R_ADDRESS_NOT_USED, 0)->value, "Box 2");
    assert_int_equal(tb_count(&x.run, HP_R_KEY_UNMATCHED), 1);
    assert_int_equal(quarantined(&x, HP_R_Q_EMPTY), 1); /* a place without address */
    /* 11: what is merged above it is no name */
    assert_int_equal(quarantined(&x, HP_R_Q_NO_NAME), 1);
    hp_run_close(&x.run);
}

/* Areas that do not fit the rows: one that begins in the headers, one that begins in a row without any value.
 */
static void merged_areas_without_a_first_row(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x);
    static const char *const rows[][5] = {/* 2 */ {NULL, NULL, NULL, NULL, "below the header"},
                                          /* 3 */ {NULL, NULL, NULL, NULL, NULL},
                                          /* 4 */ {"Acme", NULL, NULL, NULL, NULL},
                                          /* 5 */ {NULL, NULL, NULL, NULL, "below an empty row"}};
    hp_merged_area areas[] = {{1, 2, 0, 0}, {3, 5, 0, 0}};
    uint32_t file = tb_file(&x.run, "Book", 0);
    ADD(&x, file, "Orgs", HP_E_ORGANIZATION, ORG, rows);
    MERGE(&x, areas);
    attach(&x);
    assert_int_equal(x.r->norg, 1);
    assert_int_equal(x.r->nattached, 0);
    assert_int_equal(quarantined(&x, HP_R_Q_NO_NAME), 2);
    hp_run_close(&x.run);
}

static void row_ids_differ_between_sheets(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x);
    static const char *const a[][5] = {{"Acme", NULL, NULL, NULL, NULL}};
    static const char *const b[][5] = {{"Beta", NULL, NULL, NULL, NULL}};
    uint32_t file = tb_file(&x.run, "Book", 0);
    ADD(&x, file, "One", HP_E_ORGANIZATION, ORG, a);
    ADD(&x, file, "Flight schools", HP_E_ORGANIZATION, ORG, b);
    ADD(&x, file, "Auto", HP_E_ORGANIZATION, ORG, b);
    x.last->id_prefix = (hp_str){0};
    attach(&x);
    assert_text(&x, x.r->org[0].record_id, "reach:row-2");
    assert_text(&x, x.r->org[1].record_id, "reach:flight-schools-row-2");
    assert_text(&x, x.r->org[2].record_id, "book-auto:row-2");
    hp_run_close(&x.run);
}

static void nothing(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x);
    attach(&x);
    assert_int_equal(x.r->norg, 0);
    hp_run_close(&x.run);
}

/* Every allocation fails once: an error each time, nothing lost (the sanitizers watch). */
static void out_of_memory(void **state) {
    (void)state;
    fixture x;
    open_fixture(&x);
    static const char *const orgs[][5] = {{"Acme", "#n:1", "a", "b", NULL}};
    static const char *const people[][8] = {
        {"#n:1", "Acme", "Thandi", "Botha", NULL, "1", "2", "a@x.example;b@x.example"},
        {"#n:1", "Nobody", "Ann;Eva", "Nel", NULL, "1;2", NULL, NULL}};
    static const char *const more[][5] = {{"Acme", NULL, "c", NULL, "n"}};
    uint32_t file = tb_file(&x.run, "Book", 0);
    ADD(&x, file, "Orgs", HP_E_ORGANIZATION, ORG, orgs);
    ADD(&x, file, "People", HP_E_CONTACT, CONTACT, people);
    ADD(&x, file, "Addresses", HP_E_ADDRESS, ORG, more);
    uint64_t failed = 0, before = hp_mem_count();
    assert_ok(hp_attach(&x.run, NULL, x.sheet, x.n, &x.r, &x.err), x.err);
    uint64_t all = hp_mem_count() - before;
    for (uint64_t n = 1; n <= all; n++) {
        hp_mem_fail_at(n);
        hp_code code = hp_attach(&x.run, NULL, x.sheet, x.n, &x.r, &x.err);
        hp_mem_fail_at(0);
        assert_true(code == HP_OK || code == HP_RETRY); /* an arena may do with a smaller block */
        failed += code == HP_RETRY;
    }
    assert_true(failed > 3);
    hp_run_close(&x.run);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(organisations),
                                       cmocka_unit_test(contacts_by_key_and_name),
                                       cmocka_unit_test(keys_stay_within_their_file),
                                       cmocka_unit_test(one_key_twice),
                                       cmocka_unit_test(key_and_name_disagree),
                                       cmocka_unit_test(repeated_headers),
                                       cmocka_unit_test(addresses_and_notes),
                                       cmocka_unit_test(kinds_of_address),
                                       cmocka_unit_test(several_people_in_a_cell),
                                       cmocka_unit_test(inline_contacts_and_people),
                                       cmocka_unit_test(rows_below_a_merged_name),
                                       cmocka_unit_test(contacts_below_a_merged_name),
                                       cmocka_unit_test(members_below_a_merged_name),
                                       cmocka_unit_test(merged_areas_without_a_first_row),
                                       cmocka_unit_test(row_ids_differ_between_sheets),
                                       cmocka_unit_test(nothing),
                                       cmocka_unit_test(out_of_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
