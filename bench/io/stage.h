/* Timing of one step inside a program: CPU of all its threads, wall, and how far memory rose meanwhile.
 * Prints one line that bench/io/run reads: stage=NAME cpu=S wall=S rise=MIB. */
#ifndef BENCH_IO_STAGE_H
#define BENCH_IO_STAGE_H

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

typedef struct stage_t0 {
    double cpu, wall, rss;
} stage_t0;

static inline double stage_cpu(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec)
           + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static inline double stage_wall(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* A number of /proc/self/status, in MiB. */
static inline double stage_status(const char *key) {
    char line[256];
    double kib = 0;
    FILE *f = fopen("/proc/self/status", "re");
    while (f && fgets(line, sizeof line, f))
        if (strncmp(line, key, strlen(key)) == 0) kib = strtod(line + strlen(key) + 1, NULL);
    if (f) fclose(f);
    return kib / 1024;
}

/* Begins a step; forgets the peak that the one before left behind (proc(5), clear_refs). */
static inline stage_t0 stage_begin(void) {
    malloc_trim(0);
    FILE *f = fopen("/proc/self/clear_refs", "we");
    if (f) {
        fputs("5", f);
        fclose(f);
    }
    return (stage_t0){.cpu = stage_cpu(), .wall = stage_wall(), .rss = stage_status("VmRSS:")};
}

static inline void stage_end(const char *name, stage_t0 since) {
    printf("stage=%s cpu=%.4f wall=%.4f rise=%.1f\n", name, stage_cpu() - since.cpu,
           stage_wall() - since.wall, stage_status("VmHWM:") - since.rss);
}

#endif
