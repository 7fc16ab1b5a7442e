package io.javisor.testkit.junit;

import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineTraits;
import java.util.Optional;

/** An engine to be chosen or not. */
record MadeUpEngine(String name, Optional<String> obstacle) implements EngineProvider {
    @Override
    public EngineTraits traits() {
        return new EngineTraits(true);
    }

    @Override
    public Engine open() {
        throw new IllegalStateException("choosing opens nothing");
    }
}
