#include "write/block.h"

#include "base/mem.h"
#include "base/threads.h"

#include "base/banned.h"

/* More blocks than threads, so that none waits for the one that is written. */
#define MORE 2

struct hp_blocks {
    size_t n;
    hp_block block[HP_PIPELINE_DEPTH];
};

/* One part on its way. */
typedef struct pouring {
    hp_blocks *blocks;
    const hp_block_maker *maker;
    const void *ctx;
    hp_zip_out *z;
    size_t at;
} pouring;

static bool open_block(hp_block *b, hp_compress level) {
    b->cell = hp_buf_new(8 * HP_LIMIT_CELL_TEXT);
    b->number = hp_buf_new(64);
    b->text = hp_malloc(HP_BLOCK_FLUSH + HP_BLOCK_TEXT);
    b->packer = hp_packer_new(level);
    return b->text && b->packer;
}

hp_blocks *hp_blocks_new(hp_compress level) {
    hp_blocks *b = hp_calloc(1, sizeof *b);
    if (!b) return NULL;
    size_t jobs = hp_threads_jobs();
    b->n = jobs == 1 ? 1 : jobs + MORE < HP_PIPELINE_DEPTH ? jobs + MORE : HP_PIPELINE_DEPTH;
    for (size_t i = 0; i < b->n; i++)
        if (!open_block(&b->block[i], level)) {
            hp_blocks_free(b);
            return NULL;
        }
    return b;
}

void hp_blocks_free(hp_blocks *b) {
    for (size_t i = 0; b && i < b->n; i++) {
        hp_free(b->block[i].text);
        hp_packer_free(b->block[i].packer);
        hp_buf_free(&b->block[i].cell);
        hp_buf_free(&b->block[i].number);
        hp_buf_free(&b->block[i].packed.bytes);
    }
    hp_free(b);
}

hp_code hp_block_flush(hp_block *b, hp_err *err) {
    hp_code code = hp_pack(b->packer, (hp_str){b->text, b->n}, &b->packed, err);
    b->n = 0;
    return code;
}

static hp_code make(void *ctx, size_t slot, bool *made, hp_err *err) {
    (void)err;
    pouring *p = ctx;
    hp_block *b = &p->blocks->block[slot];
    *made = p->at < p->maker->items;
    if (!*made) return HP_OK;
    b->from = p->at;
    b->to = p->at = p->maker->cut(p->ctx, p->at);
    return HP_OK;
}

static hp_code work(void *ctx, size_t slot, hp_err *err) {
    const pouring *p = ctx;
    hp_block *b = &p->blocks->block[slot];
    b->n = 0;
    hp_packed_clear(&b->packed);
    HP_TRY(p->maker->fill(p->ctx, b, err));
    return hp_block_flush(b, err);
}

static hp_code take(void *ctx, size_t slot, hp_err *err) {
    const pouring *p = ctx;
    return hp_member_take(p->z, &p->blocks->block[slot].packed, err);
}

hp_code hp_blocks_run(hp_blocks *b, const hp_block_maker *maker, const void *ctx, hp_zip_out *z,
                      hp_err *err) {
    pouring p = {b, maker, ctx, z, 0};
    const hp_pipeline line = {.depth = b->n, .make = make, .work = work, .take = take};
    return hp_pipeline_run(&line, &p, err);
}

/* ---- texts ---- */

enum { PLAIN = 0, UNDERSCORE = 1, SPECIAL = 2 };
#define X SPECIAL
/* Which bytes can be copied as they are; all but ASCII is looked at more closely. */
static const uint8_t KIND[256] = {
    [0 ... 8] = X, [11 ... 31] = X, ['&'] = X, ['<'] = X, ['>'] = X, ['_'] = UNDERSCORE, [128 ... 255] = X};
#undef X

static bool is_plain(hp_str s) {
    uint8_t kinds = 0;
    for (size_t i = 0; i < s.n; i++) kinds |= KIND[(unsigned char)s.p[i]];
    return s.n <= HP_LIMIT_CELL_TEXT
           && (kinds == PLAIN || (kinds == UNDERSCORE && hp_str_find(s, HP_S("_x"), 0) == SIZE_MAX));
}

static inline void put(hp_block *b, hp_str s) {
    memcpy(b->text + b->n, s.p, s.n);
    b->n += s.n;
}

/* Adds one byte of a text, escaped: markup as XML has it, controls as SpreadsheetML has them (ECMA-376 part
 * 1, 22.9.2.19). */
static void put_escaped(hp_block *b, char c) {
    static const char HEX[] = "0123456789ABCDEF";
    if (c == '&')
        put(b, HP_S("&amp;"));
    else if (c == '<')
        put(b, HP_S("&lt;"));
    else if (c == '>')
        put(b, HP_S("&gt;"));
    else if ((unsigned char)c < ' ' && c != '\t' && c != '\n') {
        char escape[] = "_x0000_";
        escape[4] = HEX[c >> 4];
        escape[5] = HEX[c & 15];
        put(b, (hp_str){escape, 7});
    } else
        b->text[b->n++] = c;
}

static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n'; }

hp_code hp_block_put_text(hp_block *b, hp_str text, hp_str open, hp_str spaced, hp_str close, hp_err *err) {
    bool plain = is_plain(text);
    if (!plain) {
        const char *shown = hp_cell_text(&b->cell, text);
        if (!shown) return hp_fail_memory(err, "the texts of the workbook");
        text = hp_buf_str(&b->cell);
    }
    put(b, is_blank(text.p[0]) || is_blank(text.p[text.n - 1]) ? spaced : open);
    if (plain)
        put(b, text);
    else
        for (size_t i = 0; i < text.n; i++) put_escaped(b, text.p[i]);
    put(b, close);
    return b->n < HP_BLOCK_FLUSH ? HP_OK : hp_block_flush(b, err);
}
