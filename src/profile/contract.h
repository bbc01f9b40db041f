/* Data contracts: what the maker of a table promises to those who use it, as the Open Data Contract Standard
 * (ODCS 3.0 to 3.2, https://bitol-io.github.io/open-data-contract-standard/) and Frictionless (Table Schema,
 * Data Package: https://specs.frictionlessdata.io/, https://datapackage.org/) write it. Both load into one
 * hp_contract, and one function turns a table of it into a suite. */
#ifndef HP_PROFILE_CONTRACT_H
#define HP_PROFILE_CONTRACT_H

#include "profile/suite.h"

/** Name the forms of a contract file. */
typedef enum hp_contract_form { HP_CONTRACT_ODCS, HP_CONTRACT_FRICTIONLESS } hp_contract_form;

/** Name the types of a column, whatever the form calls them. */
typedef enum hp_logical {
    HP_L_ANY, /**< nothing is said */
    HP_L_STRING,
    HP_L_NUMBER,
    HP_L_INTEGER,
    HP_L_BOOLEAN,
    HP_L_DATE,
    HP_L_TIME,
    HP_L_TIMESTAMP,
    HP_L_YEAR,
    HP_L_YEARMONTH,
    HP_L_OTHER, /**< object, array, map, duration ...: named, not checked */
    HP_LOGICAL_COUNT
} hp_logical;

/** Hold an end of a range. */
typedef struct hp_bound {
    hp_str text;    /**< a number, or a date as text; p NULL: none */
    bool exclusive; /**< the bound itself is outside */
} hp_bound;

/** Name what a quality rule of ODCS counts. */
typedef enum hp_metric {
    HP_M_NULLS,
    HP_M_MISSING,    /**< values that stand for "missing", null among them or not */
    HP_M_INVALID,    /**< values that are no valid ones, or do not match; null is not invalid */
    HP_M_DUPLICATES, /**< rows whose value, or values of several columns, another row has too */
    HP_M_ROWS,
    HP_M_OTHER /**< a text, SQL, or another program's rule: kept, not checked */
} hp_metric;

/** Hold a quality rule: a count, or a share of the rows in per cent, within low..high. */
typedef struct hp_contract_rule {
    hp_metric metric;
    hp_str kind;                        /**< of HP_M_OTHER: "sql", "text", "custom" */
    hp_str name, description, severity; /**< may be empty */
    double low, high;                   /**< -INFINITY, INFINITY: no bound */
    bool low_open, high_open;           /**< the bound itself is outside */
    bool outside;                       /**< the count must not be within */
    bool percent;
    bool null_missing; /**< of HP_M_MISSING: null is one of the values */
    size_t nvalue;
    hp_str *value;  /**< of HP_M_MISSING, HP_M_INVALID; of HP_M_DUPLICATES: columns */
    hp_str pattern; /**< of HP_M_INVALID */
    hp_str where;   /**< "contract.yaml:12", for messages */
} hp_contract_rule;

/** Hold a column. Texts that the file does not give are empty, numbers -1. */
typedef struct hp_contract_column {
    hp_str name, title, description, unit;
    hp_logical type;
    hp_str type_name; /**< as the file has it */
    hp_str physical;  /**< type in the store: "text", "VARCHAR(18)" */
    hp_str format;    /**< as the file has it: a date format, "email", "uri" */
    hp_str pattern;
    bool whole;    /**< the pattern must match the whole value (Frictionless), not a part of it (ODCS) */
    bool required; /**< no null */
    bool unique;
    bool personal; /**< it says something about a person */
    bool odd;      /**< its values are written in a way of their own (decimalChar, trueValues ...) */
    uint32_t key;  /**< place in the primary key, from 1; 0: not part of it */
    hp_bound min, max;
    int64_t min_length, max_length; /**< in characters; -1: none */
    size_t nvalue;
    hp_str *value; /**< those allowed; none: any */
    size_t nexample;
    hp_str *example;
    size_t nrule;
    hp_contract_rule *rule;
    hp_str where;
} hp_contract_column;

/** Say that values of some columns are values of another table's. */
typedef struct hp_contract_reference {
    size_t n;
    hp_str *from;
    hp_str table; /**< empty: the same table */
    hp_str *to;   /**< n of them */
    hp_str where;
} hp_contract_reference;

/** Name columns that are unique together. */
typedef struct hp_contract_key {
    size_t n;
    hp_str *column;
} hp_contract_key;

/** Hold a table. */
typedef struct hp_contract_table {
    hp_str name;
    hp_str physical; /**< name in the store: of a sheet, of a file; may be empty */
    hp_str path;     /**< Frictionless: file of the resource; may be empty */
    hp_str title, description, granularity;
    bool page; /**< made here: for people, with headings and blank lines among its rows */
    size_t ncolumn;
    hp_contract_column *column;
    size_t nrule;
    hp_contract_rule *rule;
    size_t nreference;
    hp_contract_reference *reference;
    size_t nunique;
    hp_contract_key *unique; /**< beside the primary key */
    size_t nmissing;
    hp_str *missing; /**< texts that mean null (Frictionless missingValues) */
    hp_str where;
} hp_contract_table;

/** Hold a contract; lives in the arena it was made in. */
typedef struct hp_contract {
    hp_contract_form form;
    hp_str path; /**< empty for one that was not read from a file */
    hp_str id, name, version, status, description;
    size_t ntable;
    hp_contract_table *table;
} hp_contract;

/** Load a contract: an ODCS file (YAML or JSON, `kind: DataContract`), or a Frictionless data package,
 * resource or table schema (JSON or YAML). Keys that are not known are left alone, known ones of a wrong type
 * are errors with file:line:column. Errors: HP_CONFIG, HP_NOINPUT, HP_IO, HP_RETRY. */
hp_code hp_contract_load(hp_arena *a, const char *path, hp_contract **out, hp_err *err);
/** Load one from a document that was read already; `path` names it in messages. Errors: HP_CONFIG, HP_RETRY.
 */
hp_code hp_contract_of(hp_arena *a, const hp_node *doc, const char *path, hp_contract **out, hp_err *err);
/** Find a table by its name or its name in the store, but for case; NULL when there is none. */
const hp_contract_table *hp_contract_find(const hp_contract *c, hp_str name);
/** Return the name of a type as ODCS has it: "string", "timestamp" ... */
const char *hp_logical_name(hp_logical t);
/** Return the name of a metric: "nullValues" ...; "" for HP_M_OTHER. */
const char *hp_metric_name(hp_metric m);

/* ---- as a suite (contract_suite.c) ---- */

/** Tell of a table what the tolerances of rules are reckoned from. */
typedef struct hp_contract_facts {
    uint64_t rows;
    const uint64_t *filled;     /**< of each column of the contract's table: cells that are not null */
    const hp_node *const *keys; /**< of each reference to another table: its keys, a list of lists of texts;
                                     NULL where that table is not at hand */
} hp_contract_facts;

/** Name a promise that no expectation holds a table against. */
typedef struct hp_unchecked {
    hp_str column; /**< empty: of the table */
    hp_str what;   /**< "quality rule of type sql" */
    hp_str reason;
    hp_str where;
} hp_unchecked;

/** Hold what becomes of a table of a contract. */
typedef struct hp_contract_suite {
    hp_suite *suite;
    size_t nunchecked;
    hp_unchecked *unchecked;
} hp_contract_suite;

/** Turn the promises about a table into expectations, in the order of the columns; their meta.promise says in
 * words what is promised. Types become expectations on the text of values (a whole number is digits), so that
 * they hold for files without types too. `facts` (may be NULL) makes tolerances exact that count rows;
 * without it they are unchecked. References to other tables are unchecked: see hp_contract_referred. Errors:
 * HP_RETRY. */
hp_code hp_contract_expect(hp_arena *a, const hp_contract_table *t, const hp_contract_facts *facts,
                           hp_contract_suite *out, hp_err *err);

/* ---- two contracts (contract_diff.c) ---- */

/** Hold one difference, as those see it who use the data. */
typedef struct hp_change {
    hp_str table, column; /**< column empty: of the table; both empty: of the contract */
    const char *what;     /**< stable name: "column_removed", "range_widened" ... */
    hp_str before, after; /**< may be empty */
    bool breaking;
    const char *reason; /**< a sentence without full stop */
} hp_change;

/** List the differences: a promise that weakens or goes breaks those who rely on it, a stronger or a new one
 * does not. Tables in the order of `before`, then new ones; columns too. Errors: HP_RETRY. */
hp_code hp_contract_diff(hp_arena *a, const hp_contract *before, const hp_contract *after, hp_change **out,
                         size_t *n, hp_err *err);

#endif
