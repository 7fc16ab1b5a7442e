#include "../lines.h"
#include "../system.h"
#include "unit.h"
#include <string.h>

static struct lines lines;

void lines_tests(void) {
    int fd = text_file("one\n\nthree");
    lines_begin(&lines, fd);
    CHECK_TEXT("one", next_line(&lines));
    CHECK_TEXT("", next_line(&lines));
    CHECK_TEXT("three", next_line(&lines));
    CHECK(next_line(&lines) == NULL && next_line(&lines) == NULL);
    close_fd(&fd);
    lines_begin(&lines, -1);
    CHECK(next_line(&lines) == NULL);

    static char text[4 * LINES_BUFFER_SIZE];
    memset(text, 'x', sizeof text);
    strcpy(text + 2 * LINES_BUFFER_SIZE, "\nshort\n");
    fd = text_file(text);
    lines_begin(&lines, fd);
    CHECK_TEXT("short", next_line(&lines));
    CHECK(next_line(&lines) == NULL);
    close_fd(&fd);

    text[2 * LINES_BUFFER_SIZE] = 0; // one line, too long, without an end
    fd = text_file(text);
    lines_begin(&lines, fd);
    CHECK(next_line(&lines) == NULL);
    close_fd(&fd);

    memset(text, 'y', sizeof text);
    text[LINES_BUFFER_SIZE - 2] = '\n'; // the longest that fits
    strcpy(text + LINES_BUFFER_SIZE - 1, "end");
    fd = text_file(text);
    lines_begin(&lines, fd);
    char *line = next_line(&lines);
    CHECK(line != NULL && strlen(line) == LINES_BUFFER_SIZE - 2);
    CHECK_TEXT("end", next_line(&lines));
    close_fd(&fd);
}
