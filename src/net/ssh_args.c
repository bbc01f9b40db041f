#include "net/ssh_args.h"

#include <arpa/inet.h>

#include "base/banned.h"

enum { MAX_HOST = 253, MAX_LABEL = 64, MAX_PATH = 1000, FIXED_ARGS = 64 };

/* ---- what may stand in a command line ---- */

static bool only(hp_str s, bool (*letter)(char), const char *others) {
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\0' || !(letter(s.p[i]) || strchr(others, s.p[i]))) return false;
    }
    return s.n > 0;
}

static bool is_ipv6(hp_str s) {
    char text[INET6_ADDRSTRLEN + 1] = "";
    struct in6_addr ignored;
    if (s.n == 0 || s.n > INET6_ADDRSTRLEN) return false;
    memcpy(text, s.p, s.n);
    return inet_pton(AF_INET6, text, &ignored) == 1;
}

static bool is_name(hp_str s) {
    return s.n <= MAX_HOST && s.n > 0 && hp_is_alnum(s.p[0]) && only(s, hp_is_alnum, ".-_")
           && hp_str_find(s, HP_S(".."), 0) == SIZE_MAX;
}

hp_code hp_host_check(hp_str host, const char *what, hp_str *out, hp_err *err) {
    hp_str s = host;
    if (s.n > 2 && s.p[0] == '[' && s.p[s.n - 1] == ']') {
        s = hp_str_cut(s, 1, s.n - 1);
        if (!is_ipv6(s)) s.n = 0;
    }
    if (!is_name(s) && !is_ipv6(s))
        return hp_fail(err, HP_USAGE,
                       "%s: \"%.*s\" is no host name or address; letters, digits, dots, hyphens and "
                       "underscores are allowed, beginning with a letter or digit",
                       what, (int)(host.n < 100 ? host.n : 100), host.n ? host.p : "");
    *out = s;
    return HP_OK;
}

hp_code hp_user_check(const char *user, hp_err *err) {
    hp_str s = hp_str_of(user);
    if (s.n > 64 || s.n == 0 || s.p[0] == '-' || s.p[0] == '@' || !only(s, hp_is_alnum, "._-@"))
        return hp_fail(err, HP_USAGE,
                       "--user: \"%.64s\" is no login name; letters, digits and ._- are allowed", user);
    return HP_OK;
}

hp_code hp_label_check(const char *label, hp_err *err) {
    hp_str s = hp_str_of(label);
    if (s.n > MAX_LABEL || s.n == 0 || !hp_is_alnum(s.p[0]) || !only(s, hp_is_alnum, "._-"))
        return hp_fail(err, HP_USAGE,
                       "\"%.64s\" is no label; up to %d letters, digits and ._- are allowed, beginning "
                       "with a letter or digit",
                       label, MAX_LABEL);
    return HP_OK;
}

static bool read_port(hp_str s, int *out) {
    int64_t v;
    if (s.n == 0 || !hp_is_digit(s.p[0]) || !hp_str_i64(s, &v) || v < 1 || v > 65535) return false;
    *out = (int)v;
    return true;
}

/* Parts host:port at the last colon; with `bare` a host alone is allowed, and its port 0. */
static bool cut_port(hp_str s, bool bare, hp_str *host, int *port) {
    size_t at = s.n;
    while (at > 0 && s.p[at - 1] != ':') at--;
    bool bracket = s.n > 0 && s.p[s.n - 1] == ']';
    if (at == 0 || bracket) {
        *host = s;
        *port = 0;
        return bare;
    }
    *host = hp_str_cut(s, 0, at - 1);
    return read_port(hp_str_cut(s, at, s.n), port);
}

hp_code hp_forward_read(hp_arena *a, const char *text, hp_forward *out, hp_err *err) {
    hp_str s = hp_str_of(text), host;
    size_t eq = hp_str_chr(s, '=', 0);
    hp_forward f = {.any = true};
    if (eq == SIZE_MAX || eq == 0 || !cut_port(hp_str_cut(s, eq + 1, s.n), false, &host, &f.port))
        return hp_fail(err, HP_USAGE, "--forward: \"%.200s\" is not NAME=HOST:PORT, as db=db.internal:5432",
                       text);
    f.name = hp_arena_dup(a, hp_str_cut(s, 0, eq));
    if (!f.name.p) return hp_fail_memory(err, "a forward");
    HP_TRY(hp_label_check(f.name.p, err));
    HP_TRY(hp_host_check(host, "--forward", &host, err));
    f.host = hp_arena_dup(a, host);
    if (!f.host.p) return hp_fail_memory(err, "a forward");
    *out = f;
    return HP_OK;
}

/* ssh expands % and ${} in names of files and splits at blanks and quotes; the command of a jump host goes
 * through a shell. Names that need none of that are left. */
static hp_code path_check(const char *path, const char *what, hp_err *err) {
    hp_str s = hp_str_of(path);
    bool fine = s.n > 0 && s.n <= MAX_PATH && s.p[0] != '-' && s.p[0] != '~';
    for (size_t i = 0; i < s.n && fine; i++)
        fine = (unsigned char)s.p[i] >= ' ' && s.p[i] != 0x7f && !strchr("%$\"'\\`", s.p[i]);
    if (fine) return HP_OK;
    return hp_fail(
        err, HP_USAGE,
        "%s: ssh cannot be given the file name \"%.200s\": it must not be empty, begin with - or ~, "
        "or hold quotes, %%, $, backslashes or control characters",
        what, path);
}

static hp_code jump_parts(const char *jump, hp_str *user, hp_str *host, int *port, hp_err *err) {
    hp_str s = hp_str_of(jump);
    size_t at = hp_str_chr(s, '@', 0);
    *user = at == SIZE_MAX ? HP_S("") : hp_str_cut(s, 0, at);
    if (at != SIZE_MAX) s = hp_str_cut(s, at + 1, s.n);
    bool fine = (at == SIZE_MAX || (user->n > 0 && user->p[0] != '-' && only(*user, hp_is_alnum, "._-")))
                && cut_port(s, true, host, port);
    if (!fine) return hp_fail(err, HP_USAGE, "--jump: \"%.200s\" is not [USER@]HOST[:PORT], one host", jump);
    return hp_host_check(*host, "--jump", host, err);
}

hp_code hp_plan_check(const hp_tunnel_plan *p, hp_err *err) {
    hp_str host, user;
    int port;
    HP_TRY(hp_host_check(hp_str_of(p->host), "--host", &host, err));
    if (p->user) HP_TRY(hp_user_check(p->user, err));
    if (p->port < 0 || p->port > 65535) return hp_fail(err, HP_USAGE, "--port: %d is no port", p->port);
    if (p->identity) HP_TRY(path_check(p->identity, "--identity", err));
    if (p->ssh_config) HP_TRY(path_check(p->ssh_config, "--ssh-config", err));
    if (p->via == HP_VIA_SSH) HP_TRY(path_check(p->known_hosts, "known_hosts", err));
    if (p->jump) HP_TRY(jump_parts(p->jump, &user, &host, &port, err));
    if (p->nforward == 0 || p->nforward > HP_FORWARDS_MAX)
        return hp_fail(err, HP_USAGE,
                       "a tunnel has 1 to %d forwards: give --prefect-host, --marquez-host or --forward",
                       HP_FORWARDS_MAX);
    for (size_t i = 0; i < p->nforward; i++) {
        const hp_forward *f = &p->forward[i];
        HP_TRY(hp_host_check(f->host, f->name.p, &host, err));
        for (size_t k = 0; k < i; k++) {
            if (hp_str_eq(f->name, p->forward[k].name))
                return hp_fail(err, HP_USAGE, "two forwards are called %s", f->name.p);
        }
    }
    return HP_OK;
}

size_t hp_plan_legs(const hp_tunnel_plan *p) { return p->via == HP_VIA_SSM ? p->nforward : 1; }

/* ---- ssh ---- */

typedef struct words {
    hp_arena *a;
    const char **word;
    size_t n;
    bool bad;
} words;

static void add(words *w, const char *word) {
    w->bad |= !word;
    w->word[w->n++] = word;
}

#define ADDF(w, ...) add((w), hp_arena_printf((w)->a, __VA_ARGS__).p)

static void option(words *w, const char *text) {
    add(w, "-o");
    add(w, text);
}

/* What holds for the bastion and for a host on the way to it. */
static void add_common(words *w, const hp_tunnel_plan *p) {
    static const char *const ALWAYS[] = {"BatchMode=yes",         "GlobalKnownHostsFile=/dev/null",
                                         "UpdateHostKeys=no",     "CheckHostIP=no",
                                         "ForwardAgent=no",       "ForwardX11=no",
                                         "PermitLocalCommand=no", "ControlMaster=no",
                                         "ControlPath=none",      "Tunnel=no",
                                         "GatewayPorts=no",       "ConnectTimeout=10",
                                         "ServerAliveInterval=5", "ServerAliveCountMax=3",
                                         "LogLevel=INFO"};
    add(w, "ssh");
    add(w, "-F");
    add(w, p->ssh_config ? p->ssh_config : "none");
    for (size_t i = 0; i < sizeof ALWAYS / sizeof *ALWAYS; i++) option(w, ALWAYS[i]);
    option(w, p->accept_new ? "StrictHostKeyChecking=accept-new" : "StrictHostKeyChecking=yes");
    add(w, "-o");
    ADDF(w, "UserKnownHostsFile=\"%s\"", p->known_hosts);
    if (!p->identity) return;
    option(w, "IdentitiesOnly=yes");
    add(w, "-i");
    add(w, p->identity);
}

/* ssh's own -J would start a second ssh with the user's files: so we say what that one is to do. ssh hands it
 * to a shell; the names were checked for quotes. */
static hp_code add_jump(words *w, const hp_tunnel_plan *p, hp_err *err) {
    hp_str user, host;
    int port;
    HP_TRY(jump_parts(p->jump, &user, &host, &port, err));
    const char *word[FIXED_ARGS];
    words inner = {.a = w->a, .word = word};
    add_common(&inner, p);
    add(&inner, "-p");
    ADDF(&inner, "%d", port ? port : 22);
    if (user.n) {
        add(&inner, "-l");
        ADDF(&inner, "%.*s", HP_FMT(user));
    }
    hp_autobuf line = hp_buf_new(1 << 16);
    hp_buf_puts(&line, "ProxyCommand="); /* ssh puts an exec in front */
    for (size_t i = 0; i < inner.n && !inner.bad; i++)
        hp_buf_printf(&line, "%s'%s'", i ? " " : "", inner.word[i]);
    hp_buf_printf(&line, " -W '[%%h]:%%p' -- '%.*s'", HP_FMT(host));
    if (inner.bad || line.bad) return hp_fail_memory(err, "a command line");
    add(w, "-o");
    ADDF(w, "%.*s", (int)line.n, line.p);
    return HP_OK;
}

static void add_forward(words *w, const hp_forward *f) {
    hp_str host = f->host;
    if (host.n && host.p[0] == '[') host = hp_str_cut(host, 1, host.n - 1);
    bool v6 = hp_str_chr(host, ':', 0) != SIZE_MAX;
    add(w, "-L");
    ADDF(w, "127.0.0.1:%d:%s%.*s%s:%d", f->local, v6 ? "[" : "", HP_FMT(host), v6 ? "]" : "", f->port);
}

static hp_code ssh_argv(words *w, const hp_tunnel_plan *p, hp_err *err) {
    hp_str host;
    HP_TRY(hp_host_check(hp_str_of(p->host), "--host", &host, err));
    add_common(w, p);
    option(w, "ExitOnForwardFailure=yes");
    if (p->jump) HP_TRY(add_jump(w, p, err));
    add(w, "-N");
    add(w, "-T");
    if (p->port || !p->ssh_config) { /* else the file may say */
        add(w, "-p");
        ADDF(w, "%d", p->port ? p->port : 22);
    }
    if (p->user) {
        add(w, "-l");
        add(w, p->user);
    }
    for (size_t i = 0; i < p->nforward; i++) add_forward(w, &p->forward[i]);
    add(w, "--");
    ADDF(w, "%.*s", HP_FMT(host));
    return HP_OK;
}

/* ---- aws ---- */

/* The document that reaches a third host behind the instance. A port-forwarding session carries one port. */
static void ssm_argv(words *w, const hp_tunnel_plan *p, const hp_forward *f) {
    add(w, "aws");
    add(w, "ssm");
    add(w, "start-session");
    add(w, "--target");
    add(w, p->host);
    add(w, "--document-name");
    add(w, "AWS-StartPortForwardingSessionToRemoteHost");
    add(w, "--parameters");
    ADDF(w, "{\"host\":[\"%.*s\"],\"portNumber\":[\"%d\"],\"localPortNumber\":[\"%d\"]}", HP_FMT(f->host),
         f->port, f->local);
}

hp_code hp_plan_argv(hp_arena *a, const hp_tunnel_plan *p, size_t leg, const char *const **out, hp_err *err) {
    HP_TRY(hp_plan_check(p, err));
    words w = {.a = a, .word = HP_NEW_ARRAY(a, FIXED_ARGS + 2 * p->nforward + 1, const char *)};
    if (!w.word) return hp_fail_memory(err, "a command line");
    if (p->via == HP_VIA_SSM) {
        ssm_argv(&w, p, &p->forward[leg]);
    } else {
        HP_TRY(ssh_argv(&w, p, err));
    }
    if (w.bad) return hp_fail_memory(err, "a command line");
    *out = w.word;
    return HP_OK;
}

void hp_argv_show(const char *const *argv, hp_buf *out) {
    for (size_t i = 0; argv[i]; i++) {
        if (i) hp_buf_putc(out, ' ');
        if (only(hp_str_of(argv[i]), hp_is_alnum, "_./:=@%+,-")) {
            hp_buf_puts(out, argv[i]);
            continue;
        }
        hp_buf_putc(out, '\'');
        for (const char *c = argv[i]; *c; c++) {
            if (*c == '\'') {
                hp_buf_puts(out, "'\\''");
            } else {
                hp_buf_putc(out, *c);
            }
        }
        hp_buf_putc(out, '\'');
    }
}

const char *hp_via_word(hp_via via) { return via == HP_VIA_SSM ? "ssm" : "ssh-bastion"; }
