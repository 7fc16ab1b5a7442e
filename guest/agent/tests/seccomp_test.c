#include "unit.h"

void seccomp_tests(void) {
}
