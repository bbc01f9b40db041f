#include "write/write.h"

#include "base/banned.h"

hp_code hp_write_parquet(const hp_pool *pool, const hp_table *t, const char *path, hp_out *out, hp_err *err) {
    (void)pool, (void)t, (void)out;
    return hp_fail(err, HP_USAGE, "%s: this version does not write parquet yet", path);
}
