package io.javisor.benchmarks;

import io.javisor.core.engine.EngineProvider;
import io.javisor.machine.config.Accel;
import java.util.ServiceLoader;

/** The engine that runs the machines which are measured. KVM's rows have plain names; another engine's are those of the group {@code engine}. */
record MeasuredEngine(EngineProvider provider) {
    private static final String KVM = "kvm";

    static MeasuredEngine kvm() {
        return named(KVM);
    }

    static MeasuredEngine software() {
        return named(Accel.SOFTWARE.toString());
    }

    private static MeasuredEngine named(String name) {
        for (EngineProvider provider : ServiceLoader.load(EngineProvider.class)) {
            if (provider.name().equals(name)) {
                return new MeasuredEngine(provider);
            }
        }
        throw new IllegalStateException("there is no engine '" + name + "' on the class path");
    }

    Accel accel() {
        return Accel.parse(provider.name());
    }

    /** The row's name for this engine. */
    String row(String row) {
        return provider.name().equals(KVM) ? row : "engine/" + row;
    }
}
