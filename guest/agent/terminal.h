// A pseudo-terminal of the container's own.
#ifndef TERMINAL_H
#define TERMINAL_H
#include "failure.h"

// For a session leader whose root is the container's: makes a terminal, makes it the controlling one and the standard streams, and gives its
// other end; -1 if it fails. As the console too, if the process is the container's first.
int terminal_open(unsigned rows, unsigned columns, bool is_console, struct failure *failure);

bool terminal_resize(int terminal, unsigned rows, unsigned columns);
#endif
