#include "base/file.h"
#include "cli/cli.h"
#include "cli/progress.h"
#include "cli/summary.h"
#include "cli/view.h"
#include "map/map.h"

#include "base/banned.h"

static void add_field(hp_view *v, hp_field f, double score) {
    if (f == HP_F_NONE) {
        hp_view_add(v, HP_S(""));
    } else {
        hp_view_addf(v, "%s %.2f", hp_field_get(f)->name, score);
    }
}

static hp_code put_sheet(hp_cli *c, const hp_mapped *m, hp_err *err) {
    static const char *const HEADER[] = {"column", "header", "field", ">score", "reason", "runner-up"};
    hp_view v = {.arena = c->arena, .ncol = 6, .header = HEADER};
    hp_autobuf title = hp_buf_new(8192);
    hp_autobuf place = hp_buf_new(8192);
    hp_address(&c->run.sources, (hp_cell){m->sheet, 0, HP_NO_COL}, &place);
    hp_put_safe(&title, hp_buf_str(&place));
    hp_put_bold(&c->out, c->term.out_color, hp_buf_cstr(&title));
    hp_put_carry(&c->out, &title);
    hp_put_carry(&c->out, &place);
    hp_buf_printf(&c->out, ": %s rows", hp_entity_name(m->entity));
    if (m->header_row) hp_buf_printf(&c->out, ", header in row %u", m->header_row);
    hp_buf_putc(&c->out, '\n');
    for (size_t i = 0; i < m->nbind; i++) {
        const hp_binding *b = &m->bind[i];
        char letters[8];
        hp_col_letters(b->col, letters);
        hp_view_add(&v, hp_str_of(letters));
        hp_view_add(&v, b->header);
        hp_view_add(&v, hp_str_of(b->field ? hp_field_get(b->field)->name : "-"));
        if (b->field) {
            hp_view_addf(&v, "%.2f", b->score);
        } else {
            hp_view_add(&v, HP_S(""));
        }
        hp_view_add(&v, hp_str_of(b->ignored ? "ignored by the profile" : hp_map_reason_name(b->reason)));
        add_field(&v, b->runner_up, b->runner_score);
    }
    HP_TRY(hp_view_write(&v, &c->term, 2, &c->out, err));
    hp_buf_putc(&c->out, '\n');
    return HP_OK;
}

/* ---- as JSON ---- */

static void json_field(hp_json *j, const char *key, hp_field f) {
    hp_json_key(j, key);
    hp_json_cstr(j, f ? hp_field_get(f)->name : NULL);
}

static void json_score(hp_json *j, const char *key, double score) {
    hp_json_key(j, key);
    hp_json_f64(j, (double)(int64_t)(score * 1e4 + 0.5) / 1e4);
}

static void json_binding(hp_json *j, const hp_binding *b) {
    char letters[8];
    hp_col_letters(b->col, letters);
    hp_json_object(j);
    hp_json_key(j, "column");
    hp_json_cstr(j, letters);
    hp_json_key(j, "header");
    hp_json_str(j, b->header);
    json_field(j, "field", b->field);
    json_score(j, "score", b->score);
    hp_json_key(j, "reason");
    hp_json_cstr(j, hp_map_reason_name(b->reason));
    hp_json_key(j, "ignored");
    hp_json_bool(j, b->ignored);
    json_field(j, "runner_up", b->runner_up);
    json_score(j, "runner_up_score", b->runner_score);
    hp_json_object_end(j);
}

static void json_sheet(hp_json *j, const hp_run *run, const hp_mapped *m) {
    hp_json_object(j);
    hp_json_key(j, "file");
    hp_json_str(j, run->sources.file.p[m->file].name);
    hp_json_key(j, "source");
    hp_json_str(j, run->sources.file.p[m->file].label);
    hp_json_key(j, "sheet");
    hp_json_str(j, run->sources.sheet.p[m->sheet].name);
    hp_json_key(j, "entity");
    hp_json_cstr(j, hp_entity_name(m->entity));
    hp_json_key(j, "header_row");
    hp_json_i64(j, m->header_row);
    hp_json_key(j, "columns");
    hp_json_array(j);
    for (size_t i = 0; i < m->nbind; i++) json_binding(j, &m->bind[i]);
    hp_json_array_end(j);
    hp_json_object_end(j);
}

static void put_json(hp_cli *c, const hp_profile *p, hp_mapped *const *sheets, size_t n, const char *saved) {
    hp_json j = hp_cli_json(c, "hotpass.map/1");
    hp_json_key(&j, "profile");
    hp_json_str(&j, p->name);
    hp_json_key(&j, "sheets");
    hp_json_array(&j);
    for (size_t i = 0; i < n; i++) json_sheet(&j, &c->run, sheets[i]);
    hp_json_array_end(&j);
    hp_json_findings(&j, &c->run);
    hp_json_key(&j, "saved");
    hp_json_cstr(&j, saved);
    hp_cli_json_end(c, &j);
}

/* ---- the command ---- */

static hp_code save(hp_cli *c, hp_mapped *const *sheets, size_t n, const char *path, hp_err *err) {
    hp_autobuf text = hp_buf_new(64 << 20);
    hp_map_save(&c->run, (const hp_mapped *const *)sheets, n, &text);
    HP_TRY(hp_buf_check(&text, "the map file", err));
    return hp_write_file(path, hp_buf_str(&text), err);
}

static hp_code put_people(hp_cli *c, hp_mapped *const *sheets, size_t n, const char *saved, hp_err *err) {
    for (size_t i = 0; i < n; i++) HP_TRY(put_sheet(c, sheets[i], err));
    if (n == 0) hp_buf_puts(&c->out, "No sheet can be used.\n");
    /* Sources and findings are for people: what a pipe gets are the tables. */
    if (c->term.out_tty) {
        hp_put_sources(&c->out, &c->run, c->verbose, &c->term);
        hp_put_findings(&c->out, &c->run, c->verbose ? SIZE_MAX : 5, &c->term);
    }
    if (saved && !c->quiet)
        hp_buf_printf(&c->out, "\nSaved as %s; correct it by hand, then run hotpass refine --map %s\n", saved,
                      saved);
    return HP_OK;
}

hp_code hp_cmd_map(hp_cli *c, hp_err *err) {
    const hp_args *args = &c->args;
    const hp_given *dirs = &args->opt[HP_O_PROFILE_SEARCH_PATH];
    const char *saved = hp_args_text(args, HP_O_SAVE);
    hp_refine_options o = {.profile = hp_args_text(args, HP_O_PROFILE),
                           .profile_dirs = dirs->value,
                           .nprofile_dirs = dirs->n,
                           .map_file = hp_args_text(args, HP_O_MAP),
                           .input_dir =
                               args->nword ? args->word[0] : hp_config_text(&c->config, HP_C_INPUT_DIR)};
    hp_profile *p;
    hp_mapped **sheets;
    size_t n;
    hp_progress progress;
    if (saved && hp_out_probe(saved, err) != HP_OK) return hp_err_in(err, "prepare");
    hp_progress_begin(&progress, c);
    c->run.progress = hp_progress_report;
    c->run.progress_ctx = &progress;
    hp_code code = hp_refine_map(&o, &c->run, &p, &sheets, &n, err);
    hp_progress_end(&progress);
    HP_TRY(code);
    if (saved && save(c, sheets, n, saved, err) != HP_OK) return hp_err_in(err, "write");
    if (!c->json) return put_people(c, sheets, n, saved, err);
    put_json(c, p, sheets, n, saved);
    return HP_OK;
}
