#include "../tar.h"
#include "unit.h"
#include <string.h>

static struct tar_entry entry, back;
static struct tar_records records;
static struct failure failure;
static uint8_t block[TAR_BLOCK];

static void a_header_comes_back(void) {
    entry = (struct tar_entry){.type = TAR_CHARACTER_DEVICE, .name = "dev/null", .link = "to", .mode = 04755, .uid = 1000, .gid = 2097151,
        .major = 1, .minor = 3, .size = 077777777777, .time = 1700000000};
    tar_write_header(block, &entry);
    CHECK(tar_read_header(block, &back, &failure) == TAR_ENTRY);
    CHECK_TEXT("dev/null", back.name);
    CHECK_TEXT("to", back.link);
    CHECK(back.type == entry.type && back.mode == 04755 && back.uid == 1000 && back.gid == 2097151 && back.major == 1
        && back.minor == 3 && back.size == 077777777777 && back.time == 1700000000);
    records.size = 0;
    tar_complete(&records, &entry);
    CHECK(records.size == 0);
    block[0] ^= 1;
    CHECK(tar_read_header(block, &back, &failure) == TAR_BAD);
    CHECK_TEXT("archive/tar: invalid tar header", failure.line);
    memset(block, 0, sizeof block);
    CHECK(tar_read_header(block, &back, &failure) == TAR_END);
}

static void what_does_not_fit_is_in_records(void) {
    entry = (struct tar_entry){.type = TAR_FILE, .uid = 4000000000U, .gid = 3000000, .size = UINT64_C(1) << 40, .time = -5};
    memset(entry.name, 'n', 4000);
    memset(entry.link, 'l', 101);
    records.size = 0;
    tar_complete(&records, &entry);
    tar_write_header(block, &entry);
    CHECK(tar_read_header(block, &back, &failure) == TAR_ENTRY && strlen(back.name) == 100);
    CHECK(tar_apply_records(&back, &records, &failure));
    CHECK_TEXT(entry.name, back.name);
    CHECK_TEXT(entry.link, back.link);
    CHECK(back.uid == entry.uid && back.gid == entry.gid && back.size == entry.size && back.time == entry.time);
}

static void records_have_their_own_lengths(void) {
    struct text key, value;
    records.size = 0;
    // Lengths about the change from one to two and from two to three digits.
    static const char text[120];
    for (size_t size = 0; size < sizeof text; size++) {
        tar_add_record(&records, "k", text, size);
    }
    struct reader reader = reader_of(records.bytes, records.size);
    size_t count = 0;
    bool good = true;
    while (tar_next_record(&reader, &key, &value) == 1) {
        good = good && key.size == 1 && value.size == count++;
    }
    CHECK(good && count == sizeof text && reader.left == 0);
    static const char *const BAD[] = {"5 a=\n", "x", "9 a=b\n", "6 a-b\n", "7 a=b\n", "99999999999999999999 a=b\n", "6 a=b ", "0 =\n", "3 =\n"};
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        reader = reader_of((const uint8_t *)BAD[i], strlen(BAD[i]));
        CHECK(tar_next_record(&reader, &key, &value) == (i == 0 ? 1 : -1));
    }
}

static bool applies(const char *key, const char *value) {
    records.size = 0;
    tar_add_record(&records, key, value, strlen(value));
    return tar_apply_records(&back, &records, &failure);
}

static void records_are_checked(void) {
    CHECK(applies("mtime", "12.345") && back.time == 12);
    CHECK(applies("mtime", "-3.5") && back.time == -3);
    CHECK(applies("comment", "-") && applies("uid", "0"));
    CHECK(!applies("size", "-1") && !applies("size", "9223372036854775807") && !applies("size", "1x") && !applies("size", ""));
    CHECK(!applies("uid", "4294967296") && !applies("gid", "-") && !applies("mtime", "99999999999999999999"));
    CHECK(!applies("GNU.sparse.major", "1"));
    CHECK_TEXT("archive/tar: sparse files are not supported", failure.line);
    static char name[PATH_MAX + 1];
    memset(name, 'a', PATH_MAX);
    CHECK(!applies("path", name));
    static uint8_t large[TAR_RECORDS_MAX];
    records.size = 0;
    tar_add_record(&records, "k", large, sizeof large);
    CHECK(records.full && records.size == 0);
    records.full = false;
}

// GNU's numbers that are not octal, and its lack of ustar's prefix.
static void other_writers_are_understood(void) {
    entry = (struct tar_entry){.type = TAR_FILE, .name = "name"};
    tar_write_header(block, &entry);
    memcpy(block + 345, "some/where", 10);
    memcpy(block + 124, "\200\0\0\0\0\0\0\1\0\0\0\2", 12);
    memcpy(block + 136, "\377\377\377\377\377\377\377\377\377\377\377\376", 12);
    memcpy(block + 100, " 644   ", 8);
    unsigned sum = 0;
    memset(block + 148, ' ', 8);
    for (int i = 0; i < TAR_BLOCK; i++) {
        sum += block[i];
    }
    for (int i = 5; i >= 0; i--, sum >>= 3) {
        block[148 + i] = (uint8_t)('0' + (sum & 7));
    }
    CHECK(tar_read_header(block, &back, &failure) == TAR_ENTRY);
    CHECK_TEXT("some/where/name", back.name);
    CHECK(back.size == (UINT64_C(1) << 32) + 2 && back.time == -2 && back.mode == 0644);
}

static const char *cleaned(const char *name) {
    static char text[64];
    strcpy(text, name);
    return tar_clean_name(text) ? text : NULL;
}

static void names_are_cleaned(void) {
    CHECK_TEXT("a/b", cleaned("./a//b/"));
    CHECK_TEXT("a/b", cleaned("/a/./b/."));
    CHECK_TEXT("", cleaned("./"));
    CHECK_TEXT("..a/.b", cleaned("..a/.b"));
    CHECK(cleaned("a/../b") == NULL && cleaned("..") == NULL && cleaned("/..") == NULL);
}

void tar_tests(void) {
    a_header_comes_back();
    what_does_not_fit_is_in_records();
    records_have_their_own_lengths();
    records_are_checked();
    other_writers_are_understood();
    names_are_cleaned();
}
