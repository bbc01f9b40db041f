/* The lines of a piece of an ndjson file. */
#include "base/limits.h"
#include "base/mem.h"
#include "read/ndjson.h"
#include "read/number.h"

#include "base/banned.h"

enum { NONE = UINT32_MAX, EXACT_DIGITS = 15 };

void hp_nd_free(hp_nd_piece *x) {
    hp_batch_free(&x->batch);
    hp_dict_free(&x->name);
    for (size_t k = 0; k < x->key.n; k++) hp_free(x->key.p[k].recent);
    hp_vec_free(&x->key);
    hp_vec_free(&x->broken);
    hp_vec_free(&x->fresh);
    hp_vec_free(&x->nested);
    hp_buf_free(&x->scan.scratch);
}

/* ---- keys ---- */

/* Finds or adds a key by its name; NONE when that cannot be. */
static uint32_t look_up(hp_nd_piece *x, hp_str raw, hp_str name) {
    uint32_t k = name.p == raw.p ? hp_dict_add(&x->name, name) : hp_dict_add_copy(&x->name, name);
    if (k < x->key.n) return k;
    if (k == HP_LIMIT_SHEET_COLS) {
        x->too_many = true;
        return NONE;
    }
    hp_nd_key key = {.raw = raw, .next = k + 1, .line = NONE, .cell = NONE, .col = NONE};
    if (k != HP_DICT_FULL) key.recent = hp_calloc(HP_ND_RECENT, sizeof *key.recent);
    if (key.recent && hp_vec_push(&x->key, key)) return k;
    hp_free(key.recent);
    x->batch.bad = true;
    return NONE;
}

/* Reads a key behind its opening quote. Most lines have the keys of the line before, in the same order: a
 * comparison of bytes says so without a look-up. */
static uint32_t read_key(hp_nd_piece *x) {
    hp_json_scan *s = &x->scan;
    hp_str raw, name;
    uint32_t guess = x->last == NONE ? 0 : x->key.p[x->last].next;
    if (guess < x->key.n) {
        hp_str r = x->key.p[guess].raw;
        if ((size_t)(s->end - s->p) > r.n && s->p[r.n] == '"' && hp_str_eq((hp_str){s->p, r.n}, r)) {
            s->p += r.n + 1;
            return x->last = guess;
        }
    }
    if (!hp_json_string(s, &raw, &name)) return NONE;
    uint32_t k = look_up(x, raw, name);
    if (k != NONE && x->last != NONE) x->key.p[x->last].next = k;
    return x->last = k;
}

/* Gives the key its place among the columns, unless the line turns out to be broken. */
static bool list_key(hp_nd_piece *x, uint32_t k) {
    if (!hp_vec_push(&x->fresh, k)) return !(x->batch.bad = true);
    return x->key.p[k].listed = true;
}

/* Of a key that comes twice the last value counts, as most programs have it; each is reported. */
static void drop_earlier(hp_nd_piece *x, hp_nd_key *key) {
    hp_batch *b = &x->batch;
    if (key->cell != NONE) {
        hp_batch_find(b, HP_R_NAME_TWICE, (uint32_t)(key - x->key.p), b->cell[key->cell].ref, 0);
        b->cell[key->cell].ref = 0;
    } else {
        hp_batch_find(b, HP_R_NAME_TWICE, (uint32_t)(key - x->key.p), 0, 0);
    }
}

/* ---- values ---- */

/* References a text of a column. Most columns either say few things or hardly anything twice: a few texts
 * that are remembered find the former, and looking for the latter would be in vain, so they are left to the
 * pool, which looks for many at once. */
static hp_ref text_ref(hp_nd_piece *x, uint32_t k, hp_str text, bool passing) {
    if (text.n == 0) return 0;
    hp_dict *d = &x->batch.dict;
    uint64_t hash = hp_hash_text(text);
    uint32_t *recent = &x->key.p[k].recent[hash % HP_ND_RECENT];
    if (*recent < d->n && d->hash[*recent] == hash && hp_str_eq(d->text[*recent], text))
        return *recent | HP_REF_LOCAL;
    if (passing && hp_str_chr(text, '\0', 0) != SIZE_MAX) x->odd = true;
    if (passing) text = hp_dict_keep(d, text);
    uint32_t number = text.p ? hp_dict_append(d, text) : HP_DICT_FULL;
    *recent = number;
    return number | HP_REF_LOCAL;
}

/* Tells whether a number is its own text: no exponent, few enough digits, no zeros at the end of a fraction.
 */
static bool is_plain(hp_str lex) {
    if (hp_number_is_plain(lex)) return true;
    size_t sign = lex.p[0] == '-', digit = 0;
    bool point = false;
    for (size_t i = sign; i < lex.n; i++) {
        if (lex.p[i] == '.')
            point = true;
        else if (hp_is_digit(lex.p[i]))
            digit++;
        else
            return false;
    }
    return point && digit <= EXACT_DIGITS && lex.p[lex.n - 1] != '0';
}

static void put_number(hp_nd_piece *x, uint32_t k, hp_str lex) {
    hp_ref ref = text_ref(x, k, lex, false);
    if (is_plain(lex)) {
        hp_batch_put(&x->batch, k, ref, HP_T_NUMBER, ref);
        return;
    }
    char text[HP_NUMBER_TEXT];
    size_t n = hp_number_text(lex, text);
    if (n == 0) /* beyond what a double holds */
        hp_batch_put(&x->batch, k, ref, HP_T_TEXT, ref);
    else
        hp_batch_put(&x->batch, k, text_ref(x, k, (hp_str){text, n}, true), HP_T_NUMBER, ref);
}

static void put_text(hp_nd_piece *x, uint32_t k, hp_str text) {
    hp_ref ref = text_ref(x, k, text, text.p == x->scan.scratch.p);
    hp_batch_put(&x->batch, k, ref, HP_T_TEXT, ref);
    if (x->scan.repaired) hp_batch_find(&x->batch, HP_R_ENCODING_REPAIRED, k, ref, 0);
}

static void put_bool(hp_nd_piece *x, uint32_t k, bool v) {
    hp_ref lex = text_ref(x, k, v ? HP_S("true") : HP_S("false"), false);
    hp_batch_put(&x->batch, k, text_ref(x, k, v ? HP_S("TRUE") : HP_S("FALSE"), false), HP_T_BOOL, lex);
}

/* Reads a value and puts it into the row; false when it is none. */
static bool read_value(hp_nd_piece *x, uint32_t k) {
    hp_json_scan *s = &x->scan;
    hp_str text = HP_S("");
    const char *from = s->p;
    s->repaired = false;
    hp_json_kind kind = hp_json_value(s, &text);
    if (text.n > HP_LIMIT_TEXT_BYTES) {
        s->p = from;
        x->too_long = true;
        return false;
    }
    switch (kind) {
    case HP_JSON_BAD: return false;
    case HP_JSON_NULL: break;
    case HP_JSON_STRING: put_text(x, k, text); break;
    case HP_JSON_NUMBER: put_number(x, k, text); break;
    case HP_JSON_TRUE:
    case HP_JSON_FALSE: put_bool(x, k, kind == HP_JSON_TRUE); break;
    case HP_JSON_NESTED:
        s->repaired = false; /* its escapes are kept */
        if (!hp_vec_push(&x->nested, k)) x->batch.bad = true;
        put_text(x, k, text);
    }
    return true;
}

/* ---- lines ---- */

static bool read_member(hp_nd_piece *x) {
    hp_json_scan *s = &x->scan;
    hp_json_space(s);
    if (!hp_json_take(s, '"', "a name without its opening quote")) return false;
    uint32_t k = read_key(x);
    if (k == NONE) return false;
    hp_json_space(s);
    if (!hp_json_take(s, ':', "a name without : behind it")) return false;
    hp_json_space(s);
    hp_nd_key *key = &x->key.p[k];
    if (!key->listed && !list_key(x, k)) return false;
    if (key->line == x->line) drop_earlier(x, key);
    key->line = x->line;
    size_t cell = x->batch.ncell;
    if (!read_value(x, k)) return false;
    key->cell = x->batch.ncell > cell ? (uint32_t)cell : NONE;
    return true;
}

/* Reads the members of an object whose brace has been taken, and what follows it. */
static bool read_members(hp_nd_piece *x) {
    hp_json_scan *s = &x->scan;
    hp_json_space(s);
    if (s->p < s->end && *s->p == '}') {
        s->p++;
    } else {
        for (;;) {
            if (!read_member(x)) return false;
            hp_json_space(s);
            if (s->p == s->end || *s->p != ',') break;
            s->p++;
        }
        if (!hp_json_take(s, '}', "a value without , or } behind it")) return false;
    }
    hp_json_space(s);
    if (s->p < s->end) s->why = "something behind the object";
    return s->p == s->end;
}

static hp_ref whole_text(hp_batch *b, hp_str text) { return hp_dict_append(&b->dict, text) | HP_REF_LOCAL; }

/* Takes what was put into the row back, with the keys that it listed from `fresh` on, and keeps the line as a
 * finding. */
static void keep_broken(hp_nd_piece *x, hp_str line, size_t issues, size_t nested, size_t fresh) {
    hp_batch *b = &x->batch;
    for (size_t i = fresh; i < x->fresh.n; i++) x->key.p[x->fresh.p[i]].listed = false;
    x->fresh.n = fresh;
    hp_nd_broken broken = {(uint32_t)b->nrow - 1, (size_t)(x->scan.p - x->base), x->scan.why};
    b->ncell = b->row[b->nrow - 1].first;
    b->issue.n = issues;
    x->nested.n = nested;
    size_t n = line.n < HP_LIMIT_VALUE_BYTES ? line.n : HP_LIMIT_VALUE_BYTES;
    while (n < line.n && n > 0 && (line.p[n] & 0xC0) == 0x80) n--; /* not inside of a character */
    hp_batch_find(b, HP_R_BROKEN_LINE, HP_NO_COL, whole_text(b, hp_str_cut(line, 0, n)), 0);
    if (!hp_vec_push(&x->broken, broken)) b->bad = true;
}

static bool read_line(hp_nd_piece *x, hp_str line) {
    hp_json_scan *s = &x->scan;
    size_t issues = x->batch.issue.n, nested = x->nested.n, fresh = x->fresh.n;
    x->last = NONE;
    x->line++;
    s->p = line.p;
    s->end = line.p + line.n;
    s->why = NULL;
    hp_batch_begin_row(&x->batch, (uint32_t)x->batch.nrow + 1, true, false);
    hp_json_space(s);
    if (s->p == s->end || x->batch.bad) return !x->batch.bad;
    bool good = hp_json_take(s, '{', "no { at its begin") && read_members(x);
    if (s->scratch.bad) x->batch.bad = true;
    if (x->batch.bad || x->too_long || x->too_many) return false;
    if (!good) keep_broken(x, line, issues, nested, fresh);
    return true;
}

bool hp_nd_read(hp_nd_piece *x) {
    hp_str rest = x->text;
    hp_batch_clear(&x->batch);
    x->broken.n = x->nested.n = x->fresh.n = 0;
    x->odd = false;
    for (size_t k = 0; k < x->key.n; k++) x->key.p[k].nested = 0;
    while (rest.n) {
        size_t n = hp_str_chr(rest, '\n', 0);
        if (n == SIZE_MAX) n = rest.n;
        if (!read_line(x, hp_str_cut(rest, 0, n))) return false;
        rest = hp_str_cut(rest, n + 1, rest.n);
    }
    for (size_t i = 0; i < x->nested.n; i++) x->key.p[x->nested.p[i]].nested++;
    /* Of a piece in ASCII only escapes and broken lines can give what is not fit for the pool. */
    if (x->odd || x->broken.n || !hp_str_is_ascii(x->text)) hp_batch_seal(&x->batch, false);
    return !x->batch.bad;
}
