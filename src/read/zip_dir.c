#include "read/zip_dir.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/map.h"
#include "base/mem.h"
#include "read/zip.h"

#include "base/banned.h"

/* Records of PKWARE's APPNOTE.TXT 6.3.10: 4.3.7 local header, 4.3.12 central header, 4.3.14 zip64 end,
 * 4.3.15 its locator, 4.3.16 end. Lengths are without what varies. */
#define LOCAL         0x04034b50u
#define LOCAL_BYTES   30u
#define CENTRAL       0x02014b50u
#define CENTRAL_BYTES 46u
#define END           0x06054b50u
#define END_BYTES     22u
#define END64         0x06064b50u
#define END64_BYTES   56u
#define LOCATOR       0x07064b50u
#define LOCATOR_BYTES 20u

#define MEND     HP_ZIP_MEND
#define MISTRUST HP_ZIP_MISTRUST

/* What the end of the file says, and where the directory is in truth. */
typedef struct directory {
    hp_str bytes, file;
    hp_arena *a;
    uint64_t count, size, offset; /* as declared */
    uint64_t end;                 /* of the directory: the first record behind it */
    uint64_t prefix;              /* bytes before the zip, which its offsets do not count */
    uint64_t at;                  /* of the directory in the file */
} directory;

static uint32_t get16(hp_str s, uint64_t at) { return hp_le16(s.p + at); }

static uint32_t get32(hp_str s, uint64_t at) { return hp_le32(s.p + at); }

static uint64_t get64(hp_str s, uint64_t at) { return hp_le64(s.p + at); }

/* Tells whether a record of `bytes` bytes with this signature is at a place. */
static bool is_at(hp_str s, uint64_t at, uint32_t signature, uint64_t bytes) {
    return at <= s.n && s.n - at >= bytes && get32(s, at) == signature;
}

static hp_code fail_dir(const directory *d, uint64_t at, hp_err *err, const char *why) {
    return hp_fail(err, HP_DATA, "%.*s: the zip directory is damaged: %s (byte %llu); " MEND, HP_FMT(d->file),
                   why, (unsigned long long)at);
}

static hp_code fail_entry(const directory *d, const hp_zip_entry *e, uint64_t at, hp_err *err,
                          const char *why) {
    hp_str shown = hp_str_cut(e->name.p ? e->name : e->raw, 0, 200);
    return hp_fail(err, HP_DATA, "%.*s: part %.*s %s (byte %llu); " MEND, HP_FMT(d->file), HP_FMT(shown), why,
                   (unsigned long long)at);
}

/* Finds the end record: the last one whose comment ends the file, or else (mail programs append line ends)
 * the last one whose comment fits. */
static bool find_end(hp_str s, uint64_t *at) {
    bool fits = false;
    if (s.n < END_BYTES) return false;
    size_t last = s.n - END_BYTES, first = last > 0xFFFF ? last - 0xFFFF : 0;
    for (size_t i = last + 1; i-- > first;) {
        if (s.p[i] != 'P' || !is_at(s, i, END, END_BYTES)) continue;
        size_t comment = get16(s, i + 20);
        if (comment > last - i || (fits && comment != last - i)) continue;
        *at = i;
        fits = true;
        if (comment == last - i) break;
    }
    return fits;
}

/* Takes a field of the zip64 end record; where the plain one has room for the truth, both have to say the
 * same. */
static bool agree(uint64_t *plain, uint64_t saturated, uint64_t wide) {
    if (*plain != saturated && *plain != wide) return false;
    *plain = wide;
    return true;
}

/* Finds the zip64 end record: where the locator says, or right before the locator when bytes were put before
 * the zip. */
static bool find_end64(const directory *d, uint64_t locator, uint64_t *at) {
    *at = get64(d->bytes, locator + 8);
    if (*at < locator && is_at(d->bytes, *at, END64, END64_BYTES)) return true;
    if (locator < END64_BYTES) return false;
    *at = locator - END64_BYTES;
    return is_at(d->bytes, *at, END64, END64_BYTES);
}

static hp_code read_end64(directory *d, uint64_t end, hp_err *err) {
    bool full = d->count == 0xFFFF || d->size == UINT32_MAX || d->offset == UINT32_MAX;
    uint64_t locator = end - LOCATOR_BYTES, at;
    if (end < LOCATOR_BYTES || !is_at(d->bytes, locator, LOCATOR, LOCATOR_BYTES)) return HP_OK;
    if (!find_end64(d, locator, &at)) {
        return full ? fail_dir(d, locator, err, "its zip64 record is not where it should be") : HP_OK;
    }
    if (get32(d->bytes, locator + 16) > 1 || get32(d->bytes, at + 16) != 0 || get32(d->bytes, at + 20) != 0
        || get64(d->bytes, at + 24) != get64(d->bytes, at + 32))
        return fail_dir(d, at, err, "it is one disk of several");
    if (!agree(&d->count, 0xFFFF, get64(d->bytes, at + 32))
        || !agree(&d->size, UINT32_MAX, get64(d->bytes, at + 40))
        || !agree(&d->offset, UINT32_MAX, get64(d->bytes, at + 48)))
        return fail_dir(d, at, err, "its two end records differ");
    d->end = at;
    return HP_OK;
}

/* Finds out where the directory is: right before the end record, so that bytes before the zip (a
 * self-extracting program) are noticed; or where it says, when something stands between it and the end. */
static hp_code place(directory *d, hp_err *err) {
    if (d->size > d->end) return fail_dir(d, d->end, err, "it declares to be longer than the file");
    uint64_t before = d->end - d->size;
    bool here = d->count == 0 || is_at(d->bytes, before, CENTRAL, CENTRAL_BYTES);
    if (d->offset <= before && here) {
        d->at = before;
        d->prefix = before - d->offset;
        return HP_OK;
    }
    if (d->offset > before || !is_at(d->bytes, d->offset, CENTRAL, CENTRAL_BYTES))
        return fail_dir(d, d->end, err, "it does not begin where it says");
    d->at = d->offset;
    return HP_OK;
}

static hp_code read_end(directory *d, hp_err *err) {
    uint64_t at = 0; /* gcc at -O3 does not see that find_end sets it */
    if (!find_end(d->bytes, &at)) {
        return hp_fail(err, HP_DATA,
                       "%.*s: " HP_ZIP_NONE ": the zip directory at its end is missing (byte %zu); " MEND,
                       HP_FMT(d->file), d->bytes.n);
    }
    d->count = get16(d->bytes, at + 10);
    d->size = get32(d->bytes, at + 12);
    d->offset = get32(d->bytes, at + 16);
    d->end = at;
    uint32_t disk = get16(d->bytes, at + 4), first = get16(d->bytes, at + 6), here = get16(d->bytes, at + 8);
    if ((disk && disk != 0xFFFF) || (first && first != 0xFFFF) || (here != d->count && here != 0xFFFF))
        return fail_dir(d, at, err, "it is one disk of several");
    HP_TRY(read_end64(d, at, err));
    if (d->count > HP_LIMIT_ZIP_ENTRIES) {
        return hp_fail_limit(
            err, HP_L_ZIP_ENTRIES,
            "%.*s: has %llu zip entries (byte %llu), the limit is %u; no workbook needs so many: check where it comes from",
            HP_FMT(d->file), (unsigned long long)d->count, (unsigned long long)d->end, HP_LIMIT_ZIP_ENTRIES);
    }
    HP_TRY(place(d, err));
    if (d->count > d->size / CENTRAL_BYTES)
        return fail_dir(d, at, err, "it declares more entries than fit into it");
    return HP_OK;
}

/* Replaces a field that has no room for the truth by the next one of the zip64 extra field. */
static bool widen(hp_str extra, uint64_t *at, uint64_t *field) {
    if (*field != UINT32_MAX) return true;
    if (extra.n - *at < 8) return false;
    *field = get64(extra, *at);
    *at += 8;
    return true;
}

/* Looks for the zip64 extra field (APPNOTE.TXT 4.5.3): only what is full in the header is in it, in this
 * order. A file of 4 GiB less a byte has full fields and needs none. */
static bool read_extra(hp_str extra, hp_zip_entry *e) {
    for (uint64_t at = 0; extra.n - at >= 4;) {
        uint32_t id = get16(extra, at), n = get16(extra, at + 2);
        at += 4;
        if (n > extra.n - at) return true; /* padding of some programs: none of our business */
        hp_str field = hp_str_cut(extra, at, at + n);
        uint64_t in = 0;
        if (id == 1)
            return widen(field, &in, &e->size) && widen(field, &in, &e->packed)
                   && widen(field, &in, &e->local);
        at += n;
    }
    return true;
}

/* Tells what is wrong with a name, or NULL. Nothing is ever written under these names; but only what wants to
 * mislead has them. */
static const char *name_fault(hp_str name) {
    if (name.n == 0) return "has no name";
    if (memchr(name.p, 0, name.n)) return "has a NUL in its name";
    if (name.p[0] == '/' || name.p[0] == '\\') return "has an absolute path for its name";
    if (name.n > 1 && hp_is_alpha(name.p[0]) && name.p[1] == ':') return "has a drive letter in its name";
    for (size_t from = 0, i = 0; i <= name.n; i++) {
        if (i < name.n && name.p[i] != '/' && name.p[i] != '\\') continue;
        if (hp_str_eq(hp_str_cut(name, from, i), HP_S(".."))) return "has a name that leaves the workbook";
        from = i + 1;
    }
    return NULL;
}

static hp_code read_name(const directory *d, hp_zip_entry *e, hp_err *err) {
    const char *fault = name_fault(e->raw);
    if (fault) return fail_entry(d, e, e->central, err, fault);
    e->name = hp_part_resolve(d->a, HP_S(""), e->raw);
    if (!e->name.p) return hp_fail_memory(err, "the directory of a workbook");
    fault = name_fault(e->name); /* what was written as %XX */
    char last = e->raw.p[e->raw.n - 1];
    e->folder = last == '/' || last == '\\';
    return fault && !e->folder ? fail_entry(d, e, e->central, err, fault) : HP_OK;
}

/* Reads a central header at *at and goes behind it. */
static hp_code read_central(const directory *d, uint64_t *at, hp_zip_entry *e, hp_err *err) {
    uint64_t stop = d->at + d->size;
    hp_str s = d->bytes;
    if (stop - *at < CENTRAL_BYTES || !is_at(s, *at, CENTRAL, CENTRAL_BYTES))
        return fail_dir(d, *at, err, "it has fewer entries than it declares");
    uint64_t p = *at, name = get16(s, p + 28), extra = get16(s, p + 30), comment = get16(s, p + 32);
    if (stop - p - CENTRAL_BYTES < name + extra + comment)
        return fail_dir(d, p, err, "an entry is cut short");
    *e = (hp_zip_entry){.central = p,
                        .flags = (uint16_t)get16(s, p + 8),
                        .method = (uint16_t)get16(s, p + 10),
                        .crc = get32(s, p + 16),
                        .packed = get32(s, p + 20),
                        .size = get32(s, p + 24),
                        .local = get32(s, p + 42)};
    e->raw = hp_str_cut(s, p + CENTRAL_BYTES, p + CENTRAL_BYTES + name);
    hp_str more = hp_str_cut(s, p + CENTRAL_BYTES + name, p + CENTRAL_BYTES + name + extra);
    uint32_t disk = get16(s, p + 34);
    *at = p + CENTRAL_BYTES + name + extra + comment;
    if (disk && disk != 0xFFFF) return fail_dir(d, p, err, "it is one disk of several");
    HP_TRY(read_name(d, e, err));
    return read_extra(more, e) ? HP_OK : fail_entry(d, e, p, err, "has sizes that are cut short");
}

/* Holds the local header against the central one, and finds the packed bytes behind it. Sizes and checksum
 * may be missing there (a data descriptor follows the bytes), so that those of the directory hold. */
static hp_code read_local(const directory *d, hp_zip_entry *e, hp_err *err) {
    hp_str s = d->bytes;
    if (e->local > d->at - d->prefix)
        return fail_entry(d, e, e->central, err, "is beyond the end of the file");
    e->local += d->prefix;
    if (d->at - e->local < LOCAL_BYTES || !is_at(s, e->local, LOCAL, LOCAL_BYTES))
        return fail_entry(d, e, e->local, err, "is not where the zip directory says");
    uint64_t name = get16(s, e->local + 26), extra = get16(s, e->local + 28);
    if (d->at - e->local - LOCAL_BYTES < name + extra)
        return fail_entry(d, e, e->local, err, "is beyond the end of the file");
    e->data = e->local + LOCAL_BYTES + name + extra;
    if (e->packed > d->at - e->data) return fail_entry(d, e, e->data, err, "is longer than the file");
    if (!hp_str_eq(hp_str_cut(s, e->local + LOCAL_BYTES, e->local + LOCAL_BYTES + name), e->raw))
        return fail_entry(d, e, e->local, err, "has another name where its bytes are");
    if (get16(s, e->local + 8) != e->method)
        return fail_entry(d, e, e->local, err, "is packed by another method than the zip directory says");
    if ((get16(s, e->local + 6) ^ e->flags) & HP_ZIP_ENCRYPTED)
        return fail_entry(d, e, e->local, err, "is encrypted or not: its two headers differ");
    return HP_OK;
}

static int by_place(const void *a, const void *b) {
    const hp_zip_entry *x = *(const hp_zip_entry *const *)a, *y = *(const hp_zip_entry *const *)b;
    if (x->local != y->local) return x->local < y->local ? -1 : 1;
    return x->central < y->central ? -1 : 1;
}

/* Refuses entries that share bytes: that is how a small file inflates to any size. */
static hp_code check_overlap(const directory *d, const hp_zip_entry *entry, size_t n, hp_err *err) {
    hp_autofree const hp_zip_entry **sorted = hp_calloc(n, sizeof *sorted);
    if (!sorted && n) return hp_fail_memory(err, "the directory of a workbook");
    for (size_t i = 0; i < n; i++) sorted[i] = &entry[i];
    if (n) qsort(sorted, n, sizeof *sorted, by_place);
    for (size_t i = 1; i < n; i++) {
        const hp_zip_entry *one = sorted[i - 1], *other = sorted[i];
        if (one->data + one->packed <= other->local) continue;
        hp_str name = hp_str_cut(other->name, 0, 200), before = hp_str_cut(one->name, 0, 200);
        return hp_fail(err, HP_DATA, "%.*s: part %.*s shares bytes with part %.*s (byte %llu); " MISTRUST,
                       HP_FMT(d->file), HP_FMT(name), HP_FMT(before), (unsigned long long)other->local);
    }
    return HP_OK;
}

/* Refuses two parts of one name (ECMA-376 part 2, 6.2.2.3: case does not count): programs would disagree
 * which of them is meant. Folders are no parts, and honest programs do repeat them. */
static hp_code check_names(const directory *d, const hp_zip_entry *entry, size_t n, hp_err *err) {
    hp_smap seen = {0};
    hp_code code = HP_OK;
    for (size_t i = 0; i < n && code == HP_OK; i++) {
        uint32_t first = 0;
        bool added = true;
        if (entry[i].folder) continue;
        if (!hp_smap_add(&seen, entry[i].name, (uint32_t)i, &first, &added))
            code = hp_fail_memory(err, "the directory of a workbook");
        else if (!added)
            code = fail_entry(d, &entry[i], entry[i].central, err, "is there twice");
    }
    hp_smap_free(&seen);
    return code;
}

hp_code hp_zip_dir_read(hp_str bytes, hp_str file, hp_arena *a, hp_zip_entry **out, size_t *n, hp_err *err) {
    directory d = {.bytes = bytes, .file = file, .a = a};
    HP_TRY(read_end(&d, err));
    hp_zip_entry *entry = HP_NEW_ARRAY(a, d.count, hp_zip_entry);
    if (!entry) return hp_fail_memory(err, "the directory of a workbook");
    uint64_t at = d.at;
    for (uint64_t i = 0; i < d.count; i++) {
        HP_TRY(read_central(&d, &at, &entry[i], err));
        HP_TRY(read_local(&d, &entry[i], err));
    }
    if (at != d.at + d.size) return fail_dir(&d, at, err, "it has more in it than the entries it declares");
    HP_TRY(check_overlap(&d, entry, d.count, err));
    HP_TRY(check_names(&d, entry, d.count, err));
    *out = entry;
    *n = d.count;
    return HP_OK;
}
