#include "process.h"
#include "caps.h"
#include "cgroup.h"
#include "control.h"
#include "loop.h"
#include "network.h"
#include "root.h"
#include "spawn.h"
#include "streams.h"
#include "system.h"
#include "terminal.h"
#include "transport.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LAST_SIGNAL = 64, SIGNALLED = 128, END_TRIES = 500, END_PAUSE_NANOS = 10 * 1000 * 1000 };

enum state { FREE, STARTING, RUNNING, ENDED };

struct process {
    enum state state;
    bool is_first;
    bool has_failed; // and the host knows it
    uint32_t id;
    pid_t pid;
    int report; // until it runs
    int connection; // of a terminal that is to come
    int terminal; // a descriptor to resize it by
    int number; // in the loop
};

static struct process processes[PROCESSES_MAX];

// What later processes are to have too.
static struct {
    int pidfd; // of the first process
    bool is_running, is_over;
    uint64_t capabilities;
    bool no_new_privileges, unconfined;
} container = {.pidfd = -1};

static struct process *find(uint32_t id) {
    for (int i = 0; i < PROCESSES_MAX; i++) {
        if (processes[i].state != FREE && processes[i].id == id) {
            return &processes[i];
        }
    }
    return NULL;
}

// From its START until the host knows its end, or that there was none.
static bool has_first(void) {
    for (int i = 0; i < PROCESSES_MAX; i++) {
        if (processes[i].state != FREE && processes[i].is_first) {
            return true;
        }
    }
    return false;
}

static int owner_of(const struct process *process) {
    return (int)(process - processes);
}

static struct process *allocate(uint32_t id, bool is_first, struct failure *failure) {
    if (find(id) != NULL) {
        fail(failure, STATUS_FAILED, "there is a process %u already", (unsigned)id);
        return NULL;
    }
    for (int i = 0; i < PROCESSES_MAX; i++) {
        if (processes[i].state == FREE) {
            processes[i] = (struct process){
                .id = id, .is_first = is_first, .report = -1, .connection = -1, .terminal = -1, .number = -1};
            return &processes[i];
        }
    }
    fail(failure, STATUS_FAILED, "there are %d processes already", PROCESSES_MAX);
    return NULL;
}

static void release(struct process *process) {
    streams_stop(owner_of(process));
    close_fd(&process->report);
    close_fd(&process->connection);
    close_fd(&process->terminal);
    process->state = FREE;
}

// Connects the host to a pipe; *end is the process's. Nothing to do without a token.
static bool open_stream(const struct process *process, struct token token, bool is_input, int *end, struct failure *failure) {
    int ends[2];
    if (!token.given) {
        return true;
    }
    int connection = transport_open_stream(token.value, failure);
    if (connection < 0) {
        return false;
    }
    if (pipe2(ends, O_CLOEXEC) < 0) {
        fail_errno(failure, "cannot make a pipe");
        close_fd(&connection);
        return false;
    }
    int ours = is_input ? ends[1] : ends[0];
    *end = is_input ? ends[0] : ends[1];
    if (!set_nonblocking(ours)) {
        fail_errno(failure, "cannot make a pipe");
        close_fd(&connection);
        close_fd(&ours);
        return false;
    }
    return stream_start(owner_of(process), is_input ? connection : ours, is_input ? ours : connection)
        || fail(failure, STATUS_FAILED, "there are %d streams already", STREAMS_MAX);
}

static bool open_streams(struct process *process, struct spawn *spawn, struct failure *failure) {
    const struct draft *draft = spawn->draft;
    if (draft->has_terminal) {
        process->connection = transport_open_stream(draft->terminal.value, failure);
        return process->connection >= 0;
    }
    return open_stream(process, draft->standard_input, true, &spawn->standard_input, failure)
        && open_stream(process, draft->standard_output, false, &spawn->standard_output, failure)
        && open_stream(process, draft->standard_error, false, &spawn->standard_error, failure);
}

// Forks in the container's process namespace, without entering it: children are put there until this process says otherwise.
static pid_t fork_into(const struct spawn *spawn, struct failure *failure) {
    static int own = -1;
    if (own < 0 && (own = open_pidfd(getpid())) < 0) {
        fail_errno(failure, "cannot open the own process");
        return -1;
    }
    int entered = spawn->is_first ? unshare(CLONE_NEWPID) : setns(spawn->container, CLONE_NEWPID);
    if (entered < 0) {
        if (errno == ESRCH) {
            fail(failure, STATUS_FAILED, "container is not running");
        } else {
            fail_errno(failure, "cannot make a process namespace");
        }
        return -1;
    }
    pid_t pid = fork();
    int error = errno;
    if (pid != 0 && setns(own, CLONE_NEWPID) < 0) {
        fail_errno(failure, "cannot come back to the own process namespace");
        return -1;
    }
    errno = error;
    if (pid < 0) {
        // ENOMEM is also what a namespace says whose first process has ended.
        fail_errno(failure, "cannot start a process");
    }
    return pid;
}

static bool start(struct process *process, struct spawn *spawn, int reports[2], struct failure *failure) {
    if (!open_streams(process, spawn, failure)) {
        return false;
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, reports) < 0) {
        return fail_errno(failure, "cannot make a socket");
    }
    spawn->report = reports[1];
    pid_t pid = fork_into(spawn, failure);
    if (pid < 0) {
        return false;
    }
    if (pid == 0) {
        spawn_child(spawn);
    }
    process->pid = pid;
    process->report = reports[0];
    process->state = STARTING;
    reports[0] = -1;
    return true;
}

// What the container's first process decides for those that come after it.
static bool found_container(const struct draft *draft, struct failure *failure) {
    if (has_first() || container.is_over) {
        return fail(failure, STATUS_FAILED, "the container was started already");
    }
    container.capabilities = draft->has_capabilities ? draft->capabilities : DEFAULT_CAPABILITIES;
    container.no_new_privileges = draft->no_new_privileges;
    container.unconfined = draft->unconfined;
    return cgroup_make(draft, failure);
}

bool process_start(struct draft *draft, bool is_first, struct failure *failure) {
    int reports[2] = {-1, -1};
    struct spawn spawn = {.draft = draft, .is_first = is_first, .container = container.pidfd, .root = NULL,
        .standard_input = -1, .standard_output = -1, .standard_error = -1};
    if (is_first) {
        if (!found_container(draft, failure) || !network_up(&draft->network, failure)
            || (spawn.root = root_assemble(draft, failure)) == NULL) {
            return false;
        }
    } else if (!container.is_running) {
        return fail(failure, STATUS_FAILED, "container is not running");
    }
    spawn.capabilities = draft->has_capabilities ? draft->capabilities : container.capabilities;
    spawn.no_new_privileges = container.no_new_privileges || draft->no_new_privileges;
    spawn.unconfined = container.unconfined || draft->unconfined;
    struct process *process = allocate(draft->id, is_first, failure);
    if (process == NULL) {
        return false;
    }
    bool started = start(process, &spawn, reports, failure);
    close_fd(&spawn.standard_input);
    close_fd(&spawn.standard_output);
    close_fd(&spawn.standard_error);
    close_fd(&reports[0]);
    close_fd(&reports[1]);
    if (started && is_first && (container.pidfd = open_pidfd(process->pid)) < 0) {
        // It can't have been reaped, so this is for want of descriptors; nothing could be executed in it later.
        fail_errno(failure, "cannot open the container's process");
        (void)kill(process->pid, SIGKILL);
        started = false;
    }
    if (!started) {
        release(process);
    }
    return started;
}

// A terminal has come: two pumps over one connection.
static void connect_terminal(struct process *process, int terminal) {
    int connection = process->connection;
    process->connection = -1;
    int input = fcntl(connection, F_DUPFD_CLOEXEC, 0), output = fcntl(terminal, F_DUPFD_CLOEXEC, 0);
    process->terminal = fcntl(terminal, F_DUPFD_CLOEXEC, 0);
    bool good = input >= 0 && output >= 0 && process->terminal >= 0 && set_nonblocking(terminal);
    if (good) {
        good = stream_start(owner_of(process), terminal, connection);
        terminal = connection = -1;
        if (good) {
            good = stream_start(owner_of(process), input, output);
            input = output = -1;
        }
    }
    if (!good) {
        (void)kill(process->pid, SIGKILL); // nobody would see what it writes
    }
    close_fd(&terminal);
    close_fd(&connection);
    close_fd(&input);
    close_fd(&output);
}

static void tell_started(struct process *process) {
    process->state = RUNNING;
    container.is_running = container.is_running || process->is_first;
    struct writer writer = control_begin(process->id, FRAME_STARTED);
    write_u32(&writer, (uint32_t)process->pid);
    control_send(&writer);
}

// Takes what a process that is on its way to exec has to say.
static void read_reports(struct process *process) {
    static struct report report;
    int fd, result = -1;
    while (process->state == STARTING && (result = spawn_read_report(process->report, &report, &fd)) > 0) {
        if (report.kind == REPORT_TERMINAL && fd >= 0) {
            connect_terminal(process, fd);
        } else if (report.kind == REPORT_FAILURE && !process->has_failed) {
            process->has_failed = true;
            control_send_error(process->id, process->is_first ? FRAME_START : FRAME_EXEC, &report.failure);
        }
    }
    if (result == 0) {
        close_fd(&process->report);
        if (!process->has_failed) {
            tell_started(process);
        }
    }
}

void process_prepare(void) {
    for (int i = 0; i < PROCESSES_MAX; i++) {
        processes[i].number = processes[i].state == STARTING ? loop_add(processes[i].report, POLLIN) : -1;
    }
}

void process_run(void) {
    for (int i = 0; i < PROCESSES_MAX; i++) {
        if (processes[i].state == STARTING && loop_events(processes[i].number) != 0) {
            read_reports(&processes[i]);
        }
    }
}

static void tell_exit(const struct process *process, int status) {
    int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    struct writer writer = control_begin(process->id, FRAME_EXIT);
    write_u32(&writer, (uint32_t)(number != 0 ? SIGNALLED + number : WEXITSTATUS(status)));
    write_u32(&writer, (uint32_t)number);
    write_u8(&writer, cgroup_oom_kills() > 0 && number == SIGKILL);
    control_send(&writer);
}

static void end(struct process *process, int status) {
    // It may have failed or succeeded to begin, and its word for that not have been read yet.
    if (process->state == STARTING) {
        read_reports(process);
    }
    if (process->is_first) {
        container.is_running = false;
        close_fd(&container.pidfd);
    }
    if (process->has_failed) {
        release(process);
        return;
    }
    if (process->state == STARTING) {
        // Killed on its way: it began, as far as anyone can tell.
        close_fd(&process->report);
        tell_started(process);
        container.is_running = container.is_running && !process->is_first;
    }
    process->state = ENDED;
    tell_exit(process, status);
}

void process_reap(void) {
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
        for (int i = 0; i < PROCESSES_MAX; i++) {
            struct process *process = &processes[i];
            if ((process->state == STARTING || process->state == RUNNING) && process->pid == pid) {
                end(process, status);
                break;
            }
        }
    }
}

static struct process *find_running(uint32_t id, struct failure *failure) {
    struct process *process = find(id);
    if (process == NULL || process->state != RUNNING) {
        fail(failure, STATUS_FAILED, "process %u is not running", (unsigned)id);
        return NULL;
    }
    return process;
}

bool process_signal(uint32_t id, int number, bool group, struct failure *failure) {
    struct process *process = find_running(id, failure);
    if (process == NULL) {
        return false;
    }
    if (number < 1 || number > LAST_SIGNAL) {
        return fail(failure, STATUS_FAILED, "invalid signal: %d", number);
    }
    // Its number is its own until it is reaped, and only this process reaps.
    return kill(group ? -process->pid : process->pid, number) == 0
        || fail_errno(failure, "cannot send signal %d", number);
}

bool process_resize(uint32_t id, uint16_t rows, uint16_t columns, struct failure *failure) {
    struct process *process = find_running(id, failure);
    if (process == NULL) {
        return false;
    }
    if (process->terminal < 0) {
        return fail(failure, STATUS_FAILED, "process %u has no terminal", (unsigned)id);
    }
    return terminal_resize(process->terminal, rows, columns) || fail_errno(failure, "cannot resize the terminal");
}

bool process_acknowledge(uint32_t id, struct failure *failure) {
    struct process *process = find(id);
    if (process == NULL || process->state != ENDED) {
        return fail(failure, STATUS_FAILED, "process %u has not ended", (unsigned)id);
    }
    container.is_over = container.is_over || process->is_first;
    release(process);
    return true;
}

bool process_is_over(void) {
    return container.is_over;
}

int process_container(void) {
    return container.is_running ? container.pidfd : -1;
}

bool process_end_all(void) {
    struct timespec pause = {.tv_nsec = END_PAUSE_NANOS};
    for (int i = 0; i < END_TRIES; i++) {
        int status;
        pid_t pid;
        if (getpid() == 1) {
            (void)kill(-1, SIGKILL); // none of them may be left
        }
        for (int j = 0; j < PROCESSES_MAX; j++) {
            if (processes[j].state == STARTING || processes[j].state == RUNNING) {
                (void)kill(processes[j].pid, SIGKILL);
            }
        }
        while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
            for (int j = 0; j < PROCESSES_MAX; j++) {
                if (processes[j].state != FREE && processes[j].pid == pid) {
                    release(&processes[j]);
                }
            }
        }
        if (pid < 0) {
            return true; // ECHILD: no children
        }
        (void)nanosleep(&pause, NULL);
    }
    return false;
}
