// Tar's headers: ustar, with pax's records (POSIX pax(1), "pax Interchange Format") and GNU's long names. Nothing here makes a system call.
#ifndef TAR_H
#define TAR_H
#include "failure.h"
#include "frames.h"
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TAR_BLOCK = 512,
    TAR_ATTRIBUTE_NAME_MAX = 255, // XATTR_NAME_MAX
    TAR_RECORDS_MAX = 256 * 1024, // of an entry's pax records: ext4 has at most 64 KiB of attributes for a file
};

#define TAR_ATTRIBUTE "SCHILY.xattr." // before an extended attribute's name

enum tar_type {
    TAR_FILE = '0',
    TAR_HARD_LINK = '1',
    TAR_SYMBOLIC_LINK = '2',
    TAR_CHARACTER_DEVICE = '3',
    TAR_BLOCK_DEVICE = '4',
    TAR_DIRECTORY = '5',
    TAR_FIFO = '6',
    TAR_RECORDS = 'x',
    TAR_GLOBAL_RECORDS = 'g',
    TAR_LONG_NAME = 'L',
    TAR_LONG_LINK = 'K',
};

struct tar_entry {
    char type;
    char name[PATH_MAX], link[PATH_MAX];
    uint32_t mode, uid, gid, major, minor;
    uint64_t size; // of what follows, in bytes
    int64_t time; // of its last change, in seconds since 1970
};

// pax's records of one entry.
struct tar_records {
    size_t size;
    bool full;
    uint8_t bytes[TAR_RECORDS_MAX];
};

void tar_add_record(struct tar_records *records, const char *key, const void *value, size_t size);

// Takes the next record: 1, 0 at the end, -1 if there is no record there. Key and value lie in the bytes; no zero byte follows.
int tar_next_record(struct reader *records, struct text *key, struct text *value);

// Adds the records for what the header of an entry can't say.
void tar_complete(struct tar_records *records, const struct tar_entry *entry);

// Makes the header; what does not fit is left to the records.
void tar_write_header(uint8_t block[TAR_BLOCK], const struct tar_entry *entry);

enum tar_result { TAR_ENTRY, TAR_END, TAR_BAD };

// Reads a header.
enum tar_result tar_read_header(const uint8_t block[TAR_BLOCK], struct tar_entry *entry, struct failure *failure);

// Puts what the records say in the place of what the header said. Those of extended attributes are the caller's.
bool tar_apply_records(struct tar_entry *entry, const struct tar_records *records, struct failure *failure);

// A name of so many bytes in the place of the header's.
bool tar_set_name(char name[PATH_MAX], const uint8_t *bytes, size_t size, struct failure *failure);

// Makes a name relative, without empty and "." parts; empty for the top. False if it leads upwards.
bool tar_clean_name(char *name);

// The bytes behind so many, to a whole block.
size_t tar_padding(uint64_t size);
#endif
