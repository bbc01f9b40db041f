/* The door to libphonenumber, which has no C interface. */
#ifndef HP_CLEAN_PHONE_DOOR_H
#define HP_CLEAN_PHONE_DOOR_H

#include <stddef.h>

#include "base/err.h"

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

/* The two below are what the module exports under the same names with _module behind; calls go through
 * phone.c's loader. Before hp_phone_ready has succeeded they find nothing: HP_PHONE_INVALID, 0. */

/** Parse `n` bytes for a region ("ZA") and write E.164 (at most 16 digits and a NUL) into e164 when valid.
 * South African lines and mobiles have nine digits behind the country code; shorter ones, which the library's
 * patterns admit, are HP_PHONE_TOO_SHORT. Never throws; safe from any thread. */
hp_phone_verdict hp_phone_parse(const char *text, size_t n, const char *region, char e164[24]);

/** Make sure that the module with libphonenumber is loaded. It is loaded on first use and not linked, because
 * its libraries (ICU, protobuf, Abseil) would cost every command two of its five milliseconds at the start;
 * only builds with sanitizers link it. Errors: HP_CONFIG naming the places looked at. */
hp_code hp_phone_ready(hp_err *err);

/** Return the country calling code of a region (27 for "ZA"), 0 for one that libphonenumber does not know. */
int hp_phone_calling_code(const char *region);

/** Do the work of hp_phone_parse, in the module. */
hp_phone_verdict hp_phone_parse_module(const char *text, size_t n, const char *region, char e164[24]);
/** Do the work of hp_phone_calling_code, in the module. */
int hp_phone_calling_code_module(const char *region);

#ifdef __cplusplus
}
#endif
#endif
