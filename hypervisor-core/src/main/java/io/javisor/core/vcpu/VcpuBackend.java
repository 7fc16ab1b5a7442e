package io.javisor.core.vcpu;

/** What runs guest instructions for a {@link Vcpu}: an engine's virtual CPU, or a stand-in where the thread protocol is tested. */
public interface VcpuBackend {
    /** Makes the calling thread the one that runs this vCPU. Called once, before everything else here. */
    void enterThread();

    /**
     * Runs the guest until its next exit and serves the exit from the buses. Called on the vCPU's own thread only; allocates nothing.
     *
     * @return {@link VcpuExit#CONTINUE} if the guest can go on; {@link VcpuExit#KICKED} if {@link #kick} was called, with the guest's
     *     access in flight completed; else why the guest cannot go on
     */
    VcpuExit run();

    /**
     * Makes {@link #run} return {@link VcpuExit#KICKED} before the next guest instruction, now or when it is next called, until
     * {@link #clearKick}. Called from any thread, from {@link #enterThread} on and until the vCPU's thread ends.
     */
    void kick();

    /** Takes the kick back. Called on the vCPU's own thread, which then looks for what it was kicked for. */
    void clearKick();
}
