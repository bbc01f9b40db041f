/* Patching parts of a workbook while they go by: a part is read tag by tag, what is not touched is written as
 * it stands; only src/refine/annotate* and its tests include this. */
#ifndef HP_REFINE_ANNOTATE_PATCH_H
#define HP_REFINE_ANNOTATE_PATCH_H

#include "base/buf.h"
#include "read/zip.h"
#include "write/zip_out.h"

/** Name what a part consists of. */
typedef enum hp_tag_kind {
    HP_TAG_NONE,  /**< the part has ended */
    HP_TAG_OPEN,  /**< <c ...> */
    HP_TAG_EMPTY, /**< <c .../> */
    HP_TAG_CLOSE, /**< </c> */
    HP_TAG_OTHER  /**< text (perhaps a piece of it), comment, instruction, CDATA */
} hp_tag_kind;

/** Hold a part on its way, and the tag it stands at. Views are valid until the next hp_patch_next. */
typedef struct hp_patch {
    hp_tag_kind kind;
    hp_str bytes;   /**< the tag as it stands */
    hp_str qname;   /**< "x:c" */
    hp_str name;    /**< "c" */
    hp_str attrs;   /**< what stands behind the name, for hp_tag_attr */
    unsigned depth; /**< of the element: 1 is the root */

    hp_str file, part; /* for messages */
    hp_zip_out *to;    /* NULL: the part is only looked at */
    hp_zip_stream *from;
    hp_part whole; /* a part in another encoding than UTF-8 is converted as a whole */
    hp_buf window;
    size_t at, written; /* in the window: the end of the tag; up to where it was written */
    uint64_t before;    /* bytes in front of the window */
    unsigned open;
    bool last; /* nothing comes behind the window */
} hp_patch;

/** Begin to read entry `entry` of a zip; what is read goes to the member under way of `to` (NULL: nowhere).
 * Close in every outcome. A part in another encoding becomes UTF-8, without its declaration. Errors: HP_DATA
 * (damaged, over a limit), HP_RETRY. */
hp_code hp_patch_open(hp_patch *p, hp_zip *z, size_t entry, hp_str file, hp_zip_out *to, hp_err *err);
/** Begin with bytes in memory, in UTF-8; `part` names them in messages. */
void hp_patch_open_bytes(hp_patch *p, hp_str bytes, hp_str file, hp_str part, hp_zip_out *to);
/** Release it; a zeroed one is allowed. */
void hp_patch_close(hp_patch *p);
/** Go to the next tag; the one before is written unless it was replaced. Errors: HP_DATA (it ends in the
 * middle of a tag, a tag is over the limit text-size), HP_IO, HP_RETRY. */
hp_code hp_patch_next(hp_patch *p, hp_err *err);
/** Write bytes in front of the tag. Errors: HP_IO, HP_RETRY. */
hp_code hp_patch_insert(hp_patch *p, hp_str bytes, hp_err *err);
/** Write bytes in place of the tag. Errors: HP_IO, HP_RETRY. */
hp_code hp_patch_replace(hp_patch *p, hp_str bytes, hp_err *err);
/** Fail because of what stands at the tag. Returns HP_DATA. */
hp_code hp_patch_fail(const hp_patch *p, hp_err *err, const char *why);

/** Tell whether it stands at an element of this local name that opens (perhaps empty). */
static inline bool hp_patch_opens(const hp_patch *p, hp_str name) {
    return (p->kind == HP_TAG_OPEN || p->kind == HP_TAG_EMPTY) && hp_str_eq(p->name, name);
}
/** Tell whether it stands at the end tag of an element of this local name. */
static inline bool hp_patch_closes(const hp_patch *p, hp_str name) {
    return p->kind == HP_TAG_CLOSE && hp_str_eq(p->name, name);
}
/** Return the prefix of the tag's name with its colon ("x:"), or nothing. */
static inline hp_str hp_patch_prefix(const hp_patch *p) {
    return hp_str_cut(p->qname, 0, p->qname.n - p->name.n);
}

/** Hold an attribute: qualified name, raw value, and where both stand in the tag with the blank in front. */
typedef struct hp_tag_attr {
    hp_str name, value, whole;
} hp_tag_attr;
/** Take the next attribute off the front of p->attrs (or what is left of it); false behind the last one. */
bool hp_tag_next_attr(hp_str *rest, hp_tag_attr *out);
/** Find the raw value of an attribute by its qualified name; false when it is not there. */
bool hp_tag_value(hp_str attrs, hp_str name, hp_str *value);
/** Find a number; false when it is not there, or none of at most nine digits. */
bool hp_tag_number(hp_str attrs, hp_str name, uint32_t *value);
/** Append a tag with the value of an attribute changed, or the attribute added (value.p NULL: taken out).
 * `tag` may be what an earlier call made. */
void hp_tag_set(hp_buf *out, hp_str tag, hp_str name, hp_str value);

#endif
