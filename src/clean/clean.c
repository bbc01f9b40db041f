#include "clean/clean.h"

static hp_clean_fn *const functions[HP_KIND_COUNT] = {
    [HP_K_TEXT] = hp_clean_text,
    [HP_K_ORG_NAME] = hp_clean_org_name,
    [HP_K_PERSON] = hp_clean_person,
    [HP_K_EMAIL] = hp_clean_email,
    [HP_K_PHONE] = hp_clean_phone,
    [HP_K_WEBSITE] = hp_clean_website,
    [HP_K_PROVINCE] = hp_clean_province,
    [HP_K_COUNTRY] = hp_clean_country,
    [HP_K_ADDRESS] = hp_clean_address,
    [HP_K_POSTAL] = hp_clean_postal,
    [HP_K_DATE] = hp_clean_date,
    [HP_K_STATUS] = hp_clean_status,
    [HP_K_ID] = hp_clean_id,
};

hp_clean_fn *hp_clean_for(hp_kind kind) {
    return (unsigned)kind < HP_KIND_COUNT ? functions[kind] : hp_clean_text;
}

void hp_clean_ctx_init(hp_clean_ctx *ctx, const hp_profile *p) {
    *ctx = (hp_clean_ctx){.country = "ZA", .day_first = true, .profile = p};
    if (!p) return;
    ctx->day_first = p->day_first;
    if (p->country.n == 2) {
        ctx->country[0] = hp_upper(p->country.p[0]);
        ctx->country[1] = hp_upper(p->country.p[1]);
    }
}
