package io.javisor.core.cpu;

/**
 * The shape of a guest's processors: one package, whose cores have one thread each. A vCPU's APIC id is its index.
 *
 * @param vcpuCount 1 to {@link #MAX_VCPU_COUNT}
 */
public record CpuTopology(int vcpuCount) {
    /** The ids 0 to 254 fit an 8-bit APIC id, and the I/O APIC needs one too: 255 is the broadcast. */
    public static final int MAX_VCPU_COUNT = 254;

    public CpuTopology {
        if (vcpuCount < 1 || vcpuCount > MAX_VCPU_COUNT) {
            throw new IllegalArgumentException(
                    vcpuCount + " vCPUs: 1 to " + MAX_VCPU_COUNT + " are possible, because an 8-bit"
                            + " APIC id has no more values beside the I/O APIC's and the broadcast");
        }
    }

    /** Bits of an APIC id that tell cores apart. */
    int apicIdBits() {
        return Integer.SIZE - Integer.numberOfLeadingZeros(vcpuCount - 1);
    }

    /** APIC ids that the package takes up: a power of two. */
    int addressableIds() {
        return 1 << apicIdBits();
    }
}
