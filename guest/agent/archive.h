// Files as tar archives, and what was written in a container as a list or as an image's layer.
#ifndef ARCHIVE_H
#define ARCHIVE_H
#include "failure.h"
#include <stdbool.h>

// Writes what a directory has by that name, and all below it. The archive calls it prefix; "" leaves it out itself. It does not step into /proc, /sys
// and the like. Sockets are left out.
bool archive_write(int out, int directory, const char *name, const char *prefix, struct failure *failure);

// Writes an overlay's upper directory as a layer, with whiteouts as the OCI image specification has them.
bool archive_write_layer(int out, int upper, struct failure *failure);

// Writes what an overlay's upper directory has changed in its lower one: for each A, C or D (added, changed, deleted), its path, and a zero byte.
bool archive_write_changes(int out, int upper, int lower, struct failure *failure);
#endif
