/* hotpass compliance: what a result holds and on what basis, and what is to go. */
#include "base/clock.h"
#include "base/file.h"
#include "cli/cli.h"
#include "cli/dataset.h"
#include "cli/personal.h"
#include "ops/compliance/purge.h"

#include "base/banned.h"

/* Rows that expire within so many days are told as well. */
enum { SOON_DAYS = 30, MAX_TOLD = 10 };

/* ---- report ---- */

/* Hold what a report is made of. */
typedef struct report {
    hp_cli *c;
    hp_profile *p;
    const char *file;
    hp_table *t;
    uint32_t consent, until; /* columns; HP_NO_COL = absent */
    bool *pii;               /* of each column */
    size_t npii;
    uint64_t state[HP_CONSENT_COUNT];
    HP_VEC(uint32_t) violation; /* rows */
    uint64_t expired, soon, unknown;
    HP_VEC(hp_str) issue;
} report;

static void drop_report(report *r) {
    hp_vec_free(&r->violation);
    hp_vec_free(&r->issue);
}

static hp_str cell(const report *r, uint32_t col, size_t row) {
    return col == HP_NO_COL ? HP_S("") : hp_text(r->c->run.pool, r->t->col[col].v[row]);
}

static uint32_t find(const hp_table *t, const char *name) {
    size_t c = hp_table_find(t, hp_str_of(name));
    return c == SIZE_MAX ? HP_NO_COL : (uint32_t)c;
}

/* Tells whether a column is one of the profile's personal fields; what the primary contact does not show of
 * others is as personal as what it shows. */
static bool is_pii(const hp_profile *p, hp_str column) {
    if (hp_str_eq(column, HP_S("contact_secondary_emails"))) return hp_field_is_pii(p, HP_F_CONTACT_EMAIL);
    if (hp_str_eq(column, HP_S("contact_secondary_phones"))) return hp_field_is_pii(p, HP_F_CONTACT_PHONE);
    for (int f = 1; f < HP_FIELD_COUNT; f++)
        if (hp_field_is_pii(p, (hp_field)f)
            && hp_str_eq(hp_pfield_output(hp_str_of(hp_field_get((hp_field)f)->name)), column))
            return true;
    return false;
}

static hp_code add_issue(report *r, hp_str text, hp_err *err) {
    return text.p && hp_vec_push(&r->issue, text) ? HP_OK : hp_fail_memory(err, "the report");
}

static bool has_pii(const report *r, size_t row) {
    for (uint32_t c = 0; c < r->t->ncol; c++)
        if (r->pii[c] && r->t->col[c].v[row] != HP_NULL) return true;
    return false;
}

static hp_consent consent_of(const report *r, size_t row) {
    hp_str slug = cell(r, find(r->t, "organization_slug"), row);
    return hp_consent_decide(r->p, slug, cell(r, r->consent, row), HP_S(""));
}

static hp_code count_row(report *r, size_t row, int64_t today, hp_err *err) {
    hp_date d;
    if (hp_date_parse_iso(cell(r, r->until, row), &d)) {
        int64_t left = hp_days_from_civil(d.year, d.month, d.day) - today;
        r->expired += left < 0;
        r->soon += left >= 0 && left <= SOON_DAYS;
    } else {
        r->unknown++;
    }
    if (!has_pii(r, row)) return HP_OK;
    hp_consent c = consent_of(r, row);
    r->state[c]++;
    bool fine = hp_consent_allows(r->p, c);
    return fine || hp_vec_push(&r->violation, (uint32_t)row) ? HP_OK : hp_fail_memory(err, "the report");
}

static hp_code find_issues(report *r, hp_err *err) {
    hp_arena *a = r->c->arena;
    if (r->p->compliance.retention_days == 0)
        HP_TRY(add_issue(r, HP_S("no retention is configured (compliance.retention_days)"), err));
    if (r->expired)
        HP_TRY(add_issue(
            r, hp_arena_printf(a, "%llu records are past their retention", (unsigned long long)r->expired),
            err));
    if (hp_consent_demanded(r->p) && r->consent == HP_NO_COL)
        HP_TRY(add_issue(r, HP_S("there is no column consent_status"), err));
    if (r->violation.n)
        HP_TRY(add_issue(
            r, hp_arena_printf(a, "%zu records hold personal values without consent", r->violation.n), err));
    if (r->p->compliance.nredact == 0
        && (find(r->t, "notes") != HP_NO_COL || find(r->t, "description") != HP_NO_COL))
        HP_TRY(add_issue(r, HP_S("free text is not redacted (compliance.redaction.kinds)"), err));
    if (!r->p->compliance.audit)
        HP_TRY(add_issue(r, HP_S("exports are not logged (compliance.audit_trail_required)"), err));
    return HP_OK;
}

static hp_code measure(report *r, hp_err *err) {
    r->consent = find(r->t, "consent_status");
    r->until = find(r->t, "retention_until");
    r->pii = HP_NEW_ARRAY(r->c->arena, r->t->ncol + 1, bool);
    if (!r->pii) return hp_fail_memory(err, "the report");
    for (size_t c = 0; c < r->t->ncol; c++) r->npii += r->pii[c] = is_pii(r->p, r->t->col[c].name);
    int64_t today = hp_clock_now() / 86400;
    for (size_t row = 0; row < r->t->nrow; row++) HP_TRY(count_row(r, row, today, err));
    return find_issues(r, err);
}

static hp_code load(report *r, hp_err *err) {
    hp_cli *c = r->c;
    hp_dataset d;
    hp_str path, data;
    const hp_given *dirs = &c->args.opt[HP_O_PROFILE_SEARCH_PATH];
    HP_TRY(hp_profile_find(c->arena, hp_str_of(hp_args_text(&c->args, HP_O_PROFILE)), dirs->value, dirs->n,
                           &path, err));
    HP_TRY(hp_profile_load(c->arena, path.p, &r->p, err));
    data = c->args.nword ? hp_str_of(c->args.word[0])
                         : hp_path_join(c->arena, hp_str_of(hp_args_text(&c->args, HP_O_DIST_DIR)),
                                        HP_S("refined.xlsx"));
    if (!data.p) return hp_fail_memory(err, "the report");
    r->file = data.p;
    HP_TRY(hp_dataset_open(c, data.p, &d, err));
    hp_code code = hp_dataset_read(c, &d, hp_dataset_first(&d), &r->t, err);
    hp_dataset_close(&d);
    return code;
}

/* ---- as JSON ---- */

static void text(hp_json *j, const char *key, hp_str v) {
    hp_json_key(j, key);
    if (v.n)
        hp_json_str(j, v);
    else
        hp_json_null(j);
}

static void number(hp_json *j, const char *key, uint64_t v) {
    hp_json_key(j, key);
    hp_json_i64(j, (int64_t)v);
}

static void json_columns(const report *r, const char *key, hp_json *j) {
    hp_json_key(j, key);
    hp_json_array(j);
    for (size_t c = 0; c < r->t->ncol; c++)
        if (r->pii[c]) hp_json_str(j, r->t->col[c].name);
    hp_json_array_end(j);
}

static hp_str level_of(const report *r, size_t c) {
    return hp_class_of(r->p, r->t->col[c].name, r->pii[c] || hp_header_personal(r->t->col[c].name));
}

static void json_fields(const report *r, hp_json *j) {
    number(j, "total_fields", r->t->ncol);
    number(j, "total_records", r->t->nrow);
    hp_json_key(j, "field_classifications");
    hp_json_object(j);
    for (size_t c = 0; c < r->t->ncol; c++) {
        hp_json_key_str(j, r->t->col[c].name);
        hp_json_str(j, level_of(r, c));
    }
    hp_json_object_end(j);
    json_columns(r, "pii_fields", j);
    if (hp_consent_demanded(r->p)) {
        json_columns(r, "consent_required_fields", j);
    } else {
        hp_json_key(j, "consent_required_fields");
        hp_json_array(j);
        hp_json_array_end(j);
    }
}

static void json_retention(const report *r, hp_json *j) {
    hp_json_key(j, "retention_policies");
    hp_json_object(j);
    number(j, "retention_days", (uint64_t)r->p->compliance.retention_days);
    number(j, "expired", r->expired);
    number(j, "expiring_within_30_days", r->soon);
    number(j, "unknown", r->unknown);
    hp_json_object_end(j);
}

static void json_consent(const report *r, hp_json *j) {
    text(j, "consent_status_field", r->consent == HP_NO_COL ? HP_S("") : HP_S("consent_status"));
    hp_json_key(j, "consent_status_summary");
    hp_json_object(j);
    for (int s = 0; s < HP_CONSENT_OTHER; s++) number(j, hp_consent_name((hp_consent)s), r->state[s]);
    hp_json_object_end(j);
    hp_json_key(j, "consent_violations");
    hp_json_array(j);
    for (size_t i = 0; i < r->violation.n; i++) {
        uint32_t row = r->violation.p[i];
        hp_json_object(j);
        number(j, "row_index", row);
        hp_json_key(j, "fields");
        hp_json_array(j);
        for (size_t c = 0; c < r->t->ncol; c++)
            if (r->pii[c] && r->t->col[c].v[row] != HP_NULL) hp_json_str(j, r->t->col[c].name);
        hp_json_array_end(j);
        text(j, "status", cell(r, r->consent, row));
        text(j, "reason", hp_str_of(hp_consent_name(consent_of(r, row))));
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

static void put_json(const report *r) {
    char now[21];
    hp_json j = hp_cli_json(r->c, "hotpass.compliance/1");
    hp_time_iso(hp_clock_now(), now);
    text(&j, "generated_at", hp_str_of(now));
    text(&j, "file", hp_str_of(r->file));
    text(&j, "profile", r->p->name);
    text(&j, "policy", r->p->compliance.policy);
    text(&j, "jurisdiction", r->p->compliance.jurisdiction);
    text(&j, "lawful_basis", r->p->compliance.basis);
    text(&j, "privacy_basis", r->p->privacy_basis);
    text(&j, "purpose", r->p->compliance.purpose);
    hp_json_key(&j, "consent_required");
    hp_json_bool(&j, hp_consent_demanded(r->p));
    text(&j, "without_consent", r->p->compliance.without);
    json_fields(r, &j);
    json_retention(r, &j);
    hp_json_key(&j, "compliance_issues");
    hp_json_array(&j);
    for (size_t i = 0; i < r->issue.n; i++) hp_json_str(&j, r->issue.p[i]);
    hp_json_array_end(&j);
    json_consent(r, &j);
    hp_cli_json_end(r->c, &j);
}

/* ---- as text ---- */

static void put_text(const report *r) {
    hp_buf *out = &r->c->out;
    const hp_profile_compliance *m = &r->p->compliance;
    hp_put_safe(out, hp_str_of(r->file));
    hp_buf_puts(out, ": ");
    hp_put_counted(out, r->t->nrow, "record", "records");
    hp_buf_printf(out, ", %zu of %zu columns personal\n", r->npii, r->t->ncol);
    hp_buf_printf(out, "  basis      %.*s%s%.*s\n", HP_FMT(m->basis), m->policy.n ? ", " : "",
                  HP_FMT(m->policy));
    if (m->purpose.n) hp_buf_printf(out, "  purpose    %.*s\n", HP_FMT(m->purpose));
    hp_buf_printf(out, "  consent    %s; of the records with personal values",
                  hp_consent_demanded(r->p) ? "demanded" : "not demanded");
    for (int s = 0; s < HP_CONSENT_OTHER; s++)
        if (r->state[s])
            hp_buf_printf(out, ", %s %llu", hp_consent_name((hp_consent)s), (unsigned long long)r->state[s]);
    hp_buf_printf(out, "\n  retention  %d days: %llu past it, %llu within %d days, %llu without a date\n",
                  m->retention_days, (unsigned long long)r->expired, (unsigned long long)r->soon, SOON_DAYS,
                  (unsigned long long)r->unknown);
    hp_buf_puts(out, "  personal   ");
    for (size_t c = 0, n = 0; c < r->t->ncol; c++) {
        if (!r->pii[c]) continue;
        if (n++) hp_buf_puts(out, ", ");
        hp_put_safe(out, r->t->col[c].name);
    }
    hp_buf_putc(out, '\n');
    if (r->issue.n) hp_buf_puts(out, "\nTo do\n");
    for (size_t i = 0; i < r->issue.n; i++) {
        hp_buf_puts(out, "  ");
        hp_put_safe(out, r->issue.p[i]);
        hp_buf_putc(out, '\n');
    }
}

hp_code hp_cmd_compliance_report(hp_cli *c, hp_err *err) {
    __attribute__((cleanup(drop_report))) report r = {.c = c};
    HP_TRY(load(&r, err));
    HP_TRY(measure(&r, err));
    if (c->json)
        put_json(&r);
    else
        put_text(&r);
    return r.violation.n || r.expired ? HP_FINDINGS : HP_OK;
}

/* ---- purge ---- */

static void json_item(const hp_purge_item *item, hp_json *j) {
    char made[21];
    hp_time_iso(item->made, made);
    hp_json_object(j);
    text(j, "path", item->path);
    text(j, "kind", hp_str_of(item->kind));
    text(j, "changed_at", hp_str_of(made));
    number(j, "files", item->files);
    number(j, "bytes", item->bytes);
    hp_json_object_end(j);
}

static void tell_purge(hp_cli *c, const hp_purge *p, bool removed) {
    if (c->json) {
        hp_json j = hp_cli_json(c, "hotpass.purge/1");
        hp_json_key(&j, "removed");
        hp_json_bool(&j, removed);
        number(&j, "files", p->files);
        number(&j, "bytes", p->bytes);
        number(&j, "kept_changed", p->kept);
        hp_json_key(&j, "items");
        hp_json_array(&j);
        for (size_t i = 0; i < p->item.n; i++) json_item(&p->item.p[i], &j);
        hp_json_array_end(&j);
        hp_cli_json_end(c, &j);
        return;
    }
    for (size_t i = 0; i < p->item.n && !c->quiet; i++) {
        const hp_purge_item *item = &p->item.p[i];
        char made[21];
        hp_time_iso(item->made, made);
        hp_buf_printf(&c->out, "%s  %-12s  ", made, item->kind);
        hp_put_size(&c->out, item->bytes);
        hp_buf_puts(&c->out, "  ");
        hp_put_safe(&c->out, item->path);
        hp_buf_putc(&c->out, '\n');
    }
    hp_put_counted(&c->out, p->files, "file", "files");
    hp_buf_puts(&c->out, ", ");
    hp_put_size(&c->out, p->bytes);
    hp_buf_puts(&c->out, removed ? " removed" : " would be removed");
    if (p->kept) hp_buf_printf(&c->out, "; %zu outputs that were changed after their run stay", p->kept);
    hp_buf_putc(&c->out, '\n');
}

hp_code hp_cmd_compliance_purge(hp_cli *c, hp_err *err) {
    const char *span = hp_args_text(&c->args, HP_O_OLDER_THAN), *dir = hp_args_text(&c->args, HP_O_DIST_DIR);
    bool dry = c->args.opt[HP_O_DRY_RUN].on, yes = c->args.opt[HP_O_YES].on;
    int64_t age;
    hp_purge p = {.arena = c->arena};
    if (!span) return hp_fail(err, HP_USAGE, "--older-than is missing: 90d, 12w, 6m, 1y");
    if (!hp_purge_span(hp_str_of(span), &age))
        return hp_fail(err, HP_USAGE,
                       "--older-than \"%s\": write a number and h, d, w, m or y: 90d, 12w, 6m, 1y", span);
    hp_code code = hp_purge_find(&p, dir, hp_clock_now() - age, err);
    if (code == HP_OK && p.item.n && !dry && !yes)
        code = hp_fail(err, HP_USAGE,
                       "%s: %llu files would be removed for good; --dry-run lists them, --yes removes them",
                       dir, (unsigned long long)p.files);
    if (code == HP_OK && !dry) code = hp_purge_remove(&p, dir, err);
    if (code == HP_OK) tell_purge(c, &p, !dry);
    hp_purge_free(&p);
    return code;
}
