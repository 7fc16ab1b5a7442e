package io.javisor.kvm;

import io.javisor.core.cpu.HostCpu;
import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineTraits;
import io.javisor.core.engine.Obstacle;
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
        return new EngineTraits(true, false);
    }

    /** A KVM that has counted goes on to do so: to look costs each start of a machine a VM. */
    @Override
    public Optional<Obstacle> obstacle() {
        return counted ? Optional.empty() : look().obstacle();
    }

    private KvmHost look() {
        KvmHost host = KvmHost.look();
        counted = host.counts();
        return host;
    }

    /** Any KVM is taken by name that makes VMs, also one by software. */
    @Override
    public Optional<Obstacle> refusal() {
        return !counted && look() instanceof KvmHost.Unusable unusable ? Optional.of(unusable.why()) : Optional.empty();
    }

    @Override
    public Optional<Obstacle> caveat() {
        return counted
                ? Optional.empty()
                : KvmHost.of(Kvm.DEVICE, KvmHost.CPUINFO, HostCpu.flags(KvmHost.CPUINFO))
                        .obstacle();
    }

    @Override
    public Engine open() {
        return new KvmEngine(Kvm.open(), traits());
    }
}
