package io.javisor.emulator.apic;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Processors with local APICs on one fabric, a clock that a test moves, and what they were told. */
final class TestCpus implements ApicClock {
    /** One processor. */
    final class Cpu implements ApicOwner {
        final LocalApic apic;
        final ApicAccess access;
        int kicks;
        long timerDue = NEVER;

        Cpu(int id) {
            apic = new LocalApic(id, id == 0, TestCpus.this, this, fabric, ended::add, TestCpus.this::acknowledgePic);
            access = new ApicAccess(apic);
            fabric.add(apic);
        }

        @Override
        public void kick() {
            kicks++;
        }

        @Override
        public void timerDue(long delayNanos) {
            timerDue = delayNanos;
        }

        /** As a kernel does first. */
        void enable() {
            set(ApicRegisters.SVR, 0x1FF);
        }

        /** Or not, in whatever mode it is. */
        void enable(Random random) {
            if (!apic.isX2apic()) {
                access.write(16 * ApicRegisters.SVR, 4, 0xFF | random.nextInt(2) << 8);
            }
        }

        void enableX2apic() {
            if (!access.writeMsr(
                    ApicRegisters.MSR_APIC_BASE,
                    apic.baseGpa() | ApicRegisters.BASE_ENABLED | ApicRegisters.BASE_X2APIC)) {
                throw new AssertionError("no x2APIC mode");
            }
        }

        int get(int index) {
            return (int) (apic.isX2apic() ? access.readMsr(0x800 + index) : access.read(16 * index, 4));
        }

        void set(int index, int value) {
            if (!apic.isX2apic()) {
                access.write(16 * index, 4, value & 0xFFFF_FFFFL);
            } else if (!access.writeMsr(0x800 + index, value & 0xFFFF_FFFFL)) {
                throw new AssertionError("#GP");
            }
        }

        /** Takes the pending interrupt; -1 if there is none. */
        int take() {
            apic.poll();
            return apic.interruptPending() ? apic.acknowledge() : -1;
        }

        /** Takes it and ends it at once. */
        int serve() {
            int vector = take();
            if (vector >= 0) {
                set(ApicRegisters.EOI, 0);
            }
            return vector;
        }
    }

    final ApicFabric fabric = new ApicFabric();
    final List<Integer> ended = new ArrayList<>();
    final List<Cpu> cpus = new ArrayList<>();
    long nanos = 1_000_000;
    long tscAhead = 5_000_000_000L;
    int picVector = 0x30;
    int picCycles;

    TestCpus(int... ids) {
        for (int id : ids) {
            cpus.add(new Cpu(id));
        }
    }

    Cpu cpu(int index) {
        return cpus.get(index);
    }

    private int acknowledgePic() {
        picCycles++;
        return picVector;
    }

    @Override
    public long nanos() {
        return nanos;
    }

    /** The TSC is ahead, as that of a machine that was restored. */
    @Override
    public long tsc() {
        return nanos + tscAhead;
    }

    @Override
    public long nanosOf(long tscTicks) {
        return tscTicks < 0 ? Long.MAX_VALUE : tscTicks;
    }
}
