package io.javisor.emulator.apic;

import static io.javisor.emulator.apic.ApicRegisters.*;

/**
 * The registers of a {@link LocalApic} as a guest works them: in xAPIC mode in memory, in x2APIC mode as MSRs. For the processor's own
 * thread; allocates nothing.
 *
 * <table>
 * <caption>Registers; index = offset / 16 = MSR − 0x800</caption>
 * <tr><th>index</th><th>register</th><th>xAPIC</th><th>x2APIC</th></tr>
 * <tr><td>02</td><td>ID</td><td>R, bits 31:24 (writes are ignored)</td><td>R, 32 bits</td></tr>
 * <tr><td>03</td><td>version</td><td colspan="2">R: 00050014</td></tr>
 * <tr><td>08</td><td>TPR</td><td colspan="2">RW</td></tr>
 * <tr><td>09, 0C</td><td>APR, RRD (0)</td><td>R</td><td>none</td></tr>
 * <tr><td>0A</td><td>PPR</td><td colspan="2">R</td></tr>
 * <tr><td>0B</td><td>EOI</td><td>W, any value</td><td>W, 0</td></tr>
 * <tr><td>0D</td><td>LDR</td><td>RW, bits 31:24</td><td>R</td></tr>
 * <tr><td>0E</td><td>DFR</td><td>RW, bits 31:28</td><td>none</td></tr>
 * <tr><td>0F</td><td>SVR</td><td colspan="2">RW, bits 9:0</td></tr>
 * <tr><td>10 to 27</td><td>ISR, TMR, IRR</td><td colspan="2">R</td></tr>
 * <tr><td>28</td><td>ESR</td><td>RW: any value latches</td><td>RW: 0 latches</td></tr>
 * <tr><td>30, 31</td><td>ICR</td><td>RW; writing 30 sends</td><td>30 alone, 64 bits</td></tr>
 * <tr><td>32 to 37</td><td>LVT</td><td colspan="2">RW</td></tr>
 * <tr><td>38</td><td>initial count</td><td colspan="2">RW</td></tr>
 * <tr><td>39</td><td>current count</td><td colspan="2">R</td></tr>
 * <tr><td>3E</td><td>divide configuration</td><td colspan="2">RW</td></tr>
 * <tr><td>3F</td><td>SELF IPI</td><td>none</td><td>W</td></tr>
 * </table>
 *
 * <p>xAPIC: a register is the first four bytes of its sixteen. Reads of one, two or four bytes within them give what is there; others give
 * 0. Writes have four bytes and the register's address; others do nothing. Such accesses are counted. Where there is no register, reads
 * give 0, writes do nothing, and ESR logs an illegal register address. In another mode nothing is there: reads give ones. x2APIC: an MSR
 * that there is not, a direction that it has not and a reserved bit that is set give #GP.
 */
public final class ApicAccess {
    private static final int REGISTER_STRIDE = 16;

    private final LocalApic apic;
    private long illegalAccesses;

    public ApicAccess(LocalApic apic) {
        this.apic = apic;
    }

    public ApicCounters counters() {
        return apic.counters(illegalAccesses);
    }

    /**
     * Reads in xAPIC mode.
     *
     * @param offset from {@link LocalApic#baseGpa}, below {@link ApicRegisters#PAGE_SIZE}
     * @param size bytes, 1 to 8
     */
    public long read(int offset, int size) {
        if (!apic.isXapic()) {
            illegalAccesses++;
            return -1L >>> (Long.SIZE - 8 * size);
        }
        int within = offset % REGISTER_STRIDE;
        if (within + size > Integer.BYTES || size == 3) {
            illegalAccesses++;
            return 0;
        }
        int index = offset / REGISTER_STRIDE;
        if (!isReadable(index)) {
            illegalRegister();
            return 0;
        }
        long value = register(index) & 0xFFFF_FFFFL;
        return value >>> (8 * within) & -1L >>> (Long.SIZE - 8 * size);
    }

    /** Writes in xAPIC mode; as {@link #read}. */
    public void write(int offset, int size, long value) {
        if (!apic.isXapic() || offset % REGISTER_STRIDE != 0 || size != Integer.BYTES) {
            illegalAccesses++;
            return;
        }
        int index = offset / REGISTER_STRIDE;
        int low = (int) value;
        switch (index) {
            case ID -> {
                // Read-only, as on later processors.
            }
            case EOI -> apic.end();
            case LDR -> apic.address().setLdr(low);
            case DFR -> apic.address().setDfr(low);
            case ESR -> apic.latchErrors();
            case ICR -> apic.command().send((icr() & ~0xFFFF_FFFFL) | (low & ICR_WRITABLE));
            case ICR_HIGH -> apic.command().setRegister((icr() & 0xFFFF_FFFFL) | (value & 0xFF00_0000L) << 32);
            default -> {
                if (!writeCommon(index, low)) {
                    illegalRegister();
                }
            }
        }
    }

    /** Whether an MSR of this APIC can be read now: x2APIC's in x2APIC mode, and IA32_APIC_BASE and IA32_TSC_DEADLINE. */
    public boolean isReadableMsr(int msr) {
        if (msr == MSR_APIC_BASE || msr == MSR_TSC_DEADLINE) {
            return true;
        }
        int index = msr - MSR_X2APIC;
        return apic.isX2apic()
                && index >= 0
                && index <= DIVIDE
                && isReadable(index)
                && index != APR
                && index != RRD
                && index != DFR
                && index != ICR_HIGH
                && index != EOI;
    }

    /** Reads an MSR that {@link #isReadableMsr}; 0 for another. */
    public long readMsr(int msr) {
        if (!isReadableMsr(msr)) {
            return 0;
        }
        return switch (msr) {
            case MSR_APIC_BASE -> apic.address().base();
            case MSR_TSC_DEADLINE -> {
                apic.poll();
                yield apic.timer().deadline();
            }
            case MSR_X2APIC + ICR -> icr();
            default -> register(msr - MSR_X2APIC) & 0xFFFF_FFFFL;
        };
    }

    /**
     * Writes an MSR of this APIC.
     *
     * @return whether it could be; else nothing has changed and the processor gets #GP
     */
    public boolean writeMsr(int msr, long value) {
        if (msr == MSR_APIC_BASE) {
            return apic.setBase(value);
        }
        if (msr == MSR_TSC_DEADLINE) {
            apic.setDeadline(value);
            return true;
        }
        int index = msr - MSR_X2APIC;
        if (!apic.isX2apic() || !fits(index, value)) {
            return false;
        }
        switch (index) {
            case EOI -> apic.end();
            case ESR -> apic.latchErrors();
            case ICR -> apic.command().send(value & ~(long) ICR_DELIVERY_STATUS);
            case SELF_IPI -> apic.command().sendSelf((int) value);
            default -> {
                return writeCommon(index, (int) value);
            }
        }
        return true;
    }

    /** Whether no reserved bit is set; true for what is no register. */
    private static boolean fits(int index, long value) {
        if (index == ICR) {
            return ((int) value & ICR_RESERVED) == 0;
        }
        long writable =
                switch (index) {
                    case EOI, ESR -> 0;
                    case TPR, SELF_IPI -> 0xFF;
                    case SVR -> SVR_WRITABLE;
                    case DIVIDE -> DIVIDE_WRITABLE;
                    case INITIAL_COUNT -> 0xFFFF_FFFFL;
                    default ->
                        index >= LVT_TIMER && index <= LVT_ERROR
                                // Delivery status and remote IRR are read-only, not reserved.
                                ? LocalVectors.writable(index - LVT_TIMER) | ICR_DELIVERY_STATUS | LVT_REMOTE_IRR
                                : -1L;
                };
        return (value & ~writable) == 0;
    }

    /** What both modes write alike; returns whether there is such a register. */
    private boolean writeCommon(int index, int value) {
        switch (index) {
            case TPR -> apic.requests().setTpr(value & 0xFF);
            case SVR -> apic.setSvr(value);
            case INITIAL_COUNT -> apic.setInitialCount(value & 0xFFFF_FFFFL);
            case DIVIDE -> apic.setDivide(value);
            default -> {
                if (index < LVT_TIMER || index > LVT_ERROR) {
                    return false;
                }
                apic.setLvt(index - LVT_TIMER, value);
            }
        }
        return true;
    }

    private static boolean isReadable(int index) {
        return switch (index) {
            case ID, VERSION, TPR, APR, PPR, EOI, RRD, LDR, DFR, SVR, ESR, ICR, ICR_HIGH -> true;
            case INITIAL_COUNT, CURRENT_COUNT, DIVIDE -> true;
            default -> (index >= ISR && index < IRR + 8) || (index >= LVT_TIMER && index <= LVT_ERROR);
        };
    }

    private int register(int index) {
        return switch (index) {
            case ID -> apic.isX2apic() ? apic.id() : apic.id() << LDR_SHIFT;
            case VERSION -> VERSION_VALUE;
            case TPR -> apic.requests().tpr();
            case APR -> apic.requests().apr();
            case PPR -> apic.priority();
            case LDR -> apic.address().ldr();
            case DFR -> apic.address().dfr();
            case SVR -> apic.svr();
            case ESR -> apic.esr();
            case ICR -> (int) icr();
            case ICR_HIGH -> (int) (icr() >>> 32);
            case INITIAL_COUNT -> (int) apic.timer().initialCount();
            case CURRENT_COUNT -> (int) apic.timer().currentCount();
            case DIVIDE -> apic.timer().divideRegister();
            default -> {
                if (index >= LVT_TIMER && index <= LVT_ERROR) {
                    yield apic.lvt(index - LVT_TIMER);
                }
                yield index < ISR ? 0 : apic.requests().word(index - ISR);
            }
        };
    }

    private long icr() {
        return apic.command().register();
    }

    private void illegalRegister() {
        illegalAccesses++;
        apic.logError(ESR_ILLEGAL_REGISTER);
    }
}
