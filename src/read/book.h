/* Private to src/read: what an open file is made of. */
#ifndef HP_READ_BOOK_H
#define HP_READ_BOOK_H

#include "base/file.h"
#include "read/cfb.h"
#include "read/ods.h"
#include "read/package.h"
#include "read/parquet.h"
#include "read/reader.h"
#include "read/strings.h"
#include "read/styles.h"

/** Hold the workbook inside an xlsx file. */
typedef struct hp_xlsx {
    hp_zip *zip;
    hp_str *sheet_part;   /**< one a sheet: normalised part name, empty when the workbook names none */
    hp_str workbook_part; /**< normalised part name */
    hp_str strings_part, styles_part; /**< empty when absent */
    bool date1904;
    bool loaded;   /**< strings and styles are read */
    uint64_t pool; /**< serial of the pool that the strings are interned in */
    hp_strings strings;
    hp_styles styles;
} hp_xlsx;

/** Hold the workbook inside an xls file; zero-initialise. */
typedef struct hp_xls {
    hp_buf stream;  /**< its records */
    size_t *offset; /**< one a sheet: where its records begin; SIZE_MAX when it has none of its own */
    uint8_t *kind;  /**< hp_numfmt of each cell format */
    size_t nkind;
    size_t strings_at; /**< where the shared strings are in the stream; 0 when there are none */
    bool date1904;
    uint64_t pool; /**< serial of the pool that the shared strings are interned in; 0 before they are read */
    HP_VEC(hp_vid) strings;
} hp_xls;

/** Hold an open input file. */
struct hp_book {
    hp_arena *arena;
    hp_filemap file;   /**< zeroed when the bytes are somebody else's */
    hp_buf input;      /**< what came by standard input */
    hp_buf unpacked;   /**< owns the content of a file that was compressed */
    hp_str name;       /**< base name of the file; "stdin" */
    hp_str plain_name; /**< the same without the suffix of a compression */
    hp_str file_bytes; /**< as they are on the disk */
    hp_str bytes;      /**< the content: these, or what they unpack to */
    hp_str package;    /**< the zip of a workbook: `bytes`, or what they hold once decrypted */
    hp_buf decrypted;  /**< owns the latter */
    hp_format format;
    hp_book_sheet *sheet;
    size_t nsheet;
    hp_xlsx xlsx;
    hp_ods ods;
    hp_xls xls;
    hp_pq_meta parquet;
};

/** Open a file that is in memory, for tests and fuzzing: the bytes outlive the book, `name` stands for its
 * base name. */
hp_code hp_book_open_bytes(hp_run *run, hp_str bytes, const char *name, hp_book **out, hp_err *err);

/** Open the compound file in b->bytes: an encrypted workbook, which run->reading opens (run may be NULL), or
 * one of before 2007. Errors: as hp_crypt_open, and HP_DATA when there is no password. */
hp_code hp_compound_open(const hp_run *run, hp_book *b, hp_err *err);
/** Open the workbook in b->package: fills in b->xlsx and the sheets. */
hp_code hp_xlsx_open(hp_book *b, hp_err *err);
/** Read the shared strings (into the run's pool) and the styles, unless that was done. */
hp_code hp_xlsx_load(hp_run *run, hp_book *b, hp_err *err);
/** Release what hp_xlsx_open and hp_xlsx_load made. */
void hp_xlsx_close(hp_xlsx *x);
/** Find out whether a zip holds an OpenDocument spreadsheet. Errors: HP_DATA (damaged), HP_RETRY. */
hp_code hp_ods_is(hp_zip *z, bool *is, hp_err *err);
/** Open the spreadsheet in a zip: fills in b->ods and the sheets. Errors: HP_DATA (encrypted, damaged, over a
 * limit), HP_RETRY. */
hp_code hp_ods_open(hp_book *b, hp_zip *z, hp_err *err);
/** Release what hp_ods_open made. */
void hp_ods_close(hp_ods *o);
/** Read sheet `i` of a spreadsheet, as hp_book_read and hp_book_read_raw. */
hp_code hp_ods_read(hp_run *run, hp_book *b, size_t i, uint32_t sheet_id, bool raw, hp_table **out,
                    hp_err *err);
/** Read sheet `i` of a workbook, as hp_book_read and hp_book_read_raw. */
hp_code hp_sheet_read(hp_run *run, hp_book *b, size_t i, uint32_t sheet_id, bool raw, hp_table **out,
                      hp_err *err);
/** Open the workbook in the stream Workbook of a compound file: fills in b->xls and the sheets. Errors:
 * HP_DATA (encrypted, before Excel 97, damaged, over a limit), HP_RETRY. */
hp_code hp_xls_open(hp_book *b, hp_cfb *c, hp_err *err);
/** Release what hp_xls_open and hp_xls_read made. */
void hp_xls_close(hp_xls *x);
/** Read sheet `i` of an old workbook, as hp_book_read and hp_book_read_raw. */
hp_code hp_xls_read(hp_run *run, hp_book *b, size_t i, uint32_t sheet_id, bool raw, hp_table **out,
                    hp_err *err);
/** Open a parquet file: its footer and one sheet without a name. Errors: as hp_pq_meta_read. */
hp_code hp_parquet_open(hp_book *b, hp_err *err);
/** Read a parquet file, as hp_book_read and hp_book_read_raw: row 1 holds the names of the columns. Bytes
 * that are no UTF-8, or hold a NUL, are read as hexadecimal digits, NaN as null, times of UTC without a zone.
 * Errors: HP_DATA naming column and byte, HP_RETRY. */
hp_code hp_parquet_read(hp_run *run, hp_book *b, uint32_t sheet_id, bool raw, hp_table **out, hp_err *err);
/** Tell whether bytes look like lines of JSON, or like another form of JSON that is refused in good words. */
bool hp_ndjson_is(hp_str bytes);
/** Open an ndjson file: one sheet without a name. Errors: HP_RETRY. */
hp_code hp_ndjson_open(hp_book *b, hp_err *err);
/** Read an ndjson file, as hp_book_read and hp_book_read_raw: row 1 holds the names of the objects' members
 * in the order in which good lines first have them, line n is row n + 1. Missing members are null; arrays and
 * objects are kept as JSON text; a line that is no object is a finding. Errors: HP_DATA naming line and byte
 * (the first line is no object, a limit), HP_RETRY. */
hp_code hp_ndjson_read(hp_run *run, hp_book *b, uint32_t sheet_id, bool raw, hp_table **out, hp_err *err);
/** Read a csv file, as hp_book_read and hp_book_read_raw. */
hp_code hp_csv_read(hp_run *run, hp_book *b, uint32_t sheet_id, bool raw, hp_table **out, hp_err *err);

#endif
