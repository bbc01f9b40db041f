#include "cli/personal.h"

#include "table/mask.h"
#include "map/map.h"
#include "refine/stages.h"

#include "base/banned.h"

const hp_profile *hp_plain_profile(void) {
    static const hp_profile PLAIN = {
        .country = {"ZA", 2}, .day_first = true, .map_threshold = 0.7, .match_threshold = 0.92};
    return &PLAIN;
}

/* Finds the field that a header names best; HP_F_NONE when it names none well enough. */
static hp_field named(hp_str header) {
    const hp_profile *plain = hp_plain_profile();
    double most = 0;
    hp_field best = HP_F_NONE;
    for (int f = 1; f < HP_FIELD_COUNT && header.n; f++) {
        double score = hp_map_score_header(plain, header, (hp_field)f);
        if (score <= most) continue;
        most = score;
        best = (hp_field)f;
    }
    return most >= plain->map_threshold ? best : HP_F_NONE;
}

bool hp_header_known(hp_str header) { return named(header) != HP_F_NONE; }

bool hp_header_masked(hp_str header) { return hp_field_masked(named(header)); }

bool hp_header_personal(hp_str header) {
    hp_field f = named(header);
    return f != HP_F_NONE && (hp_field_of_contact(f) || hp_kind_personal(hp_field_get(f)->kind));
}

hp_field hp_header_field(hp_str header) {
    hp_field f = hp_fill_field(header);
    return f != HP_F_NONE ? f : named(header);
}

void hp_put_personal(hp_buf *out, hp_str header, hp_str value) {
    hp_field f = hp_header_field(header);
    if (hp_field_masked(f))
        hp_put_masked(out, hp_field_get(f)->kind, value);
    else
        hp_buf_add(out, value);
}
