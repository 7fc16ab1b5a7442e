// What process 1 of a machine does for the machine.
#ifndef MACHINE_H
#define MACHINE_H
#include "failure.h"

// Mounts what the agent itself needs, and brings the loopback interface up.
bool machine_begin(struct failure *failure);

bool machine_set_time(uint64_t nanos_since_1970, struct failure *failure);

// Switches the machine off. Does nothing where this is not process 1.
void machine_power_off(void);
#endif
