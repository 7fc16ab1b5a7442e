package io.javisor.emulator.system;

import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.CpuFault;
import io.javisor.emulator.state.StateLayout;
import io.javisor.emulator.state.Vectors;

/**
 * DR0 to DR7, breakpoints and single steps (SDM vol. 3B ch. 18). Breakpoints on data and ports trap after the
 * instruction; on code they fault before it.
 */
public final class DebugRegisters {
    static final int DR6_BD = 1 << 13;
    static final int DR6_BS = 1 << 14;
    static final int DR6_BT = 1 << 15;

    /** L0 to L3 and LE: a task switch clears them (§18.2.4). */
    static final long LOCAL_ENABLES = 0x155;

    private static final long DR6_FIXED = 0xFFFF_0FF0L;
    private static final long DR6_BITS = 0xE00FL;
    private static final long DR6_HITS = 0xF;
    private static final long DR7_FIXED = 1 << 10;
    private static final long DR7_BITS = 0xFFFF_23FFL;
    private static final long DR7_GD = 1 << 13;
    private static final long DR7_ENABLES = 0xFF;

    private static final int ON_EXECUTION = 0;
    private static final int ON_WRITE = 1;
    private static final int ON_PORT = 2;
    private static final int ON_ACCESS = 3;

    private final CpuBlock cpu;

    DebugRegisters(SystemContext context) {
        this.cpu = context.cpu;
    }

    /** MOV from DRn. 64 bits, to be cut outside 64-bit mode. */
    public long read(int number) {
        return cpu.getLong(offset(check(number)));
    }

    /** MOV to DRn. {@code value} is zero-extended outside 64-bit mode. */
    public void write(int number, long value) {
        int register = check(number);
        if (register >= 6) {
            if (value >>> 32 != 0) {
                throw cpu.generalProtection();
            }
            long next = register == 6 ? (value & DR6_BITS) | DR6_FIXED : (value & DR7_BITS) | DR7_FIXED;
            cpu.putLong(offset(register), next);
        } else {
            cpu.putLong(offset(register), value);
        }
        cpu.modeChanged();
    }

    /** Whether any breakpoint is enabled: if not, none of the checks below is needed. */
    public boolean armed() {
        return (cpu.getLong(StateLayout.DR7_OFFSET) & DR7_ENABLES) != 0;
    }

    /** Faults if there is a breakpoint on the instruction at a linear address and RF does not hide it (§18.3.1.1). */
    public void checkExecution(long linear) {
        if (cpu.flag(Bits.RF)) {
            return;
        }
        int hits = hits(linear, 1, 1 << ON_EXECUTION);
        if (hits != 0) {
            throw debugFault(hits);
        }
    }

    /** Notes a trap if a breakpoint watches bytes that are read or written. */
    public void noteData(long linear, int size, boolean write) {
        note(hits(linear, size, write ? 1 << ON_WRITE | 1 << ON_ACCESS : 1 << ON_ACCESS));
    }

    /** Notes a trap if a breakpoint watches ports; only with CR4.DE. */
    public void notePort(int port, int size) {
        if ((cpu.cr4() & Bits.CR4_DE) != 0) {
            note(hits(port, size, 1 << ON_PORT));
        }
    }

    /** Notes the trap of a single step: TF was set when the instruction that ended began. */
    public void noteStep() {
        note(DR6_BS);
    }

    /** Takes what was noted into DR6. Called when #DB is about to be delivered; 0 if nothing was. */
    int takePending() {
        int pending = cpu.getInt(StateLayout.PENDING_DEBUG_OFFSET);
        if (pending != 0) {
            cpu.putInt(StateLayout.PENDING_DEBUG_OFFSET, 0);
            record(pending);
        }
        return pending;
    }

    /** §18.2.4: the handler of #DB may use the debug registers. */
    void entering() {
        cpu.putLong(StateLayout.DR7_OFFSET, cpu.getLong(StateLayout.DR7_OFFSET) & ~DR7_GD);
    }

    /** What DR6 and DR7 are after a reset (vol. 3A table 10-1). */
    void reset() {
        for (int i = 0; i < 4; i++) {
            cpu.putLong(offset(i), 0);
        }
        cpu.putLong(StateLayout.DR6_OFFSET, DR6_FIXED);
        cpu.putLong(StateLayout.DR7_OFFSET, DR7_FIXED);
        cpu.putInt(StateLayout.PENDING_DEBUG_OFFSET, 0);
    }

    private int check(int number) {
        int register = number;
        if (number > 7 || ((number == 4 || number == 5) && (cpu.cr4() & Bits.CR4_DE) != 0)) {
            throw cpu.undefinedOpcode();
        }
        if (number == 4 || number == 5) {
            register = number + 2;
        }
        if (cpu.cpl() != 0) {
            throw cpu.generalProtection();
        }
        if ((cpu.getLong(StateLayout.DR7_OFFSET) & DR7_GD) != 0) {
            throw debugFault(DR6_BD);
        }
        return register;
    }

    private CpuFault debugFault(int cause) {
        record(cause);
        return cpu.fault(Vectors.DB, CpuFault.NO_CODE);
    }

    // B0 to B3 tell of this exception only; the rest is the handler's to clear (§18.2.3).
    private void record(int cause) {
        long dr6 = cpu.getLong(StateLayout.DR6_OFFSET) & ~DR6_HITS;
        cpu.putLong(StateLayout.DR6_OFFSET, dr6 | cause | DR6_FIXED);
    }

    private void note(int cause) {
        if (cause != 0) {
            cpu.putInt(StateLayout.PENDING_DEBUG_OFFSET, cpu.getInt(StateLayout.PENDING_DEBUG_OFFSET) | cause);
        }
    }

    private int hits(long start, int size, int kinds) {
        long dr7 = cpu.getLong(StateLayout.DR7_OFFSET);
        int hits = 0;
        for (int i = 0; i < 4; i++) {
            int kind = (int) (dr7 >>> (16 + 4 * i)) & 3;
            if ((dr7 >>> (2 * i) & 3) == 0 || (kinds >>> kind & 1) == 0) {
                continue;
            }
            int length = length((int) (dr7 >>> (18 + 4 * i)) & 3);
            // §18.2.5: the low bits of the address do not count.
            long first = cpu.getLong(offset(i)) & -length;
            if (start <= first + length - 1 && first <= start + size - 1) {
                hits |= 1 << i;
            }
        }
        return hits;
    }

    private static int length(int code) {
        return switch (code) {
            case 0 -> 1;
            case 1 -> 2;
            case 2 -> 8;
            default -> 4;
        };
    }

    private static int offset(int register) {
        return register == 6
                ? StateLayout.DR6_OFFSET
                : register == 7 ? StateLayout.DR7_OFFSET : StateLayout.DR_OFFSET + 8 * register;
    }
}
