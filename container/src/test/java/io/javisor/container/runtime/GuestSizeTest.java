package io.javisor.container.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.container.spec.MachineSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuestSizeTest {
    private static final long MIB = 1 << 20;

    @ParameterizedTest
    @CsvSource({
        "0, 0, 512",
        "0, 2048, 2048",
        "64, 128, 128",
        "32, 0, 113",
        "256, 0, 344",
        "1024, 0, 1136",
        "65536, 0, 67664",
    })
    void memoryIsTheMachinesOrFollowsFromTheLimit(long limitMib, long machineMib, long wantedMib) {
        Specs specs = Specs.running("true")
                .limits(limitMib * MIB, 0)
                .machine(new MachineSpec(machineMib * MIB, 0, null, null));
        assertEquals(wantedMib * MIB, GuestSize.of(specs.spec(), 2, false).memoryBytes());
    }

    @ParameterizedTest
    @ValueSource(longs = {6 << 20, 6_291_457, 10_000_000, 123_456_789, 4_294_967_297L})
    void memoryIsOfWholeMibAndMoreThanTheLimit(long limit) {
        long memory = GuestSize.of(Specs.running("true").limits(limit, 0).spec(), 1, true)
                .memoryBytes();
        assertEquals(0, memory % MIB);
        assertTrue(memory >= limit + GuestSize.KERNEL_BYTES);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 1, false, 1",
        "0, 0, 2, false, 2",
        "0, 0, 64, false, 4",
        "0, 0, 64, true, 1",
        "3, 0, 2, true, 3",
        "3, 100000, 2, false, 3",
        "0, 100000, 8, false, 1",
        "0, 100001, 8, false, 2",
        "0, 150000, 8, true, 2",
        "0, 1000, 8, false, 1",
        "0, 800000, 2, false, 2",
        "0, 99999999, 300, false, 254",
    })
    void processorsAreTheMachinesOrFollowFromTheLimitOrTheHost(
            int machine, long micros, int host, boolean software, int wanted) {
        Specs specs = Specs.running("true").limits(0, micros).machine(new MachineSpec(0, machine, null, null));
        assertEquals(wanted, GuestSize.of(specs.spec(), host, software).cpus());
    }
}
