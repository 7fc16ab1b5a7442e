package io.javisor.machine.host;

import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineTraits;
import io.javisor.core.engine.Obstacle;
import io.javisor.emulator.SoftwareEngineProvider;
import io.javisor.kvm.KvmEngineProvider;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import io.javisor.machine.config.TraceConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The engine that a machine gets on this host. This is the one class of the machine that names engines.
 *
 * @param engine its name; null for none
 * @param obstacles why there is none, or why {@link Accel#AUTO} passes over those before it, or why it would pass over the one that was
 *     asked for by its name; empty if there is nothing to say
 */
public record EngineChoice(@Nullable String engine, List<Obstacle> obstacles) {
    /** Those that there are, in the order in which {@link Accel#AUTO} asks them. An {@link Accel} names each. */
    private static final List<EngineProvider> PROVIDERS =
            List.of(new KvmEngineProvider(), new SoftwareEngineProvider());

    /** In place of all of them for a machine whose instructions are not to be translated. */
    private static final List<EngineProvider> STEPS_ONLY = List.of(SoftwareEngineProvider.ofSteps());

    /** In place of all of them for a machine whose translation is to be checked. */
    private static final List<EngineProvider> CHECKS = List.of(SoftwareEngineProvider.ofChecks());

    /** In place of all of them for a machine whose blocks perf is to know. */
    private static final List<EngineProvider> MAPPED = List.of(SoftwareEngineProvider.ofMappedBlocks());

    public EngineChoice {
        obstacles = List.copyOf(obstacles);
    }

    /** The obstacles in one line, empty if there are none. */
    public String obstacle() {
        return obstacles.stream().map(Obstacle::toString).collect(Collectors.joining("; "));
    }

    /** As {@link #obstacle}, without reasons and remedies, which the doctor has. */
    public String shortObstacle() {
        return obstacles.stream().map(Obstacle::what).collect(Collectors.joining("; "));
    }

    /** Looks at the host, which takes milliseconds and changes nothing. */
    public static EngineChoice of(Accel accel) {
        return of(accel, providers(accel));
    }

    private static List<EngineProvider> providers(Accel accel) {
        return switch (accel) {
            case AUTO, KVM, SOFTWARE -> PROVIDERS;
            case SOFTWARE_STEPS -> STEPS_ONLY;
            case SOFTWARE_CHECK -> CHECKS;
            case SOFTWARE_PERF -> MAPPED;
        };
    }

    static EngineChoice of(Accel accel, List<EngineProvider> providers) {
        return accel == Accel.AUTO ? firstThatCounts(providers) : named(accel, providers);
    }

    private static EngineChoice firstThatCounts(List<EngineProvider> providers) {
        List<Obstacle> obstacles = new ArrayList<>();
        for (EngineProvider provider : providers) {
            Optional<Obstacle> obstacle = provider.obstacle();
            if (obstacle.isEmpty()) {
                return new EngineChoice(provider.name(), obstacles);
            }
            obstacles.add(obstacle.get());
        }
        for (int i = 0; i < obstacles.size(); i++) {
            EngineProvider provider = providers.get(i);
            if (provider.refusal().isEmpty()) {
                Obstacle obstacle = obstacles.get(i);
                String remedy = "; --accel " + provider.name() + " takes it all the same";
                obstacles.set(i, new Obstacle(obstacle.what(), obstacle.more() + remedy));
            }
        }
        return new EngineChoice(null, obstacles);
    }

    private static EngineChoice named(Accel accel, List<EngineProvider> providers) {
        return required(accel, providers)
                .refusal()
                .map(why -> new EngineChoice(null, List.of(why)))
                .orElseGet(() -> toOpen(accel, providers));
    }

    /** As {@link #of(Accel)}, but whether an engine is refused that was asked for by its name shows when it is opened. */
    static EngineChoice toOpen(Accel accel) {
        return toOpen(accel, providers(accel));
    }

    static EngineChoice toOpen(Accel accel, List<EngineProvider> providers) {
        if (accel == Accel.AUTO) {
            return firstThatCounts(providers);
        }
        EngineProvider provider = required(accel, providers);
        return new EngineChoice(provider.name(), provider.caveat().map(List::of).orElse(List.of()));
    }

    private static EngineProvider required(Accel accel, List<EngineProvider> providers) {
        EngineProvider provider = find(accel.engine(), providers);
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
     * @param accel what it was chosen by
     * @throws ConfigException if there is none, or a property of the JVM that is for it can't be what it is
     * @throws io.javisor.core.host.HostException if the engine can't be used
     */
    Engine open(Accel accel) {
        return open(providers(accel));
    }

    Engine open(List<EngineProvider> providers) {
        EngineProvider provider = find(engine, providers);
        if (provider == null) {
            throw new ConfigException(obstacle());
        }
        try {
            return provider.open();
        } catch (IllegalArgumentException e) {
            throw new ConfigException(String.valueOf(e.getMessage()), e);
        }
    }

    /** What the engine is like on this host, whether or not it can be opened; without one, what the first of all is like. */
    public EngineTraits traits() {
        return orFirst().traits();
    }

    /**
     * Refuses what the engine can't do.
     *
     * @throws ConfigException if {@code config} has it traced, and it does not see the instructions, or checked with several vCPUs or
     *     with nothing that it would translate
     */
    void requireFor(MachineConfig config) {
        if (config.accel() == Accel.SOFTWARE_CHECK && config.cpus().count() > 1) {
            throw new ConfigException("--accel software,translate=check is for one virtual CPU; add --cpus 1");
        }
        TraceConfig trace = config.debug().trace();
        if (trace == null) {
            return;
        }
        if (!traits().traces()) {
            throw new ConfigException(
                    "--trace: " + orFirst().name() + " leaves the instructions to the processor; add --accel software");
        }
        if (config.accel() == Accel.SOFTWARE_CHECK && trace.isOfAll()) {
            throw new ConfigException(
                    "--trace of all instructions leaves translate=check nothing to compare, for what is traced is not"
                            + " translated; add ,range=FIRST..LAST, or take --accel software");
        }
    }

    private EngineProvider orFirst() {
        EngineProvider provider = find(engine, PROVIDERS);
        return provider == null ? PROVIDERS.getFirst() : provider;
    }
}
