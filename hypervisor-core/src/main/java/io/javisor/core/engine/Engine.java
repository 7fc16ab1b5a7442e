package io.javisor.core.engine;

/** What runs guests: opened once a machine, it outlives the guest's resets. Any thread. */
public interface Engine extends AutoCloseable {
    /** The engine's name in options and messages, such as {@code kvm}. */
    String name();

    /** The most vCPUs that a VM may have. */
    int maxVcpus();

    /** What its provider says too. */
    EngineTraits traits();

    /**
     * Makes a VM without vCPUs.
     *
     * @throws io.javisor.core.host.HostException if the host refuses; nothing is left behind then
     */
    EngineVm createVm(VmSpec spec);

    /** Gives the engine back. Its VMs are closed before. Does nothing the second time. */
    @Override
    void close();
}
