/* hotpass contracts emit, diff: thin over refine/contract.h, write/contract.h and profile/contract.h. */
#include "base/file.h"
#include "cli/cli.h"
#include "cli/view.h"
#include "refine/contract.h"
#include "write/contract.h"

#include "base/banned.h"

/* Beyond any contract that people read. */
enum { CONTRACT_BYTES = 64 << 20 };

/* ---- emit ---- */

static hp_code load_profile(hp_cli *c, hp_profile **p, hp_err *err) {
    const hp_given *dirs = &c->args.opt[HP_O_PROFILE_SEARCH_PATH];
    hp_str path;
    HP_TRY(hp_profile_find(c->arena, hp_str_of(hp_args_text(&c->args, HP_O_PROFILE)), dirs->value, dirs->n,
                           &path, err));
    return hp_profile_load(c->arena, path.p, p, err);
}

static size_t count_columns(const hp_contract *k) {
    size_t n = 0;
    for (size_t i = 0; i < k->ntable; i++) n += k->table[i].ncolumn;
    return n;
}

static void json_emitted(hp_cli *c, const hp_contract *k, const char *path, const char *format) {
    hp_json j = hp_cli_json(c, "hotpass.contracts-emit/1");
    hp_json_key(&j, "path");
    hp_json_cstr(&j, path);
    hp_json_key(&j, "format");
    hp_json_cstr(&j, format);
    hp_json_key(&j, "version");
    hp_json_str(&j, k->version);
    hp_json_key(&j, "tables");
    hp_json_i64(&j, (int64_t)k->ntable);
    hp_json_key(&j, "columns");
    hp_json_i64(&j, (int64_t)count_columns(k));
    hp_cli_json_end(c, &j);
}

static void tell_emitted(const hp_contract *k, const char *path) {
    hp_autobuf line = hp_buf_new(1 << 16);
    hp_put_safe(&line, hp_str_of(path));
    hp_buf_puts(&line, ": ");
    hp_put_counted(&line, k->ntable, "table", "tables");
    hp_buf_puts(&line, ", ");
    hp_put_counted(&line, count_columns(k), "column", "columns");
    hp_buf_putc(&line, '\n');
    hp_talk(hp_buf_str(&line));
}

hp_code hp_cmd_contracts_emit(hp_cli *c, hp_err *err) {
    const char *path = hp_args_text(&c->args, HP_O_OUTPUT_FILE);
    const char *format = hp_args_text(&c->args, HP_O_CONTRACT_FORMAT);
    hp_autobuf text = hp_buf_new(CONTRACT_BYTES);
    hp_profile *p;
    hp_contract *k;
    HP_TRY(load_profile(c, &p, err));
    HP_TRY(
        hp_refine_contract(c->arena, p, hp_str_of(hp_args_text(&c->args, HP_O_CONTRACT_VERSION)), &k, err));
    strcmp(format, "odcs") == 0 ? hp_contract_odcs(k, &text) : hp_contract_frictionless(k, &text);
    HP_TRY(hp_buf_check(&text, "the contract", err));
    if (!path || strcmp(path, "-") == 0) {
        hp_cli_text(c, "hotpass.contract/1", format, hp_buf_str(&text));
        return HP_OK;
    }
    HP_TRY(hp_write_file(path, hp_buf_str(&text), err));
    if (c->json)
        json_emitted(c, k, path, format);
    else if (!c->quiet)
        tell_emitted(k, path);
    return HP_OK;
}

/* ---- diff ---- */

/* Says which part of the version a change raises (semantic versioning). */
static const char *raises(size_t breaking, size_t all) { return breaking ? "major" : all ? "minor" : "none"; }

static void json_change(hp_json *j, const hp_change *x) {
    const struct {
        const char *key;
        hp_str text;
    } TEXT[] = {{"table", x->table}, {"column", x->column}, {"before", x->before}, {"after", x->after}};
    hp_json_object(j);
    hp_json_key(j, "change");
    hp_json_cstr(j, x->what);
    hp_json_key(j, "breaking");
    hp_json_bool(j, x->breaking);
    for (size_t i = 0; i < sizeof TEXT / sizeof *TEXT; i++) {
        hp_json_key(j, TEXT[i].key);
        TEXT[i].text.n ? hp_json_str(j, TEXT[i].text) : hp_json_null(j);
    }
    hp_json_key(j, "reason");
    hp_json_cstr(j, x->reason);
    hp_json_object_end(j);
}

static void json_diff(hp_cli *c, const hp_change *x, size_t n, size_t breaking) {
    hp_json j = hp_cli_json(c, "hotpass.contracts-diff/1");
    hp_json_key(&j, "old");
    hp_json_cstr(&j, c->args.word[0]);
    hp_json_key(&j, "new");
    hp_json_cstr(&j, c->args.word[1]);
    hp_json_key(&j, "breaking");
    hp_json_i64(&j, (int64_t)breaking);
    hp_json_key(&j, "compatible");
    hp_json_i64(&j, (int64_t)(n - breaking));
    hp_json_key(&j, "raises");
    hp_json_cstr(&j, raises(breaking, n));
    hp_json_key(&j, "changes");
    hp_json_array(&j);
    for (size_t i = 0; i < n; i++) json_change(&j, &x[i]);
    hp_json_array_end(&j);
    hp_cli_json_end(c, &j);
}

static void add_place(hp_view *v, const hp_change *x) {
    hp_view_addf(v, "%.*s%s%.*s", HP_FMT(x->table), x->column.n ? "." : "", HP_FMT(x->column));
}

static hp_code put_changes(hp_cli *c, const hp_change *x, size_t n, hp_err *err) {
    static const char *const HEADER[] = {"verdict", "where", "change", "before", "after", "reason"};
    hp_view v = {.arena = c->arena, .ncol = 6, .header = HEADER};
    for (int breaking = 1; breaking >= 0; breaking--)
        for (size_t i = 0; i < n; i++) {
            if (x[i].breaking != (bool)breaking) continue;
            hp_view_add(&v, breaking ? HP_S("breaks") : HP_S("holds"));
            add_place(&v, &x[i]);
            hp_view_add(&v, hp_str_of(x[i].what));
            hp_view_add(&v, x[i].before);
            hp_view_add(&v, x[i].after);
            hp_view_add(&v, hp_str_of(x[i].reason));
        }
    return hp_view_write(&v, &c->term, 0, &c->out, err);
}

static void tell_diff(size_t breaking, size_t n) {
    hp_autobuf line = hp_buf_new(256);
    hp_put_counted(&line, breaking, "change breaks", "changes break");
    hp_buf_puts(&line, " those who use the data, ");
    hp_put_counted(&line, n - breaking, "does not", "do not");
    hp_buf_printf(&line, "; the version to raise: %s\n", raises(breaking, n));
    hp_talk(hp_buf_str(&line));
}

hp_code hp_cmd_contracts_diff(hp_cli *c, hp_err *err) {
    hp_contract *before, *after;
    hp_change *change;
    size_t n, breaking = 0;
    HP_TRY(hp_contract_load(c->arena, c->args.word[0], &before, err));
    HP_TRY(hp_contract_load(c->arena, c->args.word[1], &after, err));
    HP_TRY(hp_contract_diff(c->arena, before, after, &change, &n, err));
    for (size_t i = 0; i < n; i++) breaking += change[i].breaking;
    if (c->json)
        json_diff(c, change, n, breaking);
    else if (n)
        HP_TRY(put_changes(c, change, n, err));
    if (!c->json && !c->quiet) tell_diff(breaking, n);
    return breaking ? HP_FINDINGS : HP_OK;
}
