/* Where the result of a conversion goes, and how it gets there. */
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cli/convert.h"

#include "base/banned.h"

/* In the order of --to's choices. */
static const hp_target TARGETS[] = {
    {"xlsx", ".xlsx", NULL, HP_FORM_XLSX, false, true},
    {"csv", ".csv", NULL, HP_FORM_CSV, false, false},
    {"tsv", ".tsv", NULL, HP_FORM_CSV, true, false},
    {"ndjson", ".ndjson", ".jsonl", HP_FORM_NDJSON, false, false},
    {"parquet", ".parquet", NULL, HP_FORM_PARQUET, false, true},
};
#define NTARGETS (sizeof TARGETS / sizeof *TARGETS)

/* ---- the form ---- */

static bool ends(const char *path, const char *suffix) {
    hp_str p = hp_path_base(hp_str_of(path)), s = hp_str_of(suffix);
    return suffix && p.n > s.n && hp_str_ieq(hp_str_cut(p, p.n - s.n, p.n), s);
}

static const hp_target *target_of(const char *path) {
    for (size_t i = 0; i < NTARGETS; i++)
        if (ends(path, TARGETS[i].suffix) || ends(path, TARGETS[i].also)) return &TARGETS[i];
    return NULL;
}

static const hp_target *target_named(const char *name) {
    for (size_t i = 0; i < NTARGETS; i++)
        if (strcmp(TARGETS[i].name, name) == 0) return &TARGETS[i];
    return NULL;
}

static hp_code no_target(const char *path, hp_err *err) {
    hp_autobuf list = hp_buf_new(256);
    for (size_t i = 0; i < NTARGETS; i++) {
        hp_buf_printf(&list, "%s%s", i ? ", " : "", TARGETS[i].suffix);
        if (TARGETS[i].also) hp_buf_printf(&list, ", %s", TARGETS[i].also);
    }
    return hp_fail(err, HP_USAGE,
                   "%s: has no suffix that says what to write (%s); give it one, or say --to csv", path,
                   hp_buf_cstr(&list));
}

static bool names_folder(const char *path) {
    size_t n = strlen(path);
    return path[n - 1] == '/' || hp_is_dir(path);
}

/* --all without a suffix that says otherwise means a directory, whether it is there already or not. */
static hp_code aim_at_file(hp_convert *v, const char *to, hp_err *err) {
    bool folder = names_folder(v->output);
    const hp_target *by_suffix = folder ? NULL : target_of(v->output);
    v->folder = v->all && !by_suffix;
    v->target = to ? target_named(to) : v->folder ? target_named("csv") : by_suffix;
    if (folder && !v->all)
        return hp_fail(err, HP_USAGE,
                       "%s: is a directory; name a file in it, or --all for a file of each sheet", v->output);
    if (!v->target) return no_target(v->output, err);
    if (v->all && !v->folder && v->target->form != HP_FORM_XLSX)
        return hp_fail(
            err, HP_USAGE,
            "%s: holds one table, and --all is for every sheet; name a directory (-o sheets/) or a workbook",
            v->output);
    return HP_OK;
}

static hp_code aim_at_stdout(hp_convert *v, const char *to, hp_err *err) {
    if (!to)
        return hp_fail(
            err, HP_USAGE,
            "nothing says what to make of it: --output FILE with a suffix (.csv, .xlsx), or --to FORM for "
            "standard output");
    v->target = target_named(to);
    if (v->all && v->target->form != HP_FORM_XLSX)
        return hp_fail(err, HP_USAGE,
                       "--all makes a file of each sheet: give --output a directory to put them in");
    if (v->c->json)
        return hp_fail(
            err, HP_USAGE,
            "--json puts its answer on standard output, where the rows would go; give --output a file");
    if (v->target->whole && v->c->term.out_tty)
        return hp_fail(err, HP_USAGE, "%s is nothing for a terminal; give --output a file, or send it to one",
                       v->target->name);
    return HP_OK;
}

hp_code hp_convert_aim(hp_convert *v, hp_err *err) {
    const char *to = hp_args_text(&v->c->args, HP_O_TO), *out = hp_args_text(&v->c->args, HP_O_OUTPUT);
    v->all = v->c->args.opt[HP_O_ALL].on;
    v->output = out && strcmp(out, "-") != 0 ? out : NULL;
    if (v->all && v->rest.p)
        return hp_fail(err, HP_USAGE, "%s: names one sheet, and --all is for every one; take one of them",
                       v->c->args.word[0]);
    return v->output ? aim_at_file(v, to, err) : aim_at_stdout(v, to, err);
}

/* ---- names ---- */

/* Signs that a file of some system cannot have in its name, and those that steer terminals. */
static bool is_odd(uint32_t cp) {
    return cp < ' ' || (cp >= 0x7F && cp < 0xA0) || cp == 0xFFFD || (cp >= 0x200E && cp <= 0x200F)
           || (cp >= 0x2028 && cp <= 0x202E) || (cp >= 0x2066 && cp <= 0x2069)
           || (cp < 0x80 && strchr("/\\:*?\"<>|", (int)cp));
}

/* Names that are devices on Windows, whatever their suffix. */
static bool is_device(hp_str name) {
    static const char *const NAMES[] = {"con", "prn", "aux", "nul", "com", "lpt"};
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        bool numbered = i >= 4;
        if (name.n == (numbered ? 4u : 3u) && hp_str_ieq(hp_str_cut(name, 0, 3), hp_str_of(NAMES[i]))
            && (!numbered || hp_is_digit(name.p[3])))
            return true;
    }
    return false;
}

/* Appends a sheet's name as that of a file: no path, not hidden, short enough for every file system. */
static void put_file_name(hp_buf *out, hp_str name) {
    enum { MOST = 180 };
    size_t from = out->n;
    if (is_device(name) || (name.n && name.p[0] == '.')) hp_buf_putc(out, '_');
    for (size_t i = 0; i < name.n;) {
        size_t at = i;
        uint32_t cp = hp_utf8_next(name, &i);
        if (out->n - from + (i - at) > MOST) break;
        if (is_odd(cp))
            hp_buf_putc(out, '_');
        else
            hp_buf_add(out, hp_str_cut(name, at, i));
    }
    while (out->n > from && (out->p[out->n - 1] == ' ' || out->p[out->n - 1] == '.')) out->n--;
    if (out->n == from) hp_buf_puts(out, "sheet");
}

/* The file's name without its suffixes: what a sheet without a name is called. */
static hp_str stem(hp_str file) {
    hp_str name = hp_name_unpacked(file);
    size_t dot = name.n;
    while (dot > 0 && name.p[dot - 1] != '.') dot--;
    return dot > 1 ? hp_str_cut(name, 0, dot - 1) : name;
}

static bool is_taken(const hp_convert *v, size_t n, const char *path) {
    for (size_t i = 0; i < n; i++)
        if (hp_str_ieq(hp_str_of(v->taken[i].path), hp_str_of(path))) return true;
    return false;
}

/* "Data.csv", "Data (2).csv" where that is taken, else the sheet's own number, or one that no other comes to.
 */
static hp_code place_in_folder(hp_convert *v, size_t i, hp_err *err) {
    hp_taken *s = &v->taken[i];
    size_t n = strlen(v->output);
    for (size_t number = 0;; number = number < 2 ? 2 : number == 2 ? i + 3 : number + v->ntaken) {
        hp_autobuf path = hp_buf_new(8192);
        hp_buf_printf(&path, "%s%s", v->output, v->output[n - 1] == '/' ? "" : "/");
        put_file_name(&path, hp_str_of(s->name));
        if (number) hp_buf_printf(&path, " (%zu)", number);
        hp_buf_puts(&path, v->target->suffix);
        HP_TRY(hp_buf_check(&path, "the name of an output", err));
        s->path = hp_arena_dup(v->c->arena, hp_buf_str(&path)).p;
        if (!s->path) return hp_fail_memory(err, "the name of an output");
        if (!is_taken(v, i, s->path)) return HP_OK;
    }
}

static hp_code not_the_input(const hp_convert *v, const char *path, hp_err *err) {
    struct stat in, out;
    if (hp_str_eq(v->input, HP_S("-")) || stat(path, &out) != 0 || stat(v->input.p, &in) != 0
        || in.st_dev != out.st_dev || in.st_ino != out.st_ino)
        return HP_OK;
    return hp_fail(err, HP_USAGE, "%s: is the input, which is never changed; give --output another name",
                   path);
}

hp_code hp_convert_place(hp_convert *v, hp_err *err) {
    for (size_t i = 0; i < v->ntaken; i++) {
        hp_taken *s = &v->taken[i];
        hp_str name = s->sheet->name.n ? s->sheet->name : stem(hp_book_name(v->book));
        s->name = hp_arena_dup(v->c->arena, name).p;
        if (!s->name) return hp_fail_memory(err, "the sheets");
        s->path = v->output;
        if (v->folder) HP_TRY(place_in_folder(v, i, err));
        if (s->path) HP_TRY(not_the_input(v, s->path, err));
        if (s->path && (i == 0 || v->folder)) HP_TRY(hp_out_probe(s->path, err));
    }
    return HP_OK;
}

/* ---- what the form changes ---- */

/* Finds cells that a workbook's cell cannot hold as they are. */
static hp_code forebode_column(hp_convert *v, hp_taken *s, const hp_column *c, const uint8_t *fit,
                               hp_err *err) {
    hp_cell at = {.sheet = s->id, .row = s->header_row, .col = c->source};
    hp_cell_fit name = hp_cell_holds(c->name);
    s->replaced += name == HP_CELL_REPLACED;
    if (name == HP_CELL_CUT) HP_TRY(hp_find(&v->c->run, HP_R_CELL_LIMIT, at, HP_NULL, HP_NULL, err));
    for (size_t r = 0; fit && r < s->t->nrow; r++) {
        s->replaced += fit[c->v[r]] == HP_CELL_REPLACED;
        if (fit[c->v[r]] != HP_CELL_CUT) continue;
        at.row = s->t->origin[r].row;
        HP_TRY(hp_find(&v->c->run, HP_R_CELL_LIMIT, at, c->v[r], HP_NULL, err));
    }
    return HP_OK;
}

/* Looks at every distinct text once; *fit stays NULL when all of them fit, as they nearly always do. */
static bool look_at_texts(const hp_pool *pool, uint8_t **fit) {
    uint32_t n = hp_pool_count(pool);
    for (uint32_t id = 1; id <= n; id++) {
        hp_cell_fit f = hp_cell_holds(hp_text(pool, id));
        if (f == HP_CELL_WHOLE) continue;
        if (!*fit) *fit = hp_calloc((size_t)n + 1, 1);
        if (!*fit) return false;
        (*fit)[id] = (uint8_t)f;
    }
    return true;
}

static hp_code forebode_book(hp_convert *v, hp_err *err) {
    hp_autofree uint8_t *fit = NULL;
    if (!look_at_texts(v->c->run.pool, &fit)) return hp_fail_memory(err, "the texts");
    for (size_t i = 0; i < v->ntaken; i++) {
        hp_taken *s = &v->taken[i];
        for (size_t k = 0; k < s->t->ncol; k++) HP_TRY(forebode_column(v, s, &s->t->col[k], fit, err));
        size_t sheets = hp_sheets_of(s->t);
        hp_cell whole = {.sheet = s->id, .col = HP_NO_COL};
        if (sheets > 1)
            HP_TRY(hp_findf(&v->c->run, HP_R_SHEET_CONTINUED, whole, HP_NULL, err, "%zu rows, %zu sheets",
                            s->t->nrow, sheets));
    }
    return HP_OK;
}

/* Counts columns that have to differ in name and do not. */
static hp_code forebode_names(hp_convert *v, hp_taken *s, hp_err *err) {
    hp_str *name = HP_NEW_ARRAY(v->c->arena, s->t->ncol + 1, hp_str);
    if (!name) return hp_fail_memory(err, "the names of the columns");
    HP_TRY(hp_names_unique(v->c->arena, s->t, name, err));
    for (size_t k = 0; k < s->t->ncol; k++) s->renamed += !hp_str_eq(name[k], s->t->col[k].name);
    return HP_OK;
}

hp_code hp_convert_forebode(hp_convert *v, hp_err *err) {
    if (v->target->form == HP_FORM_XLSX) return forebode_book(v, err);
    if (v->target->form == HP_FORM_CSV) return HP_OK;
    for (size_t i = 0; i < v->ntaken; i++) HP_TRY(forebode_names(v, &v->taken[i], err));
    return HP_OK;
}

/* ---- writing ---- */

static hp_compress compress_of(const hp_convert *v) {
    return strcmp(hp_args_text(&v->c->args, HP_O_COMPRESS), "best") == 0 ? HP_COMPRESS_BEST
                                                                         : HP_COMPRESS_FAST;
}

/* Writes `n` sheets from taken[first] on as one file. */
static hp_code write_book(hp_convert *v, size_t first, size_t n, const char *path, hp_out *out, hp_err *err) {
    const hp_book_options options = {.compress = compress_of(v)};
    hp_out_sheet *sheet = HP_NEW_ARRAY(v->c->arena, n + 1, hp_out_sheet);
    if (!sheet) return hp_fail_memory(err, "the sheets");
    for (size_t i = 0; i < n; i++)
        sheet[i] = (hp_out_sheet){.name = v->taken[first + i].name, .table = v->taken[first + i].t};
    return hp_write_book(v->c->run.pool, sheet, n, &options, path, out, err);
}

static hp_code write_csv(hp_convert *v, hp_taken *s, const char *path, hp_out *out, hp_err *err) {
    const hp_csv_options options = {
        .tabs = v->target->tabs, .numbers = true, .raw = v->c->args.opt[HP_O_RAW_TEXT].on};
    hp_csv_changes changes = {0};
    HP_TRY(hp_write_csv_as(v->c->run.pool, s->t, &options, path, out, &changes, err));
    s->guarded = changes.guarded;
    s->replaced = changes.controls;
    return HP_OK;
}

/* Writes what goes into one file: the sheets from taken[first] on, one but for a workbook. */
static hp_code write_one(hp_convert *v, size_t first, const char *path, hp_out *out, hp_err *err) {
    hp_taken *s = &v->taken[first];
    switch (v->target->form) {
    case HP_FORM_XLSX: return write_book(v, first, v->folder ? 1 : v->ntaken, path, out, err);
    case HP_FORM_CSV: return write_csv(v, s, path, out, err);
    case HP_FORM_NDJSON: return hp_write_ndjson(v->c->run.pool, s->t, path, out, err);
    case HP_FORM_PARQUET: return hp_write_parquet(v->c->run.pool, s->t, path, out, err);
    case HP_FORM_NONE:
    default: return hp_fail(err, HP_BUG, "%s: no writer", v->target->name);
    }
}

/* What was made with too little memory is not the result. */
static hp_code commit(hp_out *out, hp_err *err) {
    if (hp_mem_failures() == 0) return hp_out_commit(out, err);
    hp_out_abandon(out);
    return hp_fail_memory(err, "the result");
}

static hp_code write_file(hp_convert *v, size_t first, hp_err *err) {
    hp_taken *s = &v->taken[first];
    hp_out out;
    struct stat st;
    HP_TRY(write_one(v, first, s->path, &out, err));
    HP_TRY(commit(&out, err));
    if (stat(s->path, &st) == 0) s->bytes = (uint64_t)st.st_size;
    return HP_OK;
}

typedef struct copying {
    hp_out *to;
    hp_err *err;
} copying;

static hp_code copy_piece(void *ctx, hp_str piece) {
    copying *c = ctx;
    if (fwrite(piece.p, 1, piece.n, c->to->f) == piece.n) return HP_OK;
    return hp_fail(c->err, HP_IO, "standard output cannot be written");
}

static hp_code copy_to_stdout(const char *from, hp_err *err) {
    hp_out out;
    HP_TRY(hp_out_begin(&out, HP_STDOUT, true, err));
    copying c = {&out, err};
    hp_code code = hp_read_pieces(from, copy_piece, &c, err);
    if (code == HP_OK) return hp_out_commit(&out, err);
    hp_out_abandon(&out);
    return code;
}

/* A form that is worth nothing before its end is there waits in a file for it, which is nobody else's. */
static hp_code write_whole(hp_convert *v, hp_err *err) {
    const char *dir = getenv("TMPDIR");
    hp_str path = hp_path_join(v->c->arena, hp_str_of(dir && *dir ? dir : "/tmp"), HP_S("hotpass-convert"));
    hp_out out;
    if (!path.p) return hp_fail_memory(err, "a path");
    (void)umask(077);
    HP_TRY(write_one(v, 0, path.p, &out, err));
    hp_code code = hp_mem_failures() ? hp_fail_memory(err, "the result") : HP_OK;
    if (code == HP_OK && fflush(out.f) != 0)
        code = hp_fail(err, HP_IO, "%s: cannot be written: is the disk full?", out.temp);
    if (code == HP_OK) code = copy_to_stdout(out.temp, err);
    hp_out_abandon(&out);
    return code;
}

static hp_code write_stream(hp_convert *v, hp_err *err) {
    hp_out out;
    if (v->target->whole) return write_whole(v, err);
    HP_TRY(write_one(v, 0, HP_STDOUT, &out, err));
    return hp_out_commit(&out, err);
}

/* Tells whether whoever read standard output has gone: no news to anybody. */
static bool reader_has_gone(void) {
    struct pollfd p = {.fd = STDOUT_FILENO};
    return poll(&p, 1, 0) == 1 && (p.revents & POLLERR);
}

hp_code hp_convert_write(hp_convert *v, hp_err *err) {
    if (v->output) {
        size_t files = v->folder ? v->ntaken : 1;
        for (size_t i = 0; i < files; i++) HP_TRY(write_file(v, i, err));
        return HP_OK;
    }
    hp_code code = write_stream(v, err);
    if (code == HP_IO && reader_has_gone()) v->c->reader_gone = true;
    return code;
}
