#include "cli/why.h"

#include "base/banned.h"

/* Answers the cell at hand, in memory of its own. */
static hp_code answer_one(hp_cli *c, hp_why_store *store, const hp_why_asked *asked, hp_err *err) {
    hp_autoarena *scratch = hp_arena_new(NULL);
    hp_arena *keep = store->arena;
    hp_why_answer answer;
    if (!scratch) return hp_fail_memory(err, "the answer");
    store->arena = scratch;
    hp_code code = hp_why_know(c, store, asked, &answer, err);
    if (code == HP_OK && c->json) hp_why_tell_json(c, &answer);
    if (code == HP_OK && !c->json) code = hp_why_tell(c, &answer, err);
    store->arena = keep;
    return code == HP_OK ? hp_cli_flush_some(c, err) : code;
}

hp_code hp_cmd_why(hp_cli *c, hp_err *err) {
    hp_why_store store = {0};
    hp_why_asked asked;
    hp_code code = hp_why_ask(c, &store, &asked, err);
    if (code == HP_OK) code = answer_one(c, &store, &asked, err);
    while (code == HP_OK && hp_why_next(&store, &asked)) code = answer_one(c, &store, &asked, err);
    hp_store_close(&store);
    return code;
}
