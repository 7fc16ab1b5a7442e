package io.javisor.firmware;

import io.javisor.core.memory.GpaRange;
import io.javisor.core.memory.GuestMemory;
import io.javisor.firmware.bzimage.BzImage;
import io.javisor.firmware.bzimage.RealModeHeader;
import io.javisor.firmware.cpu.BootState;
import io.javisor.firmware.cpu.BootStates;
import io.javisor.firmware.image.KernelCache;
import io.javisor.firmware.layout.BootException;
import io.javisor.firmware.layout.BootLayout;
import io.javisor.firmware.layout.E820Map;
import io.javisor.firmware.layout.GuestCopy;
import io.javisor.firmware.layout.InitrdPlacement;
import io.javisor.firmware.linux.CommandLine;
import io.javisor.firmware.linux.ZeroPage;
import io.javisor.firmware.multiboot.MultibootInfo;
import io.javisor.firmware.multiboot.MultibootModule;
import io.javisor.firmware.multiboot.MultibootPlacement;
import io.javisor.firmware.pvh.StartInfo;
import io.javisor.images.ByteSource;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import java.lang.foreign.Arena;
import java.lang.foreign.SegmentAllocator;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A boot with every decision taken and every check passed, before there is a guest: what is put where, and how it is entered. Making
 * one touches no guest memory, so a dry run can print it; writing it can fail no more for what the user gave, unless an initrd on a disk can't be read.
 *
 * @param entryGpa the first instruction
 * @param initrd the file, or null; a Multiboot kernel's is a module
 * @param initrdRange where it goes; null without an initrd
 * @param multiboot what a Multiboot kernel is told, and its modules; null for others
 */
public record BootPlan(
        KernelImage kernel,
        BootProtocol protocol,
        long entryGpa,
        @Nullable ByteSource initrd,
        @Nullable GpaRange initrdRange,
        CommandLine commandLine,
        BootLayout layout,
        E820Map e820,
        @Nullable MultibootInfo multiboot) {
    /**
     * Decides and checks everything.
     *
     * @param e820 the memory map that the guest will see; kernels and initrds go to its RAM only
     * @throws ImageException if the request can't be met, in one line
     */
    public static BootPlan of(BootRequest request, BootLayout layout, E820Map e820) {
        return of(request, layout, e820, Arena.ofAuto(), KernelCache.NONE);
    }

    /**
     * As {@link #of(BootRequest, BootLayout, E820Map)}, with the memory for a decompressed kernel, and what is kept of it, under the caller's
     * control.
     *
     * @param scratch asked at most once, for no more than the guest's memory and what a kernel may have; what it gives must last until the plan is written, and need
     *     not be zeroed
     * @param cache of the request's kernel
     * @throws ImageException if the request can't be met, in one line
     */
    public static BootPlan of(
            BootRequest request, BootLayout layout, E820Map e820, SegmentAllocator scratch, KernelCache cache) {
        // Made where it is used: it loads the security providers.
        return of(request, layout, e820, scratch, cache, () -> new SecureRandom().nextLong());
    }

    static BootPlan of(
            BootRequest request,
            BootLayout layout,
            E820Map e820,
            SegmentAllocator scratch,
            KernelCache cache,
            RandomGenerator random) {
        KernelImage kernel = new KernelReader(request, layout, e820, scratch, cache, random).read();
        if (kernel instanceof MultibootKernel multiboot) {
            return of(request, multiboot, layout, e820);
        }
        if (!request.multiboot().modules().isEmpty()) {
            throw kernel.file().problem("modules go to Multiboot kernels only; an initrd is --initrd");
        }
        CommandLine commandLine = new CommandLine(request.commandLine());
        if (commandLine.sizeBytes() > layout.commandLine().sizeBytes()) {
            throw new BootException("the kernel command line has %d characters; there is room for %d"
                    .formatted(commandLine.text().length(), layout.commandLine().sizeBytes() - 1));
        }
        checkCommandLine(commandLine, kernel);
        BootProtocol protocol = kernel.chooseProtocol(request.protocol());
        long entryGpa = kernel.entryGpa(protocol);
        for (GpaRange range : kernel.ranges()) {
            checkKernelRange(kernel.file(), range, layout.taken(), e820);
        }
        ByteSource initrd = request.initrd();
        GpaRange initrdRange = initrd == null
                ? null
                : InitrdPlacement.place(initrd, layout, e820, kernel.ranges(), initrdCeilingGpa(kernel));
        return new BootPlan(kernel, protocol, entryGpa, initrd, initrdRange, commandLine, layout, e820, null);
    }

    private static BootPlan of(BootRequest request, MultibootKernel kernel, BootLayout layout, E820Map e820) {
        String text = request.multiboot().commandLine();
        if (text.length() >= CommandLine.COMMAND_LINE_SIZE) {
            throw kernel.file()
                    .problem("the kernel command line has %d characters; there is room for %d"
                            .formatted(text.length(), CommandLine.COMMAND_LINE_SIZE - 1));
        }
        CommandLine commandLine = new CommandLine(text);
        List<BootLayout.Taken> taken = layout.alwaysTaken();
        for (GpaRange range : kernel.ranges()) {
            checkKernelRange(kernel.file(), range, taken, e820);
        }
        List<MultibootModule> modules = new ArrayList<>();
        ByteSource initrd = request.initrd();
        if (initrd != null) {
            modules.add(new MultibootModule(initrd, request.multiboot().initrdText()));
        }
        modules.addAll(request.multiboot().modules());
        MultibootInfo info = MultibootPlacement.place(
                kernel.image(),
                taken.stream().map(BootLayout.Taken::range).toList(),
                text,
                modules,
                e820,
                layout.initrdCeilingGpa());
        return new BootPlan(
                kernel, BootProtocol.MULTIBOOT, kernel.image().entryGpa(), null, null, commandLine, layout, e820, info);
    }

    private static void checkCommandLine(CommandLine commandLine, KernelImage kernel) {
        BzImage bzImage = kernel.bzImage();
        if (bzImage != null && commandLine.text().length() > bzImage.header().cmdlineSizeBytes()) {
            throw kernel.file()
                    .problem("the kernel command line has %d characters; this kernel takes at most %d"
                            .formatted(
                                    commandLine.text().length(),
                                    bzImage.header().cmdlineSizeBytes()));
        }
    }

    private static long initrdCeilingGpa(KernelImage kernel) {
        BzImage bzImage = kernel.bzImage();
        return bzImage == null ? Long.MAX_VALUE : bzImage.header().initrdAddrMax() + 1;
    }

    private static void checkKernelRange(ImageFile kernel, GpaRange range, List<BootLayout.Taken> all, E820Map e820) {
        for (BootLayout.Taken taken : all) {
            if (taken.range().overlaps(range)) {
                throw kernel.problem(
                        "the kernel's segment at %s overlaps %s at %s".formatted(range, taken.what(), taken.range()));
            }
        }
        if (!e820.isRam(range)) {
            String ram = e820.ram().stream().map(GpaRange::toString).collect(Collectors.joining(", "));
            throw kernel.problem("the kernel's segment at %s (%d KiB) is outside the guest's RAM (%s)"
                    .formatted(range, (range.sizeBytes() - 1) / 1024 + 1, ram));
        }
    }

    /**
     * Writes kernel, initrd, command line, the protocol's structures, descriptors and page tables.
     *
     * @param memory fresh: all zeros, RAM wherever the plan's memory map and layout say so
     * @return how the boot processor starts
     * @throws ImageException if an initrd or a module can't be read any more
     */
    public BootState write(GuestMemory memory) {
        kernel.load(memory);
        if (initrd != null && initrdRange != null) {
            GuestCopy.copy(initrd, memory, initrdRange.startGpa());
        }
        long commandLineGpa = layout.commandLine().startGpa();
        if (multiboot == null) {
            commandLine.write(memory, commandLineGpa);
        }
        BootState state =
                switch (protocol) {
                    case LINUX64, BZIMAGE64 -> {
                        zeroPage(commandLineGpa).write(memory, layout.zeroPageGpa());
                        yield BootStates.linux64(layout, entryGpa);
                    }
                    case BZIMAGE32 -> {
                        zeroPage(commandLineGpa).write(memory, layout.zeroPageGpa());
                        yield BootStates.linux32(layout, entryGpa);
                    }
                    case BZIMAGE16 -> {
                        BzImageKernel image = (BzImageKernel) kernel;
                        RealModeHeader.write(
                                memory, image.setupGpa(), image.bzImage().header(), commandLineGpa, initrdRange);
                        yield BootStates.linux16(image.setupGpa(), RealModeHeader.HEAP_END);
                    }
                    case BZIMAGE -> throw new IllegalStateException("not resolved: " + protocol);
                    case MULTIBOOT -> {
                        MultibootInfo info = Objects.requireNonNull(multiboot);
                        info.write(memory);
                        yield BootStates.multiboot(
                                layout, entryGpa, info.place().startGpa());
                    }
                    case PVH -> {
                        new StartInfo(
                                        commandLineGpa,
                                        initrdRange,
                                        e820,
                                        layout.systemTables().rsdpGpa())
                                .write(memory, layout.pvhStartInfo());
                        yield BootStates.pvh(layout, entryGpa);
                    }
                };
        BootStates.write(memory, layout, state);
        return state;
    }

    private ZeroPage zeroPage(long commandLineGpa) {
        BzImage bzImage = kernel.bzImage();
        return new ZeroPage(
                commandLineGpa,
                initrdRange,
                e820,
                layout.systemTables().rsdpGpa(),
                bzImage == null ? null : bzImage.headerBytes(),
                kernel.kaslr());
    }

    /** All that the boot writes besides kernel, initrd and modules. */
    public List<BootLayout.Taken> taken() {
        if (multiboot == null) {
            return layout.taken();
        }
        List<BootLayout.Taken> taken = new ArrayList<>(layout.alwaysTaken());
        taken.add(new BootLayout.Taken("the Multiboot information", multiboot.place()));
        return List.copyOf(taken);
    }

    /** The modules of a Multiboot kernel, the initrd first; none for others. */
    public List<MultibootInfo.Placed> modules() {
        return multiboot == null ? List.of() : multiboot.modules();
    }

    /** What the user should know about the choices made, a line each. */
    public List<String> notes() {
        return kernel.notes();
    }
}
