#include "draft.h"
#include <arpa/inet.h>
#include <string.h>

void draft_clear(struct draft *draft) {
    // Its text, by far the most, is only what was written.
    memset(draft, 0, offsetof(struct draft, text));
}

// A copy that ends with a zero byte, or NULL.
static char *keep(struct draft *draft, const uint8_t *bytes, size_t size, struct failure *failure) {
    if (size > 0 && memchr(bytes, 0, size) != NULL) {
        fail(failure, STATUS_FAILED, "a zero byte in a string");
        return NULL;
    }
    if (sizeof draft->text - draft->text_used <= size) {
        fail(failure, STATUS_FAILED, "arguments and environment are longer than %d KiB", DRAFT_TEXT_SIZE / 1024);
        return NULL;
    }
    char *copy = draft->text + draft->text_used;
    if (size > 0) {
        memcpy(copy, bytes, size);
    }
    copy[size] = 0;
    draft->text_used += size + 1;
    return copy;
}

// Adds to a list of strings.
static bool append(struct draft *draft, char **list, size_t *count, size_t limit, struct text value, struct failure *failure) {
    if (*count == limit) {
        return fail(failure, STATUS_FAILED, "more than %zu arguments or variables", limit);
    }
    char *copy = keep(draft, value.bytes, value.size, failure);
    if (copy == NULL) {
        return false;
    }
    list[(*count)++] = copy;
    list[*count] = NULL;
    return true;
}

static bool set(struct draft *draft, const char **string, struct text value, struct failure *failure) {
    *string = keep(draft, value.bytes, value.size, failure);
    return *string != NULL;
}

static bool add_group(struct draft *draft, struct text value, struct failure *failure) {
    if (draft->group_count == DRAFT_GROUPS) {
        return fail(failure, STATUS_FAILED, "more than %d additional groups", DRAFT_GROUPS);
    }
    return set(draft, &draft->groups[draft->group_count++], value, failure);
}

static bool add_rlimit(struct draft *draft, struct reader *value, struct failure *failure) {
    struct rlimit_field field = {.resource = read_u32(value)};
    field.soft = read_u64(value);
    field.hard = read_u64(value);
    if (field.resource >= RESOURCES || field.soft > field.hard) {
        return fail(failure, STATUS_FAILED, "no such limit");
    }
    if (draft->rlimit_count == DRAFT_RLIMITS) {
        return fail(failure, STATUS_FAILED, "more than %d limits", DRAFT_RLIMITS);
    }
    draft->rlimits[draft->rlimit_count++] = field;
    return true;
}

static bool add_tmpfs(struct draft *draft, struct reader *value, struct failure *failure) {
    if (draft->tmpfs_count == DRAFT_TMPFS) {
        return fail(failure, STATUS_FAILED, "more than %d tmpfs", DRAFT_TMPFS);
    }
    struct text path = read_text(value);
    struct text options = read_text(value);
    struct tmpfs_field field = {.path = keep(draft, path.bytes, path.size, failure)};
    if (field.path == NULL || (field.options = keep(draft, options.bytes, options.size, failure)) == NULL) {
        return false;
    }
    if (field.path[0] != '/') {
        return fail(failure, STATUS_FAILED, "the mount path \"%s\" is not absolute", field.path);
    }
    draft->tmpfs[draft->tmpfs_count++] = field;
    return true;
}

static bool set_network(struct draft *draft, struct reader *value, struct failure *failure) {
    draft->network = (struct network_field){.given = true, .prefix = read_u8(value)};
    draft->network.address = htonl(read_u32(value));
    draft->network.gateway = htonl(read_u32(value));
    return draft->network.prefix <= 32 || fail(failure, STATUS_FAILED, "no such network");
}

static struct token read_token(struct reader *value) {
    return (struct token){.given = true, .value = read_u64(value)};
}

static bool add_field(struct draft *draft, uint16_t field, struct text value, struct failure *failure) {
    struct reader reader = reader_of(value.bytes, value.size);
    bool good = true;
    switch (field) {
        case FIELD_ARGUMENT:
            return append(draft, draft->arguments, &draft->argument_count, DRAFT_ARGUMENTS, value, failure);
        case FIELD_VARIABLE:
            return append(draft, draft->variables, &draft->variable_count, DRAFT_VARIABLES, value, failure);
        case FIELD_DIRECTORY:
            return set(draft, &draft->directory, value, failure);
        case FIELD_USER:
            return set(draft, &draft->user, value, failure);
        case FIELD_GROUP:
            return add_group(draft, value, failure);
        case FIELD_HOSTNAME:
            return set(draft, &draft->hostname, value, failure);
        case FIELD_ROOT:
            return set(draft, &draft->root, value, failure);
        case FIELD_LOWER:
            return set(draft, &draft->lower, value, failure);
        case FIELD_UPPER:
            return set(draft, &draft->upper, value, failure);
        case FIELD_HOSTS:
            return set(draft, &draft->hosts, value, failure);
        case FIELD_RESOLV_CONF:
            return set(draft, &draft->resolv_conf, value, failure);
        case FIELD_TERMINAL:
            draft->has_terminal = true;
            draft->terminal = read_token(&reader);
            draft->rows = read_u16(&reader);
            draft->columns = read_u16(&reader);
            break;
        case FIELD_STDIN:
            draft->standard_input = read_token(&reader);
            break;
        case FIELD_STDOUT:
            draft->standard_output = read_token(&reader);
            break;
        case FIELD_STDERR:
            draft->standard_error = read_token(&reader);
            break;
        case FIELD_RLIMIT:
            good = add_rlimit(draft, &reader, failure);
            break;
        case FIELD_TMPFS:
            good = add_tmpfs(draft, &reader, failure);
            break;
        case FIELD_CAPABILITIES:
            draft->has_capabilities = true;
            draft->capabilities = read_u64(&reader);
            break;
        case FIELD_NO_NEW_PRIVILEGES:
            draft->no_new_privileges = true;
            break;
        case FIELD_READ_ONLY:
            draft->read_only = true;
            break;
        case FIELD_INIT:
            draft->init = true;
            break;
        case FIELD_VOLATILE:
            draft->is_volatile = true;
            break;
        case FIELD_UNMASKED:
            draft->unmasked = true;
            break;
        case FIELD_UNCONFINED:
            draft->unconfined = true;
            break;
        case FIELD_MEMORY_MAX:
            draft->memory_max = read_u64(&reader);
            break;
        case FIELD_PIDS_MAX:
            draft->pids_max = read_u64(&reader);
            break;
        case FIELD_SHM_SIZE:
            draft->shm_size = read_u64(&reader);
            break;
        case FIELD_CPU_MAX:
            draft->cpu_quota = read_u64(&reader);
            draft->cpu_period = read_u64(&reader);
            break;
        case FIELD_NETWORK:
            good = set_network(draft, &reader, failure);
            break;
        default:
            break;
    }
    if (reader.bad) {
        return fail(failure, STATUS_FAILED, "field %d is too short", field);
    }
    return good;
}

bool draft_add(struct draft *draft, uint32_t id, struct reader body, struct failure *failure) {
    if (draft->begun && draft->id != id) {
        return fail(failure, STATUS_FAILED, "process %u was begun, and process %u goes on", (unsigned)draft->id, (unsigned)id);
    }
    draft->begun = true;
    draft->id = id;
    while (body.left > 0) {
        uint16_t field = read_u16(&body);
        struct text value = read_text(&body);
        if (body.bad) {
            return fail(failure, STATUS_FAILED, "a field goes on past the end of its frame");
        }
        if (!add_field(draft, field, value, failure)) {
            return false;
        }
    }
    return true;
}

const char *draft_variable(const struct draft *draft, const char *name) {
    size_t size = strlen(name);
    const char *value = NULL;
    for (size_t i = 0; i < draft->variable_count; i++) {
        const char *variable = draft->variables[i];
        if (strncmp(variable, name, size) == 0 && variable[size] == '=') {
            value = variable + size + 1;
        }
    }
    return value;
}

bool draft_default_variable(struct draft *draft, const char *name, const char *value, struct failure *failure) {
    if (draft_variable(draft, name) != NULL) {
        return true;
    }
    size_t name_size = strlen(name), size = name_size + 1 + strlen(value);
    char buffer[512];
    if (size >= sizeof buffer) {
        return fail(failure, STATUS_FAILED, "the value for %s is too long", name);
    }
    memcpy(buffer, name, name_size);
    buffer[name_size] = '=';
    strcpy(buffer + name_size + 1, value);
    struct text text = {.bytes = (const uint8_t *)buffer, .size = size};
    return append(draft, draft->variables, &draft->variable_count, DRAFT_VARIABLES, text, failure);
}
