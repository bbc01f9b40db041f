#include "net/ports.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/banned.h"

int hp_port_hold(int wanted, int *port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)wanted)};
    socklen_t n = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0) return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0
        || bind(fd, (struct sockaddr *)&at, sizeof at) != 0
        || getsockname(fd, (struct sockaddr *)&at, &n) != 0) {
        close(fd);
        return -1;
    }
    *port = ntohs(at.sin_port);
    return fd;
}

/* Finds the socket that listens on 127.0.0.1:port; 0 when there is none. */
static unsigned long listener(int port) {
    FILE *f = fopen("/proc/net/tcp", "re");
    if (!f) return 0;
    char line[512];
    unsigned long found = 0;
    while (!found && fgets(line, sizeof line, f)) {
        unsigned address, at, state;
        unsigned long inode;
        if (sscanf(line, " %*d: %8X:%4X %*8X:%*4X %2X %*s %*s %*s %*s %*s %lu", &address, &at, &state, &inode)
                == 4
            && state == 0x0A && at == (unsigned)port && address == htonl(INADDR_LOOPBACK))
            found = inode;
    }
    fclose(f);
    return found;
}

static bool has_socket(pid_t pid, unsigned long inode) {
    char path[64], wanted[64], target[64];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    int n = snprintf(wanted, sizeof wanted, "socket:[%lu]", inode);
    DIR *d = opendir(path);
    if (!d) return false;
    bool found = false;
    for (struct dirent *e; !found && (e = readdir(d));) {
        ssize_t got = readlinkat(dirfd(d), e->d_name, target, sizeof target);
        found = got == n && memcmp(target, wanted, (size_t)n) == 0;
    }
    closedir(d);
    return found;
}

static bool session_has_socket(pid_t session, unsigned long inode) {
    DIR *d = opendir("/proc");
    if (!d) return false;
    bool found = false;
    for (struct dirent *e; !found && (e = readdir(d));) {
        int64_t pid;
        if (!hp_str_i64(hp_str_of(e->d_name), &pid) || pid <= 0) continue;
        found = getsid((pid_t)pid) == session && has_socket((pid_t)pid, inode);
    }
    closedir(d);
    return found;
}

hp_port_state hp_port_look(const hp_process *leg, int port) {
    unsigned long inode = listener(port);
    if (inode == 0) return HP_PORT_SILENT;
    bool ours = has_socket(leg->pid, inode) || session_has_socket(leg->pid, inode);
    return ours && hp_process_alive(leg) ? HP_PORT_OURS : HP_PORT_OTHERS;
}
