#include "table/record.h"

const char *hp_joined_name(hp_joined how) {
    static const char *const NAMES[HP_JOINED_COUNT] = {
        [HP_JOINED_ITSELF] = "a row of organisations",
        [HP_JOINED_MADE] = "a contact whose organisation stands nowhere else",
        [HP_JOINED_BELOW] = "below the merged cell of the name",
        [HP_JOINED_KEY] = "by its key",
        [HP_JOINED_NAME] = "by its name, in the same file",
        [HP_JOINED_ELSEWHERE] = "by its name, in another file",
    };
    return NAMES[how];
}

const char *hp_match_reason_name(hp_match_reason r) {
    static const char *const NAMES[HP_MATCH_REASON_COUNT] = {
        [HP_MATCH_NAME] = "same name",
        [HP_MATCH_DOMAIN] = "same domain, similar name",
        [HP_MATCH_PHONE] = "same phone, similar name",
        [HP_MATCH_PERSON] = "same person",
    };
    return NAMES[r];
}
