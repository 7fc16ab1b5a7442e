package io.javisor.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.engine.EngineProvider;
import io.javisor.core.engine.VmState;
import io.javisor.devices.NoState;
import io.javisor.testkit.junit.MachineTest;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A machine's state goes into a new machine, whose guest does not notice. */
class SavedStateTest {
    private static final int MOMENTS = Integer.getInteger("javisor.state.moments", 50);
    private static final long SEED = Long.getLong("javisor.state.seed", 1);
    private static final long MAX_RUN_NANOS = TimeUnit.MILLISECONDS.toNanos(6);

    @TempDir
    private Path directory = Path.of("");

    @MachineTest
    @Timeout(300)
    void theGuestGoesOnInAnotherMachineAtAnyMoment(EngineProvider engine) throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        CountingGuest.Counts nothing = new CountingGuest.Counts(0, 0, 0, 0, 0, 0, 0);
        try (CountingGuest guest = new CountingGuest(engine, directory)) {
            CountingGuest.Counts counts = guest.goBeyond(nothing, MAX_RUN_NANOS);
            for (int moment = 0; moment < MOMENTS; moment++) {
                String where = "moment " + moment + " of seed " + SEED + ", " + counts;
                LifeState saved = guest.machine().whileStanding(MachineLife::save);
                byte[] content = guest.machine().whileStanding(CountingGuest::contentOf);
                guest.moveTo(guest.newMachine());
                guest.machine().whileStanding(life -> {
                    CountingGuest.fill(life, content);
                    life.restore(saved);
                    return life;
                });
                LifeState again = guest.machine().whileStanding(MachineLife::save);
                assertEquals(stable(saved), stable(again), where);
                assertEquals(counts, guest.counts(), where);
                counts = guest.goBeyond(counts, random.nextLong(MAX_RUN_NANOS));
            }
            assertTrue(counts.steps() > MOMENTS);
        }
    }

    /** What no clock moves: the registers of the processors and of devices without a timer. */
    private static List<Object> stable(LifeState state) {
        List<Object> parts = new ArrayList<>(
                List.of(state.ram(), state.places(), state.devices().keySet()));
        state.vm().cpus().forEach(cpu -> {
            parts.add(cpu.registers());
            parts.add(cpu.xsave());
            parts.add(cpu.xcr0());
            parts.add(cpu.debug());
            parts.add(cpu.events());
            parts.add(cpu.runState());
        });
        for (String id : List.of("i8042", "com1")) {
            parts.add(List.of(id, state.devices().get(id)));
        }
        return parts;
    }

    /** Each record in it that has a version: with another one there is none. */
    @MachineTest
    @Timeout(60)
    void anotherVersionOfAnyPartIsRefused(EngineProvider engine) throws Exception {
        try (CountingGuest guest = new CountingGuest(engine, directory)) {
            guest.goBeyond(new CountingGuest.Counts(0, 0, 0, 0, 0, 0, 0), MAX_RUN_NANOS);
            LifeState saved = guest.machine().whileStanding(MachineLife::save);
            List<Record> versioned = new ArrayList<>();
            collect(saved, versioned);
            assertTrue(versioned.size() > 10, versioned::toString);
            for (Record record : versioned) {
                if (record instanceof VmState
                        || record.getClass().getSimpleName().equals("QueueState")) {
                    continue; // looked at when they are put back
                }
                InvocationTargetException refusal = assertThrows(
                        InvocationTargetException.class, () -> withVersion(record, 99), () -> record.toString());
                IllegalArgumentException why =
                        assertInstanceOf(IllegalArgumentException.class, refusal.getCause(), record::toString);
                assertTrue(String.valueOf(why.getMessage()).contains("99"), why.getMessage());
            }
        }
    }

    private static void collect(Object value, List<Record> into) throws ReflectiveOperationException {
        if (value instanceof Collection<?> collection) {
            for (Object each : collection) {
                collect(each, into);
            }
        } else if (value instanceof Map<?, ?> map) {
            collect(map.values(), into);
        } else if (value instanceof Record record) {
            for (RecordComponent component : record.getClass().getRecordComponents()) {
                component.getAccessor().setAccessible(true);
                Object part = component.getAccessor().invoke(record);
                if (component.getName().equals("version")) {
                    into.add(record);
                }
                collect(part, into);
            }
        }
    }

    private static Record withVersion(Record record, int version) throws ReflectiveOperationException {
        RecordComponent[] components = record.getClass().getRecordComponents();
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            values[i] = components[i].getName().equals("version")
                    ? version
                    : components[i].getAccessor().invoke(record);
        }
        Constructor<? extends Record> constructor = record.getClass().getDeclaredConstructor(types);
        constructor.setAccessible(true);
        return constructor.newInstance(values);
    }

    @MachineTest
    @Timeout(60)
    void aStateThatIsNotThisMachinesIsRefused(EngineProvider engine) throws Exception {
        try (CountingGuest guest = new CountingGuest(engine, directory)) {
            LifeState own = guest.machine().whileStanding(MachineLife::save);
            refused(
                    guest,
                    new LifeState(LifeState.VERSION, List.of(), own.places(), own.vm(), own.devices()),
                    "the state is of a machine with other memory or devices");
            refused(
                    guest,
                    new LifeState(
                            LifeState.VERSION,
                            own.ram(),
                            own.places().subList(1, own.places().size()),
                            own.vm(),
                            own.devices()),
                    "the state is of a machine with other memory or devices");
            refused(
                    guest,
                    withDevice(own, "com1", NoState.INSTANCE),
                    "the state of com1 is a NoState, not a UartState");
            Map<String, Record> fewer = new LinkedHashMap<>(own.devices());
            fewer.remove("com1");
            refused(
                    guest,
                    new LifeState(LifeState.VERSION, own.ram(), own.places(), own.vm(), fewer),
                    "the state is of devices " + fewer.keySet() + ", not "
                            + own.devices().keySet());
            guest.machine().whileStanding(life -> {
                life.restore(own);
                return life;
            });
            guest.goBeyond(new CountingGuest.Counts(0, 0, 0, 0, 0, 0, 0), MAX_RUN_NANOS);
        }
    }

    private static LifeState withDevice(LifeState state, String id, Record device) {
        Map<String, Record> devices = new LinkedHashMap<>(state.devices());
        devices.put(id, device);
        return new LifeState(LifeState.VERSION, state.ram(), state.places(), state.vm(), devices);
    }

    private static void refused(CountingGuest guest, LifeState state, String why) {
        IllegalArgumentException refusal = assertThrows(
                IllegalArgumentException.class,
                () -> guest.machine().whileStanding(life -> {
                    life.restore(state);
                    return life;
                }));
        assertEquals(why, refusal.getMessage());
    }

    @MachineTest
    @Timeout(60)
    void aMachineThatRunsHasNoStateToSave(EngineProvider engine) throws Exception {
        try (CountingGuest guest = new CountingGuest(engine, directory)) {
            guest.machine().start();
            IllegalStateException refusal = assertThrows(
                    IllegalStateException.class, () -> guest.machine().whileStanding(MachineLife::save));
            assertEquals("machine counting runs", refusal.getMessage());
        }
    }
}
