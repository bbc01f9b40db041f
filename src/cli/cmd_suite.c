/* hotpass suite init: thin over check/propose.h. */
#include "base/file.h"
#include "check/propose.h"
#include "cli/dataset.h"
#include "table/mask.h"
#include "cli/personal.h"
#include "map/map.h"
#include "profile/suite_make.h"

#include "base/banned.h"

enum { SUITE_BYTES = 64 << 20 };

static hp_code look(hp_cli *c, const hp_table *t, hp_propose_hint **out, hp_err *err) {
    hp_propose_hint *hint = HP_NEW_ARRAY(c->arena, t->ncol + 1, hp_propose_hint);
    if (!hint) return hp_fail_memory(err, "the columns");
    for (size_t i = 0; i < t->ncol; i++) {
        double share;
        hint[i].kind = hp_infer_kind(&c->run, &t->col[i], 0, t->nrow, &share);
        hint[i].personal = hp_kind_personal(hint[i].kind) || hp_header_personal(t->col[i].name);
    }
    *out = hint;
    return HP_OK;
}

/* Names a suite by the file and its sheet: "people", "book.Leads". */
static hp_code name_of(hp_cli *c, const hp_dataset *d, size_t sheet, hp_str *out, hp_err *err) {
    hp_str base = hp_name_unpacked(hp_book_name(d->book)), tab = d->sheet[sheet].name;
    size_t dot = base.n;
    while (dot > 0 && base.p[dot - 1] != '.') dot--;
    base = hp_str_cut(base, 0, dot > 1 ? dot - 1 : base.n);
    *out = hp_arena_printf(c->arena, "%.*s%s%.*s", HP_FMT(base), tab.n ? "." : "", HP_FMT(tab));
    return out->p ? HP_OK : hp_fail_memory(err, "a name");
}

static hp_code tell(hp_cli *c, const hp_suite *s, const char *path, hp_str text) {
    if (!path) {
        hp_cli_text(c, "hotpass.suite/1", s->name.p, text);
        return HP_OK;
    }
    if (c->json) {
        hp_json j = hp_cli_json(c, "hotpass.suite-init/1");
        hp_json_key(&j, "path");
        hp_json_cstr(&j, path);
        hp_json_key(&j, "name");
        hp_json_str(&j, s->name);
        hp_json_key(&j, "expectations");
        hp_json_i64(&j, (int64_t)s->n);
        hp_cli_json_end(c, &j);
    } else if (!c->quiet) {
        hp_autobuf line = hp_buf_new(1 << 16);
        hp_put_safe(&line, hp_str_of(path));
        hp_buf_puts(&line, ": ");
        hp_put_counted(&line, s->n, "expectation", "expectations");
        hp_buf_putc(&line, '\n');
        hp_talk(hp_buf_str(&line));
    }
    return HP_OK;
}

static hp_code propose(hp_cli *c, const hp_dataset *d, hp_err *err) {
    const char *path = hp_args_text(&c->args, HP_O_OUTPUT_FILE);
    if (path && strcmp(path, "-") == 0) path = NULL;
    size_t sheet = hp_dataset_first(d);
    hp_autobuf text = hp_buf_new(SUITE_BYTES);
    hp_table *t;
    hp_propose_hint *hint;
    hp_suite *s;
    hp_str name;
    HP_TRY(hp_dataset_read_found(c, d, sheet, &t, err));
    HP_TRY(look(c, t, &hint, err));
    HP_TRY(name_of(c, d, sheet, &name, err));
    HP_TRY(hp_propose(&c->run, t, hint, name, &s, err));
    hp_suite_json(s, &text);
    HP_TRY(hp_buf_check(&text, "the suite", err));
    if (path) HP_TRY(hp_write_file(path, hp_buf_str(&text), err));
    return tell(c, s, path, hp_buf_str(&text));
}

hp_code hp_cmd_suite_init(hp_cli *c, hp_err *err) {
    hp_dataset d;
    HP_TRY(hp_dataset_open(c, c->args.word[0], &d, err));
    hp_code code = propose(c, &d, err);
    hp_dataset_close(&d);
    return code;
}
