// A process that is to be started, as the host's frames describe it.
#ifndef DRAFT_H
#define DRAFT_H
#include "failure.h"
#include "frames.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    DRAFT_TEXT_SIZE = 512 * 1024, // of all strings
    DRAFT_ARGUMENTS = 4096,
    DRAFT_VARIABLES = 4096,
    DRAFT_GROUPS = 64,
    DRAFT_RLIMITS = 16,
    DRAFT_TMPFS = 32,
    RESOURCES = 16, // of setrlimit(2)
};

enum field {
    FIELD_ARGUMENT = 1,
    FIELD_VARIABLE = 2,
    FIELD_DIRECTORY = 3,
    FIELD_USER = 4,
    FIELD_GROUP = 5,
    FIELD_HOSTNAME = 6,
    FIELD_TERMINAL = 7,
    FIELD_STDIN = 8,
    FIELD_STDOUT = 9,
    FIELD_STDERR = 10,
    FIELD_RLIMIT = 11,
    FIELD_CAPABILITIES = 12,
    FIELD_NO_NEW_PRIVILEGES = 13,
    FIELD_READ_ONLY = 14,
    FIELD_TMPFS = 15,
    FIELD_INIT = 16,
    FIELD_ROOT = 17,
    FIELD_LOWER = 18,
    FIELD_UPPER = 19,
    FIELD_VOLATILE = 20,
    FIELD_HOSTS = 21,
    FIELD_RESOLV_CONF = 22,
    FIELD_MEMORY_MAX = 23,
    FIELD_CPU_MAX = 24,
    FIELD_PIDS_MAX = 25,
    FIELD_UNMASKED = 26,
    FIELD_SHM_SIZE = 27,
    FIELD_UNCONFINED = 28,
    FIELD_NETWORK = 29,
};

// A stream's name; the host made it up.
struct token {
    bool given;
    uint64_t value;
};

struct rlimit_field {
    uint32_t resource;
    uint64_t soft, hard; // UINT64_MAX: none
};

struct tmpfs_field {
    char *path, *options;
};

// IPv4 addresses as they are on the wire.
struct network_field {
    bool given;
    uint8_t prefix;
    uint32_t address, gateway;
};

struct draft {
    bool begun;
    uint32_t id;
    char *arguments[DRAFT_ARGUMENTS + 1];
    size_t argument_count;
    char *variables[DRAFT_VARIABLES + 1];
    size_t variable_count;
    const char *groups[DRAFT_GROUPS];
    size_t group_count;
    struct rlimit_field rlimits[DRAFT_RLIMITS];
    size_t rlimit_count;
    struct tmpfs_field tmpfs[DRAFT_TMPFS];
    size_t tmpfs_count;
    const char *directory, *user, *hostname, *root, *lower, *upper, *hosts, *resolv_conf; // NULL: not given
    bool has_terminal;
    struct token terminal, standard_input, standard_output, standard_error;
    uint16_t rows, columns;
    bool has_capabilities;
    uint64_t capabilities;
    bool no_new_privileges, read_only, init, is_volatile, unmasked, unconfined;
    uint64_t memory_max, pids_max, cpu_quota, cpu_period, shm_size; // 0: not given
    struct network_field network;
    size_t text_used;
    char text[DRAFT_TEXT_SIZE];
};

void draft_clear(struct draft *draft);

// Adds the fields of a frame's body. Those of unknown number are skipped: a later generation's.
bool draft_add(struct draft *draft, uint32_t id, struct reader body, struct failure *failure);

// The value of a variable, or NULL.
const char *draft_variable(const struct draft *draft, const char *name);

// Adds a variable unless there is one of that name.
bool draft_default_variable(struct draft *draft, const char *name, const char *value, struct failure *failure);
#endif
