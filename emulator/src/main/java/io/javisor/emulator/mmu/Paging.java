package io.javisor.emulator.mmu;

import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;

/**
 * How linear addresses are translated at the moment (SDM vol. 3A §4.1), worked out once after each change of a control register
 * instead of once a walk.
 */
final class Paging {
    /** The paging modes of SDM vol. 3A table 4-1 that are offered. */
    enum Mode {
        NONE,
        BITS32,
        PAE,
        LEVEL4
    }

    private static final long ADDRESS_52 = (1L << 52) - 1;

    /** What the processor offers; fixed. */
    final int physicalBits;

    final boolean pages1G;
    final boolean pse36;

    Mode mode = Mode.NONE;
    long rootGpa;
    boolean pse;
    boolean writeProtect;
    boolean smep;
    boolean smap;
    boolean nxe;
    boolean fetchBit;
    boolean globals;

    /** The four PDPTEs of PAE paging, as they were when CR3 was loaded. */
    final long[] pdptes = new long[4];

    /** Bits that must be 0 in each present entry of 8 bytes. */
    long reserved;

    Paging(int physicalBits, boolean pages1G, boolean pse36) {
        if (physicalBits < 32 || physicalBits > 52) {
            throw new IllegalArgumentException("physical addresses of " + physicalBits + " bits");
        }
        this.physicalBits = physicalBits;
        this.pages1G = pages1G;
        this.pse36 = pse36;
    }

    /** Physical address bits that an entry may not have: from MAXPHYADDR to 51. */
    long beyondPhysical() {
        return ADDRESS_52 & -(1L << physicalBits);
    }

    void read(CpuBlock cpu) {
        long cr0 = cpu.cr0();
        long cr3 = cpu.cr3();
        long cr4 = cpu.cr4();
        boolean long64 = cpu.longMode();
        nxe = (cpu.efer() & Bits.EFER_NXE) != 0;
        pse = (cr4 & Bits.CR4_PSE) != 0;
        smep = (cr4 & Bits.CR4_SMEP) != 0;
        smap = (cr4 & Bits.CR4_SMAP) != 0;
        globals = (cr4 & Bits.CR4_PGE) != 0;
        writeProtect = (cr0 & Bits.CR0_WP) != 0;
        boolean pae = (cr4 & Bits.CR4_PAE) != 0;
        if ((cr0 & Bits.CR0_PG) == 0) {
            mode = Mode.NONE;
        } else if (!pae) {
            mode = Mode.BITS32;
            rootGpa = cr3 & 0xFFFF_F000L;
        } else if (!long64) {
            mode = Mode.PAE;
            for (int i = 0; i < 4; i++) {
                pdptes[i] = cpu.getLong(StateLayout.PDPTE_OFFSET + 8 * i);
            }
        } else {
            mode = Mode.LEVEL4;
            rootGpa = cr3 & ADDRESS_52 & -4096L & ~beyondPhysical();
        }
        // §4.7: the fetch flag of an error code.
        fetchBit = smep || (pae && nxe);
        // §4.4.2, tables 4-9 to 4-11: PAE has no ignored bits between the address and XD. With four levels (§4.5)
        // bits 52 to 62 are ignored.
        reserved = beyondPhysical() | (nxe ? 0 : 1L << 63);
        if (mode == Mode.PAE) {
            reserved |= 0x7FF0_0000_0000_0000L;
        }
    }
}
