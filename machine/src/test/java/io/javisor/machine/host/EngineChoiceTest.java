package io.javisor.machine.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineTraits;
import io.javisor.core.engine.Obstacle;
import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import io.javisor.machine.config.Accel;
import io.javisor.machine.config.ConfigException;
import io.javisor.machine.config.MachineConfig;
import io.javisor.testkit.guest.DrivenMachine;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which engine each choice gets on each kind of host. */
class EngineChoiceTest {
    /** An engine on a host: null for no obstacle, or no refusal. */
    private record MadeUp(
            String name, @Nullable Obstacle why, @Nullable Obstacle never) implements EngineProvider {
        @Override
        public EngineTraits traits() {
            return new EngineTraits(true, false);
        }

        @Override
        public Optional<Obstacle> obstacle() {
            return Optional.ofNullable(why);
        }

        @Override
        public Optional<Obstacle> refusal() {
            return Optional.ofNullable(never);
        }

        @Override
        public Optional<Obstacle> caveat() {
            return obstacle();
        }

        @Override
        public Engine open() {
            throw new IllegalStateException(name + " is opened");
        }
    }

    private static final Obstacle SOFTWARE = new Obstacle("it is software", ", says the host");
    private static final Obstacle NONE = new Obstacle("there is none", "; load it");
    private static final Obstacle NO_MEMORY = Obstacle.of("no code memory");
    private static final MadeUp COUNTS = new MadeUp("kvm", null, null);
    private static final MadeUp BY_NAME = new MadeUp("kvm", SOFTWARE, null);
    private static final MadeUp UNUSABLE = new MadeUp("kvm", NONE, NONE);
    private static final MadeUp OTHER = new MadeUp("software", null, null);
    private static final MadeUp NO_OTHER = new MadeUp("software", NO_MEMORY, NO_MEMORY);

    private static EngineChoice choose(Accel accel, EngineProvider... providers) {
        EngineChoice choice = EngineChoice.of(accel, List.of(providers));
        RuntimeException opened = assertThrows(
                RuntimeException.class,
                () -> EngineChoice.toOpen(accel, List.of(providers)).open(List.of(providers)));
        if (choice.engine() != null) {
            assertEquals(choice.engine() + " is opened", opened.getMessage());
        } else if (accel == Accel.AUTO) {
            assertInstanceOf(ConfigException.class, opened);
            assertEquals(choice.obstacle(), opened.getMessage());
        }
        return choice;
    }

    @Test
    void toOpenAnEngineByItsNameDoesNotLookAtTheHostFirst() {
        EngineProvider shy = new EngineProvider() {
            @Override
            public String name() {
                return "kvm";
            }

            @Override
            public EngineTraits traits() {
                throw new IllegalStateException("traits");
            }

            @Override
            public Optional<Obstacle> obstacle() {
                throw new IllegalStateException("it looks at the host");
            }

            @Override
            public Optional<Obstacle> caveat() {
                return Optional.of(SOFTWARE);
            }

            @Override
            public Engine open() {
                throw new IllegalArgumentException("its property is wrong");
            }
        };
        EngineChoice choice = EngineChoice.toOpen(Accel.KVM, List.of(shy));
        assertEquals(new EngineChoice("kvm", List.of(SOFTWARE)), choice);
        ConfigException refused = assertThrows(ConfigException.class, () -> choice.open(List.of(shy)));
        assertEquals("its property is wrong", refused.getMessage());
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "KVM"})
    void anEngineThatCountsIsTaken(Accel accel) {
        assertEquals(new EngineChoice("kvm", List.of()), choose(accel, COUNTS));
        assertEquals(new EngineChoice("kvm", List.of()), choose(accel, COUNTS, OTHER));
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "KVM"})
    void withoutOneItsReasonIsTold(Accel accel) {
        assertEquals(new EngineChoice(null, List.of(NONE)), choose(accel, UNUSABLE));
    }

    @Test
    void oneThatDoesNotCountIsTakenByNameOnly() {
        EngineChoice none = choose(Accel.AUTO, BY_NAME);
        assertEquals(null, none.engine());
        assertEquals("it is software, says the host; --accel kvm takes it all the same", none.obstacle());
        assertEquals("it is software", none.shortObstacle());
        assertEquals(new EngineChoice("kvm", List.of(SOFTWARE)), choose(Accel.KVM, BY_NAME));
    }

    @Test
    void theNextThatCountsIsTakenAndWhyIsTold() {
        assertEquals(new EngineChoice("software", List.of(SOFTWARE)), choose(Accel.AUTO, BY_NAME, OTHER));
        assertEquals(new EngineChoice("software", List.of(NONE)), choose(Accel.AUTO, UNUSABLE, OTHER));
        EngineChoice none = choose(Accel.AUTO, BY_NAME, NO_OTHER);
        assertEquals(null, none.engine());
        assertEquals(
                "it is software, says the host; --accel kvm takes it all the same; no code memory", none.obstacle());
        assertEquals("it is software; no code memory", none.shortObstacle());
    }

    @Test
    void anEngineIsTakenByItsName() {
        assertEquals(new EngineChoice("software", List.of()), choose(Accel.SOFTWARE, COUNTS, OTHER));
        assertEquals(new EngineChoice(null, List.of(NO_MEMORY)), choose(Accel.SOFTWARE, COUNTS, NO_OTHER));
    }

    @Test
    void eachHostHasAnEngine() {
        assertEquals(new EngineChoice("software", List.of()), EngineChoice.of(Accel.SOFTWARE));
        EngineChoice automatic = EngineChoice.of(Accel.AUTO);
        assertNotNull(automatic.engine());
        assertEquals(automatic.engine().equals("kvm"), automatic.obstacle().isEmpty());
    }

    /** What a provider that says no more does: it is opened. */
    @Test
    void byDefaultAnEngineIsRefusedThatCannotBeOpened() {
        EngineProvider broken = new EngineProvider() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public EngineTraits traits() {
                return new EngineTraits(false, false);
            }

            @Override
            public Optional<Obstacle> obstacle() {
                return Optional.empty();
            }

            @Override
            public Engine open() {
                throw new HostException("mmap", Errno.EPERM);
            }
        };
        assertTrue(broken.refusal().orElseThrow().what().contains("EPERM"));
    }

    @ParameterizedTest
    @CsvSource({
        "auto, auto, AUTO",
        "kvm, kvm, KVM",
        "software, software, SOFTWARE",
        "'software,translate=off', software, SOFTWARE_STEPS",
        "'software,translate=check', software, SOFTWARE_CHECK",
        "'software,perf-map=on', software, SOFTWARE_PERF"
    })
    void namesAreRead(String name, String engine, Accel accel) {
        assertEquals(accel, Accel.parse(name));
        assertEquals(name, accel.toString());
        assertEquals(engine, accel.engine());
        assertEquals("software".equals(engine), accel.isSoftware());
    }

    @Test
    void whatIsTheDefaultMayBeSaid() {
        assertEquals(Accel.SOFTWARE, Accel.parse("software,translate=on"));
        assertEquals(Accel.SOFTWARE, Accel.parse("software,perf-map=off"));
        assertEquals(Accel.SOFTWARE_PERF, Accel.parse("software,translate=on,perf-map=on"));
        assertEquals(Accel.SOFTWARE, Accel.parse("software,translate=on,perf-map=off"));
        assertEquals(Accel.SOFTWARE_STEPS, Accel.parse("software,translate=off,perf-map=off"));
        assertEquals(Accel.SOFTWARE_CHECK, Accel.parse("software,translate=check,perf-map=off"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "tcg                      | is none of auto, kvm, software",
                "KVM                      | is none of auto, kvm, software",
                "''                       | is none of auto, kvm, software",
                "tcg,translate=off        | is none of auto, kvm, software",
                "kvm,translate=off        | has an option, which only software takes",
                "auto,translate=on        | has an option, which only software takes",
                "software,                | is none of software, software,translate=on, software,translate=off,"
                        + " software,translate=check, software,perf-map=on, software,perf-map=off",
                "software,translate       | is none of software, software,translate=on, software,translate=off,"
                        + " software,translate=check, software,perf-map=on, software,perf-map=off",
                "software,translate=maybe | is none of software, software,translate=on, software,translate=off,"
                        + " software,translate=check, software,perf-map=on, software,perf-map=off",
                "kvm,perf-map=on          | has an option, which only software takes",
                "software,translate=off,perf-map=on | names for perf what is translated, which goes with translate=on"
                        + " only",
                "software,translate=check,perf-map=on | names for perf what is translated, which goes with"
                        + " translate=on only",
            })
    void otherNamesAreToldWhatThereIs(String name, String wrong) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> Accel.parse(name));
        assertEquals("'" + name + "' " + wrong, refused.getMessage());
    }

    /** That of steps has no counters of blocks. */
    @ParameterizedTest
    @CsvSource({"SOFTWARE, true", "SOFTWARE_STEPS, false", "SOFTWARE_CHECK, true"})
    void theEngineTranslatesUnlessItIsNotTo(Accel accel, boolean translates) {
        EngineChoice choice = EngineChoice.of(accel);
        assertEquals(new EngineChoice("software", List.of()), choice);
        try (DrivenMachine machine = new DrivenMachine(new Opened(choice, accel), "e6 84 f4")) {
            machine.runTo(1);
            assertEquals(translates, machine.vcpu().counters().containsKey("blocks_made"));
        }
    }

    @Test
    void translationIsCheckedWithOneVcpu() {
        MachineConfig.Builder config = MachineConfig.builder(Path.of("k")).accel(Accel.SOFTWARE_CHECK);
        EngineChoice choice = EngineChoice.of(Accel.SOFTWARE_CHECK);
        choice.requireFor(config.build());
        MachineConfig two = config.cpus(2).build();
        assertEquals(
                "--accel software,translate=check is for one virtual CPU; add --cpus 1",
                assertThrows(ConfigException.class, () -> choice.requireFor(two))
                        .getMessage());
    }

    /** What a machine opens. */
    private record Opened(EngineChoice choice, Accel accel) implements EngineProvider {
        @Override
        public String name() {
            return accel.engine();
        }

        @Override
        public EngineTraits traits() {
            return choice.traits();
        }

        @Override
        public Optional<Obstacle> obstacle() {
            return Optional.empty();
        }

        @Override
        public Engine open() {
            return choice.open(accel);
        }
    }
}
