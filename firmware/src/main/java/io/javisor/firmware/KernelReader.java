package io.javisor.firmware;

import io.javisor.core.memory.GpaRange;
import io.javisor.firmware.bzimage.BzImage;
import io.javisor.firmware.bzimage.KaslrOffsets;
import io.javisor.firmware.bzimage.RelocationTable;
import io.javisor.firmware.elf.ElfImage;
import io.javisor.firmware.elf.ElfSegment;
import io.javisor.firmware.image.KernelCache;
import io.javisor.firmware.layout.BootLayout;
import io.javisor.firmware.layout.E820Map;
import io.javisor.firmware.layout.InitrdPlacement;
import io.javisor.firmware.multiboot.MultibootHeader;
import io.javisor.firmware.multiboot.MultibootImage;
import io.javisor.images.ByteSource;
import io.javisor.images.FileKind;
import io.javisor.images.ImageException;
import io.javisor.images.ImageFile;
import java.lang.foreign.SegmentAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Reads and checks the kernel of a request, and decides which part of it runs.
 *
 * @param scratch gives memory for a decompressed kernel
 * @param cache of the request's kernel
 * @param random for KASLR
 */
record KernelReader(
        BootRequest request,
        BootLayout layout,
        E820Map e820,
        SegmentAllocator scratch,
        KernelCache cache,
        RandomGenerator random) {
    /**
     * Reads it.
     *
     * @throws ImageException in one line, if it is nothing that can be booted, or not in the way that is asked for
     */
    KernelImage read() {
        ImageFile file = request.kernel();
        FileKind kind = FileKind.of(file);
        if (request.protocol() == BootProtocol.MULTIBOOT) {
            return multiboot(file, kind);
        }
        if (kind == FileKind.BZIMAGE) {
            return readBzImage(BzImage.parse(file));
        }
        if (kind != FileKind.ELF) {
            MultibootHeader header = request.protocol() == null ? MultibootHeader.find(file) : null;
            if (header != null) {
                return multiboot(header);
            }
            throw file.problem("not a kernel: it looks like %s%s"
                    .formatted(kind.description(), kind.compressed() ? "; decompress it first" : ""));
        }
        if (request.kaslr()) {
            throw file.problem("--kaslr needs a bzImage: an ELF kernel comes without its relocations");
        }
        ElfImage elf = ElfImage.read(file);
        MultibootHeader header = mayBeMultiboot(elf) ? MultibootHeader.find(file) : null;
        return header == null ? new ElfKernel(elf) : multiboot(header);
    }

    /**
     * Whether a header decides. A PVH entry goes before it, for PVH tells the kernel more (addresses of 64 bits, the RSDP); but it has no
     * modules other than an initrd.
     */
    private boolean mayBeMultiboot(ElfImage elf) {
        boolean linux64 = elf.is64Bit() && elf.linux();
        return request.protocol() == null
                && !linux64
                && (elf.pvhEntryGpa().isEmpty()
                        || !request.multiboot().modules().isEmpty());
    }

    private KernelImage multiboot(ImageFile file, FileKind kind) {
        MultibootHeader header = MultibootHeader.find(file);
        if (header == null) {
            throw file.problem("it has no Multiboot header in its first 8 KiB%s"
                    .formatted(kind.compressed() ? "; decompress it first" : ""));
        }
        return multiboot(header);
    }

    private KernelImage multiboot(MultibootHeader header) {
        if (request.kaslr()) {
            throw header.file().problem("--kaslr needs a bzImage");
        }
        return new MultibootKernel(MultibootImage.read(header));
    }

    private KernelImage readBzImage(BzImage image) {
        BootProtocol wanted = request.protocol();
        if (wanted != null && wanted.bzImageEntry()) {
            return ownEntry(image, wanted, null);
        }
        if (image.payload() == null) {
            if (wanted != null) {
                throw image.file()
                        .problem("it has no payload of a known compression to boot by %s; its own entry is"
                                        .formatted(wanted.optionName())
                                + " --boot-protocol bzimage");
            }
            return ownEntry(
                    image,
                    BootProtocol.BZIMAGE,
                    "the bzImage has no payload of a known compression: it is entered by its own code");
        }
        ImageFile vmlinux = image.decompress(scratch, e820.ramSizeBytes(), cache);
        if (FileKind.of(vmlinux) != FileKind.ELF) {
            if (wanted != null) {
                throw image.file()
                        .problem("its payload is no ELF kernel but %s; its own entry is --boot-protocol bzimage"
                                .formatted(FileKind.of(vmlinux).description()));
            }
            return ownEntry(
                    image,
                    BootProtocol.BZIMAGE,
                    "the bzImage's payload is no ELF kernel: it is entered by its own code");
        }
        ElfImage elf = ElfImage.read(vmlinux);
        return request.kaslr() ? moved(image, vmlinux, elf) : new BzImageVmlinux(image, new ElfKernel(elf), false);
    }

    private KernelImage ownEntry(BzImage image, BootProtocol wanted, @Nullable String note) {
        if (request.kaslr()) {
            throw image.file()
                    .problem("--kaslr moves the kernel inside a bzImage; entered by its own code, the image does that"
                            + " itself");
        }
        return BzImageKernel.place(image, wanted, layout, e820, note);
    }

    private KernelImage moved(BzImage image, ImageFile vmlinux, ElfImage elf) {
        if (!elf.is64Bit()) {
            throw image.file().problem("--kaslr takes 64-bit kernels");
        }
        RelocationTable relocations = RelocationTable.read(vmlinux, elf);
        KaslrOffsets offsets =
                KaslrOffsets.choose(random, elf, image.header().kernelAlignment(), freeForKernel(image, elf));
        relocations.apply(offsets.virtualBytes());
        return new BzImageVmlinux(image, new ElfKernel(offsets.moved(elf)), true);
    }

    /** RAM, less what the boot and the initrd take. The initrd goes first: it is placed as if the kernel had not moved. */
    private List<GpaRange> freeForKernel(BzImage image, ElfImage elf) {
        List<GpaRange> taken = new ArrayList<>();
        layout.taken().forEach(one -> taken.add(one.range()));
        ByteSource initrd = request.initrd();
        if (initrd != null) {
            List<GpaRange> linked =
                    elf.segments().stream().map(ElfSegment::memory).toList();
            taken.add(InitrdPlacement.place(
                    initrd, layout, e820, linked, image.header().initrdAddrMax() + 1));
        }
        return GpaRange.subtract(e820.ram(), taken);
    }
}
