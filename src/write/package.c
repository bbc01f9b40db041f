/* Reading a workbook back, part by part. */
#include "write/parts.h"

#include <zip.h>

#include "base/banned.h"

/* All of a part but its rows: at most 65,530 links of some 2,200 bytes each, in its relationships. */
#define FRAME_MAX (256u << 20)

/* Holds a part on its way through: `frame` gathers it without the bytes of the rows, which are only counted.
 */
typedef struct part {
    hp_buf frame;
    uint64_t skip; /* bytes of rows still to come; set when <sheetData> is seen */
    uint64_t rows; /* ... of the whole sheet, 0 for other parts */
} part;

static const hp_str ROWS_BEGIN = HP_S("<sheetData>");

static void gather(part *p, hp_str bytes) {
    while (bytes.n) {
        if (p->skip) {
            size_t n = p->skip < bytes.n ? (size_t)p->skip : bytes.n;
            p->skip -= n;
            bytes = hp_str_cut(bytes, n, bytes.n);
            continue;
        }
        size_t before = p->frame.n, from = before < ROWS_BEGIN.n ? 0 : before - ROWS_BEGIN.n + 1;
        hp_buf_add(&p->frame, bytes);
        if (p->frame.bad) return;
        size_t at = p->rows ? hp_str_find(hp_buf_str(&p->frame), ROWS_BEGIN, from) : SIZE_MAX;
        if (at == SIZE_MAX) return;
        p->frame.n = at + ROWS_BEGIN.n;
        p->skip = p->rows;
        p->rows = 0;
        bytes = hp_str_cut(bytes, p->frame.n - before, bytes.n);
    }
}

static uint64_t count(hp_str s, hp_str what) {
    uint64_t n = 0;
    for (size_t at = 0; (at = hp_str_find(s, what, at)) != SIZE_MAX; at += what.n) n++;
    return n;
}

/* Tells whether a part ends in the closing tag of its root element. */
static bool is_whole(hp_str s) {
    size_t from = hp_str_starts(s, HP_S("<?xml")) ? hp_str_find(s, HP_S("?>"), 0) : 0;
    size_t root = from == SIZE_MAX ? SIZE_MAX : hp_str_chr(s, '<', from ? from : 0);
    if (root == SIZE_MAX) return false;
    size_t end = ++root;
    while (end < s.n && !hp_is_space(s.p[end]) && s.p[end] != '>' && s.p[end] != '/') end++;
    hp_str name = hp_str_cut(s, root, end), tail = hp_str_trim(s);
    if (name.n == 0 || tail.n < name.n + 3 || !hp_str_ends(tail, HP_S(">"))) return false;
    tail = hp_str_cut(tail, tail.n - name.n - 3, tail.n - 1);
    return hp_str_starts(tail, HP_S("</")) && hp_str_eq(hp_str_cut(tail, 2, tail.n), name);
}

/* Which sheet a part belongs to (from 1), and whether it is the sheet itself or its relationships. */
typedef enum part_kind { PART_OTHER, PART_SHEET, PART_RELS } part_kind;

static part_kind kind_of(hp_str name, size_t n, size_t *sheet) {
    static const hp_str PREFIX[] = {HP_S(""), HP_S("xl/worksheets/sheet"), HP_S("xl/worksheets/_rels/sheet")};
    static const hp_str SUFFIX[] = {HP_S(""), HP_S(".xml"), HP_S(".xml.rels")};
    for (part_kind k = PART_SHEET; k <= PART_RELS; k++) {
        int64_t number;
        if (!hp_str_starts(name, PREFIX[k]) || !hp_str_ends(name, SUFFIX[k])
            || name.n <= PREFIX[k].n + SUFFIX[k].n)
            continue;
        if (!hp_str_i64(hp_str_cut(name, PREFIX[k].n, name.n - SUFFIX[k].n), &number)) continue;
        if (number < 1 || (uint64_t)number > n) continue;
        *sheet = (size_t)number - 1;
        return k;
    }
    return PART_OTHER;
}

/* Tells whether a part that was read to its end holds what it must. */
static bool holds(const part *p, part_kind kind, const hp_sheet_facts *facts) {
    hp_str frame = hp_buf_str(&p->frame);
    if (!is_whole(frame) || p->skip || p->rows) return false;
    if (kind == PART_RELS) return count(frame, HP_S("<Relationship ")) == facts->links;
    if (kind != PART_SHEET) return true;
    bool rows = facts->row_bytes ? hp_str_find(frame, HP_S("<sheetData></sheetData>"), 0) != SIZE_MAX
                                 : hp_str_find(frame, HP_S("<sheetData"), 0) != SIZE_MAX;
    return rows && count(frame, HP_S("<hyperlink ")) == facts->links;
}

static hp_code read_part(zip_t *z, zip_uint64_t i, part *p, bool *complete) {
    zip_file_t *f = zip_fopen_index(z, i, 0);
    char bytes[65536];
    zip_int64_t got = 0;
    while (f && !p->frame.bad && (got = zip_fread(f, bytes, sizeof bytes)) > 0)
        gather(p, (hp_str){bytes, (size_t)got});
    *complete = f && got == 0;
    if (f) zip_fclose(f);
    return p->frame.bad && !p->frame.over ? HP_RETRY : HP_OK;
}

/* Holds the reading of a package. */
typedef struct package {
    zip_t *z;
    const char *shown;
    const hp_sheet_facts *sheets;
    size_t n, seen;
    hp_part_take *take;
    void *ctx;
} package;

static hp_code give(const package *g, const char *name, const part *p, part_kind kind, size_t sheet,
                    hp_err *err) {
    const hp_part whole = {name, hp_buf_str(&p->frame), kind == PART_SHEET ? sheet : HP_NO_PART};
    return g->take ? g->take(g->ctx, &whole, err) : HP_OK;
}

static hp_code use_part(package *g, zip_uint64_t i, hp_err *err) {
    static const hp_sheet_facts NONE = {0};
    size_t sheet = 0;
    const char *name = zip_get_name(g->z, i, ZIP_FL_ENC_RAW);
    part_kind kind = kind_of(hp_str_of(name), g->n, &sheet);
    const hp_sheet_facts *facts = kind == PART_OTHER ? &NONE : &g->sheets[sheet];
    part p = {.frame = hp_buf_new(FRAME_MAX), .rows = kind == PART_SHEET ? facts->row_bytes : 0};
    bool complete;
    hp_code code = read_part(g->z, i, &p, &complete);
    if (code != HP_OK)
        code = hp_fail_memory(err, "the check of the written workbook");
    else if (!complete || !holds(&p, kind, facts))
        code = hp_fail(err, HP_IO, "%s: part %s of the written workbook is not complete: is the disk full?",
                       g->shown, name);
    else
        code = give(g, name, &p, kind, sheet, err);
    g->seen += kind == PART_SHEET || (kind == PART_RELS && facts->links);
    hp_buf_free(&p.frame);
    return code;
}

hp_code hp_package_read(const char *path, const char *shown, const hp_sheet_facts *sheets, size_t n,
                        hp_part_take *take, void *ctx, hp_err *err) {
    package g = {.z = zip_open(path, ZIP_RDONLY, NULL),
                 .shown = shown,
                 .sheets = sheets,
                 .n = n,
                 .take = take,
                 .ctx = ctx};
    if (!g.z)
        return hp_fail(err, HP_IO, "%s: the written workbook cannot be read back: is the disk full?", shown);
    hp_code code = HP_OK;
    size_t wanted = n;
    for (size_t i = 0; i < n; i++) wanted += sheets[i].links > 0;
    zip_int64_t entries = zip_get_num_entries(g.z, 0);
    for (zip_int64_t i = 0; i < entries && code == HP_OK; i++) code = use_part(&g, (zip_uint64_t)i, err);
    if (code == HP_OK && g.seen != wanted)
        code =
            hp_fail(err, HP_IO, "%s: a sheet of the written workbook is missing: is the disk full?", shown);
    zip_discard(g.z);
    return code;
}
