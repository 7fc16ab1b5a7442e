#include "devices.h"
#include "system.h"
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>
// after sys/syscall.h
#include <linux/bpf.h>

enum { ANY = -1, PROGRAM_MAX = 64 };

// runtime-spec config-linux.md "Default Devices", with terminals.
static const struct {
    int major, minor;
} ALLOWED[] = {{1, 3}, {1, 5}, {1, 7}, {1, 8}, {1, 9}, {5, 0}, {5, 1}, {5, 2}, {136, ANY}};

static struct bpf_insn program[PROGRAM_MAX];
static int size;

static void add(int code, int to, int from, int offset, int value) {
    program[size++] = (struct bpf_insn){
        .code = (uint8_t)code, .dst_reg = (uint8_t)(to & 15), .src_reg = (uint8_t)(from & 15), .off = (int16_t)offset, .imm = value};
}

static void end_with(int result) {
    add(BPF_ALU64 | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, result);
    add(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

// The kernel's Documentation/bpf/instruction-set; a device that is asked for is in struct bpf_cgroup_dev_ctx. To make a node is always allowed.
static void assemble(void) {
    size = 0;
    add(BPF_LDX | BPF_W | BPF_MEM, BPF_REG_2, BPF_REG_1, offsetof(struct bpf_cgroup_dev_ctx, access_type), 0);
    add(BPF_LDX | BPF_W | BPF_MEM, BPF_REG_3, BPF_REG_1, offsetof(struct bpf_cgroup_dev_ctx, major), 0);
    add(BPF_LDX | BPF_W | BPF_MEM, BPF_REG_4, BPF_REG_1, offsetof(struct bpf_cgroup_dev_ctx, minor), 0);
    add(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_5, BPF_REG_2, 0, 0);
    add(BPF_ALU64 | BPF_RSH | BPF_K, BPF_REG_5, 0, 0, 16);
    add(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_5, 0, 2, BPF_DEVCG_ACC_MKNOD);
    end_with(1);
    add(BPF_ALU64 | BPF_AND | BPF_K, BPF_REG_2, 0, 0, 0xffff);
    add(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_2, 0, 2, BPF_DEVCG_DEV_CHAR);
    end_with(0);
    for (size_t i = 0; i < sizeof ALLOWED / sizeof ALLOWED[0]; i++) {
        bool any = ALLOWED[i].minor == ANY;
        add(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_3, 0, any ? 2 : 3, ALLOWED[i].major);
        if (!any) {
            add(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_4, 0, 2, ALLOWED[i].minor);
        }
        end_with(1);
    }
    end_with(0);
}

bool devices_confine(const char *group, struct failure *failure) {
    assemble();
    union bpf_attr load = {.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE, .insns = (uintptr_t)program, .insn_cnt = (uint32_t)size,
        .license = (uintptr_t) "GPL"};
    int directory = open(group, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int loaded = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load);
    union bpf_attr attach = {
        .target_fd = (uint32_t)directory, .attach_bpf_fd = (uint32_t)loaded, .attach_type = BPF_CGROUP_DEVICE};
    bool good = (directory >= 0 && loaded >= 0 && syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach) == 0)
        || fail_errno(failure, "cannot keep the container from devices");
    close_fd(&directory);
    close_fd(&loaded);
    return good;
}
