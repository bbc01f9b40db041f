#include "table/record.h"

const char *hp_match_reason_name(hp_match_reason r) {
    static const char *const NAMES[HP_MATCH_REASON_COUNT] = {
        [HP_MATCH_NAME] = "same name",
        [HP_MATCH_DOMAIN] = "same domain, similar name",
        [HP_MATCH_PHONE] = "same phone, similar name",
        [HP_MATCH_PERSON] = "same person",
    };
    return NAMES[r];
}
