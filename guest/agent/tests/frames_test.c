#include "../frames.h"
#include "unit.h"
#include <string.h>

static uint8_t buffer[2 * FRAME_MAX_SIZE];
static struct frame frame;
static size_t used;

static void what_is_written_is_read(void) {
    struct writer writer = frame_begin(buffer, sizeof buffer, 0x01020304, FRAME_EXIT);
    write_u8(&writer, 0xfe);
    write_u16(&writer, 0xfedc);
    write_u32(&writer, 0xfedcba98);
    write_u64(&writer, UINT64_C(0xfedcba9876543210));
    write_text(&writer, "text", 4);
    write_text(&writer, "", 0);
    size_t size = frame_end(&writer);
    CHECK(size == FRAME_HEADER_SIZE + 15 + 6 + 2);
    CHECK(memcmp(buffer, "\x1d\0\0\0\x04\x03\x02\x01\x07\0\xfe\xdc\xfe\x98\xba\xdc\xfe", 17) == 0);
    CHECK(frame_parse(buffer, sizeof buffer, &frame, &used) == FRAME_COMPLETE);
    CHECK(used == size && frame.id == 0x01020304 && frame.type == FRAME_EXIT);
    struct reader reader = reader_of(frame.body, frame.size);
    CHECK(read_u8(&reader) == 0xfe);
    CHECK(read_u16(&reader) == 0xfedc);
    CHECK(read_u32(&reader) == 0xfedcba98);
    CHECK(read_u64(&reader) == UINT64_C(0xfedcba9876543210));
    struct text text = read_text(&reader);
    CHECK(text.size == 4 && memcmp(text.bytes, "text", 4) == 0);
    CHECK(read_text(&reader).size == 0);
    CHECK(reader.left == 0 && !reader.bad);
}

static void every_shorter_piece_is_partial(void) {
    struct writer writer = frame_begin(buffer, sizeof buffer, 1, FRAME_HELLO);
    write_u16(&writer, GENERATION);
    size_t size = frame_end(&writer);
    for (size_t i = 0; i < size; i++) {
        CHECK(frame_parse(buffer, i, &frame, &used) == FRAME_PARTIAL);
    }
    CHECK(frame_parse(buffer, size, &frame, &used) == FRAME_COMPLETE && used == size && frame.size == 2);
}

static enum frame_result parse_length(uint32_t length) {
    struct writer writer = frame_begin(buffer, sizeof buffer, 0, 0);
    (void)writer;
    memcpy(buffer, &length, 4);
    return frame_parse(buffer, sizeof buffer, &frame, &used);
}

static void lengths_that_no_frame_has_are_bad_at_once(void) {
    CHECK(parse_length(5) == FRAME_BAD);
    CHECK(parse_length(6) == FRAME_COMPLETE && frame.size == 0);
    CHECK(parse_length(FRAME_MAX_SIZE - 4) == FRAME_COMPLETE && used == FRAME_MAX_SIZE && frame.size == FRAME_MAX_BODY);
    CHECK(parse_length(FRAME_MAX_SIZE - 3) == FRAME_BAD);
    CHECK(parse_length(UINT32_MAX) == FRAME_BAD);
    CHECK(frame_parse((const uint8_t *)"\xff\xff\xff\xff", 4, &frame, &used) == FRAME_BAD);
}

static void a_read_past_the_end_is_bad_for_good(void) {
    static const uint8_t bytes[] = {1, 2, 3};
    struct reader reader = reader_of(bytes, sizeof bytes);
    CHECK(read_u32(&reader) == 0 && reader.bad);
    CHECK(read_u8(&reader) == 0 && reader.bad && reader.left == 0);
    static const uint8_t lying[] = {4, 0, 'a', 'b', 'c'};
    reader = reader_of(lying, sizeof lying);
    CHECK(read_text(&reader).size == 0 && reader.bad);
    reader = reader_of(NULL, 0);
    CHECK(read_text(&reader).size == 0 && reader.bad);
}

static void what_does_not_fit_is_no_frame(void) {
    static char much[UINT16_MAX + 10];
    memset(much, 'x', sizeof much);
    struct writer writer = frame_begin(buffer, sizeof buffer, 1, FRAME_ERROR);
    write_text(&writer, much, FRAME_MAX_BODY - 2);
    CHECK(frame_end(&writer) == FRAME_MAX_SIZE);
    writer = frame_begin(buffer, sizeof buffer, 1, FRAME_ERROR);
    write_text(&writer, much, sizeof much); // cut, and even so too long
    write_u8(&writer, 1);
    CHECK(frame_end(&writer) == 0);
    writer = frame_begin(buffer, 3, 1, FRAME_ERROR);
    CHECK(frame_end(&writer) == 0);
}

void frames_tests(void) {
    what_is_written_is_read();
    every_shorter_piece_is_partial();
    lengths_that_no_frame_has_are_bad_at_once();
    a_read_past_the_end_is_bad_for_good();
    what_does_not_fit_is_no_frame();
}
