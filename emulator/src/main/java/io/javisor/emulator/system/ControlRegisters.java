package io.javisor.emulator.system;

import io.javisor.emulator.mmu.LinearMemory;
import io.javisor.emulator.mmu.Mmu;
import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.SegmentAttributes;
import io.javisor.emulator.state.StateLayout;

/** CR0, CR2, CR3, CR4, XCR0 and EFER with the rules for writing them and the modes they make (SDM vol. 3A §2.5, §2.6, §4.1, §10.8.5). */
public final class ControlRegisters {
    static final long CR0_WRITABLE = Bits.CR0_PE
            | Bits.CR0_MP
            | Bits.CR0_EM
            | Bits.CR0_TS
            | Bits.CR0_NE
            | Bits.CR0_WP
            | Bits.CR0_AM
            | Bits.CR0_NW
            | Bits.CR0_CD
            | Bits.CR0_PG;
    private static final long CR4_PAGING =
            Bits.CR4_PSE | Bits.CR4_PAE | Bits.CR4_PGE | Bits.CR4_PCIDE | Bits.CR4_SMEP | Bits.CR4_SMAP;
    private static final long NO_FLUSH = 1L << 63;
    private static final long PCID_MASK = 0xFFF;
    private static final long XCR0_X87 = 1;
    private static final long XCR0_SSE = 1 << 1;
    private static final long XCR0_AVX = 1 << 2;

    private final CpuBlock cpu;
    private final Mmu mmu;
    private final LinearMemory memory;
    private final OfferedCpu offered;
    private final PhysicalReader physical;
    private final SystemPorts ports;
    private final long[] pdptes = new long[4];

    /** Reads 8 bytes of guest-physical memory; all ones where there is no RAM. */
    public interface PhysicalReader {
        long read(long gpa);
    }

    ControlRegisters(SystemContext context, OfferedCpu offered, PhysicalReader physical, SystemPorts ports) {
        this.cpu = context.cpu;
        this.mmu = context.mmu;
        this.memory = context.memory;
        this.offered = offered;
        this.physical = physical;
        this.ports = ports;
    }

    /**
     * MOV from CR0, CR2, CR3, CR4 or CR8.
     *
     * @return 64 bits, to be cut outside 64-bit mode
     */
    public long read(int number) {
        requireSupervisor();
        return switch (number) {
            case 0 -> cpu.cr0();
            case 2 -> cpu.getLong(StateLayout.CR2_OFFSET);
            case 3 -> cpu.cr3();
            case 4 -> cpu.cr4();
            case 8 -> ports.taskPriority();
            default -> throw cpu.undefinedOpcode();
        };
    }

    /** MOV to CR0, CR2, CR3, CR4 or CR8. {@code value} is zero-extended outside 64-bit mode. */
    public void write(int number, long value) {
        if (number != 0 && number != 2 && number != 3 && number != 4 && number != 8) {
            throw cpu.undefinedOpcode();
        }
        requireSupervisor();
        switch (number) {
            case 0 -> writeCr0(value);
            case 2 -> cpu.putLong(StateLayout.CR2_OFFSET, value);
            case 3 -> writeCr3(value);
            case 4 -> writeCr4(value);
            default -> {
                require((value & ~0xFL) == 0);
                ports.setTaskPriority((int) value);
            }
        }
    }

    /** LMSW: the low four bits of CR0, of which PE can only be set. */
    public void loadMachineStatusWord(int value) {
        requireSupervisor();
        writeCr0((cpu.cr0() & ~0xEL) | (value & 0xF));
    }

    /** SMSW; 64 bits, to be cut to the operand. */
    public long machineStatusWord() {
        if (cpu.cpl() != 0 && (cpu.cr4() & Bits.CR4_UMIP) != 0) {
            throw cpu.generalProtection();
        }
        return cpu.cr0();
    }

    public void clearTaskSwitched() {
        requireSupervisor();
        cpu.putLong(StateLayout.CR0_OFFSET, cpu.cr0() & ~Bits.CR0_TS);
        cpu.modeChanged();
    }

    /** XSETBV: ECX, and EDX:EAX in one. */
    public void writeXcr(int index, long value) {
        if ((cpu.cr4() & Bits.CR4_OSXSAVE) == 0) {
            throw cpu.undefinedOpcode();
        }
        requireSupervisor();
        require(index == 0 && isXcr0(value, offered));
        cpu.putLong(StateLayout.XCR0_OFFSET, value);
        cpu.modeChanged();
    }

    static boolean isXcr0(long value, OfferedCpu offered) {
        return (value & ~offered.xcr0Mask()) == 0
                && (value & XCR0_X87) != 0
                && ((value & XCR0_AVX) == 0 || (value & XCR0_SSE) != 0);
    }

    /** XGETBV. */
    public long readXcr(int index) {
        if ((cpu.cr4() & Bits.CR4_OSXSAVE) == 0) {
            throw cpu.undefinedOpcode();
        }
        require(index == 0);
        return cpu.getLong(StateLayout.XCR0_OFFSET);
    }

    /** WRMSR to EFER (vol. 3A §2.2.1). LMA is the processor's and keeps its value. */
    void writeEfer(long value) {
        require((value & ~offered.eferMask()) == 0);
        long old = cpu.efer();
        require((cpu.cr0() & Bits.CR0_PG) == 0 || ((old ^ value) & Bits.EFER_LME) == 0);
        cpu.putLong(StateLayout.EFER_OFFSET, (value & ~Bits.EFER_LMA) | (old & Bits.EFER_LMA));
        changed(((old ^ value) & Bits.EFER_NXE) != 0);
    }

    /** INVLPG: the address is not checked but for being canonical, and no fault is raised for it. */
    public void invalidatePage(long linear) {
        requireSupervisor();
        mmu.invalidate(linear);
    }

    /**
     * INVPCID (vol. 2A). One address space is kept, so that more than what is asked for goes where that is simpler.
     *
     * @param descriptor the linear address of 16 bytes
     */
    public void invalidatePcid(long type, long descriptor) {
        requireSupervisor();
        long pcid = memory.read(descriptor, 8);
        long linear = memory.read(descriptor + 8, 8);
        require(Long.compareUnsigned(type, 3) <= 0);
        if (type < 2) {
            require((pcid & ~PCID_MASK) == 0 && (pcid == 0 || (cpu.cr4() & Bits.CR4_PCIDE) != 0));
        }
        if (type == 0) {
            require(CpuBlock.isCanonical(linear));
            mmu.invalidate(linear);
        } else {
            mmu.flush(type == 2);
        }
    }

    /** CR3 out of a TSS (vol. 3A §8.3): a PDPTE that won't do is kept and maps nothing good; no fault is raised here. */
    void loadCr3ForTask(long value) {
        if (usesPdptes(cpu.cr0(), cpu.cr4())) {
            boolean _ = readPdptes(value);
            keepPdptes();
        }
        cpu.putLong(StateLayout.CR3_OFFSET, value & 0xFFFF_FFFFL);
        mmu.controlsChanged();
        mmu.flush(false);
    }

    private void writeCr0(long value) {
        require(value >>> 32 == 0);
        long old = cpu.cr0();
        long next = (value & CR0_WRITABLE) | Bits.CR0_ET;
        boolean paging = (next & Bits.CR0_PG) != 0;
        require(!paging || (next & Bits.CR0_PE) != 0);
        require((next & Bits.CR0_NW) == 0 || (next & Bits.CR0_CD) != 0);
        boolean enables = paging && (old & Bits.CR0_PG) == 0;
        boolean disables = !paging && (old & Bits.CR0_PG) != 0;
        long efer = cpu.efer();
        boolean code64 = (cpu.attributes(CpuBlock.CS) & SegmentAttributes.LONG) != 0;
        if (enables && (efer & Bits.EFER_LME) != 0) {
            require((cpu.cr4() & Bits.CR4_PAE) != 0 && !code64);
            efer |= Bits.EFER_LMA;
        }
        if (disables) {
            require((cpu.cr4() & Bits.CR4_PCIDE) == 0 && !cpu.code64());
            efer &= ~Bits.EFER_LMA;
        }
        long watched = Bits.CR0_PG | Bits.CR0_CD | Bits.CR0_NW;
        if (((old ^ next) & watched) != 0 && usesPdptes(next, cpu.cr4()) && (efer & Bits.EFER_LMA) == 0) {
            require(readPdptes(cpu.cr3()));
            keepPdptes();
        }
        cpu.putLong(StateLayout.EFER_OFFSET, efer);
        cpu.putLong(StateLayout.CR0_OFFSET, next);
        changed(((old ^ next) & (Bits.CR0_PG | Bits.CR0_WP | Bits.CR0_PE)) != 0);
    }

    private void writeCr3(long value) {
        long next = value;
        if ((cpu.cr4() & Bits.CR4_PCIDE) != 0) {
            next &= ~NO_FLUSH;
        }
        if (cpu.longMode()) {
            require(next >>> offered.physicalBits() == 0);
        } else if (usesPdptes(cpu.cr0(), cpu.cr4())) {
            require(readPdptes(next));
            keepPdptes();
        }
        boolean same = (value & NO_FLUSH) != 0 && next != value && next == cpu.cr3();
        cpu.putLong(StateLayout.CR3_OFFSET, next);
        mmu.controlsChanged();
        // Of one address space nothing needs to go only if it stays the same one.
        if (!same) {
            mmu.flush(false);
        }
    }

    private void writeCr4(long value) {
        require((value & ~offered.cr4Mask()) == 0);
        long old = cpu.cr4();
        if (cpu.longMode()) {
            require((value & Bits.CR4_PAE) != 0);
        }
        boolean setsPcid = (value & ~old & Bits.CR4_PCIDE) != 0;
        require(!setsPcid || (cpu.longMode() && (cpu.cr3() & PCID_MASK) == 0));
        long reload = Bits.CR4_PSE | Bits.CR4_PAE | Bits.CR4_PGE | Bits.CR4_SMEP;
        if (((old ^ value) & reload) != 0 && usesPdptes(cpu.cr0(), value) && !cpu.longMode()) {
            require(readPdptes(cpu.cr3()));
            keepPdptes();
        }
        cpu.putLong(StateLayout.CR4_OFFSET, value);
        changed(((old ^ value) & CR4_PAGING) != 0);
    }

    // Vol. 3A §4.4.1: paging is on, PAE, and it is not IA-32e mode, which the caller knows.
    private boolean usesPdptes(long cr0, long cr4) {
        return (cr0 & Bits.CR0_PG) != 0 && (cr4 & Bits.CR4_PAE) != 0;
    }

    private boolean readPdptes(long cr3) {
        boolean good = true;
        long beyond = -1L << offered.physicalBits();
        for (int i = 0; i < 4; i++) {
            pdptes[i] = physical.read((cr3 & 0xFFFF_FFE0L) + 8L * i);
            // Table 4-8: bits 1, 2, 5 to 8 and those beyond MAXPHYADDR.
            good &= (pdptes[i] & 1) == 0 || (pdptes[i] & (beyond | 0x1E6)) == 0;
        }
        return good;
    }

    private void keepPdptes() {
        for (int i = 0; i < 4; i++) {
            cpu.putLong(StateLayout.PDPTE_OFFSET + 8 * i, pdptes[i]);
        }
    }

    private void changed(boolean flush) {
        mmu.controlsChanged();
        if (flush) {
            mmu.flush(true);
        }
        cpu.modeChanged();
    }

    private void requireSupervisor() {
        require(cpu.cpl() == 0);
    }

    private void require(boolean condition) {
        if (!condition) {
            throw cpu.generalProtection();
        }
    }
}
