#include <expat.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/s3_own.h"

#include "base/banned.h"

enum { DEPTH = 8, PATH_BYTES = 256, TEXT_BYTES = 16 << 10 };

typedef struct reader {
    XML_Parser parser;
    hp_s3_element *fn;
    void *ctx;
    char path[PATH_BYTES];
    size_t npath, cut[DEPTH], depth;
    bool leaf; /* the element that is open has no child so far */
    hp_buf text;
    const char *wrong;
    hp_code code;
    hp_err err;
} reader;

static void stop(reader *r, const char *wrong) {
    if (!r->wrong) r->wrong = wrong;
    (void)XML_StopParser(r->parser, XML_FALSE);
}

static void begin(void *ctx, const XML_Char *name, const XML_Char **attributes) {
    reader *r = ctx;
    size_t n = strlen(name);
    (void)attributes;
    if (r->depth == DEPTH || r->npath + n + 2 > PATH_BYTES) {
        stop(r, "it is nested too deep");
        return;
    }
    r->cut[r->depth++] = r->npath;
    if (r->npath) r->path[r->npath++] = '/';
    memcpy(r->path + r->npath, name, n + 1);
    r->npath += n;
    r->leaf = true;
    hp_buf_clear(&r->text);
}

static void take_text(void *ctx, const XML_Char *p, int n) {
    reader *r = ctx;
    if (r->leaf) hp_buf_add(&r->text, (hp_str){p, (size_t)n});
    if (r->text.bad) stop(r, "a text in it is too long");
}

static void end(void *ctx, const XML_Char *name) {
    reader *r = ctx;
    (void)name;
    if (r->code == HP_OK)
        r->code = r->fn(r->ctx, r->path, r->leaf ? hp_buf_str(&r->text) : HP_S(""), &r->err);
    if (r->code != HP_OK) (void)XML_StopParser(r->parser, XML_FALSE);
    r->npath = r->cut[--r->depth];
    r->path[r->npath] = 0;
    r->leaf = false;
}

static void no_doctype(void *ctx, const XML_Char *a, const XML_Char *b, const XML_Char *c, int d) {
    (void)a, (void)b, (void)c, (void)d;
    stop(ctx, "it has a DOCTYPE");
}

static void *resize(void *p, size_t n) { return hp_realloc(p, n, 1); }

hp_code hp_s3_xml(hp_str bytes, hp_s3_element *fn, void *ctx, hp_err *err) {
    static const XML_Memory_Handling_Suite HEAP = {hp_malloc, resize, hp_free};
    reader r = {.parser = XML_ParserCreate_MM("UTF-8", &HEAP, NULL),
                .fn = fn,
                .ctx = ctx,
                .text = hp_buf_new(TEXT_BYTES)};
    if (!r.parser) return hp_fail_memory(err, "an answer");
    XML_SetUserData(r.parser, &r);
    XML_SetElementHandler(r.parser, begin, end);
    XML_SetCharacterDataHandler(r.parser, take_text);
    XML_SetStartDoctypeDeclHandler(r.parser, no_doctype);
    bool fine = bytes.n < INT32_MAX && XML_Parse(r.parser, bytes.p, (int)bytes.n, 1) == XML_STATUS_OK;
    enum XML_Error why = XML_GetErrorCode(r.parser);
    XML_ParserFree(r.parser);
    hp_buf_free(&r.text);
    if (r.code != HP_OK) {
        if (err) *err = r.err;
        return r.code;
    }
    if (why == XML_ERROR_NO_MEMORY) return hp_fail_memory(err, "an answer");
    if (fine) return HP_OK;
    return hp_fail(err, HP_DATA, "the answer of the object store is no XML that can be read: %s",
                   r.wrong ? r.wrong : XML_ErrorString(why));
}

/* ---- errors ---- */

typedef struct error_reader {
    hp_arena *arena;
    hp_s3_error *out;
    bool is;
} error_reader;

static hp_code take_error(void *ctx, const char *path, hp_str text, hp_err *err) {
    error_reader *r = ctx;
    hp_str *to = strcmp(path, "Error/Code") == 0      ? &r->out->code
                 : strcmp(path, "Error/Message") == 0 ? &r->out->message
                 : strcmp(path, "Error/Region") == 0  ? &r->out->region
                                                      : NULL;
    if (strcmp(path, "Error") == 0) r->is = true;
    if (!to) return HP_OK;
    *to = hp_arena_dup(r->arena, text);
    return to->p ? HP_OK : hp_fail_memory(err, "an answer");
}

bool hp_s3_error_read(hp_arena *a, hp_str bytes, hp_s3_error *out) {
    error_reader r = {a, out, false};
    hp_err ignored = {0};
    *out = (hp_s3_error){0};
    return bytes.n && hp_s3_xml(bytes, take_error, &r, &ignored) == HP_OK && r.is;
}

/* ---- texts ---- */

static bool number(hp_str s, size_t from, size_t n, int *out) {
    int64_t v;
    if (from + n > s.n || !hp_is_digit(s.p[from]) || !hp_str_i64(hp_str_cut(s, from, from + n), &v))
        return false;
    *out = (int)v;
    return true;
}

static bool clock_of(hp_str s, size_t at, hp_date *d) {
    return number(s, at, 2, &d->hour) && number(s, at + 3, 2, &d->minute) && number(s, at + 6, 2, &d->second);
}

static bool month_of(hp_str word, int *out) {
    static const char MONTHS[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int m = 0; m < 12; m++)
        if (hp_str_eq(word, (hp_str){MONTHS + 3 * m, 3})) {
            *out = m + 1;
            return true;
        }
    return false;
}

bool hp_s3_time(hp_str t, int64_t *out) {
    hp_date d = {0};
    bool ok;
    if (t.n >= 20 && t.p[4] == '-') {
        ok = number(t, 0, 4, &d.year) && number(t, 5, 2, &d.month) && number(t, 8, 2, &d.day)
             && t.p[10] == 'T' && clock_of(t, 11, &d) && t.p[t.n - 1] == 'Z';
    } else {
        ok = t.n == 29 && number(t, 5, 2, &d.day) && month_of(hp_str_cut(t, 8, 11), &d.month)
             && number(t, 12, 4, &d.year) && clock_of(t, 17, &d) && hp_str_ends(t, HP_S("GMT"));
    }
    if (!ok || !hp_date_valid(&d)) return false;
    *out = hp_days_from_civil(d.year, d.month, d.day) * 86400 + d.hour * 3600 + d.minute * 60 + d.second;
    return true;
}

void hp_s3_unescape(hp_str text, hp_buf *out) {
    for (size_t i = 0; i < text.n; i++) {
        unsigned char byte;
        if (text.p[i] == '%' && i + 2 < text.n && hp_read_hex(hp_str_cut(text, i + 1, i + 3), &byte, 1)) {
            hp_buf_putc(out, (char)byte);
            i += 2;
        } else {
            hp_buf_putc(out, text.p[i] == '+' ? ' ' : text.p[i]);
        }
    }
}
