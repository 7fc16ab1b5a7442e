// System calls that a container may make, as docker's default profile has them.
#ifndef SECCOMP_H
#define SECCOMP_H
#include "failure.h"

// Confines the calling process for good. More capabilities allow more calls.
bool seccomp_confine(uint64_t capabilities, struct failure *failure);
#endif
