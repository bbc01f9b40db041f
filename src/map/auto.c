/* Binding columns that nobody declared: the header's likeness to the names of fields, checked
 * against what the values look like. */
#include "map/parts.h"

#include "base/limits.h"

#include <stdlib.h>
#include "base/banned.h"

/* From this score on a header says what it means; below, contents may overrule it. */
#define CLEAR 0.95
/* Below this a second best field is not worth telling. */
#define WORTH_TELLING 0.4

/* Hold what speaks for the fields of one column. */
typedef struct column_look {
    hp_content content;
    hp_map_name name;
    double score[HP_FIELD_COUNT];
    hp_map_reason reason[HP_FIELD_COUNT];
    hp_field field; /* chosen */
    bool numbered;  /* the header speaks of a code: digits in it are no phone number */
} column_look;

/* Hold one way to bind a column. */
typedef struct candidate {
    double score;
    uint32_t col;
    hp_field field;
} candidate;

static double most(double a, double b) { return a > b ? a : b; }

/* The share of values that fit the field's kind; negative when the kind has no shape of its own. */
static double fit_of(const hp_content *c, hp_field f) {
    switch (hp_field_get(f)->kind) {
    case HP_K_EMAIL: return hp_content_share(c, c->email);
    case HP_K_WEBSITE: return hp_content_share(c, c->website);
    case HP_K_PHONE: return hp_content_share(c, c->phone);
    case HP_K_DATE: return hp_content_share(c, c->date);
    default: return f == HP_F_CONTACT_TITLE ? hp_content_share(c, c->form) : -1;
    }
}

/* The share of values that cannot be what the field is. Notes may hold anything; ids may
 * look like phones and dates. */
static double contradiction(const hp_content *c, hp_field f) {
    size_t links = c->email + c->website;
    switch (hp_field_get(f)->kind) {
    case HP_K_ORG_NAME:
    case HP_K_PERSON: return hp_content_share(c, links + c->date + c->phone + c->number);
    case HP_K_PROVINCE:
    case HP_K_COUNTRY: return hp_content_share(c, links + c->date + c->phone);
    case HP_K_STATUS: return hp_content_share(c, links + c->phone);
    case HP_K_TEXT:
    case HP_K_ADDRESS:
        return f == HP_F_NOTES || f == HP_F_DESCRIPTION ? 0 : hp_content_share(c, links + c->strong_phone);
    default: return hp_content_share(c, links);
    }
}

/* Lowers a header's score when the values speak against it, and raises that of a mere
 * likeness when they speak for it. */
static double weigh(const hp_content *c, hp_field f, double score, bool exact) {
    double fit = fit_of(c, f);
    if (c->n == 0 || score == 0) return score;
    if (fit < 0) return contradiction(c, f) >= 0.8 ? score * 0.5 : score;
    if (fit < 0.2 && c->n >= 3) return score * (fit < 0.05 ? 0.5 : 0.65);
    if (exact || fit < 0.5 || score < 0.45) return score;
    return score + 0.2 * fit < CLEAR ? score + 0.2 * fit : CLEAR;
}

/* "Name" alone may be an organisation's or a person's: the values decide. */
static void weigh_names(column_look *l) {
    double org = hp_content_share(&l->content, l->content.organization),
           person = hp_content_share(&l->content, l->content.person);
    double *o = &l->score[HP_F_ORGANIZATION_NAME], *p = &l->score[HP_F_CONTACT_NAME];
    if (*o >= CLEAR || *p >= CLEAR || *o == 0 || *p == 0) return;
    if (person >= 0.6 && person > org)
        *p = most(*p, *o + 0.03);
    else if (org >= 0.2)
        *o = most(*o, *p + 0.05);
}

/* Strong contents map a column whose header says nothing; without any header less will do. A header that
 * speaks of numbers of another sort is left alone. */
static void score_content(column_look *l) {
    double least = l->name.tight.n ? 0.8 : 0.6;
    const struct {
        hp_field field;
        size_t n;
        double weight;
    } strong[] = {{HP_F_CONTACT_EMAIL, l->content.email, 0.9},
                  {HP_F_WEBSITE, l->content.website, 0.9},
                  {HP_F_CONTACT_PHONE, l->numbered ? 0 : l->content.strong_phone, 0.88}};
    for (size_t i = 0; i < sizeof strong / sizeof *strong; i++) {
        double share = hp_content_share(&l->content, strong[i].n), s = most(share * strong[i].weight, 0.7);
        if (share < least || s <= l->score[strong[i].field]) continue;
        l->score[strong[i].field] = s;
        l->reason[strong[i].field] = HP_MAP_CONTENT;
    }
}

static bool speaks_of_codes(hp_str words) {
    static const char *const CODES[] = {"id",      "code",     "vat",    "tax",     "reg",     "registration",
                                        "account", "invoice",  "order",  "amount",  "price",   "total",
                                        "qty",     "quantity", "serial", "licence", "license", "fax",
                                        "bank",    "number",   "no",     "nr"};
    hp_str part;
    while (hp_str_next(&words, ' ', &part)) {
        for (size_t i = 0; i < sizeof CODES / sizeof *CODES; i++) {
            if (hp_str_eq(part, hp_str_of(CODES[i]))) return true;
        }
    }
    return false;
}

static bool announce_guesses(const hp_sheet_map *s) {
    hp_cell at = {.sheet = s->sheet, .col = HP_NO_COL};
    return hp_findf(s->run, HP_R_GUESS_LIMIT, at, HP_NULL, NULL,
                    "from this sheet on; the limit is %u headers", HP_LIMIT_GUESSES)
           == HP_OK;
}

static bool look_at_column(const hp_sheet_map *s, size_t c, column_look *l) {
    bool exact[HP_FIELD_COUNT] = {false};
    if (!s->filled[c]) return true; /* nothing to use; its header is not worth a place */
    hp_content_of(s->run->pool, &s->raw->col[c], s->first, s->raw->nrow, &l->content);
    if (!s->blank[c]) {
        l->name = hp_map_name_of(s->scratch, s->header[c], true);
        if (!l->name.words.p) return false;
        hp_lexicon_score(s->lex, &l->name, s->run->guesses++ < HP_LIMIT_GUESSES, l->score, exact);
        if (s->run->guesses == HP_LIMIT_GUESSES + 1 && !announce_guesses(s)) return false;
        l->numbered = speaks_of_codes(l->name.words);
    }
    for (int f = 1; f < HP_FIELD_COUNT; f++) {
        l->reason[f] = exact[f] ? HP_MAP_EXACT : HP_MAP_SIMILAR;
        l->score[f] = weigh(&l->content, (hp_field)f, l->score[f], exact[f]);
    }
    weigh_names(l);
    score_content(l);
    return true;
}

/* Beside a surname, "Name" is the given name, unless another column is that. */
static void settle_given_name(column_look *look, size_t ncol) {
    bool surname = false, given = false;
    for (size_t c = 0; c < ncol; c++) {
        surname = surname || look[c].score[HP_F_CONTACT_LAST_NAME] >= CLEAR;
        given = given || look[c].score[HP_F_CONTACT_FIRST_NAME] >= CLEAR;
    }
    for (size_t c = 0; surname && !given && c < ncol; c++) {
        if (look[c].score[HP_F_CONTACT_FIRST_NAME] > 0.7 && hp_str_eq(look[c].name.tight, HP_S("name")))
            look[c].score[HP_F_CONTACT_FIRST_NAME] = CLEAR;
    }
}

static int by_score(const void *a, const void *b) {
    const candidate *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    if (x->col != y->col) return x->col < y->col ? -1 : 1;
    return x->field < y->field ? -1 : x->field > y->field;
}

/* Gives columns their fields, best scores first; a field that takes one column only is then taken. */
static bool assign(const hp_sheet_map *s, column_look *look) {
    double threshold = s->p ? s->p->map_threshold : 0.7;
    bool taken[HP_FIELD_COUNT] = {false};
    candidate *list = HP_NEW_ARRAY(s->scratch, s->raw->ncol * HP_FIELD_COUNT + 1, candidate);
    size_t n = 0;
    if (!list) return false;
    for (uint32_t c = 0; c < s->raw->ncol; c++) {
        for (int f = 1; f < HP_FIELD_COUNT; f++) {
            if (look[c].score[f] >= threshold) list[n++] = (candidate){look[c].score[f], c, (hp_field)f};
        }
    }
    if (n) qsort(list, n, sizeof *list, by_score);
    for (size_t i = 0; i < n; i++) {
        hp_field f = list[i].field;
        if (look[list[i].col].field != HP_F_NONE || (taken[f] && !hp_field_get(f)->joiner)) continue;
        look[list[i].col].field = f;
        taken[f] = true;
    }
    return true;
}

static bool has(const column_look *look, size_t ncol, hp_field f) {
    for (size_t c = 0; c < ncol; c++) {
        if (look[c].field == f) return true;
    }
    return false;
}

static bool has_person(const column_look *look, size_t ncol) {
    return has(look, ncol, HP_F_CONTACT_NAME) || has(look, ncol, HP_F_CONTACT_FIRST_NAME)
           || has(look, ncol, HP_F_CONTACT_LAST_NAME);
}

static bool has_channel(const column_look *look, size_t ncol) {
    return has(look, ncol, HP_F_CONTACT_EMAIL) || has(look, ncol, HP_F_CONTACT_PHONE)
           || has(look, ncol, HP_F_WEBSITE);
}

/* Gives a field of names to the unmapped column with the largest share of such names; false when none has
 * enough. With `unnamed` only columns without a header are looked at. */
static bool guess_column(column_look *look, size_t ncol, hp_field f, double least, bool unnamed) {
    size_t best = SIZE_MAX;
    for (size_t c = 0; c < ncol; c++) {
        const hp_content *k = &look[c].content;
        double share = hp_content_share(k, f == HP_F_ORGANIZATION_NAME ? k->organization : k->person);
        if (look[c].field != HP_F_NONE || (unnamed && look[c].name.tight.n)) continue;
        if (share < least || (best != SIZE_MAX && share == least)) continue;
        best = c;
        least = share;
    }
    if (best == SIZE_MAX) return false;
    look[best].field = f;
    look[best].reason[f] = HP_MAP_CONTENT;
    look[best].score[f] = most(look[best].score[f], 0.7);
    return true;
}

/* A list with e-mails or phones but no column that is called a name: the column whose
 * values are names is meant. */
static void guess_names(column_look *look, size_t ncol) {
    if (!has_channel(look, ncol)) return;
    bool named = has(look, ncol, HP_F_ORGANIZATION_NAME), key = has(look, ncol, HP_F_RECORD_ID),
         person = has_person(look, ncol);
    if (!named && !key) named = guess_column(look, ncol, HP_F_ORGANIZATION_NAME, 0.4, false);
    if (!person) guess_column(look, ncol, HP_F_CONTACT_NAME, 0.6, named || key);
}

/* Says what a row describes; false when nothing names it. */
static bool find_entity(const column_look *look, size_t ncol, hp_mapped *m) {
    bool key = has(look, ncol, HP_F_RECORD_ID);
    m->join_name = has(look, ncol, HP_F_ORGANIZATION_NAME);
    m->join_key = key;
    if (m->join_name || m->constant[HP_F_ORGANIZATION_NAME])
        m->entity = HP_E_ORGANIZATION;
    else if (has_person(look, ncol))
        m->entity = HP_E_PERSON;
    else if (!key)
        return false;
    else if (has_channel(look, ncol))
        m->entity = HP_E_CONTACT;
    else if (has(look, ncol, HP_F_ADDRESS))
        m->entity = HP_E_ADDRESS;
    else if (has(look, ncol, HP_F_NOTES) || has(look, ncol, HP_F_DESCRIPTION))
        m->entity = HP_E_NOTE;
    else
        return false;
    return true;
}

/* The profile may have said what the rows are, without saying what the columns are. */
static bool settle_entity(const hp_sheet_map *s, const column_look *look) {
    bool usable = find_entity(look, s->raw->ncol, s->m);
    if (!s->decl || s->decl->entity == HP_E_ORGANIZATION) return usable;
    s->m->entity = s->decl->entity;
    s->m->join_key = s->m->join_key && s->decl->join_key;
    s->m->join_name = s->m->join_name && s->decl->join_name;
    if (s->m->entity == HP_E_PERSON) return has_person(look, s->raw->ncol);
    return s->m->join_key || s->m->join_name;
}

static hp_binding binding_of(const hp_sheet_map *s, const column_look *l, uint32_t c) {
    hp_binding b = {.col = c, .header = s->header[c], .field = l->field, .reason = HP_MAP_NOT};
    if (l->field) {
        b.reason = l->reason[l->field];
        b.score = l->score[l->field];
    }
    for (int f = 1; f < HP_FIELD_COUNT; f++) {
        if (f == (int)l->field || l->score[f] < WORTH_TELLING || l->score[f] <= b.runner_score) continue;
        b.runner_up = (hp_field)f;
        b.runner_score = l->score[f];
    }
    return b;
}

hp_code hp_map_automatic(hp_sheet_map *s, bool *usable, hp_err *err) {
    size_t ncol = s->raw->ncol;
    column_look *look = HP_NEW_ARRAY(s->scratch, ncol + 1, column_look);
    s->m->bind = HP_NEW_ARRAY(s->run->arena, ncol + 1, hp_binding);
    bool ok = look && s->m->bind;
    for (size_t c = 0; ok && c < ncol; c++) ok = look_at_column(s, c, &look[c]);
    if (ok) settle_given_name(look, ncol);
    if (!ok || !assign(s, look)) return hp_fail_memory(err, "the columns");
    guess_names(look, ncol);
    *usable = settle_entity(s, look);
    for (uint32_t c = 0; c < ncol; c++) s->m->bind[s->m->nbind++] = binding_of(s, &look[c], c);
    return HP_OK;
}
