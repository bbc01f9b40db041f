#include "read/package.h"

#include "base/mem.h"
#include "base/utf8.h"

#include "base/banned.h"

hp_code hp_fail_xml(const hp_xml *x, hp_str file, hp_str part, hp_err *err) {
    if (!x->why) return hp_fail_memory(err, "a workbook");
    return hp_fail(
        err, HP_DATA,
        "%.*s: part %.*s, byte %zu: %s; the file is damaged: open it in a spreadsheet program and save it again",
        HP_FMT(file), HP_FMT(part), hp_xml_offset(x), x->why);
}

hp_code hp_fail_grid(hp_code code, hp_str file, hp_str part, hp_err *err) {
    if (code != HP_DATA) return code;
    return hp_fail(err, HP_DATA, "%.*s: part %.*s %s", HP_FMT(file), HP_FMT(part), err ? err->message : "");
}

hp_str hp_part_folder(hp_str part) {
    const char *slash = part.n ? memrchr(part.p, '/', part.n) : NULL;
    return hp_str_cut(part, 0, slash ? (size_t)(slash - part.p) : 0);
}

hp_str hp_xml_attr_text(hp_xml *x, hp_arena *a, hp_str raw) {
    hp_autobuf decoded = hp_buf_new(raw.n * 4 + 16);
    hp_autobuf valid = hp_buf_new(raw.n * 16 + 64);
    if (!hp_xml_decode(x, raw, &decoded)) return (hp_str){NULL, 0};
    hp_utf8_repair(hp_buf_str(&decoded), &valid);
    if (decoded.bad || valid.bad) return (hp_str){NULL, 0};
    return hp_arena_dup(a, hp_buf_str(&valid));
}

void hp_rels_free(hp_rels *r) {
    hp_vec_free(&r->list);
    hp_smap_free(&r->by_id);
}

const hp_rel *hp_rels_get(const hp_rels *r, hp_str id) {
    uint32_t at;
    return hp_smap_get(&r->by_id, id, &at) ? &r->list.p[at] : NULL;
}

const hp_rel *hp_rels_of_type(const hp_rels *r, hp_str type) {
    for (size_t i = 0; i < r->list.n; i++) {
        if (hp_str_eq(r->list.p[i].type, type)) return &r->list.p[i];
    }
    return NULL;
}

static hp_str last_segment(hp_str s) {
    const char *slash = s.n ? memrchr(s.p, '/', s.n) : NULL;
    return slash ? hp_str_cut(s, (size_t)(slash - s.p) + 1, s.n) : s;
}

/* Reads one Relationship that just started. False as hp_xml_attr_text. */
static bool read_rel(hp_xml *x, hp_arena *a, hp_str folder, hp_rels *out) {
    hp_str name, value, id = HP_S(""), type = HP_S(""), target = HP_S("");
    bool external = false;
    while (hp_xml_attr(x, &name, &value)) {
        if (hp_str_eq(name, HP_S("Id"))) id = value;
        if (hp_str_eq(name, HP_S("Type"))) type = value;
        if (hp_str_eq(name, HP_S("Target"))) target = value;
        if (hp_str_eq(name, HP_S("TargetMode"))) external = hp_str_eq(value, HP_S("External"));
    }
    hp_rel rel = {hp_xml_attr_text(x, a, id), hp_xml_attr_text(x, a, type), hp_xml_attr_text(x, a, target)};
    if (!rel.id.p || !rel.type.p || !rel.target.p) return false;
    rel.type = last_segment(rel.type);
    rel.target = external ? HP_S("") : hp_part_resolve(a, folder, rel.target);
    uint32_t there;
    bool added;
    return rel.target.p && hp_smap_add(&out->by_id, rel.id, (uint32_t)out->list.n, &there, &added)
           && hp_vec_push(&out->list, rel);
}

static bool read_rels(hp_xml *x, hp_arena *a, hp_str folder, hp_rels *out) {
    for (hp_xml_event e; (e = hp_xml_next(x)) != HP_XML_EOF;) {
        if (e == HP_XML_BAD) return false;
        if (e == HP_XML_START && hp_str_eq(x->name, HP_S("Relationship")) && !read_rel(x, a, folder, out))
            return false;
    }
    return true;
}

hp_code hp_rels_read(hp_zip *z, hp_arena *a, hp_str file, hp_str part, hp_rels *out, hp_err *err) {
    hp_str folder = hp_part_folder(part), base = last_segment(part);
    hp_str name =
        hp_arena_printf(a, "%.*s%s_rels/%.*s.rels", HP_FMT(folder), folder.n ? "/" : "", HP_FMT(base));
    if (!name.p) return hp_fail_memory(err, "a workbook");
    size_t entry;
    if (!hp_zip_find(z, name, &entry)) return HP_OK;
    hp_autopart rels = {0};
    HP_TRY(hp_zip_read_xml(z, entry, &rels, err));
    hp_xml x;
    hp_xml_init(&x, rels.bytes);
    return read_rels(&x, a, folder, out) ? HP_OK : hp_fail_xml(&x, file, rels.name, err);
}

/* Looks for the workbook among the content types. *found tells whether there is one. */
static hp_code by_content_type(hp_zip *z, hp_arena *a, hp_str file, size_t *entry, bool *found, hp_err *err) {
    size_t types;
    if (!hp_zip_find(z, HP_S("[content_types].xml"), &types)) return HP_OK;
    hp_autopart part = {0};
    HP_TRY(hp_zip_read_xml(z, types, &part, err));
    hp_xml x;
    hp_xml_init(&x, part.bytes);
    for (hp_xml_event e; (e = hp_xml_next(&x)) != HP_XML_EOF && !*found;) {
        if (e == HP_XML_BAD) return hp_fail_xml(&x, file, part.name, err);
        if (e != HP_XML_START || !hp_str_eq(x.name, HP_S("Override"))) continue;
        hp_str name, value, target = HP_S(""), type = HP_S("");
        while (hp_xml_attr(&x, &name, &value)) {
            if (hp_str_eq(name, HP_S("PartName"))) target = value;
            if (hp_str_eq(name, HP_S("ContentType"))) type = value;
        }
        bool sheets = hp_str_find(type, HP_S("spreadsheetml"), 0) != SIZE_MAX
                      || hp_str_find(type, HP_S("ms-excel"), 0) != SIZE_MAX;
        if (!sheets || !hp_str_ends(type, HP_S(".main+xml"))) continue;
        hp_str resolved = hp_part_resolve(a, HP_S(""), target);
        if (!resolved.p) return hp_fail_memory(err, "a workbook");
        *found = hp_zip_find(z, resolved, entry);
    }
    return HP_OK;
}

static bool by_name(const hp_zip *z, size_t *entry) {
    for (size_t i = 0; i < hp_zip_count(z); i++) {
        if (!hp_str_eq(last_segment(hp_zip_name(z, i)), HP_S("workbook.xml"))) continue;
        *entry = i;
        return true;
    }
    return false;
}

/* Says what the zip is instead of a workbook. */
static hp_code fail_kind(const hp_zip *z, hp_str file, hp_err *err) {
    static const struct {
        const char *part, *what;
    } kinds[] = {
        {"xl/workbook.bin", "is a binary workbook (.xlsb)"},
        {"content.xml", "is an OpenDocument file, but no spreadsheet"},
        {"word/document.xml", "is a Word document"},
        {"ppt/presentation.xml", "is a PowerPoint presentation"},
        {"index.apxl", "is a presentation of another program"},
        {"index/document.iwa", "is a Numbers document"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t entry;
        if (hp_zip_find(z, hp_str_of(kinds[i].part), &entry)) {
            return hp_fail(err, HP_DATA, "%.*s: %s, which is not read; save it as .xlsx or .csv",
                           HP_FMT(file), kinds[i].what);
        }
    }
    return hp_fail(
        err, HP_DATA,
        "%.*s: is a zip file, but no workbook (no workbook part in its %zu entries); save the data as .xlsx or .csv",
        HP_FMT(file), hp_zip_count(z));
}

hp_code hp_package_workbook(hp_zip *z, hp_arena *a, hp_str file, size_t *entry, hp_err *err) {
    hp_rels rels = {0};
    hp_code code = hp_rels_read(z, a, file, HP_S(""), &rels, err);
    const hp_rel *main = code == HP_OK ? hp_rels_of_type(&rels, HP_S("officeDocument")) : NULL;
    bool found = main && hp_zip_find(z, main->target, entry);
    bool other = found && !hp_str_ends(main->target, HP_S(".xml"));
    hp_rels_free(&rels);
    HP_TRY(code);
    if (other) return fail_kind(z, file, err);
    if (!found) HP_TRY(by_content_type(z, a, file, entry, &found, err));
    if (!found) found = by_name(z, entry);
    return found ? HP_OK : fail_kind(z, file, err);
}
