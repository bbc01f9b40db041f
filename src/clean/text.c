#include "clean/value.h"

void hp_clean_text(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_clean_out *out) {
    hp_autobuf scratch = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_str text;
    if (hp_begin(ctx, in, type, HP_LINES_BLANK, false, &scratch, out, &text)) hp_buf_add(&out->value, text);
}

void hp_clean_status(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_clean_out *out) {
    hp_autobuf scratch = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_str text;
    if (hp_begin(ctx, in, type, HP_LINES_BLANK, true, &scratch, out, &text)) hp_buf_add(&out->value, text);
}

void hp_clean_address(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_clean_out *out) {
    hp_autobuf scratch = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_str text;
    if (hp_begin(ctx, in, type, HP_LINES_COMMA, true, &scratch, out, &text)) hp_buf_add(&out->value, text);
}

hp_str hp_whole_part(hp_str number) {
    size_t dot = number.n && number.p[0] == '-', zeros;
    while (dot < number.n && hp_is_digit(number.p[dot])) dot++;
    if (dot == 0 || dot == number.n || number.p[dot] != '.' || !hp_is_digit(number.p[dot - 1])) return number;
    for (zeros = dot + 1; zeros < number.n && number.p[zeros] == '0';) zeros++;
    return zeros == number.n && zeros > dot + 1 ? hp_str_cut(number, 0, dot) : number;
}

void hp_clean_id(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_clean_out *out) {
    hp_autobuf scratch = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_str text;
    if (!hp_begin(ctx, in, type, HP_LINES_BLANK, false, &scratch, out, &text)) return;
    hp_buf_add(&out->value, type == HP_T_NUMBER ? hp_whole_part(text) : text);
}
