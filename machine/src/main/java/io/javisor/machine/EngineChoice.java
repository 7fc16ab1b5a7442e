package io.javisor.machine;

import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineTraits;
import io.javisor.emulator.SoftwareEngineProvider;
import io.javisor.kvm.KvmEngineProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The engine that a machine gets on this host. This is the one class of the machine that names engines.
 *
 * @param engine its name; null for none
 * @param obstacle why there is none, or why {@link Accel#AUTO} passes over those before it, in one line; empty if there is nothing to say
 */
public record EngineChoice(@Nullable String engine, String obstacle) {
    /** Those that there are, in the order in which {@link Accel#AUTO} asks them. An {@link Accel} names each. */
    private static final List<EngineProvider> PROVIDERS =
            List.of(new KvmEngineProvider(), new SoftwareEngineProvider());

    /** Looks at the host, which takes milliseconds and changes nothing. */
    public static EngineChoice of(Accel accel) {
        return of(accel, PROVIDERS);
    }

    static EngineChoice of(Accel accel, List<EngineProvider> providers) {
        return accel == Accel.AUTO ? firstThatCounts(providers) : named(accel, providers);
    }

    private static EngineChoice firstThatCounts(List<EngineProvider> providers) {
        List<String> obstacles = new ArrayList<>();
        for (EngineProvider provider : providers) {
            Optional<String> obstacle = provider.obstacle();
            if (obstacle.isEmpty()) {
                return new EngineChoice(provider.name(), String.join("; ", obstacles));
            }
            obstacles.add(obstacle.get());
        }
        for (int i = 0; i < obstacles.size(); i++) {
            EngineProvider provider = providers.get(i);
            if (provider.refusal().isEmpty()) {
                obstacles.set(i, obstacles.get(i) + "; --accel " + provider.name() + " takes it all the same");
            }
        }
        return new EngineChoice(null, String.join("; ", obstacles));
    }

    private static EngineChoice named(Accel accel, List<EngineProvider> providers) {
        EngineProvider provider = required(accel, providers);
        return provider.refusal()
                .map(why -> new EngineChoice(null, why))
                .orElseGet(() -> new EngineChoice(provider.name(), ""));
    }

    private static EngineProvider required(Accel accel, List<EngineProvider> providers) {
        EngineProvider provider = find(accel.toString(), providers);
        if (provider == null) {
            throw new IllegalStateException("no engine has the name " + accel);
        }
        return provider;
    }

    private static @Nullable EngineProvider find(@Nullable String name, List<EngineProvider> providers) {
        for (EngineProvider provider : providers) {
            if (provider.name().equals(name)) {
                return provider;
            }
        }
        return null;
    }

    /**
     * Opens the engine.
     *
     * @throws ConfigException if this host has none that {@code accel} allows
     * @throws io.javisor.core.host.HostException if the engine can't be used
     */
    static Engine open(Accel accel) {
        return open(accel, PROVIDERS);
    }

    static Engine open(Accel accel, List<EngineProvider> providers) {
        EngineProvider provider;
        if (accel == Accel.AUTO) {
            EngineChoice choice = firstThatCounts(providers);
            provider = find(choice.engine(), providers);
            if (provider == null) {
                throw new ConfigException(choice.obstacle());
            }
        } else {
            // Whether it is refused shows when it is opened, and that a VM can be made when the machine makes its own.
            provider = required(accel, providers);
        }
        return provider.open();
    }

    /** What the engine of {@code accel} is like on this host, whether or not it can be opened. */
    static EngineTraits traits(Accel accel) {
        String name = accel == Accel.AUTO ? of(accel).engine() : accel.toString();
        EngineProvider provider = find(name, PROVIDERS);
        return (provider == null ? PROVIDERS.getFirst() : provider).traits();
    }
}
