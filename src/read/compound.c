/* Compound files: encrypted workbooks, and those of before 2007. */
#include "base/limits.h"
#include "read/book.h"
#include "read/cfb.h"
#include "read/crypt.h"

#include "base/banned.h"

/* Decrypts the package and opens what was in it. */
static hp_code open_encrypted(const hp_run *run, hp_book *b, hp_cfb *c, hp_err *err) {
    const char *password_file = run ? run->reading.password_file : NULL;
    if (!password_file) {
        return hp_fail(
            err, HP_DATA,
            "%.*s: is password-protected; put its password into the first line of a file that only you may read and give "
            "--password-file FILE, or save it without a password",
            HP_FMT(b->name));
    }
    b->decrypted = hp_buf_new(HP_LIMIT_FILE_BYTES);
    HP_TRY(hp_crypt_open(c, b->name, password_file, &b->decrypted, err));
    b->package = hp_buf_str(&b->decrypted);
    b->format = HP_FORMAT_XLSX;
    return hp_xlsx_open(b, err);
}

static hp_code open_streams(const hp_run *run, hp_book *b, hp_cfb *c, hp_err *err) {
    if (hp_cfb_has(c, HP_S("EncryptedPackage")) && hp_cfb_has(c, HP_S("EncryptionInfo")))
        return open_encrypted(run, b, c, err);
    if (hp_cfb_has(c, HP_S("EncryptedPackage"))) {
        return hp_fail(
            err, HP_DATA,
            "%.*s: is protected by rights management, which no password opens; save it without protection in the program that made it",
            HP_FMT(b->name));
    }
    if (hp_cfb_has(c, HP_S("Workbook"))) return hp_xls_open(b, c, err);
    bool xls = hp_cfb_has(c, HP_S("Book"));
    return hp_fail(
        err, HP_DATA, "%.*s: is %s; open it in a spreadsheet program and save it as .xlsx without a password",
        HP_FMT(b->name), xls ? "a workbook of Excel 95 or older" : "an old Office file, but no workbook");
}

hp_code hp_compound_open(const hp_run *run, hp_book *b, hp_err *err) {
    hp_cfb *c;
    HP_TRY(hp_cfb_open(b->bytes, b->name, &c, err));
    hp_code code = open_streams(run, b, c, err);
    hp_cfb_close(c);
    return code;
}
