#include "base/vec.h"
#include "base/mem.h"
#include "base/banned.h"

bool hp_vec_grow(void **p, size_t n, size_t *cap, size_t size) {
    size_t want = n < 8 ? 8 : n + n / 2;
    void *q = hp_realloc(*p, want, size);
    if (!q) return false;
    *p = q;
    *cap = want;
    return true;
}
