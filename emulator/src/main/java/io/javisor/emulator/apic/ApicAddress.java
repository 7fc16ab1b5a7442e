package io.javisor.emulator.apic;

import static io.javisor.emulator.apic.ApicRegisters.*;

/**
 * Who an APIC is: IA32_APIC_BASE with its modes, and the destinations that mean it (Intel SDM vol. 3 §10.4.3, §10.6.2, §10.12). The
 * processor's thread writes, any reads.
 */
final class ApicAddress {
    private final int id;
    private volatile long base;
    private volatile int ldr;
    private volatile int dfr = DFR_FLAT;

    ApicAddress(int id) {
        this.id = id;
    }

    void reset(boolean bootstrap) {
        base = DEFAULT_BASE_GPA | BASE_ENABLED | (bootstrap ? BASE_BSP : 0);
        init();
    }

    /** What an INIT does: the base stays. */
    void init() {
        ldr = isX2apic() ? x2apicLdr() : 0;
        dfr = DFR_FLAT;
    }

    int id() {
        return id;
    }

    boolean isDisabled() {
        return (base & BASE_ENABLED) == 0;
    }

    boolean isX2apic() {
        return (base & BASE_X2APIC) != 0;
    }

    boolean isXapic() {
        return !isDisabled() && !isX2apic();
    }

    long base() {
        return base;
    }

    /** Returns whether it is legal: §10.12.5, figure 10-27; else nothing changes. */
    boolean setBase(long value) {
        boolean enable = (value & BASE_ENABLED) != 0;
        boolean extend = (value & BASE_X2APIC) != 0;
        if ((value & ~BASE_MASK) != 0 || (extend && (!enable || isDisabled())) || (isX2apic() && enable && !extend)) {
            return false;
        }
        boolean newlyExtended = extend && !isX2apic();
        base = value;
        if (newlyExtended) {
            ldr = x2apicLdr();
        }
        return true;
    }

    int ldr() {
        return ldr;
    }

    void setLdr(int value) {
        ldr = value & 0xFF << LDR_SHIFT;
    }

    int dfr() {
        return dfr;
    }

    void setDfr(int value) {
        dfr = value | 0x0FFF_FFFF;
    }

    /** Whether a message for this destination is for this APIC. */
    boolean matches(int destination, boolean logical) {
        if (isDisabled()) {
            return false;
        }
        if (destination == ApicFabric.BROADCAST) {
            return true;
        }
        if (!logical) {
            return destination == id;
        }
        if (isX2apic()) {
            return destination >>> 16 == ldr >>> 16 && (destination & ldr & 0xFFFF) != 0;
        }
        int logicalId = ldr >>> LDR_SHIFT;
        return switch (dfr >>> DFR_MODEL_SHIFT) {
            case 0xF -> (logicalId & destination) != 0;
            case 0 -> logicalId >>> 4 == destination >>> 4 && (logicalId & destination & 0xF) != 0;
            default -> false;
        };
    }

    void restore(ApicState state) {
        base = state.base();
        ldr = isX2apic() ? x2apicLdr() : state.ldr();
        dfr = state.dfr();
    }

    /** §10.12.10.2: the cluster above the bit in it. */
    private int x2apicLdr() {
        return id >> 4 << 16 | 1 << (id & 0xF);
    }
}
