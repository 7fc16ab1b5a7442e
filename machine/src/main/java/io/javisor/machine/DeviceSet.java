package io.javisor.machine;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.event.EventLoop;
import io.javisor.core.io.AsyncFileBackend;
import io.javisor.core.irq.InterruptLine;
import io.javisor.devices.Device;
import io.javisor.devices.acpi.AcpiPmDevice;
import io.javisor.devices.backend.HostEvents;
import io.javisor.devices.backend.SerialBackend;
import io.javisor.devices.backend.TokenLevels;
import io.javisor.devices.i8042.I8042Device;
import io.javisor.devices.power.DebugExitDevice;
import io.javisor.devices.power.IgnoredPorts;
import io.javisor.devices.power.PowerControl;
import io.javisor.devices.power.PvpanicDevice;
import io.javisor.devices.power.ResetControlDevice;
import io.javisor.devices.power.SystemControlPortA;
import io.javisor.devices.rtc.RtcDevice;
import io.javisor.devices.serial.UartDevice;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The devices of one life of a machine: made, put on the bus and wired as the plan says. */
final class DeviceSet implements AutoCloseable {
    /** What devices reach of the machine. */
    record Wiring(
            SerialPorts serial,
            EventLoop loop,
            HostEvents events,
            PowerControl power,
            BootObserver observer,
            VirtioTotals virtio,
            DeviceTotals totals,
            TokenLevels limits,
            AsyncFileBackend.Opener files,
            NetLinks net) {}

    /** Gives a device one of its placement's ranges. */
    @FunctionalInterface
    interface Bus {
        void register(DevicePlacement placement, DevicePlacement.Ports range, BusDevice device);
    }

    /** Makes the line that a placement names. */
    @FunctionalInterface
    interface Wires {
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
    DeviceSet(Bus bus, Wires wires, Wiring wiring, byte[] cmos) {
        PowerControl power = wiring.power();
        I8042Device i8042 = add(new I8042Device(wires.connect(MachinePlan.I8042), power::reset));
        bus.register(MachinePlan.I8042, MachinePlan.I8042.ports().get(0), i8042.dataPort());
        bus.register(MachinePlan.I8042, MachinePlan.I8042.ports().get(1), i8042.commandPort());
        put(bus, MachinePlan.POST, IgnoredPorts.readingOnes());
        put(bus, MachinePlan.SYSTEM_CONTROL_A, add(new SystemControlPortA(power)));
        put(bus, MachinePlan.DEBUG_EXIT, new DebugExitDevice(power));
        put(bus, MachinePlan.PVPANIC, add(new PvpanicDevice(power)));
        acpiPm = add(new AcpiPmDevice(
                SystemDescription.PM_TIMER_BITS,
                System::nanoTime,
                wires.connect(MachinePlan.ACPI_PM),
                wiring.events(),
                power));
        put(bus, MachinePlan.ACPI_PM, acpiPm);
        put(
                bus,
                MachinePlan.RTC,
                add(new RtcDevice(cmos, DeviceSet::wallClockNanos, wires.connect(MachinePlan.RTC), wiring.events())));
        put(bus, MachinePlan.RESET_CONTROL, add(new ResetControlDevice(power)));
        for (int i = 0; i < wiring.serial().count(); i++) {
            DevicePlacement com = MachinePlan.COM.get(i);
            SerialBackend line = wiring.serial().plug(i);
            plugged.add(line);
            put(
                    bus,
                    com,
                    add(new UartDevice(
                            com.id(),
                            i == 0 ? ObservedBackend.of(line, wiring.observer()) : line,
                            wires.connect(com),
                            wiring.events())));
        }
    }

    private <D extends Device<?>> D add(D device) {
        devices.add(device);
        return device;
    }

    /** All that have a face, in the order of their making: the serial ports last. */
    List<Device<?>> all() {
        return Collections.unmodifiableList(devices);
    }

    /** Whether the guest listens to its power button. */
    boolean pressPowerButton() {
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
