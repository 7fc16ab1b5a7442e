package io.javisor.emulator;

import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineTraits;
import io.javisor.emulator.cpu.SoftwareEngine;
import java.util.Optional;

/** The software engine as a kind of engine: it needs nothing of the host but an x86-64 processor. */
public final class SoftwareEngineProvider implements EngineProvider {
    /** The engine's name. */
    public static final String NAME = SoftwareEngine.NAME;

    /** Called by {@link java.util.ServiceLoader} too. */
    public SoftwareEngineProvider() {}

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public EngineTraits traits() {
        return new EngineTraits(false);
    }

    @Override
    public Optional<String> obstacle() {
        return Optional.empty();
    }

    @Override
    public Engine open() {
        return new SoftwareEngine(traits());
    }
}
