package io.javisor.kvm;

import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineTraits;
import java.util.Optional;

/** Linux KVM as a kind of engine. */
public final class KvmEngineProvider implements EngineProvider {
    /** The engine's name. */
    public static final String NAME = "kvm";

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public EngineTraits traits() {
        return new EngineTraits(true);
    }

    @Override
    public Optional<String> obstacle() {
        return KvmHost.look().obstacle();
    }

    @Override
    public Engine open() {
        return new KvmEngine(Kvm.open(), traits());
    }
}
