/* The door to libphonenumber, which has no C interface. */
#ifndef HP_CLEAN_PHONE_DOOR_H
#define HP_CLEAN_PHONE_DOOR_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Say how a text fares as a phone number. */
typedef enum hp_phone_verdict {
    HP_PHONE_VALID,
    HP_PHONE_NOT_A_NUMBER,
    HP_PHONE_TOO_SHORT,
    HP_PHONE_TOO_LONG,
    HP_PHONE_BAD_COUNTRY,
    HP_PHONE_INVALID
} hp_phone_verdict;

/** Parse `n` bytes for a region ("ZA") and write E.164 (at most 16 digits and a NUL) into e164 when valid.
 * South African lines and mobiles have nine digits behind the country code; shorter ones, which the library's
 * patterns admit, are HP_PHONE_TOO_SHORT. Never throws; safe from any thread. */
hp_phone_verdict hp_phone_parse(const char *text, size_t n, const char *region, char e164[24]);

/** Return the country calling code of a region (27 for "ZA"), 0 for one that libphonenumber does not know. */
int hp_phone_calling_code(const char *region);

#ifdef __cplusplus
}
#endif
#endif
