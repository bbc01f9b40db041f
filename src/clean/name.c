#include "clean/value.h"

/* Legal forms, folded, as they end a name, sorted: South Africa, the English-speaking world, Europe, Asia.
 * "spa" is none unless it was written with dots (S.p.A.): a spa is a business. */
static const char *const LEGAL[] = {
    "ab",      "ag",   "aps",  "as",   "asa",          "beperk", "bhd",         "bk",          "bpk",
    "bv",      "bvba", "cc",   "co",   "company",      "corp",   "corporation", "doo",         "edms",
    "eood",    "eurl", "gmbh", "inc",  "incorporated", "kft",    "kg",          "kgaa",        "lda",
    "limited", "llc",  "llp",  "lp",   "ltd",          "ltda",   "ltee",        "npc",         "npo",
    "nv",      "ohg",  "ood",  "oy",   "oyj",          "plc",    "pllc",        "proprietary", "pte",
    "pty",     "pvt",  "rf",   "sa",   "sarl",         "sas",    "sasu",        "sdn",         "se",
    "sl",      "slu",  "soc",  "sprl", "srl",          "ug",     "vof",         "zrt",
};

/* Names of lookup tables come by the million: no list is walked for each. */
static bool is_legal(hp_str word) {
    size_t lo = 0, hi = sizeof LEGAL / sizeof *LEGAL;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        int c = hp_str_cmp(word, hp_str_of(LEGAL[mid]));
        if (c == 0) return true;
        if (c < 0)
            hi = mid;
        else
            lo = mid + 1;
    }
    return false;
}

/* A name in the making: words parted by one blank. */
typedef struct {
    hp_buf *out;
    size_t start;        /* of the last word */
    size_t dotted;       /* start of the last word that was joined from "S.p.A." */
    bool single, joined; /* the last word is one letter; is joined from such letters */
    bool dot, gap;       /* what stands behind the last word */
    bool forms;          /* a word of those that drop_legal_inside looks for may be there */
} key_maker;

static bool is_apostrophe(uint32_t cp) {
    return cp == '\'' || cp == '`' || cp == 0x2018 || cp == 0x2019 || cp == 0x2BC || cp == 0xB4;
}

static void put_word(key_maker *k, hp_str word, bool letter) {
    bool join = k->out->n && k->dot && letter && (k->single || k->joined);
    if (join) {
        k->dotted = k->start;
    } else {
        if (k->out->n) hp_buf_putc(k->out, ' ');
        k->start = k->out->n;
    }
    hp_buf_add(k->out, word);
    k->forms |= join || hp_str_eq(word, HP_S("pty")) || hp_str_eq(word, HP_S("proprietary"))
                || hp_str_eq(word, HP_S("edms"));
    k->joined = join;
    k->single = letter;
    k->dot = k->gap = false;
}

/* Finds the end of the word at `i`; apostrophes within it do not end it. */
static size_t word_end(hp_str s, size_t i) {
    size_t end = i;
    while (i < s.n) {
        uint32_t cp = hp_utf8_next(s, &i);
        if (hp_cp_alnum(cp)) {
            end = i;
        } else if (!is_apostrophe(cp)) {
            break;
        }
    }
    return end;
}

static void put_word_without_apostrophes(key_maker *k, hp_str word) {
    hp_autobuf bare = hp_buf_new(HP_CLEAN_SCRATCH);
    for (size_t i = 0; i < word.n;) {
        size_t from = i;
        if (!is_apostrophe(hp_utf8_next(word, &i))) hp_buf_add(&bare, hp_str_cut(word, from, i));
    }
    k->out->bad |= bare.bad;
    put_word(k, hp_buf_str(&bare), false);
}

static void make_words(hp_str folded, key_maker *k) {
    for (size_t i = 0; i < folded.n;) {
        size_t from = i;
        uint32_t cp = hp_utf8_next(folded, &i);
        if (hp_cp_alnum(cp)) {
            i = word_end(folded, from);
            hp_str word = hp_str_cut(folded, from, i);
            bool plain = true;
            for (size_t j = 0; j < word.n;) plain &= !is_apostrophe(hp_utf8_next(word, &j));
            if (plain) {
                put_word(k, word, word.n == 1 && hp_is_alpha(word.p[0]));
            } else {
                put_word_without_apostrophes(k, word);
            }
        } else if (cp == '&' || cp == '+') {
            put_word(k, HP_S("and"), false);
        } else if (cp == '.' && !k->gap) {
            k->dot = true;
        } else if (cp != ' ' && !is_apostrophe(cp)) {
            k->dot = false;
            k->gap = true;
        }
    }
}

static hp_str last_word(const hp_buf *b) {
    size_t at = b->n;
    while (at && b->p[at - 1] != ' ') at--;
    return (hp_str){b->p + at, b->n - at};
}

/* Drops legal forms from the end, and the "and" of "Smith & Co", but never the last word that is left. */
static void drop_legal_end(hp_buf *b, size_t dotted) {
    for (;;) {
        hp_str last = last_word(b);
        size_t start = b->n - last.n;
        bool spa = hp_str_eq(last, HP_S("spa")) && dotted == start;
        bool drop = spa || is_legal(last) || hp_str_eq(last, HP_S("and"));
        if (start == 0 || !drop) return;
        bool before = hp_str_eq(last, HP_S("corporation")) || hp_str_eq(last, HP_S("limited"))
                      || hp_str_eq(last, HP_S("ltd"));
        b->n = start - 1;
        /* "Close Corporation", "Private Limited": two words, one form. */
        last = last_word(b);
        if (before && b->n > last.n && hp_word_in(last, "close private public")) b->n -= last.n + 1;
    }
}

/* Drops "(Pty) Ltd" from the middle: "Acme (Pty) Ltd t/a Zeta". */
static void drop_legal_inside(hp_buf *b) {
    static const hp_str forms[] = {HP_S(" pty ltd "), HP_S(" pty limited "), HP_S(" proprietary limited "),
                                   HP_S(" edms bpk ")};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t at;
        while ((at = hp_str_find(hp_buf_str(b), forms[i], 0)) != SIZE_MAX) {
            size_t gone = forms[i].n - 1;
            memmove(b->p + at, b->p + at + gone, b->n - at - gone);
            b->n -= gone;
        }
    }
}

static void drop_the(hp_buf *b) {
    while (b->n > 4 && memcmp(b->p, "the ", 4) == 0) {
        b->n -= 4;
        memmove(b->p, b->p + 4, b->n);
    }
}

void hp_name_key(hp_str name, hp_buf *out) {
    hp_autobuf folded = hp_buf_new(HP_CLEAN_SCRATCH), words = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_utf8_fold(name, &folded);
    key_maker k = {.out = &words, .dotted = SIZE_MAX};
    make_words(hp_buf_str(&folded), &k);
    if (words.n) {
        drop_legal_end(&words, k.dotted);
        if (k.forms) drop_legal_inside(&words);
        drop_the(&words);
        hp_buf_add(out, hp_buf_str(&words));
    }
    out->bad |= folded.bad || words.bad;
}

static bool has_alnum(hp_str s) {
    for (size_t i = 0; i < s.n;) {
        if (hp_cp_alnum(hp_utf8_next(s, &i))) return true;
    }
    return false;
}

void hp_clean_org_name(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_clean_out *out) {
    hp_autobuf scratch = hp_buf_new(HP_CLEAN_SCRATCH);
    out->nrule = 0;
    out->typed = HP_T_TEXT;
    if (type == HP_T_ERROR) return;
    hp_str text = hp_tidy(in, HP_LINES_BLANK, &scratch, out);
    out->value.bad |= scratch.bad;
    if (text.n == 0 || scratch.bad) return;
    /* Before the placeholders: "Unknown" in this column says that the whole row is filler. */
    if (hp_is_filler_name(ctx, text)) {
        hp_note(out, HP_R_Q_FILLER, NULL);
    } else if (hp_says_nothing(ctx, text, &out->value.bad) || hp_is_zeros(text)) {
        hp_note(out, HP_R_PLACEHOLDER, NULL);
    } else if (!has_alnum(text)) {
        hp_note(out, HP_R_NAME_INVALID, "no letter or digit");
    } else {
        hp_buf_add(&out->value, type == HP_T_NUMBER ? hp_whole_part(text) : text);
        hp_name_key(hp_buf_str(&out->value), &out->extra);
    }
}
