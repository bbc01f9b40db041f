#include "clean/comply.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "clean/phone_door.h"
#include "clean/value.h"

#include "base/banned.h"

/* What is done about a row. */
typedef enum action { KEEP, MASK, QUARANTINE, STOP } action;

/* A sheet under work. */
typedef struct work {
    hp_run *run;
    const hp_profile *p;
    hp_cleaned *c;
    hp_comply_count *count;
    action without;                  /* what the profile does about a consent that is not there */
    uint64_t kept[HP_CONSENT_COUNT]; /* rows of this sheet that were kept all the same */
} work;

static hp_field field_of(const work *w, size_t b) { return w->c->v[b] ? w->c->in->bind[b].field : HP_F_NONE; }

/* Returns the first value that a row has for a field, or what the profile sets for every row. */
static hp_str text_of(const work *w, hp_field f, size_t row) {
    for (size_t b = 0; b < w->c->in->nbind; b++)
        if (field_of(w, b) == f && w->c->v[b][row] != HP_NULL) return hp_text(w->run->pool, w->c->v[b][row]);
    return hp_text(w->run->pool, w->c->in->constant[f]);
}

static hp_cell cell_of(const work *w, size_t row, size_t b) {
    const hp_table *raw = w->c->in->raw;
    size_t r = w->c->in->first + row;
    hp_origin at = raw->origin ? raw->origin[r] : (hp_origin){w->c->in->sheet, (uint32_t)(r + 1)};
    return (hp_cell){at.sheet, at.row, raw->col[w->c->in->bind[b].col].source};
}

/* Returns the binding of the first personal value of a row; SIZE_MAX when there is none. */
static size_t first_personal(const work *w, size_t row) {
    for (size_t b = 0; b < w->c->in->nbind; b++) {
        hp_field f = field_of(w, b);
        if (f != HP_F_NONE && w->c->v[b][row] != HP_NULL && hp_field_is_pii(w->p, f)) return b;
    }
    return SIZE_MAX;
}

/* ---- consent ---- */

static hp_consent consent_of(const work *w, size_t row) {
    hp_autobuf slug = hp_buf_new(HP_CLEAN_SCRATCH);
    if (w->p->compliance.states) hp_utf8_slug(text_of(w, HP_F_ORGANIZATION_NAME, row), &slug);
    return hp_consent_decide(w->p, hp_buf_str(&slug), text_of(w, HP_F_CONTACT_CONSENT, row),
                             text_of(w, HP_F_CONTACT_CONSENT_PURPOSE, row));
}

/* Marks a row whose personal values are to be seen nowhere, not in the provenance either. */
static hp_code withhold(work *w, size_t row, hp_err *err) {
    hp_cleaned *c = w->c;
    if (!c->withheld) {
        c->withheld = HP_NEW_ARRAY(w->run->arena, c->nrow + 1, uint8_t);
        c->personal = HP_NEW_ARRAY(w->run->arena, c->in->nbind + 1, uint8_t);
        if (!c->withheld || !c->personal) return hp_fail_memory(err, "the rows without consent");
        for (size_t b = 0; b < c->in->nbind; b++)
            c->personal[b] = field_of(w, b) != HP_F_NONE && hp_field_is_pii(w->p, field_of(w, b));
    }
    c->withheld[row] = 1;
    return HP_OK;
}

/* Leaves the personal values of a row out. */
static hp_code mask_row(work *w, size_t row, size_t first, hp_consent c, hp_err *err) {
    for (size_t b = 0; b < w->c->in->nbind; b++) {
        hp_field f = field_of(w, b);
        if (f == HP_F_NONE || !hp_field_is_pii(w->p, f)) continue;
        w->c->v[b][row] = HP_NULL;
        if (w->c->extra[b]) w->c->extra[b][row] = HP_NULL;
    }
    w->count->masked++;
    HP_TRY(withhold(w, row, err));
    return hp_findf(w->run, HP_R_CONSENT_WITHHELD, cell_of(w, row, first), HP_NULL, err, "consent: %s",
                    hp_consent_name(c));
}

static hp_code refuse_row(work *w, size_t row, hp_consent c, hp_err *err) {
    if (!w->c->refused) w->c->refused = HP_NEW_ARRAY(w->run->arena, w->c->nrow + 1, hp_vid);
    if (!w->c->refused) return hp_fail_memory(err, "the rows without consent");
    hp_autobuf note = hp_buf_new(64);
    hp_buf_printf(&note, "consent: %s", hp_consent_name(c));
    HP_TRY(hp_buf_check(&note, "a note", err));
    w->count->quarantined++;
    HP_TRY(withhold(w, row, err));
    return hp_intern(w->run->pool, hp_buf_str(&note), &w->c->refused[row], err);
}

static hp_code stop(const work *w, size_t row, size_t first, hp_consent c, hp_err *err) {
    hp_autobuf at = hp_buf_new(4096);
    hp_address(&w->run->sources, cell_of(w, row, first), &at);
    return hp_fail(
        err, HP_FINDINGS,
        "%s: personal values without consent (%s), and the profile says without_consent: stop; nothing was written; "
        "record the consents, or change the profile",
        hp_buf_cstr(&at), hp_consent_name(c));
}

static hp_code judge_row(work *w, size_t row, hp_err *err) {
    size_t first = first_personal(w, row);
    if (first == SIZE_MAX) return HP_OK;
    hp_consent c = consent_of(w, row);
    w->count->state[c]++;
    if (c == HP_CONSENT_GRANTED) return HP_OK;
    action what = hp_consent_demanded(w->p) ? w->without : KEEP;
    if (what == KEEP && c != HP_CONSENT_DENIED) {
        w->kept[c]++;
        return HP_OK;
    }
    if (what == STOP) return stop(w, row, first, c, err);
    /* A row of an organisation that carries a contact stays without it; one of a person who stands for
     * himself has nothing left without its name. */
    hp_entity e = w->c->in->entity;
    bool whole = e == HP_E_PERSON || (what == QUARANTINE && e == HP_E_CONTACT);
    return whole ? refuse_row(w, row, c, err) : mask_row(w, row, first, c, err);
}

/* A row that is in quarantine already: its cells are not to be seen there either. */
static hp_code judge_kept_out(work *w, size_t row, hp_err *err) {
    if (first_personal(w, row) == SIZE_MAX) return HP_OK;
    hp_consent c = consent_of(w, row);
    bool kept = c == HP_CONSENT_GRANTED
                || (c != HP_CONSENT_DENIED && (!hp_consent_demanded(w->p) || w->without == KEEP));
    return kept ? HP_OK : withhold(w, row, err);
}

static hp_code tell_kept(const work *w, hp_err *err) {
    hp_autobuf note = hp_buf_new(256);
    uint64_t rows = 0;
    for (int c = 0; c < HP_CONSENT_COUNT; c++) {
        if (w->kept[c])
            hp_buf_printf(&note, "%s%s: %llu", note.n ? ", " : "", hp_consent_name((hp_consent)c),
                          (unsigned long long)w->kept[c]);
        rows += w->kept[c];
    }
    if (rows == 0 || !hp_consent_demanded(w->p)) return HP_OK;
    hp_cell sheet = {w->c->in->sheet, 0, HP_NO_COL};
    return hp_findf(w->run, HP_R_CONSENT_NOT_GIVEN, sheet, HP_NULL, err, "%s", hp_buf_cstr(&note));
}

static action action_of(const hp_profile *p) {
    hp_str word = p->compliance.without;
    return hp_str_eq(word, HP_S("report"))       ? KEEP
           : hp_str_eq(word, HP_S("quarantine")) ? QUARANTINE
           : hp_str_eq(word, HP_S("stop"))       ? STOP
                                                 : MASK;
}

/* Rows are only looked at when consents are demanded, or a sheet knows of any. */
static bool concerns(const work *w) {
    if (hp_consent_demanded(w->p) || w->p->compliance.states || w->c->in->constant[HP_F_CONTACT_CONSENT])
        return true;
    for (size_t b = 0; b < w->c->in->nbind; b++)
        if (field_of(w, b) == HP_F_CONTACT_CONSENT) return true;
    return false;
}

static hp_code judge_sheet(work *w, hp_err *err) {
    if (!concerns(w)) return HP_OK;
    for (size_t row = 0; row < w->c->nrow; row++) {
        bool out = w->c->in->kept_out && w->c->in->kept_out[row];
        HP_TRY(out ? judge_kept_out(w, row, err) : judge_row(w, row, err));
    }
    return tell_kept(w, err);
}

/* ---- free text ---- */

/* A value of free text and what became of it. */
typedef struct redacted {
    hp_vid v;
    uint64_t count[HP_REDACT_KINDS];
} redacted;

typedef struct scribe {
    hp_redactor r;
    hp_imap seen; /* value -> 1 + index in `of` when something was replaced, 0 when not */
    HP_VEC(redacted) of;
    hp_buf text;
} scribe;

/* Learns the names of the people that contact columns give, each distinct value once. */
static hp_code learn(const hp_run *run, const hp_cleaned *c, scribe *s, hp_imap *known, hp_err *err) {
    for (size_t b = 0; b < c->in->nbind; b++) {
        if (!c->v[b] || c->in->bind[b].field != HP_F_CONTACT_NAME) continue;
        for (size_t row = 0; row < c->nrow; row++) {
            uint32_t ignored;
            bool added;
            hp_str list = hp_text(run->pool, c->v[b][row]), name;
            if (list.n == 0) continue;
            if (!hp_imap_add(known, c->v[b][row], 0, &ignored, &added))
                return hp_fail_memory(err, "the names of people");
            while (added && hp_str_next(&list, HP_LIST_SEP, &name))
                HP_TRY(hp_redactor_know(&s->r, run->arena, name, err));
        }
    }
    return HP_OK;
}

/* Finds what becomes of a value, once for each distinct one. */
static hp_code redact_value(hp_run *run, scribe *s, hp_vid v, uint32_t *index, hp_err *err) {
    redacted made = {0};
    if (hp_imap_get(&s->seen, v, index)) return HP_OK;
    *index = 0;
    hp_buf_clear(&s->text);
    if (hp_redact(&s->r, hp_text(run->pool, v), &s->text, made.count)) {
        HP_TRY(hp_buf_check(&s->text, "redacted text", err));
        HP_TRY(hp_intern(run->pool, hp_buf_str(&s->text), &made.v, err));
        if (!hp_vec_push(&s->of, made)) return hp_fail_memory(err, "redacted text");
        *index = (uint32_t)s->of.n;
    }
    return hp_imap_put(&s->seen, v, *index) ? HP_OK : hp_fail_memory(err, "redacted text");
}

static hp_code tell_redacted(work *w, size_t row, size_t b, const redacted *r, hp_err *err) {
    hp_autobuf note = hp_buf_new(256);
    for (int k = 0; k < HP_REDACT_KINDS; k++) {
        w->count->redacted[k] += r->count[k];
        if (r->count[k])
            hp_buf_printf(&note, "%s%llu %s", note.n ? ", " : "", (unsigned long long)r->count[k],
                          hp_redact_kind_name((hp_redact_kind)k));
    }
    w->count->cells++;
    return hp_findf(w->run, HP_R_TEXT_REDACTED, cell_of(w, row, b), HP_NULL, err, "%s", hp_buf_cstr(&note));
}

static hp_code redact_sheet(work *w, scribe *s, hp_err *err) {
    for (size_t b = 0; b < w->c->in->nbind; b++) {
        if (field_of(w, b) == HP_F_NONE || !hp_field_is_redacted(w->p, field_of(w, b))) continue;
        if (!w->c->redacted) w->c->redacted = HP_NEW_ARRAY(w->run->arena, w->c->in->nbind + 1, uint8_t);
        if (!w->c->redacted) return hp_fail_memory(err, "redacted text");
        w->c->redacted[b] = 1;
        for (size_t row = 0; row < w->c->nrow; row++) {
            uint32_t index;
            hp_vid *v = &w->c->v[b][row];
            if (*v == HP_NULL) continue;
            HP_TRY(redact_value(w->run, s, *v, &index, err));
            if (index == 0) continue;
            *v = s->of.p[index - 1].v;
            HP_TRY(tell_redacted(w, row, b, &s->of.p[index - 1], err));
        }
    }
    return HP_OK;
}

static unsigned kinds_of(const hp_profile *p) {
    unsigned kinds = 0;
    for (size_t i = 0; i < p->compliance.nredact; i++)
        for (int k = 0; k < HP_REDACT_KINDS; k++)
            if (hp_str_eq(p->compliance.redact[i], hp_str_of(hp_redact_kind_name((hp_redact_kind)k))))
                kinds |= 1u << k;
    return kinds;
}

static void drop_scribe(scribe *s) {
    hp_redactor_free(&s->r);
    hp_imap_free(&s->seen);
    hp_vec_free(&s->of);
    hp_buf_free(&s->text);
}

hp_code hp_redactor_begin(const hp_profile *p, hp_redactor *out, hp_err *err) {
    *out = (hp_redactor){.region = "ZA", .kinds = kinds_of(p)};
    if (p->country.n == 2) memcpy(out->region, p->country.p, 2);
    return out->kinds ? hp_phone_ready(err) : HP_OK;
}

/* All names are learnt before any text is looked at, and before names without consent are left out. */
static hp_code learn_all(hp_run *run, hp_cleaned *const *sheets, size_t n, scribe *s, hp_err *err) {
    hp_imap known = {0};
    hp_code code = HP_OK;
    for (size_t i = 0; i < n && code == HP_OK; i++) code = learn(run, sheets[i], s, &known, err);
    hp_imap_free(&known);
    return code;
}

hp_code hp_comply(hp_run *run, const hp_profile *p, hp_cleaned *const *sheets, size_t n, hp_comply_count *out,
                  hp_err *err) {
    __attribute__((cleanup(drop_scribe))) scribe s = {.text = hp_buf_new(HP_CLEAN_SCRATCH)};
    *out = (hp_comply_count){0};
    HP_TRY(hp_redactor_begin(p, &s.r, err));
    if (s.r.kinds) HP_TRY(learn_all(run, sheets, n, &s, err));
    for (size_t i = 0; i < n; i++) {
        work w = {.run = run, .p = p, .c = sheets[i], .count = out, .without = action_of(p)};
        HP_TRY(judge_sheet(&w, err));
        if (s.r.kinds) HP_TRY(redact_sheet(&w, &s, err));
        hp_run_progress(run, "comply", i + 1, n);
    }
    return HP_OK;
}
