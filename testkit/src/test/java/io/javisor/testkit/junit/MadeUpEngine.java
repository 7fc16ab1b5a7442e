package io.javisor.testkit.junit;

import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineTraits;
import io.javisor.core.engine.Obstacle;
import java.util.Optional;

/** An engine to be chosen or not. */
record MadeUpEngine(String name, Optional<Obstacle> obstacle) implements EngineProvider {
    @Override
    public EngineTraits traits() {
        return new EngineTraits(true, false);
    }

    @Override
    public Engine open() {
        throw new IllegalStateException("choosing opens nothing");
    }
}
