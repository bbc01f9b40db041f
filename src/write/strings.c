/* Shared strings (ECMA-376 part 1, 18.4): each text stands once in a part of its own, and cells name it by
 * number. All texts of cells are shared, those that occur once too, because that was the smallest form of all
 * workbooks measured (ISA-L, level 2; with libdeflate the order is the same):
 *
 *                                            all shared   repeats only   from 64 bytes inline(*)   all inline
 *     100,000 contacts of 23 columns          18.3 MB        20.7 MB            19.3 MB           21.1 MB
 *     ... refined, with their provenance      47.1 MB        52.1 MB            50.8 MB           53.8 MB
 *     the refined demo                         100 KB         105 KB                               109 KB
 *     (*) those that occur once
 *
 * Texts side by side, with few tags between them, are what a compressor likes best. It is the fastest form as
 * well: two thirds of the cells are repeats, of which only the number is looked at. What is inline: headers,
 * and texts in columns of numbers. */
#include <stdatomic.h>

#include "base/mem.h"
#include "base/threads.h"
#include "write/block.h"

#include "base/banned.h"

/* ---- numbers ---- */

/* Texts of so many cells are marked by one thread at a time. */
#define BATCH (1u << 18)

typedef struct marking {
    const hp_column *col;
    uint32_t *number;
    atomic_ullong uses;
} marking;

static void mark(void *ctx, size_t from, size_t to, unsigned worker) {
    (void)worker;
    marking *m = ctx;
    const hp_column *c = m->col;
    uint64_t uses = 0;
    for (size_t r = from; r < to; r++) {
        if (c->v[r] == HP_NULL || !hp_is_shared(c, r)) continue;
        __atomic_store_n(&m->number[c->v[r]], 1, __ATOMIC_RELAXED);
        uses++;
    }
    atomic_fetch_add_explicit(&m->uses, uses, memory_order_relaxed);
}

hp_code hp_strings_count(const hp_book_out *b, hp_strings *out, hp_err *err) {
    uint32_t n = hp_pool_count(b->pool);
    *out = (hp_strings){.number = hp_calloc((size_t)n + 1, sizeof *out->number)};
    if (!out->number) return hp_fail_memory(err, "the shared strings of the workbook");
    marking m = {.number = out->number};
    for (size_t i = 0; i < b->nsheet; i++) {
        const hp_table *t = b->sheet[i].table;
        for (size_t c = 0; c < t->ncol; c++) {
            m.col = &t->col[c];
            if (!hp_is_numeric(m.col->style)) hp_parallel(t->nrow, BATCH, mark, &m);
        }
    }
    for (uint32_t v = 1; v <= n; v++) {
        if (!out->number[v]) continue;
        out->number[v] = ++out->distinct;
        size_t length = hp_text(b->pool, v).n;
        if (length > out->longest) out->longest = length;
    }
    out->uses = m.uses;
    return HP_OK;
}

/* ---- the part ---- */

/* About what one block takes. */
#define CUT (HP_BLOCK_FLUSH - (HP_BLOCK_FLUSH >> 3))

static size_t cut(const void *ctx, size_t from) {
    const hp_book_out *b = ctx;
    size_t n = (size_t)hp_pool_count(b->pool), bytes = 0;
    while (from < n && bytes < CUT) {
        hp_vid v = (hp_vid)++from;
        if (b->strings.number[v]) bytes += hp_text(b->pool, v).n + 20;
    }
    return from;
}

static hp_code fill(const void *ctx, hp_block *block, hp_err *err) {
    const hp_book_out *b = ctx;
    for (size_t i = block->from; i < block->to; i++) {
        hp_vid v = (hp_vid)i + 1;
        if (!b->strings.number[v]) continue;
        HP_TRY(hp_block_put_text(block, hp_text(b->pool, v), HP_S("<si><t>"),
                                 HP_S("<si><t xml:space=\"preserve\">"), HP_S("</t></si>"), err));
    }
    return HP_OK;
}

hp_code hp_strings_part(hp_book_out *b, hp_err *err) {
    static const hp_block_maker MAKER = {.cut = cut, .fill = fill};
    hp_block_maker maker = MAKER;
    maker.items = hp_pool_count(b->pool);
    hp_autobuf head = hp_buf_new(1024);
    hp_buf_printf(&head,
                  "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
                  "<sst xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" count=\"%llu\" "
                  "uniqueCount=\"%u\">",
                  (unsigned long long)b->strings.uses, b->strings.distinct);
    HP_TRY(hp_buf_check(&head, "the shared strings of the workbook", err));
    HP_TRY(hp_member_open(&b->zip, "xl/sharedStrings.xml", HP_ZIP_ANY, err));
    HP_TRY(hp_member_put(&b->zip, hp_buf_str(&head), err));
    HP_TRY(hp_blocks_run(b->blocks, &maker, b, &b->zip, err));
    HP_TRY(hp_member_put(&b->zip, HP_S("</sst>"), err));
    return hp_member_close(&b->zip, err);
}
