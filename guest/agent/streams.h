// Pumps: bytes from a descriptor to another, as fast as both like. One connection to the host for each, so that its flow control is the
// connection's, and its end too.
#ifndef STREAMS_H
#define STREAMS_H
#include <stdbool.h>
#include <stdint.h>

enum { STREAMS_MAX = 384 };

// Takes over two non-blocking descriptors. The owner is a number of the caller's. False if there are too many; both are closed then.
bool stream_start(int owner, int from, int to);

// Ends all pumps of the owner, whatever they still have.
void streams_stop(int owner);

// For a turn of the loop: what to wait for, and what to do after it.
void streams_prepare(void);
void streams_run(void);

// Of all owners.
int streams_count(void);
#endif
