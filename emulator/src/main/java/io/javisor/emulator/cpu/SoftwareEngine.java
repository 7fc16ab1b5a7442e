package io.javisor.emulator.cpu;

import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineTraits;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.engine.VmSpec;
import io.javisor.emulator.apic.ApicFabric;
import io.javisor.emulator.decode.Feature;
import java.util.Set;

/** The software engine, which has nothing to open. */
public final class SoftwareEngine implements Engine {
    /** The engine's name. */
    public static final String NAME = "software";

    private final EngineTraits traits;
    private final Set<Feature> host;
    private final Translation translation;

    /**
     * With what its provider says.
     *
     * @param host what the engine may take the host's processor to have: {@link HostFeatures#ofHost()} or less
     */
    public SoftwareEngine(EngineTraits traits, Set<Feature> host, Translation translation) {
        this.traits = traits;
        this.host = Set.copyOf(host);
        this.translation = translation;
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
        return new SoftwareVm(spec, host, translation);
    }

    @Override
    public void close() {}
}
