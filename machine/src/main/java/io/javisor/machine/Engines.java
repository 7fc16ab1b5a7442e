package io.javisor.machine;

import io.javisor.core.engine.EngineProvider;
import io.javisor.kvm.KvmEngineProvider;

/** The engines that a machine can run on. The one class that names them. */
public final class Engines {
    private static final EngineProvider KVM = new KvmEngineProvider();

    private Engines() {}

    /** The engine of choice, not yet opened. */
    public static EngineProvider preferred() {
        return KVM;
    }
}
