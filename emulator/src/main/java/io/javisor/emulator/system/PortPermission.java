package io.javisor.emulator.system;

import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.SegmentAttributes;

/** Who may use a port: IOPL and the permission bit map of the TSS (SDM vol. 1 §19.5). */
public final class PortPermission {
    private static final int MAP_BASE_OFFSET = 0x66;
    private static final int MIN_LIMIT = 0x67;

    private final CpuBlock cpu;
    private final LinearMemory memory;

    PortPermission(SystemContext context) {
        this.cpu = context.cpu;
        this.memory = context.memory;
    }

    /**
     * Faults unless {@code size} ports (1, 2 or 4) from {@code port} may be used. For IN, OUT, INS and OUTS, before anything else.
     */
    public void check(int port, int size) {
        if (!cpu.protectedMode() || (cpu.cpl() <= cpu.iopl() && !cpu.v86())) {
            return;
        }
        int attributes = cpu.attributes(CpuBlock.TR);
        boolean tss32 = SegmentAttributes.present(attributes)
                && (SegmentAttributes.isSystem(attributes, SegmentAttributes.TYPE_TSS32)
                        || SegmentAttributes.isSystem(attributes, SegmentAttributes.TYPE_TSS32_BUSY));
        long limit = cpu.limit(CpuBlock.TR);
        if (!tss32 || limit < MIN_LIMIT) {
            throw cpu.generalProtection();
        }
        long base = cpu.base(CpuBlock.TR);
        long map = memory.readImplicit((base + MAP_BASE_OFFSET) & cpu.linearMask(), 2);
        long at = map + (port >> 3);
        // Two bytes are read always, so that the map needs one more at its end.
        if (at + 1 > limit) {
            throw cpu.generalProtection();
        }
        long bits = memory.readImplicit((base + at) & cpu.linearMask(), 2);
        if ((bits >>> (port & 7) & ((1 << size) - 1)) != 0) {
            throw cpu.generalProtection();
        }
    }
}
