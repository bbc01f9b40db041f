/* Private to src/map: the lexicon of headers, what a column's values look like, the sheet being mapped. */
#ifndef HP_MAP_PARTS_H
#define HP_MAP_PARTS_H

#include "map/map.h"

/** Name one way to write a field's header. `weight` is the score of a column so named: 1, or less for a word
 * that means several things ("name"). */
typedef struct hp_map_synonym {
    hp_field field;
    double weight;
    const char *text;
} hp_map_synonym;

/** Return the built-in synonyms. */
const hp_map_synonym *hp_map_synonyms(size_t *n);

/** Hold a header in the forms that are compared: words (folded, one blank between), tight (no blanks), base
 * (tight without a number at its end). */
typedef struct hp_map_name {
    hp_str words, tight, base;
} hp_map_name;

/** Hold one name of a field, ready to be compared. */
typedef struct hp_map_word {
    hp_map_name name;
    hp_field field;
    double weight;
} hp_map_word;

/** Hold all names of all fields, sorted by their tight form. */
typedef struct hp_lexicon {
    hp_arena *arena;
    hp_map_word *word;
    size_t n;
} hp_lexicon;

/** Put a header into its comparable forms, in `a`; words.p is NULL when out of memory. "FirstName"
 * gives "first name" if `camel`. */
hp_map_name hp_map_name_of(hp_arena *a, hp_str header, bool camel);
/** Build the lexicon of the built-in names and the profile's (`p` may be NULL). NULL when out of memory. */
hp_lexicon *hp_lexicon_new(hp_arena *a, const hp_profile *p);
/** Return the weight of the best field that is called exactly so; 0 when none is. */
double hp_lexicon_exact(const hp_lexicon *lex, const hp_map_name *name);
/** Score a header for every field: its weight where it is the name, else (with `likeness_too`) the similarity
 * to the nearest name, times its weight. exact[f] tells which it was. */
void hp_lexicon_score(const hp_lexicon *lex, const hp_map_name *name, bool likeness_too,
                      double score[HP_FIELD_COUNT], bool exact[HP_FIELD_COUNT]);

/** Count what a sample of a column's values looks like. A value may count for several kinds. */
typedef struct hp_content {
    size_t n; /**< values looked at */
    size_t email, website, date, phone;
    size_t strong_phone; /**< phones that cannot well be other numbers: +, a leading 0, separators */
    size_t number;       /**< plain numbers */
    size_t organization; /**< with a legal form or a word that organisations carry */
    size_t person;       /**< two to four capitalised words and nothing else */
    size_t form;         /**< forms of address: Mr, Dr ... */
    size_t code;         /**< one word with a digit in it */
    bool distinct;       /**< no value twice */
} hp_content;

/** Look at up to 200 values of rows [from, to). */
void hp_content_of(const hp_pool *pool, const hp_column *c, size_t from, size_t to, hp_content *out);
/** Return count / n, 0 when there are none. */
static inline double hp_content_share(const hp_content *c, size_t count) {
    return c->n ? (double)count / (double)c->n : 0;
}
/** Tell whether a cell cannot well be a header: an e-mail address, a web address, a date, a phone number. */
bool hp_value_is_data(hp_str text, hp_type type);
/** Tell whether a cell is a plain number. */
bool hp_value_is_number(hp_str text, hp_type type);

/** Hold the sheet that is being mapped. */
typedef struct hp_sheet_map {
    hp_run *run;
    const hp_profile *p;
    const hp_profile_source *source;
    const hp_profile_sheet *decl; /**< NULL: automatic */
    const hp_table *raw;
    uint32_t sheet;
    hp_arena *scratch;
    hp_lexicon *lex;
    size_t head;       /**< raw row of the headers; SIZE_MAX: none */
    uint32_t head_row; /**< its row in the sheet; 0: none */
    size_t first;      /**< raw row where data begins */
    hp_str *header;    /**< one a column, unique */
    bool *blank;       /**< the sheet gives the column no header */
    bool *filled;      /**< the column has a value in the data rows */
    hp_mapped *m;
} hp_sheet_map;

/** Find the header row for a sheet: that of the declared columns if there are any, else the likeliest;
 * SIZE_MAX when there is none. Errors: HP_RETRY. */
hp_code hp_map_find_header(const hp_sheet_map *s, size_t *row, hp_err *err);
/** Name the columns: unique headers, as pandas makes them; findings for repeated and blank
 * ones. Errors: HP_RETRY. */
hp_code hp_map_name_columns(hp_sheet_map *s, hp_err *err);
/** Bind the columns that the profile declares. Errors: HP_DATA (a required one is missing), HP_RETRY. */
hp_code hp_map_declared(hp_sheet_map *s, hp_err *err);
/** Bind columns by their headers and contents, and find the kind of row; *usable is false when nothing names
 * an organisation, a person or a key. Errors: HP_RETRY. */
hp_code hp_map_automatic(hp_sheet_map *s, bool *usable, hp_err *err);
/** List the headers of a sheet for a message, the first 500 bytes of them. */
void hp_map_list_headers(const hp_sheet_map *s, hp_buf *out);
/** Address the header of a column (HP_NO_COL: the header row). */
static inline hp_cell hp_map_head_cell(const hp_sheet_map *s, uint32_t col) {
    return (hp_cell){s->sheet, s->head_row, col};
}

#endif
