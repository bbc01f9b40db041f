#include <libdeflate.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/mem.h"
#include "read/encoding.h"
#include "read/zip_own.h"

#include "base/banned.h"

#define MEND HP_ZIP_MEND /* advice that ends most messages of this file */

void hp_part_free(hp_part *p) {
    hp_free(p->heap);
    *p = (hp_part){0};
}

void hp_zip_close(hp_zip *z) {
    if (!z) return;
    hp_smap_free(&z->by_name);
    hp_arena_drop(z->arena);
    hp_free(z);
}

/* Returns the value of the two hex digits behind a %, or -1. */
static int percent(hp_str s, size_t at) {
    int value = 0;
    if (at + 2 >= s.n) return -1;
    for (size_t i = at + 1; i <= at + 2; i++) {
        char c = hp_lower(s.p[i]);
        if (!hp_is_digit(c) && (c < 'a' || c > 'f')) return -1;
        value = value * 16 + (hp_is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    return value;
}

/* Appends one segment of a path to `out` (which has room), normalised; "." adds nothing and ".." takes the
 * last one back. */
static void add_segment(char *out, size_t *n, hp_str segment) {
    if (segment.n == 0 || hp_str_eq(segment, HP_S("."))) return;
    if (hp_str_eq(segment, HP_S(".."))) {
        while (*n && out[*n - 1] != '/') --*n;
        if (*n) --*n;
        return;
    }
    if (*n) out[(*n)++] = '/';
    for (size_t i = 0; i < segment.n; i++) {
        int code = segment.p[i] == '%' ? percent(segment, i) : -1;
        if (code >= 0) i += 2;
        out[(*n)++] = hp_lower(code >= 0 ? (char)code : segment.p[i]);
    }
}

static void add_path(char *out, size_t *n, hp_str path) {
    for (size_t from = 0, i = 0; i <= path.n; i++) {
        if (i < path.n && path.p[i] != '/' && path.p[i] != '\\') continue;
        add_segment(out, n, hp_str_cut(path, from, i));
        from = i + 1;
    }
}

hp_str hp_part_resolve(hp_arena *a, hp_str folder, hp_str name) {
    char *out = hp_arena_raw(a, folder.n + name.n + 2);
    if (!out) return (hp_str){NULL, 0};
    size_t n = 0;
    bool absolute = name.n && (name.p[0] == '/' || name.p[0] == '\\');
    if (!absolute) add_path(out, &n, folder);
    add_path(out, &n, name);
    return (hp_str){out, n};
}

/* Makes the parts findable; folders are none. */
static bool index_names(hp_zip *z) {
    for (size_t i = 0; i < z->n; i++) {
        if (!z->entry[i].folder && !hp_smap_put(&z->by_name, z->entry[i].name, (uint32_t)i)) return false;
    }
    return true;
}

static hp_code open_directory(hp_zip *z, hp_err *err) {
    HP_TRY(hp_zip_dir_read(z->bytes, z->file, z->arena, &z->entry, &z->n, err));
    z->begun = HP_NEW_ARRAY(z->arena, z->n, atomic_bool);
    return z->begun && index_names(z) ? HP_OK : hp_fail_memory(err, "the directory of a workbook");
}

hp_code hp_zip_open(hp_str bytes, hp_str file, hp_zip **out, hp_err *err) {
    hp_zip *z = hp_calloc(1, sizeof *z);
    if (!z) return hp_fail_memory(err, "a workbook");
    z->file = file;
    z->bytes = bytes;
    z->arena = hp_arena_new(NULL);
    hp_code code = z->arena ? open_directory(z, err) : hp_fail_memory(err, "a workbook");
    if (code != HP_OK) {
        hp_zip_close(z);
        return code;
    }
    *out = z;
    return HP_OK;
}

size_t hp_zip_count(const hp_zip *z) { return z->n; }

hp_str hp_zip_name(const hp_zip *z, size_t entry) { return z->entry[entry].name; }

uint64_t hp_zip_size(const hp_zip *z, size_t entry) { return z->entry[entry].size; }

hp_zip_lying hp_zip_lies(const hp_zip *z, size_t entry) {
    const hp_zip_entry *e = &z->entry[entry];
    return (hp_zip_lying){.name = e->raw,
                          .packed = {z->bytes.p + e->data, e->packed},
                          .size = e->size,
                          .crc = e->crc,
                          .when = hp_le32(z->bytes.p + e->central + 12),
                          .method = e->method,
                          .flags = e->flags};
}

bool hp_zip_find(const hp_zip *z, hp_str part, size_t *entry) {
    uint32_t found;
    if (!hp_smap_get(&z->by_name, part, &found)) return false;
    *entry = found;
    return true;
}

hp_code hp_zip_fail_part(const hp_zip *z, size_t entry, uint64_t at, hp_err *err, const char *why) {
    hp_str name = hp_str_cut(z->entry[entry].name, 0, 200);
    return hp_fail(err, HP_DATA, "%.*s: part %.*s %s (byte %llu); " MEND, HP_FMT(z->file), HP_FMT(name), why,
                   (unsigned long long)at);
}

static hp_code check_method(const hp_zip *z, size_t entry, hp_err *err) {
    const hp_zip_entry *e = &z->entry[entry];
    if (e->flags & HP_ZIP_ENCRYPTED) {
        return hp_fail(
            err, HP_DATA,
            "%.*s: is a password-protected zip (byte %llu); save the workbook as .xlsx without a password",
            HP_FMT(z->file), (unsigned long long)e->local);
    }
    if (e->method != HP_ZIP_STORED && e->method != HP_ZIP_DEFLATED)
        return hp_zip_fail_part(z, entry, e->local, err, "is packed by a method that workbooks do not use");
    return HP_OK;
}

/* RFC 1951: a code of at least one bit stands for at most 258 bytes, so that nothing inflates more than 1,032
 * times. */
static bool plausible(const hp_zip_entry *e) {
    return e->method == HP_ZIP_STORED ? e->size == e->packed : e->size / 1032 <= e->packed;
}

static hp_code check_size(const hp_zip *z, size_t entry, hp_err *err) {
    const hp_zip_entry *e = &z->entry[entry];
    hp_str name = hp_str_cut(e->name, 0, 200);
    unsigned long long size = e->size, packed = e->packed;
    if (e->size > HP_LIMIT_PART_BYTES) {
        return hp_fail_limit(
            err, HP_L_PART_BYTES,
            "%.*s: part %.*s has %llu bytes inflated (byte %llu), the limit is %llu; split the sheet",
            HP_FMT(z->file), HP_FMT(name), size, (unsigned long long)e->central,
            (unsigned long long)HP_LIMIT_PART_BYTES);
    }
    if (e->size > HP_LIMIT_INFLATE_RATIO_FROM && e->size / HP_LIMIT_INFLATE_RATIO > e->packed) {
        return hp_fail_limit(
            err, HP_L_INFLATE_RATIO,
            "%.*s: part %.*s would inflate from %llu to %llu bytes, more than %u times (byte %llu); no honest workbook does: check where it comes from",
            HP_FMT(z->file), HP_FMT(name), packed, size, HP_LIMIT_INFLATE_RATIO,
            (unsigned long long)e->central);
    }
    return plausible(e) ? HP_OK : hp_zip_fail_part(z, entry, e->central, err, "declares a false size");
}

static hp_code check_sum(const hp_zip *z, size_t entry, uint64_t sum, hp_err *err) {
    const hp_zip_entry *e = &z->entry[entry];
    hp_str name = hp_str_cut(e->name, 0, 200);
    if (sum > HP_LIMIT_INFLATED_BYTES) {
        return hp_fail_limit(
            err, HP_L_INFLATED_BYTES,
            "%.*s: its parts inflate to more than %llu bytes (part %.*s, byte %llu); split the workbook",
            HP_FMT(z->file), (unsigned long long)HP_LIMIT_INFLATED_BYTES, HP_FMT(name),
            (unsigned long long)e->local);
    }
    if (sum <= HP_LIMIT_INFLATE_RATIO_FROM || sum / HP_LIMIT_INFLATE_RATIO <= z->bytes.n) return HP_OK;
    return hp_fail_limit(
        err, HP_L_INFLATE_RATIO,
        "%.*s: its parts inflate to more than %u times its size (part %.*s, byte %llu); no honest workbook does: check where it comes from",
        HP_FMT(z->file), HP_LIMIT_INFLATE_RATIO, HP_FMT(name), (unsigned long long)e->local);
}

/* Counts what the whole zip inflates to, each entry once: many parts keep within their ratio, and all
 * together do not. No sum overflows, as parts share no bytes and none inflates more than 1,032 times. */
static hp_code count_inflated(hp_zip *z, size_t entry, hp_err *err) {
    if (atomic_exchange(&z->begun[entry], true)) return HP_OK;
    uint64_t size = z->entry[entry].size;
    hp_code code = check_sum(z, entry, atomic_fetch_add(&z->inflated, size) + size, err);
    if (code == HP_OK) return HP_OK;
    atomic_fetch_sub(&z->inflated, size); /* or the next try would pass */
    atomic_store(&z->begun[entry], false);
    return code;
}

hp_code hp_zip_begin_entry(hp_zip *z, size_t entry, hp_err *err) {
    HP_TRY(check_method(z, entry, err));
    HP_TRY(check_size(z, entry, err));
    return count_inflated(z, entry, err);
}

static hp_code inflate(const hp_zip *z, size_t entry, char *to, hp_err *err) {
    const hp_zip_entry *e = &z->entry[entry];
    struct libdeflate_decompressor *inflater = libdeflate_alloc_decompressor();
    if (!inflater) return hp_fail_memory(err, "a part of a workbook");
    size_t in = 0, out = 0;
    enum libdeflate_result r =
        libdeflate_deflate_decompress_ex(inflater, z->bytes.p + e->data, e->packed, to, e->size, &in, &out);
    libdeflate_free_decompressor(inflater);
    if (r == LIBDEFLATE_INSUFFICIENT_SPACE)
        return hp_zip_fail_part(z, entry, e->data, err, "is longer than it declares");
    if (r != LIBDEFLATE_SUCCESS) return hp_zip_fail_part(z, entry, e->data, err, "is damaged");
    if (out != e->size) return hp_zip_fail_part(z, entry, e->data, err, "is shorter than it declares");
    return in == e->packed ? HP_OK
                           : hp_zip_fail_part(z, entry, e->data + in, err, "has packed bytes left over");
}

hp_code hp_zip_read(hp_zip *z, size_t entry, hp_part *out, hp_err *err) {
    HP_TRY(hp_zip_begin_entry(z, entry, err));
    const hp_zip_entry *e = &z->entry[entry];
    hp_autofree char *bytes = hp_malloc(e->size);
    if (!bytes) return hp_fail_memory(err, "a part of a workbook");
    if (e->method == HP_ZIP_DEFLATED)
        HP_TRY(inflate(z, entry, bytes, err));
    else
        memcpy(bytes, z->bytes.p + e->data, e->size);
    if (libdeflate_crc32(0, bytes, e->size) != e->crc)
        return hp_zip_fail_part(z, entry, e->data, err, "is damaged (its checksum does not match)");
    *out = (hp_part){e->name, {bytes, e->size}, bytes};
    bytes = NULL;
    return HP_OK;
}

hp_code hp_zip_read_xml(hp_zip *z, size_t entry, hp_part *out, hp_err *err) {
    hp_autopart part = {0};
    HP_TRY(hp_zip_read(z, entry, &part, err));
    size_t bom;
    hp_encoding e = hp_encoding_of_xml(part.bytes, &bom);
    if (e != HP_ENC_UTF8) {
        hp_autobuf utf8 = hp_buf_new(HP_LIMIT_PART_BYTES);
        hp_encoding_decode(e, hp_str_cut(part.bytes, bom, part.bytes.n), &utf8);
        HP_TRY(hp_buf_check(&utf8, "a part of a workbook in UTF-8", err));
        hp_free(part.heap);
        part.heap = utf8.p;
        part.bytes = hp_buf_str(&utf8);
        utf8 = hp_buf_new(0);
    }
    *out = part;
    part = (hp_part){0};
    return HP_OK;
}
