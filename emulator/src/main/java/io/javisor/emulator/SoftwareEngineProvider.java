package io.javisor.emulator;

import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineTraits;
import io.javisor.core.engine.Obstacle;
import io.javisor.emulator.cpu.HostFeatures;
import io.javisor.emulator.cpu.SoftwareEngine;
import io.javisor.emulator.cpu.Translation;
import io.javisor.emulator.decode.Feature;
import io.javisor.emulator.emit.PerfMap;
import io.javisor.emulator.run.BlockOptions;
import java.util.Optional;
import java.util.Set;

/** The software engine as a kind of engine: it needs nothing of the host but an x86-64 processor. */
public final class SoftwareEngineProvider implements EngineProvider {
    /** The engine's name. */
    public static final String NAME = SoftwareEngine.NAME;

    private final Translation translation;
    private final boolean mapped;

    /** One whose machines emit code that runs often in blocks. Called by {@link java.util.ServiceLoader} too. */
    public SoftwareEngineProvider() {
        this(Translation.ON, false);
    }

    private SoftwareEngineProvider(Translation translation, boolean mapped) {
        this.translation = translation;
        this.mapped = mapped;
    }

    /** One whose machines execute instruction by instruction: slow, and the measure of the other. */
    public static SoftwareEngineProvider ofSteps() {
        return new SoftwareEngineProvider(Translation.OFF, false);
    }

    /** One whose machines, of one vCPU each, compare each block with steps, and end with the first difference. */
    public static SoftwareEngineProvider ofChecks() {
        return new SoftwareEngineProvider(Translation.CHECK, false);
    }

    /** One whose machines tell {@code perf} of their blocks: {@link PerfMap}. */
    public static SoftwareEngineProvider ofMappedBlocks() {
        return new SoftwareEngineProvider(Translation.ON, true);
    }

    /** One whose machines make blocks in another way than the usual, for tests. */
    public static SoftwareEngineProvider ofBlocks(BlockOptions options) {
        return new SoftwareEngineProvider(Translation.by(options), false);
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

    /** Opened, it would make the map. */
    @Override
    public Optional<Obstacle> refusal() {
        return mapped ? Optional.ofNullable(PerfMap.obstacle()).map(Obstacle::of) : EngineProvider.super.refusal();
    }

    @Override
    public Engine open() {
        Set<Feature> host = HostFeatures.ofHost();
        Translation how = mapped ? Translation.by(translation.blocks().with(PerfMap.open())) : translation;
        return new SoftwareEngine(traits(), host, how);
    }
}
