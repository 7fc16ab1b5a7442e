#include "../cgroup.h"
#include "../system.h"
#include "unit.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>

static struct draft draft;
static struct failure failure;
static char base[PATH_MAX];

static void holds(const char *name, const char *expected) {
    char path[PATH_MAX + 32], text[64] = "";
    (void)snprintf(path, sizeof path, "%s/%s", base, name);
    CHECK(read_text_file(path, text, sizeof text));
    CHECK_TEXT(expected, text);
}

// Plain files in the place of the kernel's.
void cgroup_tests(void) {
    draft_clear(&draft);
    cgroup_use(NULL);
    CHECK(cgroup_make(&draft, &failure) && cgroup_join(&failure) && cgroup_oom_kills() == 0);
    draft.memory_max = 1 << 20;
    CHECK(!cgroup_make(&draft, &failure));
    CHECK_TEXT("there are no control groups for limits of memory, processors or processes", failure.line);

    (void)snprintf(base, sizeof base, "%s", directory());
    write_file(base, "cgroup.subtree_control", "");
    cgroup_use(base);
    CHECK(!cgroup_make(&draft, &failure)); // the controller is missing
    CHECK_TEXT("cannot set the container's memory.max to 1048576: no such file or directory", failure.line);
    static const char *const files[] = {"memory.max", "memory.oom.group", "pids.max", "cpu.max", "cgroup.procs"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "container/%s", files[i]);
        write_file(base, name, "");
    }
    draft.pids_max = 77;
    draft.cpu_quota = 150000;
    CHECK(cgroup_make(&draft, &failure) && cgroup_join(&failure));
    holds("container/memory.max", "1048576");
    holds("container/memory.oom.group", "1");
    holds("container/pids.max", "77");
    holds("container/cpu.max", "150000 100000");
    holds("container/cgroup.procs", "0");

    write_file(base, "container/memory.events", "low 0\nhigh 0\nmax 9\noom 3\noom_kill 2\noom_group_kill 1\n");
    write_file(base, "container/cpu.stat", "usage_usec 123\nuser_usec 100\n");
    write_file(base, "container/memory.current", "4096\n");
    write_file(base, "container/memory.max", "max\n");
    CHECK(cgroup_oom_kills() == 2);
    static uint8_t buffer[FRAME_MAX_SIZE];
    struct writer writer = frame_begin(buffer, sizeof buffer, 1, FRAME_STATS);
    cgroup_write_stats(&writer);
    CHECK(frame_end(&writer) > 0);
    struct reader reader = reader_of(buffer + FRAME_HEADER_SIZE, writer.size - FRAME_HEADER_SIZE);
    static const struct {
        const char *name;
        uint64_t value;
    } expected[] = {{"cpu.stat.usage_usec", 123}, {"cpu.stat.user_usec", 100}, {"memory.current", 4096},
        {"memory.events.low", 0}};
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        struct text name = read_text(&reader);
        CHECK(name.size == strlen(expected[i].name) && memcmp(name.bytes, expected[i].name, name.size) == 0);
        CHECK(read_u64(&reader) == expected[i].value);
    }
    cgroup_use(NULL);
}
