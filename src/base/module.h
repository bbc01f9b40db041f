/* Libraries that are loaded on first use and not linked, because finding and relocating them would cost the
 * start of every command more than the command: libcurl alone brings thirty others. */
#ifndef HP_BASE_MODULE_H
#define HP_BASE_MODULE_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/err.h"

/** Name a function of a library and the variable that takes its address. */
typedef struct hp_module_function {
    const char *name;
    void *at; /**< a pointer to function; NULL until the library is loaded */
} hp_module_function;

/** Describe a library to load: a static variable of the file that calls it. */
typedef struct hp_module {
    const char *file;    /**< "libcurl.so.4", or one of ours: "libhotpass_phone.so" */
    const char *built;   /**< ours: the folder within the build folder; NULL = the system's */
    const char *install; /**< what to do when it is missing: "install the package libcurl4" */
    const hp_module_function *function;
    size_t functions;
    atomic_bool loaded; /**< the loader's own */
} hp_module;

/** Load a library unless that was done, and fill in the addresses of its functions; safe from any thread. It
 * stays loaded until the program ends. One of ours is taken from the build folder by a program that runs
 * there, else from the library directory of the installation, or, when that was moved as a whole, from
 * ../lib/hotpass beside the program. Errors: HP_CONFIG, with the loader's reason and what to install; the
 * next call tries again. */
hp_code hp_module_load(hp_module *m, hp_err *err);

#endif
