/* The sheets of the result: those of merging, and the three that explain the run. */
#include "base/limits.h"
#include "refine/output_parts.h"

#include "base/banned.h"

/* Links beyond what a sheet can hold are written as text: say so before the Findings sheet is made. */
static hp_code announce_links(hp_run *run, const hp_table *t, const char *sheet, hp_err *err) {
    uint64_t links = 0;
    for (size_t c = 0; c < t->ncol; c++)
        if (t->col[c].style == HP_STYLE_URL || t->col[c].style == HP_STYLE_EMAIL)
            for (size_t r = 0; r < t->nrow; r++) links += t->col[c].v[r] != HP_NULL;
    if (links <= HP_LIMIT_SHEET_LINKS) return HP_OK;
    hp_cell nowhere = {.sheet = HP_NO_SHEET, .col = HP_NO_COL};
    return hp_findf(run, HP_R_LINK_LIMIT, nowhere, HP_NULL, err, "sheet %s: %llu addresses, %u links", sheet,
                    (unsigned long long)links, HP_LIMIT_SHEET_LINKS);
}

/* Rows beyond what a sheet can hold go to a further one: say so as well. */
static hp_code announce_sheets(hp_run *run, const hp_table *t, const char *sheet, hp_err *err) {
    size_t sheets = hp_sheets_of(t);
    if (sheets == 1) return HP_OK;
    hp_cell nowhere = {.sheet = HP_NO_SHEET, .col = HP_NO_COL};
    return hp_findf(run, HP_R_SHEET_CONTINUED, nowhere, HP_NULL, err, "sheet %s: %zu rows, %zu sheets", sheet,
                    t->nrow, sheets);
}

/* The two tables of people and organisations have hints at their headers. */
static hp_code hint(const hp_run *run, hp_out_sheet out[HP_NSHEETS], hp_err *err) {
    size_t n;
    const hp_output_column *columns = hp_data_columns(&n);
    HP_TRY(hp_sheet_hints(run, columns, n, &out[0], err));
    columns = hp_contact_columns(&n);
    return hp_sheet_hints(run, columns, n, &out[1], err);
}

static bool has_book(const hp_refine_options *o) {
    for (size_t i = 0; i < o->noutputs; i++)
        if (hp_form_of(o->outputs[i]) == HP_FORM_XLSX) return true;
    return false;
}

/* What a workbook cannot hold as it is becomes a finding before the Findings sheet is made. */
static hp_code announce(hp_run *run, const hp_golden *golden, const hp_table *quarantine, hp_err *err) {
    HP_TRY(announce_links(run, golden->data, "Data", err));
    HP_TRY(announce_sheets(run, golden->data, "Data", err));
    HP_TRY(announce_sheets(run, golden->contacts, "Contacts", err));
    return announce_sheets(run, quarantine, "Quarantine", err);
}

hp_code hp_make_sheets(hp_refine_result *r, const hp_report_source *in, const hp_explained *rows,
                       hp_out_sheet out[HP_NSHEETS], hp_err *err) {
    const hp_golden *golden = rows->golden;
    hp_table *quarantine, *findings, *summary;
    bool book = has_book(in->o);
    HP_TRY(hp_quarantine_table(&r->run, rows->cleaned, rows->nsheet, &quarantine, err));
    if (book) HP_TRY(announce(&r->run, golden, quarantine, err));
    HP_TRY(hp_findings_table(&r->run, in, &findings, err));
    const hp_table *others[] = {golden->contacts, quarantine, findings};
    HP_TRY(hp_summary_table(r, golden->data, others, &summary, err));
    const hp_out_sheet made[HP_NSHEETS] = {{.name = "Data", .table = golden->data},
                                           {.name = "Contacts", .table = golden->contacts},
                                           {.name = "Quarantine", .table = quarantine},
                                           {.name = "Findings", .table = findings},
                                           {.name = "Summary", .table = summary, .plain = true}};
    memcpy(out, made, sizeof made);
    return book && !in->o->dry_run ? hint(&r->run, out, err) : HP_OK;
}
