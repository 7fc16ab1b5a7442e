// A directory's entries, and paths below a root that no link leads out of.
#ifndef NAMES_H
#define NAMES_H
#include "failure.h"
#include <stdbool.h>
#include <stddef.h>

struct names {
    char **at;
    size_t count;
};

// In the order of their bytes, without "." and "..". The descriptor stays open.
bool names_read(int directory, struct names *names, struct failure *failure);
void names_free(struct names *names);

// As open(2), with the root in the place of "/" for the path, its links and its "..".
int open_below(int root, const char *path, int flags);
#endif
