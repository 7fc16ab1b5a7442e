#include "tar.h"
#include <stdio.h>
#include <string.h>

// Where a header has what.
enum {
    NAME_AT = 0, NAME_SIZE = 100,
    MODE_AT = 100, ID_SIZE = 8,
    UID_AT = 108,
    GID_AT = 116,
    SIZE_AT = 124, LONG_SIZE = 12,
    TIME_AT = 136,
    SUM_AT = 148,
    TYPE_AT = 156,
    LINK_AT = 157,
    MAGIC_AT = 257, MAGIC_SIZE = 8,
    MAJOR_AT = 329,
    MINOR_AT = 337,
    PREFIX_AT = 345, PREFIX_SIZE = 155,
};

static const uint64_t LARGEST_ID = (UINT64_C(1) << 21) - 1, LARGEST_LONG = (UINT64_C(1) << 33) - 1;
static const uint32_t MODE_BITS = 07777;

size_t tar_padding(uint64_t size) {
    return (size_t)((TAR_BLOCK - size % TAR_BLOCK) % TAR_BLOCK);
}

void tar_add_record(struct tar_records *records, const char *key, const void *value, size_t size) {
    // LENGTH KEY=VALUE\n, where LENGTH counts its own digits.
    size_t rest = strlen(key) + size + 3, length = rest + 1;
    for (size_t next = 0; next != length;) {
        next = length;
        length = rest + (size_t)snprintf(NULL, 0, "%zu", next);
    }
    if (records->full || sizeof records->bytes - records->size <= length) {
        records->full = true;
        return;
    }
    uint8_t *at = records->bytes + records->size;
    int head = snprintf((char *)at, length, "%zu %s=", length, key);
    memcpy(at + head, value, size);
    at[length - 1] = '\n';
    records->size += length;
}

static void add_number(struct tar_records *records, const char *key, int64_t value) {
    char text[24];
    int size = snprintf(text, sizeof text, "%lld", (long long)value);
    tar_add_record(records, key, text, (size_t)size);
}

void tar_complete(struct tar_records *records, const struct tar_entry *entry) {
    if (strlen(entry->name) > NAME_SIZE) {
        tar_add_record(records, "path", entry->name, strlen(entry->name));
    }
    if (strlen(entry->link) > NAME_SIZE) {
        tar_add_record(records, "linkpath", entry->link, strlen(entry->link));
    }
    if (entry->size > LARGEST_LONG) {
        add_number(records, "size", (int64_t)entry->size);
    }
    if (entry->uid > LARGEST_ID) {
        add_number(records, "uid", entry->uid);
    }
    if (entry->gid > LARGEST_ID) {
        add_number(records, "gid", entry->gid);
    }
    if (entry->time < 0 || (uint64_t)entry->time > LARGEST_LONG) {
        add_number(records, "mtime", entry->time);
    }
}

// Octal digits and a zero byte; no number for one that does not fit.
static void put_number(uint8_t *field, size_t size, uint64_t value, uint64_t largest) {
    for (size_t i = size - 1; i-- > 0;) {
        field[i] = (uint8_t)('0' + (value > largest ? 0 : value & 7));
        value = value > largest ? value : value >> 3;
    }
}

static void put_text(uint8_t *field, size_t size, const char *text) {
    size_t length = strlen(text);
    memcpy(field, text, length < size ? length : size);
}

static uint64_t sum_of(const uint8_t block[TAR_BLOCK]) {
    uint64_t sum = 0;
    for (int i = 0; i < TAR_BLOCK; i++) {
        sum += i >= SUM_AT && i < SUM_AT + ID_SIZE ? ' ' : block[i];
    }
    return sum;
}

void tar_write_header(uint8_t block[TAR_BLOCK], const struct tar_entry *entry) {
    memset(block, 0, TAR_BLOCK);
    put_text(block + NAME_AT, NAME_SIZE, entry->name);
    put_number(block + MODE_AT, ID_SIZE, entry->mode & MODE_BITS, LARGEST_ID);
    put_number(block + UID_AT, ID_SIZE, entry->uid, LARGEST_ID);
    put_number(block + GID_AT, ID_SIZE, entry->gid, LARGEST_ID);
    put_number(block + SIZE_AT, LONG_SIZE, entry->size, LARGEST_LONG);
    put_number(block + TIME_AT, LONG_SIZE, entry->time < 0 ? 0 : (uint64_t)entry->time, LARGEST_LONG);
    block[TYPE_AT] = (uint8_t)entry->type;
    put_text(block + LINK_AT, NAME_SIZE, entry->link);
    memcpy(block + MAGIC_AT, "ustar\00000", MAGIC_SIZE);
    put_number(block + MAJOR_AT, ID_SIZE, entry->major, LARGEST_ID);
    put_number(block + MINOR_AT, ID_SIZE, entry->minor, LARGEST_ID);
    put_number(block + SUM_AT, ID_SIZE - 1, sum_of(block), LARGEST_ID);
    block[SUM_AT + ID_SIZE - 1] = ' ';
}

// Octal digits between blanks; or, with the first bit set, the bytes of a number, as GNU has it. False if it is neither, or is too large.
static bool get_number(const uint8_t *field, size_t size, uint64_t *value) {
    size_t i = 0;
    *value = 0;
    if ((field[0] & 0x80) != 0) {
        *value = field[0] & 0x7f;
        for (i = 1; i < size; i++) {
            if (*value >> 55 != 0) {
                return false;
            }
            *value = *value << 8 | field[i];
        }
        return true;
    }
    while (i < size && field[i] == ' ') {
        i++;
    }
    for (; i < size && field[i] >= '0' && field[i] <= '7'; i++) {
        *value = *value << 3 | (uint64_t)(field[i] - '0');
    }
    return i == size || field[i] == 0 || field[i] == ' ';
}

static bool get_id(const uint8_t *field, uint32_t *value) {
    uint64_t number;
    bool good = get_number(field, ID_SIZE, &number) && number <= UINT32_MAX;
    *value = good ? (uint32_t)number : 0;
    return good;
}

// A time before 1970 has all bits before it set.
static bool get_time(const uint8_t *field, int64_t *value) {
    uint64_t number = UINT64_MAX;
    if (field[0] == 0xff) {
        for (size_t i = LONG_SIZE - 8; i < LONG_SIZE; i++) {
            number = number << 8 | field[i];
        }
        *value = (int64_t)number;
        return *value < 0;
    }
    bool good = get_number(field, LONG_SIZE, &number);
    *value = (int64_t)number;
    return good && *value >= 0;
}

static void get_text(char *text, const uint8_t *field, size_t size) {
    size_t length = strnlen((const char *)field, size);
    memcpy(text, field, length);
    text[length] = 0;
}

static void get_name(struct tar_entry *entry, const uint8_t block[TAR_BLOCK]) {
    char *at = entry->name;
    // GNU's own format has other things there.
    if (memcmp(block + MAGIC_AT, "ustar", 6) == 0 && block[PREFIX_AT] != 0) {
        get_text(at, block + PREFIX_AT, PREFIX_SIZE);
        at += strlen(at);
        *at++ = '/';
    }
    get_text(at, block + NAME_AT, NAME_SIZE);
}

enum tar_result tar_read_header(const uint8_t block[TAR_BLOCK], struct tar_entry *entry, struct failure *failure) {
    static const uint8_t zeroes[TAR_BLOCK];
    uint64_t sum;
    if (memcmp(block, zeroes, TAR_BLOCK) == 0) {
        return TAR_END;
    }
    bool good = get_number(block + SUM_AT, ID_SIZE, &sum) && sum == sum_of(block);
    if (!good || !get_id(block + MODE_AT, &entry->mode) || !get_id(block + UID_AT, &entry->uid)
        || !get_id(block + GID_AT, &entry->gid) || !get_number(block + SIZE_AT, LONG_SIZE, &entry->size)
        || entry->size > INT64_MAX - TAR_BLOCK || !get_time(block + TIME_AT, &entry->time)) {
        fail(failure, STATUS_FAILED, "archive/tar: invalid tar header");
        return TAR_BAD;
    }
    // Empty where it is no device's.
    (void)get_id(block + MAJOR_AT, &entry->major);
    (void)get_id(block + MINOR_AT, &entry->minor);
    entry->mode &= MODE_BITS;
    entry->type = block[TYPE_AT] == 0 || block[TYPE_AT] == '7' ? TAR_FILE : (char)block[TYPE_AT];
    get_name(entry, block);
    get_text(entry->link, block + LINK_AT, NAME_SIZE);
    size_t length = strlen(entry->name);
    if (entry->type == TAR_FILE && length > 0 && entry->name[length - 1] == '/') {
        entry->type = TAR_DIRECTORY; // before there were types
    }
    return TAR_ENTRY;
}

int tar_next_record(struct reader *records, struct text *key, struct text *value) {
    size_t length = 0, i = 0;
    if (records->left == 0) {
        return 0;
    }
    for (; i < records->left && records->at[i] >= '0' && records->at[i] <= '9' && length <= TAR_RECORDS_MAX; i++) {
        length = length * 10 + (size_t)(records->at[i] - '0');
    }
    if (i == 0 || i + 2 > length || length > records->left || records->at[i] != ' ' || records->at[length - 1] != '\n') {
        return -1;
    }
    const uint8_t *equals = memchr(records->at + i + 1, '=', length - i - 2);
    if (equals == NULL) {
        return -1;
    }
    key->bytes = records->at + i + 1;
    key->size = (size_t)(equals - key->bytes);
    value->bytes = equals + 1;
    value->size = (size_t)(records->at + length - 1 - value->bytes);
    records->at += length;
    records->left -= length;
    return 1;
}

bool tar_set_name(char name[PATH_MAX], const uint8_t *bytes, size_t size, struct failure *failure) {
    while (size > 0 && bytes[size - 1] == 0) {
        size--; // GNU's long names end with one
    }
    if (size >= PATH_MAX || memchr(bytes, 0, size) != NULL) {
        return fail(failure, STATUS_FAILED, "archive/tar: a name is too long");
    }
    memcpy(name, bytes, size);
    name[size] = 0;
    return true;
}

// A decimal number; the part behind a point is of no interest.
static bool decimal(struct text text, int64_t *value) {
    bool negative = text.size > 0 && text.bytes[0] == '-';
    size_t i = negative;
    *value = 0;
    for (; i < text.size && text.bytes[i] >= '0' && text.bytes[i] <= '9'; i++) {
        if (*value > (INT64_MAX - 9) / 10) {
            return false;
        }
        *value = *value * 10 + (text.bytes[i] - '0');
    }
    *value = negative ? -*value : *value;
    return i > negative && (i == text.size || text.bytes[i] == '.');
}

static bool is(struct text key, const char *name) {
    return key.size == strlen(name) && memcmp(key.bytes, name, key.size) == 0;
}

static bool apply(struct tar_entry *entry, struct text key, struct text value, struct failure *failure) {
    int64_t number = 0;
    if (is(key, "path")) {
        return tar_set_name(entry->name, value.bytes, value.size, failure);
    }
    if (is(key, "linkpath")) {
        return tar_set_name(entry->link, value.bytes, value.size, failure);
    }
    if (key.size > 10 && memcmp(key.bytes, "GNU.sparse", 10) == 0) {
        return fail(failure, STATUS_FAILED, "archive/tar: sparse files are not supported");
    }
    bool size = is(key, "size"), uid = is(key, "uid"), gid = is(key, "gid"), time = is(key, "mtime");
    if (!size && !uid && !gid && !time) {
        return true;
    }
    if (!decimal(value, &number) || (!time && number < 0) || ((uid || gid) && number > UINT32_MAX)
        || (size && number > INT64_MAX - TAR_BLOCK)) {
        return fail(failure, STATUS_FAILED, "archive/tar: invalid tar header");
    }
    entry->size = size ? (uint64_t)number : entry->size;
    entry->uid = uid ? (uint32_t)number : entry->uid;
    entry->gid = gid ? (uint32_t)number : entry->gid;
    entry->time = time ? number : entry->time;
    return true;
}

bool tar_apply_records(struct tar_entry *entry, const struct tar_records *records, struct failure *failure) {
    struct reader reader = reader_of(records->bytes, records->size);
    struct text key, value;
    int result;
    while ((result = tar_next_record(&reader, &key, &value)) > 0) {
        if (!apply(entry, key, value, failure)) {
            return false;
        }
    }
    return result == 0 || fail(failure, STATUS_FAILED, "archive/tar: invalid tar header");
}

bool tar_clean_name(char *name) {
    char *to = name;
    for (const char *at = name; *at != 0;) {
        size_t length = strcspn(at, "/");
        if (length == 2 && at[0] == '.' && at[1] == '.') {
            return false;
        }
        bool counts = length > 0 && !(length == 1 && at[0] == '.');
        if (counts && to != name) {
            *to++ = '/';
        }
        if (counts) {
            memmove(to, at, length);
            to += length;
        }
        at += length + (at[length] == '/');
    }
    *to = 0;
    return true;
}
