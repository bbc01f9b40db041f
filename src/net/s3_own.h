/* Private to src/net: what the files of the S3 client share. s3.c makes and judges requests, s3_xml.c reads
 * answers, s3_upload.c sends files in parts, s3_note.c notes what an upload was begun for, s3_lock.c locks.
 */
#ifndef HP_NET_S3_OWN_H
#define HP_NET_S3_OWN_H

#include "net/endpoint.h"
#include "net/s3.h"

/** The most headers of a request of our own. */
#define HP_S3_HEADERS 12u

/** Describe a request to a bucket. */
typedef struct hp_s3_ask {
    const char *method;
    hp_str key; /**< empty = the bucket */
    hp_sigv4_pair query[6];
    size_t nquery;
    hp_sigv4_pair header[HP_S3_HEADERS]; /**< beyond host, date and payload */
    size_t nheader;
    hp_str body;
    const hp_endpoint_file *file;
    const unsigned char *sha256; /**< of body or file; NULL = of the empty one */
    hp_s3_take *take;
    void *ctx;
} hp_s3_ask;

/** Hold what a service says of an error. */
typedef struct hp_s3_error {
    hp_str code, message, region;
} hp_s3_error;

/** Add a header; the value outlives the request. */
void hp_s3_header(hp_s3_ask *ask, const char *name, hp_str value);
/** Add a parameter of the query. */
void hp_s3_query(hp_s3_ask *ask, const char *name, hp_str value);
/** Send a request. An answer of 300 and more is no error yet. */
hp_code hp_s3_send(hp_s3 *s, const hp_s3_ask *ask, hp_endpoint_answer *out, hp_err *err);
/** Fail as an answer says, in words. */
hp_code hp_s3_refused(hp_s3 *s, const hp_s3_ask *ask, const hp_endpoint_answer *answer, hp_err *err);
/** Find a header of the last answer. */
hp_str hp_s3_said(const hp_s3 *s, const char *name);
/** Tell whether an answer says that there is an object already (412, or 409 of two at a time). */
bool hp_s3_exists(const hp_endpoint_answer *answer);
/** Add the headers that describe a new object: digest, retention. Texts go into the arena. */
hp_code hp_s3_describe(hp_arena *a, const hp_s3_put *p, hp_s3_ask *ask, hp_err *err);
/** Encode a digest in base64, in the arena. Errors: HP_RETRY. */
hp_code hp_s3_base64(hp_arena *a, const unsigned char *bytes, size_t n, hp_str *out, hp_err *err);
/** Return the words for an error of a service, as a message: what it means and what to do. `clock` is how
 * many seconds this machine is ahead of the service. Pure, for tests. */
hp_code hp_s3_words(const hp_s3_error *e, long status, const hp_s3_where *where, int64_t clock, hp_err *err);
/** Send a file in parts (hp_s3_store with part_bytes). */
hp_code hp_s3_upload(hp_s3 *s, const hp_s3_put *p, hp_s3_done *out, hp_err *err);

/* s3_note.c: what an upload under way was begun for, in a file of its own per upload. The service does not
 * tell: it lists parts, but neither the metadata nor the lock that the object is to have. Who holds a note
 * has the upload for himself. */
/** Hold a note; fd -1 = none. */
typedef struct hp_s3_note {
    int fd;
    hp_str path;
} hp_s3_note;
/** Say whether an upload that was found may be gone on with. */
typedef enum hp_s3_fit {
    HP_S3_FOREIGN, /**< no note, or somebody is at it: not to be touched */
    HP_S3_STALE,   /**< ours, and for something else */
    HP_S3_FITS     /**< ours, for this content, with no more of a lock than is asked for */
} hp_s3_fit;
/** Read the note of an upload, holding it unless it is foreign. `place` names bucket and service. */
hp_code hp_s3_note_read(hp_arena *a, hp_str dir, hp_str place, hp_str id, const hp_s3_put *p, hp_s3_note *out,
                        hp_s3_fit *fit, hp_err *err);
/** Make the note of an upload that begins, holding it. Where nothing can be written there is none. Errors:
 * HP_RETRY (memory). */
hp_code hp_s3_note_make(hp_arena *a, hp_str dir, hp_str place, hp_str id, const hp_s3_put *p, hp_s3_note *out,
                        hp_err *err);
/** Remove a note, and let go of it. */
void hp_s3_note_drop(hp_s3_note *n);
/** Let go of a note, which stays for the next time. */
void hp_s3_note_leave(hp_s3_note *n);
/** Return where a client sends to, and where it keeps notes. */
hp_code hp_s3_place(const hp_s3 *s, hp_arena *a, hp_str *place, hp_str *notes, hp_err *err);

/* s3_xml.c */
/** Take the end of an element: the names from the root on ("Error/Code"), and its text unless it has
 * children. */
typedef hp_code hp_s3_element(void *ctx, const char *path, hp_str text, hp_err *err);
/** Read an answer. A DOCTYPE is an error. Errors: HP_DATA, HP_RETRY, and what `fn` returns. */
hp_code hp_s3_xml(hp_str bytes, hp_s3_element *fn, void *ctx, hp_err *err);
/** Read an <Error>; false when it is none. Texts go into the arena. */
bool hp_s3_error_read(hp_arena *a, hp_str bytes, hp_s3_error *out);
/** Read "2026-11-27T18:00:15.000Z" (ISO 8601, UTC) or "Fri, 27 Nov 2026 18:00:15 GMT" (RFC 9110, 5.6.7);
 * false for anything else. */
bool hp_s3_time(hp_str text, int64_t *out);
/** Decode %XX. */
void hp_s3_unescape(hp_str text, hp_buf *out);

#endif
