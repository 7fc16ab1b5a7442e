package io.javisor.firmware.mptable;

import io.javisor.firmware.layout.BootException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the MP table tells of the machine.
 *
 * @param apicIds local APIC ids of the processors, the boot processor's first; 1 to 254 of them, each 0 to 254, all different
 * @param localApicVersion the version register's low byte, 0x10 to 0x15 for an integrated APIC
 * @param cpuSignature stepping, model and family: the low bits of CPUID.1:EAX
 * @param cpuFeatures CPUID.1:EDX
 * @param localApicGpa where every processor sees its own
 * @param ioApicGpa where the I/O APIC is
 * @param ioApicVersion its version register's low byte
 * @param interrupts what reaches its pins
 */
public record MpMachine(
        List<Integer> apicIds,
        int localApicVersion,
        int cpuSignature,
        int cpuFeatures,
        long localApicGpa,
        long ioApicGpa,
        int ioApicVersion,
        List<InterruptSource> interrupts) {
    /** Ids are bytes, 255 is the broadcast, and the I/O APIC wants one too. */
    public static final int MAX_PROCESSOR_COUNT = 254;

    private static final int APIC_BROADCAST_ID = 0xFF;

    public MpMachine {
        apicIds = List.copyOf(apicIds);
        interrupts = List.copyOf(interrupts);
        if (apicIds.isEmpty() || apicIds.size() > MAX_PROCESSOR_COUNT) {
            throw new BootException(
                    "an MP table takes 1 to %d processors, not %d".formatted(MAX_PROCESSOR_COUNT, apicIds.size()));
        }
        Set<Integer> seen = new HashSet<>();
        for (int id : apicIds) {
            if (id < 0 || id >= APIC_BROADCAST_ID) {
                throw new BootException("an MP table takes APIC ids from 0 to 254, not %d".formatted(id));
            }
            if (!seen.add(id)) {
                throw new IllegalArgumentException("two processors with APIC id " + id);
            }
        }
        if (localApicGpa >>> 32 != 0 || ioApicGpa >>> 32 != 0) {
            throw new IllegalArgumentException("an MP table takes APICs below 4 GiB");
        }
    }

    /** The lowest id that no processor has: there is always one, for 255 ids meet at most 254 processors. */
    public int ioApicId() {
        int id = 0;
        while (apicIds.contains(id)) {
            id++;
        }
        return id;
    }
}
