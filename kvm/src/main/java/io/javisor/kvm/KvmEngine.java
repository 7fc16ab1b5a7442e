package io.javisor.kvm;

import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineTraits;
import io.javisor.core.engine.EngineVm;
import io.javisor.core.engine.VmSpec;

/** An opened {@code /dev/kvm} as an engine. */
final class KvmEngine implements Engine {
    private final Kvm kvm;
    private final EngineTraits traits;

    KvmEngine(Kvm kvm, EngineTraits traits) {
        this.kvm = kvm;
        this.traits = traits;
    }

    @Override
    public String name() {
        return KvmEngineProvider.NAME;
    }

    @Override
    public int maxVcpus() {
        return kvm.maxVcpus();
    }

    @Override
    public EngineTraits traits() {
        return traits;
    }

    @Override
    public EngineVm createVm(VmSpec spec) {
        KvmVm vm = kvm.createVm(spec.name());
        try {
            return new KvmEngineVm(kvm, vm, spec);
        } catch (RuntimeException | Error e) {
            vm.close();
            throw e;
        }
    }

    @Override
    public void close() {
        kvm.close();
    }
}
