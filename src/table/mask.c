#include "table/mask.h"

#include "base/utf8.h"

#include "base/banned.h"

#define DOTS "\xE2\x80\xA2\xE2\x80\xA2\xE2\x80\xA2"

bool hp_kind_personal(hp_kind kind) {
    return kind == HP_K_PERSON || kind == HP_K_EMAIL || kind == HP_K_PHONE || kind == HP_K_ADDRESS;
}

bool hp_field_masked(hp_field f) {
    bool free_text = f == HP_F_NOTES || f == HP_F_DESCRIPTION;
    return free_text || hp_field_of_contact(f) || hp_kind_personal(hp_field_get(f)->kind);
}

/* Appends the first character. */
static void put_first(hp_buf *out, hp_str s) {
    size_t i = 0;
    if (s.n) hp_utf8_next(s, &i);
    hp_buf_add(out, hp_str_cut(s, 0, i));
}

static void put_email(hp_buf *out, hp_str s) {
    size_t dot = s.n;
    while (dot > 0 && s.p[dot - 1] != '.') dot--;
    put_first(out, s);
    hp_buf_puts(out, DOTS "@" DOTS);
    if (dot == 0 || hp_str_chr(s, '@', dot) != SIZE_MAX) return;
    hp_buf_putc(out, '.');
    hp_buf_add(out, hp_str_cut(s, dot, s.n));
}

static void put_phone(hp_buf *out, hp_str s) {
    char last[2];
    size_t n = 0, digits = 0;
    for (size_t i = s.n; i > 0; i--) {
        if (!hp_is_digit(s.p[i - 1])) continue;
        if (n < 2) last[1 - n++] = s.p[i - 1];
        digits++;
    }
    hp_buf_puts(out, DOTS);
    /* Two digits of a short number would be most of it. */
    if (digits >= 7) hp_buf_add(out, (hp_str){last, 2});
}

void hp_put_masked(hp_buf *out, hp_kind kind, hp_str text) {
    if (hp_str_chr(text, '@', 0) != SIZE_MAX) {
        put_email(out, text);
    } else if (kind == HP_K_PHONE) {
        put_phone(out, text);
    } else {
        put_first(out, text);
        hp_buf_puts(out, DOTS);
    }
}
