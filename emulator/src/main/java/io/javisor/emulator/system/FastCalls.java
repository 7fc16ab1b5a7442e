package io.javisor.emulator.system;

import static io.javisor.emulator.state.SegmentAttributes.BIG;
import static io.javisor.emulator.state.SegmentAttributes.DPL_SHIFT;
import static io.javisor.emulator.state.SegmentAttributes.GRANULARITY;
import static io.javisor.emulator.state.SegmentAttributes.LONG;

import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;

/** SYSCALL, SYSRET, SYSENTER, SYSEXIT, SWAPGS and the base addresses of FS and GS (SDM vol. 2B, vol. 3A §5.8.7, §5.8.8). */
public final class FastCalls {
    /** Present code, execute and read, accessed; and present data, read and write, accessed. All flat, up to 4 GiB. */
    private static final int FLAT_CODE = 0x9B | GRANULARITY;

    private static final int FLAT_DATA = 0x93 | GRANULARITY | BIG;
    private static final int R11 = 11;

    /** The flags that SYSRET takes from R11. */
    private static final long SYSRET_FLAGS = 0x3C_7FD7L;

    private final SystemContext context;
    private final CpuBlock cpu;
    private final boolean amd;

    FastCalls(SystemContext context, OfferedCpu offered) {
        this.context = context;
        this.cpu = context.cpu;
        this.amd = offered.amd();
    }

    /**
     * SYSCALL. On AMD's processors it is there in compatibility and legacy mode, too (APM vol. 3, SYSCALL).
     *
     * @param nextRip where SYSRET returns to
     */
    public void syscall(long nextRip) {
        requireEnabled();
        long star = cpu.getLong(StateLayout.STAR_OFFSET);
        int selector = (int) (star >>> 32) & 0xFFFC;
        cpu.setGpr(CpuBlock.RCX, nextRip);
        if (cpu.longMode()) {
            long target = cpu.getLong(cpu.code64() ? StateLayout.LSTAR_OFFSET : StateLayout.CSTAR_OFFSET);
            cpu.setGpr(R11, cpu.rflags() & ~Bits.RF);
            enter(selector, selector + 8, 0, LONG, target);
            context.setFlags(cpu.rflags() & ~(cpu.getLong(StateLayout.FMASK_OFFSET) | Bits.RF | Bits.VM));
        } else {
            enter(selector, selector + 8, 0, BIG, star & 0xFFFF_FFFFL);
            context.setFlags(cpu.rflags() & ~(Bits.IF | Bits.RF | Bits.VM));
        }
    }

    /** SYSRET; {@code size} is 8 with REX.W, which returns to 64-bit mode, else 4. */
    public void sysret(int size) {
        requireEnabled();
        if (cpu.cpl() != 0) {
            throw cpu.generalProtection();
        }
        long target = SystemContext.cut(cpu.gpr(CpuBlock.RCX), size);
        if (size == 8 && !CpuBlock.isCanonical(target)) {
            throw cpu.generalProtection();
        }
        int selector = (int) (cpu.getLong(StateLayout.STAR_OFFSET) >>> 48);
        if (cpu.longMode()) {
            context.setFlags(cpu.gpr(R11) & SYSRET_FLAGS);
        } else {
            context.setFlags(cpu.rflags() | Bits.IF);
        }
        int code = (size == 8 ? selector + 16 : selector) | 3;
        enter(code, (selector + 8) | 3, 3, size == 8 ? LONG : BIG, target);
    }

    /** SYSENTER. AMD's processors do not have it in IA-32e mode. */
    public void sysenter() {
        int selector = (int) cpu.getLong(StateLayout.SYSENTER_CS_OFFSET) & 0xFFFC;
        boolean longMode = cpu.longMode();
        if (longMode && amd) {
            throw cpu.undefinedOpcode();
        }
        if (!cpu.protectedMode() || selector == 0) {
            throw cpu.generalProtection();
        }
        int size = longMode ? 8 : 4;
        long pointer = SystemContext.cut(cpu.getLong(StateLayout.SYSENTER_ESP_OFFSET), size);
        long target = SystemContext.cut(cpu.getLong(StateLayout.SYSENTER_EIP_OFFSET), size);
        context.setFlags(cpu.rflags() & ~(Bits.VM | Bits.IF | Bits.RF));
        enter(selector, selector + 8, 0, longMode ? LONG : BIG, target);
        cpu.setGpr(CpuBlock.RSP, pointer);
    }

    /** SYSEXIT; {@code size} is 8 with REX.W, else 4. */
    public void sysexit(int size) {
        int selector = (int) cpu.getLong(StateLayout.SYSENTER_CS_OFFSET) & 0xFFFC;
        if (cpu.longMode() && amd) {
            throw cpu.undefinedOpcode();
        }
        if (!cpu.protectedMode() || selector == 0 || cpu.cpl() != 0) {
            throw cpu.generalProtection();
        }
        long pointer = SystemContext.cut(cpu.gpr(CpuBlock.RCX), size);
        long target = SystemContext.cut(cpu.gpr(CpuBlock.RDX), size);
        if (!CpuBlock.isCanonical(pointer) || !CpuBlock.isCanonical(target)) {
            throw cpu.generalProtection();
        }
        int code = selector + (size == 8 ? 32 : 16);
        enter(code | 3, (code + 8) | 3, 3, size == 8 ? LONG : BIG, target);
        cpu.setGpr(CpuBlock.RSP, pointer);
    }

    public void swapGs() {
        if (!cpu.code64()) {
            throw cpu.undefinedOpcode();
        }
        if (cpu.cpl() != 0) {
            throw cpu.generalProtection();
        }
        long base = cpu.base(CpuBlock.GS);
        cpu.setBase(CpuBlock.GS, cpu.getLong(StateLayout.KERNEL_GS_BASE_OFFSET));
        cpu.putLong(StateLayout.KERNEL_GS_BASE_OFFSET, base);
    }

    /** RDFSBASE and RDGSBASE; {@code segment} is FS or GS. To be cut to the operand. */
    public long readBase(int segment) {
        requireBaseInstructions();
        return cpu.base(segment);
    }

    /** WRFSBASE and WRGSBASE; {@code value} is zero-extended from the operand. */
    public void writeBase(int segment, long value) {
        requireBaseInstructions();
        if (!CpuBlock.isCanonical(value)) {
            throw cpu.generalProtection();
        }
        cpu.setBase(segment, value);
    }

    private void enter(int code, int stack, int cpl, int codeSize, long target) {
        int dpl = cpl << DPL_SHIFT;
        cpu.setSegment(CpuBlock.CS, code, 0, -1, FLAT_CODE | dpl | codeSize);
        cpu.setSegment(CpuBlock.SS, stack, 0, -1, FLAT_DATA | dpl);
        context.setCpl(cpl);
        cpu.setRip(target);
    }

    private void requireEnabled() {
        boolean mode = amd ? cpu.protectedMode() && !cpu.v86() : cpu.code64();
        if (!mode || (cpu.efer() & Bits.EFER_SCE) == 0) {
            throw cpu.undefinedOpcode();
        }
    }

    private void requireBaseInstructions() {
        if (!cpu.code64() || (cpu.cr4() & Bits.CR4_FSGSBASE) == 0) {
            throw cpu.undefinedOpcode();
        }
    }
}
