#include "profile/contract_forms.h"

#include "base/banned.h"

/* Days as there are in a month; 29 February in years that have it (Gregorian, four digits). */
#define DATE                                                                                              \
    "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|" \
    "02-(?:0[1-9]|1[0-9]|2[0-8]))|"                                                                       \
    "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
#define TIME "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]+)?"
#define ZONE "(?:Z|[+-][0-9]{2}:?[0-9]{2})?"

const hp_form_of_type *hp_form_of_type_get(hp_logical t) {
    static const hp_form_of_type FORM[HP_LOGICAL_COUNT] = {
        [HP_L_NUMBER] = {"^(?:[+-]?(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:[eE][+-]?[0-9]+)?|NaN|-?INF)$",
                         "a number"},
        [HP_L_INTEGER] = {"^[+-]?[0-9]+$", "a whole number"},
        [HP_L_BOOLEAN] = {"^(?:true|True|TRUE|false|False|FALSE|1|0)$", "true or false"},
        [HP_L_DATE] = {"^" DATE "$", "a date, YYYY-MM-DD"},
        [HP_L_TIME] = {"^" TIME ZONE "$", "a time, hh:mm:ss"},
        [HP_L_TIMESTAMP] = {"^" DATE "[T ]" TIME ZONE "$", "a date with a time, YYYY-MM-DDThh:mm:ss"},
        [HP_L_YEAR] = {"^-?[0-9]{4}$", "a year of four digits"},
        [HP_L_YEARMONTH] = {"^[0-9]{4}-(?:0[1-9]|1[0-2])$", "a month, YYYY-MM"},
    };
    return &FORM[t];
}

#define BYTE "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"

const hp_form_of_text *hp_form_of_text_get(hp_str name) {
    static const hp_form_of_text FORM[] = {
        {"email", "^[^@\\s]+@[^@\\s]+[.][^@\\s]+$", "an e-mail address"},
        {"uri", "^[A-Za-z][A-Za-z0-9+.-]*:[^\\s]+$", "a web address or another URI"},
        {"uuid", "^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$", "a UUID"},
        {"ipv4", "^(?:" BYTE "[.]){3}" BYTE "$", "an IPv4 address"},
        {"hostname",
         "^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:[.][A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$",
         "a host name"},
        {"byte", "^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$", "bytes as base64"},
    };
    for (size_t i = 0; i < sizeof FORM / sizeof *FORM; i++)
        if (hp_str_eq(name, hp_str_of(FORM[i].name))) return &FORM[i];
    return NULL;
}

bool hp_form_is_iso(hp_logical t, hp_str format) {
    static const struct {
        hp_logical type;
        const char *format;
    } ISO[] = {{HP_L_DATE, "yyyy-MM-dd"},
               {HP_L_DATE, "YYYY-MM-DD"},
               {HP_L_DATE, "%Y-%m-%d"},
               {HP_L_TIME, "HH:mm:ss"},
               {HP_L_TIME, "%H:%M:%S"},
               {HP_L_TIMESTAMP, "yyyy-MM-dd'T'HH:mm:ss"},
               {HP_L_TIMESTAMP, "yyyy-MM-ddTHH:mm:ss"},
               {HP_L_TIMESTAMP, "yyyy-MM-ddTHH:mm:ssZ"},
               {HP_L_TIMESTAMP, "yyyy-MM-dd HH:mm:ss"},
               {HP_L_TIMESTAMP, "%Y-%m-%dT%H:%M:%S"}};
    for (size_t i = 0; i < sizeof ISO / sizeof *ISO; i++)
        if (ISO[i].type == t && hp_str_eq(format, hp_str_of(ISO[i].format))) return true;
    return false;
}

/* Letters of a format stand in runs, of which strftime has one directive each. */
static const char *directive(hp_str run) {
    static const char *const MAP[][2] = {
        {"yyyy", "%Y"}, {"uuuu", "%Y"}, {"yy", "%y"}, {"MMMM", "%B"}, {"MMM", "%b"}, {"MM", "%m"},
        {"M", "%m"},    {"dd", "%d"},   {"d", "%d"},  {"HH", "%H"},   {"H", "%H"},   {"hh", "%I"},
        {"h", "%I"},    {"mm", "%M"},   {"m", "%M"},  {"ss", "%S"},   {"s", "%S"},   {"a", "%p"},
        {"EEEE", "%A"}, {"EEE", "%a"},  {"T", "T"}};
    for (size_t i = 0; i < sizeof MAP / sizeof *MAP; i++)
        if (hp_str_eq(run, hp_str_of(MAP[i][0]))) return MAP[i][1];
    return NULL;
}

bool hp_form_of_java(hp_str format, hp_buf *out) {
    for (size_t i = 0; i < format.n;) {
        size_t k = i + 1;
        if (format.p[i] == '\'') { /* text of its own */
            size_t end = hp_str_chr(format, '\'', i + 1);
            if (end == SIZE_MAX) return false;
            hp_buf_add(out, hp_str_cut(format, i + 1, end));
            k = end + 1;
        } else if (hp_is_alpha(format.p[i])) {
            while (k < format.n && format.p[k] == format.p[i]) k++;
            const char *d = directive(hp_str_cut(format, i, k));
            if (!d) return false;
            hp_buf_puts(out, d);
        } else {
            hp_buf_putc(out, format.p[i]);
        }
        i = k;
    }
    return true;
}
