package io.javisor.kvm;

import io.javisor.testkit.guest.TinyGuest;

/** What KVM has of a tiny guest. */
final class KvmParts {
    private KvmParts() {}

    static KvmVm vm(TinyGuest guest) {
        return ((KvmEngineVm) guest.vm()).kvmVm();
    }

    /** The first vCPU's state may be read and set while its thread is parked. */
    static KvmVcpu vcpu(TinyGuest guest) {
        return ((KvmEngineVcpu) guest.engineVcpu(0)).kvmVcpu();
    }
}
