package io.javisor.emulator;

import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineTraits;
import io.javisor.core.engine.Obstacle;
import io.javisor.emulator.cpu.HostFeatures;
import io.javisor.emulator.cpu.SoftwareEngine;
import java.util.Optional;

/** The software engine as a kind of engine: it needs nothing of the host but an x86-64 processor. */
public final class SoftwareEngineProvider implements EngineProvider {
    /** The engine's name. */
    public static final String NAME = SoftwareEngine.NAME;

    private final boolean translates;

    /** One whose machines emit code that runs often in blocks. Called by {@link java.util.ServiceLoader} too. */
    public SoftwareEngineProvider() {
        this(true);
    }

    private SoftwareEngineProvider(boolean translates) {
        this.translates = translates;
    }

    /** One whose machines execute instruction by instruction: slow, and the measure of the other. */
    public static SoftwareEngineProvider ofSteps() {
        return new SoftwareEngineProvider(false);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public EngineTraits traits() {
        return new EngineTraits(false, true);
    }

    @Override
    public Optional<Obstacle> obstacle() {
        return Optional.empty();
    }

    @Override
    public Engine open() {
        return new SoftwareEngine(traits(), HostFeatures.ofHost(), translates);
    }
}
