/* The parts around the sheets: content types (ECMA-376 part 2, 10.1), relationships, properties, the workbook
 * (part 1, 18.2); and how tables are laid out on sheets. */
#include "base/clock.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "write/parts.h"

#include "base/banned.h"

#define PART_MAX (16u << 20)
/* More than there are pages. */
#define FAR        (1u << 24)
#define ROWS_MAX   (HP_LIMIT_SHEET_ROWS - 1) /* beside the header */
#define NAME_UNITS 31u                       /* Excel's limit for the name of a sheet */

#define XML      "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define OFFICE   "http://schemas.openxmlformats.org/officeDocument/2006/"
#define PACKAGE  "http://schemas.openxmlformats.org/package/2006/"
#define TYPE     "application/vnd.openxmlformats-"
#define SPREAD   TYPE "officedocument.spreadsheetml."
#define RELATION "<Relationship Id=\"rId%zu\" Type=\"%s\" Target=\"%s\"/>"

/* ---- pages ---- */

size_t hp_sheets_of(const hp_table *t) { return t->nrow ? (t->nrow + ROWS_MAX - 1) / ROWS_MAX : 1; }

/* Tells whether the name of a tab may not hold a character: those of references, and what XML cannot hold. */
static bool is_odd(uint32_t cp) {
    return cp < ' ' || cp == 0xFFFD || cp == 0xFFFE || cp == 0xFFFF
           || (cp < 0x80 && strchr("[]:*?/\\", (int)cp));
}

/* Puts the name of a sheet, as far as a tab has room for it and a suffix, counted as UTF-16 has it. */
static void put_tab(hp_page *p, const char *suffix) {
    hp_str name = hp_str_of(p->sheet->name);
    size_t units = strlen(suffix), n = 0;
    for (size_t i = 0; i < name.n;) {
        size_t from = i;
        uint32_t cp = hp_utf8_next(name, &i);
        units += cp > 0xFFFF ? 2 : 1;
        if (units > NAME_UNITS) break;
        bool quote = cp == '\'' && (from == 0 || i == name.n); /* formulas put quotes around a name */
        if (is_odd(cp) || quote)
            p->name[n++] = '_';
        else
            for (size_t k = from; k < i; k++) p->name[n++] = name.p[k];
    }
    snprintf(p->name + n, sizeof p->name - n, "%s%s", n ? "" : "Sheet", suffix);
}

static bool is_taken(const hp_book_out *b, const hp_page *p) {
    hp_str name = hp_str_of(p->name);
    if (hp_str_ieq(name, HP_S("History"))) return true; /* Excel keeps this one for itself */
    for (const hp_page *q = b->page; q < p; q++)
        if (hp_str_ieq(hp_str_of(q->name), name)) return true;
    return false;
}

/* "Data", "Data (2)": the k-th page of a sheet; case does not count. Where a name is taken the page's own
 * number follows, then ones that no other page comes to, so that thousands of sheets of one name cost no
 * search each.
 */
static void name_page(const hp_book_out *b, hp_page *p, size_t k) {
    for (size_t number = k ? k + 1 : 0;; number = number < 2    ? 2
                                                  : number == 2 ? p->number + 1
                                                                : number + FAR) {
        char suffix[32] = "";
        if (number) snprintf(suffix, sizeof suffix, " (%zu)", number);
        put_tab(p, suffix);
        if (!is_taken(b, p)) return;
    }
}

static void plan_page(hp_book_out *b, const hp_out_sheet *s, size_t k) {
    hp_page *p = &b->page[b->npage++];
    size_t from = k * ROWS_MAX, left = s->table->nrow - from;
    *p = (hp_page){.sheet = s, .number = b->npage, .from = from, .rows = left < ROWS_MAX ? left : ROWS_MAX};
    p->table = s->range && hp_can_be_table(s->table, p->rows);
    p->ncomment = s->ncomments < 1000 ? s->ncomments : 1000;
    name_page(b, p, k);
}

hp_code hp_pages_plan(hp_book_out *b, const char *path, hp_err *err) {
    size_t n = 0;
    for (size_t i = 0; i < b->nsheet; i++) {
        const hp_table *t = b->sheet[i].table;
        if (t->ncol > HP_LIMIT_SHEET_COLS)
            return hp_fail(
                err, HP_DATA,
                "%s: sheet %s would have %zu columns, a sheet of a workbook holds %u; write .csv instead",
                path, b->sheet[i].name, t->ncol, HP_LIMIT_SHEET_COLS);
        n += hp_sheets_of(t);
    }
    if (n > HP_LIMIT_SHEETS)
        return hp_fail(err, HP_DATA,
                       "%s: the workbook would have %zu sheets, the limit is %u; write .csv instead", path, n,
                       HP_LIMIT_SHEETS);
    b->page = hp_calloc(n + 1, sizeof *b->page);
    if (!b->page) return hp_fail_memory(err, "the workbook");
    for (size_t i = 0; i < b->nsheet; i++)
        for (size_t k = 0; k < hp_sheets_of(b->sheet[i].table); k++) plan_page(b, &b->sheet[i], k);
    return HP_OK;
}

void hp_put_ref(hp_buf *out, size_t ncol, size_t first, size_t last, bool absolute) {
    const char *sign = absolute ? "$" : "";
    char letters[8];
    hp_col_letters(ncol ? (uint32_t)ncol - 1 : 0, letters);
    hp_buf_printf(out, "%sA%s%zu", sign, sign, first);
    if (ncol > 1 || last > first) hp_buf_printf(out, ":%s%s%s%zu", sign, letters, sign, last);
}

/* ---- content types ---- */

static void put_override(hp_buf *out, const char *part, size_t number, const char *suffix, const char *type) {
    hp_buf_printf(out, "<Override PartName=\"/%s", part);
    if (number) hp_buf_printf(out, "%zu", number);
    hp_buf_printf(out, "%s\" ContentType=\"%s+xml\"/>", suffix, type);
}

static void put_types(const hp_book_out *b, hp_buf *out) {
    size_t comments = 0;
    for (size_t i = 0; i < b->npage; i++) comments += b->page[i].ncomment;
    hp_buf_puts(out, XML
                "<Types xmlns=\"" PACKAGE "content-types\"><Default Extension=\"rels\" ContentType=\"" TYPE
                "package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/>");
    if (comments)
        hp_buf_puts(out, "<Default Extension=\"vml\" ContentType=\"" TYPE "officedocument.vmlDrawing\"/>");
    put_override(out, "docProps/app", 0, ".xml", TYPE "officedocument.extended-properties");
    put_override(out, "docProps/core", 0, ".xml", TYPE "package.core-properties");
    put_override(out, "xl/styles", 0, ".xml", SPREAD "styles");
    put_override(out, "xl/workbook", 0, ".xml", SPREAD "sheet.main");
    for (size_t i = 0; i < b->npage; i++)
        put_override(out, "xl/worksheets/sheet", b->page[i].number, ".xml", SPREAD "worksheet");
    for (size_t i = 0; i < b->npage; i++)
        if (b->page[i].table) put_override(out, "xl/tables/table", b->page[i].number, ".xml", SPREAD "table");
    for (size_t i = 0; i < b->npage; i++)
        if (b->page[i].ncomment)
            put_override(out, "xl/comments", b->page[i].number, ".xml", SPREAD "comments");
    put_override(out, "xl/sharedStrings", 0, ".xml", SPREAD "sharedStrings");
    hp_buf_puts(out, "</Types>");
}

/* ---- properties ---- */

static bool has_titles(const hp_page *p) { return !p->sheet->plain && p->sheet->table->ncol > 0; }

static void put_app(const hp_book_out *b, hp_buf *out) {
    size_t titles = 0;
    for (size_t i = 0; i < b->npage; i++) titles += has_titles(&b->page[i]);
    hp_buf_printf(out,
                  XML
                  "<Properties xmlns=\"" OFFICE "extended-properties\" xmlns:vt=\"" OFFICE
                  "docPropsVTypes\"><Application>hotpass</Application><DocSecurity>0</DocSecurity><ScaleCrop>"
                  "false</ScaleCrop><HeadingPairs><vt:vector size=\"%d\" baseType=\"variant\"><vt:variant>"
                  "<vt:lpstr>Worksheets</vt:lpstr></vt:variant><vt:variant><vt:i4>%zu</vt:i4></vt:variant>",
                  titles ? 4 : 2, b->npage);
    if (titles)
        hp_buf_printf(
            out,
            "<vt:variant><vt:lpstr>Named Ranges</vt:lpstr></vt:variant><vt:variant><vt:i4>%zu</vt:i4>"
            "</vt:variant>",
            titles);
    hp_buf_printf(out,
                  "</vt:vector></HeadingPairs><TitlesOfParts><vt:vector size=\"%zu\" baseType=\"lpstr\">",
                  b->npage + titles);
    for (size_t pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < b->npage; i++) {
            if (pass && !has_titles(&b->page[i])) continue;
            hp_buf_puts(out, "<vt:lpstr>");
            hp_xml_text(out, hp_str_of(b->page[i].name));
            hp_buf_puts(out, pass ? "!Print_Titles</vt:lpstr>" : "</vt:lpstr>");
        }
    hp_buf_puts(out, "</vt:vector></TitlesOfParts></Properties>");
}

/* The dates are fixed unless the clock is, so that the same content gives the same bytes. */
static void put_core(const hp_book_out *b, hp_buf *out) {
    char when[21];
    hp_time_iso(hp_clock_fixed() ? hp_clock_now() : 315532800, when);
    hp_buf_puts(out, XML
                "<cp:coreProperties xmlns:cp=\"" PACKAGE
                "metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
                "xmlns:dcterms=\"http://purl.org/dc/terms/\" xmlns:dcmitype=\"http://purl.org/dc/dcmitype/\" "
                "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">");
    if (b->options->title) {
        hp_buf_puts(out, "<dc:title>");
        hp_xml_text(out, hp_str_of(b->options->title));
        hp_buf_puts(out, "</dc:title>");
    }
    hp_buf_printf(out,
                  "<dc:creator>hotpass</dc:creator><cp:lastModifiedBy>hotpass</cp:lastModifiedBy>"
                  "<dcterms:created xsi:type=\"dcterms:W3CDTF\">%s</dcterms:created>"
                  "<dcterms:modified xsi:type=\"dcterms:W3CDTF\">%s</dcterms:modified></cp:coreProperties>",
                  when, when);
}

/* ---- the workbook ---- */

/* A sheet's name in a formula: always in quotes, which are doubled within. */
static void put_sheet_name(hp_buf *out, const char *name) {
    hp_buf_putc(out, '\'');
    for (const char *p = name; *p; p++) {
        if (*p == '\'') hp_buf_putc(out, '\'');
        hp_xml_text(out, (hp_str){p, 1});
    }
    hp_buf_puts(out, "'!");
}

/* Names that spreadsheets know (18.2.5): the filtered range, and the rows printed on every page. */
static void put_names(const hp_book_out *b, hp_buf *out) {
    size_t before = out->n, empty;
    hp_buf_puts(out, "<definedNames>");
    empty = out->n;
    for (size_t i = 0; i < b->npage; i++) {
        const hp_page *p = &b->page[i];
        if (!has_titles(p) || p->table) continue;
        hp_buf_printf(out, "<definedName name=\"_xlnm._FilterDatabase\" localSheetId=\"%zu\" hidden=\"1\">",
                      i);
        put_sheet_name(out, p->name);
        hp_put_ref(out, p->sheet->table->ncol, 1, p->rows + 1, true);
        hp_buf_puts(out, "</definedName>");
    }
    for (size_t i = 0; i < b->npage; i++) {
        if (!has_titles(&b->page[i])) continue;
        hp_buf_printf(out, "<definedName name=\"_xlnm.Print_Titles\" localSheetId=\"%zu\">", i);
        put_sheet_name(out, b->page[i].name);
        hp_buf_puts(out, "$1:$1</definedName>");
    }
    if (out->n == empty)
        out->n = before;
    else
        hp_buf_puts(out, "</definedNames>");
}

size_t hp_page_shown(const hp_book_out *b) {
    for (size_t i = 0; i < b->npage; i++)
        if (b->page[i].sheet->state == 0) return i;
    return 0;
}

static void put_workbook(const hp_book_out *b, hp_buf *out) {
    static const char *const STATE[] = {"", "\" state=\"hidden", "\" state=\"veryHidden"};
    size_t shown = hp_page_shown(b);
    hp_buf_puts(out, XML "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" "
                         "xmlns:r=\"" OFFICE
                         "relationships\"><workbookPr/><bookViews><workbookView xWindow=\"240\" "
                         "yWindow=\"15\" windowWidth=\"16095\" windowHeight=\"9660\"");
    if (shown) hp_buf_printf(out, " activeTab=\"%zu\"", shown);
    hp_buf_puts(out, "/></bookViews><sheets>");
    for (size_t i = 0; i < b->npage; i++) {
        hp_buf_puts(out, "<sheet name=\"");
        hp_xml_text(out, hp_str_of(b->page[i].name));
        uint8_t state = i == shown ? 0 : b->page[i].sheet->state;
        hp_buf_printf(out, "%s\" sheetId=\"%zu\" r:id=\"rId%zu\"/>", STATE[state < 3 ? state : 2], i + 1,
                      i + 1);
    }
    hp_buf_puts(out, "</sheets>");
    put_names(b, out);
    hp_buf_puts(out, "</workbook>");
}

static void put_workbook_rels(const hp_book_out *b, hp_buf *out) {
    hp_buf_puts(out, XML "<Relationships xmlns=\"" PACKAGE "relationships\">");
    for (size_t i = 0; i < b->npage; i++) {
        char target[64];
        snprintf(target, sizeof target, "worksheets/sheet%zu.xml", i + 1);
        hp_buf_printf(out, RELATION, i + 1, OFFICE "relationships/worksheet", target);
    }
    hp_buf_printf(out, RELATION, b->npage + 1, OFFICE "relationships/styles", "styles.xml");
    hp_buf_printf(out, RELATION, b->npage + 2, OFFICE "relationships/sharedStrings", "sharedStrings.xml");
    hp_buf_puts(out, "</Relationships>");
}

static void put_package_rels(const hp_book_out *b, hp_buf *out) {
    (void)b;
    hp_buf_puts(out, XML "<Relationships xmlns=\"" PACKAGE "relationships\">");
    hp_buf_printf(out, RELATION, (size_t)1, OFFICE "relationships/officeDocument", "xl/workbook.xml");
    hp_buf_printf(out, RELATION, (size_t)2, PACKAGE "relationships/metadata/core-properties",
                  "docProps/core.xml");
    hp_buf_printf(out, RELATION, (size_t)3, OFFICE "relationships/extended-properties", "docProps/app.xml");
    hp_buf_puts(out, "</Relationships>");
}

static void put_styles(const hp_book_out *b, hp_buf *out) {
    (void)b;
    hp_styles_part(out);
}

hp_code hp_book_parts(hp_book_out *b, hp_err *err) {
    static const struct {
        const char *name;
        void (*put)(const hp_book_out *b, hp_buf *out);
    } PARTS[] = {{"[Content_Types].xml", put_types}, {"_rels/.rels", put_package_rels},
                 {"docProps/app.xml", put_app},      {"docProps/core.xml", put_core},
                 {"xl/workbook.xml", put_workbook},  {"xl/_rels/workbook.xml.rels", put_workbook_rels},
                 {"xl/styles.xml", put_styles}};
    hp_autobuf text = hp_buf_new(PART_MAX);
    for (size_t i = 0; i < sizeof PARTS / sizeof *PARTS; i++) {
        hp_buf_clear(&text);
        PARTS[i].put(b, &text);
        HP_TRY(hp_buf_check(&text, PARTS[i].name, err));
        HP_TRY(hp_zip_add(&b->zip, PARTS[i].name, hp_buf_str(&text), err));
    }
    return HP_OK;
}
