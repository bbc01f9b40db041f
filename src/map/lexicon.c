/* Headers in comparable forms, and how near a header is to the names of a field. */
#include "map/parts.h"

#include <stdlib.h>
#include "base/utf8.h"
#include "base/banned.h"

/* A header longer than this is a sentence: it is compared by its beginning. */
enum { NAME_MAX_BYTES = 120, MAX_TOKENS = 12 };

/* Splits "FirstName" into two words; only ASCII letters, other scripts have their own blanks. */
static void split_camel(hp_str s, hp_buf *out) {
    for (size_t i = 0; i < s.n; i++) {
        bool hump = i > 0 && s.p[i] >= 'A' && s.p[i] <= 'Z' && s.p[i - 1] >= 'a' && s.p[i - 1] <= 'z';
        if (hump) hp_buf_putc(out, ' ');
        hp_buf_putc(out, s.p[i]);
    }
}

/* Replaces what is neither letter nor digit by single blanks, none at the ends. */
static void words_of(hp_str folded, hp_buf *out) {
    bool gap = false;
    for (size_t i = 0; i < folded.n;) {
        uint32_t cp = hp_utf8_next(folded, &i);
        if (!hp_cp_alnum(cp)) {
            gap = true;
            continue;
        }
        if (gap && out->n) hp_buf_putc(out, ' ');
        gap = false;
        hp_buf_putu(out, cp);
    }
}

static hp_str without_blanks(hp_arena *a, hp_str words) {
    hp_str out = hp_arena_dup(a, words);
    if (!out.p) return out;
    char *p = (char *)(uintptr_t)out.p;
    size_t n = 0;
    for (size_t i = 0; i < words.n; i++) {
        if (words.p[i] != ' ') p[n++] = words.p[i];
    }
    out.n = n;
    return out;
}

/* "email2" is one more "email"; a name that is all digits stays. */
static hp_str without_number(hp_str tight) {
    size_t n = tight.n;
    while (n > 0 && hp_is_digit(tight.p[n - 1])) n--;
    return n ? hp_str_cut(tight, 0, n) : tight;
}

hp_map_name hp_map_name_of(hp_arena *a, hp_str header, bool camel) {
    hp_autobuf split = hp_buf_new(4 * NAME_MAX_BYTES), folded = hp_buf_new(64 * NAME_MAX_BYTES);
    hp_autobuf words = hp_buf_new(64 * NAME_MAX_BYTES);
    hp_str s = hp_str_cut(header, 0, NAME_MAX_BYTES);
    while (s.n && s.n < header.n && ((unsigned char)header.p[s.n] & 0xC0) == 0x80)
        s.n--; /* not inside a character */
    if (camel)
        split_camel(s, &split);
    else
        hp_buf_add(&split, s);
    hp_utf8_fold(hp_buf_str(&split), &folded);
    words_of(hp_buf_str(&folded), &words);
    if (split.bad || folded.bad || words.bad) return (hp_map_name){0};
    hp_map_name name = {.words = hp_arena_dup(a, hp_buf_str(&words))};
    name.tight = without_blanks(a, name.words);
    name.base = without_number(name.tight);
    return name.words.p && name.tight.p ? name : (hp_map_name){0};
}

static int by_tight(const void *a, const void *b) {
    const hp_map_word *x = a, *y = b;
    int c = hp_str_cmp(x->name.tight, y->name.tight);
    if (c) return c;
    return x->field != y->field ? (x->field < y->field ? -1 : 1)
                                : (x->weight < y->weight) - (x->weight > y->weight);
}

static bool add_word(hp_lexicon *lex, hp_field f, hp_str text, double weight) {
    hp_map_name name = hp_map_name_of(lex->arena, text, false);
    if (!name.words.p) return false;
    if (name.tight.n) lex->word[lex->n++] = (hp_map_word){name, f, weight};
    return true;
}

/* The table's texts are in comparable form already, so that they need no folding at each start. */
static bool add_builtin(hp_lexicon *lex, const hp_map_synonym *s) {
    hp_map_name name = {.words = hp_str_of(s->text)};
    name.tight = without_blanks(lex->arena, name.words);
    name.base = without_number(name.tight);
    if (!name.tight.p) return false;
    lex->word[lex->n++] = (hp_map_word){name, s->field, s->weight};
    return true;
}

hp_lexicon *hp_lexicon_new(hp_arena *a, const hp_profile *p) {
    size_t nbuiltin, n = HP_FIELD_COUNT;
    const hp_map_synonym *builtin = hp_map_synonyms(&nbuiltin);
    n += nbuiltin;
    for (size_t i = 0; p && i < p->nsynonyms; i++) n += p->synonyms[i].n;
    hp_lexicon *lex = HP_NEW(a, hp_lexicon);
    if (!lex) return NULL;
    lex->arena = a;
    lex->word = HP_NEW_ARRAY(a, n, hp_map_word);
    bool ok = lex->word != NULL;
    for (int f = 1; ok && f < HP_FIELD_COUNT; f++)
        ok = add_word(lex, (hp_field)f, hp_str_of(hp_field_get((hp_field)f)->name), 1);
    for (size_t i = 0; ok && i < nbuiltin; i++) ok = add_builtin(lex, &builtin[i]);
    for (size_t i = 0; ok && p && i < p->nsynonyms; i++) {
        const hp_profile_synonyms *s = &p->synonyms[i];
        for (size_t k = 0; ok && k < s->n; k++) ok = add_word(lex, s->field, s->name[k], 1);
    }
    if (!ok) return NULL;
    qsort(lex->word, lex->n, sizeof *lex->word, by_tight);
    return lex;
}

static size_t first_at(const hp_lexicon *lex, hp_str tight) {
    size_t lo = 0, hi = lex->n;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (hp_str_cmp(lex->word[mid].name.tight, tight) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

/* Gives `field` (or with HP_F_NONE any) its weight for a name that is exactly `tight`. */
static double exact_weight(const hp_lexicon *lex, hp_str tight, double score[HP_FIELD_COUNT]) {
    double best = 0;
    for (size_t i = tight.n ? first_at(lex, tight) : lex->n; i < lex->n; i++) {
        const hp_map_word *w = &lex->word[i];
        if (!hp_str_eq(w->name.tight, tight)) break;
        if (w->weight > best) best = w->weight;
        if (score && w->weight > score[w->field]) score[w->field] = w->weight;
    }
    return best;
}

double hp_lexicon_exact(const hp_lexicon *lex, const hp_map_name *name) {
    double w = exact_weight(lex, name->tight, NULL);
    return w > 0 ? w : exact_weight(lex, name->base, NULL);
}

/* Likeness of two short texts by typing errors. Short words differ by one letter and mean different things
 * (county, country), so that they get less. */
static double typo_likeness(hp_str a, hp_str b) {
    size_t longer = a.n > b.n ? a.n : b.n, shorter = a.n > b.n ? b.n : a.n;
    if (longer < 5 || longer > 64 || (longer - shorter) * 3 > longer) return 0;
    double s = 1 - (double)hp_str_distance(a, b) / (double)longer;
    return longer < 8 || s < 0.8 ? s * 0.8 : s;
}

static size_t tokens_of(hp_str words, hp_str tok[MAX_TOKENS]) {
    size_t n = 0;
    hp_str part;
    while (n < MAX_TOKENS && hp_str_next(&words, ' ', &part)) {
        bool number = true;
        for (size_t i = 0; i < part.n; i++) number = number && hp_is_digit(part.p[i]);
        if (part.n && !number) tok[n++] = part;
    }
    return n;
}

static bool same_token(hp_str a, hp_str b) {
    return hp_str_eq(a, b) || (a.n >= 6 && b.n >= 6 && hp_str_distance(a, b) == 1);
}

/* Words that decide what a header is about: "contact id" is not much like "contact". */
static bool decides(hp_str word) {
    static const char *const WORDS[] = {"id",      "no",  "nr",    "number", "code",   "email",   "mail",
                                        "phone",   "tel", "date",  "type",   "status", "address", "fax",
                                        "website", "url", "count", "amount", "total"};
    for (size_t i = 0; i < sizeof WORDS / sizeof *WORDS; i++) {
        if (hp_str_eq(word, hp_str_of(WORDS[i]))) return true;
    }
    return false;
}

/* Dice coefficient over words, each counting by its length. A word that is left over and decides, or names
 * another field ("account MANAGER name"), says that the header means something else. */
static double token_likeness(const hp_lexicon *lex, hp_str header, hp_str word, hp_field f) {
    hp_str a[MAX_TOKENS], b[MAX_TOKENS];
    size_t na = tokens_of(header, a), nb = tokens_of(word, b), total = 0, common = 0;
    if (na < 2 && nb < 2) return 0;
    bool used[MAX_TOKENS] = {false};
    double damp = 1;
    for (size_t j = 0; j < nb; j++) total += b[j].n;
    for (size_t i = 0; i < na; i++) {
        size_t j = 0;
        while (j < nb && (used[j] || !same_token(a[i], b[j]))) j++;
        total += a[i].n;
        if (j < nb) {
            used[j] = true;
            common += a[i].n + b[j].n;
            continue;
        }
        double other[HP_FIELD_COUNT] = {0};
        if (decides(a[i]))
            damp = 0.6;
        else if (exact_weight(lex, a[i], other) > other[f] && damp > 0.8)
            damp = 0.8;
    }
    for (size_t j = 0; j < nb; j++) {
        if (!used[j] && decides(b[j])) damp = 0.6;
    }
    return total ? damp * (double)common / (double)total : 0;
}

static double likeness(const hp_lexicon *lex, const hp_map_name *name, const hp_map_word *w) {
    double typo = typo_likeness(name->base, w->name.tight);
    double tok = token_likeness(lex, name->words, w->name.words, w->field);
    /* Only the name itself scores 1. */
    return 0.95 * (typo > tok ? typo : tok) * w->weight;
}

void hp_lexicon_score(const hp_lexicon *lex, const hp_map_name *name, bool likeness_too,
                      double score[HP_FIELD_COUNT], bool exact[HP_FIELD_COUNT]) {
    for (int f = 0; f < HP_FIELD_COUNT; f++) score[f] = 0;
    exact_weight(lex, name->tight, score);
    if (!hp_str_eq(name->base, name->tight)) {
        double base[HP_FIELD_COUNT] = {0};
        exact_weight(lex, name->base, base);
        for (int f = 0; f < HP_FIELD_COUNT; f++)
            score[f] = 0.98 * base[f] > score[f] ? 0.98 * base[f] : score[f];
    }
    for (int f = 0; f < HP_FIELD_COUNT; f++) exact[f] = score[f] > 0;
    for (size_t i = 0; likeness_too && name->tight.n && i < lex->n; i++) {
        const hp_map_word *w = &lex->word[i];
        if (exact[w->field]) continue;
        double s = likeness(lex, name, w);
        if (s > score[w->field]) score[w->field] = s;
    }
}

hp_code hp_map_score_fields(const hp_profile *p, hp_str header, double score[HP_FIELD_COUNT], hp_err *err) {
    hp_autoarena *a = hp_arena_new(NULL);
    hp_lexicon *lex = a ? hp_lexicon_new(a, p) : NULL;
    hp_map_name name = {0};
    bool exact[HP_FIELD_COUNT];
    if (lex) name = hp_map_name_of(a, header, true);
    if (!name.words.p) return hp_fail_memory(err, "the names of fields");
    hp_lexicon_score(lex, &name, true, score, exact);
    return HP_OK;
}

double hp_map_score_header(const hp_profile *p, hp_str header, hp_field f) {
    double score[HP_FIELD_COUNT];
    if (f <= HP_F_NONE || f >= HP_FIELD_COUNT) return 0;
    return hp_map_score_fields(p, header, score, NULL) == HP_OK ? score[f] : 0;
}
