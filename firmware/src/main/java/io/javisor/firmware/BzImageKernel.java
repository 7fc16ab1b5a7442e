package io.javisor.firmware;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.bzimage.BzImage;
import io.javisor.firmware.bzimage.SetupHeader;
import io.javisor.firmware.layout.BootLayout;
import io.javisor.firmware.layout.E820Map;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A bzImage that runs by its own entry: the protected-mode part is loaded as it is and, for the 16-bit entry, the setup too.
 *
 * @param protocol one of the three entries
 * @param body what the protected-mode part needs from its load address on
 * @param setup where boot sector, setup, heap and stack go: 64 KiB; null unless the entry is the 16-bit one
 * @param note for the user, or null
 */
record BzImageKernel(
        BzImage bzImage,
        BootProtocol protocol,
        GpaRange body,
        @Nullable GpaRange setup,
        @Nullable String note) implements KernelImage {
    private static final long MIB = 1 << 20;
    private static final long HIGH_LOAD_GPA = 0x10_0000;
    private static final long SETUP_SPACE_SIZE = 0x1_0000;
    /** boot.rst, "The Memory Layout": the traditional place; a lower one does as well. */
    private static final long SETUP_GPA_MAX = 0x9_0000;

    private static final long SETUP_GPA_MIN = 0x1_0000;
    private static final long PAGE_SIZE = 0x1000;
    /** The setup is entered one sector after the boot sector (boot.rst, "Running the Kernel"). */
    private static final int SETUP_ENTRY_OFFSET = 0x200;

    /**
     * Chooses the entry and the places.
     *
     * @throws ImageException if the image has no such entry, or there is no room
     */
    static BzImageKernel place(
            BzImage image, BootProtocol wanted, BootLayout layout, E820Map e820, @Nullable String note) {
        BootProtocol protocol = entry(image, wanted);
        List<GpaRange> free = GpaRange.subtract(
                e820.ram(), layout.taken().stream().map(BootLayout.Taken::range).toList());
        GpaRange setup = protocol == BootProtocol.BZIMAGE16 ? setupSpace(image, free) : null;
        return new BzImageKernel(image, protocol, body(image, protocol, free, e820), setup, note);
    }

    private static BootProtocol entry(BzImage image, BootProtocol wanted) {
        SetupHeader header = image.header();
        if (wanted == BootProtocol.BZIMAGE64 && !header.has64BitEntry()) {
            throw image.file().problem("the bzImage has no 64-bit entry (XLF_KERNEL_64)");
        }
        if (wanted == BootProtocol.BZIMAGE32 && !header.has32BitEntry()) {
            throw image.file().problem("the bzImage has no 32-bit entry (code32_start)");
        }
        if (wanted != BootProtocol.BZIMAGE) {
            return wanted;
        }
        if (header.has64BitEntry()) {
            return BootProtocol.BZIMAGE64;
        }
        return header.has32BitEntry() ? BootProtocol.BZIMAGE32 : BootProtocol.BZIMAGE16;
    }

    private static GpaRange body(BzImage image, BootProtocol protocol, List<GpaRange> free, E820Map e820) {
        SetupHeader header = image.header();
        long sizeBytes = Math.max(header.initSizeBytes(), header.protectedModeSizeBytes());
        // The 16-bit setup jumps to 1 MiB; Linux moves itself from there.
        long preferredGpa = protocol == BootProtocol.BZIMAGE16 ? HIGH_LOAD_GPA : header.prefAddressGpa();
        GpaRange preferred = new GpaRange(preferredGpa, sizeBytes);
        if (free.stream().anyMatch(range -> range.contains(preferred))) {
            return preferred;
        }
        if (header.relocatable() && protocol != BootProtocol.BZIMAGE16) {
            for (GpaRange range : free) {
                long alignment = header.kernelAlignment();
                long start = (Math.max(range.startGpa(), HIGH_LOAD_GPA) + alignment - 1) / alignment * alignment;
                if (start + sizeBytes <= Math.min(range.endGpa(), 1L << 32)) {
                    return new GpaRange(start, sizeBytes);
                }
            }
        }
        throw image.file()
                .problem("the bzImage needs %d KiB at 0x%x%s, which the guest's memory of %d MiB does not have free"
                        .formatted(
                                (sizeBytes + 1023) / 1024,
                                preferredGpa,
                                header.relocatable() ? " or elsewhere" : "",
                                e820.ramSizeBytes() / MIB));
    }

    private static GpaRange setupSpace(BzImage image, List<GpaRange> free) {
        for (long gpa = SETUP_GPA_MAX; gpa >= SETUP_GPA_MIN; gpa -= PAGE_SIZE) {
            GpaRange space = new GpaRange(gpa, SETUP_SPACE_SIZE);
            if (free.stream().anyMatch(range -> range.contains(space))) {
                return space;
            }
        }
        throw image.file().problem("no 64 KiB of memory below 0xa0000 are free for the bzImage's 16-bit setup");
    }

    @Override
    public ImageFile file() {
        return bzImage.file();
    }

    @Override
    public List<GpaRange> ranges() {
        return setup == null ? List.of(body) : List.of(setup, body);
    }

    @Override
    public BootProtocol chooseProtocol(@Nullable BootProtocol wanted) {
        return protocol;
    }

    @Override
    public long entryGpa(BootProtocol chosen) {
        return switch (protocol) {
            case BZIMAGE64 -> body.startGpa() + BzImage.ENTRY64_OFFSET;
            case BZIMAGE32 -> body.startGpa() + bzImage.header().code32Start() - HIGH_LOAD_GPA;
            default -> setupGpa() + SETUP_ENTRY_OFFSET;
        };
    }

    /** Where the setup is. */
    long setupGpa() {
        if (setup == null) {
            throw new IllegalStateException("no 16-bit entry");
        }
        return setup.startGpa();
    }

    @Override
    public void load(GuestMemory memory) {
        SetupHeader header = bzImage.header();
        memory.copyIn(file().bytes(), header.setupSizeBytes(), body.startGpa(), header.protectedModeSizeBytes());
        if (setup != null) {
            memory.copyIn(file().bytes(), 0, setup.startGpa(), header.setupSizeBytes());
        }
    }

    @Override
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (note != null) {
            notes.add(note);
        }
        if (protocol == BootProtocol.BZIMAGE16) {
            notes.add("the bzImage is entered in real mode, where it finds no BIOS");
        }
        return List.copyOf(notes);
    }
}
