package io.javisor.kvm;

import io.javisor.core.host.HostException;
import io.javisor.kvm.abi.KvmCap;
import io.javisor.kvm.abi.KvmConstants;

/** What keeps a guest from slowing the whole host down, where KVM and the processor have it. */
final class KvmHostGuards {
    /** A VM's optional parts, by constants of {@link KvmCap}. */
    interface Capabilities {
        int checkExtension(int cap);

        void enableCap(int cap, long argument);
    }

    private KvmHostGuards() {}

    /** Turns them on. Before the first vCPU. */
    static void enable(Capabilities vm) {
        // Locked accesses over a cache line's end stop all processors: each is an exit, after it was made. KVM api.rst
        // §8.22
        if ((vm.checkExtension(KvmCap.KVM_CAP_X86_BUS_LOCK_EXIT) & KvmConstants.KVM_BUS_LOCK_DETECTION_EXIT) != 0) {
            tryEnable(vm, KvmCap.KVM_CAP_X86_BUS_LOCK_EXIT, KvmConstants.KVM_BUS_LOCK_DETECTION_EXIT);
        }
        // Microcode that goes round for ever lets no interrupt in: an exit after the processor's own window, and no
        // more (the upper half). §7.33
        if (vm.checkExtension(KvmCap.KVM_CAP_X86_NOTIFY_VMEXIT) != 0) {
            tryEnable(
                    vm,
                    KvmCap.KVM_CAP_X86_NOTIFY_VMEXIT,
                    KvmConstants.KVM_X86_NOTIFY_VMEXIT_ENABLED | KvmConstants.KVM_X86_NOTIFY_VMEXIT_USER);
        }
    }

    private static void tryEnable(Capabilities vm, int cap, long argument) {
        try {
            vm.enableCap(cap, argument);
        } catch (HostException e) {
            // A KVM that says that it can and then can't: the guest runs as it would on one that has neither.
        }
    }
}
