/* What came of a check: a table for people, or one of the forms that programs read; and what a checkpoint
 * wants done with it. */
#include "base/file.h"
#include "check/result.h"
#include "cli/check.h"

#include "base/banned.h"

/* The text of all results; more than that is for a file of its own for each expectation. */
#define MOST_BYTES ((size_t)2 << 30)

enum { SHOWN = 5 };

static bool is(const char *a, const char *b) { return strcmp(a, b) == 0; }

static bool all_met(const hp_check *k) {
    for (size_t i = 0; i < k->validation.n; i++)
        if (!k->validation.p[i]->success) return false;
    return true;
}

/* ---- the table ---- */

static void put_row(const hp_check *k, const hp_result *r, const hp_outcome *o, hp_buf *out) {
    hp_autobuf text = hp_buf_new(1u << 20);
    hp_buf_puts(out, "  ");
    hp_put_bold(out, !o->success && k->c->term.out_color, o->success ? "met    " : "NOT MET");
    hp_buf_puts(out, "  ");
    hp_buf_add(out, o->expectation->type);
    hp_result_columns(r, o, &text);
    if (text.n) hp_buf_puts(out, "  ");
    hp_put_safe(out, hp_buf_str(&text));
    hp_buf_clear(&text);
    hp_result_sentence(r, o, &text);
    hp_buf_puts(out, "\n           ");
    hp_put_safe(out, hp_buf_str(&text));
    if (o->expectation->severity != HP_GX_CRITICAL)
        hp_buf_printf(out, " (%s)", hp_gx_severity_name(o->expectation->severity));
    hp_buf_putc(out, '\n');
    hp_put_carry(out, &text);
}

static void put_values(const hp_result *r, const hp_outcome *o, hp_buf *out) {
    hp_autobuf text = hp_buf_new(1u << 20);
    size_t n = hp_result_listed(r, o);
    for (size_t i = 0; i < n; i++) {
        hp_buf_clear(&text);
        hp_result_origin(r, o, &o->unexpected[i], &text);
        hp_buf_puts(&text, "  ");
        for (size_t c = 0; c < o->ncolumn; c++) {
            if (c) hp_buf_puts(&text, " | ");
            hp_result_text(r, o->column[c], r->v->data->col[o->column[c]].v[o->unexpected[i].row], &text);
        }
        hp_buf_puts(out, "             ");
        hp_put_safe(out, hp_buf_str(&text));
        hp_buf_putc(out, '\n');
    }
    if (n < o->nunexpected)
        hp_buf_printf(out, "             ... and %llu more (--max-values 0 lists all)\n",
                      (unsigned long long)(o->nunexpected - n));
    hp_put_carry(out, &text);
}

static void put_table(const hp_check *k, const hp_validation *v, const hp_result_options *o, hp_buf *out) {
    hp_result r = {&k->c->run, v, o};
    hp_autobuf head = hp_buf_new(1u << 16);
    hp_put_safe(&head, v->suite->name);
    hp_buf_printf(&head, ": %zu of ", v->successful);
    hp_put_counted(&head, v->n, "expectation is met", "expectations are met");
    hp_put_bold(out, k->c->term.out_color, hp_buf_cstr(&head));
    hp_buf_puts(out, ", ");
    hp_put_counted(out, v->data->nrow, "row", "rows");
    hp_buf_puts(out, " of ");
    hp_put_safe(out, v->data->name);
    hp_buf_putc(out, '\n');
    for (int met = 0; met < (k->c->verbose ? 2 : 1); met++)
        for (size_t i = 0; i < v->n; i++) {
            if (v->outcome[i].success != met) continue;
            put_row(k, &r, &v->outcome[i], out);
            put_values(&r, &v->outcome[i], out);
        }
    hp_put_carry(out, &head);
}

static void put_unchecked(const hp_check *k, hp_buf *out) {
    if (k->unchecked.n == 0) return;
    hp_buf_puts(out, "Not checked\n");
    for (size_t i = 0; i < k->unchecked.n; i++) {
        const hp_unchecked *u = &k->unchecked.p[i];
        hp_buf_puts(out, "  ");
        hp_put_safe(out, u->where);
        hp_buf_puts(out, ": ");
        hp_put_safe(out, u->column);
        hp_buf_puts(out, u->column.n ? ": " : "");
        hp_put_safe(out, u->what);
        hp_buf_puts(out, ": ");
        hp_put_safe(out, u->reason);
        hp_buf_putc(out, '\n');
    }
}

/* ---- JSON ---- */

static void put_each_json(const hp_check *k, const hp_result_options *o, hp_json *j) {
    for (size_t i = 0; i < k->validation.n; i++) {
        hp_autobuf one = hp_buf_new(MOST_BYTES);
        hp_validation_json(&k->c->run, k->validation.p[i], o, &one);
        hp_json_raw(j, hp_str_trim(hp_buf_str(&one)));
        hp_put_carry(j->out, &one);
    }
}

/* One validation is the object that Great Expectations writes; several are a list in one. */
static void put_gx_json(const hp_check *k, const hp_result_options *o, hp_buf *out) {
    if (k->validation.n == 1) {
        hp_validation_json(&k->c->run, k->validation.p[0], o, out);
        return;
    }
    hp_json j = {.out = out};
    hp_json_object(&j);
    hp_json_key(&j, "success");
    hp_json_bool(&j, all_met(k));
    hp_json_key(&j, "validations");
    hp_json_array(&j);
    put_each_json(k, o, &j);
    hp_json_array_end(&j);
    hp_json_object_end(&j);
    hp_buf_putc(out, '\n');
}

static void put_own_json(hp_check *k, const hp_result_options *o) {
    hp_json j = hp_cli_json(k->c, "hotpass.check/1");
    hp_json_key(&j, "success");
    hp_json_bool(&j, all_met(k));
    hp_json_key(&j, "validations");
    hp_json_array(&j);
    put_each_json(k, o, &j);
    hp_json_array_end(&j);
    hp_json_key(&j, "unchecked");
    hp_json_array(&j);
    for (size_t i = 0; i < k->unchecked.n; i++) {
        const hp_unchecked *u = &k->unchecked.p[i];
        hp_json_object(&j);
        hp_json_key(&j, "where");
        hp_json_str(&j, u->where);
        hp_json_key(&j, "column");
        hp_json_str(&j, u->column);
        hp_json_key(&j, "what");
        hp_json_str(&j, u->what);
        hp_json_key(&j, "reason");
        hp_json_str(&j, u->reason);
        hp_json_object_end(&j);
    }
    hp_json_array_end(&j);
    hp_cli_json_end(k->c, &j);
}

/* ---- the form asked for ---- */

static void put_form(const hp_check *k, const char *form, const hp_result_options *o, hp_buf *out) {
    const hp_validation *const *v = (const hp_validation *const *)k->validation.p;
    if (is(form, "json")) {
        put_gx_json(k, o, out);
    } else if (is(form, "sarif")) {
        hp_validation_sarif(&k->c->run, v, k->validation.n, o, out);
    } else if (is(form, "junit")) {
        hp_validation_junit(&k->c->run, v, k->validation.n, o, out);
    } else if (is(form, "md")) {
        hp_validation_markdown(&k->c->run, v, k->validation.n, o, out);
    } else {
        for (size_t i = 0; i < k->validation.n; i++) put_table(k, k->validation.p[i], o, out);
        put_unchecked(k, out);
    }
}

static hp_result_options options(const hp_check *k, const char *form) {
    const hp_given *most = &k->c->args.opt[HP_O_MAX_VALUES];
    size_t usual = is(form, "table") ? SHOWN : 0;
    return (hp_result_options){.most = most->n ? (size_t)most->number : usual,
                               .show_values = k->c->args.opt[HP_O_SHOW_VALUES].on};
}

static hp_code put_out(hp_check *k, hp_err *err) {
    const char *form = hp_args_text(&k->c->args, HP_O_RESULT_FORMAT),
               *path = hp_args_text(&k->c->args, HP_O_OUTPUT_FILE);
    hp_result_options o = options(k, form);
    bool file = path && !is(path, "-");
    if (k->c->json) put_own_json(k, &o);
    if (k->c->json && !file) return HP_OK;
    if (!file && is(form, "table") && k->c->quiet) return HP_OK;
    hp_autobuf text = hp_buf_new(MOST_BYTES);
    put_form(k, form, &o, &text);
    HP_TRY(hp_buf_check(&text, "the results", err));
    if (file) return hp_write_file(path, hp_buf_str(&text), err);
    hp_buf_add(&k->c->out, hp_buf_str(&text));
    return hp_buf_check(&k->c->out, "the results; --output writes more to a file", err);
}

/* ---- actions of a checkpoint ---- */

/* A name for a result's file: what is no letter, digit or dash becomes one. */
static hp_str file_name(hp_check *k, size_t i, const char *suffix) {
    const hp_validation *v = k->validation.p[i];
    hp_autobuf b = hp_buf_new(4096);
    hp_buf_printf(&b, "%.*s-%.*s", HP_FMT(hp_str_cut(v->suite->name, 0, 100)),
                  HP_FMT(hp_str_cut(v->data->name, 0, 100)));
    for (size_t c = 0; c < b.n; c++)
        if (!hp_is_alnum(b.p[c]) && b.p[c] != '.' && b.p[c] != '_' && (unsigned char)b.p[c] < 0x80)
            b.p[c] = '-';
    hp_buf_printf(&b, "-%zu%s", i + 1, suffix);
    hp_str name = {0};
    if (!b.bad) name = hp_arena_dup(k->c->arena, hp_buf_str(&b));
    return name;
}

static hp_code store(hp_check *k, const hp_checkpoint_action *a, hp_err *err) {
    bool docs = a->kind == HP_ACTION_DOCS;
    for (size_t i = 0; i < k->validation.n; i++) {
        hp_result_options o = options(k, docs ? "md" : "json");
        const hp_validation *v = k->validation.p[i];
        hp_autobuf text = hp_buf_new(MOST_BYTES);
        if (docs)
            hp_validation_markdown(&k->c->run, &v, 1, &o, &text);
        else
            hp_validation_json(&k->c->run, v, &o, &text);
        hp_str name = file_name(k, i, docs ? ".md" : ".json");
        hp_str path = name.p ? hp_path_join(k->c->arena, a->folder, name) : name;
        HP_TRY(hp_buf_check(&text, "a result", err));
        if (!path.p) return hp_fail_memory(err, "a path");
        HP_TRY(hp_write_file(path.p, hp_buf_str(&text), err));
    }
    return HP_OK;
}

/* One page for all of them. */
static hp_code make_page(hp_check *k, const hp_checkpoint_action *a, hp_err *err) {
    hp_str path = hp_path_join(k->c->arena, a->folder, HP_S("index.html"));
    return path.p ? hp_check_report(k, &path.p, 1, err) : hp_fail_memory(err, "a path");
}

static void tell_not_done(hp_check *k, const hp_checkpoint_action *a) {
    hp_autobuf line = hp_buf_new(1u << 16);
    hp_put_safe(&line, a->where);
    hp_buf_puts(&line, ": the action \"");
    hp_put_safe(&line, a->name);
    hp_buf_puts(&line, a->kind == HP_ACTION_OTHER ? "\" is not done: only Great Expectations has it\n"
                                                  : "\" is not done: it names no folder\n");
    if (!k->c->quiet) hp_talk(hp_buf_str(&line));
}

hp_code hp_check_tell(hp_check *k, hp_err *err) {
    for (size_t i = 0; k->checkpoint && i < k->checkpoint->naction; i++) {
        const hp_checkpoint_action *a = &k->checkpoint->action[i];
        if (a->kind == HP_ACTION_OTHER || a->folder.n == 0) {
            tell_not_done(k, a);
            continue;
        }
        HP_TRY(store(k, a, err));
        if (a->kind == HP_ACTION_DOCS) HP_TRY(make_page(k, a, err));
    }
    return put_out(k, err);
}
