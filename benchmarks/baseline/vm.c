// Virtual machines: what TinyGuest is in Java.
#define _GNU_SOURCE
#include "baseline.h"
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { CODE_GPA = 0x1000, PAGE_TABLES_GPA = 0x2000, STACK_TOP_GPA = 0xfff0, GDT_GPA = 0x500, IDT_GPA = 0x9000, MAPPED_GIB = 5 };
enum { MAX_CPUID = 256 };

extern const char *listings;

void fail(const char *operation) {
    fprintf(stderr, "baseline: %s: %s\n", operation, strerror(errno));
    exit(1);
}

int call(int fd, unsigned long request, uint64_t argument, const char *name) {
    int result;
    do {
        result = ioctl(fd, request, argument);
    } while (result < 0 && errno == EINTR);
    if (result < 0) {
        fail(name);
    }
    return result;
}

int64_t now_nanos(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

int kvm_device(void) {
    static int fd = -1;
    if (fd < 0 && (fd = open("/dev/kvm", O_RDWR | O_CLOEXEC)) < 0) {
        fail("open(/dev/kvm)");
    }
    return fd;
}

static void set_segment(struct kvm_segment *segment, int selector, int type, int privilege, int code) {
    *segment = (struct kvm_segment){.limit = 0xffffffff, .selector = selector, .type = type, .present = 1,
        .dpl = privilege, .db = !code, .s = 1, .l = code, .g = 1};
}

static void write_tables(uint8_t *memory) {
    uint64_t gdt[] = {0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00affb000000ffff, 0x00cff3000000ffff};
    memcpy(memory + GDT_GPA, gdt, sizeof gdt);
    uint64_t *pml4 = (uint64_t *)(memory + PAGE_TABLES_GPA);
    uint64_t *pdpt = (uint64_t *)(memory + PAGE_TABLES_GPA + 0x1000);
    pml4[0] = (PAGE_TABLES_GPA + 0x1000) | 0x67;
    for (uint64_t gib = 0; gib < MAPPED_GIB; gib++) {
        uint64_t directory = PAGE_TABLES_GPA + 0x2000 + 0x1000 * gib;
        pdpt[gib] = directory | 0x67;
        for (uint64_t i = 0; i < 512; i++) {
            ((uint64_t *)(memory + directory))[i] = (512 * gib + i) << 21 | 0xe7;
        }
    }
}

void set_start_state(struct vm *vm, enum start_state state, uint64_t entry) {
    struct kvm_sregs sregs;
    call(vm->vcpu, KVM_GET_SREGS, (uintptr_t)&sregs, "KVM_GET_SREGS");
    if (state == REAL_MODE) {
        sregs.cs.base = 0;
        sregs.cs.selector = 0;
    } else {
        int user = state == USER_MODE;
        set_segment(&sregs.cs, user ? 0x1b : 0x08, 0xb, user ? 3 : 0, 1);
        set_segment(&sregs.ds, user ? 0x23 : 0x10, 0x3, user ? 3 : 0, 0);
        sregs.es = sregs.fs = sregs.gs = sregs.ss = sregs.ds;
        sregs.tr = (struct kvm_segment){.limit = 0x67, .type = 0xb, .present = 1};
        sregs.gdt = (struct kvm_dtable){.base = GDT_GPA, .limit = 5 * 8 - 1};
        sregs.idt = (struct kvm_dtable){.base = IDT_GPA, .limit = 0xfff};
        sregs.cr0 = 0x80000031; // PG, NE, ET, PE
        sregs.cr3 = PAGE_TABLES_GPA;
        sregs.cr4 = 0x20; // PAE
        sregs.efer = 0x500; // LMA, LME
    }
    call(vm->vcpu, KVM_SET_SREGS, (uintptr_t)&sregs, "KVM_SET_SREGS");
    struct kvm_regs regs = {.rip = entry, .rsp = STACK_TOP_GPA, .rflags = state == USER_MODE ? 0x3002 : 2};
    call(vm->vcpu, KVM_SET_REGS, (uintptr_t)&regs, "KVM_SET_REGS");
    if (state != REAL_MODE) {
        write_tables(vm->memory);
    }
}

void vm_open(struct vm *vm, enum start_state state, int with_irqchip, size_t memory_size) {
    int kvm = kvm_device();
    vm->memory_size = memory_size;
    vm->memory = mmap(NULL, memory_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (vm->memory == MAP_FAILED) {
        fail("mmap of guest memory");
    }
    vm->fd = call(kvm, KVM_CREATE_VM, 0, "KVM_CREATE_VM");
    uint64_t identity_map = 0xfffbc000;
    call(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, (uintptr_t)&identity_map, "KVM_SET_IDENTITY_MAP_ADDR");
    call(vm->fd, KVM_SET_TSS_ADDR, 0xfffbd000, "KVM_SET_TSS_ADDR");
    if (with_irqchip) {
        call(vm->fd, KVM_CREATE_IRQCHIP, 0, "KVM_CREATE_IRQCHIP");
    }
    struct kvm_userspace_memory_region region = {.memory_size = memory_size, .userspace_addr = (uintptr_t)vm->memory};
    call(vm->fd, KVM_SET_USER_MEMORY_REGION, (uintptr_t)&region, "KVM_SET_USER_MEMORY_REGION");
    vm->vcpu = call(vm->fd, KVM_CREATE_VCPU, 0, "KVM_CREATE_VCPU");
    vm->run_size = call(kvm, KVM_GET_VCPU_MMAP_SIZE, 0, "KVM_GET_VCPU_MMAP_SIZE");
    vm->run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu, 0);
    if (vm->run == MAP_FAILED) {
        fail("mmap of kvm_run");
    }
    struct kvm_cpuid2 *cpuid = calloc(1, sizeof *cpuid + MAX_CPUID * sizeof cpuid->entries[0]);
    cpuid->nent = MAX_CPUID;
    call(kvm, KVM_GET_SUPPORTED_CPUID, (uintptr_t)cpuid, "KVM_GET_SUPPORTED_CPUID");
    call(vm->vcpu, KVM_SET_CPUID2, (uintptr_t)cpuid, "KVM_SET_CPUID2");
    free(cpuid);
    set_start_state(vm, state, CODE_GPA);
}

void vm_close(struct vm *vm) {
    munmap(vm->run, vm->run_size);
    close(vm->vcpu);
    close(vm->fd);
    munmap(vm->memory, vm->memory_size);
}

void vm_load(struct vm *vm, const char *listing) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s.lst", listings, listing);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fail(path);
    }
    char line[256];
    while (fgets(line, sizeof line, file) != NULL) {
        if (line[0] == ';') {
            continue;
        }
        char *at;
        unsigned long gpa = strtoul(line, &at, 16);
        at++; // the colon
        while (*at != ';' && *at != '\n' && *at != 0) {
            if (isspace((unsigned char)*at)) {
                at++;
            } else {
                vm->memory[gpa++] = strtoul(at, &at, 16);
            }
        }
    }
    fclose(file);
}
