package io.javisor.firmware.testing;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.layout.BootLayout;
import io.javisor.firmware.layout.E820Entry;
import io.javisor.firmware.layout.E820Map;
import io.javisor.firmware.layout.E820Type;
import io.javisor.firmware.layout.SystemTables;
import java.lang.foreign.Arena;
import java.util.List;

/** A small PC: RAM from 0, the usual hole between 639 KiB and 1 MiB in what it reports, boot data where Firecracker has it. */
public final class TestMachine {
    public static final long MIB = 1 << 20;

    public static final SystemTables.Mp MP = new SystemTables.Mp(0x9_FC00, GpaRange.between(0xF_0000, 0xF_2000));

    public static final BootLayout LAYOUT = new BootLayout(
            0x500,
            new GpaRange(0x6000, 0x1000),
            0x7000,
            GpaRange.between(0x8000, 0x8FF0),
            GpaRange.between(0x9000, 0xF000),
            new GpaRange(0x2_0000, 0x800),
            MP,
            0x10_0000,
            0x8000_0000L);

    private TestMachine() {}

    /** Fresh memory from 0. */
    public static GuestMemory memory(long sizeBytes) {
        return new GuestMemory(List.of(new GuestMemory.Region(0, Arena.ofAuto().allocate(sizeBytes, 4096))));
    }

    /** What the guest is told of RAM from 0 to {@code lowEndGpa}. */
    public static E820Map e820(long lowEndGpa) {
        return e820(List.of(new GpaRange(0, lowEndGpa)));
    }

    /** What the guest is told of {@code ram}. */
    public static E820Map e820(List<GpaRange> ram) {
        return E820Map.of(ram, List.of(new E820Entry(GpaRange.between(0x9_FC00, 0x10_0000), E820Type.RESERVED)));
    }
}
