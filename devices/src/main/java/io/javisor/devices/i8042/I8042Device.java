package io.javisor.devices.i8042;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.irq.InterruptLine;
import io.javisor.devices.Device;
import io.javisor.devices.DeviceStatistics;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The PS/2 keyboard controller with nothing plugged in: enough for an operating system to probe it, and to reset the machine.
 *
 * <p>Emulates: IBM PS/2 Hardware Interface Technical Reference (1988), "Keyboard and Auxiliary Device Controller": status, command
 * byte, self and interface tests, output port, reset by pulse (command 0xFE) and by output port bit 0. A byte for the keyboard gets the
 * answer of a controller without one, at once: 0xFE with the time-out bit, so that a driver gives up without waiting.
 *
 * <p>Leaves out: keyboard and auxiliary device (the interface test of the latter fails), scan code translation, the A20 gate's effect
 * (the bit is kept), password commands, the input port's jumpers, all of the controller's RAM but the command byte.
 *
 * <table>
 * <caption>Ports</caption>
 * <tr><th>port</th><th>read</th><th>write</th><th>after reset</th></tr>
 * <tr><td>0x60, {@link #dataPort}</td><td>output buffer; clears OBF</td><td>data of the last command, else for the keyboard</td>
 * <td>00</td></tr>
 * <tr><td>0x64, {@link #commandPort}</td><td>status</td><td>command</td><td>1C</td></tr>
 * </table>
 *
 * <p>IRQ 1 is high while the output buffer is full, the command byte has bit 0 set and bit 4 clear. Wider accesses see one byte, and
 * ones above it.
 */
public final class I8042Device implements Device<I8042State> {
    static final int STATUS_OBF = 0x01;
    static final int STATUS_SYS = 0x04;
    static final int STATUS_COMMAND = 0x08;
    static final int STATUS_UNLOCKED = 0x10;
    static final int STATUS_TIMEOUT = 0x40;

    static final int COMMAND_BYTE_IRQ1 = 0x01;
    static final int COMMAND_BYTE_SYS = 0x04;
    static final int COMMAND_BYTE_KEYBOARD_OFF = 0x10;
    static final int COMMAND_BYTE_AUX_OFF = 0x20;
    static final int COMMAND_BYTE_TRANSLATE = 0x40;

    static final int OUTPUT_PORT_NOT_RESET = 0x01;
    static final int OUTPUT_PORT_A20 = 0x02;
    static final int OUTPUT_PORT_OBF = 0x10;

    private static final int SELF_TEST_PASSED = 0x55;
    private static final int INTERFACE_TEST_PASSED = 0x00;
    private static final int INTERFACE_TEST_CLOCK_STUCK_LOW = 0x01;
    private static final int INPUT_PORT = 0x80; // keyboard not inhibited
    private static final int RESEND = 0xFE;

    /** A byte register on a wider access: the bits above {@code size} bytes are ignored by the bus. */
    private static final long ONES_ABOVE = ~0xFFL;

    private final Object lock = new Object();
    private final InterruptLine keyboardLine;
    private final Runnable resetRequest;
    private final BusDevice dataPort = new DataPort();
    private final BusDevice commandPort = new CommandPort();

    private int status; // R, port 0x64
    private int commandByte; // RW, commands 0x20 and 0x60
    private int outputPort; // RW, commands 0xD0 and 0xD1
    private int outputBuffer; // R, port 0x60
    private int pendingCommand; // waits for its data byte; 0: none
    private long resetRequests;
    private long unknownCommands;

    /**
     * A controller after power-on.
     *
     * @param keyboardLine IRQ 1
     * @param resetRequest asks for a machine reset; called on a vCPU thread without a lock, must not block
     */
    public I8042Device(InterruptLine keyboardLine, Runnable resetRequest) {
        this.keyboardLine = keyboardLine;
        this.resetRequest = resetRequest;
        reset();
    }

    /** One port, 0x60. */
    public BusDevice dataPort() {
        return dataPort;
    }

    /** One port, 0x64. */
    public BusDevice commandPort() {
        return commandPort;
    }

    @Override
    public String id() {
        return "i8042";
    }

    @Override
    public String kind() {
        return "i8042";
    }

    /** As firmware leaves it: self test passed, keyboard interrupt and translation on. */
    @Override
    public void reset() {
        synchronized (lock) {
            status = STATUS_SYS | STATUS_COMMAND | STATUS_UNLOCKED;
            commandByte = COMMAND_BYTE_IRQ1 | COMMAND_BYTE_SYS | COMMAND_BYTE_TRANSLATE;
            outputPort = OUTPUT_PORT_NOT_RESET | OUTPUT_PORT_A20;
            outputBuffer = 0;
            pendingCommand = 0;
            updateLine();
        }
    }

    @Override
    public I8042State save() {
        synchronized (lock) {
            return new I8042State(I8042State.VERSION, status, commandByte, outputPort, outputBuffer, pendingCommand);
        }
    }

    /** Takes a saved state over; the interrupt line follows it. */
    @Override
    public void restore(I8042State state) {
        synchronized (lock) {
            status = state.status();
            commandByte = state.commandByte();
            outputPort = state.outputPort();
            outputBuffer = state.outputBuffer();
            pendingCommand = state.pendingCommand();
            updateLine();
        }
    }

    @Override
    public DeviceStatistics statistics() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("reset_requests", resetRequests());
        all.put("unknown_commands", unknownCommands());
        return new DeviceStatistics(id(), kind(), all);
    }

    /** Resets that the guest asked for. */
    public long resetRequests() {
        synchronized (lock) {
            return resetRequests;
        }
    }

    /** Commands that no controller knows, or that this one leaves out. */
    public long unknownCommands() {
        synchronized (lock) {
            return unknownCommands;
        }
    }

    // ---- under the lock ----

    private int readData() {
        status &= ~(STATUS_OBF | STATUS_TIMEOUT);
        updateLine();
        return outputBuffer;
    }

    /** Returns whether the guest asks for a reset. */
    private boolean writeData(int data) {
        status &= ~STATUS_COMMAND;
        int command = pendingCommand;
        pendingCommand = 0;
        switch (command) {
            case 0 -> answerAbsentDevice();
            case 0x60 -> {
                commandByte = data;
                status = (status & ~STATUS_SYS) | (data & COMMAND_BYTE_SYS);
                updateLine();
            }
            case 0xD1 -> {
                outputPort = (data & OUTPUT_PORT_A20) | OUTPUT_PORT_NOT_RESET;
                return (data & OUTPUT_PORT_NOT_RESET) == 0;
            }
            // 0xD2, and 0xD3 too: the looped byte lacks the mark of the auxiliary device, by which a driver knows that
            // there is none.
            case 0xD2, 0xD3 -> answer(data);
            case 0xD4 -> answerAbsentDevice();
            default -> {
                // 0x61 to 0x7F: RAM that is not there.
            }
        }
        return false;
    }

    /** Returns whether the guest asks for a reset. */
    private boolean writeCommand(int command) {
        status |= STATUS_COMMAND;
        pendingCommand = 0;
        switch (command) {
            case 0x20 -> answer(commandByte);
            case 0xA7 -> commandByte |= COMMAND_BYTE_AUX_OFF;
            case 0xA8 -> commandByte &= ~COMMAND_BYTE_AUX_OFF;
            case 0xA9 -> answer(INTERFACE_TEST_CLOCK_STUCK_LOW);
            case 0xAA -> {
                status |= STATUS_SYS;
                answer(SELF_TEST_PASSED);
            }
            case 0xAB -> answer(INTERFACE_TEST_PASSED);
            case 0xAD -> commandByte |= COMMAND_BYTE_KEYBOARD_OFF;
            case 0xAE -> commandByte &= ~COMMAND_BYTE_KEYBOARD_OFF;
            case 0xC0 -> answer(INPUT_PORT);
            case 0xD0 -> answer(outputPort | ((status & STATUS_OBF) != 0 ? OUTPUT_PORT_OBF : 0));
            case 0xD1, 0xD2, 0xD3, 0xD4 -> pendingCommand = command;
            default -> {
                if (command >= 0x21 && command <= 0x3F) {
                    answer(0);
                } else if (command >= 0x60 && command <= 0x7F) {
                    pendingCommand = command;
                } else if (command >= 0xF0) {
                    // Pulses the output port's bits that are 0 here; bit 0 is the processor's reset.
                    return (command & OUTPUT_PORT_NOT_RESET) == 0;
                } else {
                    unknownCommands++;
                }
            }
        }
        updateLine();
        return false;
    }

    private void answer(int data) {
        outputBuffer = data;
        status |= STATUS_OBF;
        updateLine();
    }

    private void answerAbsentDevice() {
        status |= STATUS_TIMEOUT;
        answer(RESEND);
    }

    private void updateLine() {
        keyboardLine.set((status & STATUS_OBF) != 0
                && (commandByte & (COMMAND_BYTE_IRQ1 | COMMAND_BYTE_KEYBOARD_OFF)) == COMMAND_BYTE_IRQ1);
    }

    private void requestReset() {
        synchronized (lock) {
            resetRequests++;
        }
        resetRequest.run();
    }

    private final class DataPort implements BusDevice {
        @Override
        public long read(long offset, int size) {
            synchronized (lock) {
                return ONES_ABOVE | readData();
            }
        }

        @Override
        public void write(long offset, int size, long value) {
            boolean reset;
            synchronized (lock) {
                reset = writeData((int) value & 0xFF);
            }
            if (reset) {
                requestReset();
            }
        }
    }

    private final class CommandPort implements BusDevice {
        @Override
        public long read(long offset, int size) {
            synchronized (lock) {
                return ONES_ABOVE | status;
            }
        }

        @Override
        public void write(long offset, int size, long value) {
            boolean reset;
            synchronized (lock) {
                reset = writeCommand((int) value & 0xFF);
            }
            if (reset) {
                requestReset();
            }
        }
    }
}
