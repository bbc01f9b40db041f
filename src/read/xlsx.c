#include "base/mem.h"
#include "read/book.h"

#include "base/banned.h"

void hp_xlsx_close(hp_xlsx *x) {
    hp_strings_free(&x->strings);
    hp_styles_free(&x->styles);
    hp_zip_close(x->zip);
    *x = (hp_xlsx){0};
}

/* A sheet as workbook.xml names it. */
typedef struct sheet_entry {
    hp_str name, rel;
    uint8_t state;
} sheet_entry;

/* What is known while workbook.xml is read. */
typedef struct workbook_reader {
    hp_book *book;
    hp_str part;
    HP_VEC(sheet_entry) sheets;
} workbook_reader;

static bool is_true(hp_str value) { return hp_str_eq(value, HP_S("1")) || hp_str_ieq(value, HP_S("true")); }

static void read_properties(hp_xml *x, hp_xlsx *out) {
    hp_str name, value;
    while (hp_xml_attr(x, &name, &value)) {
        if (hp_str_eq(name, HP_S("date1904"))) out->date1904 = is_true(value);
    }
}

static bool read_sheet(hp_xml *x, workbook_reader *r) {
    hp_str name, value;
    sheet_entry s = {HP_S(""), HP_S(""), 0};
    hp_arena *a = r->book->arena;
    while (hp_xml_attr(x, &name, &value)) {
        if (hp_str_eq(name, HP_S("name"))) s.name = hp_xml_attr_text(x, a, value);
        if (hp_str_eq(name, HP_S("state"))) {
            s.state = hp_str_eq(value, HP_S("hidden")) ? 1 : hp_str_eq(value, HP_S("veryHidden")) ? 2 : 0;
        }
        /* r:id, whatever the prefix; a declaration xmlns:id names no relationship. */
        bool is_id = hp_str_ends(name, HP_S(":id")) && !hp_str_starts(name, HP_S("xmlns:"));
        if (is_id) s.rel = hp_xml_attr_text(x, a, value);
    }
    return s.name.p && s.rel.p && hp_vec_push(&r->sheets, s);
}

static hp_code read_workbook(hp_xml *x, workbook_reader *r, hp_err *err) {
    hp_str file = r->book->name;
    for (hp_xml_event e; (e = hp_xml_next(x)) != HP_XML_EOF;) {
        if (e == HP_XML_BAD) return hp_fail_xml(x, file, r->part, err);
        if (e != HP_XML_START) continue;
        if (x->depth == 1 && !hp_str_eq(x->name, HP_S("workbook"))) {
            return hp_fail(
                err, HP_DATA,
                "%.*s: is no workbook: its main part %.*s holds <%.*s>; save the data as .xlsx or .csv",
                HP_FMT(file), HP_FMT(r->part), HP_FMT(hp_str_cut(x->name, 0, 40)));
        }
        if (x->depth == 2 && hp_str_eq(x->name, HP_S("workbookPr"))) read_properties(x, &r->book->xlsx);
        if (x->depth == 3 && hp_str_eq(x->name, HP_S("sheet")) && hp_xml_parent_is(x, HP_S("sheets"))
            && !read_sheet(x, r)) {
            return hp_fail_xml(x, file, r->part, err);
        }
        if (r->sheets.n > HP_LIMIT_SHEETS) {
            return hp_fail_limit(err, HP_L_SHEETS,
                                 "%.*s: part %.*s, byte %zu: more than %u sheets: split the workbook",
                                 HP_FMT(file), HP_FMT(r->part), hp_xml_offset(x), HP_LIMIT_SHEETS);
        }
    }
    return HP_OK;
}

/* Binds sheets to parts by the relationships of the workbook. A sheet without one keeps an empty part, and so
 * does one whose part is another's already (no program writes that; a small file could claim thousands of
 * large sheets): reading it will say so. */
static bool bind_each(hp_book *b, const sheet_entry *s, size_t n, const hp_rels *rels) {
    hp_smap taken = {0};
    bool ok = true, added = false;
    for (size_t i = 0; i < n && ok; i++) {
        const hp_rel *rel = hp_rels_get(rels, s[i].rel);
        uint32_t first;
        if (rel) ok = hp_smap_add(&taken, rel->target, (uint32_t)i, &first, &added);
        b->sheet[i] = (hp_book_sheet){s[i].name, s[i].state, !rel || hp_str_eq(rel->type, HP_S("worksheet"))};
        b->xlsx.sheet_part[i] = rel && added ? rel->target : HP_S("");
    }
    hp_smap_free(&taken);
    return ok;
}

static hp_code bind_sheets(hp_book *b, const sheet_entry *s, size_t n, const hp_rels *rels, hp_err *err) {
    b->sheet = HP_NEW_ARRAY(b->arena, n, hp_book_sheet);
    b->xlsx.sheet_part = HP_NEW_ARRAY(b->arena, n, hp_str);
    if (!b->sheet || !b->xlsx.sheet_part || !bind_each(b, s, n, rels))
        return hp_fail_memory(err, "the list of sheets");
    b->nsheet = n;
    return HP_OK;
}

/* Finds a part by the type of its relationship; some writers forget that, and the part has its usual name. */
static hp_str find_part(const hp_zip *z, hp_arena *a, const hp_rels *rels, const char *type, hp_str folder,
                        const char *usual) {
    size_t entry;
    const hp_rel *rel = hp_rels_of_type(rels, hp_str_of(type));
    if (rel && hp_zip_find(z, rel->target, &entry)) return rel->target;
    hp_str name = hp_part_resolve(a, folder, hp_str_of(usual));
    return name.p && !hp_zip_find(z, name, &entry) ? HP_S("") : name;
}

static hp_code bind_parts(hp_book *b, const workbook_reader *r, hp_err *err) {
    hp_rels rels = {0};
    hp_xlsx *x = &b->xlsx;
    hp_code code = hp_rels_read(x->zip, b->arena, b->name, r->part, &rels, err);
    if (code == HP_OK) code = bind_sheets(b, r->sheets.p, r->sheets.n, &rels, err);
    if (code == HP_OK) {
        hp_str folder = hp_part_folder(r->part);
        x->strings_part = find_part(x->zip, b->arena, &rels, "sharedStrings", folder, "sharedstrings.xml");
        x->styles_part = find_part(x->zip, b->arena, &rels, "styles", folder, "styles.xml");
        if (!x->strings_part.p || !x->styles_part.p) code = hp_fail_memory(err, "a workbook");
    }
    hp_rels_free(&rels);
    return code;
}

hp_code hp_xlsx_open(hp_book *b, hp_err *err) {
    HP_TRY(hp_zip_open(b->package, b->name, &b->xlsx.zip, err));
    bool ods;
    HP_TRY(hp_ods_is(b->xlsx.zip, &ods, err));
    if (ods) return hp_ods_open(b, b->xlsx.zip, err);
    size_t entry;
    HP_TRY(hp_package_workbook(b->xlsx.zip, b->arena, b->name, &entry, err));
    hp_autopart part = {0};
    HP_TRY(hp_zip_read_xml(b->xlsx.zip, entry, &part, err));
    b->xlsx.workbook_part = part.name;
    hp_xml x;
    hp_xml_init(&x, part.bytes);
    workbook_reader r = {.book = b, .part = part.name};
    hp_code code = read_workbook(&x, &r, err);
    if (code == HP_OK && r.sheets.n == 0) {
        code =
            hp_fail(err, HP_DATA, "%.*s: the workbook names no sheet; save it again in a spreadsheet program",
                    HP_FMT(b->name));
    }
    if (code == HP_OK) code = bind_parts(b, &r, err);
    hp_vec_free(&r.sheets);
    return code;
}

static hp_code load_strings(hp_run *run, hp_book *b, hp_err *err) {
    size_t entry;
    if (!hp_zip_find(b->xlsx.zip, b->xlsx.strings_part, &entry)) return HP_OK;
    return hp_strings_read(run, b->xlsx.zip, entry, b->name, &b->xlsx.strings, err);
}

static hp_code load_styles(hp_book *b, hp_err *err) {
    size_t entry;
    if (!hp_zip_find(b->xlsx.zip, b->xlsx.styles_part, &entry)) return HP_OK;
    hp_autopart part = {0};
    HP_TRY(hp_zip_read_xml(b->xlsx.zip, entry, &part, err));
    hp_xml x;
    hp_xml_init(&x, part.bytes);
    return hp_styles_read(&x, b->name, part.name, &b->xlsx.styles, err);
}

hp_code hp_xlsx_load(hp_run *run, hp_book *b, hp_err *err) {
    hp_xlsx *x = &b->xlsx;
    if (x->loaded && x->pool == hp_pool_serial(run->pool)) return HP_OK;
    hp_strings_free(&x->strings);
    hp_styles_free(&x->styles);
    x->loaded = false;
    HP_TRY(load_styles(b, err));
    HP_TRY(load_strings(run, b, err));
    x->pool = hp_pool_serial(run->pool);
    x->loaded = true;
    return HP_OK;
}
