/* Workbooks with a password (MS-OFFCRYPTO): a compound file that holds the encrypted zip. */
#ifndef HP_READ_CRYPT_H
#define HP_READ_CRYPT_H

#include "base/buf.h"
#include "read/cfb.h"

/** Longest of salts, hash values and encrypted keys that are dealt with; SHA-512 has 64 bytes. */
#define HP_CRYPT_BYTES 64

/** Hold bytes that an encryption descriptor gives. */
typedef struct hp_crypt_bytes {
    uint8_t p[HP_CRYPT_BYTES];
    size_t n;
} hp_crypt_bytes;

/** Name the hash functions. */
typedef enum hp_crypt_hash { HP_CRYPT_SHA1, HP_CRYPT_SHA256, HP_CRYPT_SHA384, HP_CRYPT_SHA512 } hp_crypt_hash;

/** Say how something is encrypted: AES in blocks of 16 bytes. */
typedef struct hp_crypt_params {
    hp_crypt_hash hash;
    unsigned key_bytes; /**< 16, 24 or 32 */
    hp_crypt_bytes salt;
} hp_crypt_params;

/** Hold what the stream EncryptionInfo says. */
typedef struct hp_crypt_info {
    bool agile;                             /**< agile (2.3.4.10), else standard encryption (2.3.4.5) */
    hp_crypt_params data;                   /**< of the package; agile only */
    hp_crypt_params password;               /**< of what the password opens */
    uint32_t spins;                         /**< rounds of hashing that make a key of the password */
    hp_crypt_bytes verifier, verifier_hash; /**< encrypted */
    hp_crypt_bytes key;                     /**< of the package, encrypted; agile only */
    hp_crypt_bytes hmac_key, hmac;          /**< of the package, encrypted; agile only, empty when absent */
} hp_crypt_info;

/** Read the stream EncryptionInfo; `file` names the workbook in messages. Errors: HP_DATA (damaged, a way to
 * encrypt that is not known, over HP_LIMIT_PASSWORD_ROUNDS), HP_RETRY. */
hp_code hp_crypt_info_read(hp_str stream, hp_str file, hp_crypt_info *out, hp_err *err);

/** Decrypt the package of an encrypted workbook into `out`, with the password in the first line of
 * `password_file` (a file that nobody else may read). The password and all keys are wiped. Errors: HP_NOPERM
 * (wrong password, a password file that others may read), HP_NOINPUT (no such password file), HP_DATA
 * (damaged, changed since it was encrypted, unknown encryption), HP_RETRY. */
hp_code hp_crypt_open(hp_cfb *c, hp_str file, const char *password_file, hp_buf *out, hp_err *err);

#endif
