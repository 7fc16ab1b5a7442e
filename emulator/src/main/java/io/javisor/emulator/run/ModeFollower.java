package io.javisor.emulator.run;

import io.javisor.emulator.mmu.Mmu;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;

/**
 * Follows the mode that a vCPU's blocks run in ({@link RunMode}), and its address translations: the jump cache and the expected entry lose what was
 * for others. For the vCPU's thread alone; allocates nothing after its creation.
 */
final class ModeFollower {
    private final CpuBlock cpu;
    private final Mmu mmu;
    private final JumpCache jumps;
    private final Resumption resumption;

    private int mode;
    private boolean localSupervisorCode;
    private long translations;
    private int globalTranslations;

    ModeFollower(CpuBlock cpu, Mmu mmu, JumpCache jumps, Resumption resumption) {
        this.cpu = cpu;
        this.mmu = mmu;
        this.jumps = jumps;
        this.resumption = resumption;
    }

    /** The bits of {@link RunMode} as they were looked at last. */
    int bits() {
        return mode;
    }

    /** Looks at the vCPU. Returns whether blocks may run now, with their mode and jump cache ready. */
    boolean isRunnable() {
        if (cpu.getInt(StateLayout.MODE_DIRTY_OFFSET) != 0) {
            cpu.putInt(StateLayout.MODE_DIRTY_OFFSET, 0);
            int before = mode;
            mode = RunMode.of(cpu);
            if (((before ^ mode) & ~RunMode.AC) != 0) {
                resumption.forgetEntry();
                if (((before ^ mode) & RunMode.UNITS) != 0) {
                    jumps.flush();
                }
                jumps.select((mode & RunMode.USER) != 0);
            }
            cpu.putInt(StateLayout.MODE_OFFSET, mode);
        }
        checkMasks();
        checkTranslations();
        return (mode & RunMode.RUNNABLE) != 0
                && cpu.shadow() == CpuBlock.SHADOW_NONE
                && (cpu.rflags() & (Bits.TF | Bits.RF)) == 0
                && cpu.getInt(StateLayout.PENDING_DEBUG_OFFSET) == 0;
    }

    /** Follows what instructions of user mode change: the masks of exceptions. */
    void checkMasks() {
        int masks = RunMode.masks(cpu);
        if ((mode & RunMode.MASKS) != masks) {
            mode = (mode & ~RunMode.MASKS) | masks;
            cpu.putInt(StateLayout.MODE_OFFSET, mode);
            jumps.flush();
            resumption.forgetEntry();
        }
    }

    private void checkTranslations() {
        if (mmu.translations() == translations) {
            return;
        }
        translations = mmu.translations();
        resumption.forgetEntry();
        if (mmu.globalTranslations() != globalTranslations) {
            globalTranslations = mmu.globalTranslations();
            jumps.flush();
            return;
        }
        jumps.flush(true);
        if (localSupervisorCode) {
            localSupervisorCode = false;
            jumps.flush(false);
        }
    }

    /** A block is entered whose code's translation is not the same in all address spaces: an entry of it goes with this one. */
    void enteredLocalCode() {
        if ((mode & RunMode.USER) == 0) {
            localSupervisorCode = true;
        }
    }

    /** Blocks have changed the privilege level, or RFLAGS.AC. */
    void follow(int newMode) {
        mode = newMode;
        mmu.privilegeChanged();
        jumps.select((newMode & RunMode.USER) != 0);
    }
}
