package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.kvm.KvmHost;
import io.javisor.kvm.KvmUnavailableException.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which engine each choice gets on each kind of host. */
class EngineChoiceTest {
    private static final KvmHost NONE = new KvmHost.Unusable(Reason.MISSING, "there is none; load it");
    private static final KvmHost SOFTWARE = new KvmHost.Software("it is software");

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "KVM"})
    void kvmThatCountsIsTaken(Accel accel) {
        assertEquals(new EngineChoice("kvm", ""), EngineChoice.of(accel, new KvmHost.Counts()));
    }

    @ParameterizedTest
    @EnumSource(names = {"AUTO", "KVM"})
    void withoutKvmItsReasonIsTold(Accel accel) {
        assertEquals(new EngineChoice(null, "there is none; load it"), EngineChoice.of(accel, NONE));
    }

    @Test
    void softwareKvmIsTakenByNameOnly() {
        assertEquals(
                new EngineChoice(null, "it is software; --accel kvm takes it all the same"),
                EngineChoice.of(Accel.AUTO, SOFTWARE));
        assertEquals(new EngineChoice("kvm", ""), EngineChoice.of(Accel.KVM, SOFTWARE));
    }

    @Test
    void theSoftwareEngineIsNotThereYet() {
        EngineChoice choice = EngineChoice.of(Accel.SOFTWARE);
        assertEquals(null, choice.engine());
        assertEquals(EngineChoice.NO_SOFTWARE_ENGINE, choice.obstacle());
        ConfigException refused = assertThrows(ConfigException.class, () -> EngineChoice.open(Accel.SOFTWARE));
        assertEquals(EngineChoice.NO_SOFTWARE_ENGINE, refused.getMessage());
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
