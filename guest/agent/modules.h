// The kernel's modules that a machine needs before anything else.
#ifndef MODULES_H
#define MODULES_H
#include "failure.h"
#include <stdbool.h>

// Loads those of a directory, in the order of its file "order": lines of a file and of the number of the virtio device that wants it, 0 for
// always. What is there already is no failure, and neither is a directory that is not: the kernel may have all of it.
bool modules_load(const char *directory, struct failure *failure);
#endif
