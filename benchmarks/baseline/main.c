// Usage: baseline serve LISTINGS            commands on standard input, one line of answer each
//        baseline start COMMAND...          nanoseconds from exec to the first byte of output, and of CPU time until then
//        baseline memory MIB COMMAND...     peak resident KiB less those of the guest's MIB, and the guest's
#include "baseline.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *listings;

static int serve(void) {
    char line[128], name[32], kind[32];
    long count, extra, size;
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (sscanf(line, "exits %31s %ld", kind, &count) == 2) {
            exits_command(kind, count);
        } else if (sscanf(line, "tail %31s %ld", kind, &count) == 2) {
            tail_command(kind, count);
        } else if (sscanf(line, "ioctl %ld", &count) == 1) {
            ioctl_command(count);
        } else if (sscanf(line, "interrupts %31s %ld", kind, &count) == 2) {
            interrupts_command(kind, count);
        } else if (sscanf(line, "%31s %ld %ld", name, &count, &extra) == 3 && strcmp(name, "create") == 0) {
            create_command(count, extra);
        } else if (sscanf(line, "%31s %ld %ld", name, &count, &extra) == 3 && strcmp(name, "many") == 0) {
            many_command(count, extra);
        } else if (sscanf(line, "forward %31s", name) == 1) {
            forward_command(name);
        } else if (sscanf(line, "load %31s %ld %ld %ld", name, &count, &extra, &size) == 4) {
            load_command(name, count, extra, size);
        } else {
            fprintf(stderr, "baseline: unknown command: %s", line);
            return 2;
        }
        fflush(stdout);
    }
    return 0;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "serve") == 0) {
        listings = argv[2];
        return serve();
    }
    if (argc >= 3 && strcmp(argv[1], "start") == 0) {
        return spawn_main(0, 0, argv + 2);
    }
    if (argc >= 4 && strcmp(argv[1], "memory") == 0) {
        return spawn_main(1, strtol(argv[2], NULL, 10), argv + 3);
    }
    fprintf(stderr, "usage: baseline serve LISTINGS | start COMMAND... | memory MIB COMMAND...\n");
    return 2;
}
