package io.javisor.kvm;

import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineTraits;
import java.util.Optional;

/** Linux KVM as a kind of engine. */
public final class KvmEngineProvider implements EngineProvider {
    /** The engine's name. */
    public static final String NAME = "kvm";

    private volatile boolean counted;

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public EngineTraits traits() {
        return new EngineTraits(true);
    }

    /** A KVM that has counted goes on to do so: to look costs each start of a machine a VM. */
    @Override
    public Optional<String> obstacle() {
        if (counted) {
            return Optional.empty();
        }
        KvmHost host = KvmHost.look();
        counted = host.counts();
        return host.obstacle();
    }

    /** Any KVM is taken by name that makes VMs, also one by software. */
    @Override
    public Optional<String> refusal() {
        return KvmHost.look() instanceof KvmHost.Unusable unusable ? Optional.of(unusable.why()) : Optional.empty();
    }

    @Override
    public Engine open() {
        return new KvmEngine(Kvm.open(), traits());
    }
}
