package io.javisor.core.vcpu;

/** What runs guest instructions for a {@link Vcpu}: a KVM virtual CPU, or a stand-in where the thread protocol is tested. */
public interface VcpuBackend {
    /**
     * Runs the guest until the next exit. Called on the vCPU's own thread only; allocates nothing.
     *
     * @return 0 for an exit that is to be decoded, or a negated errno; {@code -EINTR} when a signal came or immediate exit is set,
     *     with what the last exit left pending completed
     */
    int run();

    /** Makes {@link #run} return {@code -EINTR} before the next guest instruction, or no longer. From any thread. */
    void setImmediateExit(boolean immediate);
}
