#include "enrich/table.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/threads.h"
#include "enrich/settings.h"
#include "enrich/target.h"
#include "read/reader.h"

#include "base/banned.h"

/* A key that more rows have is nobody's in particular, and looking through all of them for every question
 * would make a table of one name quadratic. */
enum { CHAIN = 32, BATCH = 4096 };
/* What remains of the confidence of a match by domain: groups share one. */
static const double BY_DOMAIN = 0.9, DOUBT = 0.5;

/* An index of the rows by one kind of key: slots of a hash table hold 1 + the first row, rows of one key are
 * linked in the order of the file. */
typedef struct {
    bool made;
    uint64_t *hash; /* of each row; 0 = no key */
    uint32_t *slot, *next;
    size_t mask;
} row_index;

struct hp_lookup {
    hp_run run;
    const hp_profile *profile;
    const hp_clean_ctx *clean;
    hp_known *known;
    uint32_t sheet;
    unsigned by;
    row_index index[3];
    hp_buf key;
};

/* ---- keys ---- */

/* Writes the key of a kind that row i of the table has. */
static void key_of(const hp_lookup *l, hp_lookup_by by, size_t i, hp_buf *out) {
    const hp_known *k = l->known;
    const hp_pool *pool = l->run.pool;
    hp_buf_clear(out);
    if (by == HP_BY_NAME) {
        hp_str name = hp_known_value(k, pool, HP_F_ORGANIZATION_NAME, i);
        if (name.n) hp_name_key(name, out);
    } else if (by == HP_BY_REGISTRATION) {
        if (k->registration != HP_NO_COL)
            hp_registration_key(hp_text(pool, k->raw->col[k->registration].v[i]), out);
    } else {
        hp_str domain = hp_known_domain(l->profile, hp_known_value(k, pool, HP_F_WEBSITE, i),
                                        hp_known_value(k, pool, HP_F_CONTACT_EMAIL, i));
        for (size_t c = 0; c < domain.n; c++) hp_buf_putc(out, hp_lower(domain.p[c]));
    }
}

static uint64_t hash_of(const hp_buf *key) {
    uint64_t h = key->n ? hp_hash_text(hp_buf_str(key)) : 0;
    return key->n && h == 0 ? 1 : h;
}

typedef struct {
    const hp_lookup *l;
    row_index *x;
    hp_lookup_by by;
    bool bad;
} hashing;

static void hash_rows(void *ctx, size_t from, size_t to, unsigned worker) {
    (void)worker;
    hashing *h = ctx;
    hp_autobuf key = hp_buf_new(1 << 20);
    for (size_t i = from; i < to; i++) {
        key_of(h->l, h->by, i, &key);
        h->x->hash[i] = hash_of(&key);
    }
    if (key.bad) __atomic_store_n(&h->bad, true, __ATOMIC_RELAXED);
}

static size_t place_of(const row_index *x, uint64_t hash) {
    size_t at = hash & x->mask;
    while (x->slot[at] && x->hash[x->slot[at] - 1] != hash) at = (at + 1) & x->mask;
    return at;
}

/* From the last row to the first, so that the chain of a key has the order of the file. */
static void link_rows(row_index *x, size_t first, size_t n) {
    for (size_t i = n; i > first; i--) {
        if (x->hash[i - 1] == 0) continue;
        size_t at = place_of(x, x->hash[i - 1]);
        x->next[i - 1] = x->slot[at];
        x->slot[at] = (uint32_t)i;
    }
}

static hp_code make_index(hp_lookup *l, hp_lookup_by by, row_index *x, hp_err *err) {
    size_t n = l->known->raw->nrow, cap = 16;
    while (cap < n + n / 2) cap *= 2;
    x->hash = HP_NEW_ARRAY(l->run.arena, n + 1, uint64_t);
    x->next = HP_NEW_ARRAY(l->run.arena, n + 1, uint32_t);
    x->slot = HP_NEW_ARRAY(l->run.arena, cap, uint32_t);
    if (!x->hash || !x->next || !x->slot) return hp_fail_memory(err, "the index of a lookup table");
    x->mask = cap - 1;
    hashing h = {.l = l, .x = x, .by = by};
    hp_parallel(n, BATCH, hash_rows, &h);
    if (h.bad) return hp_fail_memory(err, "the keys of a lookup table");
    link_rows(x, l->known->first, n);
    x->made = true;
    return HP_OK;
}

/* ---- opening ---- */

static hp_code read_match(hp_lookup *l, const hp_provider_env *env, hp_err *err) {
    static const struct {
        const char *word;
        unsigned by;
    } WORD[] = {{"registration", HP_BY_REGISTRATION}, {"name", HP_BY_NAME}, {"domain", HP_BY_DOMAIN}};
    const hp_node *n = hp_settings_get(env, "match");
    l->by = n ? 0 : HP_BY_ALL;
    if (!n) return HP_OK;
    size_t items = n->kind == HP_NODE_LIST ? n->n : 1;
    for (size_t i = 0; i < items; i++) {
        const hp_node *item = n->kind == HP_NODE_LIST ? n->item[i] : n;
        hp_str word = {0};
        unsigned by = 0;
        (void)hp_node_text(item, &word);
        for (size_t k = 0; k < sizeof WORD / sizeof *WORD; k++)
            if (hp_str_eq(word, hp_str_of(WORD[k].word))) by = WORD[k].by;
        if (!by)
            return hp_settings_fail(env, item, "\"match\" takes registration, name and domain, not \"%.*s\"",
                                    err, HP_FMT(hp_str_cut(word, 0, 80)));
        l->by |= by;
    }
    return HP_OK;
}

/* Makes the declaration of a sheet of `columns`; *out stays NULL without any. */
static hp_code read_columns(hp_lookup *l, const hp_provider_env *env, hp_profile_sheet **out, hp_err *err) {
    const hp_node *n = hp_settings_get(env, "columns");
    *out = NULL;
    if (!n) return HP_OK;
    if (n->kind != HP_NODE_MAP)
        return hp_settings_fail(env, n, "\"columns\" must be a map (lines of \"header: field\")", err);
    hp_profile_sheet *s = HP_NEW(l->run.arena, hp_profile_sheet);
    hp_profile_column *c = HP_NEW_ARRAY(l->run.arena, n->n + 1, hp_profile_column);
    if (!s || !c) return hp_fail_memory(err, "the columns of a lookup table");
    for (size_t i = 0; i < n->n; i++) {
        hp_str name = {0};
        hp_field f = hp_node_text(n->item[i], &name) ? hp_field_find(name) : HP_F_NONE;
        if (f == HP_F_NONE)
            return hp_settings_fail(env, n->item[i],
                                    "unknown field \"%.*s\"; `docs/reference/profile.md` lists them", err,
                                    HP_FMT(hp_str_cut(name, 0, 80)));
        c[i] = (hp_profile_column){.header = n->key[i]->text, .field = f, .line = n->key[i]->line};
    }
    *s = (hp_profile_sheet){
        .entity = HP_E_ORGANIZATION, .column = c, .ncolumn = n->n, .required = true, .line = n->line};
    *out = s;
    return HP_OK;
}

static hp_code know(hp_lookup *l, const hp_profile_sheet *decl, const hp_table *raw, uint32_t sheet,
                    hp_err *err) {
    HP_TRY(hp_known_make(&l->run, l->profile, decl, raw, sheet, false, &l->known, err));
    l->sheet = sheet;
    return HP_OK;
}

static hp_code read_book(hp_lookup *l, const char *path, uint32_t file, hp_str wanted,
                         const hp_profile_sheet *decl, hp_err *err) {
    hp_book *book;
    size_t n;
    HP_TRY(hp_book_open(&l->run, path, &book, err));
    const hp_book_sheet *sheet = hp_book_sheets(book, &n);
    hp_code code = HP_OK;
    for (size_t i = 0; i < n && code == HP_OK && !l->known; i++) {
        hp_table *raw;
        uint32_t id;
        if (!sheet[i].readable || (wanted.n && !hp_str_ieq(sheet[i].name, wanted))) continue;
        code = hp_run_add_sheet(&l->run, file, sheet[i].name, sheet[i].state, &id, err);
        if (code == HP_OK) code = hp_book_read(&l->run, book, i, id, &raw, err);
        if (code == HP_OK && raw->nrow) code = know(l, decl, raw, id, err);
    }
    hp_book_close(book);
    return code;
}

static hp_code read_database(hp_lookup *l, const char *path, uint32_t file, hp_str table,
                             const hp_profile_sheet *decl, hp_err *err) {
    hp_table *raw;
    uint32_t id;
    HP_TRY(hp_run_add_sheet(&l->run, file, table, 0, &id, err));
    HP_TRY(hp_sqlite_read(&l->run, path, table, id, &raw, err));
    return know(l, decl, raw, id, err);
}

static hp_code open_table(hp_lookup *l, const hp_provider_env *env, const char *path, hp_err *err) {
    static const char *const KEYS[] = {"match", "sheet", "table", "columns", NULL};
    hp_str sheet = {0}, table = {0}, p = hp_str_of(path), name = hp_path_base(p);
    hp_profile_sheet *decl;
    uint32_t file;
    HP_TRY(hp_settings_check(env, KEYS, err));
    HP_TRY(hp_settings_text(env, "sheet", &sheet, err));
    HP_TRY(hp_settings_text(env, "table", &table, err));
    HP_TRY(read_match(l, env, err));
    HP_TRY(hp_run_open(&l->run, err));
    HP_TRY(read_columns(l, env, &decl, err));
    HP_TRY(hp_run_add_file(&l->run, &(hp_source_file){.path = p, .name = name, .label = name}, &file, err));
    HP_TRY(hp_sqlite_is(path) ? read_database(l, path, file, table, decl, err)
                              : read_book(l, path, file, sheet, decl, err));
    if (l->known) return HP_OK;
    return hp_fail(
        err, HP_DATA,
        "%s: has no sheet%s%.*s%s with names, e-mail addresses, websites or registration numbers of "
        "organisations; name its columns in the profile: enrich.providers, settings, columns",
        path, sheet.n ? " \"" : "", HP_FMT(sheet), sheet.n ? "\"" : "");
}

hp_code hp_lookup_open(const hp_provider_env *env, const char *path, hp_lookup **out, hp_err *err) {
    hp_lookup *l = hp_calloc(1, sizeof *l);
    if (!l) return hp_fail_memory(err, "a lookup table");
    l->profile = env->profile;
    l->clean = env->clean;
    l->key = hp_buf_new(1 << 20);
    hp_code code = open_table(l, env, path, err);
    if (code == HP_OK)
        *out = l;
    else
        hp_lookup_close(l);
    return code;
}

void hp_lookup_close(hp_lookup *l) {
    if (!l) return;
    hp_run_close(&l->run);
    hp_buf_free(&l->key);
    hp_free(l);
}

/* ---- asking ---- */

/* The rows that a key names, in the order of the file. */
typedef struct {
    size_t row[CHAIN];
    size_t n;
    bool many; /* there are more: a key of everybody */
    double confidence;
} found;

static bool same_fold(hp_str a, hp_str b) { return hp_str_ieq(hp_str_trim(a), hp_str_trim(b)); }

/* Tells whether what the two carry besides the key says that they are two organisations. */
static bool differs(hp_lookup *l, hp_lookup_by by, const hp_enrich_row *row, size_t i) {
    if (row->registration.n) {
        key_of(l, HP_BY_REGISTRATION, i, &l->key);
        if (l->key.n && !hp_str_eq(hp_buf_str(&l->key), row->registration)) return true;
    }
    if (by != HP_BY_NAME || row->domain.n == 0) return false;
    key_of(l, HP_BY_DOMAIN, i, &l->key);
    return l->key.n && !hp_str_ieq(hp_buf_str(&l->key), row->domain);
}

static hp_str asked_key(const hp_enrich_row *row, hp_lookup_by by) {
    return by == HP_BY_NAME ? row->name_key : by == HP_BY_DOMAIN ? row->domain : row->registration;
}

static hp_code find_rows(hp_lookup *l, hp_lookup_by by, const hp_enrich_row *row, found *out, hp_err *err) {
    row_index *x = &l->index[by >> 1];
    hp_str key = asked_key(row, by);
    out->n = 0;
    out->many = false;
    if (key.n == 0 || !(l->by & by)) return HP_OK;
    if (!x->made) HP_TRY(make_index(l, by, x, err));
    hp_autobuf own = hp_buf_new(1 << 20);
    for (size_t i = 0; i < key.n; i++) hp_buf_putc(&own, by == HP_BY_DOMAIN ? hp_lower(key.p[i]) : key.p[i]);
    size_t seen = 0;
    for (uint32_t at = x->slot[place_of(x, hash_of(&own))]; at; at = x->next[at - 1]) {
        if (seen++ == CHAIN) {
            out->many = true;
            break;
        }
        key_of(l, by, at - 1, &l->key);
        if (hp_str_eq(hp_buf_str(&l->key), hp_buf_str(&own)) && !differs(l, by, row, at - 1))
            out->row[out->n++] = at - 1;
    }
    return own.bad || l->key.bad ? hp_fail_memory(err, "the keys of a lookup table") : HP_OK;
}

/* The first value of a field in the rows found; *doubt when others of them say otherwise. */
static hp_str value_of(const hp_lookup *l, const found *f, hp_field field, size_t *row, bool *doubt) {
    hp_str first = {0};
    *doubt = f->many;
    for (size_t i = 0; i < f->n; i++) {
        hp_str v = hp_known_value(l->known, l->run.pool, field, f->row[i]);
        if (v.n == 0) continue;
        if (first.n == 0) {
            first = v;
            *row = f->row[i];
        } else if (!same_fold(first, v)) {
            *doubt = true;
        }
    }
    return first;
}

static bool other_province(const hp_lookup *l, hp_str here, hp_str there) {
    if (here.n == 0 || there.n == 0) return false;
    hp_clean_out out = {.value = hp_buf_new(1 << 20), .extra = hp_buf_new(1 << 20)};
    hp_clean_province(l->clean, there, HP_T_TEXT, &out);
    bool other = out.nrule == 0 && out.value.n && !same_fold(here, hp_buf_str(&out.value));
    hp_buf_free(&out.value);
    hp_buf_free(&out.extra);
    return other;
}

/* Tells whether a value of row i should rather not be used: the place differs, or the person. */
static bool is_doubtful(const hp_lookup *l, const hp_enrich_row *row, hp_field field, size_t i) {
    const hp_pool *pool = l->run.pool;
    hp_str province = hp_known_value(l->known, pool, HP_F_PROVINCE, i);
    if (other_province(l, row->value[HP_F_PROVINCE], province)) return true;
    if (!hp_field_of_contact(field) || field == HP_F_CONTACT_NAME) return false;
    hp_str here = row->value[HP_F_CONTACT_NAME], there = hp_known_value(l->known, pool, HP_F_CONTACT_NAME, i);
    return here.n && there.n && !same_fold(here, there);
}

static hp_code suggest(hp_lookup *l, const hp_enrich_row *row, size_t ask, const found *f, hp_field field,
                       double confidence, hp_str source, bool *given, hp_answers *out, hp_err *err) {
    size_t i = 0;
    bool doubt;
    hp_str value = value_of(l, f, field, &i, &doubt);
    *given = value.n > 0;
    if (!*given) return HP_OK;
    hp_autobuf evidence = hp_buf_new(1 << 16);
    uint32_t number = l->known->raw->origin[i].row;
    hp_address(&l->run.sources, (hp_cell){l->sheet, number, HP_NO_COL}, &evidence);
    HP_TRY(hp_buf_check(&evidence, "the place of a value", err));
    if (doubt || is_doubtful(l, row, field, i)) confidence *= DOUBT;
    hp_suggestion s = {.ask = ask,
                       .field = field,
                       .value = value,
                       .confidence = confidence,
                       .source = source,
                       .evidence = hp_buf_str(&evidence)};
    return hp_suggest(out, &s, err);
}

hp_code hp_lookup_ask(hp_lookup *l, const hp_enrich_row *row, size_t ask, double confidence, hp_str source,
                      hp_answers *out, hp_err *err) {
    static const hp_lookup_by ORDER[] = {HP_BY_REGISTRATION, HP_BY_NAME, HP_BY_DOMAIN};
    hp_field_set left = row->wanted;
    for (size_t k = 0; k < 3 && left; k++) {
        found f;
        HP_TRY(find_rows(l, ORDER[k], row, &f, err));
        if (f.n == 0) continue;
        double sure = ORDER[k] == HP_BY_DOMAIN ? confidence * BY_DOMAIN : confidence;
        for (int field = 1; field < HP_FIELD_COUNT; field++) {
            bool given;
            if (!hp_field_in(left, (hp_field)field) || !l->known->v[field]) continue;
            HP_TRY(suggest(l, row, ask, &f, (hp_field)field, sure, source, &given, out, err));
            if (given) left &= ~hp_field_bit((hp_field)field);
        }
    }
    return HP_OK;
}
