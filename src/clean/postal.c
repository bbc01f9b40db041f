#include "clean/value.h"

/* South Africa: four digits (SAPO), of which a number cell has lost the zeros in front. */
static const char *clean_za(hp_str code, bool number, hp_buf *value) {
    for (size_t i = 0; i < code.n; i++) {
        if (!hp_is_digit(code.p[i])) return "not digits only";
    }
    if (code.n > 4) return "more than four digits";
    if (code.n < 4 && !number) return "fewer than four digits";
    for (size_t i = code.n; i < 4; i++) hp_buf_putc(value, '0');
    hp_buf_add(value, code);
    return NULL;
}

static const char *clean_other(hp_str code, hp_buf *value) {
    bool digit = false;
    if (code.n < 3) return "too short";
    if (code.n > 10) return "too long";
    for (size_t i = 0; i < code.n; i++) {
        if (!hp_is_alnum(code.p[i]) && !hp_in(code.p[i], " -")) return "bad character";
        digit |= hp_is_digit(code.p[i]);
    }
    if (!digit) return "no digit";
    for (size_t i = 0; i < code.n; i++) hp_buf_putc(value, hp_upper(code.p[i]));
    return NULL;
}

void hp_clean_postal(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_clean_out *out) {
    hp_autobuf scratch = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_str text;
    if (!hp_begin(ctx, in, type, HP_LINES_BLANK, true, &scratch, out, &text)) return;
    hp_str code = hp_whole_part(text);
    /* "200.0" in a text file was a number once. */
    bool number = type == HP_T_NUMBER || code.n < text.n;
    const char *fault = hp_str_eq(hp_str_of(ctx->country), HP_S("ZA")) ? clean_za(code, number, &out->value)
                                                                       : clean_other(code, &out->value);
    if (fault) hp_note(out, HP_R_POSTAL_CODE_INVALID, fault);
}
