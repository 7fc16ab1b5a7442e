package io.javisor.emulator;

import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineTraits;
import io.javisor.core.engine.Obstacle;
import io.javisor.emulator.cpu.HostFeatures;
import io.javisor.emulator.cpu.SoftwareEngine;
import io.javisor.emulator.cpu.Translation;
import java.util.Optional;

/** The software engine as a kind of engine: it needs nothing of the host but an x86-64 processor. */
public final class SoftwareEngineProvider implements EngineProvider {
    /** The engine's name. */
    public static final String NAME = SoftwareEngine.NAME;

    private final Translation translation;

    /** One whose machines emit code that runs often in blocks. Called by {@link java.util.ServiceLoader} too. */
    public SoftwareEngineProvider() {
        this(Translation.ON);
    }

    private SoftwareEngineProvider(Translation translation) {
        this.translation = translation;
    }

    /** One whose machines execute instruction by instruction: slow, and the measure of the other. */
    public static SoftwareEngineProvider ofSteps() {
        return new SoftwareEngineProvider(Translation.OFF);
    }

    /** One whose machines, of one vCPU each, compare each block with steps, and end with the first difference. */
    public static SoftwareEngineProvider ofChecks() {
        return new SoftwareEngineProvider(Translation.CHECK);
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
        return new SoftwareEngine(traits(), HostFeatures.ofHost(), translation);
    }
}
