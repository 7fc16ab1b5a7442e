package io.javisor.devices.pic;

import static io.javisor.devices.pic.PicRegisters.CASCADE_IRQ;
import static io.javisor.devices.pic.PicRegisters.IRQ_COUNT;

import io.javisor.core.bus.BusDevice;
import io.javisor.core.irq.InterruptController;
import io.javisor.core.irq.InterruptLine;
import io.javisor.devices.Device;
import io.javisor.devices.DeviceStatistics;

/**
 * A {@link PicPair} on its ports, with sixteen lines in, one out, and the lock around them. The output is a leaf, called under the lock.
 * Wider accesses are split into bytes for consecutive ports. Any thread.
 */
public final class PicDevice implements InterruptController, Device<PicState> {
    private final Object lock = new Object();
    private final PicPair pair = new PicPair();
    private final InterruptLine output;
    private boolean outputHigh;
    private final InterruptLine[] lines = new InterruptLine[IRQ_COUNT];
    private final BusDevice firstPorts = new ChipPorts(0);
    private final BusDevice secondPorts = new ChipPorts(1);
    private final BusDevice elcrPorts = new ElcrPorts();

    /**
     * Connects the output.
     *
     * @param output the INTR wire: LINT0 of the processors' local APICs; low
     */
    public PicDevice(InterruptLine output) {
        this.output = output;
        for (int irq = 0; irq < IRQ_COUNT; irq++) {
            lines[irq] = irq == CASCADE_IRQ ? InterruptLine.UNCONNECTED : new Input(irq);
        }
    }

    /** {@link PicRegisters#PORT_COUNT} ports, from 0x20. */
    public BusDevice firstPorts() {
        return firstPorts;
    }

    /** {@link PicRegisters#PORT_COUNT} ports, from 0xA0. */
    public BusDevice secondPorts() {
        return secondPorts;
    }

    /** {@link PicRegisters#ELCR_PORT_COUNT} ports, from 0x4D0. */
    public BusDevice elcrPorts() {
        return elcrPorts;
    }

    /**
     * The wire of an interrupt request.
     *
     * @param irq 0 to 15; that of {@link PicRegisters#CASCADE_IRQ} leads nowhere
     */
    public InterruptLine line(int irq) {
        return lines[irq];
    }

    @Override
    public int acknowledge() {
        synchronized (lock) {
            int vector = pair.acknowledge();
            settle();
            return vector;
        }
    }

    @Override
    public String id() {
        return "pic";
    }

    @Override
    public String kind() {
        return "pic";
    }

    /** See {@link PicPair#reset}. */
    @Override
    public void reset() {
        synchronized (lock) {
            pair.reset();
            settle();
        }
    }

    @Override
    public PicState save() {
        synchronized (lock) {
            return pair.save();
        }
    }

    /** Takes a saved state over; the output follows it. */
    @Override
    public void restore(PicState state) {
        synchronized (lock) {
            pair.restore(state);
            outputHigh = pair.asserted();
            output.set(outputHigh);
        }
    }

    @Override
    public DeviceStatistics statistics() {
        return new DeviceStatistics(id(), kind(), counters().snapshot());
    }

    public PicCounters counters() {
        synchronized (lock) {
            return pair.counters();
        }
    }

    /** Changes only go out: the wire leads to every processor, and most of what the chips see is masked. */
    private void settle() {
        boolean high = pair.asserted();
        if (high != outputHigh) {
            outputHigh = high;
            output.set(high);
        }
    }

    private final class Input implements InterruptLine {
        private final int irq;

        Input(int irq) {
            this.irq = irq;
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
        public void set(boolean high) {
            synchronized (lock) {
                pair.setInput(irq, high);
                settle();
            }
        }

        @Override
        public void pulse() {
            synchronized (lock) {
                pair.setInput(irq, false);
                pair.setInput(irq, true);
                pair.setInput(irq, false);
                settle();
            }
        }
    }

    private final class ChipPorts implements BusDevice {
        private final int chip;

        ChipPorts(int chip) {
            this.chip = chip;
        }

        @Override
        public long read(long offset, int size) {
            synchronized (lock) {
                long value = 0;
                for (int i = 0; i < size; i++) {
                    value |= (long) pair.read(chip, offset + i) << (8 * i);
                }
                settle();
                return value;
            }
        }

        @Override
        public void write(long offset, int size, long value) {
            synchronized (lock) {
                for (int i = 0; i < size; i++) {
                    pair.write(chip, offset + i, (int) (value >>> (8 * i)) & 0xFF);
                }
                settle();
            }
        }
    }

    private final class ElcrPorts implements BusDevice {
        @Override
        public long read(long offset, int size) {
            synchronized (lock) {
                long value = 0;
                for (int i = 0; i < size; i++) {
                    value |= (long) pair.readElcr(offset + i) << (8 * i);
                }
                return value;
            }
        }

        @Override
        public void write(long offset, int size, long value) {
            synchronized (lock) {
                for (int i = 0; i < size; i++) {
                    pair.writeElcr(offset + i, (int) (value >>> (8 * i)) & 0xFF);
                }
                settle();
            }
        }
    }
}
