#include "clean/value.h"

static const char role_words[] =
    "manager director owner co-owner pilot instructor ceo cfo coo cto cio md cfi gm head chief officer secretary accountant admin "
    "administrator administration receptionist reception engineer founder co-founder partner president chairman chairperson chairwoman "
    "chair member principal hr sales marketing operations ops finance technical training trainer coordinator co-ordinator consultant "
    "assistant supervisor foreman buyer agent clerk bookkeeper lead executive representative rep controller dispatcher mechanic "
    "technician attorney trustee treasurer teacher educator deputy acting procurement shareholder proprietor bestuurder eienaar "
    "direkteur sekretaris";
/* What follows a comma behind a name without being a given name. */
static const char suffixes[] =
    "jr jr. jnr sr sr. snr ii iii iv phd ph.d ph.d. mba ca esq bsc ba msc llb mr mrs ms miss dr prof adv";
static const char particles[] = "van von der den de du da dos das del della le la ten ter te";

/* Outer bytes that belong to no name; a dot behind may ("Jr."). */
static hp_str trim_edges(hp_str s) {
    static const hp_str dashes[] = {HP_S("\xE2\x80\x93"), HP_S("\xE2\x80\x94"), HP_S("\xE2\x80\x90")};
    for (size_t before = SIZE_MAX; before != s.n;) {
        before = s.n;
        s = hp_strip(s, " -,;:/|*\"_=~");
        while (s.n && hp_in(s.p[0], ".)")) s = hp_str_cut(s, 1, s.n);
        while (s.n && s.p[s.n - 1] == '(') s.n--;
        for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++) {
            if (hp_str_starts(s, dashes[i])) s = hp_str_cut(s, dashes[i].n, s.n);
            if (hp_str_ends(s, dashes[i])) s.n -= dashes[i].n;
        }
    }
    return s;
}

/* Takes off parentheses around the whole, closed or not. */
static hp_str bare_role(hp_str s) {
    for (s = trim_edges(s); s.n && s.p[0] == '('; s = trim_edges(s)) {
        size_t close = hp_str_chr(s, ')', 0);
        if (close != SIZE_MAX && close != s.n - 1) break;
        s = hp_str_cut(s, 1, close);
    }
    return s;
}

/* Puts a role before the ones that stood further right. */
static void add_role(const hp_clean_ctx *ctx, hp_str role, hp_clean_out *out) {
    role = bare_role(role);
    if (!hp_has_letter(role) || hp_says_nothing(ctx, role, &out->value.bad)) return;
    hp_autobuf all = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_buf_add(&all, role);
    if (out->extra.n) hp_buf_puts(&all, ", ");
    hp_buf_add(&all, hp_buf_str(&out->extra));
    out->extra.n = 0; /* `bad` stays */
    hp_buf_add(&out->extra, hp_buf_str(&all));
    out->extra.bad |= all.bad;
}

/* Returns the length of a dash that parts a name from a role at `i`, with its blanks: " - ", " – ", "—"; 0
 * when there is none. */
static size_t parting_dash(hp_str s, size_t i) {
    if (hp_str_starts(hp_str_cut(s, i, s.n), HP_S("\xE2\x80\x94"))) return 3;
    bool blank = s.p[i] == ' ';
    hp_str rest = hp_str_cut(s, i + 1, s.n);
    if (blank && (hp_str_starts(rest, HP_S("- ")) || hp_str_starts(rest, HP_S("\xE2\x80\x90 "))))
        return rest.p[0] == '-' ? 3 : 5;
    return blank && hp_str_starts(rest, HP_S("\xE2\x80\x93 ")) ? 5 : 0;
}

static bool split_dash(const hp_clean_ctx *ctx, hp_str *name, hp_clean_out *out) {
    int depth = 0;
    for (size_t i = 0; i < name->n; i++) {
        depth += (name->p[i] == '(') - (name->p[i] == ')');
        size_t dash = depth == 0 ? parting_dash(*name, i) : 0;
        if (dash == 0) continue;
        hp_str left = hp_str_cut(*name, 0, i), right = hp_str_cut(*name, i + dash, name->n);
        if (!hp_has_letter(left) || !hp_has_letter(right)) continue;
        add_role(ctx, right, out);
        *name = left;
        return true;
    }
    return false;
}

/* Returns where the parenthesis opens that the text ends in, whole ("(a (b))") or left open; SIZE_MAX if
 * none. */
static size_t last_paren(hp_str s, bool *closed) {
    size_t open = SIZE_MAX;
    int depth = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '(' && depth++ == 0) open = i;
        if (s.p[i] == ')' && depth > 0 && --depth == 0 && i + 1 != s.n) open = SIZE_MAX;
    }
    *closed = depth == 0;
    return open;
}

static bool split_parens(const hp_clean_ctx *ctx, hp_str *name, hp_clean_out *out) {
    bool closed;
    size_t open = last_paren(*name, &closed);
    if (open == SIZE_MAX) return false;
    hp_str left = hp_str_cut(*name, 0, open), inside = hp_str_cut(*name, open + 1, name->n - closed);
    if (!hp_has_letter(left) || !hp_has_letter(inside)) return false;
    add_role(ctx, inside, out);
    *name = left;
    return true;
}

/* Tells whether all bytes are letters (of any script), blanks and what stands within names, and words begin
 * with letters. */
static bool looks_like_name(hp_str s) {
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        bool letter = hp_is_alpha(s.p[i]) || c >= 0x80;
        bool word_start = i == 0 || s.p[i - 1] == ' ';
        if (!letter && (word_start || !hp_in(s.p[i], " '-."))) return false;
        if (s.p[i] == '-' && (i + 1 == s.n || s.p[i + 1] == ' ')) return false;
    }
    return s.n > 0;
}

typedef struct {
    size_t words, roles, suffixes, particles;
} word_count;

static word_count count_words(hp_str s) {
    word_count n = {0};
    hp_str w;
    while (hp_str_next(&s, ' ', &w)) {
        if (w.n == 0) continue;
        n.words++;
        n.roles += hp_word_in(w, role_words);
        n.suffixes += hp_word_in(w, suffixes);
        n.particles += hp_word_in(w, particles);
    }
    return n;
}

/* Deals with the one comma of "Doe, Jane" (turned round into `swap`) and "Jane Doe, Manager" (split). */
static bool split_comma(const hp_clean_ctx *ctx, hp_str *name, hp_buf *swap, hp_clean_out *out) {
    size_t comma = hp_str_chr(*name, ',', 0);
    if (comma == SIZE_MAX || hp_str_chr(*name, ',', comma + 1) != SIZE_MAX) return false;
    hp_str left = trim_edges(hp_str_cut(*name, 0, comma)),
           right = trim_edges(hp_str_cut(*name, comma + 1, name->n));
    word_count l = count_words(left), r = count_words(right);
    if (r.roles > 0 && hp_has_letter(left)) {
        add_role(ctx, right, out);
        *name = left;
        return true;
    }
    if (!looks_like_name(left) || !looks_like_name(right) || r.words == r.suffixes || l.roles) return false;
    size_t surnames = l.words - l.particles;
    if (surnames > 2 || r.words > 3 || (surnames == 2 && r.words > 1)) return false; /* perhaps two people */
    hp_autobuf turned = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_buf_add(&turned, right);
    hp_buf_putc(&turned, ' ');
    hp_buf_add(&turned, left);
    swap->n = 0; /* `bad` stays */
    hp_buf_add(swap, hp_buf_str(&turned));
    swap->bad |= turned.bad;
    *name = hp_buf_str(swap);
    return true;
}

/* Tells whether the letters have one case only: 'U' all upper, 'l' all lower, 0 mixed or no case. */
static char only_case(hp_str s, bool *bad) {
    bool ascii_upper = false, ascii_lower = false;
    for (size_t i = 0; i < s.n; i++) {
        ascii_upper |= s.p[i] >= 'A' && s.p[i] <= 'Z';
        ascii_lower |= s.p[i] >= 'a' && s.p[i] <= 'z';
    }
    if (ascii_upper && ascii_lower) return 0;
    hp_autobuf up = hp_buf_new(HP_CLEAN_SCRATCH), low = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_utf8_upper(s, &up);
    hp_utf8_lower(s, &low);
    *bad |= up.bad || low.bad;
    bool is_upper = hp_str_eq(hp_buf_str(&up), s), is_lower = hp_str_eq(hp_buf_str(&low), s);
    if (is_upper == is_lower) return 0;
    return is_upper ? 'U' : 'l';
}

static bool has_vowel(hp_str w) {
    for (size_t i = 0; i < w.n; i++) {
        if (hp_in(hp_lower(w.p[i]), "aeiouy")) return true;
    }
    return false;
}

/* Tells whether a word stays in capitals: initials ("JP", "CJ"), a number of a line of namesakes ("III"). */
static bool is_capitals(hp_str w, bool first) {
    if (!first && hp_word_in(w, "ii iii iv")) return true;
    bool ascii = w.n == 2 && hp_is_alpha(w.p[0]) && hp_is_alpha(w.p[1]);
    return ascii && !has_vowel(w) && !hp_word_in(w, "dr mr ms st jr sr mc");
}

/* Writes a word with a capital at its start, behind a hyphen or dot, behind the apostrophe of O' and D', and
 * behind Mc. */
static void put_titled(hp_str word, hp_buf *out) {
    bool capital = true;
    size_t part = 0, letters = 0;
    for (size_t i = 0; i < word.n;) {
        size_t from = i;
        uint32_t cp = hp_utf8_next(word, &i);
        hp_str one = hp_str_cut(word, from, i);
        bool letter = hp_has_letter(one), apostrophe = cp == '\'' || cp == 0x2019;
        bool mc = letters == 2 && part + 2 == from && hp_str_ieq(hp_str_cut(word, part, from), HP_S("mc"))
                  && word.n >= from + 2;
        if (capital || mc) {
            hp_utf8_upper(one, out);
        } else {
            hp_utf8_lower(one, out);
        }
        if (letter) {
            letters++;
            capital = false;
        } else if (!hp_cp_alnum(cp) && !(apostrophe && letters != 1)) {
            capital = true;
            letters = 0;
            part = i;
        }
    }
}

/* Tells whether a word that is no particle follows in `rest`. */
static bool name_follows(hp_str rest) {
    hp_str w;
    while (hp_str_next(&rest, ' ', &w)) {
        if (w.n && !hp_word_in(w, particles)) return true;
    }
    return false;
}

static void put_name_case(hp_str name, hp_buf *out) {
    if (!only_case(name, &out->bad)) {
        hp_buf_add(out, name);
        return;
    }
    hp_autobuf titled = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_str rest = name, w;
    for (bool first = true; hp_str_next(&rest, ' ', &w); first = false) {
        if (!first) hp_buf_putc(&titled, ' ');
        if (is_capitals(w, first)) {
            hp_utf8_upper(w, &titled);
        } else if (hp_word_in(w, particles) && name_follows(rest)) {
            hp_utf8_lower(w, &titled);
        } else {
            put_titled(w, &titled);
        }
    }
    hp_utf8_nfkc(hp_buf_str(&titled),
                 out); /* a letter of the other case may compose with the mark behind it */
    out->bad |= titled.bad;
}

/* Cleans the name of one person, tidy and with a letter in it. */
static void clean_one(const hp_clean_ctx *ctx, hp_str name, hp_clean_out *out) {
    hp_autobuf swap = hp_buf_new(HP_CLEAN_SCRATCH);
    do {
        hp_str bare = bare_role(name);
        if (bare.n < trim_edges(name).n && count_words(bare).roles) {
            add_role(ctx, bare, out); /* "(Chief Pilot)": a role without a name */
            return;
        }
        name = bare;
    } while (split_dash(ctx, &name, out) || split_parens(ctx, &name, out)
             || split_comma(ctx, &name, &swap, out));
    out->value.bad |= swap.bad;
    if (hp_says_nothing(ctx, name, &out->value.bad)) {
        hp_note(out, HP_R_PLACEHOLDER, NULL);
    } else if (hp_str_chr(name, '@', 0) != SIZE_MAX && hp_str_chr(name, ' ', 0) == SIZE_MAX) {
        hp_note(out, HP_R_NAME_INVALID, "an e-mail address");
    } else {
        put_name_case(name, &out->value);
    }
}

/* ---- several people in a cell ---- */

/* People on their way to a list value: names and, member by member, roles. */
typedef struct {
    const hp_clean_ctx *ctx;
    hp_str outer; /* role of those who have none of their own */
    hp_buf name, role;
    bool cautious; /* commas or slashes part them, which part roles too */
    size_t parts, with_role,
        dashed; /* dashed: the role stands behind a dash, so where it ends is not clear */
} people;

/* Returns the length of what parts people at `i`, 0 when nothing does. */
static size_t separator(hp_str s, size_t i, bool comma) {
    if (comma) return s.p[i] == ',';
    if (hp_in(s.p[i], ";|\n")) return 1;
    return hp_str_starts(hp_str_cut(s, i, s.n), HP_S(" / ")) ? 3 : 0;
}

/* Takes the text before the next separator that stands in no parentheses. */
static bool next_part(hp_str *rest, bool comma, hp_str *part) {
    int depth = 0;
    if (rest->n == 0) return false;
    for (size_t i = 0; i < rest->n; i++) {
        depth += (rest->p[i] == '(') - (rest->p[i] == ')');
        size_t n = depth == 0 ? separator(*rest, i, comma) : 0;
        if (n == 0) continue;
        *part = hp_str_cut(*rest, 0, i);
        *rest = hp_str_cut(*rest, i + n, rest->n);
        return true;
    }
    *part = *rest;
    rest->n = 0;
    return true;
}

/* Adds a member with its role, once. */
static void add_member(people *p, hp_str name, hp_str role) {
    hp_str rest = hp_buf_str(&p->name), old;
    while (hp_str_next(&rest, HP_LIST_SEP, &old)) {
        if (hp_str_eq(old, name)) return;
    }
    if (p->name.n) {
        hp_buf_putc(&p->name, HP_LIST_SEP);
        hp_buf_putc(&p->role, HP_LIST_SEP);
    }
    hp_buf_add(&p->name, name);
    hp_buf_add(&p->role, role.n ? role : p->outer);
}

/* Tells whether a cleaned part can only be a person: two words, none of them a role, or one that has a role
 * split off. */
static bool is_person(hp_str name, hp_str role) {
    word_count n = count_words(name);
    if (!looks_like_name(name) || n.words == n.suffixes) return false;
    return role.n ? n.roles < n.words : n.words >= 2 && n.roles == 0;
}

static bool take_people(people *p, hp_str text, bool comma);

/* Takes the person of a part, or the people that commas part in it. */
static bool take_part(people *p, hp_str part, bool comma) {
    bool bad = false, taken = false;
    part = trim_edges(part);
    bool nothing = part.n == 0 || hp_says_nothing(p->ctx, part, &bad);
    p->name.bad |= bad;
    if (nothing) return true;
    if (!comma && take_people(p, part, true)) return true;
    hp_clean_out one = {.value = hp_buf_new(HP_CLEAN_SCRATCH), .extra = hp_buf_new(HP_CLEAN_SCRATCH)};
    if (hp_has_letter(part)) clean_one(p->ctx, part, &one);
    hp_str name = hp_buf_str(&one.value), role = hp_buf_str(&one.extra);
    if (name.n && is_person(name, role)) {
        taken = true;
        p->parts++;
        p->with_role += role.n > 0;
        p->dashed += role.n > 0 && hp_str_chr(part, '(', 0) == SIZE_MAX;
        add_member(p, name, role);
    }
    p->name.bad |= one.value.bad || one.extra.bad;
    hp_buf_free(&one.value);
    hp_buf_free(&one.extra);
    return taken;
}

/* Takes the people of a text if it gives two or more and nothing else; else leaves the list as it was. */
static bool take_people(people *p, hp_str text, bool comma) {
    people found = *p;
    hp_str rest = text, part;
    bool all = true, first_has_role = false;
    found.name = hp_buf_new(HP_CLEAN_SCRATCH);
    found.role = hp_buf_new(HP_CLEAN_SCRATCH);
    found.parts = found.with_role = found.dashed = 0;
    found.cautious = comma || hp_str_find(text, HP_S(" / "), 0) != SIZE_MAX;
    while (all && next_part(&rest, comma, &part)) {
        all = take_part(&found, part, comma);
        if (found.parts == 1) first_has_role = found.with_role == 1;
    }
    all &= found.parts >= 2;
    /* "Doe, Jane", "Garcia Lopez, Maria Jose" are one; three are several. */
    if (comma) all &= found.parts >= 3 || first_has_role;
    /* "Jane Doe - Training, Safety" */
    if (found.cautious && found.dashed) all &= found.with_role == found.parts;
    hp_str name = hp_buf_str(&found.name), role = hp_buf_str(&found.role), n, r;
    while (all && hp_str_next(&name, HP_LIST_SEP, &n)) {
        if (!hp_str_next(&role, HP_LIST_SEP, &r)) r = (hp_str){0};
        add_member(p, n, r);
    }
    if (all) {
        p->parts += found.parts;
        p->with_role += found.with_role;
        p->dashed += found.dashed;
    }
    p->name.bad |= found.name.bad || found.role.bad;
    hp_buf_free(&found.name);
    hp_buf_free(&found.role);
    return all;
}

/* Puts a list into the outcome. */
static void put_people(people *p, hp_clean_out *out) {
    out->value.n = out->extra.n = 0; /* `bad` stays */
    hp_buf_add(&out->value, hp_buf_str(&p->name));
    bool role = false;
    for (size_t i = 0; i < p->role.n; i++) role |= p->role.p[i] != HP_LIST_SEP;
    if (role) hp_buf_add(&out->extra, hp_buf_str(&p->role));
}

/* Makes a list of the people of a text; false when it does not give several. */
static bool clean_several(const hp_clean_ctx *ctx, hp_str text, hp_str outer, hp_clean_out *out) {
    bool several = false;
    for (size_t i = 0; i < text.n && !several; i++) several = hp_in(text.p[i], ";|\n/,");
    if (!several) return false;
    people p = {.ctx = ctx,
                .outer = outer,
                .name = hp_buf_new(HP_CLEAN_SCRATCH),
                .role = hp_buf_new(HP_CLEAN_SCRATCH)};
    several = take_people(&p, text, false) || take_people(&p, text, true);
    if (several) put_people(&p, out);
    out->value.bad |= p.name.bad || p.role.bad;
    hp_buf_free(&p.name);
    hp_buf_free(&p.role);
    return several;
}

/* Cleans a text without list separators. */
static void clean_cell(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_clean_out *out) {
    hp_autobuf scratch = hp_buf_new(HP_CLEAN_SCRATCH), lines = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_str name;
    if (!hp_begin(ctx, in, type, HP_LINES_BLANK, true, &scratch, out, &name)) return;
    if (!hp_has_letter(name)) {
        hp_note(out, HP_R_NAME_INVALID, "no letter");
        return;
    }
    hp_str text = hp_str_eq(in, name) ? name : hp_tidy(in, HP_LINES_KEEP, &lines, out);
    out->value.bad |= lines.bad;
    if (clean_several(ctx, text, (hp_str){0}, out)) return;
    clean_one(ctx, name, out);
    /* Without a bracket around them or a role behind them there may be several after all. */
    hp_autobuf one = hp_buf_new(HP_CLEAN_SCRATCH), role = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_buf_add(&one, hp_buf_str(&out->value));
    hp_buf_add(&role, hp_buf_str(&out->extra));
    out->value.bad |= one.bad || role.bad;
    clean_several(ctx, hp_buf_str(&one), hp_buf_str(&role), out);
}

/* Cleans a list that was cleaned before: its members are people whatever they look like. */
static void clean_list(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_clean_out *out) {
    people p = {.ctx = ctx, .name = hp_buf_new(HP_CLEAN_SCRATCH), .role = hp_buf_new(HP_CLEAN_SCRATCH)};
    hp_clean_out one = {.value = hp_buf_new(HP_CLEAN_SCRATCH), .extra = hp_buf_new(HP_CLEAN_SCRATCH)};
    hp_str part, n, r;
    while (hp_str_next(&in, HP_LIST_SEP, &part)) {
        one.value.n = one.extra.n = 0; /* `bad` stays */
        clean_cell(ctx, part, type, &one);
        for (size_t i = 0; i < one.nrule; i++) hp_note(out, (hp_rule)one.rule[i], one.reason[i]);
        hp_str name = hp_buf_str(&one.value), role = hp_buf_str(&one.extra);
        while (hp_str_next(&name, HP_LIST_SEP, &n)) {
            if (!hp_str_next(&role, HP_LIST_SEP, &r)) r = (hp_str){0};
            add_member(&p, n, r);
        }
    }
    put_people(&p, out);
    out->value.bad |= p.name.bad || p.role.bad || one.value.bad || one.extra.bad;
    hp_buf_free(&p.name);
    hp_buf_free(&p.role);
    hp_buf_free(&one.value);
    hp_buf_free(&one.extra);
}

void hp_clean_person(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_clean_out *out) {
    out->nrule = 0;
    out->typed = HP_T_TEXT;
    if (hp_str_chr(in, HP_LIST_SEP, 0) == SIZE_MAX) {
        clean_cell(ctx, in, type, out);
    } else {
        clean_list(ctx, in, type, out);
    }
}
