#include "clean/value.h"

static const char outer[] = " .,;:<>()[]\"'`";

/* RFC 5322 section 3.2.3, atext. */
static bool is_atext(char c) { return hp_is_alnum(c) || hp_in(c, "!#$%&'*+-/=?^_`{|}~"); }

static const char *local_fault(hp_str local) {
    if (local.n == 0) return "nothing before @";
    if (local.n > 64) return "part before @ too long"; /* RFC 5321 section 4.5.3.1.1 */
    if (local.p[0] == '.' || local.p[local.n - 1] == '.' || hp_str_find(local, HP_S(".."), 0) != SIZE_MAX)
        return "misplaced dot before @";
    for (size_t i = 0; i < local.n; i++) {
        if (local.p[i] == ' ') return "blank inside";
        if (local.p[i] != '.' && !is_atext(local.p[i])) return "bad character before @";
    }
    return NULL;
}

/* Says what is wrong with an address, NULL when nothing is. */
static const char *address_fault(hp_str a) {
    size_t at = hp_str_chr(a, '@', 0);
    if (at == SIZE_MAX) return "no @";
    if (hp_str_chr(a, '@', at + 1) != SIZE_MAX) return "several @";
    hp_str domain = hp_str_cut(a, at + 1, a.n);
    if (domain.n == 0) return "no domain";
    if (hp_str_chr(domain, ' ', 0) != SIZE_MAX) return "blank inside";
    if (a.n > 254) return "too long"; /* RFC 5321 section 4.5.3.1.3: a path of 256 with its brackets */
    const char *fault = local_fault(hp_str_cut(a, 0, at));
    return fault ? fault : hp_host_fault(domain);
}

/* Drops what people and programs put around an address: "mailto:", "E-mail: ", "<", a full stop, "(work)". */
static hp_str without_wrapping(hp_str s) {
    static const hp_str prefixes[] = {HP_S("mailto:"), HP_S("email:"), HP_S("e-mail:"), HP_S("mail:"),
                                      HP_S("e:")};
    for (size_t before = SIZE_MAX; before != s.n;) {
        before = s.n;
        s = hp_strip(s, outer);
        for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
            if (s.n < prefixes[i].n || !hp_str_ieq(hp_str_cut(s, 0, prefixes[i].n), prefixes[i])) continue;
            s = hp_str_cut(s, prefixes[i].n, s.n);
            if (i == 0) s = hp_str_cut(s, 0, hp_str_chr(s, '?', 0)); /* RFC 6068: ?subject=... */
        }
        size_t open = hp_str_find(s, HP_S(" ("), 0);
        if (open != SIZE_MAX && hp_str_chr(s, '@', open) == SIZE_MAX && hp_str_chr(s, '@', 0) != SIZE_MAX)
            s = hp_str_cut(s, 0, open);
    }
    return s;
}

/* Appends `s` with each of some spellings ("(at)", " at ") replaced by one byte, and blanks around that
 * dropped. */
static void respell(hp_str s, const hp_str *spelling, size_t n, char by, hp_buf *to) {
    for (size_t i = 0; i < s.n;) {
        size_t len = 0;
        for (size_t k = 0; k < n && len == 0; k++) {
            if (hp_str_ieq(hp_str_cut(s, i, i + spelling[k].n), spelling[k])) len = spelling[k].n;
        }
        if (len == 0) {
            hp_buf_putc(to, s.p[i++]);
            continue;
        }
        while (to->n && to->p[to->n - 1] == ' ') to->n--;
        hp_buf_putc(to, by);
        i += len;
        while (i < s.n && s.p[i] == ' ') i++;
    }
}

/* Writes what "jane (at) x [dot] example" or "jane @ x.example" spells; the same text when it spells nothing.
 */
static void mend(hp_str s, hp_buf *to) {
    static const hp_str at[] = {HP_S("(at)"), HP_S("[at]"), HP_S("{at}"), HP_S("<at>"), HP_S(" at ")};
    static const hp_str sign[] = {HP_S("@")};
    static const hp_str dot[] = {HP_S("(dot)"), HP_S("[dot]"), HP_S("{dot}"), HP_S(" dot ")};
    hp_autobuf half = hp_buf_new(HP_CLEAN_SCRATCH);
    bool has_sign = hp_str_chr(s, '@', 0) != SIZE_MAX;
    respell(s, has_sign ? sign : at, has_sign ? 1 : sizeof at / sizeof *at, '@', &half);
    respell(hp_buf_str(&half), dot, sizeof dot / sizeof *dot, '.', to);
    to->bad |= half.bad;
}

/* Adds an address; a domain for examples is a placeholder. */
static void accept(hp_str address, bool mended, hp_clean_out *out) {
    if (hp_is_example_domain(hp_str_cut(address, hp_str_chr(address, '@', 0) + 1, address.n))) {
        hp_note(out, HP_R_PLACEHOLDER, "domain for examples");
        return;
    }
    if (mended) hp_note(out, HP_R_EMAIL_REPAIRED, NULL);
    hp_add_member(&out->value, address);
}

/* Cleans one address; `mended` when something around it was dropped already. */
static void clean_one(const hp_clean_ctx *ctx, hp_str piece, bool mended, hp_clean_out *out) {
    piece = hp_str_trim(piece);
    if (piece.n == 0) return;
    if (hp_says_nothing(ctx, piece, &out->value.bad) || hp_is_zeros(piece)) {
        hp_note(out, HP_R_PLACEHOLDER, NULL);
        return;
    }
    hp_autobuf spelt = hp_buf_new(HP_CLEAN_SCRATCH), low = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_str bare = without_wrapping(piece);
    mend(bare, &spelt);
    hp_str address = without_wrapping(hp_buf_str(&spelt));
    hp_lower_nfkc(address, &low);
    out->value.bad |= spelt.bad || low.bad;
    if (!address_fault(hp_buf_str(&low))) {
        accept(hp_buf_str(&low), mended || !hp_str_eq(address, piece), out);
    } else {
        const char *fault = address_fault(bare); /* as written, if that says it */
        hp_note(out, HP_R_EMAIL_INVALID, fault ? fault : address_fault(hp_buf_str(&low)));
    }
}

static size_t count_signs(hp_str s) {
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) n += s.p[i] == '@';
    return n;
}

/* Tells whether blanks part addresses: each word holds an @ or is an "and", and there are two at least. */
static bool blanks_part(hp_str s) {
    hp_str w;
    size_t addresses = 0;
    while (hp_str_next(&s, ' ', &w)) {
        size_t at = hp_str_chr(w, '@', 0);
        if (at != SIZE_MAX && at > 0 && at + 1 < w.n) {
            addresses++;
        } else if (!hp_word_in(w, "and & or en of / -")) {
            return false;
        }
    }
    return addresses >= 2;
}

/* Cleans one address, or two and more that slashes part. A slash belongs to an address unless there is an @
 * on both its sides. */
static void clean_slashes(const hp_clean_ctx *ctx, hp_str s, bool mended, hp_clean_out *out) {
    for (;;) {
        size_t slash = hp_str_chr(s, '/', 0);
        if (slash == SIZE_MAX || count_signs(s) < 2 || count_signs(hp_str_cut(s, 0, slash)) != 1) break;
        clean_one(ctx, hp_str_cut(s, 0, slash), mended, out);
        s = hp_str_cut(s, slash + 1, s.n);
    }
    clean_one(ctx, s, mended, out);
}

/* Cleans what stands between commas. */
static void clean_piece(const hp_clean_ctx *ctx, hp_str piece, bool mended, hp_clean_out *out) {
    hp_str part;
    if (!blanks_part(piece)) {
        clean_slashes(ctx, piece, mended, out);
        return;
    }
    while (hp_str_next(&piece, ' ', &part)) {
        if (hp_str_chr(part, '@', 0) != SIZE_MAX) clean_slashes(ctx, part, mended, out);
    }
}

/* Cleans a comma-separated text; with `names` a part without @ is the display name of an address in <> that
 * follows. */
static void clean_commas(const hp_clean_ctx *ctx, hp_str s, bool names, hp_clean_out *out) {
    hp_str piece;
    while (hp_str_next(&s, ',', &piece)) {
        if (!names || hp_str_chr(piece, '@', 0) != SIZE_MAX) clean_piece(ctx, piece, false, out);
    }
}

/* Cleans what stands between semicolons, taking "Name <address>" first. */
static void clean_segment(const hp_clean_ctx *ctx, hp_str s, hp_clean_out *out) {
    for (;;) {
        size_t open = hp_str_chr(s, '<', 0), close = hp_str_chr(s, '>', open);
        if (open == SIZE_MAX || close == SIZE_MAX) break;
        hp_str inside = hp_str_cut(s, open + 1, close);
        if (hp_str_chr(inside, '@', 0) == SIZE_MAX) break;
        clean_commas(ctx, hp_str_cut(s, 0, open), true, out);
        clean_piece(ctx, inside, true, out);
        s = hp_str_cut(s, close + 1, s.n);
    }
    clean_commas(ctx, s, false, out);
}

void hp_clean_email(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_clean_out *out) {
    hp_autobuf scratch = hp_buf_new(HP_CLEAN_SCRATCH), lines = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_str text;
    in = hp_list_lines(in, &lines);
    out->value.bad |= lines.bad;
    if (!hp_begin(ctx, in, type, HP_LINES_KEEP, true, &scratch, out, &text)) return;
    size_t from = 0;
    for (size_t i = 0; i <= text.n; i++) {
        if (i < text.n && !hp_in(text.p[i], ";|\n")) continue;
        clean_segment(ctx, hp_str_cut(text, from, i), out);
        from = i + 1;
    }
    if (out->nrule == 0 && out->value.n == 0 && !out->value.bad) hp_note(out, HP_R_EMAIL_INVALID, "no @");
}
