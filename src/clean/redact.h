/* Redaction: persons, e-mail addresses, phone numbers and identity numbers in free text. Detectors of form
 * and context, without a model: what they find and miss is measured by bench/redact. */
#ifndef HP_CLEAN_REDACT_H
#define HP_CLEAN_REDACT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"

/** Name what is found; the bits of hp_redactor.kinds are 1 << these. */
typedef enum hp_redact_kind {
    HP_REDACT_EMAIL, /**< RFC 5322 dot-atom at a domain, also with " at " or "[at]" written out */
    HP_REDACT_PHONE, /**< a number that libphonenumber calls valid in the region, or digits behind "tel",
                        "cell" ... */
    HP_REDACT_ID,    /**< South African identity numbers (13 digits: a date, Luhn), passports, payment cards
                        (Luhn), and    what "ID", "passport" or "licence" announces */
    HP_REDACT_NAME,  /**< behind a title, beginning with a given name, announced ("spoke to ..."), or known */
    HP_REDACT_KINDS
} hp_redact_kind;

/** All kinds. */
#define HP_REDACT_ALL ((1u << HP_REDACT_KINDS) - 1)

/** Hold what the detectors know. Zero-initialise but for region and kinds; free with hp_redactor_free. May be
 * read by several threads at once. */
typedef struct hp_redactor {
    char region[3]; /**< ISO 3166-1 alpha-2, for phones */
    unsigned kinds; /**< which of them: bits */
    hp_smap known;  /**< folded names of people, and given names of theirs; bytes are the arena's */
} hp_redactor;

/** View a find: bytes `from` up to but not including `to`. */
typedef struct hp_redact_span {
    size_t from, to;
    hp_redact_kind kind;
} hp_redact_span;

/** Return "email", "phone", "id" or "name". */
const char *hp_redact_kind_name(hp_redact_kind k);
/** Learn a person's name ("Thandi Nkosi"): it is found wherever it stands, and so is its first word where it
 * is capitalised. Single words are too common to be learnt. Errors: HP_RETRY. */
hp_code hp_redactor_know(hp_redactor *r, hp_arena *a, hp_str name, hp_err *err);
/** Release what was learnt. */
void hp_redactor_free(hp_redactor *r);
/** Find the first span at or behind `from`; false when there is none. The text is UTF-8. */
bool hp_redact_next(const hp_redactor *r, hp_str text, size_t from, hp_redact_span *out);
/** Append the text with what is found replaced by "[email]", "[phone]", "[id]", "[name]"; counts each kind.
 * Text that was redacted stays as it is when it is redacted again. Returns whether anything was replaced. */
bool hp_redact(const hp_redactor *r, hp_str text, hp_buf *out, uint64_t count[HP_REDACT_KINDS]);

#endif
