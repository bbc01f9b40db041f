#include "read/quick.h"

#include "base/mem.h"

#include "base/banned.h"

void hp_structure_free(hp_structure *s) {
    hp_free(s->bits);
    *s = (hp_structure){0};
}

bool hp_structure_find(hp_structure *s, hp_str piece) {
    size_t words = hp_marks_words(piece.n);
    if (s->cap < 3 * words) {
        hp_structure_free(s);
        s->bits = hp_malloc(4 * words * sizeof *s->bits);
        if (!s->bits) return false;
        s->cap = 4 * words;
    }
    uint64_t *less = s->bits, *special = less + words, *cr = special + words, any = 0;
    hp_mark(piece.p, piece.n, &(hp_marks){.byte = {'<', '&', '\r'}, .bits = {less, special, cr}});
    for (size_t i = 0; i < words; i++) any |= special[i] |= cr[i];
    s->less = less;
    s->special = special;
    s->any_special = any != 0;
    return true;
}
