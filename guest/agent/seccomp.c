#include "seccomp.h"
#include <errno.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>

#define CAPABILITY(number) (UINT64_C(1) << (number))

enum {
    NONE = 0xffff, // this architecture does not have the call
    LAST = 450, // set_mempolicy_home_node: what comes later is unknown here
    PROGRAM_MAX = 600,
    NAMESPACE_FLAGS = 0x7e020000, // CLONE_NEW*, for clone without CAP_SYS_ADMIN
    VSOCK = 40, // AF_VSOCK: not the container's way to the host
};

struct call {
    uint16_t amd64, i386;
    uint64_t capabilities; // any of which allows it
};

// All calls up to LAST that docker's default profile (moby profiles/seccomp/default.json; without io_uring, as since 25.0) does not allow to
// everyone. The kernel's numbers: asm/unistd_64.h and asm/unistd_32.h of Linux 6.1.
static const struct call CALLS[] = {
    {304, 342, CAPABILITY(CAP_DAC_READ_SEARCH)}, // open_by_handle_at
    {156, 149, 0}, // _sysctl
    {248, 286, 0}, // add_key
    {183, 137, 0}, // afs_syscall
    {NONE, 134, 0}, // bdflush
    {NONE, 17, 0}, // break
    {174, 127, 0}, // create_module
    {NONE, 35, 0}, // ftime
    {177, 130, 0}, // get_kernel_syms
    {181, 188, 0}, // getpmsg
    {NONE, 32, 0}, // gtty
    {NONE, 112, 0}, // idle
    {426, 426, 0}, // io_uring_enter
    {427, 427, 0}, // io_uring_register
    {425, 425, 0}, // io_uring_setup
    {320, NONE, 0}, // kexec_file_load
    {246, 283, 0}, // kexec_load
    {250, 288, 0}, // keyctl
    {NONE, 53, 0}, // lock
    {256, 294, 0}, // migrate_pages
    {279, 317, 0}, // move_pages
    {NONE, 56, 0}, // mpx
    {180, 169, 0}, // nfsservctl
    {NONE, 34, 0}, // nice
    {NONE, 28, 0}, // oldfstat
    {NONE, 84, 0}, // oldlstat
    {NONE, 59, 0}, // oldolduname
    {NONE, 18, 0}, // oldstat
    {NONE, 109, 0}, // olduname
    {155, 217, 0}, // pivot_root
    {NONE, 44, 0}, // prof
    {NONE, 98, 0}, // profil
    {182, 189, 0}, // putpmsg
    {178, 167, 0}, // query_module
    {NONE, 89, 0}, // readdir
    {249, 287, 0}, // request_key
    {185, NONE, 0}, // security
    {NONE, 68, 0}, // sgetmask
    {NONE, 67, 0}, // sigaction
    {NONE, 48, 0}, // signal
    {NONE, 73, 0}, // sigpending
    {NONE, 72, 0}, // sigsuspend
    {NONE, 69, 0}, // ssetmask
    {NONE, 31, 0}, // stty
    {168, 115, 0}, // swapoff
    {167, 87, 0}, // swapon
    {139, 135, 0}, // sysfs
    {184, NONE, 0}, // tuxcall
    {NONE, 58, 0}, // ulimit
    {134, 86, 0}, // uselib
    {323, 374, 0}, // userfaultfd
    {136, 62, 0}, // ustat
    {NONE, 166, 0}, // vm86
    {NONE, 113, 0}, // vm86old
    {236, 273, 0}, // vserver
    {300, 338, CAPABILITY(CAP_SYS_ADMIN)}, // fanotify_init
    {431, 431, CAPABILITY(CAP_SYS_ADMIN)}, // fsconfig
    {432, 432, CAPABILITY(CAP_SYS_ADMIN)}, // fsmount
    {430, 430, CAPABILITY(CAP_SYS_ADMIN)}, // fsopen
    {433, 433, CAPABILITY(CAP_SYS_ADMIN)}, // fspick
    {212, 253, CAPABILITY(CAP_SYS_ADMIN)}, // lookup_dcookie
    {165, 21, CAPABILITY(CAP_SYS_ADMIN)}, // mount
    {442, 442, CAPABILITY(CAP_SYS_ADMIN)}, // mount_setattr
    {429, 429, CAPABILITY(CAP_SYS_ADMIN)}, // move_mount
    {428, 428, CAPABILITY(CAP_SYS_ADMIN)}, // open_tree
    {179, 131, CAPABILITY(CAP_SYS_ADMIN)}, // quotactl
    {443, 443, CAPABILITY(CAP_SYS_ADMIN)}, // quotactl_fd
    {171, 121, CAPABILITY(CAP_SYS_ADMIN)}, // setdomainname
    {170, 74, CAPABILITY(CAP_SYS_ADMIN)}, // sethostname
    {308, 346, CAPABILITY(CAP_SYS_ADMIN)}, // setns
    {NONE, 22, CAPABILITY(CAP_SYS_ADMIN)}, // umount
    {166, 52, CAPABILITY(CAP_SYS_ADMIN)}, // umount2
    {272, 310, CAPABILITY(CAP_SYS_ADMIN)}, // unshare
    {321, 357, CAPABILITY(CAP_SYS_ADMIN) | CAPABILITY(CAP_BPF)}, // bpf
    {298, 336, CAPABILITY(CAP_SYS_ADMIN) | CAPABILITY(CAP_PERFMON)}, // perf_event_open
    {103, 103, CAPABILITY(CAP_SYS_ADMIN) | CAPABILITY(CAP_SYSLOG)}, // syslog
    {169, 88, CAPABILITY(CAP_SYS_BOOT)}, // reboot
    {161, 61, CAPABILITY(CAP_SYS_CHROOT)}, // chroot
    {176, 129, CAPABILITY(CAP_SYS_MODULE)}, // delete_module
    {313, 350, CAPABILITY(CAP_SYS_MODULE)}, // finit_module
    {175, 128, CAPABILITY(CAP_SYS_MODULE)}, // init_module
    {239, 275, CAPABILITY(CAP_SYS_NICE)}, // get_mempolicy
    {237, 274, CAPABILITY(CAP_SYS_NICE)}, // mbind
    {238, 276, CAPABILITY(CAP_SYS_NICE)}, // set_mempolicy
    {450, 450, CAPABILITY(CAP_SYS_NICE)}, // set_mempolicy_home_node
    {163, 51, CAPABILITY(CAP_SYS_PACCT)}, // acct
    {312, 349, CAPABILITY(CAP_SYS_PTRACE)}, // kcmp
    {438, 438, CAPABILITY(CAP_SYS_PTRACE)}, // pidfd_getfd
    {440, 440, CAPABILITY(CAP_SYS_PTRACE)}, // process_madvise
    {173, 101, CAPABILITY(CAP_SYS_RAWIO)}, // ioperm
    {172, 110, CAPABILITY(CAP_SYS_RAWIO)}, // iopl
    {227, 264, CAPABILITY(CAP_SYS_TIME)}, // clock_settime
    {NONE, 404, CAPABILITY(CAP_SYS_TIME)}, // clock_settime64
    {164, 79, CAPABILITY(CAP_SYS_TIME)}, // settimeofday
    {NONE, 25, CAPABILITY(CAP_SYS_TIME)}, // stime
    {153, 111, CAPABILITY(CAP_SYS_TTY_CONFIG)}, // vhangup
};

struct architecture {
    uint32_t clone, socket, personality;
};

static const struct architecture AMD64 = {56, 41, 135}, I386 = {120, 359, 136};

enum { CLONE3 = 435 }; // the same in both

static struct sock_filter program[PROGRAM_MAX];
static unsigned short size;

// More than there is room for is counted all the same, and refused at the end.
static void add(uint16_t code, uint32_t value, uint8_t if_true, uint8_t if_false) {
    if (size < PROGRAM_MAX) {
        program[size] = (struct sock_filter){.code = code, .jt = if_true, .jf = if_false, .k = value};
    }
    size++;
}

static void load(size_t offset) {
    add(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void answer(uint32_t action) {
    add(BPF_RET | BPF_K, action, 0, 0);
}

static void answer_error(int error) {
    answer(SECCOMP_RET_ERRNO | (uint32_t)error);
}

// The answer that follows counts only for this value.
static void if_equal(uint32_t value) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, 1);
}

static void first_argument(void) {
    load(offsetof(struct seccomp_data, args)); // little-endian: its lower half
}

// Of calls that are allowed for some arguments only.
static void add_arguments(const struct architecture *architecture, uint64_t capabilities) {
    static const uint32_t PERSONALITIES[] = {0, 8, 0x20000, 0x20008, 0xffffffff};
    enum { PERSONALITY_COUNT = sizeof PERSONALITIES / sizeof PERSONALITIES[0] };
    if ((capabilities & CAPABILITY(CAP_SYS_ADMIN)) == 0) {
        if_equal(CLONE3); // its flags can't be seen: the C library falls back to clone
        answer_error(ENOSYS);
        add(BPF_JMP | BPF_JEQ | BPF_K, architecture->clone, 0, 4);
        first_argument();
        add(BPF_JMP | BPF_JSET | BPF_K, NAMESPACE_FLAGS, 0, 1);
        answer_error(EPERM);
        answer(SECCOMP_RET_ALLOW);
    }
    add(BPF_JMP | BPF_JEQ | BPF_K, architecture->socket, 0, 4);
    first_argument();
    if_equal(VSOCK);
    answer_error(EPERM);
    answer(SECCOMP_RET_ALLOW);
    add(BPF_JMP | BPF_JEQ | BPF_K, architecture->personality, 0, 2 * PERSONALITY_COUNT + 2);
    first_argument();
    for (size_t i = 0; i < PERSONALITY_COUNT; i++) {
        if_equal(PERSONALITIES[i]);
        answer(SECCOMP_RET_ALLOW);
    }
    answer_error(EPERM);
}

static void add_calls(const struct architecture *architecture, uint64_t capabilities) {
    load(offsetof(struct seccomp_data, nr));
    add(BPF_JMP | BPF_JGT | BPF_K, LAST, 0, 1); // x32's are far above
    answer_error(ENOSYS);
    for (size_t i = 0; i < sizeof CALLS / sizeof CALLS[0]; i++) {
        uint16_t number = architecture == &AMD64 ? CALLS[i].amd64 : CALLS[i].i386;
        if (number != NONE && (CALLS[i].capabilities & capabilities) == 0) {
            if_equal(number);
            answer_error(EPERM);
        }
    }
    add_arguments(architecture, capabilities);
    answer(SECCOMP_RET_ALLOW);
}

bool seccomp_confine(uint64_t capabilities, struct failure *failure) {
    size = 0;
    load(offsetof(struct seccomp_data, arch));
    add(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_I386, 1, 0);
    unsigned short jump = size;
    add(BPF_JMP | BPF_JA, 0, 0, 0);
    add_calls(&I386, capabilities);
    program[jump].k = (uint32_t)(size - jump - 1);
    add(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0);
    answer(SECCOMP_RET_KILL_PROCESS);
    add_calls(&AMD64, capabilities);
    if (size > PROGRAM_MAX) {
        return fail(failure, STATUS_FAILED, "the filter of system calls is too long");
    }
    struct sock_fprog filter = {.len = size, .filter = program};
    return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0
        || fail_errno(failure, "cannot confine system calls");
}
