#include "seccomp.h"

bool seccomp_confine(uint64_t capabilities, struct failure *failure) {
    (void)capabilities;
    (void)failure;
    return true;
}
