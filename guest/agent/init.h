// What --init asks for: a first process that hands signals on and reaps.
#ifndef INIT_H
#define INIT_H
#include "failure.h"

// Starts a second process, and returns in it, false only if it can't. The calling process stays behind as init: it keeps no descriptor but the
// standard streams, and ends with the second one, by its status or by 128 and the number of the signal that ended it.
bool init_split(struct failure *failure);
#endif
