/* What is found out about a column before anything is proposed. */
#include "base/map.h"
#include "base/utf8.h"
#include "check/pattern.h"
#include "check/propose_parts.h"

#include "base/banned.h"

/* From the most to the least special; the first that nearly all values have is theirs. */
static const hp_value_form FORM[] = {
    {.regex = "^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", .text = "e-mail addresses"},
    {.regex = "^https?://\\S+$", .text = "web addresses"},
    {.regex = "^\\+[0-9]{6,15}$", .text = "phone numbers by E.164"},
    {.regex = "^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$", .text = "UUIDs"},
    {.regex = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", .text = "dates by ISO 8601", .date = true, .measure = true},
    {.regex = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}",
     .text = "dates with a time by ISO 8601",
     .measure = true},
    {.regex = "^[0-9]{1,2}[/.][0-9]{1,2}[/.][0-9]{4}$", .text = "dates as 31/12/2025", .measure = true},
    {.regex = "^-?(?:0|[1-9][0-9]*)$", .text = "whole numbers", .number = true, .whole = true},
    {.regex = "^-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?$", .text = "numbers", .number = true, .measure = true},
    {.regex = "^[0-9]+$", .text = "digits"},
    {.regex = "^[+(]?[0-9](?:[ ()./-]*[0-9]){6,14}$", .text = "phone numbers"},
};
enum { FORMS = sizeof FORM / sizeof *FORM };

/* Fewer values have any form by chance. */
enum { FORM_VALUES = 5 };
/* So many of them must have it, in per cent. */
enum { FORM_SHARE = 90 };

hp_code hp_value_forms_open(hp_pattern ***out, hp_arena *a, hp_err *err) {
    hp_pattern **p = HP_NEW_ARRAY(a, FORMS, hp_pattern *);
    if (!p) return hp_fail_memory(err, "the forms of values");
    *out = p;
    for (size_t i = 0; i < FORMS; i++)
        HP_TRY(hp_pattern_compile_python(hp_str_of(FORM[i].regex), "a form of values", &p[i], err));
    return HP_OK;
}

void hp_value_forms_close(hp_pattern **p) {
    for (size_t i = 0; p && i < FORMS; i++) hp_pattern_free(p[i]);
}

static hp_code count_values(hp_column_look *l, hp_err *err) {
    hp_imap at = {0};
    bool ok = true;
    for (size_t r = 0; r < l->nrow && ok; r++) {
        hp_vid v = l->col->v[r];
        uint32_t i;
        bool fresh;
        if (v == HP_NULL) continue;
        l->filled++;
        l->of_type[hp_cell_type(l->col, r)]++;
        ok = hp_imap_add(&at, v, (uint32_t)l->seen.n, &i, &fresh);
        if (!ok) break;
        if (fresh) ok = hp_vec_push(&l->seen, ((hp_seen){v, 0}));
        if (ok) l->seen.p[i].count++;
    }
    hp_imap_free(&at);
    return ok ? HP_OK : hp_fail_memory(err, "the values of a column");
}

static hp_code count_form(const hp_run *run, const hp_column_look *l, hp_pattern *p, uint64_t *fit,
                          hp_err *err) {
    *fit = 0;
    for (size_t i = 0; i < l->seen.n; i++) {
        bool matches;
        HP_TRY(hp_pattern_match(p, hp_text(run->pool, l->seen.p[i].v), &matches, err));
        if (matches) *fit += l->seen.p[i].count;
    }
    return HP_OK;
}

static hp_code find_form(const hp_run *run, hp_column_look *l, hp_pattern *const *form, hp_err *err) {
    if (l->filled < FORM_VALUES || l->of_type[HP_T_TEXT] < l->filled) return HP_OK;
    for (size_t i = 0; i < FORMS; i++) {
        uint64_t fit;
        HP_TRY(count_form(run, l, form[i], &fit, err));
        if (fit * 100 < l->filled * FORM_SHARE) continue;
        l->form = &FORM[i];
        l->fit = fit;
        return HP_OK;
    }
    return HP_OK;
}

static size_t characters(hp_str s) {
    size_t n = 0;
    for (size_t i = 0; i < s.n; n++) hp_utf8_next(s, &i);
    return n;
}

static void measure(const hp_run *run, hp_column_look *l) {
    bool typed = l->of_type[HP_T_NUMBER] == l->filled,
         read = l->form && l->form->number && l->fit == l->filled;
    l->numbers = l->whole = l->filled > 0 && (typed || read);
    for (size_t i = 0; i < l->seen.n; i++) {
        hp_str s = hp_text(run->pool, l->seen.p[i].v);
        double x;
        size_t width = characters(s);
        l->width = i == 0 || width == l->width ? width : 0;
        if (!l->numbers) continue;
        if (!hp_str_f64(s, &x)) {
            l->numbers = l->whole = false;
            continue;
        }
        if (hp_str_chr(s, '.', 0) != SIZE_MAX) l->whole = false;
        if (i == 0 || x < l->least) l->least = x;
        if (i == 0 || x > l->most) l->most = x;
    }
}

/* Finds the earliest date of a column of dates. */
static void find_first(const hp_run *run, hp_column_look *l) {
    bool typed = l->of_type[HP_T_DATE] == l->filled && l->filled > 0;
    if (!typed && !(l->form && l->form->date && l->fit == l->filled)) return;
    for (size_t i = 0; i < l->seen.n; i++) {
        hp_str s = hp_text(run->pool, l->seen.p[i].v);
        bool time = s.n < 10 || s.p[4] != '-'; /* a time of day, which has no year */
        if (time) {
            l->first = HP_S("");
            return;
        }
        if (l->first.n == 0 || hp_str_cmp(s, l->first) < 0) l->first = s;
    }
}

hp_code hp_column_look_at(hp_run *run, const hp_table *t, size_t column, hp_pattern *const *form,
                          hp_column_look *out, hp_err *err) {
    *out = (hp_column_look){.col = &t->col[column], .nrow = t->nrow};
    HP_TRY(count_values(out, err));
    HP_TRY(find_form(run, out, form, err));
    measure(run, out);
    find_first(run, out);
    return HP_OK;
}

void hp_column_look_free(hp_column_look *l) { hp_vec_free(&l->seen); }

/* Words of headers whose values may be people, or what tells people apart; one of them is enough. */
static const char *const PEOPLE[] = {
    "agent",          "assistant",   "author",    "birth",    "born",     "buyer",      "by",
    "captain",        "caller",      "contact",   "coach",    "customer", "director",   "doctor",
    "driver",         "employee",    "firstname", "forename", "guest",    "handler",    "instructor",
    "lastname",       "leader",      "manager",   "member",   "name",     "names",      "nickname",
    "officer",        "operator",    "owner",     "patient",  "person",   "pilot",      "rep",
    "representative", "salesperson", "signatory", "staff",    "student",  "supervisor", "surname",
    "teacher",        "user",        "username",  "who",      "worker",   "address",    "email",
    "mail",           "phone",       "mobile",    "cell",     "fax",      "passport",   "id"};

bool hp_header_names_people(hp_str header) {
    for (size_t i = 0; i < header.n;) {
        size_t from = i;
        while (i < header.n && (hp_is_alpha(header.p[i]) || (unsigned char)header.p[i] >= 0x80)
               && (i == from
                   || !(header.p[i] >= 'A' && header.p[i] <= 'Z' && header.p[i - 1] >= 'a'
                        && header.p[i - 1] <= 'z')))
            i++;
        hp_str word = hp_str_cut(header, from, i);
        for (size_t k = 0; k < sizeof PEOPLE / sizeof *PEOPLE; k++)
            if (hp_str_ieq(word, hp_str_of(PEOPLE[k]))) return true;
        if (i == from) i++;
    }
    return false;
}
