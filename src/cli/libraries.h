/* The libraries that the program is linked with, for `version` and the doctor. */
#ifndef HP_CLI_LIBRARIES_H
#define HP_CLI_LIBRARIES_H

#include "base/arena.h"
#include "ops/doctor/doctor.h"

/** How many libraries can tell their version. */
enum { HP_LIBRARIES = 9 };

/** Ask each library that is linked for its version, where it can tell, and name the one compiled against. */
void hp_cli_libraries(hp_arena *a, hp_doctor_library list[HP_LIBRARIES]);

#endif
