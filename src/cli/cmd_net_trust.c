/* hotpass net trust: the keys of a host as fingerprints, and pinned when somebody says that they are right.
 */
#include <unistd.h>

#include "cli/net.h"
#include "net/trust.h"

#include "base/banned.h"

typedef struct keys {
    hp_host_key *shown, *pinned;
    size_t nshown, npinned;
    bool before; /* one of those shown was pinned already, and nothing was changed */
} keys;

static void put_keys(hp_json *j, const char *name, const hp_host_key *key, size_t n) {
    hp_json_key(j, name);
    hp_json_array(j);
    for (size_t i = 0; i < n; i++) {
        hp_json_object(j);
        hp_json_key(j, "type");
        hp_json_str(j, key[i].type);
        hp_json_key(j, "fingerprint");
        hp_json_cstr(j, key[i].fingerprint);
        hp_json_object_end(j);
    }
    hp_json_array_end(j);
}

static void list_keys(hp_buf *out, const hp_host_key *key, size_t n) {
    for (size_t i = 0; i < n; i++) {
        hp_buf_puts(out, "  ");
        hp_put_safe(out, hp_str_of(key[i].fingerprint));
        hp_buf_puts(out, "  ");
        hp_put_safe(out, key[i].type);
        hp_buf_putc(out, '\n');
    }
}

static void tell(hp_cli *c, hp_str host, const keys *k) {
    if (c->json) {
        hp_json j = hp_cli_json(c, "hotpass.net-trust/1");
        hp_json_key(&j, "host");
        hp_json_str(&j, host);
        put_keys(&j, "shown", k->shown, k->nshown);
        put_keys(&j, "pinned_before", k->pinned, k->npinned);
        hp_json_key(&j, "pinned");
        hp_json_bool(&j, true);
        hp_cli_json_end(c, &j);
        return;
    }
    hp_buf_printf(&c->out, "%.*s: pinned%s\n", HP_FMT(host), k->before ? " before" : "");
    if (k->before)
        list_keys(&c->out, k->pinned, k->npinned);
    else
        list_keys(&c->out, k->shown, k->nshown);
}

/* Asks on the terminal; anything but yes is no. */
static bool ask(hp_str host, const keys *k) {
    hp_autobuf text = hp_buf_new(64 << 10);
    char answer[16] = "";
    hp_buf_printf(&text, "%.*s shows these keys:\n", HP_FMT(host));
    list_keys(&text, k->shown, k->nshown);
    hp_buf_puts(&text, "Are they what whoever runs it says they are? [y/N] ");
    hp_talk(hp_buf_str(&text));
    ssize_t n = read(STDIN_FILENO, answer, sizeof answer - 1);
    return n > 0 && (answer[0] == 'y' || answer[0] == 'Y');
}

/* Leaves the key that --fingerprint vouches for, if it was given. */
static hp_code narrow(hp_cli *c, hp_str host, keys *k, hp_err *err) {
    const char *wanted = hp_args_text(&c->args, HP_O_FINGERPRINT);
    if (!wanted) return HP_OK;
    for (size_t i = 0; i < k->nshown; i++) {
        if (strcmp(k->shown[i].fingerprint, wanted) != 0) continue;
        k->shown[0] = k->shown[i];
        k->nshown = 1;
        return HP_OK;
    }
    return hp_fail(err, HP_NOPERM, "%.*s shows no key with the fingerprint %.80s; nothing was pinned",
                   HP_FMT(host), wanted);
}

/* Whether to pin: by the fingerprint that was given, by --yes, or by an answer. */
static hp_code decide(hp_cli *c, hp_str host, keys *k, hp_err *err) {
    if (hp_args_text(&c->args, HP_O_FINGERPRINT) || c->args.opt[HP_O_YES].on) return HP_OK;
    bool may_ask = isatty(STDIN_FILENO) && !c->args.opt[HP_O_NO_INPUT].on;
    if (may_ask && ask(host, k)) return HP_OK;
    return hp_fail(
        err, HP_NOPERM,
        "%.*s: nothing was pinned; it shows %s. Compare that with what whoever runs it says, then give it "
        "with --fingerprint",
        HP_FMT(host), k->shown[0].fingerprint);
}

static hp_code trust(hp_cli *c, hp_str host, int port, const char *path, hp_err *err) {
    keys k = {0};
    HP_TRY(hp_trust_scan(c->arena, host, port, &k.shown, &k.nshown, err));
    HP_TRY(hp_trust_pinned(c->arena, path, host, port, &k.pinned, &k.npinned, err));
    bool meets = hp_trust_meets(k.pinned, k.npinned, k.shown, k.nshown);
    if (k.npinned && !meets && !c->args.opt[HP_O_REPLACE].on)
        return hp_fail(
            err, HP_NOPERM,
            "%.*s: its key has changed: %s was pinned, it shows %s. Somebody may be in between; if whoever "
            "runs it confirms the new one: --replace",
            HP_FMT(host), k.pinned[0].fingerprint, k.shown[0].fingerprint);
    HP_TRY(narrow(c, host, &k, err)); /* also when one is pinned: what was asked about is this fingerprint */
    k.before = hp_trust_meets(k.pinned, k.npinned, k.shown, k.nshown);
    if (!k.before) {
        HP_TRY(decide(c, host, &k, err));
        HP_TRY(hp_trust_pin(c->arena, path, host, port, k.shown, k.nshown, err));
    }
    if (c->json || !c->quiet) tell(c, host, &k);
    return HP_OK;
}

hp_code hp_cmd_net_trust(hp_cli *c, hp_err *err) {
    hp_str dir, host;
    hp_net_state *s;
    int port = c->args.opt[HP_O_PORT].given ? (int)c->args.opt[HP_O_PORT].number : 22;
    HP_TRY(hp_host_check(hp_str_of(c->args.word[0]), "HOST", &host, err));
    HP_TRY(hp_state_dir(c->arena, &dir, err));
    hp_str own = hp_net_file(c->arena, dir.p, HP_S("known_hosts"), "");
    const char *path = hp_args_text(&c->args, HP_O_KNOWN_HOSTS);
    if (!own.p) return hp_fail_memory(err, "a path");
    HP_TRY(hp_net_state_open(dir.p, &s, err)); /* makes the directory */
    hp_code code = trust(c, host, port, path ? path : own.p, err);
    hp_net_state_close(s);
    return code;
}
