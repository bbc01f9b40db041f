/* Which form an output has: its suffix decides. */
#include "write/write.h"

#include "base/banned.h"

static const struct {
    const char *suffix;
    hp_form form;
} FORMS[] = {
    {".xlsx", HP_FORM_XLSX},    {".csv", HP_FORM_CSV},         {".ndjson", HP_FORM_NDJSON},
    {".jsonl", HP_FORM_NDJSON}, {".parquet", HP_FORM_PARQUET},
};

hp_form hp_form_of(const char *path) {
    hp_str p = hp_str_of(path);
    size_t dot = SIZE_MAX;
    for (size_t i = 0; i < p.n; i++) dot = p.p[i] == '/' ? SIZE_MAX : p.p[i] == '.' ? i : dot;
    if (dot == SIZE_MAX) return HP_FORM_NONE;
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++)
        if (hp_str_ieq(hp_str_cut(p, dot, p.n), hp_str_of(FORMS[i].suffix))) return FORMS[i].form;
    return HP_FORM_NONE;
}

hp_code hp_can_write(const char *path, hp_err *err) {
    if (hp_form_of(path) != HP_FORM_NONE) return HP_OK;
    return hp_fail(
        err, HP_USAGE,
        "%s: this version writes .xlsx, .csv, .ndjson (or .jsonl) and .parquet; give the output such a name",
        path);
}

hp_code hp_write_flat(const hp_pool *pool, const hp_table *t, const char *path, hp_out *out, hp_err *err) {
    switch (hp_form_of(path)) {
    case HP_FORM_CSV: return hp_write_csv(pool, t, path, out, err);
    case HP_FORM_NDJSON: return hp_write_ndjson(pool, t, path, out, err);
    case HP_FORM_PARQUET: return hp_write_parquet(pool, t, path, out, err);
    case HP_FORM_NONE:
    case HP_FORM_XLSX:
    default: return hp_fail(err, HP_USAGE, "%s: is no form of a single table", path);
    }
}
