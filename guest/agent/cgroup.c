#include "cgroup.h"
#include "devices.h"
#include "system.h"
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define GROUP "container"

enum { FREEZE_TRIES = 200, FREEZE_PAUSE_NANOS = 1000 * 1000 };

static const char *hierarchy;

void cgroup_use(const char *directory) {
    hierarchy = directory;
}

static bool path_of(char path[PATH_MAX], const char *name) {
    int size = snprintf(path, PATH_MAX, "%s/" GROUP "/%s", hierarchy, name);
    return size >= 0 && size < PATH_MAX;
}

static bool set(const char *name, const char *value, struct failure *failure) {
    char path[PATH_MAX];
    if (!path_of(path, name) || !write_text_file(path, value)) {
        return fail_errno(failure, "cannot set the container's %s to %s", name, value);
    }
    return true;
}

static bool set_number(const char *name, uint64_t value, struct failure *failure) {
    char text[24];
    if (value == 0) {
        return true;
    }
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)value);
    return set(name, text, failure);
}

// Controllers for the groups below; those that the kernel lacks are missed when a limit needs them.
static void enable_controllers(void) {
    static const char *const CONTROLLERS[] = {"+cpu", "+memory", "+pids", "+io"};
    char path[PATH_MAX];
    if (!join_path(path, sizeof path, hierarchy, "cgroup.subtree_control")) {
        return;
    }
    for (size_t i = 0; i < sizeof CONTROLLERS / sizeof CONTROLLERS[0]; i++) {
        (void)write_text_file(path, CONTROLLERS[i]);
    }
}

bool cgroup_make(const struct draft *draft, struct failure *failure) {
    char path[PATH_MAX], cpu[48];
    if (hierarchy == NULL) {
        return (draft->memory_max == 0 && draft->pids_max == 0 && draft->cpu_quota == 0)
            || fail(failure, STATUS_FAILED, "there are no control groups for limits of memory, processors or processes");
    }
    enable_controllers();
    if (!join_path(path, sizeof path, hierarchy, GROUP) || (mkdir(path, 0755) < 0 && errno != EEXIST)) {
        return fail_errno(failure, "cannot make the container's control group");
    }
    // Of one that may do everything nothing is kept. Whatever it may open is its own machine's: a kernel that can't deny it runs it all the same.
    if (!(draft->unmasked && draft->unconfined) && !devices_confine(path, failure)) {
        (void)fprintf(stderr, "agent: %s\n", failure->line);
    }
    if (!set_number("memory.max", draft->memory_max, failure) || !set_number("pids.max", draft->pids_max, failure)) {
        return false;
    }
    // All of the container ends with the one that the kernel would choose, so that none is left half alive.
    if (draft->memory_max != 0 && !set("memory.oom.group", "1", failure)) {
        return false;
    }
    if (draft->cpu_quota == 0) {
        return true;
    }
    (void)snprintf(cpu, sizeof cpu, "%llu %llu", (unsigned long long)draft->cpu_quota,
        (unsigned long long)(draft->cpu_period == 0 ? 100000 : draft->cpu_period));
    return set("cpu.max", cpu, failure);
}

bool cgroup_join(struct failure *failure) {
    return hierarchy == NULL || set("cgroup.procs", "0", failure);
}

static bool read_group_file(const char *name, char *text, size_t size) {
    char path[PATH_MAX];
    return hierarchy != NULL && path_of(path, name) && read_text_file(path, text, size);
}

bool cgroup_freeze(bool freeze, struct failure *failure) {
    const struct timespec pause = {.tv_nsec = FREEZE_PAUSE_NANOS};
    char text[512];
    if (hierarchy == NULL) {
        return fail(failure, STATUS_FAILED, "there are no control groups to freeze");
    }
    if (!set("cgroup.freeze", freeze ? "1" : "0", failure)) {
        return false;
    }
    for (int i = 0; freeze && i < FREEZE_TRIES; i++) {
        if (read_group_file("cgroup.events", text, sizeof text) && strstr(text, "frozen 1") != NULL) {
            return true;
        }
        (void)nanosleep(&pause, NULL);
    }
    if (freeze) {
        (void)set("cgroup.freeze", "0", failure);
        return fail(failure, STATUS_FAILED, "a process of the container does not let itself be frozen");
    }
    return true;
}

uint64_t cgroup_oom_kills(void) {
    char text[512];
    const char *at = read_group_file("memory.events", text, sizeof text) ? strstr(text, "oom_kill ") : NULL;
    return at == NULL ? 0 : strtoull(at + strlen("oom_kill "), NULL, 10);
}

static void write_pair(struct writer *writer, const char *file, const char *key, size_t key_size, uint64_t value) {
    char name[128];
    int size = key_size == 0 ? snprintf(name, sizeof name, "%s", file)
                             : snprintf(name, sizeof name, "%s.%.*s", file, (int)key_size, key);
    if (size > 0 && (size_t)size < sizeof name) {
        write_text(writer, name, (size_t)size);
        write_u64(writer, value);
    }
}

// Lines that are a key and a number; a number alone has the file's name.
static void write_numbers(struct writer *writer, const char *file, const char *text) {
    while (*text != 0) {
        size_t line = strcspn(text, "\n"), key = strcspn(text, " \n");
        if (key == line && isdigit((unsigned char)text[0])) {
            write_pair(writer, file, "", 0, strtoull(text, NULL, 10));
        } else if (key < line && isdigit((unsigned char)text[key + 1])) {
            write_pair(writer, file, text, key, strtoull(text + key + 1, NULL, 10));
        }
        text += line + (text[line] == '\n');
    }
}

void cgroup_write_stats(struct writer *writer) {
    static const char *const FILES[] = {
        "cpu.stat", "memory.current", "memory.max", "memory.events", "memory.stat", "pids.current", "pids.max",
    };
    static char text[8192];
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
        if (read_group_file(FILES[i], text, sizeof text)) {
            write_numbers(writer, FILES[i], text);
        }
    }
}
