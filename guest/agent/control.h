// The connection that frames go over.
#ifndef CONTROL_H
#define CONTROL_H
#include "failure.h"
#include "frames.h"
#include <stdbool.h>

// Connects, and blocks until both have said hello. *host_nanos is the host's clock since 1970 began, 0 if it did not say.
bool control_open(uint64_t *host_nanos, struct failure *failure);

// A turn of the loop: what to wait for, then what came. Next gives one frame after the other until there is none; it is valid until the next call.
void control_prepare(void);
void control_run(void);
bool control_next(struct frame *frame);

// True once the host has gone, or has sent what is no frame.
bool control_is_lost(void);

// Whether everything has been handed to the kernel.
bool control_is_flushed(void);

// One frame at a time: begin, write, send.
struct writer control_begin(uint32_t id, enum frame_type type);
void control_send(struct writer *writer);
void control_send_error(uint32_t id, enum frame_type request, const struct failure *failure);
#endif
