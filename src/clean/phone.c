#include <stdio.h>

#include "clean/phone_door.h"
#include "clean/value.h"

/* What one cell is cleaned with. */
typedef struct {
    const hp_clean_ctx *ctx;
    hp_clean_out *out;
    char code[8]; /* the region's calling code, "27" */
} phone_job;

static void reject(phone_job *job, hp_phone_verdict verdict) {
    static const char *const reason[] = {
        [HP_PHONE_NOT_A_NUMBER] = "not a number",
        [HP_PHONE_TOO_SHORT] = "too short",
        [HP_PHONE_TOO_LONG] = "too long",
        [HP_PHONE_BAD_COUNTRY] = "unknown calling code",
        [HP_PHONE_INVALID] = "no such range of numbers",
    };
    hp_note(job->out, HP_R_PHONE_INVALID, reason[verdict]);
}

static size_t count_digits(hp_str s) {
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) n += hp_is_digit(s.p[i]);
    return n;
}

/* Tells whether each digit follows from the one before by the same step: 0 (1111111), 1 (1234567890), 9
 * (9876543210). */
static bool is_run(hp_str digits, int step) {
    for (size_t i = 1; i < digits.n; i++) {
        if ((digits.p[i] - digits.p[i - 1] + 10) % 10 != step) return false;
    }
    return true;
}

/* Tells whether digits stand for "no number": 000 in front, one digit only, counting up or down. */
static bool is_filler_number(hp_str digits, const char *code) {
    if (hp_str_starts(digits, HP_S("000")) || (digits.n >= 5 && is_run(digits, 0))) return true;
    if (digits.n >= 7 && (is_run(digits, 1) || is_run(digits, 9))) return true;
    hp_str cc = hp_str_of(code);
    hp_str national = hp_str_starts(digits, cc) ? hp_str_cut(digits, cc.n, digits.n) : (hp_str){0};
    return national.n >= 5 && national.p[0] == '0' && is_run(national, 0);
}

enum { DIGITS_MAX = 17 }; /* E.164 has 15; an international prefix of two comes on top */

/* The digits of a number behind room for a '+'. */
typedef struct {
    char plus; /* always '+', so that plus and digits read as one text */
    char digit[DIGITS_MAX + 1];
    size_t n;
    bool international; /* written with + */
} dialled;

static bool is_calling_code(const phone_job *job, const dialled *d) {
    hp_str digits = {d->digit, d->n};
    return d->international || hp_str_starts(digits, HP_S("00")) || hp_str_eq(digits, hp_str_of(job->code));
}

/* Returns the length of "(0)" at `i`, the trunk prefix as people write it behind a calling code; 0 when it is
 * not there. */
static size_t trunk_zero(hp_str s, size_t i) {
    size_t from = i;
    if (s.p[i++] != '(') return 0;
    while (i < s.n && s.p[i] == ' ') i++;
    if (i == s.n || s.p[i++] != '0') return 0;
    while (i < s.n && s.p[i] == ' ') i++;
    return i < s.n && s.p[i] == ')' ? i + 1 - from : 0;
}

/* Collects the digits; false when there are more than any number has. */
static bool dial(const phone_job *job, hp_str s, dialled *d) {
    *d = (dialled){.plus = '+'};
    for (size_t i = 0; i < s.n;) {
        size_t zero = trunk_zero(s, i);
        if (zero && d->n && is_calling_code(job, d)) {
            i += zero;
            continue;
        }
        if (s.p[i] == '+') d->international = true;
        if (hp_is_digit(s.p[i])) {
            if (d->n == DIGITS_MAX) return false;
            d->digit[d->n++] = s.p[i];
        }
        i++;
    }
    return true;
}

/* Asks for the number as it was dialled: with its +, with 00 for +, as the region dials it, as the region's
 * calling code without +. */
static hp_phone_verdict ask(const phone_job *job, const dialled *d, char e164[24]) {
    const char *region = job->ctx->country;
    hp_str digits = {d->digit, d->n}, code = hp_str_of(job->code);
    if (d->international) return hp_phone_parse(&d->plus, d->n + 1, region, e164);
    if (hp_str_starts(digits, HP_S("00")) && d->n > 2) {
        char plus[DIGITS_MAX + 1] = "+";
        memcpy(plus + 1, d->digit + 2, d->n - 2);
        if (hp_phone_parse(plus, d->n - 1, region, e164) == HP_PHONE_VALID) return HP_PHONE_VALID;
    }
    hp_phone_verdict verdict = hp_phone_parse(d->digit, d->n, region, e164);
    bool retry = verdict != HP_PHONE_VALID && code.n && hp_str_starts(digits, code);
    return retry && hp_phone_parse(&d->plus, d->n + 1, region, e164) == HP_PHONE_VALID ? HP_PHONE_VALID
                                                                                       : verdict;
}

static void clean_number(phone_job *job, hp_str s) {
    dialled d;
    char e164[24] = "";
    if (!dial(job, s, &d)) {
        reject(job, HP_PHONE_TOO_LONG);
    } else if (is_filler_number((hp_str){d.digit, d.n}, job->code)) {
        hp_note(job->out, HP_R_PLACEHOLDER, "filler number");
    } else if (d.n < 4) {
        reject(job, HP_PHONE_TOO_SHORT);
    } else {
        hp_phone_verdict verdict = ask(job, &d, e164);
        if (verdict == HP_PHONE_VALID) {
            hp_add_member(&job->out->value, hp_str_of(e164));
        } else {
            reject(job, verdict);
        }
    }
}

/* Takes the part before "/" or " - " off the front; *slash tells which it was. */
static bool next_part(hp_str *rest, hp_str *part, bool *slash) {
    if (rest->n == 0) return false;
    size_t i = 0;
    for (; i < rest->n; i++) {
        *slash = rest->p[i] == '/';
        if (*slash || hp_str_starts(hp_str_cut(*rest, i, rest->n), HP_S(" - "))) break;
    }
    *part = hp_str_cut(*rest, 0, i);
    *rest = hp_str_cut(*rest, i == rest->n ? i : i + (*slash ? 1 : 3), rest->n);
    return true;
}

/* Cleans a run of digits and what may stand between them. "/" and " - " part whole numbers; behind a whole
 * number a slash and up to four digits are another last digit ("011 555 0100/1"), which is dropped; else they
 * are punctuation ("011/555-0100"). */
static void clean_run(phone_job *job, hp_str run) {
    hp_str rest = run, part, first = {0};
    bool slash, whole = true, tails = true;
    size_t parts = 0;
    for (; next_part(&rest, &part, &slash); parts++) {
        size_t n = count_digits(part);
        whole &= n >= 7;
        if (parts == 0) {
            first = part;
            tails = slash && n >= 9;
        } else {
            tails &= n <= 4;
        }
    }
    if (parts > 1 && tails) {
        clean_number(job, first);
    } else if (parts > 1 && whole) {
        for (rest = run; next_part(&rest, &part, &slash);) clean_number(job, part);
    } else {
        clean_number(job, run);
    }
}

/* Tells whether a number can begin at `i`: a digit, or + and ( before one. */
static bool begins(hp_str s, size_t i) {
    while (i < s.n && hp_in(s.p[i], "+( ")) i++;
    return i < s.n && hp_is_digit(s.p[i]);
}

/* Finds the end of a run that begins at `from`: behind a digit a + begins the next number; behind nine of
 * them a parenthesis does, or the number of a list ("011 555 0100 2) 082 ..."). */
static size_t run_end(hp_str s, size_t from) {
    size_t digits = 0, i = from;
    bool open = false;
    for (; i < s.n; i++) {
        char c = s.p[i];
        if (c == ')' && !open && digits >= 9) {
            size_t word = i;
            while (word > from && hp_is_digit(s.p[word - 1])) word--;
            return i - word <= 2 && word > from && s.p[word - 1] == ' ' ? word : i;
        }
        if (c == '+' ? digits > 0 : c == '(' ? digits >= 9 : !hp_is_digit(c) && !hp_in(c, " -.)/")) break;
        open = c == '(' || (open && c != ')');
        digits += hp_is_digit(c);
    }
    return i;
}

/* Returns where an extension that begins at `i` ends ("x12", "ext. 4", "#4"), `i` when there is none. */
static size_t extension_end(hp_str s, size_t i) {
    static const hp_str marks[] = {HP_S("extension"), HP_S("extn"), HP_S("ext"),
                                   HP_S("uitb"),      HP_S("x"),    HP_S("#")};
    size_t at = i;
    while (at < s.n && hp_in(s.p[at], " ,.(")) at++;
    for (size_t k = 0; k < sizeof marks / sizeof *marks; k++) {
        size_t from = at + marks[k].n, digits = 0;
        if (!hp_str_ieq(hp_str_cut(s, at, from), marks[k])) continue;
        while (from < s.n && hp_in(s.p[from], " .:=")) from++;
        while (from + digits < s.n && hp_is_digit(s.p[from + digits])) digits++;
        return digits >= 1 && digits <= 6 ? from + digits : i;
    }
    return i;
}

/* Tells whether a run is the number of a list: "1) 011 ...", "Tel 2: 082 ...". */
static bool is_list_number(hp_str s, hp_str run, size_t end) {
    if (count_digits(run) > 2) return false;
    hp_str bare = hp_str_trim(run);
    return (end < s.n && s.p[end] == ':') || hp_str_ends(bare, HP_S(")"));
}

/* "2.7832269672e10": digits that a spreadsheet has taken away cannot be known. */
static bool is_exponent_form(hp_str s) {
    double number;
    return hp_str_f64(s, &number) && (hp_str_ifind(s, HP_S("e"), 0) != SIZE_MAX);
}

/* Cleans what stands between separators: labels and remarks aside, the runs of digits in it. */
static void clean_part(phone_job *job, hp_str s) {
    s = hp_str_trim(s);
    if (s.n == 0 || extension_end(s, 0) == s.n) return;
    if (hp_says_nothing(job->ctx, s, &job->out->value.bad)) {
        hp_note(job->out, HP_R_PLACEHOLDER, NULL);
        return;
    }
    bool any = false, address = hp_str_chr(s, '@', 0) != SIZE_MAX || is_exponent_form(s);
    for (size_t i = 0; i < s.n && !address;) {
        if (!hp_in(s.p[i], "+(0123456789") || !begins(s, i)) {
            i++;
            continue;
        }
        size_t end = run_end(s, i);
        hp_str run = hp_str_cut(s, i, end);
        /* "1) 011 ...": cut the run behind the number of the list. */
        size_t paren = hp_str_chr(run, ')', 0);
        if (paren != SIZE_MAX && hp_is_digit(run.p[0])
            && is_list_number(s, hp_str_cut(run, 0, paren + 1), i + paren + 1)
            && hp_str_chr(run, '(', 0) > paren)
            end = i + paren + 1;
        run = hp_str_cut(s, i, end);
        if (!is_list_number(s, run, end)) {
            clean_run(job, run);
            any = true;
        }
        i = extension_end(s, end);
    }
    if (!any) reject(job, HP_PHONE_NOT_A_NUMBER);
}

/* Returns the length of a separator of numbers at `i`, 0 when there is none: a sign, or a word between
 * blanks. */
static size_t separator(hp_str s, size_t i) {
    static const hp_str words[] = {HP_S(" or "), HP_S(" and "), HP_S(" & "), HP_S(" en "), HP_S(" of ")};
    if (hp_in(s.p[i], ";,|\n")) return 1;
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        if (hp_str_ieq(hp_str_cut(s, i, i + words[k].n), words[k])) return words[k].n;
    }
    return 0;
}

/* Writes the text with dashes of all kinds as hyphens. */
static void plain_dashes(hp_str s, hp_buf *out) {
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        uint32_t cp = hp_utf8_next(s, &i);
        if ((cp >= 0x2010 && cp <= 0x2015) || cp == 0x2212) {
            hp_buf_putc(out, '-');
        } else {
            hp_buf_add(out, hp_str_cut(s, from, i));
        }
    }
}

static void clean_text(phone_job *job, hp_str text) {
    hp_autobuf plain = hp_buf_new(HP_CLEAN_SCRATCH);
    plain_dashes(text, &plain);
    job->out->value.bad |= plain.bad;
    hp_str s = hp_buf_str(&plain);
    size_t from = 0;
    for (size_t i = 0; i < s.n;) {
        size_t len = separator(s, i);
        if (len) {
            clean_part(job, hp_str_cut(s, from, i));
            from = i + len;
        }
        i += len ? len : 1;
    }
    clean_part(job, hp_str_cut(s, from, s.n));
}

/* Tells whether a text is digits, and perhaps ".0", as a number cell or the rest of one in a text file has
 * it. */
static bool is_plain_number(hp_str s, hp_str *digits) {
    *digits = hp_whole_part(s);
    return count_digits(*digits) == digits->n && s.n - digits->n <= 3;
}

void hp_clean_phone(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_clean_out *out) {
    hp_autobuf scratch = hp_buf_new(HP_CLEAN_SCRATCH), lines = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_str text, digits;
    in = hp_list_lines(in, &lines);
    out->value.bad |= lines.bad;
    if (!hp_begin(ctx, in, type, HP_LINES_KEEP, true, &scratch, out, &text)) return;
    phone_job job = {.ctx = ctx, .out = out};
    int code = hp_phone_calling_code(ctx->country);
    if (code > 0) snprintf(job.code, sizeof job.code, "%u", (unsigned)code % 1000);
    if (is_plain_number(text, &digits)) {
        clean_number(&job, digits);
    } else if (type == HP_T_NUMBER || type == HP_T_DATE || type == HP_T_BOOL) {
        reject(&job,
               HP_PHONE_NOT_A_NUMBER); /* a fraction, a minus sign, a date: no digit of it may be guessed */
    } else {
        clean_text(&job, text);
    }
}
