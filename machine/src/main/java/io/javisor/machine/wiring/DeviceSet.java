package io.javisor.machine.wiring;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.event.EventLoop;
import io.javisor.core.event.MachineClock;
import io.javisor.core.irq.InterruptLine;
import io.javisor.devices.Device;
import io.javisor.devices.acpi.AcpiPmDevice;
import io.javisor.devices.backend.SerialBackend;
import io.javisor.devices.i8042.I8042Device;
import io.javisor.devices.power.DebugExitDevice;
import io.javisor.devices.power.IgnoredPorts;
import io.javisor.devices.power.PowerControl;
import io.javisor.devices.power.PvpanicDevice;
import io.javisor.devices.power.ResetControlDevice;
import io.javisor.devices.power.SystemControlPortA;
import io.javisor.devices.rtc.RtcDevice;
import io.javisor.devices.serial.UartDevice;
import io.javisor.machine.plan.DevicePlacement;
import io.javisor.machine.plan.FixedPlacements;
import io.javisor.machine.plan.SystemDescription;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The devices of one life of a machine: made, put on the bus and wired as the plan says. */
public final class DeviceSet implements AutoCloseable {
    /**
     * What devices reach of the machine.
     *
     * @param clock of the machine, the same over all of its lives
     * @param firstPortOutput is told of each byte that the guest writes to its first serial port; null for nobody
     */
    public record Wiring(
            SerialPorts serial,
            EventLoop loop,
            MachineClock clock,
            PowerControl power,
            @Nullable IntConsumer firstPortOutput,
            VirtioSources virtio,
            DeviceTotals totals) {}

    /** Gives a device one of its placement's ranges. */
    @FunctionalInterface
    public interface Bus {
        void register(DevicePlacement placement, DevicePlacement.Ports range, BusDevice device);
    }

    /** Makes the line that a placement names. */
    @FunctionalInterface
    public interface Wires {
        InterruptLine connect(DevicePlacement placement);
    }

    private final AcpiPmDevice acpiPm;
    private final List<Device<?>> devices = new ArrayList<>();
    private final List<SerialBackend> plugged = new ArrayList<>();

    /**
     * Makes and connects them all.
     *
     * @param cmos what firmware left in the clock's RAM
     */
    public DeviceSet(Bus bus, Wires wires, Wiring wiring, byte[] cmos) {
        PowerControl power = wiring.power();
        I8042Device i8042 = add(new I8042Device(wires.connect(FixedPlacements.I8042), power::reset));
        bus.register(FixedPlacements.I8042, FixedPlacements.I8042.ports().get(0), i8042.dataPort());
        bus.register(FixedPlacements.I8042, FixedPlacements.I8042.ports().get(1), i8042.commandPort());
        put(bus, FixedPlacements.POST, IgnoredPorts.readingOnes());
        put(bus, FixedPlacements.SYSTEM_CONTROL_A, add(new SystemControlPortA(power)));
        put(bus, FixedPlacements.DEBUG_EXIT, new DebugExitDevice(power));
        put(bus, FixedPlacements.PVPANIC, add(new PvpanicDevice(power)));
        acpiPm = add(new AcpiPmDevice(
                SystemDescription.PM_TIMER_BITS,
                wiring.clock(),
                wires.connect(FixedPlacements.ACPI_PM),
                wiring.clock(),
                power));
        put(bus, FixedPlacements.ACPI_PM, acpiPm);
        put(
                bus,
                FixedPlacements.RTC,
                add(new RtcDevice(
                        cmos, DeviceSet::wallClockNanos, wires.connect(FixedPlacements.RTC), wiring.clock())));
        put(bus, FixedPlacements.RESET_CONTROL, add(new ResetControlDevice(power)));
        for (int i = 0; i < wiring.serial().count(); i++) {
            DevicePlacement com = FixedPlacements.COM.get(i);
            SerialBackend line = wiring.serial().plug(i, i == 0 ? wiring.firstPortOutput() : null);
            plugged.add(line);
            put(bus, com, add(new UartDevice(com.id(), line, wires.connect(com), wiring.clock())));
        }
    }

    private <D extends Device<?>> D add(D device) {
        devices.add(device);
        return device;
    }

    /** All that have a face, in the order of their making: the serial ports last. */
    public List<Device<?>> all() {
        return Collections.unmodifiableList(devices);
    }

    /** Whether the guest listens to its power button. */
    public boolean pressPowerButton() {
        return acpiPm.pressPowerButton();
    }

    /** Since 1970, UTC; good until 2262. */
    private static long wallClockNanos() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    private static void put(Bus bus, DevicePlacement placement, BusDevice device) {
        bus.register(placement, placement.ports().getFirst(), device);
    }

    @Override
    public void close() {
        plugged.forEach(SerialBackend::close);
        for (Device<?> device : devices.reversed()) {
            device.close();
        }
    }
}
