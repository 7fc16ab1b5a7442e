#include "failure.h"
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void make_printable(char *line) {
    for (; *line != 0; line++) {
        if ((unsigned char)*line < ' ' || *line == 0x7f) {
            *line = '?';
        }
    }
}

bool fail(struct failure *failure, int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    failure->status = (uint16_t)status;
    (void)vsnprintf(failure->line, sizeof failure->line, format, arguments);
    va_end(arguments);
    make_printable(failure->line);
    return false;
}

bool fail_errno(struct failure *failure, const char *format, ...) {
    int number = errno;
    va_list arguments;
    va_start(arguments, format);
    failure->status = (uint16_t)status_of_error(number);
    int size = vsnprintf(failure->line, sizeof failure->line, format, arguments);
    va_end(arguments);
    if (size >= 0 && (size_t)size < sizeof failure->line) {
        (void)snprintf(failure->line + size, sizeof failure->line - (size_t)size, ": %s", error_words(number));
    }
    make_printable(failure->line);
    errno = number;
    return false;
}

const char *error_words(int number) {
    static char words[80];
    (void)snprintf(words, sizeof words, "%s", strerror(number));
    if (words[0] != 0 && !isupper((unsigned char)words[1])) { // not "I/O error"
        words[0] = (char)tolower((unsigned char)words[0]);
    }
    return words;
}

int status_of_error(int number) {
    switch (number) {
        case ENOENT:
            return STATUS_NOT_FOUND;
        case EACCES:
        case EISDIR:
        case ENOTDIR:
            return STATUS_NOT_EXECUTABLE;
        default:
            return STATUS_FAILED;
    }
}
