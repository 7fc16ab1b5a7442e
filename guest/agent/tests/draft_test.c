#include "../draft.h"
#include "unit.h"
#include <string.h>

static struct draft draft;
static struct failure failure;
static uint8_t buffer[FRAME_MAX_SIZE];
static struct writer writer;

static void begin(void) {
    writer = frame_begin(buffer, sizeof buffer, 1, FRAME_START);
}

static void add_text(uint16_t field, const char *text) {
    write_u16(&writer, field);
    write_text(&writer, text, strlen(text));
}

static void add_numbers(uint16_t field, const uint64_t *values, size_t count) {
    write_u16(&writer, field);
    write_u16(&writer, (uint16_t)(8 * count));
    for (size_t i = 0; i < count; i++) {
        write_u64(&writer, values[i]);
    }
}

static bool take(uint32_t id) {
    struct frame frame;
    size_t used, size = frame_end(&writer);
    CHECK(frame_parse(buffer, size, &frame, &used) == FRAME_COMPLETE);
    return draft_add(&draft, id, reader_of(frame.body, frame.size), &failure);
}

static void fields_come_in_several_frames(void) {
    draft_clear(&draft);
    begin();
    add_text(FIELD_ARGUMENT, "sh");
    add_text(FIELD_VARIABLE, "A=1");
    CHECK(take(1));
    begin();
    add_text(FIELD_ARGUMENT, "");
    add_text(FIELD_VARIABLE, "A=2");
    add_text(FIELD_USER, "u");
    add_text(999, "later");
    add_numbers(FIELD_STDOUT, (const uint64_t[]){7}, 1);
    add_numbers(FIELD_CPU_MAX, (const uint64_t[]){5, 10}, 2);
    write_u16(&writer, FIELD_INIT);
    write_u16(&writer, 0);
    CHECK(take(1));
    CHECK(draft.argument_count == 2 && draft.arguments[2] == NULL);
    CHECK_TEXT("sh", draft.arguments[0]);
    CHECK_TEXT("", draft.arguments[1]);
    CHECK_TEXT("u", draft.user);
    CHECK(draft.standard_output.given && draft.standard_output.value == 7 && !draft.standard_error.given);
    CHECK(draft.cpu_quota == 5 && draft.cpu_period == 10 && draft.init && !draft.read_only);
    CHECK_TEXT("2", draft_variable(&draft, "A"));
    CHECK(draft_variable(&draft, "") == NULL);
    begin();
    CHECK(!take(2));
    CHECK_TEXT("process 1 was begun, and process 2 goes on", failure.line);
    draft_clear(&draft);
    CHECK(!draft.begun && draft.argument_count == 0 && !draft.init);
}

static void defaults_do_not_replace(void) {
    draft_clear(&draft);
    begin();
    add_text(FIELD_VARIABLE, "HOME=");
    CHECK(take(1));
    CHECK(draft_default_variable(&draft, "HOME", "/root", &failure));
    CHECK(draft_default_variable(&draft, "PATH", "/bin", &failure));
    CHECK_TEXT("", draft_variable(&draft, "HOME"));
    CHECK_TEXT("/bin", draft_variable(&draft, "PATH"));
    CHECK(draft.variable_count == 2 && draft.variables[2] == NULL);
}

static void refuses(const char *line) {
    CHECK(!take(1));
    CHECK_TEXT(line, failure.line);
    draft_clear(&draft);
}

static void bad_fields_are_refused(void) {
    draft_clear(&draft);
    begin();
    write_u16(&writer, FIELD_ARGUMENT);
    write_text(&writer, "a\0b", 3);
    refuses("a zero byte in a string");
    begin();
    write_u8(&writer, 1);
    refuses("a field goes on past the end of its frame");
    begin();
    write_u16(&writer, FIELD_ARGUMENT);
    write_u16(&writer, 9);
    refuses("a field goes on past the end of its frame");
    begin();
    add_text(FIELD_STDIN, "short");
    refuses("field 8 is too short");
    begin();
    write_u16(&writer, FIELD_TMPFS);
    write_text(&writer, "\0\0\0", 4);
    refuses("the mount path \"\" is not absolute");
    begin();
    write_u16(&writer, FIELD_RLIMIT);
    write_u16(&writer, 20);
    write_u32(&writer, 16);
    write_u64(&writer, 1);
    write_u64(&writer, 1);
    refuses("no such limit");
}

static void everything_is_bounded(void) {
    static char text[60001];
    memset(text, 'x', sizeof text - 1);
    draft_clear(&draft);
    for (int i = 0; i < 8; i++) {
        begin();
        add_text(FIELD_VARIABLE, text);
        CHECK(take(1));
    }
    begin();
    add_text(FIELD_VARIABLE, text);
    refuses("arguments and environment are longer than 512 KiB");
    for (int i = 0; i < DRAFT_GROUPS; i++) {
        begin();
        add_text(FIELD_GROUP, "g");
        CHECK(take(1));
    }
    begin();
    add_text(FIELD_GROUP, "g");
    refuses("more than 64 additional groups");
    for (int i = 0; i < DRAFT_ARGUMENTS; i++) {
        begin();
        add_text(FIELD_ARGUMENT, "");
        CHECK(take(1));
    }
    begin();
    add_text(FIELD_ARGUMENT, "");
    refuses("more than 4096 arguments or variables");
}

static void failures_are_one_printable_line(void) {
    CHECK(!fail(&failure, 126, "a\n%s\033[1m\177", "b\t"));
    CHECK_TEXT("a?b??[1m?", failure.line);
    CHECK(failure.status == 126);
}

void draft_tests(void) {
    fields_come_in_several_frames();
    defaults_do_not_replace();
    bad_fields_are_refused();
    everything_is_bounded();
    failures_are_one_printable_line();
}
