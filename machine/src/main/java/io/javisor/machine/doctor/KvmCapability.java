package io.javisor.machine.doctor;

import static io.javisor.kvm.abi.KvmCap.*;

import java.util.ArrayList;
import java.util.List;

/**
 * A part of KVM.
 *
 * @param name the kernel's, without {@code KVM_CAP_}
 * @param number for {@code KVM_CHECK_EXTENSION}
 * @param purpose what javisor does with it, or does without
 */
record KvmCapability(String name, int number, String purpose) {
    /** No machine runs without these. */
    static final List<KvmCapability> NEEDED = List.of(
            new KvmCapability("USER_MEMORY", KVM_CAP_USER_MEMORY, "guest memory"),
            new KvmCapability("SET_TSS_ADDR", KVM_CAP_SET_TSS_ADDR, "real mode on Intel processors"),
            new KvmCapability(
                    "SET_IDENTITY_MAP_ADDR", KVM_CAP_SET_IDENTITY_MAP_ADDR, "unpaged mode on Intel processors"),
            new KvmCapability("EXT_CPUID", KVM_CAP_EXT_CPUID, "what guests see of the processor"),
            new KvmCapability("IRQCHIP", KVM_CAP_IRQCHIP, "interrupt controllers"),
            new KvmCapability("PIT2", KVM_CAP_PIT2, "the interval timer"),
            new KvmCapability("IRQFD", KVM_CAP_IRQFD, "device interrupts"),
            new KvmCapability("IRQ_ROUTING", KVM_CAP_IRQ_ROUTING, "interrupt numbers"),
            new KvmCapability("IMMEDIATE_EXIT", KVM_CAP_IMMEDIATE_EXIT, "stopping a vCPU"));

    /** Each missing one costs something that the purpose names. */
    static final List<KvmCapability> USED = List.of(
            new KvmCapability("IOEVENTFD", KVM_CAP_IOEVENTFD, "device queues without a vCPU exit"),
            new KvmCapability("SIGNAL_MSI", KVM_CAP_SIGNAL_MSI, "interrupts by message"),
            new KvmCapability("IRQFD_RESAMPLE", KVM_CAP_IRQFD_RESAMPLE, "level-triggered device interrupts"),
            new KvmCapability("TSC_DEADLINE_TIMER", KVM_CAP_TSC_DEADLINE_TIMER, "precise guest timers"),
            new KvmCapability("GET_TSC_KHZ", KVM_CAP_GET_TSC_KHZ, "telling guests their clock's frequency"),
            new KvmCapability("KVMCLOCK_CTRL", KVM_CAP_KVMCLOCK_CTRL, "pausing without alarms in the guest"),
            new KvmCapability("INTERNAL_ERROR_DATA", KVM_CAP_INTERNAL_ERROR_DATA, "details in crash reports"));

    static List<KvmCapability> all() {
        List<KvmCapability> all = new ArrayList<>(NEEDED);
        all.addAll(USED);
        return all;
    }
}
