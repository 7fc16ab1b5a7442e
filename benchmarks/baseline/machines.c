// Machines as javisor builds them: the KVM calls of io.javisor.machine.VirtualMachine for one vCPU, in its order.
#define _GNU_SOURCE
#include "baseline.h"
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { MSR_COUNT = 11, MAX_CPUID = 256 };

struct machine {
    struct vm vm;
    int irqfds[3]; // keyboard, clock, serial port
    pthread_t thread;
    _Atomic int64_t first_exit;
    atomic_bool stop;
};

static void *run(void *argument) {
    struct machine *machine = argument;
    while (!atomic_load(&machine->stop)) {
        if (ioctl(machine->vm.vcpu, KVM_RUN, 0) < 0) {
            if (errno == EINTR) {
                continue;
            }
            fail("KVM_RUN");
        }
        if (machine->vm.run->exit_reason != KVM_EXIT_IO) {
            fprintf(stderr, "baseline: exit reason %u\n", machine->vm.run->exit_reason);
            exit(1);
        }
        if (atomic_load(&machine->first_exit) == 0) {
            atomic_store(&machine->first_exit, now_nanos());
        }
    }
    return NULL;
}

static void route(int vm) {
    struct {
        struct kvm_irq_routing head;
        struct kvm_irq_routing_entry entries[48];
    } table = {0};
    int n = 0;
    for (unsigned gsi = 0; gsi < 24; gsi++) {
        if (gsi == 2) {
            continue;
        }
        if (gsi < 16) {
            table.entries[n++] = (struct kvm_irq_routing_entry){.gsi = gsi, .type = KVM_IRQ_ROUTING_IRQCHIP,
                .u.irqchip = {.irqchip = gsi / 8, .pin = gsi % 8}};
        }
        table.entries[n++] = (struct kvm_irq_routing_entry){.gsi = gsi, .type = KVM_IRQ_ROUTING_IRQCHIP,
            .u.irqchip = {.irqchip = KVM_IRQCHIP_IOAPIC, .pin = gsi == 0 ? 2 : gsi}};
    }
    table.head.nr = n;
    call(vm, KVM_SET_GSI_ROUTING, (uintptr_t)&table, "KVM_SET_GSI_ROUTING");
}

static void configure_vcpu(struct vm *vm) {
    int kvm = kvm_device();
    struct kvm_cpuid2 *cpuid = calloc(1, sizeof *cpuid + MAX_CPUID * sizeof cpuid->entries[0]);
    cpuid->nent = MAX_CPUID;
    call(kvm, KVM_GET_SUPPORTED_CPUID, (uintptr_t)cpuid, "KVM_GET_SUPPORTED_CPUID");
    call(kvm, KVM_CHECK_EXTENSION, KVM_CAP_TSC_DEADLINE_TIMER, "KVM_CHECK_EXTENSION");
    call(vm->vcpu, KVM_GET_TSC_KHZ, 0, "KVM_GET_TSC_KHZ");
    struct kvm_msr_list *list = calloc(1, sizeof *list + 4096 * sizeof list->indices[0]);
    list->nmsrs = 4096;
    call(kvm, KVM_GET_MSR_INDEX_LIST, (uintptr_t)list, "KVM_GET_MSR_INDEX_LIST");
    free(list);
    call(vm->vcpu, KVM_SET_CPUID2, (uintptr_t)cpuid, "KVM_SET_CPUID2");
    free(cpuid);
    static const uint32_t indices[MSR_COUNT] = {
        0x174, 0x175, 0x176, 0xc0000081, 0xc0000083, 0xc0000102, 0xc0000084, 0xc0000082, 0x10, 0x1a0, 0x2ff};
    struct {
        struct kvm_msrs head;
        struct kvm_msr_entry entries[MSR_COUNT];
    } msrs = {.head.nmsrs = MSR_COUNT};
    for (int i = 0; i < MSR_COUNT; i++) {
        msrs.entries[i].index = indices[i];
        msrs.entries[i].data = indices[i] == 0x1a0 ? 1 : indices[i] == 0x2ff ? 0x806 : 0;
    }
    call(vm->vcpu, KVM_SET_MSRS, (uintptr_t)&msrs, "KVM_SET_MSRS");
    struct kvm_fpu fpu = {.fcw = 0x37f, .mxcsr = 0x1f80};
    call(vm->vcpu, KVM_SET_FPU, (uintptr_t)&fpu, "KVM_SET_FPU");
    struct kvm_lapic_state lapic;
    call(vm->vcpu, KVM_GET_LAPIC, (uintptr_t)&lapic, "KVM_GET_LAPIC");
    lapic.regs[0x351] = 0x87;
    lapic.regs[0x361] = 0x84;
    call(vm->vcpu, KVM_SET_LAPIC, (uintptr_t)&lapic, "KVM_SET_LAPIC");
}

static void start(struct machine *machine, size_t memory_size) {
    int kvm = kvm_device();
    struct vm *vm = &machine->vm;
    vm->memory_size = memory_size;
    // At a multiple of 2 MiB with huge pages asked for, as HostMapping does.
    uint8_t *span = mmap(NULL, memory_size + (2 << 20), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (span == MAP_FAILED) {
        fail("mmap of guest memory");
    }
    vm->memory = (uint8_t *)(((uintptr_t)span + (2 << 20) - 1) & -(uintptr_t)(2 << 20));
    munmap(span, vm->memory - span);
    munmap(vm->memory + memory_size, span + (2 << 20) - vm->memory);
    madvise(vm->memory, memory_size, MADV_DONTDUMP);
    madvise(vm->memory, memory_size, MADV_HUGEPAGE);
    vm->fd = call(kvm, KVM_CREATE_VM, 0, "KVM_CREATE_VM");
    struct kvm_userspace_memory_region region = {.memory_size = memory_size, .userspace_addr = (uintptr_t)vm->memory};
    call(vm->fd, KVM_SET_USER_MEMORY_REGION, (uintptr_t)&region, "KVM_SET_USER_MEMORY_REGION");
    uint64_t identity_map = 0xfffbc000;
    call(vm->fd, KVM_SET_IDENTITY_MAP_ADDR, (uintptr_t)&identity_map, "KVM_SET_IDENTITY_MAP_ADDR");
    call(vm->fd, KVM_SET_TSS_ADDR, 0xfffbd000, "KVM_SET_TSS_ADDR");
    call(vm->fd, KVM_CREATE_IRQCHIP, 0, "KVM_CREATE_IRQCHIP");
    struct kvm_pit_config pit = {.flags = KVM_PIT_SPEAKER_DUMMY};
    call(vm->fd, KVM_CREATE_PIT2, (uintptr_t)&pit, "KVM_CREATE_PIT2");
    route(vm->fd);
    static const unsigned gsis[3] = {1, 8, 4};
    for (int i = 0; i < 3; i++) {
        machine->irqfds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        struct kvm_irqfd irqfd = {.fd = machine->irqfds[i], .gsi = gsis[i]};
        call(vm->fd, KVM_IRQFD, (uintptr_t)&irqfd, "KVM_IRQFD");
    }
    vm->vcpu = call(vm->fd, KVM_CREATE_VCPU, 0, "KVM_CREATE_VCPU");
    vm->run_size = call(kvm, KVM_GET_VCPU_MMAP_SIZE, 0, "KVM_GET_VCPU_MMAP_SIZE");
    vm->run = mmap(NULL, vm->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vm->vcpu, 0);
    if (vm->run == MAP_FAILED) {
        fail("mmap of kvm_run");
    }
    configure_vcpu(vm);
    // mov dx,0x3f8; mov al,'x'; out dx,al; hlt; jmp to it
    static const uint8_t code[] = {0x66, 0xba, 0xf8, 0x03, 0xb0, 'x', 0xee, 0xf4, 0xeb, 0xfd};
    enum { ENTRY_GPA = 0x100000 };
    memcpy(vm->memory + ENTRY_GPA, code, sizeof code);
    set_start_state(vm, LONG_MODE, ENTRY_GPA);
    if ((errno = pthread_create(&machine->thread, NULL, run, machine)) != 0) {
        fail("pthread_create");
    }
}

static void await_first_exit(struct machine *machine) {
    while (atomic_load(&machine->first_exit) == 0) {
        usleep(20);
    }
}

static void nothing(int signal) {
    (void)signal;
}

static void stop(struct machine *machine) {
    atomic_store(&machine->stop, 1);
    machine->vm.run->immediate_exit = 1;
    pthread_kill(machine->thread, SIGUSR1);
    pthread_join(machine->thread, NULL);
    for (int i = 0; i < 3; i++) {
        close(machine->irqfds[i]);
    }
    vm_close(&machine->vm);
}

static void install_signal(void) {
    struct sigaction action = {.sa_handler = nothing};
    sigaction(SIGUSR1, &action, NULL);
}

// Nanoseconds from nothing to the first exit, of one machine after the other.
void create_command(long count, long memory_mib) {
    install_signal();
    for (long i = 0; i < count; i++) {
        struct machine machine = {0};
        int64_t begin = now_nanos();
        start(&machine, (size_t)memory_mib << 20);
        await_first_exit(&machine);
        printf("%ld%c", (long)(atomic_load(&machine.first_exit) - begin), i == count - 1 ? '\n' : ' ');
        stop(&machine);
    }
}

static int64_t cpu_nanos(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000000LL
        + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1000LL;
}

// Wall-clock and CPU nanoseconds a machine, of `count` machines that all live at the end.
void many_command(long count, long memory_mib) {
    install_signal();
    struct machine *machines = calloc(count, sizeof *machines);
    int64_t cpu = cpu_nanos(), begin = now_nanos();
    for (long i = 0; i < count; i++) {
        start(&machines[i], (size_t)memory_mib << 20);
        await_first_exit(&machines[i]);
    }
    printf("%ld %ld\n", (long)((now_nanos() - begin) / count), (long)((cpu_nanos() - cpu) / count));
    for (long i = 0; i < count; i++) {
        stop(&machines[i]);
    }
    free(machines);
}
