package io.javisor.emulator.cpu;

import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineTraits;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.engine.VmSpec;
import io.javisor.emulator.apic.ApicFabric;

/** The software engine, which has nothing to open. */
public final class SoftwareEngine implements Engine {
    /** The engine's name. */
    public static final String NAME = "software";

    private final EngineTraits traits;

    /** With what its provider says. */
    public SoftwareEngine(EngineTraits traits) {
        this.traits = traits;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int maxVcpus() {
        return ApicFabric.ID_MAX;
    }

    @Override
    public EngineTraits traits() {
        return traits;
    }

    @Override
    public EngineVm createVm(VmSpec spec) {
        return new SoftwareVm(spec);
    }

    @Override
    public void close() {}
}
