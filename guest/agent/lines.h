// The lines of a file of any size, one at a time.
#ifndef LINES_H
#define LINES_H
#include <stdbool.h>
#include <stddef.h>

enum { LINES_BUFFER_SIZE = 8192 };

struct lines {
    int file; // -1: no lines
    size_t begin, end;
    bool ended;
    char buffer[LINES_BUFFER_SIZE];
};

// Begins at the descriptor's position.
void lines_begin(struct lines *lines, int file);

// The next line, without its end, until the next call; NULL after the last one and after an error. Lines too long for the buffer are skipped.
char *next_line(struct lines *lines);
#endif
