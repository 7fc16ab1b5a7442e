// The container's root file system, put together from disks.
#ifndef ROOT_H
#define ROOT_H
#include "draft.h"
#include <stddef.h>

// The directory, mounted as the draft says: a directory that is there, or a read-only disk with a writable one above it. NULL if it fails.
const char *root_assemble(const struct draft *draft, struct failure *failure);

// The directory as it was assembled, or NULL before.
const char *root_directory(void);

// What is written, and what lies below it. False unless the root was put together of these.
bool root_layers(const char **upper, const char **lower);

// Finds the disk of that serial number in a directory like /sys/block; gives its name.
bool root_find_disk(const char *directory, const char *serial, char *name, size_t size, struct failure *failure);

// Writes back what was written, and makes file systems of disks read-only.
void root_finish(void);
#endif
