package io.javisor.machine;

import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineTraits;
import io.javisor.kvm.KvmEngineProvider;
import io.javisor.kvm.KvmHost;
import org.jspecify.annotations.Nullable;

/**
 * The engine that a machine gets on this host. This is the one class of the machine that names engines.
 *
 * @param engine its name; null for none
 * @param obstacle why there is none, in one line; empty if there is one
 */
public record EngineChoice(@Nullable String engine, String obstacle) {
    /** The engine that there is. */
    public static final String KVM = KvmEngineProvider.NAME;

    /** Why there is no engine without KVM. */
    public static final String NO_SOFTWARE_ENGINE =
            "--accel software is not there yet: this version runs machines by KVM only; use auto or kvm";

    private static final EngineProvider KVM_PROVIDER = new KvmEngineProvider();

    /** Looks at the host, which takes milliseconds and changes nothing. */
    public static EngineChoice of(Accel accel) {
        return of(accel, accel == Accel.SOFTWARE ? new KvmHost.Counts() : KvmHost.look());
    }

    static EngineChoice of(Accel accel, KvmHost host) {
        return switch (accel) {
            case SOFTWARE -> new EngineChoice(null, NO_SOFTWARE_ENGINE);
            case AUTO ->
                host.obstacle()
                        .map(why -> new EngineChoice(null, host instanceof KvmHost.Software ? advised(why) : why))
                        .orElse(new EngineChoice(KVM, ""));
            case KVM ->
                host instanceof KvmHost.Unusable unusable
                        ? new EngineChoice(null, unusable.why())
                        : new EngineChoice(KVM, "");
        };
    }

    private static String advised(String why) {
        return why + "; --accel kvm takes it all the same";
    }

    /**
     * Opens the engine.
     *
     * @throws ConfigException if this host has none that {@code accel} allows
     * @throws io.javisor.core.host.HostException if the engine can't be used
     */
    static Engine open(Accel accel) {
        if (accel == Accel.SOFTWARE) {
            throw new ConfigException(NO_SOFTWARE_ENGINE);
        }
        Engine engine = KVM_PROVIDER.open();
        if (accel == Accel.AUTO) {
            EngineChoice choice = of(accel);
            if (choice.engine() == null) {
                engine.close();
                throw new ConfigException(choice.obstacle());
            }
        }
        return engine;
    }

    /** What the engine of {@code accel} is like on this host, whether or not it can be opened. */
    static EngineTraits traits(Accel accel) {
        return switch (accel) {
            case AUTO, KVM, SOFTWARE -> KVM_PROVIDER.traits();
        };
    }
}
