/* AWS Signature Version 4: proves to a service of that kind who sends a request, without sending the secret.
 * Source: AWS General Reference, "Create a signed AWS API request"; Amazon S3 API Reference, "Authenticating
 * Requests (AWS Signature Version 4)". Signs headers; URLs that carry their signature are not made. */
#ifndef HP_NET_SIGV4_H
#define HP_NET_SIGV4_H

#include "base/buf.h"
#include "base/secret.h"

/** Hold who signs. Views and secrets are the caller's. */
typedef struct hp_aws_keys {
    hp_str id;               /**< access key id; no secret */
    const hp_secret *secret; /**< secret access key */
    const hp_secret *token;  /**< session token of temporary keys; NULL = none */
} hp_aws_keys;

/** Hold what a signature is good for. */
typedef struct hp_sigv4_scope {
    hp_str region, service; /**< "us-east-1", "s3" */
    int64_t time; /**< seconds since 1970, by the machine's clock: a service takes 15 minutes of skew */
} hp_sigv4_scope;

/** Hold a parameter of the query or a header. */
typedef struct hp_sigv4_pair {
    hp_str name, value; /**< as meant, not encoded */
} hp_sigv4_pair;

/** Describe a request. */
typedef struct hp_sigv4_request {
    hp_str method; /**< upper case */
    hp_str path;   /**< the canonical one: of S3 the path as it is sent, of other services that encoded once
                      more;   hp_sigv4_path makes it; empty = "/" */
    const hp_sigv4_pair *query; /**< in any order */
    size_t nquery;
    const hp_sigv4_pair *header; /**< all that are signed: "host" has to be among them, x-amz-date and the
                                    session token are added; in any order and case */
    size_t nheader;
    hp_str payload; /**< SHA-256 of the body in hex; S3 wants it as header x-amz-content-sha256 too */
} hp_sigv4_request;

/** SHA-256 of an empty body. */
#define HP_SIGV4_EMPTY "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
/** The most headers that are signed. */
#define HP_SIGV4_HEADERS 32u

/** Append the header lines that a signature consists of, each ended by a NUL: "X-Amz-Date: ...",
 * "X-Amz-Security-Token: ..." for temporary keys, "Authorization: ...". The caller wipes them if there is a
 * token. Errors: HP_BUG (too many headers, none called host), HP_RETRY. */
hp_code hp_sigv4_sign(const hp_aws_keys *keys, const hp_sigv4_scope *scope, const hp_sigv4_request *r,
                      hp_buf *lines, hp_err *err);
/** Append the canonical request, which a service repeats when signatures differ: for tests and messages. */
hp_code hp_sigv4_canonical(const hp_sigv4_scope *scope, const hp_secret *token, const hp_sigv4_request *r,
                           hp_buf *out, hp_err *err);
/** Append a query in canonical form (sorted, percent-encoded), which is sent like that: "a=1&b=". Errors:
 * HP_RETRY. */
hp_code hp_sigv4_query(const hp_sigv4_pair *query, size_t n, hp_buf *out, hp_err *err);
/** Append a path percent-encoded but for its slashes. */
void hp_sigv4_path(hp_str path, hp_buf *out);

#endif
