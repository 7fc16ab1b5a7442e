package io.javisor.firmware.multiboot;

import static io.javisor.firmware.multiboot.MultibootLayout.*;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.layout.E820Entry;
import io.javisor.firmware.layout.E820Map;
import io.javisor.firmware.layout.GuestCopy;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What the kernel is told (§3.3), in one piece: the structure, the list of modules, the memory map, and the texts that they point to. It is
 * below 4 GiB.
 *
 * @param place where it goes, {@link #sizeBytes} long
 * @param commandLine the kernel's
 * @param modules where they are
 * @param e820 the memory map
 */
public record MultibootInfo(GpaRange place, String commandLine, List<Placed> modules, E820Map e820) {
    private static final String LOADER_NAME = "javisor";
    private static final long MIB = 1 << 20;
    private static final int KIB_SHIFT = 10;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /** A module, and where it is: page-aligned, below 4 GiB. */
    public record Placed(MultibootModule module, GpaRange range) {}

    public MultibootInfo {
        modules = List.copyOf(modules);
    }

    /** What it takes in memory. */
    static int sizeBytes(String commandLine, List<MultibootModule> modules, E820Map e820) {
        int texts = LOADER_NAME.length() + 1 + commandLine.length() + 1;
        for (MultibootModule module : modules) {
            texts += module.text().length() + 1;
        }
        return INFO_SIZE + modules.size() * MODULE_SIZE + e820.entries().size() * MMAP_ENTRY_SIZE + texts;
    }

    /** Writes it, and the modules to their places. */
    public void write(GuestMemory memory) {
        for (Placed placed : modules) {
            GpaRange range = placed.range();
            GuestCopy.copy(placed.module().file(), memory, range.startGpa());
        }
        MemorySegment info = MemorySegment.ofArray(new byte[(int) place.sizeBytes()]);
        int at = INFO_SIZE;
        put(info, INFO_FLAGS_OFFSET, INFO_MEMORY | INFO_CMDLINE | INFO_MODS | INFO_MMAP | INFO_BOOT_LOADER_NAME);
        put(info, INFO_MEM_LOWER_OFFSET, kibFrom(0));
        put(info, INFO_MEM_UPPER_OFFSET, kibFrom(MIB));
        put(info, INFO_MODS_COUNT_OFFSET, modules.size());
        put(info, INFO_MODS_ADDR_OFFSET, gpa(at));
        int list = at;
        at += modules.size() * MODULE_SIZE;
        put(info, INFO_MMAP_ADDR_OFFSET, gpa(at));
        put(info, INFO_MMAP_LENGTH_OFFSET, (long) e820.entries().size() * MMAP_ENTRY_SIZE);
        for (E820Entry entry : e820.entries()) {
            put(info, at + MMAP_SIZE_OFFSET, MMAP_ENTRY_SIZE - MMAP_BASE_OFFSET);
            info.set(LONG, at + MMAP_BASE_OFFSET, entry.range().startGpa());
            info.set(LONG, at + MMAP_LENGTH_OFFSET, entry.range().sizeBytes());
            put(info, at + MMAP_TYPE_OFFSET, entry.type().value());
            at += MMAP_ENTRY_SIZE;
        }
        put(info, INFO_BOOT_LOADER_NAME_OFFSET, gpa(at));
        at = text(info, at, LOADER_NAME);
        put(info, INFO_CMDLINE_OFFSET, gpa(at));
        at = text(info, at, commandLine);
        for (Placed placed : modules) {
            put(info, list + MODULE_START_OFFSET, placed.range().startGpa());
            put(info, list + MODULE_END_OFFSET, placed.range().endGpa());
            put(info, list + MODULE_STRING_OFFSET, gpa(at));
            at = text(info, at, placed.module().text());
            list += MODULE_SIZE;
        }
        memory.copyIn(info, 0, place.startGpa(), info.byteSize());
    }

    /** KiB of RAM in one piece from {@code startGpa} on. */
    private long kibFrom(long startGpa) {
        long at = startGpa;
        for (GpaRange range : e820.ram()) {
            if (range.contains(at)) {
                at = range.endGpa();
            }
        }
        return Math.min((at - startGpa) >>> KIB_SHIFT, 0xFFFF_FFFFL);
    }

    private long gpa(int offset) {
        return place.startGpa() + offset;
    }

    private static void put(MemorySegment info, int offset, long value) {
        info.set(INT, offset, (int) value);
    }

    private static int text(MemorySegment info, int offset, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        MemorySegment.copy(bytes, 0, info, ValueLayout.JAVA_BYTE, offset, bytes.length);
        return offset + bytes.length + 1;
    }
}
