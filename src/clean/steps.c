/* Naming what cleaning did to a value, afterwards: cleaning is pure, so that old and new tell it. */
#include "clean/value.h"

#include "base/banned.h"

/* What the cleaning functions of a kind do once the text is tidy. */
static const hp_clean_step KIND[HP_KIND_COUNT] = {
    [HP_K_TEXT] = {"text_spelled", "spelled in one way", {0}, {0}},
    [HP_K_ORG_NAME] = {"name_spelled", "organisation name spelled in one way", {0}, {0}},
    [HP_K_PERSON] = {"person_name", "name of a person: order, role and title taken apart", {0}, {0}},
    [HP_K_EMAIL] = {"email_normalised", "e-mail address in its plain form", {0}, {0}},
    [HP_K_PHONE] = {"phone_normalised", "phone number in the form of E.164", {0}, {0}},
    [HP_K_WEBSITE] = {"website_normalised", "web address in its plain form", {0}, {0}},
    [HP_K_PROVINCE] = {"province_spelled", "province by its official name", {0}, {0}},
    [HP_K_COUNTRY] = {"country_spelled", "country by its English short name", {0}, {0}},
    [HP_K_ADDRESS] = {"address_lines", "address on one line", {0}, {0}},
    [HP_K_POSTAL] = {"postal_code_padded", "postal code with the digits that it lost", {0}, {0}},
    [HP_K_DATE] = {"date_iso", "date in the form of ISO 8601", {0}, {0}},
    [HP_K_STATUS] = {"status_spelled", "spelled in one way", {0}, {0}},
    [HP_K_ID] = {"id_whole", "identifier as a whole number", {0}, {0}},
};

/* Tells whether a list is a text with its members taken apart at "; ", and nothing else. */
static bool is_split(hp_str text, hp_str list) {
    bool several = false;
    for (hp_str part; hp_str_next(&list, HP_LIST_SEP, &part); several = true) {
        if (several) {
            if (!hp_str_starts(text, HP_S("; "))) return false;
            text = hp_str_cut(text, 2, text.n);
        }
        if (!hp_str_starts(text, part)) return false;
        text = hp_str_cut(text, part.n, text.n);
    }
    return several && text.n == 0;
}

size_t hp_clean_steps(hp_kind kind, hp_str raw, hp_str clean, hp_buf *scratch, hp_clean_step step[2]) {
    size_t n = 0;
    if (hp_str_eq(raw, clean)) return 0;
    hp_clean_out out = {0};
    hp_str tidy = raw;
    hp_buf_clear(scratch);
    if (clean.n) tidy = hp_tidy(raw, kind == HP_K_ADDRESS ? HP_LINES_COMMA : HP_LINES_BLANK, scratch, &out);
    if (!hp_str_eq(tidy, raw))
        step[n++] =
            (hp_clean_step){"tidied", "white space, control characters and compatibility forms", raw, tidy};
    if (hp_str_eq(tidy, clean)) return n;
    step[n] = KIND[kind];
    if (is_split(tidy, clean))
        step[n] = (hp_clean_step){"list_split", "several values taken apart", {0}, {0}};
    if (!clean.n) step[n] = (hp_clean_step){"emptied", "nothing is left that can be used", {0}, {0}};
    step[n].old = tidy;
    step[n].new = clean;
    return n + 1;
}
