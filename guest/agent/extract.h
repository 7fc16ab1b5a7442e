// Tar archives as files.
#ifndef EXTRACT_H
#define EXTRACT_H
#include "failure.h"
#include <stdbool.h>

// Makes what the archive has in a directory, which is named by its path below the root; nothing outside the root is touched, whatever the archive
// and links say. Where owners is false everything is user 0's and group 0's. Reads to the archive's end, and no further than the descriptor's.
bool extract_read(int in, int root, const char *path, bool owners, struct failure *failure);
#endif
