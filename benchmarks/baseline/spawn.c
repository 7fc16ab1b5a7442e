// A program from exec to its first byte of output, and what it then holds of memory.
#define _GNU_SOURCE
#include "baseline.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static long field_kib(pid_t pid, const char *file, const char *field) {
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, file);
    FILE *stream = fopen(path, "r");
    if (stream == NULL) {
        fail(path);
    }
    long value = -1;
    while (value < 0 && fgets(line, sizeof line, stream) != NULL) {
        if (strncmp(line, field, strlen(field)) == 0) {
            value = strtol(line + strlen(field), NULL, 10);
        }
    }
    fclose(stream);
    return value;
}

// Resident KiB of the mapping that is the guest's memory: the only one of at least its size and less than 4 MiB more.
static long guest_resident_kib(pid_t pid, long guest_mib) {
    char path[64], line[512];
    snprintf(path, sizeof path, "/proc/%d/smaps", (int)pid);
    FILE *stream = fopen(path, "r");
    if (stream == NULL) {
        fail(path);
    }
    long size = 0, resident = -1;
    int writable = 0;
    while (fgets(line, sizeof line, stream) != NULL) {
        unsigned long begin, end;
        char access[8];
        if (sscanf(line, "%lx-%lx %7s", &begin, &end, access) == 3) {
            size = (end - begin) >> 10;
            writable = access[1] == 'w';
        } else if (strncmp(line, "Rss:", 4) == 0 && writable && size >= guest_mib << 10 && size < (guest_mib + 4) << 10) {
            resident = strtol(line + 4, NULL, 10);
        }
    }
    fclose(stream);
    return resident;
}

int spawn_main(int measure_memory, long guest_mib, char **command) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) {
        fail("pipe2");
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    pid_t pid;
    int64_t begin = now_nanos();
    if ((errno = posix_spawnp(&pid, command[0], &actions, NULL, command, environ)) != 0) {
        fail(command[0]);
    }
    close(ends[1]);
    char byte;
    ssize_t got = read(ends[0], &byte, 1);
    int64_t nanos = now_nanos() - begin;
    long peak = 0, guest = 0;
    if (got == 1 && measure_memory) {
        usleep(500000); // what starts late is to be there
        peak = field_kib(pid, "status", "VmHWM:");
        guest = guest_resident_kib(pid, guest_mib);
    }
    kill(pid, SIGKILL);
    int status;
    struct rusage usage;
    wait4(pid, &status, 0, &usage);
    long cpu = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000L
        + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000L;
    if (got != 1) {
        fprintf(stderr, "baseline: %s ended without output\n", command[0]);
        return 1;
    }
    if (measure_memory && guest < 0) {
        fprintf(stderr, "baseline: no mapping of %ld MiB in %s\n", guest_mib, command[0]);
        return 1;
    }
    if (measure_memory) {
        printf("%ld %ld\n", peak - guest, guest);
    } else {
        printf("%ld %ld\n", (long)nanos, cpu);
    }
    return 0;
}
