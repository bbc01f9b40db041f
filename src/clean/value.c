#include "clean/value.h"

void hp_note(hp_clean_out *out, hp_rule rule, const char *reason) {
    for (uint8_t i = 0; i < out->nrule; i++) {
        if (out->rule[i] == rule && out->reason[i] == reason) return;
    }
    if (out->nrule == HP_CLEAN_RULES)
        return; /* the kinds have fewer pairs than that, but for e-mail lists full of junk */
    out->rule[out->nrule] = (uint16_t)rule;
    out->reason[out->nrule++] = reason;
}

/* What a code point is to tidying. */
typedef enum { KEEP, BLANK, LINE, DROP } role;

static role role_beyond_ascii(uint32_t cp) {
    switch (cp) {
    case 0x85:
    case 0x2028:
    case 0x2029: return LINE;
    case 0xA0:
    case 0x1680:
    case 0x202F:
    case 0x205F:
    case 0x3000: return BLANK;
    case 0xAD:
    case 0x200B:
    case 0x200E:
    case 0x200F:
    case 0xFEFF: return DROP;
    default: break;
    }
    if (cp >= 0x2000 && cp <= 0x200A) return BLANK;
    /* C1 controls, directional marks, invisible operators, interlinear annotation; the joiners U+200C and
     * U+200D stay, scripts need them. */
    if (cp < 0xA0 || (cp >= 0x202A && cp <= 0x202E) || (cp >= 0x2060 && cp <= 0x206F)) return DROP;
    return cp >= 0xFFF9 && cp <= 0xFFFB ? DROP : KEEP;
}

static role role_of(uint32_t cp) {
    if (cp > ' ' && cp < 0x7F) return KEEP;
    if (cp == ' ' || cp == '\t') return BLANK;
    if (cp >= '\n' && cp <= '\r') return LINE;
    return cp < 0x80 ? DROP : role_beyond_ascii(cp);
}

static void put_line_break(hp_lines lines, hp_buf *to) {
    if (lines == HP_LINES_COMMA) {
        while (to->n && hp_in(to->p[to->n - 1], ", ")) to->n--;
        hp_buf_puts(to, to->n ? ", " : "");
    } else {
        hp_buf_putc(to, lines == HP_LINES_KEEP ? '\n' : ' ');
    }
}

typedef struct {
    bool dropped, cut, ascii;
} squeezed;

/* Copies `s` without what is to be dropped, white space in runs of one, until `max` bytes are there. */
static squeezed squeeze(hp_str s, hp_lines lines, size_t max, hp_buf *to) {
    squeezed r = {.ascii = true};
    bool blank = false, line = false;
    for (size_t i = 0; i < s.n && !to->bad;) {
        size_t from = i;
        uint32_t cp = hp_utf8_next(s, &i);
        role is = role_of(cp);
        r.dropped |= is == DROP;
        blank |= is == BLANK;
        line |= is == LINE;
        if (is != KEEP || (cp == ',' && line && lines == HP_LINES_COMMA)) continue;
        if ((r.cut = to->n >= max)) break;
        if (to->n && line) {
            put_line_break(lines, to);
        } else if (to->n && blank) {
            hp_buf_putc(to, ' ');
        }
        blank = line = false;
        r.ascii &= cp < 0x80;
        hp_buf_add(to, hp_str_cut(s, from, i));
    }
    return r;
}

/* Tells whether tidying would change nothing, which is so for most values. */
static bool is_tidy(hp_str s) {
    if (s.n == 0 || s.n > HP_LIMIT_VALUE_BYTES || s.p[0] == ' ' || s.p[s.n - 1] == ' ') return s.n == 0;
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c < ' ' || c > '~' || (c == ' ' && s.p[i + 1] == ' ')) return false;
    }
    return true;
}

static hp_str cut_at_limit(hp_str s, bool cut, hp_clean_out *out) {
    if (s.n > HP_LIMIT_VALUE_BYTES) {
        s.n = HP_LIMIT_VALUE_BYTES;
        while (s.n && ((unsigned char)s.p[s.n] & 0xC0) == 0x80) s.n--;
        cut = true;
    }
    if (cut) hp_note(out, HP_R_VALUE_CUT, "over 10,000 bytes");
    return cut ? hp_str_trim(s) : s;
}

hp_str hp_tidy(hp_str in, hp_lines lines, hp_buf *scratch, hp_clean_out *out) {
    if (is_tidy(in)) return in;
    squeezed r = squeeze(in, lines, 4u * HP_LIMIT_VALUE_BYTES, scratch);
    if (!r.ascii) {
        hp_autobuf form = hp_buf_new(HP_CLEAN_SCRATCH);
        hp_utf8_nfkc(hp_buf_str(scratch), &form);
        form.bad |= scratch->bad;
        hp_buf_clear(scratch);
        /* Compatibility forms can bring new blanks. */
        squeeze(hp_buf_str(&form), lines, SIZE_MAX, scratch);
        scratch->bad |= form.bad;
    }
    if (r.dropped) hp_note(out, HP_R_CONTROL_CHARACTERS, "control or invisible character");
    return cut_at_limit(hp_buf_str(scratch), r.cut, out);
}

bool hp_begin(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_lines lines, bool zero, hp_buf *scratch,
              hp_clean_out *out, hp_str *text) {
    out->nrule = 0;
    out->typed = HP_T_TEXT;
    if (type == HP_T_ERROR) return false; /* reading has said so */
    *text = hp_tidy(in, lines, scratch, out);
    out->value.bad |= scratch->bad;
    if (text->n == 0 || scratch->bad) return false;
    if (!hp_is_placeholder(ctx, *text) && !(zero && hp_is_zeros(*text))) return true;
    hp_note(out, HP_R_PLACEHOLDER, NULL);
    return false;
}

void hp_add_member(hp_buf *list, hp_str member) {
    hp_str rest = hp_buf_str(list), old;
    while (hp_str_next(&rest, HP_LIST_SEP, &old)) {
        if (hp_str_eq(old, member)) return;
    }
    if (list->n) hp_buf_putc(list, HP_LIST_SEP);
    hp_buf_add(list, member);
}

hp_str hp_list_lines(hp_str in, hp_buf *lines) {
    if (hp_str_chr(in, HP_LIST_SEP, 0) == SIZE_MAX) return in;
    lines->max = in.n;
    hp_buf_add(lines, in);
    for (size_t i = 0; i < lines->n; i++)
        lines->p[i] = (char)(lines->p[i] == HP_LIST_SEP ? '\n' : lines->p[i]);
    return hp_buf_str(lines);
}

void hp_squeeze(hp_str text, hp_buf *out) {
    hp_autobuf folded = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_utf8_fold(text, &folded);
    hp_str f = hp_buf_str(&folded);
    for (size_t i = 0; i < f.n;) {
        size_t from = i;
        uint32_t cp = hp_utf8_next(f, &i);
        if (cp == '&') hp_buf_puts(out, "and");
        if (hp_cp_alnum(cp)) hp_buf_add(out, hp_str_cut(f, from, i));
    }
    out->bad |= folded.bad;
}

void hp_lower_nfkc(hp_str s, hp_buf *out) {
    hp_autobuf low = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_utf8_lower(s, &low);
    hp_utf8_nfkc(hp_buf_str(&low), out);
    out->bad |= low.bad;
}

bool hp_squeezed_is(hp_str squeezed_text, const char *name) {
    size_t i = 0;
    for (; *name; name++) {
        if (!hp_is_alnum(*name) && (unsigned char)*name < 0x80) continue;
        if (i == squeezed_text.n || squeezed_text.p[i++] != hp_lower(*name)) return false;
    }
    return i == squeezed_text.n;
}

bool hp_has_letter(hp_str s) {
    for (size_t i = 0; i < s.n;) {
        uint32_t cp = hp_utf8_next(s, &i);
        if (cp < 0x80 ? hp_is_alpha((char)cp) : hp_cp_alnum(cp)) return true;
    }
    return false;
}

hp_str hp_strip(hp_str s, const char *set) {
    while (s.n && hp_in(s.p[0], set)) s = hp_str_cut(s, 1, s.n);
    while (s.n && hp_in(s.p[s.n - 1], set)) s.n--;
    return s;
}

bool hp_word_in(hp_str word, const char *list) {
    hp_str rest = hp_str_of(list), one;
    while (word.n && hp_str_next(&rest, ' ', &one)) {
        if (hp_str_ieq(one, word)) return true;
    }
    return false;
}

/* Checks one label; *letters tells whether it could end a host name. */
static bool label_ok(hp_str label, bool *letters) {
    if (label.n == 0 || label.n > 63 || label.p[0] == '-' || label.p[label.n - 1] == '-') return false;
    *letters = label.n >= 2;
    for (size_t i = 0; i < label.n;) {
        uint32_t cp = hp_utf8_next(label, &i);
        if (cp != '-' && !hp_cp_alnum(cp)) return false;
        if (cp < 0x80 && !hp_is_alpha((char)cp)) *letters = false;
    }
    if (hp_str_starts(label, HP_S("xn--"))) *letters = true;
    return true;
}

const char *hp_host_fault(hp_str host) {
    bool letters = false;
    size_t labels = 0;
    hp_str rest = host, label;
    if (host.n > 253) return "domain too long";
    if (host.n && host.p[host.n - 1] == '.') return "bad domain name";
    for (; hp_str_next(&rest, '.', &label); labels++) {
        if (!label_ok(label, &letters)) return "bad domain name";
    }
    if (labels < 2) return "no dot in the domain";
    return letters ? NULL : "no top-level domain";
}

bool hp_is_example_domain(hp_str host) {
    static const hp_str domains[] = {HP_S("example.com"), HP_S("example.org"), HP_S("example.net")};
    for (size_t i = 0; i < sizeof domains / sizeof *domains; i++) {
        hp_str d = domains[i];
        if (hp_str_ends(host, d) && (host.n == d.n || host.p[host.n - d.n - 1] == '.')) return true;
    }
    return false;
}
