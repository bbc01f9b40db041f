#include "base/mem.h"
#include "read/book.h"
#include "read/cfb.h"
#include "read/unpack.h"

#include "base/banned.h"

static const hp_str workbook_suffixes[] = {HP_S(".xlsx"), HP_S(".xlsm"), HP_S(".xltx"), HP_S(".xltm"),
                                           HP_S(".ods"),  HP_S(".ots"),  HP_S(".xls"),  HP_S(".xlt")};
static const hp_str other_suffixes[] = {HP_S(".xlsb"), HP_S(".numbers")}; /* never text */
static const hp_str text_suffixes[] = {HP_S(".csv"), HP_S(".tsv"), HP_S(".txt")};

static const hp_str ndjson_suffixes[] = {HP_S(".ndjson"), HP_S(".jsonl")};
static const hp_str parquet_suffixes[] = {HP_S(".parquet")};
static const hp_str packed_suffixes[] = {HP_S(".gz"), HP_S(".zst"), HP_S(".zstd")};

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

hp_str hp_name_unpacked(hp_str name) {
    for (size_t i = 0; i < sizeof packed_suffixes / sizeof *packed_suffixes; i++)
        if (has_suffix(name, &packed_suffixes[i], 1))
            return hp_str_cut(name, 0, name.n - packed_suffixes[i].n);
    return name;
}

static bool names_ndjson(hp_str name) {
    return has_suffix(name, ndjson_suffixes, sizeof ndjson_suffixes / sizeof *ndjson_suffixes);
}

static bool is_stdin(const char *path) { return strcmp(path, "-") == 0; }

bool hp_name_readable(hp_str name) {
    /* ~$ is how Office locks a file, ._ how macOS keeps a file's attributes on other systems. */
    if (hp_str_starts(name, HP_S("~$")) || hp_str_starts(name, HP_S("._"))) return false;
    hp_str plain = hp_name_unpacked(name);
    return names_workbook(name) || names_text(plain) || names_ndjson(plain)
           || has_suffix(plain, parquet_suffixes, 1);
}

static bool is_parquet(hp_str bytes) {
    return hp_str_starts(bytes, HP_S("PAR1")) || hp_str_starts(bytes, HP_S("PARE"));
}

static bool is_zip(hp_str bytes) {
    return hp_str_starts(bytes, HP_S("PK\x03\x04")) || hp_str_starts(bytes, HP_S("PK\x05\x06"));
}

/* A csv file may begin as JSON does, if its name says that it is one. */
static bool is_ndjson(const hp_book *b) {
    return names_ndjson(b->plain_name)
           || (!names_text(b->plain_name) && !names_workbook(b->plain_name) && hp_ndjson_is(b->bytes));
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
    b->package = b->bytes;
    if (hp_cfb_is(b->bytes)) return hp_compound_open(run, b, err);
    if (is_zip(b->bytes)) {
        b->format = HP_FORMAT_XLSX;
        return hp_xlsx_open(b, err);
    }
    if (is_parquet(b->bytes) || has_suffix(b->plain_name, parquet_suffixes, 1)) {
        b->format = HP_FORMAT_PARQUET;
        return hp_parquet_open(b, err);
    }
    if (names_workbook(b->plain_name)
        || has_suffix(b->plain_name, other_suffixes, sizeof other_suffixes / sizeof *other_suffixes)) {
        return hp_fail(
            err, HP_DATA,
            "%.*s: is no workbook (it does not begin as a zip file does); open it in a spreadsheet program and save it as .xlsx",
            HP_FMT(b->name));
    }
    if (is_ndjson(b)) {
        b->format = HP_FORMAT_NDJSON;
        return hp_ndjson_open(b, err);
    }
    b->format = HP_FORMAT_CSV;
    return open_csv(b, err);
}

static hp_code new_book(const char *path, hp_book **out, hp_err *err) {
    hp_arena *a = hp_arena_new(NULL);
    hp_book *b = a ? HP_NEW(a, hp_book) : NULL;
    hp_str name =
        b ? hp_arena_dup(a, is_stdin(path) ? HP_S("stdin") : hp_path_base(hp_str_of(path))) : HP_S("");
    if (!b || !name.p) {
        hp_arena_drop(a);
        return hp_fail_memory(err, "a workbook");
    }
    b->arena = a;
    b->name = name;
    b->plain_name = hp_name_unpacked(name);
    *out = b;
    return HP_OK;
}

/* Gets the content out of the file's bytes. */
static hp_code unpack(hp_book *b, hp_err *err) {
    b->bytes = b->file_bytes;
    if (b->bytes.n == 0)
        return hp_fail(err, HP_DATA, "%.*s: is empty (0 bytes); get a complete copy", HP_FMT(b->name));
    if (hp_packing_of(b->bytes) == HP_PACKING_NONE) return HP_OK;
    HP_TRY(hp_unpack(b->name, b->bytes, &b->unpacked, err));
    b->bytes = hp_buf_str(&b->unpacked);
    if (b->bytes.n == 0)
        return hp_fail(err, HP_DATA, "%.*s: unpacks to nothing; get a complete copy", HP_FMT(b->name));
    /* One layer is a choice, two are a trap or a mistake. */
    if (hp_packing_of(b->bytes) != HP_PACKING_NONE)
        return hp_fail(err, HP_DATA, "%.*s: is compressed twice; unpack it once", HP_FMT(b->name));
    return HP_OK;
}

static hp_code read_input(hp_book *b, const char *path, hp_err *err) {
    if (is_stdin(path)) {
        b->input = hp_buf_new(HP_LIMIT_FILE_BYTES);
        HP_TRY(hp_read_stdin(&b->input, err));
        b->file_bytes = hp_buf_str(&b->input);
    } else {
        HP_TRY(hp_map_file(path, HP_LIMIT_FILE_BYTES, &b->file, err));
        b->file_bytes = b->file.bytes;
    }
    return unpack(b, err);
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
    hp_code code = read_input(b, path, err);
    if (code == HP_OK) code = open_content(run, b, err);
    return finish(b, code, out, err);
}

hp_code hp_book_open_bytes(hp_run *run, hp_str bytes, const char *name, hp_book **out, hp_err *err) {
    hp_book *b;
    HP_TRY(new_book(name, &b, err));
    b->file_bytes = bytes;
    hp_code code = unpack(b, err);
    if (code == HP_OK) code = open_content(run, b, err);
    return finish(b, code, out, err);
}

hp_format hp_format_of(const char *path) {
    hp_book *b;
    if (hp_book_open(NULL, path, &b, NULL) != HP_OK) return HP_FORMAT_UNKNOWN;
    hp_format f = b->format;
    hp_book_close(b);
    return f;
}

void hp_book_close(hp_book *b) {
    if (!b) return;
    hp_xlsx_close(&b->xlsx);
    hp_ods_close(&b->ods);
    hp_xls_close(&b->xls);
    hp_buf_free(&b->decrypted);
    hp_buf_free(&b->unpacked);
    hp_buf_free(&b->input);
    hp_unmap(&b->file);
    hp_arena_drop(b->arena);
}

hp_format hp_book_format(const hp_book *b) { return b->format; }

hp_str hp_book_name(const hp_book *b) { return b->name; }

hp_str hp_book_bytes(const hp_book *b) { return b->file_bytes; }

bool hp_book_has_parts(const hp_book *b, hp_book_parts *out) {
    if (b->format != HP_FORMAT_XLSX || b->decrypted.n) return false;
    *out = (hp_book_parts){.zip = b->xlsx.zip,
                           .workbook = b->xlsx.workbook_part,
                           .styles = b->xlsx.styles_part,
                           .sheet = b->xlsx.sheet_part};
    return true;
}

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
    case HP_FORMAT_NDJSON: code = hp_ndjson_read(run, b, sheet_id, raw, out, err); break;
    case HP_FORMAT_PARQUET: code = hp_parquet_read(run, b, sheet_id, raw, out, err); break;
    case HP_FORMAT_XLS: code = hp_xls_read(run, b, i, sheet_id, raw, out, err); break;
    case HP_FORMAT_ODS: code = hp_ods_read(run, b, i, sheet_id, raw, out, err); break;
    default: code = hp_sheet_read(run, b, i, sheet_id, raw, out, err); break;
    }
    if (code == HP_OK) (*out)->named = b->format == HP_FORMAT_NDJSON || b->format == HP_FORMAT_PARQUET;
    if (code != HP_OK && err) hp_err_in(err, "read");
    return code;
}

hp_code hp_book_read(hp_run *run, hp_book *b, size_t i, uint32_t sheet_id, hp_table **out, hp_err *err) {
    return read_sheet(run, b, i, sheet_id, false, out, err);
}

hp_code hp_book_read_raw(hp_run *run, hp_book *b, size_t i, uint32_t sheet_id, hp_table **out, hp_err *err) {
    return read_sheet(run, b, i, sheet_id, true, out, err);
}
