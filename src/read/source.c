#include "base/mem.h"
#include "read/book.h"
#include "read/cfb.h"

#include "base/banned.h"

static const hp_str workbook_suffixes[] = {HP_S(".xlsx"), HP_S(".xlsm"), HP_S(".xltx"), HP_S(".xltm"),
                                           HP_S(".ods"),  HP_S(".ots"),  HP_S(".xls"),  HP_S(".xlt")};
static const hp_str other_suffixes[] = {HP_S(".xlsb"), HP_S(".numbers")}; /* never text */
static const hp_str text_suffixes[] = {HP_S(".csv"), HP_S(".tsv"), HP_S(".txt")};

static const hp_str parquet_suffixes[] = {HP_S(".parquet")};

static bool has_suffix(hp_str name, const hp_str *suffixes, size_t n) {
    for (size_t i = 0; i < n; i++) {
        hp_str s = suffixes[i];
        if (name.n > s.n && hp_str_ieq(hp_str_cut(name, name.n - s.n, name.n), s)) return true;
    }
    return false;
}

static bool names_workbook(hp_str name) {
    return has_suffix(name, workbook_suffixes, sizeof workbook_suffixes / sizeof *workbook_suffixes);
}

static bool names_text(hp_str name) {
    return has_suffix(name, text_suffixes, sizeof text_suffixes / sizeof *text_suffixes);
}

bool hp_name_readable(hp_str name) {
    /* ~$ is how Office locks a file, ._ how macOS keeps a file's attributes on other systems. */
    if (hp_str_starts(name, HP_S("~$")) || hp_str_starts(name, HP_S("._"))) return false;
    return names_workbook(name) || names_text(name) || has_suffix(name, parquet_suffixes, 1);
}

static bool is_parquet(hp_str bytes) {
    return hp_str_starts(bytes, HP_S("PAR1")) || hp_str_starts(bytes, HP_S("PARE"));
}

static bool is_zip(hp_str bytes) {
    return hp_str_starts(bytes, HP_S("PK\x03\x04")) || hp_str_starts(bytes, HP_S("PK\x05\x06"));
}

hp_format hp_format_of(const char *path) {
    hp_filemap m = {0};
    if (hp_map_file(path, HP_LIMIT_FILE_BYTES, &m, NULL) != HP_OK) return HP_FORMAT_UNKNOWN;
    hp_str name = hp_path_base(hp_str_of(path));
    hp_format f = HP_FORMAT_UNKNOWN;
    if (is_zip(m.bytes)) {
        f = hp_xlsx_is(m.bytes) ? HP_FORMAT_XLSX : hp_ods_in(m.bytes) ? HP_FORMAT_ODS : HP_FORMAT_UNKNOWN;
    } else if (is_parquet(m.bytes)) {
        f = HP_FORMAT_PARQUET;
    } else if (names_text(name) && !hp_cfb_is(m.bytes)) {
        f = HP_FORMAT_CSV;
    }
    hp_unmap(&m);
    return f;
}

/* A csv file is one sheet without a name. */
static hp_code open_csv(hp_book *b, hp_err *err) {
    b->sheet = HP_NEW(b->arena, hp_book_sheet);
    if (!b->sheet) return hp_fail_memory(err, "a csv file");
    *b->sheet = (hp_book_sheet){.name = HP_S(""), .readable = true};
    b->nsheet = 1;
    return HP_OK;
}

static hp_code open_content(const hp_run *run, hp_book *b, hp_err *err) {
    if (b->bytes.n == 0)
        return hp_fail(err, HP_DATA, "%.*s: is empty (0 bytes); get a complete copy", HP_FMT(b->name));
    b->package = b->bytes;
    if (hp_cfb_is(b->bytes)) return hp_compound_open(run, b, err);
    if (is_zip(b->bytes)) {
        b->format = HP_FORMAT_XLSX;
        return hp_xlsx_open(b, err);
    }
    if (is_parquet(b->bytes) || has_suffix(b->name, parquet_suffixes, 1)) {
        b->format = HP_FORMAT_PARQUET;
        return hp_parquet_open(b, err);
    }
    if (names_workbook(b->name)
        || has_suffix(b->name, other_suffixes, sizeof other_suffixes / sizeof *other_suffixes)) {
        return hp_fail(
            err, HP_DATA,
            "%.*s: is no workbook (it does not begin as a zip file does); open it in a spreadsheet program and save it as .xlsx",
            HP_FMT(b->name));
    }
    b->format = HP_FORMAT_CSV;
    return open_csv(b, err);
}

static hp_code new_book(const char *path, hp_book **out, hp_err *err) {
    hp_arena *a = hp_arena_new(NULL);
    hp_book *b = a ? HP_NEW(a, hp_book) : NULL;
    hp_str name = b ? hp_arena_dup(a, hp_path_base(hp_str_of(path))) : HP_S("");
    if (!b || !name.p) {
        hp_arena_drop(a);
        return hp_fail_memory(err, "a workbook");
    }
    b->arena = a;
    b->name = name;
    *out = b;
    return HP_OK;
}

/* Hands the book over, or drops it. */
static hp_code finish(hp_book *b, hp_code code, hp_book **out, hp_err *err) {
    if (code == HP_OK) {
        *out = b;
        return HP_OK;
    }
    hp_book_close(b);
    if (err) hp_err_in(err, "read");
    return code;
}

hp_code hp_book_open(hp_run *run, const char *path, hp_book **out, hp_err *err) {
    hp_book *b;
    HP_TRY(new_book(path, &b, err));
    hp_code code = hp_map_file(path, HP_LIMIT_FILE_BYTES, &b->file, err);
    b->bytes = b->file.bytes;
    if (code == HP_OK) code = open_content(run, b, err);
    return finish(b, code, out, err);
}

hp_code hp_book_open_bytes(hp_run *run, hp_str bytes, const char *name, hp_book **out, hp_err *err) {
    hp_book *b;
    HP_TRY(new_book(name, &b, err));
    b->bytes = bytes;
    return finish(b, open_content(run, b, err), out, err);
}

void hp_book_close(hp_book *b) {
    if (!b) return;
    hp_xlsx_close(&b->xlsx);
    hp_ods_close(&b->ods);
    hp_xls_close(&b->xls);
    hp_buf_free(&b->decrypted);
    hp_unmap(&b->file);
    hp_arena_drop(b->arena);
}

hp_format hp_book_format(const hp_book *b) { return b->format; }

hp_str hp_book_bytes(const hp_book *b) { return b->bytes; }

const hp_book_sheet *hp_book_sheets(const hp_book *b, size_t *n) {
    *n = b->nsheet;
    return b->sheet;
}

static hp_code read_sheet(hp_run *run, hp_book *b, size_t i, uint32_t sheet_id, bool raw, hp_table **out,
                          hp_err *err) {
    if (i >= b->nsheet)
        return hp_fail(err, HP_BUG, "%.*s: sheet %zu was asked for, but it has %zu", HP_FMT(b->name), i,
                       b->nsheet);
    hp_code code;
    switch (b->format) {
    case HP_FORMAT_CSV: code = hp_csv_read(run, b, sheet_id, raw, out, err); break;
    case HP_FORMAT_PARQUET: code = hp_parquet_read(run, b, sheet_id, raw, out, err); break;
    case HP_FORMAT_XLS: code = hp_xls_read(run, b, i, sheet_id, raw, out, err); break;
    case HP_FORMAT_ODS: code = hp_ods_read(run, b, i, sheet_id, raw, out, err); break;
    default: code = hp_sheet_read(run, b, i, sheet_id, raw, out, err); break;
    }
    if (code != HP_OK && err) hp_err_in(err, "read");
    return code;
}

hp_code hp_book_read(hp_run *run, hp_book *b, size_t i, uint32_t sheet_id, hp_table **out, hp_err *err) {
    return read_sheet(run, b, i, sheet_id, false, out, err);
}

hp_code hp_book_read_raw(hp_run *run, hp_book *b, size_t i, uint32_t sheet_id, hp_table **out, hp_err *err) {
    return read_sheet(run, b, i, sheet_id, true, out, err);
}
