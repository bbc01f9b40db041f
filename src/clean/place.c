#include "clean/value.h"
#include "table/country.h"

/* The provinces of South Africa (Constitution, section 103) with what people write for them, letters only. */
static const struct {
    const char *name, *aliases;
} za_provinces[] = {
    {"Eastern Cape", "easterncape ec ecape eastcape ooskaap ecp"},
    {"Free State", "freestate fs vrystaat orangefreestate ofs"},
    {"Gauteng", "gauteng gp gt gau gpretoria gautengp pwv"},
    {"KwaZulu-Natal", "kwazulunatal kzn kwazulu natal kzulunatal kn kwazulunataal"},
    {"Limpopo", "limpopo lp lim northernprovince northerntransvaal"},
    {"Mpumalanga", "mpumalanga mp mpumulanga mpumalang mpumulunga easterntransvaal"},
    {"Northern Cape", "northerncape nc ncape northcape noordkaap ncp"},
    {"North West", "northwest nw noordwes nwp"},
    {"Western Cape", "westerncape wc wcape westcape wkaap weskaap wcp"},
};

static const char *find_province(hp_str key) {
    for (size_t i = 0; i < sizeof za_provinces / sizeof *za_provinces; i++) {
        if (hp_word_in(key, za_provinces[i].aliases)) return za_provinces[i].name;
    }
    return NULL;
}

/* Drops `end` from a key that is longer. */
static bool drop_end(hp_str *key, hp_str end) {
    if (key->n <= end.n || !hp_str_ends(*key, end)) return false;
    key->n -= end.n;
    return true;
}

/* Looks a province up as it is, then without the country behind it, without the word "province". */
static const char *za_province(hp_str text, bool *bad) {
    static const hp_str ends[] = {HP_S("southafrica"), HP_S("rsa"),       HP_S("sa"),
                                  HP_S("province"),    HP_S("provinsie"), HP_S("prov")};
    hp_autobuf squeezed = hp_buf_new(HP_CLEAN_SCRATCH), letters = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_squeeze(text, &squeezed);
    for (size_t i = 0; i < squeezed.n; i++) { /* "Free State 9300" */
        if (!hp_is_digit(squeezed.p[i])) hp_buf_putc(&letters, squeezed.p[i]);
    }
    *bad |= squeezed.bad || letters.bad;
    hp_str key = hp_buf_str(&letters);
    const char *name = find_province(key);
    for (size_t i = 0; i < sizeof ends / sizeof *ends && !name; i++) {
        if (drop_end(&key, ends[i])) name = find_province(key);
    }
    return name;
}

void hp_clean_province(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_clean_out *out) {
    hp_autobuf scratch = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_str text;
    if (!hp_begin(ctx, in, type, HP_LINES_BLANK, true, &scratch, out, &text)) return;
    if (!hp_str_eq(hp_str_of(ctx->country), HP_S("ZA"))) {
        hp_buf_add(&out->value, text);
        return;
    }
    const char *name = za_province(text, &out->value.bad);
    if (!name) hp_note(out, HP_R_PROVINCE_UNKNOWN, NULL);
    hp_buf_add(&out->value, name ? hp_str_of(name) : text);
}

static bool has_name(const hp_country *c, hp_str key) {
    if (hp_squeezed_is(key, c->name)) return true;
    hp_str rest = hp_str_of(c->aliases), alias;
    while (hp_str_next(&rest, '|', &alias)) {
        size_t i = 0;
        for (size_t k = 0; k < alias.n && i <= key.n; k++) {
            if (alias.p[k] != ' ') i = i < key.n && key.p[i] == alias.p[k] ? i + 1 : key.n + 1;
        }
        if (i == key.n) return true;
    }
    return false;
}

static bool has_code(const hp_country *c, hp_str key) {
    return hp_str_ieq(key, hp_str_of(c->alpha2)) || hp_str_ieq(key, hp_str_of(c->alpha3));
}

/* Finds a country by its squeezed name or code. At home "SA" means South Africa, elsewhere it is the code of
 * Saudi Arabia. */
static const hp_country *find_country(const hp_clean_ctx *ctx, hp_str key) {
    bool home = hp_str_eq(hp_str_of(ctx->country), HP_S("ZA"));
    if (home && hp_word_in(key, "sa rsa suidafrika")) key = HP_S("zaf");
    if (key.n > 3 && hp_str_starts(key, HP_S("the"))) key = hp_str_cut(key, 3, key.n);
    size_t n;
    const hp_country *countries = hp_countries(&n);
    for (size_t i = 0; i < n; i++) {
        if (has_code(&countries[i], key) || has_name(&countries[i], key)) return &countries[i];
    }
    return NULL;
}

void hp_clean_country(const hp_clean_ctx *ctx, hp_str in, hp_type type, hp_clean_out *out) {
    hp_autobuf scratch = hp_buf_new(HP_CLEAN_SCRATCH), key = hp_buf_new(HP_CLEAN_SCRATCH);
    hp_str text;
    /* "NA" in capitals is the code of Namibia, in every other column "not available". */
    if (type != HP_T_ERROR && hp_str_eq(hp_str_trim(in), HP_S("NA"))) in = HP_S("NAM");
    if (!hp_begin(ctx, in, type, HP_LINES_BLANK, true, &scratch, out, &text)) return;
    hp_squeeze(text, &key);
    out->value.bad |= key.bad;
    const hp_country *c = find_country(ctx, hp_buf_str(&key));
    if (!c) hp_note(out, HP_R_COUNTRY_UNKNOWN, NULL);
    hp_buf_add(&out->value, c ? hp_str_of(c->name) : text);
}
