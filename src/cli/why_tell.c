#include "base/limits.h"
#include "clean/clean.h"
#include "cli/why.h"

#include "base/banned.h"

/* Lines of a list that people are told; all of them with -v. */
enum { FEW = 12 };

typedef struct teller {
    hp_cli *c;
    const hp_why_answer *a;
    hp_buf *out;
    hp_buf scratch, value; /* for one text at a time */
} teller;

static size_t most(const teller *t, size_t n) { return t->c->verbose || n < FEW ? n : FEW; }

static void put_rest(teller *t, size_t n, const char *indent) {
    if (most(t, n) < n)
        hp_buf_printf(t->out, "%s\xE2\x80\xA6 and %zu more (-v shows them)\n", indent, n - most(t, n));
}

static void put_value(teller *t, hp_kind kind, hp_str v) {
    hp_buf_clear(&t->value);
    hp_why_show(t->c, t->a, kind, v, &t->value);
    hp_buf_putc(t->out, '"');
    hp_put_safe(t->out, hp_buf_str(&t->value));
    hp_buf_putc(t->out, '"');
    hp_put_carry(t->out, &t->value);
}

static void put_address(teller *t, hp_cell at) {
    hp_buf_clear(&t->value);
    hp_why_address(t->a->store, at, &t->value);
    hp_put_safe(t->out, hp_buf_str(&t->value));
    hp_put_carry(t->out, &t->value);
}

static void put_heading(teller *t, const char *text) {
    hp_buf_putc(t->out, '\n');
    hp_put_bold(t->out, t->c->term.out_color, text);
    hp_buf_putc(t->out, '\n');
}

/* ---- cells ---- */

static void put_steps(teller *t, const hp_why_cell *cell) {
    hp_clean_step step[2];
    hp_kind kind = hp_field_get(cell->field)->kind;
    size_t n = hp_clean_steps(kind, cell->raw, cell->clean, &t->scratch, step);
    hp_put_carry(t->out, &t->scratch);
    for (size_t i = 0; i < n; i++) {
        hp_buf_puts(t->out, "      ");
        put_value(t, kind, step[i].old);
        hp_buf_puts(t->out, " \xE2\x86\x92 ");
        put_value(t, kind, step[i].new);
        hp_buf_printf(t->out, "  %s: %s\n", step[i].name, step[i].text);
    }
    if (cell->extra.n) {
        hp_buf_puts(t->out, "      role that came with it: ");
        put_value(t, HP_K_TEXT, cell->extra);
        hp_buf_putc(t->out, '\n');
    }
    for (size_t i = 0; i < cell->nrule; i++) {
        const hp_rule_info *rule = hp_rule_get(cell->rule[i].rule);
        hp_buf_printf(t->out, "      %s: %s", rule->name, rule->text);
        if (cell->rule[i].note.n) {
            hp_buf_puts(t->out, " (");
            hp_put_safe(t->out, cell->rule[i].note);
            hp_buf_putc(t->out, ')');
        }
        hp_buf_putc(t->out, '\n');
    }
    if (cell->corrected.n) {
        hp_buf_puts(t->out, "      corrected in ");
        hp_put_safe(t->out, cell->corrected);
        hp_buf_putc(t->out, '\n');
    }
}

static void put_place(teller *t, const hp_why_place *p) {
    hp_buf_puts(t->out, "    ");
    put_address(t, p->at);
    if (!p->cell) {
        hp_buf_puts(t->out, "  a value that the profile sets for every row of the sheet\n");
        return;
    }
    if (p->header.n) {
        hp_buf_puts(t->out, "  column \"");
        hp_put_safe(t->out, p->header);
        hp_buf_putc(t->out, '"');
    }
    if (hp_str_eq(p->cell->raw, p->cell->clean) && !p->cell->nrule) hp_buf_puts(t->out, ", as it stands");
    hp_buf_putc(t->out, '\n');
    put_steps(t, p->cell);
}

static void put_places(teller *t, const hp_why_place *p, size_t n) {
    for (size_t i = 0; i < most(t, n); i++) put_place(t, &p[i]);
    put_rest(t, n, "    ");
}

static void put_parts(teller *t, const hp_why_part *p, size_t n) {
    for (size_t i = 0; i < most(t, n); i++) {
        hp_buf_puts(t->out, "  ");
        put_value(t, t->a->kind, p[i].text);
        if (p[i].whose) hp_buf_printf(t->out, "  of contact %zu,", p[i].person + 1);
        if (p[i].lost) hp_buf_printf(t->out, "%s %s", p[i].whose ? " who" : " ", p[i].lost);
        hp_buf_putc(t->out, '\n');
        put_places(t, p[i].place, p[i].nplace);
    }
    put_rest(t, n, "  ");
}

/* ---- records ---- */

static void put_match(teller *t, const hp_why_match *m, size_t other) {
    hp_buf_printf(t->out, "     %s (%.2f) as record %zu", hp_match_reason_name(m->reason), m->score,
                  other + 1);
    if (m->on.n && (m->reason == HP_MATCH_DOMAIN || m->reason == HP_MATCH_PHONE)) {
        hp_buf_puts(t->out, ", which shares ");
        put_value(t, m->reason == HP_MATCH_PHONE ? HP_K_PHONE : HP_K_WEBSITE, m->on);
    }
    hp_buf_putc(t->out, '\n');
}

static void put_record(teller *t, size_t at) {
    const hp_why_row *row = &t->a->row;
    const hp_why_record *r = &row->record[at];
    hp_buf_printf(t->out, "  %zu  ", at + 1);
    put_address(t, (hp_cell){r->row[0].at.sheet, r->row[0].at.row, HP_NO_COL});
    hp_buf_printf(t->out, "  priority %lld, %u of 5 filled%s%.*s%s\n",
                  (long long)hp_why_priority(t->a->store, r), r->complete, r->date.n ? ", last on " : "",
                  HP_FMT(r->date), r->flags & HP_WHY_MADE ? ", made of a contact row" : "");
    for (size_t i = 0; i < row->nmatch; i++)
        if (row->match[i].a == at || row->match[i].b == at) {
            size_t other = row->match[i].a == at ? row->match[i].b : row->match[i].a;
            if (other < at) put_match(t, &row->match[i], other);
        }
    for (size_t i = 1; i < most(t, r->nrow); i++) {
        const hp_why_source_row *s = &r->row[i];
        hp_buf_puts(t->out, "     + ");
        put_address(t, (hp_cell){s->at.sheet, s->at.row, HP_NO_COL});
        hp_buf_printf(t->out, "  %s, attached %s", hp_entity_name(s->entity), hp_joined_name(s->how));
        if (s->on.n) {
            hp_buf_putc(t->out, ' ');
            put_value(t, s->how == HP_JOINED_KEY ? HP_K_ID : HP_K_ORG_NAME, s->on);
        }
        hp_buf_putc(t->out, '\n');
    }
    put_rest(t, r->nrow, "     ");
}

static void put_records(teller *t) {
    const hp_why_row *row = &t->a->row;
    size_t rows = 0;
    for (size_t i = 0; i < row->nrecord; i++) rows += row->record[i].nrow;
    put_heading(t, "Records of this row, best-ranked first");
    for (size_t i = 0; i < most(t, row->nrecord); i++) put_record(t, i);
    put_rest(t, row->nrecord, "  ");
    hp_buf_puts(t->out, "  together ");
    hp_put_counted(t->out, rows, "source row", "source rows");
    hp_buf_putc(t->out, '\n');
}

/* ---- files ---- */

static void put_files(teller *t) {
    const hp_why_answer *a = t->a;
    put_heading(t, "Sources");
    for (size_t i = 0; i < a->store->nfile; i++) {
        const hp_stored_file *f = &a->store->file[i];
        if (!a->cited[i]) continue;
        hp_buf_puts(t->out, "  ");
        hp_put_safe(t->out, f->path);
        hp_buf_printf(t->out, "  sha256 %.*s", HP_FMT(f->sha256));
        if (a->asked->file[i] == HP_WHY_EDITED)
            hp_buf_puts(t->out, ": CHANGED since the run, so that its cells may say something else now");
        if (a->asked->file[i] == HP_WHY_GONE) hp_buf_puts(t->out, ": not there now");
        hp_buf_putc(t->out, '\n');
    }
}

static void put_evidence(teller *t) {
    const hp_why_asked *q = t->a->asked;
    if (!q->nevidence) return;
    put_heading(t, "Evidence in the file");
    for (size_t i = 0; i < most(t, q->nevidence); i++) {
        hp_buf_puts(t->out, "  ");
        hp_put_safe(t->out, q->evidence[i].source);
        for (size_t k = 0; k < q->evidence[i].n; k++) {
            hp_buf_puts(t->out, k ? ", " : "  ");
            hp_put_safe(t->out, q->evidence[i].name[k]);
            hp_buf_putc(t->out, ' ');
            if (hp_evidence_value(q->evidence[i].name[k]))
                put_value(t, t->a->kind, q->evidence[i].value[k]);
            else
                hp_put_safe(t->out, q->evidence[i].value[k]);
        }
        hp_buf_putc(t->out, '\n');
    }
    put_rest(t, q->nevidence, "  ");
}

/* ---- the cell ---- */

static void put_cell_name(teller *t) {
    const hp_why_asked *q = t->a->asked;
    char letters[8];
    hp_col_letters((uint32_t)q->col, letters);
    hp_put_safe(t->out, q->path);
    hp_buf_printf(t->out, "!%s!%s%llu", q->sheet, letters, (unsigned long long)q->line);
}

static void put_head(teller *t) {
    const hp_why_answer *a = t->a;
    const hp_why_asked *q = a->asked;
    put_cell_name(t);
    hp_buf_printf(t->out, "  %.*s", HP_FMT(q->column->name));
    if (a->known && a->value.n) {
        hp_buf_puts(t->out, " = ");
        put_value(t, a->kind, a->value);
    } else if (a->known) {
        hp_buf_puts(t->out, " is empty");
    }
    hp_buf_printf(t->out, "\n  %.*s\n", HP_FMT(q->column->text));
    if (q->state == HP_WHY_EDITED)
        hp_buf_puts(
            t->out,
            "  This file was EDITED after the run; what follows is of the cell as the run wrote it.\n");
    if (q->state == HP_WHY_ANOTHER)
        hp_buf_puts(
            t->out,
            "  The run did not write this file; what follows is of the same organisation's cell in its output.\n");
    if (q->state == HP_WHY_GONE)
        hp_buf_puts(t->out, "  The file is not there now; this is what the run wrote.\n");
    if (!q->looked) return;
    hp_buf_puts(t->out, "  The cell says now: ");
    put_value(t, a->kind, q->now);
    hp_buf_puts(t->out, a->known && hp_str_eq(q->now, a->value) ? ", as the run wrote it\n" : "\n");
}

static void put_kept_out(teller *t) {
    const hp_why_kept_out *k = &t->a->kept_out;
    const hp_rule_info *rule = hp_rule_get(k->rule);
    put_heading(t, "The row was kept out of the result");
    hp_buf_puts(t->out, "  ");
    put_address(t, (hp_cell){k->at.sheet, k->at.row, HP_NO_COL});
    hp_buf_printf(t->out, "  %s\n  %s: %s\n", hp_entity_name(k->kind), rule->name, rule->text);
    if (k->name.n) {
        hp_buf_puts(t->out, "  organisation name ");
        put_value(t, HP_K_ORG_NAME, k->name);
        hp_buf_putc(t->out, '\n');
    }
    if (k->note.n) {
        hp_buf_puts(t->out, "  note ");
        put_value(t, HP_K_TEXT, k->note);
        hp_buf_putc(t->out, '\n');
    }
}

static void put_person(teller *t) {
    static const char *const REACH[] = {"cannot be reached", "a name only", "by phone", "by e-mail",
                                        "by e-mail and phone"};
    const hp_why_person *p = &t->a->row.person[t->a->person];
    hp_buf_printf(t->out, "  contact %zu of %zu%s; reached: %s; weight of the role %.2f\n", t->a->person + 1,
                  t->a->row.nperson, p->primary ? ", the primary one" : "", REACH[p->reach],
                  p->weight / 100.0);
}

static void put_values(teller *t) {
    const hp_why_answer *a = t->a;
    if (!a->how) {
        hp_buf_puts(t->out, "  Computed from the row; it has no cell of its own in a source.\n");
        return;
    }
    put_heading(t, a->nkept ? "Why this value" : "Why it is empty");
    hp_buf_puts(t->out, "  ");
    hp_put_wrapped(t->out, hp_str_of(a->how), 2, t->c->term.out_tty ? t->c->term.width : 100);
    hp_buf_putc(t->out, '\n');
    put_parts(t, a->kept, a->nkept);
    if (a->nlost) put_heading(t, "Values that were not taken");
    put_parts(t, a->lost, a->nlost);
    if (a->nalso) put_heading(t, "Cells that say the same");
    put_places(t, a->also, a->nalso);
    if (a->nemptied) put_heading(t, "Cells of which nothing was left");
    put_places(t, a->emptied, a->nemptied);
}

static void put_run(teller *t) {
    const hp_why_asked *q = t->a->asked;
    hp_buf_puts(t->out, "\nRun");
    if (q->started_at.n) {
        hp_buf_puts(t->out, " of ");
        hp_put_safe(t->out, q->started_at);
    }
    hp_buf_puts(t->out, " by hotpass ");
    hp_put_safe(t->out, t->a->store->version);
    if (q->output.path.n)
        hp_buf_printf(t->out, "; output sha256 %.*s%s", HP_FMT(q->output.sha256),
                      q->state == HP_WHY_AS_WRITTEN ? ", as written" : "");
    hp_buf_putc(t->out, '\n');
}

hp_code hp_why_tell(hp_cli *c, const hp_why_answer *a, hp_err *err) {
    teller t = {.c = c,
                .a = a,
                .out = &c->out,
                .scratch = hp_buf_new(64u * HP_LIMIT_VALUE_BYTES),
                .value = hp_buf_new(1u << 30)};
    put_head(&t);
    if (a->asked->of == HP_OF_QUARANTINE) {
        put_kept_out(&t);
    } else {
        if (a->asked->of == HP_OF_CONTACTS) put_person(&t);
        put_values(&t);
        put_evidence(&t);
        put_records(&t);
    }
    put_files(&t);
    put_run(&t);
    hp_buf_free(&t.scratch);
    hp_buf_free(&t.value);
    return hp_buf_check(t.out, "the answer", err);
}
