// What the host asks of the container's files. Each is done by a process of its own, outside of the container: it may take long.
#ifndef TRANSFER_H
#define TRANSFER_H
#include "failure.h"
#include "frames.h"
#include <stdbool.h>

enum { TRANSFERS_MAX = 16 };

enum transfer_flag {
    TRANSFER_BARE = 1, // the root as it is, without what is mounted in it
    TRANSFER_FOLLOW = 2, // a link at the path's end
    TRANSFER_OWNERS = 4, // as the archive has them
    TRANSFER_LAYER = 8, // an archive in the place of a list
};

// Begins what a frame asks for: STAT, ARCHIVE, EXTRACT or CHANGES. What becomes of it is told to the host later.
bool transfer_start(const struct frame *frame, struct failure *failure);

// For a turn of the loop.
void transfers_prepare(void);
void transfers_run(void);

// Ends all that are left.
void transfers_end(void);
#endif
