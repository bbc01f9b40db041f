/* Include last: makes the compiler refuse the functions that style.md bans, with what to use instead. */
#ifndef HP_BASE_BANNED_H
#define HP_BASE_BANNED_H

/* No bound on what they write: hp_buf, hp_arena_printf, snprintf. */
#pragma GCC poison strcpy strcat stpcpy sprintf vsprintf gets strncpy strncat
/* Hidden state, or no way to report an error: hp_str_next, hp_str_i64, hp_str_f64. */
#pragma GCC poison strtok strtok_r atoi atol atoll atof
/* A shell in between, names that are raced for: hp_proc_run, hp_out_begin. */
#pragma GCC poison system popen tmpnam tempnam mktemp
/* Time zones of the machine, the locale of the user: base/clock.h, hp_is_*, hp_lower, hp_str_ieq. */
#pragma GCC poison gmtime localtime ctime asctime mktime strftime setlocale
#pragma GCC poison isalpha isalnum isdigit isspace isupper islower toupper tolower strcasecmp strncasecmp

#endif
