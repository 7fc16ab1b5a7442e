package io.javisor.emulator.system;

import io.javisor.emulator.state.Bits;
import io.javisor.emulator.state.CpuBlock;
import io.javisor.emulator.state.StateLayout;

/**
 * HLT, cache control, time stamps and CPUID: system instructions of a few lines each (SDM vol. 2). There are no performance counters: each
 * index of RDPMC is wrong and raises #GP(0).
 */
public final class Miscellany {
    private final CpuBlock cpu;
    private final CpuidLookup cpuid;
    private final SystemPorts ports;

    Miscellany(SystemContext context, CpuidLookup cpuid, SystemPorts ports) {
        this.cpu = context.cpu;
        this.cpuid = cpuid;
        this.ports = ports;
    }

    /** HLT: the loop behind it parks until an event comes. */
    public void halt() {
        requireSupervisor();
        cpu.setActivity(CpuBlock.HALTED);
    }

    /** INVD and WBINVD: there is no cache to see. */
    public void invalidateCaches() {
        requireSupervisor();
    }

    /** RDTSC and RDTSCP; the caller splits it over EDX and EAX. */
    public long timeStamp() {
        if (cpu.cpl() != 0 && (cpu.cr4() & Bits.CR4_TSD) != 0) {
            throw cpu.generalProtection();
        }
        return ports.timeStampCounter() + cpu.getLong(StateLayout.TSC_OFFSET_OFFSET);
    }

    /** What RDTSCP and RDPID read beside: the low 32 bits of IA32_TSC_AUX. */
    public int timeStampAux() {
        return (int) cpu.getLong(StateLayout.TSC_AUX_OFFSET);
    }

    /** CPUID: EAX and ECX choose; RAX, RBX, RCX and RDX answer, upper halves clear. */
    public void identify() {
        int leaf = (int) cpu.gpr(CpuBlock.RAX);
        cpuid.find(leaf, (int) cpu.gpr(CpuBlock.RCX));
        int ecx = cpuid.ecx();
        int edx = cpuid.edx();
        int ebx = cpuid.ebx();
        if (leaf == 1) {
            // The APIC's and XSAVE's bits follow the state (vol. 2A CPUID, OSXSAVE).
            ecx = (ecx & ~(1 << 27)) | ((cpu.cr4() & Bits.CR4_OSXSAVE) != 0 ? 1 << 27 : 0);
        } else if (leaf == 0xD && cpu.gpr(CpuBlock.RCX) << 32 == 0) {
            ebx = XsaveSize.of(cpuid, cpu.getLong(StateLayout.XCR0_OFFSET));
            cpuid.find(leaf, 0);
        }
        cpu.setGpr(CpuBlock.RAX, Integer.toUnsignedLong(cpuid.eax()));
        cpu.setGpr(CpuBlock.RBX, Integer.toUnsignedLong(ebx));
        cpu.setGpr(CpuBlock.RCX, Integer.toUnsignedLong(ecx));
        cpu.setGpr(CpuBlock.RDX, Integer.toUnsignedLong(edx));
    }

    private void requireSupervisor() {
        if (cpu.cpl() != 0) {
            throw cpu.generalProtection();
        }
    }

    /** EBX of leaf 0xD: the size of the XSAVE area for what XCR0 has switched on (SDM vol. 1 §13.2). */
    private static final class XsaveSize {
        private static final int LEGACY_AND_HEADER = 576;

        static int of(CpuidLookup cpuid, long xcr0) {
            int size = LEGACY_AND_HEADER;
            for (int component = 2; component < 63; component++) {
                if ((xcr0 >>> component & 1) != 0) {
                    cpuid.find(0xD, component);
                    size = Math.max(size, cpuid.ebx() + cpuid.eax());
                }
            }
            return size;
        }
    }
}
