// Runs the loops of loops.S on the host's processor and prints the nanoseconds of each on a line.
#include <stdio.h>
#include <time.h>

extern void (*loops[])(void);

static long now_nanos(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000L + now.tv_nsec;
}

int main(void) {
    for (int i = 0; loops[i] != NULL; i++) {
        long begin = now_nanos();
        loops[i]();
        printf("%ld\n", now_nanos() - begin);
    }
    return 0;
}
