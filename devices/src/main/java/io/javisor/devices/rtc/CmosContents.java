package io.javisor.devices.rtc;

/** What a PC's firmware leaves in the CMOS RAM for operating systems and loaders that look there. */
public final class CmosContents {
    private static final int EQUIPMENT = 0x14;
    private static final int EQUIPMENT_FPU = 1 << 1;
    private static final int BASE_MEMORY = 0x15;
    private static final int EXTENDED_MEMORY = 0x17;
    private static final int CHECKSUM = 0x2E;
    private static final int CHECKED_START = 0x10;
    private static final int EXTENDED_MEMORY_AGAIN = 0x30;
    private static final int MEMORY_ABOVE_16_MIB = 0x34;
    private static final int MEMORY_ABOVE_4_GIB = 0x5B;

    private static final int BASE_MEMORY_KIB = 640;
    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;
    private static final long UNIT_64_KIB = 1 << 16;

    private CmosContents() {}

    /**
     * The contents for a machine with so much memory: 640 KiB of base memory (0x15), the memory above 1 MiB in KiB (0x17 and 0x30) and above 16 MiB
     * in 64 KiB (0x34), each up to 65535, and above 4 GiB in 64 KiB (0x5B, three bytes); a coprocessor (0x14); no diskette, no disk; and
     * the checksum of 0x10 to 0x2D (0x2E, high byte first).
     *
     * @param bytesBelow4GiB from address 0 to the first hole above 1 MiB
     * @param bytesAbove4GiB from 4 GiB on
     */
    public static byte[] ofMemory(long bytesBelow4GiB, long bytesAbove4GiB) {
        byte[] cmos = new byte[RtcRegisters.CMOS_SIZE];
        long extendedKib = Math.max(0, bytesBelow4GiB - MIB) / KIB;
        long above16Mib = Math.max(0, bytesBelow4GiB - 16 * MIB) / UNIT_64_KIB;
        cmos[EQUIPMENT] = EQUIPMENT_FPU;
        put(cmos, BASE_MEMORY, 2, BASE_MEMORY_KIB);
        put(cmos, EXTENDED_MEMORY, 2, Math.min(extendedKib, 0xFFFF));
        put(cmos, EXTENDED_MEMORY_AGAIN, 2, Math.min(extendedKib, 0xFFFF));
        put(cmos, MEMORY_ABOVE_16_MIB, 2, Math.min(above16Mib, 0xFFFF));
        put(cmos, MEMORY_ABOVE_4_GIB, 3, Math.min(bytesAbove4GiB / UNIT_64_KIB, 0xFF_FFFF));
        int sum = 0;
        for (int i = CHECKED_START; i < CHECKSUM; i++) {
            sum += cmos[i] & 0xFF;
        }
        cmos[CHECKSUM] = (byte) (sum >> 8);
        cmos[CHECKSUM + 1] = (byte) sum;
        return cmos;
    }

    private static void put(byte[] cmos, int index, int size, long value) {
        for (int i = 0; i < size; i++) {
            cmos[index + i] = (byte) (value >> (8 * i));
        }
    }
}
