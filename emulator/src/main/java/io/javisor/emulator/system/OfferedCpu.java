package io.javisor.emulator.system;

import io.javisor.core.cpu.CpuidEntry;
import io.javisor.emulator.state.Bits;
import java.util.List;

/**
 * What follows for control registers from the CPUID that the guest sees (SDM vol. 2A CPUID, vol. 3A §2.5): a bit that is not offered is
 * reserved.
 *
 * @param cr4Mask the bits of CR4 that may be set
 * @param eferMask the bits of EFER that may be set
 * @param xcr0Mask the bits of XCR0 that may be set
 * @param physicalBits MAXPHYADDR
 * @param pages1G whether pages of 1 GiB are offered
 * @param pse36 whether PSE-36 is offered
 * @param amd whether the vendor is AMD, where a few instructions differ
 */
public record OfferedCpu(
        long cr4Mask, long eferMask, long xcr0Mask, int physicalBits, boolean pages1G, boolean pse36, boolean amd) {
    private static final int DEFAULT_PHYSICAL_BITS = 36;

    /** Reads it from CPUID's leaves; one that is missing offers nothing. */
    public static OfferedCpu of(List<CpuidEntry> entries) {
        CpuidLookup cpuid = new CpuidLookup(entries);
        cpuid.find(1, 0);
        int edx = cpuid.edx();
        int ecx = cpuid.ecx();
        long cr4 = 0;
        cr4 |= bit(edx, 3, Bits.CR4_PSE) | bit(edx, 4, Bits.CR4_TSD) | bit(edx, 2, Bits.CR4_DE);
        cr4 |= bit(edx, 6, Bits.CR4_PAE) | bit(edx, 7, Bits.CR4_MCE) | bit(edx, 13, Bits.CR4_PGE);
        cr4 |= bit(edx, 24, Bits.CR4_OSFXSR) | bit(edx, 25, Bits.CR4_OSXMMEXCPT) | Bits.CR4_PCE;
        cr4 |= bit(ecx, 17, Bits.CR4_PCIDE) | bit(ecx, 26, Bits.CR4_OSXSAVE);
        boolean pse36 = (edx >> 17 & 1) != 0;
        cpuid.find(7, 0);
        cr4 |= bit(cpuid.ebx(), 0, Bits.CR4_FSGSBASE) | bit(cpuid.ebx(), 7, Bits.CR4_SMEP);
        cr4 |= bit(cpuid.ebx(), 20, Bits.CR4_SMAP) | bit(cpuid.ecx(), 2, Bits.CR4_UMIP);
        cpuid.find(0xD, 0);
        long xcr0 = Integer.toUnsignedLong(cpuid.eax()) | (long) cpuid.edx() << 32;
        cpuid.find(0x8000_0001, 0);
        int extended = cpuid.edx();
        long efer = bit(extended, 11, Bits.EFER_SCE) | bit(extended, 20, Bits.EFER_NXE);
        efer |= bit(extended, 29, Bits.EFER_LME | Bits.EFER_LMA);
        boolean pages1G = (extended >> 26 & 1) != 0;
        cpuid.find(0x8000_0008, 0);
        int physicalBits = cpuid.eax() & 0xFF;
        cpuid.find(0, 0);
        return new OfferedCpu(
                cr4,
                efer,
                xcr0,
                physicalBits == 0 ? DEFAULT_PHYSICAL_BITS : physicalBits,
                pages1G,
                pse36,
                cpuid.ebx() == 0x6874_7541); // "Auth"
    }

    private static long bit(int register, int number, long mask) {
        return (register >> number & 1) != 0 ? mask : 0;
    }
}
