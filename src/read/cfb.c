#include "read/cfb.h"

#include "base/bytes.h"
#include "base/mem.h"

#include "base/banned.h"

/* Sector numbers with a meaning of their own (MS-CFB 2.1). */
#define LAST_SECTOR  0xFFFFFFFAu
#define END_OF_CHAIN 0xFFFFFFFEu
#define FREE_SECTOR  0xFFFFFFFFu
/* Shape of header and directory entries (MS-CFB 2.2 and 2.6.1). */
enum { HEADER_BYTES = 512, HEADER_DIFAT = 109, ENTRY_BYTES = 128, MINI_SHIFT = 6, NAME_UNITS = 32 };
enum { TYPE_STREAM = 2, TYPE_ROOT = 5 };

/* An entry of the directory that stands in the root. */
typedef struct entry {
    char name[NAME_UNITS]; /* its units as ASCII letters in lower case; others as 0x7F */
    uint32_t start;
    uint64_t size;
} entry;

struct hp_cfb {
    hp_str bytes, name;
    unsigned shift;      /* a sector has 1 << shift bytes: 9 or 12 */
    uint32_t sectors;    /* in the file, the last one perhaps cut short */
    uint32_t *fat;       /* for each sector the next one of its chain */
    uint32_t nfat;       /* numbers in it; at most `sectors` */
    uint32_t mini_limit; /* streams shorter than this are in the mini stream */
    uint32_t mini_fat_start, root_start;
    uint64_t root_size;
    entry *entry;
    size_t nentry;
    uint32_t *mini_fat; /* read when the first mini stream is opened */
    uint32_t nmini_fat;
    uint32_t *mini_sector; /* sectors of the mini stream */
};

#define MEND "the file is damaged: open it in a spreadsheet program and save it again, or get a fresh copy"

bool hp_cfb_is(hp_str bytes) { return hp_str_starts(bytes, HP_S("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")); }

/* Returns where a sector begins: the header takes the room of one. */
static uint64_t offset_of(const hp_cfb *c, uint32_t sector) { return ((uint64_t)sector + 1) << c->shift; }

static hp_code fail_at(const hp_cfb *c, uint64_t offset, hp_err *err, const char *why) {
    return hp_fail(err, HP_DATA, "%.*s: byte %llu: %s; " MEND, HP_FMT(c->name), (unsigned long long)offset,
                   why);
}

/* Views a whole sector; NULL when the file does not have all of it. */
static const char *sector_at(const hp_cfb *c, uint32_t sector) {
    uint64_t from = offset_of(c, sector);
    return sector < c->sectors && c->bytes.n - from >= (size_t)1 << c->shift ? c->bytes.p + from : NULL;
}

static hp_code read_header(hp_cfb *c, hp_err *err) {
    const char *h = c->bytes.p;
    if (c->bytes.n < HEADER_BYTES)
        return fail_at(c, c->bytes.n, err, "the file ends in the header of a compound file");
    uint32_t version = hp_le16(h + 26);
    c->shift = hp_le16(h + 30);
    bool known = (version == 3 && c->shift == 9) || (version == 4 && c->shift == 12);
    if (!known || hp_le16(h + 28) != 0xFFFE || hp_le16(h + 32) != MINI_SHIFT)
        return fail_at(c, 26, err, "the header of a compound file says what no such file can be");
    c->mini_limit = hp_le32(h + 56);
    c->mini_fat_start = hp_le32(h + 60);
    uint64_t size = (uint64_t)1 << c->shift;
    uint64_t sectors = c->bytes.n > size ? (c->bytes.n - size + size - 1) >> c->shift : 0;
    c->sectors = sectors < LAST_SECTOR ? (uint32_t)sectors : LAST_SECTOR;
    return c->sectors ? HP_OK : fail_at(c, c->bytes.n, err, "the compound file has no sectors");
}

/* ---- the sector table ---- */

/* Appends the numbers of one sector of the table. */
static hp_code add_fat_sector(hp_cfb *c, uint32_t sector, hp_err *err) {
    const char *p = sector_at(c, sector);
    if (!p) return fail_at(c, offset_of(c, sector), err, "the sector table lies outside of the file");
    uint32_t n = 1u << (c->shift - 2);
    for (uint32_t i = 0; i < n && c->nfat < c->sectors; i++) c->fat[c->nfat++] = hp_le32(p + (size_t)4 * i);
    return HP_OK;
}

/* Appends the sectors of the table that `n` numbers at `p` name; unused numbers end them. */
static hp_code add_difat(hp_cfb *c, const char *p, uint32_t n, hp_err *err) {
    for (uint32_t i = 0; i < n && c->nfat < c->sectors; i++) {
        uint32_t sector = hp_le32(p + (size_t)4 * i);
        if (sector < LAST_SECTOR) HP_TRY(add_fat_sector(c, sector, err));
    }
    return HP_OK;
}

/* Reads where the sector table is: 109 numbers in the header, more in a chain of sectors (MS-CFB 2.5). Each
 * of those names so many sectors of the table that only few can be needed: that bounds a chain that runs in a
 * circle. */
static hp_code read_fat(hp_cfb *c, hp_err *err) {
    c->fat = hp_calloc(c->sectors, sizeof *c->fat);
    if (!c->fat) return hp_fail_memory(err, "the sector table of a compound file");
    HP_TRY(add_difat(c, c->bytes.p + 76, HEADER_DIFAT, err));
    uint32_t n = (1u << (c->shift - 2)) - 1;
    uint32_t most = c->sectors / n / (n + 1) + 2;
    for (uint32_t sector = hp_le32(c->bytes.p + 68); sector < LAST_SECTOR && c->nfat < c->sectors; most--) {
        const char *p = sector_at(c, sector);
        if (!p || most == 0)
            return fail_at(c, 68, err, "the list of the sector table leaves the file or runs in a circle");
        HP_TRY(add_difat(c, p, n, err));
        sector = hp_le32(p + (size_t)4 * n);
    }
    return HP_OK;
}

/* The sectors of a chain in their order; on the heap. */
typedef struct chain {
    uint32_t *sector;
    uint32_t n;
} chain;

/* Follows a chain in `table` (of n numbers) from `start` up to its end, or up to `max` sectors when it is
 * known how many are needed. `what` names the chain. The list is the caller's to free. */
static hp_code follow(const hp_cfb *c, const uint32_t *table, uint32_t n, uint32_t start, uint64_t max,
                      const char *what, chain *out, hp_err *err) {
    uint32_t count = 0, at;
    /* Counted first, so that the list is no longer than the chain. More steps than sectors: a circle. */
    for (at = start; at < n && count < n && count < max; at = table[at]) count++;
    if (max == UINT64_MAX ? at != END_OF_CHAIN && at != FREE_SECTOR : count < max) {
        return hp_fail(
            err, HP_DATA,
            "%.*s: the chain of sectors of %s, from %s %u (byte %llu), %s after %u of them; " MEND,
            HP_FMT(c->name), what, table == c->fat ? "sector" : "mini sector", start,
            (unsigned long long)(table == c->fat ? offset_of(c, start) : (uint64_t)start << MINI_SHIFT),
            count == n          ? "runs in a circle"
            : at >= LAST_SECTOR ? "ends early"
                                : "leaves the file",
            count);
    }
    out->sector = hp_calloc((size_t)count + 1, sizeof *out->sector);
    if (!out->sector) return hp_fail_memory(err, "a stream of a compound file");
    out->n = 0;
    for (at = start; out->n < count; at = table[at]) out->sector[out->n++] = at;
    return HP_OK;
}

/* Tells whether a list of sectors names one twice: a circle that was long enough for its stream. */
static hp_code check_distinct(const hp_cfb *c, const chain *list, uint32_t n, const char *what, hp_err *err) {
    hp_autofree uint8_t *seen = hp_calloc((size_t)n / 8 + 1, 1);
    if (!seen) return hp_fail_memory(err, "a stream of a compound file");
    for (uint32_t i = 0; i < list->n; i++) {
        uint32_t s = list->sector[i];
        if (seen[s / 8] >> (s % 8) & 1)
            return hp_fail(
                err, HP_DATA,
                "%.*s: the chain of sectors of %s runs in a circle, back to sector %u (byte %llu); " MEND,
                HP_FMT(c->name), what, s, (unsigned long long)offset_of(c, s));
        seen[s / 8] |= (uint8_t)(1u << (s % 8));
    }
    return HP_OK;
}

/* ---- the directory ---- */

/* Reads the name of an entry into letters that can be compared. */
static void read_name(const char *p, entry *e) {
    uint32_t bytes = hp_le16(p + 64);
    uint32_t units = bytes >= 2 && bytes <= 2 * NAME_UNITS ? bytes / 2 - 1 : 0;
    for (uint32_t i = 0; i < units; i++) {
        uint32_t u = hp_le16(p + (size_t)2 * i);
        e->name[i] = u > 0 && u < 0x7F ? hp_lower((char)u) : 0x7F;
    }
}

/* Hands out directory entries by their number. */
typedef struct directory {
    chain list;
    uint32_t n;     /* entries */
    uint8_t *seen;  /* one bit an entry */
    uint32_t *todo; /* entries to be looked at */
    uint32_t ntodo;
} directory;

static const char *entry_at(const hp_cfb *c, const directory *d, uint32_t id) {
    uint32_t each = (1u << c->shift) / ENTRY_BYTES;
    const char *p = sector_at(c, d->list.sector[id / each]);
    return p ? p + (size_t)(id % each) * ENTRY_BYTES : NULL;
}

/* Puts an entry on the list unless it is none or was there before: the tree of a damaged file may be none. */
static void visit(directory *d, uint32_t id) {
    if (id >= d->n || (d->seen[id / 8] >> (id % 8) & 1)) return;
    d->seen[id / 8] |= (uint8_t)(1u << (id % 8));
    d->todo[d->ntodo++] = id;
}

/* Keeps the streams among the children of the root: those in other storages are parts of other documents. */
static hp_code walk(hp_cfb *c, directory *d, hp_err *err) {
    const char *root = entry_at(c, d, 0);
    if (!root || root[66] != TYPE_ROOT)
        return fail_at(c, 48, err, "the directory of the compound file has no root");
    c->root_start = hp_le32(root + 116);
    c->root_size = hp_le64(root + 120);
    if (c->shift == 9) c->root_size &= UINT32_MAX; /* MS-CFB 2.6.3: the upper half may be anything */
    visit(d, hp_le32(root + 76));
    while (d->ntodo) {
        uint32_t id = d->todo[--d->ntodo];
        const char *p = entry_at(c, d, id);
        if (!p) return fail_at(c, c->bytes.n, err, "the directory of the compound file is cut short");
        visit(d, hp_le32(p + 68));
        visit(d, hp_le32(p + 72));
        if (p[66] != TYPE_STREAM) continue;
        entry *e = &c->entry[c->nentry++];
        read_name(p, e);
        e->start = hp_le32(p + 116);
        e->size = hp_le64(p + 120);
        if (c->shift == 9) e->size &= UINT32_MAX;
    }
    return HP_OK;
}

static hp_code read_entries(hp_cfb *c, directory *d, hp_err *err) {
    uint64_t n = (uint64_t)d->list.n << (c->shift - 7);
    d->n = n < LAST_SECTOR ? (uint32_t)n : LAST_SECTOR;
    if (d->n == 0) return fail_at(c, 48, err, "the compound file has no directory");
    c->entry = hp_calloc(d->n, sizeof *c->entry);
    d->seen = hp_calloc((size_t)d->n / 8 + 1, 1);
    d->todo = hp_calloc(d->n, sizeof *d->todo);
    if (!c->entry || !d->seen || !d->todo) return hp_fail_memory(err, "the directory of a compound file");
    return walk(c, d, err);
}

static hp_code read_directory(hp_cfb *c, hp_err *err) {
    directory d = {0};
    hp_code code =
        follow(c, c->fat, c->nfat, hp_le32(c->bytes.p + 48), UINT64_MAX, "the directory", &d.list, err);
    if (code == HP_OK) code = read_entries(c, &d, err);
    hp_free(d.list.sector);
    hp_free(d.seen);
    hp_free(d.todo);
    return code;
}

/* ---- open, close ---- */

void hp_cfb_close(hp_cfb *c) {
    if (!c) return;
    hp_free(c->fat);
    hp_free(c->entry);
    hp_free(c->mini_fat);
    hp_free(c->mini_sector);
    hp_free(c);
}

hp_code hp_cfb_open(hp_str bytes, hp_str name, hp_cfb **out, hp_err *err) {
    hp_cfb *c = hp_calloc(1, sizeof *c);
    if (!c) return hp_fail_memory(err, "a compound file");
    c->bytes = bytes;
    c->name = name;
    hp_code code = read_header(c, err);
    if (code == HP_OK) code = read_fat(c, err);
    if (code == HP_OK) code = read_directory(c, err);
    if (code == HP_OK) {
        *out = c;
    } else {
        hp_cfb_close(c);
    }
    return code;
}

static const entry *find(const hp_cfb *c, hp_str name) {
    for (size_t i = 0; i < c->nentry; i++) {
        if (hp_str_ieq(hp_str_of(c->entry[i].name), name)) return &c->entry[i];
    }
    return NULL;
}

bool hp_cfb_has(const hp_cfb *c, hp_str stream) { return find(c, stream) != NULL; }

/* ---- streams ---- */

/* Reads the table of the mini stream, and where that is (MS-CFB 2.4). */
static hp_code load_mini(hp_cfb *c, hp_err *err) {
    if (c->mini_sector) return HP_OK;
    chain table = {0}, sectors = {0};
    HP_TRY(follow(c, c->fat, c->nfat, c->mini_fat_start, UINT64_MAX, "the mini table", &table, err));
    hp_autofree uint32_t *list = table.sector;
    uint32_t each = 1u << (c->shift - 2);
    uint32_t *fat = hp_calloc((size_t)table.n * each + 1, sizeof *fat);
    if (!fat) return hp_fail_memory(err, "a stream of a compound file");
    hp_free(c->mini_fat);
    c->mini_fat = fat;
    c->nmini_fat = 0;
    for (uint32_t i = 0; i < table.n; i++) {
        const char *p = sector_at(c, list[i]);
        if (!p) return fail_at(c, c->bytes.n, err, "the mini table is cut short");
        for (uint32_t k = 0; k < each; k++) c->mini_fat[c->nmini_fat++] = hp_le32(p + (size_t)4 * k);
    }
    /* No mini sector behind the end of the mini stream. */
    HP_TRY(follow(c, c->fat, c->nfat, c->root_start, UINT64_MAX, "the mini stream", &sectors, err));
    uint64_t have = (uint64_t)sectors.n << (c->shift - MINI_SHIFT);
    if (c->nmini_fat > have) c->nmini_fat = (uint32_t)have;
    c->mini_sector = sectors.sector;
    return HP_OK;
}

hp_code hp_cfb_stream_open(hp_cfb *c, hp_str stream, hp_cfb_stream *out, hp_err *err) {
    const entry *e = find(c, stream);
    if (!e) return hp_fail(err, HP_DATA, "%.*s: has no stream %.*s; " MEND, HP_FMT(c->name), HP_FMT(stream));
    bool mini = e->size < c->mini_limit;
    if (mini && e->size) HP_TRY(load_mini(c, err));
    unsigned shift = mini ? MINI_SHIFT : c->shift;
    uint64_t need = (e->size >> shift) + ((e->size & (((uint64_t)1 << shift) - 1)) != 0);
    const uint32_t *table = mini ? c->mini_fat : c->fat;
    uint32_t n = mini ? c->nmini_fat : c->nfat;
    chain list = {0};
    if (e->size > c->bytes.n)
        return hp_fail(err, HP_DATA, "%.*s: stream %.*s has %llu bytes, more than the file; " MEND,
                       HP_FMT(c->name), HP_FMT(stream), (unsigned long long)e->size);
    HP_TRY(follow(c, table, n, e->start, need, stream.p, &list, err));
    hp_code code = check_distinct(c, &list, n, stream.p, err);
    if (code != HP_OK) {
        hp_free(list.sector);
        return code;
    }
    *out = (hp_cfb_stream){.file = c, .name = stream, .size = e->size, .mini = mini, .sector = list.sector};
    return HP_OK;
}

void hp_cfb_stream_close(hp_cfb_stream *s) {
    hp_free(s->sector);
    *s = (hp_cfb_stream){0};
}

/* Returns where the byte s->at of the stream is in the file, and in *n how many follow it there. */
static uint64_t place(const hp_cfb_stream *s, size_t *n) {
    const hp_cfb *c = s->file;
    unsigned shift = s->mini ? MINI_SHIFT : c->shift;
    uint64_t within = s->at & (((uint64_t)1 << shift) - 1);
    uint32_t sector = s->sector[s->at >> shift];
    *n = ((size_t)1 << shift) - (size_t)within;
    if (!s->mini) return offset_of(c, sector) + within;
    unsigned minis = c->shift - MINI_SHIFT; /* log2 of how many mini sectors are in a sector */
    uint32_t inside = sector & ((1u << minis) - 1);
    return offset_of(c, c->mini_sector[sector >> minis]) + ((uint64_t)inside << MINI_SHIFT) + within;
}

hp_code hp_cfb_stream_read(hp_cfb_stream *s, void *to, size_t n, hp_err *err) {
    const hp_cfb *c = s->file;
    if (n > s->size - s->at)
        return hp_fail(err, HP_DATA, "%.*s: stream %.*s is cut short (it has %llu bytes); " MEND,
                       HP_FMT(c->name), HP_FMT(s->name), (unsigned long long)s->size);
    for (char *p = to; n;) {
        size_t have;
        uint64_t from = place(s, &have);
        if (have > n) have = n;
        if (from > c->bytes.n || c->bytes.n - from < have)
            return fail_at(c, c->bytes.n, err, "the file is cut short");
        memcpy(p, c->bytes.p + from, have);
        p += have;
        n -= have;
        s->at += have;
    }
    return HP_OK;
}
