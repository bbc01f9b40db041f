/* The report as Markdown: the same in the same order, for pull requests, tickets and mails. */
#include "write/report.h"

#include "write/markup.h"

#include "base/banned.h"

static void text(hp_buf *out, hp_str s) { hp_md_text(out, s); }

static void cell(hp_buf *out, hp_str s) {
    hp_buf_puts(out, " ");
    hp_md_text(out, s);
    hp_buf_puts(out, " |");
}

static void cell_code(hp_buf *out, hp_str s) {
    hp_buf_puts(out, " ");
    hp_md_code(out, s);
    hp_buf_puts(out, " |");
}

static void cell_number(hp_buf *out, uint64_t n) {
    hp_buf_puts(out, " ");
    hp_put_grouped(out, n);
    hp_buf_puts(out, " |");
}

static void cell_share(hp_buf *out, uint64_t part, uint64_t of) {
    if (of == 0 || part == HP_UNKNOWN)
        hp_buf_puts(out, " \xE2\x80\x93 |");
    else
        hp_buf_printf(out, " %.1f %% |", 100.0 * (double)part / (double)of);
}

static void cell_move(hp_buf *out, uint64_t was, uint64_t now) {
    if (was == HP_UNKNOWN) {
        hp_buf_puts(out, " \xE2\x80\x93 |");
        return;
    }
    hp_buf_puts(out, now > was ? " +" : now < was ? " \xE2\x88\x92" : " ");
    hp_put_grouped(out, now > was ? now - was : was - now);
    hp_buf_puts(out, " |");
}

/* A bar of ten characters. */
static void cell_bar(hp_buf *out, uint64_t part, uint64_t of) {
    int full = of ? (int)(10.0 * (double)part / (double)of + 0.5) : 0;
    if (part && full == 0) full = 1;
    hp_buf_putc(out, ' ');
    for (int i = 0; i < 10; i++) hp_buf_puts(out, i < full ? "\xE2\x96\x88" : "\xE2\x96\x91");
    hp_buf_puts(out, " |");
}

/* Writes a heading and the head of a table; `heads` as in the page: # before columns of numbers. */
static void table(hp_buf *out, const char *title, const char *heads) {
    hp_str rest = hp_str_of(heads), head;
    if (title) hp_buf_printf(out, "\n## %s\n\n", title);
    hp_buf_putc(out, '|');
    while (hp_str_next(&rest, '|', &head))
        hp_buf_printf(out, " %.*s |", HP_FMT(hp_str_cut(head, head.p[0] == '#', head.n)));
    hp_buf_puts(out, "\n|");
    rest = hp_str_of(heads);
    while (hp_str_next(&rest, '|', &head)) hp_buf_puts(out, head.p[0] == '#' ? "---:|" : "---|");
    hp_buf_putc(out, '\n');
}

static void put_top(const hp_report *r, hp_buf *out) {
    static const char *const SIGN[] = {"\xE2\x9C\x85", "\xE2\x9A\xA0\xEF\xB8\x8F", "\xE2\x9B\x94"};
    hp_buf_puts(out, "# ");
    text(out, r->title);
    hp_buf_printf(out, "\n\n%s **", SIGN[r->state]);
    text(out, r->verdict);
    hp_buf_puts(out, "** ");
    text(out, r->why);
    hp_buf_puts(out, "\n\nData report, ");
    text(out, r->when);
    hp_buf_puts(out, "\n\n## What to do next\n\n");
    for (size_t i = 0; i < r->nstep; i++) {
        hp_buf_printf(out, "%zu. ", i + 1);
        text(out, r->step[i].text);
        if (r->step[i].where.n) {
            hp_buf_puts(out, "  \n   Where: ");
            text(out, r->step[i].where);
        }
        hp_buf_putc(out, '\n');
    }
}

static void put_account(hp_buf *out, const char *name, uint64_t n, uint64_t of) {
    hp_buf_printf(out, "| %s |", name);
    cell_number(out, n);
    cell_share(out, n, of);
    cell_bar(out, n, of);
    hp_buf_putc(out, '\n');
}

static void put_rows(const hp_report *r, hp_buf *out) {
    table(out, "Where the rows went", "Rows|#Number|#Share|Bar");
    put_account(out, "Organisations", r->rows_out, r->rows_in);
    put_account(out, "Merged into them", r->merged, r->rows_in);
    put_account(out, "Quarantine", r->quarantined, r->rows_in);
    put_account(out, "**Rows read**", r->rows_in, r->rows_in);
}

static void put_quality(const hp_report *r, hp_buf *out) {
    uint64_t all = 0;
    if (r->nlevel == 0) return;
    for (size_t i = 0; i < r->nlevel; i++) all += r->level[i].count;
    table(out, "Quality of the organisations", "Score|#Organisations|Bar");
    for (size_t i = 0; i < r->nlevel; i++) {
        hp_buf_putc(out, '|');
        cell(out, r->level[i].label);
        cell_number(out, r->level[i].count);
        cell_bar(out, r->level[i].count, all);
        hp_buf_putc(out, '\n');
    }
    hp_buf_printf(out, "\nThe mean is %.0f %%.\n", 100 * r->quality);
}

static void put_changes(const hp_report *r, hp_buf *out) {
    static const char *const WORD[] = {"", "better", "worse"};
    if (r->previous_note.n == 0) return;
    hp_buf_puts(out, "\n## What changed since the previous run\n\n");
    text(out, r->previous_note);
    hp_buf_puts(out, "\n\n");
    if (r->nchange) table(out, NULL, "What|#Before|#Now|#Change|Which is");
    for (size_t i = 0; i < r->nchange; i++) {
        const hp_report_change *c = &r->change[i];
        hp_buf_putc(out, '|');
        cell(out, c->what);
        cell(out, c->was);
        cell(out, c->now);
        cell(out, c->change);
        hp_buf_printf(out, " %s |\n", WORD[c->trend]);
    }
}

static void put_fill(const hp_report *r, hp_buf *out) {
    if (r->nfill == 0) return;
    table(out, "How full the columns are",
          r->previous ? "Column|Fill|#Before|#After|#Previous run" : "Column|Fill|#Before|#After");
    for (size_t i = 0; i < r->nfill; i++) {
        const hp_report_fill *f = &r->fill[i];
        hp_buf_putc(out, '|');
        cell_code(out, f->column);
        cell_bar(out, f->after, f->after_of);
        cell_share(out, f->before, f->before_of);
        cell_share(out, f->after, f->after_of);
        if (r->previous) cell_share(out, f->was, f->was_of);
        hp_buf_putc(out, '\n');
    }
}

static void put_rules(const hp_report *r, hp_buf *out) {
    static const char *const WORD[] = {"info", "warning", "error"};
    uint64_t most = 0;
    if (r->nrule == 0) return;
    for (size_t i = 0; i < r->nrule; i++)
        if (r->rule[i].count > most) most = r->rule[i].count;
    table(out, "Findings by rule",
          r->previous ? "Rule|Severity|Bar|#Number|#Change|First cells|First value"
                      : "Rule|Severity|Bar|#Number|First cells|First value");
    for (size_t i = 0; i < r->nrule; i++) {
        const hp_report_rule *f = &r->rule[i];
        hp_buf_putc(out, '|');
        cell_code(out, f->rule);
        hp_buf_printf(out, " %s |", WORD[f->severity]);
        cell_bar(out, f->count, most);
        cell_number(out, f->count);
        if (r->previous) cell_move(out, f->was, f->count);
        cell(out, f->cells);
        cell_code(out, f->value);
        hp_buf_putc(out, '\n');
    }
}

static void put_places(const hp_report_places *list, const char *title, const char *heads, bool rows,
                       hp_buf *out) {
    if (list->n == 0) return;
    table(out, title, heads);
    for (size_t i = 0; i < list->n; i++) {
        const hp_report_place *p = &list->list[i];
        hp_buf_putc(out, '|');
        cell_code(out, p->place);
        cell(out, p->name);
        cell_number(out, p->warn);
        cell_number(out, p->info);
        if (rows) cell_number(out, p->rows);
        cell(out, p->rules);
        cell(out, p->cells);
        hp_buf_putc(out, '\n');
    }
    if (list->n < list->all) hp_buf_printf(out, "\nThe %zu with the most, of %zu.\n", list->n, list->all);
}

static void put_offenders(const hp_report_check *c, hp_buf *out) {
    hp_buf_putc(out, ' ');
    for (size_t i = 0; i < c->noffender; i++) {
        hp_buf_puts(out, i ? "; " : "");
        text(out, c->offender[i].place);
        if (c->offender[i].value.n) hp_buf_putc(out, ' ');
        hp_md_code(out, c->offender[i].value);
        if (c->offender[i].why.n) {
            hp_buf_puts(out, " (");
            hp_md_code(out, c->offender[i].why);
            hp_buf_putc(out, ')');
        }
    }
    if (c->noffender && c->unexpected > c->noffender) {
        hp_buf_puts(out, " and ");
        hp_put_grouped(out, c->unexpected - c->noffender);
        hp_buf_puts(out, " more");
    }
    hp_buf_puts(out, " |");
}

static void put_checks(const hp_report *r, hp_buf *out) {
    if (r->ncheck == 0) return;
    table(out, "Expectations",
          "Column|Expectation|Result|#Unexpected|#Looked at|#Must hold for|First at fault");
    for (int met = 0; met < 2; met++)
        for (size_t i = 0; i < r->ncheck; i++) {
            const hp_report_check *c = &r->check[i];
            if (c->success != (met == 1)) continue;
            hp_buf_putc(out, '|');
            cell_code(out, c->column);
            cell_code(out, c->expectation);
            hp_buf_printf(out, " %s |", c->success ? "met" : c->stops ? "**not met, stops**" : "**not met**");
            cell_number(out, c->unexpected);
            cell_number(out, c->evaluated);
            hp_buf_printf(out, " %.10g %% |", 100 * c->mostly);
            put_offenders(c, out);
            hp_buf_putc(out, '\n');
        }
}

static void put_quarantine(const hp_report *r, hp_buf *out) {
    if (r->nreason == 0) return;
    table(out, "Rows in quarantine", "Reason|#Rows|First rows");
    for (size_t i = 0; i < r->nreason; i++) {
        hp_buf_putc(out, '|');
        cell_code(out, r->reason[i].reason);
        cell_number(out, r->reason[i].count);
        cell(out, r->reason[i].rows);
        hp_buf_putc(out, '\n');
    }
}

static void put_inputs(const hp_report *r, hp_buf *out) {
    if (r->ninput == 0) return;
    table(out, "Sources", "File|Source|#Rows|#Bytes|SHA-256");
    for (size_t i = 0; i < r->ninput; i++) {
        hp_buf_putc(out, '|');
        cell_code(out, r->input[i].name);
        cell(out, r->input[i].label);
        cell_number(out, r->input[i].rows);
        cell_number(out, r->input[i].bytes);
        cell_code(out, r->input[i].sha256);
        hp_buf_putc(out, '\n');
    }
}

static void put_sources(const hp_report *r, hp_buf *out) {
    put_inputs(r, out);
    if (r->noutput) table(out, "Files that were written", "File|#Bytes|SHA-256");
    for (size_t i = 0; i < r->noutput; i++) {
        hp_buf_putc(out, '|');
        cell_code(out, r->output[i].path);
        cell_number(out, r->output[i].bytes);
        cell_code(out, r->output[i].sha256);
        hp_buf_putc(out, '\n');
    }
    table(out, "The run", "Fact|Value");
    for (size_t i = 0; i < r->nfact; i++) {
        hp_buf_putc(out, '|');
        cell(out, r->fact[i].name);
        cell_code(out, r->fact[i].value);
        hp_buf_putc(out, '\n');
    }
}

void hp_report_md(const hp_report *r, hp_buf *out) {
    put_top(r, out);
    if (!r->no_result) put_rows(r, out);
    put_quality(r, out);
    put_changes(r, out);
    put_fill(r, out);
    put_rules(r, out);
    put_places(&r->sheets, "Findings by source", "Source|Name|#Warnings|#Others|#Rows|Rules|First cells",
               true, out);
    put_checks(r, out);
    put_places(&r->columns, "Columns with the most to correct",
               "Column|Header|#Warnings|#Others|#Rows|Rules|First cells", true, out);
    put_places(&r->rows, "Rows with the most to correct", "Row|Sheet|#Warnings|#Others|Rules|Cells", false,
               out);
    put_quarantine(r, out);
    put_sources(r, out);
    hp_buf_puts(out,
                r->masked
                    ? "\nValues that may be personal are masked; `--show-values` shows them.\n"
                    : "\nValues are shown as they are, personal ones too: mind whom you give this text.\n");
}
