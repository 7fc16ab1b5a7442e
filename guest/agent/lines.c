#include "lines.h"
#include "system.h"
#include <string.h>

void lines_begin(struct lines *lines, int file) {
    lines->file = file;
    lines->begin = lines->end = 0;
    lines->ended = file < 0;
}

// Reads on, behind what is left. False if nothing came.
static bool fill(struct lines *lines) {
    memmove(lines->buffer, lines->buffer + lines->begin, lines->end - lines->begin);
    lines->end -= lines->begin;
    lines->begin = 0;
    // One byte stays for the zero behind a last line.
    ssize_t count = read_some(lines->file, lines->buffer + lines->end, sizeof lines->buffer - 1 - lines->end);
    if (count <= 0) {
        lines->ended = true;
        return false;
    }
    lines->end += (size_t)count;
    return true;
}

char *next_line(struct lines *lines) {
    bool skipping = false;
    for (;;) {
        char *line = lines->buffer + lines->begin;
        size_t size = lines->end - lines->begin;
        char *newline = size == 0 ? NULL : memchr(line, '\n', size);
        if (newline != NULL) {
            *newline = 0;
            lines->begin += (size_t)(newline - line) + 1;
            if (!skipping) {
                return line;
            }
            skipping = false;
        } else if (size == sizeof lines->buffer - 1) {
            lines->begin = lines->end;
            skipping = true;
        } else if (lines->ended || !fill(lines)) {
            size = lines->end - lines->begin;
            if (size == 0 || skipping) {
                return NULL;
            }
            line = lines->buffer + lines->begin;
            line[size] = 0;
            lines->begin = lines->end;
            return line;
        }
    }
}
