// What poll(2) waits for in one turn of the agent's loop.
#ifndef LOOP_H
#define LOOP_H
#include <stdbool.h>

enum { LOOP_MAX = 1024 };

// Forgets what was waited for.
void loop_clear(void);

// Waits for that too. Gives its number in this turn, or -1 if there is nothing to wait for.
int loop_add(int fd, short events);

// Waits until something happens, or for at most so many milliseconds (-1: for ever). False if poll failed, or the time is over.
bool loop_wait(int milliseconds);

// What happened to the one of that number; nothing to -1.
short loop_events(int number);
#endif
