// The processes that the host asked for: from its frame to its acknowledgement of their end.
#ifndef PROCESS_H
#define PROCESS_H
#include "draft.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { PROCESSES_MAX = 128 };

// Starts what the draft describes; an error has been told to the host. is_first: the container's first, of which there is one.
bool process_start(struct draft *draft, bool is_first, struct failure *failure);

// Reaps all that have ended. The only caller of waitpid(2) in this process.
void process_reap(void);

// For a turn of the loop: processes that are on their way to exec.
void process_prepare(void);
void process_run(void);

bool process_signal(uint32_t id, int number, bool group, struct failure *failure);
bool process_resize(uint32_t id, uint16_t rows, uint16_t columns, struct failure *failure);

// The host knows the end, and has what it wants of the streams.
bool process_acknowledge(uint32_t id, struct failure *failure);

// Whether the first process has ended, and the host knows it.
bool process_is_over(void);

// A descriptor of the first process while it runs, or -1; it stays this module's.
int process_container(void);

// Kills what is left, and reaps it; false if some do not end.
bool process_end_all(void);
#endif
