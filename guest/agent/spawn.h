// The way of a new process from fork to exec.
#ifndef SPAWN_H
#define SPAWN_H
#include "draft.h"

// What the process is told beside its draft.
struct spawn {
    struct draft *draft; // the process's own copy: fork made it
    bool is_first; // the container's first process makes its namespaces; others join them
    int container; // pidfd of the first process, where it is another
    const char *root; // where is_first
    int standard_input, standard_output, standard_error; // -1: nothing
    int report; // a socket that is closed by exec
    uint64_t capabilities;
    bool no_new_privileges, unconfined;
};

// What comes over the report socket before it ends: a message each. Its end alone means that the program runs.
enum report_kind {
    REPORT_FAILURE = 1, // with a struct failure
    REPORT_TERMINAL = 2, // with a descriptor
};

struct report {
    uint32_t kind;
    struct failure failure;
};

// Never returns: it executes the program, or reports why not.
_Noreturn void spawn_child(struct spawn *spawn);

// Takes the next message, without waiting: 1 for one (with *fd for a terminal), 0 at the end, -1 if there is none yet.
int spawn_read_report(int socket, struct report *report, int *fd);
#endif
