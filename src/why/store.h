/* The provenance store: an SQLite file beside run.json. SQLite, because it is kept well, is hardened against
 * damaged files, and lets anybody look inside; but the rows of provenance are packed 64 to a block
 * (why/record.h, zstd), because one row of a table for each value would cost more time than the whole run.
 *
 *   meta           key, value: schema "hotpass.provenance/1", version, vocabulary, rows, contacts,
 * quarantined output         path, kind, sha256, xxh3 of the outputs that the store is about file id, name,
 * path, label, sha256, xxh3, bytes, priority sheet          id, file, name header         sheet, col, header
 *   output_column  sheet ("Data", "Contacts", "Quarantine"), id, name, field, mode, text
 *   slug           slug, row of Data (from 0)
 *   block          kind (0 Data, 1 Quarantine), first (row, from 0), contact (row of Contacts of its first
 * one), bytes (unpacked), data
 *
 * Same content, same bytes: rows are inserted in one order, there is no journal and no time in it. The header
 * of an SQLite file names the version of the library that wrote it. */
#ifndef HP_WHY_STORE_H
#define HP_WHY_STORE_H

#include "base/file.h"
#include "base/hash.h"
#include "why/record.h"

/** The name of a store, beside run.json. */
#define HP_STORE_NAME "provenance.sqlite"
/** Rows of a block. */
#define HP_STORE_BLOCK 64u

/** Name the tables that rows are added to. */
typedef enum hp_store_table {
    HP_ST_META,
    HP_ST_OUTPUT,
    HP_ST_FILE,
    HP_ST_SHEET,
    HP_ST_HEADER,
    HP_ST_COLUMN,
    HP_ST_SLUG,
    HP_ST_BLOCK,
    HP_ST_COUNT
} hp_store_table;

/** Name the kinds of blocks. */
typedef enum hp_block_of { HP_BLOCK_DATA, HP_BLOCK_QUARANTINE } hp_block_of;

/** Write a store. */
typedef struct hp_store_writer hp_store_writer;

/** Begin a store in an empty file; end with hp_store_end. `path` names it in messages. Errors: HP_IO,
 * HP_RETRY. */
hp_code hp_store_begin(const char *temp, const char *path, hp_store_writer **out, hp_err *err);
/** Add a row; `form` has a letter for each value: i an int64_t, s an hp_str, b an hp_str of bytes. Errors:
 * HP_IO (disk full), HP_RETRY. */
hp_code hp_store_add(hp_store_writer *w, hp_store_table table, hp_err *err, const char *form, ...);
/** Finish a store, or with `code` other than HP_OK give it up: releases the writer and returns `code`, or
 * what went wrong at the end. */
hp_code hp_store_end(hp_store_writer *w, hp_code code, hp_err *err);
/** Pack the bytes of a block into `out`, which is cleared. Any thread may. */
void hp_store_pack(hp_str bytes, hp_buf *out);
/** Digest the names of all fields, rules and reasons, whose numbers stand in blocks. */
void hp_store_vocabulary(hp_sha256 *out);

/** Hold a source file that a store knows. */
typedef struct hp_stored_file {
    hp_str name, path, label, sha256, quick; /**< quick: hp_xxh3 */
    uint64_t bytes;
    int64_t priority;
} hp_stored_file;

/** Hold a sheet that a store knows. */
typedef struct hp_stored_sheet {
    uint32_t file;
    hp_str name;
} hp_stored_sheet;

/** Hold a column of an output. */
typedef struct hp_stored_column {
    hp_str name, text;
    hp_field field; /**< whose values it shows; HP_F_NONE: it is computed */
    hp_str mode;    /**< "first", "all", "contact", "latest"; empty: it is computed, "list": and not kept */
} hp_stored_column;

/** Hold the columns of an output's sheet. */
typedef struct hp_stored_columns {
    hp_stored_column *col;
    size_t n;
} hp_stored_columns;

/** Name the sheets of an output that the store is about. */
typedef enum hp_stored_table { HP_OF_DATA, HP_OF_CONTACTS, HP_OF_QUARANTINE, HP_OF_COUNT } hp_stored_table;

/** Read a store; lives in the arena it was opened with. */
typedef struct hp_why_store {
    hp_arena *arena;
    struct sqlite3 *db;
    const char *path;
    hp_str version;
    hp_stored_file *file;
    size_t nfile;
    hp_stored_sheet *sheet;
    size_t nsheet;
    hp_stored_columns of[HP_OF_COUNT];
    uint64_t rows[HP_OF_COUNT];
} hp_why_store;

/** Open a store for reading, without making locks or other files beside it. Close with hp_store_close.
 * Errors: HP_NOINPUT (absent), HP_DATA (damaged, or written by a version with other rules), HP_RETRY. */
hp_code hp_store_open(hp_arena *a, const char *path, hp_why_store *out, hp_err *err);
/** Close a store; a zeroed one is allowed. */
void hp_store_close(hp_why_store *s);
/** Hold an output that a store is about. */
typedef struct hp_stored_output {
    hp_str path, kind, sha256, quick; /**< path is empty when there is none */
} hp_stored_output;

/** Find an output by its path, or else by its base name. Errors: HP_DATA, HP_RETRY. */
hp_code hp_store_output(const hp_why_store *s, hp_str path, hp_stored_output *out, hp_err *err);
/** Find an output by its quick digest. Errors: HP_DATA, HP_RETRY. */
hp_code hp_store_output_of(const hp_why_store *s, hp_str quick, hp_stored_output *out, hp_err *err);
/** Find the row of Data (from 0) that has a slug; UINT64_MAX when none has. Errors: HP_DATA, HP_RETRY. */
hp_code hp_store_find_slug(const hp_why_store *s, hp_str slug, uint64_t *row, hp_err *err);
/** Find the header of a source column; empty when it has none. Errors: HP_DATA, HP_RETRY. */
hp_code hp_store_header(const hp_why_store *s, uint32_t sheet, uint32_t col, hp_str *out, hp_err *err);
/** Read a row of Data (from 0). Errors: HP_DATA, HP_RETRY. */
hp_code hp_store_row(const hp_why_store *s, uint64_t row, hp_why_row *out, hp_err *err);
/** Read the row of Data that a row of Contacts (from 0) belongs to; *person gets its number among the row's
 * people. Errors: HP_DATA, HP_RETRY. */
hp_code hp_store_contact(const hp_why_store *s, uint64_t contact, hp_why_row *out, size_t *person,
                         uint64_t *row, hp_err *err);
/** Read a row of Quarantine (from 0). Errors: HP_DATA, HP_RETRY. */
hp_code hp_store_kept_out(const hp_why_store *s, uint64_t row, hp_why_kept_out *out, hp_err *err);

#endif
