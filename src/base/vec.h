/* Typed growing arrays. */
#ifndef HP_BASE_VEC_H
#define HP_BASE_VEC_H

#include <stdbool.h>
#include <stddef.h>
#include "base/mem.h"

/** Declare a growing array of T on the heap: `HP_VEC(int) v = {0};`. Its elements are v.p[0 .. v.n-1]. */
#define HP_VEC(T)      \
    struct {           \
        T *p;          \
        size_t n, cap; \
    }

/** Make room for one more element of `size` bytes in the array at *p; false when out of memory (nothing
 * changes). */
bool hp_vec_grow(void **p, size_t n, size_t *cap, size_t size);

/** Append `value`; false when out of memory. */
#define hp_vec_push(v, value)                                                                \
    (((v)->n < (v)->cap || hp_vec_grow((void **)&(v)->p, (v)->n, &(v)->cap, sizeof *(v)->p)) \
         ? ((v)->p[(v)->n++] = (value), true)                                                \
         : false)

/** Release the elements; the array is empty and usable again. */
#define hp_vec_free(v) (hp_free((v)->p), (v)->p = NULL, (v)->n = (v)->cap = 0)

#endif
