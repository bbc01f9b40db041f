#include "read/csv.h"

#include "base/limits.h"

#include "base/banned.h"

static bool can_delimit(char c) { return c == '\t' || (c >= ' ' && c <= '~' && c != '"'); }

hp_csv hp_csv_new(hp_str text, char delimiter) {
    hp_csv c = {.p = text.p,
                .end = text.p + text.n,
                .delimiter = delimiter,
                .line = 1,
                .scratch = hp_buf_new(HP_LIMIT_PART_BYTES)};
    if (hp_str_ieq(hp_str_cut(text, 0, 4), HP_S("sep=")) && text.n > 5 && can_delimit(text.p[4])
        && (text.p[5] == '\n' || text.p[5] == '\r')) {
        c.delimiter = text.p[4];
        c.p += text.p[5] == '\r' && text.n > 6 && text.p[6] == '\n' ? 7 : 6;
        c.line = 2;
    }
    return c;
}

static bool ends_field(const hp_csv *c, char b) { return b == c->delimiter || b == '\n' || b == '\r'; }

static const char *bare_end(const hp_csv *c, const char *p) {
    while (p < c->end && !ends_field(c, *p)) p++;
    return p;
}

/* Goes past the delimiter or line end at p. */
static void finish_field(hp_csv *c) {
    c->record_end = c->p == c->end || *c->p != c->delimiter;
    if (c->p == c->end) return;
    char b = *c->p++;
    if (b == c->delimiter) return;
    if (b == '\r' && c->p < c->end && *c->p == '\n') c->p++;
    c->line++;
}

/* A carriage return ends a line too, unless a line feed follows. */
static void count_lines(hp_csv *c, const char *from, const char *to) {
    for (; from < to; from++)
        c->line += *from == '\n' || (*from == '\r' && (from + 1 == to || from[1] != '\n'));
}

/* Ends a quoted field at `tail`, behind its closing quote; `out` holds its last piece, which is all of it
 * when `view`. */
static bool close_quoted(hp_csv *c, const char *tail, bool view, hp_str *out) {
    c->p = bare_end(c, tail);
    if (view && c->p == tail) return true;
    hp_buf_add(&c->scratch, *out);
    hp_buf_add(&c->scratch, (hp_str){tail, (size_t)(c->p - tail)});
    *out = hp_buf_str(&c->scratch);
    return !c->scratch.bad;
}

/* Reads the field whose opening quote is at p. It is a view as long as no quote in it is doubled and nothing
 * follows the closing one. */
static bool quoted(hp_csv *c, hp_str *out) {
    const char *from = c->p + 1;
    bool view = true;
    c->quote_line = c->line;
    hp_buf_clear(&c->scratch);
    for (;;) {
        const char *quote = memchr(from, '"', (size_t)(c->end - from));
        if (!quote) {
            c->unterminated = true;
            return false;
        }
        count_lines(c, from, quote);
        *out = (hp_str){from, (size_t)(quote - from)};
        bool doubled = quote + 1 < c->end && quote[1] == '"';
        if (!doubled) return close_quoted(c, quote + 1, view, out);
        view = false;
        hp_buf_add(&c->scratch, *out);
        hp_buf_putc(&c->scratch, '"');
        from = quote + 2;
    }
}

bool hp_csv_field(hp_csv *c, hp_str *out) {
    if (c->p == c->end) {
        /* A delimiter as the last byte leaves one more, empty, field. */
        bool one_more = c->delimiter_open;
        c->delimiter_open = false;
        *out = HP_S("");
        c->record_end = true;
        return one_more;
    }
    if (*c->p == '"') {
        if (!quoted(c, out)) return false;
    } else {
        const char *to = bare_end(c, c->p);
        *out = (hp_str){c->p, (size_t)(to - c->p)};
        c->p = to;
    }
    finish_field(c);
    c->delimiter_open = !c->record_end;
    return true;
}

/* How well a delimiter fits. */
typedef struct fit {
    size_t records, same; /* same: as many fields as most have */
    size_t fields;        /* how many most have */
} fit;

enum { SAMPLE = 1 << 16, MAX_FIELDS = 512 };

/* Counts the fields of each record of the sample; the last record is left out when the sample cuts it off. */
static fit try_delimiter(hp_str sample, bool whole, char delimiter) {
    static const fit none = {0, 0, 0};
    size_t with[MAX_FIELDS] = {0}; /* records with so many fields */
    size_t fields = 0, records = 0;
    bool blank = true;
    hp_csv c = hp_csv_new(sample, delimiter);
    hp_str field;
    while (hp_csv_field(&c, &field)) {
        fields++;
        blank = blank && field.n == 0;
        if (!c.record_end) continue;
        bool cut_off = c.p == c.end && !whole && records > 0;
        if (!(blank && fields == 1) && !cut_off) {
            with[fields < MAX_FIELDS ? fields : MAX_FIELDS - 1]++;
            records++;
        }
        fields = 0;
        blank = true;
    }
    hp_buf_free(&c.scratch);
    if (c.scratch.bad || records == 0) return none;
    fit f = {.records = records};
    for (size_t i = 2; i < MAX_FIELDS; i++) {
        if (with[i] > f.same) f = (fit){records, with[i], i};
    }
    return f;
}

char hp_csv_sniff(hp_str text, bool tab_first) {
    /* In the order of preference when two fit alike: a comma stands in texts and numbers more often than the
     * others. */
    static const char candidates[] = {'\t', ';', '|', ','};
    hp_str sample = hp_str_cut(text, 0, SAMPLE);
    char best = ',';
    double best_share = 0;
    for (size_t i = 0; i < sizeof candidates; i++) {
        fit f = try_delimiter(sample, sample.n == text.n, candidates[i]);
        double share = f.records ? (double)f.same / (double)f.records : 0;
        if (tab_first && candidates[i] == '\t' && f.same) return '\t';
        if (share > best_share) {
            best_share = share;
            best = candidates[i];
        }
    }
    return best;
}
