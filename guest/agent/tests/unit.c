#include "unit.h"
#include "../system.h"
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int checks, failures;
static char base[] = "/tmp/agent-unit.XXXXXX";

void check(bool good, const char *what, const char *file, int line) {
    checks++;
    if (!good) {
        failures++;
        (void)fprintf(stderr, "%s:%d: not true: %s\n", file, line, what);
    }
}

void check_text(const char *expected, const char *actual, const char *file, int line) {
    checks++;
    if (actual == NULL || strcmp(expected, actual) != 0) {
        failures++;
        (void)fprintf(stderr, "%s:%d: expected \"%s\", was \"%s\"\n", file, line, expected, actual == NULL ? "(null)" : actual);
    }
}

static void must(bool good, const char *what) {
    if (!good) {
        perror(what);
        exit(2);
    }
}

int text_file(const char *text) {
    int fd = memfd_create("text", MFD_CLOEXEC);
    must(fd >= 0 && write_all(fd, text, strlen(text)) && lseek(fd, 0, SEEK_SET) == 0, "memfd");
    return fd;
}

const char *directory(void) {
    static char path[PATH_MAX];
    static int number;
    (void)snprintf(path, sizeof path, "%s/%d", base, number++);
    must(mkdir(path, 0755) == 0, path);
    return path;
}

void write_file(const char *directory, const char *name, const char *text) {
    char path[PATH_MAX];
    struct failure failure;
    (void)snprintf(path, sizeof path, "%s/%s", directory, name);
    *strrchr(path, '/') = 0;
    must(make_directories(path, &failure), path);
    path[strlen(path)] = '/';
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    must(fd >= 0 && write_all(fd, text, strlen(text)), path);
    close_fd(&fd);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *position) {
    (void)status;
    (void)type;
    (void)position;
    return remove(path);
}

int main(void) {
    must(mkdtemp(base) != NULL, base);
    frames_tests();
    draft_tests();
    lines_tests();
    users_tests();
    lookup_tests();
    streams_tests();
    cgroup_tests();
    root_tests();
    mounts_tests();
    seccomp_tests();
    tar_tests();
    archive_tests();
    (void)nftw(base, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    printf("%d checks, %d failures\n", checks, failures);
    return failures == 0 ? 0 : 1;
}
