package io.javisor.machine;

import io.javisor.core.engine.EngineVm;
import io.javisor.core.engine.VmState;
import io.javisor.core.irq.GsiInput;
import io.javisor.core.memory.GpaRange;
import io.javisor.devices.Device;
import io.javisor.machine.plan.DevicePlacement;
import io.javisor.machine.plan.MachinePlan;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All that one life of a machine is at a moment, but for the content of its memory, as a snapshot stores it.
 *
 * @param version {@link #VERSION} when it was made
 * @param ram where its memory lies
 * @param places where its devices are: with {@code ram} and the number of processors what tells a machine from one that can't take the state
 * @param vm what the engine keeps
 * @param devices the devices' states by their ids, in the order in which they are put back
 */
public record LifeState(int version, List<GpaRange> ram, List<Place> places, VmState vm, Map<String, Record> devices) {
    /** The only version so far. */
    public static final int VERSION = 1;

    /** @throws IllegalArgumentException if the version is another */
    public LifeState {
        if (version != VERSION) {
            throw new IllegalArgumentException("a machine's state of version " + version + ", not " + VERSION);
        }
        ram = List.copyOf(ram);
        places = List.copyOf(places);
        devices = Collections.unmodifiableMap(new LinkedHashMap<>(devices));
    }

    /**
     * A device's place, as the guest finds it.
     *
     * @param interrupt null for none
     */
    public record Place(
            String id,
            List<DevicePlacement.Ports> ports,
            List<GpaRange> memory,
            @Nullable GsiInput interrupt) {
        public Place {
            ports = List.copyOf(ports);
            memory = List.copyOf(memory);
        }

        private static List<Place> of(MachinePlan plan) {
            return plan.devices().stream()
                    .map(device -> new Place(device.id(), device.ports(), device.memory(), device.interrupt()))
                    .toList();
        }
    }

    /** That of a life which is paused. */
    static LifeState of(MachinePlan plan, EngineVm vm, List<Device<?>> devices) {
        Map<String, Record> states = new LinkedHashMap<>();
        for (Device<?> device : devices) {
            states.put(device.id(), device.save());
        }
        return new LifeState(VERSION, plan.ram(), Place.of(plan), vm.save(), states);
    }

    /**
     * Puts it into a life that is new, and whose memory has its content already: devices go on with the requests that are in it. The devices stand still, as in
     * a pause.
     *
     * <p>The devices come last. What of theirs is to interrupt the guest rises once more then, in chips and local APICs that have their states: an
     * interrupt that was under way when they were saved is not lost, and one that had arrived may come a second time, for nothing.
     *
     * @throws IllegalArgumentException if it is another machine's, or of no use: the life is to be closed then
     * @throws io.javisor.core.host.HostException if the host refuses a part of it
     */
    void into(MachinePlan plan, EngineVm target, List<Device<?>> all) throws InterruptedException {
        if (!ram.equals(plan.ram()) || !places.equals(Place.of(plan))) {
            throw new IllegalArgumentException("the state is of a machine with other memory or devices");
        }
        List<String> ids = all.stream().map(Device::id).toList();
        if (!ids.equals(List.copyOf(devices.keySet()))) {
            throw new IllegalArgumentException("the state is of devices " + devices.keySet() + ", not " + ids);
        }
        for (Device<?> device : all) {
            device.pause();
        }
        for (Device<?> device : all) {
            requireKind(device, Objects.requireNonNull(devices.get(device.id())));
        }
        target.restore(vm);
        for (Device<?> device : all) {
            restore(device, Objects.requireNonNull(devices.get(device.id())));
        }
    }

    private static void requireKind(Device<?> device, Record state) {
        Class<? extends Record> kind = device.save().getClass();
        if (!kind.isInstance(state)) {
            throw new IllegalArgumentException("the state of " + device.id() + " is a "
                    + state.getClass().getSimpleName() + ", not a " + kind.getSimpleName());
        }
    }

    private static <S extends Record> void restore(Device<S> device, Record state) {
        @SuppressWarnings("unchecked") // a device's states are of one class
        S own = (S) state;
        device.restore(own);
    }
}
