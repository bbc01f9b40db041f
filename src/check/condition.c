/* row_condition: comparisons of columns with values, in the forms of pandas' query and of Great Expectations
 * itself (col("x") > 5), with and, or, not.
 *
 *     or    = and { ("or" | "|") and }          and  = not { ("and" | "&") not }
 *     not   = ("not" | "~" | "!") not | test    test = "(" or ")" | side [ op side | "in" list ]
 *     side  = name | `name` | col("name") | number | text | True | False | None
 *     op    = == != > >= < <=                   a side may end in .isnull() .notnull() .isNull() .notNull()
 * ...
 *
 * Each part comes to one byte a row: 1 where it is true. */
#include "check/engine.h"
#include "base/node.h"

#include "base/banned.h"

enum { DEPTH = 60 };

typedef struct reader {
    hp_checker *k;
    hp_str s;
    size_t i;
    int depth;
    bool absent; /* a column is not there: the exception is set */
    hp_err *err;
} reader;

/* One side of a comparison: a column, or a value. */
typedef struct side {
    hp_coded *c;
    hp_node *value;
} side;

static hp_code read_or(reader *r, uint8_t **out);

static hp_code no_memory(reader *r) { return hp_fail_memory(r->err, "a row_condition"); }

static hp_code bad(reader *r, const char *what) {
    return hp_fail(r->err, HP_CONFIG, "%s: row_condition \"%.*s\": %s, at character %zu", r->k->where,
                   HP_FMT(hp_str_cut(r->s, 0, 200)), what, r->i + 1);
}

/* ---- words ---- */

static void skip(reader *r) {
    while (r->i < r->s.n && hp_is_space(r->s.p[r->i])) r->i++;
}

static bool take(reader *r, const char *sign) {
    skip(r);
    hp_str rest = hp_str_cut(r->s, r->i, r->s.n), want = hp_str_of(sign);
    if (!hp_str_starts(rest, want)) return false;
    bool word = hp_is_alpha(sign[0]),
         on = rest.n > want.n && (hp_is_alnum(rest.p[want.n]) || rest.p[want.n] == '_');
    if (word && on) return false;
    r->i += want.n;
    return true;
}

static hp_str take_name(reader *r) {
    skip(r);
    size_t from = r->i;
    while (r->i < r->s.n
           && (hp_is_alnum(r->s.p[r->i]) || r->s.p[r->i] == '_' || (unsigned char)r->s.p[r->i] >= 0x80))
        r->i++;
    return hp_str_cut(r->s, from, r->i);
}

static hp_code take_quoted(reader *r, hp_str *out) {
    char quote = r->s.p[r->i++];
    hp_autobuf b = hp_buf_new(r->s.n + 1);
    while (r->i < r->s.n && r->s.p[r->i] != quote) {
        if (r->s.p[r->i] == '\\' && quote != '`' && r->i + 1 < r->s.n) r->i++;
        hp_buf_putc(&b, r->s.p[r->i++]);
    }
    if (r->i >= r->s.n) return bad(r, "the closing quote is missing");
    r->i++;
    *out = hp_arena_dup(r->k->scratch, hp_buf_str(&b));
    return b.bad || !out->p ? no_memory(r) : HP_OK;
}

/* ---- sides ---- */

static hp_code column(reader *r, hp_str name, side *out) {
    hp_outcome keep = *r->k->o; /* the expectation is not about the columns of its condition */
    HP_TRY(hp_column_named(r->k, name, &out->c, r->err));
    hp_str exception = r->k->o->exception;
    *r->k->o = keep;
    r->k->o->exception = exception;
    r->absent |= !out->c;
    return HP_OK;
}

static hp_code value(reader *r, hp_node *n, side *out) {
    out->value = n;
    return n ? HP_OK : no_memory(r);
}

static hp_code take_number(reader *r, side *out) {
    size_t from = r->i;
    if (r->s.p[r->i] == '-' || r->s.p[r->i] == '+') r->i++;
    while (r->i < r->s.n
           && (hp_is_alnum(r->s.p[r->i]) || r->s.p[r->i] == '.'
               || ((r->s.p[r->i] == '-' || r->s.p[r->i] == '+') && hp_lower(r->s.p[r->i - 1]) == 'e')))
        r->i++;
    double x;
    hp_str text = hp_str_cut(r->s, from, r->i);
    if (!hp_str_f64(text.n && text.p[0] == '+' ? hp_str_cut(text, 1, text.n) : text, &x))
        return bad(r, "no number");
    return value(r, hp_node_number(r->k->scratch, x), out);
}

static hp_code take_col(reader *r, side *out) {
    hp_str name;
    skip(r);
    if (r->i >= r->s.n || (r->s.p[r->i] != '"' && r->s.p[r->i] != '\''))
        return bad(r, "col() takes a quoted name");
    HP_TRY(take_quoted(r, &name));
    if (!take(r, ")")) return bad(r, "\")\" is missing");
    return column(r, name, out);
}

static hp_code take_side(reader *r, side *out) {
    hp_str text;
    *out = (side){0};
    skip(r);
    char c = r->i < r->s.n ? r->s.p[r->i] : '\0';
    if (c == '"' || c == '\'') {
        HP_TRY(take_quoted(r, &text));
        return value(r, hp_node_words(r->k->scratch, text), out);
    }
    if (c == '`') {
        HP_TRY(take_quoted(r, &text));
        return column(r, text, out);
    }
    if (hp_is_digit(c) || c == '-' || c == '+' || c == '.') return take_number(r, out);
    hp_str name = take_name(r);
    if (name.n == 0) return bad(r, "a column or value is missing");
    if (hp_str_eq(name, HP_S("col")) && take(r, "(")) return take_col(r, out);
    if (hp_str_eq(name, HP_S("True")) || hp_str_eq(name, HP_S("False")))
        return value(r, hp_node_plain(r->k->scratch, name), out);
    if (hp_str_eq(name, HP_S("None"))) return value(r, hp_node_null(r->k->scratch), out);
    return column(r, name, out);
}

/* ---- comparisons ---- */

typedef enum op { EQ, NE, GE, LE, GT, LT, NONE } op;

static op take_op(reader *r) {
    static const char *const SIGN[] = {"==", "!=", ">=", "<=", ">", "<"};
    for (int i = 0; i < NONE; i++)
        if (take(r, SIGN[i])) return (op)i;
    return NONE;
}

static bool holds(op o, int order) {
    switch (o) {
    case EQ: return order == 0;
    case NE: return order != 0;
    case GE: return order >= 0;
    case LE: return order <= 0;
    case GT: return order > 0;
    default: return order < 0;
    }
}

static uint8_t *bytes(reader *r) { return HP_NEW_ARRAY(r->k->scratch, r->k->n + 1, uint8_t); }

/* Equality with a value goes by the rules of sets. */
static hp_code is_in(reader *r, hp_coded *c, hp_node *const *item, size_t n, bool wanted, uint8_t **out) {
    hp_checker *k = r->k;
    __attribute__((cleanup(hp_set_free))) hp_set set = {0};
    HP_TRY(hp_set_make(k, item, n, c->types & 1u << HP_T_DATE, &set, r->err));
    uint8_t *is = HP_NEW_ARRAY(k->scratch, c->n + 1, uint8_t);
    *out = bytes(r);
    if (!is || !*out) return no_memory(r);
    for (uint32_t d = 0; d < c->n; d++) is[d] = hp_set_find(k, &set, c, d) != SIZE_MAX;
    bool null = set.null != SIZE_MAX; /* a missing value differs from every other, as in pandas */
    for (size_t i = 0; i < k->n; i++) (*out)[i] = (c->code[i] ? is[c->code[i] - 1] : null) == wanted;
    return HP_OK;
}

/* Tells how a value of a column stands to a number, a date or a text; false where they do not compare. */
static bool order_to(const hp_checker *k, const hp_coded *c, uint32_t d, const hp_node *v, int *order) {
    double x;
    hp_instant t;
    if (hp_number_of(v, &x)) {
        *order = (c->number[d] > x) - (c->number[d] < x);
        return c->is_number[d];
    }
    if (c->type[d] == HP_T_DATE && hp_instant_parse(v->text, &t)) {
        *order = (c->instant[d].us > t.us) - (c->instant[d].us < t.us);
        return c->is_instant[d];
    }
    *order = hp_str_cmp(hp_coded_text(k, c, d), v->text);
    return c->type[d] == HP_T_TEXT;
}

static hp_code compare_value(reader *r, hp_coded *c, op o, hp_node *v, uint8_t **out) {
    hp_checker *k = r->k;
    if (o == EQ || o == NE) return is_in(r, c, &v, 1, o == EQ, out);
    HP_TRY(hp_coded_numbers(k, c, r->err));
    HP_TRY(hp_coded_instants(k, c, r->err));
    uint8_t *is = HP_NEW_ARRAY(k->scratch, c->n + 1, uint8_t);
    *out = bytes(r);
    if (!is || !*out) return no_memory(r);
    for (uint32_t d = 0; d < c->n; d++) {
        int order;
        is[d] = order_to(k, c, d, v, &order) && holds(o, order);
    }
    for (size_t i = 0; i < k->n; i++) (*out)[i] = c->code[i] && is[c->code[i] - 1];
    return HP_OK;
}

static bool order_of(const hp_checker *k, const hp_coded *a, uint32_t d, const hp_coded *b, uint32_t e,
                     int *order) {
    if (a->is_number[d] && b->is_number[e]) {
        *order = hp_compare(k, HP_BY_NUMBER, a, d, b, e);
        return true;
    }
    bool dates = a->type[d] == HP_T_DATE && b->type[e] == HP_T_DATE && a->is_instant[d] && b->is_instant[e];
    *order = hp_compare(k, dates ? HP_BY_INSTANT : HP_BY_TEXT, a, d, b, e);
    return dates || a->type[d] == b->type[e];
}

static hp_code compare_columns(reader *r, hp_coded *a, op o, hp_coded *b, uint8_t **out) {
    hp_checker *k = r->k;
    hp_coded *each[2] = {a, b};
    for (int i = 0; i < 2; i++) {
        HP_TRY(hp_coded_numbers(k, each[i], r->err));
        HP_TRY(hp_coded_instants(k, each[i], r->err));
    }
    *out = bytes(r);
    if (!*out) return no_memory(r);
    for (size_t i = 0; i < k->n; i++) {
        int order;
        uint32_t x = a->code[i], y = b->code[i];
        bool can = x && y && order_of(k, a, x - 1, b, y - 1, &order);
        (*out)[i] = can ? holds(o, order) : o == NE;
    }
    return HP_OK;
}

static hp_code compare(reader *r, side a, op o, side b, uint8_t **out) {
    static const op TURNED[] = {EQ, NE, LE, GE, LT, GT};
    if (r->absent) return HP_OK;
    if (a.c && b.c) return compare_columns(r, a.c, o, b.c, out);
    if (a.c) return compare_value(r, a.c, o, b.value, out);
    if (b.c) return compare_value(r, b.c, TURNED[o], a.value, out);
    return bad(r, "one side of a comparison is a column");
}

/* ---- tests of one column ---- */

static hp_code nulls(reader *r, side a, bool wanted, uint8_t **out) {
    if (!a.c) return r->absent ? HP_OK : bad(r, "only columns can be missing");
    *out = bytes(r);
    if (!*out) return no_memory(r);
    for (size_t i = 0; i < r->k->n; i++) (*out)[i] = (a.c->code[i] == 0) == wanted;
    return HP_OK;
}

static hp_code method(reader *r, side a, uint8_t **out) {
    hp_str name = take_name(r);
    bool is = hp_str_ieq(name, HP_S("isnull")) || hp_str_ieq(name, HP_S("isna"));
    bool not = hp_str_ieq(name, HP_S("notnull")) || hp_str_ieq(name, HP_S("notna"))
               || hp_str_ieq(name, HP_S("isnotnull"));
    if (!is && !not ) return bad(r, "only isnull() and notnull() are understood behind a \".\"");
    if (!take(r, "(") || !take(r, ")")) return bad(r, "\"()\" is missing");
    return nulls(r, a, is, out);
}

static hp_code list(reader *r, side a, bool wanted, uint8_t **out) {
    hp_node *items = hp_node_make(r->k->scratch, HP_NODE_LIST, r->s.n);
    if (!items) return no_memory(r);
    if (!take(r, "[") && !take(r, "(")) return bad(r, "a list is missing");
    while (!take(r, "]") && !take(r, ")")) {
        side v;
        if (items->n && !take(r, ",")) return bad(r, "a comma is missing in the list");
        HP_TRY(take_side(r, &v));
        if (r->absent) return HP_OK;
        if (!v.value) return bad(r, "a list holds values, not columns");
        hp_node_push(items, v.value);
    }
    if (!a.c) return r->absent ? HP_OK : bad(r, "\"in\" looks at a column");
    return is_in(r, a.c, items->item, items->n, wanted, out);
}

/* A column alone is true where its value is. */
static hp_code alone(reader *r, side a, uint8_t **out) {
    if (r->absent) return HP_OK;
    if (!a.c) return bad(r, "a comparison is missing");
    hp_node *yes = hp_node_plain(r->k->scratch, HP_S("true"));
    return yes ? is_in(r, a.c, &yes, 1, true, out) : no_memory(r);
}

static hp_code read_test(reader *r, uint8_t **out) {
    side a, b;
    if (take(r, "(")) {
        HP_TRY(read_or(r, out));
        return take(r, ")") ? HP_OK : bad(r, "\")\" is missing");
    }
    HP_TRY(take_side(r, &a));
    if (take(r, ".")) return method(r, a, out);
    if (take(r, "in")) return list(r, a, true, out);
    size_t before = r->i;
    if (take(r, "not") && take(r, "in")) return list(r, a, false, out);
    r->i = before;
    op o = take_op(r);
    if (o == NONE) return alone(r, a, out);
    HP_TRY(take_side(r, &b));
    return compare(r, a, o, b, out);
}

/* ---- and, or, not ---- */

static hp_code read_not(reader *r, uint8_t **out) {
    if (++r->depth > DEPTH) return bad(r, "nested too deep");
    bool turn = take(r, "not") || take(r, "~") || take(r, "!");
    HP_TRY(turn ? read_not(r, out) : read_test(r, out));
    for (size_t i = 0; turn && *out && i < r->k->n; i++) (*out)[i] = !(*out)[i];
    r->depth--;
    return HP_OK;
}

static hp_code read_and(reader *r, uint8_t **out) {
    HP_TRY(read_not(r, out));
    while (take(r, "and") || take(r, "&&") || take(r, "&")) {
        uint8_t *more = NULL;
        HP_TRY(read_not(r, &more));
        for (size_t i = 0; *out && more && i < r->k->n; i++) (*out)[i] &= more[i];
    }
    return HP_OK;
}

static hp_code read_or(reader *r, uint8_t **out) {
    HP_TRY(read_and(r, out));
    while (take(r, "or") || take(r, "||") || take(r, "|")) {
        uint8_t *more = NULL;
        HP_TRY(read_and(r, &more));
        for (size_t i = 0; *out && more && i < r->k->n; i++) (*out)[i] |= more[i];
    }
    return HP_OK;
}

/* ---- the rows ---- */

static hp_code keep_rows(hp_checker *k, const uint8_t *keep, hp_err *err) {
    uint32_t *row = HP_NEW_ARRAY(k->scratch, k->n + 1, uint32_t);
    size_t n = 0;
    if (!row) return hp_fail_memory(err, "a row_condition");
    for (size_t i = 0; i < k->n; i++)
        if (keep[i]) row[n++] = (uint32_t)i;
    k->row = row;
    k->n = n;
    return HP_OK;
}

hp_code hp_condition_apply(hp_checker *k, bool *ok, hp_err *err) {
    reader r = {.k = k, .s = hp_kw_text(k, "row_condition"), .err = err};
    uint8_t *keep = NULL;
    *ok = true;
    if (hp_str_trim(r.s).n == 0) return HP_OK;
    HP_TRY(read_or(&r, &keep));
    skip(&r);
    if (r.i < r.s.n) return bad(&r, "this is not understood");
    *ok = !r.absent;
    return *ok ? keep_rows(k, keep, err) : HP_OK;
}
