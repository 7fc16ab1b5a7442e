package io.javisor.core.vcpu;

/** Told on the vCPU's thread when it can't go on by itself. The thread then parks; a call here must not wait for it. */
public interface VcpuListener {
    /** The vCPU was parked, is not any more, and enters the guest next. */
    default void onEntry(Vcpu vcpu) {}

    /** The guest made an exit other than {@link VcpuExit#CONTINUE} and {@link VcpuExit#KICKED}. */
    void onExit(Vcpu vcpu, VcpuExit exit);

    /** Serving an exit threw: a bug of ours, never the guest's doing. */
    void onBug(Vcpu vcpu, Throwable failure);
}
