/* Names of people in running text. */
#include "clean/redact_parts.h"

#include "base/utf8.h"
#include "clean/value.h"

#include "base/banned.h"

/* More words than this are no name; a name that is known may be longer. */
enum { MAX_WORDS = 4, MAX_KNOWN = 6 };

static const char TITLES[] =
    "mr mrs ms miss mx dr prof adv advocate capt captain rev sir madam sgt col lt maj cpt mnr mev mej ds pastor judge fr";
static const char PARTICLES[] = "van von der den de du da dos das del della le la ten ter te bin al el";
/* Given names of southern Africa and the English-speaking world; those that are also everyday words are in
 * DOUBTFUL and need a family name behind them. */
static const char GIVEN[] =
#include "clean/given_names.def"
    ;
static const char DOUBTFUL[] =
    "george will mark grace hope may april june rose faith joy victor charlie victoria sydney chase grant bill jack rob art dawn "
    "gene guy ivy lance max miles pat penny pearl ray rich robin ruby rusty sandy summer sunny terry tom trust precious "
    "happy lucky gift blessing prince princess patience innocent goodwill fortune beauty dean earl frank iris jade "
    "jean jo lee lily olive violet wade ward drew brook chelsea christian duke georgia jordan kelly lesley logan mason "
    "paris taylor tyler autumn angel carol constance honour justice knowledge liberty marvellous memory mercy nick page "
    "peace prudence rock stone surprise sue thanks thursday august austin bishop bob brandy don gay harmony heath "
    "hunter israel jerry mike noble norm piper prosper reed reward rod roman sage scott sky star stormy sterling";
/* Words before a name, the last of them. */
static const char ANNOUNCE[] =
    "contact contacts spoke speak speaking to with met meet ask called emailed phoned attention attn owner manager "
    "director instructor pilot ceo cfo md secretary accountant regards greetings signed hi hello dear beste groete "
    "from by for via per left closed name named surname assistant receptionist partner colleague wife husband daughter son replaced "
    "succeeded mechanic engineer founder chairman chairperson principal";
/* Words that may stand between such a word and the name. */
static const char BETWEEN[] = "is was called named the";
/* Words that make a capitalised group something else than a person. */
static const char OTHER[] =
    "aviation air airways airport airfield aero aeroclub airlines aerospace flight flying flights fly school academy college "
    "university club group holdings services service centre center charters charter helicopters helicopter jets jet pty "
    "ltd inc cc npc trust company bank hotel lodge town city cape gauteng limpopo mpumalanga natal kwazulu free state "
    "north south east west northern southern eastern western central province street road avenue drive lane park "
    "international national regional department office training maintenance engineering systems solutions technologies "
    "industries insurance brokers motorsport racing africa african afrika johannesburg pretoria durban bloemfontein "
    "polokwane lanseria rand wonderboom grand virginia stellenbosch knysna kimberley nelspruit potchefstroom "
    "rustenburg midrand sandton randburg benoni cessna piper sling robinson bell airbus boeing cirrus diamond pilatus "
    "beechcraft baron bonanza seneca cherokee warrior excel word outlook teams microsoft zoom google facebook linkedin sacaa "
    "caa icao iata vat mountain river bay beach valley hill hills ridge lake dam port mount fort saint";
/* Words that begin sentences, dates and the like: a name ends before them. */
static const char STOP[] =
    "the this that these those please note notes update updated client customer supplier once when if we they he she it new "
    "old their our your and or not no yes via also only both all any invoice order quote account reception sales support "
    "accounts january february march april may june july august september october november december monday tuesday "
    "wednesday thursday friday saturday sunday jan feb mar apr jun jul aug sep sept oct nov dec ask spoke contact mr mrs ms "
    "dr prof adv capt copy call called calls will uses fleet insured next meeting registration runway iso gps see mail email tel fax "
    "cell whatsapp left met attention regards passport id card licence wife husband serial";
/* Words of places that have somebody's name: "Port Elizabeth". */
static const char PLACE[] = "port mount fort lake st saint cape";
static const char FAMILY[] =
#include "clean/family_names.def"
    ;

static char at(hp_str s, size_t i) { return i < s.n ? s.p[i] : '\0'; }

/* Returns the end of the word at `i`: letters, with hyphens and apostrophes inside. */
static size_t word_end(hp_str s, size_t i) {
    size_t k = i;
    while (k < s.n) {
        bool letter = hp_is_alpha(s.p[k]) || (unsigned char)s.p[k] >= 0x80;
        bool inside = k > i && (s.p[k] == '-' || s.p[k] == '\'')
                      && (hp_is_alpha(at(s, k + 1)) || (unsigned char)at(s, k + 1) >= 0x80);
        if (!letter && !inside) break;
        k++;
    }
    hp_str word = hp_str_cut(s, i, k);
    if (hp_str_ends(word, HP_S("'s"))) return k - 2; /* "Thandi's" */
    if (hp_str_ends(word, HP_S("\xE2\x80\x99s"))) return k - 4;
    return k;
}

/* Latin capitals with diacritics begin with C3 80 to C3 9E. */
static bool is_upper(hp_str s, size_t i) {
    return (at(s, i) >= 'A' && at(s, i) <= 'Z')
           || ((unsigned char)at(s, i) == 0xC3 && (unsigned char)at(s, i + 1) >= 0x80
               && (unsigned char)at(s, i + 1) <= 0x9E);
}

/* An initial: "J", "J." or "JP". */
static bool is_initial(hp_str w) {
    return w.n <= 2 && w.n > 0 && is_upper(w, 0) && (w.n == 1 || is_upper(w, 1));
}

static bool is_capitalised(hp_str w) { return is_upper(w, 0) && w.n > 1; }

/* Returns where the next word of the same name begins: one blank on, or a dot and a blank behind an initial.
 */
static size_t next_word(hp_str s, size_t end, bool initial) {
    size_t k = end;
    if (initial && at(s, k) == '.') k++;
    if (at(s, k) == ' ') return k + 1;
    return initial && k > end && is_upper(s, k) ? k : SIZE_MAX;
}

/* What begins at `i`: capitalised words, initials and particles. */
typedef struct group {
    size_t end, words; /* words without particles and initials */
    hp_str first;
    bool other, shouted; /* a word of something else is among them; all in capitals */
    bool family;         /* a word behind the first is a family name */
    bool initial;        /* it begins with an initial and its dot */
} group;

static bool is_shouted(hp_str w) {
    for (size_t i = 0; i < w.n; i++)
        if (w.p[i] >= 'a' && w.p[i] <= 'z') return false;
    return true;
}

static group take_group(hp_str s, size_t i) {
    group g = {.end = i, .shouted = true};
    size_t k = i;
    for (int n = 0; n < MAX_WORDS + 2 && k != SIZE_MAX; n++) {
        size_t end = word_end(s, k);
        hp_str w = hp_str_cut(s, k, end);
        bool initial = is_initial(w), particle = n > 0 && hp_word_in(w, PARTICLES);
        if (!particle && !initial && (!is_capitalised(w) || g.words == MAX_WORDS)) break;
        if (!particle && hp_word_in(w, STOP)) break;
        if (!particle && !initial) {
            if (hp_word_in(w, OTHER)) {
                /* "Thandi Nkosi Grand Central ...": a name, and something else behind it. */
                g.other = g.words < 2 || !(g.family || hp_word_in(g.first, GIVEN));
                if (n > 0) break;
            }
            /* "Registration ZS-ABC": what is in capitals behind what is not is no part of a name. */
            if (g.words && !g.shouted && is_shouted(w)) break;
            g.family |= g.end > i && hp_word_in(w, FAMILY);
            if (g.words++ == 0) g.first = w;
            g.shouted &= is_shouted(w);
            g.end = end;
        } else if (initial) {
            g.initial |= n == 0 && at(s, end) == '.';
            g.end = end;
        }
        k = next_word(s, end, initial);
    }
    return g;
}

/* ---- names that are known ---- */

/* Folds a word or a name for comparing. */
static bool fold(hp_str s, hp_buf *out) {
    hp_buf_clear(out);
    hp_utf8_fold(s, out);
    return !out->bad;
}

hp_code hp_redactor_know(hp_redactor *r, hp_arena *a, hp_str name, hp_err *err) {
    hp_autobuf folded = hp_buf_new(4096);
    name = hp_str_trim(name);
    size_t blank = hp_str_chr(name, ' ', 0);
    if (blank == SIZE_MAX || blank < 3 || name.n > 200) return HP_OK;
    for (int part = 0; part < 2; part++) {
        if (!fold(part ? hp_str_cut(name, 0, blank) : name, &folded))
            return hp_fail_memory(err, "the names of people");
        hp_str key = hp_arena_dup(a, hp_buf_str(&folded));
        if (!key.p || !hp_smap_put(&r->known, key, 1)) return hp_fail_memory(err, "the names of people");
    }
    return HP_OK;
}

void hp_redactor_free(hp_redactor *r) { hp_smap_free(&r->known); }

static bool is_known(const hp_redactor *r, hp_str s, hp_buf *scratch) {
    uint32_t value;
    return fold(s, scratch) && hp_smap_get(&r->known, hp_buf_str(scratch), &value);
}

/* Returns the end of the longest known name at `i`, whatever its case; a given name alone has to be
 * capitalised. */
static size_t known(const hp_redactor *r, hp_str s, size_t i) {
    size_t end = i, k = i;
    if (r->known.n == 0) return i;
    hp_autobuf scratch = hp_buf_new(4096);
    for (int n = 0; n < MAX_KNOWN && k < s.n; n++) {
        size_t stop = word_end(s, k);
        if (stop == k) break;
        hp_str part = hp_str_cut(s, i, stop);
        bool single = n == 0;
        if (is_known(r, part, &scratch) && (!single || (is_capitalised(part) && !hp_word_in(part, DOUBTFUL))))
            end = stop;
        if (at(s, stop) != ' ') break;
        k = stop + 1;
    }
    return end;
}

/* ---- form and context ---- */

size_t hp_redact_name(const hp_redactor *r, hp_str text, size_t i) {
    size_t end = known(r, text, i);
    if (end > i) {
        /* The family name behind a given name that is known. */
        group g = take_group(text, i);
        return !g.other && g.end > end ? g.end : end;
    }
    if (!is_upper(text, i)) return i;
    group g = take_group(text, i);
    hp_str before = hp_redact_before(text, i);
    if (g.words == 0 || hp_word_in(g.first, TITLES)) return i;
    if (hp_word_in(before, TITLES)) return g.end;
    if (g.other || hp_word_in(before, PLACE)) return i;
    if (hp_word_in(before, BETWEEN)) before = hp_redact_before(text, (size_t)(before.p - text.p));
    bool doubtful = hp_word_in(g.first, DOUBTFUL), given = !doubtful && hp_word_in(g.first, GIVEN);
    if (given || g.family || g.initial) return g.end;
    /* Two words, of which one might be a given name or which somebody announces. */
    bool told = hp_word_in(before, ANNOUNCE) && !g.shouted;
    return g.words >= 2 && (doubtful || told) ? g.end : i;
}
