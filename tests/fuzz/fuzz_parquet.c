/* Fuzzes the parquet reader. Input that begins as such a file is one; of other input five bytes describe a
 * column (see below) and the rest are the pages of its chunk, since a whole file is rarely right once it is
 * changed. */
#include "made.h"

/* The columns that a footer can describe, one of each kind. */
static const hp_pq_column COLUMNS[] = {
    {.type = HP_PQ_BYTES, .kind = HP_PQ_K_TEXT},
    {.type = HP_PQ_BYTES, .kind = HP_PQ_K_BYTES},
    {.type = HP_PQ_BYTES, .kind = HP_PQ_K_DECIMAL, .scale = 3},
    {.type = HP_PQ_BOOLEAN, .kind = HP_PQ_K_BOOL},
    {.type = HP_PQ_INT32, .kind = HP_PQ_K_INT, .width = 4, .bits = 32},
    {.type = HP_PQ_INT64, .kind = HP_PQ_K_INT, .width = 8, .bits = 64},
    {.type = HP_PQ_INT32, .kind = HP_PQ_K_UINT, .width = 4, .bits = 16},
    {.type = HP_PQ_INT64, .kind = HP_PQ_K_DECIMAL, .width = 8, .scale = 1000},
    {.type = HP_PQ_INT32, .kind = HP_PQ_K_DATE, .width = 4},
    {.type = HP_PQ_INT64, .kind = HP_PQ_K_TIME, .width = 8, .unit = 1000000},
    {.type = HP_PQ_INT64, .kind = HP_PQ_K_STAMP, .width = 8, .unit = 1000000000},
    {.type = HP_PQ_INT96, .kind = HP_PQ_K_STAMP, .width = 12, .unit = 1000000000},
    {.type = HP_PQ_FLOAT, .kind = HP_PQ_K_FLOAT, .width = 4},
    {.type = HP_PQ_DOUBLE, .kind = HP_PQ_K_FLOAT, .width = 8},
    {.type = HP_PQ_FIXED, .kind = HP_PQ_K_HALF, .width = 2},
    {.type = HP_PQ_FIXED, .kind = HP_PQ_K_UUID, .width = 16},
    {.type = HP_PQ_FIXED, .kind = HP_PQ_K_DECIMAL, .width = 5, .scale = 2},
    {.type = HP_PQ_FIXED, .kind = HP_PQ_K_BYTES, .width = 3},
};

/* The five bytes: which column; may it be null; codec; how many values. */
enum { HEAD = 5 };

static void read_pages(const uint8_t *data, size_t size) {
    hp_pq_column col = COLUMNS[data[0] % (sizeof COLUMNS / sizeof *COLUMNS)];
    col.name = HP_S("fuzz");
    col.optional = data[1] % 2;
    const hp_pq_chunk chunk = {.codec = data[2] % 8,
                               .values = data[3] | (uint64_t)data[4] << 8,
                               .size = size - HEAD,
                               .inflated = 1 << 20};
    hp_pq_walk walk = {.name = HP_S("fuzz.parquet"),
                       .bytes = {(const char *)data + HEAD, size - HEAD},
                       .col = &col,
                       .chunk = &chunk};
    uint32_t *cell = hp_calloc((size_t)chunk.values + 1, sizeof *cell);
    hp_pq_reader reader = {0};
    hp_pq_page page;
    hp_err err = {0};
    bool found = cell != NULL;
    while (found && hp_pq_walk_next(&walk, &page, &found, &err) == HP_OK && found) {
        if (hp_pq_page_read(&reader, &page, cell + page.before, &err) != HP_OK) break;
        size_t most = reader.indexed ? page.entries : reader.dict.n;
        for (int64_t i = 0; i < page.values && !page.is_dictionary; i++)
            if (cell[page.before + (uint64_t)i] > most) __builtin_trap();
    }
    hp_pq_reader_free(&reader);
    hp_free(cell);
}

static void read_file(hp_str bytes) {
    reading r;
    reading_open(&r, bytes, "fuzz.parquet", false);
    reading_close(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    hp_mem_set_budget(512u << 20);
    hp_limit_put(HP_L_CELLS,
                 1u << 20); /* a footer may claim many rows in few bytes, which is slow and nothing new */
    hp_str bytes = {(const char *)data, size};
    if (hp_str_starts(bytes, HP_S("PAR1")))
        read_file(bytes);
    else if (size > HEAD)
        read_pages(data, size);
    return 0;
}
