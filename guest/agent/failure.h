// Why something was not done: one line, for a person.
#ifndef FAILURE_H
#define FAILURE_H
#include <stdbool.h>
#include <stdint.h>

enum {
    STATUS_FAILED = 125, // docker's statuses: its own failure, a command that can't be executed, one that is not found
    STATUS_NOT_EXECUTABLE = 126,
    STATUS_NOT_FOUND = 127,
    FAILURE_LINE_SIZE = 400,
};

struct failure {
    uint16_t status;
    char line[FAILURE_LINE_SIZE];
};

// Fills it in, with a question mark in the place of each control character. Always false.
bool fail(struct failure *failure, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));

// The same, with a colon and the words for the error number at its end. errno stays.
bool fail_errno(struct failure *failure, const char *format, ...) __attribute__((format(printf, 2, 3)));

// The words for an error number, as docker writes them: in lower case.
const char *error_words(int number);

// The status that docker's command line makes of an error number: 127, 126 or 125.
int status_of_error(int number);
#endif
