package io.javisor.testkit.junit;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.Obstacle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/** The engines that tests run by: all on the class path, or those that {@value #PROPERTY} names. */
final class TestEngines {
    /** Names with commas between. An engine that is asked for by its name is taken whether or not it counts here. */
    static final String PROPERTY = "javisor.test.engines";

    /** The engine of {@link KvmTest}. */
    static final String KVM = "kvm";

    // .ci/TestSum.java knows the tests by these.
    private static final String NEEDS_KVM = "needs KVM: ";
    private static final String NEEDS_FAST_KVM = "needs KVM that is not emulated: ";

    /**
     * An engine.
     *
     * @param obstacle why tests are not run by it; empty if they are
     */
    record Candidate(EngineProvider provider, Optional<String> obstacle) {}

    private static @Nullable List<Candidate> here;

    private TestEngines() {}

    /** Those of this host and this run. Asks each engine once. */
    static synchronized List<Candidate> here() {
        List<Candidate> engines = here;
        if (engines == null) {
            engines = of(ServiceLoader.load(EngineProvider.class), System.getProperty(PROPERTY));
            here = engines;
        }
        return engines;
    }

    /**
     * Chooses.
     *
     * @param asked the property's value; null for all
     * @throws IllegalStateException if there is none, or one that is asked for is not there: no test of a machine could ever run
     */
    static List<Candidate> of(Iterable<EngineProvider> providers, @Nullable String asked) {
        List<EngineProvider> all = new ArrayList<>();
        providers.forEach(all::add);
        if (all.isEmpty()) {
            throw new IllegalStateException("there is no engine on the class path");
        }
        if (asked == null) {
            return all.stream()
                    .map(provider -> new Candidate(provider, provider.obstacle().map(Obstacle::toString)))
                    .toList();
        }
        List<Candidate> chosen = new ArrayList<>();
        for (String name : asked.split(",", -1)) {
            chosen.add(new Candidate(byName(all, name), Optional.empty()));
        }
        return List.copyOf(chosen);
    }

    private static EngineProvider byName(List<EngineProvider> all, String name) {
        for (EngineProvider provider : all) {
            if (provider.name().equals(name)) {
                return provider;
            }
        }
        List<String> names = all.stream().map(EngineProvider::name).toList();
        throw new IllegalStateException(
                PROPERTY + ": there is no engine '" + name + "' on the class path, which has " + names);
    }

    /**
     * The reason of a test that is skipped for want of an engine.
     *
     * @param notEmulated whether the emulated host's KVM will not do
     */
    static String need(EngineProvider provider, String why, boolean notEmulated) {
        return provider.name().equals(KVM) ? needKvm(why, notEmulated) : "needs engine " + provider.name() + ": " + why;
    }

    /** The reason of a test that is skipped for want of KVM. */
    static String needKvm(String why, boolean notEmulated) {
        return (notEmulated ? NEEDS_FAST_KVM : NEEDS_KVM) + why;
    }
}
