package io.javisor.firmware;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.cpu.BootState;
import io.javisor.firmware.image.KernelCache;
import io.javisor.firmware.layout.BootLayout;
import io.javisor.firmware.layout.E820Map;
import io.javisor.firmware.multiboot.MultibootModule;
import io.javisor.firmware.testing.TestMachine;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import io.javisor.testkit.HeapMeter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Boots what a fuzzer made, on the small PC. It gives a plan or one {@link ImageException} of one line; a plan keeps its promises, and writing it
 * touches what the plan names and nothing else.
 */
final class BootHarness {
    /** How the first byte of an input asks for KASLR and an initrd; its low three bits choose the protocol. */
    static final int KASLR = 0x08;

    static final int INITRD = 0x10;

    /** With two modules for a Multiboot kernel. */
    static final int MODULES = 0x20;

    /** No kernel image makes its reader hold more on the heap than this, besides what it is itself. */
    private static final long HEAP_MAX = 1 << 20;

    private static final ImageFile INITRD_FILE = new ImageFile("initrd", MemorySegment.ofArray(new byte[0x1234]));

    private static final BootRequest.Multiboot NO_MODULES =
            new BootRequest.Multiboot("kernel a=b", "initrd", List.of());

    private static final BootRequest.Multiboot MODULES_FILES = new BootRequest.Multiboot(
            "",
            "initrd",
            List.of(
                    new MultibootModule(new ImageFile("module one", MemorySegment.ofArray(new byte[0x1000])), "one x"),
                    new MultibootModule(new ImageFile("module two", MemorySegment.ofArray(new byte[1])), "")));

    private final long ramSize;
    private final MemorySegment ram;
    private final GuestMemory memory;
    private final MemorySegment zeros;
    private final MemorySegment scratch;
    private final E820Map e820;

    BootHarness(long ramSize) {
        this.ramSize = ramSize;
        ram = Arena.global().allocate(ramSize, 0x1000);
        zeros = Arena.global().allocate(ramSize, 0x1000);
        scratch = Arena.global().allocate(ramSize, 0x1000);
        memory = new GuestMemory(List.of(new GuestMemory.Region(0, ram)));
        e820 = TestMachine.e820(ramSize);
    }

    private static @Nullable BootProtocol protocol(int options) {
        return switch (options & 7) {
            case 1 -> BootProtocol.MULTIBOOT;
            case 2 -> BootProtocol.LINUX64;
            case 3 -> BootProtocol.PVH;
            case 4 -> BootProtocol.BZIMAGE;
            case 5 -> BootProtocol.BZIMAGE64;
            case 6 -> BootProtocol.BZIMAGE32;
            case 7 -> BootProtocol.BZIMAGE16;
            default -> null;
        };
    }

    /** Boots {@code kernel} by {@code options}. */
    void boot(int options, ImageFile kernel) {
        BootRequest request = new BootRequest(
                kernel,
                protocol(options),
                (options & INITRD) != 0 ? INITRD_FILE : null,
                "console=ttyS0",
                (options & KASLR) != 0,
                (options & MODULES) != 0 ? MODULES_FILES : NO_MODULES);
        long limit = HEAP_MAX + 8 * kernel.sizeBytes();
        HeapMeter heap = HeapMeter.start();
        BootPlan plan = plan(request, options);
        if (heap.bytes() > limit) {
            // Once more: the first may have loaded classes.
            heap = HeapMeter.start();
            plan = plan(request, options);
            heap.requireAtMost(limit);
        }
        if (plan != null) {
            check(plan);
            write(plan);
        }
    }

    private @Nullable BootPlan plan(BootRequest request, long seed) {
        try {
            return BootPlan.of(
                    request, TestMachine.LAYOUT, e820, new OneShot(), KernelCache.NONE, new SplittableRandom(seed));
        } catch (ImageException e) {
            oneLine(e.getMessage());
            return null;
        }
    }

    private void check(BootPlan plan) {
        List<GpaRange> occupied = new ArrayList<>(plan.kernel().ranges());
        GpaRange initrd = plan.initrdRange();
        if (initrd != null) {
            occupied.add(initrd);
        }
        plan.modules().forEach(module -> occupied.add(module.range()));
        plan.taken().forEach(taken -> assertTrue(taken.range().endGpa() <= ramSize, taken::toString));
        for (int i = 0; i < occupied.size(); i++) {
            GpaRange range = occupied.get(i);
            assertTrue(e820.isRam(range), () -> range + " is no RAM");
            for (BootLayout.Taken taken : plan.taken()) {
                assertFalse(taken.range().overlaps(range), () -> range + " is on " + taken);
            }
            for (int j = 0; j < i; j++) {
                GpaRange other = occupied.get(j);
                assertFalse(other.overlaps(range), () -> range + " is on " + other);
            }
        }
        long entryGpa = plan.entryGpa();
        assertTrue(
                plan.kernel().ranges().stream().anyMatch(range -> range.contains(entryGpa)),
                () -> "entry 0x%x is outside the kernel".formatted(entryGpa));
        plan.notes().forEach(BootHarness::oneLine);
    }

    private void write(BootPlan plan) {
        BootState state = plan.write(memory);
        if (plan.protocol() != BootProtocol.BZIMAGE16) {
            assertEquals(plan.entryGpa(), state.rip());
        }
        if (plan.protocol() == BootProtocol.MULTIBOOT) {
            MultibootReader.check(memory, state, plan);
        }
        List<GpaRange> written = new ArrayList<>(plan.kernel().ranges());
        GpaRange initrd = plan.initrdRange();
        if (initrd != null) {
            written.add(initrd);
        }
        plan.modules().forEach(module -> written.add(module.range()));
        plan.taken().forEach(taken -> written.add(taken.range()));
        for (GpaRange untouched : GpaRange.subtract(List.of(new GpaRange(0, ramSize)), written)) {
            long at = MemorySegment.mismatch(
                    ram, untouched.startGpa(), untouched.endGpa(), zeros, untouched.startGpa(), untouched.endGpa());
            assertEquals(-1, at, () -> "writes 0x%x bytes into %s".formatted(at, untouched));
        }
        for (GpaRange range : written) {
            ram.asSlice(range.startGpa(), range.sizeBytes()).fill((byte) 0);
        }
    }

    private static void oneLine(@Nullable String message) {
        String text = String.valueOf(message);
        assertEquals(1, text.lines().count(), text);
    }

    /** Gives memory once, no more than the guest has, and full of what was there before. */
    private final class OneShot implements SegmentAllocator {
        private boolean asked;

        @Override
        public MemorySegment allocate(long byteSize, long byteAlignment) {
            assertFalse(asked, "asks for memory twice");
            assertTrue(byteSize <= e820.ramSizeBytes(), () -> "asks for " + byteSize + " bytes");
            asked = true;
            return scratch.asSlice(0, byteSize);
        }
    }
}
