// Fuzzes what parses the host's bytes and the image's files: fuzz SECONDS [SEED]. Inputs are mutations of valid ones. What must hold is said by
// CHECKs of its own, by ASan and by UBSan; the seed that it prints gives the same inputs again.
#include "../draft.h"
#include "../frames.h"
#include "../mounts.h"
#include "../system.h"
#include "../tar.h"
#include "../users.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { INPUT_MAX = 2048, SEEDS = 4, USERS_EVERY = 64, TAR_EVERY = 8 };

static uint64_t state;
static uint8_t seeds[SEEDS][INPUT_MAX];
static size_t sizes[SEEDS];
static struct draft draft;
static struct failure failure;
static struct user user;

static uint64_t next_random(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static size_t below(size_t limit) {
    return (size_t)(next_random() % limit);
}

static void require(bool good, const char *what) {
    if (!good) {
        (void)fprintf(stderr, "does not hold: %s\n", what);
        abort();
    }
}

static void field(struct writer *writer, uint16_t number, const void *bytes, size_t size) {
    write_u16(writer, number);
    write_text(writer, bytes, size);
}

static void make_seeds(void) {
    struct writer writer = frame_begin(seeds[0], INPUT_MAX, 0, FRAME_HELLO);
    write_u16(&writer, 1);
    write_u64(&writer, 123456789);
    sizes[0] = frame_end(&writer);
    writer = frame_begin(seeds[1], INPUT_MAX, 1, FRAME_START);
    for (uint16_t number = 1; number <= FIELD_UNCONFINED; number++) {
        field(&writer, number, "\1\0/\4\0mode5678901234567890", 24);
        field(&writer, number, "A=1", 3);
        field(&writer, number, "", 0);
    }
    sizes[1] = frame_end(&writer);
    writer = frame_begin(seeds[2], INPUT_MAX, 7, FRAME_SIGNAL);
    write_u16(&writer, 15);
    sizes[2] = frame_end(&writer);
    memcpy(seeds[3], seeds[2], sizes[2]);
    memcpy(seeds[3] + sizes[2], seeds[1], sizes[1]);
    sizes[3] = sizes[2] + sizes[1];
}

static size_t mutate(uint8_t *input, size_t size) {
    static const uint8_t interesting[] = {0, 1, 0x7f, 0x80, 0xff, ':', ',', '\n', '=', '/'};
    for (size_t count = below(8); count > 0 && size > 0; count--) {
        size_t at = below(size), length = 1 + below(8);
        switch (below(6)) {
            case 0:
                input[at] ^= (uint8_t)(1 << below(8));
                break;
            case 1:
                input[at] = interesting[below(sizeof interesting)];
                break;
            case 2:
                size = at; // cut
                break;
            case 3: // drop
                length = length < size - at ? length : size - at;
                memmove(input + at, input + at + length, size - at - length);
                size -= length;
                break;
            case 4: // double
                if (size + length <= INPUT_MAX && at + length <= size) {
                    memmove(input + at + length, input + at, size - at);
                    size += length;
                }
                break;
            default:
                input[at] = (uint8_t)next_random();
                break;
        }
    }
    return size;
}

// Reads a body by whatever the random numbers say; all that comes out lies in it.
static void read_body(const struct frame *frame) {
    struct reader reader = reader_of(frame->body, frame->size);
    for (int i = 0; i < 16; i++) {
        switch (below(5)) {
            case 0:
                (void)read_u8(&reader);
                break;
            case 1:
                (void)read_u16(&reader);
                break;
            case 2:
                (void)read_u32(&reader);
                break;
            case 3:
                (void)read_u64(&reader);
                break;
            default: {
                struct text text = read_text(&reader);
                require(text.size == 0 || (text.bytes >= frame->body && text.bytes + text.size <= frame->body + frame->size),
                    "a string lies in its body");
                break;
            }
        }
        require(reader.left <= frame->size, "less is left");
    }
}

static void use_draft(const struct frame *frame) {
    if (!draft_add(&draft, frame->id, reader_of(frame->body, frame->size), &failure)) {
        require(failure.line[0] != 0 && strlen(failure.line) < sizeof failure.line, "a failure has a line");
        for (const char *at = failure.line; *at != 0; at++) {
            require((unsigned char)*at >= ' ' && *at != 0x7f, "a failure's line prints");
        }
        draft_clear(&draft);
        return;
    }
    require(draft.arguments[draft.argument_count] == NULL && draft.variables[draft.variable_count] == NULL, "lists end");
    for (size_t i = 0; i < draft.tmpfs_count; i++) {
        unsigned long flags = 0;
        char data[64];
        require(!mounts_options(draft.tmpfs[i].options, &flags, data, sizeof data) || strlen(data) < sizeof data, "options fit");
    }
    for (size_t i = 0; i < draft.argument_count; i++) {
        require(strlen(draft.arguments[i]) < DRAFT_TEXT_SIZE, "strings end");
    }
    if (below(4) == 0) {
        draft_clear(&draft);
    }
}

static void parse(const uint8_t *bytes, size_t size) {
    // In memory of its own, so that ASan sees a step beyond it.
    uint8_t *input = malloc(size == 0 ? 1 : size);
    require(input != NULL, "memory");
    memcpy(input, bytes, size);
    size_t at = 0, used;
    struct frame frame;
    enum frame_result result;
    while ((result = frame_parse(input + at, size - at, &frame, &used)) == FRAME_COMPLETE) {
        require(used >= FRAME_HEADER_SIZE && used <= size - at && used == frame.size + FRAME_HEADER_SIZE, "a frame lies in the input");
        read_body(&frame);
        use_draft(&frame);
        at += used;
    }
    free(input);
}

static void resolve(void) {
    static const char text[] = "root:x:0:0:r:/root:/bin/sh\nwww:x:33:34::/w:\n1000:x:7:8::/s:\n";
    static const char groups[] = "root:x:0:\nadm:x:4:www,a,,b\nwww:x:34:www\n";
    static uint8_t passwd[INPUT_MAX], group[INPUT_MAX], name[INPUT_MAX];
    memcpy(passwd, text, sizeof text);
    memcpy(group, groups, sizeof groups);
    memcpy(name, "www:adm", 8);
    size_t passwd_size = mutate(passwd, sizeof text - 1), group_size = mutate(group, sizeof groups - 1);
    name[mutate(name, 7)] = 0;
    int files[2] = {memfd_create("passwd", MFD_CLOEXEC), memfd_create("group", MFD_CLOEXEC)};
    require(write_all(files[0], passwd, passwd_size) && write_all(files[1], group, group_size), "files");
    require(lseek(files[0], 0, SEEK_SET) == 0 && lseek(files[1], 0, SEEK_SET) == 0, "files");
    if (user_resolve((const char *)name, files[0], files[1], &user, &failure)) {
        require(user.uid <= INT32_MAX && user.gid <= INT32_MAX && user.group_count <= USER_GROUPS, "numbers in range");
        require(strlen(user.home) < sizeof user.home, "a home");
    }
    close_fd(&files[0]);
    close_fd(&files[1]);
}

// A header, and records for it. What comes out is made into a header and records again, which say the same.
static void read_tar(void) {
    static struct tar_entry entry, again;
    static struct tar_records records, other;
    uint8_t input[INPUT_MAX];
    entry = (struct tar_entry){.type = TAR_FILE, .name = "some/name", .link = "to", .mode = 0755, .uid = 1, .gid = 2, .size = 3, .time = 4};
    tar_write_header(input, &entry);
    records.size = 0;
    records.full = false;
    tar_add_record(&records, "path", "a/../b//./c", 11);
    tar_add_record(&records, "linkpath", "x", 1);
    tar_add_record(&records, "mtime", "-12.5", 5);
    tar_add_record(&records, "size", "8589934592", 10);
    tar_add_record(&records, TAR_ATTRIBUTE "user.a", "1", 1);
    records.size = mutate(records.bytes, records.size);
    // The sum is right three times out of four: mostly it is about what comes after.
    (void)mutate(input, TAR_BLOCK);
    if (below(4) != 0) {
        unsigned sum = 0;
        memset(input + 148, ' ', 8);
        for (int i = 0; i < TAR_BLOCK; i++) {
            sum += input[i];
        }
        (void)snprintf((char *)input + 148, 8, "%06o", sum);
    }
    uint8_t *block = malloc(TAR_BLOCK);
    require(block != NULL, "memory");
    memcpy(block, input, TAR_BLOCK);
    if (tar_read_header(block, &entry, &failure) == TAR_ENTRY && tar_apply_records(&entry, &records, &failure)) {
        require(strlen(entry.name) < PATH_MAX && strlen(entry.link) < PATH_MAX, "names end");
        require(entry.size <= INT64_MAX - TAR_BLOCK && entry.mode <= 07777, "numbers in range");
        other.size = 0;
        other.full = false;
        tar_complete(&other, &entry);
        tar_write_header(block, &entry);
        require(!other.full && tar_read_header(block, &again, &failure) == TAR_ENTRY && tar_apply_records(&again, &other, &failure),
            "what was read can be written");
        require(strcmp(again.link, entry.link) == 0 && again.size == entry.size && again.uid == entry.uid && again.gid == entry.gid
                && again.time == entry.time && again.mode == entry.mode && strcmp(again.name, entry.name) == 0,
            "what was written says the same");
        if (tar_clean_name(entry.name)) {
            require(entry.name[0] != '/' && strstr(entry.name, "//") == NULL && strcmp(entry.name, "..") != 0
                    && strncmp(entry.name, "../", 3) != 0 && strstr(entry.name, "/../") == NULL,
                "a clean name is below");
        }
    }
    free(block);
}

int main(int count, char **arguments) {
    static uint8_t input[INPUT_MAX];
    long seconds = count > 1 ? atol(arguments[1]) : 1;
    state = count > 2 ? strtoull(arguments[2], NULL, 0) : (uint64_t)time(NULL) * 2654435761u + 1;
    printf("seed %" PRIu64 "\n", state);
    make_seeds();
    for (int i = 0; i < SEEDS; i++) {
        parse(seeds[i], sizes[i]);
    }
    uint64_t inputs = 0;
    for (time_t end = time(NULL) + seconds; time(NULL) < end;) {
        for (int i = 0; i < 1000; i++) {
            size_t seed = below(SEEDS);
            memcpy(input, seeds[seed], sizes[seed]);
            parse(input, mutate(input, sizes[seed]));
            if (i % TAR_EVERY == 0) {
                read_tar();
            }
            if (i % USERS_EVERY == 0) {
                resolve();
            }
        }
        inputs += 1000;
    }
    printf("%" PRIu64 " inputs\n", inputs);
    return 0;
}
