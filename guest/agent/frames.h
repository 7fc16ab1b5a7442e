// The frames between agent and host: docs/agent.md. Nothing here makes a system call.
#ifndef FRAMES_H
#define FRAMES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    GENERATION = 1, // of the protocol
    FRAME_HEADER_SIZE = 10,
    FRAME_MAX_SIZE = 65536, // the header included
    FRAME_MAX_BODY = FRAME_MAX_SIZE - FRAME_HEADER_SIZE,
};

enum frame_type {
    FRAME_HELLO = 1,
    FRAME_ERROR = 2,
    FRAME_FIELDS = 3,
    FRAME_START = 4,
    FRAME_EXEC = 5,
    FRAME_STARTED = 6,
    FRAME_EXIT = 7,
    FRAME_ACK = 8,
    FRAME_SIGNAL = 9,
    FRAME_RESIZE = 10,
    FRAME_SET_TIME = 11,
    FRAME_STATS = 12,
    FRAME_DONE = 13,
    FRAME_STREAM = 14,
    FRAME_DOWN = 15,
    FRAME_MOUNT = 16,
    FRAME_STAT = 17,
    FRAME_FILE = 18,
    FRAME_ARCHIVE = 19,
    FRAME_EXTRACT = 20,
    FRAME_CHANGES = 21,
    FRAME_FREEZE = 22,
};

// A frame in somebody's buffer.
struct frame {
    uint32_t id;
    uint16_t type;
    const uint8_t *body;
    size_t size; // of the body, in bytes
};

enum frame_result { FRAME_COMPLETE, FRAME_PARTIAL, FRAME_BAD };

// Looks for a frame at the beginning of size bytes. FRAME_COMPLETE: it takes *used of them, and the frame points into them.
// FRAME_PARTIAL: more bytes are needed. FRAME_BAD: a length that no frame has.
enum frame_result frame_parse(const uint8_t *bytes, size_t size, struct frame *frame, size_t *used);

// What is left of a body. A read past its end gives 0 and makes it bad for good.
struct reader {
    const uint8_t *at;
    size_t left;
    bool bad;
};

// Bytes in somebody's buffer; no zero byte follows.
struct text {
    const uint8_t *bytes;
    size_t size;
};

struct reader reader_of(const uint8_t *bytes, size_t size);
uint8_t read_u8(struct reader *reader);
uint16_t read_u16(struct reader *reader);
uint32_t read_u32(struct reader *reader);
uint64_t read_u64(struct reader *reader);
// A u16 length, and so many bytes.
struct text read_text(struct reader *reader);

// Makes one frame in a buffer. What does not fit makes it full for good.
struct writer {
    uint8_t *start;
    size_t capacity;
    size_t size;
    bool full;
};

// Begins a frame of that type; the buffer has capacity bytes.
struct writer frame_begin(uint8_t *buffer, size_t capacity, uint32_t id, uint16_t type);
void write_u8(struct writer *writer, uint8_t value);
void write_u16(struct writer *writer, uint16_t value);
void write_u32(struct writer *writer, uint32_t value);
void write_u64(struct writer *writer, uint64_t value);
// Cut to what a u16 can say.
void write_text(struct writer *writer, const char *bytes, size_t size);
// Fills in the length; gives the size of the whole frame, or 0 if it was too much.
size_t frame_end(struct writer *writer);
#endif
