#include "frames.h"
#include <string.h>

enum { AFTER_LENGTH = FRAME_HEADER_SIZE - 4 }; // id and type: what every length counts

static uint32_t u32_at(const uint8_t *bytes) {
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

enum frame_result frame_parse(const uint8_t *bytes, size_t size, struct frame *frame, size_t *used) {
    if (size < 4) {
        return FRAME_PARTIAL;
    }
    uint32_t length = u32_at(bytes);
    if (length < AFTER_LENGTH || length > FRAME_MAX_SIZE - 4) {
        return FRAME_BAD;
    }
    if (size - 4 < length) {
        return FRAME_PARTIAL;
    }
    frame->id = u32_at(bytes + 4);
    frame->type = (uint16_t)(bytes[8] | bytes[9] << 8);
    frame->body = bytes + FRAME_HEADER_SIZE;
    frame->size = length - AFTER_LENGTH;
    *used = length + 4;
    return FRAME_COMPLETE;
}

struct reader reader_of(const uint8_t *bytes, size_t size) {
    return (struct reader){.at = bytes, .left = size};
}

// The next bytes, or NULL.
static const uint8_t *take(struct reader *reader, size_t size) {
    if (reader->bad || reader->left < size) {
        reader->bad = true;
        reader->left = 0;
        return NULL;
    }
    const uint8_t *bytes = reader->at;
    reader->at += size;
    reader->left -= size;
    return bytes;
}

static uint64_t read_number(struct reader *reader, size_t size) {
    const uint8_t *bytes = take(reader, size);
    uint64_t value = 0;
    for (size_t i = 0; bytes != NULL && i < size; i++) {
        value |= (uint64_t)bytes[i] << (8 * i);
    }
    return value;
}

uint8_t read_u8(struct reader *reader) {
    return (uint8_t)read_number(reader, 1);
}

uint16_t read_u16(struct reader *reader) {
    return (uint16_t)read_number(reader, 2);
}

uint32_t read_u32(struct reader *reader) {
    return (uint32_t)read_number(reader, 4);
}

uint64_t read_u64(struct reader *reader) {
    return read_number(reader, 8);
}

struct text read_text(struct reader *reader) {
    size_t size = read_u16(reader);
    const uint8_t *bytes = take(reader, size);
    return (struct text){.bytes = bytes, .size = bytes == NULL ? 0 : size};
}

static void put(struct writer *writer, const void *bytes, size_t size) {
    if (writer->full || writer->capacity - writer->size < size) {
        writer->full = true;
        return;
    }
    if (size > 0) {
        memcpy(writer->start + writer->size, bytes, size);
    }
    writer->size += size;
}

static void write_number(struct writer *writer, uint64_t value, size_t size) {
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++) {
        bytes[i] = (uint8_t)(value >> (8 * i));
    }
    put(writer, bytes, size);
}

struct writer frame_begin(uint8_t *buffer, size_t capacity, uint32_t id, uint16_t type) {
    struct writer writer = {.start = buffer, .capacity = capacity < FRAME_MAX_SIZE ? capacity : FRAME_MAX_SIZE};
    write_u32(&writer, 0); // frame_end knows it
    write_u32(&writer, id);
    write_u16(&writer, type);
    return writer;
}

void write_u8(struct writer *writer, uint8_t value) {
    write_number(writer, value, 1);
}

void write_u16(struct writer *writer, uint16_t value) {
    write_number(writer, value, 2);
}

void write_u32(struct writer *writer, uint32_t value) {
    write_number(writer, value, 4);
}

void write_u64(struct writer *writer, uint64_t value) {
    write_number(writer, value, 8);
}

void write_text(struct writer *writer, const char *bytes, size_t size) {
    size_t shortened = size < UINT16_MAX ? size : UINT16_MAX;
    write_u16(writer, (uint16_t)shortened);
    put(writer, bytes, shortened);
}

size_t frame_end(struct writer *writer) {
    if (writer->full) {
        return 0;
    }
    size_t length = writer->size - 4;
    for (size_t i = 0; i < 4; i++) {
        writer->start[i] = (uint8_t)(length >> (8 * i));
    }
    return writer->size;
}
