package io.javisor.devices.serial;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.event.Timer;
import io.javisor.core.event.Timers;
import io.javisor.core.irq.InterruptLine;
import io.javisor.devices.Device;
import io.javisor.devices.DeviceStatistics;
import io.javisor.devices.backend.SerialBackend;
import java.lang.foreign.MemorySegment;

/**
 * A {@link Uart16550} on the ISA bus: eight ports, an interrupt line, a host backend, a timer for the character timeout, and the
 * lock around them. Backend and line are leaves: they are called under the lock (so that bytes and edges keep their order), and
 * never call back from there.
 *
 * <p>Accesses of 2 and 4 bytes are split into bytes for consecutive ports, as the ISA bridge does for an 8-bit device; ports
 * past the last register read as ones.
 */
public final class UartDevice implements BusDevice, Device<UartState> {
    /** Above this, a slow programmed rate does not delay the character timeout: nobody is really that slow. */
    private static final long CHARACTER_TIMEOUT_MAX_NANOS = 1_000_000;

    private final String id;
    private final Object lock = new Object();
    private final Uart16550 uart;
    private final SerialBackend backend;
    private final InterruptLine line;
    private final Timer characterTimer;
    private boolean characterTimerArmed;
    private boolean readSinceArmed;
    private boolean closed;
    private boolean paused;

    /**
     * Connects the parts and starts to take input.
     *
     * @param id such as {@code com1}
     * @param backend the host's end; the caller closes it after this device
     * @param timers which stand while the machine does
     */
    public UartDevice(String id, SerialBackend backend, InterruptLine line, Timers timers) {
        this.id = id;
        this.backend = backend;
        this.line = line;
        this.uart = new Uart16550(new BackendWire(backend));
        this.characterTimer = timers.newTimer(id + "/character-timeout", this::characterTimeout);
        backend.attach(new BackendListener());
    }

    @Override
    public long read(long offset, int size) {
        synchronized (lock) {
            long value = 0;
            for (int i = 0; i < size; i++) {
                value |= (long) readPort(offset + i) << (8 * i);
            }
            settle();
            return value;
        }
    }

    @Override
    public void write(long offset, int size, long value) {
        synchronized (lock) {
            for (int i = 0; i < size; i++) {
                writePort(offset + i, (int) (value >>> (8 * i)) & 0xFF);
            }
            settle();
        }
    }

    @Override
    public void writeString(long offset, int size, MemorySegment data, long dataOffset, int count) {
        if (offset != UartRegisters.THR_OFFSET || size != 1) {
            BusDevice.super.writeString(offset, size, data, dataOffset, count);
            return;
        }
        synchronized (lock) {
            uart.writeString(data, dataOffset, count);
            settle();
        }
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public String kind() {
        return "serial";
    }

    /** Master reset, as at power-on. Input that the guest has not taken stays on the line. */
    @Override
    public void reset() {
        synchronized (lock) {
            uart.reset();
            settle();
        }
    }

    /** The modem inputs change: any of MSR_CTS, MSR_DSR, MSR_RI and MSR_DCD. */
    public void setModemInputs(int levels) {
        synchronized (lock) {
            uart.setModemInputs(levels);
            settle();
        }
    }

    /** The state without what is on its way in the backend. */
    @Override
    public UartState save() {
        synchronized (lock) {
            return uart.save();
        }
    }

    /** Takes a saved state over; the interrupt line follows it. */
    @Override
    public void restore(UartState state) {
        synchronized (lock) {
            uart.restore(state);
            // The backend need not be the one that held the transmitter then.
            if (uart.transmitterHeld() && backend.write(MemorySegment.NULL, 0, 0)) {
                uart.transmitterReleased();
            }
            settle();
        }
    }

    @Override
    public DeviceStatistics statistics() {
        return new DeviceStatistics(id(), kind(), counters().snapshot());
    }

    @Override
    public void pause() {
        synchronized (lock) {
            paused = true;
        }
    }

    @Override
    public void resume() {
        synchronized (lock) {
            if (paused) {
                paused = false;
                settle();
            }
        }
    }

    public UartCounters counters() {
        synchronized (lock) {
            return uart.counters();
        }
    }

    /** Gives the timer back; neither the backend nor the line, which stay the caller's, is used afterwards. */
    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
        }
        characterTimer.close();
    }

    private int readPort(long offset) {
        if (offset == UartRegisters.RBR_OFFSET) {
            readSinceArmed = true;
        }
        return uart.read(portOf(offset));
    }

    private void writePort(long offset, int value) {
        uart.write(portOf(offset), value);
    }

    private static int portOf(long offset) {
        return offset >= 0 && offset < UartRegisters.PORT_COUNT ? (int) offset : UartRegisters.PORT_COUNT;
    }

    /** After every change: takes what the line has, shows the interrupt pin, and sees to the character timeout. */
    private void settle() {
        if (closed || paused) {
            return;
        }
        takeInput();
        if (uart.takeInterruptFell()) {
            line.lower();
        }
        line.set(uart.interruptAsserted());
        if (!characterTimerArmed && uart.characterTimeoutDue()) {
            characterTimerArmed = true;
            readSinceArmed = false;
            characterTimer.schedule(uart.characterTimeoutNanos(CHARACTER_TIMEOUT_MAX_NANOS));
        }
    }

    private void takeInput() {
        boolean received = false;
        for (int room = uart.receiveRoom(); room > 0; room--) {
            int unit = backend.read();
            if (unit == SerialBackend.NOTHING) {
                // The sender pauses, and virtual time is ours: the four characters' silence is over at once.
                if (received) {
                    uart.receiveIdle();
                }
                return;
            }
            received = true;
            if (unit == SerialBackend.BREAK) {
                uart.receiveBreak();
            } else {
                uart.receive(unit);
            }
        }
    }

    /** On the event loop. A read of the RBR in the meantime starts the four characters' time anew (PC16550D §8.11). */
    private void characterTimeout() {
        synchronized (lock) {
            if (!characterTimerArmed) {
                return; // it was cancelled at this moment
            }
            characterTimerArmed = false;
            if (!readSinceArmed) {
                uart.receiveIdle();
            }
            settle();
        }
    }

    private final class BackendListener implements SerialBackend.Listener {
        @Override
        public void inputAvailable() {
            synchronized (lock) {
                settle();
            }
        }

        @Override
        public void outputDrained() {
            synchronized (lock) {
                uart.transmitterReleased();
                settle();
            }
        }
    }

    private record BackendWire(SerialBackend backend) implements UartWire {
        @Override
        public boolean transmit(int character) {
            return backend.write(character);
        }

        @Override
        public boolean transmit(MemorySegment data, long dataOffset, int count) {
            return backend.write(data, dataOffset, count);
        }
    }
}
