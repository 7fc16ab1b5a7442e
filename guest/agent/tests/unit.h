// Unit tests: each file has one function, which unit.c calls.
#ifndef UNIT_H
#define UNIT_H
#include <stdbool.h>

void check(bool good, const char *what, const char *file, int line);
void check_text(const char *expected, const char *actual, const char *file, int line);

#define CHECK(condition) check(condition, #condition, __FILE__, __LINE__)
#define CHECK_TEXT(expected, actual) check_text(expected, actual, __FILE__, __LINE__)

// A file of that text, open at its beginning; the name is gone.
int text_file(const char *text);

// A new empty directory, removed at the end of all tests.
const char *directory(void);
void write_file(const char *directory, const char *name, const char *text);

void frames_tests(void);
void draft_tests(void);
void lines_tests(void);
void users_tests(void);
void lookup_tests(void);
void streams_tests(void);
void cgroup_tests(void);
void root_tests(void);
void mounts_tests(void);
void seccomp_tests(void);
void tar_tests(void);
void archive_tests(void);
#endif
