/* Every limit of the program, with its reason. A limit that is hit is announced, never silent. */
#ifndef HP_BASE_LIMITS_H
#define HP_BASE_LIMITS_H

/* ECMA-376 part 1, 18.3.1.73 and 18.3.1.13: what a spreadsheet can address. */
#define HP_LIMIT_SHEET_ROWS 1048576u
#define HP_LIMIT_SHEET_COLS 16384u
/* Merged areas of one sheet, 16 bytes each: eight columns merged over every two of all its rows. */
#define HP_LIMIT_SHEET_AREAS (4u << 20)
/* Excel's own cap on a cell's text; longer text comes from no honest workbook, and xlsx cannot hold it. */
#define HP_LIMIT_CELL_TEXT 32767u
/* Links on one sheet (Excel's limit); further addresses are written as text. */
#define HP_LIMIT_SHEET_LINKS 65530u
/* Interned text in one run: ids are 32 bit and offsets 64 bit; 8 GiB of distinct text is no contact list. */
#define HP_LIMIT_POOL_BYTES (8ull << 30)
/* Cells in one run: 1,048,576 rows x 64 columns x 4 sheets, four bytes each. */
#define HP_LIMIT_CELLS (256ull << 20)
/* Headers that automatic mapping compares with every known name, in one run; one costs about 0.2 ms, and no
 * honest set of workbooks has thousands of different columns. Further ones are mapped by exact names and by
 * content only, with a finding. */
#define HP_LIMIT_GUESSES 5000u
/* One input file on disk. */
#define HP_LIMIT_FILE_BYTES (4ull << 30)
/* One part of a workbook, inflated: a full sheet of 1M rows x 23 columns takes 0.9 GB. */
#define HP_LIMIT_PART_BYTES (4ull << 30)
/* Inflation ratio that is suspicious once a part is over 64 MiB: the largest honest ratio seen in 2,675 books
 * is 121. */
#define HP_LIMIT_INFLATE_RATIO      250u
#define HP_LIMIT_INFLATE_RATIO_FROM (64ull << 20)
/* Entries of a workbook's zip directory; the largest honest books have a few thousand (pictures). */
#define HP_LIMIT_ZIP_ENTRIES 65535u
/* Depth of XML elements in a part; SpreadsheetML nests about ten deep. */
#define HP_LIMIT_XML_DEPTH 64
/* Sheets of one workbook (Excel: limited by memory; 255 by its dialogs). */
#define HP_LIMIT_SHEETS 4096u
/* Profile, map and suite files: hand-written, so a megabyte is a mistake. */
#define HP_LIMIT_DOC_BYTES (4u << 20)
#define HP_LIMIT_DOC_NODES 200000u
/* Cleaning works on single values; text beyond this is a document, cut with a finding. */
#define HP_LIMIT_VALUE_BYTES 10000u
/* Inputs in one directory. */
#define HP_LIMIT_INPUT_FILES 10000u

#endif
