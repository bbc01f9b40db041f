/* hotpass contracts validate: a file against a contract. */
#include "base/log.h"
#include "check/hold.h"
#include "cli/dataset.h"
#include "table/mask.h"

#include "base/banned.h"

/* Cells listed of one broken promise, unless -v or --json ask for all. */
enum { CELLS = 5 };
/* Tables named in a message. */
enum { TABLES = 30 };

/* What is at hand for each table of the contract. */
typedef struct job {
    hp_cli *c;
    hp_dataset d;
    hp_contract *contract;
    size_t *sheet;         /* SIZE_MAX: none */
    const hp_table **data; /* NULL: none */
    bool whole;            /* every table of the contract is to be in the file */
    size_t broken;
} job;

/* ---- which sheet is which table ---- */

static hp_code no_table(const job *j, const char *why, hp_err *err) {
    hp_autobuf list = hp_buf_new(1 << 16);
    const hp_contract *k = j->contract;
    for (size_t i = 0; i < k->ntable && i < TABLES; i++)
        hp_buf_printf(&list, "%s%.*s", i ? ", " : "", HP_FMT(hp_str_cut(k->table[i].name, 0, 60)));
    return hp_fail(err, HP_USAGE, "%s: %s; name the table with --table (%s)", j->d.path.p, why,
                   hp_buf_cstr(&list));
}

static void pair(job *j, const hp_contract_table *t, size_t sheet) {
    j->sheet[t - j->contract->table] = sheet;
}

static size_t sheet_named(const hp_dataset *d, hp_str name) {
    for (size_t i = 0; i < d->nsheet; i++)
        if (d->sheet[i].readable && d->sheet[i].name.n && hp_str_ieq(d->sheet[i].name, name)) return i;
    return SIZE_MAX;
}

/* Sheets and tables of one name belong together. */
static size_t pair_by_name(job *j) {
    size_t n = 0;
    for (size_t i = 0; i < j->contract->ntable; i++) {
        const hp_contract_table *t = &j->contract->table[i];
        size_t s = t->physical.n ? sheet_named(&j->d, t->physical) : SIZE_MAX;
        if (s == SIZE_MAX) s = sheet_named(&j->d, t->name);
        j->sheet[i] = s;
        n += s != SIZE_MAX;
    }
    return n;
}

static hp_code read_first(job *j, hp_table **t, hp_err *err) {
    return hp_dataset_read(j->c, &j->d, hp_dataset_first(&j->d), t, err);
}

/* A file of one table is the one whose columns it has. */
static hp_code pair_by_columns(job *j, hp_err *err) {
    hp_table *t;
    HP_TRY(read_first(j, &t, err));
    const hp_contract_table *k =
        j->contract->ntable == 1 ? &j->contract->table[0] : hp_hold_likeliest(j->contract, t);
    if (!k) return no_table(j, "has no column of any table of the contract", err);
    pair(j, k, hp_dataset_first(&j->d));
    j->data[k - j->contract->table] = t;
    return HP_OK;
}

static hp_code pair_all(job *j, hp_err *err) {
    const char *name = hp_args_text(&j->c->args, HP_O_TABLE);
    size_t first = hp_dataset_first(&j->d);
    if (first == SIZE_MAX) return hp_fail(err, HP_DATA, "%s: has no sheet of cells", j->d.path.p);
    if (name) {
        const hp_contract_table *t = hp_contract_find(j->contract, hp_str_of(name));
        if (!t) return no_table(j, "is to be held against a table that the contract does not have", err);
        pair(j, t, first);
        return HP_OK;
    }
    if (j->d.only != SIZE_MAX) {
        const hp_contract_table *t = hp_contract_find(j->contract, j->d.sheet[first].name);
        if (!t && j->contract->ntable == 1) t = &j->contract->table[0];
        if (!t) return no_table(j, "the contract has no table of the name of this sheet", err);
        pair(j, t, first);
        return HP_OK;
    }
    if (j->d.sheet[first].name.n && pair_by_name(j)) {
        j->whole = true;
        return HP_OK;
    }
    return pair_by_columns(j, err);
}

static hp_code read_tables(job *j, hp_err *err) {
    for (size_t i = 0; i < j->contract->ntable; i++) {
        hp_table *t;
        if (j->sheet[i] == SIZE_MAX || j->data[i]) continue;
        HP_TRY(hp_dataset_read(j->c, &j->d, j->sheet[i], &t, err));
        j->data[i] = t;
    }
    return HP_OK;
}

/* ---- telling ---- */

static hp_str promise_of(const hp_expectation *e) {
    const hp_node *p = e->meta ? hp_node_get(e->meta, "promise") : NULL;
    return p ? p->text : e->type;
}

static hp_str column_of(const hp_expectation *e) {
    const hp_node *c = hp_node_get(e->kwargs, "column");
    return c && c->kind == HP_NODE_SCALAR ? c->text : HP_S("");
}

static const hp_contract_column *contract_column(const hp_contract_table *t, hp_str name) {
    for (size_t i = 0; i < t->ncolumn; i++)
        if (hp_str_eq(t->column[i].name, name)) return &t->column[i];
    return NULL;
}

static void put_address(const job *j, const hp_held *h, const hp_outcome *o, const hp_unexpected *u,
                        hp_buf *out) {
    const hp_origin at = h->data->origin[u->row];
    uint32_t col = o->ncolumn == 1 ? h->data->col[o->column[0]].source : HP_NO_COL;
    hp_address(&j->c->run.sources, (hp_cell){at.sheet, at.row, col}, out);
}

/* Puts a value as people may see it: masked where the contract calls the column personal, or it looks so. */
static void put_value(const job *j, const hp_held *h, const hp_outcome *o, hp_vid v, hp_buf *out) {
    const hp_contract_column *c = contract_column(h->table, column_of(o->expectation));
    hp_str text = hp_text(j->c->run.pool, v);
    if (j->c->args.opt[HP_O_SHOW_VALUES].on)
        hp_buf_add(out, text);
    else if (c && c->personal)
        hp_put_masked(out, HP_K_PERSON, text);
    else
        hp_scrub(text, out);
}

static void text_cells(const job *j, const hp_held *h, const hp_outcome *o, hp_buf *out) {
    size_t most = j->c->verbose ? SIZE_MAX : CELLS, n = (size_t)o->nunexpected;
    for (size_t i = 0; i < n && i < most; i++) {
        hp_autobuf part = hp_buf_new(1 << 20);
        put_address(j, h, o, &o->unexpected[i], &part);
        if (o->unexpected[i].value != HP_NULL) {
            hp_buf_puts(&part, " ");
            hp_autobuf value = hp_buf_new(1 << 20);
            put_value(j, h, o, o->unexpected[i].value, &value);
            hp_put_cut(&part, hp_buf_str(&value), 40);
            hp_put_carry(&part, &value);
        }
        hp_buf_puts(out, "    ");
        hp_put_safe(out, hp_buf_str(&part));
        hp_buf_putc(out, '\n');
        hp_put_carry(out, &part);
    }
    if (n > most) {
        hp_buf_puts(out, "    and ");
        hp_put_thousands(out, n - most);
        hp_buf_puts(out, " more (-v lists all)\n");
    }
}

static void text_outcome(const job *j, const hp_held *h, const hp_outcome *o) {
    hp_buf *out = &j->c->out;
    hp_str column = column_of(o->expectation);
    hp_buf_puts(out, "  ");
    if (column.n) hp_put_safe(out, column);
    if (column.n) hp_buf_puts(out, ": ");
    hp_put_safe(out, promise_of(o->expectation));
    hp_buf_puts(out, ": ");
    if (o->exception.n)
        hp_put_safe(out, o->exception);
    else if (o->counted)
        hp_put_counted(out, o->unexpected_count, "value is not so", "values are not so");
    else
        hp_buf_puts(out, "is not so");
    hp_buf_putc(out, '\n');
    text_cells(j, h, o, out);
}

static void text_held(const job *j, const hp_held *h) {
    hp_buf *out = &j->c->out;
    hp_put_safe(out, h->table->physical.n ? h->table->physical : h->table->name);
    hp_buf_puts(out, ": ");
    hp_put_counted(out, h->data->nrow, "row", "rows");
    hp_buf_puts(out, ", ");
    hp_put_counted(out, h->kept, "promise kept", "promises kept");
    hp_buf_puts(out, ", ");
    hp_put_thousands(out, h->broken);
    hp_buf_puts(out, " broken\n");
    for (size_t i = 0; i < h->validation->n; i++)
        if (!h->validation->outcome[i].success && !h->absent[i])
            text_outcome(j, h, &h->validation->outcome[i]);
    for (size_t i = 0; i < h->expected.nunchecked && !j->c->quiet; i++) {
        const hp_unchecked *u = &h->expected.unchecked[i];
        hp_buf_puts(out, "  not checked: ");
        if (u->column.n) hp_put_safe(out, u->column);
        hp_buf_puts(out, u->column.n ? ": " : "");
        hp_put_safe(out, u->what);
        hp_buf_puts(out, ": ");
        hp_put_safe(out, u->reason);
        hp_buf_putc(out, '\n');
    }
}

/* ---- as JSON ---- */

static void json_cells(const job *j, const hp_held *h, const hp_outcome *o, hp_json *w) {
    hp_json_key(w, "cells");
    hp_json_array(w);
    for (size_t i = 0; i < o->nunexpected; i++) {
        hp_autobuf at = hp_buf_new(1 << 20), value = hp_buf_new(64 << 20);
        put_address(j, h, o, &o->unexpected[i], &at);
        put_value(j, h, o, o->unexpected[i].value, &value);
        hp_json_object(w);
        hp_json_key(w, "cell");
        hp_json_str(w, hp_buf_str(&at));
        hp_json_key(w, "value");
        o->unexpected[i].value == HP_NULL ? hp_json_null(w) : hp_json_str(w, hp_buf_str(&value));
        hp_json_object_end(w);
        w->out->bad |= at.bad | value.bad;
    }
    hp_json_array_end(w);
}

static void json_text(hp_json *w, const char *key, hp_str s) {
    hp_json_key(w, key);
    s.n ? hp_json_str(w, s) : hp_json_null(w);
}

static void json_outcome(const job *j, const hp_held *h, const hp_outcome *o, hp_json *w) {
    static const char *const SEVERITY[] = {
        [HP_GX_CRITICAL] = "critical", [HP_GX_WARNING] = "warning", [HP_GX_INFO] = "info"};
    hp_json_object(w);
    json_text(w, "column", column_of(o->expectation));
    json_text(w, "promise", promise_of(o->expectation));
    json_text(w, "expectation", o->expectation->type);
    hp_json_key(w, "severity");
    hp_json_cstr(w, SEVERITY[o->expectation->severity]);
    json_text(w, "where", o->expectation->where);
    json_text(w, "exception", o->exception);
    hp_json_key(w, "unexpected_count");
    hp_json_i64(w, (int64_t)o->unexpected_count);
    json_cells(j, h, o, w);
    hp_json_object_end(w);
}

static void json_held(const job *j, const hp_held *h, hp_json *w) {
    hp_json_key(w, "rows");
    hp_json_i64(w, (int64_t)h->data->nrow);
    hp_json_key(w, "kept");
    hp_json_i64(w, (int64_t)h->kept);
    hp_json_key(w, "broken");
    hp_json_array(w);
    for (size_t i = 0; i < h->validation->n; i++)
        if (!h->validation->outcome[i].success && !h->absent[i])
            json_outcome(j, h, &h->validation->outcome[i], w);
    hp_json_array_end(w);
    hp_json_key(w, "unchecked");
    hp_json_array(w);
    for (size_t i = 0; i < h->expected.nunchecked; i++) {
        const hp_unchecked *u = &h->expected.unchecked[i];
        hp_json_object(w);
        json_text(w, "column", u->column);
        json_text(w, "what", u->what);
        json_text(w, "reason", u->reason);
        json_text(w, "where", u->where);
        hp_json_object_end(w);
    }
    hp_json_array_end(w);
}

/* ---- the tables, one by one ---- */

static void tell_missing(const job *j, const hp_contract_table *t, hp_json *w) {
    if (w) {
        hp_json_key(w, "missing");
        hp_json_bool(w, true);
        return;
    }
    hp_put_safe(&j->c->out, t->physical.n ? t->physical : t->name);
    hp_buf_puts(&j->c->out, ": the file has no such sheet\n");
}

static hp_code hold_one(job *j, size_t i, hp_json *w, hp_err *err) {
    const hp_contract_table *t = &j->contract->table[i];
    hp_held h = {0};
    if (!j->data[i] && !j->whole) return HP_OK;
    if (j->data[i]) HP_TRY(hp_hold(&j->c->run, j->contract, t, j->data[i], j->data, &h, err));
    j->broken += j->data[i] ? h.broken : 1;
    if (w) {
        hp_json_object(w);
        json_text(w, "table", t->name);
        json_text(w, "sheet", j->data[i] ? j->d.sheet[j->sheet[i]].name : t->physical);
    }
    if (!j->data[i])
        tell_missing(j, t, w);
    else if (w)
        json_held(j, &h, w);
    else
        text_held(j, &h);
    if (w) hp_json_object_end(w);
    return hp_cli_flush_some(j->c, err);
}

static hp_code hold_all(job *j, hp_err *err) {
    hp_json w = {0};
    if (j->c->json) {
        w = hp_cli_json(j->c, "hotpass.contracts-validate/1");
        json_text(&w, "file", j->d.path);
        json_text(&w, "contract", j->contract->path);
        json_text(&w, "id", j->contract->id);
        json_text(&w, "version", j->contract->version);
        hp_json_key(&w, "tables");
        hp_json_array(&w);
    }
    for (size_t i = 0; i < j->contract->ntable; i++) HP_TRY(hold_one(j, i, j->c->json ? &w : NULL, err));
    if (j->c->json) {
        hp_json_array_end(&w);
        hp_json_key(&w, "success");
        hp_json_bool(&w, j->broken == 0);
        hp_cli_json_end(j->c, &w);
    }
    return j->broken ? HP_FINDINGS : HP_OK;
}

static hp_code validate(job *j, hp_err *err) {
    j->sheet = HP_NEW_ARRAY(j->c->arena, j->contract->ntable + 1, size_t);
    j->data = HP_NEW_ARRAY(j->c->arena, j->contract->ntable + 1, const hp_table *);
    if (!j->sheet || !j->data) return hp_fail_memory(err, "the tables");
    for (size_t i = 0; i < j->contract->ntable; i++) j->sheet[i] = SIZE_MAX;
    HP_TRY(pair_all(j, err));
    HP_TRY(read_tables(j, err));
    return hold_all(j, err);
}

hp_code hp_cmd_contracts_validate(hp_cli *c, hp_err *err) {
    job j = {.c = c};
    const char *path = hp_args_text(&c->args, HP_O_CONTRACT);
    if (!path) return hp_fail(err, HP_USAGE, "which contract? name it with --contract FILE");
    HP_TRY(hp_contract_load(c->arena, path, &j.contract, err));
    HP_TRY(hp_dataset_open(c, c->args.word[0], &j.d, err));
    hp_code code = validate(&j, err);
    hp_dataset_close(&j.d);
    return code;
}
