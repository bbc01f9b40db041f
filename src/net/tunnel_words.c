#include "net/tunnel.h"

#include "base/banned.h"

/* What ssh says, and what it means. The first that is found counts: the more telling ones come first, since
 * ssh ends several stories with the same sentence ("Host key verification failed."). All of them end it with
 * 255. */
typedef struct saying {
    const char *says;
    hp_code code;
    bool port; /* a local port is at fault */
    const char *means;
} saying;

static const saying SAYINGS[] = {
    {"REMOTE HOST IDENTIFICATION HAS CHANGED", HP_NOPERM, false,
     "the key of the bastion is not the pinned one: somebody may be in between, or it was set up anew. Ask who "
     "runs it for its fingerprint, then: hotpass net trust --replace"},
    {"host key is known for", HP_NOPERM, false,
     "the key of the bastion is not pinned; compare its fingerprint, then: hotpass net trust"},
    {"Host key verification failed", HP_NOPERM, false,
     "the key of the bastion is not trusted; see hotpass net trust"},
    {"UNPROTECTED PRIVATE KEY FILE", HP_NOPERM, false,
     "ssh refuses a private key that others may read; chmod 600 the file of --identity"},
    {"Too many authentication failures", HP_NOPERM, false,
     "the bastion was offered too many keys; name the right one with --identity"},
    {"Permission denied", HP_NOPERM, false, "the bastion refuses the login; check --user and --identity"},
    {"cannot listen to port", HP_UNAVAILABLE, true,
     "a local port was taken by somebody else meanwhile; try again, or with --auto-port"},
    {"Could not request local forwarding", HP_UNAVAILABLE, true,
     "a local port was taken by somebody else meanwhile; try again, or with --auto-port"},
    {"Could not resolve hostname", HP_UNAVAILABLE, false,
     "the name of the bastion is not known here; check --host"},
    {"administratively prohibited", HP_NOPERM, false,
     "the bastion does not allow this forward (PermitOpen, AllowTcpForwarding); ask who runs it"},
    {"Name or service not known", HP_UNAVAILABLE, false, "the bastion does not know the name of the service"},
    {"failure in name resolution", HP_UNAVAILABLE, false,
     "the bastion does not know the name of the service, or cannot ask for it now"},
    {"unknown host", HP_UNAVAILABLE, false, "the bastion does not know the name of the service"},
    {"open failed", HP_UNAVAILABLE, false,
     "the bastion cannot reach the service; is it running, are name and port right?"},
    {"not responding", HP_UNAVAILABLE, false, "the bastion stopped answering"},
    {"Connection refused", HP_UNAVAILABLE, false,
     "nothing listens at the bastion's port; check --host and --port"},
    {"timed out", HP_UNAVAILABLE, false,
     "the bastion does not answer; check --host, and that this network may reach it"},
    {"No route to host", HP_UNAVAILABLE, false, "there is no way to the bastion from this network"},
    {"Network is unreachable", HP_UNAVAILABLE, false, "there is no way to the bastion from this network"},
    {"kex_exchange_identification", HP_UNAVAILABLE, false,
     "what answers at the bastion's port is no ssh server, or turns us away"},
    {"Connection closed", HP_UNAVAILABLE, false, "the bastion closed the connection"},
    {"Connection reset", HP_UNAVAILABLE, false, "the bastion broke the connection off"},
    {"no such program on PATH", HP_UNAVAILABLE, false,
     "a program is missing; install openssh-client, for ssm the AWS CLI and its session manager plugin"},
    {"SessionManagerPlugin is not found", HP_UNAVAILABLE, false, "install the AWS session manager plugin"},
    {"TargetNotConnected", HP_UNAVAILABLE, false, "the instance is not connected to Session Manager"},
    {"AccessDenied", HP_NOPERM, false, "AWS does not allow this session"},
    {"Unable to locate credentials", HP_NOPERM, false, "there are no AWS credentials; log in first"},
    {"ExpiredToken", HP_NOPERM, false, "the AWS credentials have expired; log in again"},
};

/* The line that a place is in, without what a terminal would obey. */
static hp_str line_around(hp_str log, size_t at) {
    size_t from = at, to = at;
    while (from > 0 && log.p[from - 1] != '\n') from--;
    while (to < log.n && log.p[to] != '\n' && log.p[to] != '\r') to++;
    return hp_str_trim(hp_str_cut(log, from, to - from > 300 ? from + 300 : to));
}

hp_code hp_tunnel_reason(hp_str log, const hp_tunnel_plan *p, bool *port_taken, hp_err *err) {
    for (size_t i = 0; i < sizeof SAYINGS / sizeof *SAYINGS; i++) {
        const saying *s = &SAYINGS[i];
        size_t at = hp_str_find(log, hp_str_of(s->says), 0);
        if (at == SIZE_MAX) continue;
        hp_str line = line_around(log, at);
        const char *program = p->via == HP_VIA_SSM ? "aws" : "ssh";
        if (port_taken) *port_taken = s->port;
        return s->code == HP_NOPERM ? hp_fail(err, HP_NOPERM, "%s: %s (%s says: %.*s)", p->host, s->means,
                                              program, HP_FMT(line))
                                    : hp_fail(err, HP_UNAVAILABLE, "%s: %s (%s says: %.*s)", p->host,
                                              s->means, program, HP_FMT(line));
    }
    return HP_OK;
}
