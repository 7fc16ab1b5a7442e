package io.javisor.kvm;

import io.javisor.core.cpu.CpuTemplate;
import io.javisor.core.cpu.HostCpu;
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
        return new EngineTraits(true, template());
    }

    /** A KVM without VT-x or AMD-V emulates the guest's kernel, and not every instruction. */
    static CpuTemplate template() {
        return HostCpu.isSoftwareVirtualised() ? CpuTemplate.SOFTWARE : CpuTemplate.HOST;
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
