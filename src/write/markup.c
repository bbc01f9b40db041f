#include "write/markup.h"

#include <stdio.h>

#include "base/utf8.h"

#include "base/banned.h"

/* Takes the next code point. True: its bytes need the form's own escapes. Else `bytes` is what stands for it,
 * in `mark` where it is made. */
static bool next_plain(hp_str s, size_t *i, hp_str *bytes, char mark[16]) {
    size_t from = *i;
    uint32_t cp = hp_utf8_next(s, i);
    *bytes = hp_str_cut(s, from, *i);
    if (cp == '\n' || cp == '\t' || cp == '\r') {
        *bytes = HP_S(" ");
    } else if (hp_cp_unsafe(cp)) {
        int n = snprintf(mark, 16, "\\u{%x}", cp);
        *bytes = (hp_str){mark, (size_t)n};
    } else if (cp == 0xFFFD) { /* its own bytes may be invalid ones */
        *bytes = HP_S("\xEF\xBF\xBD");
    } else {
        return true;
    }
    return false;
}

static const char *html_reference(char c) {
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return NULL;
    }
}

void hp_html_text(hp_buf *out, hp_str s) {
    hp_str bytes;
    char mark[16];
    for (size_t i = 0; i < s.n;) {
        bool plain = next_plain(s, &i, &bytes, mark);
        const char *reference = plain && bytes.n == 1 ? html_reference(bytes.p[0]) : NULL;
        if (reference)
            hp_buf_puts(out, reference);
        else
            hp_buf_add(out, bytes);
    }
}

void hp_html_value(hp_buf *out, hp_str s) {
    hp_buf_puts(out, "<bdi>");
    hp_html_text(out, s);
    hp_buf_puts(out, "</bdi>");
}

void hp_html_name(hp_buf *out, hp_str s) {
    hp_buf_puts(out, "<bdi>");
    for (size_t from = 0, i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool breaks = c == '_' || c == '/' || (c == '!' && i > 0 && s.p[i - 1] != ' ');
        if (i + 1 < s.n && !breaks) continue;
        hp_html_text(out, hp_str_cut(s, from, i + 1));
        if (i + 1 < s.n) hp_buf_puts(out, "<wbr>");
        from = i + 1;
    }
    hp_buf_puts(out, "</bdi>");
}

/* Appends one plain character of Markdown. A backslash before ASCII punctuation makes it text
 * (CommonMark 2.4); what would make references, tags or addresses becomes a reference, which no later pass
 * looks into. An underscore within a word means nothing. */
static void put_md(hp_buf *out, hp_str s, size_t i, hp_str bytes) {
    char c = bytes.n == 1 ? bytes.p[0] : 'a';
    hp_str rest = hp_str_cut(s, i, s.n);
    bool inner = i > 0 && i + 1 < s.n && hp_is_alnum(s.p[i - 1]) && hp_is_alnum(s.p[i + 1]);
    if (c == '<' || c == '&') {
        hp_buf_puts(out, c == '<' ? "&lt;" : "&amp;");
    } else if (c == '@' || hp_str_starts(rest, HP_S("://"))
               || hp_str_ieq(hp_str_cut(rest, 0, 4), HP_S("www."))) {
        hp_buf_printf(out, "&#%d;", c);
    } else {
        if (memchr("\\`*[]|~$", c, 9) || (c == '_' && !inner)) hp_buf_putc(out, '\\');
        hp_buf_add(out, bytes);
    }
}

void hp_md_text(hp_buf *out, hp_str s) {
    hp_str bytes;
    char mark[16];
    for (size_t i = 0; i < s.n;) {
        size_t from = i;
        bool plain = next_plain(s, &i, &bytes, mark);
        if (!plain && bytes.p[0] == '\\') hp_buf_putc(out, '\\');
        if (plain)
            put_md(out, s, from, bytes);
        else
            hp_buf_add(out, bytes);
    }
}

void hp_md_code(hp_buf *out, hp_str s) {
    hp_str bytes;
    char mark[16];
    if (s.n == 0) return;
    if (hp_str_chr(s, '`', 0) != SIZE_MAX || hp_str_chr(s, '|', 0) != SIZE_MAX) {
        hp_md_text(out, s);
        return;
    }
    hp_buf_putc(out, '`');
    for (size_t i = 0; i < s.n;) {
        next_plain(s, &i, &bytes, mark);
        hp_buf_add(out, bytes);
    }
    hp_buf_putc(out, '`');
}

void hp_put_grouped(hp_buf *out, uint64_t n) {
    char digits[32];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    for (int i = 0; i < len; i++) {
        if (i && (len - i) % 3 == 0) hp_buf_putc(out, ',');
        hp_buf_putc(out, digits[i]);
    }
}
