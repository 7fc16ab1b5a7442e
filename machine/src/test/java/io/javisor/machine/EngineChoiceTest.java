package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.Engine;
import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.EngineTraits;
import io.javisor.core.host.Errno;
import io.javisor.core.host.HostException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which engine each choice gets on each kind of host. */
class EngineChoiceTest {
    /** An engine on a host: null for no obstacle, or no refusal. */
    private record MadeUp(
            String name, @Nullable String why, @Nullable String never) implements EngineProvider {
        @Override
        public EngineTraits traits() {
            return new EngineTraits(true);
        }

        @Override
        public Optional<String> obstacle() {
            return Optional.ofNullable(why);
        }

        @Override
        public Optional<String> refusal() {
            return Optional.ofNullable(never);
        }

        @Override
        public Engine open() {
            throw new IllegalStateException(name + " is opened");
        }
    }

    private static final MadeUp COUNTS = new MadeUp("kvm", null, null);
    private static final MadeUp BY_NAME = new MadeUp("kvm", "it is software", null);
    private static final MadeUp UNUSABLE = new MadeUp("kvm", "there is none; load it", "there is none; load it");
    private static final MadeUp OTHER = new MadeUp("software", null, null);
    private static final MadeUp NO_OTHER = new MadeUp("software", "no code memory", "no code memory");

    private static EngineChoice choose(Accel accel, EngineProvider... providers) {
        EngineChoice choice = EngineChoice.of(accel, List.of(providers));
        RuntimeException opened =
                assertThrows(RuntimeException.class, () -> EngineChoice.open(accel, List.of(providers)));
        if (choice.engine() != null) {
            assertEquals(choice.engine() + " is opened", opened.getMessage());
        } else if (accel == Accel.AUTO) {
            assertInstanceOf(ConfigException.class, opened);
            assertEquals(choice.obstacle(), opened.getMessage());
        }
        return choice;
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "KVM"})
    void anEngineThatCountsIsTaken(Accel accel) {
        assertEquals(new EngineChoice("kvm", ""), choose(accel, COUNTS));
        assertEquals(new EngineChoice("kvm", ""), choose(accel, COUNTS, OTHER));
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "KVM"})
    void withoutOneItsReasonIsTold(Accel accel) {
        assertEquals(new EngineChoice(null, "there is none; load it"), choose(accel, UNUSABLE));
    }

    @Test
    void oneThatDoesNotCountIsTakenByNameOnly() {
        assertEquals(
                new EngineChoice(null, "it is software; --accel kvm takes it all the same"),
                choose(Accel.AUTO, BY_NAME));
        assertEquals(new EngineChoice("kvm", ""), choose(Accel.KVM, BY_NAME));
    }

    @Test
    void theNextThatCountsIsTakenAndWhyIsTold() {
        assertEquals(new EngineChoice("software", "it is software"), choose(Accel.AUTO, BY_NAME, OTHER));
        assertEquals(new EngineChoice("software", "there is none; load it"), choose(Accel.AUTO, UNUSABLE, OTHER));
        assertEquals(
                new EngineChoice(null, "it is software; --accel kvm takes it all the same; no code memory"),
                choose(Accel.AUTO, BY_NAME, NO_OTHER));
    }

    @Test
    void anEngineIsTakenByItsName() {
        assertEquals(new EngineChoice("software", ""), choose(Accel.SOFTWARE, COUNTS, OTHER));
        assertEquals(new EngineChoice(null, "no code memory"), choose(Accel.SOFTWARE, COUNTS, NO_OTHER));
    }

    @Test
    void eachHostHasAnEngine() {
        assertEquals(new EngineChoice("software", ""), EngineChoice.of(Accel.SOFTWARE));
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
                return new EngineTraits(false);
            }

            @Override
            public Optional<String> obstacle() {
                return Optional.empty();
            }

            @Override
            public Engine open() {
                throw new HostException("mmap", Errno.EPERM);
            }
        };
        assertTrue(broken.refusal().orElseThrow().contains("EPERM"));
    }

    @ParameterizedTest
    @CsvSource({"auto, AUTO", "kvm, KVM", "software, SOFTWARE"})
    void namesAreRead(String name, Accel accel) {
        assertEquals(accel, Accel.parse(name));
        assertEquals(name, accel.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcg", "KVM", "", "kvm,auto"})
    void otherNamesAreToldWhatThereIs(String name) {
        assertEquals(List.of("auto", "kvm", "software"), Accel.names());
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> Accel.parse(name));
        assertEquals("'" + name + "' is none of auto, kvm, software", refused.getMessage());
    }
}
