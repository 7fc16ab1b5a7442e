// Where a command is.
#ifndef LOOKUP_H
#define LOOKUP_H
#include "failure.h"
#include <stddef.h>

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Finds the file that a command names, for the user that the process is: by the directories of path if there is no slash in it.
bool lookup_command(const char *command, const char *path, char *file, size_t size, struct failure *failure);
#endif
