package io.javisor.emulator.cpu;

import io.javisor.emulator.apic.ApicAccess;
import io.javisor.emulator.apic.LocalApic;
import io.javisor.emulator.system.SystemPorts;
import org.jspecify.annotations.Nullable;

/** A processor's clock, local APIC and paravirtual clock as its core sees them. For the vCPU's thread; allocates nothing. */
final class ProcessorPorts implements SystemPorts {
    private static final int APIC_BASE = 0x1B;
    private static final int TSC_DEADLINE = 0x6E0;
    private static final int FIRST_X2APIC = 0x800;
    private static final int LAST_X2APIC = 0x8FF;
    /** What the kernel sets to have branch predictors behave; there are none to behave here (SDM vol. 4, table 2-2). */
    private static final int SPEC_CTRL = 0x48;

    private static final long SPEC_CTRL_BITS = 7;
    private static final int PRED_CMD = 0x49;

    private final GuestClock clock;
    private final KvmClock kvmClock;
    private final @Nullable LocalApic apic;
    private final @Nullable ApicAccess access;
    private int taskPriority; // without an APIC
    private long specCtrl;

    ProcessorPorts(GuestClock clock, KvmClock kvmClock, @Nullable LocalApic apic, @Nullable ApicAccess access) {
        this.clock = clock;
        this.kvmClock = kvmClock;
        this.apic = apic;
        this.access = access;
    }

    @Override
    public int taskPriority() {
        return apic == null ? taskPriority : apic.cr8();
    }

    @Override
    public void setTaskPriority(int priority) {
        if (apic == null) {
            taskPriority = priority & 0xF;
        } else {
            apic.setCr8(priority & 0xF);
        }
    }

    @Override
    public long timeStampCounter() {
        return clock.nanos();
    }

    @Override
    public void timeStampCounterMoved() {
        if (apic != null) {
            apic.timeStampCounterMoved();
        }
    }

    @Override
    public boolean hasMsr(int index) {
        return index == SPEC_CTRL || index == PRED_CMD || KvmClock.has(index) || (access != null && isOfApic(index));
    }

    private static boolean isOfApic(int index) {
        return index == APIC_BASE || index == TSC_DEADLINE || (index >= FIRST_X2APIC && index <= LAST_X2APIC);
    }

    @Override
    public boolean isReadable(int index) {
        if (access != null && isOfApic(index)) {
            return access.isReadableMsr(index);
        }
        return index != PRED_CMD;
    }

    @Override
    public long readMsr(int index) {
        if (access != null && isOfApic(index)) {
            return access.readMsr(index);
        }
        return index == SPEC_CTRL ? specCtrl : kvmClock.read(index);
    }

    @Override
    public boolean writeMsr(int index, long value) {
        if (access != null && isOfApic(index)) {
            return access.writeMsr(index, value);
        }
        if (index == SPEC_CTRL) {
            if ((value & ~SPEC_CTRL_BITS) != 0) {
                return false;
            }
            specCtrl = value;
            return true;
        }
        if (index == PRED_CMD) {
            return (value & ~1) == 0;
        }
        kvmClock.write(index, value);
        return true;
    }

    @Override
    public boolean restoreMsr(int index, long value) {
        if (KvmClock.has(index)) {
            kvmClock.restore(index, value);
            return true;
        }
        return (index == SPEC_CTRL || index == TSC_DEADLINE) && writeMsr(index, value);
    }

    @Override
    public int[] keptMsrs() {
        return access == null
                ? new int[] {SPEC_CTRL, KvmClock.MSR_WALL_CLOCK, KvmClock.MSR_SYSTEM_TIME}
                : new int[] {SPEC_CTRL, KvmClock.MSR_WALL_CLOCK, KvmClock.MSR_SYSTEM_TIME, TSC_DEADLINE};
    }
}
