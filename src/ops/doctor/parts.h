/* Private to src/ops/doctor: what is gathered once for all checks, and how a check says what it found. */
#ifndef HP_OPS_DOCTOR_PARTS_H
#define HP_OPS_DOCTOR_PARTS_H

#include <sys/types.h>

#include "ops/doctor/doctor.h"
#include "profile/profile.h"

/** Hold facts of the machine, so that a test can put others in their place. */
typedef struct hp_doctor_facts {
    int64_t now;        /**< the system's clock, seconds since 1970; SOURCE_DATE_EPOCH does not count here */
    int64_t newest;     /**< newest modification time among what we looked at; 0 = none */
    hp_str newest_path; /**< and whose it is */
    bool disk_known;
    uint64_t disk_free,
        inodes_free; /**< of the output's file system; inodes 0 with inodes_total 0 = not counted there */
    uint64_t inodes_total;
    uint64_t input_bytes;                          /**< of the files in the input directory */
    uint64_t memory_available;                     /**< bytes; 0 = not known */
    uint64_t memory_limit;                         /**< of the control group; 0 = none */
    uint64_t open_files, file_size, address_space; /**< soft limits; UINT64_MAX = none */
    mode_t umask;
    uid_t user;
    hp_str charset_from, charset; /**< the locale variable that decides, and its value; empty = none is set */
    hp_str zone, tmp;             /**< TZ as set (empty = not), TMPDIR or /tmp */
} hp_doctor_facts;

/** Hold one file of the input directory. */
typedef struct hp_doctor_input {
    hp_str name, path;
    uint64_t bytes;
} hp_doctor_input;

/** Hold what the services said (checks_services.c). */
typedef struct hp_doctor_services hp_doctor_services;

/** Hold one visit: what is asked, what was gathered, what was done. */
struct hp_doctor {
    hp_arena *a;
    const hp_doctor_options *o;
    bool oom, dry_run;
    hp_doctor_facts facts;
    hp_config config;
    hp_str config_lines; /**< errors of the configuration, one a line */
    const char *input_dir, *output_path, *dist_dir, *state_dir;
    hp_code input_code; /**< of listing the input directory */
    hp_str input_error;
    size_t ninput;
    hp_doctor_input *input; /**< files that refine would read, by name */
    size_t nother;
    hp_str *other;       /**< the other names there */
    hp_str profile_path; /**< empty when it was not found */
    hp_str profile_error;
    hp_str profile_lines; /**< errors of the profile, one a line */
    size_t profile_errors;
    const hp_profile *profile;          /**< NULL when it cannot be loaded */
    const hp_doctor_services *services; /**< NULL = not asked */
    hp_doctor_actions actions;
    const hp_doctor_check *mending; /**< the check whose mend runs */
};

/* gather.c */
/** Gather facts, configuration, profile and inputs. Errors: as hp_doctor_open. */
hp_code hp_doctor_gather(hp_doctor *d, hp_err *err);

/* doctor.c */
/** Say what was looked at, what should be and what is; each formatted text may be NULL to keep what is there.
 */
void hp_doctor_ran(hp_doctor *d, hp_doctor_result *r, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/** Say what should be. */
void hp_doctor_expected(hp_doctor *d, hp_doctor_result *r, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/** Say what is. */
void hp_doctor_got(hp_doctor *d, hp_doctor_result *r, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/** Say that it is not well, and what to do next: a note or a finding, as the check's severity has it. */
void hp_doctor_bad(hp_doctor *d, hp_doctor_result *r, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/** Say that it could not be looked at, and why. */
void hp_doctor_skip(hp_doctor *d, hp_doctor_result *r, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/** Add a line about one thing at fault. */
void hp_doctor_detail(hp_doctor *d, hp_doctor_result *r, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/** Add the lines of a text. */
void hp_doctor_lines(hp_doctor *d, hp_doctor_result *r, hp_str lines);
/** Format into the doctor's arena; "" and a mark when out of memory. */
hp_str hp_doctor_text(hp_doctor *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/** Ask the program itself how it maps the inputs: what `hotpass map --json` prints, with its exit status;
 * *doc is NULL unless that is 0. `said` gets what it says. Errors: HP_NOINPUT, HP_IO, HP_CONFIG, HP_RETRY. */
hp_code hp_doctor_map(hp_doctor *d, hp_node **doc, int *status, hp_buf *said, hp_err *err);
/** Ask all services that somebody names, at once, for three seconds at most. */
void hp_doctor_ask_services(hp_doctor *d);
/** Tell whether a name is that of a temporary file of a run, by its form (base/file.h: hidden, 16 hex digits,
 * .tmp). */
bool hp_doctor_is_leftover(hp_str name);
/** Call `fn` for each leftover older than an hour in the places where outputs go. */
void hp_doctor_leftovers(hp_doctor *d, void (*fn)(hp_doctor *d, hp_str path, void *ctx), void *ctx);
/** Call `fn` for each lock file in the state directory whose process is gone. */
void hp_doctor_stale_locks(hp_doctor *d, void (*fn)(hp_doctor *d, hp_str path, void *ctx), void *ctx);
/** List the directories that a workspace has; NULL-terminated. */
const char **hp_doctor_directories(hp_doctor *d);
/** Call `fn` for each file with secrets (store of credentials, its key, .env files) that others may read. */
void hp_doctor_open_secrets(hp_doctor *d, void (*fn)(hp_doctor *d, hp_str path, void *ctx), void *ctx);
/** List the patterns that .gitignore lacks; NULL-terminated, none when this is no git work tree. */
const char **hp_doctor_unignored(hp_doctor *d);

#define HP_DOCTOR_LOOK(name) void hp_look_##name(hp_doctor *d, hp_doctor_result *r)
#define HP_DOCTOR_MEND(name) hp_code hp_mend_##name(hp_doctor *d, hp_err *err)

/* The checks: checks_machine.c, checks_workspace.c, checks_config.c, checks_profile.c,
 * checks_services.c. */
HP_DOCTOR_LOOK(libraries);
HP_DOCTOR_LOOK(locale);
HP_DOCTOR_LOOK(zone);
HP_DOCTOR_LOOK(clock);
HP_DOCTOR_LOOK(disk);
HP_DOCTOR_LOOK(inodes);
HP_DOCTOR_LOOK(memory);
HP_DOCTOR_LOOK(limits);
HP_DOCTOR_LOOK(umask);
HP_DOCTOR_LOOK(tmp);
HP_DOCTOR_LOOK(programs);
HP_DOCTOR_LOOK(input_dir);
HP_DOCTOR_LOOK(output);
HP_DOCTOR_LOOK(directories);
HP_DOCTOR_LOOK(permissions);
HP_DOCTOR_LOOK(leftovers);
HP_DOCTOR_LOOK(locks);
HP_DOCTOR_LOOK(open_books);
HP_DOCTOR_LOOK(gitignore);
HP_DOCTOR_LOOK(last_run);
HP_DOCTOR_LOOK(spool);
HP_DOCTOR_LOOK(config);
HP_DOCTOR_LOOK(precedence);
HP_DOCTOR_LOOK(owner);
HP_DOCTOR_LOOK(review);
HP_DOCTOR_LOOK(intent);
HP_DOCTOR_LOOK(secret_files);
HP_DOCTOR_LOOK(credentials);
HP_DOCTOR_LOOK(tunnels);
HP_DOCTOR_LOOK(expiry);
HP_DOCTOR_LOOK(prefect);
HP_DOCTOR_LOOK(marquez);
HP_DOCTOR_LOOK(telemetry);
HP_DOCTOR_LOOK(skew);
HP_DOCTOR_LOOK(profile);
HP_DOCTOR_LOOK(patterns);
HP_DOCTOR_LOOK(unclaimed);
HP_DOCTOR_LOOK(suites);
HP_DOCTOR_LOOK(mapping);

/* mend.c */
HP_DOCTOR_MEND(directories);
HP_DOCTOR_MEND(leftovers);
HP_DOCTOR_MEND(locks);
HP_DOCTOR_MEND(gitignore);
HP_DOCTOR_MEND(owner);
HP_DOCTOR_MEND(review);
HP_DOCTOR_MEND(secret_files);

#endif
