package io.javisor.devices.ioapic;

import static io.javisor.devices.ioapic.IoApicRegisters.PIN_COUNT;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.irq.EndOfInterrupt;
import io.javisor.core.irq.InterruptLine;
import io.javisor.core.irq.MsiSink;
import io.javisor.devices.Device;
import io.javisor.devices.DeviceStatistics;

/**
 * An {@link IoApic} in device memory ({@link IoApicRegisters#WINDOW_SIZE} bytes), with 24 lines and the lock around them. Where its messages go is
 * a leaf, called under the lock. Any thread.
 */
public final class IoApicDevice implements BusDevice, EndOfInterrupt, Device<IoApicState> {
    private final Object lock = new Object();
    private final IoApic ioApic;
    private final InterruptLine[] lines = new InterruptLine[PIN_COUNT];

    /**
     * Connects the processors.
     *
     * @param version {@link IoApicRegisters#VERSION_11} or {@link IoApicRegisters#VERSION_20}
     * @param processors where its messages go
     */
    public IoApicDevice(int version, MsiSink processors) {
        ioApic = new IoApic(version, processors);
        for (int pin = 0; pin < PIN_COUNT; pin++) {
            lines[pin] = new Pin(pin);
        }
    }

    /**
     * The wire to a pin.
     *
     * @param pin 0 to 23
     */
    public InterruptLine line(int pin) {
        return lines[pin];
    }

    @Override
    public long read(long offset, int size) {
        synchronized (lock) {
            return ioApic.read(offset, size);
        }
    }

    @Override
    public void write(long offset, int size, long value) {
        synchronized (lock) {
            ioApic.write(offset, size, value);
        }
    }

    @Override
    public void ended(int vector) {
        synchronized (lock) {
            ioApic.endOfInterrupt(vector);
        }
    }

    @Override
    public String id() {
        return "ioapic";
    }

    @Override
    public String kind() {
        return "ioapic";
    }

    /** See {@link IoApic#reset}. */
    @Override
    public void reset() {
        synchronized (lock) {
            ioApic.reset();
        }
    }

    @Override
    public IoApicState save() {
        synchronized (lock) {
            return ioApic.save();
        }
    }

    /** Takes a saved state over. */
    @Override
    public void restore(IoApicState state) {
        synchronized (lock) {
            ioApic.restore(state);
        }
    }

    @Override
    public DeviceStatistics statistics() {
        return new DeviceStatistics(id(), kind(), counters().snapshot());
    }

    public IoApicCounters counters() {
        synchronized (lock) {
            return ioApic.counters();
        }
    }

    private final class Pin implements InterruptLine {
        private final int pin;

        Pin(int pin) {
            this.pin = pin;
        }

        @Override
        public void raise() {
            set(true);
        }

        @Override
        public void lower() {
            set(false);
        }

        @Override
        public void set(boolean asserted) {
            synchronized (lock) {
                ioApic.setLine(pin, asserted);
            }
        }

        @Override
        public void pulse() {
            synchronized (lock) {
                ioApic.setLine(pin, false);
                ioApic.setLine(pin, true);
                ioApic.setLine(pin, false);
            }
        }
    }
}
