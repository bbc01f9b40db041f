/* Outcome codes: every function that can fail returns one, and the process exits with it. */
#ifndef HP_BASE_CODE_H
#define HP_BASE_CODE_H

/** Name the outcome of a call; the values are the exit codes of the program (sysexits.h where it has one). */
typedef enum hp_code {
    HP_OK = 0,
    HP_FINDINGS = 1,     /**< the command worked; checks failed, drift or mismatch was found */
    HP_USAGE = 2,        /**< the command line is wrong */
    HP_PARTIAL = 3,      /**< some inputs were skipped, and are listed */
    HP_DATA = 65,        /**< an input is malformed or over a limit */
    HP_NOINPUT = 66,     /**< an input is missing or cannot be read */
    HP_UNAVAILABLE = 69, /**< a service is unavailable */
    HP_BUG = 70,         /**< an inner contradiction, ours to mend */
    HP_CANTCREAT = 73,   /**< an output cannot be created */
    HP_IO = 74,          /**< reading or writing failed (disk full, broken device) */
    HP_RETRY = 75,       /**< a passing fault: try again later; also "out of memory" */
    HP_NOPERM = 77,      /**< permission denied, host key unknown */
    HP_CONFIG = 78,      /**< a profile, map or config file is wrong */
    HP_SIGINT = 130,     /**< ended by an interrupt */
    HP_SIGTERM = 143     /**< ended by a termination request */
} hp_code;

#endif
